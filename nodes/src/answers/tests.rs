//! What counts as an answer, by type and language.

use proptest::prelude::*;
use routewright_engine::{catalogue::AnswerType, contact::Message};
use routewright_flows::Locale;
use serde_json::{Value, from_value, json};

use super::read;

fn answer(kind: &Value, text: &str, locale: &str) -> Value {
    let kind: AnswerType = from_value(kind.clone()).expect("an answer type");
    let message = Message { text: text.into(), choice: None };
    read(&kind, &message, &Locale::new(locale).expect("a locale")).unwrap_or(Value::Null)
}

/// Cases are (locale, text, value); `null` for no answer.
fn check(kind: &Value, cases: &[(&str, &str, Value)]) {
    for (locale, text, value) in cases {
        assert_eq!(&answer(kind, text, locale), value, "{kind} {locale} {text:?}");
    }
}

#[test]
fn numbers_in_french_and_english() {
    check(
        &json!({ "type": "number" }),
        &[
            ("fr", "1 234,5", json!(1234.5)),
            ("fr", "1\u{202f}234\u{a0}567", json!(1_234_567)),
            ("fr", "3,5", json!(3.5)),
            ("fr", "1,234", json!(1.234)),
            ("en", "1,234", json!(1234)),
            ("en", "1,234.5", json!(1234.5)),
            ("en", "3,5", json!(3.5)),
            ("en", "1.234", json!(1.234)),
            ("fr", "1.234.567,89", json!(1_234_567.89)),
            ("fr-CH", "1'234.5", json!(1234.5)),
            ("fr", "-3", json!(-3)),
            ("fr", "− 3", json!(-3)),
            ("fr", "+3", json!(3)),
            ("fr", "12 €", json!(12)),
            ("en", "$12.50", json!(12.5)),
            ("fr", "007", json!(7)),
            ("fr", "12 34", Value::Null),
            ("fr", "1,2,3", Value::Null),
            ("fr", "12 ou 13", Value::Null),
            ("fr", "douze", Value::Null),
            ("fr", "", Value::Null),
            ("fr", "5,", Value::Null),
            ("fr", ",5", Value::Null),
            ("fr", "--3", Value::Null),
            ("fr", "1e9", Value::Null),
            ("fr", "NaN", Value::Null),
            ("fr", "12345678901234567890", Value::Null),
        ],
    );
    check(
        &json!({ "type": "number", "min": 0, "max": 10 }),
        &[("fr", "10", json!(10)), ("fr", "10,1", Value::Null), ("fr", "-0,5", Value::Null)],
    );
    check(
        &json!({ "type": "integer", "min": 1 }),
        &[("fr", "1 000", json!(1000)), ("fr", "2,0", json!(2)), ("fr", "2,5", Value::Null), ("fr", "0", Value::Null)],
    );
    check(
        &json!({ "type": "scale", "min": 1, "max": 5 }),
        &[
            ("fr", "4", json!(4)),
            ("fr", "4/5", json!(4)),
            ("fr", "6", Value::Null),
            ("fr", "4/10", Value::Null),
            ("fr", "4,5", Value::Null),
        ],
    );
}

#[test]
fn dates_in_french_and_english() {
    let day = json!("2026-12-31");
    check(
        &json!({ "type": "date" }),
        &[
            ("fr", "31/12/2026", day.clone()),
            ("fr", "31.12.26", day.clone()),
            ("fr", "31 décembre 2026", day.clone()),
            ("fr", "le jeudi 31 DÉC. 2026", day.clone()),
            ("fr", "2026-12-31", day.clone()),
            ("en", "December 31st, 2026", day.clone()),
            ("en", "31 December 2026", day.clone()),
            ("en", "Thursday the 31st of Dec 2026", day.clone()),
            ("en-US", "12/31/2026", day.clone()),
            ("fr", "12/31/2026", day),
            ("fr", "1er août 2026", json!("2026-08-01")),
            ("fr", "03/04/2026", json!("2026-04-03")),
            ("en", "03/04/2026", json!("2026-04-03")),
            ("en-US", "03/04/2026", json!("2026-03-04")),
            ("fr", "29/02/2028", json!("2028-02-29")),
            ("fr", "29/02/2026", Value::Null),
            ("fr", "31/04/2026", Value::Null),
            ("fr", "00/12/2026", Value::Null),
            ("fr", "31 décembre", Value::Null),
            ("fr", "31/12/0026", Value::Null),
            ("fr", "demain", Value::Null),
            ("fr", "31/12/2026 12/12/2026", Value::Null),
            ("fr", "", Value::Null),
        ],
    );
}

#[test]
fn yes_and_no_as_people_say_them() {
    let kind = json!({ "type": "yes_no" });
    for yes in ["oui", "Ouais", "OK", "Yes!", "d’accord", "Bien sûr", "👍", "yes please"] {
        assert_eq!(answer(&kind, yes, "fr"), json!(true), "{yes}");
    }
    for no in ["non", "NON !", "no", "Nope", "non merci", "👎"] {
        assert_eq!(answer(&kind, no, "en"), json!(false), "{no}");
    }
    for neither in ["", "peut-être", "oui et non", "42"] {
        assert_eq!(answer(&kind, neither, "fr"), Value::Null, "{neither}");
    }
    let tapped = Message { text: "Oui".into(), choice: Some("no".into()) };
    let locale = Locale::new("fr").expect("a locale");
    assert_eq!(read(&AnswerType::YesNo, &tapped, &locale), Some(json!(false)), "the tapped option counts");
}

#[test]
fn a_mark_of_a_scale_is_typed_or_tapped() {
    let scale = AnswerType::Scale { min: 1, max: 5 };
    let locale = Locale::new("fr").expect("a locale");
    let tapped = |choice: &str| read(&scale, &Message { text: String::new(), choice: Some(choice.into()) }, &locale);
    assert_eq!((tapped("4"), tapped("6"), tapped("yes")), (Some(json!(4)), None, None));
    assert_eq!(answer(&json!({ "type": "scale", "min": 1, "max": 5 }), "4/5", "fr"), json!(4));
}

#[test]
fn addresses_and_telephone_numbers() {
    check(
        &json!({ "type": "email" }),
        &[
            ("fr", "Zoe.Martin+sav@Exemple.FR", json!("Zoe.Martin+sav@exemple.fr")),
            ("fr", "mon adresse est zoe@exemple.fr, merci", json!("zoe@exemple.fr")),
            ("fr", "<zoe@exemple.fr>", json!("zoe@exemple.fr")),
            ("fr", "zoe@exemple", Value::Null),
            ("fr", "zoe@@exemple.fr", Value::Null),
            ("fr", "zoe..m@exemple.fr", Value::Null),
            ("fr", "zoe@-exemple.fr", Value::Null),
            ("fr", "a@b.fr ou c@d.fr", Value::Null),
            ("fr", "zoe exemple.fr", Value::Null),
        ],
    );
    check(
        &json!({ "type": "phone" }),
        &[
            ("fr", "06 12 34 56 78", json!("0612345678")),
            ("fr", "+33 6 12 34 56 78", json!("+33612345678")),
            ("fr", "0033.6.12.34.56.78", json!("+33612345678")),
            ("en", "(020) 7946-0958", json!("02079460958")),
            ("fr", "12345", Value::Null),
            ("fr", "1234567890123456", Value::Null),
            ("fr", "mon 06", Value::Null),
        ],
    );
}

#[test]
fn choices_and_free_text() {
    let kind = json!({ "type": "choice", "options": [
        { "id": "card", "label": { "fr": "Carte", "en": "Card" }, "match": ["cb"] },
        { "id": "cash", "label": { "fr": "Espèces", "en": "Cash" } },
    ] });
    check(
        &kind,
        &[
            ("fr", "CB", json!("card")),
            ("fr", "especes", json!("cash")),
            ("fr", "cash", json!("cash")),
            ("fr", "2", json!("cash")),
            ("fr", "3", Value::Null),
            ("fr", "chèque", Value::Null),
        ],
    );
    check(&json!({ "type": "text" }), &[("fr", "  bonjour  ", json!("bonjour")), ("fr", "   ", Value::Null)]);
}

proptest! {
    #[test]
    fn nothing_a_contact_writes_breaks_the_reading(text in "\\PC{0,60}", locale in "(fr|en|en-US|de)") {
        for kind in ["text", "number", "integer", "date", "email", "phone", "yes_no"] {
            answer(&json!({ "type": kind }), &text, &locale);
        }
    }

    #[test]
    fn a_whole_number_reads_as_itself(n in -999_999_999_999_999_i64..=999_999_999_999_999) {
        prop_assert_eq!(answer(&json!({ "type": "integer" }), &n.to_string(), "fr"), json!(n));
    }

    #[test]
    fn every_day_reads_as_itself(days in 0_i64..100_000) {
        let day = chrono::NaiveDate::from_ymd_opt(1900, 1, 1).expect("a day") + chrono::Duration::days(days);
        for form in ["%Y-%m-%d", "%d/%m/%Y", "%-d %B %Y"] {
            prop_assert_eq!(answer(&json!({ "type": "date" }), &day.format(form).to_string(), "fr"), json!(day.to_string()));
        }
    }
}
