//! Why an export cannot be imported: which file, where in it, what was expected.

use serde::Serialize;

use super::{EXPORT_NODES_MAX, SourceFormat, reading::Refusal};
use crate::{finding::Position, source::Positions, words::Words};

/// An export that cannot be read. Stable codes: `unreadable`, `too-large`, `not-text`, `syntax`, `wrong-format`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("{file}: {}", .message.en)]
pub struct ImportError {
    /// Stable code.
    pub code: &'static str,
    /// The file.
    pub file: String,
    /// Where in the file, when it is text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position: Option<Position>,
    /// JSON pointer of the faulty part.
    pub pointer: String,
    /// What is wrong and what was expected.
    pub message: Box<Words>,
}

impl ImportError {
    /// A file that the system does not let be read.
    #[must_use]
    pub fn unreadable(file: &str, error: &std::io::Error) -> Self {
        Self {
            code: "unreadable",
            file: file.to_owned(),
            position: None,
            pointer: String::new(),
            message: Box::new(Words::new(format!("cannot be read: {error}"), format!("lecture impossible : {error}"))),
        }
    }

    pub(super) fn too_many_nodes(file: &str, nodes: usize) -> Self {
        let message = Words::new(
            format!("has {nodes} nodes, and at most {EXPORT_NODES_MAX} are read: export fewer flows at a time"),
            format!(
                "compte {nodes} nœuds, et {EXPORT_NODES_MAX} au plus sont lus : exportez moins de scénarios à la fois"
            ),
        );
        let (position, pointer) = (None, String::new());
        Self { code: "too-large", file: file.to_owned(), position, pointer, message: Box::new(message) }
    }

    /// The whole sentence for a reader: file, place, message.
    #[must_use]
    pub fn for_language(&self, language: &str) -> String {
        let place = self.position.map(|position| format!(":{position}")).unwrap_or_default();
        format!("{}{place}: {}", self.file, self.message.for_language(language))
    }
}

/// The error of a reader's refusal. Positions are looked up only here, so that reading what is right pays nothing.
pub(super) fn refused(file: &str, bytes: &[u8], format: SourceFormat, refusal: Refusal) -> ImportError {
    let text = std::str::from_utf8(bytes).unwrap_or_default();
    let position = Positions::scan(text).ok().map(|(positions, _)| positions.nearest(&refusal.pointer));
    let at = if refusal.pointer.is_empty() { "/" } else { &refusal.pointer };
    let Words { en, fr } = refusal.message;
    ImportError {
        code: "wrong-format",
        file: file.to_owned(),
        position,
        message: Box::new(Words::new(
            format!("not an export of {format} that can be read: at '{at}', {en}"),
            format!("ce n’est pas un export {format} lisible : en « {at} », {fr}"),
        )),
        pointer: refusal.pointer,
    }
}
