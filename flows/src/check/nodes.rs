//! Each node by itself: its kind, its configuration against the kind's schema, the channels it works on; and the
//! bounds of the document.

use serde_json::Value;

use super::{
    checker::CheckedKind,
    codes::Code,
    sink::Sink,
    world::{Node, World},
};
use crate::{
    channel::Channel,
    descriptor::Stability,
    document::SCHEMA,
    limits::NODES_MAX,
    parse,
    shape::{self, shorten},
    words::Words,
};

pub(super) fn check(world: &World<'_>, sink: &mut Sink<'_>) {
    bounds(world, sink);
    for node in &world.nodes {
        match node.kind {
            Some(kind) => {
                placeholder(node, kind, sink);
                config(node, kind, sink);
                refused(node, sink);
                channels(world, node, kind, sink);
            }
            None => unknown(world, node, sink),
        }
    }
}

/// Parsing holds these too; here they hold for documents made in memory.
fn bounds(world: &World<'_>, sink: &mut Sink<'_>) {
    let (schema, nodes) = (world.document.schema, world.document.nodes.len());
    if schema != SCHEMA {
        sink.push(parse::unsupported_schema(&schema.into()));
    }
    if NODES_MAX < nodes {
        sink.push(parse::too_many_nodes(nodes));
    }
}

fn placeholder(node: &Node<'_>, kind: &CheckedKind, sink: &mut Sink<'_>) {
    match kind.descriptor.stability {
        Stability::Stable | Stability::Preview => {}
        Stability::Placeholder => {
            let id = node.id;
            let message = Words::new(
                format!("'{id}' stands for something that has no equivalent here"),
                format!("« {id} » tient la place de quelque chose qui n’a pas d’équivalent ici"),
            );
            sink.value(Code::ForeignNode, &node.pointer("/kind"), message);
        }
    }
}

fn config(node: &Node<'_>, kind: &CheckedKind, sink: &mut Sink<'_>) {
    if !node.config_fits {
        let config = Value::Object(node.document.config.clone());
        shape::report((&kind.descriptor.config, &kind.validator), &config, &node.config_pointer(""), sink);
    }
}

/// What no schema says: the node's own reader refuses.
fn refused(node: &Node<'_>, sink: &mut Sink<'_>) {
    if let Err(reason) = &node.reading {
        let (id, reason) = (node.id, shorten(reason));
        let message = Words::new(
            format!("'{id}' refuses its configuration: {reason}"),
            format!("« {id} » refuse sa configuration : {reason}"),
        );
        sink.value(Code::BadSetting, &node.config_pointer(""), message);
    }
}

fn channels(world: &World<'_>, node: &Node<'_>, kind: &CheckedKind, sink: &mut Sink<'_>) {
    let deaf = world.document.channels.difference(&kind.descriptor.channels);
    let deaf: Vec<&str> = deaf.map(|channel: &Channel| channel.as_str()).collect();
    if deaf.is_empty() {
        return;
    }
    let (id, kind, deaf) = (node.id, &node.document.kind, deaf.join(", "));
    let message = Words::new(
        format!("the node '{id}' ({kind}) does not work on: {deaf}"),
        format!("le nœud « {id} » ({kind}) ne fonctionne pas sur : {deaf}"),
    );
    sink.value(Code::ChannelNotSupported, &node.pointer("/kind"), message);
}

fn unknown(world: &World<'_>, node: &Node<'_>, sink: &mut Sink<'_>) {
    let (id, kind) = (node.id, &node.document.kind);
    let meant = sink.suggestions.nearest(kind.as_str(), world.kinds.keys().map(String::as_str));
    let message = Words::new(
        format!("the node '{id}' is of the unknown kind '{kind}'"),
        format!("le nœud « {id} » est du type inconnu « {kind} »"),
    );
    sink.value(Code::UnknownKind, &node.pointer("/kind"), message).meant(meant);
}
