//! Keys behind marks. Names of one table have long common beginnings (`agent-00017`), and each lies in memory of its own;
//! marks that are made of them differ at once and lie in the table, so that a search compares words and not texts.
//!
//! What it deliberately does not do: its order means nothing, so nothing may depend on it. Names that are made to share
//! a mark cost what comparing texts costs.

/// The mark of a text (FNV-1a).
pub(crate) fn mark(text: &str) -> u64 {
    text.bytes().fold(0xCBF2_9CE4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3))
}

/// A key behind the mark of a text in it.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Marked<K>(u64, K);

impl<K> Marked<K> {
    pub(crate) fn new(mark: u64, key: K) -> Self {
        Self(mark, key)
    }
}
