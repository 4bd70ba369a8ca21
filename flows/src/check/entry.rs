//! Where a flow starts: its entry and its handlers.

use super::{codes::Code, sink::Sink, world::World};
use crate::{name::NodeId, words::Words};

pub(super) fn check(world: &World<'_>, sink: &mut Sink<'_>) {
    let document = world.document;
    if !document.nodes.contains_key(&document.entry) {
        no_such_node(world, sink, Code::MissingEntry, "/entry", ("the entry", "l’entrée"), &document.entry);
    }
    let handlers = [
        ("/handlers/error", ("the error handler", "le gestionnaire d’erreur"), &document.handlers.error),
        (
            "/handlers/disconnect",
            ("the disconnect handler", "le gestionnaire de départ"),
            &document.handlers.disconnect,
        ),
    ];
    for (pointer, what, node) in handlers {
        if let Some(id) = node.as_ref().filter(|id| !document.nodes.contains_key(*id)) {
            no_such_node(world, sink, Code::DanglingHandler, pointer, what, id);
        }
    }
}

/// Reports that something leads to a node that does not exist.
pub(super) fn no_such_node(
    world: &World<'_>,
    sink: &mut Sink<'_>,
    code: Code,
    pointer: &str,
    (en, fr): (&str, &str),
    id: &NodeId,
) {
    let meant = sink.suggestions.nearest(id.as_str(), world.document.nodes.keys().map(NodeId::as_str));
    let message = Words::new(
        format!("{en} leads to the node '{id}', which does not exist"),
        format!("{fr} mène au nœud « {id} », qui n’existe pas"),
    );
    sink.value(code, pointer, message).meant(meant);
}
