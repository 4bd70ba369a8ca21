//! Opening hours as a predicate on instants (`requirements/capacity-and-timers.md`, section 5).
//!
//! An instant is open when the wall clock of the calendar's zone reads a time inside a window of its date, or inside
//! the past-midnight part of the date before, and no closure covers it. Special dates replace weekly hours; closures
//! beat both (PBX-07). Everything is half open. Whether a wall-clock time is open depends on that reading alone, so
//! where clocks are put forward the skipped times add nothing, and where they are put back both passes count.
//!
//! What it deliberately does not do: it never turns a wall-clock time into an instant, which is where gaps and
//! overlaps go wrong; and it knows no zone, whose rules reach it as data ([`ZoneRules`]).

mod diff;
mod settings;
mod zone;

#[cfg(test)]
mod tests;

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use routewright_flows::Words;
use serde::Serialize;

pub use diff::{Difference, Moved};
pub use settings::{
    CalendarSettings, ClosedDates, ClosureMode, Date, DayTime, SpecialDate, WeeklyHours, Window, ZoneName,
};
pub use zone::ZoneRules;

use crate::time::Timestamp;

/// What a calendar says of an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CalendarState {
    /// Open.
    Open,
    /// Outside the hours of the day.
    Closed,
    /// Inside a closed date (PBX-06): the service would be open but for a closure, or a closure covers the whole day.
    Holiday,
}

/// Settings and zone rules, ready to answer.
#[derive(Debug, Clone)]
pub struct Calendar {
    zone: Arc<ZoneRules>,
    /// Windows of each day of the week, Monday first.
    weekly: [Vec<Stretch>; 7],
    /// Windows of the dates that have their own, by day number.
    special: BTreeMap<i64, Vec<Stretch>>,
    closures: Vec<Closure>,
    /// The instant from which every week is like the next: no date is named any more, no offset changes any more.
    settled_ms: i64,
    settings: Arc<CalendarSettings>,
}

/// Milliseconds of a wall clock, half open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Stretch {
    from: i64,
    to: i64,
}

/// A closure in wall-clock milliseconds.
#[derive(Debug, Clone, Copy)]
struct Closure {
    /// First and last day it touches.
    days: (i64, i64),
    /// What it covers: of each day for `Daily`, from the first day's midnight on for `Span`.
    stretch: Stretch,
    mode: ClosureMode,
}

impl Closure {
    /// The part of a day that it covers, in milliseconds from that day's midnight; empty stretches included.
    fn on(&self, day: i64) -> Option<Stretch> {
        if day < self.days.0 || self.days.1 < day {
            return None;
        }
        Some(match self.mode {
            ClosureMode::Daily => self.stretch,
            ClosureMode::Span => {
                let passed = (day - self.days.0) * DAY_MS;
                Stretch { from: (self.stretch.from - passed).max(0), to: (self.stretch.to - passed).min(DAY_MS) }
            }
        })
    }
}

impl Calendar {
    /// A calendar of these settings under these rules.
    ///
    /// # Errors
    /// Everything that is wrong with the settings, sorted by field.
    pub fn new(settings: CalendarSettings, zone: Arc<ZoneRules>) -> Result<Self, Vec<CalendarProblem>> {
        let mut problems = Problems::default();
        settings::check(&settings, &mut problems);
        zone.check(settings.zone.as_str(), &mut problems);
        problems.none()?;

        let weekly = settings.weekly.days().map(|(_, windows)| stretches(windows));
        let special: BTreeMap<i64, Vec<Stretch>> =
            settings.special.iter().map(|s| (s.date.day(), stretches(&s.windows))).collect();
        let closures: Vec<Closure> = settings.closed.iter().map(closure).collect();
        let settled_ms = settled(&zone, &weekly, &special, &closures);
        Ok(Self { zone, weekly, special, closures, settled_ms, settings: Arc::new(settings) })
    }

    /// What the calendar says of an instant.
    #[must_use]
    pub fn state(&self, now: Timestamp) -> CalendarState {
        let at = now.0.clamp(-EDGE_MS, EDGE_MS);
        let local = at + self.zone.segment(at).offset_ms;
        let (day, time) = (local.div_euclid(DAY_MS), local.rem_euclid(DAY_MS));
        let in_hours = self.hours(day).any(|s| s.from <= time && time < s.to);
        let mut covers = self.closures.iter().filter_map(|c| c.on(day)).filter(|s| s.from <= time && time < s.to);
        let closure = if in_hours { covers.next() } else { covers.find(|s| *s == WHOLE_DAY) };
        match (closure, in_hours) {
            (Some(_), _) => CalendarState::Holiday,
            (None, true) => CalendarState::Open,
            (None, false) => CalendarState::Closed,
        }
    }

    /// True when the instant is open.
    #[must_use]
    pub fn is_open(&self, now: Timestamp) -> bool {
        self.state(now) == CalendarState::Open
    }

    /// The first later instant at which the service opens or closes; `None` when it never does again.
    #[must_use]
    pub fn next_change(&self, now: Timestamp) -> Option<Timestamp> {
        let open = self.is_open(now);
        let start = now.0.clamp(-EDGE_MS, EDGE_MS);
        let end = (start.max(self.settled_ms) + REPEAT_MS).min(EDGE_MS);
        let mut at = start;
        while at < end {
            let piece = self.piece(at);
            let change = if open { piece.closed_from(at) } else { piece.open_from(at) };
            if let Some(change) = change {
                return Some(Timestamp(change));
            }
            at = piece.end_ms;
        }
        None
    }

    /// How much of the time between two instants is open; nothing when `to` is not later.
    #[must_use]
    pub fn elapsed(&self, from: Timestamp, to: Timestamp) -> Duration {
        let (from, to) = (from.0.clamp(-EDGE_MS, EDGE_MS), to.0.clamp(-EDGE_MS, EDGE_MS));
        if to <= from {
            return Duration::ZERO;
        }
        let settled = self.settled_ms.clamp(from, to);
        let weeks = (to - settled) / WEEK_MS;
        let of_weeks = if weeks == 0 { 0 } else { weeks * self.open_ms(settled, settled + WEEK_MS) };
        let open_ms = self.open_ms(from, settled) + of_weeks + self.open_ms(settled + weeks * WEEK_MS, to);
        Duration::from_millis(u64::try_from(open_ms).unwrap_or(0))
    }

    /// The earliest instant by which so much open time has passed since `from`; `None` when that never comes.
    #[must_use]
    pub fn due(&self, from: Timestamp, length: Duration) -> Option<Timestamp> {
        let mut left = i64::try_from(length.as_millis()).unwrap_or(i64::MAX);
        if left == 0 {
            return Some(from);
        }
        let mut at = from.0.clamp(-EDGE_MS, EDGE_MS);
        let mut weeks_skipped = false;
        while at < EDGE_MS {
            if self.settled_ms <= at && !weeks_skipped {
                let week = self.open_ms(at, at + WEEK_MS);
                if week == 0 {
                    return None;
                }
                let weeks = (left - 1) / week;
                at = weeks.checked_mul(WEEK_MS).and_then(|ms| at.checked_add(ms)).filter(|at| *at < EDGE_MS)?;
                left -= weeks * week;
                weeks_skipped = true;
            }
            let piece = self.piece(at);
            for stretch in piece.open.iter().filter(|s| at < s.to) {
                let begins = stretch.from.max(at);
                if left <= stretch.to - begins {
                    return Some(Timestamp(begins + left));
                }
                left -= stretch.to - begins;
            }
            at = piece.end_ms;
        }
        None
    }

    /// What the wall clock of the calendar's zone shows at an instant: the day, counted from 1970-01-01, and the minute
    /// of the day.
    #[must_use]
    pub fn wall_clock(&self, at: Timestamp) -> (i64, u16) {
        let at = at.0.clamp(-EDGE_MS, EDGE_MS);
        let local = at + self.zone.segment(at).offset_ms;
        let minute = local.rem_euclid(DAY_MS) / MINUTE_MS;
        (local.div_euclid(DAY_MS), u16::try_from(minute).unwrap_or(0))
    }

    /// The instant at which the wall clock shows this. Of a time that it shows twice, the first; a time that it skips is
    /// as much later as it skips.
    #[must_use]
    pub fn instant(&self, day: i64, minute: u16) -> Timestamp {
        let local = day.clamp(-EDGE_MS / DAY_MS, EDGE_MS / DAY_MS) * DAY_MS + i64::from(minute) * MINUTE_MS;
        let offset_at = |at: i64| self.zone.segment(at).offset_ms;
        let [before, after] = [offset_at(local - DAY_MS), offset_at(local + DAY_MS)];
        let shown = |offset: i64| offset_at(local - offset) == offset;
        Timestamp(local - if shown(before) || !shown(after) { before } else { after })
    }

    /// The rules it computes with; their version belongs beside every due instant that is stored.
    #[must_use]
    pub fn zone(&self) -> &ZoneRules {
        &self.zone
    }

    /// The settings it was made of.
    #[must_use]
    pub fn settings(&self) -> &CalendarSettings {
        &self.settings
    }

    /// The windows that reach into a day, in milliseconds from its midnight; may overlap, may reach past its end.
    fn hours(&self, day: i64) -> impl Iterator<Item = Stretch> + '_ {
        let tail = self.windows(day - 1).iter().map(|s| Stretch { from: s.from - DAY_MS, to: s.to - DAY_MS });
        self.windows(day).iter().copied().chain(tail.filter(|s| 0 < s.to))
    }

    /// The windows written for a day.
    fn windows(&self, day: i64) -> &[Stretch] {
        let of_week = || &self.weekly[usize::try_from((day + MONDAY_SHIFT).rem_euclid(7)).unwrap_or(0)];
        self.special.get(&day).unwrap_or_else(of_week)
    }

    /// The piece of time around an instant in which the wall clock runs evenly and stays on one date.
    fn piece(&self, at: i64) -> Piece {
        let segment = self.zone.segment(at);
        let day = (at + segment.offset_ms).div_euclid(DAY_MS);
        let midnight = day * DAY_MS - segment.offset_ms;
        let end_ms = segment.end_ms.min(midnight + DAY_MS);
        let mut open: Vec<Stretch> = self.hours(day).collect();
        open.sort_unstable();
        join(&mut open);
        for covered in self.closures.iter().filter_map(|c| c.on(day)) {
            cut(&mut open, covered);
        }
        for stretch in &mut open {
            *stretch = Stretch { from: stretch.from.max(0) + midnight, to: (stretch.to + midnight).min(end_ms) };
        }
        open.retain(|s| s.from < s.to);
        Piece { end_ms, open }
    }

    /// Open milliseconds between two instants, piece by piece.
    fn open_ms(&self, from: i64, to: i64) -> i64 {
        let (mut at, mut open_ms) = (from, 0);
        while at < to {
            let piece = self.piece(at);
            open_ms += piece.open.iter().map(|s| (s.to.min(to) - s.from.max(at)).max(0)).sum::<i64>();
            at = piece.end_ms;
        }
        open_ms
    }
}

/// A part of one date under one offset, in UTC milliseconds.
struct Piece {
    end_ms: i64,
    /// What is open of it: disjoint, in order, never touching.
    open: Vec<Stretch>,
}

impl Piece {
    /// The first open instant from `at` on.
    fn open_from(&self, at: i64) -> Option<i64> {
        self.open.iter().find(|s| at < s.to).map(|s| s.from.max(at))
    }

    /// The first instant from `at` on that is not open.
    fn closed_from(&self, at: i64) -> Option<i64> {
        let around = self.open.iter().find(|s| s.from <= at && at < s.to);
        Some(around.map_or(at, |s| s.to)).filter(|end| *end < self.end_ms)
    }
}

/// Why settings are not a calendar.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct CalendarProblem {
    /// JSON pointers of the fields that disagree.
    pub fields: Vec<String>,
    /// Stable code (`windows-overlap`).
    pub code: &'static str,
    /// What is wrong and what to do.
    pub message: Words,
}

/// Problems being gathered.
#[derive(Debug, Default)]
struct Problems(Vec<CalendarProblem>);

impl Problems {
    fn add<const N: usize>(&mut self, code: &'static str, fields: [impl Into<String>; N], message: Words) {
        self.0.push(CalendarProblem { fields: fields.map(Into::into).into(), code, message });
    }

    fn none(mut self) -> Result<(), Vec<CalendarProblem>> {
        self.0.sort();
        if self.0.is_empty() { Ok(()) } else { Err(self.0) }
    }
}

fn stretches(windows: &[Window]) -> Vec<Stretch> {
    windows.iter().map(|w| Stretch { from: ms(w.from), to: ms(w.to) }).collect()
}

fn ms(time: DayTime) -> i64 {
    i64::from(time.minutes()) * MINUTE_MS
}

fn closure(closed: &ClosedDates) -> Closure {
    let days = (closed.from.day(), closed.to.day());
    let passed = match closed.mode {
        ClosureMode::Daily => 0,
        ClosureMode::Span => (days.1 - days.0) * DAY_MS,
    };
    let stretch = Stretch { from: ms(closed.begins()), to: ms(closed.ends()) + passed };
    Closure { days, stretch, mode: closed.mode }
}

/// The instant from which weeks repeat. A week that is never or always open repeats whatever the clocks do.
fn settled(
    zone: &ZoneRules,
    weekly: &[Vec<Stretch>; 7],
    special: &BTreeMap<i64, Vec<Stretch>>,
    closures: &[Closure],
) -> i64 {
    let last_named = special.keys().copied().chain(closures.iter().map(|c| c.days.1)).max();
    // Two days for a special date's past-midnight part, one for the zone's distance from UTC.
    let dates_ms = last_named.map_or(-EDGE_MS, |day| (day + 3) * DAY_MS);
    let never = weekly.iter().all(Vec::is_empty);
    let always = weekly.iter().all(|day| {
        let mut day = day.clone();
        day.sort_unstable();
        join(&mut day);
        day.first().is_some_and(|s| s.from == 0 && DAY_MS <= s.to)
    });
    if never || always { dates_ms } else { dates_ms.max(zone.settled_ms()) }
}

/// Joins sorted stretches that overlap or touch.
fn join(sorted: &mut Vec<Stretch>) {
    sorted.dedup_by(|next, kept| {
        let joins = next.from <= kept.to;
        if joins {
            kept.to = kept.to.max(next.to);
        }
        joins
    });
}

/// Takes `covered` out of disjoint stretches.
fn cut(open: &mut Vec<Stretch>, covered: Stretch) {
    if covered.to <= covered.from {
        return;
    }
    *open = open
        .iter()
        .flat_map(|s| {
            let before = Stretch { from: s.from, to: s.to.min(covered.from) };
            let after = Stretch { from: s.from.max(covered.to), to: s.to };
            [before, after]
        })
        .filter(|s| s.from < s.to)
        .collect();
}

/// Covers a day from midnight to midnight.
const WHOLE_DAY: Stretch = Stretch { from: 0, to: DAY_MS };

const MS_PER_S: i64 = 1_000;
const MINUTE_MS: i64 = 60 * MS_PER_S;
const DAY_MS: i64 = 1_440 * MINUTE_MS;
const WEEK_MS: i64 = 7 * DAY_MS;

/// A week and a day: once settled, a change that does not come within it never comes.
const REPEAT_MS: i64 = 8 * DAY_MS;

/// 1970-01-01 was a Thursday.
const MONDAY_SHIFT: i64 = 3;

/// The end of the year 9999, and as far the other way; instants beyond are read as this one.
const EDGE_MS: i64 = 253_402_300_799_999;
