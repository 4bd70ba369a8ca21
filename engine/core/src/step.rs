//! One event moves one interaction until it waits or ends. Being written: signatures are settled.

use std::{collections::BTreeMap, time::Duration};

use routewright_flows::{AttributeName, Channel, FlowDocument, Locale};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{
    calendar::CalendarState,
    capacity::Requirement,
    catalogue::{Catalogue, QuestionnaireSettings},
    contact::{Contact, Message, Said, SaidOption},
    id::{DispositionId, QuestionnaireId, SkillId},
    interaction::Interaction,
    node::Fault,
    script::{
        QueueView, Sandbox,
        slots::{CalendarRef, Condition, Formula, Script, Template, Text},
    },
    time::Timestamp,
};

/// What a node needs to compile its slots.
pub struct Prepare<'a> {
    /// The sandbox that compiles.
    pub sandbox: &'a Sandbox,
    /// The flow the node belongs to.
    pub document: &'a FlowDocument,
}

#[expect(clippy::unused_self, clippy::needless_pass_by_ref_mut, clippy::unimplemented, reason = "being written")]
impl Prepare<'_> {
    /// Compiles a condition.
    pub fn condition(&mut self, _slot: &mut Condition) {}
    /// Compiles a formula.
    pub fn formula(&mut self, _slot: &mut Formula) {}
    /// Compiles a script.
    pub fn script(&mut self, _slot: &mut Script) {}
    /// Compiles a template.
    pub fn template(&mut self, _slot: &mut Template) {}
    /// Compiles a text in each of its languages.
    pub fn text(&mut self, _slot: &mut Text) {}
}

/// One node's view of one event: what it may read, and what it may command. Everything commanded is data.
pub struct Turn<'a> {
    /// The interaction being moved.
    pub(crate) interaction: &'a mut Interaction,
    /// The tenant's settings.
    pub(crate) catalogue: &'a Catalogue,
    /// The instant of the event.
    pub(crate) now: Timestamp,
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

#[expect(
    clippy::unused_self,
    clippy::needless_pass_by_ref_mut,
    clippy::unimplemented,
    clippy::missing_errors_doc,
    unused_variables,
    reason = "being written"
)]
impl Turn<'_> {
    // -- reading ------------------------------------------------------------------------------------------------
    /// The instant of the event.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.now
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
        unimplemented!()
    }
    /// A value of an attribute of this flow; `null` when never set.
    #[must_use]
    pub fn attribute(&self, name: &AttributeName) -> &Value {
        unimplemented!()
    }
    /// What this node remembered when it last waited; `T::default()` on entry.
    #[must_use]
    pub fn memory<T: DeserializeOwned + Default>(&self) -> T {
        unimplemented!()
    }
    /// A questionnaire of the catalogue.
    pub fn questionnaire(&self, id: &QuestionnaireId) -> Result<&QuestionnaireSettings, Fault> {
        unimplemented!()
    }
    /// What a calendar says now; a fault when it does not exist or the touchpoint has none.
    pub fn calendar(&self, calendar: &CalendarRef) -> Result<CalendarState, Fault> {
        unimplemented!()
    }
    /// When a closed calendar next opens, or an open one closes; `None` for never.
    pub fn calendar_next_change(&self, calendar: &CalendarRef) -> Result<Option<Timestamp>, Fault> {
        unimplemented!()
    }
    /// What is known of a skill's queue.
    #[must_use]
    pub fn queue(&self, skill: &SkillId) -> QueueView {
        unimplemented!()
    }
    /// The touchpoint's default skill.
    #[must_use]
    pub fn default_skill(&self) -> Option<SkillId> {
        unimplemented!()
    }

    // -- evaluating ---------------------------------------------------------------------------------------------
    /// Evaluates a condition.
    pub fn test(&mut self, condition: &Condition) -> Result<bool, Fault> {
        unimplemented!()
    }
    /// Evaluates a formula.
    pub fn value(&mut self, formula: &Formula) -> Result<Value, Fault> {
        unimplemented!()
    }
    /// Runs a script.
    pub fn run(&mut self, script: &Script) -> Result<ScriptOutcome, Fault> {
        unimplemented!()
    }
    /// Fills in a template.
    pub fn fill(&mut self, template: &Template) -> Result<String, Fault> {
        unimplemented!()
    }
    /// Fills in a text in the contact's language.
    pub fn render(&mut self, text: &Text) -> Result<String, Fault> {
        unimplemented!()
    }

    // -- commanding ---------------------------------------------------------------------------------------------
    /// Sends the contact a message.
    pub fn say(&mut self, said: Said) -> Result<(), Fault> {
        unimplemented!()
    }
    /// Sends the contact words of the flow, without options.
    pub fn say_text(&mut self, text: String) -> Result<(), Fault> {
        unimplemented!()
    }
    /// Sends the contact words of the flow with options to tap.
    pub fn say_options(&mut self, text: String, options: Vec<SaidOption>) -> Result<(), Fault> {
        unimplemented!()
    }
    /// Writes an attribute; a fault when it is not declared or the value does not fit its type.
    pub fn set(&mut self, name: &AttributeName, value: Value) -> Result<(), Fault> {
        unimplemented!()
    }
    /// Remembers something until this node hears again.
    pub fn remember<T: Serialize>(&mut self, memory: &T) {
        unimplemented!()
    }
    /// Sets or moves one of this node's alarms. All are cleared when the node leaves.
    pub fn alarm(&mut self, name: &'static str, after: Duration) {
        unimplemented!()
    }
    /// Forgets one of this node's alarms.
    pub fn cancel_alarm(&mut self, name: &'static str) {
        unimplemented!()
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
        unimplemented!()
    }
    /// Puts the contact in line for the requirement that stands. The node hears `Event::Routed`.
    pub fn enqueue(&mut self) {
        unimplemented!()
    }
    /// Changes what a contact in line waits for to the requirement that stands.
    pub fn amend(&mut self) {
        unimplemented!()
    }
    /// Takes the contact out of line.
    pub fn dequeue(&mut self) {
        unimplemented!()
    }
    /// True while the contact is in line or offered.
    #[must_use]
    pub fn is_waiting_for_agent(&self) -> bool {
        unimplemented!()
    }
    /// True while an agent completes the record of this interaction.
    #[must_use]
    pub fn is_in_wrap_up(&self) -> bool {
        unimplemented!()
    }
    /// Sets the length of the wrap-up that runs, counted from its beginning.
    pub fn set_wrap_up(&mut self, length: Duration) {
        unimplemented!()
    }
    /// Stores an answer to a question.
    pub fn answer(&mut self, questionnaire: &QuestionnaireId, question: &str, value: Value) {
        unimplemented!()
    }
    /// Qualifies the interaction.
    pub fn set_disposition(&mut self, disposition: DispositionId) {
        unimplemented!()
    }
}
