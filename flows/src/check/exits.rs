//! Exits: each leads somewhere that exists, each that is wired is declared, each that must be wired is.

use std::collections::BTreeSet;

use super::{
    codes::Code,
    entry::no_such_node,
    sink::Sink,
    world::{Node, World},
};
use crate::{
    descriptor::{ExitRole, Exits},
    document::{Handler, Target},
    name::ExitName,
    shape::shorten,
    words::Words,
};

pub(super) fn check(world: &World<'_>, sink: &mut Sink<'_>) {
    let handling = handling(world);
    for (index, node) in world.nodes.iter().enumerate() {
        targets(world, node, sink);
        if let Some(kind) = node.kind {
            let exits = &kind.descriptor.exits;
            named(node, exits, sink);
            wiring(node, exits, sink);
            if !handling[index] {
                swallowed(node, exits, sink);
            }
        }
    }
}

/// Which nodes may run after a fault already: those that the error handler leads to.
fn handling(world: &World<'_>) -> Vec<bool> {
    let start = world.document.handlers.error.as_ref().and_then(|id| world.graph.index(id));
    let mut handling = vec![false; world.nodes.len()];
    world.graph.reachable(start).into_iter().for_each(|index| handling[index.index()] = true);
    handling
}

/// A failure that goes on as if nothing had happened: every ordinary way out leads where the failure leads.
fn swallowed(node: &Node<'_>, exits: &Exits, sink: &mut Sink<'_>) {
    let wired = &node.document.exits;
    let mut ordinary = wired.iter().filter(|(exit, _)| exits.role(exit.as_str()) == ExitRole::Normal).peekable();
    let Some((_, success)) = ordinary.peek().copied() else { return };
    if !ordinary.all(|(_, target)| target == success) {
        return;
    }
    for (exit, _) in wired.iter().filter(|(exit, to)| exits.role(exit.as_str()) == ExitRole::Error && *to == success) {
        let message = Words::new(
            format!("the failure exit '{exit}' of '{}' leads where success leads", node.id),
            format!("la sortie d’échec « {exit} » de « {} » mène au même endroit que la réussite", node.id),
        );
        sink.value(Code::SwallowedError, &node.pointer(&format!("/exits/{exit}")), message);
    }
}

fn targets(world: &World<'_>, node: &Node<'_>, sink: &mut Sink<'_>) {
    for (exit, target) in &node.document.exits {
        let pointer = || node.pointer(&format!("/exits/{exit}"));
        match target {
            Target::Node(to) if !world.document.nodes.contains_key(to) => {
                let what =
                    (format!("the exit '{exit}' of '{}'", node.id), format!("la sortie « {exit} » de « {} »", node.id));
                no_such_node(world, sink, Code::DanglingTarget, &pointer(), (&what.0, &what.1), to);
            }
            Target::Handler(to) if world.document.handlers.node(to.handler).is_none() => {
                let handler = match to.handler {
                    Handler::Error => "error",
                    Handler::Disconnect => "disconnect",
                };
                let message = Words::new(
                    format!(
                        "the exit '{exit}' of '{}' leads to the handler '{handler}', which is not declared",
                        node.id
                    ),
                    format!(
                        "la sortie « {exit} » de « {} » mène au gestionnaire « {handler} », qui n’est pas déclaré",
                        node.id
                    ),
                );
                sink.value(Code::UndeclaredHandler, &pointer(), message);
            }
            Target::Node(_) | Target::Handler(_) | Target::End(_) => {}
        }
    }
}

/// The exits that the configuration names.
fn named(node: &Node<'_>, exits: &Exits, sink: &mut Sink<'_>) {
    for exit in &node.named_exits {
        let pointer = node.config_pointer(&exit.pointer);
        if ExitName::new(exit.name).is_err() {
            let name = shorten(exit.name);
            let message = Words::new(
                format!("'{name}' cannot be the name of an exit of '{}'", node.id),
                format!("« {name} » ne peut pas nommer une sortie de « {} »", node.id),
            );
            sink.value(Code::BadExitName, &pointer, message);
        } else if exits.fixed.iter().any(|fixed| fixed.name.as_str() == exit.name) {
            let (name, id, kind) = (exit.name, node.id, &node.document.kind);
            let message = Words::new(
                format!("'{id}' names an exit '{name}', which every node of kind '{kind}' has already"),
                format!("« {id} » nomme une sortie « {name} », que tout nœud de type « {kind} » possède déjà"),
            );
            sink.value(Code::ShadowedExit, &pointer, message);
        }
    }
}

fn wiring(node: &Node<'_>, exits: &Exits, sink: &mut Sink<'_>) {
    let fixed = exits.fixed_in(&node.document.config).map(|exit| exit.name.as_str());
    let declared: BTreeSet<&str> = fixed.chain(node.named_exits.iter().map(|exit| exit.name)).collect();
    let wired = &node.document.exits;
    for exit in wired.keys().filter(|exit| !declared.contains(exit.as_str())) {
        undeclared(node, exit, &declared, sink);
    }
    for exit in declared {
        if !wired.contains_key(exit) && exits.role(exit) != ExitRole::Error && ExitName::new(exit).is_ok() {
            let message = Words::new(
                format!("the exit '{exit}' of '{}' leads nowhere", node.id),
                format!("la sortie « {exit} » de « {} » ne mène nulle part", node.id),
            );
            sink.value(Code::UnwiredExit, &node.pointer(&format!("/exits/{exit}")), message);
        }
    }
}

fn undeclared(node: &Node<'_>, exit: &ExitName, declared: &BTreeSet<&str>, sink: &mut Sink<'_>) {
    let meant = sink.suggestions.nearest(exit.as_str(), declared.iter().copied());
    let (id, kind) = (node.id, &node.document.kind);
    let message = Words::new(
        format!("'{id}' ({kind}) has no exit '{exit}'"),
        format!("« {id} » ({kind}) n’a pas de sortie « {exit} »"),
    );
    let finding = sink.key(Code::UndeclaredExit, &node.pointer(&format!("/exits/{exit}")), message);
    if declared.is_empty() {
        finding.hint = Words::new("This node has no exits.", "Ce nœud n’a pas de sorties.");
    } else if declared.len() <= EXITS_SHOWN {
        let list = declared.iter().copied().collect::<Vec<_>>().join(", ");
        finding.hint = Words::new(format!("Its exits are: {list}."), format!("Ses sorties : {list}."));
    }
    finding.meant(meant);
}

/// Exits listed in a hint at most.
const EXITS_SHOWN: usize = 20;
