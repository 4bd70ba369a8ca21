//! The eyes on the store: a few read-only connections, lent to jobs on blocking threads.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Semaphore;

use crate::{
    error::{ReadError, StoreError},
    store::{Reader, Store},
};

/// A pool of readers. As many jobs read at once as there are readers; others wait their turn.
pub(crate) struct Readers {
    idle: Mutex<Vec<Box<dyn Reader>>>,
    turns: Arc<Semaphore>,
}

impl Readers {
    pub(crate) fn open(store: &dyn Store, count: usize) -> Result<Arc<Self>, StoreError> {
        let idle: Vec<_> = (0..count.max(1)).map(|_| store.reader()).collect::<Result<_, _>>()?;
        Ok(Arc::new(Self { turns: Arc::new(Semaphore::new(idle.len())), idle: Mutex::new(idle) }))
    }

    /// Runs a job with a reader.
    pub(crate) async fn read<T: Send + 'static>(
        self: &Arc<Self>,
        job: impl FnOnce(&mut dyn Reader) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, ReadError> {
        let turn = Arc::clone(&self.turns).acquire_owned().await.map_err(|_| ReadError::Closed)?;
        let readers = Arc::clone(self);
        let done = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            let mut reader = readers.lock().pop().expect("there are as many turns as readers");
            let result = job(&mut *reader);
            readers.lock().push(reader);
            result
        });
        match done.await {
            Ok(result) => result.map_err(ReadError::from),
            // The job was cancelled with its runtime, or it panicked and was reported there.
            Err(_) => Err(ReadError::Closed),
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Box<dyn Reader>>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
