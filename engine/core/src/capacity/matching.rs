//! The two questions, and the catalogue that the answers obey.
//!
//! A decision reads the head of one index (a contact asks) or of k queues (an agent asks); agents that bounced the
//! contact are stepped over. After every request this holds: no contact waits while an agent whom it does not
//! exclude could take it. So only the contact or the agent that an event freed can open a new match.
//!
//! What it deliberately does not do: no look-ahead and no batch; each match is the best at its moment.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use super::{
    AgentRow, Capacity, Given, Kept, Notice, Preferred, Work, WorkState,
    agents::{Agent, AgentIdx, AgentProfile, ProfileIdx, Standing},
    bounds::{ChannelSet, Limits},
    filling::Pace,
    legs::LegState,
    line::Place,
    queues::{ClassIdx, Entry},
};
use crate::{
    catalogue::{Catalogue, Level, LimitOverrides, RoleSettings, Strategy},
    event::PresenceStatus,
    id::{AgentId, InteractionId, OfferId, ProfileId, RoleId, SkillId},
    limits::PRESENCE_LEASE,
    mark::mark,
    time::Timestamp,
};

/// What tells one profile of agents from another.
type Kind<'a> = (&'a BTreeMap<SkillId, Level>, bool, Option<&'a RoleId>, Option<&'a ProfileId>, &'a LimitOverrides);

impl Capacity {
    /// Obeys a catalogue from now on. New limits apply at the next offer and nothing is taken away (FCE-05); an agent
    /// who is no longer in the catalogue loses his contacts back to the line.
    pub fn configure(&mut self, catalogue: &Arc<Catalogue>, now: Timestamp) -> Vec<Notice> {
        let mut notices = Vec::new();
        let gone: Vec<AgentIdx> = (0..self.agents.len())
            .map(AgentIdx::new)
            .filter(|idx| !catalogue.agents.contains_key(&self.agents[idx.at()].id))
            .collect();
        for idx in gone {
            self.depart(idx, false, now, &mut notices);
            self.touched_agents.insert(self.agents[idx.at()].id.clone());
        }
        self.touch_widening();
        self.catalogue = Arc::clone(catalogue);
        self.adopt(catalogue);
        self.by_lot = catalogue.skills.values().any(|skill| skill.strategy == Some(Strategy::WeightedRandom));
        for idx in (0..self.agents.len()).map(AgentIdx::new) {
            if self.agents[idx.at()].lot.is_none() {
                self.draw(idx);
            }
        }
        self.look_at_shifts(now);
        self.reindex();
        self.touch_widening();
        self.match_all(now, &mut notices);
        for idx in (0..self.agents.len())
            .map(AgentIdx::new)
            .filter(|idx| self.agents[idx.at()].saved_for.is_some() || 0 < self.agents[idx.at()].load.parked)
            .collect::<Vec<_>>()
        {
            self.fill(idx, now, &mut notices);
        }
        self.fill_reopened(now, &mut notices);
        notices
    }

    /// Settings say when needs widen and room is made: the deadlines of all that can may move.
    fn touch_widening(&mut self) {
        let waiting = self.works.values().map(|entry| &entry.work).filter(|work| work.state == WorkState::Waiting);
        let widening = waiting
            .filter(|work| self.next_widening(work).is_some() || self.room_due(work).is_some())
            .map(|work| work.interaction);
        self.touched_works.extend(widening.collect::<Vec<_>>());
    }

    /// Rebuilds the state from its rows, after [`Capacity::configure`] and before any request. Makes no decision:
    /// what was matched is in the rows. Every present agent gets one fresh lease.
    pub fn restore(
        &mut self,
        agents: impl Iterator<Item = AgentRow>,
        works: impl Iterator<Item = Work>,
        now: Timestamp,
    ) {
        let mut last_offer = None;
        // Rows of one commit agree with each other and with the catalogue. One that was edited from outside does not:
        // it is set right here, and written again.
        let (mut wrong_agents, mut wrong_works) = (BTreeSet::new(), BTreeSet::new());
        for row in agents {
            last_offer = last_offer.max(row.last_offer);
            let Some(idx) = self.find(&row.agent) else {
                wrong_agents.insert(row.agent);
                continue;
            };
            let agent = &mut self.agents[idx.at()];
            (agent.status, agent.lease_until) = (row.status, now + PRESENCE_LEASE);
            (agent.idle_since, agent.given_at, agent.last_offer) = (row.idle_since, row.given_at, row.last_offer);
            (agent.handled, agent.handling_ms, agent.named) = (row.handled, row.handling_ms, row.named);
            (agent.lost_at, agent.missed) = (row.lost_at, row.missed);
            (agent.talked_ms, agent.lot) = (row.talked_ms, row.lot);
            (agent.came_at, agent.pace) = (row.came_at, row.paced_until.map(Pace::Until));
            agent.begun = row.begun;
        }
        for mut work in works {
            let interaction = work.interaction;
            if let WorkState::Offered { offer, .. } | WorkState::Active { offer, .. } = work.state {
                last_offer = last_offer.max(Some(offer));
            }
            last_offer = last_offer.max(work.also.iter().map(|also| also.offer).max());
            if work.holders().any(|agent| self.find(agent).is_none()) {
                wrong_works.insert(interaction);
                (work.state, work.also, work.parked) = (WorkState::Waiting, Vec::new(), None);
                work.legs.retain(|leg| leg.state == LegState::Open);
            }
            for idx in work.holders().filter_map(|agent| self.find(agent)).collect::<Vec<_>>() {
                self.agents[idx.at()].held.insert(interaction);
            }
            self.works.insert(interaction, Entry { work, class: ClassIdx::default() });
        }
        self.race = self.agents.iter().filter_map(|agent| agent.lot).map(|lot| lot.from).max().unwrap_or(0);
        self.set_next_offer(last_offer.map_or(0, |OfferId(last)| last + 1));
        self.sum_up_begun();
        self.look_at_shifts(now);
        self.reindex();
        (self.touched_agents, self.touched_works) = (wrong_agents, wrong_works);
    }

    /// When each agent's shift ends, as his calendar now says.
    fn look_at_shifts(&mut self, now: Timestamp) {
        for idx in (0..self.agents.len()).map(AgentIdx::new) {
            let ends = self.shift_ends(idx, now);
            let agent = &mut self.agents[idx.at()];
            // New settings move the end of the patience of conversations too.
            if agent.shift_ends != ends || agent.lost_at.is_some() {
                agent.shift_ends = ends;
                self.touched_agents.insert(agent.id.clone());
            }
        }
    }

    /// When the shift of an available agent ends: now when he has none at this hour, never when he has no hours.
    pub(super) fn shift_ends(&self, idx: AgentIdx, now: Timestamp) -> Option<Timestamp> {
        let agent = &self.agents[idx.at()];
        if agent.status != PresenceStatus::Available {
            return None;
        }
        let calendar = self.catalogue.shift_of(self.catalogue.agents.get(&agent.id)?)?.calendar()?;
        if calendar.is_open(now) { calendar.next_change(now) } else { Some(now) }
    }

    /// Replaces the agents and their profiles by those of a catalogue; who stays keeps what he has.
    fn adopt(&mut self, catalogue: &Catalogue) {
        let mut known: BTreeMap<AgentId, Agent> =
            std::mem::take(&mut self.agents).into_iter().map(|agent| (agent.id.clone(), agent)).collect();
        self.profiles.clear();
        let mut kinds: BTreeMap<Kind<'_>, ProfileIdx> = BTreeMap::new();
        for (at, (id, settings)) in catalogue.agents.iter().enumerate() {
            let idx = AgentIdx::new(at);
            let own = settings.profile.as_ref().filter(|profile| catalogue.profiles.contains_key(*profile));
            let role = settings.role.as_ref().filter(|role| catalogue.roles.contains_key(*role));
            let kind = (&settings.skills, settings.supervisor, role, own, &settings.limits);
            let profile = *kinds.entry(kind).or_insert_with(|| {
                self.profiles.push(AgentProfile {
                    skills: catalogue.skills_of(settings),
                    skill_numbers: Box::default(),
                    supervisor: settings.supervisor,
                    answers_at: catalogue.role_of(settings).map(RoleSettings::answers_at),
                    limits: Limits::new(&catalogue.profile_of(id)),
                    agents: Vec::new(),
                    serves: Vec::new(),
                });
                ProfileIdx::new(self.profiles.len() - 1)
            });
            self.profiles[profile.at()].agents.push(idx);
            let fresh = Agent::new(id.clone(), idx, profile);
            self.agents.push(match known.remove(id) {
                None => fresh,
                Some(agent) => Agent { profile, standing: fresh.standing, ..agent },
            });
        }
        self.by_mark =
            self.agents.iter().enumerate().map(|(at, own)| (mark(own.id.as_str()), AgentIdx::new(at))).collect();
        self.by_mark.sort_unstable();
        self.sum_up_begun();
    }

    /// Recomputes everything that is derived: classes, compatibility, loads, indexes, counts.
    fn reindex(&mut self) {
        self.gather_arrivals();
        for idx in (0..self.agents.len()).map(AgentIdx::new) {
            self.agents[idx.at()].standing = Standing::absent(idx);
        }
        self.reclassify();
        for idx in (0..self.agents.len()).map(AgentIdx::new) {
            let load = self.recount(idx);
            let agent = &mut self.agents[idx.at()];
            (agent.load, agent.carried) = (load, load);
            self.reindex_agent(idx);
        }
    }

    /// Question one: a contact became matchable; which agent? The one who fits and whose turn it is.
    pub(super) fn place(&mut self, interaction: InteractionId, now: Timestamp, notices: &mut Vec<Notice>) {
        let Some(entry) = self.works.get(&interaction).filter(|entry| entry.work.state == WorkState::Waiting) else {
            return;
        };
        let agent = match &entry.work.kept {
            Some(kept) => self.find(&kept.agent).filter(|idx| self.fits(*idx, entry)),
            None => {
                let mut fit = self.classes.get(entry.class).fit.iter().map(|turn| turn.agent);
                let next = fit.find(|idx| self.may_go_to(&entry.work, *idx));
                let closed = || self.find(entry.work.room.as_ref()?.agent.as_ref()?);
                next.or_else(|| closed().filter(|idx| self.saved_contact(*idx) == Some(interaction)))
            }
        };
        if let Some(agent) = agent {
            self.offer(interaction, agent, Given::Pushed, now, notices);
            self.ring(interaction, now, notices);
        }
    }

    /// Question one for a contact whom an agent knows: he is asked first, and it is kept for him when its settings
    /// say so (P-08). An agent who could never serve it is not waited for.
    pub(super) fn place_with(
        &mut self,
        interaction: InteractionId,
        preferred: Option<Preferred>,
        now: Timestamp,
        notices: &mut Vec<Notice>,
    ) {
        let entry = &self.works[&interaction];
        let rules = self.classes.get(entry.class).preferred;
        let known = preferred.filter(|preferred| preferred.keep.is_some() || rules.is_some());
        let found = known.and_then(|known| Some((self.find(&known.agent)?, known)));
        let Some((idx, Preferred { agent, keep })) = found.filter(|(idx, _)| self.can_serve(*idx, entry.class)) else {
            return self.place(interaction, now, notices);
        };
        if self.fits(idx, entry) {
            return self.offer(interaction, idx, Given::Pushed, now, notices);
        }
        let there = self.agents[idx.at()].is_present();
        let by_rule = rules.filter(|rules| if there { rules.when_busy } else { rules.when_offline });
        match keep.or(by_rule.map(|rules| rules.timeout.get())) {
            Some(keep) => {
                self.step_out(interaction);
                self.touch(interaction).kept = Some(Kept { agent, until: now + keep });
                self.line_up(interaction);
            }
            None => self.place(interaction, now, notices),
        }
    }

    /// True when the agent could take the contact now, and it may be his.
    pub(super) fn fits(&self, idx: AgentIdx, entry: &Entry) -> bool {
        let agent = &self.agents[idx.at()];
        agent.standing.takes.contains(entry.work.channel)
            && self.can_serve(idx, entry.class)
            && self.may_go_to(&entry.work, idx)
    }

    /// Places several contacts that came back at once, first in line first.
    pub(super) fn place_each(&mut self, contacts: &[InteractionId], now: Timestamp, notices: &mut Vec<Notice>) {
        let entries = contacts.iter().filter_map(|id| self.works.get(id));
        let places: BTreeSet<Place> = entries.map(|entry| self.place_at(entry, now)).collect();
        for place in places {
            self.place(place.interaction, now, notices);
        }
    }

    /// Question two: an agent gained capacity; which contacts? The first in line of all he can serve, until he is full.
    pub(super) fn fill(&mut self, agent: AgentIdx, now: Timestamp, notices: &mut Vec<Notice>) {
        self.take_up_called(agent, notices);
        self.give_saved(agent, now, notices);
        while let Some(interaction) = self.next_for(agent, self.agents[agent.at()].standing.takes, false, now) {
            self.offer(interaction, agent, Given::Pushed, now, notices);
        }
    }

    /// Fills agents who are free again.
    pub(super) fn fill_each(&mut self, agents: Vec<AgentIdx>, now: Timestamp, notices: &mut Vec<Notice>) {
        for agent in agents {
            self.fill(agent, now, notices);
        }
    }

    /// The heads of the lines he can serve are compared at this instant, each the first contact that may be his.
    pub(super) fn next_for(
        &mut self,
        agent: AgentIdx,
        takes: ChannelSet,
        pulled: bool,
        now: Timestamp,
    ) -> Option<InteractionId> {
        let Self { agents, profiles, classes, works, .. } = self;
        let agent = &agents[agent.at()];
        let AgentProfile { limits, serves, .. } = &profiles[agent.profile.at()];
        let mut first: Option<Place> = None;
        for serves in serves {
            let class = classes.get_mut(serves.class);
            if class.line.is_empty() || !takes.contains(class.channel) {
                continue;
            }
            class.line.settle(now);
            let admits = |interaction: &_| {
                works.get(interaction).is_some_and(|entry| entry.work.may_go_to(agent, limits, pulled))
            };
            let mut line = class.line.at(now);
            let head = line.find(|place| !class.choosy.contains(&place.interaction) || admits(&place.interaction));
            first = [first, head].into_iter().flatten().min();
        }
        first.map(|place| place.interaction)
    }

    /// Both questions for everybody, after a change of the catalogue: contacts in line, first in line first, as long
    /// as their class has an agent left.
    fn match_all(&mut self, now: Timestamp, notices: &mut Vec<Notice>) {
        let served = |entry: &&Entry| !self.classes.get(entry.class).fit.is_empty();
        let waiting = self.works.values().filter(|entry| entry.work.state == WorkState::Waiting).filter(served);
        let places: BTreeSet<Place> = waiting.map(|entry| self.place_at(entry, now)).collect();
        for place in places {
            self.place(place.interaction, now, notices);
        }
    }

    /// Makes an offer. The slot is reserved inside the decision (U-29), so the next decision sees it. Where the agent's
    /// profile says so, it is accepted in the same breath.
    pub(super) fn offer(
        &mut self,
        interaction: InteractionId,
        agent: AgentIdx,
        given: Given,
        now: Timestamp,
        notices: &mut Vec<Notice>,
    ) {
        let (offer, expires_at) = self.number_offer(agent, now);
        let auto_accept = self.limits(agent).auto_accept;
        self.step_out(interaction);
        self.give_room_back(interaction);
        let id = self.agents[agent.at()].id.clone();
        let work = self.touch(interaction);
        let channel = work.channel;
        work.state = WorkState::Offered { offer, agent: id.clone(), expires_at };
        notices.push(Notice::OfferMade { interaction, offer, agent: id.clone(), expires_at });
        if auto_accept.contains(channel) {
            self.begin(interaction, offer, id, now, notices);
        }
        if given == Given::Pushed {
            self.chosen(interaction, agent, now);
        }
        self.reserve(agent, interaction, given);
        self.reindex_agent(agent);
    }

    /// A decision gave an agent a contact: his next one comes in its time, and his lot is drawn again.
    pub(super) fn chosen(&mut self, interaction: InteractionId, agent: AgentIdx, now: Timestamp) {
        let strategy = self.classes.get(self.works[&interaction].class).strategy;
        self.win_race(agent, strategy);
        self.paced(agent, now);
    }

    /// The number and the end of the next offer, which this agent gets.
    pub(super) fn number_offer(&mut self, agent: AgentIdx, now: Timestamp) -> (OfferId, Timestamp) {
        let offer = OfferId(self.next_offer);
        self.next_offer += 1;
        let expires_at = now + self.limits(agent).offer_timeout;
        let row = &mut self.agents[agent.at()];
        (row.given_at, row.last_offer) = (now, Some(offer));
        self.touched_agents.insert(row.id.clone());
        (offer, expires_at)
    }
}
