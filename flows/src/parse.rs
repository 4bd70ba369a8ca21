//! From text to [`FlowDocument`], strictly: what the format does not know is a finding, never silence.
//!
//! Reading is quick when the document is right, and thorough when it is not: only then is it held against the JSON
//! Schema of the format, which names every fault instead of the first. What a flow *means* is not judged here; that
//! is [`crate::check`]'s work.

use std::sync::{Arc, LazyLock};

use jsonschema::Validator;
use serde::Deserialize;
use serde_json::Value;

use crate::{
    canonical,
    check::{codes::Code, sink::Sink},
    document::{FlowDocument, SCHEMA},
    finding::{Finding, Position},
    limits::NODES_MAX,
    scenario::ScenarioStep,
    shape,
    source::{Positions, START},
    words::Words,
};

/// A document, with the place of each of its parts in the text it was read from.
#[derive(Debug, Clone, PartialEq)]
pub struct ParsedDocument {
    document: Arc<FlowDocument>,
    positions: Positions,
}

impl ParsedDocument {
    /// The document.
    #[must_use]
    pub fn document(&self) -> &FlowDocument {
        &self.document
    }

    /// Where its parts are.
    #[must_use]
    pub fn positions(&self) -> &Positions {
        &self.positions
    }

    /// The document alone.
    #[must_use]
    pub fn into_document(self) -> FlowDocument {
        Arc::unwrap_or_clone(self.document)
    }

    /// The document, shared with what is made of it.
    pub(crate) fn shared(&self) -> Arc<FlowDocument> {
        Arc::clone(&self.document)
    }
}

impl From<FlowDocument> for ParsedDocument {
    /// A document made in memory; positions are those of its canonical text, when that is within the bounds of texts.
    fn from(document: FlowDocument) -> Self {
        let positions = Positions::scan(&canonical::format(&document)).map(|(positions, _)| positions);
        Self { document: Arc::new(document), positions: positions.unwrap_or_default() }
    }
}

/// Reads a document from its text.
///
/// # Errors
/// Every fault of syntax or shape, sorted by position.
pub fn parse(text: &str) -> Result<ParsedDocument, Vec<Finding>> {
    let (positions, duplicates) = Positions::scan(text).map_err(|fatal| vec![*fatal])?;
    // A document without a fault of shape needs no tree of values in between.
    if duplicates.is_empty()
        && let Ok(document) = serde_json::from_str::<FlowDocument>(text)
        && document.schema == SCHEMA
        && document.nodes.len() <= NODES_MAX
    {
        return Ok(ParsedDocument { document: Arc::new(document), positions });
    }
    let value: Value = serde_json::from_str(text).map_err(|error| vec![*unreadable(text, &error)])?;
    let mut sink = Sink::new(&positions);
    duplicates.into_iter().for_each(|finding| {
        sink.push(finding);
    });
    let document = read(&value, &mut sink);
    let findings = sink.finish();
    match document {
        Some(document) if findings.is_empty() => Ok(ParsedDocument { document: Arc::new(document), positions }),
        _ => Err(findings),
    }
}

/// Reads a document from a value, such as a part of a request's body. Positions refer to the canonical text.
///
/// # Errors
/// Every fault of shape, sorted by position.
pub fn parse_value(value: &Value) -> Result<ParsedDocument, Vec<Finding>> {
    parse(&canonical::pretty(value)).map(|parsed| ParsedDocument::from(parsed.into_document()))
}

/// The document of a value, or at least one finding that says why there is none.
fn read(value: &Value, sink: &mut Sink<'_>) -> Option<FlowDocument> {
    if let Some(refusal) = refuse_at_sight(value) {
        sink.push(refusal);
        return None;
    }
    match FlowDocument::deserialize(value) {
        Ok(document) => Some(document),
        Err(error) => {
            explain(value, &error, sink);
            None
        }
    }
}

/// Documents whose other faults would only be noise.
fn refuse_at_sight(value: &Value) -> Option<Finding> {
    if let Some(schema) = value.get("schema").filter(|schema| schema.is_number() && **schema != SCHEMA) {
        return Some(unsupported_schema(schema));
    }
    let nodes = value.get("nodes").and_then(Value::as_object).map_or(0, serde_json::Map::len);
    (NODES_MAX < nodes).then(|| too_many_nodes(nodes))
}

pub(crate) fn unsupported_schema(schema: &Value) -> Finding {
    Code::UnsupportedSchema.finding(
        "/schema",
        Words::new(
            format!("this document has schema {schema}; this build reads schema {SCHEMA}"),
            format!("ce document porte le schéma {schema} ; ce programme lit le schéma {SCHEMA}"),
        ),
    )
}

pub(crate) fn too_many_nodes(nodes: usize) -> Finding {
    Code::TooManyNodes.finding(
        "/nodes",
        Words::new(
            format!("the flow has {nodes} nodes; at most {NODES_MAX} are allowed"),
            format!("le scénario compte {nodes} nœuds ; le maximum est de {NODES_MAX}"),
        ),
    )
}

/// The format's own JSON Schema, compiled.
static FORMAT: LazyLock<(Value, Validator)> = LazyLock::new(|| {
    let schema = schemars::schema_for!(FlowDocument).to_value();
    let validator = jsonschema::validator_for(&schema).expect("the schema that schemars derives is a schema");
    (schema, validator)
});

/// Names every fault of a value that is no document.
fn explain(value: &Value, error: &serde_json::Error, sink: &mut Sink<'_>) {
    let (schema, validator) = &*FORMAT;
    shape::report((schema, validator), value, "", sink);
    if sink.has_errors() {
        return;
    }
    // Types can be narrower than any schema says: durations have an upper bound, for one.
    let mut found = false;
    for (pointer, step) in steps(value) {
        if let Err(error) = ScenarioStep::deserialize(step) {
            found = true;
            sink.value(Code::BadValue, &pointer, Words::new(error.to_string(), format!("valeur refusée : {error}")));
        }
    }
    if !found {
        sink.value(Code::BadValue, "", Words::new(error.to_string(), format!("valeur refusée : {error}")));
    }
}

/// Every step of every test, with its pointer.
fn steps(value: &Value) -> impl Iterator<Item = (String, &Value)> {
    elements(value, "tests").flat_map(|(test, scenario)| {
        elements(scenario, "steps").map(move |(step, value)| (format!("/tests/{test}/steps/{step}"), value))
    })
}

fn elements<'v>(value: &'v Value, field: &str) -> impl Iterator<Item = (usize, &'v Value)> + use<'v> {
    value.get(field).and_then(Value::as_array).into_iter().flatten().enumerate()
}

/// What `serde_json` refuses in a text that is otherwise well-formed: numbers beyond any range, halves of characters.
fn unreadable(text: &str, error: &serde_json::Error) -> Box<Finding> {
    let line = text.lines().nth(error.line().saturating_sub(1)).unwrap_or_default();
    let column = line.char_indices().take_while(|(offset, _)| *offset < error.column()).count().max(1);
    let position = Position {
        line: u32::try_from(error.line()).unwrap_or(START.line).max(1),
        column: u32::try_from(column).unwrap_or(START.column),
    };
    let reason = error.to_string();
    let reason = reason.split(" at line ").next().unwrap_or_default();
    Code::Syntax.fatal(
        position,
        Words::new(
            format!("this value cannot be represented: {reason}"),
            format!("cette valeur ne peut pas être représentée : {reason}"),
        ),
    )
}

#[cfg(test)]
mod tests;
