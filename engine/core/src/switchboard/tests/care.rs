//! Timers of conversations on a bench: what a contact, an agent and the record see of each.

use std::{sync::Arc, time::Duration};

use routewright_flows::{Channel, HumanDuration};
use serde_json::json;

use super::{
    I1,
    kit::{Bench, agent, document, said, tenant},
};
use crate::{
    calendar::{Calendar, ZoneRules},
    catalogue::{Catalogue, DefaultsSettings, Scope},
    effect::Action,
    event::{AgentAction, Input, PresenceStatus},
    fact::Fact,
    id::TouchpointId,
    limits::PACED_PER_SECOND,
    refusal::Refusal,
    silence::{Care, Outage, PromiseState, Promised},
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
    bench
        .does("anna", AgentAction::Write { interaction: I1, text: text.into(), event_id: None, attached: Vec::new() })
        .answer
}

/// What fired while time passed, with what was said and who has the conversation then.
fn after(bench: &mut Bench, seconds: u64) -> (Vec<Care>, Vec<String>, Option<String>) {
    let (mut fired, mut told) = (Vec::new(), Vec::new());
    let until = bench.now + Duration::from_secs(seconds);
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

/// What was judged of promises while time passed.
fn judged(output: &crate::switchboard::Output) -> Vec<(Promised, bool)> {
    let judged = output.facts.iter().filter_map(|record| match &record.fact {
        Fact::PromiseJudged { promise, kept, .. } => Some((*promise, *kept)),
        _ => None,
    });
    judged.collect()
}

#[test]
fn wap_38_wap_39_p_15_a_promise_is_judged_once_kept_or_broken() {
    let mut bench = talking(json!({ "service": { "first_response": "2m", "resolution": "10m" } }));
    let answer = AgentAction::Write { interaction: I1, text: "hello".into(), event_id: None, attached: Vec::new() };
    assert_eq!(judged(&bench.does("anna", answer.clone())), [(Promised::FirstResponse, true)]);
    assert_eq!(judged(&bench.does("anna", answer)), [], "the first answer is one");
    let closed = bench.does("anna", AgentAction::Close { interaction: I1 });
    assert_eq!(judged(&closed), [(Promised::Resolution, true)]);
    let kept = |which| bench.stored(1).silence.promised(which).map(|(_, state)| state);
    let states = [Promised::FirstResponse, Promised::Resolution].map(kept);
    assert_eq!(states, [Some(PromiseState::Kept); 2], "it can be read once it is over");

    let mut late = talking(json!({ "service": { "first_response": "2m" } }));
    assert_eq!(after(&mut late, 120).0, [Care::FirstResponsePromise]);
    let answer = AgentAction::Write { interaction: I1, text: "sorry".into(), event_id: None, attached: Vec::new() };
    assert_eq!(judged(&late.does("anna", answer)), [], "what is broken is not kept any more");
    let (promise, state) =
        late.stored(1).silence.promised(Promised::FirstResponse).map(|(p, s)| (p.clone(), s)).expect("promised");
    assert_eq!((state, promise.done_at), (PromiseState::Broken, Some(late.now)));
}

#[test]
fn wap_37_wap_40_pbx_04_promises_and_hours_are_inherited_from_the_channel_and_the_centre() {
    let weekly = json!({ "zone": "UTC", "weekly": { "monday": [{ "from": "09:00", "to": "09:30" }] } });
    let zone = ZoneRules { name: "UTC".into(), version: "test".into(), offsets: vec![(0, 0)] };
    let hours = Calendar::new(serde_json::from_value(weekly).expect("hours"), Arc::new(zone)).expect("a calendar");
    let defaults = |json: serde_json::Value| serde_json::from_value::<DefaultsSettings>(json).expect("defaults");
    let (general, webchat) = (Scope::General, Scope::Of(Channel::Webchat));
    // START is a Monday, 09:00 UTC.
    for (of_general, of_channel, minutes) in [
        (json!({ "service": { "first_response": "1h" } }), json!({}), 60),
        (json!({ "service": { "first_response": "1h" } }), json!({ "service": { "first_response": "20m" } }), 20),
        (json!({ "service": { "first_response": "1h" }, "calendar": "hours" }), json!({}), 7 * 1_440 + 30),
        (json!({ "service": { "first_response": "1h" }, "calendar": "hours" }), json!({ "calendar": "@always" }), 60),
        (json!({ "service": { "first_response": "1h" } }), json!({ "calendar": "hours" }), 7 * 1_440 + 30),
    ] {
        let words = format!("{of_general} {of_channel}");
        let nodes = json!({ "a": { "kind": "ask", "config": { "seconds": 60 }, "exits": { "done": { "end": "x" }, "timeout": { "end": "x" } } } });
        let mut bench = Bench::new(&[document("main", nodes, json!({}))], true).configured(|catalogue| {
            catalogue.calendars.insert("hours".parse().expect("an id"), Arc::new(hours.clone()));
            catalogue.defaults = [(general, defaults(of_general)), (webchat, defaults(of_channel))].into();
        });
        let begun = bench.now;
        bench.says("hello");
        let interaction = bench.stored(1);
        let (promise, state) = interaction.silence.promised(Promised::FirstResponse).expect("it is promised");
        assert_eq!((promise.due.since(begun).as_secs() / 60, state), (minutes, PromiseState::Running), "{words}");
    }
}

#[test]
fn pbx_10_each_closed_time_is_told_once_to_each_contact_whichever_conversation_he_is_in() {
    let morning = json!([{ "from": "09:00", "to": "09:30" }]);
    let weekly = json!({ "monday": morning, "tuesday": morning, "wednesday": morning, "thursday": morning });
    let weekly = json!({ "zone": "UTC", "weekly": weekly });
    let zone = ZoneRules { name: "UTC".into(), version: "test".into(), offsets: vec![(0, 0)] };
    let hours = Calendar::new(serde_json::from_value(weekly).expect("hours"), Arc::new(zone)).expect("a calendar");
    let nodes = json!({
        "a": { "kind": "hours", "config": { "calendar": "hours" },
            "exits": { "open": { "end": "x" }, "closed": "b", "told": { "end": "x" } } },
        "b": { "kind": "say", "config": { "text": { "en": "closed" } }, "exits": { "done": { "end": "x" } } },
    });
    let mut bench = Bench::new(&[document("main", nodes, json!({}))], true)
        .configured(|catalogue| drop(catalogue.calendars.insert("hours".parse().expect("an id"), Arc::new(hours))));
    // START is a Monday, 09:00 UTC.
    assert_eq!(said(&bench.says("open yet?")), [""; 0]);
    for day in ["Monday", "Tuesday", "Wednesday"] {
        bench.passes(3_600);
        assert_eq!(said(&bench.says("open yet?")), ["closed"], "{day}, 10:00");
        assert_eq!(said(&bench.says("and now?")), [""; 0], "{day}, in another conversation");
        assert_eq!(said(&bench.says_as("bob", day, "open?")), ["closed"], "{day}, another contact");
        bench.passes(22 * 3_600);
        assert_eq!(said(&bench.says("and now?")), [""; 0], "the night after {day}, 08:00");
        bench.passes(3_600);
        assert_eq!(said(&bench.says("and now?")), [""; 0], "open again");
    }
}

#[test]
fn after_an_outage_what_is_sent_to_customers_is_paced() {
    let nodes = json!({ "a": {
        "kind": "line", "config": { "skill": "default", "seconds": 86_000 },
        "exits": { "done": { "end": "over" }, "timeout": { "end": "over" } },
    }});
    let settings =
        json!({ "nudge": { "after": "1m", "text": { "en": "still there?" } }, "restart": { "nudge": "paced" } });
    let mut bench = Bench::new(&[document("main", nodes, json!({}))], false).configured(|catalogue| {
        let desk: TouchpointId = "desk".parse().expect("an id");
        let touchpoint = catalogue.touchpoints.get_mut(&desk).expect("the bench has it");
        touchpoint.conversation = serde_json::from_value(settings).expect("timers of a touchpoint");
        catalogue.profiles.values_mut().for_each(|profile| profile.contacts_max = 100);
    });
    bench.arrives("anna");
    for n in 0..45 {
        bench.says_as(&format!("contact-{n}"), &format!("m{n}"), "hello");
        bench.accepts("anna").expect("anna has the offer");
    }
    let outage = Outage { from: bench.now, to: bench.now + Duration::from_secs(3_600) };
    bench.board.set_outage(outage);
    bench.now = outage.to;
    bench.does("anna", AgentAction::Heartbeat);
    let mut each_second = Vec::new();
    for second in 0..4 {
        let end = outage.to + Duration::from_millis(second * 1_000 + 999);
        let mut fired = 0;
        while let Some(at) = bench.board.next_deadline().filter(|at| *at <= end) {
            bench.now = bench.now.max(at);
            let key = bench.board.pop_due(bench.now).expect("a deadline has come");
            let output = bench.tell(Input::TimerDue(key));
            fired += output.facts.iter().filter(|record| matches!(record.fact, Fact::TimerFired { .. })).count();
        }
        each_second.push(fired);
    }
    assert_eq!(each_second, [20, 20, 5, 0], "all of them, none twice, and no more than {PACED_PER_SECOND} in a second");
}

#[test]
fn t_20_pbx_21_who_knows_the_contact_is_forgotten_after_a_while() {
    for (days, asked) in [(98, "anna"), (100, "bob")] {
        let mut bench = talking(json!({})).configured(|catalogue| {
            let settings = serde_json::from_value(json!({ "preferred_agent": { "timeout": "1m" } }));
            let skill = "default".parse().expect("a skill");
            catalogue.skills.insert(skill, settings.expect("settings whose memory is that of 99 days"));
            catalogue.profiles.values_mut().for_each(|profile| profile.wrap_up = HumanDuration::default());
        });
        bench.does("anna", AgentAction::Close { interaction: I1 });
        assert_eq!(bench.place(1), "ended over");
        bench.does("anna", AgentAction::SetPresence { status: PresenceStatus::Offline });
        bench.now = bench.now + Duration::from_secs(days * 86_400);
        bench.arrives("bob");
        bench.now = bench.now + Duration::from_secs(1);
        bench.arrives("anna");
        bench.says("me again");
        assert!(bench.offer(asked).is_some(), "bob is idle for longer, anna knows the contact: {days} days");
    }
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
        answers: Default::default(),
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
    let outage = Outage { from: bench.now + Duration::from_secs(10), to: bench.now + Duration::from_secs(610) };
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
