//! The script sandbox: rhai under budgets that hold. Being written.

pub mod slots;

use crate::{
    calendar::CalendarState,
    contact::{Contact, Message},
    id::InteractionId,
    time::Timestamp,
};
use routewright_flows::{AttributeName, Channel};
use std::collections::BTreeMap;

/// What a script may see. Everything is read-only; a script returns a value and never holds a handle that mutates.
pub trait Views {
    /// `contact.address`, `.name`, `.locale`, `.fields`.
    fn contact(&self) -> &Contact;
    /// `interaction.id`.
    fn interaction(&self) -> InteractionId;
    /// `interaction.channel`.
    fn channel(&self) -> Channel;
    /// `interaction.touchpoint`.
    fn touchpoint(&self) -> &str;
    /// `attributes.<name>`.
    fn attributes(&self) -> &BTreeMap<AttributeName, serde_json::Value>;
    /// `message.text`, `.choice`: the contact's last message in this turn.
    fn message(&self) -> Option<&Message>;
    /// `now`, the instant of the event.
    fn now(&self) -> Timestamp;
    /// `calendar("name")`: `"open"`, `"closed"` or `"holiday"`; `"@touchpoint"` is the touchpoint's own.
    fn calendar(&self, name: &str) -> Option<CalendarState>;
    /// `queue("skill")`: `.waiting`, `.agents`, `.available`.
    fn queue(&self, skill: &str) -> Option<QueueView>;
}

/// What a script sees of a queue.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct QueueView {
    /// Contacts waiting that need this skill.
    pub waiting: u32,
    /// Agents present who have it.
    pub agents: u32,
    /// Agents of those who could take a contact now.
    pub available: u32,
}

/// A compiled expression or script. Being written.
#[derive(Debug)]
pub struct Program {}

/// A compiled template. Being written.
#[derive(Debug)]
pub struct TemplateProgram {}

/// The compiler and evaluator; one per process, shared by all flows. Being written.
#[derive(Debug, Default)]
pub struct Sandbox {}
