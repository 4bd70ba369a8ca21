//! The JSON Schema of whole flow documents, with every kind's configuration and fixed exits in it: what editors complete
//! and mark from while somebody types. The checks say more; this says it sooner.

use schemars::schema_for;
use serde_json::{Value, json};

use crate::{
    check::Kinds,
    descriptor::{Descriptor, ExitRole, FRENCH_KEYWORD},
    document::FlowDocument,
};

/// The schema of flow documents over these kinds.
#[must_use]
pub fn document_schema(kinds: &dyn Kinds) -> Value {
    let mut schema = schema_for!(FlowDocument).to_value();
    let names = kinds.kinds();
    let rules: Vec<Value> = names.iter().filter_map(|name| kinds.descriptor(name)).map(rule).collect();
    if let Some(node) = schema.pointer_mut("/$defs/NodeDocument").and_then(Value::as_object_mut) {
        if let Some(kind) = node.get_mut("properties").and_then(|properties| properties.get_mut("kind")) {
            let titles: Vec<&str> =
                names.iter().filter_map(|name| kinds.descriptor(name)).map(|d| d.title.en.as_str()).collect();
            *kind = json!({ "enum": names, "enumDescriptions": titles, "description": "The kind of node." });
        }
        node.insert("allOf".to_owned(), Value::Array(rules));
    }
    schema
}

/// What holds of the nodes of one kind.
fn rule(descriptor: &Descriptor) -> Value {
    let exits = &descriptor.exits;
    let known = exits.fixed.iter().map(|exit| (exit.name.to_string(), said(&exit.docs.en, &exit.docs.fr))).collect();
    let wired: Vec<&str> = exits
        .fixed
        .iter()
        .filter(|exit| exit.role != ExitRole::Error && exit.only_if.is_none())
        .map(|exit| exit.name.as_str())
        .collect();
    let config_must_be_there =
        descriptor.config.get("required").and_then(Value::as_array).is_some_and(|r| !r.is_empty());
    let mut required: Vec<&str> = Vec::new();
    if config_must_be_there {
        required.push("config");
    }
    if !wired.is_empty() {
        required.push("exits");
    }
    json!({
        "if": { "properties": { "kind": { "const": descriptor.kind } }, "required": ["kind"] },
        "then": {
            "properties": {
                "kind": said(&summary(&descriptor.title.en, &descriptor.docs.en), &summary(&descriptor.title.fr, &descriptor.docs.fr)),
                "config": descriptor.config,
                "exits": {
                    "properties": Value::Object(known),
                    "required": wired,
                    "additionalProperties": exits.from_config.is_some(),
                },
            },
            "required": required,
        },
    })
}

/// What editors show of a place.
fn said(en: &str, fr: &str) -> Value {
    json!({ "description": en, FRENCH_KEYWORD: fr })
}

/// What a kind is called, and the first paragraph of its page.
fn summary(title: &str, page: &str) -> String {
    let paragraph = page.lines().find(|line| !line.trim().is_empty() && !line.starts_with('#')).unwrap_or_default();
    format!("{title}. {paragraph}")
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::document_schema;
    use crate::testing::{self, FewKinds};

    #[test]
    fn the_schema_knows_each_kind_s_configuration_and_exits() {
        let schema = document_schema(&FewKinds::new());
        let validator = jsonschema::validator_for(&schema).expect("a schema");
        assert!(validator.is_valid(&testing::sound()));
        let edits: [fn(&mut Value); 6] = [
            |d| d["nodes"]["bye"]["kind"] = json!("nonsense"),
            |d| d["nodes"]["menu"]["config"]["attempts"] = json!("three"),
            |d| d["nodes"]["hours"]["config"] = json!({}),
            |d| d["nodes"]["hours"]["exits"] = json!({ "open": "menu" }),
            |d| d["nodes"]["hours"]["exits"]["holiday"] = json!("menu"),
            |d| d["nodes"]["apologise"] = json!({ "kind": "send_message", "config": { "text": "@sorry" } }),
        ];
        for (index, edit) in edits.into_iter().enumerate() {
            let mut document = testing::sound();
            edit(&mut document);
            assert!(!validator.is_valid(&document), "edit {index}");
        }
        let said =
            |pointer: &str| schema["$defs"]["NodeDocument"].pointer(pointer).and_then(Value::as_str).unwrap_or("");
        for kind in [
            "/properties/kind/description",
            "/allOf/0/then/properties/kind/description",
            "/allOf/0/then/properties/kind/x-fr",
        ] {
            assert!(!said(kind).is_empty(), "{kind}");
        }
        let mut named = testing::sound();
        named["nodes"]["menu"]["exits"]["named_by_config"] = json!("bye");
        assert!(validator.is_valid(&named), "exits named by the configuration are the checker's");
    }
}
