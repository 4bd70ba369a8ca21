//! What another version of a calendar, or of its zone's rules, changes: the stretches of time that open or close, and
//! the due instants that move (`requirements/capacity-and-timers.md`, section 5, rule 5).
//!
//! What it deliberately does not do: it compares no settings; two calendars that are written differently and open alike
//! do not differ.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::Calendar;
use crate::{limits::CALENDAR_DIFFERENCES_MAX, time::Timestamp};

/// A stretch of time in which one calendar is open and the other is not; half open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    /// Its beginning.
    pub from: Timestamp,
    /// Its end.
    pub to: Timestamp,
    /// True when it opens, false when it closes.
    pub opens: bool,
}

/// A due instant that is another under the other calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moved {
    /// From when the time was counted.
    pub start: Timestamp,
    /// When it was due; none for never.
    pub before: Option<Timestamp>,
    /// When it is due now.
    pub after: Option<Timestamp>,
}

impl Calendar {
    /// The stretches between two instants in which this calendar and a later version of it differ, in order; at most
    /// [`CALENDAR_DIFFERENCES_MAX`].
    #[must_use]
    pub fn differences(&self, later: &Self, from: Timestamp, to: Timestamp) -> Vec<Difference> {
        let mut found: Vec<Difference> = Vec::new();
        let mut at = from;
        while at < to && found.len() < CALENDAR_DIFFERENCES_MAX {
            let changes = [self.next_change(at), later.next_change(at)].into_iter().flatten();
            let end = changes.min().map_or(to, |change| change.min(to));
            let opens = later.is_open(at);
            if self.is_open(at) != opens {
                match found.last_mut().filter(|last| last.to == at && last.opens == opens) {
                    Some(last) => last.to = end,
                    None => found.push(Difference { from: at, to: end, opens }),
                }
            }
            at = end;
        }
        found
    }

    /// Those of some promises, each a beginning and a length of open time, that are due at another instant under a
    /// later version of the calendar.
    #[must_use]
    pub fn moved(&self, later: &Self, promises: &[(Timestamp, Duration)]) -> Vec<Moved> {
        let due = |(start, length): &(Timestamp, Duration)| Moved {
            start: *start,
            before: self.due(*start, *length),
            after: later.due(*start, *length),
        };
        promises.iter().map(due).filter(|moved| moved.before != moved.after).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::{prelude::*, sample::select};
    use serde_json::{Value, json};

    use super::*;
    use crate::calendar::ZoneRules;

    const HOUR_S: i64 = 3_600;

    fn calendar(hours: Value, offsets: &[(i64, i32)]) -> Calendar {
        let zone = ZoneRules { name: "Test/Zone".into(), version: "test".into(), offsets: offsets.to_vec() };
        let mut settings = hours;
        settings["zone"] = json!("Test/Zone");
        Calendar::new(serde_json::from_value(settings).expect("settings"), Arc::new(zone)).expect("a calendar")
    }

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).expect("an instant")
    }

    /// 1970-01-01 was a Thursday.
    fn thursday(from: &str, to: &str) -> Value {
        json!({ "weekly": { "thursday": [{ "from": from, "to": to }] } })
    }

    #[test]
    fn u_30_a_closed_date_more_lists_its_hours_and_the_promises_it_moves() {
        let before = calendar(thursday("09:00", "17:00"), &[(0, 0)]);
        let mut hours = thursday("09:00", "17:00");
        hours["closed"] = json!([{ "from": "1970-01-08", "to": "1970-01-08" }]);
        let after = calendar(hours, &[(0, 0)]);
        let (from, to) = (at("1970-01-01T00:00:00Z"), at("1970-02-01T00:00:00Z"));
        let (start, end) = (at("1970-01-08T09:00:00Z"), at("1970-01-08T17:00:00Z"));
        assert_eq!(before.differences(&after, from, to), [Difference { from: start, to: end, opens: false }]);
        let promises = [(at("1970-01-01T16:00:00Z"), Duration::from_secs(7_200)), (from, Duration::from_secs(3_600))];
        let moved = Moved {
            start: promises[0].0,
            before: Some(at("1970-01-08T10:00:00Z")),
            after: Some(at("1970-01-15T10:00:00Z")),
        };
        assert_eq!(before.moved(&after, &promises), [moved], "the other is due before the closed date");
    }

    #[test]
    fn u_30_new_rules_of_a_zone_move_the_hours_from_the_day_they_hold() {
        let hours = || thursday("09:00", "17:00");
        let before = calendar(hours(), &[(0, 0)]);
        let after = calendar(hours(), &[(0, 0), (10 * 24 * HOUR_S, 3_600)]);
        let (from, to) = (at("1970-01-01T00:00:00Z"), at("1970-01-16T00:00:00Z"));
        assert_eq!(
            before.differences(&after, from, to),
            [
                Difference { from: at("1970-01-15T08:00:00Z"), to: at("1970-01-15T09:00:00Z"), opens: true },
                Difference { from: at("1970-01-15T16:00:00Z"), to: at("1970-01-15T17:00:00Z"), opens: false },
            ]
        );
    }

    proptest! {
        /// The differences are those that asking for every minute finds.
        #[test]
        fn differences_agree_with_the_brute_force(
            first in (0..20_u32, 1..10_u32),
            second in (0..20_u32, 1..10_u32),
            shift in select(&[0, 1_800, 3_600, -3_600][..]),
            closed in any::<bool>(),
        ) {
            let hours = |(from, length): (u32, u32)| thursday(&format!("{from:02}:00"), &format!("{:02}:30", from + length));
            let before = calendar(hours(first), &[(0, 0)]);
            let mut later = hours(second);
            if closed {
                later["closed"] = json!([{ "from": "1970-01-08", "to": "1970-01-09", "from_time": "10:00", "to_time": "12:00" }]);
            }
            let after = calendar(later, &[(0, 0), (5 * 24 * HOUR_S, shift)]);
            let (from, to) = (Timestamp(0), Timestamp(16 * 24 * HOUR_S * 1_000));
            let found = before.differences(&after, from, to);
            for minute in 0..16 * 24 * 60 {
                let now = Timestamp(minute * 60_000);
                let within = found.iter().find(|d| d.from <= now && now < d.to).map(|d| d.opens);
                let brute = (before.is_open(now) != after.is_open(now)).then(|| after.is_open(now));
                prop_assert_eq!(within, brute, "{}", now);
            }
        }
    }
}
