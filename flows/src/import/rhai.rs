//! Writing rhai: literals, and texts with expressions in them.

use std::fmt::Write as _;

/// A text literal.
pub(super) fn literal(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() => {
                write!(out, "\\u{:04x}", u32::from(c)).expect("writing to a String cannot fail");
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// A piece of a text that a source composes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Piece {
    /// Said as it is.
    Words(String),
    /// Worked out; already rhai.
    Expression(String),
}

/// The template of a composed text.
pub(super) fn template(pieces: &[Piece]) -> String {
    let piece = |piece: &Piece| match piece {
        Piece::Words(words) => words.replace("${", "$${"),
        Piece::Expression(source) => format!("${{{source}}}"),
    };
    pieces.iter().map(piece).collect()
}

/// The formula of a composed text: the expression itself when there is nothing else, so that its type is kept.
pub(super) fn formula(pieces: &[Piece]) -> String {
    match pieces {
        [] => "\"\"".to_owned(),
        [Piece::Expression(source)] => source.clone(),
        pieces => {
            let part = |piece: &Piece| match piece {
                Piece::Words(words) => literal(words),
                Piece::Expression(source) => text_of(source),
            };
            let parts: Vec<String> = pieces.iter().map(part).collect();
            match parts.as_slice() {
                [one] => one.clone(),
                parts => format!("[{}].join(\"\")", parts.join(", ")),
            }
        }
    }
}

/// What an expression writes: nothing for `()`.
pub(super) fn text_of(source: &str) -> String {
    format!("to_string(({source}) ?? \"\")")
}

/// A path of names and numbers below a value, safe where something on the way is missing.
pub(super) fn path(root: &str, steps: &[&str]) -> String {
    let mut path = root.to_owned();
    for step in steps {
        let simple = step.bytes().next().is_some_and(|b| b.is_ascii_alphabetic() || b == b'_')
            && step.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
            && !RESERVED.contains(step);
        if simple {
            write!(path, "?.{step}").expect("writing to a String cannot fail");
        } else if step.bytes().all(|b| b.is_ascii_digit()) && !step.is_empty() {
            write!(path, "?[{step}]").expect("writing to a String cannot fail");
        } else {
            write!(path, "?[{}]", literal(step)).expect("writing to a String cannot fail");
        }
    }
    path
}

/// Words that rhai keeps for itself, so that they cannot be read as properties.
const RESERVED: [&str; 46] = [
    "as",
    "async",
    "await",
    "break",
    "case",
    "catch",
    "const",
    "continue",
    "debug",
    "default",
    "do",
    "else",
    "eval",
    "exit",
    "export",
    "false",
    "fn",
    "for",
    "global",
    "go",
    "if",
    "import",
    "in",
    "is_def_fn",
    "is_def_var",
    "let",
    "loop",
    "match",
    "module",
    "new",
    "nil",
    "null",
    "package",
    "private",
    "protected",
    "public",
    "return",
    "shared",
    "spawn",
    "static",
    "super",
    "switch",
    "this",
    "throw",
    "true",
    "type",
];

/// A text without the marks of SSML or HTML, and whether there were any.
pub(super) fn without_marks(text: &str) -> (String, bool) {
    if !text.trim_start().starts_with('<') {
        return (text.to_owned(), false);
    }
    let mut plain = String::new();
    let mut depth = 0_usize;
    for c in text.chars() {
        match c {
            '<' => depth += 1,
            '>' if depth > 0 => depth -= 1,
            c if depth == 0 => plain.push(c),
            _ => {}
        }
    }
    let plain = plain.split_whitespace().collect::<Vec<_>>().join(" ");
    let plain = plain.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&");
    (plain, true)
}

#[cfg(test)]
mod tests {
    use super::{Piece, formula, literal, path, template, without_marks};

    #[test]
    fn texts_keep_what_looks_like_code() {
        let pieces = [Piece::Words("a ${b} \"c\"\n".to_owned()), Piece::Expression("attributes.x".to_owned())];
        assert_eq!(template(&pieces), "a $${b} \"c\"\n${attributes.x}");
        assert_eq!(formula(&pieces), "[\"a ${b} \\\"c\\\"\\n\", to_string((attributes.x) ?? \"\")].join(\"\")");
        assert_eq!(literal("\u{1}\\"), "\"\\u0001\\\\\"");
    }

    #[test]
    fn paths_are_safe_where_something_is_missing() {
        assert_eq!(path("attributes.x", &["body", "0", "new", "a-b"]), "attributes.x?.body?[0]?[\"new\"]?[\"a-b\"]");
    }

    #[test]
    fn marks_go_and_words_stay() {
        assert_eq!(without_marks("<speak>Press <break time=\"1s\"/> one.</speak>").0, "Press one.");
        assert_eq!(without_marks("2 < 3").0, "2 < 3");
    }
}
