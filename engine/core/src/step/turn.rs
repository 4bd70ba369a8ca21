//! What a node may read and command during one event. Everything commanded is data.

use std::{borrow::Cow, collections::BTreeMap, sync::Arc, time::Duration};

use routewright_flows::{AttributeName, Channel, HumanDuration, Locale, words};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use super::{Budget, Claim, Log, World};
use crate::{
    calendar::{Calendar, CalendarState},
    call::Call,
    capacity::{Preferred, Request, Requirement},
    catalogue::{
        DispositionSettings, Open, QuestionnaireSettings, ServiceTimes, SkillSettings, Table, TemplateRefusal,
        TouchpointSettings,
    },
    contact::{Attached, Contact, Message, Said, SaidOption, Speaker},
    effect::Action,
    fact::{DequeueReason, Fact},
    id::{AgentId, DispositionId, QuestionnaireId, SkillId, TableId},
    interaction::{AlarmName, Interaction, Preference},
    limits::{ATTRIBUTES_BYTES_MAX, MESSAGE_CHARS_MAX, MESSAGES_PER_EVENT_MAX, WAIT_MAX},
    node::Fault,
    published::PublishedFlow,
    script::{
        QueueView, Views,
        slots::{CalendarRef, Condition, Formula, OrTouchpoint, Script, Template, Text},
    },
    silence::Promises,
    time::Timestamp,
};

/// One node's view of one event: what it may read, and what it may command. Everything commanded is data.
pub struct Turn<'a> {
    /// The interaction being moved.
    pub(crate) interaction: &'a mut Interaction,
    /// What surrounds it.
    pub(crate) world: &'a World<'a>,
    /// What comes of it.
    pub(crate) log: &'a mut Log,
    /// Effects of this turn so far.
    pub(super) effects: &'a mut u32,
    /// Who has it.
    pub(super) claim: Claim,
    /// The flow of the innermost frame.
    pub(super) flow: Option<Arc<PublishedFlow>>,
    /// The contact's message of this event.
    pub(super) message: Option<Message>,
    /// What the event may still do.
    pub(super) budget: Budget,
    /// Bytes of all attributes, once counted in this step.
    pub(super) attributes_bytes: Option<usize>,
    /// A command that could not be obeyed and could not say so; the node is at fault when it returns.
    pub(super) misuse: Option<Fault>,
}

/// What a script gave: an exit, attribute changes, or a plain value.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ScriptOutcome {
    /// The exit it chose, when it gave text or a map with `exit`.
    pub exit: Option<String>,
    /// Attributes to change, when it gave a map with `set`.
    pub set: BTreeMap<AttributeName, Value>,
    /// Its value as it was.
    pub value: Value,
}

static NOTHING: Value = Value::Null;

/// Reading.
impl Turn<'_> {
    /// The instant of the event.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.world.now
    }

    /// The contact.
    #[must_use]
    pub fn contact(&self) -> &Contact {
        &self.interaction.contact
    }

    /// The contact's language.
    #[must_use]
    pub fn locale(&self) -> &Locale {
        &self.interaction.contact.locale
    }

    /// The channel.
    #[must_use]
    pub fn channel(&self) -> Channel {
        self.interaction.channel
    }

    /// The interaction.
    #[must_use]
    pub fn interaction(&self) -> &Interaction {
        self.interaction
    }

    /// The contact's message of this event, when there was one.
    #[must_use]
    pub fn message(&self) -> Option<&Message> {
        self.message.as_ref()
    }

    /// A value of an attribute of this flow; `null` when never set.
    #[must_use]
    pub fn attribute(&self, name: &AttributeName) -> &Value {
        self.attributes().get(name).unwrap_or(&NOTHING)
    }

    /// What this node remembered when it last waited; `T::default()` on entry.
    #[must_use]
    pub fn memory<T: DeserializeOwned + Default>(&self) -> T {
        match self.interaction.frames.last() {
            Some(frame) if !frame.memory.is_null() => T::deserialize(&frame.memory).unwrap_or_default(),
            _ => T::default(),
        }
    }

    /// What this node counted on earlier visits in this flow; nought at first.
    #[must_use]
    pub fn counter(&self) -> u32 {
        let frame = self.interaction.frames.last();
        frame.and_then(|frame| frame.counters.get(&frame.node)).copied().unwrap_or(0)
    }

    /// A disposition of the catalogue.
    ///
    /// # Errors
    /// A fault when it does not exist.
    pub fn known_disposition(&self, id: &DispositionId) -> Result<&DispositionSettings, Fault> {
        self.world.catalogue.dispositions.get(id).ok_or_else(|| {
            Fault::new(
                "unknown-disposition",
                format!("disposition '{id}' does not exist: create it or name another"),
                format!("la qualification « {id} » n’existe pas : créez-la ou choisissez-en une autre"),
            )
        })
    }

    /// A data table of the catalogue.
    ///
    /// # Errors
    /// A fault when it does not exist.
    pub fn table(&self, id: &TableId) -> Result<&Table, Fault> {
        self.world.catalogue.tables.get(id).map(AsRef::as_ref).ok_or_else(|| {
            Fault::new(
                "unknown-table",
                format!("table '{id}' does not exist: create it or name another"),
                format!("la table « {id} » n’existe pas : créez-la ou choisissez-en une autre"),
            )
        })
    }

    /// A questionnaire of the catalogue.
    ///
    /// # Errors
    /// A fault when it does not exist.
    pub fn questionnaire(&self, id: &QuestionnaireId) -> Result<&QuestionnaireSettings, Fault> {
        self.world.catalogue.questionnaires.get(id).ok_or_else(|| {
            Fault::new(
                "unknown-questionnaire",
                format!("questionnaire '{id}' does not exist: create it or name another"),
                format!("le questionnaire « {id} » n’existe pas : créez-le ou choisissez-en un autre"),
            )
        })
    }

    /// A skill of the catalogue.
    ///
    /// # Errors
    /// A fault when it does not exist.
    pub fn skill(&self, id: &SkillId) -> Result<&SkillSettings, Fault> {
        self.world.catalogue.skills.get(id).ok_or_else(|| {
            Fault::new(
                "unknown-skill",
                format!("skill '{id}' does not exist: create it or name another"),
                format!("la compétence « {id} » n’existe pas : créez-la ou choisissez-en une autre"),
            )
        })
    }

    /// True when the contact is told for the first time in this closed time that a calendar is closed (PBX-10); and
    /// remembers that he was.
    ///
    /// # Errors
    /// As for [`Turn::calendar`].
    pub fn tells_closed(&mut self, calendar: &CalendarRef) -> Result<bool, Fault> {
        let now = self.world.now;
        let hours = self.hours_of(calendar)?;
        let name = hours.id().map(ToString::to_string).unwrap_or_default();
        let until = hours.calendar().and_then(|calendar| calendar.next_change(now)).unwrap_or(now + WAIT_MAX);
        let told = &mut self.interaction.told_closed;
        told.retain(|_, until| now < *until);
        let first = !told.contains_key(&name);
        if first {
            told.insert(name, until);
        }
        Ok(first)
    }

    /// What keeps a template from being sent at this touchpoint, when something does (WAP-13).
    #[must_use]
    pub fn refuses_template(&self, name: &str, language: &str, parameters: usize) -> Option<TemplateRefusal> {
        self.settings().and_then(|settings| settings.refuses_template(name, language, parameters))
    }

    /// What a calendar says now.
    ///
    /// # Errors
    /// A fault when it does not exist, or when the touchpoint has none.
    pub fn calendar(&self, calendar: &CalendarRef) -> Result<CalendarState, Fault> {
        Ok(self.hours_of(calendar)?.calendar().map_or(CalendarState::Open, |calendar| calendar.state(self.world.now)))
    }

    /// When a closed calendar next opens, or an open one closes; `None` for never.
    ///
    /// # Errors
    /// As for [`Turn::calendar`].
    pub fn calendar_next_change(&self, calendar: &CalendarRef) -> Result<Option<Timestamp>, Fault> {
        Ok(self.hours_of(calendar)?.calendar().and_then(|calendar| calendar.next_change(self.world.now)))
    }

    /// How long a question waits for an answer on this channel when its node says nothing (PBX-15..PBX-17).
    #[must_use]
    pub fn bot_timeout(&self) -> Option<Duration> {
        self.world.catalogue.bot_timeout_of(self.interaction.channel).map(HumanDuration::get)
    }

    /// What is known of a skill's queue.
    #[must_use]
    pub fn queue(&self, skill: &SkillId) -> QueueView {
        self.world.capacity.queue(skill)
    }

    /// How long a contact waits on this channel who needs this and stands at this place in line, from 1; none where
    /// nothing tells.
    #[must_use]
    pub fn expected_wait(&self, requirement: &Requirement, place: u32) -> Option<Duration> {
        self.world.capacity.expected_wait(self.interaction.channel, requirement, place)
    }

    /// His place in line, from 1; none when he is not in line.
    #[must_use]
    pub fn position(&self) -> Option<u32> {
        self.world.capacity.position(self.interaction.id)
    }

    /// Of those who wait for these skills or are with an agent for them, the percentage who waited no longer than this.
    #[must_use]
    pub fn service_level(&self, skills: &[SkillId], within: Duration) -> Option<u32> {
        self.world.capacity.service_level(skills, within, self.world.now)
    }

    /// The touchpoint's default skill.
    #[must_use]
    pub fn default_skill(&self) -> Option<SkillId> {
        self.settings().and_then(|touchpoint| touchpoint.default_skill.clone())
    }

    /// The touchpoint; gone when it was deleted while the conversation went on.
    pub(super) fn settings(&self) -> Option<&TouchpointSettings> {
        self.world.catalogue.touchpoints.get(&self.interaction.touchpoint)
    }

    /// A calendar, for its hours and its zone.
    ///
    /// # Errors
    /// As for [`Turn::calendar`]; also when `@always` stands in the place of one.
    pub fn calendar_of(&self, calendar: &CalendarRef) -> Result<&Calendar, Fault> {
        self.hours_of(calendar)?.calendar().ok_or_else(|| self.no_calendar())
    }

    fn hours_of(&self, calendar: &CalendarRef) -> Result<Open<'_>, Fault> {
        let id = match &calendar.0 {
            OrTouchpoint::Named(id) => id,
            OrTouchpoint::Touchpoint => {
                let hours = self.settings().and_then(|settings| self.world.catalogue.hours_of_touchpoint(settings));
                return hours.ok_or_else(|| self.no_calendar());
            }
        };
        let known = self.world.catalogue.calendars.get_key_value(id);
        known.map(|(id, calendar)| Open::During(id, calendar)).ok_or_else(|| {
            Fault::new(
                "unknown-calendar",
                format!("calendar '{id}' does not exist: create it or name another"),
                format!("le calendrier « {id} » n’existe pas : créez-le ou choisissez-en un autre"),
            )
        })
    }

    fn no_calendar(&self) -> Fault {
        let touchpoint = &self.interaction.touchpoint;
        Fault::new(
            "no-touchpoint-calendar",
            format!(
                "touchpoint '{touchpoint}' has no calendar and inherits none: give it one or name a calendar in the node"
            ),
            format!(
                "le point de contact « {touchpoint} » n’a pas de calendrier et n’en hérite aucun : donnez-lui-en un ou nommez-en un dans le nœud"
            ),
        )
    }
}

/// Evaluating.
impl Turn<'_> {
    /// Evaluates a condition.
    ///
    /// # Errors
    /// The script's own fault: a budget exceeded, a type that does not fit.
    pub fn test(&mut self, condition: &Condition) -> Result<bool, Fault> {
        let program = condition.program.as_ref().ok_or_else(not_prepared)?;
        Ok(self.world.sandbox.test(program, self)?)
    }

    /// Evaluates a formula.
    ///
    /// # Errors
    /// As for [`Turn::test`].
    pub fn value(&mut self, formula: &Formula) -> Result<Value, Fault> {
        let program = formula.program.as_ref().ok_or_else(not_prepared)?;
        Ok(self.world.sandbox.value(program, self)?)
    }

    /// Evaluates a formula; a value that stands somewhere as it is, is lent and not copied.
    ///
    /// # Errors
    /// As for [`Turn::test`].
    pub fn look(&self, formula: &Formula) -> Result<Cow<'_, Value>, Fault> {
        let program = formula.program.as_ref().ok_or_else(not_prepared)?;
        Ok(self.world.sandbox.look(program, self)?)
    }

    /// Runs a script.
    ///
    /// # Errors
    /// As for [`Turn::test`].
    pub fn run(&mut self, script: &Script) -> Result<ScriptOutcome, Fault> {
        let program = script.program.as_ref().ok_or_else(not_prepared)?;
        outcome(self.world.sandbox.run(program, self)?)
    }

    /// Fills in a template.
    ///
    /// # Errors
    /// As for [`Turn::test`].
    pub fn fill(&mut self, template: &Template) -> Result<String, Fault> {
        let program = template.program.as_ref().ok_or_else(not_prepared)?;
        Ok(self.world.sandbox.fill(program, self)?)
    }

    /// Fills in a text in the contact's language; else the touchpoint's, else the first there is.
    ///
    /// # Errors
    /// As for [`Turn::test`]; also when the text is in no language at all.
    pub fn render(&mut self, text: &Text) -> Result<String, Fault> {
        let fallback = self.settings().map_or(self.locale(), |touchpoint| &touchpoint.locale);
        let program = words::best(&text.programs, self.locale(), fallback).ok_or_else(not_prepared)?;
        Ok(self.world.sandbox.fill(program, self)?)
    }
}

/// Reads a script's value as an exit, attribute changes, or both.
fn outcome(value: Value) -> Result<ScriptOutcome, Fault> {
    let mut outcome = ScriptOutcome::default();
    match &value {
        Value::String(exit) => outcome.exit = Some(exit.clone()),
        Value::Object(members) => {
            outcome.exit = members.get("exit").and_then(Value::as_str).map(str::to_owned);
            for (name, value) in members.get("set").and_then(Value::as_object).into_iter().flatten() {
                let name = AttributeName::new(name).map_err(|bad| {
                    let shown = &bad.given;
                    Fault::new(
                        "unknown-attribute",
                        format!("the script sets '{shown}', which is not the name of an attribute"),
                        format!("le script affecte « {shown} », qui n’est pas un nom d’attribut"),
                    )
                })?;
                outcome.set.insert(name, value.clone());
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => {}
    }
    outcome.value = value;
    Ok(outcome)
}

fn not_prepared() -> Fault {
    Fault::new(
        "not-prepared",
        "a script or text of the node was never compiled: its node type must compile every slot in `prepare`",
        "un script ou un texte du nœud n’a jamais été compilé : son type doit compiler chaque champ dans `prepare`",
    )
}

/// Commanding.
impl Turn<'_> {
    /// Sends the contact a message. Nothing is sent to a contact who left.
    ///
    /// # Errors
    /// A fault when the message is too long for a channel, or one event says too much.
    pub fn say(&mut self, said: Said) -> Result<(), Fault> {
        if self.interaction.left {
            return Ok(());
        }
        let chars = said.text.chars().count();
        if MESSAGE_CHARS_MAX < chars {
            return Err(Fault::new(
                "message-too-long",
                format!(
                    "a message of {chars} characters was to be sent; at most {MESSAGE_CHARS_MAX} are taken: split it"
                ),
                format!(
                    "un message de {chars} caractères devait partir, {MESSAGE_CHARS_MAX} au plus sont acceptés : coupez-le"
                ),
            ));
        }
        if self.budget.messages == 0 {
            return Err(Fault::new(
                "too-many-messages",
                format!(
                    "the flow said {MESSAGES_PER_EVENT_MAX} messages in answer to one event: let it wait in between"
                ),
                format!(
                    "le scénario a envoyé {MESSAGES_PER_EVENT_MAX} messages pour un seul événement : faites-le attendre entre-temps"
                ),
            ));
        }
        self.budget.messages -= 1;
        if !said.options.is_empty() {
            self.interaction.shown.clone_from(&said.options);
        }
        self.send(said);
        Ok(())
    }

    /// Sends the contact words of the flow, without options.
    ///
    /// # Errors
    /// As for [`Turn::say`].
    pub fn say_text(&mut self, text: String) -> Result<(), Fault> {
        self.say_options(text, Vec::new())
    }

    /// Sends the contact words of the flow with what goes with them.
    ///
    /// # Errors
    /// As for [`Turn::say`].
    pub fn say_attached(&mut self, text: String, attached: Vec<Attached>) -> Result<(), Fault> {
        self.say(Said { text, options: Vec::new(), attached, by: Speaker::Flow })
    }

    /// Sends the contact words of the flow with options to tap.
    ///
    /// # Errors
    /// As for [`Turn::say`].
    pub fn say_options(&mut self, text: String, options: Vec<SaidOption>) -> Result<(), Fault> {
        self.say(Said { text, options, attached: Vec::new(), by: Speaker::Flow })
    }

    /// Writes an attribute.
    ///
    /// # Errors
    /// A fault when it is not declared, when the value does not fit its type, or when all attributes together
    /// become too large.
    pub fn set(&mut self, name: &AttributeName, value: Value) -> Result<(), Fault> {
        let spec = self.flow.as_ref().and_then(|flow| flow.attributes.get(name)).ok_or_else(|| {
            Fault::new(
                "unknown-attribute",
                format!("attribute '{name}' is not declared by the flow: add it to `attributes`"),
                format!("l’attribut « {name} » n’est pas déclaré par le scénario : ajoutez-le à `attributes`"),
            )
        })?;
        if !spec.accepts(&value) {
            let shown: String = value.to_string().chars().take(80).collect();
            return Err(Fault::new(
                "attribute-type",
                format!("attribute '{name}' cannot hold {shown}: give a value of its declared type"),
                format!("l’attribut « {name} » ne peut pas contenir {shown} : donnez une valeur du type déclaré"),
            ));
        }
        let before = match self.attributes().get(name) {
            Some(old) => entry_bytes(name, old),
            None => 0,
        };
        let bytes = self.attributes_bytes() - before + entry_bytes(name, &value);
        if ATTRIBUTES_BYTES_MAX < bytes {
            return Err(attributes_too_large(bytes));
        }
        self.attributes_bytes = Some(bytes);
        self.fact(Fact::AttributeSet { name: name.clone(), value: value.clone() });
        if let Some(frame) = self.interaction.frames.last_mut() {
            frame.attributes.insert(name.clone(), value);
        }
        Ok(())
    }

    /// Remembers something until this node hears again.
    pub fn remember<T: Serialize>(&mut self, memory: &T) {
        let Some(frame) = self.interaction.frames.last_mut() else { return };
        match serde_json::to_value(memory) {
            Ok(memory) => frame.memory = memory,
            Err(e) => {
                self.misuse = Some(Fault::new(
                    "bad-memory",
                    format!("node '{}' remembers something that is not JSON: {e}", frame.node),
                    format!("le nœud « {} » retient une valeur qui n’est pas du JSON : {e}", frame.node),
                ));
            }
        }
    }

    /// Keeps a count for this node's next visit in this flow.
    pub fn set_counter(&mut self, count: u32) {
        let Some(frame) = self.interaction.frames.last_mut() else { return };
        if count == 0 {
            frame.counters.remove(&frame.node);
        } else {
            frame.counters.insert(frame.node.clone(), count);
        }
    }

    /// Sets or moves one of this node's alarms. All are cleared when the node leaves.
    pub fn alarm(&mut self, name: &'static str, after: Duration) {
        self.interaction.alarms.insert(AlarmName::new(name), self.world.now + after);
    }

    /// Forgets one of this node's alarms.
    pub fn cancel_alarm(&mut self, name: &'static str) {
        self.interaction.alarms.retain(|have, _| have.as_str() != name);
    }

    /// What the next `enqueue` will ask for.
    #[must_use]
    pub fn requirement(&self) -> &Requirement {
        &self.interaction.requirement
    }

    /// Changes what the next `enqueue` will ask for.
    pub fn require(&mut self, requirement: Requirement) {
        self.interaction.requirement = requirement;
    }

    /// Changes the priority; moves a contact that waits in line at once, its place stays.
    pub fn set_priority(&mut self, priority: i32) {
        self.interaction.priority = priority;
        self.amend();
    }

    /// True, and on record, when the contact may not begin to wait for what the requirement that stands asks: no place
    /// is left, or the service closes (P-11). To be asked before [`Turn::enqueue`].
    pub fn line_is_closed(&mut self) -> bool {
        let waits = matches!(self.claim, Claim::InLine | Claim::WithAgent);
        let why = self.world.capacity.line_refuses(&self.interaction.requirement, self.world.now);
        match why.filter(|_| !waits) {
            None => false,
            Some(why) => {
                self.fact(Fact::LineRefused { why });
                true
            }
        }
    }

    /// What the desk of whoever takes the contact opens (WAP-22); `None` for nothing.
    pub fn pop(&mut self, address: Option<String>) {
        self.interaction.screen_pop = address;
    }

    /// Names the agent whom the next `enqueue` asks first; `None` leaves that to who had the conversation last.
    pub fn prefer(&mut self, preference: Option<Preference>) {
        self.interaction.preferred = preference;
    }

    /// True when the catalogue knows this agent.
    #[must_use]
    pub fn has_agent(&self, agent: &AgentId) -> bool {
        self.world.catalogue.agents.contains_key(agent)
    }

    /// Puts the contact in line for the requirement that stands. The node hears `Event::Routed`. A contact in line
    /// is amended instead, and one in conversation leaves its agent.
    pub fn enqueue(&mut self) {
        self.enqueue_since(self.world.now);
    }

    /// The same at the place that the contact had when it first stood in line.
    pub fn enqueue_at_first_place(&mut self) {
        self.enqueue_since(self.interaction.lined_up_at.unwrap_or(self.world.now));
    }

    /// Keeps a place in line for the contact from now on, when he has none yet: [`Turn::enqueue_at_first_place`] gives it.
    pub fn hold_place(&mut self) {
        self.interaction.lined_up_at.get_or_insert(self.world.now);
    }

    fn enqueue_since(&mut self, since: Timestamp) {
        match self.claim {
            Claim::InLine => return self.amend(),
            Claim::WithAgent => self.let_go(DequeueReason::FlowMovedOn),
            Claim::None | Claim::WrapUp => {}
        }
        self.claim = Claim::InLine;
        self.interaction.lined_up_at.get_or_insert(since);
        let (requirement, priority) = (self.interaction.requirement.clone(), self.interaction.priority);
        let named = self.interaction.preferred.as_ref().map(|preference| Preferred {
            agent: preference.agent.clone(),
            keep: preference.keep.map(HumanDuration::get),
        });
        let preferred = named.or_else(|| self.preferred(&requirement));
        let touchpoint = (!self.world.catalogue.roles.is_empty()).then(|| self.interaction.touchpoint.clone());
        self.log.requests.push(Request::Enqueue {
            interaction: self.interaction.id,
            touchpoint,
            channel: self.interaction.channel,
            requirement: requirement.clone(),
            priority,
            since,
            preferred,
            legs: std::mem::take(&mut self.interaction.legs),
        });
        let channel = self.interaction.channel;
        self.fact(Fact::Enqueued { channel, requirement, priority });
    }

    /// The agent who knows the contact, as long as the skills needed remember him (T-20).
    fn preferred(&self, requirement: &Requirement) -> Option<Preferred> {
        let known = self.interaction.known_by.as_ref()?;
        let skills = requirement.skills.keys().filter_map(|skill| self.world.catalogue.skills.get(skill));
        let memory = skills.filter_map(|skill| skill.preferred_agent).next()?.memory.get();
        let remembered = self.world.now.since(known.at) <= memory;
        remembered.then(|| Preferred { agent: known.agent.clone(), keep: None })
    }

    /// Changes what a contact in line waits for to the requirement that stands.
    pub fn amend(&mut self) {
        if self.claim == Claim::InLine {
            let (requirement, priority) = (self.interaction.requirement.clone(), self.interaction.priority);
            let interaction = self.interaction.id;
            self.log.requests.push(Request::Amend { interaction, requirement: requirement.clone(), priority });
            self.fact(Fact::RequirementChanged { requirement, priority });
        }
    }

    /// Takes the contact out of line.
    pub fn dequeue(&mut self) {
        if self.claim == Claim::InLine {
            self.let_go(DequeueReason::FlowMovedOn);
        }
    }

    /// True while the contact is in line or offered.
    #[must_use]
    pub fn is_waiting_for_agent(&self) -> bool {
        self.claim == Claim::InLine
    }

    /// True while an agent completes the record of this interaction.
    #[must_use]
    pub fn is_in_wrap_up(&self) -> bool {
        self.claim == Claim::WrapUp
    }

    /// Sets the length of the wrap-up that runs, counted from its beginning.
    pub fn set_wrap_up(&mut self, length: Duration) {
        if self.claim == Claim::WrapUp {
            self.log.requests.push(Request::SetWrapUp { interaction: self.interaction.id, length });
        }
    }

    /// Asks another system for something, and waits for the answer: the node hears
    /// [`Event::Answered`](crate::event::Event::Answered). A node that leaves instead asks without waiting; what comes
    /// of it is recorded and nothing more.
    pub fn call(&mut self, call: Call) {
        let target = call.target();
        let id = self.effect(Action::Call(call));
        self.interaction.awaited = Some(id);
        self.fact(Fact::CallMade { call: id, target });
    }

    /// Tells the outside of something: it is recorded with the interaction and goes out on the live stream.
    pub fn emit(&mut self, name: String, data: Value) {
        self.fact(Fact::EventEmitted { name, data });
    }

    /// Promises a first answer and an end within times of a calendar, counted from the beginning of the conversation. A
    /// calendar that never opens again promises nothing.
    ///
    /// # Errors
    /// As for [`Turn::calendar`].
    pub fn promise(
        &mut self,
        [first_response, resolution]: [Option<Duration>; 2],
        calendar: Option<&CalendarRef>,
    ) -> Result<(), Fault> {
        let since = self.interaction.opened_at;
        let hours = calendar.map(|calendar| self.hours_of(calendar)).transpose()?;
        let lengths = ServiceTimes {
            first_response: first_response.map(HumanDuration::from),
            resolution: resolution.map(HumanDuration::from),
        };
        let promises = Promises::made(lengths, hours, since);
        self.fact(promises.fact());
        self.interaction.silence.promise(promises);
        Ok(())
    }

    /// Stores an answer to a question.
    pub fn answer(&mut self, questionnaire: &QuestionnaireId, question: &str, value: Value) {
        let answers = self.interaction.answers.entry(questionnaire.clone()).or_default();
        answers.insert(question.to_owned(), value.clone());
        self.fact(Fact::Answered { questionnaire: questionnaire.clone(), question: question.to_owned(), value });
    }

    /// Qualifies the interaction.
    pub fn set_disposition(&mut self, disposition: DispositionId) {
        self.interaction.disposition = Some(disposition.clone());
        self.fact(Fact::DispositionSet { disposition });
    }

    /// Sends a message without asking whose words they are or how many there were.
    pub(crate) fn send(&mut self, said: Said) {
        let in_answer = self.log.answering == Some(self.interaction.id);
        if in_answer {
            self.log.said.push(said.clone());
        }
        self.fact(Fact::MessageSent { said: said.clone() });
        self.effect(Action::SendMessage {
            touchpoint: self.interaction.touchpoint.clone(),
            address: Arc::clone(&self.interaction.contact.address),
            said,
            in_answer,
        });
    }

    /// Bytes of the attributes of every frame.
    pub(super) fn attributes_bytes(&mut self) -> usize {
        *self
            .attributes_bytes
            .get_or_insert_with(|| self.interaction.frames.iter().map(|frame| bytes_of(&frame.attributes)).sum())
    }
}

pub(super) fn attributes_too_large(bytes: usize) -> Fault {
    Fault::new(
        "attributes-too-large",
        format!("the attributes would take {bytes} bytes; at most {ATTRIBUTES_BYTES_MAX} are kept: keep less"),
        format!(
            "les attributs occuperaient {bytes} octets, {ATTRIBUTES_BYTES_MAX} au plus sont conservés : conservez-en moins"
        ),
    )
}

pub(super) fn bytes_of(attributes: &BTreeMap<AttributeName, Value>) -> usize {
    attributes.iter().map(|(name, value)| entry_bytes(name, value)).sum()
}

fn entry_bytes(name: &AttributeName, value: &Value) -> usize {
    name.as_str().len() + 4 + json_bytes(value)
}

/// The size of a value as JSON, without writing it; escapes in texts are not counted.
fn json_bytes(value: &Value) -> usize {
    match value {
        Value::Null | Value::Bool(_) => 5,
        Value::Number(_) => 20,
        Value::String(text) => text.len() + 2,
        Value::Array(items) => 2 + items.iter().map(|item| json_bytes(item) + 1).sum::<usize>(),
        Value::Object(members) => {
            2 + members.iter().map(|(name, value)| name.len() + 4 + json_bytes(value)).sum::<usize>()
        }
    }
}
