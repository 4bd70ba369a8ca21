//! FLOIP 1.0.0-rc: a container of flows with shared resources, with the blocks of Turn.io.

mod map;

use serde_json::{Map, Value, json};

use super::{
    connect::without,
    draft::{Draft, Foreign, Step},
    format::Format,
    reading::{Place, Refusal},
    source::{EdgeRole, SourceEdge, SourceFlow, SourceNode},
};

/// The reader.
pub(super) struct Floip;

impl Format for Floip {
    fn read(&self, export: &Value) -> Result<Vec<SourceFlow>, Refusal> {
        let root = Place::root(export);
        root.object()?;
        let container = root.get("data").filter(|data| data.get("flows").is_some()).unwrap_or(root);
        let version = container.text_or_none("specification_version")?.unwrap_or("1.0.0-rc3");
        let version = version.trim_start_matches(|c: char| !c.is_ascii_digit());
        let called = container.text_or_none("name")?.unwrap_or_default();
        let shared = container.list_or_empty("resources")?;
        let flows = container.need_list("flows")?;
        let alone = flows.len() == 1;
        let read = |flow: &Place<'_>| one(flow, &shared, version, alone.then_some(called));
        flows.iter().map(read).collect()
    }

    fn map(&self, flow: &SourceFlow, node: &SourceNode, draft: &mut Draft<'_>) -> Result<Vec<Step>, Foreign> {
        map::map(flow, node, draft)
    }
}

fn one(flow: &Place<'_>, shared: &[Place<'_>], version: &str, called: Option<&str>) -> Result<SourceFlow, Refusal> {
    flow.object()?;
    let mut nodes = Vec::new();
    for block in flow.need_list("blocks")? {
        block.object()?;
        let kind = block.need_text("type")?;
        let name = block.text_or_none("name")?.filter(|name| !name.is_empty());
        let mut edges = Vec::new();
        for exit in block.list_or_empty("exits")? {
            let default = exit.value.get("default").and_then(Value::as_bool).unwrap_or(false);
            let label = exit.text_or_none("name")?.unwrap_or(if default { "default" } else { "exit" });
            let role = if !default && label == "Error" { EdgeRole::Failure } else { EdgeRole::Normal };
            let test = exit.value.get("test").cloned().unwrap_or(Value::Null);
            let edge = SourceEdge::new(label, role, exit.text_or_none("destination_block")?);
            edges.push(edge.when(json!({ "default": default, "test": test })));
        }
        let ui = block.value.pointer("/ui_metadata/canvas_coordinates");
        nodes.push(SourceNode {
            id: block.need_text("uuid")?.to_owned(),
            name: name.map_or_else(|| super::names::snake(kind.rsplit('.').next().unwrap_or(kind)), str::to_owned),
            kind: kind.to_owned(),
            settings: block.get("config").map_or_else(|| json!({}), |place| place.value.clone()),
            payload: block.value.clone(),
            edges,
            position: ui.and_then(|ui| Some((ui.get("x")?.as_f64()?, ui.get("y")?.as_f64()?))),
        });
    }
    let mut resources = Map::new();
    for resource in shared.iter().cloned().chain(flow.list_or_empty("resources")?) {
        resource.object()?;
        resources.insert(resource.need_text("uuid")?.to_owned(), resource.value["values"].clone());
    }
    let own = flow.text_or_none("name")?.unwrap_or_default();
    Ok(SourceFlow {
        id: flow.text_or_none("uuid")?.unwrap_or_default().to_owned(),
        // Turn.io calls every flow "stack"; the container has the name.
        name: called.filter(|called| !called.is_empty()).unwrap_or(own).to_owned(),
        format: format!("floip-{version}"),
        entry: flow.text_or_none("first_block_id")?.map(str::to_owned),
        nodes,
        context: json!({
            "resources": resources,
            "languages": flow.get("languages").map(|place| place.value),
            "timeout_s": flow.get("interaction_timeout").map(|place| place.value),
        }),
        rest: without(flow.value, "blocks"),
    })
}
