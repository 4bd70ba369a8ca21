//! Requirement classes: what contacts need, each distinct need once, with the contacts in line for it and the agents
//! that fit it now.
//!
//! The order of a queue is static (priority, then age, then number), so a queue is an ordered set and its head is
//! the contact to serve next. What it deliberately does not do: it compares no queue with another; see `matching`.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use routewright_flows::Channel;

use super::{
    Capacity, Requirement, Work, WorkState,
    agents::{AgentIdx, Standing},
};
use crate::{
    id::{InteractionId, SkillId},
    limits::{CLASSES_KEPT_MAX, EXCLUSION_MAX, REOFFER_DELAY_MIN},
    script::QueueView,
    time::Timestamp,
};

/// A claim and the class of what it needs.
#[derive(Debug)]
pub(super) struct Entry {
    pub work: Work,
    pub class: ClassIdx,
}

impl Entry {
    pub fn place(&self) -> Place {
        let Work { interaction, priority, since, .. } = self.work;
        Place { priority: Reverse(priority), since, interaction }
    }
}

/// A contact's place in line; the least is served first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    priority: Reverse<i32>,
    since: Timestamp,
    pub interaction: InteractionId,
}

/// An agent's turn among those who fit; the least is asked first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Turn {
    /// He has something already.
    pub busy: bool,
    /// Idle since, or given work last.
    pub since: Timestamp,
    /// Ties go by id, which is the order of numbers.
    pub agent: AgentIdx,
}

/// A class's place in [`Classes`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct ClassIdx(u32);

/// Contacts of one channel with one requirement.
#[derive(Debug)]
pub(super) struct Class {
    pub channel: Channel,
    pub requirement: Arc<Requirement>,
    /// Contacts in line.
    pub queue: BTreeSet<Place>,
    /// Those of them that exclude agents who bounced them.
    pub excluding: BTreeSet<InteractionId>,
    /// Agents who could take one now.
    pub fit: BTreeSet<Turn>,
    /// Agents who are available and can serve the class, with or without capacity now.
    pub available: usize,
    /// Works of the class in any state.
    pub works: usize,
}

impl Class {
    /// An agent who serves the class moved from one standing to another.
    pub fn move_agent(&mut self, old: Standing, new: Standing) {
        let (was, is) = (old.takes.contains(self.channel), new.takes.contains(self.channel));
        if was && !(is && old.turn == new.turn) {
            self.fit.remove(&old.turn);
        }
        if is {
            self.fit.insert(new.turn);
        }
        self.available = self.available + usize::from(new.available) - usize::from(old.available);
    }
}

/// Every class, found by what it asks.
#[derive(Debug, Default)]
pub(super) struct Classes {
    rows: Vec<Class>,
    by_need: BTreeMap<(Channel, Arc<Requirement>), ClassIdx>,
}

impl Classes {
    pub fn get(&self, idx: ClassIdx) -> &Class {
        &self.rows[idx.0 as usize]
    }

    pub fn get_mut(&mut self, idx: ClassIdx) -> &mut Class {
        &mut self.rows[idx.0 as usize]
    }

    pub fn iter(&self) -> impl Iterator<Item = (ClassIdx, &Class)> {
        self.by_need.values().map(|idx| (*idx, self.get(*idx)))
    }

    /// Empties what the classes know of agents.
    pub fn forget_agents(&mut self) {
        for class in &mut self.rows {
            class.fit.clear();
            class.available = 0;
        }
    }

    fn find(&self, channel: Channel, requirement: &Arc<Requirement>) -> Option<ClassIdx> {
        self.by_need.get(&(channel, Arc::clone(requirement))).copied()
    }

    /// A row for a new class: that of a class nobody needs when there are many, else one more.
    fn add(&mut self, class: Class) -> ClassIdx {
        let need = (class.channel, Arc::clone(&class.requirement));
        let unused = || self.iter().find(|(_, class)| class.works == 0).map(|(idx, _)| idx);
        let idx = if self.rows.len() < CLASSES_KEPT_MAX { None } else { unused() };
        let idx = if let Some(idx) = idx {
            let old = std::mem::replace(self.get_mut(idx), class);
            self.by_need.remove(&(old.channel, old.requirement));
            idx
        } else {
            self.rows.push(class);
            ClassIdx(u32::try_from(self.rows.len() - 1).expect("there are no more classes in use than contacts"))
        };
        self.by_need.insert(need, idx);
        idx
    }
}

/// What is counted per skill.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct SkillCount {
    /// Contacts in line that need it.
    pub waiting: u32,
    /// Agents present who have it.
    pub agents: u32,
    /// Agents of those who could take a contact of some channel now.
    pub free: u32,
}

impl SkillCount {
    pub fn view(&self) -> QueueView {
        QueueView { waiting: self.waiting, agents: self.agents, available: self.free }
    }

    /// An agent with the skill moved from one standing to another.
    pub fn move_agent(&mut self, old: Standing, new: Standing) {
        self.agents = self.agents + u32::from(new.present) - u32::from(old.present);
        self.free = self.free + u32::from(!new.takes.is_empty()) - u32::from(!old.takes.is_empty());
    }
}

/// The counts of every skill that has any.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct SkillCounts(BTreeMap<SkillId, SkillCount>);

impl SkillCounts {
    pub fn get(&self, skill: &SkillId) -> SkillCount {
        self.0.get(skill).copied().unwrap_or_default()
    }

    /// Changes the counts of a skill; a row of zeros is dropped, so that names which scripts invent do not pile up.
    pub fn change(&mut self, skill: &SkillId, change: impl FnOnce(&mut SkillCount)) {
        let Some(count) = self.0.get_mut(skill) else {
            change(self.0.entry(skill.clone()).or_default());
            return;
        };
        change(count);
        if *count == SkillCount::default() {
            self.0.remove(skill);
        }
    }

    /// Empties what the counts know of agents.
    pub fn forget_agents(&mut self) {
        self.0.retain(|_, count| {
            (count.agents, count.free) = (0, 0);
            0 < count.waiting
        });
    }
}

impl Capacity {
    /// The class of a need, made when it is new: that once costs a look at every profile, and at the agents of those
    /// that suit.
    pub(super) fn class_of(&mut self, channel: Channel, requirement: &Arc<Requirement>) -> ClassIdx {
        if let Some(idx) = self.classes.find(channel, requirement) {
            return idx;
        }
        let mut class = Class {
            channel,
            requirement: Arc::clone(requirement),
            queue: BTreeSet::new(),
            excluding: BTreeSet::new(),
            fit: BTreeSet::new(),
            available: 0,
            works: 0,
        };
        let suited: Vec<bool> = self.profiles.iter().map(|profile| profile.suits(&class)).collect();
        for (profile, _) in self.profiles.iter().zip(&suited).filter(|(_, suits)| **suits) {
            for standing in profile.agents.iter().map(|agent| &self.agents[agent.at()].standing) {
                class.available += usize::from(standing.available);
                if standing.takes.contains(channel) {
                    class.fit.insert(standing.turn);
                }
            }
        }
        let idx = self.classes.add(class);
        for (profile, suits) in self.profiles.iter_mut().zip(suited) {
            // The row may have been another class's before.
            match (profile.serves.binary_search(&idx), suits) {
                (Ok(at), false) => drop(profile.serves.remove(at)),
                (Err(at), true) => profile.serves.insert(at, idx),
                (Ok(_), true) | (Err(_), false) => {}
            }
        }
        idx
    }

    /// Takes a claim into the table. One that waits is not yet in line: see [`Capacity::line_up`].
    pub(super) fn admit(&mut self, mut work: Work) {
        let class = self.class_of(work.channel, &work.requirement);
        let row = self.classes.get_mut(class);
        row.works += 1;
        work.requirement = Arc::clone(&row.requirement);
        let interaction = work.interaction;
        let old = self.works.insert(interaction, Entry { work, class });
        assert!(old.is_none(), "an interaction has at most one claim");
        self.touched_works.insert(interaction);
    }

    /// Takes a claim out of the table; it must not be in line.
    pub(super) fn dismiss(&mut self, interaction: InteractionId) {
        if let Some(entry) = self.works.remove(&interaction) {
            self.classes.get_mut(entry.class).works -= 1;
            self.touched_works.insert(interaction);
        }
    }

    /// The claim of an interaction that is known to have one, to change it; its row is written.
    pub(super) fn touch(&mut self, interaction: InteractionId) -> &mut Work {
        self.touched_works.insert(interaction);
        &mut self.works.get_mut(&interaction).expect("the caller found this work").work
    }

    /// Puts a waiting contact in line, at its place.
    pub(super) fn line_up(&mut self, interaction: InteractionId) {
        let entry = &self.works[&interaction];
        assert!(entry.work.state == WorkState::Waiting, "only waiting contacts are in line");
        let class = self.classes.get_mut(entry.class);
        class.queue.insert(entry.place());
        if !entry.work.bounced.is_empty() {
            class.excluding.insert(interaction);
        }
        for skill in entry.work.requirement.skills.keys() {
            self.skills.change(skill, |count| count.waiting += 1);
        }
    }

    /// Takes a waiting contact out of the line, before its state, place or class changes.
    pub(super) fn step_out(&mut self, interaction: InteractionId) {
        let entry = &self.works[&interaction];
        assert!(entry.work.state == WorkState::Waiting, "only waiting contacts are in line");
        let class = self.classes.get_mut(entry.class);
        class.queue.remove(&entry.place());
        class.excluding.remove(&interaction);
        for skill in entry.work.requirement.skills.keys() {
            self.skills.change(skill, |count| count.waiting -= 1);
        }
    }

    /// When the exclusions of a waiting contact end: a while after the last bounce, and soon when every available
    /// agent who could serve it has bounced it (U-10). Everybody may be asked again then.
    pub(super) fn exclusions_end(&self, entry: &Entry) -> Option<Timestamp> {
        let bounced_at = entry.work.bounced_at?;
        let class = self.classes.get(entry.class);
        let bounced = entry.work.bounced.iter().filter_map(|id| self.find(id));
        let there = bounced.filter(|idx| self.agents[idx.at()].is_available() && self.can_serve(*idx, entry.class));
        let exhausted = class.available <= there.count();
        Some(bounced_at + if exhausted { REOFFER_DELAY_MIN } else { EXCLUSION_MAX })
    }
}
