//! Contacts that change hands by somebody's wish rather than by a decision: pull, assignment, transfer (P-19, P-24);
//! and agents whose desk is gone, who do not answer, or whose shift is over (P-10, P-22, DYD-34).
//!
//! What it deliberately does not do: it finds nobody; it tells `matching` who or what became free.

use std::sync::Arc;

use super::{
    Bound, Capacity, CapacityRefusal, Given, Notice, OfferEnd, Preferred, Requirement, Why, WorkState, agents::AgentIdx,
};
use crate::{
    catalogue::NoAnswer,
    event::PresenceStatus,
    id::{AgentId, InteractionId, OfferId, StatusId},
    limits::PRESENCE_LEASE,
    time::Timestamp,
};

impl Capacity {
    /// An agent chose a status: a plain one, or a named one of his profile, which is available for some channels or
    /// drains. Outside his shift he drains whatever he chose (DYD-34).
    pub(super) fn choose(
        &mut self,
        agent: AgentId,
        status: PresenceStatus,
        named: Option<StatusId>,
        now: Timestamp,
        notices: &mut Vec<Notice>,
    ) -> Result<(), CapacityRefusal> {
        let idx = self.find(&agent).ok_or_else(|| CapacityRefusal::UnknownAgent(agent.clone()))?;
        if status == PresenceStatus::Offline {
            self.let_go(idx, false, now, notices);
            return Ok(());
        }
        let row = &mut self.agents[idx.at()];
        row.lease_until = now + PRESENCE_LEASE;
        let before = row.status;
        row.status = status;
        let shift_ends = self.shift_ends(idx, now);
        let row = &mut self.agents[idx.at()];
        row.shift_ends = shift_ends;
        if shift_ends == Some(now) {
            (row.status, row.shift_ends) = (PresenceStatus::Draining, None);
        }
        let status = row.status;
        if before == status && row.named == named && row.lost_at.is_none() {
            return Ok(());
        }
        (row.named, row.missed) = (named, 0);
        if row.status != PresenceStatus::Available {
            row.pace = None;
        } else if before != status || row.lost_at.is_some() {
            self.arrive(idx, now);
        }
        self.touched_agents.insert(agent.clone());
        notices.push(Notice::PresenceChanged { agent, status, lease_expired: false });
        self.come_back(idx, notices);
        self.reindex_agent(idx);
        self.fill(idx, now, notices);
        self.end_filling(idx);
        Ok(())
    }

    /// An agent is available from now on. Time away is not idle time (U-31).
    fn arrive(&mut self, idx: AgentIdx, now: Timestamp) {
        self.agents[idx.at()].idle_since = now;
        self.draw(idx);
        self.begin_filling(idx, now);
    }

    /// The status that a name of the agent's profile stands for.
    pub(super) fn status_named(&self, agent: &AgentId, name: &StatusId) -> Result<PresenceStatus, CapacityRefusal> {
        let idx = self.find(agent).ok_or_else(|| CapacityRefusal::UnknownAgent(agent.clone()))?;
        let unknown = || CapacityRefusal::UnknownStatus { agent: agent.clone(), name: name.clone() };
        let channels = self.limits(idx).statuses.get(name).ok_or_else(unknown)?;
        Ok(if channels.is_empty() { PresenceStatus::Draining } else { PresenceStatus::Available })
    }

    /// The desk is still there; one that was gone finds its conversations again.
    pub(super) fn heartbeat(&mut self, idx: AgentIdx, now: Timestamp, notices: &mut Vec<Notice>) {
        let row = &mut self.agents[idx.at()];
        row.lease_until = now + PRESENCE_LEASE;
        if row.lost_at.is_some() {
            self.touched_agents.insert(row.id.clone());
            if row.status == PresenceStatus::Available {
                self.arrive(idx, now);
            } else {
                row.idle_since = now;
            }
            self.come_back(idx, notices);
            self.reindex_agent(idx);
            self.fill(idx, now, notices);
            self.end_filling(idx);
        }
    }

    fn come_back(&mut self, idx: AgentIdx, notices: &mut Vec<Notice>) {
        let row = &mut self.agents[idx.at()];
        if row.lost_at.take().is_some() {
            self.tell_conversations(idx, false, notices);
        }
    }

    fn tell_conversations(&self, idx: AgentIdx, lost: bool, notices: &mut Vec<Notice>) {
        let row = &self.agents[idx.at()];
        let talks = |interaction: &&InteractionId| {
            self.work(**interaction).is_some_and(|work| matches!(work.state, WorkState::Active { .. }))
        };
        let news = row.held.iter().filter(talks).map(|interaction| Notice::Connection {
            interaction: *interaction,
            agent: row.id.clone(),
            lost,
        });
        notices.extend(news);
    }

    /// A lease, a shift or the patience of conversations came to its end.
    pub(super) fn presence_due(&mut self, idx: AgentIdx, now: Timestamp, notices: &mut Vec<Notice>) {
        let limits = self.limits(idx);
        let row = &self.agents[idx.at()];
        if row.deadline(limits).is_none_or(|deadline| now < deadline) {
            return;
        }
        let gone = row.lost_at.is_some() || row.lease_until <= now;
        if !gone && row.paced_until().is_some_and(|until| until <= now) {
            self.go_on_filling(idx, now, notices);
        } else if !gone {
            self.end_shift(idx, notices);
        } else if row.lost_at.is_none() && !limits.reconnect.is_zero() {
            self.lose(idx, now, notices);
        } else {
            self.let_go(idx, true, now, notices);
        }
    }

    fn end_shift(&mut self, idx: AgentIdx, notices: &mut Vec<Notice>) {
        let row = &mut self.agents[idx.at()];
        (row.status, row.shift_ends, row.pace) = (PresenceStatus::Draining, None, None);
        let (agent, status) = (row.id.clone(), row.status);
        self.touched_agents.insert(agent.clone());
        self.reindex_agent(idx);
        notices.push(Notice::PresenceChanged { agent, status, lease_expired: false });
    }

    /// The desk is gone: offers go to others at once, conversations wait for it a while.
    fn lose(&mut self, idx: AgentIdx, now: Timestamp, notices: &mut Vec<Notice>) {
        let row = &mut self.agents[idx.at()];
        (row.lost_at, row.pace) = (Some(now), None);
        let held = row.held.clone();
        self.touched_agents.insert(row.id.clone());
        self.reindex_agent(idx);
        self.tell_conversations(idx, true, notices);
        let mut back = Vec::new();
        for interaction in held {
            if matches!(self.works[&interaction].work.state, WorkState::Offered { .. }) {
                let waits = self.drop_offer(interaction, idx, OfferEnd::Withdrawn, notices);
                self.exclude(interaction, idx, now);
                if waits {
                    self.line_up(interaction);
                    back.push(interaction);
                }
            }
        }
        self.take_up_called(idx, notices);
        self.place_each(&back, now, notices);
    }

    /// An agent let another offer pass. Gives what goes back with it when he is put offline for that.
    pub(super) fn miss(&mut self, idx: AgentIdx, now: Timestamp, notices: &mut Vec<Notice>) -> Vec<InteractionId> {
        let misses = self.limits(idx).misses;
        let row = &mut self.agents[idx.at()];
        row.missed = row.missed.saturating_add(1);
        let Some(misses) = misses.filter(|misses| misses.max <= row.missed && row.is_available()) else {
            return Vec::new();
        };
        match misses.status {
            NoAnswer::Offline => self.depart(idx, false, now, notices),
            NoAnswer::Paused => {
                (row.status, row.named) = (PresenceStatus::Paused, None);
                (row.shift_ends, row.pace) = (None, None);
                let (agent, status) = (row.id.clone(), row.status);
                self.reindex_agent(idx);
                notices.push(Notice::PresenceChanged { agent, status, lease_expired: false });
                Vec::new()
            }
        }
    }

    /// The conversation begins.
    pub(super) fn begin(
        &mut self,
        interaction: InteractionId,
        offer: OfferId,
        agent: AgentId,
        now: Timestamp,
        notices: &mut Vec<Notice>,
    ) {
        let work = self.touch(interaction);
        work.state = WorkState::Active { agent: agent.clone(), since: now, offer };
        work.bounced.clear();
        (work.bounced_at, work.kept) = (None, None);
        notices.push(Notice::Accepted { interaction, offer, agent });
    }

    /// An agent asks for one contact more; he cannot choose which (MAX-05).
    pub(super) fn pull(
        &mut self,
        agent: AgentId,
        now: Timestamp,
        notices: &mut Vec<Notice>,
    ) -> Result<(), CapacityRefusal> {
        let idx = self.online(&agent)?;
        let limits = self.limits(idx);
        if !limits.pull {
            return Err(CapacityRefusal::MayNotPull(agent));
        }
        let row = &self.agents[idx.at()];
        let takes = limits.room(row.open(limits), &row.load, true);
        let interaction = self.next_for(idx, takes, true, now).ok_or(CapacityRefusal::NothingToPull(agent))?;
        self.offer(interaction, idx, Given::Pulled, now, notices);
        Ok(())
    }

    /// A conversation leaves its agent for another, at its original place. He who had it is asked last.
    pub(super) fn transfer(
        &mut self,
        interaction: InteractionId,
        by: Option<AgentId>,
        requirement: Option<Requirement>,
        preferred: Option<Preferred>,
        now: Timestamp,
        notices: &mut Vec<Notice>,
    ) -> Result<(), CapacityRefusal> {
        let Some(WorkState::Active { agent, .. }) = self.work(interaction).map(|work| work.state.clone()) else {
            return Err(by.map_or(CapacityRefusal::NotWaiting(interaction), |agent| CapacityRefusal::NotYours {
                interaction,
                agent,
            }));
        };
        if let Some(by) = by.filter(|by| *by != agent) {
            return Err(CapacityRefusal::NotYours { interaction, agent: by });
        }
        let idx = self.find(&agent).ok_or_else(|| CapacityRefusal::UnknownAgent(agent.clone()))?;
        if let Some(to) = preferred.as_ref().map(|preferred| &preferred.agent) {
            let other = self.find(to).ok_or_else(|| CapacityRefusal::UnknownAgent(to.clone()))?;
            let why = self.why(interaction, to).filter(|_| !self.can_serve(other, self.works[&interaction].class));
            if let Some(why) = why.or((*to == agent).then_some(Why::Has)) {
                return Err(CapacityRefusal::DoesNotFit { interaction, agent: to.clone(), why });
            }
        }
        self.close_records(interaction, idx, false, notices);
        self.talk_over(interaction, idx, now);
        self.set_down(interaction, idx);
        self.exclude(interaction, idx, now);
        self.end_of_work(idx, now);
        notices.push(Notice::Requeued { interaction, agent });
        if let Some(requirement) = requirement {
            self.touch(interaction).requirement = Arc::new(requirement);
            self.reclass(interaction);
        }
        self.line_up(interaction);
        self.place_with(interaction, preferred, now, notices);
        self.fill(idx, now, notices);
        Ok(())
    }

    /// A supervisor gives a contact in line to an agent: within every bound, or on record whatever stands against it.
    pub(super) fn assign(
        &mut self,
        interaction: InteractionId,
        agent: AgentId,
        by: AgentId,
        force: bool,
        now: Timestamp,
        notices: &mut Vec<Notice>,
    ) -> Result<(), CapacityRefusal> {
        let idx = self.online(&agent)?;
        let Some(state) = self.work(interaction).map(|work| work.state.clone()) else {
            return Err(CapacityRefusal::NotWaiting(interaction));
        };
        let ringing = self.ringing(interaction);
        if matches!(state, WorkState::Active { .. } | WorkState::WrapUp { .. }) || ringing.contains(&idx) {
            return Err(CapacityRefusal::NotWaiting(interaction));
        }
        let why = self.why(interaction, &agent).filter(|why| match why {
            // He may have it after all: these only say whose turn it is.
            Why::Has | Why::NotInLine | Why::Bounced { .. } | Why::Kept { .. } | Why::Reserved { .. } => false,
            Why::CouldBeOffered | Why::PullOnly | Why::Saved(_) | Why::Filling { .. } => false,
            Why::Presence(_) | Why::Status(_) | Why::Channel(_) | Why::Skill(_) | Why::Level { .. } => true,
            Why::Supervisor | Why::Role(_) | Why::Unseen(_) => true,
            Why::Capacity(
                Bound::Channel { .. } | Bound::Excluded { .. } | Bound::Units { .. } | Bound::Contacts { .. },
            ) => true,
        });
        if let Some(why) = why.clone().filter(|_| !force) {
            return Err(CapacityRefusal::DoesNotFit { interaction, agent, why });
        }
        let freed = self.end_offers(interaction, OfferEnd::Withdrawn, notices);
        if !freed.is_empty() {
            self.line_up(interaction);
        }
        notices.push(Notice::Assigned { interaction, agent, by, overrides: why.map(|why| why.code()) });
        self.offer(interaction, idx, if force { Given::Forced } else { Given::Pushed }, now, notices);
        self.fill_each(freed, now, notices);
        Ok(())
    }
}
