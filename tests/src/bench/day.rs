//! One day of 1,000 agents and 200,000 contacts, told to a switchboard on one core: every message, offer, conversation,
//! record, timer and heartbeat of it, without store and network.

use super::{Figure, rate, timed};
use crate::day::{Plan, Reloads, tell};

/// Tells it.
///
/// # Errors
/// When the day cannot be told.
pub fn run() -> Result<Vec<Figure>, String> {
    let plan =
        Plan { seed: 1, agents: 1_000, contacts_a_day: 200_000, events: None, hashed: false, reloads: Reloads::Never };
    let (took, told) = timed(|| tell(plan));
    let told = told?;
    let events = usize::try_from(told.events).map_err(|e| e.to_string())?;
    Ok(vec![
        Figure::judged(
            format!("one day of {} agents and {} contacts, on one core", plan.agents, told.contacts),
            format!("{:.2} s", took.as_secs_f64()),
            "at most 10 s",
            took.as_secs_f64() <= 10.0,
        ),
        Figure::noted(
            "events of the day, timers and heartbeats among them",
            format!("{}, {}, {}; {:.0} a second", told.events, told.timers, told.heartbeats, rate(events, took)),
        ),
        Figure::noted("contacts taken, and given up", format!("{}, {}", told.taken, told.abandoned)),
    ])
}
