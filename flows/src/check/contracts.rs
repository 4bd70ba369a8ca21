//! Contracts between flows: what a caller passes and takes is what the flow it calls declares, and no flow calls itself
//! by way of others.
//!
//! A node that names a flow passes `inputs`, takes `outputs`, and may list `ends` as its own exits; those three settings
//! are the convention of every kind that calls flows. A flow that is not in the set is left alone: whether it exists is
//! another check's question. A node of a terminal kind hands the interaction over instead: it passes inputs, and nothing
//! comes back.

use std::collections::{BTreeMap, BTreeSet};

use petgraph::{algo::tarjan_scc, graph::DiGraph};
use serde_json::Value;

use super::{Possible, Scripts, checker::CheckedKind, codes::Code, sink::Sink};
use crate::{
    descriptor::{Flavour, ReferenceKind, Slot},
    document::{FlowDocument, NodeDocument, Target},
    name::{AttributeName, FlowId, NodeId},
    shape::shorten,
    words::Words,
};

/// A node that calls a flow.
pub(super) struct Call<'a> {
    node: &'a NodeId,
    /// Where the flow is named, inside the configuration.
    pointer: String,
    flow: &'a str,
    document: &'a NodeDocument,
    /// False for a node that hands the interaction over: nothing comes back, so it makes no circle of calls.
    returns: bool,
}

/// Every node of a document that calls a flow.
pub(super) fn calls<'a>(document: &'a FlowDocument, kinds: &BTreeMap<String, CheckedKind>) -> Vec<Call<'a>> {
    let flow = Slot::Reference { to: ReferenceKind::Flow };
    let nodes = document.nodes.iter().filter_map(|(id, node)| Some((id, node, kinds.get(node.kind.as_str())?)));
    nodes
        .flat_map(|(id, node, kind)| {
            let found = kind.slots.find(&node.config).into_iter().filter(|found| found.slot == flow);
            let returns = kind.descriptor.flavour != Flavour::Terminal;
            found.filter_map(move |found| {
                Some(Call { node: id, flow: found.text()?, pointer: found.pointer.clone(), document: node, returns })
            })
        })
        .collect()
}

/// Holds the calls of one document against the flows that they call.
pub(super) fn check(
    caller: &FlowDocument,
    calls: &[Call<'_>],
    flows: &BTreeMap<&str, &FlowDocument>,
    circles: &BTreeMap<&str, usize>,
    scripts: &dyn Scripts,
    sink: &mut Sink<'_>,
) {
    for call in calls {
        let Some(callee) = flows.get(call.flow) else { continue };
        inputs(call, callee, sink);
        input_types(call, caller, callee, scripts, sink);
        if !call.returns {
            continue;
        }
        outputs(call, callee, sink);
        output_types(call, caller, callee, sink);
        ends(call, callee, sink);
        let id = caller.id.as_str();
        let in_one_circle = circles.get(id).is_some_and(|circle| circles.get(call.flow) == Some(circle));
        // A flow that calls itself directly is another finding.
        if id != call.flow && in_one_circle {
            let message = Words::new(
                format!("'{}' calls the flow '{}', which leads back to this one", call.node, call.flow),
                format!("« {} » appelle le scénario « {} », qui ramène à celui-ci", call.node, call.flow),
            );
            sink.value(Code::FlowCycle, &call.at(&call.pointer), message);
        }
    }
}

impl Call<'_> {
    fn at(&self, path: &str) -> String {
        format!("/nodes/{}/config{path}", self.node)
    }

    /// The flow that is called, as the node names it.
    pub(super) fn flow(&self) -> &str {
        self.flow
    }

    fn names(&self, setting: &str) -> impl Iterator<Item = &str> {
        let fields = self.document.config.get(setting).and_then(Value::as_object);
        fields.into_iter().flat_map(|fields| fields.keys().map(String::as_str))
    }
}

fn inputs(call: &Call<'_>, callee: &FlowDocument, sink: &mut Sink<'_>) {
    for name in call.names("inputs").filter(|name| !callee.inputs.contains_key(*name)) {
        let meant = sink.suggestions.nearest(name, callee.inputs.keys().map(AttributeName::as_str));
        let (name, flow) = (shorten(name), call.flow);
        let message = Words::new(
            format!("'{}' passes the input '{name}', which the flow '{flow}' does not take", call.node),
            format!("« {} » passe la valeur « {name} », que le scénario « {flow} » ne reçoit pas", call.node),
        );
        sink.value(Code::UnknownInput, &call.at(&format!("/inputs/{name}")), message).meant(meant);
    }
    let passed: BTreeSet<&str> = call.names("inputs").collect();
    let wanted = callee.inputs.iter().filter(|(name, spec)| spec.default.is_none() && !passed.contains(name.as_str()));
    for (name, _) in wanted {
        let message = Words::new(
            format!("'{}' does not pass '{name}', which the flow '{}' wants", call.node, call.flow),
            format!("« {} » ne passe pas « {name} », que le scénario « {} » attend", call.node, call.flow),
        );
        sink.value(Code::MissingInput, &call.at(&format!("/inputs/{name}")), message);
    }
}

/// The texts of a setting that names things of the other flow.
fn texts<'c>(call: &'c Call<'_>, setting: &str) -> impl Iterator<Item = (&'c str, &'c str)> {
    let fields = call.document.config.get(setting).and_then(Value::as_object).into_iter().flatten();
    fields.filter_map(|(name, text)| Some((name.as_str(), text.as_str()?)))
}

fn input_types(
    call: &Call<'_>,
    caller: &FlowDocument,
    callee: &FlowDocument,
    scripts: &dyn Scripts,
    sink: &mut Sink<'_>,
) {
    for (name, source) in texts(call, "inputs") {
        let Some(spec) = callee.inputs.get(name) else { continue };
        let given = scripts.gives(source, caller);
        if given.fits(spec.kind) {
            continue;
        }
        let (given, wanted) = (given.words(), Possible::stored_in(spec.kind).words());
        let message = Words::new(
            format!("'{}' passes {} as '{name}', which holds {}", call.node, given.en, wanted.en),
            format!("« {} » passe {} comme « {name} », qui contient {}", call.node, given.fr, wanted.fr),
        );
        sink.value(Code::InputType, &call.at(&format!("/inputs/{name}")), message);
    }
}

fn output_types(call: &Call<'_>, caller: &FlowDocument, callee: &FlowDocument, sink: &mut Sink<'_>) {
    for (name, into) in texts(call, "outputs") {
        let spec = callee.outputs.get(name);
        let held = caller.attributes.get(into).or_else(|| caller.inputs.get(into));
        let (Some(spec), Some(held)) = (spec, held) else { continue };
        let given = Possible::stored_in(spec.kind);
        if given.fits(held.kind) {
            continue;
        }
        let (given, held) = (given.words(), Possible::stored_in(held.kind).words());
        let message = Words::new(
            format!("'{}' takes '{name}', {}, into '{into}', which holds {}", call.node, given.en, held.en),
            format!("« {} » range « {name} », {}, dans « {into} », qui contient {}", call.node, given.fr, held.fr),
        );
        sink.value(Code::OutputType, &call.at(&format!("/outputs/{name}")), message);
    }
}

fn outputs(call: &Call<'_>, callee: &FlowDocument, sink: &mut Sink<'_>) {
    for name in call.names("outputs").filter(|name| !callee.outputs.contains_key(*name)) {
        let meant = sink.suggestions.nearest(name, callee.outputs.keys().map(AttributeName::as_str));
        let (name, flow) = (shorten(name), call.flow);
        let message = Words::new(
            format!("'{}' takes the output '{name}', which the flow '{flow}' does not give", call.node),
            format!("« {} » prend la valeur « {name} », que le scénario « {flow} » ne rend pas", call.node),
        );
        sink.value(Code::UnknownOutput, &call.at(&format!("/outputs/{name}")), message).meant(meant);
    }
}

/// Ends that the caller waits for. A flow may also end at a closing node, whose disposition is a setting; where one has
/// any setting of that name, it counts.
fn ends(call: &Call<'_>, callee: &FlowDocument, sink: &mut Sink<'_>) {
    let list = call.document.config.get("ends").and_then(Value::as_array).into_iter().flatten();
    let mut known: BTreeSet<&str> = BTreeSet::new();
    for node in callee.nodes.values() {
        known.extend(node.exits.values().filter_map(|target| match target {
            Target::End(end) => Some(end.end.as_str()),
            Target::Node(_) | Target::Handler(_) => None,
        }));
        known.extend(node.config.values().filter_map(Value::as_str));
    }
    for (index, end) in list.enumerate().filter_map(|(index, end)| Some((index, end.as_str()?))) {
        if known.contains(end) {
            continue;
        }
        let meant = sink.suggestions.nearest(end, known.iter().copied());
        let message = Words::new(
            format!("'{}' waits for the end '{end}', with which the flow '{}' never ends", call.node, call.flow),
            format!(
                "« {} » attend la fin « {end} », par laquelle le scénario « {} » ne finit jamais",
                call.node, call.flow
            ),
        );
        sink.value(Code::UnknownEnd, &call.at(&format!("/ends/{index}")), message).meant(meant);
    }
}

/// The flows that call themselves by way of others, each with the number of its circle.
pub(super) fn circles<'a>(calls: &BTreeMap<&'a FlowId, Vec<Call<'a>>>) -> BTreeMap<&'a str, usize> {
    let mut graph: DiGraph<&str, ()> = DiGraph::new();
    let spots: BTreeMap<&str, _> = calls.keys().map(|id| (id.as_str(), graph.add_node(id.as_str()))).collect();
    for (id, calls) in calls {
        for call in calls.iter().filter(|call| call.returns) {
            if let (Some(from), Some(to)) = (spots.get(id.as_str()), spots.get(call.flow)) {
                graph.add_edge(*from, *to, ());
            }
        }
    }
    let circles = tarjan_scc(&graph).into_iter().filter(|circle| circle.len() > 1).enumerate();
    circles
        .flat_map(|(number, circle)| circle.into_iter().map(move |index| (index, number)))
        .map(|(index, number)| (graph[index], number))
        .collect()
}
