//! The floor as readers see it: who is present, who has what, how many wait. Brought up to date after each commit, so
//! nobody is shown what could still be lost.
//!
//! What it deliberately does not do: it decides nothing and is never asked by the heart.

use std::collections::BTreeMap;

use routewright_engine::{
    AgentId, InteractionId, TenantId,
    capacity::{AgentRow, Work, WorkState},
    event::PresenceStatus,
    id::StatusId,
};

use crate::views::{AgentView, InteractionState};

/// What one group changes on the floor.
#[derive(Debug, Default)]
pub(crate) struct FloorChange {
    /// Works as they are now; `None` for those that are no more.
    pub(crate) works: Vec<(TenantId, InteractionId, Option<Work>)>,
    /// Presence as it is now; `None` for agents who are no more.
    pub(crate) agents: Vec<(TenantId, AgentId, Option<Presence>)>,
}

/// Whether an agent takes contacts, and the name of his status when it has one.
#[derive(Debug, Clone)]
pub(crate) struct Presence {
    pub(crate) status: PresenceStatus,
    pub(crate) named: Option<StatusId>,
}

impl From<&AgentRow> for Presence {
    fn from(row: &AgentRow) -> Self {
        Self { status: row.status, named: row.named.clone() }
    }
}

/// Every tenant's floor.
#[derive(Debug, Default)]
pub(crate) struct Floor {
    tenants: BTreeMap<TenantId, TenantFloor>,
    counts: Counts,
}

/// How many works stand where, and how many agents are present.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) waiting: u64,
    pub(crate) offered: u64,
    pub(crate) active: u64,
    pub(crate) wrap_up: u64,
    pub(crate) present: u64,
}

#[derive(Debug, Default)]
struct TenantFloor {
    presence: BTreeMap<AgentId, Presence>,
    /// Where each work stands and with whom; the works of contacts in line are not kept.
    standing: BTreeMap<InteractionId, (InteractionState, Vec<AgentId>)>,
    /// What each agent has.
    held: BTreeMap<AgentId, BTreeMap<InteractionId, Work>>,
}

impl Floor {
    pub(crate) fn apply(&mut self, change: FloorChange) {
        for (tenant, id, work) in change.works {
            self.put_work(tenant, id, work);
        }
        for (tenant, agent, presence) in change.agents {
            let floor = self.tenants.entry(tenant).or_default();
            let now = presence.as_ref().map(|presence| presence.status);
            let before = match presence {
                Some(presence) => floor.presence.insert(agent, presence),
                None => floor.presence.remove(&agent),
            };
            let counts = |status: Option<PresenceStatus>| u64::from(status.is_some_and(is_present));
            self.counts.present += counts(now);
            self.counts.present -= counts(before.map(|presence| presence.status));
        }
    }

    fn put_work(&mut self, tenant: TenantId, id: InteractionId, work: Option<Work>) {
        let floor = self.tenants.entry(tenant).or_default();
        if let Some((state, agents)) = floor.standing.remove(&id) {
            *self.counts.of(state) -= 1;
            for agent in agents {
                if let Some(held) = floor.held.get_mut(&agent) {
                    held.remove(&id);
                    if held.is_empty() {
                        floor.held.remove(&agent);
                    }
                }
            }
        }
        let Some(work) = work else { return };
        let (state, _) = standing(&work);
        *self.counts.of(state) += 1;
        // A contact may be offered to several at once; each sees his own offer.
        let holders: Vec<AgentId> = work.holders().cloned().collect();
        for agent in &holders {
            floor.held.entry(agent.clone()).or_default().insert(id, work.seen_by(agent));
        }
        floor.standing.insert(id, (state, holders));
    }

    pub(crate) fn counts(&self) -> Counts {
        self.counts
    }

    /// An agent as he stands; one who never came is offline with nothing.
    pub(crate) fn agent(&self, tenant: &TenantId, agent: &AgentId) -> AgentView {
        let floor = self.tenants.get(tenant);
        let presence = floor.and_then(|floor| floor.presence.get(agent));
        let mut view = AgentView {
            agent: agent.clone(),
            presence: presence.map_or(PresenceStatus::Offline, |presence| presence.status),
            status: presence.and_then(|presence| presence.named.clone()),
            load: 0,
            offers: Vec::new(),
            conversations: Vec::new(),
            wrap_ups: Vec::new(),
        };
        for work in floor.and_then(|floor| floor.held.get(agent)).into_iter().flat_map(BTreeMap::values) {
            // What is set aside takes no slot.
            view.load += u32::from(work.parked.is_none());
            match work.state {
                WorkState::Waiting => {}
                WorkState::Offered { .. } => view.offers.push(work.clone()),
                WorkState::Active { .. } => view.conversations.push(work.clone()),
                WorkState::WrapUp { .. } => view.wrap_ups.push(work.clone()),
            }
        }
        view
    }
}

impl Counts {
    fn of(&mut self, state: InteractionState) -> &mut u64 {
        match state {
            InteractionState::Offered => &mut self.offered,
            InteractionState::Active => &mut self.active,
            InteractionState::WrapUp => &mut self.wrap_up,
            // A work is never merely live or ended; one that is no more is removed.
            InteractionState::Waiting | InteractionState::Live | InteractionState::Ended => &mut self.waiting,
        }
    }
}

/// Where a work stands, and with whom.
pub(crate) fn standing(work: &Work) -> (InteractionState, Option<AgentId>) {
    match &work.state {
        WorkState::Waiting => (InteractionState::Waiting, None),
        WorkState::Offered { agent, .. } => (InteractionState::Offered, Some(agent.clone())),
        WorkState::Active { agent, .. } => (InteractionState::Active, Some(agent.clone())),
        WorkState::WrapUp { agent, .. } => (InteractionState::WrapUp, Some(agent.clone())),
    }
}

const fn is_present(status: PresenceStatus) -> bool {
    match status {
        PresenceStatus::Available | PresenceStatus::Draining | PresenceStatus::Paused => true,
        PresenceStatus::Offline => false,
    }
}
