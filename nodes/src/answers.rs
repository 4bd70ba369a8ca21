//! Typed answers: what a contact wrote, in French or English, as the value that was asked for.
//!
//! Reading is strict about meaning and lenient about form: a doubtful answer is no answer, so that the contact is
//! asked again rather than misread. Relative dates (`"demain"`) are no answer: they would need the contact's zone.

use chrono::NaiveDate;
use routewright_engine::{
    catalogue::AnswerType,
    contact::{Message, SaidOption},
    node::{Fault, Turn},
};
use routewright_flows::{Channel, Locale, check::Possible};
use serde_json::{Value, json};

use crate::{
    choosing::{Spoken, chosen, has_buttons, show},
    folding::fold,
};

/// The value of an answer, or `None` when it is none.
#[must_use]
pub fn read(answer: &AnswerType, message: &Message, locale: &Locale) -> Option<Value> {
    let text = message.text.trim();
    match answer {
        AnswerType::Text => (!text.is_empty()).then(|| json!(text)),
        AnswerType::YesNo => yes_no(message).map(Value::Bool),
        AnswerType::Number { min, max } => {
            let number = number(text, locale)?;
            let fits = min.is_none_or(|min| min <= number) && max.is_none_or(|max| number <= max);
            fits.then(|| whole(number).map_or_else(|| json!(number), |whole| json!(whole)))
        }
        AnswerType::Integer { min, max } => {
            let number = whole(number(text, locale)?)?;
            let fits = min.is_none_or(|min| min <= number) && max.is_none_or(|max| number <= max);
            fits.then(|| json!(number))
        }
        AnswerType::Scale { min, max } => {
            let text = message.choice.as_deref().unwrap_or(text);
            let text = text.strip_suffix(&format!("/{max}")).unwrap_or(text);
            let number = whole(number(text, locale)?)?;
            (*min <= number && number <= *max).then(|| json!(number))
        }
        AnswerType::Date => date(text, locale).map(|date| json!(date.to_string())),
        AnswerType::Email => email(text).map(Value::String),
        AnswerType::Phone => phone(text).map(Value::String),
        AnswerType::Choice { options } => {
            let spoken: Vec<Spoken> = options
                .iter()
                .map(|option| {
                    let labels = option.label.0.values().chain(&option.matches);
                    Spoken::new(&option.id, labels.map(String::as_str))
                })
                .collect();
            chosen(message, &spoken, &[]).map(|index| json!(options[index].id))
        }
    }
}

/// What [`read`] gives for an answer of this type.
#[must_use]
pub fn stored(answer: &AnswerType) -> Possible {
    match answer {
        AnswerType::Integer { .. } | AnswerType::Scale { .. } => Possible::WHOLE,
        AnswerType::Number { .. } => Possible::NUMBER,
        AnswerType::YesNo => Possible::TRUTH,
        AnswerType::Choice { .. } | AnswerType::Date | AnswerType::Email | AnswerType::Phone | AnswerType::Text => {
            Possible::TEXT
        }
    }
}

/// Asks: says the text, with what can be tapped.
///
/// # Errors
/// As for saying anything.
pub fn ask(turn: &mut Turn<'_>, text: String, answer: &AnswerType) -> Result<(), Fault> {
    let locale = turn.locale().clone();
    match answer {
        AnswerType::Choice { options } => {
            let said = options.iter().map(|option| SaidOption {
                id: option.id.clone(),
                label: option.label.pick(&locale, &locale).unwrap_or(&option.id).to_owned(),
            });
            show(turn, text, said.collect())
        }
        AnswerType::YesNo if has_buttons(turn.channel()) => match yes_no_labels(&locale) {
            Some(labels) => turn.say_options(text, labels),
            None => turn.say_text(text),
        },
        AnswerType::Scale { min, max }
            if turn.channel() == Channel::Webchat && max.saturating_sub(*min) < SCALE_BUTTONS_MAX =>
        {
            let said = (*min..=*max).map(|mark| SaidOption { id: mark.to_string(), label: mark.to_string() });
            turn.say_options(text, said.collect())
        }
        AnswerType::YesNo
        | AnswerType::Text
        | AnswerType::Number { .. }
        | AnswerType::Integer { .. }
        | AnswerType::Scale { .. }
        | AnswerType::Date
        | AnswerType::Email
        | AnswerType::Phone => turn.say_text(text),
    }
}

/// Marks of a scale that a web page shows as buttons at most: 0 to 10. Phones show so many as a list to open, where typing
/// a figure is quicker.
const SCALE_BUTTONS_MAX: i64 = 11;

const YES: &str = "yes";
const NO: &str = "no";

/// Buttons for yes and no, in the languages that the product speaks; in others the question stands alone.
fn yes_no_labels(locale: &Locale) -> Option<Vec<SaidOption>> {
    let (yes, no) = match locale.language() {
        "fr" => ("Oui", "Non"),
        "en" => ("Yes", "No"),
        _ => return None,
    };
    let option = |id: &str, label: &str| SaidOption { id: id.to_owned(), label: label.to_owned() };
    Some(vec![option(YES, yes), option(NO, no)])
}

const YES_WORDS: [&str; 24] = [
    "oui",
    "ouais",
    "ouai",
    "ouaip",
    "oui merci",
    "oui s'il vous plait",
    "bien sur",
    "d'accord",
    "volontiers",
    "absolument",
    "tout a fait",
    "ok",
    "okay",
    "o",
    "yes",
    "y",
    "yeah",
    "yep",
    "yup",
    "yes please",
    "sure",
    "of course",
    "true",
    "👍",
];
const NO_WORDS: [&str; 15] = [
    "non",
    "nan",
    "non merci",
    "pas du tout",
    "jamais",
    "no",
    "n",
    "nope",
    "nah",
    "no thanks",
    "no thank you",
    "not at all",
    "never",
    "false",
    "👎",
];

/// Yes or no.
pub fn yes_no(message: &Message) -> Option<bool> {
    match message.choice.as_deref() {
        Some(YES) => return Some(true),
        Some(NO) => return Some(false),
        Some(_) | None => {}
    }
    let said = fold(&message.text);
    if YES_WORDS.contains(&said.as_str()) { Some(true) } else { NO_WORDS.contains(&said.as_str()).then_some(false) }
}

/// Digits that a 64-bit float holds exactly.
const DIGITS_MAX: usize = 15;

/// A number: `1 234,5`, `1,234.5`, `1'234.5`, `-3`, `12 €`. A single comma with three digits behind it is a thousands
/// separator in English and a decimal comma elsewhere; a single point is always a decimal point.
pub fn number(text: &str, locale: &Locale) -> Option<f64> {
    let text = text.trim().trim_matches(['€', '$', '£']).trim();
    let (negative, digits) = match text.strip_prefix(['-', '−']) {
        Some(rest) => (true, rest.trim_start()),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let decimal = decimal_mark(digits, locale);
    let (whole, fraction) = match decimal {
        Some(at) => (&digits[..at], &digits[at + 1..]),
        None => (digits, ""),
    };
    let whole = without_groups(whole)?;
    let plain = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    let empty = decimal.is_some() && fraction.is_empty();
    if empty || !plain(fraction) || DIGITS_MAX < whole.len() + fraction.len() {
        return None;
    }
    let size: f64 = format!("{whole}.{fraction}0").parse().ok()?;
    Some(if negative { -size } else { size })
}

/// Where the decimal mark is: a byte, always `.` or `,`.
fn decimal_mark(digits: &str, locale: &Locale) -> Option<usize> {
    let last = digits.rfind(['.', ','])?;
    let mark = &digits[last..=last];
    let other = if mark == "," { "." } else { "," };
    if digits.matches(mark).count() > 1 {
        return None;
    }
    let is_group = mark == ","
        && locale.language() == "en"
        && digits[last + 1..].len() == 3
        && (1..=3).contains(&last)
        && !digits.contains(other);
    (!is_group).then_some(last)
}

/// The digits of a whole number, when its groups are groups of three.
fn without_groups(whole: &str) -> Option<String> {
    let is_separator = |c: char| c.is_whitespace() || matches!(c, ',' | '.' | '\'' | '’');
    let groups: Vec<&str> = whole.split(is_separator).collect();
    let (first, rest) = groups.split_first()?;
    let grouped = rest.is_empty() || (1..=3).contains(&first.len()) && rest.iter().all(|group| group.len() == 3);
    let digits = groups.concat();
    (grouped && !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())).then_some(digits)
}

fn whole(number: f64) -> Option<i64> {
    // At most DIGITS_MAX digits, so the conversion is exact.
    #[expect(clippy::cast_possible_truncation, reason = "15 digits fit")]
    (number.fract() == 0.0).then_some(number as i64)
}

const MONTHS: [(&[&str], u32); 12] = [
    (&["janvier", "janv", "jan", "january"], 1),
    (&["fevrier", "fevr", "fev", "february", "feb"], 2),
    (&["mars", "march", "mar"], 3),
    (&["avril", "avr", "april", "apr"], 4),
    (&["mai", "may"], 5),
    (&["juin", "june", "jun"], 6),
    (&["juillet", "juil", "july", "jul"], 7),
    (&["aout", "august", "aug"], 8),
    (&["septembre", "sept", "september", "sep"], 9),
    (&["octobre", "oct", "october"], 10),
    (&["novembre", "nov", "november"], 11),
    (&["decembre", "dec", "december"], 12),
];

/// Words around a date that say nothing more than it.
const FILLERS: [&str; 18] = [
    "le",
    "du",
    "the",
    "of",
    "on",
    "lundi",
    "mardi",
    "mercredi",
    "jeudi",
    "vendredi",
    "samedi",
    "dimanche",
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
];

/// A date with its year: `2026-12-31`, `31/12/2026`, `31 décembre 2026`, `December 31st, 2026`. Day before month,
/// except for American contacts (`en-US`); a figure above 12 settles it.
pub fn date(text: &str, locale: &Locale) -> Option<NaiveDate> {
    let folded = fold(text);
    let words = folded.split(|c: char| c.is_whitespace() || matches!(c, '/' | '-' | '.' | ','));
    let words: Vec<&str> = words.filter(|w| !w.is_empty() && !FILLERS.contains(w) && *w != "sunday").collect();
    let &[first, second, third] = words.as_slice() else { return None };
    let (day, month, year) = if let Some(month) = month(second) {
        (ordinal(first)?, month, year(third)?)
    } else if let Some(month) = month(first) {
        (ordinal(second)?, month, year(third)?)
    } else if first.len() == 4 {
        (figure(third)?, figure(second)?, year(first)?)
    } else {
        let (one, two) = (figure(first)?, figure(second)?);
        let american = locale.as_str().eq_ignore_ascii_case("en-us");
        let month_first = if one > 12 || two > 12 { two > 12 } else { american };
        if month_first { (two, one, year(third)?) } else { (one, two, year(third)?) }
    };
    NaiveDate::from_ymd_opt(year, month, day)
}

fn month(word: &str) -> Option<u32> {
    MONTHS.iter().find(|(names, _)| names.contains(&word)).map(|(_, month)| *month)
}

fn figure(word: &str) -> Option<u32> {
    (word.len() <= 2).then(|| word.parse().ok())?
}

fn ordinal(word: &str) -> Option<u32> {
    let digits = word.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    matches!(&word[digits.len()..], "" | "er" | "st" | "nd" | "rd" | "th").then(|| figure(digits))?
}

/// Years of people alive and of plans they make.
const YEARS: std::ops::RangeInclusive<i32> = 1900..=2199;

/// Two figures are a year of this century: people who write `26` mean an appointment, not a birth.
fn year(word: &str) -> Option<i32> {
    let year: i32 = word.parse().ok()?;
    match word.len() {
        2 => Some(2000 + year),
        4 => YEARS.contains(&year).then_some(year),
        _ => None,
    }
}

/// The one e-mail address of a text; its domain in lower case.
fn email(text: &str) -> Option<String> {
    let mut found = text.split_whitespace().filter(|word| word.contains('@'));
    let (word, None) = (found.next()?, found.next()) else { return None };
    let word = word.trim_matches(|c: char| !c.is_alphanumeric());
    let (local, domain) = word.split_once('@')?;
    let is_local = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+/=?^_`{|}~.-".contains(c);
    let local_is_right = (1..=64).contains(&local.len())
        && local.chars().all(is_local)
        && !local.starts_with('.')
        && !local.ends_with('.')
        && !local.contains("..");
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let domain_is_right = domain.split('.').all(label) && domain.split('.').count() >= 2 && domain.len() <= 253;
    (local_is_right && domain_is_right).then(|| format!("{local}@{}", domain.to_ascii_lowercase()))
}

/// A telephone number of 6 to 15 digits (E.164), as digits; `00` in front is written `+`.
fn phone(text: &str) -> Option<String> {
    let is_filler = |c: &char| c.is_whitespace() || matches!(c, '.' | '-' | '/' | '(' | ')');
    let digits: String = text.chars().filter(|c| !is_filler(c)).collect();
    let (plus, digits) = match digits.strip_prefix('+').or_else(|| digits.strip_prefix("00")) {
        Some(rest) => ("+", rest),
        None => ("", digits.as_str()),
    };
    let fits = (6..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    fits.then(|| format!("{plus}{digits}"))
}

#[cfg(test)]
mod tests;
