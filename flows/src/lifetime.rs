//! The lifetime bound of a flow: the longest that a contact can be in it without a word and without an agent, over every
//! way through it, whatever contacts, agents and other systems do.
//!
//! A contact who is with an agent, or whose agent completes the record, is not counted: he has an owner. What is said
//! to a contact ends his silence; what he writes himself does not. The clock stops at the flow's ends, and at the line of
//! the touchpoint's default skill, to which a fault may lead from anywhere: what a contact waits there, at most 30 days,
//! is no part of the flow.

use std::fmt::Write as _;

use schemars::JsonSchema;
use serde::Serialize;

use crate::{
    duration::HumanDuration,
    name::{ExitName, FlowId, Kind, NodeId},
    words::Words,
};

/// What can be said of the longest silence in a flow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(tag = "silence", rename_all = "snake_case")]
pub enum Lifetime {
    /// Nobody hears nothing for longer.
    AtMost {
        /// How long, in milliseconds.
        longest_ms: u64,
        /// The waits that make it up, in the order in which they first come; their sum is the whole.
        waits: Vec<Wait>,
    },
    /// There is a circle of waits in which nothing is said, and nothing bounds how often it is gone round.
    Endless {
        /// The nodes of the circle, sorted.
        nodes: Vec<Place>,
    },
    /// It depends on what the check was not told.
    Unknown {
        /// Flows that are called and were not given, or cannot be read.
        flows: Vec<String>,
        /// Kinds of nodes that wait and do not say how long.
        kinds: Vec<Kind>,
    },
}

/// A node of a flow.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub struct Place {
    /// The flow.
    pub flow: FlowId,
    /// The node.
    pub node: NodeId,
}

/// A part of the longest silence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Wait {
    /// The flow: the one that was checked, or one that it calls.
    pub flow: FlowId,
    /// The node where the contact waits.
    pub node: NodeId,
    /// The exit by which he leaves it; absent when he waits for its next word, or leaves by a fault.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exit: Option<ExitName>,
    /// How long he waits each time, in milliseconds.
    pub length_ms: u64,
    /// How many times he does.
    pub times: u64,
}

/// Waits that are named in one sentence at most.
const WAITS_SHOWN: usize = 8;

impl Lifetime {
    /// The bound as a sentence, for people.
    #[must_use]
    pub fn words(&self) -> Words {
        match self {
            Self::AtMost { longest_ms, waits } => {
                let longest = HumanDuration::from_millis(*longest_ms);
                let (mut en, mut fr) =
                    (format!("longest silence: {longest}"), format!("plus long silence : {longest}"));
                for (index, wait) in waits.iter().take(WAITS_SHOWN).enumerate() {
                    let length = HumanDuration::from_millis(wait.length_ms);
                    let (between_en, between_fr) = if index == 0 { (": ", " : ") } else { (", ", ", ") };
                    let times = |word| if wait.times == 1 { String::new() } else { format!(", {} {word}", wait.times) };
                    let node = &wait.node;
                    // Writing into a String cannot fail.
                    let _ = write!(en, "{between_en}{node} ({length}{})", times("times"));
                    let _ = write!(fr, "{between_fr}{node} ({length}{})", times("fois"));
                }
                if WAITS_SHOWN < waits.len() {
                    en.push_str(", …");
                    fr.push_str(", …");
                }
                Words::new(en, fr)
            }
            Self::Endless { nodes } => {
                let list = list(nodes.iter().map(|place| place.node.as_str()));
                Words::new(
                    format!("longest silence: without end, round {list}"),
                    format!("plus long silence : sans fin, autour de {list}"),
                )
            }
            Self::Unknown { flows, kinds } => {
                let list = list(flows.iter().map(String::as_str).chain(kinds.iter().map(Kind::as_str)));
                Words::new(
                    format!("longest silence: unknown, for want of {list}"),
                    format!("plus long silence : inconnu, faute de connaître {list}"),
                )
            }
        }
    }
}

fn list<'n>(names: impl Iterator<Item = &'n str>) -> String {
    let mut names: Vec<&str> = names.collect();
    if WAITS_SHOWN < names.len() {
        names.truncate(WAITS_SHOWN);
        names.push("…");
    }
    names.join(", ")
}
