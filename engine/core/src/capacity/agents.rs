//! Agents as capacity sees them: what they can do, how much they take, what they hold, and where they stand in the
//! indexes.
//!
//! What it deliberately does not do: it chooses nobody; see `matching`.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use routewright_flows::Channel;
use serde::{Deserialize, Serialize};

use super::{
    Capacity, Work, WorkState,
    queues::{Class, ClassIdx},
    skills::SkillIdx,
};
use crate::{
    catalogue::{Level, ProfileSettings},
    event::PresenceStatus,
    id::{AgentId, InteractionId, OfferId, SkillId},
    limits::OFFER_TIMEOUT_DEFAULT,
    time::Timestamp,
};

const CHANNELS: usize = Channel::ALL.len();

/// What the store keeps of an agent. His lease is not durable: a desk that is still there says so again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgentRow {
    /// Who.
    pub agent: AgentId,
    /// His presence.
    pub status: PresenceStatus,
    /// When he last ended some work of his own or became available.
    pub idle_since: Timestamp,
    /// When he was last given a contact.
    pub given_at: Timestamp,
    /// The last offer he had. With every agent's, it keeps offer numbers rising over a restart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_offer: Option<OfferId>,
    /// How many contacts he has handled: records closed.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub handled: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
fn is_zero(n: &u64) -> bool {
    *n == 0
}

/// An agent as people and reports see him.
#[derive(Debug, Clone, PartialEq)]
pub struct AgentView<'a> {
    /// Who.
    pub agent: &'a AgentId,
    /// His presence.
    pub status: PresenceStatus,
    /// All that he carries: offers, conversations and wrap-ups (FCE-06).
    pub load: Load,
    /// Contacts offered to him.
    pub offers: Vec<&'a Work>,
    /// Contacts he converses with.
    pub active: Vec<&'a Work>,
    /// Records he completes.
    pub wrap_ups: Vec<&'a Work>,
    /// When he last ended some work of his own or became available.
    pub idle_since: Timestamp,
}

/// What an agent carries.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Load {
    /// Contacts over all channels.
    pub contacts: u32,
    /// Work units.
    pub units: u32,
    by_channel: [u32; CHANNELS],
}

impl Load {
    /// Contacts of one channel.
    #[must_use]
    pub fn of(&self, channel: Channel) -> u32 {
        self.by_channel[channel as usize]
    }

    fn add(&mut self, channel: Channel, limits: &Limits) {
        self.contacts += 1;
        self.units += limits.weight(channel);
        self.by_channel[channel as usize] += 1;
    }

    fn subtract(&mut self, channel: Channel, limits: &Limits) {
        let of_channel = &mut self.by_channel[channel as usize];
        let (Some(contacts), Some(units), Some(left)) =
            (self.contacts.checked_sub(1), self.units.checked_sub(limits.weight(channel)), of_channel.checked_sub(1))
        else {
            unreachable!("an agent releases only what he reserved");
        };
        (self.contacts, self.units, *of_channel) = (contacts, units, left);
    }
}

/// The bound that keeps an agent from one contact more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bound {
    /// Contacts of the channel.
    Channel {
        /// How many he has.
        has: u32,
        /// His maximum.
        max: u32,
    },
    /// Work units.
    Units {
        /// How many he carries.
        has: u32,
        /// What this contact weighs.
        weight: u32,
        /// His maximum.
        max: u32,
    },
    /// Contacts over all channels.
    Contacts {
        /// How many he has.
        has: u32,
        /// His maximum.
        max: u32,
    },
}

/// How much an agent takes: his handling profile, ready to be compared with a load.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Limits {
    channel_max: [Option<u32>; CHANNELS],
    contacts_max: u32,
    weights: [u32; CHANNELS],
    units_max: Option<u32>,
    pub wrap_up: Duration,
    pub offer_timeout: Duration,
}

impl Limits {
    pub fn new(settings: &ProfileSettings) -> Self {
        let timeout = settings.offer_timeout.get();
        Self {
            channel_max: Channel::ALL.map(|channel| settings.channel_max.get(&channel).copied().map(u32::from)),
            contacts_max: settings.contacts_max.into(),
            weights: Channel::ALL.map(|channel| settings.units.get(&channel).copied().map_or(1, u32::from)),
            units_max: settings.units_max.map(u32::from),
            wrap_up: settings.wrap_up.get(),
            offer_timeout: if timeout.is_zero() { OFFER_TIMEOUT_DEFAULT } else { timeout },
        }
    }

    /// The first bound that one contact more of this channel would break. The only place where load meets limits
    /// (U-07).
    pub fn refusal(&self, load: &Load, channel: Channel) -> Option<Bound> {
        if let Some(max) = self.channel_max[channel as usize]
            && max <= load.of(channel)
        {
            return Some(Bound::Channel { has: load.of(channel), max });
        }
        let weight = self.weight(channel);
        if let Some(max) = self.units_max
            && max < load.units + weight
        {
            return Some(Bound::Units { has: load.units, weight, max });
        }
        (self.contacts_max <= load.contacts).then_some(Bound::Contacts { has: load.contacts, max: self.contacts_max })
    }

    /// True when the agent takes contacts of the channel at all.
    pub fn opens(&self, channel: Channel) -> bool {
        self.refusal(&Load::default(), channel).is_none()
    }

    /// True when nothing is above its bound, or above what was carried when the bound was set (FCE-05: nothing is
    /// taken away).
    pub fn hold(&self, load: &Load, carried: &Load) -> bool {
        let within = |has: u32, max: Option<u32>, carried: u32| max.is_none_or(|max| has <= max.max(carried));
        within(load.contacts, Some(self.contacts_max), carried.contacts)
            && within(load.units, self.units_max, carried.units)
            && Channel::ALL
                .into_iter()
                .all(|channel| within(load.of(channel), self.channel_max[channel as usize], carried.of(channel)))
    }

    fn weight(&self, channel: Channel) -> u32 {
        self.weights[channel as usize]
    }
}

/// An agent's place in [`Capacity::agents`], which is in the order of ids; renumbered when the catalogue changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct AgentIdx(u32);

impl AgentIdx {
    pub fn new(at: usize) -> Self {
        Self(u32::try_from(at).expect("a tenant has fewer than four thousand million agents"))
    }

    pub fn at(self) -> usize {
        self.0 as usize
    }
}

/// A profile's place in [`Capacity::profiles`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ProfileIdx(u32);

impl ProfileIdx {
    pub fn new(at: usize) -> Self {
        Self(u32::try_from(at).expect("there are no more profiles than agents"))
    }

    pub fn at(self) -> usize {
        self.0 as usize
    }
}

/// What agents of one kind can do and how much they take. Compatibility with requirement classes is decided here,
/// once, when a class or the catalogue changes.
#[derive(Debug)]
pub(super) struct AgentProfile {
    pub skills: BTreeMap<SkillId, Level>,
    /// Their numbers, in the same order.
    pub skill_numbers: Box<[SkillIdx]>,
    pub supervisor: bool,
    pub limits: Limits,
    /// Who they are.
    pub agents: Vec<AgentIdx>,
    /// The classes they can serve, in rising order.
    pub serves: Vec<Serves>,
}

/// A class that agents of a profile can serve.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Serves {
    pub class: ClassIdx,
    /// The sum of their levels in the skills it needs.
    pub levels: u32,
}

impl AgentProfile {
    /// The sum of the levels with which an agent of this kind can serve the class, capacity of the moment aside.
    pub fn suits(&self, class: &Class) -> Option<u32> {
        let requirement = &class.requirement;
        let level = |(skill, worst)| self.skills.get(skill).filter(|level| *level <= worst);
        let skilled = || requirement.skills.iter().map(level).map(|level| level.map(|l| u32::from(u8::from(*l)))).sum();
        ((self.supervisor || !requirement.supervisor) && self.limits.opens(class.channel)).then(skilled).flatten()
    }
}

/// A set of channels.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct ChannelSet(u8);

impl ChannelSet {
    pub fn contains(self, channel: Channel) -> bool {
        self.0 & (1 << channel as usize) != 0
    }

    pub fn is_empty(self) -> bool {
        self.0 == 0
    }
}

impl FromIterator<Channel> for ChannelSet {
    fn from_iter<T: IntoIterator<Item = Channel>>(channels: T) -> Self {
        Self(channels.into_iter().fold(0, |set, channel| set | 1 << channel as usize))
    }
}

/// What the indexes hold of an agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Standing {
    /// Not offline.
    pub present: bool,
    /// His status lets new contacts come.
    pub available: bool,
    /// Channels of which he could take a contact now.
    pub takes: ChannelSet,
    /// He has something already.
    pub busy: bool,
    /// Idle since, or given work last.
    pub since: Timestamp,
    /// Contacts he carries.
    pub contacts: u32,
    /// The last offer he had.
    pub last_offer: Option<OfferId>,
    /// Contacts he has handled.
    pub handled: u64,
    pub agent: AgentIdx,
}

impl Standing {
    /// Of an agent who is not there.
    pub fn absent(agent: AgentIdx) -> Self {
        Self {
            present: false,
            available: false,
            takes: ChannelSet::default(),
            busy: false,
            since: Timestamp::default(),
            contacts: 0,
            last_offer: None,
            handled: 0,
            agent,
        }
    }
}

/// An agent of the catalogue.
#[derive(Debug)]
pub(super) struct Agent {
    pub id: AgentId,
    pub profile: ProfileIdx,
    pub status: PresenceStatus,
    /// Presence lasts until then without a heartbeat; means nothing while offline.
    pub lease_until: Timestamp,
    /// When he last ended some work of his own or became available; a withdrawn offer does not move it.
    pub idle_since: Timestamp,
    /// When he was last given a contact.
    pub given_at: Timestamp,
    /// The last offer he had.
    pub last_offer: Option<OfferId>,
    /// How many contacts he has handled.
    pub handled: u64,
    /// The works he carries: offers, conversations, wrap-ups.
    pub held: BTreeSet<InteractionId>,
    /// Their sum.
    pub load: Load,
    /// What he carried when his limits were last set; he may be above them by that much.
    pub carried: Load,
    /// What the indexes hold of him; set by `Capacity::reindex_agent` alone.
    pub standing: Standing,
}

impl Agent {
    /// A new agent, offline.
    pub fn new(id: AgentId, at: AgentIdx, profile: ProfileIdx) -> Self {
        Self {
            id,
            profile,
            status: PresenceStatus::Offline,
            lease_until: Timestamp::default(),
            idle_since: Timestamp::default(),
            given_at: Timestamp::default(),
            last_offer: None,
            handled: 0,
            held: BTreeSet::new(),
            load: Load::default(),
            carried: Load::default(),
            standing: Standing::absent(at),
        }
    }

    pub fn row(&self) -> AgentRow {
        AgentRow {
            agent: self.id.clone(),
            status: self.status,
            idle_since: self.idle_since,
            given_at: self.given_at,
            last_offer: self.last_offer,
            handled: self.handled,
        }
    }

    pub fn is_present(&self) -> bool {
        self.status != PresenceStatus::Offline
    }

    pub fn is_available(&self) -> bool {
        self.status == PresenceStatus::Available
    }

    pub fn lease_deadline(&self) -> Option<Timestamp> {
        self.is_present().then_some(self.lease_until)
    }

    /// Where he stands, from his status, load and limits.
    ///
    /// Longest idle, aware of load (U-13): agents with nothing come first, by how long they have had nothing; then
    /// those with something, least recently given work first.
    pub fn standing_now(&self, at: AgentIdx, limits: &Limits) -> Standing {
        let takes = if self.is_available() {
            Channel::ALL.into_iter().filter(|channel| limits.refusal(&self.load, *channel).is_none()).collect()
        } else {
            ChannelSet::default()
        };
        let busy = 0 < self.load.contacts;
        Standing {
            present: self.is_present(),
            available: self.is_available(),
            takes,
            busy,
            since: if busy { self.given_at } else { self.idle_since },
            contacts: self.load.contacts,
            last_offer: self.last_offer,
            handled: self.handled,
            agent: at,
        }
    }
}

impl Capacity {
    /// The agent with this id.
    pub(super) fn find(&self, id: &AgentId) -> Option<AgentIdx> {
        self.agents.binary_search_by(|agent| agent.id.cmp(id)).ok().map(AgentIdx::new)
    }

    /// The limits of an agent.
    pub(super) fn limits(&self, agent: AgentIdx) -> &Limits {
        &self.profiles[self.agents[agent.at()].profile.at()].limits
    }

    /// True when an agent can serve a class, capacity of the moment aside.
    pub(super) fn can_serve(&self, agent: AgentIdx, class: ClassIdx) -> bool {
        let serves = &self.profiles[self.agents[agent.at()].profile.at()].serves;
        serves.binary_search_by_key(&class, |serves| serves.class).is_ok()
    }

    pub(super) fn view<'a>(&'a self, agent: &'a Agent) -> AgentView<'a> {
        let held = || agent.held.iter().filter_map(|interaction| self.work(*interaction));
        AgentView {
            agent: &agent.id,
            status: agent.status,
            load: agent.load,
            offers: held().filter(|work| matches!(work.state, WorkState::Offered { .. })).collect(),
            active: held().filter(|work| matches!(work.state, WorkState::Active { .. })).collect(),
            wrap_ups: held().filter(|work| matches!(work.state, WorkState::WrapUp { .. })).collect(),
            idle_since: agent.idle_since,
        }
    }

    /// The agent carries one contact more.
    pub(super) fn reserve(&mut self, agent: AgentIdx, interaction: InteractionId, channel: Channel) {
        let Agent { profile, held, load, .. } = &mut self.agents[agent.at()];
        let limits = &self.profiles[profile.at()].limits;
        assert!(limits.refusal(load, channel).is_none(), "no agent is above any bound when he is given a contact");
        assert!(held.insert(interaction), "no contact is owned twice");
        load.add(channel, limits);
    }

    /// The agent carries one contact less.
    pub(super) fn release(&mut self, agent: AgentIdx, interaction: InteractionId, channel: Channel) {
        let Agent { profile, held, load, .. } = &mut self.agents[agent.at()];
        assert!(held.remove(&interaction), "an agent releases only what he reserved");
        load.subtract(channel, &self.profiles[profile.at()].limits);
    }

    /// The sum of what an agent holds.
    pub(super) fn recount(&self, agent: AgentIdx) -> Load {
        let mut load = Load::default();
        for interaction in &self.agents[agent.at()].held {
            if let Some(work) = self.work(*interaction) {
                load.add(work.channel, self.limits(agent));
            }
        }
        load
    }

    /// Brings the indexes up to date with one agent: O(k log A) for the k classes he can serve.
    pub(super) fn reindex_agent(&mut self, idx: AgentIdx) {
        let agent = &mut self.agents[idx.at()];
        let profile = &self.profiles[agent.profile.at()];
        let old = agent.standing;
        let new = agent.standing_now(idx, &profile.limits);
        if old == new {
            return;
        }
        agent.standing = new;
        for Serves { class, levels } in &profile.serves {
            let class = self.classes.get_mut(*class);
            class.move_agent(&old, &new, *levels);
            if old.available != new.available {
                // Whether a contact's exclusions may end early depends on who else is there: its deadline moved.
                self.touched_works.extend(&class.choosy);
            }
        }
        if old.present != new.present || old.takes.is_empty() != new.takes.is_empty() {
            self.skills.change(&profile.skill_numbers, |count| count.move_agent(old, new));
        }
    }
}
