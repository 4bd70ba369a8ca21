//! Judges types that a tenant brings himself: by the same suite as every type, and by the conversations they carry.

use std::sync::Arc;

use routewright_engine::{
    custom::{Manifest, ManifestTest},
    node::Registry,
    rehearsal::Troupe,
    script::Sandbox,
};
use routewright_flows::{Descriptor, check::Kinds};
use serde_json::{Map, Value, json};

use super::{Shortcoming, check_all, world};

/// Judges one manifest among the types of a build, none of whose names it may take.
#[must_use]
pub fn check_manifest(manifest: &Manifest, build: &Registry) -> Vec<Shortcoming> {
    let kind = &manifest.kind;
    let shortcoming = |code, en: String, fr: String| Shortcoming {
        kind: kind.clone(),
        code,
        message: routewright_flows::Words::new(en, fr),
    };
    let mut found: Vec<Shortcoming> = manifest
        .faults()
        .into_iter()
        .map(|words| Shortcoming { kind: kind.clone(), code: "manifest", message: words })
        .collect();
    if build.has(kind) {
        found.push(shortcoming(
            "kind-taken",
            format!("'{kind}' is a type of this build: choose another name"),
            format!("« {kind} » est un type de cette version : choisissez un autre nom"),
        ));
    }
    if !found.is_empty() {
        return found;
    }
    let alone = Registry::default().install(manifest.clone());
    found.extend(check_all(alone));
    let registry = build.clone().install(manifest.clone());
    let sandbox = Arc::new(Sandbox::new());
    for test in &manifest.tests {
        let name = &test.name;
        match play(test, &registry, kind.as_str(), &sandbox) {
            Ok(()) => {}
            Err(why) => found.push(shortcoming(
                "test-failed",
                format!("its test '{name}' fails: {why}"),
                format!("son test « {name} » échoue : {why}"),
            )),
        }
    }
    found
}

fn play(test: &ManifestTest, registry: &Registry, kind: &str, sandbox: &Arc<Sandbox>) -> Result<(), String> {
    let Some(descriptor) = registry.descriptor(kind) else { return Err(format!("'{kind}' is not installed")) };
    let flow = serde_json::from_value(around(test, descriptor)).map_err(|error| error.to_string())?;
    let scenario = json!({ "name": test.name, "contact": test.contact, "given": test.given, "steps": test.steps });
    let scenario = serde_json::from_value(scenario).map_err(|error| error.to_string())?;
    let troupe = Troupe::new(&Arc::new(flow), &[], registry, sandbox).map_err(|fault| fault.to_string())?;
    let rehearsal = troupe.play(&scenario);
    if rehearsal.passed { Ok(()) } else { Err(format!("{}\n{}", rehearsal.report("en"), rehearsal.transcript)) }
}

/// A flow of one node; each of its exits ends the flow under its own name.
fn around(test: &ManifestTest, descriptor: &Descriptor) -> Value {
    let exits: Map<String, Value> =
        world::exits(descriptor, &test.config).into_iter().map(|exit| (exit.clone(), json!({ "end": exit }))).collect();
    json!({
        "schema": 1,
        "id": "tested",
        "channels": descriptor.channels,
        "attributes": test.attributes,
        "entry": "it",
        "nodes": { "it": { "kind": descriptor.kind, "config": test.config, "exits": exits } },
    })
}

#[cfg(test)]
mod tests {
    use routewright_engine::custom::Manifest;
    use serde_json::{Value, from_value, json};

    use super::check_manifest;
    use crate::standard;

    /// A page with every heading.
    fn page() -> Value {
        let en = "## What it does\nA.\n\n## When to use it\nB.\n\n## Exits\nC.\n\n## Settings\nD.\n\n## Pitfalls\nE.\n";
        let fr =
            "## Ce qu’il fait\nA.\n\n## Quand l’utiliser\nB.\n\n## Sorties\nC.\n\n## Réglages\nD.\n\n## Pièges\nE.\n";
        json!({ "en": en, "fr": fr })
    }

    fn words(text: &str) -> Value {
        json!({ "en": text, "fr": text })
    }

    /// Scores an amount against a threshold.
    fn score(run: Value) -> Value {
        let setting = |kind: Value, more: Value| {
            let mut setting = json!({ "description": "A setting.", "x-fr": "Un réglage." });
            for part in [kind, more] {
                setting.as_object_mut().expect("an object").extend(part.as_object().expect("an object").clone());
            }
            setting
        };
        let expression = json!({ "x-slot": { "slot": "expression", "returns": "any" } });
        json!({
            "kind": "acme_score", "version": "1.0.0", "title": words("Score"), "docs": page(), "category": "decide",
            "exits": [{ "name": "high", "docs": words("High.") }, { "name": "low", "docs": words("Low.") }],
            "config": {
                "type": "object", "additionalProperties": false, "required": ["amount", "threshold", "into"],
                "properties": {
                    "amount": setting(json!({ "type": "string" }), expression),
                    "threshold": setting(json!({ "type": "number" }), json!({})),
                    "into": setting(json!({ "type": "string" }), json!({ "x-slot": { "slot": "attribute" } })),
                },
            },
            "examples": [
                { "title": words("High"), "config": { "amount": "10 + 1", "threshold": 5, "into": "verdict" } },
                { "title": words("Low"), "config": { "amount": "1", "threshold": 5, "into": "verdict" } },
                { "title": words("No threshold"), "config": { "amount": "1", "into": "verdict" }, "valid": false },
            ],
            "run": run,
        })
    }

    fn script() -> Value {
        json!({ "script": "let high = config.amount > config.threshold; #{ exit: if high { \"high\" } else { \"low\" }, set: if high { #{} } else { #{} } }" })
    }

    fn remote() -> Value {
        json!({ "remote": { "url": "https://score.example/v1", "sign_with": "score" } })
    }

    fn codes(manifest: Value) -> Vec<&'static str> {
        let manifest: Manifest = from_value(manifest).expect("a manifest");
        let found = check_manifest(&manifest, &standard());
        for one in &found {
            println!("{}: {}", one.code, one.message.en);
        }
        found.into_iter().map(|one| one.code).collect()
    }

    #[test]
    fn script_types_and_remote_types_conform() {
        assert_eq!(codes(score(script())), [""; 0]);
        assert_eq!(codes(score(remote())), [""; 0]);
    }

    #[test]
    fn their_tests_are_played() {
        let test = |ended: &str| {
            json!({
                "name": "Gold customers score high", "config": { "amount": "contact.fields.spent", "threshold": 100, "into": "verdict" },
                "attributes": { "verdict": { "type": "string" } }, "contact": { "spent": 250 },
                "steps": [{ "contact_says": "…" }, { "expect": { "ended": ended } }],
            })
        };
        let mut manifest = score(script());
        manifest["tests"] = json!([test("high")]);
        assert_eq!(codes(manifest.clone()), [""; 0]);
        manifest["tests"] = json!([test("low")]);
        assert_eq!(codes(manifest), ["test-failed"]);
        let mut asked = score(remote());
        asked["tests"] = json!([{
            "name": "The other system decides", "config": { "amount": "1 + 1", "threshold": 1, "into": "verdict" },
            "attributes": { "verdict": { "type": "string" } },
            "steps": [
                { "contact_says": "…" },
                { "expect": { "calls": ["POST https://score.example/v1"] } },
                { "outside_answers": { "body": { "exit": "low", "set": { "verdict": "poor" }, "say": "Désolé." } } },
                { "expect": { "ended": "low", "says": ["Désolé."], "attributes": { "verdict": "poor" } } },
            ],
        }]);
        assert_eq!(codes(asked), [""; 0]);
    }

    #[test]
    fn a_manifest_that_does_not_conform_is_found_out() {
        let mut taken = score(script());
        taken["kind"] = json!("menu");
        assert_eq!(codes(taken), ["kind-taken"]);
        let mut twice = score(script());
        twice["exits"] =
            json!([{ "name": "high", "docs": words("High.") }, { "name": "error", "docs": words("Low.") }]);
        assert_eq!(codes(twice), ["manifest"]);
        let one = "#{ exit: \"high\" }";
        assert_eq!(codes(score(json!({ "script": one }))), ["exit-never-taken"]);
        let mut found = codes(score(json!({ "script": "\"elsewhere\"" })));
        found.dedup();
        assert_eq!(found, ["exit-never-taken"]);
        assert!(codes(score(json!({ "script": "let x = ;" }))).contains(&"example-refused"));
        for greedy in ["while true {} \"high\"", "let text = \"x\"; while true { text += text; } \"high\""] {
            assert!(codes(score(json!({ "script": greedy }))).contains(&"over-budget"), "{greedy}");
        }
    }
}
