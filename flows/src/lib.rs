//! The language of Routewright: flow documents, node descriptors, and the checks that prove a flow sound.
//!
//! What this crate deliberately does not do: it runs nothing. It knows no behaviour of any node type, no clock, no
//! store and no script engine. What it must ask of those (does this script compile, does this skill exist) it
//! asks through the small traits in [`check`].
//!
//! The three types of a flow's life are never a flag: [`FlowDocument`] (what the editor saved), [`Flow`] (a
//! checked graph), and the engine's `PublishedFlow` (nodes prepared, scripts compiled, immutable).

pub mod canonical;
pub mod channel;
pub mod check;
pub mod compare;
pub mod complete;
pub mod descriptor;
pub mod document;
pub mod duration;
pub mod exits;
pub mod finding;
pub mod graph;
pub mod import;
pub mod lifetime;
pub mod limits;
pub mod name;
pub mod parse;
pub mod render;
pub mod scenario;
pub mod schema;
mod shape;
pub mod slots;
pub mod source;
pub mod stay;
pub mod suggest;
#[cfg(test)]
mod testing;
pub mod words;

pub use canonical::{ContentHash, content_hash, format};
pub use channel::Channel;
pub use check::{Checker, Report};
pub use compare::{Conflict, Diff, Merged, diff, merge};
pub use descriptor::{Descriptor, ExitRole, ExitSpec, Flavour};
pub use document::{FlowDocument, NodeDocument, Target};
pub use duration::HumanDuration;
pub use finding::{Finding, Position, Severity};
pub use graph::Flow;
pub use lifetime::Lifetime;
pub use name::{AttributeName, ExitName, FlowId, Kind, Locale, NodeId, TextKey};
pub use parse::{ParsedDocument, parse, parse_value};
pub use stay::{AnswerTimes, Leaving, Stay, Waits};
pub use words::{Localised, Words};
