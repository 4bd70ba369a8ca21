//! What is kept for a time only leaves again with the groups that are written anyway, a little with each: first answers
//! to repeated requests, and, where the operator wants it, the oldest groups of the journal.
//!
//! It looks while no group is on its way to the disk, so what it finds in the store is the latest.
//!
//! What it deliberately does not do: it never makes a group of its own, since a store that nobody writes to does not
//! grow; and it leaves every group that speaks of a live interaction, and all that came after it, where they are.

use std::time::Duration;

use routewright_engine::Timestamp;

use super::draft::Draft;
use crate::{
    documents::DocumentKind,
    error::StoreError,
    limits::{GROUPS_PRUNED_MAX, IDEMPOTENCY_KEPT, JOURNAL_KEPT_MIN, SWEEP_EVERY, SWEPT_PER_GROUP_MAX},
    store::{DocumentRow, Reader},
};

/// When to look again, and for what.
#[derive(Debug)]
pub(super) struct Sweep {
    /// How long groups of the journal are kept; for ever when absent.
    journal_kept: Option<Duration>,
    next: Timestamp,
}

impl Sweep {
    pub(super) fn new(journal_kept: Option<Duration>) -> Self {
        Self { journal_kept: journal_kept.map(|kept| kept.max(JOURNAL_KEPT_MIN)), next: Timestamp(i64::MIN) }
    }

    /// Lets a group that is about to be closed take some of what is too old with it.
    pub(super) fn ride(
        &mut self,
        draft: &mut Draft,
        reader: &mut dyn Reader,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        if now < self.next || !draft.writes() {
            return Ok(());
        }
        let answers =
            reader.documents_before(DocumentKind::Idempotency, now - IDEMPOTENCY_KEPT, SWEPT_PER_GROUP_MAX)?;
        let is_full = |n: usize, max: u32| usize::try_from(max).is_ok_and(|max| max <= n);
        let mut is_more = is_full(answers.len(), SWEPT_PER_GROUP_MAX);
        for (tenant, id) in answers {
            draft.document(DocumentRow { tenant, kind: DocumentKind::Idempotency, id, document: None });
        }
        if let Some(kept) = self.journal_kept
            && let Some((first, last)) = reader.prunable(now - kept, GROUPS_PRUNED_MAX)?
        {
            draft.prune(last);
            is_more |= u64::from(GROUPS_PRUNED_MAX) <= last - first + 1;
        }
        self.next = if is_more { now } else { now + SWEEP_EVERY };
        Ok(())
    }
}
