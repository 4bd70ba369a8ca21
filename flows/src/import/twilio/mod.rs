//! Twilio Studio, draft/2019-09: the definition itself, or the API's answer around it.

mod liquid;
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
pub(super) struct Twilio;

impl Format for Twilio {
    fn read(&self, export: &Value) -> Result<Vec<SourceFlow>, Refusal> {
        let mut flow = Place::root(export);
        flow.object()?;
        let envelope = flow.clone();
        while flow.get("states").is_none() {
            let Some(inner) = ["definition", "flow"].iter().find_map(|key| flow.get(key)) else { break };
            inner.object()?;
            flow = inner;
        }
        let entry = flow.need_text("initial_state")?;
        let mut nodes = Vec::new();
        for state in flow.need_list("states")? {
            state.object()?;
            nodes.push(widget(&state)?);
        }
        let called = |key| envelope.value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        Ok(vec![SourceFlow {
            id: called("sid"),
            name: called("friendly_name"),
            format: "twilio-2019-09".to_owned(),
            entry: Some(entry.to_owned()),
            nodes,
            rest: without(flow.value, "states"),
            context: Value::Null,
        }])
    }

    fn map(&self, flow: &SourceFlow, node: &SourceNode, draft: &mut Draft<'_>) -> Result<Vec<Step>, Foreign> {
        map::map(flow, node, draft)
    }
}

fn widget(state: &Place<'_>) -> Result<SourceNode, Refusal> {
    let name = state.need_text("name")?;
    let kind = state.need_text("type")?;
    let mut edges = Vec::new();
    for transition in state.list_or_empty("transitions")? {
        let event = transition.need_text("event")?;
        let role = match event {
            "timeout" | "noAudio" => EdgeRole::Timeout,
            event if event.contains("ail") || event.contains("rror") => EdgeRole::Failure,
            _ => EdgeRole::Normal,
        };
        let conditions = transition.get("conditions").map_or(Value::Null, |place| place.value.clone());
        edges.push(SourceEdge::new(event, role, transition.text_or_none("next")?).when(conditions));
    }
    let settings = state.get("properties").map_or_else(|| json!({}), |place| place.value.clone());
    let offset = settings.get("offset");
    let axis = |name| offset.and_then(|offset| offset.get(name)).and_then(Value::as_f64);
    Ok(SourceNode {
        id: name.to_owned(),
        name: name.to_owned(),
        kind: kind.to_owned(),
        position: axis("x").zip(axis("y")),
        settings,
        payload: state.value.clone(),
        edges,
    })
}
