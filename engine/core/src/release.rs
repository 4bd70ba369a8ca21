//! Which version of a flow a contact meets, and what becomes of those who are on another one.
//!
//! New interactions start on the live version, on the one an alias of their touchpoint names, or, for a share of the
//! contacts, on a version that is being rolled out. Each other version has a fate:
//!
//! | fate | those in flight |
//! | --- | --- |
//! | pinned (none) | finish on their version |
//! | drain | finish on it until an instant; whoever is still there then goes to the touchpoint's default skill |
//! | migrate | stand at once in another version, at the node that has the same place in it |
//!
//! What it deliberately does not do: it moves nobody. The [switchboard](crate::switchboard) does, one interaction at a
//! time; whoever is touched before his turn comes is moved first, so that nothing ever happens on a version that was
//! left.

use std::collections::{BTreeMap, BTreeSet};

use routewright_flows::{AttributeName, FlowId, HumanDuration, NodeId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    id::{AliasId, TouchpointId},
    time::Timestamp,
};

/// Which versions of a flow are in service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Release {
    /// The flow.
    pub flow: FlowId,
    /// Its versions.
    pub plan: Plan,
}

impl Release {
    /// One live version, or none, and nothing else.
    #[must_use]
    pub fn of(flow: FlowId, live: Option<u32>) -> Self {
        Self { flow, plan: Plan { live, ..Plan::default() } }
    }
}

/// Who meets which version, and what becomes of the others.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// The version that new interactions start on; `None` takes the flow out of service.
    pub live: Option<u32>,
    /// A version that some of them start on instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rollout: Option<Rollout>,
    /// Versions by a name that touchpoints may ask for.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub aliases: BTreeMap<AliasId, u32>,
    /// What becomes of those in flight, by their version; a version without a fate is pinned.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub fates: BTreeMap<u32, Fate>,
}

/// A version that a share of the contacts meets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rollout {
    /// The version.
    pub version: u32,
    /// How many contacts in a hundred. The same contact always meets the same version, and raising the share only adds
    /// contacts.
    #[schemars(range(max = 100))]
    pub percent: u8,
    /// Only contacts of these touchpoints; of all when empty.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub touchpoints: BTreeSet<TouchpointId>,
    /// When it goes back by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guard: Option<Guard>,
}

/// When a roll-out goes back by itself: one of its measures, over the last while, is beyond its bound.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Guard {
    /// How far back is looked.
    #[serde(default = "quarter_of_an_hour")]
    pub window: HumanDuration,
    /// Nothing is judged before so many interactions started on the version within the window.
    #[serde(default = "twenty")]
    pub started_min: u32,
    /// Faults of nodes, for a hundred interactions started, at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub faults_max: Option<u32>,
    /// Interactions that ended at the touchpoint's default skill because the flow had no way on, for a hundred started,
    /// at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_resorts_max: Option<u32>,
    /// Interactions that ended without anybody having qualified them (abandoned, expired), for a hundred ended, at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unqualified_max: Option<u32>,
}

fn quarter_of_an_hour() -> HumanDuration {
    HumanDuration::from_millis(900_000)
}

const fn twenty() -> u32 {
    20
}

/// What becomes of those in flight on a version on which nobody starts any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fate", rename_all = "snake_case")]
pub enum Fate {
    /// They finish on it until then; after it the touchpoint's default skill takes them.
    Drain {
        /// Until when.
        until: Timestamp,
    },
    /// They go on in another version.
    Migrate(Migration),
}

/// How those in flight go on in another version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Migration {
    /// The version.
    pub to: u32,
    /// Where those at a node go on; at the node of the same id when it is not named here.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub nodes: BTreeMap<NodeId, NodeId>,
    /// What attributes are called there; the same when not named here, and forgotten when `null`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub attributes: BTreeMap<AttributeName, Option<AttributeName>>,
}

impl Migration {
    /// Where those at a node go on.
    #[must_use]
    pub fn node<'a>(&'a self, from: &'a NodeId) -> &'a NodeId {
        self.nodes.get(from).unwrap_or(from)
    }

    /// What an attribute is called; `None` when it is forgotten.
    #[must_use]
    pub fn attribute<'a>(&'a self, from: &'a AttributeName) -> Option<&'a AttributeName> {
        match self.attributes.get(from) {
            Some(to) => to.as_ref(),
            None => Some(from),
        }
    }
}

impl Plan {
    /// The version that a new interaction of this contact meets.
    #[must_use]
    pub fn version_for(
        &self,
        flow: &FlowId,
        alias: Option<&AliasId>,
        touchpoint: &TouchpointId,
        address: &str,
    ) -> Option<u32> {
        if let Some(named) = alias.and_then(|alias| self.aliases.get(alias)) {
            return Some(*named);
        }
        let live = self.live?;
        let chosen = self.rollout.as_ref().filter(|rollout| {
            (rollout.touchpoints.is_empty() || rollout.touchpoints.contains(touchpoint))
                && share(flow, address) < u64::from(rollout.percent) * (SHARES / 100)
        });
        Some(chosen.map_or(live, |rollout| rollout.version))
    }

    /// True when a contact may still start on this version.
    #[must_use]
    pub fn starts(&self, version: u32) -> bool {
        self.live == Some(version)
            || self.rollout.as_ref().is_some_and(|rollout| rollout.version == version)
            || self.aliases.values().any(|named| *named == version)
    }
}

/// Into how many shares contacts fall.
const SHARES: u64 = 10_000;

/// The share that a contact falls into: of his address, and of the flow so that the first are not always the same.
fn share(flow: &FlowId, address: &str) -> u64 {
    // FNV-1a with a final mix: its low bits alone are not even for addresses that differ in one digit.
    let bytes = flow.as_str().bytes().chain([0]).chain(address.bytes());
    let mut hash = bytes
        .fold(0xCBF2_9CE4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3));
    hash = (hash ^ (hash >> 33)).wrapping_mul(0xFF51_AFD7_ED55_8CCD);
    hash = (hash ^ (hash >> 33)).wrapping_mul(0xC4CE_B9FE_1A85_EC53);
    (hash ^ (hash >> 33)) % SHARES
}

#[cfg(test)]
mod tests {
    use super::{Plan, Rollout};
    use crate::id::TouchpointId;

    fn plan(percent: u8, touchpoints: &[&str]) -> Plan {
        let touchpoints = touchpoints.iter().map(|id| TouchpointId::new(id).expect("an id")).collect();
        let rollout = Rollout { version: 2, percent, touchpoints, guard: None };
        Plan {
            live: Some(1),
            rollout: Some(rollout),
            aliases: [("pilot".parse().expect("a name"), 3)].into(),
            ..Plan::default()
        }
    }

    fn version(plan: &Plan, flow: &str, touchpoint: &str, contact: u32) -> Option<u32> {
        let (flow, touchpoint) = (flow.parse().expect("an id"), TouchpointId::new(touchpoint).expect("an id"));
        plan.version_for(&flow, None, &touchpoint, &format!("+336{contact:08}"))
    }

    #[test]
    fn ten_in_a_hundred_of_100_000_contacts_within_four_sigma() {
        for flow in ["welcome", "support", "x"] {
            let plan = plan(10, &[]);
            let chosen = (0..100_000).filter(|contact| version(&plan, flow, "web", *contact) == Some(2)).count();
            // Sigma is the square root of 100,000 * 0.1 * 0.9, which is 94.9.
            assert!((9_621..=10_379).contains(&chosen), "{chosen} of flow {flow}");
        }
    }

    #[test]
    fn a_larger_share_only_adds_contacts() {
        for contact in 0..10_000 {
            let versions: Vec<_> =
                (0..=100).map(|percent| version(&plan(percent, &[]), "welcome", "web", contact)).collect();
            assert!(versions.is_sorted(), "contact {contact} went back and forth");
            assert_eq!((versions[0], versions[100]), (Some(1), Some(2)));
        }
    }

    #[test]
    fn touchpoints_that_are_not_named_keep_the_live_version_and_aliases_name_their_own() {
        let plan = plan(100, &["web"]);
        assert_eq!(version(&plan, "welcome", "web", 1), Some(2));
        assert_eq!(version(&plan, "welcome", "sms", 1), Some(1));
        let (flow, web) = ("welcome".parse().expect("an id"), TouchpointId::new("web").expect("an id"));
        let by = |alias: &str| plan.version_for(&flow, Some(&alias.parse().expect("a name")), &web, "x");
        assert_eq!((by("pilot"), by("gone")), (Some(3), Some(2)), "an alias that is no more names nothing");
        assert!(plan.starts(1) && plan.starts(2) && plan.starts(3) && !plan.starts(4));
        assert_eq!(Plan { live: None, ..plan }.version_for(&flow, None, &web, "x"), None);
    }
}
