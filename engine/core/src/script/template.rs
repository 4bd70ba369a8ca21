//! Templates: text with `${expression}` parts. `$${` writes a literal `${`.
//!
//! The parts are found by a scanner of our own, which knows strings and braces, so that every part is compiled by
//! itself and every fault of a text is reported, each at its place.

use routewright_flows::{Words, check::ScriptFault, finding::Position};

use super::compile::Program;

/// A compiled template.
#[derive(Debug)]
pub struct TemplateProgram {
    pub(super) parts: Vec<Part<Program>>,
}

/// A stretch of a template.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Part<E> {
    /// Written as it is.
    Literal(String),
    /// Written as the value of an expression.
    Expression(E),
}

/// The source of one expression and where it begins.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Source<'a> {
    pub(super) text: &'a str,
    pub(super) at: Position,
}

/// Splits a template. Faults are unclosed expressions and empty ones.
pub(super) fn scan(source: &str) -> Result<Vec<Part<Source<'_>>>, Vec<ScriptFault>> {
    let mut parts = Vec::new();
    let mut faults = Vec::new();
    let mut literal = String::new();
    let mut cursor = Cursor { source, offset: 0, at: Position { line: 1, column: 1 } };
    while let Some(c) = cursor.peek() {
        if cursor.rest().starts_with("$${") {
            literal.push_str("${");
            cursor.skip(3);
        } else if cursor.rest().starts_with("${") {
            let opened = cursor.at;
            cursor.skip(2);
            let (at, start) = (cursor.at, cursor.offset);
            match cursor.closing_brace() {
                None => {
                    faults.push(fault(opened, unclosed()));
                    break;
                }
                Some(end) if source[start..end].trim().is_empty() => faults.push(fault(opened, empty())),
                Some(end) => {
                    if !literal.is_empty() {
                        parts.push(Part::Literal(std::mem::take(&mut literal)));
                    }
                    parts.push(Part::Expression(Source { text: &source[start..end], at }));
                }
            }
        } else {
            literal.push(c);
            cursor.next();
        }
    }
    if !literal.is_empty() {
        parts.push(Part::Literal(literal));
    }
    if faults.is_empty() { Ok(parts) } else { Err(faults) }
}

/// A place inside an expression, as a place in the template.
pub(super) fn outer(at: Position, inner: Position) -> Position {
    if inner.line <= 1 {
        Position { line: at.line, column: at.column + inner.column.saturating_sub(1) }
    } else {
        Position { line: at.line + inner.line - 1, column: inner.column }
    }
}

/// A stretch of a template for who writes it out in another form.
pub(crate) enum Stretch<'a> {
    /// Written as it is.
    Literal(String),
    /// The source of an expression.
    Expression(&'a str),
}

/// The stretches of a template that has no fault; none of one that has.
pub(crate) fn parts(source: &str) -> Vec<Stretch<'_>> {
    let stretch = |part| match part {
        Part::Literal(text) => Stretch::Literal(text),
        Part::Expression(Source { text, .. }) => Stretch::Expression(text),
    };
    scan(source).unwrap_or_default().into_iter().map(stretch).collect()
}

struct Cursor<'a> {
    source: &'a str,
    offset: usize,
    at: Position,
}

impl<'a> Cursor<'a> {
    fn rest(&self) -> &'a str {
        &self.source[self.offset..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.offset += c.len_utf8();
        if c == '\n' {
            self.at = Position { line: self.at.line + 1, column: 1 };
        } else {
            self.at.column += 1;
        }
        Some(c)
    }

    fn skip(&mut self, chars: usize) {
        for _ in 0..chars {
            self.next();
        }
    }

    /// Goes past the brace that closes an open expression and says where it stands.
    fn closing_brace(&mut self) -> Option<usize> {
        let mut depth = 0_usize;
        loop {
            let here = self.offset;
            match self.next()? {
                '{' => depth += 1,
                '}' if depth == 0 => return Some(here),
                '}' => depth -= 1,
                quote @ ('"' | '\'') => self.string(quote)?,
                '`' => self.interpolated()?,
                _ => {}
            }
        }
    }

    fn string(&mut self, quote: char) -> Option<()> {
        loop {
            match self.next()? {
                '\\' => self.skip(1),
                c if c == quote => return Some(()),
                _ => {}
            }
        }
    }

    /// A back-quoted string, which may itself hold expressions; those only matter for their quotes and braces, so
    /// one level of counting is enough.
    fn interpolated(&mut self) -> Option<()> {
        let mut depth = 0_usize;
        loop {
            match self.next()? {
                '`' if depth == 0 => return Some(()),
                '{' if 0 < depth || self.source[..self.offset].ends_with("${") => depth += 1,
                '}' if 0 < depth => depth -= 1,
                quote @ '"' if 0 < depth => self.string(quote)?,
                _ => {}
            }
        }
    }
}

fn fault(at: Position, (message, hint): (Words, Words)) -> ScriptFault {
    ScriptFault { code: "template-syntax", span: Some(at), message, hint }
}

fn unclosed() -> (Words, Words) {
    (
        Words::new("'${' is not closed", "« ${ » n'est pas fermé"),
        Words::new(
            "close it with }; a literal ${ is written $${",
            "fermez-le par } ; pour écrire ${ tel quel, doublez le dollar : $${",
        ),
    )
}

fn empty() -> (Words, Words) {
    (
        Words::new("'${}' is empty", "« ${} » est vide"),
        Words::new(
            "write an expression inside, such as ${contact.name}",
            "écrivez-y une expression, par exemple ${contact.name}",
        ),
    )
}
