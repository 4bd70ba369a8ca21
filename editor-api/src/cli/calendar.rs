//! `routewright calendar`: what a new version of opening hours changes, and closed dates out of iCalendar files.
//!
//! What it deliberately does not do: it writes nothing; what it prints is stored through the API like any calendar.

use std::{fs, path::PathBuf, sync::Arc, time::Duration};

use chrono::{NaiveDate, NaiveDateTime};
use clap::{Args, Subcommand};
use routewright_engine::{
    Timestamp,
    calendar::{self, CalendarSettings, ClosedDates, ClosureMode, ZoneRules},
};
use routewright_flows::{HumanDuration, Locale, Localised};
use routewright_runtime::Zones;
use serde::de::DeserializeOwned;
use serde_json::json;

use super::{Format, Reader, Stop, Verdict, print_json};

/// Arguments of `calendar`.
#[derive(Debug, Args)]
pub(super) struct Calendar {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Say which instants change from one version to another; exits with 1 when some do.
    Diff(Diff),
    /// Read the closed dates of an iCalendar file.
    Import(Import),
}

#[derive(Debug, Args)]
struct Diff {
    /// The earlier hours.
    #[arg(value_name = "OLD")]
    old: PathBuf,
    /// The later hours.
    #[arg(value_name = "NEW")]
    new: PathBuf,
    /// The first instant compared, RFC 3339.
    #[arg(long, value_parser = instant)]
    from: Timestamp,
    /// The last instant compared, RFC 3339.
    #[arg(long, value_parser = instant)]
    to: Timestamp,
    /// Rules of the earlier zone, as JSON; those of this machine when absent.
    #[arg(long, value_name = "FILE")]
    old_zone: Option<PathBuf>,
    /// Rules of the later zone, as JSON; those of this machine when absent.
    #[arg(long, value_name = "FILE")]
    new_zone: Option<PathBuf>,
    /// A due instant to compare: an RFC 3339 beginning, `+`, a length of open time (`...Z+4h`).
    #[arg(long, value_name = "START+LENGTH", value_parser = promise)]
    due: Vec<(Timestamp, Duration)>,
}

#[derive(Debug, Args)]
struct Import {
    /// The .ics file.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Hours to add them to; without them the dates alone are printed.
    #[arg(long, value_name = "CALENDAR")]
    into: Option<PathBuf>,
}

impl Calendar {
    pub(super) fn run(self, reader: Reader) -> Result<Verdict, Stop> {
        match self.command {
            Command::Diff(diff) => diff.run(reader),
            Command::Import(import) => import.run(),
        }
    }
}

impl Diff {
    fn run(self, reader: Reader) -> Result<Verdict, Stop> {
        let zones = Zones::default();
        let old = hours(&self.old, self.old_zone.as_ref(), &zones)?;
        let new = hours(&self.new, self.new_zone.as_ref(), &zones)?;
        let differences = old.differences(&new, self.from, self.to);
        let moved = old.moved(&new, &self.due);
        match reader.format {
            Format::Json => drop(print_json(&json!({ "differences": differences, "moved": moved }))),
            Format::Text => {
                for calendar::Difference { from, to, opens } in &differences {
                    println!("{} {from} .. {to}", if *opens { "+" } else { "-" });
                }
                let shown = |at: &Option<Timestamp>| at.map_or_else(|| "-".to_owned(), |at| at.to_string());
                for calendar::Moved { start, before, after } in &moved {
                    println!("~ {start}: {} -> {}", shown(before), shown(after));
                }
            }
        }
        Ok(if differences.is_empty() && moved.is_empty() { Verdict::Fine } else { Verdict::Findings })
    }
}

impl Import {
    /// What could not be read is named on standard error, and the exit code says so.
    fn run(self) -> Result<Verdict, Stop> {
        let text =
            fs::read_to_string(&self.file).map_err(|e| Stop::because(format!("{}: {e}", self.file.display())))?;
        let (closed, skipped) = closures(&text).map_err(Stop::because)?;
        for event in &skipped {
            eprintln!("{}: {event}", self.file.display());
        }
        match self.into {
            None => drop(print_json(&json!(closed))),
            Some(path) => {
                let mut settings: CalendarSettings = read(&path)?;
                let fresh: Vec<_> = closed.into_iter().filter(|dates| !settings.closed.contains(dates)).collect();
                settings.closed.extend(fresh);
                print_json(&json!(settings));
            }
        }
        Ok(if skipped.is_empty() { Verdict::Fine } else { Verdict::Findings })
    }
}

/// The closures of an iCalendar text (RFC 5545), and the events that are none, each with why. Of an event only its
/// beginning, end and summary are read; whatever would need more is left out by name.
fn closures(text: &str) -> Result<(Vec<ClosedDates>, Vec<String>), String> {
    // A line that begins with a space goes on where the one before it ended.
    let unfolded = text.replace("\r\n", "\n").replace("\n ", "").replace("\n\t", "");
    let mut lines = unfolded.lines();
    if lines.next().map(str::trim) != Some("BEGIN:VCALENDAR") {
        return Err("this is no iCalendar text: it does not begin with BEGIN:VCALENDAR".to_owned());
    }
    let (mut closed, mut skipped) = (Vec::new(), Vec::new());
    let mut event: Option<Vec<Property<'_>>> = None;
    for line in lines {
        match (line.trim_end(), &mut event) {
            ("BEGIN:VEVENT", _) => event = Some(Vec::new()),
            ("END:VEVENT", _) => {
                let properties = event.take().unwrap_or_default();
                let title = title(&properties);
                match closure(&properties, &title) {
                    Ok(dates) => closed.push(dates),
                    Err(why) => skipped.push(format!("'{title}' was left out: {why}")),
                }
            }
            (line, Some(properties)) => properties.extend(property(line)),
            (_, None) => {}
        }
    }
    Ok((closed, skipped))
}

/// A property of an event: its name, and what stands after the colon.
type Property<'a> = (&'a str, &'a str);

fn property(line: &str) -> Option<Property<'_>> {
    let (head, value) = line.split_once(':')?;
    // Parameters tell a date from a time, and so does the form of the value; the zone is that of the service.
    Some((head.split(';').next().unwrap_or(head), value))
}

fn value<'a>(properties: &[Property<'a>], name: &str) -> Option<&'a str> {
    properties.iter().find(|(known, _)| *known == name).map(|(_, value)| *value)
}

fn title(properties: &[Property<'_>]) -> String {
    value(properties, "SUMMARY").unwrap_or_default().replace("\\,", ",").replace("\\;", ";").replace("\\n", " ")
}

fn closure(properties: &[Property<'_>], title: &str) -> Result<ClosedDates, String> {
    if let Some((name, _)) = properties.iter().find(|(name, _)| ["RRULE", "RDATE", "DURATION"].contains(name)) {
        return Err(format!("it has {name}; list its dates with DTSTART and DTEND"));
    }
    let start = value(properties, "DTSTART").ok_or("it has no DTSTART")?;
    let end = value(properties, "DTEND");
    let description = match Locale::new("fr") {
        Ok(locale) if !title.is_empty() => Localised([(locale, title.to_owned())].into()),
        Ok(_) | Err(_) => Localised::default(),
    };
    let wrong = |e: routewright_flows::name::BadName| e.to_string();
    if let Ok(first) = NaiveDate::parse_from_str(start, "%Y%m%d") {
        // DTEND is the first day that is not covered any more.
        let end = match end {
            Some(end) => NaiveDate::parse_from_str(end, "%Y%m%d").map_err(|e| format!("DTEND '{end}': {e}"))?,
            None => first,
        };
        let last = end.pred_opt().unwrap_or(end).max(first);
        let (from, to) = (first.to_string().parse().map_err(wrong)?, last.to_string().parse().map_err(wrong)?);
        return Ok(ClosedDates { description, from, to, from_time: None, to_time: None, mode: ClosureMode::Daily });
    }
    let (start, end) = (wall_clock(start)?, wall_clock(end.ok_or("it has a time and no DTEND")?)?);
    let time = |at: NaiveDateTime| at.format("%H:%M").to_string().parse().map_err(wrong);
    let date = |at: NaiveDateTime| at.date().to_string().parse().map_err(wrong);
    Ok(ClosedDates {
        description,
        from: date(start)?,
        to: date(end)?,
        from_time: Some(time(start)?),
        to_time: Some(time(end)?),
        mode: ClosureMode::Span,
    })
}

/// Times are read in the calendar's own zone, so only wall-clock times can be taken over.
fn wall_clock(text: &str) -> Result<NaiveDateTime, String> {
    if text.ends_with('Z') {
        return Err("its times are in UTC; write them in the zone of the service".to_owned());
    }
    NaiveDateTime::parse_from_str(text, "%Y%m%dT%H%M%S").map_err(|e| format!("'{text}' is no date with a time: {e}"))
}

fn hours(path: &PathBuf, zone: Option<&PathBuf>, zones: &Zones) -> Result<calendar::Calendar, Stop> {
    let settings: CalendarSettings = read(path)?;
    let rules = match zone {
        Some(path) => Arc::new(read::<ZoneRules>(path)?),
        None => zones.rules(settings.zone.as_str()).ok_or_else(|| {
            let zone = &settings.zone;
            Stop::new(
                format!("time zone '{zone}' does not exist on this machine"),
                format!("le fuseau « {zone} » n’existe pas sur cette machine"),
            )
        })?,
    };
    calendar::Calendar::new(settings, rules).map_err(|problems| {
        let lines = |say: fn(&routewright_flows::Words) -> &str| {
            let lines = problems.iter().map(|p| format!("{} ({})", say(&p.message), p.fields.join(", ")));
            lines.collect::<Vec<_>>().join("; ")
        };
        Stop::new(lines(|words| &words.en), lines(|words| &words.fr))
    })
}

fn read<T: DeserializeOwned>(path: &PathBuf) -> Result<T, Stop> {
    let text = fs::read_to_string(path).map_err(|e| Stop::because(format!("{}: {e}", path.display())))?;
    serde_json::from_str(&text).map_err(|e| Stop::because(format!("{}: {e}", path.display())))
}

fn instant(text: &str) -> Result<Timestamp, String> {
    Timestamp::parse(text).ok_or_else(|| format!("'{text}' is not an instant such as 2026-05-01T08:00:00Z"))
}

fn promise(text: &str) -> Result<(Timestamp, Duration), String> {
    let (start, length) = text.rsplit_once('+').ok_or("expected a beginning, '+' and a length")?;
    let length: HumanDuration = length.parse().map_err(|e: routewright_flows::name::BadName| e.to_string())?;
    Ok((instant(start)?, length.get()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pbx_06_p_14_closed_dates_are_read_from_an_icalendar_file() {
        let text = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:test\r\n\
            BEGIN:VEVENT\r\nUID:1\r\nSUMMARY:Noël\r\nDTSTART;VALUE=DATE:20261225\r\nDTEND;VALUE=DATE:20261226\r\nEND:VEVENT\r\n\
            BEGIN:VEVENT\r\nUID:2\r\nSUMMARY:Pont\r\nDTSTART;VALUE=DATE:20260514\r\nDTEND;VALUE=DATE:20260517\r\nEND:VEVENT\r\n\
            BEGIN:VEVENT\r\nUID:3\r\nSUMMARY:Travaux\r\nDTSTART:20260601T130000\r\nDTEND:20260602T090000\r\nEND:VEVENT\r\n\
            BEGIN:VEVENT\r\nUID:4\r\nSUMMARY:Chaque année\r\nDTSTART;VALUE=DATE:20260501\r\nRRULE:FREQ=YEARLY\r\nEND:VEVENT\r\n\
            END:VCALENDAR\r\n";
        let (closed, skipped) = closures(text).expect("an iCalendar text");
        let rows: Vec<_> = closed
            .iter()
            .map(|c| (c.from.to_string(), c.to.to_string(), c.from_time.map(|t| t.to_string()), c.mode))
            .collect();
        assert_eq!(
            rows,
            [
                ("2026-12-25".into(), "2026-12-25".into(), None, ClosureMode::Daily),
                ("2026-05-14".into(), "2026-05-16".into(), None, ClosureMode::Daily),
                ("2026-06-01".into(), "2026-06-02".into(), Some("13:00".into()), ClosureMode::Span),
            ]
        );
        assert_eq!(skipped, ["'Chaque année' was left out: it has RRULE; list its dates with DTSTART and DTEND"]);
    }

    #[test]
    fn a_due_instant_is_a_beginning_and_a_length() {
        let (start, length) = promise("2026-05-01T08:00:00Z+1h30m").expect("both parts");
        assert_eq!((start.to_string().as_str(), length.as_secs()), ("2026-05-01T08:00:00.000Z", 5_400));
        assert!(promise("2026-05-01T08:00:00Z").is_err());
    }
}
