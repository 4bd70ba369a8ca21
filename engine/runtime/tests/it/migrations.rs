//! What becomes of those in flight when another version goes live: a thousand contacts wait at a node that it removes.

use std::{
    collections::BTreeMap,
    path::Path,
    sync::{Arc, atomic::AtomicU64},
    time::Duration,
};

use routewright_engine::{
    InteractionId,
    capacity::WorkState,
    fact::Fact,
    interaction::{FlowVersion, Phase},
    visits::{Counted, VersionVisits},
};
use routewright_flows::FlowId;
use routewright_runtime::{
    Change, DocumentKind, InteractionFilter, InteractionState, ManualClock, Runtime, VersionOccupancy, WriteError,
};
use serde_json::{Value, json};

use crate::support::{Death, Mortal, START, acme, eventually, furnish, open, options, put, sound, wrote};

const CONTACTS: usize = 1_000;

/// A flow that asks at a node of this name and kind, and ends as its only way says.
fn asking(node: &str, kind: &str, config: Value) -> Value {
    let end = |how: &str| json!({ "end": how });
    let exits = match kind {
        "menu" => json!({ "yes": end("bought"), "no_match": end("unclear"), "timeout": "line" }),
        _ => json!({ "answered": "thanks", "timeout": "line", "no_match": end("unclear") }),
    };
    let mut flow = json!({
        "schema": 1, "id": "welcome", "entry": "greet",
        "attributes": { "name": { "type": "string" } },
        "nodes": {
            "greet": { "kind": "send_message", "config": { "text": { "en": "Hello" } }, "exits": { "done": node } },
            "thanks": { "kind": "send_message", "config": { "text": { "en": "Thank you" } }, "exits": { "done": end("named") } },
            "line": { "kind": "require_skills", "config": { "skills": { "sales": 20 } }, "exits": { "done": "queue" } },
            "queue": { "kind": "enqueue", "config": {}, "exits": { "ended": end("handled"), "timeout": end("nobody") } },
        },
    });
    flow["nodes"][node] = json!({ "kind": kind, "config": config, "exits": exits });
    flow
}

fn menu(node: &str, question: &str) -> Value {
    let config = json!({
        "text": { "en": question }, "timeout": "20h", "attempts": 3,
        "options": [{ "id": "yes", "label": { "en": "Yes" }, "match": ["1"] }],
    });
    asking(node, "menu", config)
}

fn version(number: u32, document: Value) -> Change {
    put(DocumentKind::FlowVersion, &format!("welcome@{number}"), json!({ "document": document }))
}

/// Makes a version live; those on others are pinned.
fn release(live: u32) -> Change {
    put(DocumentKind::Release, "welcome", json!({ "live": live }))
}

async fn write(runtime: &Runtime, changes: Vec<Change>) -> Result<(), WriteError> {
    runtime.write(acme(), "test".to_owned(), changes).await.map(drop)
}

/// Every contact of a range writes once, all at the same time.
async fn all_write(runtime: &Runtime, contacts: std::ops::Range<usize>, message: &str, text: &str) {
    let mut writing = tokio::task::JoinSet::new();
    for contact in contacts {
        let (runtime, text, event) = (runtime.clone(), text.to_owned(), format!("c{contact}-{message}"));
        writing.spawn(async move { runtime.submit(wrote(&format!("c{contact}"), &event, &text)).await });
    }
    while let Some(written) = writing.join_next().await {
        written.expect("no panic").expect("the contact is heard");
    }
}

/// A centre whose contacts all wait at `choose` of version 1.
async fn crowd(runtime: &Runtime, contacts: usize) {
    furnish(runtime).await;
    // `welcome@1` is the usual flow of these tests, and versions never change.
    write(runtime, vec![version(11, menu("choose", "Buy?")), release(11)]).await.expect("it is sound");
    all_write(runtime, 0..contacts, "first", "hi").await;
}

fn welcome() -> FlowId {
    "welcome".parse().expect("an id")
}

async fn occupancy(runtime: &Runtime) -> Vec<VersionOccupancy> {
    runtime.occupancy(acme(), welcome()).await.expect("the shard answers")
}

/// How many wait at which node of which version.
async fn places(runtime: &Runtime) -> BTreeMap<String, usize> {
    let versions = occupancy(runtime).await;
    let nodes = versions.iter().flat_map(|of| of.nodes.iter().map(move |node| (of.version, node)));
    nodes.map(|(version, node)| (format!("{version} {}", node.node), node.waiting)).collect()
}

/// How many interactions ended how.
async fn ends(runtime: &Runtime) -> BTreeMap<String, usize> {
    let mut ends = BTreeMap::new();
    for interaction in everyone(runtime).await {
        if let Phase::Ended { disposition, .. } = &interaction.phase {
            *ends.entry(disposition.to_string()).or_default() += 1;
        }
    }
    ends
}

async fn everyone(runtime: &Runtime) -> Vec<routewright_engine::interaction::Interaction> {
    let (mut all, mut before) = (Vec::new(), None);
    loop {
        let filter = InteractionFilter::default();
        let page = runtime.interactions(acme(), filter, before, 1_000).await.expect("it reads");
        let Some(last) = page.last() else { return all };
        before = Some(last.interaction.id);
        all.extend(page.into_iter().map(|view| view.interaction));
    }
}

fn expected(places: &[(&str, usize)]) -> BTreeMap<String, usize> {
    places.iter().map(|(place, count)| ((*place).to_owned(), *count)).collect()
}

/// What the timelines say was visited, counted by somebody who knows nothing of the counters.
async fn recount(runtime: &Runtime) -> BTreeMap<u32, VersionVisits> {
    let mut all: BTreeMap<u32, VersionVisits> = BTreeMap::new();
    for interaction in everyone(runtime).await {
        let timeline = runtime.timeline(acme(), interaction.id).await.expect("it reads");
        let mut stands: Option<(FlowVersion, _)> = None;
        let mut flow_has_it = true;
        for record in timeline {
            let at = record.at;
            let mut count = |what: Counted, version: Option<&FlowVersion>| {
                if let Some(version) = version {
                    all.entry(version.version).or_default().count(what);
                }
            };
            let version = stands.as_ref().map(|(version, _)| version);
            match record.fact {
                Fact::InteractionOpened { flow: Some(flow), .. } => {
                    count(Counted::Started, Some(&flow));
                    stands = Some((flow, at));
                }
                Fact::VersionChanged { to, .. } => stands = stands.map(|(_, since)| (to, since)),
                Fact::NodeEntered { node, .. } => {
                    count(Counted::Entered(node), version);
                    stands = stands.map(|(version, _)| (version, at));
                }
                Fact::ExitTaken { node, exit, .. } => {
                    let since = stands.as_ref().map_or(at, |(_, since)| *since);
                    let after_ms = u64::try_from(at.since(since).as_millis()).expect("small");
                    count(Counted::Left { node, exit, after_ms }, version);
                }
                Fact::Faulted { node, .. } => count(Counted::Faulted(node), version),
                Fact::LastResortTaken { .. } => {
                    count(Counted::LastResort, version);
                    flow_has_it = false;
                }
                Fact::InteractionEnded { disposition } if flow_has_it => {
                    let qualified = !["abandoned", "expired"].contains(&disposition.as_str());
                    count(Counted::Ended { qualified }, version);
                }
                _ => {}
            }
        }
    }
    all
}

/// Live counts equal a recount, of rows and of the journal.
async fn counts_are_true(runtime: &Runtime) {
    let versions = occupancy(runtime).await;
    let counted: BTreeMap<u32, VersionVisits> = versions
        .iter()
        .map(|of| (of.version, of.visits.clone()))
        .filter(|(_, v)| *v != VersionVisits::default())
        .collect();
    assert_eq!(counted, recount(runtime).await, "counters equal a recount of the journal");
    let mut standing: BTreeMap<String, usize> = BTreeMap::new();
    for interaction in everyone(runtime).await.iter().filter(|interaction| interaction.phase == Phase::Flow) {
        let last = interaction.frames.last().expect("a flow that goes on stands at a node");
        *standing.entry(format!("{} {}", last.flow.version, last.node)).or_default() += 1;
    }
    assert_eq!(places(runtime).await, standing, "occupants equal a recount of rows");
}

async fn opened() -> (tempfile::TempDir, Arc<ManualClock>, Runtime) {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let clock = Arc::new(ManualClock::new(START));
    let runtime = open(directory.path(), &clock).await;
    (directory, clock, runtime)
}

fn from_eleventh(fate: Value) -> Change {
    put(DocumentKind::Release, "welcome", json!({ "live": 12, "fates": { "11": fate } }))
}

fn migrate(nodes: Value) -> Value {
    json!({ "fate": "migrate", "to": 12, "nodes": nodes })
}

#[tokio::test(flavor = "multi_thread")]
async fn pinned_contacts_finish_on_their_version_and_new_ones_meet_the_next() {
    let (_directory, _, runtime) = opened().await;
    crowd(&runtime, CONTACTS).await;
    assert_eq!(places(&runtime).await, expected(&[("11 choose", CONTACTS)]));
    write(&runtime, vec![version(12, menu("pick", "Buy now?")), release(12)]).await.expect("nobody is moved");
    all_write(&runtime, CONTACTS..CONTACTS + 10, "first", "hi").await;
    assert_eq!(places(&runtime).await, expected(&[("11 choose", CONTACTS), ("12 pick", 10)]));
    counts_are_true(&runtime).await;
    all_write(&runtime, 0..CONTACTS + 10, "second", "1").await;
    assert_eq!(places(&runtime).await, expected(&[]));
    assert_eq!(ends(&runtime).await, expected(&[("bought", CONTACTS + 10)]));
    counts_are_true(&runtime).await;
    sound(&runtime).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_migration_without_a_place_for_everybody_is_refused_and_changes_nothing() {
    let (_directory, _, runtime) = opened().await;
    crowd(&runtime, CONTACTS).await;
    let refused = |fate: Value| {
        let changes = vec![version(12, menu("pick", "Buy now?")), from_eleventh(fate)];
        let runtime = runtime.clone();
        async move {
            match write(&runtime, changes).await {
                Err(WriteError::Migration(refusal)) => *refusal,
                other => panic!("it is refused, not {other:?}"),
            }
        }
    };
    let refusal = refused(migrate(json!({}))).await;
    let waits: Vec<_> = refusal.waits.iter().map(|w| (w.version, w.node.as_str(), w.count, w.code)).collect();
    assert_eq!(waits, [(11, "choose", CONTACTS, "no-target")]);
    let typing = refused(migrate(json!({ "chose": "pick", "choose": "peck" }))).await;
    let unknown: Vec<_> = typing.unknown.iter().map(|unknown| unknown.name.as_str()).collect();
    assert_eq!(unknown, ["chose", "peck"], "names that nothing has are told");
    let gone = refused(json!({ "fate": "migrate", "to": 13, "nodes": {} })).await;
    assert_eq!(gone.unknown.first().map(|unknown| unknown.name.as_str()), Some("13"));

    let published = runtime.document(acme(), DocumentKind::FlowVersion, "welcome@12").await.expect("it reads");
    assert_eq!(published, None, "the version that came with it was not written either");
    all_write(&runtime, CONTACTS..CONTACTS + 1, "first", "hi").await;
    assert_eq!(places(&runtime).await, expected(&[("11 choose", CONTACTS + 1)]));
    sound(&runtime).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn migrated_contacts_go_on_where_they_were_told_and_none_acts_on_the_old_version() {
    let (_directory, clock, runtime) = opened().await;
    crowd(&runtime, CONTACTS).await;
    clock.advance(Duration::from_secs(3_600));
    let next = vec![version(12, menu("pick", "Buy now?")), from_eleventh(migrate(json!({ "choose": "pick" })))];
    write(&runtime, next).await.expect("everybody has a place");
    // Whoever writes at once is moved first, wherever the others are.
    let soon = runtime.submit(wrote("c999", "c999-second", "what?")).await.expect("the contact is heard");
    let (id, said) = crate::support::heard(&soon);
    assert!(said.iter().any(|text| text.contains("Buy now?")), "the new version asks again: {said:?}");
    let timeline = runtime.timeline(acme(), id).await.expect("it reads");
    assert!(timeline.iter().any(|record| matches!(record.fact, Fact::VersionChanged { .. })));
    eventually("everybody is moved", async || places(&runtime).await == expected(&[("12 pick", CONTACTS)])).await;
    // They have been waiting since before, and their deadline is the one they had.
    let waiting = everyone(&runtime).await;
    let others = waiting.iter().filter(|interaction| interaction.id != id);
    for interaction in others {
        assert_eq!(interaction.frames[0].since, START, "{}", interaction.id);
        assert_eq!(interaction.due(), Some(START + Duration::from_secs(20 * 3_600)), "{}", interaction.id);
    }
    counts_are_true(&runtime).await;
    all_write(&runtime, 0..CONTACTS, "third", "1").await;
    assert_eq!(ends(&runtime).await, expected(&[("bought", CONTACTS)]));
    counts_are_true(&runtime).await;
    sound(&runtime).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_the_node_is_of_another_kind_contacts_come_to_it_anew() {
    let (_directory, _, runtime) = opened().await;
    crowd(&runtime, 20).await;
    let config =
        json!({ "text": { "en": "Your name?" }, "into": "name", "answer": { "type": "text" }, "timeout": "1h" });
    let next =
        vec![version(12, asking("ask_name", "ask", config)), from_eleventh(migrate(json!({ "choose": "ask_name" })))];
    write(&runtime, next).await.expect("everybody has a place");
    eventually("everybody is asked", async || places(&runtime).await == expected(&[("12 ask_name", 20)])).await;
    let asked = runtime.outbox(acme(), crate::support::web(), None, 100).await.expect("it reads");
    assert_eq!(asked.len(), 20, "each was asked the new question, once");
    all_write(&runtime, 0..20, "second", "Ada").await;
    assert_eq!(ends(&runtime).await, expected(&[("named", 20)]));
    counts_are_true(&runtime).await;
    sound(&runtime).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_place_in_line_is_never_lost_by_moving() {
    let (_directory, clock, runtime) = opened().await;
    crowd(&runtime, 10).await;
    clock.advance(Duration::from_secs(20 * 3_600));
    eventually("they stand in line", async || places(&runtime).await == expected(&[("11 queue", 10)])).await;
    let lost = vec![version(12, menu("pick", "Buy now?")), from_eleventh(migrate(json!({ "queue": "pick" })))];
    match write(&runtime, lost).await {
        Err(WriteError::Migration(refusal)) => {
            assert_eq!((refusal.waits[0].code, refusal.waits[0].count), ("holds-a-place", 10));
        }
        other => panic!("it is refused, not {other:?}"),
    }
    let before = in_line(&runtime).await;
    let kept = vec![version(12, menu("pick", "Buy now?")), from_eleventh(migrate(json!({})))];
    write(&runtime, kept).await.expect("the line is of the same kind");
    eventually("they are moved", async || places(&runtime).await == expected(&[("12 queue", 10)])).await;
    assert_eq!(in_line(&runtime).await, before, "everybody kept his place");
    sound(&runtime).await;
}

/// Who waits in line, and since when.
async fn in_line(runtime: &Runtime) -> Vec<(InteractionId, routewright_engine::Timestamp)> {
    let filter = InteractionFilter { state: Some(InteractionState::Waiting), ..InteractionFilter::default() };
    let list = runtime.interactions(acme(), filter, None, 1_000).await.expect("it reads");
    list.into_iter().filter_map(|view| view.work.map(|work| (view.interaction.id, work.since))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_drained_version_is_left_in_time_and_nobody_is_lost() {
    let (_directory, clock, runtime) = opened().await;
    crowd(&runtime, CONTACTS).await;
    let until = START + Duration::from_secs(7_200);
    let next = vec![version(12, menu("pick", "Buy now?")), from_eleventh(json!({ "fate": "drain", "until": until }))];
    write(&runtime, next).await.expect("draining moves nobody");
    clock.advance(Duration::from_secs(7_199));
    all_write(&runtime, 0..400, "second", "1").await;
    assert_eq!(places(&runtime).await, expected(&[("11 choose", CONTACTS - 400)]), "until then they finish on it");
    clock.advance(Duration::from_secs(1));
    eventually("the version is left", async || places(&runtime).await.is_empty()).await;
    assert_eq!(ends(&runtime).await, expected(&[("bought", 400)]));
    assert_eq!(in_line(&runtime).await.len(), CONTACTS - 400, "the default skill has all the others");
    let waiting = everyone(&runtime).await;
    assert_eq!(waiting.iter().filter(|i| i.phase == Phase::LastResort).count(), CONTACTS - 400);
    counts_are_true(&runtime).await;
    sound(&runtime).await;
}

/// The writer dies at every commit of a publication with its moving, before and after the sync: after a restart every
/// contact is on exactly one version, and in the end on the one that was published, if any was.
#[tokio::test(flavor = "multi_thread")]
async fn crash_at_every_commit_of_a_publication_leaves_everybody_on_exactly_one_version() {
    const SOME: usize = 200;
    let (origin, clock, runtime) = opened().await;
    crowd(&runtime, SOME).await;
    runtime.close().await;
    let next = || vec![version(12, menu("pick", "Buy now?")), from_eleventh(migrate(json!({ "choose": "pick" })))];
    let mut cut = 0;
    for at in 1..=12 {
        for death in [Death::Before, Death::After] {
            let directory = copy(origin.path());
            let commits = Arc::new(AtomicU64::new(0));
            let (path, counted) = (directory.path().to_owned(), Arc::clone(&commits));
            let mut small = options(directory.path(), &clock);
            small.group_max = 24;
            let store = move || Mortal::open(&path, &counted, at, death);
            let runtime = Runtime::open_on(small, store).await.expect("it opens");
            let acknowledged = write(&runtime, next()).await.is_ok();
            let stopped = tokio::time::timeout(Duration::from_millis(300), runtime.stopped()).await.is_ok();
            cut += usize::from(stopped);
            runtime.close().await;

            let runtime = open(directory.path(), &clock).await;
            let released = runtime.document(acme(), DocumentKind::Release, "welcome").await.expect("it reads");
            let is_out = released.is_some_and(|document| document.body["live"] == 12);
            assert!(is_out || !acknowledged, "what was acknowledged is there (commit {at}, {death:?})");
            let found = places(&runtime).await;
            assert_eq!(found.values().sum::<usize>(), SOME, "each is somewhere, once: {found:?}");
            let end = if is_out { "12 pick" } else { "11 choose" };
            eventually("all are where they belong", async || places(&runtime).await == expected(&[(end, SOME)])).await;
            counts_are_true(&runtime).await;
            sound(&runtime).await;
            runtime.close().await;
        }
    }
    assert!(4 < cut, "the writer died in the middle of moving: {cut} times");
}

/// The data directory of a closed runtime, again.
fn copy(from: &Path) -> tempfile::TempDir {
    let to = tempfile::tempdir().expect("a temporary directory");
    for entry in std::fs::read_dir(from).expect("a directory") {
        let entry = entry.expect("an entry");
        std::fs::copy(entry.path(), to.path().join(entry.file_name())).expect("a file is copied");
    }
    to
}

#[tokio::test(flavor = "multi_thread")]
async fn counters_come_back_after_a_restart_and_go_with_their_version() {
    let (directory, clock, runtime) = opened().await;
    crowd(&runtime, 50).await;
    all_write(&runtime, 0..20, "second", "1").await;
    let before = occupancy(&runtime).await;
    let work = |versions: &[VersionOccupancy]| versions.iter().map(|of| of.visits.ended).sum::<u64>();
    assert_eq!(work(&before), 20);
    runtime.close().await;
    let runtime = open(directory.path(), &clock).await;
    assert_eq!(occupancy(&runtime).await, before);
    // An hour later they leave with a group as a document; what comes after is added to it.
    clock.advance(Duration::from_secs(3_700));
    all_write(&runtime, 20..30, "second", "1").await;
    let kept = runtime.document(acme(), DocumentKind::Visits, "welcome@11").await.expect("it reads");
    assert!(kept.is_some(), "the totals are kept");
    all_write(&runtime, 30..40, "second", "1").await;
    let before = occupancy(&runtime).await;
    assert_eq!(work(&before), 40);
    runtime.close().await;
    let runtime = open(directory.path(), &clock).await;
    assert_eq!(occupancy(&runtime).await, before);
    counts_are_true(&runtime).await;
    sound(&runtime).await;

    let gone = Change::Delete {
        kind: DocumentKind::FlowVersion,
        id: "welcome@11".to_owned(),
        expect: routewright_runtime::Expect::Any,
    };
    write(&runtime, vec![gone]).await.expect("it is deleted");
    assert_eq!(work(&occupancy(&runtime).await), 0);
    runtime.close().await;
    let runtime = open(directory.path(), &clock).await;
    assert_eq!(work(&occupancy(&runtime).await), 0);
    let kept = runtime.document(acme(), DocumentKind::Visits, "welcome@11").await.expect("it reads");
    assert_eq!(kept, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_contact_with_an_agent_keeps_him_when_his_version_is_drained() {
    let (_directory, clock, runtime) = opened().await;
    crowd(&runtime, 1).await;
    clock.advance(Duration::from_secs(20 * 3_600));
    eventually("he stands in line", async || places(&runtime).await == expected(&[("11 queue", 1)])).await;
    let available = routewright_engine::event::PresenceStatus::Available;
    runtime.submit(crate::support::presence(available)).await.expect("the agent comes");
    let work = runtime.agent(&acme(), &crate::support::ana()).expect("she exists").offers.remove(0);
    let WorkState::Offered { offer, .. } = work.state else { panic!("it is offered") };
    runtime.submit(crate::support::accept(offer)).await.expect("she takes it");
    let next = vec![version(12, menu("pick", "?")), from_eleventh(json!({ "fate": "drain", "until": START }))];
    write(&runtime, next).await.expect("draining moves nobody");
    eventually("the version is left", async || places(&runtime).await.is_empty()).await;
    let her = runtime.agent(&acme(), &crate::support::ana()).expect("she exists");
    assert_eq!(her.conversations.len(), 1, "the conversation goes on");
    sound(&runtime).await;
}

/// Who stands where is read back after a start while contacts write already: whoever was read before he wrote, while, or
/// after, is counted once, and where he is.
#[tokio::test(flavor = "multi_thread")]
async fn contacts_who_write_while_places_are_read_back_are_counted_once() {
    let (directory, clock, runtime) = opened().await;
    crowd(&runtime, CONTACTS).await;
    runtime.close().await;
    let runtime = open(directory.path(), &clock).await;
    // Every other one, so that each page that is read back has some of both.
    let mut writing = tokio::task::JoinSet::new();
    for contact in (0..CONTACTS).step_by(2) {
        let runtime = runtime.clone();
        writing.spawn(
            async move { runtime.submit(wrote(&format!("c{contact}"), &format!("c{contact}-again"), "1")).await },
        );
    }
    while let Some(written) = writing.join_next().await {
        written.expect("no panic").expect("the contact is heard");
    }
    assert_eq!(places(&runtime).await, expected(&[("11 choose", CONTACTS / 2)]));
    assert_eq!(ends(&runtime).await, expected(&[("bought", CONTACTS / 2)]));
    sound(&runtime).await;
}
