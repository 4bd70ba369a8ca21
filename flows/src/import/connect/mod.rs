//! Amazon Connect: the flow language of 2019-10-30, and the older export of `modules`.

mod legacy;
mod map;
mod path;

use serde_json::{Value, json};

use super::{
    draft::{Draft, Foreign, Step},
    format::Format,
    names::{is_uuid, snake},
    reading::{Place, Refusal},
    source::{EdgeRole, SourceEdge, SourceFlow, SourceNode},
};

/// The reader.
pub(super) struct Connect;

impl Format for Connect {
    fn read(&self, export: &Value) -> Result<Vec<SourceFlow>, Refusal> {
        let root = Place::root(export);
        root.object()?;
        // The API wraps the flow, as text or as an object; templates do the latter under `content`.
        let inner =
            ["Content", "content", "ContactFlow"].iter().find_map(|key| root.get(key)).filter(|p| p.value.is_object());
        let flow = inner.unwrap_or(root);
        let read = if flow.get("modules").is_some() { legacy::read(&flow)? } else { current(&flow)? };
        Ok(vec![read])
    }

    fn map(&self, _: &SourceFlow, node: &SourceNode, draft: &mut Draft<'_>) -> Result<Vec<Step>, Foreign> {
        map::map(node, draft)
    }
}

fn current(flow: &Place<'_>) -> Result<SourceFlow, Refusal> {
    let entry = flow.need_text("StartAction")?;
    let metadata = flow.get("Metadata").map_or(&Value::Null, |place| place.value);
    let about = |id: &str| metadata.get("ActionMetadata").and_then(|all| all.get(id)).unwrap_or(&Value::Null);
    let mut nodes = Vec::new();
    for action in flow.need_list("Actions")? {
        action.object()?;
        let id = action.need_text("Identifier")?;
        let kind = action.need_text("Type")?;
        let settings = action.get("Parameters").map_or_else(|| json!({}), |place| place.value.clone());
        let position = about(id).get("position").and_then(position);
        nodes.push(SourceNode {
            id: id.to_owned(),
            name: if is_uuid(id) { snake(kind) } else { id.to_owned() },
            kind: kind.to_owned(),
            settings,
            payload: action.value.clone(),
            edges: action.get("Transitions").map_or(Ok(Vec::new()), |place| transitions(&place))?,
            position,
        });
    }
    let version = flow.text_or_none("Version")?.unwrap_or("2019-10-30");
    let name = metadata.get("name").or_else(|| metadata.get("Name")).and_then(Value::as_str).unwrap_or_default();
    Ok(SourceFlow {
        id: String::new(),
        name: name.to_owned(),
        format: format!("connect-{version}"),
        entry: Some(entry.to_owned()),
        nodes,
        rest: without(flow.value, "Actions"),
        context: Value::Null,
    })
}

/// Edges by label: `next`, `case:<operator>:<operand>`, and the errors by their own names.
fn transitions(place: &Place<'_>) -> Result<Vec<SourceEdge>, Refusal> {
    let mut edges = Vec::new();
    if place.object()?.contains_key("NextAction") {
        edges.push(SourceEdge::new("next", EdgeRole::Normal, place.text_or_none("NextAction")?));
    }
    for condition in place.list_or_empty("Conditions")? {
        let when = condition.get("Condition").map_or(Value::Null, |when| when.value.clone());
        let operator = when.get("Operator").and_then(Value::as_str).unwrap_or_default();
        let operand = when.pointer("/Operands/0").and_then(Value::as_str).unwrap_or_default();
        let label = format!("{operator} {operand}");
        edges.push(SourceEdge::new(&label, EdgeRole::Normal, condition.text_or_none("NextAction")?).when(when));
    }
    for error in place.list_or_empty("Errors")? {
        let kind = error.need_text("ErrorType")?;
        let role = match kind {
            "NoMatchingCondition" => EdgeRole::Normal,
            kind if kind.contains("TimeLimitExceeded") => EdgeRole::Timeout,
            _ => EdgeRole::Failure,
        };
        edges.push(SourceEdge::new(kind, role, error.text_or_none("NextAction")?));
    }
    Ok(edges)
}

fn position(value: &Value) -> Option<(f64, f64)> {
    Some((value.get("x")?.as_f64()?, value.get("y")?.as_f64()?))
}

/// An object without one of its fields.
pub(super) fn without(value: &Value, field: &str) -> Value {
    let mut rest = value.clone();
    if let Value::Object(fields) = &mut rest {
        fields.remove(field);
    }
    rest
}
