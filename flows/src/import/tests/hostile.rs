//! What exports of unknown origin may do to the readers: nothing but be refused, or become documents that parse. Every
//! truncation of a small export, and every value of it replaced by every other kind of value.

use serde_json::{Value, json};

use super::samples::sample;
use crate::{
    format,
    import::{Bindings, EXPORT_NODES_MAX, Importer, SourceFormat},
    parse,
};

/// Imports whatever this is; what comes of it must be documents.
fn survive(source: SourceFormat, bytes: &[u8]) {
    let mut importer = Importer::new(source, Bindings::new());
    if let Err(error) = importer.add("hostile.json", bytes) {
        assert!(!error.message.en.is_empty() && !error.message.fr.is_empty());
        return;
    }
    for document in importer.finish().documents {
        let text = format(&document);
        parse(&text).unwrap_or_else(|findings| panic!("{source}: {findings:?}\n{text}"));
    }
}

#[test]
fn every_truncation_is_refused_or_read() {
    for source in SourceFormat::ALL {
        let text = sample(source).to_string();
        for end in 0..text.len() {
            survive(source, &text.as_bytes()[..end]);
        }
    }
}

#[test]
fn every_value_may_be_of_another_kind() {
    let odd = [
        Value::Null,
        json!(true),
        json!(-1e300),
        json!(u64::MAX),
        json!(""),
        json!("\u{0}${@(((\"{{%$."),
        json!("é".repeat(200)),
        json!([]),
        json!([[null]]),
        json!({}),
        json!({ "": { "type": 3 } }),
    ];
    for source in SourceFormat::ALL {
        let sample = sample(source);
        for pointer in pointers(&sample, String::new()) {
            for odd in &odd {
                let mut changed = sample.clone();
                *changed.pointer_mut(&pointer).expect("the pointer is of this value") = odd.clone();
                survive(source, changed.to_string().as_bytes());
            }
        }
    }
}

fn pointers(value: &Value, at: String) -> Vec<String> {
    let inner: Vec<(String, &Value)> = match value {
        Value::Array(items) => items.iter().enumerate().map(|(key, item)| (key.to_string(), item)).collect(),
        Value::Object(fields) => {
            fields.iter().map(|(key, field)| (key.replace('~', "~0").replace('/', "~1"), field)).collect()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Vec::new(),
    };
    let mut found: Vec<String> = inner.iter().flat_map(|(key, value)| pointers(value, format!("{at}/{key}"))).collect();
    found.push(at);
    found
}

#[test]
fn a_long_chain_of_nodes_does_not_exhaust_the_stack() {
    let states: Vec<Value> = (0..20_000)
        .map(|n| {
            json!({
                "name": format!("n{n}"), "type": "set-variables", "properties": { "variables": [] },
                "transitions": [{ "event": "next", "next": format!("n{}", (n + 1) % 20_000) }],
            })
        })
        .collect();
    let export = json!({ "states": states, "initial_state": "n0" });
    let mut importer = Importer::new(SourceFormat::Twilio, Bindings::new());
    importer.add("chain.json", export.to_string().as_bytes()).expect("it is an export");
    let report = importer.finish().report;
    assert_eq!((report.flows[0].facts.cycles, report.flows[0].facts.unreachable), (1, 0));
}

#[test]
fn an_export_of_more_nodes_than_memory_is_for_is_refused() {
    let state = |n: usize| json!({ "name": format!("n{n}"), "type": "set-variables", "transitions": [] });
    let states: Vec<Value> = (0..=EXPORT_NODES_MAX).map(state).collect();
    let export = json!({ "states": states, "initial_state": "n0" }).to_string();
    let mut importer = Importer::new(SourceFormat::Twilio, Bindings::new());
    let refused = importer.add("many.json", export.as_bytes()).expect_err("it is one too many");
    assert_eq!((refused.code, refused.message.en.contains("20001 nodes")), ("too-large", true), "{refused:?}");
}
