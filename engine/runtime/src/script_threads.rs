//! Threads for jobs that may meet hostile scripts outside the shard: checks, compilation, rehearsals.
//!
//! What it deliberately does not do: it sets no deadline; the sandbox's budgets do, and this stack is large enough for
//! them to be met first.

use std::{
    any::Any,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    thread,
};

use tokio::sync::{Semaphore, oneshot};

use crate::{
    error::ScriptThreadError,
    limits::{SCRIPT_STACK_BYTES, SCRIPT_THREADS_PER_CORE},
};

/// The bound on such threads.
#[derive(Debug)]
pub(crate) struct ScriptThreads {
    turns: Arc<Semaphore>,
}

impl Default for ScriptThreads {
    fn default() -> Self {
        let cores = thread::available_parallelism().map_or(1, usize::from);
        Self { turns: Arc::new(Semaphore::new(cores * SCRIPT_THREADS_PER_CORE)) }
    }
}

impl ScriptThreads {
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        job: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, ScriptThreadError> {
        let turn = Arc::clone(&self.turns).acquire_owned().await.map_err(|_| ScriptThreadError::Closed)?;
        let (answer, answered) = oneshot::channel();
        spawn("routewright-script", move || {
            // Nobody may be waiting any more; then the result is of no use.
            let _ = answer.send(catch_unwind(AssertUnwindSafe(job)));
            drop(turn);
        })
        .map_err(ScriptThreadError::Thread)?;
        match answered.await {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(panic)) => Err(ScriptThreadError::Panicked(panic_message(&*panic))),
            Err(_) => Err(ScriptThreadError::Closed),
        }
    }
}

/// Starts a thread with a stack that scripts cannot exhaust within their budgets.
pub(crate) fn spawn(name: &str, job: impl FnOnce() + Send + 'static) -> std::io::Result<thread::JoinHandle<()>> {
    thread::Builder::new().name(name.to_owned()).stack_size(SCRIPT_STACK_BYTES).spawn(job)
}

/// What a panic said.
pub(crate) fn panic_message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "no message".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_job_that_panics_is_an_error_and_the_next_one_runs() {
        let threads = ScriptThreads::default();
        let failed = threads.run(|| -> u8 { panic!("on purpose") }).await;
        assert!(matches!(failed, Err(ScriptThreadError::Panicked(message)) if message == "on purpose"));
        assert_eq!(threads.run(|| 7).await.expect("the job ends"), 7);
    }

    #[tokio::test]
    async fn more_jobs_than_threads_all_come_to_their_end() {
        let threads = Arc::new(ScriptThreads::default());
        let jobs: Vec<_> = (0..64_u64)
            .map(|n| {
                let threads = Arc::clone(&threads);
                tokio::spawn(async move { threads.run(move || n * n).await })
            })
            .collect();
        for (n, job) in (0..).zip(jobs) {
            assert_eq!(job.await.expect("no panic").expect("the job ends"), n * n);
        }
    }
}
