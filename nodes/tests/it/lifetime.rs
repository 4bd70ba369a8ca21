//! The lifetime bound against the engine: whatever contacts, agents and other systems do, nobody hears nothing for longer
//! than the check says; and somebody can be made to wait that long.

use std::{sync::Arc, time::Duration};

use proptest::prelude::*;
use routewright_engine::{fact::Fact, node::Registry, rehearsal::Troupe, script::Sandbox};
use routewright_flows::{Checker, FlowDocument, HumanDuration, Lifetime, ParsedDocument, check::Anything, parse_value};
use routewright_nodes::standard;
use serde_json::{Map, Value, json};

/// The least time that the engine tells apart.
const TICK: Duration = Duration::from_millis(1);

/// The vocabulary, with a type whose work another system does.
fn registry() -> Registry {
    let words = json!({ "en": "Score", "fr": "Score" });
    let manifest = json!({
        "kind": "acme_score", "version": "1.0.0", "title": words, "docs": words, "category": "decide",
        "exits": [{ "name": "scored", "docs": words }], "config": { "type": "object" }, "examples": [],
        "run": { "remote": { "url": "https://example.com", "sign_with": "score", "timeout": "5s", "retries": 2 } },
    });
    standard().install(serde_json::from_value(manifest).expect("a manifest"))
}

/// What the check says of the first of some flows; `None` for one with errors.
fn bound(flows: &[Value]) -> Option<Lifetime> {
    let parsed: Vec<ParsedDocument> = flows.iter().map(|flow| parse_value(flow).expect("a document")).collect();
    let checker = Checker::new(&registry()).expect("the standard vocabulary is sound");
    let reports = checker.check_all(&parsed.iter().collect::<Vec<_>>(), &Sandbox::default(), &Anything);
    reports.into_iter().next().and_then(|report| report.lifetime)
}

fn longest(lifetime: Option<Lifetime>) -> Option<Duration> {
    match lifetime? {
        Lifetime::AtMost { longest_ms, .. } => Some(Duration::from_millis(longest_ms)),
        Lifetime::Endless { .. } | Lifetime::Unknown { .. } => None,
    }
}

/// The longest that the contact was without a word and without an agent, in the first of some flows.
fn measured(flows: &[Value], steps: &[Value]) -> Duration {
    let documents: Vec<Arc<FlowDocument>> =
        flows.iter().map(|flow| Arc::new(serde_json::from_value(flow.clone()).expect("a document"))).collect();
    let troupe = Troupe::new(&documents[0], &documents, &registry(), &Arc::new(Sandbox::default()));
    let scenario = json!({
        "name": "somebody waits", "steps": steps, "contact": { "coin": true },
        "given": { "agents": { "ann": { "skills": { "default": 1 }, "available": false } } },
    });
    let scenario = serde_json::from_value(scenario).expect("a scenario");
    let (_, moments) = troupe.expect("the flow can be published").watch(&scenario);
    let (mut since, mut longest) = (None, Duration::ZERO);
    for moment in &moments {
        for record in &moment.facts {
            let now_alone = match &record.fact {
                Fact::InteractionOpened { .. }
                | Fact::MessageSent { .. }
                | Fact::Requeued { .. }
                | Fact::ConversationClosed { .. } => true,
                Fact::OfferAccepted { .. } | Fact::InteractionEnded { .. } | Fact::LastResortTaken { .. } => false,
                _ => continue,
            };
            if let Some(since) = since {
                longest = longest.max(record.at.since(since));
            }
            since = now_alone.then_some(record.at);
        }
    }
    let over = moments.last().zip(since).map_or(Duration::ZERO, |(last, since)| last.now.since(since));
    longest.max(over)
}

fn flow(id: &str, entry: &str, nodes: Value) -> Value {
    json!({ "schema": 1, "id": id, "channels": ["webchat"], "entry": entry, "nodes": nodes })
}

fn end() -> Value {
    json!({ "end": "over" })
}

fn wait(length: &str, to: Value) -> Value {
    json!({ "kind": "wait", "config": { "for": length }, "exits": { "done": to } })
}

fn menu(timeout: &str, chosen: Value, silent: Value) -> Value {
    json!({
        "kind": "menu",
        "config": { "text": { "en": "?" }, "options": [{ "id": "a", "label": { "en": "A" } }], "timeout": timeout },
        "exits": { "a": chosen, "no_match": end(), "timeout": silent, "error": end() },
    })
}

fn queue(config: Value, nobody: Value) -> Value {
    json!({ "kind": "enqueue", "config": config, "exits": { "ended": end(), "timeout": nobody, "error": end() } })
}

fn asks(retries: u8, to: Value) -> Value {
    json!({
        "kind": "http_request",
        "config": { "method": "GET", "url": "https://example.com", "retries": retries, "timeout": "5s" },
        "exits": { "ok": end(), "rejected": end(), "failed": to, "error": end() },
    })
}

/// Another system's work: two attempts more than one, of 5 seconds each.
fn scores(to: Value) -> Value {
    json!({ "kind": "acme_score", "exits": { "scored": end(), "failed": to, "error": end() } })
}

fn count(times: u8, round: &str, to: Value) -> Value {
    json!({ "kind": "loop", "config": { "times": times }, "exits": { "repeat": round, "done": to, "error": end() } })
}

fn remind(after: &str, give_up_after: &str, to: Value) -> Value {
    json!({
        "kind": "remind",
        "config": { "reminders": [{ "after": after, "text": { "en": "!" } }], "give_up_after": give_up_after },
        "exits": { "message": end(), "silent": to, "error": end() },
    })
}

fn says() -> Value {
    json!({ "contact_says": "…" })
}

fn later(length: &str) -> Value {
    json!({ "time_passes": length })
}

#[test]
fn somebody_can_be_made_to_wait_as_long_as_the_check_says() {
    let nobody_does_anything = || vec![says(), later("3d")];
    let text = json!({ "en": "Patience." });
    let treated = json!({ "max_wait": "20m", "treatment": [
        { "after": "10s", "text": text }, { "after": "3m10s", "repeat_every": "3m", "text": text },
        { "after": "19m", "when": "false", "text": text },
    ] });
    let cases: Vec<(&str, Vec<Value>, Vec<Value>)> = vec![
        (
            "30m",
            vec![flow(
                "one",
                "menu",
                json!({
                    "menu": menu("10m", end(), json!("wait")), "wait": wait("5m", json!("queue")),
                    "queue": queue(json!({ "max_wait": "15m" }), end()),
                }),
            )],
            nobody_does_anything(),
        ),
        // The last text is said at 18m10s of the wait.
        (
            "3m50s",
            vec![flow("one", "queue", json!({ "queue": queue(treated, json!("wait")), "wait": wait("2m", end()) }))],
            nobody_does_anything(),
        ),
        // He answers at the last moment.
        (
            "15m",
            vec![flow("one", "menu", json!({ "menu": menu("10m", json!("wait"), end()), "wait": wait("5m", end()) }))],
            vec![says(), later("9m59s999ms"), json!({ "contact_chooses": "a" }), later("1h")],
        ),
        // Rounds inside rounds.
        (
            "10m30s",
            vec![flow(
                "one",
                "outer",
                json!({
                    "outer": count(3, "inner", end()), "inner": count(4, "short", json!("long")),
                    "short": wait("30s", json!("inner")), "long": wait("1m30s", json!("outer")),
                }),
            )],
            nobody_does_anything(),
        ),
        // Three attempts of 5 seconds, half a second and a second between them, and what the runtime may need.
        (
            "1m46s500ms",
            vec![flow("one", "ask", json!({ "ask": asks(2, json!("wait")), "wait": wait("1m", end()) }))],
            nobody_does_anything(),
        ),
        // The same of a tenant's own type.
        (
            "1m46s500ms",
            vec![flow("one", "score", json!({ "score": scores(json!("wait")), "wait": wait("1m", end()) }))],
            nobody_does_anything(),
        ),
        (
            "6m",
            vec![
                flow(
                    "one",
                    "wait",
                    json!({
                        "wait": wait("1m", json!("call")), "later": wait("3m", end()),
                        "call": { "kind": "subflow", "config": { "flow": "two", "ends": ["over"] }, "exits": { "over": "later", "done": end(), "error": end() } },
                    }),
                ),
                flow("two", "wait", json!({ "wait": wait("2m", end()) })),
            ],
            nobody_does_anything(),
        ),
        (
            "3m",
            vec![
                flow(
                    "one",
                    "wait",
                    json!({ "wait": wait("1m", json!("go")), "go": { "kind": "goto_flow", "config": { "flow": "two" }, "exits": { "error": end() } } }),
                ),
                flow("two", "wait", json!({ "wait": wait("2m", end()) })),
            ],
            nobody_does_anything(),
        ),
        // A flow of the wait that says nothing, and goes on in another flow just before it is too late.
        (
            "16m",
            vec![
                flow(
                    "one",
                    "queue",
                    json!({ "queue": queue(json!({ "max_wait": "14m", "while_waiting": "two" }), end()) }),
                ),
                flow(
                    "two",
                    "wait",
                    json!({ "wait": wait("14m", json!("go")), "go": { "kind": "goto_flow", "config": { "flow": "three" }, "exits": { "error": end() } } }),
                ),
                flow("three", "wait", json!({ "wait": wait("2m", end()) })),
            ],
            Vec::new(),
        ),
        (
            "1d1h",
            vec![flow(
                "one",
                "remind",
                json!({ "remind": remind("1h", "1d", json!("wait")), "wait": wait("1h", end()) }),
            )],
            nobody_does_anything(),
        ),
        // The agent who has him goes, and nobody else comes.
        (
            "15m",
            vec![flow("one", "queue", json!({ "queue": queue(json!({}), end()) }))],
            vec![
                json!({ "agent_arrives": "ann" }),
                says(),
                json!({ "agent_accepts": "ann" }),
                later("10s"),
                json!({ "agent_goes": "ann" }),
                later("1d"),
            ],
        ),
    ];
    for (expected, flows, steps) in cases {
        let expected: Duration = expected.parse::<HumanDuration>().expect("a duration").get();
        let said = bound(&flows);
        assert_eq!(longest(said.clone()), Some(expected), "{said:?} of {:#}", flows[0]);
        if !steps.is_empty() {
            let measured = measured(&flows, &steps);
            assert!(
                measured <= expected && expected - measured <= TICK,
                "{measured:?} of {expected:?}: {:#}",
                flows[0]
            );
        }
    }
}

/// A piece of a flow through which a contact who does nothing goes to the next.
#[derive(Debug, Clone)]
enum Piece {
    Wait(u32),
    Menu(u32),
    Queue(u32, Vec<(u32, Option<u32>)>),
    Ask(u8),
    Score,
    Remind(u32, u32),
    Say,
    Rounds(u8, u32),
}

fn seconds() -> impl Strategy<Value = u32> {
    30_u32..900
}

fn piece() -> impl Strategy<Value = Piece> {
    let treatment = (seconds(), prop::option::of(60_u32..400));
    prop_oneof![
        seconds().prop_map(Piece::Wait),
        seconds().prop_map(Piece::Menu),
        (seconds(), prop::collection::vec(treatment, 0..3)).prop_map(|(wait, said)| Piece::Queue(wait, said)),
        (0_u8..3).prop_map(Piece::Ask),
        Just(Piece::Score),
        (seconds(), seconds()).prop_map(|(after, give_up)| Piece::Remind(after, give_up)),
        Just(Piece::Say),
        (1_u8..4, seconds()).prop_map(|(times, length)| Piece::Rounds(times, length)),
    ]
}

impl Piece {
    /// Adds the nodes of the piece at a place; where they lead besides the next is for `other` to say.
    fn add(&self, at: usize, next: Value, other: &mut dyn FnMut() -> Value, nodes: &mut Map<String, Value>) {
        let text = json!({ "en": "…" });
        let length = |seconds: &u32| format!("{seconds}s");
        let mut node = match self {
            Self::Wait(seconds) => wait(&length(seconds), next),
            Self::Menu(seconds) => menu(&length(seconds), end(), next),
            Self::Queue(seconds, said) => {
                let treatment: Vec<Value> = said
                    .iter()
                    .map(|(after, every)| match every {
                        None => json!({ "after": length(after), "text": text }),
                        Some(every) => json!({ "after": length(after), "repeat_every": length(every), "text": text }),
                    })
                    .collect();
                queue(json!({ "max_wait": length(seconds), "treatment": treatment }), next)
            }
            Self::Ask(retries) => asks(*retries, next),
            Self::Score => scores(next),
            Self::Remind(after, give_up) => remind(&length(after), &length(give_up), next),
            Self::Say => {
                json!({ "kind": "send_message", "config": { "text": text }, "exits": { "done": next, "error": end() } })
            }
            Self::Rounds(times, seconds) => {
                let round = format!("round{at}");
                nodes.insert(round.clone(), wait(&length(seconds), json!(format!("n{at}"))));
                count(*times, &round, next)
            }
        };
        for (_, target) in node["exits"].as_object_mut().into_iter().flatten() {
            if *target == end() {
                *target = other();
            }
        }
        nodes.insert(format!("n{at}"), node);
    }
}

/// Something that may happen to a contact.
fn event() -> impl Strategy<Value = Value> {
    prop_oneof![
        4 => (1_u32..1_000).prop_map(|seconds| later(&format!("{seconds}s"))),
        1 => Just(says()),
        1 => Just(json!({ "contact_chooses": "a" })),
        1 => prop::sample::select(vec!["agent_arrives", "agent_accepts", "agent_declines", "agent_goes", "agent_closes"]).prop_map(|step| json!({ step: "ann" })),
        1 => prop::sample::select(vec![200, 404, 503]).prop_map(|status| json!({ "outside_answers": { "status": status } })),
        1 => Just(json!({ "outside_fails": "timeout" })),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    /// Agents never accept, contacts never answer: then the bound is what comes to pass. Queues say nothing here: one
    /// that has no place left is passed at once, and then what it would have said is not heard.
    #[test]
    fn whoever_is_left_alone_waits_exactly_as_long(pieces in prop::collection::vec(piece(), 1..7)) {
        let mut nodes = Map::new();
        let silent = |piece: &Piece| match piece {
            Piece::Queue(wait, _) => Piece::Queue(*wait, Vec::new()),
            piece => piece.clone(),
        };
        for (at, piece) in pieces.iter().map(silent).enumerate() {
            let next = if at + 1 == pieces.len() { end() } else { json!(format!("n{}", at + 1)) };
            piece.add(at, next, &mut end, &mut nodes);
        }
        let flows = [flow("one", "n0", Value::Object(nodes))];
        let said = bound(&flows);
        prop_assert_eq!(longest(said.clone()), Some(measured(&flows, &[says(), later("2d")])), "{:?}", said);
    }

    /// Flows that go anywhere, and whatever happens: nobody waits longer.
    #[test]
    fn nobody_waits_longer_than_the_check_says(
        pieces in prop::collection::vec((piece(), prop::collection::vec(0_usize..9, 5)), 2..6),
        inner in prop::collection::vec(piece(), 1..3),
        events in prop::collection::vec(event(), 1..16),
        handler in prop::option::of(0_usize..9),
    ) {
        let size = pieces.len();
        let target = |to: usize| match to {
            to if to < size => json!(format!("n{to}")),
            6 => json!("call"),
            _ => end(),
        };
        let mut nodes = Map::new();
        for (at, (piece, targets)) in pieces.iter().enumerate() {
            let mut targets = targets.iter().copied();
            let next = target(targets.next().unwrap_or(9));
            piece.add(at, next, &mut || targets.next().map_or_else(end, target), &mut nodes);
        }
        nodes.insert("call".to_owned(), json!({ "kind": "subflow", "config": { "flow": "two" }, "exits": { "done": target(0), "error": target(1) } }));
        let mut one = flow("one", "n0", Value::Object(nodes));
        if let Some(node) = handler.map(target).filter(Value::is_string) {
            one["handlers"] = json!({ "error": node });
        }
        let mut called = Map::new();
        for (at, piece) in inner.iter().enumerate() {
            let next = if at + 1 == inner.len() { end() } else { json!(format!("n{}", at + 1)) };
            piece.add(at, next, &mut end, &mut called);
        }
        let flows = [one, flow("two", "n0", Value::Object(called))];
        let Some(bound) = longest(bound(&flows)) else { return Ok(()) };
        let steps: Vec<Value> = [says()].into_iter().chain(events).chain([later("3h")]).collect();
        let measured = measured(&flows, &steps);
        prop_assert!(measured <= bound, "{:?} of at most {:?}: {:#}", measured, bound, flows[0]);
    }
}
