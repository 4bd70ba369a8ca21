//! Timers of conversations on a bench: what a contact, an agent and the record see of each.

use serde_json::json;

use super::{
    I1,
    kit::{Bench, agent, document, tenant},
};
use crate::{
    catalogue::Catalogue,
    effect::Action,
    event::{AgentAction, Input, PresenceStatus},
    fact::Fact,
    id::TouchpointId,
    refusal::Refusal,
    silence::{Care, Outage},
    switchboard::Answer,
};

/// A conversation between Ada and the agent Anna, under these timers of the touchpoint.
fn talking(conversation: serde_json::Value) -> Bench {
    let nodes = json!({ "a": {
        "kind": "line", "config": { "skill": "default", "seconds": 86_000 },
        "exits": { "done": { "end": "over" }, "timeout": { "end": "over" } },
    }});
    let settings = serde_json::from_value(conversation).expect("timers of a touchpoint");
    let mut bench = Bench::new(&[document("main", nodes, json!({}))], true).configured(|catalogue: &mut Catalogue| {
        let desk: TouchpointId = "desk".parse().expect("an id");
        catalogue.touchpoints.get_mut(&desk).expect("the bench has it").conversation = settings;
    });
    bench.says("hello");
    bench.arrives("anna");
    bench.accepts("anna").expect("anna has the offer");
    bench
}

fn writes(bench: &mut Bench, text: &str) -> Answer {
    bench.does("anna", AgentAction::Write { interaction: I1, text: text.into(), event_id: None }).answer
}

/// What fired while time passed, with what was said and who has the conversation then.
fn after(bench: &mut Bench, seconds: u64) -> (Vec<Care>, Vec<String>, Option<String>) {
    let (mut fired, mut told) = (Vec::new(), Vec::new());
    let until = bench.now + std::time::Duration::from_secs(seconds);
    while let Some(at) = bench.board.next_deadline().filter(|at| *at <= until) {
        bench.now = bench.now.max(at);
        let key = bench.board.pop_due(bench.now).expect("a deadline has come");
        if let crate::timers::TimerKey::Agent(_, agent) = key {
            bench.tell(Input::Agent { tenant: tenant(), agent, action: AgentAction::Heartbeat });
            continue;
        }
        let output = bench.tell(Input::TimerDue(key));
        told.extend(output.effects.iter().filter_map(|effect| match &effect.action {
            Action::SendMessage { said, .. } => Some(said.text.clone()),
            _ => None,
        }));
        fired.extend(output.facts.iter().filter_map(|record| match &record.fact {
            Fact::TimerFired { timer, .. } => Some(*timer),
            _ => None,
        }));
    }
    bench.now = until;
    (fired, told, bench.stored(1).agent.map(|agent| agent.to_string()))
}

#[test]
fn pbx_11_pbx_12_pbx_13_pbx_14_a_silent_agent_loses_the_conversation_and_is_paused() {
    let mut bench = talking(json!({ "first_response": { "after": "1m", "then": "paused" }, "transfers_max": 1 }));
    bench.arrives("bob");
    assert_eq!(after(&mut bench, 59).0, []);
    assert_eq!(after(&mut bench, 1).0, [Care::FirstResponse]);
    assert_eq!(bench.board.agent(&tenant(), &agent("anna")).map(|a| a.status), Some(PresenceStatus::Paused));
    bench.accepts("bob").expect("bob is offered it");
    assert_eq!(after(&mut bench, 60), (vec![Care::FirstResponse], vec![], Some("bob".into())), "one hop at most");
}

#[test]
fn t_05_an_answer_in_time_keeps_the_conversation() {
    let mut bench = talking(json!({ "first_response": { "after": "1m" }, "transfers_max": 9 }));
    writes(&mut bench, "good morning");
    assert_eq!(after(&mut bench, 3_600), (vec![], vec![], Some("anna".into())));
}

#[test]
fn dyd_07_dyd_08_t_06_an_unanswered_message_moves_the_conversation_and_says_so() {
    let timers = json!({ "agent_response": { "after": "45s", "notice": { "en": "one moment" } }, "transfers_max": 3 });
    let mut bench = talking(timers);
    writes(&mut bench, "yes?");
    bench.says("are you there?");
    assert_eq!(after(&mut bench, 44).0, []);
    let (fired, told, with) = after(&mut bench, 1);
    assert_eq!((fired, told, with), (vec![Care::AgentResponse], vec!["one moment".to_owned()], None));
}

#[test]
fn dyd_03_dyd_04_dyd_05_dyd_06_p_12_a_silent_contact_is_nudged_and_then_let_go() {
    let mut bench = talking(json!({
        "visitor_timeout": "5m", "warning": "30s",
        "nudge": { "after": "1m", "text": { "en": "still there?", "fr": "toujours là ?" } },
        "reengagement": { "after": "2m", "text": { "en": "we can help" }, "statuses": ["available"] },
    }));
    writes(&mut bench, "how can I help?");
    let (fired, told, _) = after(&mut bench, 299);
    assert_eq!(fired, [Care::Nudge, Care::Reengagement, Care::Warning]);
    assert_eq!(told, ["still there?", "we can help"]);
    assert_eq!(after(&mut bench, 1).0, [Care::VisitorTimeout]);
    assert_eq!(bench.place(1), "ended over");
}

#[test]
fn dyd_06_the_re_engagement_depends_on_the_agents_status() {
    let mut bench = talking(json!({ "reengagement": { "after": "1m", "text": { "en": "we can help" } } }));
    bench.does("anna", AgentAction::SetPresence { status: PresenceStatus::Paused });
    assert_eq!(after(&mut bench, 60), (vec![Care::Reengagement], vec![], Some("anna".into())));
}

#[test]
fn wap_36_t_07_a_contact_who_does_not_answer_frees_the_slot() {
    let mut bench = talking(json!({ "customer_response": "10m" }));
    writes(&mut bench, "which order is it?");
    let (fired, _, with) = after(&mut bench, 600);
    assert_eq!((fired, with), (vec![Care::CustomerResponse], None));
}

#[test]
fn wap_37_wap_38_wap_39_t_16_t_17_broken_promises_are_on_record_once() {
    let mut bench = talking(json!({ "service": { "first_response": "2m", "resolution": "10m" } }));
    assert_eq!(after(&mut bench, 3_600).0, [Care::FirstResponsePromise, Care::ResolutionPromise]);
    let mut bench = talking(json!({ "service": { "first_response": "2m" } }));
    writes(&mut bench, "good morning");
    assert_eq!(after(&mut bench, 3_600).0, [], "a promise that was kept is never broken");
}

#[test]
fn wap_06_t_18_outside_the_window_an_agent_may_not_write_freely() {
    let mut bench = talking(json!({ "messaging_window": "24h" }));
    assert_eq!(writes(&mut bench, "good morning"), Answer::Done);
    after(&mut bench, 24 * 3_600);
    let refused = writes(&mut bench, "are you still interested?");
    assert!(matches!(refused, Answer::Refused(Refusal::WindowClosed { interaction: I1, .. })), "{refused:?}");
    bench.says("yes");
    assert_eq!(writes(&mut bench, "good"), Answer::Done);
}

#[test]
fn max_16_dyd_26_fce_09_p_18_a_mandatory_disposition_is_asked_for_and_a_timeout_leaves_its_own() {
    let mut bench = talking(json!({})).configured(|catalogue| {
        catalogue.profiles.values_mut().for_each(|profile| profile.disposition_required = true);
    });
    bench.does("anna", AgentAction::Close { interaction: I1 });
    let finish = |disposition: Option<&str>| AgentAction::Finish {
        interaction: I1,
        disposition: disposition.map(|name| name.parse().expect("a disposition")),
    };
    let refused = bench.does("anna", finish(None)).answer;
    assert_eq!(refused, Answer::Refused(Refusal::DispositionRequired(I1)));
    let mut other = talking(json!({})).configured(|catalogue| {
        catalogue.profiles.values_mut().for_each(|profile| profile.disposition_required = true);
    });
    assert_eq!(bench.does("anna", finish(Some("sold"))).answer, Answer::Done);
    assert_eq!(bench.stored(1).disposition, "sold".parse().ok());
    other.does("anna", AgentAction::Close { interaction: I1 });
    after(&mut other, 60);
    assert_eq!(other.stored(1).disposition, "not_qualified".parse().ok());
}

#[test]
fn an_outage_is_credited_to_the_contact_and_gives_the_agent_grace() {
    let timers = json!({ "visitor_timeout": "5m", "agent_response": { "after": "1m" }, "transfers_max": 3 });
    let mut bench = talking(timers);
    let outage = Outage {
        from: bench.now + std::time::Duration::from_secs(10),
        to: bench.now + std::time::Duration::from_secs(610),
    };
    let due = |bench: &Bench| {
        let interaction = bench.stored(1);
        let touchpoints = &bench.board.catalogue(&tenant()).expect("settings").touchpoints;
        interaction.silence.next(&touchpoints[&interaction.touchpoint].conversation, outage)
    };
    let (at, care) = due(&bench).expect("timers run");
    assert_eq!((at.since(outage.to).as_secs(), care), (60, Care::AgentResponse), "a minute of grace");
    writes(&mut bench, "here I am");
    let (at, care) = due(&bench).expect("timers run");
    assert_eq!((at.since(outage.to).as_secs(), care), (290, Care::VisitorTimeout), "ten seconds of five minutes used");
}
