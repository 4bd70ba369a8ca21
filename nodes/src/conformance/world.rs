//! The small world that a node is driven in: a flow around it, and node types that bring it into every situation.

use std::collections::BTreeMap;

use routewright_engine::{
    describe::describe,
    event::{Event, Routed},
    node::{Fault, Next, Node, Registry, Turn},
};
use routewright_flows::{
    Descriptor, ExitName, ExitRole, Flavour, FlowDocument,
    descriptor::{Category, ReferenceKind, Slot},
    slots::{FoundSlot, SlotMap},
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// A registry that can also build the world.
pub(super) fn with_probes(registry: Registry) -> Registry {
    registry.add::<Talk>().add::<Stop>()
}

/// The node under judgement in its flow.
pub(crate) const NODE: &str = "it";

/// One variation of the world.
#[derive(Debug, Clone)]
pub(crate) struct World {
    /// The type of the attributes that the node writes.
    pub attributes: &'static str,
    /// What every calendar says.
    pub calendar: &'static str,
    /// The channel.
    pub channel: &'static str,
    /// What is known of the contact.
    pub contact: Value,
    /// True when the contact has talked with an agent before the flow comes to the node.
    pub after_conversation: bool,
    /// How flows that the node calls end.
    pub called_end: String,
}

/// A flow with one node of this configuration. Each exit ends the flow under its own name.
pub(crate) fn flow(descriptor: &Descriptor, config: &Map<String, Value>, world: &World) -> Option<FlowDocument> {
    let slots = SlotMap::of(&descriptor.config);
    let found = slots.find(config);
    let attributes: BTreeMap<&str, Value> = texts(&found, |slot| *slot == Slot::Attribute)
        .map(|name| (name, json!({ "type": world.attributes })))
        .collect();
    let keys: BTreeMap<&str, Value> = texts(&found, |slot| *slot == Slot::Text)
        .filter_map(|text| text.strip_prefix('@'))
        .map(|key| (key, json!({ "en": "Words.", "fr": "Des mots." })))
        .collect();
    let exits: BTreeMap<String, Value> =
        exits(descriptor, config).into_iter().map(|exit| (exit.clone(), json!({ "end": exit }))).collect();
    let document = json!({
        "schema": 1,
        "id": "conformance",
        "channels": descriptor.channels,
        "attributes": attributes,
        "texts": keys,
        "entry": if world.after_conversation { "before" } else { NODE },
        "nodes": {
            "before": { "kind": Talk::KIND, "exits": { "ended": NODE } },
            NODE: { "kind": descriptor.kind, "config": config, "exits": exits },
        },
    });
    serde_json::from_value(document).ok()
}

/// The exits that a node of this configuration declares.
pub(crate) fn exits(descriptor: &Descriptor, config: &Map<String, Value>) -> Vec<String> {
    let named = descriptor.exits.named_in(config).into_iter().map(|exit| exit.name);
    let fixed = descriptor.exits.fixed_in(config).map(|exit| exit.name.as_str());
    named.chain(fixed).filter(|name| ExitName::new(name).is_ok()).map(str::to_owned).collect()
}

/// The flows that the node calls. Their inputs and outputs are those that the configuration names under `inputs` and
/// `outputs`.
pub(crate) fn called_flows(descriptor: &Descriptor, config: &Map<String, Value>, world: &World) -> Vec<FlowDocument> {
    let slots = SlotMap::of(&descriptor.config);
    let found = slots.find(config);
    let values = |setting: &str| -> Map<String, Value> {
        let names = config.get(setting).and_then(Value::as_object).into_iter().flatten();
        names.map(|(name, _)| (name.clone(), json!({ "type": "string", "default": "value" }))).collect()
    };
    let flows = references(&found, ReferenceKind::Flow).filter_map(|id| {
        let document = json!({
            "schema": 1,
            "id": id,
            "inputs": values("inputs"),
            "attributes": values("outputs"),
            "outputs": values("outputs"),
            "entry": "stop",
            "nodes": { "stop": { "kind": Stop::KIND, "config": { "end": world.called_end } } },
        });
        serde_json::from_value(document).ok()
    });
    flows.collect()
}

/// What the world gives, as a scenario writes it: one agent, away at first, who has every skill; and in every table, of
/// the columns that the configuration names under `where` and `into`, one row of nothing but `gold`.
pub(crate) fn given(descriptor: &Descriptor, config: &Map<String, Value>, world: &World) -> Value {
    let slots = SlotMap::of(&descriptor.config);
    let found = slots.find(config);
    let skills: BTreeMap<&str, u8> =
        references(&found, ReferenceKind::Skill).chain(["default"]).map(|skill| (skill, 1)).collect();
    let calendars: BTreeMap<&str, &str> = references(&found, ReferenceKind::Calendar)
        .chain(["@touchpoint"])
        .map(|calendar| (calendar, world.calendar))
        .collect();
    let question = json!({ "id": "score", "text": { "en": "1 to 5?", "fr": "De 1 à 5 ?" }, "answer": { "type": "scale", "min": 1, "max": 5 } });
    let questionnaires: BTreeMap<&str, Value> = references(&found, ReferenceKind::Questionnaire)
        .map(|questionnaire| (questionnaire, json!({ "questions": [question] })))
        .collect();
    let columns: Vec<&str> = ["where", "into"]
        .iter()
        .filter_map(|setting| config.get(*setting).and_then(Value::as_object))
        .flat_map(|columns| columns.keys().map(String::as_str))
        .collect();
    let row: Map<String, Value> = columns.iter().map(|column| ((*column).to_owned(), json!("gold"))).collect();
    let tables: BTreeMap<&str, Value> = references(&found, ReferenceKind::Table)
        .map(|table| (table, json!({ "columns": columns, "rows": [row] })))
        .collect();
    json!({
        "tables": tables,
        "agents": { "ann": { "skills": skills, "supervisor": true, "available": false } },
        "calendars": calendars,
        "questionnaires": questionnaires,
    })
}

fn texts<'f, 'c>(found: &'f [FoundSlot<'c>], is: impl Fn(&Slot) -> bool + 'f) -> impl Iterator<Item = &'c str> + 'f {
    found.iter().filter(move |found| is(&found.slot)).filter_map(FoundSlot::text)
}

fn references<'f, 'c>(found: &'f [FoundSlot<'c>], kind: ReferenceKind) -> impl Iterator<Item = &'c str> + 'f {
    texts(found, move |slot| *slot == Slot::Reference { to: kind })
}

/// Waits for an agent and until the conversation with him is over.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Talk {}

impl Talk {
    const KIND: &str = "conformance_talk";
}

impl Node for Talk {
    fn descriptor() -> Descriptor {
        describe::<Self>(Self::KIND, Category::Route, Flavour::Waiting)
            .exit("ended", ExitRole::Normal, "The conversation is over.", "La conversation est terminée.")
            .done()
    }

    fn enter(&self, turn: &mut Turn<'_>) -> Result<Next, Fault> {
        turn.enqueue();
        Ok(Next::Wait)
    }

    fn resume(&self, event: &Event, _: &mut Turn<'_>) -> Result<Next, Fault> {
        let over = matches!(event, Event::Routed(Routed::Closed { .. }));
        Ok(if over { Next::exit("ended") } else { Next::Wait })
    }
}

/// Ends a called flow.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Stop {
    end: ExitName,
}

impl Stop {
    const KIND: &str = "conformance_stop";
}

impl Node for Stop {
    fn descriptor() -> Descriptor {
        describe::<Self>(Self::KIND, Category::Finish, Flavour::Terminal).done()
    }

    fn enter(&self, _: &mut Turn<'_>) -> Result<Next, Fault> {
        Ok(Next::End(self.end.clone()))
    }
}
