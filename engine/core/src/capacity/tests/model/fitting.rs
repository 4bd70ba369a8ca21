//! Who may have what: every test of an agent and a contact, one after the other.

use routewright_flows::Channel;

use super::Model;
use crate::{
    capacity::{CapacityRefusal, Work},
    event::PresenceStatus,
    id::AgentId,
};

impl Model {
    pub(super) fn held(&self, agent: &AgentId) -> impl Iterator<Item = &Work> {
        self.works.values().filter(move |work| work.state.agent() == Some(agent))
    }

    pub(super) fn online(&self, agent: &AgentId) -> Result<(), CapacityRefusal> {
        match self.rows.get(agent) {
            None => Err(CapacityRefusal::UnknownAgent(agent.clone())),
            Some(row) if row.status == PresenceStatus::Offline => Err(CapacityRefusal::AgentOffline(agent.clone())),
            Some(_) => Ok(()),
        }
    }

    /// True when the agent's status lets contacts of the channel come.
    pub(super) fn opens(&self, agent: &AgentId, channel: Channel) -> bool {
        let row = &self.rows[agent];
        let statuses = self.catalogue.profile_of(agent).statuses;
        let named = row.named.as_ref().and_then(|name| statuses.get(name));
        row.status == PresenceStatus::Available
            && row.lost_at.is_none()
            && named.is_none_or(|status| status.channels.contains(&channel))
    }

    pub(super) fn can_take(&self, agent: &AgentId, work: &Work) -> bool {
        self.catalogue.profile_of(agent).push && self.saved_for(agent).is_none() && self.can_have(agent, work, false)
    }

    pub(super) fn can_have(&self, agent: &AgentId, work: &Work, pulled: bool) -> bool {
        self.opens(agent, work.channel)
            && self.suits(agent, work)
            && self.bound(agent, work.channel, true, pulled).is_none()
            && !work.bounced.contains(agent)
            && work.kept.as_ref().is_none_or(|kept| kept.agent == *agent)
    }

    pub(super) fn suits(&self, agent: &AgentId, work: &Work) -> bool {
        let settings = &self.catalogue.agents[agent];
        let skilled = self
            .needs(work)
            .iter()
            .all(|(skill, worst)| settings.skills.iter().any(|(has, level)| has == skill && level <= worst));
        skilled
            && (settings.supervisor || !work.requirement.supervisor)
            && self.bound(agent, work.channel, false, false).is_none()
    }

    /// The first bound that one contact more would break, with what he has or from empty hands.
    pub(super) fn bound(&self, agent: &AgentId, channel: Channel, loaded: bool, pulled: bool) -> Option<&'static str> {
        let profile = self.catalogue.profile_of(agent);
        let held: Vec<&Work> = self.held(agent).filter(|_| loaded).collect();
        let weight = |channel: Channel| u64::from(profile.units.get(&channel).copied().unwrap_or(1));
        let of_channel = held.iter().filter(|work| work.channel == channel).count();
        let excludes = |work: &&Work| profile.excludes.get(&work.channel).is_some_and(|them| them.contains(&channel));
        let excluded = !pulled && held.iter().any(excludes);
        let stands_aside = |other: Channel| profile.interruptible.contains(&other);
        let counts = |work: &&&Work| stands_aside(channel) || !stands_aside(work.channel);
        let contacts = held.iter().filter(counts).count();
        let units = held.iter().filter(counts).map(|work| weight(work.channel)).sum::<u64>() + weight(channel);
        if profile.channel_max.get(&channel).is_some_and(|max| of_channel >= usize::from(*max)) {
            Some("channel-max")
        } else if excluded {
            Some("channel-excluded")
        } else if profile.units_max.is_some_and(|max| units > u64::from(max)) {
            Some("units-max")
        } else if contacts >= usize::from(profile.contacts_max) {
            Some("contacts-max")
        } else {
            None
        }
    }
}
