//! Secrets in a document: documents are read by many, kept in every version, and sent to version control.
//!
//! Only forms that are secrets beyond reasonable doubt are reported, and a finding never repeats what it found.

use serde_json::{Map, Value};

use super::{codes::Code, sink::Sink, world::World};
use crate::{source::escape, words::Words};

pub(super) fn check(world: &World<'_>, sink: &mut Sink<'_>) {
    let document = world.document;
    text(&document.library, || "/library".to_owned(), sink);
    for source in world.table_sources() {
        text(source.text, || source.pointer.clone(), sink);
    }
    for node in &world.nodes {
        fields(&node.document.config, &Path::Root(&|| node.config_pointer("")), sink);
        fields(&node.document.vendor, &Path::Root(&|| node.pointer("/vendor")), sink);
        text(node.document.note.as_deref().unwrap_or_default(), || node.pointer("/note"), sink);
    }
    fields(&document.vendor, &Path::Root(&|| "/vendor".to_owned()), sink);
}

/// A pointer that is written out only when something is found there.
enum Path<'p> {
    Root(&'p dyn Fn() -> String),
    Key(&'p Path<'p>, &'p str),
    Index(&'p Path<'p>, usize),
}

impl Path<'_> {
    fn pointer(&self) -> String {
        match self {
            Self::Root(root) => root(),
            Self::Key(parent, key) => format!("{}/{}", parent.pointer(), escape(key)),
            Self::Index(parent, index) => format!("{}/{index}", parent.pointer()),
        }
    }
}

fn fields(fields: &Map<String, Value>, path: &Path<'_>, sink: &mut Sink<'_>) {
    for (key, inner) in fields {
        value(inner, &Path::Key(path, key), sink);
    }
}

fn value(value_: &Value, path: &Path<'_>, sink: &mut Sink<'_>) {
    match value_ {
        Value::String(inner) => text(inner, || path.pointer(), sink),
        Value::Object(inner) => fields(inner, path, sink),
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                value(item, &Path::Index(path, index), sink);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn text(text: &str, pointer: impl FnOnce() -> String, sink: &mut Sink<'_>) {
    if !may_hold_one(text) {
        return;
    }
    let Some((en, fr)) = secret(text) else { return };
    let message = Words::new(format!("this text holds {en}"), format!("ce texte contient {fr}"));
    sink.value(Code::Secret, &pointer(), message);
}

/// False for nearly every text, at the cost of one look at it: without the sign that addresses and private keys have,
/// a secret is a run of letters and digits as long as the shortest key.
fn may_hold_one(text: &str) -> bool {
    let (mut run, mut digit, mut colon, mut dash) = (0_usize, false, false, false);
    for byte in text.bytes() {
        match byte {
            b'0'..=b'9' => (run, digit) = (run + 1, true),
            b'a'..=b'z' | b'A'..=b'Z' | b'_' | b'.' => run += 1,
            b'-' => (run, dash) = (run + 1, true),
            b':' => (run, digit, colon) = (0, false, true),
            _ => (run, digit) = (0, false),
        }
        if digit && SHORTEST <= run {
            return true;
        }
    }
    (colon && text.contains("://")) || (dash && text.contains("-----BEGIN "))
}

/// Letters and digits that follow the beginning of the shortest key.
const SHORTEST: usize = 16;

/// Beginnings of keys, with how many letters and digits must follow, and what such a key is.
const KEYS: [(&str, usize, &str, &str); 13] = [
    ("AKIA", 16, "an AWS access key", "une clé d’accès AWS"),
    ("sk_live_", 16, "a secret API key", "une clé d’API secrète"),
    ("sk-", 32, "a secret API key", "une clé d’API secrète"),
    ("ghp_", 30, "a GitHub token", "un jeton GitHub"),
    ("github_pat_", 30, "a GitHub token", "un jeton GitHub"),
    ("glpat-", 20, "a GitLab token", "un jeton GitLab"),
    ("xoxb-", 20, "a Slack token", "un jeton Slack"),
    ("xoxp-", 20, "a Slack token", "un jeton Slack"),
    ("AIza", 35, "a Google API key", "une clé d’API Google"),
    ("Bearer ", 20, "a bearer token", "un jeton « bearer »"),
    ("bearer ", 20, "a bearer token", "un jeton « bearer »"),
    ("Basic ", 20, "a user name and password", "un identifiant et un mot de passe"),
    ("eyJ", 40, "a signed token", "un jeton signé"),
];

fn secret(text: &str) -> Option<(&'static str, &'static str)> {
    let key = KEYS.iter().find(|(start, length, ..)| {
        text.match_indices(start).any(|(at, _)| {
            let apart = !text[..at].ends_with(|c: char| c.is_ascii_alphanumeric());
            apart && is_random(text[at + start.len()..].bytes(), *length)
        })
    });
    if let Some((_, _, en, fr)) = key {
        return Some((en, fr));
    }
    if text.contains("-----BEGIN ") && text.contains("PRIVATE KEY-----") {
        return Some(("a private key", "une clé privée"));
    }
    let password = text.match_indices("://").any(|(at, _)| {
        let rest = &text[at + 3..];
        let authority = &rest[..rest.find(|c: char| c == '/' || c.is_whitespace()).unwrap_or(rest.len())];
        let login = authority.rsplit_once('@').and_then(|(login, _)| login.split_once(':'));
        login.is_some_and(|(_, password)| !password.is_empty() && !password.contains("${"))
    });
    password.then_some(("an address with a password", "une adresse avec un mot de passe"))
}

/// True when so many letters and digits follow, among them a digit: prose has none.
fn is_random(bytes: impl Iterator<Item = u8>, length: usize) -> bool {
    let run: Vec<u8> =
        bytes.take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.')).take(length).collect();
    run.len() == length && run.iter().any(u8::is_ascii_digit)
}

#[cfg(test)]
mod tests {
    use super::{may_hold_one, secret};

    #[test]
    fn secrets_are_known_by_their_form_and_prose_is_not() {
        let made = |start: &str, length: usize| format!("{start}{}", "a1B2".repeat(length));
        for text in [
            made("AKIA", 4),
            made("key: sk_live_", 5),
            made("Authorization: Bearer ", 6),
            "https://me:hunter2@example.org/x".to_owned(),
            "-----BEGIN RSA PRIVATE KEY-----".to_owned(),
        ] {
            assert!(may_hold_one(&text) && secret(&text).is_some(), "{text}");
        }
        for text in [
            "The bearer of this letter has twenty-one wishes",
            "Basic knowledge-of-telecommunications",
            "Bearer ${contact.fields.token_for_this_service_1}",
            "https://example.org:8080/me@home",
            "https://me:${fields.password}@example.org",
            "task-aaaaaaaaaaaaaaaa1111111111111111aaaaaaaa",
            "-----BEGIN CERTIFICATE-----",
        ] {
            assert!(secret(text).is_none(), "{text}");
        }
    }
}
