//! Rehearsals of small flows: what passes, what fails and how it says so, and what a transcript looks like.

use std::sync::Arc;

use expect_test::expect;
use routewright_flows::{
    Channel, FlowDocument,
    scenario::{Expect, Scenario, ScenarioStep},
};
use serde_json::{Value, json};

use super::{Circumstances, Coverage, Rehearsal, Troupe, record, rehearse};
use crate::{
    fact::FactRecord,
    script::Sandbox,
    switchboard::tests::kit::{document, registry},
};

fn scenario(steps: Value) -> Scenario {
    let scenario =
        json!({ "name": "a sale", "given": { "agents": { "anna": { "skills": { "sales": 1 } } } }, "steps": steps });
    serde_json::from_value(scenario).expect("a scenario")
}

fn played(steps: Value) -> Rehearsal {
    rehearse(&greeting(), &[], &scenario(steps), &registry(), &Arc::new(Sandbox::new()))
}

fn greeting() -> Arc<FlowDocument> {
    let line = json!({ "kind": "line", "config": { "skill": "sales", "seconds": 600 },
                       "exits": { "done": { "end": "served" }, "timeout": { "end": "late" } } });
    let ask = json!({ "kind": "ask", "config": { "seconds": 3600 }, "exits": { "done": "b", "timeout": { "end": "silent" } } });
    let set = json!({ "kind": "set", "config": { "name": "topic", "value": "sales" }, "exits": { "done": "c" } });
    let attributes = json!({ "attributes": { "topic": { "type": "string" } } });
    Arc::new(document("greeting", json!({ "a": ask, "b": set, "c": line }), attributes))
}

#[test]
fn a_conversation_is_played_to_its_end() {
    let rehearsal = played(json!([
        { "contact_says": "hello" },
        { "expect": { "says": [], "at": "a", "waiting_for": [] } },
        { "time_passes": "30m" },
        { "contact_says": "I want to buy" },
        { "expect": { "exits": ["a.done", "b.done"], "attributes": { "topic": "sales" },
                      "waiting_for": ["sales"], "offered_to": "anna" } },
        { "agent_accepts": "anna" },
        { "expect": { "assigned_to": "anna", "waiting_for": [] } },
        { "agent_writes": { "agent": "anna", "text": "Here you are" } },
        { "agent_closes": "anna" },
        { "agent_finishes": { "agent": "anna", "disposition": "sold" } },
        { "expect": { "says": ["Here you are"], "ended": "served", "attributes": { "topic": "sales" }, "answers": {} } },
    ]));
    assert_eq!(rehearsal.failures, []);
    assert!(rehearsal.passed);
    let exits: Vec<String> = rehearsal.exits.iter().map(|(node, exit)| format!("{node}.{exit}")).collect();
    assert_eq!(exits, ["a.done", "b.done", "c.done"]);
    // Instants are aligned to the right; the alignment is not what this shows.
    let told: String = rehearsal.transcript.lines().map(|line| format!("{}\n", line.trim_start())).collect();
    expect![[r#"
        0s | presence_changed agent=anna lease_expired=false status=available
        0s | interaction_opened flow={"flow":"greeting","version":1} touchpoint=rehearsal
        0s | contact: hello
        0s | > a
        30m | contact: I want to buy
        30m | < a.done
        30m | > b
        30m | attribute_set name=topic value=sales
        30m | < b.done
        30m | > c
        30m | enqueued channel=webchat priority=0 requirement={"skills":{"sales":20}}
        30m | offer_made agent=anna expires_at=1768210230000 offer=o1
        30m | offer_accepted agent=anna offer=o1
        30m | agent anna: Here you are
        30m | conversation_closed agent=anna
        30m | wrap_up_started agent=anna until=1768210260000
        30m | < c.done
        30m | interaction_ended disposition=served
        30m | wrap_up_ended agent=anna disposition=sold expired=false
    "#]]
    .assert_eq(&told);
}

#[test]
fn what_is_expected_in_vain_is_told() {
    let rehearsal = played(json!([
        { "agent_accepts": "anna" },
        { "agent_arrives": "zoe" },
        { "contact_leaves": {} },
        { "contact_says": "hello" },
        { "expect": { "at": "b", "says": ["Welcome"], "attributes": { "topic": "sales" } } },
        { "agent_closes": "anna" },
        { "time_passes": "2h" },
        { "expect": { "ended": "served", "assigned_to": "anna" } },
    ]));
    assert!(!rehearsal.passed);
    expect![[r#"
        FAIL a sale
             agent 'anna' has no offer to answer
             agent 'zoe' is not in this world: add him to `given.agents`
             the contact has no conversation at touchpoint 'rehearsal'
             step 4: expected that the contact is sent ["Welcome"], and it is []
             step 4: expected that the interaction waits at "b", and it is "a"
             step 4: expected that the attributes are {"topic":"sales"}, and it is {"topic":null}
             interaction i1 is not in conversation with agent 'anna'
             step 7: expected that the agent is "anna", and it is null
             step 7: expected that the interaction ended as "served", and it is "silent"
    "#]]
    .assert_eq(&rehearsal.report("en"));
    assert_ne!(rehearsal.report("en"), rehearsal.report("fr"));
}

#[test]
fn others_who_wait_come_before_the_contact() {
    let mut scenario = scenario(json!([
        { "contact_says": "hello" },
        { "contact_says": "I want to buy" },
        { "expect": { "waiting_for": ["sales"] } },
        { "agent_accepts": "anna" },
        { "agent_writes": { "agent": "anna", "text": "To somebody else" } },
        { "agent_closes": "anna" },
        { "agent_finishes": { "agent": "anna" } },
        { "expect": { "says": [], "offered_to": "anna" } },
        { "agent_accepts": "anna" },
        { "agent_writes": { "agent": "anna", "text": "To you" } },
        { "expect": { "says": ["To you"], "assigned_to": "anna" } },
    ]));
    let given = json!([{ "skill": "other", "count": 2 }, { "skill": "sales", "count": 3, "waited": "4m" }]);
    scenario.given.waiting = serde_json::from_value(given).expect("contacts");
    let troupe = Troupe::new(&greeting(), &[], &registry(), &Arc::new(Sandbox::new())).expect("a sound flow");
    let (rehearsal, moments) = troupe.watch(&scenario);
    assert_eq!(rehearsal.failures, []);
    assert!(!rehearsal.transcript.contains("somebody else"), "nothing is told of others: {}", rehearsal.transcript);
    let others: Vec<usize> = moments.iter().map(|moment| moment.others.len()).collect();
    assert_eq!(others, [5, 5, 5, 5, 5, 5, 4, 4, 4, 4, 4], "one of three is served, and the contact has his place");

    scenario.given.waiting[1].count = 99;
    let refused = troupe.play(&scenario);
    assert_eq!((&*refused.failures[0].expected, &*refused.failures[0].got), ("at most 100", "101"));
}

#[test]
fn coverage_counts_what_tests_went_through_and_names_what_they_did_not() {
    let silent = played(json!([{ "contact_says": "hello" }, { "time_passes": "2h" }]));
    let sold = played(json!([{ "contact_says": "hello" }, { "contact_says": "buy" }, { "time_passes": "1h" }]));
    let coverage = |rehearsals: &[Rehearsal]| Coverage::of(&greeting(), rehearsals, &registry());
    let none = coverage(&[]);
    assert_eq!((none.percent(), none.nodes.total, none.exits.total), (0, 3, 5));
    let some = coverage(std::slice::from_ref(&silent));
    assert_eq!(some.nodes.missing, ["b", "c"]);
    assert_eq!(some.exits.missing, ["a.done", "b.done", "c.done", "c.timeout"]);
    let both = coverage(&[silent, sold]);
    assert_eq!((both.nodes.missing.len(), both.exits.missing.as_slice()), (0, &["c.done".to_owned()][..]));
    assert_eq!(both.percent(), 87, "seven of eight");
}

#[test]
fn an_update_writes_what_happened_and_what_it_writes_passes() {
    let wrong: Scenario = serde_json::from_value(json!({ "name": "a sale", "steps": [
        { "contact_says": "hello" },
        { "expect": { "at": "c", "says": ["Goodbye"] } },
        { "contact_says": "buy" },
        { "expect": { "attributes": { "topic": "support" }, "waiting_for": [] } },
        { "time_passes": "1h" },
        { "expect": {} },
    ] }))
    .expect("a scenario");
    let play = |scenario: &Scenario| rehearse(&greeting(), &[], scenario, &registry(), &Arc::new(Sandbox::new()));
    let first = play(&wrong);
    assert_eq!(first.failures.len(), 4, "{:?}", first.failures);
    let updated = first.updated(&wrong);
    let ScenarioStep::Expect(last) = &updated.steps[5] else { panic!("the last step expects") };
    assert_eq!(last.ended.as_ref().map(|end| end.as_str()), Some("late"));
    assert_ne!(*last, Expect::default());
    let second = play(&updated);
    assert!(second.passed, "{:?}", second.failures);
    assert_eq!(second.updated(&updated), updated, "an update of what passes changes nothing");
}

#[test]
fn a_conversation_becomes_a_test_that_passes() {
    let scenario = scenario(json!([
        { "contact_says": "hello" }, { "time_passes": "30m" }, { "contact_says": "buy" }, { "time_passes": "10s" },
        { "agent_accepts": "anna" }, { "time_passes": "1m" }, { "agent_writes": { "agent": "anna", "text": "Here" } },
        { "agent_closes": "anna" }, { "agent_finishes": { "agent": "anna", "disposition": "sold" } },
    ]));
    let sandbox = Arc::new(Sandbox::new());
    let troupe = Troupe::new(&greeting(), &[], &registry(), &sandbox).expect("it can be published");
    let (played, moments) = troupe.watch(&scenario);
    assert!(played.passed, "{:?}", played.failures);
    let facts: Vec<FactRecord> = moments.into_iter().flat_map(|moment| moment.facts).collect();
    let circumstances = Circumstances {
        name: "recorded".to_owned(),
        channel: Channel::Webchat,
        locale: "fr".parse().expect("a locale"),
        contact: Default::default(),
    };
    let recorded = record(circumstances, &facts);
    let again = rehearse(&greeting(), &[], &recorded, &registry(), &Arc::new(Sandbox::new()));
    assert!(again.passed, "{recorded:#?}\n{:#?}\n{}", again.failures, again.transcript);
    let ended = recorded.steps.iter().filter_map(|step| match step {
        ScenarioStep::Expect(expect) => expect.ended.as_ref(),
        _ => None,
    });
    assert_eq!(ended.map(|end| end.as_str()).collect::<Vec<_>>(), ["served"]);
}
