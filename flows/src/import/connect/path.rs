//! References of Connect (`$.Attributes.name`, `$.External['x']`), within texts and alone, as pieces of text and rhai.

use crate::import::{
    draft::Draft,
    names::slug,
    rhai::{Piece, formula, literal, path, text_of},
};

/// The pieces of a text.
pub(super) fn pieces(source: &str, draft: &mut Draft<'_>) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut words = String::new();
    let mut rest = source;
    while let Some(at) = rest.find("$.") {
        words.push_str(&rest[..at]);
        let (steps, length) = reference(&rest[at..]);
        if steps.is_empty() {
            words.push_str("$.");
            rest = &rest[at + 2..];
            continue;
        }
        if !words.is_empty() {
            pieces.push(Piece::Words(std::mem::take(&mut words)));
        }
        pieces.push(Piece::Expression(variable(&steps, draft)));
        rest = &rest[at + length..];
    }
    words.push_str(rest);
    if !words.is_empty() || pieces.is_empty() {
        pieces.push(Piece::Words(words));
    }
    pieces
}

/// A text as a formula; every value of Connect is text.
pub(super) fn value(source: &str, draft: &mut Draft<'_>) -> String {
    let source = without_ids(source, draft);
    let pieces = pieces(&source, draft);
    match pieces.as_slice() {
        [Piece::Expression(expression)] => text_of(expression),
        pieces => formula(pieces),
    }
}

/// Ids of an account are left out of values: their last part stands for them.
fn without_ids(source: &str, draft: &mut Draft<'_>) -> String {
    if !source.starts_with("arn:") {
        return source.to_owned();
    }
    draft.note(
        (
            "an id of the account is not kept in a value; its last part is",
            "un identifiant du compte n’est pas gardé dans une valeur ; sa dernière partie l’est",
        ),
        ("Set the value to what it names here", "Donnez à la valeur le nom que la chose porte ici"),
    );
    source.rsplit(['/', ':']).map(slug).find(|part| !part.is_empty()).unwrap_or_default()
}

/// The names of the reference that a text starts with, and its length.
fn reference(source: &str) -> (Vec<String>, usize) {
    let mut steps = Vec::new();
    let mut at = 1;
    loop {
        let rest = &source[at..];
        if let Some(name) = rest.strip_prefix('.') {
            let length = name.find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '-'))).unwrap_or(name.len());
            if length == 0 {
                break;
            }
            steps.push(name[..length].to_owned());
            at += 1 + length;
        } else if let Some(inside) = rest.strip_prefix('[') {
            let Some(end) = inside.find(']') else { break };
            steps.push(inside[..end].trim_matches(['\'', '"']).to_owned());
            at += end + 2;
        } else {
            break;
        }
    }
    (steps, at)
}

fn variable(steps: &[String], draft: &mut Draft<'_>) -> String {
    let steps: Vec<&str> = steps.iter().map(String::as_str).collect();
    match steps.as_slice() {
        ["CustomerEndpoint", "Address"] => "contact.address".to_owned(),
        ["SystemEndpoint", ..] => "interaction.touchpoint".to_owned(),
        ["ContactId" | "InitialContactId"] => "interaction.id".to_owned(),
        ["LanguageCode"] => "contact.locale".to_owned(),
        ["Channel"] => "(if interaction.channel == \"voice\" { \"VOICE\" } else { \"CHAT\" })".to_owned(),
        ["AwsRegion"] => literal(""),
        // What a function, view, bot or file gives is one value that each answer replaces.
        ["External" | "Views" | "Lex" | "Customer" | "Case" | "Modules" | "Metrics", rest @ ..] => {
            let attribute = draft.attribute(steps[0]);
            path(&format!("attributes.{attribute}"), rest)
        }
        ["Attributes" | "FlowAttributes" | "Queue" | "Agent", name, rest @ ..] => {
            let attribute = draft.attribute(&format!("{}.{name}", steps[0]));
            path(&format!("attributes.{attribute}"), rest)
        }
        steps => {
            let attribute = draft.attribute(&steps.join("."));
            format!("attributes.{attribute}")
        }
    }
}
