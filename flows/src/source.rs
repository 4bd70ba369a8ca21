//! Where things are in the text of a JSON document: line and column of every value and key, found in one strict pass.
//!
//! The pass keeps its own stack, so hostile nesting cannot overflow ours, and takes time linear in the text (a sort
//! per object apart). It refuses what a lenient reader would swallow: duplicate keys, nesting beyond
//! [`NESTING_MAX`], texts beyond [`DOCUMENT_BYTES_MAX`].
//!
//! It deliberately does not build values: `serde_json` does that afterwards, on a text known to be well-formed.

use std::{borrow::Cow, ops::Range};

use crate::{
    check::codes::Code,
    finding::{Finding, Position},
    limits::{DOCUMENT_BYTES_MAX, FINDINGS_MAX, NESTING_MAX},
    words::Words,
};

/// Line and column of every value and key of one text, by JSON pointer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Positions {
    /// Every value, in document order; the first is the root.
    spots: Vec<Spot>,
    /// Children of containers: of an object sorted by key, of an array in order.
    children: Vec<u32>,
    /// Decoded keys, one after another.
    keys: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Spot {
    key: Range<u32>,
    key_at: Position,
    value_at: Position,
    children: Range<u32>,
    shape: Shape,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    Object,
    Array,
    Scalar,
}

/// Where the document starts; the answer when nothing more precise is known.
pub const START: Position = Position { line: 1, column: 1 };

impl Positions {
    /// Reads the positions of a text, with every duplicate key it has.
    ///
    /// # Errors
    /// The finding that makes the text unreadable: `syntax`, `too-deep` or `too-large`.
    pub fn scan(text: &str) -> Result<(Self, Vec<Finding>), Box<Finding>> {
        Scanner::new(text)?.run()
    }

    /// Where the value at a JSON pointer starts.
    #[must_use]
    pub fn value(&self, pointer: &str) -> Option<Position> {
        self.find(pointer).ok().map(|spot| spot.value_at)
    }

    /// Where the key of an object's member starts; where the value starts for an element of an array.
    #[must_use]
    pub fn key(&self, pointer: &str) -> Option<Position> {
        self.find(pointer).ok().map(|spot| spot.key_at)
    }

    /// Where something that is not there would belong: the key of its nearest ancestor that exists.
    #[must_use]
    pub fn nearest(&self, pointer: &str) -> Position {
        match self.find(pointer) {
            Ok(spot) => spot.value_at,
            Err(ancestor) => ancestor.map_or(START, |spot| spot.key_at),
        }
    }

    /// The spot at a pointer, or the deepest one on the way to it.
    fn find(&self, pointer: &str) -> Result<&Spot, Option<&Spot>> {
        let mut at = self.spots.first().ok_or(None)?;
        for token in pointer.split('/').skip(1) {
            at = self.child(at, &unescape(token)).ok_or(Some(at))?;
        }
        Ok(at)
    }

    fn child(&self, parent: &Spot, token: &str) -> Option<&Spot> {
        let children = &self.children[to_usize(&parent.children)];
        let index = match parent.shape {
            Shape::Object => children.binary_search_by(|child| self.key_of(*child).cmp(token)).ok()?,
            Shape::Array => token.parse().ok()?,
            Shape::Scalar => return None,
        };
        self.spots.get(*children.get(index)? as usize)
    }

    fn key_of(&self, spot: u32) -> &str {
        &self.keys[to_usize(&self.spots[spot as usize].key)]
    }
}

/// One token of a JSON pointer, as written in the document.
fn unescape(token: &str) -> Cow<'_, str> {
    if token.contains('~') { token.replace("~1", "/").replace("~0", "~").into() } else { token.into() }
}

/// One key as a token of a JSON pointer.
#[must_use]
pub fn escape(key: &str) -> Cow<'_, str> {
    if key.contains(['~', '/']) { key.replace('~', "~0").replace('/', "~1").into() } else { key.into() }
}

fn to_usize(range: &Range<u32>) -> Range<usize> {
    range.start as usize..range.end as usize
}

/// An offset or count; texts are bounded far below `u32`.
fn to_u32(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

struct Scanner<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    line: u32,
    line_start: usize,
    /// Bytes since the line's start that do not begin a character.
    continuations: usize,
    positions: Positions,
    open: Vec<Open>,
    /// Children of the open containers, innermost last.
    pending: Vec<u32>,
    duplicates: Vec<Finding>,
}

/// A container whose end has not been read.
struct Open {
    spot: u32,
    first_pending: usize,
}

/// A key that waits for its value.
struct Key {
    range: Range<u32>,
    at: Position,
}

impl<'a> Scanner<'a> {
    fn new(text: &'a str) -> Result<Self, Box<Finding>> {
        if text.len() > DOCUMENT_BYTES_MAX {
            let (have, most) = (text.len(), DOCUMENT_BYTES_MAX);
            return Err(Code::TooLarge.fatal(
                START,
                Words::new(
                    format!("the document has {have} bytes; at most {most} are allowed"),
                    format!("le document fait {have} octets ; le maximum est de {most}"),
                ),
            ));
        }
        Ok(Self {
            text,
            bytes: text.as_bytes(),
            at: 0,
            line: 1,
            line_start: 0,
            continuations: 0,
            positions: Positions::default(),
            open: Vec::new(),
            pending: Vec::new(),
            duplicates: Vec::new(),
        })
    }

    fn run(mut self) -> Result<(Positions, Vec<Finding>), Box<Finding>> {
        let mut key = None;
        loop {
            let opened = self.value(key.take())?;
            let mut first = opened;
            loop {
                let Some(shape) = self.open.last().map(|open| self.positions.spots[open.spot as usize].shape) else {
                    self.skip_space();
                    return match self.peek() {
                        None => Ok((self.positions, self.duplicates)),
                        Some(_) => Err(self.unexpected("the end of the document", "la fin du document")),
                    };
                };
                if self.end_of_container(shape, first)? {
                    first = false;
                    continue;
                }
                if shape == Shape::Object {
                    key = Some(self.member_key()?);
                }
                break;
            }
        }
    }

    /// Reads one scalar, or the opening of a container; true when a container was opened.
    fn value(&mut self, key: Option<Key>) -> Result<bool, Box<Finding>> {
        self.skip_space();
        let at = self.position();
        let shape = match self.peek() {
            Some(b'{') => Shape::Object,
            Some(b'[') => Shape::Array,
            Some(b'"') => {
                self.string()?;
                Shape::Scalar
            }
            Some(b'-' | b'0'..=b'9') => {
                self.number()?;
                Shape::Scalar
            }
            Some(b't' | b'f' | b'n') => {
                self.literal()?;
                Shape::Scalar
            }
            _ => return Err(self.unexpected("a value", "une valeur")),
        };
        let spot = to_u32(self.positions.spots.len());
        let (key, key_at) = key.map_or((0..0, at), |key| (key.range, key.at));
        self.positions.spots.push(Spot { key, key_at, value_at: at, children: 0..0, shape });
        self.pending.push(spot);
        if shape == Shape::Scalar {
            return Ok(false);
        }
        if self.open.len() == NESTING_MAX {
            return Err(Code::TooDeep.fatal(
                at,
                Words::new(
                    format!("values are nested more than {NESTING_MAX} deep"),
                    format!("les valeurs sont imbriquées sur plus de {NESTING_MAX} niveaux"),
                ),
            ));
        }
        self.at += 1;
        self.open.push(Open { spot, first_pending: self.pending.len() });
        Ok(true)
    }

    /// After an opening or an element: closes the container (true) or gets ready for its next element (false).
    fn end_of_container(&mut self, shape: Shape, first: bool) -> Result<bool, Box<Finding>> {
        self.skip_space();
        let (close, en, fr) = if shape == Shape::Object {
            (b'}', "',' or '}'", "« , » ou « } »")
        } else {
            (b']', "',' or ']'", "« , » ou « ] »")
        };
        match self.peek() {
            Some(byte) if byte == close => {
                self.at += 1;
                self.close(shape);
                Ok(true)
            }
            _ if first => Ok(false),
            Some(b',') => {
                self.at += 1;
                Ok(false)
            }
            _ => Err(self.unexpected(en, fr)),
        }
    }

    fn close(&mut self, shape: Shape) {
        let Some(Open { spot, first_pending }) = self.open.pop() else { return };
        let mut members = self.pending.split_off(first_pending);
        if shape == Shape::Object {
            members.sort_by(|a, b| self.positions.key_of(*a).cmp(self.positions.key_of(*b)));
            for pair in members.windows(2) {
                let (first, second) = (pair[0], pair[1]);
                if self.positions.key_of(first) == self.positions.key_of(second) {
                    self.duplicate(first, second);
                }
            }
        }
        let start = to_u32(self.positions.children.len());
        self.positions.children.append(&mut members);
        self.positions.spots[spot as usize].children = start..to_u32(self.positions.children.len());
    }

    fn duplicate(&mut self, first: u32, second: u32) {
        if self.duplicates.len() == FINDINGS_MAX {
            return;
        }
        let key: String = self.positions.key_of(second).chars().take(80).collect();
        let (before, at) = (self.positions.spots[first as usize].key_at, self.positions.spots[second as usize].key_at);
        self.duplicates.push(*Code::DuplicateKey.fatal(
            at,
            Words::new(
                format!("the key '{key}' appears twice in one object, first at {before}"),
                format!("la clé « {key} » figure deux fois dans le même objet, d’abord en {before}"),
            ),
        ));
    }

    fn member_key(&mut self) -> Result<Key, Box<Finding>> {
        self.skip_space();
        let at = self.position();
        if self.peek() != Some(b'"') {
            return Err(self.unexpected("a key in double quotes", "une clé entre guillemets droits"));
        }
        let raw = self.string()?;
        let start = to_u32(self.positions.keys.len());
        if raw.contains('\\') {
            let decoded: String = serde_json::from_str(raw).map_err(|_| self.bad_escape(at))?;
            self.positions.keys.push_str(&decoded);
        } else {
            self.positions.keys.push_str(&raw[1..raw.len() - 1]);
        }
        let range = start..to_u32(self.positions.keys.len());
        self.skip_space();
        if self.peek() != Some(b':') {
            return Err(self.unexpected("':'", "« : »"));
        }
        self.at += 1;
        Ok(Key { range, at })
    }

    /// Reads a string; gives it with its quotes.
    fn string(&mut self) -> Result<&'a str, Box<Finding>> {
        let start = self.at;
        self.at += 1;
        loop {
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(&self.text[start..self.at]);
                }
                Some(b'\\') => self.escape()?,
                Some(0..=0x1f) | None => {
                    return Err(self.unexpected("the closing '\"' of a string", "le guillemet fermant d’une chaîne"));
                }
                Some(byte) => {
                    self.continuations += usize::from(byte & 0xc0 == 0x80);
                    self.at += 1;
                }
            }
        }
    }

    fn escape(&mut self) -> Result<(), Box<Finding>> {
        let at = self.position();
        let length = match self.bytes.get(self.at + 1) {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => 2,
            Some(b'u') => {
                let digits = self.bytes.get(self.at + 2..self.at + 6).unwrap_or_default();
                if digits.len() < 4 || !digits.iter().all(u8::is_ascii_hexdigit) {
                    return Err(self.bad_escape(at));
                }
                6
            }
            _ => return Err(self.bad_escape(at)),
        };
        self.at += length;
        Ok(())
    }

    fn number(&mut self) -> Result<(), Box<Finding>> {
        self.skip_if(b'-');
        if !self.skip_if(b'0') {
            self.digits()?;
        }
        if self.skip_if(b'.') {
            self.digits()?;
        }
        if self.skip_if(b'e') || self.skip_if(b'E') {
            if !self.skip_if(b'+') {
                self.skip_if(b'-');
            }
            self.digits()?;
        }
        Ok(())
    }

    fn digits(&mut self) -> Result<(), Box<Finding>> {
        let start = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        if start == self.at { Err(self.unexpected("a digit", "un chiffre")) } else { Ok(()) }
    }

    fn literal(&mut self) -> Result<(), Box<Finding>> {
        for word in ["true", "false", "null"] {
            if self.bytes[self.at..].starts_with(word.as_bytes()) {
                self.at += word.len();
                return Ok(());
            }
        }
        Err(self.unexpected("a value", "une valeur"))
    }

    fn skip_space(&mut self) {
        while let Some(byte @ (b' ' | b'\t' | b'\r' | b'\n')) = self.peek() {
            self.at += 1;
            if byte == b'\n' {
                self.line += 1;
                self.line_start = self.at;
                self.continuations = 0;
            }
        }
    }

    fn skip_if(&mut self, wanted: u8) -> bool {
        let found = self.peek() == Some(wanted);
        self.at += usize::from(found);
        found
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn position(&self) -> Position {
        Position { line: self.line, column: to_u32(self.at - self.line_start - self.continuations + 1) }
    }

    fn unexpected(&self, wanted_en: &str, wanted_fr: &str) -> Box<Finding> {
        let found = self.text.get(self.at..).and_then(|rest| rest.chars().next());
        let (found_en, found_fr) = found.map_or_else(
            || ("the end of the text".to_owned(), "la fin du texte".to_owned()),
            |c| (format!("'{}'", c.escape_debug()), format!("« {} »", c.escape_debug())),
        );
        Code::Syntax.fatal(
            self.position(),
            Words::new(
                format!("expected {wanted_en}, found {found_en}"),
                format!("{wanted_fr} est attendu ici, mais on trouve {found_fr}"),
            ),
        )
    }

    fn bad_escape(&self, at: Position) -> Box<Finding> {
        Code::Syntax.fatal(
            at,
            Words::new(
                "this escape is not JSON: expected one of \\\" \\\\ \\/ \\b \\f \\n \\r \\t or \\u and four hexadecimal digits",
                "cet échappement n’est pas du JSON : \\\" \\\\ \\/ \\b \\f \\n \\r \\t ou \\u suivi de quatre chiffres hexadécimaux est attendu",
            ),
        )
    }
}

#[cfg(test)]
mod tests;
