//! What must survive (requirements/durability.md, tests 1, 3, 5 and 7): a writer that dies at every commit, before or
//! after the sync, and everything delivered again.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use routewright_engine::{
    InteractionId,
    capacity::WorkState,
    event::{AgentAction, PresenceStatus},
    interaction::Phase,
};
use routewright_runtime::{InteractionFilter, ManualClock, Runtime, Stopped, SubmitError};

use crate::support::{
    Death, Mortal, START, accept, acme, agent, ana, eventually, furnish, heard, is_stopped, open, options, presence,
    settings, sound, web, wrote,
};

/// Contacts of the scripted run; each writes twice.
const CONTACTS: usize = 4;

/// What the runtime said was done.
#[derive(Debug, PartialEq)]
enum Acknowledged {
    Settings,
    Present,
    Heard { interaction: InteractionId, event: String },
    Accepted(InteractionId),
}

/// The scripted run, from whatever was done of it before: every step may be repeated. `Err` when the shard stopped;
/// `done` gathers what was acknowledged until then.
async fn play(runtime: &Runtime, done: &mut Vec<Acknowledged>) -> Result<(), SubmitError> {
    if runtime.catalogue(&acme()).is_none() {
        let written = runtime.write(acme(), "test".to_owned(), settings()).await;
        written.map_err(|_| SubmitError::Stopped)?;
        done.push(Acknowledged::Settings);
    }
    runtime.submit(presence(PresenceStatus::Available)).await?;
    done.push(Acknowledged::Present);
    for contact in 0..CONTACTS {
        for message in 0..2 {
            let event = format!("c{contact}-{message}");
            let (interaction, _) = heard(&runtime.submit(wrote(&format!("c{contact}"), &event, "hi")).await?);
            done.push(Acknowledged::Heard { interaction, event });
        }
        let offers = runtime.agent(&acme(), &ana()).map(|view| view.offers).unwrap_or_default();
        for work in offers {
            if let WorkState::Offered { offer, .. } = work.state {
                runtime.submit(accept(offer)).await?;
                done.push(Acknowledged::Accepted(work.interaction));
            }
        }
    }
    Ok(())
}

/// Everything acknowledged is there, before anything is delivered again.
async fn nothing_is_lost(runtime: &Runtime, done: &[Acknowledged]) {
    for thing in done {
        let holds = match thing {
            Acknowledged::Settings => runtime.catalogue(&acme()).is_some(),
            Acknowledged::Present => {
                runtime.agent(&acme(), &ana()).is_some_and(|view| view.presence == PresenceStatus::Available)
            }
            Acknowledged::Heard { interaction, event } => {
                let view = runtime.interaction(acme(), *interaction).await.expect("it reads");
                view.is_some_and(|view| view.interaction.heard(None, event).is_some())
            }
            Acknowledged::Accepted(interaction) => {
                let view = runtime.interaction(acme(), *interaction).await.expect("it reads");
                view.is_some_and(|view| view.interaction.agent == Some(ana()))
            }
        };
        assert!(holds, "{thing:?} was acknowledged and is lost");
    }
}

/// What every run must come to, however often it was cut: per contact, who has it and what was said to it.
async fn outcome(runtime: &Runtime) -> Vec<String> {
    let list = runtime.interactions(acme(), InteractionFilter::default(), None, 100).await.expect("it reads");
    let mut lines = Vec::new();
    for view in list {
        let work = view.work.map(|work| match work.state {
            WorkState::Waiting => "waiting".to_owned(),
            WorkState::Offered { agent, .. } => format!("offered to {agent}"),
            WorkState::Active { agent, .. } => format!("with {agent}"),
            WorkState::WrapUp { agent, .. } => format!("wrapped up by {agent}"),
        });
        let i = view.interaction;
        assert_eq!(i.phase, Phase::Flow, "the flow runs without a fault");
        let nodes: Vec<_> = i.frames.iter().map(|frame| frame.node.to_string()).collect();
        let heard: Vec<_> = i.receipts.iter().map(|receipt| receipt.event_id.to_string()).collect();
        lines.push(format!("{} {} {nodes:?} {work:?} heard {heard:?} turn {}", i.id, i.contact.address, i.turn));
    }
    lines
}

async fn model() -> (Vec<String>, u64) {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let runtime = open(directory.path(), &Arc::new(ManualClock::new(START))).await;
    play(&runtime, &mut Vec::new()).await.expect("nothing breaks");
    sound(&runtime).await;
    let model = outcome(&runtime).await;
    assert_eq!(model.len(), CONTACTS);
    let commits = runtime.stats().commits;
    runtime.close().await;
    (model, commits)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_writer_that_dies_at_any_commit_loses_nothing_acknowledged_and_doubles_nothing() {
    let (model, n_commits) = model().await;
    assert!(10 < n_commits, "the run has commits to die at: {n_commits}");
    for at in 1..=n_commits {
        for death in [Death::Before, Death::After] {
            let directory = tempfile::tempdir().expect("a temporary directory");
            let done = die_at(directory.path(), at, death).await;
            let runtime = open(directory.path(), &Arc::new(ManualClock::new(START))).await;
            sound(&runtime).await;
            nothing_is_lost(&runtime, &done).await;
            play(&runtime, &mut Vec::new()).await.expect("nothing breaks any more");
            sound(&runtime).await;
            assert_eq!(outcome(&runtime).await, model, "cut {death:?} commit {at}");
            runtime.close().await;
        }
    }
}

async fn die_at(directory: &Path, at: u64, death: Death) -> Vec<Acknowledged> {
    let commits = Arc::new(AtomicU64::new(0));
    let (place, count) = (directory.to_owned(), Arc::clone(&commits));
    let clock = Arc::new(ManualClock::new(START));
    let store = move || Mortal::open(&place, &count, at, death);
    let runtime = Runtime::open_on(options(directory, &clock), store).await.expect("an empty directory opens");
    let mut done = Vec::new();
    assert_eq!(play(&runtime, &mut done).await, Err(SubmitError::Stopped), "commit {at} was reached");
    assert!(matches!(runtime.stopped().await, Stopped::Failed(_)));
    assert!(is_stopped(&runtime.submit(wrote("late", "late", "hi")).await), "nothing is acknowledged any more");
    assert_eq!(commits.load(Ordering::SeqCst), at, "a failed commit is not tried again");
    done
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_repeated_message_gets_its_first_answer_also_after_a_restart() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let clock = Arc::new(ManualClock::new(START));
    let runtime = open(directory.path(), &clock).await;
    furnish(&runtime).await;
    let first = runtime.submit(wrote("+331", "m1", "hi")).await.expect("it is heard");
    assert_eq!(heard(&first).1, ["Hello"]);
    for _ in 0..4 {
        let again = runtime.submit(wrote("+331", "m1", "hi")).await.expect("it is heard");
        assert_eq!((again.answer, again.repeated), (first.answer.clone(), true));
    }
    let commits = runtime.stats().commits;
    assert_eq!(commits, 2, "repeats write nothing");
    runtime.close().await;

    let runtime = open(directory.path(), &clock).await;
    let again = runtime.submit(wrote("+331", "m1", "hi")).await.expect("it is heard");
    assert_eq!((again.answer, again.repeated), (first.answer, true));
    assert_eq!(runtime.stats().commits, 0);
    sound(&runtime).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn work_comes_back_as_it_was_offered_active_and_in_wrap_up() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let clock = Arc::new(ManualClock::new(START));
    let mut runtime = open(directory.path(), &clock).await;
    furnish(&runtime).await;
    let mut groups = runtime.subscribe();
    runtime.submit(presence(PresenceStatus::Available)).await.expect("she comes");
    runtime.submit(wrote("+331", "m1", "hi")).await.expect("it is heard");
    let (id, _) = heard(&runtime.submit(wrote("+331", "m2", "sales")).await.expect("it is heard"));
    assert_eq!(groups.recv().await.expect("a group").group, 2, "subscribers see groups in order");

    let reopen = async |runtime: Runtime| {
        runtime.close().await;
        open(directory.path(), &clock).await
    };
    runtime = reopen(runtime).await;
    let view = runtime.agent(&acme(), &ana()).expect("she is known");
    let [work] = &view.offers[..] else { panic!("one offer: {view:?}") };
    let WorkState::Offered { offer, .. } = work.state else { panic!("offered: {work:?}") };
    runtime.submit(accept(offer)).await.expect("the offer is still open");

    runtime = reopen(runtime).await;
    assert_eq!(runtime.agent(&acme(), &ana()).expect("she is known").conversations.len(), 1);
    let write =
        AgentAction::Write { interaction: id, text: "Good day".to_owned(), event_id: None, attached: Vec::new() };
    runtime.submit(agent(write)).await.expect("the conversation is still hers");

    runtime = reopen(runtime).await;
    let outbox = runtime.outbox(acme(), web(), None, 10).await.expect("it reads");
    let again = runtime.outbox(acme(), web(), None, 10).await.expect("it reads");
    assert_eq!(outbox, again, "a message keeps its id until it is acknowledged");
    assert_eq!(outbox.len(), 1, "what the agent wrote waits for its touchpoint: {outbox:?}");
    runtime.acknowledge(acme(), web(), outbox[0].position).await.expect("it is taken");
    assert_eq!(runtime.outbox(acme(), web(), None, 10).await.expect("it reads"), []);
    runtime.submit(agent(AgentAction::Close { interaction: id })).await.expect("the conversation ends");

    runtime = reopen(runtime).await;
    assert_eq!(runtime.agent(&acme(), &ana()).expect("she is known").wrap_ups.len(), 1);
    clock.advance(std::time::Duration::from_secs(61));
    eventually("the wrap-up closes by itself", async || runtime.stats().wrap_ups == 0).await;
    let timeline = runtime.timeline(acme(), id).await.expect("it reads");
    assert!(timeline.is_sorted_by_key(|fact| fact.at) && 8 < timeline.len(), "{timeline:?}");
    sound(&runtime).await;
}
