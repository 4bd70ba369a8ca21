//! The one way a flow document is written, and the hash that names its content.
//!
//! Canonical text has sorted keys, two-space indent and a closing newline; formatting it again changes nothing. The
//! content hash covers the compact form of everything but `layout`, so moving a node on the canvas is no new version.
//!
//! It deliberately keeps no comments and no author's spacing: JSON has none to keep.

use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use crate::{document::FlowDocument, name};

name!(
    /// SHA-256 of what a flow means, in hexadecimal. Two documents with one hash behave alike.
    ContentHash, "content hash", |t| t.len() == 64 && t.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')),
    "64 lower-case hexadecimal digits", "^[0-9a-f]{64}$"
);

/// The canonical text of a document.
#[must_use]
pub fn format(document: &FlowDocument) -> String {
    pretty(&to_value(document))
}

/// The hash of everything a document says but its `layout`.
#[must_use]
pub fn content_hash(document: &FlowDocument) -> ContentHash {
    let mut value = to_value(document);
    if let Value::Object(fields) = &mut value {
        fields.remove("layout");
    }
    let mut text = String::new();
    write(&value, Style::Compact, 0, &mut text);
    let digest = Sha256::digest(text);
    let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    ContentHash::new(&hex).expect("32 bytes print as 64 lower-case hexadecimal digits")
}

/// Any JSON value in the canonical style.
#[must_use]
pub fn pretty(value: &Value) -> String {
    let mut text = String::new();
    write(value, Style::Pretty, 0, &mut text);
    text.push('\n');
    text
}

pub(crate) fn to_value(document: &FlowDocument) -> Value {
    serde_json::to_value(document).expect("every field of a document is JSON and every key is text")
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Style {
    Compact,
    Pretty,
}

/// Sorts keys itself: whether `serde_json` keeps or sorts them depends on features that others choose.
fn write(value: &Value, style: Style, depth: usize, out: &mut String) {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => out.push_str(&value.to_string()),
        Value::Array(items) => write_all('[', ']', items, style, depth, out, |item, out| {
            write(item, style, depth + 1, out);
        }),
        Value::Object(fields) => write_all('{', '}', &sorted(fields), style, depth, out, |(key, value), out| {
            out.push_str(&Value::from(key.as_str()).to_string());
            out.push_str(if style == Style::Pretty { ": " } else { ":" });
            write(value, style, depth + 1, out);
        }),
    }
}

fn write_all<T>(
    open: char,
    close: char,
    items: &[T],
    style: Style,
    depth: usize,
    out: &mut String,
    mut one: impl FnMut(&T, &mut String),
) {
    out.push(open);
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        new_line(style, depth + 1, out);
        one(item, out);
    }
    if !items.is_empty() {
        new_line(style, depth, out);
    }
    out.push(close);
}

fn new_line(style: Style, depth: usize, out: &mut String) {
    if style == Style::Pretty {
        out.push('\n');
        out.extend(std::iter::repeat_n("  ", depth));
    }
}

fn sorted(fields: &Map<String, Value>) -> Vec<(&String, &Value)> {
    let mut sorted: Vec<_> = fields.iter().collect();
    sorted.sort_by_key(|(key, _)| *key);
    sorted
}

#[cfg(test)]
mod tests;
