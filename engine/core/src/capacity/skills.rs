//! Skills by number, with what scripts and supervisors see of each queue. Names are compared once, when a class or a
//! profile is made; every decision then counts in a plain table.
//!
//! What it deliberately does not do: it knows no agent and no contact, only how many there are.

use std::collections::BTreeMap;

use super::agents::Standing;
use crate::{id::SkillId, script::QueueView};

/// A skill's place in [`Skills`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct SkillIdx(u32);

/// The skills that some class or profile names.
#[derive(Debug, Default)]
pub(super) struct Skills {
    by_name: BTreeMap<SkillId, SkillIdx>,
    rows: Vec<Row>,
    /// Rows that nothing names any more, so that names which scripts invent do not pile up.
    free: Vec<SkillIdx>,
}

#[derive(Debug)]
struct Row {
    name: SkillId,
    count: SkillCount,
    /// Classes and profiles that name it.
    users: u32,
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
    /// An agent with the skill moved from one standing to another.
    pub fn move_agent(&mut self, old: Standing, new: Standing) {
        self.agents = self.agents + u32::from(new.present) - u32::from(old.present);
        self.free = self.free + u32::from(!new.takes.is_empty()) - u32::from(!old.takes.is_empty());
    }
}

impl Skills {
    /// The numbers of some names, for a class or a profile that keeps them until [`Skills::release`].
    pub fn adopt<'a>(&mut self, names: impl Iterator<Item = &'a SkillId>) -> Box<[SkillIdx]> {
        names.map(|name| self.adopt_one(name)).collect()
    }

    fn adopt_one(&mut self, name: &SkillId) -> SkillIdx {
        let idx = match self.by_name.get(name) {
            Some(idx) => *idx,
            None => {
                let row = Row { name: name.clone(), count: SkillCount::default(), users: 0 };
                let idx = match self.free.pop() {
                    Some(idx) => {
                        self.rows[idx.0 as usize] = row;
                        idx
                    }
                    None => {
                        self.rows.push(row);
                        SkillIdx(u32::try_from(self.rows.len() - 1).expect("there are fewer skills than contacts"))
                    }
                };
                self.by_name.insert(name.clone(), idx);
                idx
            }
        };
        self.rows[idx.0 as usize].users += 1;
        idx
    }

    /// A class that nothing counts in any more gives its skills back.
    pub fn release(&mut self, skills: &[SkillIdx]) {
        for idx in skills {
            let row = &mut self.rows[idx.0 as usize];
            row.users -= 1;
            if row.users == 0 {
                self.by_name.remove(&row.name);
                self.free.push(*idx);
            }
        }
    }

    /// What scripts and supervisors see of the queue of a skill.
    pub fn view(&self, name: &SkillId) -> QueueView {
        let count = self.by_name.get(name).map(|idx| self.rows[idx.0 as usize].count).unwrap_or_default();
        QueueView { waiting: count.waiting, agents: count.agents, available: count.free }
    }

    /// The counts of some skills, to change them.
    pub fn change(&mut self, skills: &[SkillIdx], mut change: impl FnMut(&mut SkillCount)) {
        for idx in skills {
            change(&mut self.rows[idx.0 as usize].count);
        }
    }

    /// Every skill that something is counted for.
    pub fn counted(&self) -> BTreeMap<&SkillId, SkillCount> {
        let rows = self.by_name.values().map(|idx| &self.rows[idx.0 as usize]);
        rows.filter(|row| row.count != SkillCount::default()).map(|row| (&row.name, row.count)).collect()
    }
}
