//! The books of service levels: entered after each commit, and recounted from the journal at the start.
//!
//! The recount takes a while with a long journal, so it runs beside the shard, on a thread and a reader of its own. Until
//! it is done, what happens is laid aside and entered after it: the books are then what they would be without a restart.
//!
//! What it deliberately does not do: it stores nothing. The journal is the only record; what it has lost the beginning of
//! is counted from where it begins.

use std::{
    collections::BTreeMap,
    io,
    sync::{Arc, Weak},
    thread,
    time::Duration,
};

use routewright_engine::{
    TenantId, Timestamp,
    fact::FactRecord,
    limits::SERVICE_WINDOW,
    sla::{Figures, InLine, Ledger, Of},
};

use crate::{error::StoreError, journal, limits::RECOUNT_PAGE, shared::Shared, store::Reader};

/// Every tenant's books.
#[derive(Debug)]
pub(crate) struct Books {
    ledgers: BTreeMap<TenantId, Ledger>,
    /// What happened since the start, while earlier days are still being recounted.
    aside: Option<Vec<FactRecord>>,
}

/// Figures of a service, with what they rest on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ServiceFigures {
    /// What was counted.
    pub figures: Figures,
    /// Who waits.
    pub line: InLine,
    /// From when on it was counted.
    pub from: Timestamp,
    /// False while the journal of before the start is still being recounted.
    pub complete: bool,
}

impl Books {
    /// Books to be recounted up to now.
    pub(crate) fn to_recount() -> Self {
        Self { ledgers: BTreeMap::new(), aside: Some(Vec::new()) }
    }

    /// Enters what a group did.
    pub(crate) fn enter(&mut self, facts: &[FactRecord]) {
        let counted = facts.iter().filter(|record| Ledger::counts(&record.fact));
        match &mut self.aside {
            Some(aside) => aside.extend(counted.cloned()),
            None => counted.for_each(|record| enter(&mut self.ledgers, record)),
        }
    }

    /// The recount is done: what was laid aside follows it.
    fn open(&mut self, recounted: BTreeMap<TenantId, Ledger>) {
        self.ledgers = recounted;
        for record in self.aside.take().unwrap_or_default() {
            enter(&mut self.ledgers, &record);
        }
    }

    pub(crate) fn figures(
        &self,
        tenant: &TenantId,
        of: &Of,
        now: Timestamp,
        over: Duration,
        within: Duration,
    ) -> ServiceFigures {
        let from = Ledger::begins(now - over.min(SERVICE_WINDOW));
        let (figures, line) = match self.ledgers.get(tenant) {
            Some(ledger) => (ledger.figures(of, from, within), ledger.in_line(of, now, within)),
            None => (Figures::default(), InLine::default()),
        };
        ServiceFigures { figures, line, from, complete: self.aside.is_none() }
    }
}

fn enter(ledgers: &mut BTreeMap<TenantId, Ledger>, record: &FactRecord) {
    if let Some(ledger) = ledgers.get_mut(&record.tenant) {
        return ledger.enter(record);
    }
    ledgers.entry(record.tenant.clone()).or_default().enter(record);
}

/// Recounts the journal up to its last group at the start, then opens the books. Ends early when the shard is gone.
pub(crate) fn recount(mut reader: Box<dyn Reader>, upto: (u64, Timestamp), shared: &Arc<Shared>) -> io::Result<()> {
    let shared = Arc::downgrade(shared);
    thread::Builder::new().name("routewright-recount".to_owned()).spawn(move || {
        let recounted = read(&mut *reader, upto, &shared).unwrap_or_else(|error| {
            tracing::error!(%error, "the journal cannot be recounted: service levels are counted from the start on");
            Some(BTreeMap::new())
        });
        if let (Some(recounted), Some(shared)) = (recounted, shared.upgrade()) {
            shared.with_books(|books| books.open(recounted));
        }
    })?;
    Ok(())
}

fn read(
    reader: &mut dyn Reader,
    (last, now): (u64, Timestamp),
    shared: &Weak<Shared>,
) -> Result<Option<BTreeMap<TenantId, Ledger>>, StoreError> {
    let mut ledgers = BTreeMap::new();
    let mut after = first_since(reader, last, now - SERVICE_WINDOW)?;
    while after < last {
        if shared.upgrade().is_none_or(|shared| shared.is_closing()) {
            return Ok(None);
        }
        let page = reader.journal(after, RECOUNT_PAGE)?;
        let Some(end) = page.last().map(|row| row.seq) else { break };
        for row in page.iter().filter(|row| row.seq <= last) {
            for turn in journal::turns(row)? {
                turn.into_facts().for_each(|record| enter(&mut ledgers, &record));
            }
        }
        after = end;
    }
    Ok(Some(ledgers))
}

/// The last group before an instant, 0 for none. Groups are in the order of time, and a pruned journal has none of its
/// first ones.
fn first_since(reader: &mut dyn Reader, last: u64, since: Timestamp) -> Result<u64, StoreError> {
    let (mut before, mut from) = (0, last + 1);
    while before + 1 < from {
        let middle = before + (from - before) / 2;
        let is_before = reader.group(middle)?.is_none_or(|row| row.at < since);
        if is_before { before = middle } else { from = middle }
    }
    Ok(before)
}
