//! The checker: built once from the node types, then asked about any number of documents.

use std::collections::{BTreeMap, BTreeSet};

use jsonschema::Validator;

use super::{
    Kinds, Names, Reader, Scripts, assignment, attributes, conditions,
    contracts::{self, Call},
    entry, exits, fits, lifetime, naming, nodes, paths, references, rehearsals, scripts, secrets,
    sink::Sink,
    texts,
    world::World,
};
use crate::{
    descriptor::Descriptor,
    document::FlowDocument,
    finding::{Finding, Severity},
    graph::Flow,
    lifetime::Lifetime,
    name::FlowId,
    parse::ParsedDocument,
    slots::SlotMap,
};

/// Proves documents sound. Holds every node type with its schema compiled, so checking compiles nothing but scripts.
#[derive(Debug)]
pub struct Checker {
    kinds: BTreeMap<String, CheckedKind>,
}

/// A node type, ready to judge configurations.
#[derive(Debug)]
pub(super) struct CheckedKind {
    pub(super) descriptor: Descriptor,
    pub(super) validator: Validator,
    pub(super) slots: SlotMap,
    pub(super) reader: Option<Reader>,
}

/// Why a node type cannot take part in checks.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the configuration schema of the node kind '{kind}' is no JSON Schema: {reason}; correct its descriptor")]
pub struct BadDescriptor {
    /// The kind.
    pub kind: String,
    /// What its schema breaks.
    pub reason: String,
}

/// What a check found.
#[derive(Debug, Clone)]
pub struct Report {
    /// Every finding, by position in the document, then code.
    pub findings: Vec<Finding>,
    /// The checked graph; there only when no finding is an error.
    pub flow: Option<Flow>,
    /// The longest that a contact can be in it without a word and without an agent; there only when no finding is an
    /// error.
    pub lifetime: Option<Lifetime>,
}

impl Report {
    /// The findings that stop publishing.
    pub fn errors(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| finding.severity == Severity::Error)
    }
}

impl Checker {
    /// Compiles the schema of every node type.
    ///
    /// # Errors
    /// [`BadDescriptor`] for the first node type whose schema is no schema; a fault of its developer, not of a flow.
    pub fn new(kinds: &dyn Kinds) -> Result<Self, BadDescriptor> {
        let described = kinds.kinds().into_iter().filter_map(|kind| kinds.descriptor(kind));
        let compiled = described.map(|descriptor| {
            let kind = descriptor.kind.to_string();
            let validator = jsonschema::validator_for(&descriptor.config)
                .map_err(|error| BadDescriptor { kind: kind.clone(), reason: error.to_string() })?;
            let slots = SlotMap::of(&descriptor.config);
            let reader = kinds.reader(&kind);
            Ok((kind, CheckedKind { descriptor: descriptor.clone(), validator, slots, reader }))
        });
        Ok(Self { kinds: compiled.collect::<Result<_, _>>()? })
    }

    /// Finds everything that is wrong with a document.
    #[must_use]
    pub fn check(&self, parsed: &ParsedDocument, scripts: &dyn Scripts, names: &dyn Names) -> Report {
        let own = parsed.document();
        self.report(parsed, scripts, names, &BTreeMap::from([(own.id.as_str(), own)]), &BTreeMap::new())
    }

    /// Finds everything that is wrong with documents, each by itself and with those of the others that it calls. The
    /// reports come in the order of the documents; of two documents with one id, calls mean the last.
    #[must_use]
    pub fn check_all(&self, documents: &[&ParsedDocument], scripts: &dyn Scripts, names: &dyn Names) -> Vec<Report> {
        let flows = documents.iter().map(|parsed| (parsed.document().id.as_str(), parsed.document())).collect();
        self.report_among(documents, &flows, scripts, names)
    }

    /// Finds everything that is wrong with one document, by itself and with the flows around it that it calls, directly
    /// or by way of others. One of them under its own id is another state of it and does not count.
    #[must_use]
    pub fn check_among<'a>(
        &self,
        parsed: &'a ParsedDocument,
        around: impl IntoIterator<Item = &'a FlowDocument>,
        scripts: &dyn Scripts,
        names: &dyn Names,
    ) -> Report {
        let own = parsed.document();
        let mut flows: BTreeMap<&str, &FlowDocument> =
            around.into_iter().map(|document| (document.id.as_str(), document)).collect();
        flows.insert(own.id.as_str(), own);
        let mut reports = self.report_among(&[parsed], &flows, scripts, names);
        reports.pop().expect("one document has one report")
    }

    /// The flows that a document calls, by the ids it gives them.
    #[must_use]
    pub fn called(&self, document: &FlowDocument) -> BTreeSet<String> {
        contracts::calls(document, &self.kinds).iter().map(|call| call.flow().to_owned()).collect()
    }

    fn report_among(
        &self,
        documents: &[&ParsedDocument],
        flows: &BTreeMap<&str, &FlowDocument>,
        scripts: &dyn Scripts,
        names: &dyn Names,
    ) -> Vec<Report> {
        let calls: BTreeMap<&FlowId, Vec<Call<'_>>> =
            flows.values().map(|document| (&document.id, contracts::calls(document, &self.kinds))).collect();
        let circles = contracts::circles(&calls);
        documents.iter().map(|parsed| self.report(parsed, scripts, names, flows, &circles)).collect()
    }

    /// One report; `flows` are those that may be called, and `circles` those among them that call themselves.
    fn report(
        &self,
        parsed: &ParsedDocument,
        scripts: &dyn Scripts,
        names: &dyn Names,
        flows: &BTreeMap<&str, &FlowDocument>,
        circles: &BTreeMap<&str, usize>,
    ) -> Report {
        let document = parsed.document();
        let world = World::new(document, &self.kinds, scripts, names);
        let mut sink = Sink::new(parsed.positions());
        nodes::check(&world, &mut sink);
        entry::check(&world, &mut sink);
        exits::check(&world, &mut sink);
        paths::check(&world, &mut sink);
        scripts::check(&world, &mut sink);
        conditions::check(&world, &mut sink);
        texts::check(&world, &mut sink);
        fits::check(&world, &mut sink);
        attributes::check(&world, &mut sink);
        assignment::check(&world, &mut sink);
        references::check(&world, &mut sink);
        naming::check(&world, &mut sink);
        secrets::check(&world, &mut sink);
        rehearsals::check(&world, &mut sink);
        contracts::check(document, &contracts::calls(document, &self.kinds), flows, circles, scripts, &mut sink);
        if sink.has_errors() {
            return Report { findings: sink.finish(), flow: None, lifetime: None };
        }
        let lifetime = lifetime::check(&world, flows, &mut sink);
        let references = references::of(&world);
        let flow = Flow::new(parsed.shared(), world.graph, references);
        Report { findings: sink.finish(), flow: Some(flow), lifetime: Some(lifetime) }
    }
}
