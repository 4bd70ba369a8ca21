//! The stage: a switchboard with a virtual clock that is written down and rebuilt between any two events.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    fmt::Write as _,
    sync::Arc,
    time::Duration,
};

use routewright_flows::{
    ExitName, HumanDuration, NodeId, Words,
    scenario::{Expect, OutsideAnswers, Scenario, ScenarioStep},
};
use serde_json::Value;

use super::{Failure, Moment, Played, Troupe, rows::Rows, world};
use crate::{
    call::CallAnswer,
    capacity::{AgentView, Work, WorkState},
    catalogue::Catalogue,
    contact::{Attached, ContactKey, Message, Said, Speaker},
    effect::{Action, EffectId},
    event::{AgentAction, CallAnswered, ContactWrote, Input, PresenceStatus},
    fact::{Fact, FactRecord},
    id::{AgentId, InteractionId, OfferId, TenantId},
    interaction::Interaction,
    limits::REHEARSAL_TIMERS_MAX,
    release::Release,
    switchboard::{Answer, Counters, Shelf, ShelfError, Switchboard},
    time::Timestamp,
    timers::TimerKey,
};

/// When a rehearsal starts whose scenario says nothing: 2026-01-12T10:00:00+01:00, a Monday morning in Paris.
const START: Timestamp = Timestamp(1_768_208_400_000);

/// The stage of one scenario.
pub(super) struct Stage<'a> {
    troupe: &'a Troupe,
    scenario: &'a Scenario,
    catalogue: Arc<Catalogue>,
    board: Switchboard,
    shelf: Rows,
    started: Timestamp,
    now: Timestamp,
    /// Agents whose desk is there: it keeps their lease.
    desks: BTreeSet<AgentId>,
    /// The contact's latest interaction.
    pub(super) latest: Option<InteractionId>,
    /// Interactions of other contacts, who stood in line from the start.
    others: BTreeSet<InteractionId>,
    /// Messages of the contact and of agents so far; names the next.
    messages: u32,
    /// What the contact was sent and no expectation has looked at.
    pub(super) said: Vec<String>,
    /// Calls to the outside that nobody answered yet, oldest first.
    calls: VecDeque<EffectId>,
    /// Calls that no expectation has looked at.
    pub(super) called: Vec<String>,
    /// Timers of conversations that fired and no expectation has looked at.
    pub(super) timers: Vec<String>,
    /// What went with messages and no expectation has looked at.
    pub(super) attached: Vec<String>,
    /// Exits taken, in order, of any flow.
    pub(super) taken: Vec<(NodeId, ExitName)>,
    /// Exits taken of the flow under test.
    covered: BTreeSet<(NodeId, ExitName)>,
    /// Nodes of the flow under test that it came to.
    visited: BTreeSet<NodeId>,
    /// What was there where something was expected, by step.
    pub(super) seen: BTreeMap<usize, Expect>,
    transcript: String,
    /// What happened since somebody last looked.
    unseen: Vec<FactRecord>,
    failures: Vec<Failure>,
}

fn tenant() -> TenantId {
    TenantId::new("rehearsal").expect("'rehearsal' is a tenant's id")
}

impl<'a> Stage<'a> {
    /// The world before the first step: agents who are there are available.
    pub(super) fn set(troupe: &'a Troupe, scenario: &'a Scenario) -> Result<Self, Failure> {
        let catalogue = Arc::new(world::catalogue(&troupe.flow.document, &troupe.named, scenario)?);
        let started = match &scenario.at {
            None => START,
            Some(text) => Timestamp::parse(text).ok_or_else(|| Failure {
                step: None,
                expected: "an instant such as 2026-01-12T10:00:00+01:00".to_owned(),
                got: text.clone(),
                message: Words::new(
                    format!("'{text}' is not an instant: write one such as 2026-01-12T10:00:00+01:00"),
                    format!("« {text} » n’est pas un instant : écrivez par exemple 2026-01-12T10:00:00+01:00"),
                ),
            })?,
        };
        let mut stage = Self {
            troupe,
            scenario,
            catalogue,
            board: Switchboard::new(Arc::clone(&troupe.sandbox)),
            shelf: Rows::default(),
            started,
            now: started,
            desks: BTreeSet::new(),
            latest: None,
            others: BTreeSet::new(),
            messages: 0,
            said: Vec::new(),
            calls: VecDeque::new(),
            called: Vec::new(),
            attached: Vec::new(),
            timers: Vec::new(),
            taken: Vec::new(),
            covered: BTreeSet::new(),
            visited: BTreeSet::new(),
            seen: BTreeMap::new(),
            transcript: String::new(),
            unseen: Vec::new(),
            failures: Vec::new(),
        };
        let set = stage.rebuild(Counters::default()).and_then(|()| stage.fill_the_line()).and_then(|()| {
            let present = scenario.given.agents.iter().filter(|(_, agent)| agent.available);
            for (name, _) in present {
                if let Ok(agent) = AgentId::new(name) {
                    stage.presence(agent, PresenceStatus::Available)?;
                }
            }
            Ok(())
        });
        if let Err(broken) = set {
            stage.broken(None, &broken);
        }
        Ok(stage)
    }

    /// Plays one step; false when nothing after it makes sense.
    pub(super) fn play(&mut self, index: usize, step: &ScenarioStep) -> bool {
        match self.step(index, step) {
            Ok(()) => true,
            Err(broken) => {
                self.broken(Some(index), &broken);
                false
            }
        }
    }

    /// What is there now, and what happened since this was last asked.
    pub(super) fn moment(&mut self, step: usize) -> Moment {
        let facts = std::mem::take(&mut self.unseen);
        let tenant = tenant();
        let others = self.others.iter().filter_map(|id| self.board.work(&tenant, *id).cloned()).collect();
        Moment { step, now: self.now, facts, interaction: self.interaction(), work: self.work().cloned(), others }
    }

    pub(super) fn finish(self) -> Played {
        Played {
            transcript: self.transcript,
            failures: self.failures,
            exits: self.covered,
            nodes: self.visited,
            seen: self.seen,
        }
    }

    fn step(&mut self, index: usize, step: &ScenarioStep) -> Result<(), ShelfError> {
        match step {
            ScenarioStep::ContactSays(text) => self.contact_wrote(index, Message { text: text.clone(), choice: None }),
            ScenarioStep::ContactChooses(choice) => {
                let shown = self.interaction().map(|i| i.shown).unwrap_or_default();
                let label = shown.into_iter().find(|option| option.id == *choice).map(|option| option.label);
                let text = label.unwrap_or_default();
                self.contact_wrote(index, Message { text, choice: Some(choice.clone()) })
            }
            ScenarioStep::ContactLeaves {} => self.act(index, Input::ContactLeft(self.key())),
            ScenarioStep::TimePasses(length) => self.time_passes(index, length.get()),
            ScenarioStep::AgentArrives(name) => {
                self.as_agent(index, name, |stage, agent| stage.presence(agent, PresenceStatus::Available))
            }
            ScenarioStep::AgentGoes(name) => {
                self.as_agent(index, name, |stage, agent| stage.presence(agent, PresenceStatus::Offline))
            }
            ScenarioStep::AgentAccepts(name) => self.as_agent(index, name, |stage, agent| {
                let Some(offer) = stage.offer(index, &agent) else { return Ok(()) };
                stage.agent_acts(index, agent, AgentAction::Accept { offer })
            }),
            ScenarioStep::AgentDeclines(name) => self.as_agent(index, name, |stage, agent| {
                let Some(offer) = stage.offer(index, &agent) else { return Ok(()) };
                stage.agent_acts(index, agent, AgentAction::Decline { offer })
            }),
            ScenarioStep::AgentWrites(written) => self.as_agent(index, &written.agent, |stage, agent| {
                let Some(interaction) = stage.conversation(index, &agent, |view| view.active) else { return Ok(()) };
                stage.messages += 1;
                let event_id = Some(Arc::from(format!("m{}", stage.messages)));
                let text = written.text.clone();
                stage.agent_acts(index, agent, AgentAction::Write { interaction, text, event_id, attached: Vec::new() })
            }),
            ScenarioStep::AgentCloses(name) => self.as_agent(index, name, |stage, agent| {
                let Some(interaction) = stage.conversation(index, &agent, |view| view.active) else { return Ok(()) };
                stage.agent_acts(index, agent, AgentAction::Close { interaction })
            }),
            ScenarioStep::AgentFinishes(finish) => self.as_agent(index, &finish.agent, |stage, agent| {
                let Some(interaction) = stage.conversation(index, &agent, |view| view.wrap_ups) else { return Ok(()) };
                let disposition = finish.disposition.as_deref().and_then(|name| name.parse().ok());
                stage.agent_acts(
                    index,
                    agent,
                    AgentAction::Finish { interaction, disposition, answers: Default::default() },
                )
            }),
            ScenarioStep::OutsideAnswers(OutsideAnswers { status, body }) => {
                let body = match body {
                    Value::Null => String::new(),
                    Value::String(text) => text.clone(),
                    Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => body.to_string(),
                };
                self.outside_answers(index, CallAnswer::Replied { status: *status, body })
            }
            ScenarioStep::OutsideFails(why) => match serde_json::from_value(Value::String(why.clone())) {
                Ok(failure) => {
                    let message = "the test says so".to_owned();
                    self.outside_answers(index, CallAnswer::Failed { why: failure, message })
                }
                Err(_) => {
                    let message = Words::new(
                        format!("'{why}' is not a reason for a call to fail: write one such as 'timeout'"),
                        format!("« {why} » n’est pas une raison d’échec d’appel : écrivez par exemple « timeout »"),
                    );
                    self.fail(index, "a reason".to_owned(), why.clone(), message);
                    Ok(())
                }
            },
            ScenarioStep::Expect(expected) => {
                self.expect(index, expected);
                Ok(())
            }
        }
    }

    // -- acting -------------------------------------------------------------------------------------------------------

    fn contact_wrote(&mut self, index: usize, message: Message) -> Result<(), ShelfError> {
        self.messages += 1;
        let wrote = ContactWrote {
            from: self.key(),
            event_id: Arc::from(format!("m{}", self.messages)),
            message,
            name: None,
            locale: Some(world::locale(self.scenario)),
            fields: self.scenario.contact.clone(),
        };
        self.act(index, Input::ContactWrote(wrote))
    }

    /// Answers the oldest call that waits.
    fn outside_answers(&mut self, index: usize, answer: CallAnswer) -> Result<(), ShelfError> {
        let Some(call) = self.calls.pop_front() else {
            let message = Words::new(
                "no call to the outside waits for an answer",
                "aucun appel vers l’extérieur n’attend de réponse",
            );
            self.fail(index, "a call".to_owned(), "none".to_owned(), message);
            return Ok(());
        };
        self.act(index, Input::CallAnswered(CallAnswered { tenant: tenant(), call, answer }))
    }

    /// Others come before the contact, those who wait longest first. Of what happens to them nothing is told.
    fn fill_the_line(&mut self) -> Result<(), ShelfError> {
        let mut given: Vec<_> = self.scenario.given.waiting.iter().enumerate().collect();
        given.sort_by_key(|(_, others)| std::cmp::Reverse(others.waited));
        for (n, others) in given {
            self.now = self.started - others.waited.get();
            for one in 0..others.count {
                let name = format!("{n}-{one}");
                let wrote = ContactWrote {
                    from: ContactKey {
                        tenant: tenant(),
                        touchpoint: world::waiting_id(n),
                        address: Arc::from(format!("other-{name}")),
                    },
                    event_id: Arc::from(format!("other-{name}")),
                    message: Message { text: String::new(), choice: None },
                    name: None,
                    locale: None,
                    fields: BTreeMap::new(),
                };
                let output = self.board.handle(Input::ContactWrote(wrote), self.now, &mut self.shelf)?;
                if let Answer::Heard { interaction, .. } = output.answer {
                    self.others.insert(interaction);
                }
                self.shelf.store(&self.board, &output.touched)?;
                self.rebuild(self.board.counters())?;
            }
        }
        self.now = self.started;
        Ok(())
    }

    fn presence(&mut self, agent: AgentId, status: PresenceStatus) -> Result<(), ShelfError> {
        match status {
            PresenceStatus::Offline => self.desks.remove(&agent),
            PresenceStatus::Available | PresenceStatus::Draining | PresenceStatus::Paused => {
                self.desks.insert(agent.clone())
            }
        };
        let action = AgentAction::SetPresence { status };
        self.input(Input::Agent { tenant: tenant(), agent, action }).map(drop)
    }

    fn as_agent(
        &mut self,
        index: usize,
        name: &str,
        act: impl FnOnce(&mut Self, AgentId) -> Result<(), ShelfError>,
    ) -> Result<(), ShelfError> {
        match AgentId::new(name).ok().filter(|id| self.catalogue.agents.contains_key(id)) {
            Some(agent) => act(self, agent),
            None => {
                self.fail(
                    index,
                    format!("agent {name}"),
                    "no such agent".to_owned(),
                    Words::new(
                        format!("agent '{name}' is not in this world: add him to `given.agents`"),
                        format!("l’agent « {name} » n’est pas dans ce monde : ajoutez-le à `given.agents`"),
                    ),
                );
                Ok(())
            }
        }
    }

    fn agent_acts(&mut self, index: usize, agent: AgentId, action: AgentAction) -> Result<(), ShelfError> {
        self.act(index, Input::Agent { tenant: tenant(), agent, action })
    }

    fn offer(&mut self, index: usize, agent: &AgentId) -> Option<OfferId> {
        let tenant = tenant();
        let first = self.board.agent(&tenant, agent).and_then(|view| {
            self.meant(&view.offers).and_then(|work| match work.state {
                WorkState::Offered { offer, .. } => Some(offer),
                WorkState::Waiting | WorkState::Active { .. } | WorkState::WrapUp { .. } => None,
            })
        });
        if first.is_none() {
            self.fail(
                index,
                format!("an offer for {agent}"),
                "none".to_owned(),
                Words::new(
                    format!("agent '{agent}' has no offer to answer"),
                    format!("l’agent « {agent} » n’a aucune proposition à laquelle répondre"),
                ),
            );
        }
        first
    }

    /// The one of an agent's works that a step is about: the contact's, else another's.
    fn meant<'w>(&self, works: &[&'w Work]) -> Option<&'w Work> {
        works.iter().find(|work| Some(work.interaction) == self.latest).or(works.first()).copied()
    }

    fn conversation(
        &mut self,
        index: usize,
        agent: &AgentId,
        of: impl FnOnce(AgentView<'_>) -> Vec<&Work>,
    ) -> Option<InteractionId> {
        let works = self.board.agent(&tenant(), agent).map(of).unwrap_or_default();
        if let Some(meant) = self.meant(&works) {
            return Some(meant.interaction);
        }
        if self.latest.is_none() {
            let message = Words::new("the contact has not written yet", "le contact n’a encore rien écrit");
            self.fail(index, "a conversation".to_owned(), "none".to_owned(), message);
        }
        self.latest
    }

    /// Every timer on the way fires at its instant. A desk that is there keeps its agent's lease.
    fn time_passes(&mut self, index: usize, length: Duration) -> Result<(), ShelfError> {
        let until = self.now + length;
        let mut leases = BTreeSet::new();
        let mut fired = 0;
        loop {
            let due = self.board.next_deadline().filter(|at| *at <= until);
            let key = due.and_then(|at| Some((at, self.board.pop_due(at)?)));
            if let Some((_, TimerKey::Agent(_, agent))) = &key
                && self.desks.contains(agent)
            {
                leases.insert(agent.clone());
                continue;
            }
            self.now = key.as_ref().map_or(until, |(at, _)| (*at).max(self.now));
            // Nothing happened since these leases ended, so a beat now is as good as every beat on the way.
            for agent in std::mem::take(&mut leases) {
                let beat = Input::Agent { tenant: tenant(), agent, action: AgentAction::Heartbeat };
                self.board.handle(beat, self.now, &mut self.shelf)?;
            }
            let Some((_, key)) = key else { return Ok(()) };
            self.input(Input::TimerDue(key))?;
            fired += 1;
            if fired == REHEARSAL_TIMERS_MAX {
                let message = Words::new(
                    format!("{REHEARSAL_TIMERS_MAX} timers fired in one step: the flow never rests"),
                    format!("{REHEARSAL_TIMERS_MAX} minuteries échues en une étape : le scénario ne se repose jamais"),
                );
                self.fail(index, "a rest".to_owned(), "none".to_owned(), message);
                return Ok(());
            }
        }
    }

    /// An input that must not be refused.
    fn act(&mut self, index: usize, input: Input) -> Result<(), ShelfError> {
        match self.input(input)? {
            Answer::Heard { interaction, .. } => self.latest = Some(interaction),
            Answer::Refused(refusal) => {
                let code = refusal.code().to_owned();
                self.fail(index, "accepted".to_owned(), code, refusal.words());
            }
            Answer::Done | Answer::Repeated { .. } | Answer::Accepted { .. } | Answer::Begun { .. } => {}
        }
        Ok(())
    }

    fn input(&mut self, input: Input) -> Result<Answer, ShelfError> {
        let mut output = self.board.handle(input, self.now, &mut self.shelf)?;
        self.board.check().map_err(ShelfError)?;
        output.facts.retain(|record| record.interaction.is_none_or(|id| !self.others.contains(&id)));
        for record in &output.facts {
            self.note(record);
        }
        for effect in &output.effects {
            match &effect.action {
                Action::Call(call) => {
                    self.calls.push_back(effect.id);
                    self.called.push(call.target());
                }
                Action::Reach { touchpoint, address, agent, subject, body } => {
                    let channel = self.catalogue.touchpoints.get(touchpoint).map_or("", |line| line.channel.as_str());
                    let with = agent.as_ref().map(|agent| format!(" with {agent}")).unwrap_or_default();
                    let words: String = [subject, body].into_iter().flatten().map(|text| format!(": {text}")).collect();
                    self.called.push(format!("{channel} {address}{with}{words}"));
                }
                Action::SendMessage { .. } | Action::EndConversation { .. } | Action::ShowAgent { .. } => {}
            }
        }
        self.unseen.extend(output.facts);
        self.shelf.store(&self.board, &output.touched)?;
        self.rebuild(self.board.counters())?;
        Ok(output.answer)
    }

    /// A new switchboard from what was written.
    fn rebuild(&mut self, counters: Counters) -> Result<(), ShelfError> {
        let mut settings = vec![Input::Configured(tenant(), Arc::clone(&self.catalogue))];
        for flow in self.troupe.library.iter().chain([&self.troupe.flow]) {
            let release = Release::of(flow.version.flow.clone(), Some(flow.version.version));
            settings.push(Input::Published(tenant(), Arc::clone(flow)));
            settings.push(Input::Released(tenant(), release));
        }
        self.board = self.shelf.rebuild(&self.troupe.sandbox, settings, counters, self.now)?;
        Ok(())
    }

    // -- seeing -------------------------------------------------------------------------------------------------------

    /// The contact's latest interaction, as it is stored.
    pub(super) fn interaction(&mut self) -> Option<Interaction> {
        self.latest.and_then(|id| self.shelf.fetch(id).ok().flatten())
    }

    /// The instant of the stage.
    pub(super) fn now(&self) -> Timestamp {
        self.now
    }

    /// Its work.
    pub(super) fn work(&self) -> Option<&Work> {
        self.latest.and_then(|id| self.board.work(&tenant(), id))
    }

    fn key(&self) -> ContactKey {
        ContactKey { tenant: tenant(), touchpoint: world::touchpoint_id(), address: Arc::from("contact") }
    }

    pub(super) fn fail(&mut self, step: usize, expected: String, got: String, message: Words) {
        // Writing into a String cannot fail.
        let _ = writeln!(self.transcript, "{:>8} | FAILED: {}", "", message.en);
        self.failures.push(Failure { step: Some(step), expected, got, message });
    }

    fn broken(&mut self, step: Option<usize>, broken: &ShelfError) {
        let message = Words::new(
            format!("the rehearsal itself broke: {}; please report it", broken.0),
            format!("la répétition elle-même a échoué : {} ; merci de le signaler", broken.0),
        );
        self.failures.push(Failure { step, expected: String::new(), got: broken.0.clone(), message });
    }

    /// A line of the transcript, and what expectations look at.
    fn note(&mut self, record: &FactRecord) {
        let line = match &record.fact {
            Fact::MessageReceived { message, .. } => match &message.choice {
                Some(choice) => format!("contact taps: {choice}"),
                None => format!("contact: {}", message.text),
            },
            Fact::MessageSent { said } => {
                self.said.push(said.text.clone());
                self.attached.extend(said.attached.iter().map(attached_in_short));
                words_of(said)
            }
            Fact::NodeEntered { node, depth } => {
                if *depth == 0 {
                    self.visited.insert(node.clone());
                }
                format!("{}> {node}", "  ".repeat(usize::from(*depth)))
            }
            Fact::ExitTaken { node, exit, depth } => {
                self.taken.push((node.clone(), exit.clone()));
                if *depth == 0 {
                    self.covered.insert((node.clone(), exit.clone()));
                }
                format!("{}< {node}.{exit}", "  ".repeat(usize::from(*depth)))
            }
            Fact::TimerFired { timer, .. } => {
                let name = serde_json::to_value(timer).ok().and_then(|name| name.as_str().map(str::to_owned));
                self.timers.extend(name);
                in_short(&record.fact)
            }
            fact => in_short(fact),
        };
        let elapsed = u64::try_from(self.now.since(self.started).as_millis()).unwrap_or(u64::MAX);
        let at = HumanDuration::from_millis(elapsed).to_string();
        for line in line.lines() {
            let _ = writeln!(self.transcript, "{at:>8} | {line}");
        }
    }
}

fn words_of(said: &Said) -> String {
    let speaker = match &said.by {
        Speaker::Flow => "flow".to_owned(),
        Speaker::Agent(agent) => format!("agent {agent}"),
    };
    let options: Vec<String> = said.options.iter().map(|option| format!("{} {}", option.id, option.label)).collect();
    let options = if options.is_empty() { String::new() } else { format!(" [{}]", options.join(" | ")) };
    let attached: String = said.attached.iter().map(|one| format!(" ({})", attached_in_short(one))).collect();
    format!("{speaker}: {}{options}{attached}", said.text)
}

fn attached_in_short(attached: &Attached) -> String {
    match attached {
        Attached::Media { kind, url, .. } => format!("{} {url}", format!("{kind:?}").to_lowercase()),
        Attached::Link { url, label } => format!("{label} {url}"),
        Attached::Template { name, language, parameters } => format!("template {name} {language} {parameters:?}"),
    }
}

/// A fact as its name and its values.
fn in_short(fact: &Fact) -> String {
    let Ok(Value::Object(mut members)) = serde_json::to_value(fact) else { return String::new() };
    let name = members.remove("fact").and_then(|name| name.as_str().map(str::to_owned)).unwrap_or_default();
    members.iter().fold(name, |mut line, (key, value)| {
        let _ = match value {
            Value::String(text) => write!(line, " {key}={text}"),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
                write!(line, " {key}={value}")
            }
        };
        line
    })
}
