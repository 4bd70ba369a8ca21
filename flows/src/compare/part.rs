//! The parts of a document that people speak of, and what they are called.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{document::Handler, words::Words};

/// A part of a document. Paths name elements of lists by their own names: `["options", "sales", "label"]`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "part", rename_all = "snake_case")]
#[expect(missing_docs, reason = "the fields are the names that the document uses")]
pub enum Part {
    /// A field of the document itself: its id, its schema.
    Document { field: String },
    /// The title in one language.
    Title { locale: String },
    /// A channel the flow is written for.
    Channel { channel: String },
    /// Where an interaction starts.
    Entry,
    /// A handler.
    Handler { handler: String },
    /// A row of `attributes`, `inputs` or `outputs`, or one field of it (`default`, `description/fr`).
    Attribute { table: String, name: String, field: Option<String> },
    /// A text, or its words in one language.
    Text { key: String, locale: Option<String> },
    /// The functions that scripts share.
    Library,
    /// A node as a whole.
    Node { node: String },
    /// The kind of a node.
    Kind { node: String },
    /// The title of a node in one language.
    NodeTitle { node: String, locale: String },
    /// The remark at a node.
    Note { node: String },
    /// A setting of a node.
    Setting { node: String, path: Vec<String> },
    /// An exit of a node.
    Exit { node: String, exit: String },
    /// A test, or a part of it.
    Test { test: String, path: Vec<String> },
    /// What importers keep of a source system, of a node or of the document.
    Vendor { node: Option<String>, path: Vec<String> },
    /// The order of the tests.
    TestOrder,
    /// The editor's own.
    Layout { path: Vec<String> },
}

impl Part {
    /// The part at a place, given by names.
    pub(super) fn at(names: &[String]) -> Self {
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let owned = |path: &[&str]| path.iter().map(|&name| name.to_owned()).collect();
        let text = |name: &str| name.to_owned();
        match names.as_slice() {
            ["title", locale] => Self::Title { locale: text(locale) },
            ["channels", channel] => Self::Channel { channel: text(channel) },
            ["entry"] => Self::Entry,
            ["handlers", handler] => Self::Handler { handler: text(handler) },
            [table @ ("attributes" | "inputs" | "outputs"), name, field @ ..] => Self::Attribute {
                table: text(table),
                name: text(name),
                field: (!field.is_empty()).then(|| field.join("/")),
            },
            ["texts", key, locale @ ..] => {
                Self::Text { key: text(key), locale: locale.first().map(|locale| text(locale)) }
            }
            ["library"] => Self::Library,
            ["nodes", node] => Self::Node { node: text(node) },
            ["nodes", node, "kind"] => Self::Kind { node: text(node) },
            ["nodes", node, "title", locale] => Self::NodeTitle { node: text(node), locale: text(locale) },
            ["nodes", node, "note"] => Self::Note { node: text(node) },
            ["nodes", node, "exits", exit] => Self::Exit { node: text(node), exit: text(exit) },
            ["nodes", node, "vendor", path @ ..] => Self::Vendor { node: Some(text(node)), path: owned(path) },
            ["nodes", node, "config", path @ ..] => Self::Setting { node: text(node), path: owned(path) },
            ["tests"] => Self::TestOrder,
            ["tests", test, path @ ..] => Self::Test { test: text(test), path: owned(path) },
            ["vendor", path @ ..] => Self::Vendor { node: None, path: owned(path) },
            ["layout", path @ ..] => Self::Layout { path: owned(path) },
            other => Self::Document { field: other.join("/") },
        }
    }

    /// What people call it.
    #[must_use]
    pub fn words(&self) -> Words {
        let (en, fr) = match self {
            Self::Document { field } => (format!("'{field}' of the flow"), format!("« {field} » du scénario")),
            Self::Title { locale } => (format!("the title in {locale}"), format!("le titre en {locale}")),
            Self::Channel { channel } => (format!("the channel '{channel}'"), format!("le canal « {channel} »")),
            Self::Entry => ("the entry".to_owned(), "l’entrée".to_owned()),
            Self::Handler { handler } => handler_words(handler),
            Self::Attribute { table, name, field } => {
                let (en, fr) = match table.as_str() {
                    "inputs" => ("the input", "la valeur reçue"),
                    "outputs" => ("the output", "la valeur rendue"),
                    _ => ("the attribute", "l’attribut"),
                };
                let row = (format!("{en} '{name}'"), format!("{fr} « {name} »"));
                match field {
                    None => row,
                    Some(field) => (format!("'{field}' of {}", row.0), format!("« {field} » pour {}", row.1)),
                }
            }
            Self::Text { key, locale: None } => (format!("the text '{key}'"), format!("le texte « {key} »")),
            Self::Text { key, locale: Some(locale) } => {
                (format!("the text '{key}' in {locale}"), format!("le texte « {key} » en {locale}"))
            }
            Self::Library => ("the library of functions".to_owned(), "la bibliothèque de fonctions".to_owned()),
            Self::Node { node } => (format!("the node '{node}'"), format!("le nœud « {node} »")),
            Self::Kind { node } => (format!("the kind of node '{node}'"), format!("le type du nœud « {node} »")),
            Self::NodeTitle { node, locale } => {
                (format!("the title of node '{node}' in {locale}"), format!("le titre du nœud « {node} » en {locale}"))
            }
            Self::Note { node } => (format!("the note of node '{node}'"), format!("la remarque du nœud « {node} »")),
            Self::Setting { node, path } => within("setting", "le réglage", path, &node_words(node)),
            Self::Exit { node, exit } => {
                (format!("exit '{exit}' of node '{node}'"), format!("la sortie « {exit} » du nœud « {node} »"))
            }
            Self::Test { test, path } if path.is_empty() => {
                (format!("the test '{test}'"), format!("le test « {test} »"))
            }
            Self::Test { test, path } => {
                within("part", "la partie", path, &(format!("the test '{test}'"), format!("du test « {test} »")))
            }
            Self::Vendor { node: None, path } => {
                within("import note", "la note d’import", path, &("the flow".to_owned(), "du scénario".to_owned()))
            }
            Self::Vendor { node: Some(node), path } => {
                within("import note", "la note d’import", path, &node_words(node))
            }
            Self::TestOrder => ("the list of tests".to_owned(), "la liste des tests".to_owned()),
            Self::Layout { path } => {
                within("layout", "la mise en page", path, &("the flow".to_owned(), "du scénario".to_owned()))
            }
        };
        Words { en, fr }
    }
}

fn node_words(node: &str) -> (String, String) {
    (format!("node '{node}'"), format!("du nœud « {node} »"))
}

fn within(en: &str, fr: &str, path: &[String], (of_en, of_fr): &(String, String)) -> (String, String) {
    if path.is_empty() {
        return (format!("the {en} of {of_en}"), format!("{fr} {of_fr}"));
    }
    let path = path.join("/");
    (format!("{en} '{path}' of {of_en}"), format!("{fr} « {path} » {of_fr}"))
}

fn handler_words(handler: &str) -> (String, String) {
    let french = match serde_json::from_value(handler.into()) {
        Ok(Handler::Error) => "le gestionnaire d’erreur".to_owned(),
        Ok(Handler::Disconnect) => "le gestionnaire de départ".to_owned(),
        Err(_) => format!("le gestionnaire « {handler} »"),
    };
    (format!("the {handler} handler"), french)
}

/// Characters of a value shown in a sentence.
const SHOWN_CHARS_MAX: usize = 60;

/// Characters shown before the first difference of long values that begin alike.
const ALIKE_CHARS_SHOWN: usize = 20;

/// How many characters of two values a sentence about both leaves out, so that it shows where they differ.
pub(super) fn alike(one: Option<&Value>, other: Option<&Value>) -> usize {
    let written = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let (Some(one), Some(other)) = (one.map(written), other.map(written)) else { return 0 };
    let same = one.chars().zip(other.chars()).take_while(|(one, other)| one == other).count();
    if same + ALIKE_CHARS_SHOWN < SHOWN_CHARS_MAX { 0 } else { same.saturating_sub(ALIKE_CHARS_SHOWN) }
}

/// A value in a sentence: texts in quotes, ends and handlers by name, everything else as JSON; long ones cut, and without
/// so many characters at their start.
pub(super) fn value_words(value: &Value, left_out: usize) -> Words {
    let field = |name: &str| value.as_object().filter(|fields| fields.len() == 1)?.get(name)?.as_str();
    let cut = |text: &str| {
        let start = if 0 < left_out { "…" } else { "" };
        let rest = text.chars().skip(left_out);
        let end = if SHOWN_CHARS_MAX < rest.clone().count() { "…" } else { "" };
        format!("{start}{}{end}", rest.take(SHOWN_CHARS_MAX).collect::<String>())
    };
    if let Some(end) = field("end") {
        return Words::new(format!("the end '{end}'"), format!("la fin « {end} »"));
    }
    if let Some(handler) = field("handler") {
        let (en, fr) = handler_words(handler);
        return Words { en, fr };
    }
    match value {
        Value::String(text) => {
            let text = cut(text);
            Words::new(format!("'{text}'"), format!("« {text} »"))
        }
        other => {
            let text = cut(&other.to_string());
            Words::new(text.clone(), text)
        }
    }
}
