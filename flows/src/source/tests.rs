//! Positions, and texts that mean harm.

use proptest::prelude::*;
use serde_json::Value;

use super::Positions;
use crate::{
    limits::{DOCUMENT_BYTES_MAX, NESTING_MAX},
    testing,
};

fn positions(text: &str) -> Positions {
    Positions::scan(text).expect("a text within the bounds").0
}

#[test]
fn values_and_keys_are_found_by_pointer() {
    let text = "{\n  \"é\": [1, {\"a/b\": \"x\\u00e9\"}],\n\t\"~\": null, \"\\u0062\": {} }";
    let positions = positions(text);
    let cases = [
        ("", Some("1:1"), Some("1:1")),
        ("/é", Some("2:3"), Some("2:8")),
        ("/é/0", Some("2:9"), Some("2:9")),
        ("/é/1/a~1b", Some("2:13"), Some("2:20")),
        ("/~0", Some("3:2"), Some("3:7")),
        ("/b", Some("3:13"), Some("3:23")),
        ("/é/2", None, None),
        ("/nothing", None, None),
    ];
    for (pointer, key, value) in cases {
        assert_eq!(positions.key(pointer).map(|p| p.to_string()).as_deref(), key, "key of {pointer}");
        assert_eq!(positions.value(pointer).map(|p| p.to_string()).as_deref(), value, "value of {pointer}");
    }
    assert_eq!(positions.nearest("/é/7/8").to_string(), "2:3");
    assert_eq!(positions.nearest("/nothing").to_string(), "1:1");
}

#[test]
fn syntax_errors_say_where_and_what_was_expected() {
    let cases = [
        ("", "1:1", "expected a value, found the end of the text"),
        ("{", "1:2", "expected a key in double quotes, found the end of the text"),
        ("{\n  \"é\" 1}", "2:7", "expected ':', found '1'"),
        ("[1,]", "1:4", "expected a value, found ']'"),
        ("{\"a\":1,}", "1:8", "expected a key in double quotes, found '}'"),
        ("[1 2]", "1:4", "expected ',' or ']', found '2'"),
        ("[01]", "1:3", "expected ',' or ']', found '1'"),
        ("[-]", "1:3", "expected a digit, found ']'"),
        ("[1.]", "1:4", "expected a digit, found ']'"),
        ("[1e+]", "1:5", "expected a digit, found ']'"),
        ("[tru]", "1:2", "expected a value, found 't'"),
        ("\"a\nb\"", "1:3", "expected the closing '\"' of a string, found '\\n'"),
        ("{} x", "1:4", "expected the end of the document, found 'x'"),
        ("\u{feff}{}", "1:1", "expected a value, found '\\u{feff}'"),
        ("// no\n{}", "1:1", "expected a value, found '/'"),
    ];
    for (text, at, message) in cases {
        let finding = Positions::scan(text).expect_err(text);
        assert_eq!(finding.message.en, message, "{text:?}");
        assert_eq!(finding.position.expect("a position").to_string(), at, "{text:?}");
    }
}

#[test]
fn hostile_texts_are_refused_without_harm() {
    let ten_megabytes = format!("{{\"id\": \"{}\"}}", "x".repeat(10 * 1024 * 1024));
    let cases = [
        ("[".repeat(DOCUMENT_BYTES_MAX), "too-deep"),
        ("{\"a\":".repeat(100_000), "too-deep"),
        ("[".repeat(NESTING_MAX), "syntax"),
        (ten_megabytes, "too-large"),
        ("\"\\ud800".to_owned(), "syntax"),
        ("\"\\q\"".to_owned(), "syntax"),
        ("\"\\u12\"".to_owned(), "syntax"),
        ("{\"\\ud800\": 1}".to_owned(), "syntax"),
    ];
    for (text, code) in cases {
        let finding = Positions::scan(&text).expect_err("hostile");
        assert_eq!(finding.code, code, "{}", &text[..text.len().min(20)]);
    }
    let many = format!("{{{}}}", vec!["\"a\":1"; 100_000].join(","));
    let (_, duplicates) = Positions::scan(&many).expect("well-formed");
    assert_eq!(duplicates.len(), crate::limits::FINDINGS_MAX);
}

proptest! {
    /// What we call well-formed, `serde_json` reads, apart from numbers and halves of characters it cannot hold; what it
    /// reads, we call well-formed.
    #[test]
    fn our_grammar_is_json(text in r#"[\[\]{},:"0-9.eE+\-truefalsn \\é]{0,24}"#) {
        let ours = Positions::scan(&text);
        match serde_json::from_str::<Value>(&text) {
            Ok(_) => prop_assert!(ours.is_ok(), "{ours:?}"),
            Err(error) => prop_assert!(ours.is_err() || error.to_string().contains("number out of range"), "{error}"),
        }
    }

    #[test]
    fn every_value_is_where_its_position_says(cut in 0..testing::SOUND.len()) {
        let positions = positions(testing::SOUND);
        let value: Value = testing::sound();
        let mut all = Vec::new();
        walk(&value, String::new(), &mut all);
        let (pointer, value) = &all[cut % all.len()];
        let at = positions.value(pointer).expect("every pointer is known");
        let line = testing::SOUND.lines().nth(at.line as usize - 1).expect("a line");
        let rest: String = line.chars().skip(at.column as usize - 1).collect();
        let start = match value {
            Value::Object(_) => "{".to_owned(),
            Value::Array(_) => "[".to_owned(),
            scalar => scalar.to_string(),
        };
        prop_assert!(rest.starts_with(&start), "{pointer}: {rest}");
    }
}

fn walk<'v>(value: &'v Value, here: String, all: &mut Vec<(String, &'v Value)>) {
    all.push((here.clone(), value));
    let entries: Vec<(String, &Value)> = match value {
        Value::Object(fields) => fields.iter().map(|(key, value)| (key.clone(), value)).collect(),
        Value::Array(items) => items.iter().enumerate().map(|(index, item)| (index.to_string(), item)).collect(),
        _ => Vec::new(),
    };
    for (key, value) in entries {
        walk(value, format!("{here}/{}", super::escape(&key)), all);
    }
}
