//! A table from numbers to values that can be asked but not walked, so that hash order can never reach a decision.
//!
//! What it deliberately does not do: it has no iterator. Keys are numbers that the engine itself gave out one after
//! the other, never text from outside, so nobody can choose keys that collide.

use hashbrown::HashTable;

/// The table.
#[derive(Debug)]
pub(crate) struct Index<V> {
    table: HashTable<(u64, V)>,
}

impl<V> Default for Index<V> {
    fn default() -> Self {
        Self { table: HashTable::new() }
    }
}

impl<V: Copy> Index<V> {
    /// The value of a key.
    pub(crate) fn get(&self, key: u64) -> Option<V> {
        self.table.find(spread(key), |(k, _)| *k == key).map(|(_, value)| *value)
    }

    /// Gives a key a value, and says which it had.
    pub(crate) fn insert(&mut self, key: u64, value: V) -> Option<V> {
        match self.table.find_mut(spread(key), |(k, _)| *k == key) {
            Some((_, known)) => Some(std::mem::replace(known, value)),
            None => {
                self.table.insert_unique(spread(key), (key, value), |(k, _)| spread(*k));
                None
            }
        }
    }

    /// Takes a key out.
    pub(crate) fn remove(&mut self, key: u64) -> Option<V> {
        let entry = self.table.find_entry(spread(key), |(k, _)| *k == key).ok()?;
        Some(entry.remove().0.1)
    }
}

/// Fibonacci hashing (Knuth, TAOCP 3, 6.4): neighbours land far apart, and both the low bits that choose the place and
/// the high bits that tag it depend on the whole key.
fn spread(key: u64) -> u64 {
    let product = u128::from(key) * 0x9E37_79B9_7F4A_7C15_u128;
    #[expect(clippy::cast_possible_truncation, reason = "both halves are wanted")]
    let folded = (product >> 64) as u64 ^ product as u64;
    folded
}
