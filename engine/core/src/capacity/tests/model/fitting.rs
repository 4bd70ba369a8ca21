//! Who may have what: every test of an agent and a contact, one after the other.

use std::sync::Arc;

use routewright_flows::Channel;

use super::{Model, ring::ringing};
use crate::{
    capacity::{CapacityRefusal, Work, WorkState},
    catalogue::{Charge, ProfileSettings, RoleSettings},
    event::PresenceStatus,
    id::{AgentId, InteractionId, SkillId},
    script::QueueView,
    time::Timestamp,
};

impl Model {
    pub fn queue(&self, skill: &SkillId) -> QueueView {
        let waits = |work: &&Work| work.state == WorkState::Waiting && self.needs(work).contains_key(skill);
        let has = |id: &&AgentId| self.sees(id, skill) && self.online(id).is_ok();
        let takes = |id: &&AgentId| {
            let takes =
                |channel: &Channel| self.opens(id, *channel) && self.bound(id, &plain(*channel), true, false).is_none();
            let paced = self.rows[*id].paced_until.is_some();
            let push = self.catalogue.profile_of(id).push && self.saved_for(id).is_none() && !paced;
            push && Channel::ALL.iter().any(takes)
        };
        let count = |n: usize| u32::try_from(n).expect("a small centre");
        QueueView {
            waiting: count(self.works.values().filter(waits).count()),
            agents: count(self.rows.keys().filter(has).count()),
            available: count(self.rows.keys().filter(has).filter(takes).count()),
        }
    }

    /// The code of the first test that keeps the contact from the agent.
    pub fn why(&self, interaction: InteractionId, agent: &AgentId) -> Option<&'static str> {
        let work = self.works.get(&interaction)?;
        let row = self.rows.get(agent)?;
        let settings = &self.catalogue.agents[agent];
        let skills = &self.needs(work);
        let lacks = |skill: &&SkillId| !settings.skills.contains_key(*skill) || !self.sees(agent, skill);
        let lacks = skills.keys().find(lacks);
        let bound = self.bound(agent, work, true, false);
        let tests = [
            (work.state.agent() == Some(agent) || ringing(work).contains(agent), "has-it"),
            (row.status != PresenceStatus::Available || row.lost_at.is_some(), "presence"),
            (channels(work).iter().any(|channel| !self.opens(agent, *channel)), "status"),
            (self.bound(agent, &plain(work.channel), false, false).is_some(), "channel"),
            (!self.answers_at(agent, work), "role"),
            (lacks.is_some_and(|skill| settings.skills.contains_key(skill)), "skill-not-seen"),
            (lacks.is_some(), "skill"),
            (skills.iter().any(|(skill, worst)| settings.skills.get(skill).is_none_or(|has| has > worst)), "level"),
            (work.requirement.supervisor && !settings.supervisor, "supervisor"),
            (bound == Some("channel-max"), "channel-max"),
            (bound == Some("channel-excluded"), "channel-excluded"),
            (bound == Some("units-max"), "units-max"),
            (bound == Some("contacts-max"), "contacts-max"),
            (self.saved_for(agent).is_some_and(|other| other != interaction), "saved"),
            (row.paced_until.is_some(), "filling"),
            (!self.catalogue.profile_of(agent).push, "pull-only"),
            (work.bounced.contains(agent), "bounced"),
            (work.kept.as_ref().is_some_and(|kept| kept.agent != *agent), "kept"),
            (work.state != WorkState::Waiting, "reserved"),
        ];
        Some(tests.iter().find(|(fails, _)| *fails).map_or("could-be-offered", |(_, code)| code))
    }

    fn role(&self, agent: &AgentId) -> Option<&RoleSettings> {
        let named = self.catalogue.agents[agent].role.as_ref()?;
        self.catalogue.roles.iter().find(|(id, _)| *id == named).map(|(_, role)| role)
    }

    /// He has the skill, and his role shows it to him (WAP-16).
    fn sees(&self, agent: &AgentId, skill: &SkillId) -> bool {
        let shown = self.role(agent).and_then(|role| role.skills.as_ref()).is_none_or(|shown| shown.contains(skill));
        shown && self.catalogue.agents[agent].skills.contains_key(skill)
    }

    /// His role lets him answer where the contact came in (WAP-16).
    fn answers_at(&self, agent: &AgentId, work: &Work) -> bool {
        let may =
            |role: &RoleSettings, at| role.touchpoints.iter().any(|(touchpoint, may)| touchpoint == at && may.reply);
        work.touchpoint.as_ref().zip(self.role(agent)).is_none_or(|(at, role)| may(role, at))
    }

    pub(super) fn held(&self, agent: &AgentId) -> impl Iterator<Item = &Work> {
        self.works
            .values()
            .filter(move |work| work.state.agent() == Some(agent) || work.also.iter().any(|also| also.agent == *agent))
    }

    /// What an agent carries: units, and contacts. What he set aside takes no place (U-09).
    pub(super) fn carries(&self, agent: &AgentId) -> (u64, usize) {
        let profile = self.catalogue.profile_of(agent);
        let active = self.held(agent).filter(|work| work.parked.is_none());
        let counted: Vec<Channel> = active.flat_map(|work| charged(&profile, work)).collect();
        let weight = |channel: &Channel| u64::from(profile.units.get(channel).copied().unwrap_or(1));
        (counted.iter().map(weight).sum(), counted.len())
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
        self.saved_for(agent).is_none() && self.has_room_for(agent, work)
    }

    /// He may be given the contact now, were he closed for nobody else.
    pub(super) fn has_room_for(&self, agent: &AgentId, work: &Work) -> bool {
        let paced = self.rows[agent].paced_until.is_some();
        self.catalogue.profile_of(agent).push && !paced && self.can_have(agent, work, false)
    }

    pub(super) fn can_have(&self, agent: &AgentId, work: &Work, pulled: bool) -> bool {
        channels(work).iter().all(|channel| self.opens(agent, *channel))
            && self.suits(agent, work)
            && self.bound(agent, work, true, pulled).is_none()
            && !work.bounced.contains(agent)
            && work.kept.as_ref().is_none_or(|kept| kept.agent == *agent)
    }

    pub(super) fn suits(&self, agent: &AgentId, work: &Work) -> bool {
        let settings = &self.catalogue.agents[agent];
        let skilled = self
            .needs(work)
            .iter()
            .all(|(skill, worst)| settings.skills.iter().any(|(has, level)| has == skill && level <= worst));
        let seen = self.needs(work).keys().all(|skill| self.sees(agent, skill));
        (skilled && seen && self.answers_at(agent, work))
            && (settings.supervisor || !work.requirement.supervisor)
            && self.bound(agent, &plain(work.channel), false, false).is_none()
    }

    /// The first bound that a contact would break, on any of its channels, with what he has or from empty hands.
    pub(super) fn bound(&self, agent: &AgentId, work: &Work, loaded: bool, pulled: bool) -> Option<&'static str> {
        let profile = self.catalogue.profile_of(agent);
        let others = self.held(agent).filter(|held| loaded && held.interaction != work.interaction);
        let (parked, held): (Vec<&Work>, Vec<&Work>) = others.partition(|held| held.parked.is_some());
        let weight = |channel: &Channel| u64::from(profile.units.get(channel).copied().unwrap_or(1));
        let keeps = |channel: &Channel| match profile.parked_units.get(channel) {
            _ if profile.interruptible.contains(channel) => 0,
            Some(units) => u64::from(*units).min(weight(channel)),
            None => weight(channel),
        };
        let counted_as = |work: &Work| charged(&profile, work);
        let reserved: u64 = parked.iter().flat_map(|work| counted_as(work)).map(|channel| keeps(&channel)).sum();
        let stands_aside = |other: &Channel| profile.interruptible.contains(other);
        let own = counted_as(work);
        channels(work).into_iter().find_map(|channel| {
            let of_channel = held.iter().filter(|other| channels(other).contains(&channel)).count();
            let mut beside = held.iter().flat_map(|other| channels(other));
            let excluded =
                !pulled && beside.any(|by| profile.excludes.get(&by).is_some_and(|them| them.contains(&channel)));
            let counts = |other: &Channel| stands_aside(&channel) || !stands_aside(other);
            let counted: Vec<Channel> = held.iter().flat_map(|other| counted_as(other)).filter(counts).collect();
            let contacts = counted.len() + own.len();
            let units = counted.iter().chain(&own).map(weight).sum::<u64>() + reserved;
            if profile.channel_max.get(&channel).is_some_and(|max| of_channel >= usize::from(*max)) {
                Some("channel-max")
            } else if excluded {
                Some("channel-excluded")
            } else if profile.units_max.is_some_and(|max| units > u64::from(max)) {
                Some("units-max")
            } else if contacts > usize::from(profile.contacts_max) {
                Some("contacts-max")
            } else {
                None
            }
        })
    }
}

/// The channels for which a contact counts in its agent's load (MAX-14).
fn charged(profile: &ProfileSettings, work: &Work) -> Vec<Channel> {
    let all = channels(work);
    let weight = |channel: &Channel| u64::from(profile.units.get(channel).copied().unwrap_or(1));
    let heaviest = all.iter().copied().reduce(|most, next| {
        let more = weight(&most) < weight(&next) || (weight(&most) == weight(&next) && most != work.channel);
        if more { next } else { most }
    });
    if profile.elevated == Charge::Sum { all } else { heaviest.into_iter().collect() }
}

pub(super) fn channels(work: &Work) -> Vec<Channel> {
    let mut all = vec![work.channel];
    all.extend(work.legs.iter().map(|leg| leg.channel));
    all
}

/// A contact of one channel, to ask what there is room for.
pub(super) fn plain(channel: Channel) -> Work {
    Work::waiting(InteractionId(u64::MAX), channel, Arc::default(), Timestamp(0))
}
