//! Rows that are written later than their group (ADR 0013), against a store that writes every row at once.

use std::sync::Arc;

use proptest::prelude::*;
use routewright_engine::{InteractionId, TenantId, Timestamp, TouchpointId};
use routewright_runtime::{
    InteractionFilter,
    store::{Group, InteractionRow, Reader, SqliteStore, Store, Tidied},
};

/// What happens to the pair of stores.
#[derive(Debug, Clone)]
enum Step {
    /// Interactions change, by number modulo those that are open; `true` ends one.
    Group { opened: u64, changed: Vec<(u64, Option<i64>, bool)>, mentioned: Vec<u64>, bytes: usize },
    /// A quiet moment.
    Tidy,
    /// The process dies, and another begins.
    Restart,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let change = (0..64_u64, proptest::option::of(0..50_i64), proptest::bool::weighted(0.1));
    let group =
        (0..3_u64, proptest::collection::vec(change, 0..6), proptest::collection::vec(0..64_u64, 0..3), 0..400_usize);
    let group = group.prop_map(|(opened, changed, mentioned, bytes)| Step::Group { opened, changed, mentioned, bytes });
    proptest::collection::vec(prop_oneof![12 => group, 1 => Just(Step::Tidy), 2 => Just(Step::Restart)], 1..40)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    /// Whatever is late, readers see what they would see if nothing were, those opened before and after, and so does the
    /// next process.
    #[test]
    fn late_rows_are_never_seen_to_be_late(steps in steps(), bound in 0..3_000_usize) {
        let places = [tempfile::tempdir().expect("a directory"), tempfile::tempdir().expect("a directory")];
        let open = |place: usize, bound: usize| {
            let mut store = SqliteStore::open(places[place].path()).expect("it opens");
            store.bound_lag(bound);
            store
        };
        let (mut late, mut prompt) = (open(0, bound), open(1, 0));
        let mut readers = [late.reader().expect("it opens"), prompt.reader().expect("it opens")];
        let mut groups: Vec<Group> = Vec::new();
        let mut rows: Vec<InteractionRow> = Vec::new();
        for step in steps {
            match step {
                Step::Group { opened, changed, mentioned, bytes } => {
                    let group = group(groups.len() as u64 + 1, &mut rows, opened, &changed, &mentioned, bytes);
                    late.commit(&group).expect("a group is taken");
                    prompt.commit(&group).expect("a group is taken");
                    groups.push(group);
                }
                Step::Tidy => while late.tidy().expect("it tidies") == Tidied::MoreToDo {},
                Step::Restart => {
                    drop(late);
                    late = open(0, bound);
                    let settled = late.settled();
                    for group in groups.iter().filter(|group| settled < group.seq) {
                        late.recall(group).expect("a group is taken again");
                    }
                    readers[0] = late.reader().expect("it opens");
                }
            }
            let [late_reader, prompt_reader] = &mut readers;
            assert_same(&mut **late_reader, &mut **prompt_reader);
        }
        prop_assert_eq!(prompt.settled(), groups.len() as u64, "without a bound nothing is late");
    }
}

fn assert_same(late: &mut dyn Reader, prompt: &mut dyn Reader) {
    let all = |reader: &mut dyn Reader| reader.scan_interactions(None, 1_000).expect("it reads");
    let expected = all(prompt);
    assert_eq!(all(late), expected, "whoever reads all");
    for stored in &expected {
        let one = late.interaction(stored.row.id).expect("it reads");
        assert_eq!(one.as_ref(), Some(stored), "whoever reads one");
    }
    let list = |reader: &mut dyn Reader| {
        reader.interactions(&acme(), &InteractionFilter::default(), None, 1_000).expect("it reads")
    };
    assert_eq!(list(late), list(prompt), "whoever reads a list");
    let due = |reader: &mut dyn Reader| {
        let (mut all, mut after) = (Vec::<(Timestamp, InteractionId)>::new(), (Timestamp(i64::MIN), InteractionId(0)));
        loop {
            let page = reader.due(after, Timestamp(40), 3).expect("it reads");
            all.extend_from_slice(&page);
            match page.last() {
                Some(last) if page.len() == 3 => after = *last,
                Some(_) | None => return all,
            }
        }
    };
    assert_eq!(due(late), due(prompt), "whoever waits for deadlines");
}

fn group(
    seq: u64,
    rows: &mut Vec<InteractionRow>,
    opened: u64,
    changed: &[(u64, Option<i64>, bool)],
    mentioned: &[u64],
    bytes: usize,
) -> Group {
    let open = rows.len() as u64;
    let mut touched = std::collections::BTreeMap::new();
    for (number, due, ends) in changed.iter().filter(|_| 0 < open) {
        let row = &mut rows[usize::try_from(number % open).expect("a small number")];
        row.live &= !ends;
        row.due = due.filter(|_| row.live).map(Timestamp);
        row.body = format!("{{\"group\":{seq}}}");
        touched.insert(row.id, row.clone());
    }
    for id in open + 1..=open + opened {
        let row = InteractionRow {
            id: InteractionId(id),
            tenant: acme(),
            touchpoint: TouchpointId::new("web").expect("a valid name"),
            address: format!("+{id}"),
            live: true,
            due: Some(Timestamp(30)),
            body: "{}".to_owned(),
        };
        rows.push(row.clone());
        touched.insert(row.id, row);
    }
    let mut mentioned: Vec<_> =
        mentioned.iter().filter(|_| 0 < open).map(|number| InteractionId(number % open + 1)).collect();
    mentioned.sort_unstable();
    mentioned.dedup();
    mentioned.retain(|id| !touched.contains_key(id));
    let at = Timestamp(i64::try_from(seq).expect("a small number"));
    let interactions = touched.into_values().map(Arc::new).collect();
    Group { seq, at, journal: vec![b'j'; bytes], interactions, mentioned, ..Group::default() }
}

fn acme() -> TenantId {
    TenantId::new("acme").expect("a valid name")
}
