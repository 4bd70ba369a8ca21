//! Offers to several agents at once, with one winner (P-10, U-06, U-18, U-26). A skill says to how many; the first who
//! accepts has the contact, and the others are free again in the same breath.
//!
//! The first of them is the one whose turn it is, and stands in the work's state; the others stand beside him in
//! [`Work::also`]. When he declines, one of them takes his place: who hangs up drops nobody else.
//!
//! What it deliberately does not do: nobody joins a ring later, and an agent who accepts of himself (`auto_accept`) is
//! rung alone, when it is his turn.

use serde::{Deserialize, Serialize};

use super::{Capacity, Given, Kept, Notice, OfferEnd, Work, WorkState, agents::AgentIdx};
use crate::{
    id::{AgentId, InteractionId, OfferId},
    time::Timestamp,
};

/// An offer beside the first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlsoOffered {
    /// The offer.
    pub offer: OfferId,
    /// To whom.
    pub agent: AgentId,
    /// Until when (T-04).
    pub expires_at: Timestamp,
}

impl Work {
    /// Every agent who has it, be it only offered.
    pub fn holders(&self) -> impl Iterator<Item = &AgentId> {
        self.state.agent().into_iter().chain(self.also.iter().map(|also| &also.agent))
    }

    /// The offer that an agent has of it, and its end.
    #[must_use]
    pub fn offer_to(&self, agent: &AgentId) -> Option<(OfferId, Timestamp)> {
        match &self.state {
            WorkState::Offered { offer, agent: first, expires_at } if first == agent => Some((*offer, *expires_at)),
            WorkState::Waiting | WorkState::Offered { .. } | WorkState::Active { .. } | WorkState::WrapUp { .. } => {
                let also = self.also.iter().find(|also| also.agent == *agent)?;
                Some((also.offer, also.expires_at))
            }
        }
    }

    /// The work as one of those sees it to whom it is offered: as if it were offered to him alone.
    #[must_use]
    pub fn seen_by(&self, agent: &AgentId) -> Self {
        let mut seen = Self { also: Vec::new(), ..self.clone() };
        if let Some((offer, expires_at)) = self.offer_to(agent) {
            seen.state = WorkState::Offered { offer, agent: agent.clone(), expires_at };
        }
        seen
    }

    /// When the first of its offers ends.
    pub(super) fn offers_until(&self, first: Timestamp) -> Timestamp {
        self.also.iter().map(|also| also.expires_at).fold(first, Timestamp::min)
    }
}

impl Capacity {
    /// Offers a contact that was just offered to somebody to others as well, as far as its skills say so.
    pub(super) fn ring(&mut self, interaction: InteractionId, now: Timestamp, notices: &mut Vec<Notice>) {
        let Some(entry) = self.works.get(&interaction) else { return };
        let class = self.classes.get(entry.class);
        if class.at_once <= 1 {
            return;
        }
        let WorkState::Offered { agent: first, .. } = &entry.work.state else { return };
        if entry.work.kept.as_ref().is_some_and(|Kept { agent, .. }| agent == first) {
            return;
        }
        let channel = entry.work.channel;
        let rings = |idx: &AgentIdx| {
            let auto = self.limits(*idx).auto_accept.contains(channel);
            !auto && self.agents[idx.at()].id != *first && self.may_go_to(&entry.work, *idx)
        };
        let others: Vec<AgentIdx> =
            class.fit.iter().map(|turn| turn.agent).filter(rings).take(usize::from(class.at_once) - 1).collect();
        for idx in others {
            self.offer_also(interaction, idx, now, notices);
        }
    }

    fn offer_also(&mut self, interaction: InteractionId, idx: AgentIdx, now: Timestamp, notices: &mut Vec<Notice>) {
        let (offer, expires_at) = self.number_offer(idx, now);
        let agent = self.agents[idx.at()].id.clone();
        self.touch(interaction).also.push(AlsoOffered { offer, agent: agent.clone(), expires_at });
        notices.push(Notice::OfferMade { interaction, offer, agent, expires_at });
        self.chosen(interaction, idx, now);
        self.reserve(idx, interaction, Given::Pushed);
        self.reindex_agent(idx);
    }

    /// One of those takes it: every other offer ends, and he stands in the work's state. Gives the agents who are free
    /// again, still to be filled.
    pub(super) fn win(
        &mut self,
        interaction: InteractionId,
        winner: AgentIdx,
        notices: &mut Vec<Notice>,
    ) -> Vec<AgentIdx> {
        let others: Vec<AgentIdx> = self.ringing(interaction).into_iter().filter(|idx| *idx != winner).collect();
        for idx in &others {
            self.drop_offer(interaction, *idx, OfferEnd::Withdrawn, notices);
        }
        others
    }

    /// Ends every offer of a contact, which waits and is still to be lined up or dismissed. Gives the agents who are free
    /// again, still to be filled.
    pub(super) fn end_offers(
        &mut self,
        interaction: InteractionId,
        why: OfferEnd,
        notices: &mut Vec<Notice>,
    ) -> Vec<AgentIdx> {
        let ringing = self.ringing(interaction);
        for idx in &ringing {
            self.drop_offer(interaction, *idx, why, notices);
        }
        ringing
    }

    /// Ends the offer of one agent. True when it was the last one: the contact waits, and is still to be lined up or
    /// dismissed.
    pub(super) fn drop_offer(
        &mut self,
        interaction: InteractionId,
        idx: AgentIdx,
        why: OfferEnd,
        notices: &mut Vec<Notice>,
    ) -> bool {
        let agent = self.agents[idx.at()].id.clone();
        let work = &self.works[&interaction].work;
        let Some((offer, _)) = work.offer_to(&agent) else { return false };
        notices.push(Notice::OfferEnded { interaction, offer, agent: agent.clone(), why });
        if work.also.is_empty() {
            self.set_down(interaction, idx);
            return true;
        }
        self.release(idx, interaction);
        let work = self.touch(interaction);
        match work.also.iter().position(|also| also.agent == agent) {
            Some(at) => drop(work.also.remove(at)),
            None => {
                let AlsoOffered { offer, agent, expires_at } = work.also.remove(0);
                work.state = WorkState::Offered { offer, agent, expires_at };
            }
        }
        self.reindex_agent(idx);
        false
    }

    /// Those to whom a contact is offered, the first of them first.
    pub(super) fn ringing(&self, interaction: InteractionId) -> Vec<AgentIdx> {
        let work = &self.works[&interaction].work;
        match work.state {
            WorkState::Offered { .. } => work.holders().filter_map(|agent| self.find(agent)).collect(),
            WorkState::Waiting | WorkState::Active { .. } | WorkState::WrapUp { .. } => Vec::new(),
        }
    }
}
