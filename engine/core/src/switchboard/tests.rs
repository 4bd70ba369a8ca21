//! The heart as a whole: flows of small nodes, contacts, agents and timers on a bench.

mod bans;
mod care;
pub(crate) mod kit;
mod legs;
mod memory;
mod outbound;
mod random;

use serde_json::{Value, json};

use self::kit::{Bench, agent, codes, document, key, said, tenant, wrote};
use super::{Answer, Output};
use crate::{
    effect::Action,
    event::{AgentAction, Input, PresenceStatus},
    fact::Fact,
    id::InteractionId,
    interaction::Interaction,
    limits::{ATTRIBUTES_BYTES_MAX, FRAMES_MAX, MESSAGE_CHARS_MAX, MESSAGES_PER_EVENT_MAX, RECEIPTS_MAX},
    refusal::Refusal,
    timers::TimerKey,
};

const I1: InteractionId = InteractionId(1);

fn text(text: &str) -> Value {
    json!({ "text": { "en": text } })
}

fn main(nodes: Value, rest: Value) -> Bench {
    Bench::new(&[document("main", nodes, rest)], true)
}

fn entered(output: &Output) -> usize {
    output.facts.iter().filter(|record| matches!(record.fact, Fact::NodeEntered { .. })).count()
}

// -- where a fault goes -----------------------------------------------------------------------------------------------

/// One node that fails, in a flow with and without each way on: what was said, and where the interaction is.
#[test]
fn a_fault_takes_the_first_way_on_that_exists() {
    let sorry = |exit: Value| json!({ "kind": "say", "config": text("sorry"), "exits": { "done": exit } });
    let over = |how: &str| json!({ "end": how });
    let handlers = json!({ "handlers": { "error": "sorry" } });
    let fail = |exits: Value| json!({ "kind": "fail", "exits": exits });
    let cases = [
        ("own exit", json!({ "a": fail(json!({ "error": over("failed") })) }), json!({}), "ended failed"),
        ("handler", json!({ "a": fail(json!({})), "sorry": sorry(over("sorry")) }), handlers.clone(), "ended sorry"),
        (
            "handler that fails",
            json!({ "a": fail(json!({})), "sorry": fail(json!({})) }),
            handlers.clone(),
            "last resort",
        ),
        (
            "handler that leads back",
            json!({ "a": fail(json!({})), "sorry": sorry(json!("a")) }),
            handlers.clone(),
            "last resort",
        ),
        (
            "handler taken by an exit",
            json!({ "a": { "kind": "hop", "exits": { "done": { "handler": "error" } } }, "sorry": sorry(over("sorry")) }),
            handlers,
            "ended sorry",
        ),
        ("nothing", json!({ "a": fail(json!({})) }), json!({}), "last resort"),
        ("unwired exit", json!({ "a": { "kind": "hop" } }), json!({}), "last resort"),
        (
            "undeclared exit",
            json!({ "a": { "kind": "fail", "config": { "exit": "window" } } }),
            json!({}),
            "last resort",
        ),
    ];
    for (name, nodes, rest, place) in cases {
        let mut bench = main(nodes, rest);
        bench.says("hello");
        assert_eq!(bench.place(1), place, "{name}");
    }
}

#[test]
fn the_last_resort_is_an_agent_of_the_default_skill_and_then_the_default_route() {
    let mut bench = main(json!({ "a": { "kind": "fail" } }), json!({}));
    let output = bench.says("hello");
    assert_eq!(codes(&output), ["out-of-order", "last resort: out-of-order"]);
    bench.arrives("bob");
    bench.accepts("bob").expect("bob has the offer");
    assert_eq!(bench.stored(1).agent, Some(agent("bob")));
    bench.does("bob", AgentAction::Close { interaction: I1 });
    assert_eq!(bench.place(1), "ended default_route");
    // The agent's record is still open, and closes on its own interaction, which has ended.
    bench.does(
        "bob",
        AgentAction::Finish { interaction: I1, disposition: "sold".parse().ok(), answers: Default::default() },
    );
    assert_eq!(bench.stored(1).disposition, "sold".parse().ok());
    assert_eq!(bench.board.work(&tenant(), I1), None);
}

#[test]
fn a_touchpoint_without_a_live_flow_loses_no_contact() {
    let mut bench = Bench::new(&[], true);
    let mut from = key("ada");
    from.touchpoint = "bare".parse().expect("an id");
    let output = bench.tell(wrote(from, "m1", "hello"));
    assert_eq!(codes(&output), ["last resort: no-live-flow"]);
    assert!(bench.board.work(&tenant(), I1).is_some());
}

#[test]
fn a_loop_without_a_wait_is_stopped_and_its_handler_has_a_reserve() {
    let hop = |to: &str| json!({ "kind": "hop", "exits": { "done": to } });
    let sorry = json!({ "kind": "say", "config": text("sorry"), "exits": { "done": { "end": "sorry" } } });
    let nodes = json!({ "a": hop("b"), "b": hop("a"), "sorry": sorry });
    let mut bench = main(nodes, json!({ "handlers": { "error": "sorry" } }));
    let output = bench.says("hello");
    assert_eq!((said(&output), bench.place(1)), (vec!["sorry".to_owned()], "ended sorry".to_owned()));

    let mut bench = main(json!({ "a": hop("b"), "b": hop("a") }), json!({ "handlers": { "error": "b" } }));
    let output = bench.says("hello");
    assert_eq!(entered(&output), 1_100);
    assert_eq!(codes(&output), ["too-many-steps", "too-many-steps", "last resort: too-many-steps"]);
}

#[test]
fn bounds_of_one_event_are_faults() {
    let long = "x".repeat(MESSAGE_CHARS_MAX / 4);
    let shout = json!({ "text": { "en": "hey" }, "times": MESSAGES_PER_EVENT_MAX + 1 });
    let wide = json!({ "name": "w", "value": "0123456789abcdef", "repeat": ATTRIBUTES_BYTES_MAX / 16 });
    let attributes = json!({ "w": { "type": "string" }, "n": { "type": "integer" } });
    let cases = [
        ("too-many-messages", "say", shout),
        ("message-too-long", "say", json!({ "text": { "en": format!("${{\"{long}\"}}").repeat(5) } })),
        ("attributes-too-large", "set", wide),
        ("attribute-type", "set", json!({ "name": "n", "value": "seven" })),
        ("unknown-attribute", "set", json!({ "name": "other", "value": 1 })),
        ("flow-not-live", "call", json!({ "flow": "absent" })),
        ("subflow-depth", "call", json!({ "flow": "main" })),
    ];
    for (code, kind, config) in cases {
        let node = json!({ "a": { "kind": kind, "config": config, "exits": { "done": { "end": "ok" } } } });
        let output = main(node, json!({ "attributes": attributes })).says("hello");
        assert_eq!(codes(&output).first().map(String::as_str), Some(code));
    }
    let deep = main(json!({ "a": { "kind": "call", "config": { "flow": "main" } } }), json!({})).says("hello");
    assert_eq!(entered(&deep), FRAMES_MAX);
}

#[test]
fn a_document_that_cannot_be_published_says_why() {
    use crate::{published::PublishedFlow, script::Sandbox};
    let cases = [
        ("unknown-kind", json!({ "a": { "kind": "teleport" } })),
        ("bad-config", json!({ "a": { "kind": "ask", "config": { "seconds": "soon" } } })),
        ("dangling-exit", json!({ "a": { "kind": "hop", "exits": { "done": "nowhere" } } })),
        ("dangling-exit", json!({ "b": { "kind": "hop" } })),
        ("script-faults", json!({ "a": { "kind": "when", "config": { "test": "1 +" } } })),
    ];
    for (code, nodes) in cases {
        let document = document("main", nodes, json!({})).into();
        let fault = PublishedFlow::prepare(document, 1, &kit::registry(), &Sandbox::new()).expect_err(code);
        assert_eq!(fault.code(), code);
        assert_ne!(fault.words().en, fault.words().fr);
    }
}

// -- sub-flows --------------------------------------------------------------------------------------------------------

fn caller(config: Value, exits: Value) -> Value {
    json!({ "a": { "kind": "call", "config": config, "exits": exits } })
}

#[test]
fn a_subflow_takes_inputs_waits_and_gives_outputs_back() {
    let outer = document(
        "main",
        caller(
            json!({ "flow": "sub", "inputs": { "n": 2 } }),
            json!({ "bought": { "end": "bought" }, "done": { "end": "else" } }),
        ),
        json!({ "attributes": { "total": { "type": "integer" } } }),
    );
    let inner = |end: &str| {
        document(
            "sub",
            json!({
                "a": { "kind": "when", "config": { "test": "attributes.n == 2" }, "exits": { "yes": "b", "no": "b" } },
                "b": { "kind": "ask", "config": { "seconds": 60, "heard": 2 }, "exits": { "done": "c", "timeout": { "end": "late" } } },
                "c": { "kind": "set", "config": { "name": "total", "value": 7 }, "exits": { "done": { "end": end } } },
            }),
            json!({ "inputs": { "n": { "type": "integer" } }, "outputs": { "total": { "type": "integer" } },
                    "attributes": { "own": { "type": "string", "default": "secret" } } }),
        )
    };
    for (end, place) in [("bought", "ended bought"), ("browsed", "ended else")] {
        let mut bench = Bench::new(&[outer.clone(), inner(end)], true);
        bench.says("hello");
        assert_eq!(bench.place(1), "a/b");
        bench.says("one");
        bench.says("two");
        assert_eq!(bench.place(1), place);
        assert_eq!(json!(bench.stored(1).outcome), json!({ "total": 7 }), "only outputs come back");
    }
}

#[test]
fn a_subflow_that_fails_is_its_callers_fault() {
    let broken = document("sub", json!({ "a": { "kind": "fail" } }), json!({}));
    let wanting =
        document("sub", json!({ "a": { "kind": "hop" } }), json!({ "inputs": { "n": { "type": "integer" } } }));
    let cases = [
        (broken, json!({}), "out-of-order"),
        (wanting.clone(), json!({}), "subflow-input"),
        (wanting.clone(), json!({ "n": "x" }), "subflow-input"),
        (wanting, json!({ "n": 1, "m": 1 }), "subflow-input"),
    ];
    for (sub, inputs, code) in cases {
        let nodes = caller(json!({ "flow": "sub", "inputs": inputs }), json!({ "error": { "end": "failed" } }));
        let mut bench = Bench::new(&[document("main", nodes, json!({})), sub], true);
        let output = bench.says("hello");
        assert_eq!((codes(&output), bench.place(1)), (vec![code.to_owned()], "ended failed".to_owned()));
    }
}

// -- messages ---------------------------------------------------------------------------------------------------------

fn echo() -> Bench {
    let ask =
        json!({ "kind": "ask", "config": { "seconds": 60 }, "exits": { "done": "b", "timeout": { "end": "late" } } });
    let said = json!({ "kind": "say", "config": text("${message.text}!"), "exits": { "done": "a" } });
    main(json!({ "a": ask, "b": said }), json!({}))
}

#[test]
fn a_repeated_message_gets_its_first_answer_and_changes_nothing() {
    let mut bench = echo();
    bench.says_as("ada", "m1", "hello");
    let first = bench.says_as("ada", "m2", "one");
    assert_eq!(said(&first), ["one!"]);
    bench.says_as("ada", "m3", "two");
    let before: Vec<Interaction> = bench.all().collect();
    for (id, turn) in [("m2", 2), ("m1", 1), ("m3", 3)] {
        let again = bench.says_as("ada", id, "one");
        assert_eq!(again.answer, Answer::Repeated { interaction: I1, turn });
        assert!(again.facts.is_empty() && again.effects.is_empty() && again.touched.is_empty());
    }
    assert_eq!(before, bench.all().collect::<Vec<_>>());
    bench.passes(61);
    assert_eq!(bench.place(1), "ended late");
    let again = bench.says_as("ada", "m3", "two");
    assert_eq!(again.answer, Answer::Repeated { interaction: I1, turn: 3 }, "of an ended conversation too");
    bench.says_as("ada", "m4", "anew");
    assert_eq!(bench.place(2), "a");
    for n in 0..2 * RECEIPTS_MAX {
        bench.says_as("ada", &format!("n{n}"), "x");
    }
    assert_eq!(bench.stored(2).receipts.len(), RECEIPTS_MAX);
}

#[test]
fn effects_are_numbered_in_their_turn_and_only_answers_are_in_answer() {
    let mut bench = echo();
    bench.says("hello");
    let output = bench.says("one");
    let ids: Vec<String> = output.effects.iter().map(|effect| effect.id.to_string()).collect();
    assert_eq!(ids, ["i1.2.0"]);
    assert!(matches!(output.effects[0].action, Action::SendMessage { in_answer: true, .. }));
}

#[test]
fn inputs_that_cannot_be_are_refused_and_change_nothing() {
    let mut bench = echo();
    bench.says("hello");
    let write = |text: &str| AgentAction::Write {
        interaction: I1,
        text: text.to_owned(),
        event_id: None,
        attached: Vec::new(),
    };
    let as_agent = |name: &str, action: AgentAction| Input::Agent { tenant: tenant(), agent: agent(name), action };
    let at = |touchpoint: &str| {
        let mut from = key("eve");
        from.touchpoint = touchpoint.parse().expect("an id");
        wrote(from, "m9", "hello")
    };
    let mut elsewhere = key("eve");
    elsewhere.tenant = "other".parse().expect("an id");
    let offer = crate::id::OfferId(99);
    let finish =
        AgentAction::Finish { interaction: I1, disposition: "unheard-of".parse().ok(), answers: Default::default() };
    let cases = [
        ("unknown-tenant", wrote(elsewhere.clone(), "m9", "hello")),
        ("unknown-tenant", Input::ContactLeft(elsewhere)),
        ("unknown-touchpoint", at("nowhere")),
        ("inactive-touchpoint", at("shut")),
        ("message-too-long", wrote(key("eve"), "m9", &"é".repeat(MESSAGE_CHARS_MAX + 1))),
        ("no-conversation", Input::ContactLeft(key("eve"))),
        ("unknown-agent", as_agent("zoe", AgentAction::Heartbeat)),
        ("offer-gone", as_agent("anna", AgentAction::Accept { offer })),
        ("not-your-conversation", as_agent("anna", write("hello"))),
        ("message-too-long", as_agent("anna", write(&"é".repeat(MESSAGE_CHARS_MAX + 1)))),
        ("unknown-interaction", as_agent("anna", AgentAction::Close { interaction: InteractionId(7) })),
        ("unknown-disposition", as_agent("anna", finish)),
    ];
    bench.arrives("anna");
    let before: Vec<Interaction> = bench.all().collect();
    for (code, input) in cases {
        let output = bench.tell(input);
        let Answer::Refused(refusal) = output.answer else { panic!("{code}: not refused") };
        assert_eq!(refusal.code(), code);
        assert!(output.facts.is_empty() && output.effects.is_empty() && output.touched.is_empty(), "{code}");
    }
    assert_eq!(before, bench.all().collect::<Vec<_>>());
}

// -- agents -----------------------------------------------------------------------------------------------------------

fn line() -> Bench {
    line_with(json!({}))
}

fn line_with(rest: Value) -> Bench {
    let line = json!({ "kind": "line", "config": { "skill": "sales", "seconds": 600 },
                       "exits": { "done": "thanks", "timeout": { "end": "late" } } });
    let thanks = json!({ "kind": "say", "config": text("thanks"), "exits": { "done": "b" } });
    let ask = json!({ "kind": "ask", "config": { "seconds": 300 }, "exits": { "done": { "end": "ok" }, "timeout": { "end": "ok" } } });
    let tidy = json!({ "kind": "say", "config": text("bye"), "exits": { "done": { "end": "tidied" } } });
    main(json!({ "a": line, "thanks": thanks, "b": ask, "tidy": tidy }), rest)
}

#[test]
fn a_conversation_goes_from_the_line_to_the_closed_record() {
    let mut bench = line();
    bench.arrives("anna");
    bench.says("hello");
    assert_eq!(said(&bench.says("anyone?")), ["patience"]);
    let offer = bench.offer("anna").expect("anna has the offer");
    let accepted = bench.does("anna", AgentAction::Accept { offer }).answer;
    assert_eq!(accepted, Answer::Accepted { interaction: I1, offer });
    let again = bench.does("anna", AgentAction::Accept { offer });
    assert_eq!((again.answer, again.facts.len()), (accepted, 0), "accepting twice is harmless");

    let shown = bench.says("a question");
    assert!(said(&shown).is_empty());
    assert!(
        matches!(&shown.effects[0].action, Action::ShowAgent { agent: a, text, .. } if *a == agent("anna") && text == "a question")
    );
    let write = AgentAction::Write {
        interaction: I1,
        text: "an answer".to_owned(),
        event_id: Some("w1".into()),
        attached: Vec::new(),
    };
    let written = bench.does("anna", write.clone());
    assert!(
        matches!(&written.effects[0].action, Action::SendMessage { in_answer: false, said, .. } if said.text == "an answer")
    );
    assert!(matches!(bench.does("anna", write).answer, Answer::Repeated { interaction: I1, .. }));

    let closed = bench.does("anna", AgentAction::Close { interaction: I1 });
    let names: Vec<_> =
        closed.facts.iter().map(|f| serde_json::to_value(&f.fact).expect("facts are JSON")["fact"].clone()).collect();
    let wanted = [
        "conversation_closed",
        "wrap_up_started",
        "exit_taken",
        "node_entered",
        "message_sent",
        "exit_taken",
        "node_entered",
    ];
    assert_eq!(names, wanted);
    bench.says("bye");
    assert_eq!(bench.place(1), "ended ok");
    bench.passes(61);
    assert_eq!(bench.board.work(&tenant(), I1), None, "FCE-09: the record closes by itself");
}

#[test]
fn an_agent_who_goes_away_gives_the_contact_back_to_the_line() {
    let mut bench = line();
    bench.arrives("anna");
    bench.says("hello");
    bench.accepts("anna").expect("anna has the offer");
    bench.does("anna", AgentAction::SetPresence { status: PresenceStatus::Offline });
    assert_eq!((bench.stored(1).agent, bench.place(1)), (None, "a".to_owned()));
    bench.arrives("anna");
    bench.passes(6);
    bench.accepts("anna").expect("anna is asked again");
    assert_eq!(bench.stored(1).agent, Some(agent("anna")));
}

// -- contacts who leave -------------------------------------------------------------------------------------------------

/// A hang-up at every kind of wait: the interaction ends, the line forgets it, and the agent keeps his record.
#[test]
fn a_contact_may_leave_at_every_wait() {
    let handlers = json!({ "handlers": { "disconnect": "tidy" } });
    for (rest, place) in [(json!({}), "ended abandoned"), (handlers, "ended tidied")] {
        for steps in 0..5 {
            let mut bench = line_with(rest.clone());
            bench.says("hello");
            for step in 0..steps {
                match step {
                    0 => bench.arrives("anna"),
                    1 => drop(bench.accepts("anna")),
                    2 => drop(bench.does("anna", AgentAction::Close { interaction: I1 })),
                    _ => bench.passes(61),
                }
            }
            let output = bench.tell(Input::ContactLeft(key("ada")));
            assert!(output.effects.is_empty(), "nothing is sent to a contact who left");
            assert_eq!(bench.place(1), place, "after {steps} steps");
            let again = bench.tell(Input::ContactLeft(key("ada"))).answer;
            assert_eq!(again, Answer::Refused(Refusal::NoConversation(key("ada").touchpoint)));
            bench.passes(61);
            assert_eq!(bench.board.work(&tenant(), I1), None, "after {steps} steps");
        }
    }
}

#[test]
fn a_contact_who_comes_back_during_the_disconnect_handler_is_met_anew() {
    let wait = json!({ "kind": "ask", "config": { "seconds": 60 }, "exits": { "done": { "end": "ok" }, "timeout": { "end": "ok" } } });
    let mut bench = main(json!({ "a": wait, "tidy": wait }), json!({ "handlers": { "disconnect": "tidy" } }));
    bench.says("hello");
    bench.tell(Input::ContactLeft(key("ada")));
    assert_eq!((bench.place(1), bench.stored(1).left), ("tidy".to_owned(), true));
    bench.says("I am back");
    assert_eq!((bench.place(1), bench.place(2)), ("ended abandoned".to_owned(), "a".to_owned()));
}

// -- time -------------------------------------------------------------------------------------------------------------

#[test]
fn a_wait_without_a_deadline_ends_as_expired() {
    let mut bench = main(json!({ "a": { "kind": "forget", "exits": { "done": { "end": "ok" } } } }), json!({}));
    bench.says("hello");
    bench.passes(29 * 86_400);
    bench.says("still here");
    bench.passes(29 * 86_400);
    assert_eq!(bench.place(1), "a", "silence counts from the last message");
    bench.passes(2 * 86_400);
    assert_eq!(bench.place(1), "ended expired");
}

#[test]
fn timers_that_are_no_more_do_nothing_and_time_never_goes_back() {
    let mut bench = echo();
    bench.says("hello");
    let stale = [
        TimerKey::Interaction(I1),
        TimerKey::Interaction(InteractionId(9)),
        TimerKey::Work(I1),
        TimerKey::Agent(tenant(), agent("anna")),
        TimerKey::Agent("other".parse().expect("an id"), agent("anna")),
    ];
    for key in stale {
        let output = bench.tell(Input::TimerDue(key));
        assert!(output.facts.is_empty() && output.touched.is_empty());
    }
    bench.now = kit::START - std::time::Duration::from_secs(3_600);
    let output = bench.says("early");
    assert!(output.facts.iter().all(|record| record.at == kit::START));
}

#[test]
fn alarms_beyond_the_horizon_stay_in_the_store() {
    let mut bench = Bench::new(
        &[document("main", json!({ "a": { "kind": "ask", "config": { "seconds": 3600 } } }), json!({}))],
        false,
    );
    let horizon = kit::START + std::time::Duration::from_secs(600);
    bench.board.admit(std::iter::empty(), horizon);
    bench.says("hello");
    assert_eq!(bench.board.deadlines(), 0);
    let due = bench.stored(1).due().expect("it waits with an alarm");
    bench.board.admit([(I1, due)].into_iter(), due);
    assert_eq!(bench.board.next_deadline(), Some(due));
}
