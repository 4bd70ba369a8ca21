//! One silence under every timer, event and outage.

use std::sync::Arc;

use proptest::{collection::vec, prelude::*, sample::select};
use serde_json::json;

use super::*;
use crate::calendar::ZoneRules;

const START: Timestamp = Timestamp(1_000_000);

fn settings(settings: serde_json::Value) -> ConversationSettings {
    serde_json::from_value(settings).expect("settings")
}

fn at(seconds: u64) -> Timestamp {
    START + Duration::from_secs(seconds)
}

fn next(silence: &Silence, settings: &ConversationSettings) -> Option<(u64, Care)> {
    silence.next(settings, Outage::default()).map(|(at, care)| (at.since(START).as_secs(), care))
}

/// A contact who wrote at the start and was accepted ten seconds later.
fn talking() -> Silence {
    let mut silence = Silence::default();
    silence.contact_wrote(START);
    silence.accepted(at(10));
    silence
}

#[test]
fn t_05_the_first_response_runs_from_the_accept_to_the_agents_first_message() {
    let settings = settings(json!({ "first_response": { "after": "60s" } }));
    let mut silence = talking();
    assert_eq!(next(&silence, &settings), Some((70, Care::FirstResponse)));
    silence.contact_wrote(at(20));
    assert_eq!(next(&silence, &settings), Some((70, Care::FirstResponse)), "the contact does not restart it");
    silence.agent_wrote(at(30));
    assert_eq!(next(&silence, &settings), None);
    silence.accepted(at(50));
    assert_eq!(next(&silence, &settings), Some((110, Care::FirstResponse)), "a new owner starts it");
}

#[test]
fn t_06_wap_35_dyd_07_unanswered_messages_keep_the_first_start() {
    let settings = settings(json!({ "agent_response": { "after": "60s" } }));
    let mut silence = talking();
    assert_eq!(next(&silence, &settings), Some((70, Care::AgentResponse)), "he waits since the accept");
    silence.agent_wrote(at(15));
    assert_eq!(next(&silence, &settings), None);
    silence.contact_wrote(at(20));
    silence.contact_wrote(at(40));
    assert_eq!(next(&silence, &settings), Some((80, Care::AgentResponse)));
}

#[test]
fn t_05_t_06_the_first_answer_is_an_answer_too() {
    let settings = settings(json!({ "first_response": { "after": "90s" }, "agent_response": { "after": "30s" } }));
    let mut silence = talking();
    assert_eq!(next(&silence, &settings), Some((100, Care::FirstResponse)), "not both at once");
    silence.agent_wrote(at(20));
    silence.contact_wrote(at(25));
    assert_eq!(next(&silence, &settings), Some((55, Care::AgentResponse)));
}

#[test]
fn t_07_wap_36_the_customer_response_runs_from_the_agents_last_message() {
    let settings = settings(json!({ "customer_response": "60s" }));
    let mut silence = talking();
    assert_eq!(next(&silence, &settings), None);
    silence.agent_wrote(at(20));
    silence.agent_wrote(at(40));
    assert_eq!(next(&silence, &settings), Some((100, Care::CustomerResponse)), "restarted by the agent");
    silence.contact_wrote(at(50));
    assert_eq!(next(&silence, &settings), None);
}

#[test]
fn t_08_t_09_t_10_t_11_dyd_03_dyd_05_one_silence_carries_four_timers_and_one_message_restarts_them() {
    let settings = settings(json!({
        "visitor_timeout": "300s", "warning": "30s", "nudge": { "after": "60s", "text": {} },
        "reengagement": { "after": "120s", "text": {} },
    }));
    let mut silence = talking();
    silence.agent_wrote(at(12));
    let mut fired = Vec::new();
    while let Some((when, care)) = next(&silence, &settings) {
        fired.push((when, care));
        silence.fire(care);
    }
    let all = [Care::Nudge, Care::Reengagement, Care::Warning, Care::VisitorTimeout];
    assert_eq!(fired, [70, 130, 280, 310].into_iter().zip(all).collect::<Vec<_>>(), "once each, from the accept");
    silence.contact_wrote(at(305));
    assert_eq!(next(&silence, &settings), Some((365, Care::Nudge)), "another silence");
    silence.leave();
    assert_eq!(next(&silence, &settings), None, "all stop together");
}

#[test]
fn t_12_dyd_09_p_22_the_notice_stops_when_the_desk_is_back() {
    let settings = settings(json!({ "disconnected": { "after": "15s", "text": {} } }));
    let mut silence = talking();
    silence.connection(true, at(30));
    assert_eq!(next(&silence, &settings), Some((45, Care::Disconnected)));
    silence.connection(false, at(40));
    assert_eq!(next(&silence, &settings), None);
}

#[test]
fn t_16_t_17_wap_38_wap_39_p_15_promises_run_from_the_first_message() {
    let service = serde_json::from_value(json!({ "first_response": "1m", "resolution": "10m" })).expect("times");
    let settings = ConversationSettings::default();
    let mut silence = Silence { promises: Promises::made(service, None, START), ..Silence::default() };
    assert_eq!(next(&silence, &settings), Some((60, Care::FirstResponsePromise)));
    silence.accepted(at(10));
    silence.agent_wrote(at(20));
    assert_eq!(silence.done(Promised::FirstResponse, at(20)), Some(at(60)), "an answer in time keeps it");
    assert_eq!(silence.done(Promised::FirstResponse, at(30)), None, "once");
    assert_eq!(next(&silence, &settings), Some((600, Care::ResolutionPromise)));
    silence.fire(Care::ResolutionPromise);
    silence.accepted(at(700));
    assert_eq!(next(&silence, &settings), None, "a promise is broken once");
    assert_eq!(silence.done(Promised::Resolution, at(800)), None, "too late to keep it");
    silence.end();
    let states = [Promised::FirstResponse, Promised::Resolution].map(|which| silence.promised(which));
    let states = states.map(|promised| promised.map(|(promise, state)| (promise.done_at, state)));
    let expected = [(Some(at(20)), PromiseState::Kept), (Some(at(800)), PromiseState::Broken)];
    assert_eq!(states, expected.map(Some), "what became of them can be read afterwards");
}

#[test]
fn wap_41_p_15_what_is_left_of_a_promise_is_business_time() {
    let hours = serde_json::from_value(json!({
        "zone": "UTC", "weekly": { "thursday": [{ "from": "09:00", "to": "10:00" }] }
    }));
    let zone = ZoneRules { name: "UTC".into(), version: "test".into(), offsets: vec![(0, 0)] };
    let calendar = Arc::new(Calendar::new(hours.expect("hours"), Arc::new(zone)).expect("a calendar"));
    let id = CalendarId::new("hours").expect("a name");
    // 1970-01-01 was a Thursday.
    let clock = |hours: i64, minutes: i64| Timestamp((hours * 60 + minutes) * 60_000);
    let service = serde_json::from_value(json!({ "first_response": "1h30m" })).expect("times");
    let promises = Promises::made(service, Some(Open::During(&id, &calendar)), clock(9, 15));
    let promise = promises.first_response.expect("it is promised");
    let week = 7 * 24;
    assert_eq!((promise.due, &promise.hours), (clock(week + 9, 45), &Some(id.clone())));
    for (now, minutes) in
        [(clock(9, 15), 90), (clock(9, 45), 60), (clock(10, 0), 45), (clock(50, 0), 45), (clock(week + 9, 40), 5)]
    {
        assert_eq!(promise.remaining(Some(&calendar), now), Duration::from_secs(60 * minutes), "{now}");
    }
    assert_eq!(promise.remaining(None, clock(week + 9, 0)), Duration::from_secs(45 * 60), "every hour counts");
    let never = Promises::made(service, Some(Open::Always), clock(9, 15)).first_response.expect("promised");
    assert_eq!((never.due, never.hours), (clock(10, 45), None));
}

#[test]
fn timers_that_take_turns_after_an_outage_wait_for_theirs() {
    let settings = settings(json!({ "disconnected": { "after": "15s", "text": {} } }));
    let mut silence = talking();
    silence.connection(true, at(30));
    let outage = Outage { from: at(40), to: at(100) };
    let next = |silence: &Silence| silence.next(&settings, outage).map(|(at, _)| at);
    assert_eq!(next(&silence), Some(at(100)), "it passed while nobody was there");
    assert!(silence.needs_turn(Care::Disconnected, &settings, outage));
    silence.take_turn(at(107));
    assert_eq!(next(&silence), Some(at(107)));
    assert!(!silence.needs_turn(Care::Disconnected, &settings, outage));
    let again = Outage { from: at(105), to: at(200) };
    assert!(silence.needs_turn(Care::Disconnected, &settings, again), "the turn itself passed in this outage");
    assert_eq!(silence.next(&settings, again).map(|(at, _)| at), Some(at(200)));
    silence.fire(Care::Disconnected);
    assert_eq!(next(&silence), None);
}

#[test]
fn a_touchpoint_chooses_what_an_outage_does() {
    let settings = settings(json!({ "visitor_timeout": "60s", "restart": { "visitor_timeout": "fire" } }));
    let outage = Outage { from: at(40), to: at(100) };
    assert_eq!(talking().next(&settings, outage), Some((at(70), Care::VisitorTimeout)));
}

#[test]
fn t_18_wap_06_p_20_each_message_of_the_contact_opens_the_window_again() {
    let settings = settings(json!({ "messaging_window": "24h" }));
    let mut silence = talking();
    assert_eq!(silence.window_until(&settings), Some(at(86_400)));
    silence.agent_wrote(at(100));
    silence.contact_wrote(at(200));
    assert_eq!(silence.window_until(&settings), Some(at(86_600)));
    assert_eq!(silence.window_until(&ConversationSettings::default()), None);
}

#[test]
fn each_restart_policy_does_what_it_says() {
    let outage = Outage { from: at(100), to: at(160) };
    for (policy, deadline, becomes) in [
        (RestartPolicy::Fire, 130, Some(130)),
        (RestartPolicy::Grace, 130, Some(160 + OUTAGE_GRACE.as_secs())),
        (RestartPolicy::Credit, 130, Some(190)),
        (RestartPolicy::Skip, 130, None),
        (RestartPolicy::Paced, 130, Some(160)),
        (RestartPolicy::Paced, 170, Some(170)),
        (RestartPolicy::Skip, 161, Some(161)),
        (RestartPolicy::Credit, 1_000, Some(1_060)),
        (RestartPolicy::Grace, 1_000, Some(1_000)),
        (RestartPolicy::Credit, 90, Some(90)),
    ] {
        assert_eq!(outage.applied(policy, at(0), at(deadline)), becomes.map(at), "{policy:?} {deadline}");
    }
    let after = outage.applied(RestartPolicy::Credit, at(170), at(200));
    assert_eq!(after, Some(at(200)), "what began after the outage is not touched by it");
}

proptest! {
    /// Whatever happens, a timer fires at most once between two events that start it, and a stored silence goes on
    /// as the one in memory.
    #[test]
    fn p_12_a_timer_fires_once_per_silence_and_survives_storage(
        events in vec((select(&[0_u8, 1, 2, 3, 4][..]), 0..100_u64), 1..60),
    ) {
        let settings = settings(json!({
            "visitor_timeout": "90s", "warning": "30s", "nudge": { "after": "20s", "text": {} },
            "agent_response": { "after": "40s" }, "customer_response": "50s",
        }));
        let (mut silence, mut now) = (talking(), 10);
        for (event, pause) in events {
            now += pause;
            let mut fired = BTreeSet::new();
            while let Some((_, care)) = next(&silence, &settings).filter(|(when, _)| *when <= now) {
                prop_assert!(fired.insert(care), "{care:?} fired twice");
                silence.fire(care);
            }
            match event {
                0 => silence.contact_wrote(at(now)),
                1 => silence.agent_wrote(at(now)),
                2 => silence.accepted(at(now)),
                3 => silence.leave(),
                _ => silence.connection(pause % 2 == 0, at(now)),
            }
            silence.rearm(&settings, Outage::default());
            let stored = serde_json::to_string(&silence).expect("a silence is JSON");
            prop_assert_eq!(&serde_json::from_str::<Silence>(&stored).expect("and reads back"), &silence);
        }
    }
}
