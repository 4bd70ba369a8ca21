//! What the fate of its version does to an interaction, before anything else happens to it.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Claim, Turn, walk::At};
use crate::{
    fact::Fact,
    interaction::{FlowVersion, Frame, Phase},
    migration::same_kind,
    published::PublishedFlow,
    release::{Fate, Migration},
    visits::Counted,
};

/// Where an interaction stands after the fates of its versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stands {
    /// Where it stood, as it was: what happened is still meant for it.
    There,
    /// Elsewhere: the node that something happened to is no more.
    Elsewhere,
}

impl Turn<'_> {
    /// Moves the interaction off every version whose fate reached it.
    pub(super) fn follow_fates(&mut self) -> Stands {
        let fates = &self.world.flows.fates;
        if fates.is_empty() || self.interaction.phase != Phase::Flow {
            return Stands::There;
        }
        let mut stands = Stands::There;
        for place in 0..self.interaction.frames.len() {
            match fates.get(&self.interaction.frames[place].flow) {
                None => {}
                Some(Fate::Drain { until }) if self.world.now < *until => {}
                Some(Fate::Drain { .. }) => {
                    self.drained();
                    return Stands::Elsewhere;
                }
                Some(Fate::Migrate(migration)) => match self.migrate(place, migration) {
                    Some(Stands::There) => {}
                    Some(Stands::Elsewhere) => stands = Stands::Elsewhere,
                    None => {
                        self.last_resort("migration-target-gone");
                        return Stands::Elsewhere;
                    }
                },
            }
        }
        let last = self.interaction.frames.last();
        self.flow = last.and_then(|frame| self.world.flows.version(&frame.flow));
        if stands == Stands::Elsewhere {
            let place = self.flow.as_ref().zip(self.interaction.frames.last());
            match place.and_then(|(flow, frame)| flow.find(&frame.node)) {
                Some(index) => self.walk(At::Enter(index)),
                None => self.last_resort("migration-target-gone"),
            }
        }
        stands
    }

    /// Puts one frame into another version. `None` when it has no place there, which the check of the release rules out
    /// for all who stood somewhere then.
    fn migrate(&mut self, place: usize, migration: &Migration) -> Option<Stands> {
        let flows = self.world.flows;
        let innermost = place + 1 == self.interaction.frames.len();
        let frame = self.interaction.frames.get_mut(place)?;
        let (from, to) = (frame.flow.clone(), FlowVersion { flow: frame.flow.flow.clone(), version: migration.to });
        let new = flows.version(&to)?;
        let node = migration.node(&frame.node).clone();
        new.node(&node)?;
        let old = flows.version(&from)?;
        let stays = same_kind(&old, &frame.node, &new, &node);
        let is_free = innermost && self.claim == Claim::None;
        if !(stays || is_free) {
            return None;
        }
        carry_over(frame, &old, &new, migration);
        frame.flow = to.clone();
        frame.node = node.clone();
        self.attributes_bytes = None;
        let depth = u8::try_from(place).unwrap_or(u8::MAX);
        self.fact(Fact::VersionChanged { from, to, node, depth });
        Some(if stays { Stands::There } else { Stands::Elsewhere })
    }

    /// Its time on the version is over. Whoever stands in line or has an agent keeps that; for the others the
    /// touchpoint's default skill is asked.
    fn drained(&mut self) {
        match self.claim {
            Claim::None | Claim::WrapUp => self.last_resort(DRAINED),
            Claim::InLine | Claim::WithAgent => {
                self.interaction.phase = Phase::LastResort;
                self.interaction.await_nothing_anywhere();
                self.count_outermost(Counted::LastResort);
                self.fact(Fact::LastResortTaken { reason: DRAINED.to_owned() });
            }
        }
    }
}

/// Why the default skill takes those who were on a version for too long.
const DRAINED: &str = "version-drained";

/// Values and counters by the names they have in the new version. What it does not have is forgotten, and what only it
/// has begins as it says.
fn carry_over(frame: &mut Frame, old: &PublishedFlow, new: &PublishedFlow, migration: &Migration) {
    let mut attributes: BTreeMap<_, Value> = BTreeMap::new();
    for (name, value) in std::mem::take(&mut frame.attributes) {
        if let Some(to) = migration.attribute(&name)
            && new.attributes.get(to).is_some_and(|spec| spec.accepts(&value))
        {
            attributes.insert(to.clone(), value);
        }
    }
    for (name, value) in &new.defaults {
        let carried = old.attributes.keys().any(|known| migration.attribute(known) == Some(name));
        if !carried {
            attributes.entry(name.clone()).or_insert_with(|| value.clone());
        }
    }
    frame.attributes = attributes;
    let counters = std::mem::take(&mut frame.counters).into_iter();
    let there = counters.map(|(node, count)| (migration.node(&node).clone(), count));
    frame.counters = there.filter(|(node, _)| new.node(node).is_some()).collect();
}
