//! The interactions in hand: those that inputs touched and the store may not have yet, and the ones used last.
//!
//! What it deliberately does not do: it writes nothing. The driver says when the store has everything
//! ([`Switchboard::release`](super::Switchboard::release)), and only then are interactions let go.

use std::collections::{BTreeMap, VecDeque};

use super::{Shelf, ShelfError};
use crate::{
    contact::ContactKey,
    id::InteractionId,
    interaction::Interaction,
    mark::{Marked, mark},
};

#[derive(Debug, Default)]
pub(super) struct Hand {
    held: BTreeMap<InteractionId, Box<Held>>,
    /// The latest interaction of each contact whose latest is in hand.
    latest: BTreeMap<Marked<ContactKey>, InteractionId>,
    /// Uses in order, oldest first; a use that is not the interaction's last is skipped.
    uses: VecDeque<(InteractionId, u64)>,
    /// Counts the uses.
    clock: u64,
}

/// An interaction in hand.
#[derive(Debug)]
pub(super) struct Held {
    pub(super) interaction: Interaction,
    /// Effects of its present turn so far.
    pub(super) effects: u32,
    last_use: u64,
}

impl Hand {
    /// An interaction, from the shelf when it is not in hand.
    pub(super) fn load(&mut self, id: InteractionId, shelf: &mut dyn Shelf) -> Result<Option<&mut Held>, ShelfError> {
        if !self.held.contains_key(&id) {
            let Some(interaction) = shelf.fetch(id)? else { return Ok(None) };
            self.hold(interaction);
        }
        Ok(self.used(id))
    }

    /// The latest interaction of a contact.
    pub(super) fn latest(&mut self, key: &ContactKey, shelf: &mut dyn Shelf) -> Result<Option<&mut Held>, ShelfError> {
        let marked = marked(key.clone());
        let id = match self.latest.get(&marked) {
            Some(id) => *id,
            None => {
                let Some(id) = shelf.latest(key)? else { return Ok(None) };
                if self.load(id, shelf)?.is_none() {
                    return Ok(None);
                }
                self.latest.insert(marked, id);
                id
            }
        };
        Ok(self.used(id))
    }

    /// Takes a new interaction in hand; it is its contact's latest.
    pub(super) fn open(&mut self, interaction: Interaction) {
        self.latest.insert(marked(interaction.key()), interaction.id);
        self.hold(interaction);
    }

    pub(super) fn get(&self, id: InteractionId) -> Option<&Held> {
        self.held.get(&id).map(|held| &**held)
    }

    pub(super) fn get_mut(&mut self, id: InteractionId) -> Option<&mut Held> {
        self.held.get_mut(&id).map(|held| &mut **held)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Interaction> {
        self.held.values().map(|held| &held.interaction)
    }

    /// Lets go of all but the `keep` used last.
    pub(super) fn release(&mut self, keep: usize) {
        while keep < self.held.len() {
            let Some((id, at)) = self.uses.pop_front() else { return };
            if self.get(id).is_some_and(|held| held.last_use == at)
                && let Some(held) = self.held.remove(&id)
            {
                let key = marked(held.interaction.key());
                if self.latest.get(&key) == Some(&id) {
                    self.latest.remove(&key);
                }
            }
        }
        // Uses that no longer count are at most as many as those that do.
        if 2 * self.held.len() + 64 < self.uses.len() {
            let held = &self.held;
            self.uses.retain(|(id, at)| held.get(id).is_some_and(|held| held.last_use == *at));
        }
    }

    fn hold(&mut self, interaction: Interaction) {
        let id = interaction.id;
        self.held.insert(id, Box::new(Held { interaction, effects: 0, last_use: 0 }));
        self.used(id);
    }

    fn used(&mut self, id: InteractionId) -> Option<&mut Held> {
        let held = self.held.get_mut(&id)?;
        // Uses in a row count as one.
        if held.last_use != self.clock || self.clock == 0 {
            self.clock += 1;
            held.last_use = self.clock;
            self.uses.push_back((id, self.clock));
        }
        Some(held)
    }
}

fn marked(key: ContactKey) -> Marked<ContactKey> {
    Marked::new(mark(&key.address), key)
}
