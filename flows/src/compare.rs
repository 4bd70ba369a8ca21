//! Two documents side by side ([`diff`]), three together ([`merge`]): what people changed, at the level they think in (a
//! node, an exit, a setting, a text in one language), in words and as data.
//!
//! Both read a document through the same [`grain`], so what one calls a change the other can merge.
//!
//! It deliberately compares no spacing, no key order and no layout: documents are parsed first, and moving a node on the
//! canvas changes nothing that a flow does.

pub mod diff;
mod grain;
pub mod merge;
pub mod part;
mod rename;

pub use diff::{Change, Diff, diff};
pub use merge::{Conflict, Merged, merge};
pub use part::Part;
