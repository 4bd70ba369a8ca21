//! Whether those in flight can go on in another version, judged before anybody is moved: by where they stand now.
//!
//! | they stand at | and the node there is | they |
//! | --- | --- | --- |
//! | any node | of the same kind | go on waiting as they were, alarms and place in line included |
//! | a node that waits | of another kind | come to that node anew |
//! | a node that called another flow, or holds a place in line or an agent | of another kind | cannot: refused |
//! | any node | not there | cannot: refused |
//!
//! What it deliberately does not do: it judges no texts and no conditions. A menu with other options is the same kind.

use std::collections::BTreeSet;

use routewright_flows::{
    AttributeName, NodeId, Words,
    document::{AttributeSpec, AttributeType},
};
use schemars::JsonSchema;
use serde::Serialize;

use crate::{
    id::InteractionId,
    interaction::FlowVersion,
    occupancy::{NodeOccupancy, Occupancy},
    published::PublishedFlow,
    release::{Fate, Migration, Release},
};

/// Why those in flight cannot be moved. Nothing changed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, JsonSchema, thiserror::Error)]
#[error("{}", self.words().en)]
pub struct MigrationRefusal {
    /// Nodes whose contacts would have nowhere to go.
    pub waits: Vec<RefusedWait>,
    /// Attributes whose values would not fit.
    pub attributes: Vec<RefusedAttribute>,
    /// Names in the map that nothing has.
    pub unknown: Vec<UnknownName>,
}

/// A node whose contacts would have nowhere to go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct RefusedWait {
    /// Of which version.
    pub version: u32,
    /// The node.
    pub node: NodeId,
    /// How many stand there now.
    pub count: usize,
    /// `no-target`, `called-from` or `holds-a-place`.
    pub code: &'static str,
    /// What is wrong and what to do.
    pub message: Words,
}

/// An attribute whose values would not fit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct RefusedAttribute {
    /// Of which version.
    pub version: u32,
    /// The attribute.
    pub attribute: AttributeName,
    /// `no-target`, `other-type` or `taken-twice`.
    pub code: &'static str,
    /// What is wrong and what to do.
    pub message: Words,
}

/// A name in the map that nothing has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct UnknownName {
    /// The name.
    pub name: String,
    /// What is wrong and what to do.
    pub message: Words,
}

impl MigrationRefusal {
    fn is_empty(&self) -> bool {
        self.waits.is_empty() && self.attributes.is_empty() && self.unknown.is_empty()
    }

    /// The first reason, as an error says it.
    #[must_use]
    pub fn words(&self) -> Words {
        let first = self.waits.first().map(|wait| &wait.message);
        let first = first.or_else(|| self.attributes.first().map(|attribute| &attribute.message));
        let first = first.or_else(|| self.unknown.first().map(|name| &name.message));
        first.cloned().unwrap_or_else(|| Words::new("the migration is refused", "la migration est refusée"))
    }
}

/// What a check of a release may look at.
pub(crate) struct Known<'a> {
    pub(crate) version: &'a dyn Fn(u32) -> Option<std::sync::Arc<PublishedFlow>>,
    pub(crate) occupancy: &'a Occupancy,
    /// True for an interaction that stands in line, or has an agent, or one who completes its record.
    pub(crate) holds_a_place: &'a dyn Fn(InteractionId) -> bool,
}

/// Judges every migration of a release.
///
/// # Errors
/// [`MigrationRefusal`] with every reason.
pub(crate) fn check(release: &Release, known: &Known<'_>) -> Result<(), MigrationRefusal> {
    let mut refusal = MigrationRefusal::default();
    let mut sources: BTreeSet<NodeId> = BTreeSet::new();
    let mut maps: Vec<&Migration> = Vec::new();
    for (number, fate) in &release.plan.fates {
        let migration = match fate {
            Fate::Drain { .. } => continue,
            Fate::Migrate(migration) => migration,
        };
        let version = FlowVersion { flow: release.flow.clone(), version: *number };
        let Some(old) = (known.version)(*number) else { continue };
        sources.extend(old.document.nodes.keys().cloned());
        if !maps.contains(&migration) {
            maps.push(migration);
        }
        let Some(new) = (known.version)(migration.to) else {
            refusal.unknown.push(unknown_version(migration.to));
            continue;
        };
        let mut occupied = known.occupancy.nodes(&version).peekable();
        if occupied.peek().is_some() {
            refusal.attributes.extend(attributes(&old, &new, migration));
        }
        refusal.waits.extend(occupied.filter_map(|at| wait(&old, &new, migration, &at, known)));
    }
    for migration in maps {
        let gone = migration.nodes.keys().filter(|node| !sources.contains(*node));
        refusal.unknown.extend(gone.map(unknown_source));
        if let Some(new) = (known.version)(migration.to) {
            let gone = migration.nodes.values().filter(|node| new.node(node).is_none());
            refusal.unknown.extend(gone.map(|node| unknown_target(node, migration.to)));
        }
    }
    if refusal.is_empty() { Ok(()) } else { Err(refusal) }
}

fn wait(
    old: &PublishedFlow,
    new: &PublishedFlow,
    migration: &Migration,
    at: &NodeOccupancy,
    known: &Known<'_>,
) -> Option<RefusedWait> {
    let to = migration.node(&at.node);
    let count = at.waiting + at.calling;
    let (from, version) = (&at.node, migration.to);
    let (code, en, fr) = if new.node(to).is_none() {
        (
            "no-target",
            format!(
                "{count} stand at '{from}', which version {version} does not have: say in 'nodes' where they go on"
            ),
            format!(
                "{count} sont à « {from} », que la version {version} n’a pas : dites dans « nodes » où ils continuent"
            ),
        )
    } else if same_kind(old, from, new, to) {
        return None;
    } else if 0 < at.calling {
        (
            "called-from",
            format!(
                "{} are in a flow called from '{from}', which has to return to a node of the same kind; '{to}' is of another",
                at.calling
            ),
            format!(
                "{} sont dans un scénario appelé depuis « {from} », qui doit revenir à un nœud du même type ; « {to} » est d’un autre",
                at.calling
            ),
        )
    } else {
        let place = known.occupancy.waiting_at(&old.version, from);
        let held = place.filter(|(_, id)| (known.holds_a_place)(*id)).count();
        if held == 0 {
            return None;
        }
        (
            "holds-a-place",
            format!(
                "{held} of those at '{from}' wait for an agent or have one; '{to}' is of another kind and would lose them"
            ),
            format!(
                "{held} de ceux qui sont à « {from} » attendent un agent ou en ont un ; « {to} » est d’un autre type et les perdrait"
            ),
        )
    };
    Some(RefusedWait { version: old.version.version, node: from.clone(), count, code, message: Words::new(en, fr) })
}

/// True when a node of one version does what a node of another does.
pub(crate) fn same_kind(old: &PublishedFlow, from: &NodeId, new: &PublishedFlow, to: &NodeId) -> bool {
    let kind = |flow: &PublishedFlow, node: &NodeId| flow.document.nodes.get(node).map(|node| node.kind.clone());
    kind(old, from).is_some_and(|of_old| kind(new, to) == Some(of_old))
}

fn attributes(old: &PublishedFlow, new: &PublishedFlow, migration: &Migration) -> Vec<RefusedAttribute> {
    let mut taken: BTreeSet<&AttributeName> = BTreeSet::new();
    let mut refused = Vec::new();
    let mut refuse = |attribute: &AttributeName, code: &'static str, en: String, fr: String| {
        let (version, attribute) = (old.version.version, attribute.clone());
        refused.push(RefusedAttribute { version, attribute, code, message: Words::new(en, fr) });
    };
    for (name, spec) in &old.attributes {
        let Some(to) = migration.attribute(name) else { continue };
        let version = migration.to;
        match new.attributes.get(to) {
            // What nobody can read any more is forgotten, unless somebody says where it goes.
            None if migration.attributes.contains_key(name) => refuse(
                name,
                "no-target",
                format!("'{name}' is to become '{to}', which version {version} does not have"),
                format!("« {name} » doit devenir « {to} », que la version {version} n’a pas"),
            ),
            None => {}
            Some(_) if !taken.insert(to) => refuse(
                name,
                "taken-twice",
                format!("two attributes are to become '{to}', '{name}' among them: forget one of them with null"),
                format!("deux attributs doivent devenir « {to} », dont « {name} » : oubliez l’un d’eux avec null"),
            ),
            Some(there) if !holds_all_of(there, spec) => refuse(
                name,
                "other-type",
                format!(
                    "'{to}' of version {version} does not take every value that '{name}' may have: map it, or forget it with null"
                ),
                format!(
                    "« {to} » de la version {version} n’accepte pas toutes les valeurs que « {name} » peut avoir : faites-la correspondre, ou oubliez-la avec null"
                ),
            ),
            Some(_) => {}
        }
    }
    refused
}

/// True when an attribute takes every value that another may have.
fn holds_all_of(wide: &AttributeSpec, narrow: &AttributeSpec) -> bool {
    let kind = match (wide.kind, narrow.kind) {
        (AttributeType::Any, _) => true,
        (AttributeType::Number, AttributeType::Integer) | (AttributeType::String, AttributeType::Date) => true,
        (wide, narrow) => wide == narrow,
    };
    let listed = match (&wide.one_of, &narrow.one_of) {
        (None, _) => true,
        (Some(_), None) => false,
        (Some(wide), Some(narrow)) => narrow.iter().all(|value| wide.contains(value)),
    };
    kind && listed
}

fn unknown_source(node: &NodeId) -> UnknownName {
    UnknownName {
        name: node.to_string(),
        message: Words::new(
            format!("no version that is left has a node '{node}': correct it in 'nodes', or leave it out"),
            format!("aucune version quittée n’a de nœud « {node} » : corrigez-le dans « nodes », ou retirez-le"),
        ),
    }
}

fn unknown_target(node: &NodeId, version: u32) -> UnknownName {
    UnknownName {
        name: node.to_string(),
        message: Words::new(
            format!("version {version} has no node '{node}': name one of its nodes in 'nodes'"),
            format!("la version {version} n’a pas de nœud « {node} » : nommez l’un de ses nœuds dans « nodes »"),
        ),
    }
}

fn unknown_version(version: u32) -> UnknownName {
    UnknownName {
        name: version.to_string(),
        message: Words::new(
            format!("version {version} does not exist: publish it, or choose another"),
            format!("la version {version} n’existe pas : publiez-la, ou choisissez-en une autre"),
        ),
    }
}
