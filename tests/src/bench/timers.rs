//! A million pending timers: arm, restart and fire, beside tokio-util's `DelayQueue` in the same run; and the memory of
//! ten million.
//!
//! Both contestants hold the same keys at the same instants, an hour of them in random order. The queue of tokio-util
//! gives out handles, which its user must keep; ours is asked by name.

use std::time::{Duration, Instant};

use routewright_engine::{
    InteractionId, Timestamp,
    timers::{TimerKey, Timers},
};
use tokio_util::time::DelayQueue;

use super::{Figure, memory::resident, timed};

const PENDING: u64 = 1_000_000;
const MANY: u64 = 10_000_000;
const HOUR_MS: u64 = 3_600_000;

/// Runs both.
///
/// # Errors
/// When a contestant loses a timer.
pub fn run() -> Result<Vec<Figure>, String> {
    // First, while nothing that others gave back could be used again unseen.
    let bytes = bytes_each()?;
    let ours = ours()?;
    let theirs = theirs()?;
    let judged = |what: &str, ours: f64, theirs: f64, asked_ns: f64| {
        Figure::judged(
            format!("{what}, {PENDING} pending; `DelayQueue` in the same run"),
            format!("{ours:.0} ns; {theirs:.0} ns"),
            format!("at most {asked_ns:.0} ns"),
            ours <= asked_ns,
        )
    };
    Ok(vec![
        judged("arm", ours.arm, theirs.arm, 100.0),
        judged("restart to a later instant", ours.restart, theirs.restart, 100.0),
        Figure::noted(
            format!("restart to an earlier instant, {PENDING} pending; `DelayQueue` in the same run"),
            format!("{:.0} ns; {:.0} ns", ours.advance, theirs.advance),
        ),
        judged("fire, each, after both restarts", ours.fire, theirs.fire, 1_000.0),
        Figure::judged(
            format!("memory of one of {MANY} pending"),
            format!("{bytes:.1} bytes"),
            "at most 48 bytes",
            bytes <= 48.0,
        ),
    ])
}

/// Nanoseconds each.
struct Costs {
    arm: f64,
    restart: f64,
    advance: f64,
    fire: f64,
}

fn ours() -> Result<Costs, String> {
    let mut timers = Timers::default();
    let mut fill = Duration::ZERO;
    for id in 0..PENDING {
        // The clock is read once for each thousand.
        if id % 1_000 == 0 {
            fill += timed(|| (id..id + 1_000).for_each(|id| timers.arm(key(id), Some(instant(id))))).0;
        }
    }
    let (restart, ()) = timed(|| {
        (0..PENDING).for_each(|n| timers.arm(key(shuffled(n)), Some(Timestamp(instant(n).0 + 2 * 3_600_000))))
    });
    let (advance, ()) =
        timed(|| (0..PENDING).for_each(|n| timers.arm(key(shuffled(n)), Some(Timestamp(instant(n).0 + 3_600_000)))));
    let (fire, fired) = timed(|| {
        let mut fired = 0;
        while timers.pop_due(Timestamp(i64::MAX)).is_some() {
            fired += 1;
        }
        fired
    });
    if fired != PENDING {
        return Err(format!("{fired} of {PENDING} timers fired"));
    }
    Ok(Costs { arm: each(fill), restart: each(restart), advance: each(advance), fire: each(fire) })
}

fn theirs() -> Result<Costs, String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().map_err(|e| e.to_string())?;
    runtime.block_on(async {
        let mut queue = DelayQueue::with_capacity(usize::try_from(PENDING).unwrap_or(usize::MAX));
        let (arm, handles) =
            timed(|| (0..PENDING).map(|id| queue.insert(id, Duration::from_millis(after_ms(id)))).collect::<Vec<_>>());
        let at = |n: u64| usize::try_from(shuffled(n)).unwrap_or(0);
        let (restart, ()) = timed(|| {
            (0..PENDING).for_each(|n| queue.reset(&handles[at(n)], Duration::from_millis(2 * HOUR_MS + after_ms(n))));
        });
        let (advance, ()) = timed(|| {
            (0..PENDING).for_each(|n| queue.reset(&handles[at(n)], Duration::from_millis(HOUR_MS + after_ms(n))));
        });
        // Its clock cannot be told the time: everything is made due at once, and what is measured is the taking.
        let soon = tokio::time::Instant::now();
        handles.iter().for_each(|handle| queue.reset_at(handle, soon));
        let begun = Instant::now();
        let mut fired = 0;
        while std::future::poll_fn(|cx| queue.poll_expired(cx)).await.is_some() {
            fired += 1;
        }
        let fire = begun.elapsed();
        if fired != PENDING {
            return Err(format!("{fired} of {PENDING} timers of the peer fired"));
        }
        Ok(Costs { arm: each(arm), restart: each(restart), advance: each(advance), fire: each(fire) })
    })
}

#[expect(clippy::cast_precision_loss, reason = "sizes are far below 2^52")]
fn bytes_each() -> Result<f64, String> {
    let before = resident(None);
    let mut timers = Timers::default();
    (0..MANY).for_each(|id| timers.arm(key(id), Some(instant(id))));
    let after = resident(None);
    if u64::try_from(timers.len()) != Ok(MANY) {
        return Err("timers were lost".into());
    }
    Ok(after.saturating_sub(before) as f64 / MANY as f64)
}

fn key(id: u64) -> TimerKey {
    TimerKey::Interaction(InteractionId(id + 1))
}

fn instant(id: u64) -> Timestamp {
    Timestamp(i64::try_from(after_ms(id)).unwrap_or(i64::MAX))
}

/// Within an hour, in no order.
fn after_ms(id: u64) -> u64 {
    id.wrapping_mul(0x9E37_79B9_7F4A_7C15) % HOUR_MS
}

/// Each number below [`PENDING`] once, in no order: the factor has no common divisor with it.
fn shuffled(n: u64) -> u64 {
    n * 7_919 % PENDING
}

#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
fn each(took: Duration) -> f64 {
    took.as_secs_f64() * 1e9 / PENDING as f64
}
