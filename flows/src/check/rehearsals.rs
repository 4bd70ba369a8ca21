//! The tests of a document: each can fail, plays where the flow runs, and speaks of things that exist.
//!
//! Of a flow that calls others a test may name the others' nodes, so there only the rest is checked.

use std::collections::{BTreeMap, BTreeSet};

use super::{codes::Code, sink::Sink, world::World};
use crate::{
    descriptor::{ReferenceKind, Slot},
    name::{AttributeName, NodeId},
    scenario::{Expect, Scenario, ScenarioStep},
    shape::shorten,
    words::Words,
};

pub(super) fn check(world: &World<'_>, sink: &mut Sink<'_>) {
    let mut names = BTreeMap::new();
    for (index, scenario) in world.document.tests.iter().enumerate() {
        let pointer = format!("/tests/{index}");
        let name = shorten(&scenario.name);
        if let Some(first) = names.insert(&scenario.name, index) {
            let message = Words::new(
                format!("two tests are called '{name}'; the other is number {}", first + 1),
                format!("deux tests s’appellent « {name} » ; l’autre est le numéro {}", first + 1),
            );
            sink.value(Code::DuplicateTest, &format!("{pointer}/name"), message);
        }
        if !scenario
            .steps
            .iter()
            .any(|step| matches!(step, ScenarioStep::Expect(expect) if *expect != Expect::default()))
        {
            let message = Words::new(
                format!("the test '{name}' expects nothing, so it cannot fail"),
                format!("le test « {name} » n’attend rien : il ne peut pas échouer"),
            );
            sink.value(Code::TestWithoutExpectation, &pointer, message);
        }
        channel(world, scenario, &pointer, sink);
        steps(world, scenario, &pointer, sink);
    }
}

fn channel(world: &World<'_>, scenario: &Scenario, pointer: &str, sink: &mut Sink<'_>) {
    let channels = &world.document.channels;
    let Some(channel) = scenario.channel.filter(|channel| !channels.is_empty() && !channels.contains(channel)) else {
        return;
    };
    let message = Words::new(
        format!("the test '{}' plays on {channel}, for which the flow is not written", shorten(&scenario.name)),
        format!("le test « {} » se joue sur {channel}, auquel le scénario n’est pas destiné", shorten(&scenario.name)),
    );
    sink.value(Code::TestOffChannel, &format!("{pointer}/channel"), message);
}

fn steps(world: &World<'_>, scenario: &Scenario, pointer: &str, sink: &mut Sink<'_>) {
    for (index, step) in scenario.steps.iter().enumerate() {
        let pointer = format!("{pointer}/steps/{index}");
        let agent = match step {
            ScenarioStep::AgentArrives(agent)
            | ScenarioStep::AgentGoes(agent)
            | ScenarioStep::AgentAccepts(agent)
            | ScenarioStep::AgentDeclines(agent)
            | ScenarioStep::AgentCloses(agent) => Some(agent),
            ScenarioStep::AgentWrites(writes) => Some(&writes.agent),
            ScenarioStep::AgentFinishes(finishes) => Some(&finishes.agent),
            ScenarioStep::Expect(expect) => {
                expectation(world, scenario, expect, &format!("{pointer}/expect"), sink);
                None
            }
            ScenarioStep::ContactSays(_)
            | ScenarioStep::ContactChooses(_)
            | ScenarioStep::ContactLeaves {}
            | ScenarioStep::TimePasses(_)
            | ScenarioStep::OutsideAnswers(_)
            | ScenarioStep::OutsideFails(_) => None,
        };
        if let Some(agent) = agent {
            known_agent(scenario, agent, &pointer, sink);
        }
    }
}

fn known_agent(scenario: &Scenario, agent: &str, pointer: &str, sink: &mut Sink<'_>) {
    let agents = &scenario.given.agents;
    if agents.contains_key(agent) {
        return;
    }
    let meant = sink.suggestions.nearest(agent, agents.keys().map(String::as_str));
    let agent = shorten(agent);
    let message = Words::new(
        format!("the test speaks of the agent '{agent}', who is not among its given agents"),
        format!("le test parle de l’agent « {agent} », qui n’est pas parmi ses agents donnés"),
    );
    sink.value(Code::UnknownTestAgent, pointer, message).meant(meant);
}

fn expectation(world: &World<'_>, scenario: &Scenario, expect: &Expect, pointer: &str, sink: &mut Sink<'_>) {
    for agent in [&expect.offered_to, &expect.assigned_to].into_iter().flatten() {
        known_agent(scenario, agent, pointer, sink);
    }
    let document = world.document;
    for name in expect.attributes.iter().flat_map(BTreeMap::keys) {
        if document.attributes.contains_key(name) || document.inputs.contains_key(name) {
            continue;
        }
        let known = document.attributes.keys().chain(document.inputs.keys());
        let meant = sink.suggestions.nearest(name.as_str(), known.map(AttributeName::as_str));
        let message = Words::new(
            format!("the test expects the attribute '{name}', which the flow does not declare"),
            format!("le test attend l’attribut « {name} », que le scénario ne déclare pas"),
        );
        sink.value(Code::UnknownTestAttribute, &format!("{pointer}/attributes/{name}"), message).meant(meant);
    }
    if calls_flows(world) {
        return;
    }
    if let Some(node) = expect.at.as_ref().filter(|node| !document.nodes.contains_key(*node)) {
        unknown_node(world, node.as_str(), &format!("{pointer}/at"), sink);
    }
    for (index, taken) in expect.exits.iter().flatten().enumerate() {
        exit(world, taken, &format!("{pointer}/exits/{index}"), sink);
    }
}

fn calls_flows(world: &World<'_>) -> bool {
    let flow = Slot::Reference { to: ReferenceKind::Flow };
    world.nodes.iter().any(|node| node.kind.is_none() || node.slots.iter().any(|found| found.slot == flow))
}

fn unknown_node(world: &World<'_>, node: &str, pointer: &str, sink: &mut Sink<'_>) {
    let meant = sink.suggestions.nearest(node, world.document.nodes.keys().map(NodeId::as_str));
    let node = shorten(node);
    let message = Words::new(
        format!("the test speaks of the node '{node}', which does not exist"),
        format!("le test parle du nœud « {node} », qui n’existe pas"),
    );
    sink.value(Code::UnknownTestNode, pointer, message).meant(meant);
}

/// An exit as tests write it, `node.exit`.
fn exit(world: &World<'_>, taken: &str, pointer: &str, sink: &mut Sink<'_>) {
    let (id, exit) = taken.split_once('.').unwrap_or((taken, ""));
    let found = world.nodes.binary_search_by(|node| node.id.as_str().cmp(id)).ok().map(|index| &world.nodes[index]);
    let Some(node) = found else { return unknown_node(world, id, pointer, sink) };
    let Some(kind) = node.kind else { return };
    let fixed = kind.descriptor.exits.fixed_in(&node.document.config).map(|exit| exit.name.as_str());
    let exits: BTreeSet<&str> = fixed.chain(node.named_exits.iter().map(|exit| exit.name)).collect();
    if exits.contains(exit) {
        return;
    }
    let meant = sink.suggestions.nearest(exit, exits.iter().copied()).map(|exit| format!("{id}.{exit}"));
    let exit = shorten(exit);
    let message = Words::new(
        format!("the test expects the exit '{exit}' of '{id}', which that node does not have"),
        format!("le test attend la sortie « {exit} » de « {id} », que ce nœud n’a pas"),
    );
    sink.value(Code::UnknownTestExit, pointer, message).meant(meant.as_deref());
}
