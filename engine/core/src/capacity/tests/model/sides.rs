//! Further channels of a contact, and what is set aside.

use routewright_flows::Channel;

use super::Model;
use crate::{
    capacity::{CapacityRefusal, Leg, LegState, Lot, Notice, OfferEnd, Parked, Why, Work, WorkState},
    catalogue::{SkillSettings, Strategy},
    id::{AgentId, DispositionId, InteractionId},
    time::Timestamp,
};

/// What leads where (MAX-08).
const LEADS: [(Channel, &[Channel]); 7] = [
    (Channel::Webchat, &[Channel::Email, Channel::Voice, Channel::Sms]),
    (Channel::Whatsapp, &[Channel::Email, Channel::Voice, Channel::Sms]),
    (Channel::WorkItem, &[Channel::Email, Channel::Voice, Channel::Sms]),
    (Channel::Voicemail, &[Channel::Email, Channel::Voice, Channel::Sms]),
    (Channel::Email, &[Channel::Voice, Channel::Sms]),
    (Channel::Voice, &[Channel::Email, Channel::Sms]),
    (Channel::Sms, &[Channel::Email, Channel::Voice]),
];

impl Model {
    fn row(&mut self, interaction: InteractionId) -> &mut Work {
        self.works.get_mut(&interaction).expect("a known contact")
    }

    pub(super) fn refuses(&self, agent: &AgentId, work: &Work) -> bool {
        self.bound(agent, work, true, true).is_some()
    }

    pub(super) fn elevate(
        &mut self,
        interaction: InteractionId,
        by: Option<AgentId>,
        leg: Leg,
        now: Timestamp,
        notices: &mut Vec<Notice>,
    ) -> Result<(), CapacityRefusal> {
        let channel = leg.channel;
        let refused = |who: Option<AgentId>| match who {
            None => CapacityRefusal::NotWaiting(interaction),
            Some(agent) => CapacityRefusal::NotYours { interaction, agent },
        };
        let Some(work) = self.works.get(&interaction).cloned() else { return Err(refused(by)) };
        let has = super::channels(&work);
        let leads = LEADS.iter().any(|(from, to)| has.contains(from) && to.contains(&channel));
        if has.contains(&channel) || !leads {
            return Err(CapacityRefusal::NotElevated { interaction, channel });
        }
        let mut legs = work.legs.clone();
        legs.push(leg);
        let opened = Notice::LegOpened { interaction, agent: by.clone(), channel };
        match work.state.clone() {
            WorkState::Waiting | WorkState::Offered { .. } if by.is_some() => Err(refused(by)),
            WorkState::Waiting => {
                notices.push(opened);
                self.row(interaction).legs = legs;
                self.ask_agents(interaction, now, notices);
                Ok(())
            }
            WorkState::Offered { .. } => {
                notices.push(opened);
                let freed = self.end_offers(interaction, OfferEnd::Withdrawn, notices);
                self.row(interaction).legs = legs;
                self.ask_agents(interaction, now, notices);
                self.ask_each(&freed, now, notices);
                Ok(())
            }
            WorkState::Active { agent, .. } if work.parked.is_none() => {
                if by.as_ref().is_some_and(|by| *by != agent) {
                    return Err(refused(by));
                }
                if self.refuses(&agent, &Work { legs: legs.clone(), ..work }) {
                    let why = self.say_why.clone().expect("the product says why it refuses");
                    return Err(CapacityRefusal::DoesNotFit { interaction, agent, why });
                }
                self.row(interaction).legs = legs;
                notices.push(opened);
                self.ask_contacts(&agent, now, notices);
                Ok(())
            }
            WorkState::Active { agent, .. } | WorkState::WrapUp { agent, .. } => Err(refused(by.or(Some(agent)))),
        }
    }

    pub(super) fn close_leg(
        &mut self,
        interaction: InteractionId,
        agent: AgentId,
        channel: Channel,
        now: Timestamp,
        notices: &mut Vec<Notice>,
    ) -> Result<(), CapacityRefusal> {
        let not_his = CapacityRefusal::NotYours { interaction, agent: agent.clone() };
        let Some(work) = self.works.get(&interaction) else { return Err(not_his) };
        if !matches!(&work.state, WorkState::Active { agent: with, .. } if *with == agent) {
            return Err(not_his);
        }
        let open: Vec<usize> = (0..work.legs.len()).filter(|at| work.legs[*at].state == LegState::Open).collect();
        if let Some(at) = open.iter().find(|at| work.legs[**at].channel == channel) {
            self.end_leg(interaction, &agent, *at, now, notices);
        } else if work.channel != channel {
            return Err(not_his);
        } else if let Some(at) = open.first() {
            let work = self.row(interaction);
            let next = work.legs[*at].channel;
            work.legs[*at] = Leg { channel: work.channel, reach: None, state: LegState::Open };
            work.channel = next;
            self.end_leg(interaction, &agent, *at, now, notices);
        } else {
            self.open_record(interaction, &agent, now, notices);
        }
        self.ask_contacts(&agent, now, notices);
        Ok(())
    }

    pub(super) fn finish_leg(
        &mut self,
        interaction: InteractionId,
        agent: AgentId,
        channel: Channel,
        disposition: Option<DispositionId>,
        now: Timestamp,
        notices: &mut Vec<Notice>,
    ) -> Result<(), CapacityRefusal> {
        let not_his = CapacityRefusal::NotYours { interaction, agent: agent.clone() };
        let Some(work) = self.works.get(&interaction) else { return Err(not_his) };
        if work.state.agent() != Some(&agent) {
            return Err(not_his);
        }
        let record = |leg: &Leg| leg.channel == channel && leg.state != LegState::Open;
        if let Some(at) = work.legs.iter().position(record) {
            self.close_leg_record(interaction, at, disposition, false, notices);
        } else if work.channel == channel && matches!(work.state, WorkState::WrapUp { .. }) {
            self.close_own_record(interaction, disposition, false, now, notices);
        } else {
            return Err(not_his);
        }
        self.ask_contacts(&agent, now, notices);
        Ok(())
    }

    pub(super) fn end_legs(
        &mut self,
        interaction: InteractionId,
        agent: &AgentId,
        now: Timestamp,
        notices: &mut Vec<Notice>,
    ) {
        let open = |work: &Work| work.legs.iter().position(|leg| leg.state == LegState::Open);
        while let Some(at) = open(&self.works[&interaction]) {
            self.end_leg(interaction, agent, at, now, notices);
        }
    }

    fn end_leg(
        &mut self,
        interaction: InteractionId,
        agent: &AgentId,
        at: usize,
        now: Timestamp,
        notices: &mut Vec<Notice>,
    ) {
        let until = now + self.catalogue.profile_of(agent).wrap_up.get();
        let leg = &mut self.row(interaction).legs[at];
        leg.state = LegState::WrapUp { since: now, until };
        let channel = leg.channel;
        if until == now {
            self.close_leg_record(interaction, at, None, false, notices);
        } else {
            notices.push(Notice::LegWrapUp { interaction, agent: agent.clone(), channel, until });
        }
    }

    fn close_leg_record(
        &mut self,
        interaction: InteractionId,
        at: usize,
        disposition: Option<DispositionId>,
        expired: bool,
        notices: &mut Vec<Notice>,
    ) {
        let work = self.row(interaction);
        let channel = work.legs.remove(at).channel;
        let agent = work.state.agent().expect("a record has an agent").clone();
        notices.push(Notice::LegEnded { interaction, agent, channel, disposition, expired });
    }

    pub(super) fn close_records(&mut self, interaction: InteractionId, expired: bool, notices: &mut Vec<Notice>) {
        let record = |work: &Work| work.legs.iter().position(|leg| leg.state != LegState::Open);
        while let Some(at) = record(&self.works[&interaction]) {
            self.close_leg_record(interaction, at, None, expired, notices);
        }
    }

    /// The record of its own channel is closed; one of a leg takes its place.
    pub(super) fn close_own_record(
        &mut self,
        interaction: InteractionId,
        disposition: Option<DispositionId>,
        expired: bool,
        now: Timestamp,
        notices: &mut Vec<Notice>,
    ) {
        let work = self.row(interaction);
        if work.legs.is_empty() {
            return self.close_record(interaction, disposition, expired, now, notices);
        }
        let agent = work.state.agent().expect("a record has an agent").clone();
        let first = work.legs.remove(0);
        let channel = std::mem::replace(&mut work.channel, first.channel);
        if let LegState::WrapUp { since, until } = first.state {
            work.state = WorkState::WrapUp { agent: agent.clone(), since, until };
        }
        notices.push(Notice::LegEnded { interaction, agent, channel, disposition, expired });
    }

    pub(super) fn records_until(&self, work: &Work) -> Option<Timestamp> {
        let until = |leg: &Leg| match leg.state {
            LegState::Open => None,
            LegState::WrapUp { until, .. } => Some(until),
        };
        work.legs.iter().filter_map(until).min()
    }

    pub(super) fn records_due(&mut self, interaction: InteractionId, now: Timestamp, notices: &mut Vec<Notice>) {
        let over = |leg: &Leg| matches!(leg.state, LegState::WrapUp { until, .. } if until <= now);
        while let Some(work) = self.works.get(&interaction) {
            if let Some(at) = work.legs.iter().position(over) {
                self.close_leg_record(interaction, at, None, true, notices);
            } else if matches!(work.state, WorkState::WrapUp { until, .. } if until <= now) {
                self.close_own_record(interaction, None, true, now, notices);
            } else {
                return;
            }
        }
    }

    // -- time -----------------------------------------------------------------------------------------------------------

    /// The agent ended some work of his own.
    pub(super) fn end_of_work(&mut self, agent: &AgentId, now: Timestamp) {
        self.draw(agent);
        self.rows.get_mut(agent).expect("a known agent").idle_since = now;
    }

    /// The time of a conversation counts once it is over.
    pub(super) fn talk_over(&mut self, interaction: InteractionId, now: Timestamp) {
        if let WorkState::Active { agent, since, .. } = &self.works[&interaction].state {
            let ms = u64::try_from(now.0 - since.0).expect("time goes on");
            self.rows.get_mut(agent).expect("a known agent").talked_ms += ms;
        }
    }

    pub(super) fn draw(&mut self, agent: &AgentId) {
        let by_lot = |settings: &SkillSettings| settings.strategy == Some(Strategy::WeightedRandom);
        if self.catalogue.skills.values().any(by_lot) {
            let weight = self.catalogue.agents[agent].weight;
            let row = self.rows.get_mut(agent).expect("a known agent");
            row.lot = Some(Lot::next(row.lot, agent, weight, self.race));
        }
    }

    /// A decision gave him a contact.
    pub(super) fn chosen(&mut self, interaction: InteractionId, agent: &AgentId, now: Timestamp) {
        let needs = self.needs(&self.works[&interaction]);
        let strategy = needs.keys().filter_map(|skill| self.catalogue.skills.get(skill)?.strategy).next();
        if strategy == Some(Strategy::WeightedRandom) {
            self.race = self.race.max(self.rows[agent].lot.map_or(0, |lot| lot.rings));
            self.draw(agent);
        }
        if self.filled.remove(agent) {
            let every = self.catalogue.profile_of(agent).filling.map(|filling| filling.every.get());
            self.rows.get_mut(agent).expect("a known agent").paced_until = every.map(|every| now + every);
        }
    }

    /// He is filled from now on, or after those of his profile who came before him.
    pub(super) fn begin_filling(&mut self, agent: &AgentId, now: Timestamp) {
        let Some(filling) = self.catalogue.profile_of(agent).filling else {
            self.rows.get_mut(agent).expect("a known agent").paced_until = None;
            return;
        };
        let site = |id: &AgentId| {
            let own = self.catalogue.agents[id].profile.clone();
            own.filter(|profile| self.catalogue.profiles.contains_key(profile))
        };
        let others = self.rows.values().filter(|row| site(&row.agent) == site(agent)).filter_map(|row| row.came_at);
        let after = others.max().zip(filling.stagger).map(|(before, stagger)| before + stagger.get());
        let begins = after.into_iter().chain([now]).max().expect("now at least");
        let row = self.rows.get_mut(agent).expect("a known agent");
        (row.came_at, row.paced_until) = (Some(begins), (now < begins).then_some(begins));
        if begins == now {
            self.filled.insert(agent.clone());
        }
    }

    fn talks(&self, interaction: InteractionId, agent: &AgentId, parked: bool) -> Result<(), CapacityRefusal> {
        let work = self.works.get(&interaction).filter(|work| work.parked.is_some() == parked);
        let his = work.is_some_and(|w| matches!(&w.state, WorkState::Active { agent: with, .. } if with == agent));
        if his { Ok(()) } else { Err(CapacityRefusal::NotYours { interaction, agent: agent.clone() }) }
    }

    pub(super) fn may_park(&self, interaction: InteractionId, agent: &AgentId) -> Result<(), CapacityRefusal> {
        self.talks(interaction, agent, false)?;
        let max = u32::from(self.catalogue.profile_of(agent).parked_max);
        if self.held(agent).filter(|work| work.parked.is_some()).count() >= max as usize {
            return Err(CapacityRefusal::ParkedEnough { agent: agent.clone(), max });
        }
        Ok(())
    }

    pub(super) fn park(
        &mut self,
        interaction: InteractionId,
        agent: AgentId,
        now: Timestamp,
        notices: &mut Vec<Notice>,
    ) -> Result<(), CapacityRefusal> {
        self.may_park(interaction, &agent)?;
        self.row(interaction).parked = Some(Parked { since: now, called: None });
        self.end_of_work(&agent, now);
        notices.push(Notice::Parked { interaction, agent: agent.clone() });
        self.ask_contacts(&agent, now, notices);
        Ok(())
    }

    pub(super) fn resume(
        &mut self,
        interaction: InteractionId,
        agent: AgentId,
        notices: &mut Vec<Notice>,
    ) -> Result<(), CapacityRefusal> {
        self.talks(interaction, &agent, true)?;
        if self.take_up(interaction, &agent, notices) {
            return Ok(());
        }
        let why: Why = self.say_why.clone().expect("the product says why it refuses");
        Err(CapacityRefusal::DoesNotFit { interaction, agent, why })
    }

    fn take_up(&mut self, interaction: InteractionId, agent: &AgentId, notices: &mut Vec<Notice>) -> bool {
        let fits = !self.refuses(agent, &Work { parked: None, ..self.works[&interaction].clone() });
        if fits {
            self.row(interaction).parked = None;
            notices.push(Notice::Resumed { interaction, agent: agent.clone() });
        }
        fits
    }

    pub(super) fn call_back(&mut self, interaction: InteractionId, now: Timestamp, notices: &mut Vec<Notice>) {
        let Some(work) = self.works.get_mut(&interaction) else { return };
        let WorkState::Active { agent, .. } = work.state.clone() else { return };
        let Some(parked) = work.parked.as_mut().filter(|parked| parked.called.is_none()) else { return };
        parked.called = Some(now);
        self.take_up(interaction, &agent, notices);
    }

    /// Conversations that were called back come before anything new.
    pub(super) fn take_up_called(&mut self, agent: &AgentId, notices: &mut Vec<Notice>) {
        let active = self.held(agent).filter(|work| matches!(work.state, WorkState::Active { .. }));
        let mut called: Vec<_> =
            active.filter_map(|work| Some((work.parked.as_ref()?.called?, work.interaction))).collect();
        called.sort();
        for (_, interaction) in called {
            self.take_up(interaction, agent, notices);
        }
    }
}
