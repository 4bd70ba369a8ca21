//! The two questions, and the catalogue that the answers obey.
//!
//! A decision reads the head of one index (a contact asks) or of k queues (an agent asks); agents that bounced the
//! contact are stepped over. After every request this holds: no contact waits while an agent whom it does not
//! exclude could take it. So only the contact or the agent that an event freed can open a new match.
//!
//! What it deliberately does not do: no look-ahead and no batch; each match is the best at its moment.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Bound::{Excluded, Unbounded},
    sync::Arc,
};

use super::{
    AgentRow, Capacity, Notice, Work, WorkState,
    agents::{Agent, AgentIdx, AgentProfile, Limits, ProfileIdx},
    queues::Place,
};
use crate::{
    catalogue::{Catalogue, Level},
    id::{AgentId, InteractionId, OfferId, ProfileId, SkillId},
    limits::PRESENCE_LEASE,
    time::Timestamp,
};

/// What tells one profile of agents from another.
type Kind<'a> = (&'a BTreeMap<SkillId, Level>, bool, Option<&'a ProfileId>);

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
        self.adopt(catalogue);
        self.reindex();
        self.match_all(now, &mut notices);
        notices
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
        }
        for work in works {
            let interaction = work.interaction;
            if let WorkState::Offered { offer, .. } | WorkState::Active { offer, .. } = work.state {
                last_offer = last_offer.max(Some(offer));
            }
            let holder = work.state.agent().map(|agent| self.find(agent));
            self.admit(work);
            if let Some(Some(idx)) = holder {
                self.agents[idx.at()].held.insert(interaction);
                continue;
            }
            if holder.is_some() {
                wrong_works.insert(interaction);
                self.touch(interaction).state = WorkState::Waiting;
            }
            self.line_up(interaction);
        }
        self.set_next_offer(last_offer.map_or(0, |OfferId(last)| last + 1));
        self.reindex();
        (self.touched_agents, self.touched_works) = (wrong_agents, wrong_works);
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
            let profile = *kinds.entry((&settings.skills, settings.supervisor, own)).or_insert_with(|| {
                self.profiles.push(AgentProfile {
                    skills: settings.skills.clone(),
                    supervisor: settings.supervisor,
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
    }

    /// Recomputes everything that is derived of agents: compatibility, loads, indexes, counts.
    fn reindex(&mut self) {
        for (_, class) in self.classes.iter() {
            // Who else could take it has changed, and with it when its exclusions end.
            self.touched_works.extend(&class.excluding);
        }
        self.classes.forget_agents();
        self.skills.forget_agents();
        for profile in &mut self.profiles {
            profile.serves =
                self.classes.iter().filter(|(_, class)| profile.suits(class)).map(|(idx, _)| idx).collect();
            profile.serves.sort_unstable();
        }
        for idx in (0..self.agents.len()).map(AgentIdx::new) {
            let load = self.recount(idx);
            let agent = &mut self.agents[idx.at()];
            (agent.load, agent.carried) = (load, load);
            agent.standing = Agent::new(agent.id.clone(), idx, agent.profile).standing;
            self.reindex_agent(idx);
        }
    }

    /// Question one: a contact became matchable; which agent? The one who fits and whose turn it is.
    pub(super) fn place(&mut self, interaction: InteractionId, now: Timestamp, notices: &mut Vec<Notice>) {
        let Some(entry) = self.works.get(&interaction).filter(|entry| entry.work.state == WorkState::Waiting) else {
            return;
        };
        let bounced = &entry.work.bounced;
        let mut fit = self.classes.get(entry.class).fit.iter().map(|turn| turn.agent);
        if let Some(agent) = fit.find(|idx| !bounced.contains(&self.agents[idx.at()].id)) {
            self.offer(interaction, agent, now, notices);
        }
    }

    /// Places several contacts that came back at once, first in line first.
    pub(super) fn place_each(&mut self, contacts: &[InteractionId], now: Timestamp, notices: &mut Vec<Notice>) {
        let places: BTreeSet<Place> = contacts.iter().filter_map(|id| self.works.get(id)).map(|e| e.place()).collect();
        for place in places {
            self.place(place.interaction, now, notices);
        }
    }

    /// Question two: an agent gained capacity; which contacts? The first in line of all he can serve, until he is full.
    pub(super) fn fill(&mut self, agent: AgentIdx, now: Timestamp, notices: &mut Vec<Notice>) {
        while let Some(interaction) = self.next_for(agent) {
            self.offer(interaction, agent, now, notices);
        }
    }

    fn next_for(&self, agent: AgentIdx) -> Option<InteractionId> {
        let Agent { id, profile, standing, .. } = &self.agents[agent.at()];
        let classes = self.profiles[profile.at()].serves.iter().map(|class| self.classes.get(*class));
        let heads = classes.filter(|class| standing.takes.contains(class.channel)).filter_map(|class| {
            class.queue.iter().find(|place| {
                let excludes = |interaction| self.work(interaction).is_some_and(|work| work.bounced.contains(id));
                !(class.excluding.contains(&place.interaction) && excludes(place.interaction))
            })
        });
        heads.min().map(|place| place.interaction)
    }

    /// Both questions for everybody, after a change of the catalogue: contacts in line, first in line first, until no
    /// class has an agent left.
    fn match_all(&mut self, now: Timestamp, notices: &mut Vec<Notice>) {
        let mut heads: BTreeSet<_> =
            self.classes.iter().filter_map(|(idx, class)| class.queue.first().map(|place| (*place, idx))).collect();
        while let Some((place, idx)) = heads.pop_first() {
            let class = self.classes.get(idx);
            if class.fit.is_empty() {
                continue;
            }
            let next = class.queue.range((Excluded(place), Unbounded)).next();
            heads.extend(next.map(|next| (*next, idx)));
            self.place(place.interaction, now, notices);
        }
    }

    /// Makes an offer. The slot is reserved inside the decision (U-29), so the next decision sees it.
    fn offer(&mut self, interaction: InteractionId, agent: AgentIdx, now: Timestamp, notices: &mut Vec<Notice>) {
        let offer = OfferId(self.next_offer);
        self.next_offer += 1;
        let expires_at = now + self.limits(agent).offer_timeout;
        self.step_out(interaction);
        let row = &mut self.agents[agent.at()];
        (row.given_at, row.last_offer) = (now, Some(offer));
        let id = row.id.clone();
        self.touched_agents.insert(id.clone());
        let work = self.touch(interaction);
        work.state = WorkState::Offered { offer, agent: id.clone(), expires_at };
        let channel = work.channel;
        self.reserve(agent, interaction, channel);
        self.reindex_agent(agent);
        notices.push(Notice::OfferMade { interaction, offer, agent: id, expires_at });
    }
}
