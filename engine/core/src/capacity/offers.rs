//! What each request does. A request is first judged, then done; a refusal changes nothing.
//!
//! What it deliberately does not do: it chooses nobody; it tells `matching` who or what became free.

use std::{sync::Arc, time::Duration};

use super::{
    Capacity, CapacityRefusal, Notice, OfferEnd, Preferred, Request, Requirement, Work, WorkState,
    agents::{Agent, AgentIdx},
};
use crate::{
    event::PresenceStatus,
    id::{AgentId, DispositionId, InteractionId, OfferId},
    time::Timestamp,
};

impl Capacity {
    /// Does what the switchboard asks, and tells what came of it, in order.
    ///
    /// # Errors
    /// [`CapacityRefusal`] when the request does not fit the state; nothing has changed then.
    pub fn handle(&mut self, request: Request, now: Timestamp) -> Result<Vec<Notice>, CapacityRefusal> {
        let mut notices = Vec::new();
        match request {
            Request::Enqueue { interaction, touchpoint, channel, requirement, priority, since, preferred, legs } => {
                let work = Work::waiting(interaction, channel, Arc::new(requirement), since);
                self.enqueue(Work { touchpoint, priority, legs, ..work }, preferred, now, &mut notices)?;
            }
            Request::Begin { work, agent, touchpoint, hold } => {
                self.begin_with(*work, agent, &touchpoint, hold, now, &mut notices)?;
            }
            Request::CountBegun { agent, touchpoint } => {
                let idx = self.online(&agent)?;
                self.count_begun(idx, &touchpoint, now)?;
            }
            Request::Amend { interaction, requirement, priority } => {
                self.amend(interaction, Arc::new(requirement), priority, now, &mut notices)?;
            }
            Request::Withdraw { interaction } => self.withdraw(interaction, now, &mut notices),
            Request::SetPresence { agent, status } => self.choose(agent, status, None, now, &mut notices)?,
            Request::ChooseStatus { agent, name } => {
                let status = self.status_named(&agent, &name)?;
                self.choose(agent, status, Some(name), now, &mut notices)?;
            }
            Request::Heartbeat { agent } => {
                let idx = self.online(&agent)?;
                self.heartbeat(idx, now, &mut notices);
            }
            Request::Pull { agent } => self.pull(agent, now, &mut notices)?,
            Request::Transfer { interaction, by, requirement, preferred } => {
                self.transfer(interaction, by, requirement, preferred, now, &mut notices)?;
            }
            Request::Assign { interaction, agent, by, force } => {
                self.assign(interaction, agent, by, force, now, &mut notices)?;
            }
            Request::Accept { agent, offer } => self.accept(agent, offer, now, &mut notices)?,
            Request::Decline { agent, offer } => {
                let idx = self.online(&agent)?;
                let (interaction, _) =
                    self.open_offer(idx, offer).ok_or(CapacityRefusal::OfferGone { offer, agent })?;
                self.bounce(interaction, idx, OfferEnd::Declined, now, &mut notices);
            }
            Request::Close { agent, interaction } => {
                let idx = self.online(&agent)?;
                let closes =
                    |state: &WorkState| matches!(state, WorkState::Active { agent: with, .. } if *with == agent);
                if !self.work(interaction).is_some_and(|work| closes(&work.state)) {
                    return Err(CapacityRefusal::NotYours { interaction, agent });
                }
                self.wrap_up(interaction, idx, now, &mut notices);
            }
            Request::SetWrapUp { interaction, length } => self.set_wrap_up(interaction, length, now, &mut notices)?,
            Request::Finish { agent, interaction, disposition } => {
                let idx = self.online(&agent)?;
                let closes =
                    |state: &WorkState| matches!(state, WorkState::WrapUp { agent: with, .. } if *with == agent);
                if !self.work(interaction).is_some_and(|work| closes(&work.state)) {
                    return Err(CapacityRefusal::NotYours { interaction, agent });
                }
                self.end_own_record(interaction, idx, disposition, false, now, &mut notices);
                self.fill(idx, now, &mut notices);
            }
            Request::Elevate { interaction, by, leg } => self.elevate(interaction, by, leg, now, &mut notices)?,
            Request::CloseLeg { agent, interaction, channel } => {
                self.close_leg(interaction, agent, channel, now, &mut notices)?;
            }
            Request::FinishLeg { agent, interaction, channel, disposition } => {
                self.finish_leg(interaction, agent, channel, disposition, now, &mut notices)?;
            }
            Request::Park { agent, interaction } => self.park(interaction, agent, now, &mut notices)?,
            Request::Resume { agent, interaction } => self.resume(interaction, agent, &mut notices)?,
            Request::CallBack { interaction } => self.call_back(interaction, now, &mut notices),
            Request::WorkDue { interaction } => self.work_due(interaction, now, &mut notices),
            Request::LeaseDue { agent } => {
                if let Some(idx) = self.find(&agent) {
                    self.presence_due(idx, now, &mut notices);
                }
            }
        }
        self.fill_reopened(now, &mut notices);
        Ok(notices)
    }

    fn enqueue(
        &mut self,
        work: Work,
        preferred: Option<Preferred>,
        now: Timestamp,
        notices: &mut Vec<Notice>,
    ) -> Result<(), CapacityRefusal> {
        let interaction = work.interaction;
        match self.work(interaction).map(|work| work.state.clone()) {
            None => {}
            Some(WorkState::Waiting | WorkState::Offered { .. }) => {
                return self.amend(interaction, work.requirement, work.priority, now, notices);
            }
            Some(WorkState::Active { .. }) => return Err(CapacityRefusal::NotWaiting(interaction)),
            Some(WorkState::WrapUp { agent, .. }) => {
                if let Some(idx) = self.find(&agent) {
                    self.end_record(interaction, idx, None, false, now, notices);
                    self.fill(idx, now, notices);
                }
            }
        }
        self.admit(work);
        self.line_up(interaction);
        self.place_with(interaction, preferred, now, notices);
        Ok(())
    }

    fn amend(
        &mut self,
        interaction: InteractionId,
        requirement: Arc<Requirement>,
        priority: i32,
        now: Timestamp,
        notices: &mut Vec<Notice>,
    ) -> Result<(), CapacityRefusal> {
        let Some(Work { state, requirement: old, priority: weighed, .. }) = self.work(interaction) else {
            return Err(CapacityRefusal::NotWaiting(interaction));
        };
        if matches!(state, WorkState::Active { .. } | WorkState::WrapUp { .. }) {
            return Err(CapacityRefusal::NotWaiting(interaction));
        }
        let needs_other = *old != requirement;
        if !needs_other && *weighed == priority {
            return Ok(());
        }
        let offered = matches!(state, WorkState::Offered { .. });
        if !offered {
            self.step_out(interaction);
        }
        let work = self.touch(interaction);
        (work.requirement, work.priority) = (requirement, priority);
        self.reclass(interaction);
        if !offered {
            self.line_up(interaction);
            self.place(interaction, now, notices);
            return Ok(());
        }
        let class = self.works[&interaction].class;
        if needs_other && self.ringing(interaction).iter().any(|idx| !self.can_serve(*idx, class)) {
            // The contact needs somebody else now; the agent did nothing wrong and keeps his turn.
            let freed = self.end_offers(interaction, OfferEnd::Withdrawn, notices);
            self.line_up(interaction);
            self.place(interaction, now, notices);
            self.fill_each(freed, now, notices);
        }
        Ok(())
    }

    fn withdraw(&mut self, interaction: InteractionId, now: Timestamp, notices: &mut Vec<Notice>) {
        let Some(state) = self.work(interaction).map(|work| work.state.clone()) else { return };
        let holder = state.agent().and_then(|agent| self.find(agent));
        match (state, holder) {
            (WorkState::Waiting, _) => {
                self.step_out(interaction);
                self.give_room_back(interaction);
                self.dismiss(interaction);
            }
            (WorkState::Offered { .. }, Some(_)) => {
                let freed = self.end_offers(interaction, OfferEnd::Withdrawn, notices);
                self.dismiss(interaction);
                self.fill_each(freed, now, notices);
            }
            (WorkState::Active { .. }, Some(idx)) => self.wrap_up(interaction, idx, now, notices),
            // The record is the agent's to complete, whatever the flow does.
            (WorkState::WrapUp { .. }, _) | (WorkState::Offered { .. } | WorkState::Active { .. }, None) => {}
        }
    }

    fn accept(
        &mut self,
        agent: AgentId,
        offer: OfferId,
        now: Timestamp,
        notices: &mut Vec<Notice>,
    ) -> Result<(), CapacityRefusal> {
        let idx = self.online(&agent)?;
        if self.has_accepted(idx, offer) {
            return Ok(());
        }
        // An offer whose time has come is over, even when its timer is still to be told (same-instant order).
        let Some((interaction, _)) = self.open_offer(idx, offer).filter(|(_, expires_at)| now < *expires_at) else {
            return Err(CapacityRefusal::OfferGone { offer, agent });
        };
        let freed = self.win(interaction, idx, notices);
        self.begin(interaction, offer, agent, now, notices);
        let row = &mut self.agents[idx.at()];
        if row.missed != 0 {
            row.missed = 0;
            self.touched_agents.insert(row.id.clone());
        }
        self.fill_each(freed, now, notices);
        Ok(())
    }

    fn set_wrap_up(
        &mut self,
        interaction: InteractionId,
        length: Duration,
        now: Timestamp,
        notices: &mut Vec<Notice>,
    ) -> Result<(), CapacityRefusal> {
        let state = self.work(interaction).map(|work| &work.state);
        let Some(WorkState::WrapUp { agent, since, .. }) = state else {
            return Err(CapacityRefusal::NoWrapUp(interaction));
        };
        let (agent, since) = (agent.clone(), *since);
        let until = since + length;
        let idx = self.find(&agent).ok_or_else(|| CapacityRefusal::UnknownAgent(agent.clone()))?;
        if until <= now {
            self.end_own_record(interaction, idx, None, !length.is_zero(), now, notices);
            self.fill(idx, now, notices);
        } else {
            self.touch(interaction).state = WorkState::WrapUp { agent, since, until };
        }
        Ok(())
    }

    fn work_due(&mut self, interaction: InteractionId, now: Timestamp, notices: &mut Vec<Notice>) {
        if self.work_deadline(interaction).is_none_or(|deadline| now < deadline) {
            return;
        }
        let Some(state) = self.work(interaction).map(|work| work.state.clone()) else { return };
        let holder = state.agent().and_then(|agent| self.find(agent));
        match (state, holder) {
            (WorkState::Waiting, _) => self.look_again(interaction, now, notices),
            (WorkState::Offered { .. }, Some(_)) => self.offers_due(interaction, now, notices),
            (WorkState::Active { .. } | WorkState::WrapUp { .. }, Some(idx)) => {
                self.records_due(interaction, idx, now, notices);
            }
            (WorkState::Offered { .. } | WorkState::Active { .. } | WorkState::WrapUp { .. }, None) => {}
        }
    }

    /// The offers whose time has come pass; one that was made in their place does not.
    fn offers_due(&mut self, interaction: InteractionId, now: Timestamp, notices: &mut Vec<Notice>) {
        let last = OfferId(self.next_offer);
        for idx in self.ringing(interaction) {
            let offer = self.works.get(&interaction).and_then(|entry| entry.work.offer_to(&self.agents[idx.at()].id));
            if offer.is_some_and(|(offer, expires_at)| offer < last && expires_at <= now) {
                self.bounce(interaction, idx, OfferEnd::Expired, now, notices);
            }
        }
    }

    /// What a contact in line waited for has come: more agents may have it.
    fn look_again(&mut self, interaction: InteractionId, now: Timestamp, notices: &mut Vec<Notice>) {
        let entry = &self.works[&interaction];
        let open_again = self.exclusions_end(entry).is_some_and(|end| end <= now);
        let since = entry.work.since;
        self.step_out(interaction);
        while let Some(after) = self.next_widening(&self.works[&interaction].work).filter(|after| since + *after <= now)
        {
            self.touch(interaction).widened_ms = u64::try_from(after.as_millis()).unwrap_or(u64::MAX);
        }
        let work = self.touch(interaction);
        if open_again {
            work.bounced.clear();
            work.bounced_at = None;
        }
        work.kept.take_if(|kept| kept.until <= now);
        self.reclass(interaction);
        self.line_up(interaction);
        self.place(interaction, now, notices);
        let waits = self.works.get(&interaction).filter(|entry| entry.work.state == WorkState::Waiting);
        if waits.and_then(|entry| self.room_due(&entry.work)).is_some_and(|due| due <= now) {
            self.make_room(interaction, now);
        }
    }

    /// An agent does not take his offer: the contact goes on, and so does he.
    fn bounce(
        &mut self,
        interaction: InteractionId,
        idx: AgentIdx,
        why: OfferEnd,
        now: Timestamp,
        notices: &mut Vec<Notice>,
    ) {
        let waits = self.drop_offer(interaction, idx, why, notices);
        self.exclude(interaction, idx, now);
        if waits {
            self.line_up(interaction);
        }
        self.end_of_work(idx, now);
        let mut back = match why {
            OfferEnd::Expired => self.miss(idx, now, notices),
            OfferEnd::Declined | OfferEnd::Withdrawn => Vec::new(),
        };
        back.extend(waits.then_some(interaction));
        self.place_each(&back, now, notices);
        self.fill(idx, now, notices);
    }

    /// The agent goes away, and what he had goes to others.
    pub(super) fn let_go(&mut self, idx: AgentIdx, lease_expired: bool, now: Timestamp, notices: &mut Vec<Notice>) {
        let back = self.depart(idx, lease_expired, now, notices);
        self.place_each(&back, now, notices);
    }

    /// The agent goes away: what he had returns to its place in line, his records close. Gives the contacts that wait
    /// again, and are still to be placed.
    pub(super) fn depart(
        &mut self,
        idx: AgentIdx,
        lease_expired: bool,
        now: Timestamp,
        notices: &mut Vec<Notice>,
    ) -> Vec<InteractionId> {
        let mut back = Vec::new();
        let row = &mut self.agents[idx.at()];
        if !row.is_present() {
            return back;
        }
        (row.status, row.named, row.lost_at) = (PresenceStatus::Offline, None, None);
        (row.missed, row.shift_ends, row.pace) = (0, None, None);
        let (agent, held) = (row.id.clone(), row.held.clone());
        self.touched_agents.insert(agent.clone());
        self.reindex_agent(idx);
        notices.push(Notice::PresenceChanged { agent: agent.clone(), status: PresenceStatus::Offline, lease_expired });
        for interaction in held {
            match self.works[&interaction].work.state {
                WorkState::Waiting => {}
                WorkState::Offered { .. } => {
                    let waits = self.drop_offer(interaction, idx, OfferEnd::Withdrawn, notices);
                    // He ran away from it: without this, presence that flaps would offer it in a loop (U-20).
                    self.exclude(interaction, idx, now);
                    back.extend(waits.then_some(interaction));
                }
                WorkState::Active { .. } => {
                    self.close_records(interaction, idx, true, notices);
                    self.talk_over(interaction, idx, now);
                    self.set_down(interaction, idx);
                    notices.push(Notice::Requeued { interaction, agent: agent.clone() });
                    back.push(interaction);
                }
                WorkState::WrapUp { .. } => self.end_record(interaction, idx, None, true, now, notices),
            }
        }
        for interaction in &back {
            self.line_up(*interaction);
        }
        back
    }

    /// The conversation is over: the record remains, with its slot, for as long as the profile says.
    pub(super) fn wrap_up(
        &mut self,
        interaction: InteractionId,
        idx: AgentIdx,
        now: Timestamp,
        notices: &mut Vec<Notice>,
    ) {
        self.talk_over(interaction, idx, now);
        self.end_legs(interaction, idx, now, notices);
        let length = self.limits(idx).wrap_up;
        if let WorkState::Active { since, .. } = self.works[&interaction].work.state {
            self.agents[idx.at()].conversed(now.since(since));
        }
        if length.is_zero() {
            self.end_record(interaction, idx, None, false, now, notices);
            self.fill(idx, now, notices);
            return;
        }
        let (agent, until) = (self.agents[idx.at()].id.clone(), now + length);
        self.touched_agents.insert(agent.clone());
        self.touch(interaction).state = WorkState::WrapUp { agent: agent.clone(), since: now, until };
        notices.push(Notice::WrapUpStarted { interaction, agent, until });
    }

    /// The agent converses with the contact no more: the time counts as his.
    pub(super) fn talk_over(&mut self, interaction: InteractionId, idx: AgentIdx, now: Timestamp) {
        if let WorkState::Active { since, .. } = self.works[&interaction].work.state {
            let row = &mut self.agents[idx.at()];
            row.talked_ms += u64::try_from(now.since(since).as_millis()).unwrap_or(u64::MAX);
            self.touched_agents.insert(row.id.clone());
            self.reindex_agent(idx);
        }
    }

    /// The record is closed and the claim gone, with every record of its legs.
    pub(super) fn end_record(
        &mut self,
        interaction: InteractionId,
        idx: AgentIdx,
        disposition: Option<DispositionId>,
        expired: bool,
        now: Timestamp,
        notices: &mut Vec<Notice>,
    ) {
        if let WorkState::WrapUp { since, .. } = self.works[&interaction].work.state {
            self.agents[idx.at()].wrapped_up(now.since(since));
        }
        self.close_records(interaction, idx, expired, notices);
        self.set_down(interaction, idx);
        self.dismiss(interaction);
        self.agents[idx.at()].handled += 1;
        self.end_of_work(idx, now);
        let agent = self.agents[idx.at()].id.clone();
        notices.push(Notice::WrapUpEnded { interaction, agent, disposition, expired });
    }

    /// The agent has the contact no more; it waits, and is still to be lined up or dismissed.
    pub(super) fn set_down(&mut self, interaction: InteractionId, idx: AgentIdx) {
        self.release(idx, interaction);
        let work = self.touch(interaction);
        (work.state, work.parked) = (WorkState::Waiting, None);
        self.reindex_agent(idx);
    }

    /// The agent goes to the end of the idle: he ended some work of his own. A withdrawn offer was none.
    pub(super) fn end_of_work(&mut self, idx: AgentIdx, now: Timestamp) {
        self.draw(idx);
        let row = &mut self.agents[idx.at()];
        row.idle_since = now;
        self.touched_agents.insert(row.id.clone());
        self.reindex_agent(idx);
    }

    /// The agent is not asked for this contact again until its exclusions end. The contact must not be in line.
    pub(super) fn exclude(&mut self, interaction: InteractionId, idx: AgentIdx, now: Timestamp) {
        let agent = self.agents[idx.at()].id.clone();
        let work = self.touch(interaction);
        // Nobody waits for an agent who did not want it.
        work.kept.take_if(|kept| kept.agent == agent);
        // Whoever is given it again by hand and bounces it again is still one agent.
        if !work.bounced.contains(&agent) {
            work.bounced.push(agent);
        }
        work.bounced_at = Some(now);
    }

    pub(super) fn online(&self, agent: &AgentId) -> Result<AgentIdx, CapacityRefusal> {
        let idx = self.find(agent).ok_or_else(|| CapacityRefusal::UnknownAgent(agent.clone()))?;
        let present = self.agents[idx.at()].is_present();
        present.then_some(idx).ok_or_else(|| CapacityRefusal::AgentOffline(agent.clone()))
    }

    /// The contact and the end of an offer that the agent has. He has few.
    fn open_offer(&self, idx: AgentIdx, wanted: OfferId) -> Option<(InteractionId, Timestamp)> {
        let Agent { id, held, .. } = &self.agents[idx.at()];
        let mut held = held.iter().filter_map(|interaction| self.work(*interaction));
        held.find_map(|work| {
            let (offer, expires_at) = work.offer_to(id)?;
            (offer == wanted).then_some((work.interaction, expires_at))
        })
    }

    fn has_accepted(&self, idx: AgentIdx, wanted: OfferId) -> bool {
        let mut held = self.agents[idx.at()].held.iter().filter_map(|interaction| self.work(*interaction));
        held.any(|work| matches!(work.state, WorkState::Active { offer, .. } if offer == wanted))
    }
}
