//! Room for wide work (U-12): a contact that needs much room would wait for ever behind narrow ones, which take each
//! small gap as it comes. After a stated time one agent is closed to everything else until he has room for it.
//!
//! With `k` exponential conversations of mean `m` to end, that takes `m (1 + 1/2 + .. + 1/k)` on average. Which agent:
//! he who carries the least. That is the one question that looks at every agent who could serve a contact, and it is
//! asked once in [`RESERVE_AGAIN`] for each contact that waited too long, never on the path of a decision.
//!
//! What it deliberately does not do: it moves no conversation. Anybody else who gets room first may have the contact.

use serde::{Deserialize, Serialize};

use super::{
    Capacity, Given, Notice, Work, WorkState,
    agents::{AgentIdx, Serves},
    queues::Entry,
};
use crate::{
    id::{AgentId, InteractionId},
    limits::RESERVE_AGAIN,
    time::Timestamp,
};

/// Room being made for a contact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Room {
    /// Who is closed to other work; none when nobody could be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<AgentId>,
    /// When that was last looked at.
    pub at: Timestamp,
}

impl Capacity {
    /// When room is to be made for a waiting contact, or looked at again.
    pub(super) fn room_due(&self, work: &Work) -> Option<Timestamp> {
        let mut skills = work.requirement.skills.keys().filter_map(|skill| self.catalogue.skills.get(skill));
        let after = skills.find_map(|settings| settings.reserve_after)?.get();
        Some(work.room.as_ref().map_or(work.since + after, |room| room.at + RESERVE_AGAIN))
    }

    /// Closes the agent who carries the least of all who could serve the contact; he who is closed already stays so.
    pub(super) fn make_room(&mut self, interaction: InteractionId, now: Timestamp) {
        let Entry { work, class } = &self.works[&interaction];
        let (class, channel) = (*class, work.channel);
        let before = work.room.as_ref().and_then(|room| self.find(room.agent.as_ref()?));
        let serving = self.profiles.iter().filter(|profile| {
            let serves = profile.serves.binary_search_by_key(&class, |Serves { class, .. }| *class);
            serves.is_ok() && profile.limits.push
        });
        let free = |idx: &AgentIdx| {
            let agent = &self.agents[idx.at()];
            let saved = agent.saved_for.is_none_or(|other| other == interaction);
            saved && agent.standing.open.contains(channel) && work.admits(&agent.id)
        };
        let able: Vec<AgentIdx> = serving.flat_map(|profile| profile.agents.iter().copied()).filter(free).collect();
        let best = able.iter().copied().min_by_key(|idx| {
            let agent = &self.agents[idx.at()];
            (agent.load.units, agent.load.contacts, *idx)
        });
        let chosen = before.filter(|idx| able.contains(idx)).or(best);
        let agent = chosen.map(|idx| self.agents[idx.at()].id.clone());
        if before != chosen {
            self.unsave(before);
            self.reopened.extend(before);
        }
        self.touch(interaction).room = Some(Room { agent, at: now });
        if let Some(idx) = chosen {
            self.agents[idx.at()].saved_for = Some(interaction);
            self.reindex_agent(idx);
        }
    }

    /// The contact waits no more: whoever was closed for it is open again, and still to be filled.
    pub(super) fn give_room_back(&mut self, interaction: InteractionId) {
        let Some(room) = self.touch(interaction).room.take() else { return };
        let idx = room.agent.and_then(|agent| self.find(&agent));
        self.unsave(idx);
        self.reopened.extend(idx);
    }

    fn unsave(&mut self, idx: Option<AgentIdx>) {
        if let Some(idx) = idx {
            self.agents[idx.at()].saved_for = None;
            self.reindex_agent(idx);
        }
    }

    /// The contact for whom an agent is closed, when he has room for it now and is not being filled at a pace (U-11):
    /// then it is the next that he gets.
    pub(super) fn saved_contact(&self, idx: AgentIdx) -> Option<InteractionId> {
        let agent = &self.agents[idx.at()];
        let interaction = agent.saved_for?;
        let entry = self.works.get(&interaction).filter(|entry| entry.work.state == WorkState::Waiting)?;
        let limits = self.limits(idx);
        let channel = entry.work.channel;
        let room = agent.open(limits).contains(channel) && limits.refuses(&agent.load, &entry.work, false).is_none();
        let now = limits.push && agent.paced_until().is_none();
        let his = now && self.can_serve(idx, entry.class) && self.may_go_to(&entry.work, idx);
        (room && his).then_some(interaction)
    }

    /// Gives an agent the contact for whom he is closed, when he has room for it.
    pub(super) fn give_saved(&mut self, idx: AgentIdx, now: Timestamp, notices: &mut Vec<Notice>) {
        if let Some(interaction) = self.saved_contact(idx) {
            self.offer(interaction, idx, Given::Pushed, now, notices);
        }
    }

    /// Fills the agents who were opened again by what was just done.
    pub(super) fn fill_reopened(&mut self, now: Timestamp, notices: &mut Vec<Notice>) {
        while let Some(idx) = self.reopened.pop() {
            self.fill(idx, now, notices);
        }
    }
}
