//! The vectors C01..C27 of the calendar oracle, the rows PBX-05..PBX-07, and random calendars against a brute force
//! that reads wall clocks with `jiff` minute by minute.

use std::{sync::Arc, time::Duration};

use jiff::{ToSpan, civil, tz::TimeZone};
use proptest::{prelude::*, sample::select};
use serde_json::{Value, json};

use super::{Calendar, CalendarProblem, CalendarSettings, CalendarState, ZoneRules};
use crate::time::Timestamp;

const PARIS: &str = "Europe/Paris";
const NEW_YORK: &str = "America/New_York";

/// The rules of a zone, as the runtime makes them.
fn rules(name: &str) -> ZoneRules {
    let zone = TimeZone::get(name).expect("the zone database has it");
    let (first, last) = ("1970-01-01T00:00:00Z", "2100-01-01T00:00:00Z");
    let first: jiff::Timestamp = first.parse().expect("an instant");
    let last: jiff::Timestamp = last.parse().expect("an instant");
    let mut offsets = vec![(first.as_second(), zone.to_offset(first).seconds())];
    let later = zone.following(first).take_while(|t| t.timestamp() < last);
    offsets.extend(later.map(|t| (t.timestamp().as_second(), t.offset().seconds())));
    ZoneRules { name: name.into(), version: "test".into(), offsets }
}

fn settings(zone: &str, hours: Value) -> CalendarSettings {
    let mut all = hours;
    all["zone"] = json!(zone);
    serde_json::from_value(all).expect("settings have the right shape")
}

fn calendar(zone: &str, hours: Value) -> Calendar {
    Calendar::new(settings(zone, hours), Arc::new(rules(zone))).expect("settings are sound")
}

fn problems(hours: Value) -> Vec<CalendarProblem> {
    Calendar::new(settings(PARIS, hours), Arc::new(rules(PARIS))).expect_err("settings are unsound")
}

/// The instant of a wall-clock reading, the first one where there are two.
fn at(zone: &str, wall: &str) -> Timestamp {
    let wall: civil::DateTime = wall.parse().expect("a wall-clock time");
    let zoned = wall.to_zoned(TimeZone::get(zone).expect("the zone database has it")).expect("in range");
    Timestamp(zoned.timestamp().as_millisecond())
}

fn utc(text: &str) -> Timestamp {
    Timestamp::parse(text).expect("an instant")
}

fn minutes(n: u64) -> Duration {
    Duration::from_secs(n * 60)
}

fn every_day(from: &str, to: &str) -> Value {
    let hours = json!([{ "from": from, "to": to }]);
    json!({ "monday": hours, "tuesday": hours, "wednesday": hours, "thursday": hours, "friday": hours,
            "saturday": hours, "sunday": hours })
}

fn office() -> Value {
    let mut week = every_day("09:00", "18:00");
    for day in ["saturday", "sunday"] {
        week[day] = json!([]);
    }
    json!({ "weekly": week })
}

fn office_with(extra: Value) -> Value {
    let mut hours = office();
    for (key, value) in extra.as_object().expect("an object") {
        hours[key] = value.clone();
    }
    hours
}

fn always() -> Value {
    json!({ "weekly": every_day("00:00", "24:00") })
}

fn night() -> Calendar {
    calendar(PARIS, json!({ "weekly": every_day("22:00", "30:00") }))
}

fn elapsed_minutes(calendar: &Calendar, from: Timestamp, to: Timestamp) -> u64 {
    calendar.elapsed(from, to).as_secs() / 60
}

#[test]
fn c_01_four_hours_from_friday_evening_end_on_monday() {
    let c = calendar(PARIS, office());
    assert_eq!(c.due(at(PARIS, "2025-05-16T17:30"), minutes(240)), Some(utc("2025-05-19T10:30:00Z")));
}

#[test]
fn c_02_a_weekend_uses_nothing() {
    let c = calendar(PARIS, office());
    assert_eq!(elapsed_minutes(&c, at(PARIS, "2025-05-17T03:00"), at(PARIS, "2025-05-19T09:00")), 0);
}

#[test]
fn c_03_the_opening_instant_is_open_and_the_closing_one_closed() {
    let c = calendar(PARIS, office());
    assert!(c.is_open(at(PARIS, "2025-05-19T09:00")));
    assert!(!c.is_open(at(PARIS, "2025-05-19T18:00")));
    assert!(!c.is_open(at(PARIS, "2025-05-19T08:59:59.999")));
    assert!(c.is_open(at(PARIS, "2025-05-19T17:59:59.999")));
}

#[test]
fn c_04_c_05_pbx_06_a_closure_of_several_dates_is_daily_or_one_span() {
    for (mode, open) in [("daily", 3 * 540 - 3 * 120), ("span", 180 + 240)] {
        let c = calendar(
            PARIS,
            office_with(json!({ "closed": [{ "from": "2025-07-14", "to": "2025-07-16", "from_time": "12:00",
                                             "to_time": "14:00", "mode": mode }] })),
        );
        assert_eq!(elapsed_minutes(&c, at(PARIS, "2025-07-14T00:00"), at(PARIS, "2025-07-17T00:00")), open, "{mode}");
    }
}

#[test]
fn c_06_a_closed_date_is_skipped() {
    let c = calendar(PARIS, office_with(json!({ "closed": [{ "from": "2025-05-01", "to": "2025-05-01" }] })));
    assert_eq!(c.due(at(PARIS, "2025-04-30T17:00"), minutes(120)), Some(utc("2025-05-02T08:00:00Z")));
}

#[test]
fn c_07_a_special_date_has_its_own_hours() {
    let c = calendar(
        PARIS,
        office_with(json!({ "special": [{ "date": "2025-12-24", "windows": [{ "from": "09:00", "to": "12:00" }] }] })),
    );
    assert_eq!(c.due(at(PARIS, "2025-12-24T11:00"), minutes(120)), Some(utc("2025-12-25T09:00:00Z")));
}

#[test]
fn c_08_an_ordinary_night_lasts_eight_hours() {
    assert_eq!(elapsed_minutes(&night(), at(PARIS, "2025-05-16T22:00"), at(PARIS, "2025-05-17T06:00")), 480);
}

#[test]
fn c_09_the_spring_night_lasts_seven() {
    assert_eq!(elapsed_minutes(&night(), at(PARIS, "2025-03-29T22:00"), at(PARIS, "2025-03-30T06:00")), 420);
}

#[test]
fn c_10_the_autumn_night_lasts_nine() {
    assert_eq!(elapsed_minutes(&night(), at(PARIS, "2025-10-25T22:00"), at(PARIS, "2025-10-26T06:00")), 540);
}

#[test]
fn c_11_hours_inside_the_gap_never_open() {
    let c = calendar(PARIS, json!({ "weekly": { "sunday": [{ "from": "02:00", "to": "03:00" }] } }));
    assert_eq!(elapsed_minutes(&c, at(PARIS, "2025-03-30T00:00"), at(PARIS, "2025-03-31T00:00")), 0);
}

#[test]
fn c_12_hours_inside_the_overlap_open_twice() {
    let c = calendar(PARIS, json!({ "weekly": { "sunday": [{ "from": "02:00", "to": "03:00" }] } }));
    assert_eq!(elapsed_minutes(&c, at(PARIS, "2025-10-26T00:00"), at(PARIS, "2025-10-27T00:00")), 120);
}

#[test]
fn c_13_c_14_a_window_inside_the_overlap_opens_a_second_time() {
    let c = calendar(PARIS, json!({ "weekly": { "sunday": [{ "from": "02:15", "to": "02:45" }] } }));
    assert_eq!(c.next_change(at(PARIS, "2025-10-26T00:00")), Some(utc("2025-10-26T00:15:00Z")));
    assert_eq!(c.next_change(utc("2025-10-26T00:50:00Z")), Some(utc("2025-10-26T01:15:00Z")));
}

#[test]
fn c_15_c_16_nine_stays_nine_in_winter_and_summer() {
    let c = calendar(PARIS, office());
    assert_eq!(c.next_change(at(PARIS, "2025-01-06T00:00")), Some(utc("2025-01-06T08:00:00Z")));
    assert_eq!(c.next_change(at(PARIS, "2025-07-07T00:00")), Some(utc("2025-07-07T07:00:00Z")));
}

#[test]
fn c_17_c_18_new_york_loses_and_gains_an_hour() {
    let c = calendar(NEW_YORK, always());
    assert_eq!(elapsed_minutes(&c, at(NEW_YORK, "2025-03-09T00:00"), at(NEW_YORK, "2025-03-10T00:00")), 1_380);
    assert_eq!(elapsed_minutes(&c, at(NEW_YORK, "2025-11-02T00:00"), at(NEW_YORK, "2025-11-03T00:00")), 1_500);
}

#[test]
fn c_19_lord_howe_shifts_by_half_an_hour() {
    let zone = "Australia/Lord_Howe";
    let c = calendar(zone, always());
    assert_eq!(elapsed_minutes(&c, at(zone, "2025-10-05T00:00"), at(zone, "2025-10-06T00:00")), 1_410);
}

#[test]
fn c_20_kathmandu_is_a_quarter_off() {
    let zone = "Asia/Kathmandu";
    let c = calendar(zone, office());
    assert_eq!(c.next_change(at(zone, "2025-05-19T00:00")), Some(utc("2025-05-19T03:15:00Z")));
}

#[test]
fn c_21_sao_paulo_has_a_midnight_that_does_not_exist() {
    let zone = "America/Sao_Paulo";
    let c = calendar(zone, json!({ "weekly": { "sunday": [{ "from": "00:00", "to": "01:00" }] } }));
    assert_eq!(elapsed_minutes(&c, at(zone, "2018-11-03T12:00"), at(zone, "2018-11-04T12:00")), 0);
}

#[test]
fn c_22_apia_skipped_a_friday() {
    let zone = "Pacific/Apia";
    let c = calendar(zone, office());
    assert_eq!(elapsed_minutes(&c, at(zone, "2011-12-29T00:00"), at(zone, "2011-12-31T23:59")), 540);
}

#[test]
fn c_23_casablanca_sets_its_clocks_back_for_ramadan() {
    let zone = "Africa/Casablanca";
    let c = calendar(zone, always());
    assert_eq!(elapsed_minutes(&c, at(zone, "2025-02-23T00:00"), at(zone, "2025-02-24T00:00")), 1_500);
}

#[test]
fn c_24_a_promise_across_the_overlap_counts_both_passes() {
    assert_eq!(night().due(at(PARIS, "2025-10-25T23:00"), minutes(300)), Some(utc("2025-10-26T02:00:00Z")));
}

#[test]
fn c_25_the_same_promise_on_an_ordinary_night() {
    assert_eq!(night().due(at(PARIS, "2025-05-16T23:00"), minutes(300)), Some(utc("2025-05-17T02:00:00Z")));
}

#[test]
fn c_26_what_never_opens_is_never_due() {
    let never = calendar(PARIS, json!({}));
    assert_eq!(never.due(at(PARIS, "2025-05-16T23:00"), minutes(1)), None);
    assert_eq!(never.next_change(at(PARIS, "2025-05-16T23:00")), None);
    let closed = json!({ "closed": [{ "from": "1970-01-01", "to": "2199-12-31" }] });
    let until_2200 = calendar(PARIS, office_with(closed));
    assert_eq!(until_2200.due(at(PARIS, "2025-05-16T23:00"), minutes(1)), Some(utc("2200-01-01T08:01:00Z")));
    let too_long = Duration::from_secs(u64::MAX / 1_000);
    assert_eq!(calendar(PARIS, office()).due(at(PARIS, "2025-05-16T23:00"), too_long), None);
}

#[test]
fn c_27_nothing_is_due_at_once_even_when_closed() {
    let c = calendar(PARIS, office());
    assert_eq!(c.due(at(PARIS, "2025-05-17T03:00"), Duration::ZERO), Some(utc("2025-05-17T01:00:00Z")));
}

#[test]
fn what_is_always_open_never_changes() {
    let c = calendar(PARIS, always());
    assert_eq!(c.next_change(utc("2025-05-16T23:00:00Z")), None);
    assert_eq!(c.state(Timestamp(i64::MAX)), CalendarState::Open);
    assert_eq!(c.state(Timestamp(i64::MIN)), CalendarState::Open);
    assert_eq!(c.elapsed(Timestamp(0), Timestamp(1_000_000_000_007)), Duration::from_millis(1_000_000_000_007));
}

#[test]
fn pbx_05_a_day_has_several_windows_and_one_may_pass_midnight() {
    let week =
        json!({ "weekly": { "monday": [{ "from": "09:00", "to": "12:00" }, { "from": "14:00", "to": "26:00" }] } });
    let c = calendar(PARIS, week);
    for (wall, open) in [
        ("2025-05-19T11:59", true),
        ("2025-05-19T13:00", false),
        ("2025-05-19T23:59", true),
        ("2025-05-20T01:59", true),
        ("2025-05-20T02:00", false),
    ] {
        assert_eq!(c.is_open(at(PARIS, wall)), open, "{wall}");
    }
    assert_eq!(c.next_change(at(PARIS, "2025-05-19T15:00")), Some(at(PARIS, "2025-05-20T02:00")));
}

#[test]
fn pbx_06_a_closed_date_is_a_holiday_only_where_it_takes_something_away() {
    let c = calendar(
        PARIS,
        office_with(json!({ "closed": [
            { "from": "2025-05-01", "to": "2025-05-01", "description": { "fr": "Fête du Travail", "en": "Labour Day" } },
            { "from": "2025-05-19", "to": "2025-05-19", "from_time": "17:00", "to_time": "20:00" },
        ] })),
    );
    for (wall, state) in [
        ("2025-05-01T03:00", CalendarState::Holiday),
        ("2025-05-01T10:00", CalendarState::Holiday),
        ("2025-05-19T16:59:59.999", CalendarState::Open),
        ("2025-05-19T17:00", CalendarState::Holiday),
        ("2025-05-19T19:00", CalendarState::Closed),
        ("2025-05-17T10:00", CalendarState::Closed),
    ] {
        assert_eq!(c.state(at(PARIS, wall)), state, "{wall}");
    }
}

#[test]
fn pbx_07_a_closure_beats_a_special_date_which_beats_the_week() {
    let c = calendar(
        PARIS,
        office_with(json!({
            "special": [{ "date": "2025-05-17", "windows": [{ "from": "10:00", "to": "16:00" }] },
                        { "date": "2025-05-19", "windows": [] }],
            "closed": [{ "from": "2025-05-17", "to": "2025-05-17", "from_time": "12:00", "to_time": "13:00" }],
        })),
    );
    for (wall, state) in [
        ("2025-05-17T11:00", CalendarState::Open),
        ("2025-05-17T12:30", CalendarState::Holiday),
        ("2025-05-17T13:00", CalendarState::Open),
        ("2025-05-19T10:00", CalendarState::Closed),
    ] {
        assert_eq!(c.state(at(PARIS, wall)), state, "{wall}");
    }
}

#[test]
fn faulty_settings_are_refused_with_every_fault_and_both_fields() {
    let found = problems(json!({
        "weekly": { "monday": [{ "from": "09:00", "to": "12:00" }, { "from": "11:00", "to": "18:00" }],
                    "tuesday": [{ "from": "22:00", "to": "06:00" }],
                    "friday": [{ "from": "25:00", "to": "26:00" }] },
        "special": [{ "date": "2026-12-24", "windows": [] }, { "date": "2026-12-24", "windows": [] },
                    { "date": "3026-12-24", "windows": [] }],
        "closed": [{ "from": "2026-08-15", "to": "2026-08-01" },
                   { "from": "2026-05-01", "to": "2026-05-01", "from_time": "14:00", "to_time": "12:00" },
                   { "from": "2026-05-01", "to": "2026-05-01", "to_time": "26:00" }],
    }));
    let seen: Vec<String> = found.iter().map(|p| format!("{} {}", p.code, p.fields.join(" "))).collect();
    assert_eq!(
        seen,
        [
            "closure-ends-before-it-begins /closed/0/from /closed/0/to",
            "closure-ends-before-it-begins /closed/1/from_time /closed/1/to_time",
            "closure-time-past-midnight /closed/2/to_time /closed/2/from_time",
            "specials-overlap /special/0/date /special/1/date",
            "date-out-of-range /special/2/date",
            "window-begins-next-day /weekly/friday/0/from /weekly/friday/0/to",
            "windows-overlap /weekly/monday/0 /weekly/monday/1",
            "window-ends-before-it-begins /weekly/tuesday/0/from /weekly/tuesday/0/to",
        ]
    );
    assert!(found.iter().all(|p| !p.message.en.is_empty() && !p.message.fr.is_empty()));
}

#[test]
fn rules_of_another_zone_or_out_of_order_are_refused() {
    let codes = |rules| {
        let problems = Calendar::new(settings(PARIS, office()), Arc::new(rules)).expect_err("refused");
        problems.into_iter().map(|p| p.code).collect::<Vec<_>>()
    };
    assert_eq!(codes(rules(NEW_YORK)), ["zone-mismatch"]);
    let mut reversed = rules(PARIS);
    reversed.offsets.reverse();
    assert_eq!(codes(reversed), ["zone-rules-unusable"]);
    assert_eq!(codes(ZoneRules { offsets: vec![], ..rules(PARIS) }), ["zone-rules-unusable"]);
}

#[test]
fn settings_read_and_write_themselves_and_refuse_what_they_do_not_know() {
    let text = json!({
        "title": { "fr": "Service client" }, "zone": "Europe/Paris",
        "weekly": { "monday": [{ "from": "09:00", "to": "24:00" }], "friday": [{ "from": "22:00", "to": "48:00" }] },
        "special": [{ "date": "2026-12-24", "windows": [], "description": {} }],
        "closed": [{ "description": { "fr": "Maintenance" }, "from": "2026-02-01", "to": "2026-02-02",
                     "from_time": "22:00", "to_time": "06:00", "mode": "span" }],
    });
    let settings: CalendarSettings = serde_json::from_value(text.clone()).expect("settings");
    assert_eq!(serde_json::to_value(&settings).expect("json"), text);
    for bad in [
        json!({ "zone": "Europe/Paris", "holidays": [] }),
        json!({ "zone": "" }),
        json!({ "zone": "UTC", "weekly": { "lundi": [] } }),
        json!({ "zone": "UTC", "weekly": { "monday": [{ "from": "9:00", "to": "18:00" }] } }),
        json!({ "zone": "UTC", "weekly": { "monday": [{ "from": "09:00", "to": "48:01" }] } }),
        json!({ "zone": "UTC", "weekly": { "monday": [{ "from": "09:60", "to": "18:00" }] } }),
        json!({ "zone": "UTC", "closed": [{ "from": "2026-02-30", "to": "2026-03-01" }] }),
        json!({ "zone": "UTC", "closed": [{ "from": "2026-03-01", "to": "2026-03-01", "mode": "weekly" }] }),
    ] {
        assert!(serde_json::from_value::<CalendarSettings>(bad.clone()).is_err(), "{bad}");
    }
}

/// The definition of the oracle, read off wall clocks; nothing of the implementation is used.
struct Brute {
    zone: TimeZone,
    hours: Value,
}

impl Brute {
    fn is_open(&self, at: Timestamp) -> bool {
        let zoned = jiff::Timestamp::from_millisecond(at.0).expect("in range").to_zoned(self.zone.clone());
        let (date, time) = (zoned.date(), zoned.time());
        let minute = f64::from(time.hour()) * 60.0 + f64::from(time.minute()) + f64::from(time.second()) / 60.0;
        let closed = self.hours["closed"].as_array().expect("a list").iter().any(|c| {
            let day = |key: &str| c[key].as_str().expect("a date").parse::<civil::Date>().expect("a date");
            let time = |key: &str, absent: f64| c[key].as_str().map_or(absent, minute_of);
            let (a, b, f, u) = (day("from"), day("to"), time("from_time", 0.0), time("to_time", 1_440.0));
            if c["mode"] == "span" {
                (a, f) <= (date, minute) && (date, minute) < (b, u)
            } else {
                a <= date && date <= b && f <= minute && minute < u
            }
        });
        let inside = |date: civil::Date, minute: f64| {
            let name = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
                [usize::try_from(date.weekday().to_monday_zero_offset()).expect("0 to 6")];
            let special = self.hours["special"].as_array().expect("a list").iter();
            let special = special.filter(|s| s["date"] == date.to_string()).map(|s| &s["windows"]).next();
            let windows = special.unwrap_or(&self.hours["weekly"][name]).as_array();
            windows.is_some_and(|windows| {
                windows.iter().any(|w| {
                    let [from, to] = ["from", "to"].map(|key| minute_of(w[key].as_str().expect("a time")));
                    from <= minute && minute < to
                })
            })
        };
        let yesterday = date.checked_sub(1.day()).expect("in range");
        !closed && (inside(date, minute) || inside(yesterday, minute + 1_440.0))
    }
}

fn minute_of(text: &str) -> f64 {
    let (hours, minutes) = text.split_once(':').expect("hh:mm");
    hours.parse::<f64>().expect("hours") * 60.0 + minutes.parse::<f64>().expect("minutes")
}

fn clock(minute: u32) -> String {
    format!("{:02}:{:02}", minute / 60, minute % 60)
}

/// Windows that do not overlap: cut points in order, taken in pairs; the last may pass midnight.
fn windows() -> impl Strategy<Value = Value> {
    (proptest::collection::btree_set(0..1_440_u32, 0..5), 0..1_440_u32).prop_map(|(cuts, tail)| {
        let cuts: Vec<u32> = cuts.into_iter().collect();
        let pairs = cuts.chunks(2).map(|pair| match pair {
            [from, to] => json!({ "from": clock(*from), "to": clock(*to) }),
            rest => json!({ "from": clock(rest[0]), "to": clock(rest[0].max(1_439) + 1 + tail) }),
        });
        Value::Array(pairs.collect())
    })
}

/// A zone, a date near one of its oddities, and hours whose special and closed dates lie around it.
fn case() -> impl Strategy<Value = (&'static str, civil::Date, Value)> {
    let oddities = select(vec![
        ("Australia/Lord_Howe", civil::date(2025, 4, 6)),
        ("Australia/Lord_Howe", civil::date(2025, 10, 5)),
        ("Pacific/Apia", civil::date(2011, 12, 30)),
        ("America/Sao_Paulo", civil::date(2018, 11, 4)),
        ("America/Sao_Paulo", civil::date(2018, 2, 18)),
        ("Africa/Casablanca", civil::date(2025, 2, 23)),
        ("Africa/Casablanca", civil::date(2025, 4, 6)),
        ("Asia/Kathmandu", civil::date(2025, 5, 19)),
        ("America/New_York", civil::date(2025, 3, 9)),
        ("America/New_York", civil::date(2025, 11, 2)),
        ("Europe/Paris", civil::date(2025, 3, 30)),
        ("Europe/Paris", civil::date(2025, 10, 26)),
    ]);
    let special = proptest::collection::btree_map(-3..3_i64, windows(), 0..3);
    let closed = proptest::collection::vec(
        (-3..3_i64, 0..3_i64, 0..1_439_u32, 1..1_440_u32, any::<bool>(), any::<bool>()),
        0..3,
    );
    (oddities, proptest::collection::vec(windows(), 7), special, closed).prop_map(
        |((zone, date), week, special, closed)| {
            let day = |n: i64| date.checked_add(n.days()).expect("in range").to_string();
            let names = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
            let weekly: serde_json::Map<_, _> = names.iter().map(|n| (*n).to_owned()).zip(week).collect();
            let special: Vec<Value> =
                special.into_iter().map(|(n, windows)| json!({ "date": day(n), "windows": windows })).collect();
            let closed: Vec<Value> = closed
                .into_iter()
                .map(|(first, more, from, length, whole, span)| {
                    let mut c = json!({ "from": day(first), "to": day(first + more) });
                    if !whole {
                        c["from_time"] = json!(clock(from));
                        c["to_time"] = json!(clock((from + length).min(1_440)));
                    }
                    c["mode"] = json!(if span { "span" } else { "daily" });
                    c
                })
                .collect();
            (zone, date, json!({ "weekly": weekly, "special": special, "closed": closed }))
        },
    )
}

proptest! {
    // Each case compares 5,760 instants of a zone and a calendar with the brute force, so a run compares more than a
    // million; `PROPTEST_CASES=20000` compares a hundred million.
    #![proptest_config(ProptestConfig { cases: ProptestConfig::default().cases.max(192), ..ProptestConfig::default() })]

    #[test]
    fn any_calendar_agrees_with_the_brute_force_minute_by_minute(
        (zone, date, hours) in case(), start in -2_880..2_880_i64, length in 1..2_880_u64, second in 0..60_i64
    ) {
        let c = calendar(zone, hours.clone());
        let brute = Brute { zone: TimeZone::get(zone).expect("zone"), hours };
        let middle = at(zone, &format!("{date}T00:00")).0.div_euclid(60_000);
        let minute = |n: i64| Timestamp((middle + n) * 60_000);
        let from = minute(start);
        let open: Vec<bool> = (0..5_760).map(|n| brute.is_open(minute(start + n))).collect();

        for (n, expected) in (0_i64..).zip(&open) {
            let offset = if n % 7 == 0 { second * 1_000 + 999 } else { 0 };
            prop_assert_eq!(c.is_open(Timestamp(minute(start + n).0 + offset)), *expected, "minute {}", n);
        }
        let end = from + minutes(length);
        let within = usize::try_from(length).expect("small");
        let count = open[..within].iter().filter(|o| **o).count() as u64;
        prop_assert_eq!(c.elapsed(from, end), minutes(count));

        let change = (0_i64..).zip(&open).find(|(_, o)| **o != open[0]).map(|(n, _)| minute(start + n));
        let got = c.next_change(from);
        prop_assert!(change.is_none() || got == change, "{:?} instead of {:?}", got, change);
        prop_assert!(change.is_some() || got.is_none_or(|t| minute(start + 5_760) <= t));

        let due = c.due(from, minutes(count.max(1)));
        let expected = (0_i64..).zip(&open).filter(|(_, o)| **o).nth(usize::try_from(count.max(1)).expect("small") - 1);
        prop_assert!(expected.is_none() || due == expected.map(|(n, _)| minute(start + n + 1)));
        if let Some(due) = due {
            prop_assert_eq!(c.elapsed(from, due), minutes(count.max(1)));
            prop_assert!(c.elapsed(from, Timestamp(due.0 - 1)) < minutes(count.max(1)));
        }
    }

    #[test]
    fn long_stretches_agree_with_their_parts((zone, date, hours) in case(), days in 1..40_000_i64, cut in 1..40_000_i64) {
        let c = calendar(zone, hours);
        let from = at(zone, &format!("{date}T00:00"));
        let day = |n: i64| Timestamp(from.0 + n * 86_400_000 + 12_345);
        let (middle, end) = (day(cut.min(days)), day(days));
        prop_assert_eq!(c.elapsed(from, end), c.elapsed(from, middle) + c.elapsed(middle, end));
        let whole = c.elapsed(from, end);
        if whole > Duration::ZERO {
            let due = c.due(from, whole).expect("it passed already");
            prop_assert!(due <= end && c.elapsed(from, due) == whole);
        }
    }
}

proptest! {
    #[test]
    fn wall_clocks_are_read_and_set_as_the_zone_database_has_it(
        zone in select(&[PARIS, NEW_YORK, "Australia/Lord_Howe", "UTC"][..]),
        // 2024 to 2029, and often within hours of a change of the clocks in 2026.
        minute in prop_oneof![
            28_401_120_i64..31_556_160,
            (select(&[29_579_100_i64, 29_880_480, 29_549_220, 29_877_540][..]), -300_i64..300).prop_map(|(at, by)| at + by),
        ],
    ) {
        let calendar = calendar(zone, json!({ "weekly": every_day("09:00", "17:00") }));
        let at_ms = minute * 60_000;
        let zoned = jiff::Timestamp::from_millisecond(at_ms).expect("in range")
            .to_zoned(TimeZone::get(zone).expect("the zone database has it"));
        let (day, shown) = calendar.wall_clock(Timestamp(at_ms));
        let epoch = civil::date(1970, 1, 1);
        let days = i64::from(zoned.date().since(epoch).expect("in range").get_days());
        prop_assert_eq!((day, i64::from(shown)), (days, i64::from(zoned.hour()) * 60 + i64::from(zoned.minute())));
        let wall = zoned.datetime();
        let first = wall.to_zoned(TimeZone::get(zone).expect("the zone database has it")).expect("in range");
        prop_assert_eq!(calendar.instant(day, shown), Timestamp(first.timestamp().as_millisecond()));
        // A wall clock of the day may not exist; it is then as much later as the clocks skip.
        let wished = zoned.date().at(2, 30, 0, 0);
        let met = wished.to_zoned(TimeZone::get(zone).expect("the zone database has it")).expect("in range");
        prop_assert_eq!(calendar.instant(day, 150), Timestamp(met.timestamp().as_millisecond()));
    }
}
