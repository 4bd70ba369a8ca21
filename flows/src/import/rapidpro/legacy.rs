//! Definitions older than 11.12 (sets of actions and sets of rules), brought into the shape of the current ones.

use serde_json::{Value, json};

use crate::import::{
    reading::{Place, Refusal},
    source::{EdgeRole, SourceEdge, SourceFlow, SourceNode},
};

pub(super) fn read(flow: &Place<'_>) -> Result<SourceFlow, Refusal> {
    let language = flow.text_or_none("base_language")?.unwrap_or("base").to_owned();
    let mut nodes = Vec::new();
    for set in flow.list_or_empty("action_sets")? {
        set.object()?;
        let actions: Vec<Value> =
            set.list_or_empty("actions")?.iter().map(|action| modern(action.value, &language)).collect();
        let kind = set.value.pointer("/actions/0/type").and_then(Value::as_str).unwrap_or("actions");
        nodes.push(SourceNode {
            id: set.need_text("uuid")?.to_owned(),
            name: actions.first().and_then(|a| a.get("type")).and_then(Value::as_str).unwrap_or("actions").to_owned(),
            kind: kind.to_owned(),
            settings: json!({ "actions": actions }),
            payload: set.value.clone(),
            edges: vec![SourceEdge::new("next", EdgeRole::Normal, set.text_or_none("destination")?)],
            position: position(set.value),
        });
    }
    for set in flow.list_or_empty("rule_sets")? {
        set.object()?;
        nodes.push(rules(&set, &language)?);
    }
    let metadata = flow.value.get("metadata").unwrap_or(&Value::Null);
    let about =
        |key: &str| metadata.get(key).or_else(|| flow.value.get(key)).and_then(Value::as_str).unwrap_or_default();
    let version = match flow.get("version").map(|place| place.value) {
        Some(Value::String(version)) => version.clone(),
        Some(other) => other.to_string(),
        None => String::from("7"),
    };
    let mut rest = flow.value.clone();
    if let Value::Object(fields) = &mut rest {
        fields.remove("action_sets");
        fields.remove("rule_sets");
    }
    Ok(SourceFlow {
        id: about("uuid").to_owned(),
        name: about("name").to_owned(),
        format: format!("rapidpro-legacy-{version}"),
        entry: flow.text_or_none("entry")?.map(str::to_owned),
        nodes,
        rest,
        context: json!({ "language": language, "expires_min": metadata.get("expires") }),
    })
}

fn rules(set: &Place<'_>, language: &str) -> Result<SourceNode, Refusal> {
    let kind = set.need_text("ruleset_type")?;
    let mut edges = Vec::new();
    let mut cases = Vec::new();
    let mut categories = Vec::new();
    let mut default = Value::Null;
    let mut timeout = Value::Null;
    for (at, rule) in set.need_list("rules")?.iter().enumerate() {
        let id = rule.text_or_none("uuid")?.map_or_else(|| format!("rule-{at}"), str::to_owned);
        let test = rule.get("test").map_or(Value::Null, |place| place.value.clone());
        let test_type = test.get("type").and_then(Value::as_str).unwrap_or_default();
        let name = rule.get("category").map_or_else(|| format!("case {at}"), |place| words(place.value, language));
        let role = match (test_type, name.as_str()) {
            ("timeout", _) => EdgeRole::Timeout,
            (_, "Failure") => EdgeRole::Failure,
            _ => EdgeRole::Normal,
        };
        edges.push(SourceEdge::new(&name, role, rule.text_or_none("destination")?).when(json!(id)));
        categories.push(json!({ "uuid": id, "name": name, "exit_uuid": id }));
        match test_type {
            "true" => default = json!(id),
            "timeout" => {
                let minutes = test.get("minutes").and_then(Value::as_u64).unwrap_or(5);
                timeout = json!({ "seconds": minutes.saturating_mul(60), "category_uuid": id });
            }
            _ => {
                let (test, arguments) = test_of(&test, language);
                cases.push(json!({ "uuid": id, "type": test, "arguments": arguments, "category_uuid": id }));
            }
        }
    }
    let wait = match kind {
        kind if kind.starts_with("wait_") => json!({ "type": "msg", "timeout": timeout }),
        _ => Value::Null,
    };
    let label = set.text_or_none("label")?.unwrap_or_default();
    let operand =
        if kind == "form_field" { "@step.value" } else { set.text_or_none("operand")?.unwrap_or("@step.value") };
    let router_type = if kind == "random" { "random" } else { "switch" };
    Ok(SourceNode {
        id: set.need_text("uuid")?.to_owned(),
        name: if label.is_empty() { kind.to_owned() } else { label.to_owned() },
        kind: kind.to_owned(),
        settings: json!({
            "actions": asked(set.value, kind),
            "form_field": if kind == "form_field" { set.value.get("config").cloned() } else { None },
            "router": {
                "type": router_type, "wait": wait, "operand": operand, "cases": cases, "categories": categories,
                "default_category_uuid": default, "result_name": label,
            },
        }),
        payload: set.value.clone(),
        edges,
        position: position(set.value),
    })
}

/// What a set of rules does before it decides: calls another flow or a webhook.
fn asked(set: &Value, kind: &str) -> Vec<Value> {
    let config = set.get("config").unwrap_or(&Value::Null);
    match kind {
        "subflow" => vec![json!({ "type": "enter_flow", "flow": config.get("flow") })],
        "webhook" | "resthook" => vec![json!({
            "type": if kind == "webhook" { "call_webhook" } else { "call_resthook" },
            "url": config.get("webhook").or_else(|| set.get("webhook")),
            "method": config.get("webhook_action").or_else(|| set.get("webhook_action")),
            "headers": config.get("webhook_headers"),
        })],
        _ => Vec::new(),
    }
}

/// A text of one language, or of several, as one.
fn words(value: &Value, language: &str) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Object(texts) => {
            texts.get(language).or_else(|| texts.values().next()).and_then(Value::as_str).unwrap_or_default().to_owned()
        }
        _ => String::new(),
    }
}

/// The words of every language.
fn all_words(value: Option<&Value>) -> String {
    match value {
        Some(Value::Object(texts)) => texts.values().filter_map(Value::as_str).collect::<Vec<_>>().join(" "),
        Some(Value::String(text)) => text.clone(),
        Some(_) | None => String::new(),
    }
}

/// An older action in the words of the current ones.
fn modern(action: &Value, language: &str) -> Value {
    let kind = action.get("type").and_then(Value::as_str).unwrap_or_default();
    let texts = |key: &str| action.get(key).cloned().unwrap_or(Value::Null);
    match kind {
        "reply" => json!({ "type": "send_msg", "texts": texts("msg"), "text": words(&texts("msg"), language) }),
        "say" => json!({ "type": "say_msg", "texts": texts("msg"), "text": words(&texts("msg"), language) }),
        "save" => match action.get("field").and_then(Value::as_str) {
            Some("name" | "first_name") => json!({ "type": "set_contact_name", "name": action.get("value") }),
            field => json!({
                "type": "set_contact_field", "field": { "key": field, "name": action.get("label") },
                "value": action.get("value"),
            }),
        },
        "add_group" => json!({ "type": "add_contact_groups", "groups": action.get("groups") }),
        "del_group" => json!({ "type": "remove_contact_groups", "groups": action.get("groups") }),
        "add_label" => json!({ "type": "add_input_labels", "labels": action.get("labels") }),
        "lang" => json!({ "type": "set_contact_language", "language": action.get("lang") }),
        "flow" => json!({ "type": "enter_flow", "terminal": true, "flow": action.get("flow") }),
        "trigger-flow" => json!({ "type": "start_session", "flow": action.get("flow") }),
        "email" => json!({
            "type": "send_email", "addresses": action.get("emails"), "subject": action.get("subject"),
            "body": action.get("msg"),
        }),
        _ => action.clone(),
    }
}

/// An older test in the words of the current ones, with its arguments.
fn test_of(test: &Value, language: &str) -> (String, Vec<String>) {
    let argument = |key: &str| match test.get(key) {
        Some(Value::Number(number)) => number.to_string(),
        Some(value) => words(value, language),
        None => String::new(),
    };
    let kind = test.get("type").and_then(Value::as_str).unwrap_or_default();
    let one = |name: &str| (name.to_owned(), vec![argument("test")]);
    match kind {
        // Answers count in whatever language they are given.
        "contains_any" => ("has_any_word".to_owned(), vec![all_words(test.get("test"))]),
        "contains" => one("has_all_words"),
        "contains_phrase" => one("has_phrase"),
        "contains_only_phrase" => one("has_only_phrase"),
        "starts" => one("has_beginning"),
        "regex" => one("has_pattern"),
        "eq" => one("has_number_eq"),
        "lt" => one("has_number_lt"),
        "lte" => one("has_number_lte"),
        "gt" => one("has_number_gt"),
        "gte" => one("has_number_gte"),
        "between" => ("has_number_between".to_owned(), vec![argument("min"), argument("max")]),
        "number" => ("has_number".to_owned(), Vec::new()),
        "phone" => ("has_phone".to_owned(), Vec::new()),
        "date" => ("has_date".to_owned(), Vec::new()),
        "date_before" => one("has_date_lt"),
        "date_after" => one("has_date_gt"),
        "date_equal" => one("has_date_eq"),
        "not_empty" => ("has_text".to_owned(), Vec::new()),
        "subflow" => ("run_exited".to_owned(), vec![argument("exit_type")]),
        "webhook_status" => ("webhook_status".to_owned(), vec![argument("status")]),
        other => (other.to_owned(), vec![argument("test")]),
    }
}

fn position(value: &Value) -> Option<(f64, f64)> {
    Some((value.get("x")?.as_f64()?, value.get("y")?.as_f64()?))
}
