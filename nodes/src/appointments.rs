//! Times that people name for an appointment, in French or English: `demain 14h30`, `lundi à 9 h`, `tomorrow at 2pm`,
//! `12/01 10:00`. And how such a time is written back to them.
//!
//! Reading is strict about meaning: a day without a time, or words that are neither, are no time, so that the contact
//! is asked again rather than called at night. It knows no zone: days and times are those of the wall clock.

use std::sync::LazyLock;

use chrono::{Datelike, Days, NaiveDate};
use regex::Regex;
use routewright_engine::contact::Message;
use routewright_flows::Locale;

use crate::{answers, folding::fold};

/// A day and a minute of it.
pub type WallTime = (NaiveDate, u16);

/// The time that a text names, at or after `now` as far as the text leaves the day or the year open.
#[must_use]
pub fn read(message: &Message, locale: &Locale, now: WallTime) -> Option<WallTime> {
    let said = fold(&message.text);
    let (at, minute) = time(&said)?;
    let day: Vec<&str> = [&said[..at.start], " ", &said[at.end..]]
        .iter()
        .flat_map(|part| part.split(|c: char| c.is_whitespace() || c == ','))
        .filter(|word| !word.is_empty() && !FILLERS.contains(word))
        .collect();
    Some((day_of(&day, locale, now, minute)?, minute))
}

/// Words around a time that say nothing more than it.
const FILLERS: &[&str] = &[
    "a", "at", "vers", "around", "pour", "for", "le", "the", "on", "plutot", "svp", "stp", "please", "merci", "oui",
    "yes", "h", "heure", "heures", "o'clock", "prochain", "next", "ce", "this",
];

static TWELVE_HOURS: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"\b(1[0-2]|[1-9])(?::([0-5]\d))? ?([ap])\.?m\b\.?").ok());
static TWENTY_FOUR_HOURS: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"\b([01]?\d|2[0-3]) ?(?:h(?:eures?)?\b ?|h|:)([0-5]\d)?(?:\b|$)").ok());

/// Where the time stands, and its minute of the day.
fn time(said: &str) -> Option<(std::ops::Range<usize>, u16)> {
    if let Some(found) = TWELVE_HOURS.as_ref()?.captures(said) {
        let hour = number(found.get(1)?.as_str())? % 12 + if &found[3] == "p" { 12 } else { 0 };
        let minute = found.get(2).map_or(Some(0), |minute| number(minute.as_str()))?;
        return Some((found.get(0)?.range(), hour * 60 + minute));
    }
    if let Some(found) = TWENTY_FOUR_HOURS.as_ref()?.captures(said) {
        // `14:` is no time, while `14h` is.
        let minute = match found.get(2) {
            Some(minute) => number(minute.as_str())?,
            None if found[0].contains(':') => return None,
            None => 0,
        };
        return Some((found.get(0)?.range(), number(&found[1])? * 60 + minute));
    }
    ["midi", "noon"].into_iter().find_map(|word| said.find(word).map(|at| (at..at + word.len(), 12 * 60)))
}

fn number(digits: &str) -> Option<u16> {
    digits.parse().ok()
}

const WEEKDAYS: [[&str; 2]; 7] = [
    ["lundi", "monday"],
    ["mardi", "tuesday"],
    ["mercredi", "wednesday"],
    ["jeudi", "thursday"],
    ["vendredi", "friday"],
    ["samedi", "saturday"],
    ["dimanche", "sunday"],
];

fn day_of(words: &[&str], locale: &Locale, (today, minute_now): WallTime, minute: u16) -> Option<NaiveDate> {
    let in_days = |days: u64| today.checked_add_days(Days::new(days));
    // Without another word, the next time that the clock shows this.
    let days_to_come = u64::from(minute <= minute_now);
    match words {
        [] => return in_days(days_to_come),
        ["aujourd'hui" | "today"] | ["cet", "apres-midi"] | ["matin" | "soir"] => return Some(today),
        ["demain" | "tomorrow"] => return in_days(1),
        ["apres-demain"] | ["apres", "demain"] | ["day", "after", "tomorrow"] => return in_days(2),
        _ => {}
    }
    if let [word] = words
        && let Some(weekday) = WEEKDAYS.iter().position(|names| names.contains(word))
    {
        let ahead = (weekday + 7 - usize::try_from(today.weekday().num_days_from_monday()).ok()?) % 7;
        let ahead = if ahead == 0 { 7 * days_to_come } else { u64::try_from(ahead).ok()? };
        return in_days(ahead);
    }
    let text = words.join(" ");
    if let Some(date) = answers::date(&text, locale) {
        return Some(date);
    }
    // Without its year, the next such day.
    [today.year(), today.year() + 1]
        .into_iter()
        .filter_map(|year| answers::date(&format!("{text} {year}"), locale))
        .find(|date| today < *date || *date == today && minute_now < minute)
}

/// A time as it is written to a contact.
#[must_use]
pub fn written((day, minute): WallTime, locale: &Locale) -> String {
    let weekday = WEEKDAYS[usize::try_from(day.weekday().num_days_from_monday()).unwrap_or(0)];
    let (hour, minute) = (minute / 60, minute % 60);
    if locale.language() == "fr" {
        let month = FRENCH_MONTHS[usize::try_from(day.month0()).unwrap_or(0)];
        let first = if day.day() == 1 { "er" } else { "" };
        return format!("{} {}{first} {month} à {hour} h {minute:02}", weekday[0], day.day());
    }
    let month = ENGLISH_MONTHS[usize::try_from(day.month0()).unwrap_or(0)];
    format!("{} {} {} at {hour}:{minute:02}", capital(weekday[1]), day.day(), month)
}

const FRENCH_MONTHS: [&str; 12] = [
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
];
const ENGLISH_MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;
    use routewright_engine::contact::Message;
    use routewright_flows::Locale;

    use super::{read, written};

    #[test]
    fn times_are_read_as_people_mean_them() {
        // A Monday, a quarter past ten.
        let now = (NaiveDate::from_ymd_opt(2026, 1, 12).expect("a day"), 10 * 60 + 15);
        for (locale, text, meant) in [
            ("fr", "14h30", Some("2026-01-12 14:30")),
            ("fr", "à 14 h 30", Some("2026-01-12 14:30")),
            ("fr", "9h", Some("2026-01-13 09:00")),
            ("fr", "10:15", Some("2026-01-13 10:15")),
            ("fr", "Demain à 14h", Some("2026-01-13 14:00")),
            ("fr", "demain vers 9 heures", Some("2026-01-13 09:00")),
            ("fr", "après-demain 16:45", Some("2026-01-14 16:45")),
            ("fr", "aujourd’hui à midi", Some("2026-01-12 12:00")),
            ("fr", "Jeudi 9h05", Some("2026-01-15 09:05")),
            ("fr", "lundi 11h", Some("2026-01-12 11:00")),
            ("fr", "lundi 9h", Some("2026-01-19 09:00")),
            ("fr", "le 3 février à 15h", Some("2026-02-03 15:00")),
            ("fr", "12/02 10:00", Some("2026-02-12 10:00")),
            ("fr", "11/01 10h", Some("2027-01-11 10:00")),
            ("fr", "31/12/2026 8h30", Some("2026-12-31 08:30")),
            ("en", "tomorrow at 2pm", Some("2026-01-13 14:00")),
            ("en", "2:30 p.m. on Friday", Some("2026-01-16 14:30")),
            ("en", "12am tomorrow", Some("2026-01-13 00:00")),
            ("en-US", "02/03 at 9 am", Some("2026-02-03 09:00")),
            ("en", "noon", Some("2026-01-12 12:00")),
            ("fr", "demain", None),
            ("fr", "14", None),
            ("fr", "25h", None),
            ("fr", "quand vous voulez", None),
            ("fr", "jeudi ou vendredi 9h", None),
            ("fr", "", None),
        ] {
            let message = Message { text: text.into(), choice: None };
            let locale = Locale::new(locale).expect("a language");
            let got = read(&message, &locale, now)
                .map(|(day, minute)| format!("{day} {:02}:{:02}", minute / 60, minute % 60));
            assert_eq!(got.as_deref(), meant, "{text}");
        }
    }

    #[test]
    fn a_time_is_written_in_the_contacts_language() {
        let at = |month, day| (NaiveDate::from_ymd_opt(2026, month, day).expect("a day"), 14 * 60 + 5);
        let [french, english] = ["fr-CA", "en"].map(|locale| Locale::new(locale).expect("a language"));
        assert_eq!(written(at(1, 12), &french), "lundi 12 janvier à 14 h 05");
        assert_eq!(written(at(5, 1), &french), "vendredi 1er mai à 14 h 05");
        assert_eq!(written(at(5, 1), &english), "Friday 1 May at 14:05");
        assert_eq!(written(at(9, 2), &english), "Wednesday 2 September at 14:05");
    }
}
