//! Steps that several formats need: events for what another system must do, calls to it, and decisions.

use serde_json::{Map, Value, json};

use super::{
    draft::{Draft, Goal, Step},
    names::Names,
    rhai::literal,
};

/// Something that this system does not do itself: an event that says so, to the live stream and whoever listens.
pub(super) fn event(part: &'static str, name: &str, fields: &[(&str, String)]) -> Step {
    let fields: Vec<String> = fields.iter().map(|(key, value)| format!("{}: {value}", literal(key))).collect();
    Step::new("emit_event", part, json!({ "name": name, "data": format!("#{{{}}}", fields.join(", ")) }))
}

/// Keeps values: attributes with formulas.
pub(super) fn set(part: &'static str, values: Map<String, Value>) -> Step {
    Step::new("set_attributes", part, json!({ "set": values }))
}

/// Keeps one value.
pub(super) fn set_one(part: &'static str, attribute: &str, formula: &str) -> Step {
    set(part, Map::from_iter([(attribute.to_owned(), json!(formula))]))
}

/// A length of time of whole seconds, within what a wait may last.
pub(super) fn seconds(seconds: u64) -> String {
    const MONTH: u64 = 30 * 86_400;
    format!("{}s", seconds.clamp(1, MONTH))
}

/// An address of the source with its host bound: the part that names a system goes to the table of bindings, the rest
/// stays. Only what begins with a host written out can be so divided.
pub(super) fn bound_address(url: &str, draft: &mut Draft<'_>) -> Option<(String, usize)> {
    let start = url.find("://")? + 3;
    let end = url[start..].find(['/', '?', '#']).map_or(url.len(), |at| start + at);
    let origin = &url[..end];
    let host = &url[start..end];
    if host.is_empty() || host.contains(['{', '@', '$', ' ']) {
        return None;
    }
    Some((draft.address(origin, host.split('.').next().unwrap_or(host)), end))
}

/// Names for the exits that a node's settings name, apart from those that its kind has already.
pub(super) fn exit_names(taken: &[&str]) -> Names {
    let mut names = Names::default();
    for name in taken {
        names.unique(name, "exit");
    }
    names
}

/// A test of `switch` with its exit.
pub(super) struct Case {
    pub(super) when: Value,
    pub(super) not: bool,
    pub(super) name: String,
    pub(super) goal: Goal,
}

/// A decision over one value. Cases that lead the same way keep exits of their own.
pub(super) fn switch(part: &'static str, value: &str, cases: Vec<Case>, exact: bool) -> Step {
    let mut names = exit_names(&["otherwise", "error"]);
    let mut step = Step::new("switch", part, json!({ "value": value }));
    if exact {
        step.config.insert("exact".to_owned(), json!(true));
    }
    let mut written = Vec::new();
    for Case { when, not, name, goal } in cases {
        let exit = names.unique(&name, "case");
        let mut case = json!({ "when": when, "exit": exit });
        if not {
            case["not"] = json!(true);
        }
        written.push(case);
        step = step.exit(exit, goal);
    }
    step.config.insert("cases".to_owned(), Value::Array(written));
    step
}

/// A decision by conditions, in order; a script where a condition needs one.
pub(super) fn branch(part: &'static str, cases: Vec<(String, bool, String, Goal)>) -> Step {
    let whole_script = cases.iter().any(|(_, whole_script, _, _)| *whole_script);
    let mut names = exit_names(&["otherwise", "error", "done"]);
    let named: Vec<(String, String, Goal)> =
        cases.into_iter().map(|(when, _, name, goal)| (when, names.unique(&name, "case"), goal)).collect();
    if whole_script {
        let script: Vec<String> =
            named.iter().map(|(when, exit, _)| format!("if {when} {{ {} }}", literal(exit))).collect();
        let exits: Vec<&String> = named.iter().map(|(_, exit, _)| exit).collect();
        let step = Step::new("run_script", part, json!({ "script": script.join(" else "), "exits": exits }));
        return named.into_iter().fold(step, |step, (_, exit, goal)| step.exit(exit, goal));
    }
    let written: Vec<Value> = named.iter().map(|(when, exit, _)| json!({ "when": when, "exit": exit })).collect();
    let step = Step::new("branch", part, json!({ "cases": written }));
    named.into_iter().fold(step, |step, (_, exit, goal)| step.exit(exit, goal))
}

/// The exit of a [`branch`] that no condition takes.
pub(super) fn otherwise(step: &Step) -> &'static str {
    if step.kind == "run_script" { "done" } else { "otherwise" }
}
