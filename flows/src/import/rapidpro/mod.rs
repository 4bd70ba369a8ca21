//! RapidPro and its engine goflow: exports with many flows, single definitions, and the API's answers; versions 11.12
//! to 14 as nodes, older ones as sets of actions and rules.

mod early;
mod legacy;
mod map;

use serde_json::{Value, json};

use super::{
    connect::without,
    draft::{Draft, Foreign, Step},
    format::Format,
    reading::{Place, Refusal},
    source::{EdgeRole, SourceEdge, SourceFlow, SourceNode},
};

/// The reader.
pub(super) struct Rapidpro;

impl Format for Rapidpro {
    fn read(&self, export: &Value) -> Result<Vec<SourceFlow>, Refusal> {
        let root = Place::root(export);
        root.object()?;
        let flows = match root.get("flows").or_else(|| root.get("results")) {
            Some(flows) => flows.list()?,
            None => vec![root],
        };
        flows.into_iter().map(|flow| one(&flow)).collect()
    }

    fn map(&self, flow: &SourceFlow, node: &SourceNode, draft: &mut Draft<'_>) -> Result<Vec<Step>, Foreign> {
        map::map(flow, node, draft)
    }
}

fn one(flow: &Place<'_>) -> Result<SourceFlow, Refusal> {
    flow.object()?;
    let inner =
        flow.get("definition").filter(|inner| inner.get("nodes").is_some() || inner.get("action_sets").is_some());
    let flow = inner.as_ref().unwrap_or(flow);
    if flow.get("action_sets").is_some() || flow.get("rule_sets").is_some() {
        return legacy::read(flow);
    }
    let language = flow.text_or_none("language")?.unwrap_or("eng");
    let ui = flow.value.pointer("/_ui/nodes").unwrap_or(&Value::Null);
    let mut nodes = Vec::new();
    for node in flow.need_list("nodes")? {
        node.object()?;
        let id = node.need_text("uuid")?;
        let settings = early::modern(node.value).unwrap_or_else(|| node.value.clone());
        let edges = exits(&Place { value: &settings, pointer: node.pointer.clone() })?;
        nodes.push(SourceNode {
            id: id.to_owned(),
            name: called(&settings),
            kind: kind(&settings),
            edges,
            settings,
            payload: node.value.clone(),
            position: ui
                .get(id)
                .and_then(|ui| ui.get("position"))
                .and_then(|place| Some((place.get("left")?.as_f64()?, place.get("top")?.as_f64()?))),
        });
    }
    let version = match flow.get("spec_version").map(|place| place.value) {
        Some(Value::String(version)) => version.clone(),
        Some(other) => other.to_string(),
        None => "13".to_owned(),
    };
    Ok(SourceFlow {
        id: flow.text_or_none("uuid")?.unwrap_or_default().to_owned(),
        name: flow.text_or_none("name")?.unwrap_or_default().to_owned(),
        format: format!("rapidpro-{version}"),
        entry: nodes.first().map(|node| node.id.clone()),
        context: json!({
            "language": language,
            "localization": flow.get("localization").map(|place| place.value),
            "expires_min": flow.get("expire_after_minutes").map(|place| place.value),
        }),
        rest: without(flow.value, "nodes"),
        nodes,
    })
}

/// The exits with the names of their categories.
fn exits(node: &Place<'_>) -> Result<Vec<SourceEdge>, Refusal> {
    let router = node.get("router");
    let categories = router.as_ref().map_or(Ok(Vec::new()), |router| router.list_or_empty("categories"))?;
    let timeout = node.value.pointer("/router/wait/timeout/category_uuid");
    let mut edges = Vec::new();
    for exit in node.need_list("exits")? {
        let id = exit.need_text("uuid")?;
        let category = categories.iter().find(|category| category.value.get("exit_uuid").is_some_and(|of| of == id));
        let name = category.and_then(|category| category.value.get("name")).and_then(Value::as_str);
        let is_timeout = category.is_some_and(|category| timeout.is_some() && category.value.get("uuid") == timeout);
        let role = match name {
            _ if is_timeout => EdgeRole::Timeout,
            Some("Failure") => EdgeRole::Failure,
            Some(_) | None => EdgeRole::Normal,
        };
        let edge = SourceEdge::new(name.unwrap_or("next"), role, exit.text_or_none("destination_uuid")?);
        edges.push(edge.when(json!(id)));
    }
    Ok(edges)
}

fn actions(node: &Value) -> impl Iterator<Item = &Value> {
    node.get("actions").and_then(Value::as_array).into_iter().flatten()
}

/// What a node is, for people: its first action, its wait, or how it decides.
fn kind(node: &Value) -> String {
    let action = actions(node).next().and_then(|action| action.get("type")).and_then(Value::as_str);
    let wait = node.pointer("/router/wait/type").and_then(Value::as_str).map(|wait| format!("wait_{wait}"));
    let router = node.pointer("/router/type").and_then(Value::as_str);
    action.map(str::to_owned).or(wait).or_else(|| router.map(str::to_owned)).unwrap_or_else(|| "empty".to_owned())
}

/// A name for a node that has none: the result it keeps, else what it is.
fn called(node: &Value) -> String {
    let result = node.pointer("/router/result_name").and_then(Value::as_str).filter(|name| !name.is_empty());
    let first = actions(node).next();
    let named = first.and_then(|action| action.get("name")).and_then(Value::as_str).filter(|name| !name.is_empty());
    result.or(named).map_or_else(|| kind(node), str::to_owned)
}
