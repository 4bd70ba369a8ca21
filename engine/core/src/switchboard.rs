//! The single writer of a shard. It owns the interactions in hand, the capacity of each tenant, and the timers, and
//! carries messages between them until quiet. Being written: signatures are settled.

use std::collections::BTreeSet;

use crate::{
    capacity::Work,
    contact::{ContactKey, Said},
    effect::Effect,
    event::Input,
    fact::FactRecord,
    id::{AgentId, InteractionId, OfferId, TenantId},
    interaction::Interaction,
    refusal::Refusal,
    time::Timestamp,
};

/// Where interactions that are not in hand are found. The runtime reads its store; tests keep serialised bytes.
///
/// It answers from what the switchboard released, so an interaction that was changed and not yet released is never
/// asked for.
pub trait Shelf {
    /// The interaction with this id, live or ended.
    ///
    /// # Errors
    /// [`ShelfError`] when the store cannot be read; the shard must stop.
    fn fetch(&mut self, id: InteractionId) -> Result<Option<Interaction>, ShelfError>;

    /// The latest interaction of a contact, live or ended.
    ///
    /// # Errors
    /// As for [`Shelf::fetch`].
    fn latest(&mut self, key: &ContactKey) -> Result<Option<InteractionId>, ShelfError>;
}

/// The shelf could not be read. Fatal: the shard stops acknowledging, exits and recovers.
#[derive(Debug, thiserror::Error)]
#[error("the store cannot be read: {0}")]
pub struct ShelfError(pub String);

/// What came of one input.
#[derive(Debug, Default)]
pub struct Output {
    /// What the caller is told, after the commit.
    pub answer: Answer,
    /// What happened, in order.
    pub facts: Vec<FactRecord>,
    /// What to do outside, after the commit, in order.
    pub effects: Vec<Effect>,
    /// Which rows changed.
    pub touched: Touched,
}

/// What a caller is told.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum Answer {
    /// It is done; nothing more to tell.
    #[default]
    Done,
    /// A contact's message was heard: the interaction, its turn, and what was said in return.
    Heard {
        /// Which.
        interaction: InteractionId,
        /// Its turn.
        turn: u64,
        /// What was said.
        said: Vec<Said>,
    },
    /// The provider repeated a message: the answer is what was said in that turn.
    Repeated {
        /// Which.
        interaction: InteractionId,
        /// The turn that answered the first time.
        turn: u64,
    },
    /// An offer was accepted.
    Accepted {
        /// Which interaction it was.
        interaction: InteractionId,
        /// The offer.
        offer: OfferId,
    },
    /// Refused; nothing changed.
    Refused(Refusal),
}

/// Rows that changed and must be written.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Touched {
    /// Interactions.
    pub interactions: BTreeSet<InteractionId>,
    /// Works: written when they exist, deleted when they no longer do.
    pub works: BTreeSet<(TenantId, InteractionId)>,
    /// Agents.
    pub agents: BTreeSet<(TenantId, AgentId)>,
}

impl Touched {
    /// True when there is nothing to write.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.interactions.is_empty() && self.works.is_empty() && self.agents.is_empty()
    }
}

/// The shard.
#[derive(Debug, Default)]
pub struct Switchboard {}

#[expect(
    clippy::unused_self,
    clippy::needless_pass_by_ref_mut,
    clippy::unimplemented,
    clippy::missing_errors_doc,
    unused_variables,
    reason = "being written"
)]
impl Switchboard {
    /// Takes one input at one instant. Inputs that configure never fail.
    ///
    /// # Errors
    /// [`ShelfError`] only: the shard must stop, and what this input did must be dropped.
    pub fn handle(&mut self, input: Input, now: Timestamp, shelf: &mut dyn Shelf) -> Result<Output, ShelfError> {
        unimplemented!()
    }

    /// The interaction as it stands, when it is in hand.
    #[must_use]
    pub fn interaction(&self, id: InteractionId) -> Option<&Interaction> {
        unimplemented!()
    }

    /// The work of an interaction.
    #[must_use]
    pub fn work(&self, tenant: &TenantId, id: InteractionId) -> Option<&Work> {
        unimplemented!()
    }

    /// Lets go of interactions that the store now has; keeps at most `keep` of those used last.
    pub fn release(&mut self, keep: usize) {
        unimplemented!()
    }

    /// The earliest deadline in the table.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Timestamp> {
        unimplemented!()
    }
}
