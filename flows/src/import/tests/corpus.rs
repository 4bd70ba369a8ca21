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
    import::{Bindings, Facts, Imported, Importer, ItemKind, SourceFormat, vendor_payload},
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
    let (mut equal, mut foreign) = (0, 0);
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
                equal += 1;
                foreign += usize::from(node.kind.as_str() == "foreign");
            }
        }
    }
    println!("given back JSON-equal: {equal} of {equal} nodes, of which {foreign} foreign");
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

#[test]
fn most_nodes_become_native() {
    let Some(corpus) = corpus() else { return };
    let mut types: BTreeMap<(SourceFormat, String), (usize, usize)> = BTreeMap::new();
    let mut totals: BTreeMap<SourceFormat, (usize, usize)> = BTreeMap::new();
    let mut reasons: BTreeMap<String, usize> = BTreeMap::new();
    for (format, name, bytes) in exports(&corpus) {
        for flow in import(format, &name, &bytes).report.flows {
            for (kind, tally) in flow.types {
                let entry = types.entry((format, kind)).or_default();
                *entry = (entry.0 + tally.native, entry.1 + tally.foreign);
                let entry = totals.entry(format).or_default();
                *entry = (entry.0 + tally.native, entry.1 + tally.foreign);
            }
            for item in flow.items.iter().filter(|item| item.kind == ItemKind::Foreign) {
                *reasons.entry(format!("{format} {}: {}", item.source_type, item.reason.en)).or_default() += 1;
            }
        }
    }
    for (reason, count) in &reasons {
        println!("{count:4} foreign {reason}");
    }
    for ((format, kind), (native, foreign)) in &types {
        println!("{format:9} {kind:45} {native:4} native {foreign:4} foreign");
    }
    for (format, (native, foreign)) in totals {
        let all = native + foreign;
        let percent = 100.0 * share(native, all);
        println!("{format}: {native} of {all} nodes native ({percent:.1} %)");
        let wanted = match format {
            SourceFormat::Connect | SourceFormat::Twilio | SourceFormat::Rapidpro => 0.95,
            SourceFormat::Floip => 0.85,
        };
        assert!(wanted <= share(native, all), "{format}: {percent:.1} %");
    }
}

fn share(part: usize, whole: usize) -> f64 {
    f64::from(u32::try_from(part).expect("small")) / f64::from(u32::try_from(whole).expect("small"))
}
