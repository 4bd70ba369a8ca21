//! How often nodes were come to, by which exit they were left and after how long, for every version of a flow.
//!
//! A step says each as it happens; whoever keeps the totals adds them up. Totals are sums, so they can be added in any
//! order and kept as a checkpoint with what came after it.
//!
//! What it deliberately does not do: it does not say which interaction; that is in the facts.

use std::collections::BTreeMap;

use routewright_flows::{ExitName, NodeId};
use serde::{Deserialize, Serialize};

use crate::interaction::FlowVersion;

/// One thing to count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visit {
    /// Of which version.
    pub flow: FlowVersion,
    /// What.
    pub what: Counted,
}

/// What is counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Counted {
    /// It was begun: by a contact, by another flow.
    Started,
    /// It came to its end; `qualified` is false when its contact left, or was never heard of again.
    Ended {
        /// True when an end of the flow says how.
        qualified: bool,
    },
    /// It had no way on.
    LastResort,
    /// It came to a node.
    Entered(NodeId),
    /// A node failed.
    Faulted(NodeId),
    /// It left a node.
    Left {
        /// Which.
        node: NodeId,
        /// By which exit.
        exit: ExitName,
        /// Milliseconds after it came.
        after_ms: u64,
    },
}

/// Totals of a version.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct VersionVisits {
    /// How often it was begun.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub started: u64,
    /// How often it came to its end.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub ended: u64,
    /// How often without anybody having said how.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub unqualified: u64,
    /// How often it had no way on.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub last_resorts: u64,
    /// Its nodes.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub nodes: BTreeMap<NodeId, NodeVisits>,
}

/// Totals of a node.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NodeVisits {
    /// How often it was come to.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub entries: u64,
    /// How often it failed.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub faults: u64,
    /// Its exits.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub exits: BTreeMap<ExitName, ExitVisits>,
}

/// Totals of an exit.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExitVisits {
    /// How often it was taken.
    pub count: u64,
    /// How often after how long: numbers of [`bucket`].
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub dwell: BTreeMap<u16, u64>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
fn is_zero(n: &u64) -> bool {
    *n == 0
}

impl VersionVisits {
    /// Counts one thing.
    pub fn count(&mut self, what: Counted) {
        match what {
            Counted::Started => self.started += 1,
            Counted::Ended { qualified } => {
                self.ended += 1;
                self.unqualified += u64::from(!qualified);
            }
            Counted::LastResort => self.last_resorts += 1,
            Counted::Entered(node) => self.nodes.entry(node).or_default().entries += 1,
            Counted::Faulted(node) => self.nodes.entry(node).or_default().faults += 1,
            Counted::Left { node, exit, after_ms } => {
                let exit = self.nodes.entry(node).or_default().exits.entry(exit).or_default();
                exit.count += 1;
                *exit.dwell.entry(bucket(after_ms)).or_default() += 1;
            }
        }
    }

    /// Adds other totals of the same version.
    pub fn add(&mut self, other: &Self) {
        self.started += other.started;
        self.ended += other.ended;
        self.unqualified += other.unqualified;
        self.last_resorts += other.last_resorts;
        for (node, visits) in &other.nodes {
            let own = self.nodes.entry(node.clone()).or_default();
            own.entries += visits.entries;
            own.faults += visits.faults;
            for (exit, visits) in &visits.exits {
                let own = own.exits.entry(exit.clone()).or_default();
                own.count += visits.count;
                for (bucket, count) in &visits.dwell {
                    *own.dwell.entry(*bucket).or_default() += count;
                }
            }
        }
    }

    /// How often any of its nodes failed.
    #[must_use]
    pub fn faults(&self) -> u64 {
        self.nodes.values().map(|node| node.faults).sum()
    }
}

impl ExitVisits {
    /// Half of the visits were over after so many milliseconds, within 7 in a hundred; `None` without any.
    #[must_use]
    pub fn median_ms(&self) -> Option<u64> {
        let half = self.dwell.values().sum::<u64>().div_ceil(2);
        let mut so_far = 0;
        self.dwell.iter().find_map(|(bucket, count)| {
            so_far += count;
            (0 < half && half <= so_far).then(|| middle(*bucket))
        })
    }
}

/// Sub-buckets in which the lengths between two powers of two fall, as a power of two: eight.
const SUB_BITS: u32 = 3;

/// The bucket of a length: 0 for none, then eight for each doubling.
#[must_use]
pub fn bucket(ms: u64) -> u16 {
    let Some(doublings) = ms.checked_ilog2() else { return 0 };
    let sub = ((u128::from(ms) << SUB_BITS) >> doublings) & ((1 << SUB_BITS) - 1);
    let number = u128::from(doublings << SUB_BITS) + sub + 1;
    u16::try_from(number).unwrap_or(u16::MAX)
}

/// The middle of a bucket.
fn middle(bucket: u16) -> u64 {
    let Some(number) = bucket.checked_sub(1) else { return 0 };
    let (doublings, sub) = (number >> SUB_BITS, u128::from(number & ((1 << SUB_BITS) - 1)));
    let steps = (1 << SUB_BITS) + sub;
    // Twice the steps and one more: half of a step into the bucket.
    u64::try_from(((2 * steps + 1) << doublings) >> (SUB_BITS + 1)).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use routewright_flows::{ExitName, NodeId};

    use super::{Counted, ExitVisits, VersionVisits, bucket, middle};

    #[test]
    fn buckets_rise_with_lengths_and_hold_them_within_seven_in_a_hundred() {
        let mut last = 0;
        for ms in (0..10_000).chain((10_000..3_000_000_000).step_by(1_234_567)) {
            let number = bucket(ms);
            assert!(last <= number, "{ms} ms");
            last = number;
            let off = middle(number).abs_diff(ms);
            assert!(off * 100 <= 7 * ms, "{ms} ms is taken for {}", middle(number));
        }
    }

    #[test]
    fn the_median_is_that_of_the_visits() {
        let mut exit = ExitVisits::default();
        assert_eq!(exit.median_ms(), None);
        for ms in [0, 0, 1_000, 60_000, 3_600_000] {
            exit.count += 1;
            *exit.dwell.entry(bucket(ms)).or_default() += 1;
        }
        let median = exit.median_ms().expect("there were visits");
        assert!((930..=1_070).contains(&median), "{median}");
    }

    #[test]
    fn totals_can_be_added_in_any_order() {
        let count = |things: &[Counted]| {
            let mut totals = VersionVisits::default();
            things.iter().cloned().for_each(|what| totals.count(what));
            totals
        };
        let (node, exit): (NodeId, ExitName) = ("menu".parse().expect("an id"), "done".parse().expect("a name"));
        let things = [
            Counted::Started,
            Counted::Entered(node.clone()),
            Counted::Left { node: node.clone(), exit, after_ms: 5 },
            Counted::Faulted(node),
            Counted::Ended { qualified: false },
            Counted::LastResort,
        ];
        let (mut ahead, mut behind) = (count(&things[..2]), count(&things[2..]));
        ahead.add(&count(&things[2..]));
        behind.add(&count(&things[..2]));
        assert_eq!(ahead, behind);
        assert_eq!(ahead, count(&things));
        assert_eq!((ahead.faults(), ahead.unqualified), (1, 1));
    }
}
