//! The older export of Connect, brought into the shape of the current one: one mapping then serves both.

use serde_json::{Map, Value, json};

use super::{position, without};
use crate::import::{
    names::snake,
    reading::{Place, Refusal},
    source::{EdgeRole, SourceEdge, SourceFlow, SourceNode},
};

pub(super) fn read(flow: &Place<'_>) -> Result<SourceFlow, Refusal> {
    let entry = flow.need_text("start")?;
    let mut nodes = Vec::new();
    for module in flow.need_list("modules")? {
        module.object()?;
        let kind = module.need_text("type")?;
        let mut edges = Vec::new();
        for branch in module.list_or_empty("branches")? {
            edges.push(edge(kind, &branch)?);
        }
        // What the flow language repeats as `NextAction`.
        nodes.push(SourceNode {
            id: module.need_text("id")?.to_owned(),
            name: snake(kind),
            kind: kind.to_owned(),
            settings: settings(&module, kind)?,
            payload: module.value.clone(),
            edges,
            position: module.value.pointer("/metadata/position").and_then(position),
        });
    }
    let name = flow.value.pointer("/metadata/name").and_then(Value::as_str).unwrap_or_default();
    Ok(SourceFlow {
        id: String::new(),
        name: name.to_owned(),
        format: "connect-legacy".to_owned(),
        entry: Some(entry.to_owned()),
        nodes,
        rest: without(flow.value, "modules"),
        context: Value::Null,
    })
}

fn edge(kind: &str, branch: &Place<'_>) -> Result<SourceEdge, Refusal> {
    let condition = branch.need_text("condition")?;
    let target = branch.text_or_none("transition")?;
    let case = |operator: &str, operand: &str| {
        let when = json!({ "Operator": operator, "Operands": [operand] });
        SourceEdge::new(&format!("{operator} {operand}"), EdgeRole::Normal, target).when(when)
    };
    Ok(match condition {
        "Success" => SourceEdge::new("next", EdgeRole::Normal, target),
        "Error" => SourceEdge::new("NoMatchingError", EdgeRole::Failure, target),
        "NoMatch" => SourceEdge::new("NoMatchingCondition", EdgeRole::Normal, target),
        "AtCapacity" => SourceEdge::new("QueueAtCapacity", EdgeRole::Failure, target),
        "Timeout" if kind == "Wait" => case("Equals", "WaitCompleted"),
        "Timeout" => SourceEdge::new("InputTimeLimitExceeded", EdgeRole::Timeout, target),
        "Looping" => case("Equals", "ContinueLooping"),
        "Complete" => case("Equals", "DoneLooping"),
        "CustomerReturn" => case("Equals", "CustomerReturned"),
        "True" => case("Equals", "True"),
        "False" => case("Equals", "False"),
        _ => {
            let value = match branch.get("conditionValue").map(|place| place.value) {
                Some(Value::String(text)) => text.clone(),
                Some(other) => other.to_string(),
                None => condition.to_owned(),
            };
            let operator = match branch.text_or_none("conditionType")?.unwrap_or("Equals") {
                "GreaterThan" => "NumberGreaterThan",
                "GreaterThanOrEqualTo" => "NumberGreaterOrEqualTo",
                "LessThan" => "NumberLessThan",
                "LessThanOrEqualTo" => "NumberLessOrEqualTo",
                "Contains" => "TextContains",
                "StartsWith" => "TextStartsWith",
                other => other,
            };
            case(operator, &value)
        }
    })
}

/// A reference of the older export as the flow language writes it.
fn reference(namespace: Option<&str>, name: &str) -> String {
    if name.starts_with('$') {
        return name.to_owned();
    }
    match namespace {
        Some("External") => format!("$.External.{name}"),
        Some("User Defined") => format!("$.Attributes.{name}"),
        Some("Lex") => format!("$.Lex.{name}"),
        Some("System") => system(name),
        Some(_) | None => name.to_owned(),
    }
}

fn system(name: &str) -> String {
    match name {
        "Stored customer input" => "$.StoredCustomerInput".to_owned(),
        "Customer Number" => "$.CustomerEndpoint.Address".to_owned(),
        "Dialed Number" => "$.SystemEndpoint.Address".to_owned(),
        "Channel" => "$.Channel".to_owned(),
        "Contact id" => "$.ContactId".to_owned(),
        other => format!("$.{}", other.replace(' ', "")),
    }
}

/// The parameters of a module as those of an action.
fn settings(module: &Place<'_>, kind: &str) -> Result<Value, Refusal> {
    let mut settings = Map::new();
    let mut named = Map::new();
    for parameter in module.list_or_empty("parameters")? {
        let Some(name) = parameter.text_or_none("name")? else { continue };
        let value = match parameter.get("value").map(|place| place.value) {
            Some(Value::String(text)) => text.clone(),
            Some(other) => other.to_string(),
            None => String::new(),
        };
        let namespace = parameter.text_or_none("namespace")?;
        let value = reference(namespace, &value);
        match parameter.text_or_none("key")? {
            Some(key) if name == "Attribute" || name == "Parameter" => {
                named.insert(key.to_owned(), json!(value));
            }
            _ => {
                settings.insert(name.to_owned(), json!(value));
            }
        }
        if let Some(called) = parameter.text_or_none("resourceName")? {
            settings.insert("resourceName".to_owned(), json!(called));
        }
    }
    if kind == "CheckAttribute" {
        let namespace = settings.get("Namespace").and_then(Value::as_str);
        let name = settings.get("Attribute").and_then(Value::as_str).unwrap_or_default();
        settings.insert("ComparisonValue".to_owned(), json!(reference(namespace, name)));
    }
    let target = module.text_or_none("target")?;
    for (key, value) in [("named", Value::Object(named)), ("target", json!(target))] {
        settings.insert(key.to_owned(), value);
    }
    Ok(Value::Object(settings))
}
