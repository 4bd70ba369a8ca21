//! What is kept for a time only: it leaves with the groups that are written anyway, a little with each, and nothing
//! leaves that a live interaction or a repeated message needs.

use std::{path::Path, sync::Arc, time::Duration};

use routewright_engine::{contact::ContactKey, event::Input, fact::FactRecord};
use routewright_runtime::{
    Change, DocumentKind, Expect, InteractionFilter, InteractionState, ManualClock, Options, Runtime,
    limits::{GROUPS_PRUNED_MAX, IDEMPOTENCY_KEPT, JOURNAL_KEPT_MIN, SWEEP_EVERY, SWEPT_PER_GROUP_MAX},
    store::{SqliteStore, Store},
};
use serde_json::json;

use crate::support::{START, acme, eventually, furnish, heard, open, options, put, sound, wrote};

const DAY: Duration = Duration::from_hours(24);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn first_answers_leave_in_small_batches_once_they_are_too_old() {
    let batch = SWEPT_PER_GROUP_MAX as usize;
    let n_old = 2 * batch + batch / 2;
    let directory = tempfile::tempdir().expect("a temporary directory");
    let clock = Arc::new(ManualClock::new(START));
    let runtime = open(directory.path(), &clock).await;
    furnish(&runtime).await;
    keep_answers(&runtime, "old", n_old).await;
    clock.advance(IDEMPOTENCY_KEPT);
    keep_answers(&runtime, "young", 3).await;
    assert_eq!(kept(&runtime).await, n_old + 3, "they are kept for as long as it says");
    clock.advance(SWEEP_EVERY);
    let mut left = Vec::new();
    for n in 0..4 {
        runtime.submit(wrote(&format!("c{n}"), "m1", "hi")).await.expect("it is heard");
        left.push(kept(&runtime).await);
    }
    assert_eq!(left, [n_old + 3 - batch, n_old + 3 - 2 * batch, 3, 3], "a batch with each group, and the young stay");
    sound(&runtime).await;
    let again = answer("old-0");
    runtime.write(acme(), "test".to_owned(), vec![again]).await.expect("a key may be used again after its time");
    sound(&runtime).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_journal_leaves_up_to_what_a_live_interaction_needs() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let clock = Arc::new(ManualClock::new(START));
    let mut runtime = keeping(directory.path(), &clock, DAY).await;
    furnish(&runtime).await;
    runtime.write(acme(), "test".to_owned(), patient()).await.expect("the settings are sound");
    for n in 0..40 {
        runtime.submit(wrote(&format!("early{n}"), "m1", "hi")).await.expect("it is heard");
    }
    let (parked, said) = heard(&runtime.submit(patiently("parked", "m1")).await.expect("it is heard"));
    let whole = runtime.timeline(acme(), parked).await.expect("it reads");
    runtime.submit(wrote("later", "m1", "hi")).await.expect("it is heard");
    let reopen = async |runtime: Runtime| {
        runtime.close().await;
        keeping(directory.path(), &clock, DAY).await
    };

    // A day is asked for and seven are kept.
    clock.advance(JOURNAL_KEPT_MIN - DAY);
    write_some(&runtime, "week", 4).await;
    clock.advance(Duration::from_hours(1));
    live_are(&runtime, 1).await;
    runtime = reopen(runtime).await;
    assert_eq!(seqs(directory.path())[0], 1, "never less than a provider's patience");
    clock.advance(2 * DAY);
    let before = seqs(directory.path());
    write_some(&runtime, "after", 1).await;
    let gone = u64::from(GROUPS_PRUNED_MAX);
    assert_eq!(seqs(directory.path()).first(), Some(&(before[0] + gone)), "a bounded number with each group");
    write_some(&runtime, "later", 20).await;
    let first = seqs(directory.path())[0];
    assert!(40 < first, "groups of conversations that are over have left: {first}");
    assert_eq!(runtime.timeline(acme(), parked).await.expect("it reads"), whole, "a live one keeps its whole timeline");
    sound(&runtime).await;

    // Everything goes on from what is left, and the repeated message gets its first answer.
    runtime = reopen(runtime).await;
    sound(&runtime).await;
    let again = runtime.submit(patiently("parked", "m1")).await.expect("it is heard");
    assert_eq!((heard(&again), again.repeated), ((parked, said), true));
    write_some(&runtime, "more", 2).await;
    assert_eq!(seqs(directory.path())[0], first, "it stops at the live one");

    // Once it is over, its groups may leave too.
    clock.advance(31 * DAY);
    live_are(&runtime, 0).await;
    clock.advance(JOURNAL_KEPT_MIN + DAY);
    write_some(&runtime, "end", 8).await;
    assert!(first < seqs(directory.path())[0]);
    let left: Vec<FactRecord> = runtime.timeline(acme(), parked).await.expect("it reads");
    assert!(left.len() < whole.len(), "what is no longer kept is no longer told: {left:?}");
    sound(&runtime).await;
    runtime = reopen(runtime).await;
    sound(&runtime).await;
}

/// First answers under keys of their own.
async fn keep_answers(runtime: &Runtime, name: &str, n: usize) {
    let changes = (0..n).map(|n| answer(&format!("{name}-{n}"))).collect();
    runtime.write(acme(), "test".to_owned(), changes).await.expect("they are kept");
}

fn answer(key: &str) -> Change {
    Change::Put { kind: DocumentKind::Idempotency, id: key.to_owned(), expect: Expect::Absent, body: json!({}) }
}

async fn kept(runtime: &Runtime) -> usize {
    runtime.documents(acme(), DocumentKind::Idempotency, None, 1_000).await.expect("it reads").len()
}

async fn keeping(directory: &Path, clock: &Arc<ManualClock>, length: Duration) -> Runtime {
    let options = Options { journal_kept: Some(length), ..options(directory, clock) };
    Runtime::open(options).await.expect("it opens")
}

/// A touchpoint whose flow waits for a month, whatever the contact says.
fn patient() -> Vec<Change> {
    let flow = json!({
        "schema": 1, "id": "patient", "title": { "en": "Patient" }, "entry": "greet",
        "nodes": {
            "greet": { "kind": "send_message", "config": { "text": { "en": "See you in spring" } }, "exits": { "done": "pause" } },
            "pause": { "kind": "wait", "config": { "for": "30d" }, "exits": { "done": { "end": "spring" } } },
        },
    });
    let touchpoint = json!({
        "channel": "webchat", "default_skill": "sales", "default_flow": "patient", "locale": "en", "active": true
    });
    vec![
        put(DocumentKind::FlowVersion, "patient@1", json!({ "document": flow })),
        put(DocumentKind::Release, "patient", json!({ "live": 1 })),
        put(DocumentKind::Touchpoint, "slow", touchpoint),
    ]
}

/// A message to that touchpoint.
fn patiently(address: &str, event: &str) -> Input {
    let Input::ContactWrote(mut wrote) = wrote(address, event, "hi") else { unreachable!("a contact wrote") };
    wrote.from = ContactKey { touchpoint: "slow".parse().expect("a valid name"), ..wrote.from };
    Input::ContactWrote(wrote)
}

/// Groups that carry what is too old away, one after the other.
async fn write_some(runtime: &Runtime, name: &str, n: usize) {
    for n in 0..n {
        runtime.submit(wrote(&format!("{name}{n}"), "m1", "hi")).await.expect("it is heard");
    }
}

/// Waits until all that is due has happened.
async fn live_are(runtime: &Runtime, n: usize) {
    let live = InteractionFilter { state: Some(InteractionState::Live), ..InteractionFilter::default() };
    let count = async || runtime.interactions(acme(), live.clone(), None, 1_000).await.expect("it reads").len();
    eventually("the others are over", async || count().await == n).await;
}

/// The groups of the journal, read beside the runtime.
fn seqs(directory: &Path) -> Vec<u64> {
    let copy = tempfile::tempdir().expect("a temporary directory");
    let to = copy.path().join(SqliteStore::FILE);
    routewright_runtime::store::backup(directory, &to).expect("a copy is made");
    let store = SqliteStore::open(copy.path()).expect("the copy opens");
    let journal = store.reader().expect("a reader opens").journal(0, u32::MAX).expect("it reads");
    journal.iter().map(|row| row.seq).collect()
}
