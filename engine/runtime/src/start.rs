//! Starting the two threads, and what happens when either of them ends.

use std::{
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, mpsc::Receiver},
    thread,
};

use tokio::sync::{mpsc::UnboundedReceiver, oneshot};

use crate::{
    committer,
    configure::Interpreter,
    error::OpenError,
    readers::Readers,
    runtime::Options,
    script_threads::{panic_message, spawn},
    service::recount,
    shard::{Batch, recover},
    shared::Shared,
    store::{OutboxRow, Store},
};

/// What the face needs of a running shard.
pub(crate) struct Started {
    pub(crate) shared: Arc<Shared>,
    pub(crate) readers: Arc<Readers>,
    /// Calls to the outside, as they are committed; first those that an earlier run left.
    pub(crate) calls: UnboundedReceiver<OutboxRow>,
}

/// Opens a store; on the shard's thread, since it may take long.
pub(crate) type OpenStore = Box<dyn FnOnce() -> Result<Box<dyn Store>, OpenError> + Send>;

/// Opens the store, recovers, and runs until the mailbox is closed. Recovery compiles flows, so it happens on the
/// shard's thread, which has the stack for it.
pub(crate) async fn start(options: Options, interpreter: Interpreter, open: OpenStore) -> Result<Started, OpenError> {
    let (started, starting) = oneshot::channel();
    spawn("routewright-shard", move || {
        let recovered = catch_unwind(AssertUnwindSafe(|| {
            let mut store = open()?;
            let recovered = recover(&options, &interpreter, &mut *store)?;
            let shared = Arc::clone(&recovered.shared);
            recount(store.reader()?, recovered.last_group, &shared).map_err(OpenError::Thread)?;
            start_committer(store, recovered.batches, &shared).map_err(OpenError::Thread)?;
            wake_on_jumps(&options, &shared);
            Ok((recovered.shard, Started { shared, readers: recovered.readers, calls: recovered.calls }))
        }));
        let recovered = recovered.unwrap_or_else(|panic| {
            Err(OpenError::Thread(io::Error::other(format!("recovery failed inside: {}", panic_message(&*panic)))))
        });
        let (shard, face) = match recovered {
            Ok(running) => running,
            // Whoever asked may have gone; there is nobody else to tell.
            Err(error) => return drop(started.send(Err(error))),
        };
        let shared = Arc::clone(&face.shared);
        if started.send(Ok(face)).is_err() {
            shared.mailbox.close();
        }
        // When the shard is dropped, the committer finds nothing more to do and ends.
        match catch_unwind(AssertUnwindSafe(|| shard.run())) {
            Ok(Ok(())) => {}
            Ok(Err(failure)) => shared.fail(&failure.to_string()),
            Err(panic) => shared.fail(&format!("the shard failed inside: {}", panic_message(&*panic))),
        }
    })
    .map_err(OpenError::Thread)?;
    match starting.await {
        Ok(result) => result,
        Err(_) => Err(OpenError::Thread(io::Error::other("the shard's thread ended before it began"))),
    }
}

fn start_committer(store: Box<dyn Store>, batches: Receiver<Batch>, shared: &Arc<Shared>) -> io::Result<()> {
    let shared = Arc::clone(shared);
    let thread = thread::Builder::new().name("routewright-committer".to_owned());
    thread.spawn(move || {
        // The store is dropped inside: once `finished` is said, the files may be opened again.
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| committer::run(store, &batches, &shared))) {
            shared.fail(&format!("the committer failed inside: {}", panic_message(&*panic)));
        }
        drop(batches);
        shared.finished();
    })?;
    Ok(())
}

fn wake_on_jumps(options: &Options, shared: &Arc<Shared>) {
    let shared = Arc::downgrade(shared);
    options.clock.on_jump(Box::new(move || {
        if let Some(shared) = shared.upgrade() {
            shared.mailbox.wake();
        }
    }));
}
