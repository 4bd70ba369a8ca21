//! What nodes cost: a visit without a script, expressions and scripts beside a bare rhai engine, and a decision table
//! beside hand-written Rust. Both sides of each comparison are measured in the same run.

use std::{collections::BTreeMap, hint::black_box, time::Duration};

use rhai::{Dynamic, Engine, Map, Scope};
use routewright_engine::script::{QueueView, Sandbox};
use routewright_flows::FlowDocument;
use serde_json::{Map as Json, Value, json};

use super::{Figure, board::Board, quantile, scene::Scene, timed};

const ROUNDS: usize = 7;
const CONTACTS: usize = 400;
/// Nodes in a row; less than one event may visit.
const CHAIN: usize = 500;
const EVALUATIONS: usize = 50_000;

/// Measures them all.
///
/// # Errors
/// When something else than what is named would be measured.
pub fn run() -> Result<Vec<Figure>, String> {
    let plain = json!({ "kind": "set_priority", "config": { "priority": 0 } });
    let visit = per_node(&plain, "done")?;
    let table =
        json!({ "kind": "switch", "config": { "value": "contact.fields.tier", "exact": true, "cases": cases() } });
    let decision = per_node(&table, "gold")?.saturating_sub(visit);
    let tried = json!({ "kind": "branch", "config": { "cases": conditions() } });
    let branching = per_node(&tried, "gold")?.saturating_sub(visit);
    let (rust, rust_tried) = (hand_written(), hand_tried());
    let (expression, bare_expression) = expressions(EXPRESSION)?;
    let (evaluated, bare_evaluated) = expressions(EVALUATED)?;
    let laden = laden_expression()?;
    let (script, bare_script) = scripts()?;
    let ratio = |one: Duration, other: Duration| one.as_secs_f64() / other.as_secs_f64().max(1e-9);
    let judged = |what: &str, one: Duration, other: Duration, peer: &str, most: f64| {
        let times = ratio(one, other);
        let value = format!("{} beside {} {peer}: {times:.2} times", ns(one), ns(other));
        Figure::judged(what, value, format!("at most {most} times"), times <= most)
    };
    Ok(vec![
        Figure::judged(
            format!("a visit of a node without a script, over chains of {CHAIN}"),
            ns(visit),
            "at most 300 ns",
            visit.as_nanos() <= 300,
        ),
        judged(
            "`contact.fields.tier == \"gold\" && queue(\"sales\").waiting < 5`",
            expression,
            bare_expression,
            "bare rhai",
            1.2,
        ),
        judged(
            "the same with `+ 1`, which no shortcut takes: the sandbox's engine",
            evaluated,
            bare_evaluated,
            "bare rhai",
            1.2,
        ),
        judged(
            &format!("the same again, while {LADEN} more things are known of the contact"),
            laden,
            evaluated,
            "without them",
            1.2,
        ),
        judged("a ten-line scoring function", script, bare_script, "bare rhai", 1.1),
        judged("a `switch` of ten cases, the visit taken off", decision, rust, "hand-written Rust", 15.0),
        judged(
            "a `branch` that tries ten conditions, the visit taken off",
            branching,
            rust_tried,
            "hand-written Rust",
            15.0,
        ),
    ])
}

fn ns(d: Duration) -> String {
    format!("{:.0} ns", d.as_secs_f64() * 1e9)
}

const TIERS: [&str; 10] = ["iron", "tin", "lead", "zinc", "copper", "brass", "bronze", "steel", "silver", "gold"];

/// Conditions of which the last one holds.
fn conditions() -> Vec<Value> {
    TIERS
        .iter()
        .map(|tier| {
            let exit = if *tier == "gold" { "gold" } else { "other" };
            json!({ "when": format!("contact.fields.tier == \"{tier}\""), "exit": exit })
        })
        .collect()
}

fn cases() -> Vec<Value> {
    TIERS
        .iter()
        .map(|tier| json!({ "when": { "equals": tier }, "exit": if *tier == "gold" { "gold" } else { "other" } }))
        .collect()
}

/// What one more node of this sort in a chain costs one event.
fn per_node(node: &Value, exit: &str) -> Result<Duration, String> {
    let (long, short) = (chain(node, exit, CHAIN)?, chain(node, exit, 1)?);
    let more = u32::try_from(CHAIN - 1).map_err(|e| e.to_string())?;
    Ok(long.saturating_sub(short) / more)
}

/// The time of one first message through so many nodes, the median of several rounds.
fn chain(node: &Value, exit: &str, length: usize) -> Result<Duration, String> {
    let mut nodes = Json::new();
    for n in 0..length {
        let to = if n + 1 == length { json!({ "end": "through" }) } else { json!(format!("n{:03}", n + 1)) };
        let mut node = node.clone();
        node["exits"] = json!({ exit: to, "otherwise": { "end": "astray" }, "other": { "end": "astray" } });
        if node["kind"] == "set_priority" {
            node["exits"] = json!({ exit: to });
        }
        nodes.insert(format!("n{n:03}"), node);
    }
    let flow = json!({ "schema": 1, "id": "chain", "channels": ["webchat"], "entry": "n000", "nodes": nodes });
    let mut samples = Vec::new();
    for _ in 0..ROUNDS {
        samples.push(round(&flow)?);
    }
    Ok(quantile(&mut samples, 0.5))
}

fn round(flow: &Value) -> Result<Duration, String> {
    let mut board = Board::open(flow.clone())?;
    let fields = BTreeMap::from([("tier".to_owned(), json!("gold"))]);
    let inputs: Vec<_> = (0..CONTACTS).map(|n| board.message(n, "bonjour", "hello", fields.clone())).collect();
    let (took, last) = timed(|| {
        let mut last = None;
        for input in inputs {
            last = Some(board.handle(input));
        }
        last
    });
    let facts = last.and_then(Result::ok).map(|output| format!("{:?}", output.facts.last())).unwrap_or_default();
    if !facts.contains("through") {
        return Err(format!("the last contact did not come through: {facts}"));
    }
    Ok(took / u32::try_from(CONTACTS).map_err(|e| e.to_string())?)
}

/// The ten cases as a programmer would write them, over the same JSON value.
fn hand_written() -> Duration {
    let fields = BTreeMap::from([("tier".to_owned(), json!("gold"))]);
    let decide = |fields: &BTreeMap<String, Value>| match fields.get("tier").and_then(Value::as_str) {
        Some("gold") => "gold",
        Some("iron" | "tin" | "lead" | "zinc" | "copper" | "brass" | "bronze" | "steel" | "silver") => "other",
        Some(_) | None => "otherwise",
    };
    median(|| black_box(decide(black_box(&fields))) == "gold")
}

/// The ten conditions as a programmer would write a list of them, each by itself over the same JSON value.
fn hand_tried() -> Duration {
    let fields = BTreeMap::from([("tier".to_owned(), json!("gold"))]);
    let is = |fields: &BTreeMap<String, Value>, tier: &str| fields.get("tier").and_then(Value::as_str) == Some(tier);
    let decide = |fields: &BTreeMap<String, Value>| {
        let first = TIERS.iter().find(|tier| is(black_box(fields), tier));
        first.map_or("otherwise", |tier| if *tier == "gold" { "gold" } else { "other" })
    };
    median(|| black_box(decide(black_box(&fields))) == "gold")
}

/// The mean of many, the median of several rounds.
fn median(mut job: impl FnMut() -> bool) -> Duration {
    let mut samples = Vec::new();
    for _ in 0..ROUNDS {
        let (took, right) = timed(|| (0..EVALUATIONS).filter(|_| job()).count());
        // A job that is not done right is worth no figure.
        samples.push(if right == EVALUATIONS { took / 50_000 } else { Duration::MAX });
    }
    quantile(&mut samples, 0.5)
}

const EXPRESSION: &str = "contact.fields.tier == \"gold\" && queue(\"sales\").waiting < 5";

/// The same decision in words that no shortcut understands, so that the sandbox's engine is measured too.
const EVALUATED: &str = "contact.fields.tier == \"gold\" && queue(\"sales\").waiting + 1 < 6";

const SCORE: &str = r#"
let score = 0;
if contact.fields.tier == "gold" { score += 50; }
if contact.fields.tier == "silver" { score += 20; }
if contact.fields.orders > 10 { score += 15; }
if contact.fields.orders > 100 { score += 15; }
if contact.fields.late { score += 10; }
let waiting = contact.fields.minutes;
while waiting > 10 { waiting -= 10; score += 1; }
if score > 100 { score = 100; }
score
"#;

/// Things known of a contact of whom much is known: 64 KiB of them.
const LADEN: usize = 1_000;

/// Our side of the evaluated expression, for a contact of whom much is known: what a script does not read is not
/// copied for it.
fn laden_expression() -> Result<Duration, String> {
    let known = (0..LADEN).map(|n| (format!("fact_{n}"), json!(format!("{n:050}"))));
    let fields: Json<String, Value> = known.chain([("tier".to_owned(), json!("gold"))]).collect();
    let seen = Scene::new(Value::Object(fields), json!({}), Some(QueueView { waiting: 2, agents: 3, available: 1 }))?;
    let sandbox = Sandbox::new();
    let program = sandbox.compile_condition(EVALUATED, &document()?).map_err(|e| format!("{e:?}"))?;
    Ok(median(|| matches!(sandbox.test(&program, &seen), Ok(true))))
}

fn expressions(source: &str) -> Result<(Duration, Duration), String> {
    let (sandbox, seen) = (Sandbox::new(), seen()?);
    let document = document()?;
    let program = sandbox.compile_condition(source, &document).map_err(|e| format!("{e:?}"))?;
    let ours = median(|| matches!(sandbox.test(&program, &seen), Ok(true)));
    let engine = bare();
    let ast = engine.compile_expression(source).map_err(|e| e.to_string())?;
    let fields = Map::from_iter([("tier".into(), "gold".into())]);
    let theirs = median(|| {
        let contact = Map::from_iter([("fields".into(), Dynamic::from_map(fields.clone()))]);
        let mut scope = Scope::new();
        scope.push("contact", contact);
        engine.eval_ast_with_scope::<bool>(&mut scope, &ast).unwrap_or(false)
    });
    Ok((ours, theirs))
}

fn scripts() -> Result<(Duration, Duration), String> {
    let (sandbox, seen) = (Sandbox::new(), seen()?);
    let document = document()?;
    let program = sandbox.compile_script(SCORE, &document).map_err(|e| format!("{e:?}"))?;
    let ours = median(|| sandbox.run(&program, &seen).is_ok_and(|score| score == json!(82)));
    let engine = bare();
    let ast = engine.compile(SCORE).map_err(|e| e.to_string())?;
    let fields: Map = Map::from_iter([
        ("tier".into(), "gold".into()),
        ("orders".into(), Dynamic::from_int(40)),
        ("late".into(), true.into()),
        ("minutes".into(), Dynamic::from_int(75)),
    ]);
    let theirs = median(|| {
        let contact = Map::from_iter([("fields".into(), Dynamic::from_map(fields.clone()))]);
        let mut scope = Scope::new();
        scope.push("contact", contact);
        engine.eval_ast_with_scope::<rhai::INT>(&mut scope, &ast).is_ok_and(|score| score == 82)
    });
    Ok((ours, theirs))
}

/// An engine with the standard package and the one function that the expression needs.
fn bare() -> Engine {
    let mut engine = Engine::new();
    engine.register_fn("queue", |_: &str| -> Map { Map::from_iter([("waiting".into(), Dynamic::from_int(2))]) });
    engine
}

fn document() -> Result<FlowDocument, String> {
    let flow = json!({ "schema": 1, "id": "alone", "entry": "n", "nodes": { "n": { "kind": "close", "exits": {} } } });
    serde_json::from_value(flow).map_err(|e| e.to_string())
}

/// What the scripts see.
fn seen() -> Result<Scene, String> {
    let fields = json!({ "tier": "gold", "orders": 40, "late": true, "minutes": 75 });
    Scene::new(fields, json!({}), Some(QueueView { waiting: 2, agents: 3, available: 1 }))
}
