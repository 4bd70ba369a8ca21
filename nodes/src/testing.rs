//! The one way that the tests of a node type play it: a flow around one node, rehearsed step by step. Every rehearsal
//! writes and reads the whole state between any two events.

use std::sync::Arc;

use routewright_engine::{rehearsal::Troupe, script::Sandbox};
use routewright_flows::{FlowDocument, check::Kinds};
use serde_json::{Map, Value, json};

use crate::{conformance::exits, standard};

/// A node in a flow. Each of its exits ends the flow under its own name.
#[must_use]
pub struct Stage {
    flow: Value,
    scenario: Value,
    called: Vec<Value>,
}

/// A node of a kind with a configuration; contacts write by webchat, in French.
pub fn node(kind: &str, config: Value) -> Stage {
    let node = written(kind, config, |exit| json!({ "end": exit }));
    Stage {
        flow: json!({ "schema": 1, "id": "tested", "channels": ["webchat"], "entry": "it", "nodes": { "it": node } }),
        scenario: json!({ "name": kind }),
        called: Vec::new(),
    }
}

fn written(kind: &str, config: Value, target: impl Fn(&str) -> Value) -> Value {
    let registry = standard();
    let descriptor = registry.descriptor(kind).expect("a standard kind");
    let settings: &Map<String, Value> = config.as_object().expect("a configuration is an object");
    let exits: Map<String, Value> =
        exits(descriptor, settings).into_iter().map(|exit| (exit.clone(), target(&exit))).collect();
    json!({ "kind": kind, "config": config, "exits": exits })
}

impl Stage {
    /// Declares attributes of the flow.
    pub fn attributes(mut self, attributes: Value) -> Self {
        self.flow["attributes"] = attributes;
        self
    }

    /// Writes the flow for other channels.
    pub fn on(mut self, channels: Value) -> Self {
        self.flow["channels"] = channels;
        self
    }

    /// Leads an exit of the node elsewhere: to a node, or to an end.
    pub fn wired(mut self, exit: &str, to: Value) -> Self {
        self.flow["nodes"]["it"]["exits"][exit] = to;
        self
    }

    /// Declares texts of the flow.
    pub fn texts(mut self, texts: Value) -> Self {
        self.flow["texts"] = texts;
        self
    }

    /// Lets the flow pass another node first, whatever its exit.
    pub fn after(mut self, kind: &str, config: Value) -> Self {
        let first = self.flow["entry"].clone();
        let name = format!("before_{}", first.as_str().expect("an entry is a text"));
        self.flow["nodes"][&name] = written(kind, config, |_| first.clone());
        self.flow["entry"] = json!(name);
        self
    }

    /// Gives the world: agents, calendars, questionnaires.
    pub fn given(mut self, given: Value) -> Self {
        self.scenario["given"] = given;
        self
    }

    /// Sets one thing of the scenario: `channel`, `locale`, `contact`.
    pub fn with(mut self, what: &str, value: Value) -> Self {
        self.scenario[what] = value;
        self
    }

    /// Adds a flow that may be called.
    pub fn calling(mut self, flow: Value) -> Self {
        self.called.push(flow);
        self
    }

    /// The same with further nodes in the flow.
    pub fn plays_with(mut self, nodes: Value, steps: Value) {
        for (id, node) in nodes.as_object().expect("nodes by id") {
            self.flow["nodes"][id] = node.clone();
        }
        self.plays(steps);
    }

    /// Plays the steps; every expectation among them must hold.
    pub fn plays(mut self, steps: Value) {
        self.scenario["steps"] = steps;
        let document =
            |value: Value| -> Arc<FlowDocument> { Arc::new(serde_json::from_value(value).expect("a flow document")) };
        let called: Vec<_> = self.called.into_iter().map(document).collect();
        let scenario = serde_json::from_value(self.scenario).expect("a scenario");
        let troupe = Troupe::new(&document(self.flow), &called, &standard(), &Arc::new(Sandbox::new()));
        let rehearsal = troupe.expect("the flow can be published").play(&scenario);
        assert!(rehearsal.passed, "{}\n{}", rehearsal.report("en"), rehearsal.transcript);
    }
}
