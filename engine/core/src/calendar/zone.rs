//! The rules of a time zone as data: when its offset from UTC changed, and to what.
//!
//! What it deliberately does not do: it knows no zone by itself, so that a new release of the zone database is a new
//! value and never a new build, and so that every due instant can say which rules it was computed with.

use serde::{Deserialize, Serialize};

use super::{MS_PER_S, Problems};
use routewright_flows::Words;

/// The offsets of one zone over time.
///
/// The runtime makes it from `jiff`: open the zone, take the offset of an early instant (1970-01-01T00:00:00Z) as the
/// first entry, then one entry for each of `TimeZone::following(1970-01-01T00:00:00Z)` up to 2100, as
/// `(transition.timestamp().as_second(), transition.offset().seconds())`. The list must be as long as the rules are
/// known: after its last entry the offset stays.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ZoneRules {
    /// The IANA name, as the settings write it.
    pub name: String,
    /// The release of the zone database (`2025b`); stored beside every due instant.
    pub version: String,
    /// From which instant (seconds since 1970-01-01T00:00:00Z) which offset (seconds east of UTC) holds; sorted by
    /// instant. The first entry also covers everything before it.
    pub offsets: Vec<(i64, i32)>,
}

/// A stretch of time with one offset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Segment {
    /// What to add to UTC to read the wall clock, in milliseconds.
    pub(super) offset_ms: i64,
    /// The instant at which another offset begins, in milliseconds; `i64::MAX` for never.
    pub(super) end_ms: i64,
}

impl ZoneRules {
    /// The stretch that an instant lies in.
    pub(super) fn segment(&self, at_ms: i64) -> Segment {
        let later = self.offsets.partition_point(|(second, _)| second * MS_PER_S <= at_ms);
        let offset_s = self.offsets.get(later.saturating_sub(1)).map_or(0, |(_, offset)| *offset);
        let end_ms = self.offsets.iter().skip(later.max(1)).map(|(second, _)| second * MS_PER_S).next();
        Segment { offset_ms: i64::from(offset_s) * MS_PER_S, end_ms: end_ms.unwrap_or(i64::MAX) }
    }

    /// The instant after which the offset never changes again, in milliseconds.
    pub(super) fn settled_ms(&self) -> i64 {
        self.offsets.last().map_or(0, |(second, _)| second * MS_PER_S)
    }

    /// Says what keeps the rules from being used for the zone that the settings name.
    pub(super) fn check(&self, wanted: &str, problems: &mut Problems) {
        if self.name != wanted {
            problems.add(
                "zone-mismatch",
                ["/zone"],
                Words::new(
                    format!("the rules are those of zone '{}', the calendar is in '{wanted}': pass the rules of its own zone", self.name),
                    format!("les règles sont celles du fuseau « {} », le calendrier est dans « {wanted} » : fournissez celles de son propre fuseau", self.name),
                ),
            );
        }
        let sorted = self.offsets.is_sorted_by(|(a, _), (b, _)| a < b);
        let sane = self.offsets.iter().all(|(second, offset)| second.abs() <= SECOND_MAX && offset.abs() <= OFFSET_MAX);
        if self.offsets.is_empty() || !sorted || !sane {
            problems.add(
                "zone-rules-unusable",
                ["/zone"],
                Words::new(
                    format!("the rules of zone '{}' are empty, out of order or out of range: rebuild them from the zone database", self.name),
                    format!("les règles du fuseau « {} » sont vides, en désordre ou hors limites : reconstruisez-les depuis la base des fuseaux", self.name),
                ),
            );
        }
    }
}

/// The end of the year 9999: nothing that people write is later.
const SECOND_MAX: i64 = 253_402_300_799;

/// A day and two hours; the widest offset ever used is under 16 hours.
const OFFSET_MAX: i32 = 26 * 3_600;
