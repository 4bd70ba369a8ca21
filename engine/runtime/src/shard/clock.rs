//! The logical now: never less than the last one kept, whatever the clock says.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use routewright_engine::Timestamp;

use crate::{clock::Clock, limits::CLOCK_JUMP_REPORTED};

pub(super) struct LogicalClock {
    clock: Arc<dyn Clock>,
    /// The logical now; rises only.
    now: Timestamp,
    /// What the clock said last, and when that was by a clock that nobody can set.
    last: (Timestamp, Instant),
}

impl LogicalClock {
    /// A clock that goes on from `kept`, the logical now of the last group.
    pub(super) fn new(clock: Arc<dyn Clock>, kept: Timestamp) -> Self {
        let reading = clock.now();
        let behind = kept.since(reading);
        if CLOCK_JUMP_REPORTED < behind {
            tracing::warn!(
                behind_s = behind.as_secs(),
                "the machine's clock is behind what was kept: time stands still until it has caught up"
            );
        }
        Self { now: kept.max(reading), last: (reading, Instant::now()), clock }
    }

    pub(super) fn now(&mut self) -> Timestamp {
        let reading = self.clock.now();
        let instant = Instant::now();
        let (last, last_instant) = self.last;
        let passed = instant.duration_since(last_instant);
        let ahead = reading.since(last).saturating_sub(passed);
        let behind = last.since(reading);
        if CLOCK_JUMP_REPORTED < ahead {
            tracing::warn!(ahead_s = ahead.as_secs(), "the machine's clock jumped forward, or the machine slept");
        }
        if CLOCK_JUMP_REPORTED < behind {
            tracing::warn!(
                behind_s = behind.as_secs(),
                "the machine's clock jumped backward: time stands still until it has caught up"
            );
        }
        self.last = (reading, instant);
        self.now = self.now.max(reading);
        self.now
    }

    /// How long to sleep for a deadline; `None` until woken.
    pub(super) fn sleep_for(&self, deadline: Timestamp) -> Option<Duration> {
        self.clock.sleep_for(deadline)
    }
}
