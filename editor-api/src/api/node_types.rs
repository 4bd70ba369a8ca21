//! Node types that a tenant brings himself: manifests of script types and remote types, judged by the conformance suite
//! before they are kept.
//!
//! Replacing a manifest changes what is published from then on; flows that run keep the one they were published with.
//! Retiring it takes it out of the palette and refuses it to new versions. Deleting it is refused while a flow has it.

use routewright_engine::{custom::Manifest, node::Registry};
use routewright_flows::{Finding, Kind, Severity, Words, descriptor::ReferenceKind};
use routewright_nodes::conformance::check_manifest;
use routewright_runtime::DocumentKind;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::catalogue::{Around, Settings};

/// A node type of the tenant's own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NodeTypeSettings {
    /// Everything there is to know of it; its `kind` is the id.
    #[schemars(extend("x-fr" = "Tout ce qu’il y a à en savoir ; son « kind » est l’identifiant."))]
    pub manifest: Manifest,
    /// True when nothing new may use it.
    #[serde(default)]
    #[schemars(extend("x-fr" = "Coché si rien de nouveau ne doit l’employer."))]
    pub retired: bool,
}

impl Settings for NodeTypeSettings {
    type Id = Kind;
    const KIND: DocumentKind = DocumentKind::NodeType;
    const PATH: &'static str = "node-types";
    const NAMED: Option<ReferenceKind> = None;
    const IS_TRIED: bool = true;

    fn findings(&self, id: &Kind, _: &Around) -> Vec<Finding> {
        if *id == self.manifest.kind {
            return Vec::new();
        }
        let words = Words::new(
            format!("the id is '{id}' and the manifest's kind '{}': they must be the same", self.manifest.kind),
            format!(
                "l’identifiant est « {id} » et le type du manifeste « {} » : ils doivent être identiques",
                self.manifest.kind
            ),
        );
        vec![finding("kind-mismatch", "/manifest/kind", words)]
    }

    fn trial(&self, build: &Registry) -> Vec<Finding> {
        let found = check_manifest(&self.manifest, build);
        found.into_iter().map(|one| finding(one.code, "/manifest", one.message)).collect()
    }
}

fn finding(code: &str, pointer: &str, message: Words) -> Finding {
    Finding {
        code: code.to_owned(),
        severity: Severity::Error,
        pointer: pointer.to_owned(),
        node: None,
        position: None,
        span: None,
        message,
        hint: Words::new(
            "See the page on node types of one's own: docs/node-types.md",
            "Voyez la page sur les types de nœuds à soi : docs/fr/node-types.md",
        ),
    }
}
