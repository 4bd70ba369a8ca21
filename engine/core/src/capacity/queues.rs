//! Requirement classes: what contacts need, each distinct need once, with the contacts in line for it and the agents
//! that fit it now.
//!
//! What it deliberately does not do: it compares no class with another; see `matching`.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use routewright_flows::Channel;

use super::{
    Capacity, Requirement, Work, WorkState,
    agents::{AgentIdx, Serves, Standing},
    line::{Line, Pace, Place},
    skills::SkillIdx,
};
use crate::{
    catalogue::{Catalogue, PreferredAgent, Strategy},
    id::{InteractionId, OfferId, TouchpointId},
    limits::{CLASSES_KEPT_MAX, EXCLUSION_MAX, REOFFER_DELAY_MIN},
    time::Timestamp,
};

/// A claim and the class of what it needs now.
#[derive(Debug)]
pub(super) struct Entry {
    pub work: Work,
    pub class: ClassIdx,
}

/// An agent's turn among those who fit; the least is asked first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Turn {
    /// What the strategy looks at; lower is better.
    pub rank: u64,
    /// He has something already.
    pub busy: bool,
    /// Idle since, or given work last.
    pub since: Timestamp,
    /// Ties go by id, which is the order of numbers.
    pub agent: AgentIdx,
}

/// A class's place in [`Classes`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct ClassIdx(u32);

/// Contacts of one channel with one requirement; where roles say who may answer, of one touchpoint.
#[derive(Debug)]
pub(super) struct Class {
    pub touchpoint: Option<TouchpointId>,
    pub channel: Channel,
    pub requirement: Arc<Requirement>,
    pub skills: Box<[SkillIdx]>,
    pub strategy: Strategy,
    pub preferred: Option<PreferredAgent>,
    /// To how many agents one of its contacts is offered at once.
    pub at_once: u16,
    /// Contacts in line.
    pub line: Line,
    /// Those of them that not every agent who fits may have: he bounced them, or they are kept for another.
    pub choosy: BTreeSet<InteractionId>,
    /// Agents who could take one now.
    pub fit: BTreeSet<Turn>,
    /// Agents who can serve the class and whose status lets it come, with or without capacity now.
    pub available: usize,
    /// Works of the class in any state.
    pub works: usize,
}

impl Class {
    /// A class without contacts or agents, under the settings of its skills.
    fn new(need: Need, skills: Box<[SkillIdx]>, catalogue: &Catalogue) -> Self {
        let (touchpoint, channel, requirement) = need;
        let settings = || requirement.skills.keys().filter_map(|skill| catalogue.skills.get(skill));
        let (strategy, preferred) =
            (settings().find_map(|skill| skill.strategy), settings().find_map(|skill| skill.preferred_agent));
        let at_once = settings().find_map(|skill| skill.at_once).unwrap_or(1);
        let line = Line::new(Pace::new(settings().find_map(|skill| skill.ageing).unwrap_or_default()));
        Self {
            touchpoint,
            channel,
            skills,
            strategy: strategy.unwrap_or_default(),
            preferred,
            at_once,
            line,
            choosy: BTreeSet::new(),
            fit: BTreeSet::new(),
            available: 0,
            works: 0,
            requirement,
        }
    }

    fn need(&self) -> Need {
        (self.touchpoint.clone(), self.channel, Arc::clone(&self.requirement))
    }

    /// A class to ask who would serve it; never one of the table.
    pub fn question(channel: Channel, requirement: Arc<Requirement>) -> Self {
        Self::new((None, channel, requirement), Box::default(), &Catalogue::default())
    }

    /// The turn of an agent of a profile that serves the class with these levels.
    pub fn turn(&self, standing: &Standing, levels: u32) -> Turn {
        let Standing { busy, since, agent, .. } = *standing;
        let rank = match self.strategy {
            Strategy::LongestIdle => 0,
            Strategy::Proficiency => u64::from(levels),
            Strategy::LeastBusy => u64::from(standing.contacts),
            Strategy::MostBusy => u64::MAX - u64::from(standing.contacts),
            Strategy::RoundRobin => standing.last_offer.map_or(0, |OfferId(last)| last + 1),
            Strategy::FewestHandled => standing.handled,
            Strategy::LeastTalk => standing.talked_ms,
            Strategy::WeightedRandom => standing.rings,
            Strategy::Linear => agent.at() as u64,
        };
        Turn { rank, busy, since, agent }
    }

    /// An agent who serves the class moved from one standing to another.
    pub fn move_agent(&mut self, old: &Standing, new: &Standing, levels: u32) {
        let (was, is) = (old.takes.contains(self.channel), new.takes.contains(self.channel));
        let (old_turn, new_turn) = (self.turn(old, levels), self.turn(new, levels));
        if was && !(is && old_turn == new_turn) {
            self.fit.remove(&old_turn);
        }
        if is {
            self.fit.insert(new_turn);
        }
        let (was, is) = (old.open.contains(self.channel), new.open.contains(self.channel));
        self.available = self.available + usize::from(is) - usize::from(was);
    }
}

/// Every class, found by what it asks.
#[derive(Debug, Default)]
pub(super) struct Classes {
    rows: Vec<Class>,
    by_need: BTreeMap<Need, ClassIdx>,
}

/// What a class is found by.
type Need = (Option<TouchpointId>, Channel, Arc<Requirement>);

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

    fn find(&self, need: &Need) -> Option<ClassIdx> {
        self.by_need.get(need).copied()
    }

    /// A row for a new class: that of a class nobody needs when there are many, else one more.
    fn add(&mut self, class: Class) -> (ClassIdx, Option<Class>) {
        let need = class.need();
        let unused = || self.iter().find(|(_, class)| class.works == 0).map(|(idx, _)| idx);
        let idx = if self.rows.len() < CLASSES_KEPT_MAX { None } else { unused() };
        let (idx, old) = if let Some(idx) = idx {
            let old = std::mem::replace(self.get_mut(idx), class);
            self.by_need.remove(&old.need());
            (idx, Some(old))
        } else {
            self.rows.push(class);
            let last = u32::try_from(self.rows.len() - 1).expect("there are no more classes in use than contacts");
            (ClassIdx(last), None)
        };
        self.by_need.insert(need, idx);
        (idx, old)
    }
}

impl Capacity {
    /// The class of a need, made when it is new: that once costs a look at every profile, and at the agents of those
    /// that suit.
    fn class_of(&mut self, need: Need) -> ClassIdx {
        if let Some(idx) = self.classes.find(&need) {
            return idx;
        }
        let channel = need.1;
        let skills = self.skills.adopt(need.2.skills.keys());
        let mut class = Class::new(need, skills, &self.catalogue);
        let suited: Vec<Option<u32>> = self.profiles.iter().map(|profile| profile.suits(&class)).collect();
        for (profile, levels) in self.profiles.iter().zip(&suited) {
            let Some(levels) = levels else { continue };
            for standing in profile.agents.iter().map(|agent| &self.agents[agent.at()].standing) {
                class.available += usize::from(standing.open.contains(channel));
                if standing.takes.contains(channel) {
                    class.fit.insert(class.turn(standing, *levels));
                }
            }
        }
        let (idx, old) = self.classes.add(class);
        if let Some(old) = old {
            self.skills.release(&old.skills);
        }
        for (profile, suits) in self.profiles.iter_mut().zip(suited) {
            let found = profile.serves.binary_search_by_key(&idx, |serves| serves.class);
            // The row may have been another class's before.
            match (found, suits.map(|levels| Serves { class: idx, levels })) {
                (Ok(at), None) => drop(profile.serves.remove(at)),
                (Ok(at), Some(serves)) => profile.serves[at] = serves,
                (Err(at), Some(serves)) => profile.serves.insert(at, serves),
                (Err(_), None) => {}
            }
        }
        idx
    }

    /// Recomputes every class and who stands where in them, from works, agents and settings.
    pub(super) fn reclassify(&mut self) {
        (self.classes, self.skills) = Default::default();
        self.agents.iter_mut().for_each(|agent| agent.saved_for = None);
        for profile in &mut self.profiles {
            profile.serves.clear();
            profile.skill_numbers = self.skills.adopt(profile.skills.keys());
        }
        let everything: Vec<InteractionId> = self.works.keys().copied().collect();
        for interaction in everything {
            let class = self.enter(interaction);
            let entry = self.works.get_mut(&interaction).expect("listed just now");
            entry.class = class;
            let closed = entry.work.room.as_ref().and_then(|room| room.agent.clone());
            if let Some(idx) = closed.and_then(|agent| self.find(&agent)) {
                self.agents[idx.at()].saved_for = Some(interaction);
            }
            let entry = &self.works[&interaction];
            if entry.work.state == WorkState::Waiting {
                if entry.work.is_choosy() {
                    // Who else could take it may have changed, and with it when its exclusions end.
                    self.touched_works.insert(interaction);
                }
                self.line_up(interaction);
            }
        }
    }

    /// Takes a claim into the table. One that waits is not yet in line: see [`Capacity::line_up`].
    pub(super) fn admit(&mut self, work: Work) {
        let interaction = work.interaction;
        let old = self.works.insert(interaction, Entry { work, class: ClassIdx::default() });
        assert!(old.is_none(), "an interaction has at most one claim");
        let class = self.enter(interaction);
        self.works.get_mut(&interaction).expect("inserted just now").class = class;
        self.touched_works.insert(interaction);
    }

    /// Counts a claim in the class of what it needs now; one requirement in memory serves all that share it.
    fn enter(&mut self, interaction: InteractionId) -> ClassIdx {
        let work = &self.works[&interaction].work;
        let need = (work.touchpoint.clone(), work.channel, self.needs(work));
        let class = self.class_of(need);
        let row = self.classes.get_mut(class);
        row.works += 1;
        let work = &mut self.works.get_mut(&interaction).expect("read just now").work;
        if work.requirement == row.requirement {
            work.requirement = Arc::clone(&row.requirement);
        }
        class
    }

    /// Moves a claim that is not in line to the class of what it needs now.
    pub(super) fn reclass(&mut self, interaction: InteractionId) {
        let class = self.enter(interaction);
        let entry = self.works.get_mut(&interaction).expect("the caller found this work");
        let old = std::mem::replace(&mut entry.class, class);
        self.classes.get_mut(old).works -= 1;
    }

    /// What a contact needs now: what was asked for, as far as it has widened (P-07).
    pub(super) fn needs(&self, work: &Work) -> Arc<Requirement> {
        let mut needs = Arc::clone(&work.requirement);
        if work.widened_ms == 0 {
            return needs;
        }
        for (skill, wanted) in &work.requirement.skills {
            let steps = self.catalogue.skills.get(skill).into_iter().flat_map(|settings| &settings.widening);
            if let Some(step) = steps.take_while(|step| step.after.get().as_millis() <= work.widened_ms.into()).last() {
                let skills = &mut Arc::make_mut(&mut needs).skills;
                match step.level {
                    Some(level) => drop(skills.insert(skill.clone(), level.max(*wanted))),
                    None => drop(skills.remove(skill)),
                }
            }
        }
        needs
    }

    /// The age at which what a contact needs next widens.
    pub(super) fn next_widening(&self, work: &Work) -> Option<Duration> {
        let settings = work.requirement.skills.keys().filter_map(|skill| self.catalogue.skills.get(skill));
        let steps = settings.flat_map(|settings| settings.widening.iter().map(|step| step.after.get()));
        steps.filter(|after| u128::from(work.widened_ms) < after.as_millis()).min()
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
        let Entry { work, class } = &self.works[&interaction];
        assert!(work.state == WorkState::Waiting, "only waiting contacts are in line");
        let class = self.classes.get_mut(*class);
        class.line.insert(work.priority, work.since, interaction);
        if work.is_choosy() {
            class.choosy.insert(interaction);
        }
        self.skills.change(&class.skills, |count| count.waiting += 1);
    }

    /// Takes a waiting contact out of the line, before its state, place or class changes.
    pub(super) fn step_out(&mut self, interaction: InteractionId) {
        let Entry { work, class } = &self.works[&interaction];
        assert!(work.state == WorkState::Waiting, "only waiting contacts are in line");
        let class = self.classes.get_mut(*class);
        class.line.remove(work.priority, work.since, interaction);
        class.choosy.remove(&interaction);
        self.skills.change(&class.skills, |count| count.waiting -= 1);
    }

    /// A contact's place among all at an instant.
    pub(super) fn place_at(&self, entry: &Entry, now: Timestamp) -> Place {
        let Work { interaction, priority, since, .. } = entry.work;
        self.classes.get(entry.class).line.place(priority, since, interaction, now)
    }

    /// When a contact in line is next to be looked at: its exclusions end, nobody keeps it any more, what it needs
    /// widens, or room is to be made for it.
    pub(super) fn waiting_deadline(&self, entry: &Entry) -> Option<Timestamp> {
        let kept = entry.work.kept.as_ref().map(|kept| kept.until);
        let widens = self.next_widening(&entry.work).map(|after| entry.work.since + after);
        [self.exclusions_end(entry), kept, widens, self.room_due(&entry.work)].into_iter().flatten().min()
    }

    /// When the exclusions of a waiting contact end: a while after the last bounce, and soon when every available
    /// agent who could serve it has bounced it (U-10). Everybody may be asked again then.
    pub(super) fn exclusions_end(&self, entry: &Entry) -> Option<Timestamp> {
        let bounced_at = entry.work.bounced_at?;
        let class = self.classes.get(entry.class);
        let bounced = entry.work.bounced.iter().filter_map(|id| self.find(id));
        let there = bounced.filter(|idx| {
            self.agents[idx.at()].standing.open.contains(class.channel) && self.can_serve(*idx, entry.class)
        });
        let exhausted = class.available <= there.count();
        Some(bounced_at + if exhausted { REOFFER_DELAY_MIN } else { EXCLUSION_MAX })
    }
}
