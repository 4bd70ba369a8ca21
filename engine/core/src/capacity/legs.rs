//! Conversations over several channels, and conversations set aside (MAX-10, MAX-14, MAX-15, U-09, U-11). Both change
//! what a contact weighs while its agent has it.
//!
//! An elevated contact is one piece of work: one claim, one agent, and beside its channel some [`Leg`]s. Each channel
//! has an end and a record of its own; the work is over when the last record is closed. When the first channel ends
//! before the others, one of them takes its place, so that a transfer asks for agents of a channel that still goes on.
//!
//! | channel | request or timer | to |
//! | --- | --- | --- |
//! | - | `Elevate` | `Open` |
//! | `Open` | `CloseLeg`, `Close` | `WrapUp`, or gone when the profile has none |
//! | `WrapUp` | `FinishLeg`, wrap-up timer, agent gone, `Transfer` | gone |
//!
//! A conversation that is set aside keeps some units reserved and takes no place. It comes back when its agent says so
//! or its contact writes; while there is no room, it comes before everything new.
//!
//! What it deliberately does not do: it opens no channel outside; the switchboard says that a leg is to be reached.

use std::sync::Arc;

use routewright_flows::Channel;
use serde::{Deserialize, Serialize};

use super::{
    Bound, Capacity, CapacityRefusal, Notice, OfferEnd, Why, Work, WorkState,
    agents::{Agent, AgentIdx},
    bounds::Limits,
};
use crate::{
    elevation,
    id::{AgentId, DispositionId, InteractionId, TouchpointId},
    time::Timestamp,
};

/// One more channel of a conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Leg {
    /// Which.
    pub channel: Channel,
    /// Through which touchpoint, and to which address; none for the channel by which the contact came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reach: Option<Reach>,
    /// Where it stands.
    #[serde(flatten)]
    pub state: LegState,
}

/// Where a leg goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reach {
    /// Through which touchpoint.
    pub touchpoint: TouchpointId,
    /// To which address.
    pub address: Arc<str>,
}

/// Where a leg stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "leg", rename_all = "snake_case")]
pub enum LegState {
    /// The conversation goes on over it.
    Open,
    /// It is over and the agent completes its record; its place stays taken.
    WrapUp {
        /// Since when.
        since: Timestamp,
        /// Until when (T-14).
        until: Timestamp,
    },
}

/// Why a conversation cannot go on over one more channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LegRefusal {
    /// It does already, or none of its channels leads there (MAX-08).
    NotElevated,
    /// Its agent has no room for it.
    NoRoom(Bound),
}

/// A conversation that is set aside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parked {
    /// Since when.
    pub since: Timestamp,
    /// When its contact first wrote since then: it is to come back as soon as there is room.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub called: Option<Timestamp>,
}

impl Leg {
    /// A leg that begins.
    #[must_use]
    pub fn open(channel: Channel, reach: Reach) -> Self {
        Self { channel, reach: Some(reach), state: LegState::Open }
    }

    fn until(&self) -> Option<Timestamp> {
        match self.state {
            LegState::Open => None,
            LegState::WrapUp { until, .. } => Some(until),
        }
    }
}

impl Work {
    /// The channels that it takes: its own, and those of its legs.
    pub fn channels(&self) -> impl Iterator<Item = Channel> {
        std::iter::once(self.channel).chain(self.legs.iter().map(|leg| leg.channel))
    }

    fn open_legs(&self) -> impl Iterator<Item = usize> {
        self.legs.iter().enumerate().filter(|(_, leg)| leg.state == LegState::Open).map(|(at, _)| at)
    }

    /// The channels over which it goes on that are not the one by which the contact came, each with where it leads.
    pub fn reached(&self) -> impl Iterator<Item = (Channel, &Reach)> {
        let own = match self.state {
            WorkState::WrapUp { .. } => None,
            WorkState::Waiting | WorkState::Offered { .. } | WorkState::Active { .. } => self.reach.as_ref(),
        };
        let open = self.legs.iter().filter(|leg| leg.state == LegState::Open);
        let legs = open.filter_map(|leg| Some((leg.channel, leg.reach.as_ref()?)));
        own.map(|reach| (self.channel, reach)).into_iter().chain(legs)
    }

    /// Where one of those channels leads.
    #[must_use]
    pub fn reach_on(&self, channel: Channel) -> Option<&Reach> {
        self.reached().find(|(own, _)| *own == channel).map(|(_, reach)| reach)
    }

    /// When the first record of a leg closes by itself.
    pub(super) fn legs_until(&self) -> Option<Timestamp> {
        self.legs.iter().filter_map(Leg::until).min()
    }

    /// False when this agent may not have it now, although he fits what it needs: he bounced it, it is kept for
    /// another, or he has no room for one of its further channels.
    pub(super) fn may_go_to(&self, agent: &Agent, limits: &Limits, pulled: bool) -> bool {
        let open = || self.channels().all(|channel| agent.open(limits).contains(channel));
        let room = || limits.refuses(&agent.load, self, pulled).is_none();
        self.admits(&agent.id) && (self.legs.is_empty() || open() && room())
    }
}

impl Capacity {
    /// True when this agent may have the contact, as far as the contact is concerned.
    pub(super) fn may_go_to(&self, work: &Work, idx: AgentIdx) -> bool {
        work.may_go_to(&self.agents[idx.at()], self.limits(idx), false)
    }

    /// One more channel. An agent who has the contact must have room for it; a contact in line then waits for one who
    /// has, and an offer that was made without it is made again.
    pub(super) fn elevate(
        &mut self,
        interaction: InteractionId,
        by: Option<AgentId>,
        leg: Leg,
        now: Timestamp,
        notices: &mut Vec<Notice>,
    ) -> Result<(), CapacityRefusal> {
        let channel = leg.channel;
        let not_his = |agent| CapacityRefusal::NotYours { interaction, agent };
        let Some(work) = self.work(interaction) else {
            return Err(by.map_or(CapacityRefusal::NotWaiting(interaction), not_his));
        };
        let holder = work.state.agent().and_then(|agent| self.find(agent));
        if work.channels().any(|own| own == channel) || !leads_to(work, channel) {
            return Err(CapacityRefusal::NotElevated { interaction, channel });
        }
        let opened = Notice::LegOpened { interaction, agent: by.clone(), channel };
        match (work.state.clone(), holder) {
            (WorkState::Waiting, _) if by.is_none() => {
                self.step_out(interaction);
                self.touch(interaction).legs.push(leg);
                notices.push(opened);
                self.line_up(interaction);
                self.place(interaction, now, notices);
                Ok(())
            }
            (WorkState::Offered { .. }, Some(_)) if by.is_none() => {
                notices.push(opened);
                let freed = self.end_offers(interaction, OfferEnd::Withdrawn, notices);
                self.touch(interaction).legs.push(leg);
                self.line_up(interaction);
                self.place(interaction, now, notices);
                self.fill_each(freed, now, notices);
                Ok(())
            }
            (WorkState::Active { agent, .. }, Some(idx)) if work.parked.is_none() => {
                if let Some(by) = by.filter(|by| *by != agent) {
                    return Err(not_his(by));
                }
                let mut elevated = work.clone();
                elevated.legs.push(leg);
                if let Some(bound) = self.refuses_change(idx, &elevated) {
                    return Err(CapacityRefusal::DoesNotFit { interaction, agent, why: Why::Capacity(bound) });
                }
                self.change(interaction, idx, |work| *work = elevated);
                notices.push(opened);
                // On a heavier channel that stands aside it counts no more for some others.
                self.fill(idx, now, notices);
                Ok(())
            }
            (WorkState::Active { agent, .. } | WorkState::WrapUp { agent, .. }, _) => Err(not_his(by.unwrap_or(agent))),
            (WorkState::Waiting | WorkState::Offered { .. }, _) => {
                Err(by.map_or(CapacityRefusal::NotWaiting(interaction), not_his))
            }
        }
    }

    /// The agent ended the conversation on one of its channels; on the last one it is over.
    pub(super) fn close_leg(
        &mut self,
        interaction: InteractionId,
        agent: AgentId,
        channel: Channel,
        now: Timestamp,
        notices: &mut Vec<Notice>,
    ) -> Result<(), CapacityRefusal> {
        let idx = self.online(&agent)?;
        let talks = |work: &&Work| matches!(&work.state, WorkState::Active { agent: with, .. } if *with == agent);
        let Some(work) = self.work(interaction).filter(talks) else {
            return Err(CapacityRefusal::NotYours { interaction, agent });
        };
        let leg = work.open_legs().find(|at| work.legs[*at].channel == channel);
        let other = work.open_legs().next();
        match (leg, other) {
            (Some(at), _) => self.end_leg(interaction, idx, at, now, notices),
            (None, Some(at)) if work.channel == channel => {
                self.promote(interaction, idx, at);
                self.end_leg(interaction, idx, at, now, notices);
            }
            (None, None) if work.channel == channel => self.wrap_up(interaction, idx, now, notices),
            (None, _) => return Err(CapacityRefusal::NotYours { interaction, agent }),
        }
        self.fill(idx, now, notices);
        Ok(())
    }

    /// The agent closed the record of one channel; with the last one the work is over.
    pub(super) fn finish_leg(
        &mut self,
        interaction: InteractionId,
        agent: AgentId,
        channel: Channel,
        disposition: Option<DispositionId>,
        now: Timestamp,
        notices: &mut Vec<Notice>,
    ) -> Result<(), CapacityRefusal> {
        let idx = self.online(&agent)?;
        let Some(work) = self.work(interaction).filter(|work| work.state.agent() == Some(&agent)) else {
            return Err(CapacityRefusal::NotYours { interaction, agent });
        };
        let leg = work.legs.iter().position(|leg| leg.channel == channel && leg.until().is_some());
        match leg {
            Some(at) => self.close_record_of(interaction, idx, at, disposition, false, notices),
            None if work.channel == channel && matches!(work.state, WorkState::WrapUp { .. }) => {
                self.end_own_record(interaction, idx, disposition, false, now, notices);
            }
            None => return Err(CapacityRefusal::NotYours { interaction, agent }),
        }
        self.fill(idx, now, notices);
        Ok(())
    }

    /// Every leg is over with the conversation. Those without a wrap-up are gone.
    pub(super) fn end_legs(
        &mut self,
        interaction: InteractionId,
        idx: AgentIdx,
        now: Timestamp,
        notices: &mut Vec<Notice>,
    ) {
        loop {
            let Some(at) = self.works[&interaction].work.open_legs().next() else { return };
            self.end_leg(interaction, idx, at, now, notices);
        }
    }

    fn end_leg(
        &mut self,
        interaction: InteractionId,
        idx: AgentIdx,
        at: usize,
        now: Timestamp,
        notices: &mut Vec<Notice>,
    ) {
        let length = self.limits(idx).wrap_up;
        if length.is_zero() {
            return self.close_record_of(interaction, idx, at, None, false, notices);
        }
        let (agent, until) = (self.agents[idx.at()].id.clone(), now + length);
        let leg = &mut self.touch(interaction).legs[at];
        leg.state = LegState::WrapUp { since: now, until };
        notices.push(Notice::LegWrapUp { interaction, agent, channel: leg.channel, until });
    }

    /// The record of a leg is closed and its place free.
    fn close_record_of(
        &mut self,
        interaction: InteractionId,
        idx: AgentIdx,
        at: usize,
        disposition: Option<DispositionId>,
        expired: bool,
        notices: &mut Vec<Notice>,
    ) {
        let channel = self.works[&interaction].work.legs[at].channel;
        self.change(interaction, idx, |work| drop(work.legs.remove(at)));
        let agent = self.agents[idx.at()].id.clone();
        notices.push(Notice::LegEnded { interaction, agent, channel, disposition, expired });
    }

    /// Closes every record of legs that are over: the agent has them no more.
    pub(super) fn close_records(
        &mut self,
        interaction: InteractionId,
        idx: AgentIdx,
        expired: bool,
        notices: &mut Vec<Notice>,
    ) {
        while let Some(at) = self.works[&interaction].work.legs.iter().position(|leg| leg.until().is_some()) {
            self.close_record_of(interaction, idx, at, None, expired, notices);
        }
    }

    /// The record of a contact's own channel is closed: the work is over, or goes on as the record of a leg.
    pub(super) fn end_own_record(
        &mut self,
        interaction: InteractionId,
        idx: AgentIdx,
        disposition: Option<DispositionId>,
        expired: bool,
        now: Timestamp,
        notices: &mut Vec<Notice>,
    ) {
        if self.works[&interaction].work.legs.is_empty() {
            self.end_record(interaction, idx, disposition, expired, now, notices);
        } else {
            self.promote(interaction, idx, 0);
            self.close_record_of(interaction, idx, 0, disposition, expired, notices);
        }
    }

    /// Closes the records whose time has come.
    pub(super) fn records_due(
        &mut self,
        interaction: InteractionId,
        idx: AgentIdx,
        now: Timestamp,
        notices: &mut Vec<Notice>,
    ) {
        while let Some(work) = self.work(interaction) {
            let due = |leg: &Leg| leg.until().is_some_and(|until| until <= now);
            let leg = work.legs.iter().position(due);
            let own = matches!(work.state, WorkState::WrapUp { until, .. } if until <= now);
            match leg {
                Some(at) => self.close_record_of(interaction, idx, at, None, true, notices),
                None if own => self.end_own_record(interaction, idx, None, true, now, notices),
                None => break,
            }
        }
        self.fill(idx, now, notices);
    }

    /// A leg and the contact's own channel change places, and their records with them.
    fn promote(&mut self, interaction: InteractionId, idx: AgentIdx, at: usize) {
        let wraps_up = |state: &WorkState| match state {
            WorkState::WrapUp { since, until, .. } => Some((*since, *until)),
            WorkState::Waiting | WorkState::Offered { .. } | WorkState::Active { .. } => None,
        };
        self.change(interaction, idx, |work| {
            let Leg { channel, reach, state } = work.legs[at].clone();
            let own = wraps_up(&work.state).map_or(LegState::Open, |(since, until)| LegState::WrapUp { since, until });
            work.legs[at] = Leg {
                channel: std::mem::replace(&mut work.channel, channel),
                reach: std::mem::replace(&mut work.reach, reach),
                state: own,
            };
            if let (WorkState::WrapUp { agent, .. }, LegState::WrapUp { since, until }) = (&work.state, state) {
                work.state = WorkState::WrapUp { agent: agent.clone(), since, until };
            }
        });
        self.reclass(interaction);
    }

    // -- set aside ----------------------------------------------------------------------------------------------------

    /// The agent sets a conversation aside: it takes no place any more, and keeps some units.
    pub(super) fn park(
        &mut self,
        interaction: InteractionId,
        agent: AgentId,
        now: Timestamp,
        notices: &mut Vec<Notice>,
    ) -> Result<(), CapacityRefusal> {
        let idx = self.online(&agent)?;
        self.may_park(interaction, idx)?;
        self.set_aside(interaction, idx, now, notices);
        self.end_of_work(idx, now);
        self.fill(idx, now, notices);
        Ok(())
    }

    /// The conversation that an agent may set aside.
    pub(super) fn may_park(&self, interaction: InteractionId, idx: AgentIdx) -> Result<&Work, CapacityRefusal> {
        let Agent { id, load, .. } = &self.agents[idx.at()];
        let own = self.work(interaction).filter(|work| talks_with(work, id) && work.parked.is_none());
        let work = own.ok_or_else(|| CapacityRefusal::NotYours { interaction, agent: id.clone() })?;
        let max = self.limits(idx).parked_max;
        if max <= load.parked {
            return Err(CapacityRefusal::ParkedEnough { agent: id.clone(), max });
        }
        Ok(work)
    }

    /// Sets aside a conversation that may be.
    pub(super) fn set_aside(
        &mut self,
        interaction: InteractionId,
        idx: AgentIdx,
        now: Timestamp,
        notices: &mut Vec<Notice>,
    ) {
        self.change(interaction, idx, |work| work.parked = Some(Parked { since: now, called: None }));
        notices.push(Notice::Parked { interaction, agent: self.agents[idx.at()].id.clone() });
    }

    /// The agent takes a conversation up again, when he has room for it.
    pub(super) fn resume(
        &mut self,
        interaction: InteractionId,
        agent: AgentId,
        notices: &mut Vec<Notice>,
    ) -> Result<(), CapacityRefusal> {
        let idx = self.online(&agent)?;
        if !self.work(interaction).is_some_and(|work| talks_with(work, &agent) && work.parked.is_some()) {
            return Err(CapacityRefusal::NotYours { interaction, agent });
        }
        match self.take_up(interaction, idx, notices) {
            None => Ok(()),
            Some(bound) => Err(CapacityRefusal::DoesNotFit { interaction, agent, why: Why::Capacity(bound) }),
        }
    }

    /// The contact of a conversation that is set aside wrote: it comes back now, or first when there is room.
    pub(super) fn call_back(&mut self, interaction: InteractionId, now: Timestamp, notices: &mut Vec<Notice>) {
        let holder = self.work(interaction).and_then(|work| self.find(work.state.agent()?));
        let Some(idx) = holder else { return };
        let waits = |parked: &Parked| parked.called.is_none();
        let talks = matches!(self.works[&interaction].work.state, WorkState::Active { .. });
        if talks && self.works[&interaction].work.parked.as_ref().is_some_and(waits) {
            if let Some(parked) = &mut self.touch(interaction).parked {
                parked.called = Some(now);
            }
            self.take_up(interaction, idx, notices);
        }
    }

    /// Takes up what is called back and fits, the first called first.
    pub(super) fn take_up_called(&mut self, idx: AgentIdx, notices: &mut Vec<Notice>) {
        if 0 < self.agents[idx.at()].load.parked {
            for interaction in self.called_back(idx) {
                self.take_up(interaction, idx, notices);
            }
        }
    }

    /// What an agent set aside whose contact wrote since then, the first called first.
    fn called_back(&self, idx: AgentIdx) -> Vec<InteractionId> {
        let called = |id: &InteractionId| {
            let work = self.work(*id).filter(|work| matches!(work.state, WorkState::Active { .. }))?;
            Some((work.parked.as_ref()?.called?, *id))
        };
        let mut all: Vec<_> = self.agents[idx.at()].held.iter().filter_map(called).collect();
        all.sort_unstable();
        all.into_iter().map(|(_, interaction)| interaction).collect()
    }

    /// True when nothing that was called back could be taken up now.
    pub(super) fn nothing_to_take_up(&self, idx: AgentIdx) -> bool {
        self.called_back(idx).iter().all(|id| self.refuses_change(idx, &self.works[id].work).is_some())
    }

    /// What keeps a conversation, in line or not, from going on over one more channel; none when nothing does.
    #[must_use]
    pub fn refuses_leg(&self, interaction: InteractionId, channel: Channel) -> Option<LegRefusal> {
        let work = self.work(interaction)?;
        if work.channels().any(|own| own == channel) || !leads_to(work, channel) {
            return Some(LegRefusal::NotElevated);
        }
        let idx = self.find(work.state.agent()?)?;
        let leg = Leg { channel, reach: None, state: LegState::Open };
        let mut elevated = work.clone();
        elevated.legs.push(leg);
        let talks = matches!(work.state, WorkState::Active { .. });
        self.refuses_change(idx, &elevated).filter(|_| talks).map(LegRefusal::NoRoom)
    }

    /// What keeps a parked conversation from being taken up; none when it was.
    fn take_up(&mut self, interaction: InteractionId, idx: AgentIdx, notices: &mut Vec<Notice>) -> Option<Bound> {
        if let Some(bound) = self.refuses_change(idx, &self.works[&interaction].work) {
            return Some(bound);
        }
        self.change(interaction, idx, |work| work.parked = None);
        notices.push(Notice::Resumed { interaction, agent: self.agents[idx.at()].id.clone() });
        None
    }

    // -- both ---------------------------------------------------------------------------------------------------------

    /// The bound that a contact of an agent would break if it became this. What he does himself is not kept from him by
    /// what he has of other channels.
    fn refuses_change(&self, idx: AgentIdx, becomes: &Work) -> Option<Bound> {
        let limits = self.limits(idx);
        let mut load = self.agents[idx.at()].load;
        load.subtract(&limits.load_of(&self.works[&becomes.interaction].work));
        limits.refuses(&load, becomes, true)
    }

    /// Changes a contact that an agent has, and what it weighs.
    fn change(&mut self, interaction: InteractionId, idx: AgentIdx, change: impl FnOnce(&mut Work)) {
        let profile = self.agents[idx.at()].profile;
        let work = &mut self.works.get_mut(&interaction).expect("the caller found this work").work;
        let limits = &self.profiles[profile.at()].limits;
        let before = limits.load_of(work);
        change(work);
        let after = limits.load_of(work);
        let load = &mut self.agents[idx.at()].load;
        load.subtract(&before);
        load.add(&after);
        self.touched_works.insert(interaction);
        self.reindex_agent(idx);
    }
}

fn leads_to(work: &Work, channel: Channel) -> bool {
    work.channels().any(|from| elevation::targets(from).contains(&channel))
}

fn talks_with(work: &Work, agent: &AgentId) -> bool {
    matches!(&work.state, WorkState::Active { agent: with, .. } if with == agent)
}
