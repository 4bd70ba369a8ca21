//! Rows of interactions that are written later than their group (ADR 0013).
//!
//! The journal has every change, so a row that changes with each of its contact's messages need not be written each time:
//! it waits here, newest state only, until the groups that changed it make up [`LATE_BYTES_MAX`] of journal, or until a
//! quiet moment. Openings and endings are never late, so that all columns that are searched, but `due`, are always true.
//!
//! What it deliberately does not do: it keeps nothing on disk. After a restart whoever reads the journal hands back the
//! groups after [`Tail::settled`].

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::{Arc, PoisonError, RwLock},
};

use routewright_engine::{InteractionId, Timestamp};

use crate::{
    limits::LATE_BYTES_MAX,
    store::{Group, InteractionRow, StoredInteraction},
};

/// A row that the database does not have yet.
#[derive(Debug)]
struct Late {
    row: Arc<InteractionRow>,
    /// The group that made it what it is.
    version: u64,
    /// The groups that the database does not know of, in order; at least one.
    groups: Vec<u64>,
}

impl Late {
    fn stored(&self) -> StoredInteraction {
        StoredInteraction { row: InteractionRow::clone(&self.row), version: self.version, groups: self.groups.clone() }
    }
}

/// Every late row. Readers hold it as it was at one moment.
#[derive(Debug, Clone, Default)]
pub(super) struct Lag(BTreeMap<InteractionId, Arc<Late>>);

impl Lag {
    /// Brings a row that was read from the database up to date. It may be newer than this: then it stays.
    pub(super) fn renew(&self, stored: &mut StoredInteraction) {
        let Some(late) = self.0.get(&stored.row.id) else { return };
        if stored.version < late.version {
            stored.row = InteractionRow::clone(&late.row);
            stored.version = late.version;
        }
        let known = stored.groups.last().copied().unwrap_or_default();
        stored.groups.extend(late.groups.iter().filter(|group| known < **group));
    }

    /// True when the row of an interaction is late.
    pub(super) fn has(&self, id: InteractionId) -> bool {
        self.0.contains_key(&id)
    }

    /// Deadlines of late rows after `(instant, id)` and up to one, in order.
    pub(super) fn due(
        &self,
        after: (Timestamp, InteractionId),
        until: (Timestamp, InteractionId),
    ) -> Vec<(Timestamp, InteractionId)> {
        let all = self.0.values().filter_map(|late| Some((late.row.due?, late.row.id)));
        let mut due: Vec<_> = all.filter(|entry| after < *entry && *entry <= until).collect();
        due.sort_unstable();
        due
    }
}

/// What the writer and its readers share. The writer copies the map only when somebody is reading just then.
#[derive(Debug, Clone, Default)]
pub(super) struct SharedLag(Arc<RwLock<Arc<Lag>>>);

impl SharedLag {
    /// The late rows of this moment. A reader takes them **before** it asks the database: a row leaves them only after
    /// the database has it.
    pub(super) fn now(&self) -> Arc<Lag> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn change(&self, change: impl FnOnce(&mut BTreeMap<InteractionId, Arc<Late>>)) {
        let mut shared = self.0.write().unwrap_or_else(PoisonError::into_inner);
        change(&mut Arc::make_mut(&mut *shared).0);
    }
}

/// The end of the journal whose changes are not all in rows.
#[derive(Debug)]
pub(super) struct Tail {
    pub(super) lag: SharedLag,
    /// Late rows by the first group that the database does not know of.
    order: BTreeSet<(u64, InteractionId)>,
    /// The groups, with the bytes of their journal rows.
    groups: VecDeque<(u64, usize)>,
    bytes: usize,
    bytes_max: usize,
    /// The last group.
    last: u64,
    /// Every group up to this one is in the rows.
    settled: u64,
    /// The highest number of an interaction in the database. They are numbered as they open.
    last_id: InteractionId,
}

/// What to write of interactions with a group, or at a quiet moment.
#[derive(Debug, Default)]
pub(super) struct Plan {
    /// Rows that the database does not have, in the order of their ids.
    pub(super) opened: Vec<StoredInteraction>,
    /// Rows to replace, in the order of their ids. `groups` is what is new of it.
    pub(super) changed: Vec<StoredInteraction>,
    /// Only the lists of groups of these grow.
    pub(super) mentioned: Vec<InteractionId>,
    /// Every group up to this one will be in the rows, when that is news.
    pub(super) settled: Option<u64>,
    /// Rows that stay, or become, late.
    late: Vec<(InteractionId, Arc<Late>)>,
}

impl Tail {
    /// The tail of a database in which every group up to `settled` is in the rows and `last` is the last one.
    pub(super) fn new(settled: u64, last: u64, last_id: InteractionId) -> Self {
        Self {
            lag: SharedLag::default(),
            order: BTreeSet::new(),
            groups: VecDeque::new(),
            bytes: 0,
            bytes_max: LATE_BYTES_MAX,
            last,
            settled,
            last_id,
        }
    }

    pub(super) fn bound(&mut self, bytes: usize) {
        self.bytes_max = bytes;
    }

    pub(super) fn settled(&self) -> u64 {
        self.settled
    }

    /// What to write with a group.
    pub(super) fn plan(&self, group: &Group) -> Plan {
        let lag = self.lag.now();
        let seq = group.seq;
        let settled = self.reached_with(seq, group.journal.len());
        let is_due = |groups: &[u64]| groups.first().is_some_and(|first| *first <= settled);
        let mut plan = Plan { settled: (self.settled < settled).then_some(settled), ..Plan::default() };
        for row in &group.interactions {
            let known = lag.0.get(&row.id);
            let groups: Vec<u64> = known.iter().flat_map(|late| &late.groups).copied().chain([seq]).collect();
            if self.last_id < row.id {
                plan.opened.push(StoredInteraction { row: InteractionRow::clone(row), version: seq, groups });
            } else if !row.live || is_due(&groups) {
                plan.changed.push(StoredInteraction { row: InteractionRow::clone(row), version: seq, groups });
            } else {
                plan.late.push((row.id, Arc::new(Late { row: Arc::clone(row), version: seq, groups })));
            }
        }
        for id in &group.mentioned {
            let Some(known) = lag.0.get(id) else {
                plan.mentioned.push(*id);
                continue;
            };
            let groups = known.groups.iter().copied().chain([seq]).collect();
            let late = Late { row: Arc::clone(&known.row), version: known.version, groups };
            if is_due(&late.groups) {
                plan.changed.push(late.stored());
            } else {
                plan.late.push((*id, Arc::new(late)));
            }
        }
        if plan.settled.is_some() {
            let spoken_of: BTreeSet<_> =
                group.interactions.iter().map(|row| row.id).chain(group.mentioned.iter().copied()).collect();
            let due = self.order.iter().take_while(|(first, _)| *first <= settled).map(|(_, id)| id);
            let others = due.filter(|id| !spoken_of.contains(id)).filter_map(|id| lag.0.get(id));
            plan.changed.extend(others.map(|late| late.stored()));
        }
        plan.opened.sort_unstable_by_key(|stored| stored.row.id);
        plan.changed.sort_unstable_by_key(|stored| stored.row.id);
        plan
    }

    /// What to write at a quiet moment: so many of the rows that are late the longest.
    pub(super) fn plan_quiet(&self, rows_max: usize) -> Plan {
        let lag = self.lag.now();
        let oldest = self.order.iter().take(rows_max).filter_map(|(_, id)| lag.0.get(id));
        let mut changed: Vec<_> = oldest.map(|late| late.stored()).collect();
        changed.sort_unstable_by_key(|stored| stored.row.id);
        let settled = self.order.iter().nth(rows_max).map_or(self.last, |(first, _)| first - 1);
        Plan { changed, settled: (self.settled < settled).then_some(settled), ..Plan::default() }
    }

    /// The group is on disk, and with it what was planned.
    pub(super) fn committed(&mut self, group: &Group, plan: Plan) {
        self.last = group.seq;
        self.groups.push_back((group.seq, group.journal.len()));
        self.bytes += group.journal.len();
        if let Some(opened) = plan.opened.last() {
            self.last_id = opened.row.id;
        }
        self.wrote(plan);
    }

    /// What was planned is on disk.
    pub(super) fn wrote(&mut self, plan: Plan) {
        let Plan { changed, settled, late, .. } = plan;
        let order = &mut self.order;
        self.lag.change(|rows| {
            for stored in changed {
                if let Some(late) = rows.remove(&stored.row.id) {
                    order.remove(&(late.groups[0], stored.row.id));
                }
            }
            for (id, late) in late {
                order.insert((late.groups[0], id));
                rows.insert(id, late);
            }
        });
        if let Some(settled) = settled {
            self.settled = settled;
            while let Some((_, bytes)) = self.groups.pop_front_if(|(seq, _)| *seq <= settled) {
                self.bytes -= bytes;
            }
        }
    }

    /// Takes a change back that was committed before a restart. `known` gives the version of a row in the database.
    pub(super) fn recall<E>(
        &mut self,
        group: &Group,
        mut known: impl FnMut(InteractionId) -> Result<u64, E>,
    ) -> Result<(), E> {
        let seq = group.seq;
        self.groups.push_back((seq, group.journal.len()));
        self.bytes += group.journal.len();
        let lag = self.lag.now();
        let mut late = Vec::new();
        for row in &group.interactions {
            let groups = match lag.0.get(&row.id) {
                Some(late) => late.groups.iter().copied().chain([seq]).collect(),
                None if known(row.id)? < seq => vec![seq],
                None => continue,
            };
            late.push((row.id, Arc::new(Late { row: Arc::clone(row), version: seq, groups })));
        }
        for id in &group.mentioned {
            if let Some(Late { row, version, groups }) = lag.0.get(id).map(|late| &**late) {
                let groups = groups.iter().copied().chain([seq]).collect();
                late.push((*id, Arc::new(Late { row: Arc::clone(row), version: *version, groups })));
            }
        }
        drop(lag);
        self.wrote(Plan { late, ..Plan::default() });
        Ok(())
    }

    /// The last group that is too far back once another one is there: that one itself where nothing may be late.
    fn reached_with(&self, seq: u64, bytes: usize) -> u64 {
        if self.bytes_max == 0 {
            return seq;
        }
        let mut left = self.bytes + bytes;
        let mut reached = self.settled;
        for (seq, bytes) in self.groups.iter().copied().chain([(seq, bytes)]) {
            if left <= self.bytes_max {
                break;
            }
            left -= bytes;
            reached = seq;
        }
        reached
    }
}
