//! The corpus of real exports: graph facts, share of native nodes, the way back. Where the corpus is not at hand the
//! tests say so, and the small examples stand alone.

use std::{
    collections::BTreeMap,
    env, fs,
    path::{Path, PathBuf},
};

use serde_json::Value;

use crate::{
    format,
    import::{Bindings, Facts, Imported, Importer, SourceFormat, vendor_payload},
    parse,
};

/// Where the corpus is, when it is.
fn corpus() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared");
    let shared = env::var_os("ROUTEWRIGHT_SHARED").map_or(beside, PathBuf::from);
    let corpus = shared.join("corpus");
    let found = corpus.join("expected.json").exists();
    if !found {
        println!("no corpus at {}: nothing to hold the importer to; set ROUTEWRIGHT_SHARED", corpus.display());
    }
    found.then_some(corpus)
}

/// Every export of the corpus, by format, with its name in `expected.json`.
fn exports(corpus: &Path) -> Vec<(SourceFormat, String, Vec<u8>)> {
    let mut exports = Vec::new();
    for format in SourceFormat::ALL {
        let mut files: Vec<PathBuf> = fs::read_dir(corpus.join(format.as_str()))
            .expect("the corpus has a folder of each format")
            .map(|entry| entry.expect("the folder can be read").path())
            .filter(|path| path.extension().is_some_and(|ending| ending == "json"))
            .collect();
        files.sort();
        for path in files {
            let name = path.file_name().expect("a file has a name").to_string_lossy().into_owned();
            exports.push((format, format!("{format}/{name}"), fs::read(&path).expect("the file can be read")));
        }
    }
    exports
}

fn import(format: SourceFormat, name: &str, bytes: &[u8]) -> Imported {
    let mut importer = Importer::new(format, Bindings::new());
    importer.add(name, bytes).unwrap_or_else(|error| panic!("{error}"));
    importer.finish()
}

#[test]
fn graph_facts_equal_those_of_an_independent_script() {
    let Some(corpus) = corpus() else { return };
    let expected = fs::read_to_string(corpus.join("expected.json")).expect("the file can be read");
    let expected: BTreeMap<String, Value> = serde_json::from_str(&expected).expect("it is JSON");
    let exports = exports(&corpus);
    assert_eq!(exports.len(), expected.len());
    for (format, name, bytes) in &exports {
        let report = import(*format, name, bytes).report;
        let flows = expected[name].as_array().expect("a list of flows");
        assert_eq!(report.flows.len(), flows.len(), "{name}");
        for (flow, expected) in report.flows.iter().zip(flows) {
            let Value::Object(facts) = serde_json::to_value::<Facts>(flow.facts).expect("facts are JSON") else {
                unreachable!("facts are an object")
            };
            for (fact, count) in facts {
                assert_eq!(count, expected[&fact], "{fact} of {name}");
            }
            assert_eq!(flow.source_format, expected["format"], "{name}");
            assert_eq!(flow.native + flow.foreign, flow.facts.nodes, "{name}");
        }
    }
    println!("graph facts equal: {} of {} files", exports.len(), exports.len());
}

#[test]
fn documents_are_canonical_and_give_every_node_back() {
    let Some(corpus) = corpus() else { return };
    for (format, name, bytes) in exports(&corpus) {
        let imported = import(format, &name, &bytes);
        for (document, report) in imported.documents.iter().zip(&imported.report.flows) {
            let text = self::format(document);
            let parsed = parse(&text).unwrap_or_else(|findings| panic!("{name}: {findings:?}"));
            assert_eq!(self::format(parsed.document()), text, "{name}");
            assert_eq!(parsed.document(), document, "{name}");
            let payloads = document.nodes.values().filter(|node| vendor_payload(node).is_some());
            assert_eq!(payloads.count(), report.facts.nodes, "{name}");
            let source: Value = serde_json::from_slice(&bytes).expect("the export is JSON");
            for node in document.nodes.values() {
                let Some(payload) = vendor_payload(node) else { continue };
                assert!(holds(&source, payload), "{name}: a payload that the source does not have: {payload}");
            }
        }
    }
}

/// True when a value is somewhere in another.
fn holds(value: &Value, wanted: &Value) -> bool {
    value == wanted
        || match value {
            Value::Array(items) => items.iter().any(|item| holds(item, wanted)),
            Value::Object(fields) => fields.values().any(|field| holds(field, wanted)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
        }
}
