//! Mistakes in the graph: exits, ways, ends and handlers.

use std::collections::BTreeSet;

use routewright_flows::{ExitRole, Flavour};
use serde_json::{Value, json};

use super::{
    Class,
    edit::{Bed, Defect, Edit, slip},
};

pub(super) const CLASSES: &[Class] = &[
    Class { name: "exit forgotten", all: exit_forgotten },
    Class { name: "exit to a misspelt node", all: exit_misspelt },
    Class { name: "exit misspelt", all: exit_renamed },
    Class { name: "failure leads where success leads", all: swallowed },
    Class { name: "node leads to itself", all: self_loop },
    Class { name: "two nodes lead to each other", all: short_circle },
    Class { name: "nothing leads to a node", all: orphan },
    Class { name: "copy of a node left behind", all: left_behind },
    Class { name: "entry or handler misspelt", all: root_misspelt },
    Class { name: "exit to a handler that is not there", all: handler_missing },
    Class { name: "node deleted", all: node_deleted },
    Class { name: "end without a disposition", all: nameless_end },
    Class { name: "no way out", all: trap },
    Class { name: "kind misspelt", all: kind_misspelt },
];

fn exits(bed: &Bed<'_>, make: impl Fn(String, &str, &Value) -> Option<Edit>) -> Vec<Defect> {
    let mut made = Vec::new();
    for spot in bed.spots() {
        for (exit, to) in spot.exits().into_iter().filter(|(exit, _)| spot.role(exit) != ExitRole::Error) {
            made.extend(make(spot.pointer(&format!("/exits/{exit}")), exit, to).map(Defect::of));
        }
    }
    made
}

fn exit_forgotten(bed: &Bed<'_>) -> Vec<Defect> {
    exits(bed, |pointer, _, _| Some(Edit::Remove(pointer)))
}

fn exit_misspelt(bed: &Bed<'_>) -> Vec<Defect> {
    exits(bed, |pointer, _, to| Some(Edit::Set(pointer, slip(to.as_str()?).into())))
}

fn exit_renamed(bed: &Bed<'_>) -> Vec<Defect> {
    exits(bed, |pointer, exit, _| Some(Edit::Rename(pointer, slip(exit))))
}

/// Where success has one target, and the flow is not handling a failure already.
fn swallowed(bed: &Bed<'_>) -> Vec<Defect> {
    let handling = bed.reachable(&bed.flow()["handlers"]["error"].as_str().into_iter().collect::<Vec<_>>(), None);
    let mut made = Vec::new();
    for spot in bed.spots().into_iter().filter(|spot| !handling.contains(spot.id)) {
        let Some(error) = spot.descriptor.exits.fixed.iter().find(|exit| exit.role == ExitRole::Error) else {
            continue;
        };
        let exits = spot.exits();
        let mut normal = exits.iter().filter(|(exit, _)| spot.role(exit) == ExitRole::Normal).map(|(_, to)| *to);
        if let Some(first) = normal.next()
            && normal.all(|to| to == first)
        {
            made.push(Defect::of(Edit::Set(spot.pointer(&format!("/exits/{}", error.name)), first.clone())));
        }
    }
    made
}

fn self_loop(bed: &Bed<'_>) -> Vec<Defect> {
    let instant = bed.spots().into_iter().filter(|spot| spot.descriptor.flavour == Flavour::Instant);
    let edits = instant.flat_map(|spot| {
        let exits = spot.exits().into_iter().map(|(exit, _)| exit).collect::<Vec<_>>();
        exits.into_iter().map(move |exit| Edit::Set(spot.pointer(&format!("/exits/{exit}")), spot.id.into()))
    });
    edits.map(Defect::of).collect()
}

fn short_circle(bed: &Bed<'_>) -> Vec<Defect> {
    let spots = bed.spots();
    let mut made = Vec::new();
    for from in spots.iter().filter(|spot| spot.descriptor.flavour == Flavour::Instant) {
        for (_, to) in from.exits() {
            let second = spots.iter().find(|spot| Some(spot.id) == to.as_str());
            let Some(second) = second.filter(|spot| spot.descriptor.flavour == Flavour::Instant) else { continue };
            for (exit, _) in second.exits() {
                made.push(Defect::of(Edit::Set(second.pointer(&format!("/exits/{exit}")), from.id.into())));
            }
        }
    }
    made
}

fn orphan(bed: &Bed<'_>) -> Vec<Defect> {
    let spots = bed.spots();
    let mut made = Vec::new();
    for lost in spots.iter().filter(|spot| !bed.is_root(spot.id)) {
        let onward = lost.exits().first().map_or_else(|| json!({ "end": "done" }), |(_, to)| (*to).clone());
        if onward == lost.id {
            continue;
        }
        let mut edits = Vec::new();
        for spot in spots.iter().filter(|spot| spot.id != lost.id) {
            let leading = spot.exits().into_iter().filter(|(_, to)| *to == lost.id);
            edits.extend(leading.map(|(exit, _)| Edit::Set(spot.pointer(&format!("/exits/{exit}")), onward.clone())));
        }
        made.push(Defect::all(edits));
    }
    made
}

fn left_behind(bed: &Bed<'_>) -> Vec<Defect> {
    let copies =
        bed.spots().into_iter().map(|spot| Edit::Set(format!("/nodes/old_{}_bis", spot.id), spot.node.clone()));
    copies.map(Defect::of).collect()
}

fn root_misspelt(bed: &Bed<'_>) -> Vec<Defect> {
    let roots = ["/entry", "/handlers/error", "/handlers/disconnect"];
    let edits = roots.into_iter().filter_map(|root| {
        let name = bed.flow().pointer(root)?.as_str()?;
        Some(Edit::Set(root.to_owned(), slip(name).into()))
    });
    edits.map(Defect::of).collect()
}

fn handler_missing(bed: &Bed<'_>) -> Vec<Defect> {
    let missing: BTreeSet<&str> =
        ["error", "disconnect"].into_iter().filter(|handler| bed.flow()["handlers"].get(handler).is_none()).collect();
    let all = missing
        .into_iter()
        .flat_map(|handler| exits(bed, |pointer, _, _| Some(Edit::Set(pointer, json!({ "handler": handler })))));
    all.collect()
}

fn node_deleted(bed: &Bed<'_>) -> Vec<Defect> {
    bed.spots().into_iter().map(|spot| Defect::of(Edit::Remove(spot.pointer("")))).collect()
}

fn nameless_end(bed: &Bed<'_>) -> Vec<Defect> {
    let blank = exits(bed, |pointer, _, _| Some(Edit::Set(pointer, json!({ "end": "" }))));
    let none = exits(bed, |pointer, _, to| to.get("end").map(|_| Edit::Set(pointer, Value::Null)));
    blank.into_iter().chain(none).collect()
}

fn trap(bed: &Bed<'_>) -> Vec<Defect> {
    let waiting = bed.spots().into_iter().filter(|spot| spot.descriptor.flavour == Flavour::Waiting);
    let edits = waiting.map(|spot| {
        let exits = spot
            .exits()
            .into_iter()
            .map(|(exit, _)| Edit::Set(spot.pointer(&format!("/exits/{exit}")), spot.id.into()));
        Defect::all(exits.collect())
    });
    edits.collect()
}

fn kind_misspelt(bed: &Bed<'_>) -> Vec<Defect> {
    let edits = bed
        .spots()
        .into_iter()
        .map(|spot| Edit::Set(spot.pointer("/kind"), slip(spot.descriptor.kind.as_str()).into()));
    edits.map(Defect::of).collect()
}
