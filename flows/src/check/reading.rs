//! What a script says, read word by word: which attributes it reads, and what it compares them with.
//!
//! It deliberately does not parse rhai; that is the compiler's work, in another crate. Checks that read here must be
//! ones that may overlook something in a clever script, and never accuse a plain one.

/// A word of a script.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Token<'s> {
    /// A name or keyword.
    Word(&'s str),
    /// A literal text, without its quotes and with its escapes as written.
    Text(&'s str),
    /// A literal number.
    Number(&'s str),
    /// An operator or bracket.
    Symbol(&'s str),
}

/// An attribute that a script reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Reading<'s> {
    pub(super) attribute: &'s str,
    /// The literal text that it is compared with for equality, if it is.
    pub(super) compared: Option<&'s str>,
}

/// The attributes that are read, in order; one may come twice.
pub(super) fn readings<'s>(tokens: &[Token<'s>]) -> Vec<Reading<'s>> {
    let mut readings = Vec::new();
    for (index, token) in tokens.iter().enumerate() {
        if *token != Token::Word("attributes") || index.checked_sub(1).is_some_and(|before| is_path(tokens[before])) {
            continue;
        }
        let (attribute, end) = match tokens.get(index + 1..) {
            Some([Token::Symbol("." | "?."), Token::Word(name), ..]) => (*name, index + 3),
            Some([Token::Symbol("["), Token::Text(name), Token::Symbol("]"), ..]) => (*name, index + 4),
            _ => continue,
        };
        let compared = compared_after(&tokens[end..]).or_else(|| compared_before(&tokens[..index]));
        readings.push(Reading { attribute, compared });
    }
    readings
}

/// True when a script asks whether something has a value at all, so that reading what nobody assigned is meant.
pub(super) fn asks_for_nothing(tokens: &[Token<'_>]) -> bool {
    tokens.iter().enumerate().any(|(index, token)| match token {
        Token::Symbol("??" | "?.") | Token::Word("type_of") => true,
        Token::Symbol("(") => {
            let called = index.checked_sub(1).is_some_and(|before| matches!(tokens[before], Token::Word(_)));
            !called && tokens.get(index + 1) == Some(&Token::Symbol(")"))
        }
        Token::Word(_) | Token::Text(_) | Token::Number(_) | Token::Symbol(_) => false,
    })
}

fn is_path(token: Token<'_>) -> bool {
    matches!(token, Token::Symbol("." | "?."))
}

fn compared_after<'s>(rest: &[Token<'s>]) -> Option<&'s str> {
    match rest {
        [Token::Symbol("==" | "!="), Token::Text(text), after @ ..] if !continues(after.first()) => Some(text),
        _ => None,
    }
}

fn compared_before<'s>(before: &[Token<'s>]) -> Option<&'s str> {
    match before {
        [earlier @ .., Token::Text(text), Token::Symbol("==" | "!=")] if !continues(earlier.last()) => Some(text),
        _ => None,
    }
}

/// True when a literal is only a part of a longer expression.
fn continues(neighbour: Option<&Token<'_>>) -> bool {
    matches!(neighbour, Some(Token::Symbol("+" | "." | "[" | "?.")))
}

/// Operators of two characters; every other symbol is one character.
const PAIRS: [&str; 10] = ["==", "!=", "<=", ">=", "&&", "||", "??", "?.", "=>", "#{"];

/// Texts within expressions within texts that are read; deeper ones would only exhaust the stack.
const DEPTH_MAX: usize = 4;

pub(super) fn tokens(source: &str) -> Vec<Token<'_>> {
    words(source, 0)
}

fn words(source: &str, depth: usize) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut rest = source;
    while let Some(first) = rest.chars().next() {
        let length = match first {
            c if c.is_whitespace() => c.len_utf8(),
            '/' if rest.starts_with("//") => rest.find('\n').unwrap_or(rest.len()),
            '/' if rest.starts_with("/*") => rest.find("*/").map_or(rest.len(), |end| end + 2),
            '"' | '\'' | '`' => {
                let inside = quoted(rest, first);
                tokens.push(Token::Text(inside));
                if first == '`' && depth < DEPTH_MAX {
                    tokens.extend(embedded_at(inside, depth));
                }
                (inside.len() + 2).min(rest.len())
            }
            c if c.is_alphabetic() || c == '_' => {
                let length = length_of(rest, |c| c.is_alphanumeric() || c == '_');
                tokens.push(Token::Word(&rest[..length]));
                length
            }
            c if c.is_ascii_digit() => {
                let length = length_of(rest, |c| c.is_ascii_alphanumeric() || c == '_' || c == '.');
                tokens.push(Token::Number(&rest[..length]));
                length
            }
            other => {
                let pair = PAIRS.iter().find(|pair| rest.starts_with(**pair)).map(|pair| pair.len());
                let length = pair.unwrap_or(other.len_utf8());
                tokens.push(Token::Symbol(&rest[..length]));
                length
            }
        };
        rest = &rest[length..];
    }
    tokens
}

fn length_of(text: &str, belongs: impl Fn(char) -> bool) -> usize {
    text.find(|c: char| !belongs(c)).unwrap_or(text.len())
}

/// The inside of the literal that a text starts with, up to its closing quote or the end.
fn quoted(text: &str, quote: char) -> &str {
    let inside = &text[1..];
    let mut escaped = false;
    let end = inside.find(|c: char| {
        let closes = c == quote && !escaped;
        escaped = c == '\\' && !escaped;
        closes
    });
    &inside[..end.unwrap_or(inside.len())]
}

/// The words of every `${…}` in a text; `$${` stands for itself.
pub(super) fn embedded(text: &str) -> Vec<Token<'_>> {
    embedded_at(text, 0)
}

fn embedded_at(text: &str, depth: usize) -> Vec<Token<'_>> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find("${") {
        let literal = rest[..start].ends_with('$');
        rest = &rest[start + 2..];
        if !literal {
            let end = closing(rest);
            found.extend(words(&rest[..end], depth + 1));
            rest = &rest[end..];
        }
    }
    found
}

/// Where the brace closes that a text is inside of.
fn closing(text: &str) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        match c {
            '"' | '\'' | '`' => at += quoted(&text[at..], c).len() + 1,
            '{' => depth += 1,
            '}' if depth == 0 => return at,
            '}' => depth -= 1,
            _ => {}
        }
        at = (at + c.len_utf8()).min(text.len());
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::{asks_for_nothing, embedded, readings, tokens};

    #[test]
    fn attributes_are_read_wherever_a_script_can_read_them() {
        let cases = [
            ("attributes.topic == \"sales\"", vec![("topic", Some("sales"))]),
            ("\"sales\" != attributes.topic && attributes.n > 3", vec![("topic", Some("sales")), ("n", None)]),
            ("attributes[\"topic\"] == \"a\" + \"b\"", vec![("topic", None)]),
            ("// attributes.a\n/* attributes.b */ \"attributes.c\" + attributes.d", vec![("d", None)]),
            ("`${attributes.a} and ${attributes.b == \"}\"}`", vec![("a", None), ("b", Some("}"))]),
            ("other.attributes.a", vec![]),
            ("attributes.été_1", vec![("été_1", None)]),
            ("attributes", vec![]),
            ("\"open \\\" attributes.a", vec![]),
        ];
        for (source, expected) in cases {
            let found: Vec<_> = readings(&tokens(source)).iter().map(|r| (r.attribute, r.compared)).collect();
            assert_eq!(found, expected, "{source}");
        }
    }

    #[test]
    fn texts_are_read_inside_their_braces_only() {
        let text = "attributes.a ${attributes.b} $${attributes.c} ${ if x { attributes.d } else { \"}\" } } attributes.e ${attributes.f";
        let found = embedded(text);
        let found: Vec<&str> = readings(&found).iter().map(|r| r.attribute).collect();
        assert_eq!(found, ["b", "d", "f"]);
    }

    #[test]
    fn asking_whether_there_is_a_value_is_noticed() {
        for (source, expected) in [
            ("attributes.a == ()", true),
            ("attributes.a ?? 0", true),
            ("type_of(attributes.a) == \"string\"", true),
            ("today() > attributes.a", false),
            ("(attributes.a)", false),
        ] {
            assert_eq!(asks_for_nothing(&tokens(source)), expected, "{source}");
        }
    }
}
