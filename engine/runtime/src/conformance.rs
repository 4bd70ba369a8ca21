//! What every store is held to. A store's tests call [`run`] with a way to open the same place again and again; it
//! panics at the first promise that does not hold, and says which.
//!
//! What it deliberately does not do: it cuts no power. Kill tests belong to the whole product.

use std::sync::Arc;

use routewright_engine::{AgentId, InteractionId, TenantId, Timestamp, TouchpointId, contact::ContactKey};
use serde_json::json;

use crate::{
    documents::{DocumentKind, StoredDocument},
    error::OpenError,
    store::{
        Acknowledged, AgentRow, DocumentRow, Group, InteractionRow, OutboxRow, Reader, Store, StoredInteraction,
        Tidied, WorkRow,
    },
    views::{InteractionFilter, InteractionState},
};

/// Holds a store to its promises. `open` opens one and the same place, empty at first.
///
/// # Panics
/// When a promise does not hold; the message is the promise.
pub fn run(mut open: impl FnMut() -> Result<Box<dyn Store>, OpenError>) {
    let mut store = open().expect("an empty place opens");
    an_empty_store_has_nothing(&mut *reader(&*store));
    let mut early = reader(&*store);
    store.commit(&first()).expect("a group is taken");
    a_reader_sees_what_was_committed_after_it_was_opened(&mut *early);
    everything_comes_back(&mut *early);
    store.commit(&second()).expect("a group is taken");
    rows_are_replaced_and_removed(&mut *early);
    lists_are_filtered_and_paged(&mut *early);
    deadlines_are_read_in_order_and_continued(&mut *early);
    a_group_is_all_or_nothing(&mut *store, &mut *early);
    drop(early);
    drop(store);

    let mut store = reopen(&mut open, &[first(), second()]);
    let mut later = reader(&*store);
    rows_are_replaced_and_removed(&mut *later);
    tidy(&mut *store);
    what_is_too_old_is_found_and_leaves_with_a_group(&mut *store, &mut *later);
    store.commit(&fifth()).expect("a group is taken");
    what_changed_is_read_at_once(&mut *later);
    drop(later);
    drop(store);

    let mut store = reopen(&mut open, &[fifth()]);
    let mut later = reader(&*store);
    what_changed_is_read_at_once(&mut *later);
    tidy(&mut *store);
    assert_eq!(store.settled(), 5, "a tidy store has nothing to recall");
    what_changed_is_read_at_once(&mut *later);
    assert_eq!(later.integrity().expect("it can be checked"), Vec::<String>::new(), "the file is sound");
}

/// Opens the place again, and tells the store what it may have forgotten of these groups.
fn reopen(open: &mut impl FnMut() -> Result<Box<dyn Store>, OpenError>, groups: &[Group]) -> Box<dyn Store> {
    let mut store = open().expect("a closed store opens again");
    let settled = store.settled();
    for group in groups.iter().filter(|group| settled < group.seq) {
        store.recall(group).expect("a group is taken again");
    }
    store
}

fn tidy(store: &mut dyn Store) {
    while store.tidy().expect("it tidies") == Tidied::MoreToDo {}
}

fn reader(store: &dyn Store) -> Box<dyn Reader> {
    store.reader().expect("a reader opens")
}

fn an_empty_store_has_nothing(reader: &mut dyn Reader) {
    assert_eq!(reader.last_group().expect("it reads"), None, "an empty store has no group");
    assert_eq!(reader.tenants().expect("it reads"), [], "an empty store has no tenant");
    assert_eq!(reader.interaction(InteractionId(1)).expect("it reads"), None, "an empty store has no interaction");
}

fn a_reader_sees_what_was_committed_after_it_was_opened(reader: &mut dyn Reader) {
    assert_eq!(reader.last_group().expect("it reads"), Some((1, Timestamp(1_000))), "a reader sees the last commit");
}

fn everything_comes_back(reader: &mut dyn Reader) {
    let group = first();
    let row = reader.group(1).expect("it reads").expect("the group is in the journal");
    assert_eq!((row.seq, row.at, row.body), (1, group.at, group.journal), "the journal comes back byte for byte");
    for row in group.interactions {
        let id = row.id;
        let stored = StoredInteraction { row: InteractionRow::clone(&row), version: 1, groups: vec![1] };
        assert_eq!(reader.interaction(id).expect("it reads"), Some(stored), "an interaction comes back as it was");
    }
    let works = reader.scan_works(None, 10).expect("it reads");
    assert_eq!(works, group.works, "works come back as they were, in order");
    assert_eq!(reader.scan_agents().expect("it reads"), group.agents, "agents come back as they were");
    let document = reader.document(&acme(), DocumentKind::Skill, "sales").expect("it reads");
    assert_eq!(document, group.documents[0].document, "a document comes back as it was");
    let other = reader.document(&other(), DocumentKind::Skill, "sales").expect("it reads");
    assert_eq!(other, None, "a tenant does not see another's documents");
    let latest = |reader: &mut dyn Reader, before, limit| {
        reader.latest_documents(&acme(), DocumentKind::Skill, before, limit).expect("it reads")
    };
    let last: Vec<_> = group.documents[0].document.iter().cloned().collect();
    assert_eq!(latest(reader, None, 10), last, "documents are read from the last id down");
    assert_eq!(latest(reader, Some("sales2"), 10), last, "before an id");
    assert_eq!(latest(reader, Some("sales"), 10), [], "and not that id itself");
    assert_eq!(latest(reader, None, 0), [], "lists keep their bound");
    let outbox = reader.outbox(&acme(), &web(), 0, 10).expect("it reads");
    assert_eq!(outbox, group.outbox, "the outbox comes back in order");
    assert_eq!(reader.tenants().expect("it reads"), [acme()], "a tenant exists once it has a document");
}

fn rows_are_replaced_and_removed(reader: &mut dyn Reader) {
    assert_eq!(reader.last_group().expect("it reads"), Some((2, Timestamp(2_000))));
    let changed = reader.interaction(InteractionId(1)).expect("it reads").expect("it is still there");
    assert_eq!((changed.row.live, changed.row.due, changed.version), (false, None, 2), "a row is replaced");
    assert_eq!(changed.groups, [1, 2], "an interaction lists the groups that speak of it");
    let mentioned = reader.interaction(InteractionId(2)).expect("it reads").expect("it is still there");
    assert_eq!((mentioned.version, mentioned.groups), (1, vec![1, 2]), "a mention changes nothing but the list");
    assert_eq!(reader.work(InteractionId(1)).expect("it reads"), None, "a work that is gone is removed");
    let active = reader.work(InteractionId(2)).expect("it reads").expect("it is still there");
    assert_eq!((active.state, active.agent), (InteractionState::Active, Some(ana())), "a work is replaced");
    assert_eq!(reader.scan_agents().expect("it reads"), [], "an agent who is gone is removed");
    let document = reader.document(&acme(), DocumentKind::Skill, "sales").expect("it reads");
    assert_eq!(document, None, "a deleted document is removed");
    let left: Vec<_> = reader.scan_outbox(0, 10).expect("it reads").iter().map(|row| row.position).collect();
    assert_eq!(left, [3], "what is acknowledged is removed, and nothing else");
    let journal: Vec<_> = reader.journal(1, 10).expect("it reads").iter().map(|row| row.seq).collect();
    assert_eq!(journal, [2], "the journal is read on after a group");
}

fn lists_are_filtered_and_paged(reader: &mut dyn Reader) {
    let mut list = |state, agent: Option<AgentId>, before: Option<u64>, limit| -> Vec<u64> {
        let filter = InteractionFilter { state, touchpoint: Some(web()), agent };
        let page = reader.interactions(&acme(), &filter, before.map(InteractionId), limit).expect("it reads");
        page.into_iter().map(|(stored, _)| stored.row.id.0).collect()
    };
    assert_eq!(list(None, None, None, 10), [3, 2, 1], "lists begin with the newest");
    assert_eq!(list(None, None, None, 2), [3, 2], "lists keep their bound");
    assert_eq!(list(None, None, Some(2), 10), [1], "lists continue");
    assert_eq!(list(Some(InteractionState::Live), None, None, 10), [3, 2]);
    assert_eq!(list(Some(InteractionState::Ended), None, None, 10), [1]);
    assert_eq!(list(Some(InteractionState::Active), None, None, 10), [2]);
    assert!(list(Some(InteractionState::Waiting), None, None, 10).is_empty());
    assert_eq!(list(None, Some(ana()), None, 10), [2], "lists know whose a contact is");
    let latest = |reader: &mut dyn Reader, address: &str| {
        let key = ContactKey { tenant: acme(), touchpoint: web(), address: address.into() };
        reader.latest(&key).expect("it reads")
    };
    assert_eq!(latest(reader, "+331"), Some(InteractionId(3)), "the latest interaction of a contact is found");
    assert_eq!(latest(reader, "+339"), None);
}

fn deadlines_are_read_in_order_and_continued(reader: &mut dyn Reader) {
    let start = (Timestamp(0), InteractionId(0));
    let all = [(Timestamp(5_000), InteractionId(2)), (Timestamp(5_000), InteractionId(3))];
    assert_eq!(
        reader.due(start, Timestamp(5_000), 10).expect("it reads"),
        all,
        "deadlines come in order, bound included"
    );
    assert_eq!(reader.due(start, Timestamp(4_999), 10).expect("it reads"), [], "later deadlines stay where they are");
    assert_eq!(reader.due(all[0], Timestamp(9_000), 10).expect("it reads"), all[1..], "reading goes on after an entry");
    assert_eq!(reader.due(start, Timestamp(9_000), 1).expect("it reads"), all[..1], "pages keep their bound");
}

/// The second message carries the id of one that is still there: the group must leave no trace at all.
fn a_group_is_all_or_nothing(store: &mut dyn Store, reader: &mut dyn Reader) {
    let group = Group {
        seq: 3,
        at: Timestamp(3_000),
        journal: b"3".to_vec(),
        interactions: vec![interaction(9, "+339", true, None)],
        outbox: vec![message(4, "i9.1.0"), message(5, "i3.1.0")],
        ..Group::default()
    };
    assert!(store.commit(&group).is_err(), "an effect id is refused a second time");
    assert_eq!(reader.last_group().expect("it reads"), Some((2, Timestamp(2_000))), "a failed group left no trace");
    assert_eq!(reader.interaction(InteractionId(9)).expect("it reads"), None, "a failed group left no trace");
}

/// The first groups speak of interactions 2 and 3, which are live; of another tenant's nothing is.
fn what_is_too_old_is_found_and_leaves_with_a_group(store: &mut dyn Store, reader: &mut dyn Reader) {
    let late = Timestamp(9_000);
    let mut old =
        |before, limit| reader.documents_before(DocumentKind::Tenant, Timestamp(before), limit).expect("it reads");
    assert_eq!(old(900, 10), [], "what was written at that instant is not older");
    assert_eq!(old(901, 10), [(acme(), "acme".to_owned())], "what was written before is found");
    assert_eq!(old(901, 0), [], "lists keep their bound");
    assert_eq!(reader.prunable(late, 10).expect("it reads"), None, "groups of live interactions are kept");
    let ended = |id, address| interaction(id, address, false, None);
    let third = Group {
        seq: 3,
        at: Timestamp(3_000),
        interactions: vec![ended(2, "+332"), ended(3, "+331"), interaction(8, "+338", true, None)],
        ..Group::default()
    };
    store.commit(&third).expect("a group is taken");
    assert_eq!(reader.prunable(late, 10).expect("it reads"), Some((1, 2)), "groups before any live interaction's");
    assert_eq!(reader.prunable(Timestamp(2_000), 10).expect("it reads"), Some((1, 1)), "and before an instant");
    assert_eq!(reader.prunable(late, 1).expect("it reads"), Some((1, 1)), "and no more than asked for");
    store
        .commit(&Group { seq: 4, at: Timestamp(4_000), pruned: Some(2), ..Group::default() })
        .expect("a group is taken");
    let left: Vec<_> = reader.journal(0, 10).expect("it reads").iter().map(|row| row.seq).collect();
    assert_eq!(left, [3, 4], "pruned groups are no more, and the others stay");
    let row = reader.interaction(InteractionId(2)).expect("it reads").expect("it is there");
    assert_eq!(row.groups, [1, 2, 3], "rows stay as they are");
}

/// Whether the row was written with the group or not.
fn what_changed_is_read_at_once(reader: &mut dyn Reader) {
    let row = InteractionRow::clone(&interaction(8, "+338", true, Some(7_000)));
    let expected = StoredInteraction { row, version: 5, groups: vec![3, 5] };
    let found = reader.interaction(InteractionId(8)).expect("it reads");
    assert_eq!(found.as_ref(), Some(&expected), "an interaction is read as the last group left it");
    let scanned = reader.scan_interactions(Some(InteractionId(7)), 9).expect("it reads");
    assert_eq!(scanned, std::slice::from_ref(&expected), "and found so by whoever reads all");
    let filter = InteractionFilter { state: Some(InteractionState::Live), touchpoint: None, agent: None };
    let listed = reader.interactions(&acme(), &filter, None, 9).expect("it reads");
    assert_eq!(listed, [(expected, None)], "and in lists");
    let start = (Timestamp(0), InteractionId(0));
    let due = reader.due(start, Timestamp(9_000), 1).expect("it reads");
    assert_eq!(due, [(Timestamp(7_000), InteractionId(8))], "and by its deadline");
    assert_eq!(reader.due(due[0], Timestamp(9_000), 1).expect("it reads"), [], "once only");
    assert_eq!(reader.due(start, Timestamp(6_999), 9).expect("it reads"), [], "and not before");
}

fn first() -> Group {
    let document = StoredDocument {
        id: "sales".to_owned(),
        revision: 1,
        updated_at: Timestamp(900),
        by: "key-1".to_owned(),
        body: json!({ "title": { "fr": "Ventes" } }),
    };
    Group {
        seq: 1,
        at: Timestamp(1_000),
        journal: b"\x001\n\xff".to_vec(),
        interactions: vec![
            interaction(1, "+331", true, Some(4_000)),
            interaction(2, "+332", true, Some(5_000)),
            interaction(3, "+331", true, Some(5_000)),
        ],
        works: vec![work(1, InteractionState::Waiting, None), work(2, InteractionState::Offered, Some(ana()))],
        agents: vec![AgentRow { tenant: acme(), agent: ana(), body: "{\"status\":\"available\"}".to_owned() }],
        documents: vec![
            DocumentRow {
                tenant: acme(),
                kind: DocumentKind::Skill,
                id: document.id.clone(),
                document: Some(document.clone()),
            },
            DocumentRow {
                tenant: acme(),
                kind: DocumentKind::Tenant,
                id: "acme".to_owned(),
                document: Some(StoredDocument { id: "acme".to_owned(), ..document }),
            },
        ],
        outbox: vec![message(1, "i1.1.0"), message(2, "i2.1.0"), message(3, "i3.1.0")],
        ..Group::default()
    }
}

fn second() -> Group {
    Group {
        seq: 2,
        at: Timestamp(2_000),
        journal: b"2".to_vec(),
        interactions: vec![interaction(1, "+331", false, None)],
        mentioned: vec![InteractionId(2)],
        works: vec![work(2, InteractionState::Active, Some(ana()))],
        works_gone: vec![InteractionId(1)],
        agents_gone: vec![(acme(), ana())],
        documents: vec![DocumentRow {
            tenant: acme(),
            kind: DocumentKind::Skill,
            id: "sales".to_owned(),
            document: None,
        }],
        acknowledged: vec![Acknowledged { tenant: acme(), touchpoint: web(), upto: 2 }],
        ..Group::default()
    }
}

/// Changes a row that a group before it opened.
fn fifth() -> Group {
    let changed = interaction(8, "+338", true, Some(7_000));
    Group { seq: 5, at: Timestamp(5_000), journal: b"5".to_vec(), interactions: vec![changed], ..Group::default() }
}

fn interaction(id: u64, address: &str, live: bool, due: Option<i64>) -> Arc<InteractionRow> {
    Arc::new(InteractionRow {
        id: InteractionId(id),
        tenant: acme(),
        touchpoint: web(),
        address: address.to_owned(),
        live,
        due: due.map(Timestamp),
        body: format!("{{\"id\":\"i{id}\",\"note\":\"l’été\"}}"),
    })
}

fn work(id: u64, state: InteractionState, agent: Option<AgentId>) -> WorkRow {
    WorkRow {
        interaction: InteractionId(id),
        tenant: acme(),
        state,
        agent,
        body: format!("{{\"interaction\":\"i{id}\"}}"),
    }
}

fn message(position: u64, effect: &str) -> OutboxRow {
    OutboxRow {
        position,
        tenant: acme(),
        touchpoint: web(),
        effect: effect.to_owned(),
        at: Timestamp(950),
        body: format!("{{\"id\":\"{effect}\"}}"),
    }
}

fn acme() -> TenantId {
    TenantId::new("acme").expect("a valid name")
}

fn other() -> TenantId {
    TenantId::new("other").expect("a valid name")
}

fn web() -> TouchpointId {
    TouchpointId::new("web").expect("a valid name")
}

fn ana() -> AgentId {
    AgentId::new("ana").expect("a valid name")
}
