//! Random flows, random inputs: nothing is lost, nothing depends on restarts, and the same run is the same twice.

use proptest::{collection::vec, prelude::*, sample::select};
use routewright_flows::FlowDocument;
use serde_json::{Value, json};

use super::kit::{Bench, document, key, tenant};
use crate::{
    event::{AgentAction, Input, PresenceStatus},
    interaction::Phase,
};

const NODES: usize = 6;
const AGENTS: [&str; 2] = ["anna", "bob"];
const CONTACTS: [&str; 3] = ["ada", "ben", "cleo"];

/// What happens to a shard, before ids are known.
#[derive(Debug, Clone)]
enum Happening {
    Writes(&'static str),
    Repeats(&'static str),
    Leaves(&'static str),
    Presence(&'static str, PresenceStatus),
    Accepts(&'static str),
    Declines(&'static str),
    Closes(&'static str),
    Finishes(&'static str),
    Passes(u64),
}

fn target() -> impl Strategy<Value = Option<Value>> {
    prop_oneof![
        5 => (0..NODES).prop_map(|n| Some(json!(name(n)))),
        2 => select(vec!["ok", "lost"]).prop_map(|end| Some(json!({ "end": end }))),
        1 => select(vec!["error", "disconnect"]).prop_map(|handler| Some(json!({ "handler": handler }))),
        1 => Just(None),
    ]
}

fn name(n: usize) -> String {
    ["a", "b", "c", "d", "e", "f"][n].to_owned()
}

fn node() -> impl Strategy<Value = Value> {
    let config = prop_oneof![
        Just(("say", json!({ "text": { "en": "hey ${contact.address}" } }))),
        (1_u64..900).prop_map(|seconds| ("ask", json!({ "seconds": seconds }))),
        Just(("forget", json!({}))),
        Just(("fail", json!({}))),
        Just(("hop", json!({}))),
        Just(("when", json!({ "test": "attributes.n != () && attributes.n > 1" }))),
        (0..4).prop_map(|n| ("set", json!({ "name": "n", "value": n }))),
        Just(("set", json!({ "name": "n", "value": "not a number" }))),
        Just(("call", json!({ "flow": "sub" }))),
        Just(("call", json!({ "flow": "sub", "inputs": { "n": 1 } }))),
        (select(vec!["sales", "default", "rare"]), 1_u64..900)
            .prop_map(|(skill, seconds)| ("line", json!({ "skill": skill, "seconds": seconds }))),
        select(vec!["done", "ok"]).prop_map(|end| ("stop", json!({ "end": end }))),
    ];
    (config, vec(target(), 5)).prop_map(|((kind, config), targets)| {
        let names = ["done", "timeout", "error", "yes", "no"];
        let wired = names.iter().zip(targets).filter_map(|(exit, to)| Some(((*exit).to_owned(), to?)));
        json!({ "kind": kind, "config": config, "exits": serde_json::Map::from_iter(wired) })
    })
}

fn flow(id: &'static str) -> impl Strategy<Value = FlowDocument> {
    let handlers = (proptest::option::of(0..NODES), proptest::option::of(0..NODES));
    (vec(node(), NODES), handlers).prop_map(move |(nodes, (error, disconnect))| {
        let nodes: serde_json::Map<_, _> = nodes.into_iter().enumerate().map(|(n, node)| (name(n), node)).collect();
        let handlers = json!({ "error": error.map(name), "disconnect": disconnect.map(name) });
        let integer = json!({ "n": { "type": "integer" } });
        document(
            id,
            Value::Object(nodes),
            json!({ "handlers": handlers, "attributes": integer, "inputs": integer, "outputs": integer }),
        )
    })
}

fn happening() -> impl Strategy<Value = Happening> {
    let contact = || select(CONTACTS.to_vec());
    let agent = || select(AGENTS.to_vec());
    let status = select(vec![
        PresenceStatus::Available,
        PresenceStatus::Available,
        PresenceStatus::Draining,
        PresenceStatus::Paused,
        PresenceStatus::Offline,
    ]);
    prop_oneof![
        5 => contact().prop_map(Happening::Writes),
        1 => contact().prop_map(Happening::Repeats),
        1 => contact().prop_map(Happening::Leaves),
        2 => (agent(), status).prop_map(|(agent, status)| Happening::Presence(agent, status)),
        3 => agent().prop_map(Happening::Accepts),
        1 => agent().prop_map(Happening::Declines),
        2 => agent().prop_map(Happening::Closes),
        1 => agent().prop_map(Happening::Finishes),
        3 => (1_u64..600).prop_map(Happening::Passes),
    ]
}

/// Plays the happenings; ids come from what the shard shows.
fn play(flows: &[FlowDocument], happenings: &[Happening], restarts: bool) -> Bench {
    let mut bench = Bench::new(flows, restarts);
    let mut last = 0;
    for happening in happenings {
        match happening {
            Happening::Writes(contact) => {
                last += 1;
                bench.says_as(contact, &format!("m{last}"), "hello");
            }
            Happening::Repeats(contact) => drop(bench.says_as(contact, &format!("m{last}"), "hello")),
            Happening::Leaves(contact) => drop(bench.tell(Input::ContactLeft(key(contact)))),
            Happening::Presence(agent, status) => {
                drop(bench.does(agent, AgentAction::SetPresence { status: *status }));
            }
            Happening::Accepts(agent) => drop(bench.accepts(agent)),
            Happening::Declines(agent) => {
                if let Some(offer) = bench.offer(agent) {
                    bench.does(agent, AgentAction::Decline { offer });
                }
            }
            Happening::Closes(agent) => {
                let view = bench.board.agent(&tenant(), &super::agent(agent));
                if let Some(interaction) = view.and_then(|v| v.active.first().map(|work| work.interaction)) {
                    bench.does(agent, AgentAction::Close { interaction });
                }
            }
            Happening::Finishes(agent) => {
                let view = bench.board.agent(&tenant(), &super::agent(agent));
                if let Some(interaction) = view.and_then(|v| v.wrap_ups.first().map(|work| work.interaction)) {
                    bench.does(
                        agent,
                        AgentAction::Finish { interaction, disposition: None, answers: Default::default() },
                    );
                }
            }
            Happening::Passes(seconds) => bench.passes(*seconds),
        }
    }
    bench
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    /// After anything: a live interaction has a deadline or an agent, an ended one a disposition and no place in any
    /// line; a run with a restart after every input gives the same outputs as one without; and so does a second run.
    #[test]
    fn no_interaction_is_ever_lost(
        main in flow("main"),
        sub in flow("sub"),
        happenings in vec(happening(), 1..40),
    ) {
        let flows = [main, sub];
        let bench = play(&flows, &happenings, true);
        for interaction in bench.all() {
            let work = bench.board.work(&tenant(), interaction.id);
            match &interaction.phase {
                Phase::Flow | Phase::LastResort => {
                    prop_assert!(interaction.due().is_some() || interaction.agent.is_some());
                    prop_assert!(interaction.phase != Phase::LastResort || work.is_some());
                }
                Phase::Ended { disposition, .. } => prop_assert!(!disposition.as_str().is_empty()),
            }
        }
        let again = play(&flows, &happenings, true);
        prop_assert_eq!(&bench.history, &again.history, "the same run is the same twice");
        let unbroken = play(&flows, &happenings, false);
        prop_assert_eq!(&bench.history, &unbroken.history, "restarts change nothing");
    }
}
