//! Every flow of `flows/library` is written canonically, has nothing that a check would find, passes its own tests,
//! and is shown whole by them: each node is visited.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    sync::Arc,
};

use expect_test::expect_file;
use routewright_engine::{rehearsal::Troupe, script::Sandbox};
use routewright_flows::{
    FlowDocument, NodeId, Target,
    check::{Checker, Names, Scripts},
    descriptor::ReferenceKind,
    document::Handler,
    format, parse,
};
use routewright_nodes::standard;
use routewright_tests::sim::centre;

/// What the demonstration's catalogue has for the library.
struct Catalogue(BTreeMap<String, Arc<FlowDocument>>);

impl Names for Catalogue {
    fn exists(&self, kind: ReferenceKind, name: &str) -> bool {
        self.names(kind).iter().any(|known| known == name)
    }

    fn names(&self, kind: ReferenceKind) -> Vec<String> {
        let names: &[&str] = match kind {
            ReferenceKind::Skill => &["billing", "office", "sales", "support"],
            ReferenceKind::Questionnaire => &["satisfaction"],
            ReferenceKind::Flow => return self.0.keys().cloned().collect(),
            ReferenceKind::Calendar
            | ReferenceKind::Template
            | ReferenceKind::Disposition
            | ReferenceKind::Agent
            | ReferenceKind::Table
            | ReferenceKind::Secret => &[],
        };
        names.iter().map(|name| (*name).to_owned()).collect()
    }
}

fn library() -> BTreeMap<String, Arc<FlowDocument>> {
    centre::library().into_iter().map(|document| (document.id.to_string(), document)).collect()
}

#[test]
fn the_library_has_at_least_nine_flows_in_canonical_form_named_as_their_files() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../flows/library");
    let library = library();
    assert!(9 <= library.len(), "{:?}", library.keys());
    for (id, document) in &library {
        // `cargo xtask gen` formats the files.
        expect_file![folder.join(format!("{id}.json"))].assert_eq(&format(document));
    }
}

#[test]
fn nothing_is_found_in_any_flow_of_the_library() {
    let (registry, sandbox) = (standard(), Sandbox::default());
    let library = library();
    let names = Catalogue(library.clone());
    let checker = Checker::new(&registry).expect("the standard vocabulary is sound");
    for (id, document) in &library {
        let parsed = parse(&format(document)).expect("a canonical text parses");
        let report = checker.check(&parsed, &sandbox as &dyn Scripts, &names);
        assert!(report.findings.is_empty(), "{id}: {:#?}", report.findings);
    }
}

#[test]
fn every_flow_passes_its_own_tests_which_visit_every_node_in_both_languages() {
    let (registry, sandbox) = (standard(), Arc::new(Sandbox::default()));
    let library = library();
    let all: Vec<Arc<FlowDocument>> = library.values().cloned().collect();
    let mut failed = Vec::new();
    for (id, document) in &library {
        let troupe = Troupe::new(document, &all, &registry, &sandbox).expect("a flow of the library can be published");
        let mut visited = BTreeSet::from([document.entry.clone()]);
        let mut english = false;
        for scenario in &document.tests {
            let played = troupe.play(scenario);
            english |= scenario.locale.as_ref().is_some_and(|locale| locale.language() == "en");
            visited.extend(played.exits.iter().flat_map(|(node, exit)| {
                let to = document.nodes.get(node).and_then(|node| node.exits.get(exit));
                [Some(node.clone()), to.and_then(|to| target(document, to))].into_iter().flatten()
            }));
            if !played.passed {
                failed.push(format!("{id}: {}\n{}", played.report("en"), played.transcript));
            }
        }
        let unvisited: Vec<&NodeId> = document.nodes.keys().filter(|node| !visited.contains(*node)).collect();
        if !unvisited.is_empty() {
            failed.push(format!("{id}: no test visits {unvisited:?}"));
        }
        assert!(english, "{id} has no test in English");
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

fn target(document: &FlowDocument, to: &Target) -> Option<NodeId> {
    match to {
        Target::Node(node) => Some(node.clone()),
        Target::End(_) => None,
        Target::Handler(to) => match to.handler {
            Handler::Error => document.handlers.error.clone(),
            Handler::Disconnect => document.handlers.disconnect.clone(),
        },
    }
}

#[test]
fn re_authored_flows_name_their_source_and_its_licence() {
    let readme = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../flows/library/README.md"))
        .expect("the library has a README");
    let library = library();
    let sourced: Vec<_> = library.values().filter_map(|d| Some((d, d.vendor.get("source")?))).collect();
    assert!(2 <= sourced.len(), "two flows are re-authored from real ones");
    for (document, source) in sourced {
        for field in ["repository", "file", "licence"] {
            let value = source[field].as_str().expect("the source says where it is from");
            assert!(readme.contains(value), "{}: the README does not name '{value}'", document.id);
        }
    }
    for id in library.keys() {
        assert!(readme.contains(&format!("`{id}`")), "the README does not present '{id}'");
    }
}
