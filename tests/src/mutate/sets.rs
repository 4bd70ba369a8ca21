//! Mistakes between flows, and in a flow's own tests.

use serde_json::{Value, json};

use super::{
    Class,
    edit::{Bed, Defect, Edit, Spot, slip},
};

pub(super) const CLASSES: &[Class] = &[
    Class { name: "input that the other flow does not take", all: |bed| renamed(bed, "inputs") },
    Class { name: "output that the other flow does not give", all: |bed| renamed(bed, "outputs") },
    Class { name: "input forgotten", all: input_forgotten },
    Class { name: "input of the wrong type", all: input_mistyped },
    Class { name: "output into an attribute of another type", all: output_mistyped },
    Class { name: "end that the other flow does not have", all: end_misspelt },
    Class { name: "flow that calls itself", all: self_call },
    Class { name: "flows that call each other", all: circle },
    Class { name: "contract changed without the caller", all: contract_changed },
    Class { name: "test of a node, exit or attribute that is not there", all: test_misspelt },
    Class { name: "test of an agent who is not there", all: test_agent },
    Class { name: "test that cannot fail", all: test_idle },
    Class { name: "test on another channel", all: test_channel },
    Class { name: "two tests of one name", all: test_twice },
];

fn callers<'a>(bed: &Bed<'a>) -> Vec<(Spot<'a>, &'a Value)> {
    let spots = bed.spots().into_iter().filter(|spot| spot.descriptor.kind.as_str() == "subflow");
    let called = spots.filter_map(|spot| {
        let callee = bed.flows.iter().find(|flow| flow["id"] == spot.node["config"]["flow"])?;
        Some((spot, callee))
    });
    called.collect()
}

fn renamed(bed: &Bed<'_>, table: &str) -> Vec<Defect> {
    let mut made = Vec::new();
    for (spot, _) in callers(bed) {
        let names = spot.node["config"][table].as_object().into_iter().flatten();
        made.extend(
            names.map(|(name, _)| Defect::of(Edit::Rename(spot.config(&format!("/{table}/{name}")), slip(name)))),
        );
    }
    made
}

fn input_forgotten(bed: &Bed<'_>) -> Vec<Defect> {
    let mut made = Vec::new();
    for (spot, callee) in callers(bed) {
        let inputs = callee["inputs"].as_object().into_iter().flatten();
        let needed = inputs
            .filter(|(name, spec)| spec.get("default").is_none() && spot.node["config"]["inputs"].get(name).is_some());
        made.extend(needed.map(|(name, _)| Defect::of(Edit::Remove(spot.config(&format!("/inputs/{name}"))))));
    }
    made
}

/// An expression that gives a value no attribute of the type can hold.
fn wrong_for(kind: &Value) -> &'static str {
    if kind == "string" || kind == "date" { "len(contact.address)" } else { "contact.address" }
}

fn input_mistyped(bed: &Bed<'_>) -> Vec<Defect> {
    let mut made = Vec::new();
    for (spot, callee) in callers(bed) {
        let inputs = callee["inputs"].as_object().into_iter().flatten();
        made.extend(inputs.map(|(name, spec)| {
            Defect::of(Edit::Set(spot.config(&format!("/inputs/{name}")), wrong_for(&spec["type"]).into()))
        }));
    }
    made
}

fn output_mistyped(bed: &Bed<'_>) -> Vec<Defect> {
    let mut made = Vec::new();
    for (spot, callee) in callers(bed) {
        for (name, spec) in callee["outputs"].as_object().into_iter().flatten() {
            let other = if spec["type"] == "boolean" { "integer" } else { "boolean" };
            made.push(Defect::all(vec![
                Edit::Set("/attributes/taken".into(), json!({ "type": other })),
                Edit::Set(spot.config(&format!("/outputs/{name}")), "taken".into()),
            ]));
        }
    }
    made
}

fn end_misspelt(bed: &Bed<'_>) -> Vec<Defect> {
    let mut made = Vec::new();
    for (spot, _) in callers(bed) {
        let ends = spot.node["config"]["ends"].as_array().into_iter().flatten().filter_map(Value::as_str).enumerate();
        for (index, end) in ends {
            let mut edits = vec![Edit::Set(spot.config(&format!("/ends/{index}")), slip(end).into())];
            edits.push(Edit::Rename(spot.pointer(&format!("/exits/{end}")), slip(end)));
            made.push(Defect::all(edits));
        }
    }
    made
}

fn self_call(bed: &Bed<'_>) -> Vec<Defect> {
    let own = &bed.flow()["id"];
    callers(bed).into_iter().map(|(spot, _)| Defect::of(Edit::Set(spot.config("/flow"), own.clone()))).collect()
}

/// A flow that others call comes to call one of them.
fn circle(bed: &Bed<'_>) -> Vec<Defect> {
    let own = &bed.flow()["id"];
    let calls_us = |flow: &&Value| {
        flow["nodes"]
            .as_object()
            .into_iter()
            .flatten()
            .any(|(_, node)| node["kind"] == "subflow" && node["config"]["flow"] == *own)
    };
    let mut made = Vec::new();
    for caller in bed.flows.iter().filter(calls_us) {
        for spot in bed.spots() {
            for (exit, to) in spot.exits().into_iter().filter(|(_, to)| to.is_string()) {
                let back = json!({ "kind": "subflow", "config": { "flow": caller["id"] }, "exits": { "done": to } });
                made.push(Defect::all(vec![
                    Edit::Set("/nodes/call_back".into(), back),
                    Edit::Set(spot.pointer(&format!("/exits/{exit}")), "call_back".into()),
                ]));
            }
        }
    }
    made
}

/// A flow that others call changes what it takes and gives.
fn contract_changed(bed: &Bed<'_>) -> Vec<Defect> {
    let own = &bed.flow()["id"];
    let nodes = bed.flows.iter().flat_map(|flow| flow["nodes"].as_object().into_iter().flatten());
    let calls: Vec<&Value> = nodes.map(|(_, node)| &node["config"]).filter(|config| config["flow"] == *own).collect();
    let mut made = Vec::new();
    for call in &calls {
        for (name, _) in call["outputs"].as_object().into_iter().flatten() {
            made.push(Defect::of(Edit::Remove(format!("/outputs/{name}"))));
        }
        made.push(Defect::of(Edit::Set("/inputs/wanted".into(), json!({ "type": "string" }))));
    }
    made
}

/// Every expectation of every test, with its pointer.
fn expectations<'a>(bed: &Bed<'a>) -> Vec<(usize, String, &'a Value)> {
    let tests = bed.flow()["tests"].as_array().into_iter().flatten().enumerate();
    let steps = tests.flat_map(|(test, scenario)| {
        let steps = scenario["steps"].as_array().into_iter().flatten().enumerate();
        steps.filter_map(move |(step, written)| {
            Some((test, format!("/tests/{test}/steps/{step}/expect"), written.get("expect")?))
        })
    });
    steps.collect()
}

/// Only where no sub-flow could have the name.
fn test_misspelt(bed: &Bed<'_>) -> Vec<Defect> {
    let calls = !callers(bed).is_empty();
    let mut made = Vec::new();
    for (_, pointer, expect) in expectations(bed) {
        for (name, _) in expect["attributes"].as_object().into_iter().flatten() {
            made.push(Defect::of(Edit::Rename(format!("{pointer}/attributes/{name}"), slip(name))));
        }
        if calls {
            continue;
        }
        if let Some(at) = expect["at"].as_str() {
            made.push(Defect::of(Edit::Set(format!("{pointer}/at"), slip(at).into())));
        }
        for (index, exit) in expect["exits"].as_array().into_iter().flatten().filter_map(Value::as_str).enumerate() {
            made.push(Defect::of(Edit::Set(format!("{pointer}/exits/{index}"), slip(exit).into())));
        }
    }
    made
}

fn test_agent(bed: &Bed<'_>) -> Vec<Defect> {
    let mut made = Vec::new();
    for (test, scenario) in bed.flow()["tests"].as_array().into_iter().flatten().enumerate() {
        for (step, written) in scenario["steps"].as_array().into_iter().flatten().enumerate() {
            for action in ["agent_accepts", "agent_closes", "agent_declines"] {
                if let Some(agent) = written[action].as_str() {
                    made.push(Defect::of(Edit::Set(
                        format!("/tests/{test}/steps/{step}/{action}"),
                        slip(agent).into(),
                    )));
                }
            }
        }
    }
    made
}

fn test_idle(bed: &Bed<'_>) -> Vec<Defect> {
    let mut made = Vec::new();
    for test in 0..bed.flow()["tests"].as_array().map_or(0, Vec::len) {
        let emptied = expectations(bed)
            .into_iter()
            .filter(|(of, ..)| *of == test)
            .map(|(_, pointer, _)| Edit::Set(pointer, json!({})));
        made.push(Defect::all(emptied.collect()));
    }
    made
}

fn test_channel(bed: &Bed<'_>) -> Vec<Defect> {
    let has = |channel: &str| bed.flow()["channels"].as_array().into_iter().flatten().any(|c| c == channel);
    let Some(other) = ["email", "voice", "sms", "whatsapp"].into_iter().find(|channel| !has(channel)) else {
        return Vec::new();
    };
    let tests = 0..bed.flow()["tests"].as_array().map_or(0, Vec::len);
    tests.map(|test| Defect::of(Edit::Set(format!("/tests/{test}/channel"), other.into()))).collect()
}

fn test_twice(bed: &Bed<'_>) -> Vec<Defect> {
    let tests = bed.flow()["tests"].as_array().into_iter().flatten();
    tests.map(|test| Defect::of(Edit::Set("/tests/-".into(), test.clone()))).collect()
}
