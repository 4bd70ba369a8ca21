//! Definitions of version 12, the first of the engine: exits have the names, and cases lead to them. Brought into the
//! shape of the current ones, where categories stand between the two.

use serde_json::{Map, Value, json};

/// A node in the shape of version 13; none when it has that already.
pub(super) fn modern(node: &Value) -> Option<Value> {
    let router = node.get("router");
    let exits = node.get("exits").and_then(Value::as_array)?;
    let is_early = exits.iter().any(|exit| exit.get("destination_node_uuid").is_some())
        || router.is_some_and(|router| router.is_object() && router.get("categories").is_none());
    if !is_early {
        return None;
    }
    let mut modern = node.clone();
    modern["exits"] = exits.iter().map(exit).collect();
    if let Some(router) = router.filter(|router| router.is_object()) {
        modern["router"] = self::router(router, exits, node.get("wait"));
    }
    Some(modern)
}

fn exit(exit: &Value) -> Value {
    let to = exit.get("destination_node_uuid").or_else(|| exit.get("destination_uuid"));
    json!({ "uuid": exit.get("uuid"), "destination_uuid": to })
}

fn router(router: &Value, exits: &[Value], wait: Option<&Value>) -> Value {
    let mut modern: Map<String, Value> = router.as_object().cloned().unwrap_or_default();
    let category = |exit: &Value| {
        let name = exit.get("name").or_else(|| exit.get("label")).and_then(Value::as_str).unwrap_or_default();
        json!({ "uuid": exit.get("uuid"), "name": name, "exit_uuid": exit.get("uuid") })
    };
    modern.insert("categories".to_owned(), exits.iter().map(category).collect());
    if let Some(default) = modern.remove("default_exit_uuid") {
        modern.insert("default_category_uuid".to_owned(), default);
    }
    // What the contact wrote had other names.
    let operand = modern.get("operand").and_then(Value::as_str).unwrap_or_default();
    if matches!(operand, "" | "@input" | "@run.input") {
        modern.insert("operand".to_owned(), json!("@input.text"));
    }
    let cases = modern.remove("cases");
    let (silence, cases): (Vec<Value>, Vec<Value>) = cases
        .as_ref()
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .map(case)
        .partition(|case| case.get("type").is_some_and(|test| test == "has_wait_timed_out"));
    modern.insert("cases".to_owned(), Value::Array(cases));
    if let Some(wait) = wait.filter(|wait| wait.is_object()) {
        let mut waits = wait.clone();
        waits["timeout"] = match (wait.get("timeout").and_then(Value::as_u64), silence.first()) {
            (Some(seconds), Some(case)) => json!({ "seconds": seconds, "category_uuid": case["category_uuid"] }),
            (Some(seconds), None) => {
                json!({ "seconds": seconds, "category_uuid": modern.get("default_category_uuid") })
            }
            (None, _) => Value::Null,
        };
        modern.insert("wait".to_owned(), waits);
    }
    Value::Object(modern)
}

fn case(case: &Value) -> Value {
    let mut modern = case.clone();
    if !modern.is_object() {
        return modern;
    }
    let words = case.get("arguments").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    if case.get("type").is_some_and(|test| test == "has_any_word") {
        modern["arguments"] = json!([words.collect::<Vec<_>>().join(" ")]);
    }
    modern["category_uuid"] = case.get("exit_uuid").cloned().unwrap_or_default();
    modern
}
