//! One input being served: the route it takes, and the messages carried between interactions and capacity.

use std::{collections::VecDeque, iter, sync::Arc};

use super::{
    Answer, Output, Shelf, ShelfError, Switchboard, Tenant, Touched, outbound::Outgoing, qualify::not_qualified,
};
use crate::{
    capacity::{CapacityRefusal, Notice, OfferEnd, Preferred, Request, Requirement, WorkState},
    catalogue::TouchpointSettings,
    contact::{Attached, Contact, ContactKey, Message},
    event::{AgentAction, CallAnswered, ContactWrote, Event, Input, Routed, TransferTo},
    fact::{Fact, FactRecord},
    id::{AgentId, InteractionId, OfferId, TenantId},
    interaction::{Interaction, KnownBy},
    limits::{MESSAGE_CHARS_MAX, ROUNDS_PER_INPUT_MAX, TRANSFER_KEPT_MAX},
    node::Fault,
    refusal::Refusal,
    release::{Fate, Release},
    silence::{Promised, Promises, Silence},
    step::{self, Log, Stimulus, World},
    timers::TimerKey,
};

/// A message under way.
#[derive(Debug)]
enum Job {
    /// An interaction asks capacity.
    Ask { tenant: TenantId, request: Request, round: u32 },
    /// An interaction hears from capacity.
    Tell { interaction: InteractionId, news: Routed, round: u32 },
}

pub(super) struct Desk<'a> {
    pub(super) board: &'a mut Switchboard,
    pub(super) shelf: &'a mut dyn Shelf,
    pub(super) log: Log,
    pub(super) touched: Touched,
    jobs: VecDeque<Job>,
    /// The tenant whose capacity was asked; an input concerns one tenant at most.
    pub(super) asked: Option<TenantId>,
}

pub(super) type Served<T> = Result<T, ShelfError>;

impl<'a> Desk<'a> {
    pub(super) fn new(board: &'a mut Switchboard, shelf: &'a mut dyn Shelf) -> Self {
        let (log, touched) = (Log::default(), Touched::default());
        Self { board, shelf, log, touched, jobs: VecDeque::new(), asked: None }
    }

    pub(super) fn serve(mut self, input: Input) -> Served<Output> {
        let again = match &input {
            Input::TimerDue(key) => Some(key.clone()),
            Input::Agent { tenant, agent, .. } => Some(TimerKey::Agent(tenant.clone(), agent.clone())),
            Input::ContactWrote(_)
            | Input::ContactLeft(_)
            | Input::CallAnswered(_)
            | Input::Configured(..)
            | Input::Published(..)
            | Input::Released(..)
            | Input::FateReached { .. } => None,
        };
        let mut answer = self.route(input)?;
        self.carry()?;
        if let Answer::Heard { said, .. } = &mut answer {
            *said = std::mem::take(&mut self.log.said);
        }
        self.rearm_silences();
        self.gather_touched();
        self.note_places();
        self.arm(again);
        let Log { facts, effects, visits, .. } = self.log;
        Ok(Output { answer, facts, effects, visits, touched: self.touched })
    }

    fn route(&mut self, input: Input) -> Served<Answer> {
        let answered = match input {
            Input::ContactWrote(wrote) => self.contact_wrote(wrote)?,
            Input::ContactLeft(key) => self.contact_left(&key)?,
            Input::Agent { tenant, agent, action } => self.agent_did(&tenant, agent, action)?,
            Input::CallAnswered(answered) => self.call_answered(answered)?,
            Input::TimerDue(key) => {
                self.timer_due(key)?;
                Ok(Answer::Done)
            }
            Input::Configured(tenant, catalogue) => {
                let own = self.board.tenants.entry(tenant.clone()).or_default();
                own.catalogue = Arc::clone(&catalogue);
                own.capacity.set_next_offer(self.board.counters.offer);
                let notices = own.capacity.configure(&catalogue, self.board.now);
                self.board.counters.offer = own.capacity.next_offer();
                self.asked = Some(tenant.clone());
                self.hear(&tenant, notices, 0)?;
                Ok(Answer::Done)
            }
            Input::Published(tenant, flow) => {
                let own = self.board.tenants.entry(tenant).or_default();
                own.flows.versions.insert(flow.version.clone(), flow);
                Ok(Answer::Done)
            }
            Input::Released(tenant, release) => {
                self.released(tenant, release);
                Ok(Answer::Done)
            }
            Input::FateReached { tenant, interaction } => {
                self.fate_reached(&tenant, interaction)?;
                Ok(Answer::Done)
            }
        };
        Ok(answered.unwrap_or_else(Answer::Refused))
    }

    // -- versions -----------------------------------------------------------------------------------------------------

    fn released(&mut self, tenant: TenantId, release: Release) {
        let flow = release.flow.clone();
        let own = self.board.tenants.entry(tenant.clone()).or_default();
        own.flows.release(release);
        self.board.leaving.retain(|(_, of, version)| *of != tenant || version.flow != flow);
        for (version, fate) in own.flows.fates.iter().filter(|(version, _)| version.flow == flow) {
            let from = match fate {
                Fate::Drain { until } => *until,
                Fate::Migrate(_) => self.board.now,
            };
            self.board.leaving.insert((from, tenant.clone(), version.clone()));
        }
    }

    fn fate_reached(&mut self, tenant: &TenantId, id: InteractionId) -> Served<()> {
        if self.find(tenant, id)?.is_ok() {
            return self.step(id, Stimulus::Fate, 0);
        }
        // A row that is no more: nobody stands there.
        if let Some(own) = self.board.tenants.get_mut(tenant) {
            own.occupancy.set(id, iter::empty());
        }
        Ok(())
    }

    // -- contacts -----------------------------------------------------------------------------------------------------

    fn contact_wrote(&mut self, wrote: ContactWrote) -> Served<Result<Answer, Refusal>> {
        if !self.board.tenants.contains_key(&wrote.from.tenant) {
            return Ok(Err(Refusal::UnknownTenant(wrote.from.tenant)));
        }
        if let Err(refusal) = check_length(&wrote.message) {
            return Ok(Err(refusal));
        }
        if let Some((id, channel)) = self.elevated(&wrote.from) {
            return self.hear_on(id, channel, wrote).map(Ok);
        }
        let latest = self.board.hand.latest(&wrote.from, self.shelf)?.map(|held| &held.interaction);
        if let Some(interaction) = latest
            && let Some((interaction, turn)) = interaction.heard(None, &wrote.event_id)
        {
            return Ok(Ok(Answer::Repeated { interaction, turn }));
        }
        if let Some(until) =
            latest.and_then(|i| i.ban.as_ref()).map(|ban| ban.until).filter(|until| self.board.now < *until)
        {
            return Ok(Err(Refusal::Banned { touchpoint: wrote.from.touchpoint, until }));
        }
        let live = latest.filter(|interaction| interaction.is_live()).map(|i| (i.id, i.left));
        match live {
            Some((id, false)) => self.continue_with(id, wrote).map(Ok),
            Some((id, true)) => match self.touchpoint(&wrote.from) {
                Err(refusal) => Ok(Err(refusal)),
                Ok(touchpoint) => {
                    self.step(id, Stimulus::Superseded, 0)?;
                    self.open(wrote, touchpoint).map(Ok)
                }
            },
            None => match self.touchpoint(&wrote.from) {
                Err(refusal) => Ok(Err(refusal)),
                Ok(touchpoint) => self.open(wrote, touchpoint).map(Ok),
            },
        }
    }

    /// The touchpoint of a new conversation, when it takes contacts (WAP-01).
    fn touchpoint(&self, key: &ContactKey) -> Result<TouchpointSettings, Refusal> {
        let touchpoints = self.board.tenants.get(&key.tenant).map(|own| &own.catalogue.touchpoints);
        match touchpoints.and_then(|all| all.get(&key.touchpoint)) {
            None => Err(Refusal::UnknownTouchpoint(key.touchpoint.clone())),
            Some(settings) if !settings.active => Err(Refusal::InactiveTouchpoint(key.touchpoint.clone())),
            Some(settings) => Ok(settings.clone()),
        }
    }

    fn continue_with(&mut self, id: InteractionId, wrote: ContactWrote) -> Served<Answer> {
        self.open_turn(id)?;
        let ContactWrote { event_id, message, name, locale, fields, .. } = wrote;
        if let Some(held) = self.board.hand.get_mut(id) {
            let contact = &mut held.interaction.contact;
            contact.name = name.or(contact.name.take());
            if let Some(locale) = locale {
                contact.locale = locale;
            }
            contact.fields.extend(fields);
            held.interaction.receive(None, Arc::clone(&event_id));
            held.interaction.silence.contact_wrote(self.board.now);
        }
        self.log.answering = Some(id);
        self.fact(id, Fact::MessageReceived { message: message.clone(), event_id });
        if self.offends(id, &message)? {
            return Ok(self.heard(id));
        }
        self.step(id, Stimulus::Heard(Event::Message(message)), 0)?;
        self.call_back(id);
        Ok(self.heard(id))
    }

    fn open(&mut self, wrote: ContactWrote, touchpoint: TouchpointSettings) -> Served<Answer> {
        let before = self.board.hand.latest(&wrote.from, self.shelf)?.map(|held| held.interaction.clone());
        let id = InteractionId(self.board.counters.interaction);
        self.board.counters.interaction += 1;
        let ContactWrote { from, event_id, message, name, locale, fields } = wrote;
        let flows = self.board.tenants.get(&from.tenant).map(|own| &own.flows);
        let flow = touchpoint.default_flow.as_ref().zip(flows).and_then(|(flow, flows)| {
            flows.meets(flow, touchpoint.flow_alias.as_ref(), &from.touchpoint, &from.address)
        });
        let promises = self.promises(&from.tenant, &touchpoint);
        let promised = (promises != Promises::default()).then(|| promises.fact());
        let contact =
            Contact { address: Arc::clone(&from.address), name, locale: locale.unwrap_or(touchpoint.locale), fields };
        let mut opened = Interaction::new(id, from.clone(), touchpoint.channel, contact, self.board.now);
        opened.inherit(before.as_ref());
        opened.silence = Silence::promising(promises);
        self.board.hand.open(opened);
        self.open_turn(id)?;
        if let Some(held) = self.board.hand.get_mut(id) {
            held.interaction.receive(None, Arc::clone(&event_id));
            held.interaction.silence.contact_wrote(self.board.now);
        }
        self.log.answering = Some(id);
        let version = flow.as_ref().map(|flow| flow.version.clone());
        self.fact(id, Fact::InteractionOpened { touchpoint: from.touchpoint, flow: version });
        if let Some(promised) = promised {
            self.fact(id, promised);
        }
        self.fact(id, Fact::MessageReceived { message: message.clone(), event_id });
        if self.offends(id, &message)? {
            return Ok(self.heard(id));
        }
        self.step(id, Stimulus::Opened { flow, message }, 0)?;
        Ok(self.heard(id))
    }

    /// What was said is known once everything is quiet.
    pub(super) fn heard(&self, interaction: InteractionId) -> Answer {
        let turn = self.board.hand.get(interaction).map_or(0, |held| held.interaction.turn);
        Answer::Heard { interaction, turn, said: Vec::new() }
    }

    fn contact_left(&mut self, key: &ContactKey) -> Served<Result<Answer, Refusal>> {
        if !self.board.tenants.contains_key(&key.tenant) {
            return Ok(Err(Refusal::UnknownTenant(key.tenant.clone())));
        }
        let latest = self.board.hand.latest(key, self.shelf)?.map(|held| &held.interaction);
        let live = latest.filter(|interaction| interaction.is_live()).map(|i| (i.id, i.left));
        match live {
            None => Ok(Err(Refusal::NoConversation(key.touchpoint.clone()))),
            Some((_, true)) => Ok(Ok(Answer::Done)),
            Some((id, false)) => {
                self.step(id, Stimulus::ContactLeft, 0)?;
                Ok(Ok(Answer::Done))
            }
        }
    }

    /// An answer that nobody waits for any more is recorded, and changes nothing else.
    fn call_answered(&mut self, answered: CallAnswered) -> Served<Result<Answer, Refusal>> {
        let CallAnswered { tenant, call, answer } = answered;
        let id = call.interaction;
        if let Err(refusal) = self.find(&tenant, id)? {
            return Ok(Err(refusal));
        }
        self.open_turn(id)?;
        self.fact(id, Fact::CallEnded { call, outcome: answer.outcome() });
        let Some(held) = self.board.hand.get_mut(id) else { return Ok(Ok(Answer::Done)) };
        if held.interaction.awaited.take_if(|awaited| *awaited == call).is_some() {
            self.step(id, Stimulus::Heard(Event::Answered(answer)), 0)?;
        }
        Ok(Ok(Answer::Done))
    }

    // -- agents -------------------------------------------------------------------------------------------------------

    fn agent_did(&mut self, tenant: &TenantId, agent: AgentId, action: AgentAction) -> Served<Result<Answer, Refusal>> {
        let Some(own) = self.board.tenants.get(tenant) else {
            return Ok(Err(Refusal::UnknownTenant(tenant.clone())));
        };
        if !own.catalogue.agents.contains_key(&agent) {
            return Ok(Err(Refusal::UnknownAgent(agent)));
        }
        match action {
            AgentAction::SetPresence { status } => self.agent_asks(tenant, Request::SetPresence { agent, status }),
            AgentAction::ChooseStatus { name } => self.agent_asks(tenant, Request::ChooseStatus { agent, name }),
            AgentAction::Pull => self.agent_asks(tenant, Request::Pull { agent }),
            AgentAction::Transfer { interaction, to } => self.transfer(tenant, agent, interaction, to),
            AgentAction::Assign { interaction, to, force } => {
                let supervisor = own.catalogue.agents.get(&agent).is_some_and(|settings| settings.supervisor);
                if !supervisor {
                    return Ok(Err(Refusal::NotSupervisor(agent)));
                }
                if let Err(refusal) = self.find(tenant, interaction)? {
                    return Ok(Err(refusal));
                }
                self.agent_asks(tenant, Request::Assign { interaction, agent: to, by: agent, force })
            }
            AgentAction::Elevate { interaction, to } => self.elevate(tenant, agent, interaction, to),
            AgentAction::WriteOn { interaction, channel, text, event_id } => {
                self.writes_on(tenant, agent, (interaction, channel), text, event_id)
            }
            AgentAction::CloseChannel { interaction, channel } => {
                self.close_channel(tenant, agent, interaction, channel)
            }
            AgentAction::FinishChannel { interaction, channel, disposition } => {
                if let Err(refusal) = self.qualifies(tenant, &agent, interaction, disposition.as_ref())? {
                    return Ok(Err(refusal));
                }
                self.agent_asks(tenant, Request::FinishLeg { agent, interaction, channel, disposition })
            }
            AgentAction::Ban { interaction, lasts, reason } => {
                self.bans(tenant, agent, interaction, lasts.get(), reason)
            }
            AgentAction::Unban { interaction } => self.unbans(tenant, agent, interaction),
            AgentAction::Park { interaction } => {
                self.asks_of(tenant, interaction, Request::Park { agent, interaction })
            }
            AgentAction::Resume { interaction } => {
                self.asks_of(tenant, interaction, Request::Resume { agent, interaction })
            }
            AgentAction::Begin(beginning) => self.begin(tenant, agent, beginning),
            AgentAction::Heartbeat => self.agent_asks(tenant, Request::Heartbeat { agent }),
            AgentAction::Decline { offer } => self.agent_asks(tenant, Request::Decline { agent, offer }),
            AgentAction::Accept { offer } => {
                let interaction = interaction_of_offer(own, &agent, offer);
                let answer = self.agent_asks(tenant, Request::Accept { agent, offer })?;
                let accepted = interaction.map(|interaction| Answer::Accepted { interaction, offer });
                Ok(answer.map(|done| accepted.unwrap_or(done)))
            }
            AgentAction::Write { interaction, text, attached, event_id } => {
                self.agent_writes(tenant, agent, interaction, (text, attached), event_id)
            }
            AgentAction::Close { interaction } => {
                if let Err(refusal) = self.find(tenant, interaction)? {
                    return Ok(Err(refusal));
                }
                self.close(tenant, agent, interaction)
            }
            AgentAction::Finish { interaction, disposition, answers } => {
                self.finish(tenant, agent, interaction, disposition, answers)
            }
        }
    }

    /// The conversation is over, for the agent or in his name.
    pub(super) fn close(
        &mut self,
        tenant: &TenantId,
        agent: AgentId,
        interaction: InteractionId,
    ) -> Served<Result<Answer, Refusal>> {
        match self.ask(tenant, Request::Close { agent: agent.clone(), interaction }) {
            Err(refused) => Ok(Err(in_words(refused))),
            Ok(notices) => {
                self.open_turn(interaction)?;
                self.fact(interaction, Fact::ConversationClosed { agent: agent.clone() });
                self.jobs.push_back(Job::Tell { interaction, news: Routed::Closed { agent }, round: 1 });
                self.hear(tenant, notices, 1)?;
                Ok(Ok(Answer::Done))
            }
        }
    }

    /// An agent hands a conversation on; what it then needs is on record.
    fn transfer(
        &mut self,
        tenant: &TenantId,
        agent: AgentId,
        interaction: InteractionId,
        to: TransferTo,
    ) -> Served<Result<Answer, Refusal>> {
        if let Err(refusal) = self.find(tenant, interaction)? {
            return Ok(Err(refusal));
        }
        let (requirement, preferred) = match &to {
            TransferTo::Anyone => (None, None),
            TransferTo::Agent(id) => (None, Some(Preferred { agent: id.clone(), keep: Some(TRANSFER_KEPT_MAX) })),
            TransferTo::Skill(skill, level) => {
                let skills = [(skill.clone(), *level)].into();
                (Some(Requirement { skills, supervisor: false }), None)
            }
        };
        let request = Request::Transfer { interaction, by: Some(agent.clone()), requirement, preferred };
        match self.ask(tenant, request) {
            Err(refused) => Ok(Err(in_words(refused))),
            Ok(notices) => {
                self.open_turn(interaction)?;
                self.fact(interaction, Fact::Transferred { by: agent, to });
                self.hear(tenant, notices, 1)?;
                Ok(Ok(Answer::Done))
            }
        }
    }

    pub(super) fn agent_asks(&mut self, tenant: &TenantId, request: Request) -> Served<Result<Answer, Refusal>> {
        match self.ask(tenant, request) {
            Err(refused) => Ok(Err(in_words(refused))),
            Ok(notices) => {
                self.hear(tenant, notices, 1)?;
                Ok(Ok(Answer::Done))
            }
        }
    }

    fn agent_writes(
        &mut self,
        tenant: &TenantId,
        agent: AgentId,
        id: InteractionId,
        (text, attached): (String, Vec<Attached>),
        event_id: Option<Arc<str>>,
    ) -> Served<Result<Answer, Refusal>> {
        if let Err(refusal) = check_length(&Message { text: text.clone(), choice: None }) {
            return Ok(Err(refusal));
        }
        if let Err(refusal) = self.find(tenant, id)? {
            return Ok(Err(refusal));
        }
        let Some(interaction) = self.board.interaction(id) else {
            return Ok(Err(Refusal::UnknownInteraction(id)));
        };
        if let Some((_, turn)) = event_id.as_ref().and_then(|event_id| interaction.heard(Some(&agent), event_id)) {
            return Ok(Ok(Answer::Repeated { interaction: id, turn }));
        }
        if interaction.agent.as_ref() != Some(&agent) {
            return Ok(Err(Refusal::NotYours { interaction: id, agent }));
        }
        let touchpoint = interaction.touchpoint.clone();
        let outgoing = Outgoing { text: &text, attached: &attached };
        let permitted = self
            .may_send(tenant, &agent, &touchpoint, outgoing)
            .and_then(|()| self.may_write_now(tenant, &agent, id, outgoing.has_template()));
        if let Err(refusal) = permitted {
            return Ok(Err(refusal));
        }
        self.open_turn(id)?;
        let now = self.board.now;
        let kept = self.board.hand.get_mut(id).and_then(|held| {
            held.interaction.silence.agent_wrote(now);
            held.interaction.silence.done(Promised::FirstResponse, now)
        });
        if let Some((event_id, held)) = event_id.zip(self.board.hand.get_mut(id)) {
            held.interaction.receive(Some(agent.clone()), event_id);
        }
        self.step(id, Stimulus::AgentWrote { agent, text, attached }, 0)?;
        if let Some(due) = kept {
            self.judge(id, Promised::FirstResponse, Some(due));
        }
        Ok(Ok(Answer::Done))
    }

    /// An interaction of this tenant, live or ended; in hand afterwards.
    pub(super) fn find(&mut self, tenant: &TenantId, id: InteractionId) -> Served<Result<(), Refusal>> {
        let found = self.board.hand.load(id, self.shelf)?;
        let own = found.is_some_and(|held| held.interaction.tenant == *tenant);
        Ok(if own { Ok(()) } else { Err(Refusal::UnknownInteraction(id)) })
    }

    // -- timers -------------------------------------------------------------------------------------------------------

    /// A deadline that moved or went since it was armed does nothing; it is armed again from what stands.
    fn timer_due(&mut self, key: TimerKey) -> Served<()> {
        match key {
            TimerKey::Interaction(id) => {
                let now = self.board.now;
                let Some(held) = self.board.hand.load(id, self.shelf)? else { return Ok(()) };
                let alarm = held.interaction.alarm_due().filter(|at| *at <= now);
                let care = held.interaction.silence.due.filter(|due| *due <= now);
                if care.is_some_and(|due| alarm.is_none_or(|at| due < at)) {
                    return self.care_due(id);
                }
                if alarm.is_none() {
                    return Ok(());
                }
                self.open_turn(id)?;
                let taken = self.board.hand.get_mut(id).and_then(|held| held.interaction.take_alarm(now));
                let Some((name, frame)) = taken else { return Ok(()) };
                let event = Event::Alarm(name);
                let stimulus = match frame {
                    Some(frame) => Stimulus::Interrupted { frame, event },
                    None => Stimulus::Heard(event),
                };
                self.step(id, stimulus, 0)
            }
            TimerKey::Work(interaction) => match self.board.works.get(&interaction).cloned() {
                None => Ok(()),
                Some(tenant) => self.due(&tenant, Request::WorkDue { interaction }),
            },
            TimerKey::Agent(tenant, agent) => self.due(&tenant, Request::LeaseDue { agent }),
        }
    }

    fn due(&mut self, tenant: &TenantId, request: Request) -> Served<()> {
        // A refusal says that the deadline is of something that is no more.
        let notices = self.ask(tenant, request).unwrap_or_default();
        self.hear(tenant, notices, 1)
    }

    // -- the carrying ---------------------------------------------------------------------------------------------------

    /// Carries messages until nobody has anything more to say.
    fn carry(&mut self) -> Served<()> {
        while let Some(job) = self.jobs.pop_front() {
            match job {
                Job::Ask { tenant, request, round } => {
                    // The step that asked knew what capacity holds; what it could not know needs no answer.
                    let notices = self.ask(&tenant, request).unwrap_or_default();
                    self.hear(&tenant, notices, round)?;
                }
                Job::Tell { interaction, news, round } => self.tell(interaction, news, round)?,
            }
        }
        Ok(())
    }

    /// Asks capacity once the interaction in hand has been moved.
    pub(super) fn later(&mut self, tenant: &TenantId, request: Request) {
        self.jobs.push_back(Job::Ask { tenant: tenant.clone(), request, round: 1 });
    }

    pub(super) fn ask(&mut self, tenant: &TenantId, request: Request) -> Result<Vec<Notice>, CapacityRefusal> {
        let Switchboard { tenants, counters, now, .. } = &mut *self.board;
        let Some(own) = tenants.get_mut(tenant) else { return Ok(Vec::new()) };
        self.asked.get_or_insert_with(|| tenant.clone());
        own.capacity.set_next_offer(counters.offer);
        let notices = own.capacity.handle(request, *now);
        counters.offer = own.capacity.next_offer();
        notices
    }

    /// Records what capacity decided, and queues what interactions must hear of it.
    pub(super) fn hear(&mut self, tenant: &TenantId, notices: Vec<Notice>, round: u32) -> Served<()> {
        for notice in notices {
            match notice {
                Notice::OfferMade { interaction, offer, agent, expires_at } => {
                    self.fact(interaction, Fact::OfferMade { offer, agent, expires_at });
                }
                Notice::OfferEnded { interaction, offer, agent, why } => {
                    let fact = match why {
                        OfferEnd::Declined => Fact::OfferDeclined { offer, agent },
                        OfferEnd::Expired => Fact::OfferExpired { offer, agent },
                        OfferEnd::Withdrawn => Fact::OfferWithdrawn { offer, agent },
                    };
                    self.fact(interaction, fact);
                }
                Notice::Assigned { interaction, agent, by, overrides } => {
                    let overrides = overrides.map(str::to_owned);
                    self.fact(interaction, Fact::Assigned { agent, by, overrides });
                }
                Notice::Connection { interaction, agent, lost } => {
                    self.open_turn(interaction)?;
                    if let Some(held) = self.board.hand.get_mut(interaction) {
                        held.interaction.silence.connection(lost, self.board.now);
                    }
                    self.fact(interaction, Fact::ConnectionChanged { agent, lost });
                }
                // Whoever elevated it has put it on record, with where it leads.
                Notice::LegOpened { .. } => {}
                Notice::LegWrapUp { interaction, agent, channel, until } => {
                    self.fact(interaction, Fact::ChannelClosed { agent, channel, until });
                }
                Notice::LegEnded { interaction, agent, channel, disposition, expired } => {
                    let unsaid = expired && disposition.is_none() && self.must_qualify(tenant, &agent);
                    let disposition = disposition.or(unsaid.then(not_qualified));
                    self.open_turn(interaction)?;
                    if let Some(held) = self.board.hand.get_mut(interaction)
                        && held.interaction.channel == channel
                        && disposition.is_some()
                    {
                        held.interaction.disposition.clone_from(&disposition);
                    }
                    self.fact(interaction, Fact::ChannelFinished { agent, channel, disposition, expired });
                }
                Notice::Parked { interaction, agent } => self.fact(interaction, Fact::Parked { agent }),
                Notice::Resumed { interaction, agent } => self.fact(interaction, Fact::Resumed { agent }),
                Notice::WrapUpStarted { interaction, agent, until } => {
                    self.fact(interaction, Fact::WrapUpStarted { agent, until });
                }
                Notice::Accepted { interaction, offer, agent } => {
                    self.open_turn(interaction)?;
                    self.fact(interaction, Fact::OfferAccepted { offer, agent: agent.clone() });
                    self.jobs.push_back(Job::Tell { interaction, news: Routed::Accepted { agent }, round });
                }
                Notice::Requeued { interaction, agent } => {
                    self.open_turn(interaction)?;
                    self.fact(interaction, Fact::Requeued { agent: agent.clone() });
                    self.jobs.push_back(Job::Tell { interaction, news: Routed::Requeued { agent }, round });
                }
                Notice::WrapUpEnded { interaction, agent, disposition, expired } => {
                    let unsaid = expired && disposition.is_none() && self.must_qualify(tenant, &agent);
                    let disposition = disposition.or(unsaid.then(not_qualified));
                    self.open_turn(interaction)?;
                    let fact = Fact::WrapUpEnded { agent: agent.clone(), disposition: disposition.clone(), expired };
                    self.fact(interaction, fact);
                    let news = Routed::WrapUpEnded { agent, disposition, expired };
                    self.jobs.push_back(Job::Tell { interaction, news, round });
                }
                Notice::PresenceChanged { agent, status, lease_expired } => {
                    let fact = Fact::PresenceChanged { agent, status, lease_expired };
                    let (tenant, at) = (tenant.clone(), self.board.now);
                    self.log.facts.push(FactRecord { tenant, at, interaction: None, turn: 0, fact });
                }
            }
        }
        Ok(())
    }

    fn tell(&mut self, id: InteractionId, news: Routed, round: u32) -> Served<()> {
        self.open_turn(id)?;
        let Some(held) = self.board.hand.get_mut(id) else { return Ok(()) };
        let interaction = &mut held.interaction;
        match &news {
            Routed::Accepted { agent } => {
                interaction.agent = Some(agent.clone());
                interaction.last_agent = Some(agent.clone());
                interaction.known_by = Some(KnownBy { agent: agent.clone(), at: self.board.now });
                interaction.silence.accepted(self.board.now);
            }
            Routed::Requeued { .. } | Routed::Closed { .. } => {
                interaction.agent = None;
                interaction.silence.leave();
            }
            Routed::WrapUpEnded { disposition, .. } => {
                if disposition.is_some() {
                    interaction.disposition.clone_from(disposition);
                }
            }
        }
        if let Routed::Accepted { agent } = &news {
            if let Some(address) = interaction.screen_pop.clone() {
                self.fact(id, Fact::ScreenPopped { agent: agent.clone(), address });
            }
            self.put_through(id, &agent.clone(), round)?;
        }
        let stimulus = if round <= ROUNDS_PER_INPUT_MAX {
            Stimulus::Heard(Event::Routed(news))
        } else {
            Stimulus::Broken(Fault::new(
                "too-many-rounds",
                format!(
                    "flow and agents answered each other {ROUNDS_PER_INPUT_MAX} times for one event: let the flow wait"
                ),
                format!(
                    "scénario et agents se sont répondu {ROUNDS_PER_INPUT_MAX} fois pour un seul événement : faites attendre le scénario"
                ),
            ))
        };
        self.step(id, stimulus, round)
    }

    /// Moves one interaction and queues what it asks of capacity.
    pub(super) fn step(&mut self, id: InteractionId, stimulus: Stimulus, round: u32) -> Served<()> {
        self.open_turn(id)?;
        let Switchboard { hand, tenants, sandbox, now, .. } = &mut *self.board;
        let Some(held) = hand.get_mut(id) else { return Ok(()) };
        let Some((tenant, own)) = tenants.get_key_value(&held.interaction.tenant) else { return Ok(()) };
        let world = World { sandbox, catalogue: &own.catalogue, flows: &own.flows, capacity: &own.capacity, now: *now };
        step::step(&mut held.interaction, &mut held.effects, stimulus, &world, &mut self.log);
        for request in self.log.requests.drain(..) {
            self.jobs.push_back(Job::Ask { tenant: tenant.clone(), request, round: round + 1 });
        }
        Ok(())
    }

    /// Begins the turn of an interaction in this input, once.
    pub(super) fn open_turn(&mut self, id: InteractionId) -> Served<()> {
        if let Some(held) = self.board.hand.load(id, self.shelf)?
            && self.touched.interactions.insert(id)
        {
            held.interaction.turn += 1;
            held.effects = 0;
        }
        Ok(())
    }

    /// Records a fact of an interaction. One whose turn did not begin in this input is only spoken of: its row does
    /// not change, and the fact names no turn.
    pub(super) fn fact(&mut self, id: InteractionId, fact: Fact) {
        let of = self.touched.interactions.contains(&id).then(|| self.board.hand.get(id)).flatten();
        let turn = of.map_or(0, |held| held.interaction.turn);
        let tenant = match of {
            Some(held) => held.interaction.tenant.clone(),
            None => match &self.asked {
                Some(tenant) => tenant.clone(),
                None => return,
            },
        };
        self.log.facts.push(FactRecord { tenant, at: self.board.now, interaction: Some(id), turn, fact });
    }
}

fn interaction_of_offer(own: &Tenant, agent: &AgentId, offer: OfferId) -> Option<InteractionId> {
    let agent = own.capacity.agent(agent)?;
    let mut mine = agent.offers.iter().chain(&agent.active);
    mine.find(|work| match work.state {
        WorkState::Offered { .. } => work.offer_to(agent.agent).is_some_and(|(made, _)| made == offer),
        WorkState::Active { offer: made, .. } => made == offer,
        WorkState::Waiting | WorkState::WrapUp { .. } => false,
    })
    .map(|work| work.interaction)
}

pub(super) fn check_length(message: &Message) -> Result<(), Refusal> {
    let choice = message.choice.as_ref().map_or(0, |choice| choice.chars().count());
    let chars = message.text.chars().count().max(choice);
    if chars <= MESSAGE_CHARS_MAX { Ok(()) } else { Err(Refusal::MessageTooLong { chars, max: MESSAGE_CHARS_MAX }) }
}

pub(super) fn in_words(refused: CapacityRefusal) -> Refusal {
    match refused {
        CapacityRefusal::OfferGone { offer, agent } => Refusal::OfferGone { offer, agent },
        CapacityRefusal::NotYours { interaction, agent } => Refusal::NotYours { interaction, agent },
        CapacityRefusal::UnknownAgent(agent) => Refusal::UnknownAgent(agent),
        CapacityRefusal::AgentOffline(agent) => Refusal::AgentOffline(agent),
        CapacityRefusal::UnknownStatus { agent, name } => Refusal::UnknownStatus { agent, name },
        CapacityRefusal::MayNotPull(agent) => Refusal::MayNotPull(agent),
        CapacityRefusal::NothingToPull(agent) => Refusal::NothingToPull(agent),
        CapacityRefusal::DoesNotFit { interaction, agent, why } => {
            Refusal::DoesNotFit { interaction, agent, why: why.words() }
        }
        CapacityRefusal::NotElevated { interaction, channel } => Refusal::NotElevated { interaction, channel },
        CapacityRefusal::ParkedEnough { agent, max } => Refusal::ParkedEnough { agent, max },
        CapacityRefusal::BegunEnough { touchpoint, max } => Refusal::BegunEnough { touchpoint, max },
        CapacityRefusal::NotWaiting(interaction) => Refusal::NotWaiting(interaction),
        // Only flows set the length of a wrap-up.
        CapacityRefusal::NoWrapUp(interaction) => Refusal::UnknownInteraction(interaction),
    }
}
