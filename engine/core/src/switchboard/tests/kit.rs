//! Small node types, a world and a bench for the tests of the heart. The real vocabulary lives in a crate of its own.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use routewright_flows::{
    AttributeName, Channel, Descriptor, ExitName, ExitRole, Flavour, FlowDocument, FlowId, descriptor::Category,
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    calendar::CalendarState,
    catalogue::{
        AgentSettings, Catalogue, DispositionSettings, Level, ProfileSettings, SkillSettings, TouchpointSettings,
    },
    contact::{ContactKey, Message},
    describe::describe,
    elevation::Elevation,
    event::{AgentAction, ContactWrote, Event, Input, PresenceStatus, Routed},
    fact::Fact,
    id::{AgentId, InteractionId, TenantId},
    interaction::{Interaction, Phase},
    node::{Fault, Next, Node, Prepare, Registry, Turn},
    published::PublishedFlow,
    rehearsal::rows::Rows,
    release::Release,
    script::{
        Sandbox,
        slots::{CalendarRef, Condition, Text},
    },
    switchboard::{Answer, Output, Switchboard},
    time::Timestamp,
};

pub(super) const START: Timestamp = Timestamp(1_768_208_400_000);

fn kind(kind: &str, flavour: Flavour, exits: &[&'static str]) -> Descriptor {
    let built = describe::<Nothing>(kind, Category::Talk, flavour);
    exits.iter().fold(built, |built, exit| built.exit(exit, ExitRole::Normal, "", "")).done()
}

/// Says a text.
#[derive(Deserialize, JsonSchema)]
pub(super) struct Say {
    text: Text,
    #[serde(default = "one")]
    times: usize,
}

fn one() -> usize {
    1
}

impl Node for Say {
    fn descriptor() -> Descriptor {
        kind("say", Flavour::Instant, &["done"])
    }

    fn prepare(&mut self, cx: &mut Prepare<'_>) {
        cx.text(&mut self.text);
    }

    fn enter(&self, turn: &mut Turn<'_>) -> Result<Next, Fault> {
        for _ in 0..self.times {
            let text = turn.render(&self.text)?;
            turn.say_text(text)?;
        }
        Ok(Next::exit("done"))
    }
}

/// Waits for a message, for a while, and counts the ones it heard.
#[derive(Deserialize, JsonSchema)]
pub(super) struct Ask {
    seconds: u64,
    #[serde(default = "first")]
    heard: u32,
}

fn first() -> u32 {
    1
}

impl Node for Ask {
    fn descriptor() -> Descriptor {
        kind("ask", Flavour::Waiting, &["done", "timeout"])
    }

    fn enter(&self, turn: &mut Turn<'_>) -> Result<Next, Fault> {
        turn.alarm("timeout", Duration::from_secs(self.seconds));
        Ok(Next::Wait)
    }

    fn resume(&self, event: &Event, turn: &mut Turn<'_>) -> Result<Next, Fault> {
        match event {
            Event::Message(_) => {
                let heard = turn.memory::<u32>() + 1;
                turn.remember(&heard);
                Ok(if heard < self.heard { Next::Wait } else { Next::exit("done") })
            }
            Event::Alarm(_) => Ok(Next::exit("timeout")),
            Event::Routed(_) | Event::Answered(_) | Event::Returned { .. } => Ok(Next::Wait),
        }
    }
}

/// Waits and sets no alarm.
#[derive(Deserialize, JsonSchema)]
pub(super) struct Forget {}

impl Node for Forget {
    fn descriptor() -> Descriptor {
        kind("forget", Flavour::Waiting, &["done"])
    }

    fn enter(&self, _: &mut Turn<'_>) -> Result<Next, Fault> {
        Ok(Next::Wait)
    }
}

/// Fails, or leaves by an exit that its author forgot.
#[derive(Deserialize, JsonSchema)]
pub(super) struct Fail {
    #[serde(default)]
    exit: Option<String>,
}

impl Node for Fail {
    fn descriptor() -> Descriptor {
        kind("fail", Flavour::Instant, &["done", "error"])
    }

    fn enter(&self, _: &mut Turn<'_>) -> Result<Next, Fault> {
        match &self.exit {
            Some(exit) => Ok(Next::Exit(exit.clone().into())),
            None => Err(Fault::new("out-of-order", "it does not work", "cela ne fonctionne pas")),
        }
    }
}

/// Goes on at once.
#[derive(Deserialize, JsonSchema)]
pub(super) struct Hop {}

impl Node for Hop {
    fn descriptor() -> Descriptor {
        kind("hop", Flavour::Instant, &["done"])
    }

    fn enter(&self, _: &mut Turn<'_>) -> Result<Next, Fault> {
        Ok(Next::exit("done"))
    }
}

/// Chooses by a condition.
#[derive(Deserialize, JsonSchema)]
pub(super) struct When {
    test: Condition,
}

impl Node for When {
    fn descriptor() -> Descriptor {
        kind("when", Flavour::Instant, &["yes", "no"])
    }

    fn prepare(&mut self, cx: &mut Prepare<'_>) {
        cx.condition(&mut self.test);
    }

    fn enter(&self, turn: &mut Turn<'_>) -> Result<Next, Fault> {
        Ok(Next::exit(if turn.test(&self.test)? { "yes" } else { "no" }))
    }
}

/// Writes an attribute.
#[derive(Deserialize, JsonSchema)]
pub(super) struct Set {
    name: AttributeName,
    value: Value,
    #[serde(default)]
    repeat: usize,
}

impl Node for Set {
    fn descriptor() -> Descriptor {
        kind("set", Flavour::Instant, &["done"])
    }

    fn enter(&self, turn: &mut Turn<'_>) -> Result<Next, Fault> {
        let value = match &self.value {
            Value::String(text) if self.repeat != 0 => Value::String(text.repeat(self.repeat)),
            value => value.clone(),
        };
        turn.set(&self.name, value)?;
        Ok(Next::exit("done"))
    }
}

/// Calls a flow; its outputs go to attributes of the same name.
#[derive(Deserialize, JsonSchema)]
pub(super) struct Call {
    flow: FlowId,
    #[serde(default)]
    inputs: BTreeMap<AttributeName, Value>,
}

impl Node for Call {
    fn descriptor() -> Descriptor {
        kind("call", Flavour::Waiting, &["done", "error"])
    }

    fn enter(&self, _: &mut Turn<'_>) -> Result<Next, Fault> {
        Ok(Next::Call { flow: self.flow.clone(), inputs: self.inputs.clone() })
    }

    fn resume(&self, event: &Event, turn: &mut Turn<'_>) -> Result<Next, Fault> {
        match event {
            Event::Returned { end, outputs } => {
                for (name, value) in outputs {
                    turn.set(name, value.clone())?;
                }
                Ok(Next::Exit(end.to_string().into()))
            }
            Event::Message(_) | Event::Alarm(_) | Event::Routed(_) | Event::Answered(_) => Ok(Next::Wait),
        }
    }
}

/// Waits for an agent, for a while, and for the end of the conversation.
#[derive(Deserialize, JsonSchema)]
pub(super) struct Line {
    skill: crate::id::SkillId,
    seconds: u64,
}

impl Node for Line {
    fn descriptor() -> Descriptor {
        kind("line", Flavour::Waiting, &["done", "timeout"])
    }

    fn enter(&self, turn: &mut Turn<'_>) -> Result<Next, Fault> {
        let skills = BTreeMap::from([(self.skill.clone(), Level::WORST)]);
        turn.require(crate::capacity::Requirement { skills, supervisor: false });
        turn.enqueue();
        turn.alarm("patience", Duration::from_secs(self.seconds));
        Ok(Next::Wait)
    }

    fn resume(&self, event: &Event, turn: &mut Turn<'_>) -> Result<Next, Fault> {
        match event {
            Event::Message(_) => {
                turn.say_text("patience".to_owned())?;
                Ok(Next::Wait)
            }
            Event::Alarm(_) if turn.is_waiting_for_agent() => {
                turn.dequeue();
                Ok(Next::exit("timeout"))
            }
            Event::Routed(Routed::Accepted { .. }) => {
                turn.cancel_alarm("patience");
                Ok(Next::Wait)
            }
            Event::Routed(Routed::Closed { .. }) => Ok(Next::exit("done")),
            Event::Routed(Routed::Requeued { .. } | Routed::WrapUpEnded { .. })
            | Event::Alarm(_)
            | Event::Answered(_)
            | Event::Returned { .. } => Ok(Next::Wait),
        }
    }
}

/// Asks a calendar, and tells its contact once in each closed time that it is closed.
#[derive(Deserialize, JsonSchema)]
pub(super) struct Hours {
    calendar: CalendarRef,
}

impl Node for Hours {
    fn descriptor() -> Descriptor {
        kind("hours", Flavour::Instant, &["open", "closed", "told"])
    }

    fn enter(&self, turn: &mut Turn<'_>) -> Result<Next, Fault> {
        Ok(Next::exit(if turn.calendar(&self.calendar)? == CalendarState::Open {
            "open"
        } else if turn.tells_closed(&self.calendar)? {
            "closed"
        } else {
            "told"
        }))
    }
}

/// Takes the conversation to one channel more.
#[derive(Deserialize, JsonSchema)]
pub(super) struct Climb {
    to: Elevation,
}

impl Node for Climb {
    fn descriptor() -> Descriptor {
        kind("climb", Flavour::Instant, &["done", "error"])
    }

    fn enter(&self, turn: &mut Turn<'_>) -> Result<Next, Fault> {
        turn.elevate(&self.to)?;
        Ok(Next::exit("done"))
    }
}

/// Ends its flow.
#[derive(Deserialize, JsonSchema)]
pub(super) struct Stop {
    end: ExitName,
}

impl Node for Stop {
    fn descriptor() -> Descriptor {
        kind("stop", Flavour::Terminal, &[])
    }

    fn enter(&self, _: &mut Turn<'_>) -> Result<Next, Fault> {
        Ok(Next::End(self.end.clone()))
    }
}

/// The configuration that descriptors of the kit show; nothing here reads their schema.
#[derive(Deserialize, JsonSchema)]
struct Nothing {}

pub(crate) fn registry() -> Registry {
    Registry::default()
        .add::<Say>()
        .add::<Ask>()
        .add::<Forget>()
        .add::<Fail>()
        .add::<Hop>()
        .add::<When>()
        .add::<Set>()
        .add::<Call>()
        .add::<Line>()
        .add::<Hours>()
        .add::<Climb>()
        .add::<Stop>()
}

/// A flow document of these nodes, entered at `a`.
pub(crate) fn document(id: &str, nodes: Value, rest: Value) -> FlowDocument {
    let mut all = json!({ "schema": 1, "id": id, "entry": "a", "nodes": nodes });
    for (key, value) in rest.as_object().expect("the rest of a document is an object") {
        all[key] = value.clone();
    }
    serde_json::from_value(all).expect("a document of the tests has the right shape")
}

pub(super) fn tenant() -> TenantId {
    TenantId::new("t").expect("a tenant's id")
}

pub(super) fn agent(name: &str) -> AgentId {
    AgentId::new(name).expect("an agent's id")
}

pub(super) fn key(address: &str) -> ContactKey {
    ContactKey { tenant: tenant(), touchpoint: "desk".parse().expect("a touchpoint's id"), address: address.into() }
}

fn catalogue() -> Catalogue {
    let skill = |name: &str| name.parse().expect("a skill's name");
    let touchpoint = |active: bool, flow: &str| TouchpointSettings {
        channel: Channel::Webchat,
        title: Default::default(),
        default_skill: Some(skill("default")),
        default_flow: Some(flow.parse().expect("a flow's id")),
        flow_alias: None,
        calendar: None,
        locale: "en".parse().expect("a language tag"),
        active,
        conversation: Default::default(),
        provider: None,
        templates: BTreeMap::new(),
    };
    let able = |skills: &[&str]| AgentSettings {
        skills: skills.iter().map(|name| (skill(name), Level::BEST)).collect(),
        ..Default::default()
    };
    Catalogue {
        version: 1,
        touchpoints: BTreeMap::from([
            ("desk".parse().expect("an id"), touchpoint(true, "main")),
            ("bare".parse().expect("an id"), touchpoint(true, "absent")),
            ("shut".parse().expect("an id"), touchpoint(false, "main")),
        ]),
        skills: ["default", "sales", "rare"].map(|name| (skill(name), SkillSettings::default())).into(),
        agents: BTreeMap::from([(agent("anna"), able(&["sales", "default"])), (agent("bob"), able(&["default"]))]),
        profiles: BTreeMap::from([(
            "usual".parse().expect("an id"),
            ProfileSettings { default: true, ..Default::default() },
        )]),
        dispositions: BTreeMap::from([("sold".parse().expect("an id"), DispositionSettings::default())]),
        ..Default::default()
    }
}

/// A shard on a bench: flows `main` and others live, a clock, and, when asked, a restart after every input.
pub(super) struct Bench {
    pub(super) board: Switchboard,
    rows: Rows,
    settings: Vec<Input>,
    sandbox: Arc<Sandbox>,
    pub(super) now: Timestamp,
    restarts: bool,
    /// Everything that came of every input, in words.
    pub(super) history: Vec<String>,
    messages: u32,
}

impl Bench {
    pub(super) fn new(documents: &[FlowDocument], restarts: bool) -> Self {
        let sandbox = Arc::new(Sandbox::new());
        let registry = registry();
        let mut settings = vec![Input::Configured(tenant(), Arc::new(catalogue()))];
        for document in documents {
            let flow = PublishedFlow::prepare(Arc::new(document.clone()), 1, &registry, &sandbox);
            let flow = Arc::new(flow.expect("a document of the tests can be published"));
            let release = Release::of(flow.version.flow.clone(), Some(1));
            settings.push(Input::Published(tenant(), flow));
            settings.push(Input::Released(tenant(), release));
        }
        let mut rows = Rows::default();
        let board =
            rows.rebuild(&sandbox, settings.clone(), Default::default(), START).expect("rows of a new shard are read");
        Self { board, rows, settings, sandbox, now: START, restarts, history: Vec::new(), messages: 0 }
    }

    /// Changes the settings of the touchpoint `desk` and of everything else.
    pub(super) fn configured(mut self, change: impl FnOnce(&mut Catalogue)) -> Self {
        let mut changed = catalogue();
        change(&mut changed);
        let input = Input::Configured(tenant(), Arc::new(changed));
        self.settings[0] = input.clone();
        self.tell(input);
        self
    }

    /// The settings in force, as the input that brings them.
    pub(super) fn settings(&self) -> Input {
        self.settings[0].clone()
    }

    /// Hands in one input; checks every invariant after it.
    pub(super) fn tell(&mut self, input: Input) -> Output {
        let output = self.board.handle(input, self.now, &mut self.rows).expect("rows can be read");
        self.board.check().expect("the shard is sound");
        self.rows.store(&self.board, &output.touched).expect("rows can be written");
        let (answer, facts, effects) = (&output.answer, &output.facts, &output.effects);
        self.history.push(format!("{} {answer:?} {facts:?} {effects:?}", self.now));
        if self.restarts {
            let counters = self.board.counters();
            let rebuilt = self.rows.rebuild(&self.sandbox, self.settings.clone(), counters, self.now);
            self.board = rebuilt.expect("rows can be read");
        } else {
            self.board.release(0);
        }
        output
    }

    pub(super) fn says(&mut self, text: &str) -> Output {
        self.messages += 1;
        let id = format!("m{}", self.messages);
        self.says_as("ada", &id, text)
    }

    pub(super) fn says_as(&mut self, address: &str, event_id: &str, text: &str) -> Output {
        self.tell(wrote(key(address), event_id, text))
    }

    pub(super) fn does(&mut self, name: &str, action: AgentAction) -> Output {
        self.tell(Input::Agent { tenant: tenant(), agent: agent(name), action })
    }

    pub(super) fn arrives(&mut self, name: &str) {
        self.does(name, AgentAction::SetPresence { status: PresenceStatus::Available });
    }

    /// Takes the first offer the agent has, when he has one.
    pub(super) fn accepts(&mut self, name: &str) -> Option<Output> {
        let offer = self.offer(name)?;
        Some(self.does(name, AgentAction::Accept { offer }))
    }

    pub(super) fn offer(&self, name: &str) -> Option<crate::id::OfferId> {
        let view = self.board.agent(&tenant(), &agent(name))?;
        let work = view.offers.first()?;
        match work.state {
            crate::capacity::WorkState::Offered { offer, .. } => Some(offer),
            crate::capacity::WorkState::Waiting
            | crate::capacity::WorkState::Active { .. }
            | crate::capacity::WorkState::WrapUp { .. } => None,
        }
    }

    /// Lets time pass; desks that are there beat whenever a lease comes to its end.
    pub(super) fn passes(&mut self, seconds: u64) {
        let until = self.now + Duration::from_secs(seconds);
        while let Some(at) = self.board.next_deadline().filter(|at| *at <= until) {
            self.now = self.now.max(at);
            let key = self.board.pop_due(self.now).expect("a deadline has come");
            match key {
                crate::timers::TimerKey::Agent(_, agent) => {
                    let beat = Input::Agent { tenant: tenant(), agent, action: AgentAction::Heartbeat };
                    self.board.handle(beat, self.now, &mut self.rows).expect("rows can be read");
                }
                key @ (crate::timers::TimerKey::Interaction(_) | crate::timers::TimerKey::Work(_)) => {
                    self.tell(Input::TimerDue(key));
                }
            }
        }
        self.now = until;
    }

    /// An interaction as it is stored.
    pub(super) fn stored(&self, id: u64) -> Interaction {
        self.all().find(|i| i.id == InteractionId(id)).expect("the interaction was stored")
    }

    pub(super) fn all(&self) -> impl Iterator<Item = Interaction> {
        self.rows.interactions()
    }

    /// How the interaction ended, or the node it is at.
    pub(super) fn place(&self, id: u64) -> String {
        let interaction = self.stored(id);
        match &interaction.phase {
            Phase::Ended { disposition, .. } => format!("ended {disposition}"),
            Phase::LastResort => "last resort".to_owned(),
            Phase::Flow => {
                let nodes: Vec<_> = interaction.frames.iter().map(|frame| frame.node.as_str()).collect();
                nodes.join("/")
            }
        }
    }
}

pub(super) fn wrote(from: ContactKey, event_id: &str, text: &str) -> Input {
    Input::ContactWrote(ContactWrote {
        from,
        event_id: event_id.into(),
        message: Message { text: text.to_owned(), choice: None },
        name: None,
        locale: None,
        fields: BTreeMap::new(),
    })
}

pub(super) fn said(output: &Output) -> Vec<String> {
    match &output.answer {
        Answer::Heard { said, .. } => said.iter().map(|said| said.text.clone()).collect(),
        Answer::Done
        | Answer::Repeated { .. }
        | Answer::Accepted { .. }
        | Answer::Begun { .. }
        | Answer::Refused(_) => Vec::new(),
    }
}

pub(super) fn codes(output: &Output) -> Vec<String> {
    let codes = output.facts.iter().filter_map(|record| match &record.fact {
        Fact::Faulted { code, .. } => Some(code.clone()),
        Fact::LastResortTaken { reason } => Some(format!("last resort: {reason}")),
        _ => None,
    });
    codes.collect()
}
