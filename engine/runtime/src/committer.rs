//! The committer's thread: write a group, sync it, and only then let anybody know.
//!
//! What it deliberately does not do: it never tries a failed commit again. What the file holds after a failed sync is
//! not known, so the only safe thing is to stop and recover from it.

use std::{
    sync::{
        Arc,
        mpsc::{Receiver, RecvTimeoutError},
    },
    time::{Duration, Instant},
};

use crate::{
    error::StoreError,
    shard::Batch,
    shared::Shared,
    store::{Store, Tidied},
};

/// A moment without work is quiet after this long; then the store may do its housekeeping.
const QUIET_AFTER: Duration = Duration::from_millis(250);

/// Groups after which a quiet moment is used.
const TIDY_AFTER_GROUPS: u32 = 256;

/// Commits batches until the shard is gone, then tidies up and closes the store.
pub(crate) fn run(mut store: Box<dyn Store>, batches: &Receiver<Batch>, shared: &Arc<Shared>) {
    let result = commit_all(&mut *store, batches, shared);
    if let Err(error) = result {
        shared.fail(&error.to_string());
    } else if !shared.has_failed() {
        let mut tidied = store.tidy();
        while let Ok(Tidied::MoreToDo) = tidied {
            tidied = store.tidy();
        }
        if let Err(error) = tidied {
            tracing::warn!(%error, "the store could not tidy up; everything acknowledged is on disk");
        }
    }
}

fn commit_all(store: &mut dyn Store, batches: &Receiver<Batch>, shared: &Arc<Shared>) -> Result<(), StoreError> {
    let mut n_untidy = 0;
    loop {
        let next = if n_untidy < TIDY_AFTER_GROUPS {
            batches.recv().map_err(RecvTimeoutError::from)
        } else {
            batches.recv_timeout(QUIET_AFTER)
        };
        let batch = match next {
            Ok(batch) => batch,
            Err(RecvTimeoutError::Timeout) => {
                if store.tidy()? == Tidied::Done {
                    n_untidy = 0;
                }
                continue;
            }
            Err(RecvTimeoutError::Disconnected) => return Ok(()),
        };
        let begun = Instant::now();
        if let Some(group) = &batch.group {
            store.commit(group)?;
            n_untidy += 1;
        }
        let answers = shared.publish(batch, Some(begun.elapsed()));
        // The shard makes the next group ready while the callers of this one are answered.
        shared.mailbox.committed();
        answers.give();
    }
}
