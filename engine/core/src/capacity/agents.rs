//! Agents as capacity sees them: what they can do, how much they take, what they hold, and where they stand in the
//! indexes.
//!
//! What it deliberately does not do: it chooses nobody; see `matching`.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use serde::{Deserialize, Serialize};

use super::{
    Begun, Capacity, Given, Work, WorkState,
    bounds::{ChannelSet, Limits, Load},
    filling::Pace,
    lots::Lot,
    queues::{Class, ClassIdx},
    skills::SkillIdx,
};
use crate::{
    catalogue::Level,
    event::PresenceStatus,
    id::{AgentId, InteractionId, OfferId, SkillId, StatusId, TouchpointId},
    mark::mark,
    time::Timestamp,
};

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
    /// How long he is busy with one contact, conversation and wrap-up, over about the last eight; 0 when he had none.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub handling_ms: u64,
    /// The named status he chose, when he did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub named: Option<StatusId>,
    /// Since when his desk is gone, while his conversations wait for him.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lost_at: Option<Timestamp>,
    /// Offers he let pass since he last accepted one or chose a status.
    #[serde(default, skip_serializing_if = "is_none_missed")]
    pub missed: u16,
    /// How long he has conversed, in milliseconds: conversations that are over.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub talked_ms: u64,
    /// His lot, when agents are chosen by lot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lot: Option<Lot>,
    /// When he last began to be filled at the rate of his profile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub came_at: Option<Timestamp>,
    /// While he is being filled: he gets nothing before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paced_until: Option<Timestamp>,
    /// Conversations that he began lately (WAP-08).
    #[serde(default, skip_serializing_if = "Begun::is_empty")]
    pub begun: Begun,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
fn is_none_missed(n: &u16) -> bool {
    *n == 0
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
    /// The named status he chose, when he did.
    pub named: Option<&'a StatusId>,
    /// Since when his desk is gone, while his conversations wait for him.
    pub lost_at: Option<Timestamp>,
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
    /// The touchpoints where their role lets them answer; every one when no role binds them.
    pub answers_at: Option<BTreeSet<TouchpointId>>,
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
        let may = (self.supervisor || !requirement.supervisor)
            && self.limits.opens(class.channel)
            && self.may_answer_at(class.touchpoint.as_ref());
        may.then(skilled).flatten()
    }

    /// True when their role lets them answer contacts of a touchpoint (WAP-16).
    pub fn may_answer_at(&self, touchpoint: Option<&TouchpointId>) -> bool {
        touchpoint.zip(self.answers_at.as_ref()).is_none_or(|(at, own)| own.contains(at))
    }
}

/// What the indexes hold of an agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Standing {
    /// Not offline.
    pub present: bool,
    /// Channels of which his status lets new contacts come.
    pub open: ChannelSet,
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
    /// How long he has conversed.
    pub talked_ms: u64,
    /// Where his lot rings.
    pub rings: u64,
    pub agent: AgentIdx,
}

impl Standing {
    /// Of an agent who is not there.
    pub fn absent(agent: AgentIdx) -> Self {
        Self {
            present: false,
            open: ChannelSet::default(),
            takes: ChannelSet::default(),
            busy: false,
            since: Timestamp::default(),
            contacts: 0,
            last_offer: None,
            handled: 0,
            talked_ms: 0,
            rings: 0,
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
    /// How long he is busy with one contact; see [`AgentRow::handling_ms`].
    pub handling_ms: u64,
    /// The named status he chose.
    pub named: Option<StatusId>,
    /// Since when his desk is gone.
    pub lost_at: Option<Timestamp>,
    /// Offers he let pass in a row.
    pub missed: u16,
    /// How long he has conversed, in milliseconds.
    pub talked_ms: u64,
    /// His lot, when agents are chosen by lot.
    pub lot: Option<Lot>,
    /// When he last began to be filled.
    pub came_at: Option<Timestamp>,
    /// While he is being filled.
    pub pace: Option<Pace>,
    /// Conversations that he began lately.
    pub begun: Begun,
    /// When his shift ends, while he is available; nothing is stored of it.
    pub shift_ends: Option<Timestamp>,
    /// The contact for whom he is closed to other work; the contact's row has it too.
    pub saved_for: Option<InteractionId>,
    /// The works he carries: offers, conversations, wrap-ups.
    pub held: BTreeSet<InteractionId>,
    /// Their sum.
    pub load: Load,
    /// What he carried when his limits were last set; he may be above them by that much.
    pub carried: Load,
    /// What the indexes hold of him; set by `Capacity::reindex_agent` alone.
    pub standing: Standing,
}

/// Contacts over which an agent's time for one is smoothed: a few hours' memory, so that it follows the day.
const SMOOTHED_OVER: u64 = 8;

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
            handling_ms: 0,
            named: None,
            lost_at: None,
            missed: 0,
            talked_ms: 0,
            lot: None,
            came_at: None,
            pace: None,
            begun: Begun::default(),
            shift_ends: None,
            saved_for: None,
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
            handling_ms: self.handling_ms,
            named: self.named.clone(),
            lost_at: self.lost_at,
            missed: self.missed,
            talked_ms: self.talked_ms,
            lot: self.lot,
            came_at: self.came_at,
            paced_until: self.paced_until(),
            begun: self.begun.clone(),
        }
    }

    /// A conversation of his ended after so long. With what [`Agent::wrapped_up`] adds, his time for one contact moves
    /// an eighth of the way to this one's.
    pub fn conversed(&mut self, talk: Duration) {
        let talk = u64::try_from(talk.as_millis()).unwrap_or(u64::MAX / SMOOTHED_OVER);
        self.handling_ms = match self.handling_ms {
            0 => talk.max(1),
            before => before - before / SMOOTHED_OVER + talk / SMOOTHED_OVER,
        };
    }

    /// He completed the record of a conversation in so long.
    pub fn wrapped_up(&mut self, wrap_up: Duration) {
        let wrap_up = u64::try_from(wrap_up.as_millis()).unwrap_or(u64::MAX / SMOOTHED_OVER);
        let share = if self.handled == 0 { 1 } else { SMOOTHED_OVER };
        self.handling_ms = self.handling_ms.saturating_add(wrap_up / share);
    }

    pub fn is_present(&self) -> bool {
        self.status != PresenceStatus::Offline
    }

    pub fn is_available(&self) -> bool {
        self.status == PresenceStatus::Available && self.lost_at.is_none()
    }

    /// Channels of which his status lets new contacts come.
    pub fn open(&self, limits: &Limits) -> ChannelSet {
        match &self.named {
            _ if !self.is_available() => ChannelSet::default(),
            Some(name) => limits.statuses.get(name).copied().unwrap_or(ChannelSet::ALL),
            None => ChannelSet::ALL,
        }
    }

    /// Until when he gets nothing, while he is being filled.
    pub fn paced_until(&self) -> Option<Timestamp> {
        match self.pace {
            Some(Pace::Until(until)) => Some(until),
            None | Some(Pace::Open) => None,
        }
    }

    /// When his lease, his shift or the patience of his conversations ends.
    pub fn deadline(&self, limits: &Limits) -> Option<Timestamp> {
        let lease = || [Some(self.lease_until), self.shift_ends, self.paced_until()].into_iter().flatten().min();
        match self.lost_at {
            _ if !self.is_present() => None,
            Some(lost_at) => Some(lost_at + limits.reconnect),
            None => lease(),
        }
    }

    /// Where he stands, from his status, load and limits.
    ///
    /// Longest idle, aware of load (U-13): agents with nothing come first, by how long they have had nothing; then
    /// those with something, least recently given work first.
    pub fn standing_now(&self, at: AgentIdx, limits: &Limits) -> Standing {
        let open = self.open(limits);
        let takes = if limits.push && self.saved_for.is_none() && self.paced_until().is_none() {
            limits.room(open, &self.load, false)
        } else {
            ChannelSet::default()
        };
        let busy = 0 < self.load.contacts;
        Standing {
            present: self.is_present(),
            open,
            takes,
            busy,
            since: if busy { self.given_at } else { self.idle_since },
            contacts: self.load.contacts,
            last_offer: self.last_offer,
            handled: self.handled,
            talked_ms: self.talked_ms,
            rings: self.lot.map_or(0, |lot| lot.rings),
            agent: at,
        }
    }
}

impl Capacity {
    /// The agent with this id.
    pub(super) fn find(&self, id: &AgentId) -> Option<AgentIdx> {
        let mark = mark(id.as_str());
        let from = self.by_mark.partition_point(|(other, _)| *other < mark);
        let same = self.by_mark[from..].iter().take_while(|(other, _)| *other == mark);
        same.map(|(_, idx)| *idx).find(|idx| self.agents[idx.at()].id == *id)
    }

    pub(super) fn limits_of(&self, agent: &Agent) -> &Limits {
        &self.profiles[agent.profile.at()].limits
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
            named: agent.named.as_ref(),
            lost_at: agent.lost_at,
            load: agent.load,
            offers: held().filter(|work| matches!(work.state, WorkState::Offered { .. })).collect(),
            active: held().filter(|work| matches!(work.state, WorkState::Active { .. })).collect(),
            wrap_ups: held().filter(|work| matches!(work.state, WorkState::WrapUp { .. })).collect(),
            idle_since: agent.idle_since,
        }
    }

    /// The agent carries one contact more.
    pub(super) fn reserve(&mut self, agent: AgentIdx, interaction: InteractionId, given: Given) {
        let Agent { profile, held, load, carried, .. } = &mut self.agents[agent.at()];
        let limits = &self.profiles[profile.at()].limits;
        let work = &self.works[&interaction].work;
        let refusal = limits.refuses(load, work, given == Given::Pulled);
        let sound = given == Given::Forced || refusal.is_none();
        assert!(sound, "no agent is above any bound when he is given a contact");
        assert!(held.insert(interaction), "no contact is owned twice");
        load.add(&limits.load_of(work));
        if given == Given::Forced {
            *carried = *load;
        }
    }

    /// The agent carries one contact less.
    pub(super) fn release(&mut self, agent: AgentIdx, interaction: InteractionId) {
        let Agent { profile, held, load, .. } = &mut self.agents[agent.at()];
        assert!(held.remove(&interaction), "an agent releases only what he reserved");
        load.subtract(&self.profiles[profile.at()].limits.load_of(&self.works[&interaction].work));
    }

    /// The sum of what an agent holds.
    pub(super) fn recount(&self, agent: AgentIdx) -> Load {
        let mut load = Load::default();
        for interaction in &self.agents[agent.at()].held {
            if let Some(work) = self.work(*interaction) {
                load.add(&self.limits(agent).load_of(work));
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
            if old.open != new.open {
                // Whether a contact's exclusions may end early depends on who else is there: its deadline moved.
                self.touched_works.extend(&class.choosy);
            }
        }
        if old.present != new.present || old.takes.is_empty() != new.takes.is_empty() {
            self.skills.change(&profile.skill_numbers, |count| count.move_agent(old, new));
        }
    }
}
