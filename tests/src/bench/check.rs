//! Time to check a document, and how it grows with the number of nodes.

use routewright_engine::script::Sandbox;
use routewright_flows::{
    check::{Anything, Checker},
    parse::parse,
};
use serde_json::{Value, json};

use super::{Figure, ms, quantile, timed};

const ROUNDS: usize = 9;

/// Measures 10 to 10,000 nodes.
///
/// # Errors
/// When a measured document has findings: then something else would be measured.
pub fn run() -> Result<Vec<Figure>, String> {
    let registry = routewright_nodes::standard();
    let checker = Checker::new(&registry).map_err(|e| e.to_string())?;
    let sandbox = Sandbox::new();
    let mut figures = Vec::new();
    let mut per_unit = Vec::new();
    for nodes in [10_usize, 100, 1_000, 2_000, 10_000] {
        let text = document(nodes).to_string();
        let mut samples = Vec::new();
        for _ in 0..ROUNDS {
            let (took, report) = timed(|| parse(&text).map(|parsed| checker.check(&parsed, &sandbox, &Anything)));
            let report = report.map_err(|f| format!("{nodes} nodes do not parse: {:?}", f.first()))?;
            if let Some(finding) = report.findings.first() {
                return Err(format!("{nodes} nodes: {finding:?}"));
            }
            samples.push(took);
        }
        let median = quantile(&mut samples, 0.5);
        #[expect(clippy::cast_precision_loss, reason = "node counts")]
        let n = nodes as f64;
        per_unit.push(median.as_secs_f64() / (n * n.log2()));
        let what = format!("parse and check {nodes} nodes, {} KiB", text.len() / 1024);
        figures.push(if nodes == 2_000 {
            Figure::judged(what, ms(median), "at most 50 ms", median.as_millis() < 50)
        } else {
            Figure::noted(what, ms(median))
        });
    }
    let growth = per_unit[4] / per_unit[2];
    figures.push(Figure::judged(
        "time over n log n, 10,000 nodes against 1,000",
        format!("{growth:.2}"),
        "no growth beyond n log n (about 1; 1.5 allows for caches)",
        growth < 1.5,
    ));
    Ok(figures)
}

/// A sound document of about that many nodes: blocks of menu, branch, two texts and a queue, each leading to the next.
#[must_use]
pub fn document(nodes: usize) -> Value {
    let blocks = nodes.div_ceil(5);
    let mut all = serde_json::Map::new();
    for b in 0..blocks {
        let next = if b + 1 < blocks { json!(format!("menu_{}", b + 1)) } else { json!({ "end": "done" }) };
        all.insert(format!("menu_{b}"), json!({
            "kind": "menu",
            "config": { "text": "@hello", "options": [
                { "id": "sales", "label": { "fr": "Ventes", "en": "Sales" }, "match": ["1"] },
                { "id": "support", "label": { "fr": "Assistance", "en": "Support" }, "match": ["2"] },
            ] },
            "exits": { "sales": format!("branch_{b}"), "support": format!("skills_{b}"), "no_match": { "end": "no_match" }, "timeout": { "end": "no_answer" } },
        }));
        all.insert(format!("branch_{b}"), json!({
            "kind": "branch",
            "config": { "cases": [{ "when": "attributes.tier == \"gold\" && contact.locale == \"fr\"", "exit": "gold" }] },
            "exits": { "gold": format!("skills_{b}"), "otherwise": format!("say_{b}") },
        }));
        all.insert(
            format!("say_{b}"),
            json!({
                "kind": "send_message",
                "config": { "text": { "fr": "Un instant, ${contact.name}.", "en": "One moment, ${contact.name}." } },
                "exits": { "done": format!("skills_{b}") },
            }),
        );
        all.insert(
            format!("skills_{b}"),
            json!({
                "kind": "require_skills",
                "config": { "skills": { "sales": 3 } },
                "exits": { "done": format!("queue_{b}") },
            }),
        );
        all.insert(
            format!("queue_{b}"),
            json!({
                "kind": "enqueue",
                "config": {},
                "exits": { "ended": next, "timeout": { "end": "nobody" } },
            }),
        );
    }
    json!({
        "schema": 1, "id": "measured", "title": { "fr": "Mesuré", "en": "Measured" }, "channels": ["webchat"],
        "attributes": { "tier": { "type": "string", "default": "gold" } },
        "texts": { "hello": { "fr": "Bonjour", "en": "Hello" } },
        "entry": "menu_0", "nodes": all,
    })
}
