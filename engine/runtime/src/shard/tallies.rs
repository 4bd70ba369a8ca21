//! Totals of visits, version by version: what was counted since each was published.
//!
//! Each group's journal holds what it added. Every so often the totals leave with a group as documents, so that a
//! restart adds up only the groups after them. Totals and the index of who stands where are read together, at one
//! instant.
//!
//! What it deliberately does not do: it forgets a version only when the version itself is deleted.

use std::collections::{BTreeMap, BTreeSet};

use routewright_engine::{
    TenantId, Timestamp,
    interaction::FlowVersion,
    visits::{VersionVisits, Visit},
};
use routewright_flows::FlowId;
use serde::{Deserialize, Serialize};

use super::draft::Draft;
use crate::{
    documents::{DocumentKind, StoredDocument},
    error::StoreError,
    journal::{self, Record, VisitsRecord},
    limits::{LIST_MAX, TALLIES_KEPT_EVERY, TALLIES_KEPT_EVERY_GROUPS},
    store::{DocumentRow, Reader},
};

/// Groups read at once while totals are made up to date; a full one is a mebibyte.
const GROUPS_READ: u32 = 16;

/// Who writes totals.
const BY: &str = "routewright";

/// The totals of every tenant.
#[derive(Debug, Default)]
pub(crate) struct Tallies {
    totals: BTreeMap<TenantId, BTreeMap<FlowVersion, VersionVisits>>,
    /// Those that their documents do not say yet.
    changed: BTreeSet<(TenantId, FlowVersion)>,
    /// The group that last took documents with it, and when.
    kept: (u64, Timestamp),
}

/// The body of a document of totals.
#[derive(Debug, Serialize, Deserialize)]
struct Kept {
    /// Everything up to this group is in it.
    upto: u64,
    visits: VersionVisits,
}

impl Tallies {
    /// Makes the totals up to date from their documents and the journal.
    pub(crate) fn recover(reader: &mut dyn Reader) -> Result<Self, StoreError> {
        let mut tallies = Self::default();
        for tenant in reader.tenants()? {
            tallies.read_documents(reader, &tenant)?;
        }
        let mut after = tallies.kept.0;
        loop {
            let page = reader.journal(after, GROUPS_READ)?;
            let Some(last) = page.last() else { return Ok(tallies) };
            after = last.seq;
            for row in &page {
                for record in journal::visits_of(row)? {
                    tallies.replay(record);
                }
            }
        }
    }

    fn read_documents(&mut self, reader: &mut dyn Reader, tenant: &TenantId) -> Result<(), StoreError> {
        let mut after: Option<String> = None;
        loop {
            let page = reader.documents(tenant, DocumentKind::Visits, after.as_deref(), LIST_MAX)?;
            let Some(last) = page.last() else { return Ok(()) };
            after = Some(last.id.clone());
            for document in page {
                let damaged = |message: String| StoreError::Damaged {
                    what: format!("the totals of '{}' of tenant '{tenant}'", document.id),
                    message,
                };
                let version =
                    document.id.parse().map_err(|_| damaged("its id names no version of a flow".to_owned()))?;
                let kept: Kept = serde_json::from_value(document.body).map_err(|error| damaged(error.to_string()))?;
                self.kept.0 = self.kept.0.max(kept.upto);
                self.totals.entry(tenant.clone()).or_default().insert(version, kept.visits);
            }
        }
    }

    fn replay(&mut self, record: Record) {
        match record {
            Record::Visits(all) => {
                for VisitsRecord { tenant, flow, visits } in all {
                    self.of(&tenant, &flow).add(&visits);
                }
            }
            Record::Document(gone) if gone.kind == DocumentKind::FlowVersion && gone.document.is_none() => {
                self.forget(&gone.tenant, &gone.id);
            }
            Record::Document(_)
            | Record::Turn(_)
            | Record::Interaction(_)
            | Record::Work(_)
            | Record::WorkGone(_)
            | Record::Agent(_)
            | Record::AgentGone { .. }
            | Record::Acknowledged(_)
            | Record::Pruned(_)
            | Record::Counters(_) => {}
        }
    }

    fn of(&mut self, tenant: &TenantId, flow: &FlowVersion) -> &mut VersionVisits {
        self.changed.insert((tenant.clone(), flow.clone()));
        self.totals.entry(tenant.clone()).or_default().entry(flow.clone()).or_default()
    }

    /// Counts what came of an input.
    pub(super) fn count(&mut self, tenant: &TenantId, visits: &[Visit]) {
        for of_one in visits.chunk_by(|a, b| a.flow == b.flow) {
            let totals = self.of(tenant, &of_one[0].flow);
            of_one.iter().for_each(|visit| totals.count(visit.what.clone()));
        }
    }

    /// A version is no more, and so are its totals. True when there were any.
    pub(super) fn forget(&mut self, tenant: &TenantId, id: &str) -> bool {
        let Ok(version) = id.parse::<FlowVersion>() else { return false };
        let gone = self.totals.get_mut(tenant).and_then(|own| own.remove(&version)).is_some();
        self.changed.remove(&(tenant.clone(), version));
        gone
    }

    /// The totals of every version of a flow, in order.
    pub(crate) fn of_flow(&self, tenant: &TenantId, flow: &FlowId) -> impl Iterator<Item = (u32, &VersionVisits)> {
        let all = |version| FlowVersion { flow: flow.clone(), version };
        let own = self.totals.get(tenant);
        own.into_iter().flat_map(move |own| own.range(all(0)..=all(u32::MAX)).map(|(v, visits)| (v.version, visits)))
    }

    /// Lets a group that is about to be closed take the totals with it, when it is time.
    pub(super) fn ride(&mut self, draft: &mut Draft, seq: u64, now: Timestamp) {
        let (last, at) = self.kept;
        let is_time = TALLIES_KEPT_EVERY_GROUPS <= seq.saturating_sub(last) || TALLIES_KEPT_EVERY <= now.since(at);
        if !is_time || self.changed.is_empty() || !draft.writes() {
            return;
        }
        self.kept = (seq, now);
        for (tenant, flow) in std::mem::take(&mut self.changed) {
            let Some(visits) = self.totals.get(&tenant).and_then(|own| own.get(&flow)) else { continue };
            let kept = Kept { upto: seq, visits: visits.clone() };
            let Ok(body) = serde_json::to_value(kept) else { continue };
            let id = flow.to_string();
            let by = BY.to_owned();
            let document = StoredDocument { id: id.clone(), revision: seq, updated_at: now, by, body };
            draft.document(DocumentRow { tenant, kind: DocumentKind::Visits, id, document: Some(document) });
        }
    }
}
