//! Opening hours as people write them (PBX-05, PBX-06): weekly hours, special dates, closed dates.
//!
//! The API stores these and nothing else interprets them. What this module deliberately does not do: it computes no
//! instant; that is the parent's work, once [`check`] found nothing.

use std::{borrow::Cow, fmt, str::FromStr};

use chrono::{Datelike, NaiveDate};
use routewright_flows::{Localised, Words, name, name::BadName};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Problems;
use crate::limits::{CALENDAR_DATES_MAX, CALENDAR_WINDOWS_PER_DAY_MAX, CALENDAR_YEARS};

/// The opening hours of a service, in the zone it lives in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CalendarSettings {
    /// What people call it.
    #[serde(default)]
    #[schemars(extend("x-fr" = "Son nom, tel qu’on l’affiche."))]
    pub title: Localised,
    /// The zone of all its wall-clock times, by IANA name (`Europe/Paris`).
    #[schemars(extend("x-fr" = "Le fuseau de toutes ses heures, par son nom IANA (Europe/Paris)."))]
    pub zone: ZoneName,
    /// The hours of an ordinary week.
    #[serde(default)]
    #[schemars(extend("x-fr" = "Les heures d’une semaine ordinaire."))]
    pub weekly: WeeklyHours,
    /// Dates with hours of their own, which replace those of their day of the week.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("x-fr" = "Dates aux horaires propres, qui remplacent ceux de leur jour de semaine."))]
    pub special: Vec<SpecialDate>,
    /// Dates on which the service is closed, whatever the hours say (PBX-06, PBX-07).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("x-fr" = "Dates de fermeture, quoi que disent les horaires."))]
    pub closed: Vec<ClosedDates>,
}

name!(
    /// A time zone by its IANA name.
    ZoneName, "time zone",
    |t| !t.is_empty() && t.len() <= 64 && t.bytes().all(|b| b.is_ascii_alphanumeric() || b"/_+-".contains(&b)),
    "an IANA name such as 'Europe/Paris'", "^[A-Za-z0-9/_+-]{1,64}$"
);

/// The hours of an ordinary week (PBX-05); a day without windows is closed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[expect(missing_docs, reason = "the days of the week")]
pub struct WeeklyHours {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub monday: Vec<Window>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tuesday: Vec<Window>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub wednesday: Vec<Window>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub thursday: Vec<Window>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub friday: Vec<Window>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub saturday: Vec<Window>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sunday: Vec<Window>,
}

impl WeeklyHours {
    /// The days with their names, Monday first.
    #[must_use]
    pub fn days(&self) -> [(&'static str, &[Window]); 7] {
        [
            ("monday", &self.monday),
            ("tuesday", &self.tuesday),
            ("wednesday", &self.wednesday),
            ("thursday", &self.thursday),
            ("friday", &self.friday),
            ("saturday", &self.saturday),
            ("sunday", &self.sunday),
        ]
    }
}

/// A stretch of a day, half open: open at `from`, closed at `to`. A `to` past 24:00 reaches into the next day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Window {
    /// The first minute that is open.
    #[schemars(extend("x-fr" = "La première minute ouverte."))]
    pub from: DayTime,
    /// The first minute that is not, up to 48:00.
    #[schemars(extend("x-fr" = "La première minute fermée, 48:00 au plus."))]
    pub to: DayTime,
}

/// A date with hours of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SpecialDate {
    /// Which date.
    #[schemars(extend("x-fr" = "La date."))]
    pub date: Date,
    /// Its hours; none for a date that does not open.
    #[schemars(extend("x-fr" = "Ses horaires ; aucun pour une date fermée."))]
    pub windows: Vec<Window>,
    /// Why.
    #[serde(default)]
    #[schemars(extend("x-fr" = "Pourquoi."))]
    pub description: Localised,
}

/// Dates on which the service is closed (PBX-06): whole days, or a part of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ClosedDates {
    /// Why ("1er mai", maintenance).
    #[serde(default)]
    #[schemars(extend("x-fr" = "Pourquoi (« 1er mai », entretien)."))]
    pub description: Localised,
    /// The first date.
    #[schemars(extend("x-fr" = "La première date."))]
    pub from: Date,
    /// The last date, included.
    #[schemars(extend("x-fr" = "La dernière date, comprise."))]
    pub to: Date,
    /// From when on; 00:00 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-fr" = "À partir de quelle heure ; 00:00 par défaut."))]
    pub from_time: Option<DayTime>,
    /// Until when; 24:00 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-fr" = "Jusqu’à quelle heure ; 24:00 par défaut."))]
    pub to_time: Option<DayTime>,
    /// How dates and times go together.
    #[serde(default)]
    #[schemars(extend("x-fr" = "Comment dates et heures se combinent."))]
    pub mode: ClosureMode,
}

impl ClosedDates {
    /// The time it begins at, on each date or on the first.
    pub(super) fn begins(&self) -> DayTime {
        self.from_time.unwrap_or(DayTime::MIDNIGHT)
    }

    /// The time it ends at, on each date or on the last.
    pub(super) fn ends(&self) -> DayTime {
        self.to_time.unwrap_or(DayTime::DAY_END)
    }
}

/// How the dates and times of a closure go together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ClosureMode {
    /// The times hold on every date of the range.
    #[default]
    Daily,
    /// One stretch, from the first date's time to the last date's time.
    Span,
}

/// A wall-clock time as minutes from midnight, written `09:00`; up to `48:00`, which is the end of the next day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct DayTime(u16);

impl DayTime {
    /// The beginning of the day.
    pub const MIDNIGHT: Self = Self(0);
    /// The end of the day, 24:00.
    pub const DAY_END: Self = Self(1_440);

    /// Minutes from midnight.
    #[must_use]
    pub fn minutes(self) -> u16 {
        self.0
    }
}

impl FromStr for DayTime {
    type Err = BadName;

    fn from_str(text: &str) -> Result<Self, BadName> {
        let two = |part: &str| part.bytes().all(|b| b.is_ascii_digit()).then(|| part.parse::<u16>().ok()).flatten();
        text.split_once(':')
            .filter(|(hours, minutes)| hours.len() == 2 && minutes.len() == 2)
            .and_then(|(hours, minutes)| Some((two(hours)?, two(minutes)?)))
            .filter(|(hours, minutes)| *minutes < 60 && (*hours < 48 || (*hours, *minutes) == (48, 0)))
            .map(|(hours, minutes)| Self(hours * 60 + minutes))
            .ok_or_else(|| BadName {
                what: "time of day",
                given: text.chars().take(80).collect(),
                expected: "hours and minutes such as '09:00', up to '48:00'",
            })
    }
}

impl fmt::Display for DayTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

/// A calendar date, written `2026-05-01`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date(NaiveDate);

impl Date {
    /// Days since 1970-01-01.
    pub(super) fn day(self) -> i64 {
        i64::from(self.0.num_days_from_ce()) - 719_163
    }
}

impl FromStr for Date {
    type Err = BadName;

    fn from_str(text: &str) -> Result<Self, BadName> {
        let shape = text.len() == 10 && text.bytes().all(|b| b.is_ascii_digit() || b == b'-');
        shape.then(|| text.parse().ok()).flatten().map(Self).ok_or_else(|| BadName {
            what: "date",
            given: text.chars().take(80).collect(),
            expected: "year, month and day such as '2026-05-01'",
        })
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Gives a type its text form in JSON.
macro_rules! as_text {
    ($name:ident, $schema:tt) => {
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                Cow::<'de, str>::deserialize(from)?.parse().map_err(serde::de::Error::custom)
            }
        }

        impl JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn inline_schema() -> bool {
                true
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!($schema)
            }
        }
    };
}

as_text!(DayTime, { "type": "string", "pattern": "^([0-3][0-9]|4[0-7]):[0-5][0-9]$|^48:00$" });
as_text!(Date, { "type": "string", "format": "date", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$" });

/// Everything that keeps the settings from being a calendar.
pub(super) fn check(settings: &CalendarSettings, problems: &mut Problems) {
    for (day, windows) in settings.weekly.days() {
        check_windows(&format!("/weekly/{day}"), windows, problems);
    }
    check_count("/special", settings.special.len(), CALENDAR_DATES_MAX, problems);
    check_count("/closed", settings.closed.len(), CALENDAR_DATES_MAX, problems);
    for (index, special) in settings.special.iter().enumerate() {
        check_windows(&format!("/special/{index}/windows"), &special.windows, problems);
        check_year(format!("/special/{index}/date"), special.date, problems);
    }
    check_specials_differ(&settings.special, problems);
    for (index, closed) in settings.closed.iter().enumerate() {
        check_closed(index, closed, problems);
    }
}

fn check_windows(field: &str, windows: &[Window], problems: &mut Problems) {
    check_count(field, windows.len(), CALENDAR_WINDOWS_PER_DAY_MAX, problems);
    for (index, Window { from, to }) in windows.iter().enumerate() {
        if to <= from {
            problems.add(
                "window-ends-before-it-begins",
                [format!("{field}/{index}/from"), format!("{field}/{index}/to")],
                Words::new(
                    format!("the window from {from} to {to} is never open: put the end after the beginning; a night is written '22:00' to '30:00'"),
                    format!("la plage de {from} à {to} n’ouvre jamais : placez la fin après le début ; une nuit s’écrit « 22:00 » à « 30:00 »"),
                ),
            );
        }
        if DayTime::DAY_END <= *from {
            problems.add(
                "window-begins-next-day",
                [format!("{field}/{index}/from"), format!("{field}/{index}/to")],
                Words::new(
                    format!("the window from {from} to {to} begins on the next day: write it there"),
                    format!("la plage de {from} à {to} commence le lendemain : inscrivez-la à ce jour-là"),
                ),
            );
        }
    }
    let mut by_start: Vec<(usize, Window)> = windows.iter().copied().enumerate().collect();
    by_start.sort_by_key(|(index, window)| (window.from, *index));
    for pair in by_start.windows(2) {
        let [(first, a), (second, b)] = pair else { continue };
        if b.from < a.to {
            problems.add(
                "windows-overlap",
                [format!("{field}/{first}"), format!("{field}/{second}")],
                Words::new(
                    format!(
                        "the windows {} to {} and {} to {} overlap: join them or move one",
                        a.from, a.to, b.from, b.to
                    ),
                    format!(
                        "les plages {} à {} et {} à {} se chevauchent : réunissez-les ou déplacez-en une",
                        a.from, a.to, b.from, b.to
                    ),
                ),
            );
        }
    }
}

fn check_specials_differ(special: &[SpecialDate], problems: &mut Problems) {
    let mut by_date: Vec<(Date, usize)> = special.iter().enumerate().map(|(index, s)| (s.date, index)).collect();
    by_date.sort_unstable();
    for pair in by_date.windows(2) {
        let [(date, first), (other, second)] = pair else { continue };
        if date == other {
            problems.add(
                "specials-overlap",
                [format!("/special/{first}/date"), format!("/special/{second}/date")],
                Words::new(
                    format!("{date} has special hours twice: put all its windows in one"),
                    format!(
                        "le {date} a deux fois des horaires spéciaux : réunissez toutes ses plages en une seule entrée"
                    ),
                ),
            );
        }
    }
}

fn check_closed(index: usize, closed: &ClosedDates, problems: &mut Problems) {
    let field = |name: &str| format!("/closed/{index}/{name}");
    check_year(field("from"), closed.from, problems);
    check_year(field("to"), closed.to, problems);
    if closed.to < closed.from {
        problems.add(
            "closure-ends-before-it-begins",
            [field("from"), field("to")],
            Words::new(
                format!("the closure from {} to {} covers no date: swap them", closed.from, closed.to),
                format!("la fermeture du {} au {} ne couvre aucune date : intervertissez-les", closed.from, closed.to),
            ),
        );
    }
    let same_day = match closed.mode {
        ClosureMode::Daily => true,
        ClosureMode::Span => closed.from == closed.to,
    };
    let (begins, ends) = (closed.begins(), closed.ends());
    if same_day && ends <= begins {
        problems.add(
            "closure-ends-before-it-begins",
            [field("from_time"), field("to_time")],
            Words::new(
                format!("the closure from {begins} to {ends} covers nothing: put the end after the beginning, or use mode 'span' over two dates"),
                format!("la fermeture de {begins} à {ends} ne couvre rien : placez la fin après le début, ou utilisez le mode « span » sur deux dates"),
            ),
        );
    }
    for (name, other, time) in [("from_time", "to_time", begins), ("to_time", "from_time", ends)] {
        if DayTime::DAY_END < time {
            problems.add(
                "closure-time-past-midnight",
                [field(name), field(other)],
                Words::new(
                    format!("the closure's time {time} is past 24:00: end it on the next date, with mode 'span'"),
                    format!("l’heure {time} de la fermeture dépasse 24:00 : terminez-la à la date suivante, avec le mode « span »"),
                ),
            );
        }
    }
}

fn check_year(field: String, date: Date, problems: &mut Problems) {
    if !CALENDAR_YEARS.contains(&date.0.year()) {
        let (first, last) = (CALENDAR_YEARS.start(), CALENDAR_YEARS.end());
        problems.add(
            "date-out-of-range",
            [field],
            Words::new(
                format!("{date} is not between the years {first} and {last}: correct the year"),
                format!("{date} n’est pas entre les années {first} et {last} : corrigez l’année"),
            ),
        );
    }
}

fn check_count(field: &str, count: usize, max: usize, problems: &mut Problems) {
    if max < count {
        problems.add(
            "too-many-entries",
            [field],
            Words::new(
                format!("{count} entries are given, at most {max} are taken: remove past ones or join neighbours"),
                format!("{count} entrées sont données, {max} au plus sont acceptées : retirez les anciennes ou réunissez les voisines"),
            ),
        );
    }
}
