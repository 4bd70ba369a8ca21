//! What providers do to a runtime: the same message again, late, and in any order. And a line of contacts that outlives
//! the process.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use routewright_engine::{
    InteractionId, Timestamp,
    capacity::WorkState,
    event::{AgentAction, PresenceStatus},
    fact::{Fact, FactRecord},
};
use routewright_runtime::{InteractionFilter, InteractionState, ManualClock, Runtime, Submitted, store::SqliteStore};

use crate::support::{START, accept, acme, agent, ana, furnish, heard, open, presence, sound, wrote};

const CONTACTS: usize = 6;
const MESSAGES: usize = 8;
const COPIES: usize = 3;

/// One delivery: which contact's which message.
type Delivery = (usize, usize);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn messages_repeated_and_out_of_order_are_each_heard_once() {
    for seed in [1, 7, 42] {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let clock = Arc::new(ManualClock::new(START));
        let runtime = open(directory.path(), &clock).await;
        furnish(&runtime).await;
        let mut answers = Answers::default();
        let deliveries = shuffled(seed);
        let (early, late) = deliveries.split_at(deliveries.len() / 2);
        answers.gather(&runtime, early).await;
        runtime.close().await;
        let runtime = open(directory.path(), &clock).await;
        answers.gather(&runtime, late).await;

        for ((contact, message), given) in &answers.0 {
            let first: Vec<_> = given.iter().filter(|answer| !answer.repeated).collect();
            let [first] = first[..] else {
                panic!("seed {seed}: c{contact} m{message} was heard {} times", first.len())
            };
            assert_eq!(given.len(), COPIES, "every delivery is answered");
            assert!(given.iter().all(|answer| answer.answer == first.answer), "seed {seed}: a repeat got {given:?}");
        }
        let all = runtime.interactions(acme(), InteractionFilter::default(), None, 100).await.expect("it reads");
        assert_eq!(all.len(), CONTACTS, "seed {seed}: one conversation for each contact");
        for view in all {
            let timeline = runtime.timeline(acme(), view.interaction.id).await.expect("it reads");
            assert_eq!(paged(&runtime, view.interaction.id).await, timeline, "a page goes on where the last one ended");
            let received = timeline.iter().filter(|record| matches!(record.fact, Fact::MessageReceived { .. })).count();
            assert_eq!(received, MESSAGES, "seed {seed}: {} heard each message once", view.interaction.id);
        }
        sound(&runtime).await;
    }
}

/// Receipts were objects once. Rows and journal that have them are as good as any.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_that_an_older_version_heard_gets_its_first_answer() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let clock = Arc::new(ManualClock::new(START));
    let runtime = open(directory.path(), &clock).await;
    furnish(&runtime).await;
    let first = runtime.submit(wrote("+331", "m1", "hi")).await.expect("it is heard");
    let (id, _) = heard(&first);
    runtime.close().await;
    let database = rusqlite::Connection::open(directory.path().join(SqliteStore::FILE)).expect("it opens");
    let (list, object) = (r#"["m1",1]"#, format!(r#"{{"event_id":"m1","interaction":"{id}","turn":1}}"#));
    for (table, kind) in [("interactions", "TEXT"), ("journal", "BLOB")] {
        let older = format!(
            "UPDATE {table} SET body = CAST(replace(CAST(body AS TEXT), ?1, ?2) AS {kind})
             WHERE instr(CAST(body AS TEXT), ?1)"
        );
        assert_eq!(database.execute(&older, [list, &object]), Ok(1), "{table} has it once");
    }
    drop(database);

    let runtime = open(directory.path(), &clock).await;
    sound(&runtime).await;
    let again = runtime.submit(wrote("+331", "m1", "hi")).await.expect("it is heard");
    assert_eq!((&again.answer, again.repeated), (&first.answer, true));
    let next = runtime.submit(wrote("+331", "m2", "hm")).await.expect("it is heard");
    assert_eq!((heard(&next).0, next.repeated), (id, false));
    sound(&runtime).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_that_comes_again_after_its_conversation_ended_opens_no_new_one() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let clock = Arc::new(ManualClock::new(START));
    let runtime = open(directory.path(), &clock).await;
    furnish(&runtime).await;
    runtime.submit(presence(PresenceStatus::Available)).await.expect("she comes");
    let first = runtime.submit(wrote("+331", "m1", "hi")).await.expect("it is heard");
    let (over, _) = heard(&runtime.submit(wrote("+331", "m2", "sales")).await.expect("it is heard"));
    let offers = runtime.agent(&acme(), &ana()).expect("she is known").offers;
    let WorkState::Offered { offer, .. } = offers[0].state else { panic!("an offer: {offers:?}") };
    runtime.submit(accept(offer)).await.expect("it is hers");
    runtime.submit(agent(AgentAction::Close { interaction: over })).await.expect("it ends");
    runtime
        .submit(agent(AgentAction::Finish { interaction: over, disposition: None, answers: Default::default() }))
        .await
        .expect("it is done");

    let again = runtime.submit(wrote("+331", "m1", "hi")).await.expect("it is heard");
    assert_eq!((&again.answer, again.repeated), (&first.answer, true), "while nothing else was said");
    let (next, _) = heard(&runtime.submit(wrote("+331", "m3", "hello again")).await.expect("it is heard"));
    assert_ne!(next, over, "a new message opens a new conversation");
    runtime.close().await;
    let runtime = open(directory.path(), &clock).await;
    let late = runtime.submit(wrote("+331", "m1", "hi")).await.expect("it is heard");
    assert_eq!((&late.answer, late.repeated), (&first.answer, true), "in the next conversation and after a restart");
    let all = runtime.interactions(acme(), InteractionFilter::default(), None, 100).await.expect("it reads");
    assert_eq!(all.len(), 2);
    sound(&runtime).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_contact_in_line_keeps_its_place_across_restarts_and_declines() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let clock = Arc::new(ManualClock::new(START));
    let mut runtime = open(directory.path(), &clock).await;
    furnish(&runtime).await;
    let reopen = async |runtime: Runtime| {
        runtime.close().await;
        clock.advance(Duration::from_secs(1));
        open(directory.path(), &clock).await
    };
    for contact in ["c0", "c1", "c2"] {
        runtime.submit(wrote(contact, "m1", "hi")).await.expect("it is heard");
        runtime.submit(wrote(contact, "m2", "sales")).await.expect("it is heard");
        clock.advance(Duration::from_secs(1));
    }
    let before = line(&runtime).await;
    runtime = reopen(runtime).await;
    assert_eq!(line(&runtime).await, before, "nobody moved");
    runtime.submit(wrote("late", "m1", "hi")).await.expect("it is heard");
    runtime.submit(wrote("late", "m2", "sales")).await.expect("it is heard");

    runtime.submit(presence(PresenceStatus::Available)).await.expect("she comes");
    let mut offers = runtime.agent(&acme(), &ana()).expect("she is known").offers;
    offers.sort_by_key(|work| match work.state {
        WorkState::Offered { offer, .. } => offer,
        WorkState::Waiting | WorkState::Active { .. } | WorkState::WrapUp { .. } => panic!("an offer: {work:?}"),
    });
    let offered: Vec<_> = offers.iter().map(|work| (work.since, work.interaction)).collect();
    assert_eq!(offered, before, "those who came before the restart come first, in their order");
    let WorkState::Offered { offer, .. } = offers[0].state else { panic!("an offer: {offers:?}") };
    runtime.submit(agent(AgentAction::Decline { offer })).await.expect("she declines");
    assert_eq!(line(&runtime).await, before[..1], "back at its place, before whoever comes next");
    runtime = reopen(runtime).await;
    assert_eq!(line(&runtime).await, before[..1]);
    sound(&runtime).await;
}

/// Who waits and since when, first in line first.
async fn line(runtime: &Runtime) -> Vec<(Timestamp, InteractionId)> {
    let waiting = InteractionFilter { state: Some(InteractionState::Waiting), ..InteractionFilter::default() };
    let found = runtime.interactions(acme(), waiting, None, 100).await.expect("it reads");
    let mut line: Vec<_> =
        found.into_iter().filter_map(|view| view.work).map(|work| (work.since, work.interaction)).collect();
    line.sort_unstable();
    line
}

/// A timeline as a stream reads it: a few facts, then those after the last of them.
async fn paged(runtime: &Runtime, id: InteractionId) -> Vec<FactRecord> {
    let (mut facts, mut after) = (Vec::new(), 0);
    loop {
        let page = runtime.timeline_after(acme(), id, after, 3).await.expect("it reads");
        let Some(last) = page.last() else { return facts };
        after = last.position;
        facts.extend(page.into_iter().map(|entry| entry.fact));
    }
}

/// What each delivery was answered.
#[derive(Default)]
struct Answers(BTreeMap<Delivery, Vec<Submitted>>);

impl Answers {
    /// Delivers at once, as the connections of a provider do.
    async fn gather(&mut self, runtime: &Runtime, deliveries: &[Delivery]) {
        let deliver = |(contact, message): Delivery| {
            let runtime = runtime.clone();
            tokio::spawn(
                async move { runtime.submit(wrote(&format!("c{contact}"), &format!("m{message}"), "sales")).await },
            )
        };
        let under_way: Vec<_> = deliveries.iter().map(|delivery| (*delivery, deliver(*delivery))).collect();
        for (delivery, answer) in under_way {
            let answer = answer.await.expect("no panic").expect("it is heard");
            self.0.entry(delivery).or_default().push(answer);
        }
    }
}

/// Every message of every contact so many times, in an order that the seed decides.
fn shuffled(seed: u64) -> Vec<Delivery> {
    let mut deck: Vec<Delivery> =
        (0..CONTACTS * MESSAGES * COPIES).map(|n| (n % CONTACTS, n / CONTACTS % MESSAGES)).collect();
    let mut state = seed;
    for last in (1..deck.len()).rev() {
        // Knuth's multiplier; the high bits are the good ones.
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let other = usize::try_from(state >> 33).expect("31 bits") % (last + 1);
        deck.swap(last, other);
    }
    deck
}
