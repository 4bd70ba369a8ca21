//! Deadlines (requirements/durability.md, tests 8 and 9): none early, none lost, and no avalanche holds a contact up.

use std::{sync::Arc, time::Duration};

use routewright_engine::fact::Fact;
use routewright_runtime::{InteractionFilter, InteractionState, ManualClock, Options, Runtime};

use crate::support::{START, acme, eventually, furnish, heard, open, options, sound, wrote};

async fn live(runtime: &Runtime) -> usize {
    let filter = InteractionFilter { state: Some(InteractionState::Live), ..InteractionFilter::default() };
    runtime.interactions(acme(), filter, None, 1_000).await.expect("it reads").len()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deadline_survives_restarts_and_is_neither_early_nor_lost() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let clock = Arc::new(ManualClock::new(START));
    let runtime = open(directory.path(), &clock).await;
    furnish(&runtime).await;
    let (id, _) = heard(&runtime.submit(wrote("+331", "m1", "hi")).await.expect("it is heard"));
    runtime.close().await;

    // Across the near window, up to the last millisecond of the hour.
    clock.set(START + Duration::from_millis(3_599_999));
    let runtime = open(directory.path(), &clock).await;
    runtime.submit(wrote("+332", "m1", "hi")).await.expect("it is heard");
    assert_eq!((live(&runtime).await, runtime.stats().timers_fired), (2, 0), "none is early");
    // A clock that is set back does not turn time back, nor does it stop what is due later.
    clock.set(START);
    runtime.submit(wrote("+333", "m1", "hi")).await.expect("it is heard");
    clock.set(START + Duration::from_hours(1));
    eventually("the hour is over", async || live(&runtime).await == 2).await;
    let timeline = runtime.timeline(acme(), id).await.expect("it reads");
    let end = timeline.iter().find(|fact| matches!(fact.fact, Fact::InteractionEnded { .. })).expect("it ended");
    assert_eq!(end.at, START + Duration::from_hours(1));
    sound(&runtime).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn ten_thousand_deadlines_at_once_let_contacts_through() {
    const PARKED: usize = 10_000;
    let directory = tempfile::tempdir().expect("a temporary directory");
    let clock = Arc::new(ManualClock::new(START));
    let options = Options { in_hand_max: 100, mailbox_max: 2 * PARKED, ..options(directory.path(), &clock) };
    let runtime = Runtime::open(options).await.expect("it opens");
    furnish(&runtime).await;
    let parked: Vec<_> = (0..PARKED)
        .map(|n| {
            let runtime = runtime.clone();
            tokio::spawn(async move { runtime.submit(wrote(&format!("p{n}"), "m1", "hi")).await })
        })
        .collect();
    for contact in parked {
        contact.await.expect("no panic").expect("it is heard");
    }
    let before = runtime.stats();
    assert!(before.commits < 2_000, "inputs in flight share commits: {before:?}");

    clock.advance(Duration::from_hours(1));
    let mut fired_at_answer = Vec::new();
    for n in 0..20 {
        runtime.submit(wrote(&format!("live{n}"), "m1", "hi")).await.expect("it is heard");
        fired_at_answer.push(runtime.stats().timers_fired);
    }
    let first = fired_at_answer[0];
    assert!(first < PARKED as u64 / 2, "a contact does not wait for the avalanche: {fired_at_answer:?}");
    eventually("all have fired", async || runtime.stats().timers_fired == PARKED as u64).await;
    let filter = InteractionFilter { state: Some(InteractionState::Live), ..InteractionFilter::default() };
    let left = runtime.interactions(acme(), filter, None, 1_000).await.expect("it reads");
    assert_eq!(left.len(), 20, "each fired once, and only those that were due");
    sound(&runtime).await;
}
