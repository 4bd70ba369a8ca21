//! Whether a contact may begin to wait: places in line, and the end of the service (P-11, DYD-02, DYD-11).
//!
//! What it deliberately does not do: it sends nobody away who waits already, when agents leave or settings change; and
//! it keeps nobody from an agent who is free now.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Capacity, Requirement};
use crate::{catalogue::Open, id::SkillId, time::Timestamp};

/// Why a contact may not begin to wait.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum LineRefusal {
    /// Every place is taken.
    Full {
        /// Of which skill.
        skill: SkillId,
        /// How many wait.
        waiting: u32,
        /// How many places there are now.
        places: u32,
    },
    /// The service is closed, or closes soon.
    Closing {
        /// Of which skill.
        skill: SkillId,
        /// When it closes; none when it is closed.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        at: Option<Timestamp>,
    },
}

impl Capacity {
    /// Why a contact with this need may not begin to wait now; none when it may.
    #[must_use]
    pub fn line_refuses(&self, requirement: &Requirement, now: Timestamp) -> Option<LineRefusal> {
        requirement.skills.keys().find_map(|skill| self.skill_refuses(skill, now))
    }

    fn skill_refuses(&self, skill: &SkillId, now: Timestamp) -> Option<LineRefusal> {
        let settings = self.catalogue.skills.get(skill)?;
        let bounds = settings.line.as_ref();
        if let Some(calendar) = self.catalogue.hours_of_line(settings).and_then(Open::calendar) {
            let closes = || calendar.next_change(now);
            let before = bounds.and_then(|line| line.closes_before).map_or(Duration::ZERO, |length| length.get());
            if !calendar.is_open(now) {
                return Some(LineRefusal::Closing { skill: skill.clone(), at: None });
            }
            if let Some(at) = closes().filter(|at| at.since(now) <= before) {
                return Some(LineRefusal::Closing { skill: skill.clone(), at: Some(at) });
            }
        }
        let (bounds, queue) = (bounds?, self.queue(skill));
        let by_agents = bounds.places_per_agent.map(|places| places.saturating_mul(queue.agents));
        let places = bounds.places.into_iter().chain(by_agents).min()?;
        let full = queue.available == 0 && places <= queue.waiting;
        full.then(|| LineRefusal::Full { skill: skill.clone(), waiting: queue.waiting, places })
    }
}
