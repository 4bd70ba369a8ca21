//! Offers to several at once, and the agent who is closed for a contact that waited too long.

use super::Model;
use crate::{
    capacity::{AlsoOffered, Notice, OfferEnd, Room, Work, WorkState},
    id::{AgentId, InteractionId, OfferId},
    time::Timestamp,
};

impl Model {
    /// Asks the next best of those who can take a contact that was just offered, as many as its skills say.
    pub(super) fn ring(&mut self, interaction: InteractionId, now: Timestamp, notices: &mut Vec<Notice>) {
        let work = &self.works[&interaction];
        let WorkState::Offered { agent: first, .. } = work.state.clone() else { return };
        let needs = self.needs(work);
        let at_once = needs.keys().filter_map(|skill| self.catalogue.skills.get(skill)?.at_once).next();
        if work.kept.as_ref().is_some_and(|kept| kept.agent == first) {
            return;
        }
        let auto = |id: &AgentId| self.catalogue.profile_of(id).auto_accept.contains(&work.channel);
        let able =
            self.rows.values().filter(|row| row.agent != first && !auto(&row.agent) && self.can_take(&row.agent, work));
        let mut others: Vec<_> = able.map(|row| (self.turn(row, work), row.agent.clone())).collect();
        others.sort();
        for (_, agent) in others.into_iter().take(usize::from(at_once.unwrap_or(1)).saturating_sub(1)) {
            let (offer, expires_at) = self.number_offer(&agent, now);
            let also = AlsoOffered { offer, agent: agent.clone(), expires_at };
            self.works.get_mut(&interaction).expect("it is offered").also.push(also);
            self.chosen(interaction, &agent, now);
            notices.push(Notice::OfferMade { interaction, offer, agent, expires_at });
        }
    }

    pub(super) fn end_offers(
        &mut self,
        interaction: InteractionId,
        why: OfferEnd,
        notices: &mut Vec<Notice>,
    ) -> Vec<AgentId> {
        let ringing = ringing(&self.works[&interaction]);
        for agent in &ringing {
            self.drop_offer(interaction, agent, why, notices);
        }
        ringing
    }

    /// True when nobody else has an offer of it.
    pub(super) fn drop_offer(
        &mut self,
        interaction: InteractionId,
        agent: &AgentId,
        why: OfferEnd,
        notices: &mut Vec<Notice>,
    ) -> bool {
        let work = self.works.get_mut(&interaction).expect("an offered contact");
        let (offer, _) = offer_to(work, agent).expect("it is offered to him");
        notices.push(Notice::OfferEnded { interaction, offer, agent: agent.clone(), why });
        work.also.retain(|also| also.agent != *agent);
        if work.state.agent() == Some(agent) {
            let next = (!work.also.is_empty()).then(|| work.also.remove(0));
            work.state = next.map_or(WorkState::Waiting, |AlsoOffered { offer, agent, expires_at }| {
                WorkState::Offered { offer, agent, expires_at }
            });
        }
        work.state == WorkState::Waiting
    }

    pub(super) fn make_room(&mut self, interaction: InteractionId, now: Timestamp) {
        let work = &self.works[&interaction];
        let able: Vec<&AgentId> = self
            .rows
            .keys()
            .filter(|id| self.saved_for(id).is_none_or(|other| other == interaction))
            .filter(|id| self.catalogue.profile_of(id).push && self.opens(id, work.channel) && self.suits(id, work))
            .filter(|id| !work.bounced.contains(*id) && work.kept.as_ref().is_none_or(|kept| kept.agent == **id))
            .collect();
        let before = work.room.as_ref().and_then(|room| room.agent.as_ref()).filter(|agent| able.contains(agent));
        let least = able.iter().min_by_key(|id| (self.carries(id), AgentId::clone(id)));
        let agent = before.or(least.copied()).cloned();
        let work = self.works.get_mut(&interaction).expect("it waits");
        let old = work.room.replace(Room { agent: agent.clone(), at: now });
        self.reopened.extend(old.and_then(|room| room.agent).filter(|old| Some(old) != agent.as_ref()));
    }
}

/// The offer that an agent has of a contact, and its end.
pub(super) fn offer_to(work: &Work, agent: &AgentId) -> Option<(OfferId, Timestamp)> {
    let first = match work.state.clone() {
        WorkState::Offered { offer, agent, expires_at } => Some(AlsoOffered { offer, agent, expires_at }),
        WorkState::Waiting | WorkState::Active { .. } | WorkState::WrapUp { .. } => None,
    };
    let mut all = first.into_iter().chain(work.also.clone());
    all.find(|also| also.agent == *agent).map(|also| (also.offer, also.expires_at))
}

/// Those to whom a contact is offered, the first of them first.
pub(super) fn ringing(work: &Work) -> Vec<AgentId> {
    let first = match &work.state {
        WorkState::Offered { agent, .. } => Some(agent.clone()),
        WorkState::Waiting | WorkState::Active { .. } | WorkState::WrapUp { .. } => None,
    };
    first.into_iter().chain(work.also.iter().map(|also| also.agent.clone())).collect()
}
