//! Where the time comes from. The heart is told `now`; here is who tells it.
//!
//! What it deliberately does not do: it does not promise that time goes forward. The shard does, with a logical now
//! that is kept in the store and never decreases.

use std::{
    fmt,
    sync::{Mutex, PoisonError},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use routewright_engine::Timestamp;

/// A source of instants.
pub trait Clock: Send + Sync {
    /// The instant.
    fn now(&self) -> Timestamp;

    /// How long a driver may sleep before it should look again, when its next deadline is `deadline`. `None` means
    /// until it is woken: a clock that is moved by hand wakes its drivers itself.
    fn sleep_for(&self, deadline: Timestamp) -> Option<Duration> {
        Some(deadline.since(self.now()))
    }

    /// Registers what to call when time jumps. A clock that runs by itself never calls it.
    fn on_jump(&self, _wake: Box<dyn Fn() + Send + Sync>) {}
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        // A clock before 1970 is a machine without a battery: the logical now holds until it is set.
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp(i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX))
    }
}

/// A clock that stands still until it is moved: tests and simulations drive it.
pub struct ManualClock {
    state: Mutex<Hands>,
}

struct Hands {
    now: Timestamp,
    wakes: Vec<Box<dyn Fn() + Send + Sync>>,
}

impl ManualClock {
    /// A clock that shows `now`.
    #[must_use]
    pub fn new(now: Timestamp) -> Self {
        Self { state: Mutex::new(Hands { now, wakes: Vec::new() }) }
    }

    /// Moves it forward.
    pub fn advance(&self, by: Duration) {
        let now = self.now() + by;
        self.set(now);
    }

    /// Sets it, forward or backward.
    pub fn set(&self, now: Timestamp) {
        let mut hands = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        hands.now = now;
        for wake in &hands.wakes {
            wake();
        }
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).now
    }

    fn sleep_for(&self, _: Timestamp) -> Option<Duration> {
        None
    }

    fn on_jump(&self, wake: Box<dyn Fn() + Send + Sync>) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).wakes.push(wake);
    }
}

impl fmt::Debug for ManualClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ManualClock").field("now", &self.now()).finish_non_exhaustive()
    }
}
