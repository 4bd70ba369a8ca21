//! A second capacity, for comparison: it keeps nothing but rows and looks at everybody for every question.
//!
//! What it deliberately does not do: it shares no structure and no arithmetic with the product, only the types of
//! requests and notices. Where the two differ, one of them is wrong.

mod begun;
mod fitting;
mod leaving;
mod ring;
mod sides;

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use self::{
    fitting::channels,
    ring::{offer_to, ringing},
};
use super::super::{AgentRow, CapacityRefusal, Kept, Notice, OfferEnd, Preferred, Request, Why, Work, WorkState};
use crate::{
    catalogue::{Catalogue, Level, Misses, NoAnswer, PreferredAgent, SkillSettings, Strategy},
    event::PresenceStatus,
    id::{AgentId, DispositionId, InteractionId, OfferId, SkillId, StatusId, TouchpointId},
    limits::{EXCLUSION_MAX, OFFER_TIMEOUT_DEFAULT, PRESENCE_LEASE, REOFFER_DELAY_MIN, RESERVE_AGAIN},
    time::Timestamp,
};

#[derive(Default)]
pub struct Model {
    pub catalogue: Catalogue,
    pub rows: BTreeMap<AgentId, AgentRow>,
    pub leases: BTreeMap<AgentId, Timestamp>,
    pub works: BTreeMap<InteractionId, Work>,
    pub next_offer: u64,
    /// How far the race of lots has come.
    pub race: u64,
    /// Agents whose next contact is theirs while they are being filled.
    pub filled: BTreeSet<AgentId>,
    /// Agents who were closed for a contact that waits no more, still to be filled.
    pub reopened: Vec<AgentId>,
    /// What agents sent unasked where the provider counts it: who, through which touchpoint, when.
    pub sent: Vec<(AgentId, TouchpointId, Timestamp)>,
    /// What the product said when it refused to give a contact to an agent: its code is compared, its details not.
    pub say_why: Option<Why>,
}

impl Model {
    pub fn configure(&mut self, catalogue: &Catalogue, now: Timestamp) -> Vec<Notice> {
        let mut notices = Vec::new();
        let leavers: Vec<AgentId> =
            self.rows.keys().filter(|id| !catalogue.agents.contains_key(*id)).cloned().collect();
        for agent in leavers {
            self.depart(&agent, false, now, &mut notices);
            self.rows.remove(&agent);
            self.sent.retain(|(by, ..)| *by != agent);
        }
        self.catalogue = catalogue.clone();
        for id in catalogue.agents.keys() {
            self.rows.entry(id.clone()).or_insert_with(|| AgentRow {
                agent: id.clone(),
                status: PresenceStatus::Offline,
                idle_since: Timestamp(0),
                given_at: Timestamp(0),
                last_offer: None,
                handled: 0,
                handling_ms: 0,
                named: None,
                lost_at: None,
                missed: 0,
                talked_ms: 0,
                lot: None,
                came_at: None,
                paced_until: None,
                begun: Default::default(),
            });
        }
        for agent in catalogue.agents.keys().filter(|id| self.rows[*id].lot.is_none()).cloned().collect::<Vec<_>>() {
            self.draw(&agent);
        }
        let everybody: Vec<_> = self.works.keys().copied().collect();
        self.ask_agents_in_line_order(everybody, now, &mut notices);
        let sides = |id: &AgentId| self.held(id).any(|work| work.parked.is_some());
        let closed: Vec<_> = self.rows.keys().filter(|id| self.saved_for(id).is_some() || sides(id)).cloned().collect();
        for agent in closed {
            self.ask_contacts(&agent, now, &mut notices);
        }
        self.fill_reopened(now, &mut notices);
        notices
    }

    pub fn handle(&mut self, request: Request, now: Timestamp) -> Result<Vec<Notice>, CapacityRefusal> {
        let mut notices = self.do_(request, now)?;
        self.fill_reopened(now, &mut notices);
        Ok(notices)
    }

    fn do_(&mut self, request: Request, now: Timestamp) -> Result<Vec<Notice>, CapacityRefusal> {
        let mut notices = Vec::new();
        match request {
            Request::Enqueue { interaction, touchpoint, channel, requirement, priority, since, preferred, legs } => {
                match self.works.get(&interaction).map(|work| work.state.clone()) {
                    Some(WorkState::Active { .. }) => return Err(CapacityRefusal::NotWaiting(interaction)),
                    Some(WorkState::Waiting | WorkState::Offered { .. }) => {
                        return self.do_(Request::Amend { interaction, requirement, priority }, now);
                    }
                    Some(WorkState::WrapUp { agent, .. }) => {
                        self.close_record(interaction, None, false, now, &mut notices);
                        self.ask_contacts(&agent, now, &mut notices);
                    }
                    None => {}
                }
                let work = Work::waiting(interaction, channel, Arc::new(requirement), since);
                self.works.insert(interaction, Work { touchpoint, priority, legs, ..work });
                self.ask_the_preferred(interaction, preferred, now, &mut notices);
            }
            Request::Amend { interaction, requirement, priority } => {
                let refusal = CapacityRefusal::NotWaiting(interaction);
                let work = self.works.get_mut(&interaction).ok_or_else(|| refusal.clone())?;
                if matches!(work.state, WorkState::Active { .. } | WorkState::WrapUp { .. }) {
                    return Err(refusal);
                }
                let before = work.clone();
                (work.requirement, work.priority) = (Arc::new(requirement), priority);
                let work = work.clone();
                let ringing = ringing(&work);
                if !ringing.is_empty() {
                    if before.requirement == work.requirement || ringing.iter().all(|agent| self.suits(agent, &work)) {
                        return Ok(notices);
                    }
                    self.end_offers(interaction, OfferEnd::Withdrawn, &mut notices);
                    self.ask_agents(interaction, now, &mut notices);
                    self.ask_each(&ringing, now, &mut notices);
                } else {
                    self.ask_agents(interaction, now, &mut notices);
                }
            }
            Request::Withdraw { interaction } => match self.works.get(&interaction).map(|work| work.state.clone()) {
                None | Some(WorkState::WrapUp { .. }) => {}
                Some(WorkState::Waiting) => {
                    self.give_room_back(interaction);
                    self.works.remove(&interaction);
                }
                Some(WorkState::Offered { .. }) => {
                    let freed = self.end_offers(interaction, OfferEnd::Withdrawn, &mut notices);
                    self.works.remove(&interaction);
                    self.ask_each(&freed, now, &mut notices);
                }
                Some(WorkState::Active { agent, .. }) => self.open_record(interaction, &agent, now, &mut notices),
            },
            Request::SetPresence { agent, status } => self.choose(agent, status, None, now, &mut notices)?,
            Request::ChooseStatus { agent, name } => {
                self.rows.get(&agent).ok_or_else(|| CapacityRefusal::UnknownAgent(agent.clone()))?;
                let statuses = self.catalogue.profile_of(&agent).statuses;
                let status = statuses
                    .get(&name)
                    .ok_or_else(|| CapacityRefusal::UnknownStatus { agent: agent.clone(), name: name.clone() })?;
                let drains = status.channels.is_empty();
                let status = if drains { PresenceStatus::Draining } else { PresenceStatus::Available };
                self.choose(agent, status, Some(name), now, &mut notices)?;
            }
            Request::Heartbeat { agent } => {
                self.online(&agent)?;
                self.leases.insert(agent.clone(), now + PRESENCE_LEASE);
                let row = self.rows.get_mut(&agent).expect("he is online");
                if row.lost_at.take().is_some() {
                    row.idle_since = now;
                    if row.status == PresenceStatus::Available {
                        self.draw(&agent);
                        self.begin_filling(&agent, now);
                    }
                    self.tell_conversations(&agent, false, &mut notices);
                    self.ask_contacts(&agent, now, &mut notices);
                    self.filled.remove(&agent);
                }
            }
            Request::Pull { agent } => {
                self.online(&agent)?;
                if !self.catalogue.profile_of(&agent).pull {
                    return Err(CapacityRefusal::MayNotPull(agent));
                }
                let waiting = self.works.values().filter(|work| work.state == WorkState::Waiting);
                let able = waiting.filter(|work| self.can_have(&agent, work, true));
                let best = able.min_by_key(|work| self.order(work, now)).map(|work| work.interaction);
                let interaction = best.ok_or_else(|| CapacityRefusal::NothingToPull(agent.clone()))?;
                self.hand(interaction, agent, now, &mut notices);
            }
            Request::Transfer { interaction, by, requirement, preferred } => {
                let state = self.works.get(&interaction).map(|work| work.state.clone());
                let Some(WorkState::Active { agent, .. }) = state else {
                    return Err(match by {
                        None => CapacityRefusal::NotWaiting(interaction),
                        Some(agent) => CapacityRefusal::NotYours { interaction, agent },
                    });
                };
                if let Some(by) = by.filter(|by| *by != agent) {
                    return Err(CapacityRefusal::NotYours { interaction, agent: by });
                }
                if let Some(Preferred { agent: to, .. }) = &preferred {
                    self.rows.get(to).ok_or_else(|| CapacityRefusal::UnknownAgent(to.clone()))?;
                    if *to == agent || !self.suits(to, &self.works[&interaction]) {
                        let why = self.say_why.clone().expect("the product says why it refuses");
                        return Err(CapacityRefusal::DoesNotFit { interaction, agent: to.clone(), why });
                    }
                }
                self.close_records(interaction, false, &mut notices);
                self.talk_over(interaction, now);
                let work = self.works.get_mut(&interaction).expect("it is in conversation");
                work.state = WorkState::Waiting;
                work.parked = None;
                work.requirement = requirement.map_or(Arc::clone(&work.requirement), Arc::new);
                self.exclude(interaction, &agent, now);
                self.end_of_work(&agent, now);
                notices.push(Notice::Requeued { interaction, agent: agent.clone() });
                self.ask_the_preferred(interaction, preferred, now, &mut notices);
                self.ask_contacts(&agent, now, &mut notices);
            }
            Request::Assign { interaction, agent, by, force } => {
                self.online(&agent)?;
                let work = self.works.get(&interaction).filter(|work| match work.state {
                    WorkState::Waiting => true,
                    WorkState::Offered { .. } => !ringing(work).contains(&agent),
                    WorkState::Active { .. } | WorkState::WrapUp { .. } => false,
                });
                let rings = !work.ok_or(CapacityRefusal::NotWaiting(interaction)).map(ringing)?.is_empty();
                let soft = ["saved", "filling", "bounced", "kept", "reserved", "could-be-offered", "pull-only"];
                let overrides = self.why(interaction, &agent).filter(|why| !soft.contains(why));
                if overrides.is_some() && !force {
                    let why = self.say_why.clone().expect("the product says why it refuses");
                    return Err(CapacityRefusal::DoesNotFit { interaction, agent, why });
                }
                let freed =
                    if rings { self.end_offers(interaction, OfferEnd::Withdrawn, &mut notices) } else { Vec::new() };
                notices.push(Notice::Assigned { interaction, agent: agent.clone(), by, overrides });
                if force {
                    self.hand(interaction, agent, now, &mut notices);
                } else {
                    self.offer(interaction, agent, now, &mut notices);
                }
                self.ask_each(&freed, now, &mut notices);
            }
            Request::Accept { agent, offer } => {
                self.online(&agent)?;
                let state_of = |work: &Work| match &work.state {
                    WorkState::Active { offer: o, agent: a, .. } => (*o == offer && *a == agent).then_some(false),
                    WorkState::Offered { .. } | WorkState::Waiting | WorkState::WrapUp { .. } => {
                        offer_to(work, &agent).filter(|(o, until)| *o == offer && now < *until).map(|_| true)
                    }
                };
                let found = self.works.values().find_map(|work| state_of(work).map(|open| (work.clone(), open)));
                let Some((work, open)) = found else { return Err(CapacityRefusal::OfferGone { offer, agent }) };
                if open {
                    let interaction = work.interaction;
                    let losers: Vec<AgentId> = ringing(&work).into_iter().filter(|other| *other != agent).collect();
                    for loser in &losers {
                        self.drop_offer(interaction, loser, OfferEnd::Withdrawn, &mut notices);
                    }
                    self.rows.get_mut(&agent).expect("he is online").missed = 0;
                    self.begin(interaction, agent, offer, now, &mut notices);
                    self.ask_each(&losers, now, &mut notices);
                }
            }
            Request::Decline { agent, offer } => {
                self.online(&agent)?;
                let mine = |work: &&Work| offer_to(work, &agent).is_some_and(|(o, _)| o == offer);
                let Some(interaction) = self.works.values().find(mine).map(|work| work.interaction) else {
                    return Err(CapacityRefusal::OfferGone { offer, agent });
                };
                self.bounce(interaction, &agent, OfferEnd::Declined, now, &mut notices);
            }
            Request::Close { agent, interaction } => {
                self.online(&agent)?;
                let state = self.works.get(&interaction).map(|work| &work.state);
                if !matches!(state, Some(WorkState::Active { agent: a, .. }) if *a == agent) {
                    return Err(CapacityRefusal::NotYours { interaction, agent });
                }
                self.open_record(interaction, &agent, now, &mut notices);
            }
            Request::SetWrapUp { interaction, length } => {
                let work = self.works.get_mut(&interaction);
                let Some(WorkState::WrapUp { agent, since, until }) = work.map(|work| &mut work.state) else {
                    return Err(CapacityRefusal::NoWrapUp(interaction));
                };
                *until = *since + length;
                if *until <= now {
                    let agent = agent.clone();
                    self.close_own_record(interaction, None, !length.is_zero(), now, &mut notices);
                    self.ask_contacts(&agent, now, &mut notices);
                }
            }
            Request::Begin { work, agent, touchpoint, hold } => {
                self.begin_with(*work, agent, touchpoint, hold, now, &mut notices)?;
            }
            Request::CountBegun { agent, touchpoint } => {
                self.online(&agent)?;
                self.count_begun(&agent, touchpoint, now)?;
            }
            Request::Elevate { interaction, by, leg } => self.elevate(interaction, by, leg, now, &mut notices)?,
            Request::CloseLeg { agent, interaction, channel } => {
                self.online(&agent)?;
                self.close_leg(interaction, agent, channel, now, &mut notices)?;
            }
            Request::FinishLeg { agent, interaction, channel, disposition } => {
                self.online(&agent)?;
                self.finish_leg(interaction, agent, channel, disposition, now, &mut notices)?;
            }
            Request::Park { agent, interaction } => {
                self.online(&agent)?;
                self.park(interaction, agent, now, &mut notices)?;
            }
            Request::Resume { agent, interaction } => {
                self.online(&agent)?;
                self.resume(interaction, agent, &mut notices)?;
            }
            Request::CallBack { interaction } => self.call_back(interaction, now, &mut notices),
            Request::Finish { agent, interaction, disposition } => {
                self.online(&agent)?;
                let state = self.works.get(&interaction).map(|work| &work.state);
                if !matches!(state, Some(WorkState::WrapUp { agent: a, .. }) if *a == agent) {
                    return Err(CapacityRefusal::NotYours { interaction, agent });
                }
                self.close_own_record(interaction, disposition, false, now, &mut notices);
                self.ask_contacts(&agent, now, &mut notices);
            }
            Request::WorkDue { interaction } => {
                if self.deadline(interaction).is_some_and(|deadline| deadline <= now) {
                    match self.works[&interaction].state.clone() {
                        WorkState::Waiting => {
                            let open = self.exclusions_end(interaction).is_some_and(|end| end <= now);
                            let widened = self.widenings(interaction).into_iter().filter(|(at, _)| *at <= now).max();
                            let work = self.works.get_mut(&interaction).expect("it has a deadline");
                            if open {
                                (work.bounced, work.bounced_at) = (Vec::new(), None);
                            }
                            if work.kept.as_ref().is_some_and(|kept| kept.until <= now) {
                                work.kept = None;
                            }
                            work.widened_ms = widened.map_or(work.widened_ms, |(_, age)| age);
                            self.ask_agents(interaction, now, &mut notices);
                            let work = &self.works[&interaction];
                            let waits = work.state == WorkState::Waiting;
                            if waits && self.room_due(work).is_some_and(|due| due <= now) {
                                self.make_room(interaction, now);
                            }
                        }
                        WorkState::Offered { .. } => {
                            let ringing = ringing(&self.works[&interaction]);
                            let made_before = OfferId(self.next_offer);
                            for agent in ringing {
                                let offer = self.works.get(&interaction).and_then(|work| offer_to(work, &agent));
                                if offer.is_some_and(|(offer, until)| offer < made_before && until <= now) {
                                    self.bounce(interaction, &agent, OfferEnd::Expired, now, &mut notices);
                                }
                            }
                        }
                        WorkState::Active { agent, .. } | WorkState::WrapUp { agent, .. } => {
                            self.records_due(interaction, now, &mut notices);
                            self.ask_contacts(&agent, now, &mut notices);
                        }
                    }
                }
            }
            Request::LeaseDue { agent } => {
                let due = self.lease(&agent).is_some_and(|until| until <= now);
                let there = |row: &AgentRow| row.lost_at.is_none() && now < self.leases[&agent];
                if due && self.rows.get(&agent).is_some_and(there) {
                    self.rows.get_mut(&agent).expect("a known agent").paced_until = None;
                    self.filled.insert(agent.clone());
                    self.ask_contacts(&agent, now, &mut notices);
                    self.filled.remove(&agent);
                    return Ok(notices);
                }
                let patience = self.catalogue.profile_of(&agent).reconnect.get();
                if due && self.rows[&agent].lost_at.is_none() && !patience.is_zero() {
                    let row = self.rows.get_mut(&agent).expect("a known agent");
                    (row.lost_at, row.paced_until) = (Some(now), None);
                    self.tell_conversations(&agent, true, &mut notices);
                    let offered = |work: &&Work| matches!(work.state, WorkState::Offered { .. });
                    let offers: Vec<_> = self.held(&agent).filter(offered).map(|work| work.interaction).collect();
                    let mut back = Vec::new();
                    for interaction in offers {
                        let waits = self.drop_offer(interaction, &agent, OfferEnd::Withdrawn, &mut notices);
                        self.exclude(interaction, &agent, now);
                        back.extend(waits.then_some(interaction));
                    }
                    self.take_up_called(&agent, &mut notices);
                    self.ask_agents_in_line_order(back, now, &mut notices);
                } else if due {
                    self.leave(&agent, true, now, &mut notices);
                }
            }
        }
        Ok(notices)
    }

    /// When the agent's lease, or the patience of his conversations, ends.
    pub fn lease(&self, agent: &AgentId) -> Option<Timestamp> {
        let lost_at = self.rows.get(agent)?.lost_at;
        let patience = self.catalogue.profile_of(agent).reconnect.get();
        let paced = self.rows[agent].paced_until;
        lost_at.map(|at| at + patience).or_else(|| self.leases.get(agent).copied().into_iter().chain(paced).min())
    }

    fn choose(
        &mut self,
        agent: AgentId,
        status: PresenceStatus,
        named: Option<StatusId>,
        now: Timestamp,
        notices: &mut Vec<Notice>,
    ) -> Result<(), CapacityRefusal> {
        let row = self.rows.get_mut(&agent).ok_or_else(|| CapacityRefusal::UnknownAgent(agent.clone()))?;
        if status == PresenceStatus::Offline {
            self.leave(&agent, false, now, notices);
            return Ok(());
        }
        self.leases.insert(agent.clone(), now + PRESENCE_LEASE);
        let lost = row.lost_at.take().is_some();
        if row.status == status && row.named == named && !lost {
            return Ok(());
        }
        let comes = status == PresenceStatus::Available && (row.status != status || lost);
        (row.status, row.named, row.missed) = (status, named, 0);
        if status != PresenceStatus::Available {
            row.paced_until = None;
        } else if comes {
            row.idle_since = now;
            self.draw(&agent);
            self.begin_filling(&agent, now);
        }
        notices.push(Notice::PresenceChanged { agent: agent.clone(), status, lease_expired: false });
        if lost {
            self.tell_conversations(&agent, false, notices);
        }
        self.ask_contacts(&agent, now, notices);
        self.filled.remove(&agent);
        Ok(())
    }

    fn tell_conversations(&self, agent: &AgentId, lost: bool, notices: &mut Vec<Notice>) {
        let talks = self.held(agent).filter(|work| matches!(work.state, WorkState::Active { .. }));
        notices.extend(talks.map(|work| Notice::Connection {
            interaction: work.interaction,
            agent: agent.clone(),
            lost,
        }));
    }

    fn begin(
        &mut self,
        interaction: InteractionId,
        agent: AgentId,
        offer: OfferId,
        now: Timestamp,
        notices: &mut Vec<Notice>,
    ) {
        let work = self.works.get_mut(&interaction).expect("an offered contact");
        work.state = WorkState::Active { agent: agent.clone(), since: now, offer };
        (work.bounced, work.bounced_at, work.kept) = (Vec::new(), None, None);
        notices.push(Notice::Accepted { interaction, offer, agent });
    }

    pub fn deadline(&self, interaction: InteractionId) -> Option<Timestamp> {
        let work = self.works.get(&interaction)?;
        match &work.state {
            WorkState::Waiting => {
                let kept = work.kept.as_ref().map(|kept| kept.until);
                let widens = self.widenings(interaction).into_iter().map(|(at, _)| at).min();
                [self.exclusions_end(interaction), kept, widens, self.room_due(work)].into_iter().flatten().min()
            }
            WorkState::Offered { expires_at, .. } => {
                work.also.iter().map(|also| also.expires_at).chain([*expires_at]).min()
            }
            WorkState::Active { .. } => self.records_until(work),
            WorkState::WrapUp { until, .. } => self.records_until(work).into_iter().chain([*until]).min(),
        }
    }

    fn exclusions_end(&self, interaction: InteractionId) -> Option<Timestamp> {
        let work = &self.works[&interaction];
        let mut others = self.rows.keys().filter(|agent| self.opens(agent, work.channel) && self.suits(agent, work));
        let other = others.any(|agent| !work.bounced.contains(agent));
        work.bounced_at.map(|at| at + if other { EXCLUSION_MAX } else { REOFFER_DELAY_MIN })
    }

    fn room_due(&self, work: &Work) -> Option<Timestamp> {
        let after = self.settings(work).find_map(|(_, settings)| settings.reserve_after)?.get();
        Some(work.room.as_ref().map_or(work.since + after, |room| room.at + RESERVE_AGAIN))
    }

    /// The contact for whom an agent is closed.
    pub(super) fn saved_for(&self, agent: &AgentId) -> Option<InteractionId> {
        let closes = |work: &&Work| work.room.as_ref().is_some_and(|room| room.agent.as_ref() == Some(agent));
        self.works.values().find(closes).map(|work| work.interaction)
    }

    /// The contact waits no more; whoever was closed for it is filled at the end of the request.
    fn give_room_back(&mut self, interaction: InteractionId) {
        let room = self.works.get_mut(&interaction).expect("it waited").room.take();
        self.reopened.extend(room.and_then(|room| room.agent));
    }

    fn fill_reopened(&mut self, now: Timestamp, notices: &mut Vec<Notice>) {
        while let Some(agent) = self.reopened.pop() {
            if self.rows.contains_key(&agent) {
                self.ask_contacts(&agent, now, notices);
            }
        }
    }

    fn settings<'a>(&'a self, work: &'a Work) -> impl Iterator<Item = (&'a SkillId, &'a SkillSettings)> {
        work.requirement.skills.keys().filter_map(|skill| Some((skill, self.catalogue.skills.get(skill)?)))
    }

    /// The widenings still to come: when, and at which age in milliseconds.
    fn widenings(&self, interaction: InteractionId) -> Vec<(Timestamp, u64)> {
        let work = &self.works[&interaction];
        let steps = self.settings(work).flat_map(|(_, settings)| &settings.widening);
        let ages = steps.map(|step| u64::try_from(step.after.get().as_millis()).expect("a short step"));
        ages.filter(|age| work.widened_ms < *age).map(|age| (work.since + Duration::from_millis(age), age)).collect()
    }

    /// The worst levels that will do by now.
    pub fn needs(&self, work: &Work) -> BTreeMap<SkillId, Level> {
        let mut needs = work.requirement.skills.clone();
        for (skill, settings) in self.settings(work) {
            for step in &settings.widening {
                if step.after.get() <= Duration::from_millis(work.widened_ms) && work.widened_ms != 0 {
                    match step.level {
                        None => drop(needs.remove(skill)),
                        Some(level) => drop(needs.insert(skill.clone(), level.max(work.requirement.skills[skill]))),
                    }
                }
            }
        }
        needs
    }

    /// The order in which waiting contacts are served at an instant.
    fn order(&self, work: &Work, now: Timestamp) -> impl Ord + use<> {
        let needs = self.needs(work);
        let ageing = needs.keys().filter_map(|skill| self.catalogue.skills.get(skill)?.ageing).next();
        let ageing = ageing.unwrap_or_default();
        // In points a minute over milliseconds, so that everything is whole.
        let points = 60_000 * (i128::from(work.priority) + i128::from(ageing.initial));
        let score = points + i128::from(ageing.per_minute) * i128::from(now.0 - work.since.0);
        let score = ageing.max.map_or(score, |max| score.min(60_000 * i128::from(max)));
        (Reverse(score), work.since, work.interaction)
    }

    /// The order in which agents are asked for a contact.
    pub(super) fn turn(&self, row: &AgentRow, work: &Work) -> impl Ord + use<> {
        let needs = self.needs(work);
        let strategy = needs.keys().filter_map(|skill| self.catalogue.skills.get(skill)?.strategy).next();
        let levels = &self.catalogue.agents[&row.agent].skills;
        let contacts = i64::try_from(self.carries(&row.agent).1).expect("a small centre");
        let rank = match strategy.unwrap_or_default() {
            Strategy::LongestIdle => 0,
            Strategy::Proficiency => needs.keys().map(|skill| i64::from(u8::from(levels[skill]))).sum(),
            Strategy::LeastBusy => contacts,
            Strategy::MostBusy => -contacts,
            Strategy::RoundRobin => row.last_offer.map_or(-1, |OfferId(last)| i64::try_from(last).expect("few offers")),
            Strategy::FewestHandled => i64::try_from(row.handled).expect("few contacts"),
            Strategy::LeastTalk => i64::try_from(row.talked_ms).expect("a short day"),
            Strategy::WeightedRandom => row.lot.map_or(0, |lot| i64::try_from(lot.rings).expect("a short race")),
            Strategy::Linear => {
                let at = self.rows.keys().position(|id| *id == row.agent).expect("a known agent");
                i64::try_from(at).expect("a small centre")
            }
        };
        let busy = contacts != 0;
        (rank, busy, if busy { row.given_at } else { row.idle_since }, row.agent.clone())
    }

    fn ask_agents(&mut self, interaction: InteractionId, now: Timestamp, notices: &mut Vec<Notice>) {
        let work = &self.works[&interaction];
        let able = self.rows.values().filter(|row| self.can_take(&row.agent, work));
        let best = able.min_by_key(|row| self.turn(row, work)).map(|row| &row.agent);
        let closed = work.room.as_ref().and_then(|room| room.agent.as_ref());
        let closed = closed.filter(|agent| self.rows.contains_key(*agent) && self.has_room_for(agent, work));
        if let Some(agent) = best.or(closed).cloned() {
            self.offer(interaction, agent, now, notices);
            self.ring(interaction, now, notices);
        }
    }

    pub(super) fn number_offer(&mut self, agent: &AgentId, now: Timestamp) -> (OfferId, Timestamp) {
        let timeout = self.catalogue.profile_of(agent).offer_timeout.get();
        let offer = OfferId(self.next_offer);
        self.next_offer += 1;
        let row = self.rows.get_mut(agent).expect("only known agents are asked");
        (row.given_at, row.last_offer) = (now, Some(offer));
        (offer, now + if timeout.is_zero() { OFFER_TIMEOUT_DEFAULT } else { timeout })
    }

    fn ask_each(&mut self, agents: &[AgentId], now: Timestamp, notices: &mut Vec<Notice>) {
        for agent in agents {
            self.ask_contacts(agent, now, notices);
        }
    }

    fn ask_the_preferred(
        &mut self,
        interaction: InteractionId,
        preferred: Option<Preferred>,
        now: Timestamp,
        notices: &mut Vec<Notice>,
    ) {
        let work = &self.works[&interaction];
        let rules = self.settings(work).find_map(|(_, settings)| settings.preferred_agent);
        let Some(Preferred { agent, keep }) = preferred.filter(|p| {
            self.rows.contains_key(&p.agent) && self.suits(&p.agent, work) && (p.keep.is_some() || rules.is_some())
        }) else {
            return self.ask_agents(interaction, now, notices);
        };
        if self.can_take(&agent, work) {
            return self.offer(interaction, agent, now, notices);
        }
        let keeps = |rules: &PreferredAgent| match self.rows[&agent].status {
            PresenceStatus::Offline => rules.when_offline,
            PresenceStatus::Available | PresenceStatus::Draining | PresenceStatus::Paused => rules.when_busy,
        };
        match keep.or(rules.filter(keeps).map(|rules| rules.timeout.get())) {
            None => self.ask_agents(interaction, now, notices),
            Some(keep) => {
                let kept = Kept { agent, until: now + keep };
                self.works.get_mut(&interaction).expect("it waits").kept = Some(kept);
            }
        }
    }

    fn ask_agents_in_line_order(&mut self, contacts: Vec<InteractionId>, now: Timestamp, notices: &mut Vec<Notice>) {
        let mut line: Vec<_> =
            contacts.iter().map(|id| &self.works[id]).filter(|w| w.state == WorkState::Waiting).collect();
        line.sort_by_key(|work| self.order(work, now));
        for interaction in line.iter().map(|work| work.interaction).collect::<Vec<_>>() {
            self.ask_agents(interaction, now, notices);
        }
    }

    fn ask_contacts(&mut self, agent: &AgentId, now: Timestamp, notices: &mut Vec<Notice>) {
        self.take_up_called(agent, notices);
        if let Some(interaction) = self.saved_for(agent)
            && self.has_room_for(agent, &self.works[&interaction])
        {
            self.offer(interaction, agent.clone(), now, notices);
        }
        loop {
            let waiting = self.works.values().filter(|work| work.state == WorkState::Waiting);
            let best = waiting.filter(|work| self.can_take(agent, work)).min_by_key(|work| self.order(work, now));
            let Some(interaction) = best.map(|work| work.interaction) else { return };
            self.offer(interaction, agent.clone(), now, notices);
        }
    }

    /// A decision gives a contact to an agent.
    fn offer(&mut self, interaction: InteractionId, agent: AgentId, now: Timestamp, notices: &mut Vec<Notice>) {
        self.hand(interaction, agent.clone(), now, notices);
        self.chosen(interaction, &agent, now);
    }

    fn hand(&mut self, interaction: InteractionId, agent: AgentId, now: Timestamp, notices: &mut Vec<Notice>) {
        self.give_room_back(interaction);
        let (offer, expires_at) = self.number_offer(&agent, now);
        self.works.get_mut(&interaction).expect("only known contacts are offered").state =
            WorkState::Offered { offer, agent: agent.clone(), expires_at };
        notices.push(Notice::OfferMade { interaction, offer, agent: agent.clone(), expires_at });
        if self.catalogue.profile_of(&agent).auto_accept.contains(&self.works[&interaction].channel) {
            self.begin(interaction, agent, offer, now, notices);
        }
    }

    fn bounce(
        &mut self,
        interaction: InteractionId,
        agent: &AgentId,
        why: OfferEnd,
        now: Timestamp,
        notices: &mut Vec<Notice>,
    ) {
        let waits = self.drop_offer(interaction, agent, why, notices);
        self.exclude(interaction, agent, now);
        self.end_of_work(agent, now);
        let row = self.rows.get_mut(agent).expect("a known agent");
        let mut back: Vec<_> = waits.then_some(interaction).into_iter().collect();
        if why == OfferEnd::Expired {
            row.missed += 1;
            let misses = self.catalogue.profile_of(agent).misses.filter(|misses| misses.max <= row.missed);
            match misses.filter(|_| row.status == PresenceStatus::Available && row.lost_at.is_none()) {
                None => {}
                Some(Misses { status: NoAnswer::Offline, .. }) => back.extend(self.depart(agent, false, now, notices)),
                Some(Misses { status: NoAnswer::Paused, .. }) => {
                    (row.status, row.named, row.paced_until) = (PresenceStatus::Paused, None, None);
                    let (agent, status) = (agent.clone(), PresenceStatus::Paused);
                    notices.push(Notice::PresenceChanged { agent, status, lease_expired: false });
                }
            }
        }
        self.ask_agents_in_line_order(back, now, notices);
        self.ask_contacts(agent, now, notices);
    }

    fn exclude(&mut self, interaction: InteractionId, agent: &AgentId, now: Timestamp) {
        let work = self.works.get_mut(&interaction).expect("a bounced contact");
        if work.kept.as_ref().is_some_and(|kept| kept.agent == *agent) {
            work.kept = None;
        }
        if !work.bounced.contains(agent) {
            work.bounced.push(agent.clone());
        }
        work.bounced_at = Some(now);
    }

    fn open_record(&mut self, interaction: InteractionId, agent: &AgentId, now: Timestamp, notices: &mut Vec<Notice>) {
        self.talk_over(interaction, now);
        self.end_legs(interaction, agent, now, notices);
        let until = now + self.catalogue.profile_of(agent).wrap_up.get();
        let row = self.rows.get_mut(agent).expect("a known agent");
        if let WorkState::Active { since, .. } = self.works[&interaction].state {
            let talk = u64::try_from(now.since(since).as_millis()).expect("a short test");
            let before = row.handling_ms;
            row.handling_ms = if before == 0 { talk.max(1) } else { before - before / 8 + talk / 8 };
        }
        self.works.get_mut(&interaction).expect("a conversation").state =
            WorkState::WrapUp { agent: agent.clone(), since: now, until };
        if until == now {
            self.close_record(interaction, None, false, now, notices);
            self.ask_contacts(agent, now, notices);
        } else {
            notices.push(Notice::WrapUpStarted { interaction, agent: agent.clone(), until });
        }
    }

    fn close_record(
        &mut self,
        interaction: InteractionId,
        disposition: Option<DispositionId>,
        expired: bool,
        now: Timestamp,
        notices: &mut Vec<Notice>,
    ) {
        self.close_records(interaction, expired, notices);
        let work = self.works.remove(&interaction).expect("a record");
        let agent = work.state.agent().expect("a record has an agent").clone();
        let row = self.rows.get_mut(&agent).expect("a known agent");
        if let WorkState::WrapUp { since, .. } = work.state {
            let wrap_up = u64::try_from(now.since(since).as_millis()).expect("a short test");
            row.handling_ms += wrap_up / if row.handled == 0 { 1 } else { 8 };
        }
        row.handled += 1;
        self.end_of_work(&agent, now);
        notices.push(Notice::WrapUpEnded { interaction, agent, disposition, expired });
    }
}
