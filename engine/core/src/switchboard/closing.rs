//! What a desk does before it gives its output back: it gathers what was touched, and brings the board's indexes and
//! timers up to date with it.

use super::{Switchboard, desk::Desk};
use crate::timers::TimerKey;

impl Desk<'_> {
    pub(super) fn gather_touched(&mut self) {
        let Some(tenant) = &self.asked else { return };
        let Some(own) = self.board.tenants.get_mut(tenant) else { return };
        let (works, agents) = own.capacity.take_touched();
        for id in works {
            self.board.legs.put(tenant, id, own.capacity.work(id));
            if own.capacity.work(id).is_some() {
                self.board.works.insert(id, tenant.clone());
            } else {
                self.board.works.remove(&id);
            }
            self.touched.works.insert((tenant.clone(), id));
        }
        self.touched.agents.extend(agents.into_iter().map(|agent| (tenant.clone(), agent)));
    }

    /// Brings the index of who stands where up to date.
    pub(super) fn note_places(&mut self) {
        let Switchboard { hand, tenants, .. } = &mut *self.board;
        for held in self.touched.interactions.iter().filter_map(|id| hand.get(*id)) {
            if let Some(own) = tenants.get_mut(&held.interaction.tenant) {
                own.occupancy.put(&held.interaction);
            }
        }
    }

    /// Arms the deadlines of everything touched, and the one that has just come.
    pub(super) fn arm(&mut self, again: Option<TimerKey>) {
        let Switchboard { hand, tenants, timers, works, horizon, .. } = &mut *self.board;
        let mut arm = |key: TimerKey| {
            let at = match &key {
                TimerKey::Interaction(id) => {
                    hand.get(*id).and_then(|held| held.interaction.due()).filter(|at| *at <= *horizon)
                }
                TimerKey::Work(id) => {
                    works.get(id).and_then(|tenant| tenants.get(tenant)).and_then(|own| own.capacity.work_deadline(*id))
                }
                TimerKey::Agent(tenant, agent) => {
                    tenants.get(tenant).and_then(|own| own.capacity.lease_deadline(agent))
                }
            };
            timers.arm(key, at);
        };
        for id in &self.touched.interactions {
            arm(TimerKey::Interaction(*id));
        }
        for (_, id) in &self.touched.works {
            arm(TimerKey::Work(*id));
        }
        for (tenant, agent) in &self.touched.agents {
            arm(TimerKey::Agent(tenant.clone(), agent.clone()));
        }
        if let Some(key) = again {
            arm(key);
        }
    }
}
