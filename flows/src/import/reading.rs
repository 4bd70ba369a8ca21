//! Reading JSON of unknown origin: bounded, and with the place of whatever is not as expected.

use serde_json::{Map, Value};

use super::{EXPORT_BYTES_MAX, ImportError};
use crate::{finding::Position, source::escape, words::Words};

/// Something that a reader expected otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) pointer: String,
    pub(super) message: Words,
}

impl Refusal {
    pub(super) fn new(pointer: impl Into<String>, en: impl Into<String>, fr: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), message: Words::new(en, fr) }
    }

    fn expected(pointer: String, what: (&str, &str)) -> Self {
        Self::new(pointer, format!("expected {}", what.0), format!("attendu : {}", what.1))
    }
}

/// The JSON of a file, within bounds.
pub(super) fn json(file: &str, bytes: &[u8]) -> Result<Value, ImportError> {
    let error = |code, position, en: String, fr: String| ImportError {
        code,
        file: file.to_owned(),
        position,
        pointer: String::new(),
        message: Box::new(Words::new(en, fr)),
    };
    if EXPORT_BYTES_MAX < bytes.len() {
        let mib = EXPORT_BYTES_MAX / 1024 / 1024;
        let read = String::from_utf8_lossy(&bytes[..EXPORT_BYTES_MAX]);
        return Err(error(
            "too-large",
            Some(end_of(&read)),
            format!("goes on here beyond {mib} MiB, the most that is read: export fewer flows at a time"),
            format!("continue ici au-delà de {mib} Mio, le plus qui soit lu : exportez moins de scénarios à la fois"),
        ));
    }
    // Some vendors' downloads begin with a byte order mark.
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let text = std::str::from_utf8(bytes).map_err(|bad| {
        let read = String::from_utf8_lossy(&bytes[..bad.valid_up_to()]);
        error(
            "not-text",
            Some(end_of(&read)),
            "not UTF-8 text from here on: export it as JSON".to_owned(),
            "ce n’est plus du texte UTF-8 à partir d’ici : exportez-le en JSON".to_owned(),
        )
    })?;
    // Bounds its own nesting at 128 levels, so no text can exhaust the stack.
    serde_json::from_str(text).map_err(|bad| {
        let position = Position {
            line: u32::try_from(bad.line()).unwrap_or(u32::MAX).max(1),
            column: u32::try_from(bad.column()).unwrap_or(u32::MAX).max(1),
        };
        let reason = bad.to_string();
        let reason = reason.split(" at line ").next().unwrap_or_default();
        error(
            "syntax",
            Some(position),
            format!("not JSON from here on ({reason}): export it again"),
            format!("ce n’est plus du JSON à partir d’ici ({reason}) : exportez-le à nouveau"),
        )
    })
}

fn end_of(text: &str) -> Position {
    let line = text.bytes().filter(|byte| *byte == b'\n').count() + 1;
    let column = text.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    Position { line: u32::try_from(line).unwrap_or(u32::MAX), column: u32::try_from(column).unwrap_or(u32::MAX) }
}

/// A value with its place.
#[derive(Debug, Clone)]
pub(super) struct Place<'v> {
    pub(super) value: &'v Value,
    pub(super) pointer: String,
}

impl<'v> Place<'v> {
    pub(super) fn root(value: &'v Value) -> Self {
        Self { value, pointer: String::new() }
    }

    /// A member, when it is there and not `null`.
    pub(super) fn get(&self, key: &str) -> Option<Place<'v>> {
        let value = self.value.get(key).filter(|value| !value.is_null())?;
        Some(Self { value, pointer: self.inside(key) })
    }

    /// A member that must be there.
    pub(super) fn need(&self, key: &str) -> Result<Place<'v>, Refusal> {
        self.get(key).ok_or_else(|| {
            Refusal::new(
                self.pointer.clone(),
                format!("the field '{key}' is missing"),
                format!("le champ « {key} » est absent"),
            )
        })
    }

    pub(super) fn object(&self) -> Result<&'v Map<String, Value>, Refusal> {
        self.value.as_object().ok_or_else(|| Refusal::expected(self.pointer.clone(), ("an object", "un objet")))
    }

    pub(super) fn text(&self) -> Result<&'v str, Refusal> {
        self.value.as_str().ok_or_else(|| Refusal::expected(self.pointer.clone(), ("a text", "un texte")))
    }

    /// The elements of a list.
    pub(super) fn list(&self) -> Result<Vec<Place<'v>>, Refusal> {
        let items =
            self.value.as_array().ok_or_else(|| Refusal::expected(self.pointer.clone(), ("a list", "une liste")))?;
        Ok(items
            .iter()
            .enumerate()
            .map(|(at, value)| Place { value, pointer: format!("{}/{at}", self.pointer) })
            .collect())
    }

    /// A text that must be there and be something.
    pub(super) fn need_text(&self, key: &str) -> Result<&'v str, Refusal> {
        let place = self.need(key)?;
        let text = place.text()?;
        if text.is_empty() {
            return Err(Refusal::expected(
                place.pointer,
                ("a text that is not empty", "un texte qui ne soit pas vide"),
            ));
        }
        Ok(text)
    }

    /// A text that may be missing or `null`.
    pub(super) fn text_or_none(&self, key: &str) -> Result<Option<&'v str>, Refusal> {
        self.get(key).map(|place| place.text()).transpose()
    }

    /// A list that must be there.
    pub(super) fn need_list(&self, key: &str) -> Result<Vec<Place<'v>>, Refusal> {
        self.need(key)?.list()
    }

    /// A list that may be missing.
    pub(super) fn list_or_empty(&self, key: &str) -> Result<Vec<Place<'v>>, Refusal> {
        self.get(key).map_or(Ok(Vec::new()), |place| place.list())
    }

    fn inside(&self, key: &str) -> String {
        format!("{}/{}", self.pointer, escape(key))
    }
}
