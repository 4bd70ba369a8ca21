//! Makes the calls that flows ask for: HTTP requests and e-mails. It is the only part that opens a connection to
//! somewhere else.
//!
//! What it deliberately does not do: it decides nothing about interactions and reads no store. The runtime hands it a
//! call with the secrets that the call names, and takes back what came of it.
//!
//! In reading order: one call from first attempt to answer ([`Outside`]), one HTTP attempt (`http`), one e-mail (`mail`),
//! which addresses may be called (`guard`), which hosts are left alone (`breaker`), and signatures ([`signature`]).

mod breaker;
mod guard;
mod http;
mod mail;
pub mod signature;

use std::{sync::Arc, time::Duration};

use routewright_engine::call::{Call, CallAnswer, CallFailure, Patience};
use routewright_runtime::calls::{Answering, CallOrder, Caller};
use tokio::{
    sync::{Notify, Semaphore},
    time::{Instant, timeout},
};

use self::{breaker::Breakers, http::Http};
pub use guard::Reach;

/// Calls under way at once; further ones wait. A call holds a socket and a buffer, not a thread.
const CALLS_MAX: usize = 512;

/// How flows reach other systems.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options {
    /// Which addresses they may call.
    pub reach: Reach,
}

/// The way out. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Outside {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    http: Http,
    breakers: Breakers,
    turns: Semaphore,
    /// Nobody notifies it: waiting for it with a bound lets time pass.
    never: Notify,
}

/// The way out cannot be made: the machine has no usable certificates.
#[derive(Debug, thiserror::Error)]
#[error("calls to the outside cannot be made: {0}")]
pub struct NoWayOut(String);

impl Outside {
    /// A way out under these options.
    ///
    /// # Errors
    /// [`NoWayOut`] when the machine's root certificates cannot be read.
    pub fn new(options: Options) -> Result<Self, NoWayOut> {
        let http = Http::new(options.reach).map_err(|error| NoWayOut(error.to_string()))?;
        let (breakers, turns) = (Breakers::default(), Semaphore::new(CALLS_MAX));
        Ok(Self { inner: Arc::new(Inner { http, breakers, turns, never: Notify::new() }) })
    }

    async fn make(self, order: CallOrder) -> CallAnswer {
        let Ok(_turn) = self.inner.turns.acquire().await else { return failed(CallFailure::Unreachable, "closing") };
        match &order.call {
            Call::Http(call) => {
                let host = match http::host_of(&call.url) {
                    Ok(host) => host,
                    Err(attempt) => return attempt.into_answer(),
                };
                self.persist(call.patience, Some(&host), || self.inner.http.attempt(call, &order)).await
            }
            Call::Mail(call) => self.persist(call.patience, None, || mail::attempt(call, &order)).await,
        }
    }

    /// Tries until there is a usable answer, or no attempt is left.
    async fn persist<F: Future<Output = Attempt>>(
        &self,
        patience: Patience,
        host: Option<&str>,
        attempt: impl Fn() -> F,
    ) -> CallAnswer {
        let last = patience.retries.saturating_add(1);
        let mut number = 1;
        loop {
            // Its end is the point; nothing ever comes before it.
            let _ = timeout(patience.wait_before(number), self.inner.never.notified()).await;
            if let Some(host) = host.filter(|host| !self.inner.breakers.may_call(host, Instant::now())) {
                return failed(CallFailure::CircuitOpen, &format!("'{host}' failed too often and is left alone"));
            }
            let attempted = match timeout(patience.timeout.get(), attempt()).await {
                Ok(attempted) => attempted,
                Err(_) => Attempt::again(CallFailure::Timeout, format!("no answer within {}", patience.timeout)),
            };
            if let Some(host) = host {
                self.inner.breakers.note(host, attempted.is_the_hosts_fault(), Instant::now());
            }
            if !attempted.again || number == last {
                return attempted.answer;
            }
            number += 1;
        }
    }
}

impl Caller for Outside {
    fn call(&self, order: CallOrder) -> Answering {
        Box::pin(self.clone().make(order))
    }
}

/// What one attempt brought.
#[derive(Debug)]
struct Attempt {
    answer: CallAnswer,
    /// True when another attempt may do better.
    again: bool,
}

impl Attempt {
    fn done(answer: CallAnswer) -> Self {
        Self { answer, again: false }
    }

    fn again(why: CallFailure, message: impl ToString) -> Self {
        Self { answer: failed(why, &message.to_string()), again: true }
    }

    fn never(why: CallFailure, message: impl ToString) -> Self {
        Self { answer: failed(why, &message.to_string()), again: false }
    }

    fn into_answer(self) -> CallAnswer {
        self.answer
    }

    /// True when the host is in trouble, rather than the call wrong.
    fn is_the_hosts_fault(&self) -> bool {
        match &self.answer {
            CallAnswer::Replied { status, .. } => 500 <= *status,
            CallAnswer::Accepted {} => false,
            CallAnswer::Failed { why, .. } => match why {
                CallFailure::Timeout | CallFailure::Unreachable => true,
                CallFailure::Forbidden
                | CallFailure::TooLarge
                | CallFailure::CircuitOpen
                | CallFailure::UnknownSecret
                | CallFailure::Invalid
                | CallFailure::Refused => false,
            },
        }
    }
}

/// Characters of a failure's message that are kept.
const MESSAGE_CHARS_MAX: usize = 300;

fn failed(why: CallFailure, message: &str) -> CallAnswer {
    CallAnswer::Failed { why, message: message.chars().take(MESSAGE_CHARS_MAX).collect() }
}

/// How long a connection may take to open, within an attempt.
const CONNECT_MAX: Duration = Duration::from_secs(5);
