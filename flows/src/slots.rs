//! Slots: the strings of a configuration that are more than strings (scripts, texts, references), found by walking the
//! kind's JSON Schema and the configuration side by side.
//!
//! The schema is read once per kind; of it only the ways that lead to slots are kept, so that looking through a
//! configuration costs what its slots cost. `$ref` is not followed: descriptors' schemas are inlined.

use std::collections::BTreeMap;

use jsonschema::Validator;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::{
    descriptor::{SLOT_KEYWORD, Slot},
    source::escape,
};

/// The ways through a schema that lead to slots.
#[derive(Debug, Default)]
pub struct SlotMap {
    slot: Option<Slot>,
    properties: BTreeMap<String, SlotMap>,
    /// For members that `properties` does not name.
    others: Option<Box<SlotMap>>,
    keys: Option<Slot>,
    first_items: Vec<SlotMap>,
    items: Option<Box<SlotMap>>,
    /// Forms of which a value takes those that accept it.
    forms: Vec<(Validator, SlotMap)>,
}

/// One slot that a configuration fills.
#[derive(Debug, Clone, PartialEq)]
pub struct FoundSlot<'c> {
    /// JSON pointer into the configuration.
    pub pointer: String,
    /// What it holds.
    pub slot: Slot,
    /// What is written there.
    pub content: SlotContent<'c>,
}

/// What fills a slot.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum SlotContent<'c> {
    /// A value.
    Value(&'c Value),
    /// The key of an object's member.
    Key(&'c str),
}

impl<'c> FoundSlot<'c> {
    /// The text in the slot, unless it holds something else.
    #[must_use]
    pub fn text(&self) -> Option<&'c str> {
        match self.content {
            SlotContent::Value(value) => value.as_str(),
            SlotContent::Key(key) => Some(key),
        }
    }
}

impl SlotMap {
    /// Reads a schema.
    #[must_use]
    pub fn of(schema: &Value) -> Self {
        let slots = |keyword: &str| schema.get(keyword).map(Self::of).filter(|map| !map.is_empty()).map(Box::new);
        let object = |keyword: &str| schema.get(keyword).and_then(Value::as_object).into_iter().flatten();
        let list = |keyword: &str| schema.get(keyword).and_then(Value::as_array).into_iter().flatten();
        let patterns = object("patternProperties").map(|(_, schema)| Self::of(schema)).find(|map| !map.is_empty());
        let properties: BTreeMap<String, Self> =
            object("properties").map(|(name, schema)| (name.clone(), Self::of(schema))).collect();
        let others = patterns.map(Box::new).or_else(|| slots("additionalProperties"));
        // A property without slots still hides `others`, so it is dropped only where there are none.
        let properties = properties.into_iter().filter(|(_, map)| others.is_some() || !map.is_empty()).collect();
        let mut first_items: Vec<Self> = list("prefixItems").map(Self::of).collect();
        if first_items.iter().all(Self::is_empty) {
            first_items.clear();
        }
        let forms = ["anyOf", "oneOf", "allOf"].into_iter().flat_map(list).filter_map(|form| {
            let map = Self::of(form);
            (!map.is_empty()).then(|| jsonschema::validator_for(form).ok().map(|validator| (validator, map)))?
        });
        Self {
            slot: slot_of(schema),
            properties,
            others,
            keys: schema.get("propertyNames").and_then(slot_of),
            first_items,
            items: slots("items"),
            forms: forms.collect(),
        }
    }

    /// Every slot that a configuration fills, in its order.
    #[must_use]
    pub fn find<'c>(&self, config: &'c Map<String, Value>) -> Vec<FoundSlot<'c>> {
        let mut found = Vec::new();
        self.walk_fields(config, "", &mut found);
        if !self.forms.is_empty() {
            // Forms judge a value, so one is made; no standard kind has forms at the top.
            let whole = Value::Object(config.clone());
            for (_, map) in self.forms.iter().filter(|(validator, _)| validator.is_valid(&whole)) {
                found.extend(map.find(config));
            }
        }
        found
    }

    fn is_empty(&self) -> bool {
        self.slot.is_none()
            && self.keys.is_none()
            && self.properties.is_empty()
            && self.others.is_none()
            && self.first_items.is_empty()
            && self.items.is_none()
            && self.forms.is_empty()
    }

    fn walk<'c>(&self, value: &'c Value, pointer: &str, found: &mut Vec<FoundSlot<'c>>) {
        if let (Some(slot), false) = (&self.slot, value.is_null()) {
            let content = SlotContent::Value(value);
            found.push(FoundSlot { pointer: pointer.to_owned(), slot: slot.clone(), content });
            return;
        }
        for (_, map) in self.forms.iter().filter(|(validator, _)| validator.is_valid(value)) {
            map.walk(value, pointer, found);
        }
        match value {
            Value::Object(fields) => self.walk_fields(fields, pointer, found),
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    if let Some(map) = self.first_items.get(index).or(self.items.as_deref()) {
                        map.walk(item, &format!("{pointer}/{index}"), found);
                    }
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }

    fn walk_fields<'c>(&self, fields: &'c Map<String, Value>, pointer: &str, found: &mut Vec<FoundSlot<'c>>) {
        for (key, value) in fields {
            let inner = self.properties.get(key).or(self.others.as_deref());
            if inner.is_none() && self.keys.is_none() {
                continue;
            }
            let pointer = format!("{pointer}/{}", escape(key));
            if let Some(slot) = &self.keys {
                let content = SlotContent::Key(key);
                found.push(FoundSlot { pointer: pointer.clone(), slot: slot.clone(), content });
            }
            if let Some(map) = inner {
                map.walk(value, &pointer, found);
            }
        }
    }
}

fn slot_of(schema: &Value) -> Option<Slot> {
    Slot::deserialize(schema.get(SLOT_KEYWORD)?).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::SlotMap;

    fn found(schema: &Value, config: &Value) -> Vec<String> {
        let config = config.as_object().expect("an object");
        SlotMap::of(schema).find(config).into_iter().map(|slot| slot.pointer).collect()
    }

    fn script() -> Value {
        json!({ "type": "string", "x-slot": { "slot": "script" } })
    }

    #[test]
    fn slots_are_found_wherever_a_schema_can_put_them() {
        let cases = [
            (json!({ "properties": { "a": script() } }), json!({ "a": "x", "b": "y" }), vec!["/a"]),
            (json!({ "additionalProperties": script() }), json!({ "k/1": "x" }), vec!["/k~11"]),
            (json!({ "patternProperties": { "^k": script() } }), json!({ "k": "x" }), vec!["/k"]),
            (json!({ "propertyNames": script() }), json!({ "k": 1 }), vec!["/k"]),
            (
                json!({ "properties": { "a": { "items": { "properties": { "b": script() } } } } }),
                json!({ "a": [{ "b": "x" }, {}, { "b": "y" }] }),
                vec!["/a/0/b", "/a/2/b"],
            ),
            (
                json!({ "properties": { "a": { "prefixItems": [{}, script()] } } }),
                json!({ "a": ["x", "y"] }),
                vec!["/a/1"],
            ),
            (
                json!({ "properties": { "a": { "anyOf": [script(), { "type": "null" }] } } }),
                json!({ "a": "x" }),
                vec!["/a"],
            ),
            (
                json!({ "properties": { "a": { "anyOf": [script(), { "type": "null" }] } } }),
                json!({ "a": null }),
                vec![],
            ),
            (
                json!({ "properties": { "plain": { "type": "string" } }, "additionalProperties": script() }),
                json!({ "plain": "x", "other": "y" }),
                vec!["/other"],
            ),
        ];
        for (schema, config, expected) in cases {
            assert_eq!(found(&schema, &config), expected, "{schema} on {config}");
        }
    }

    #[test]
    fn only_the_forms_that_accept_a_value_give_slots() {
        let form = |tag: &str, inner: Value| json!({ "properties": { "type": { "const": tag }, "v": inner }, "required": ["type"] });
        let schema = json!({ "properties": { "a": { "oneOf": [form("s", script()), form("p", json!({ "type": "string" }))] } } });
        assert_eq!(found(&schema, &json!({ "a": { "type": "s", "v": "1" } })), ["/a/v"]);
        assert!(found(&schema, &json!({ "a": { "type": "p", "v": "1" } })).is_empty());
    }
}
