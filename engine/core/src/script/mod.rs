//! The script sandbox: rhai under budgets that hold. It compiles what flow authors write (conditions, formulas,
//! scripts, templates), says everything that is wrong with it, and evaluates it to a value.
//!
//! What it deliberately does not do: a script changes nothing, reads no clock, file or network, and keeps nothing
//! from one evaluation to the next. It cannot take the process with it either; the limits that rhai brings do not
//! hold that promise (`requirements/dependencies.md`, 1.2), so three things of ours do:
//!
//! - the **lint** refuses at compile time what no budget can bound: functions outside one table, closures kept as
//!   values, assignment by index;
//! - the **budget** is counted here, across callbacks, and every function that does work in proportion to its
//!   argument pays for it; the runtime may lend a [`Watch`] for wall-clock time;
//! - **values** are bounded in bytes, elements and nesting before they are built, compared or written.
//!
//! Parsing and dropping still recurse within those bounds, so the runtime evaluates on threads with a large stack
//! and no profile may abort on panic.

mod budget;
mod compile;
mod complete;
mod error;
mod evaluate;
mod fold;
pub mod functions;
mod lint;
mod logic;
mod seat;
mod shortcut;
pub mod slots;
pub(crate) mod template;
mod types;
mod value;

#[cfg(test)]
mod tests;

use std::{borrow::Cow, collections::BTreeMap, fmt, sync::Arc, time::Duration};

use rhai::Dynamic;
use routewright_flows::{
    AttributeName, Channel, FlowDocument, Words,
    check::{Possible, ScriptFault, Scripts, Verdict},
    complete::Candidate,
    descriptor::Slot,
};
use serde_json::Value;

use crate::{
    calendar::CalendarState,
    contact::{Contact, Message},
    id::InteractionId,
    limits,
    time::Timestamp,
};

pub use budget::Watch;
pub use compile::Program;
pub use error::{ScriptError, ScriptErrorKind};
pub use fold::plain;
pub use template::TemplateProgram;

use compile::{Compiler, Mode};
use seat::Seats;
use template::Part;

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
    /// `interaction.position`: his place in line among those who wait for the same, from 1.
    fn position(&self) -> Option<u32> {
        None
    }
    /// `interaction.expected_wait_s`, `.expected_wait_minutes`: how long until an agent takes him, while he is in line.
    fn expected_wait(&self) -> Option<Duration> {
        None
    }
    /// `attributes.<name>`.
    fn attributes(&self) -> &BTreeMap<AttributeName, Value>;
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

/// A wait as scripts see it: in whole seconds, or in minutes begun, of which there is always one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum WaitUnit {
    Seconds,
    Minutes,
}

impl WaitUnit {
    fn of(self, wait: Duration) -> i64 {
        let seconds = wait.as_secs();
        let count = match self {
            Self::Seconds => seconds,
            Self::Minutes => seconds.div_ceil(60).max(1),
        };
        i64::try_from(count).unwrap_or(i64::MAX)
    }
}

/// What a sandbox has made since it is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Made {
    /// Scripts parsed.
    pub scripts: u64,
    /// Engines built that scripts run on.
    pub engines: u64,
}

/// The compiler and evaluator; one per process, shared by all flows.
pub struct Sandbox {
    compiler: Compiler,
    seats: Seats,
}

impl Sandbox {
    /// A sandbox whose scripts end by their budget of operations alone.
    #[must_use]
    pub fn new() -> Self {
        Self { compiler: Compiler::new(), seats: Seats::new(None) }
    }

    /// A sandbox whose scripts also end after [`limits::SCRIPT_TIME_MAX`] by this watch.
    #[must_use]
    pub fn with_watch(watch: Arc<dyn Watch>) -> Self {
        Self { compiler: Compiler::new(), seats: Seats::new(Some(watch)) }
    }

    /// What it has made so far. Only publishing and checking make scripts, and only scripts that run at the same time
    /// make engines.
    #[must_use]
    pub fn made(&self) -> Made {
        Made { scripts: self.compiler.parsed(), engines: self.seats.built() }
    }

    /// Compiles an expression that gives true or false.
    ///
    /// # Errors
    /// Every fault of the source, and those of the library when it is used.
    pub fn compile_condition(&self, source: &str, document: &FlowDocument) -> Result<Program, Vec<ScriptFault>> {
        self.compile(Mode::Expression, source, document)
    }

    /// Compiles an expression that gives a value.
    ///
    /// # Errors
    /// As for [`Sandbox::compile_condition`].
    pub fn compile_formula(&self, source: &str, document: &FlowDocument) -> Result<Program, Vec<ScriptFault>> {
        self.compile(Mode::Expression, source, document)
    }

    /// Compiles a script of statements; its last value is its result.
    ///
    /// # Errors
    /// As for [`Sandbox::compile_condition`].
    pub fn compile_script(&self, source: &str, document: &FlowDocument) -> Result<Program, Vec<ScriptFault>> {
        self.compile(Mode::Script, source, document)
    }

    /// Compiles a text with `${expression}` parts.
    ///
    /// # Errors
    /// Every fault of every part, and those of the library when it is used.
    pub fn compile_template(&self, source: &str, document: &FlowDocument) -> Result<TemplateProgram, Vec<ScriptFault>> {
        let program = self.template(source, document)?;
        let uses_library = program.parts.iter().any(|p| matches!(p, Part::Expression(e) if e.uses.library));
        self.compiler.refuse_faulty_library(uses_library, document)?;
        Ok(program)
    }

    /// Evaluates a condition.
    ///
    /// # Errors
    /// The script failed, spent its budget, or gave no boolean.
    pub fn test(&self, program: &Program, views: &dyn Views) -> Result<bool, ScriptError> {
        if let Some(shortcut) = &program.shortcut
            && let Some(result) = shortcut.test(views)
        {
            return Ok(result);
        }
        let value = self.evaluate(program, views)?;
        let wanted = || Words::new("true or false", "vrai ou faux");
        value.as_bool().map_err(|_| ScriptError::wrong_type(&wanted(), value.type_name()))
    }

    /// Evaluates a formula.
    ///
    /// # Errors
    /// The script failed, spent its budget, or gave a value that is not plain data.
    pub fn value(&self, program: &Program, views: &dyn Views) -> Result<Value, ScriptError> {
        self.look(program, views).map(Cow::into_owned)
    }

    /// Evaluates a formula; a value that stands somewhere as it is, is lent and not copied.
    ///
    /// # Errors
    /// As for [`Sandbox::value`].
    pub fn look<'v>(&self, program: &Program, views: &'v dyn Views) -> Result<Cow<'v, Value>, ScriptError> {
        if let Some(value) = program.shortcut.as_ref().and_then(|shortcut| shortcut.value(views)) {
            return Ok(value);
        }
        value::to_json(&self.evaluate(program, views)?).map(Cow::Owned)
    }

    /// Runs a script.
    ///
    /// # Errors
    /// As for [`Sandbox::value`].
    pub fn run(&self, program: &Program, views: &dyn Views) -> Result<Value, ScriptError> {
        value::to_json(&self.evaluate(program, views)?)
    }

    /// Fills in a template. One budget serves all its parts.
    ///
    /// # Errors
    /// A part failed, the budget is spent, the text grew too long, or a value has no obvious text.
    pub fn fill(&self, template: &TemplateProgram, views: &dyn Views) -> Result<String, ScriptError> {
        let mut filled = String::new();
        let mut seat = None;
        let outcome = template.parts.iter().try_for_each(|part| match part {
            Part::Literal(text) => evaluate::append(&mut filled, text),
            Part::Expression(program) => {
                let value = match program.shortcut.as_ref().and_then(|shortcut| shortcut.value(views)) {
                    Some(value) => value,
                    None => {
                        let seat = seat.get_or_insert_with(|| self.seats.take(limits::EXPRESSION_OPERATIONS_MAX));
                        Cow::Owned(value::to_json(&seat.evaluate(program, views)?)?)
                    }
                };
                evaluate::append(&mut filled, &value::to_text(&value)?)
            }
        });
        if let Some(seat) = seat {
            self.seats.give_back(seat);
        }
        outcome.map(|()| filled)
    }

    fn compile(&self, mode: Mode, source: &str, document: &FlowDocument) -> Result<Program, Vec<ScriptFault>> {
        let program = self.compiler.compile(mode, source, document)?;
        self.compiler.refuse_faulty_library(program.uses.library, document)?;
        Ok(program)
    }

    /// Compiles a template; all parts are tried, so that every fault is found.
    fn template(&self, source: &str, document: &FlowDocument) -> Result<TemplateProgram, Vec<ScriptFault>> {
        if limits::SCRIPT_BYTES_MAX < source.len() {
            return Err(vec![compile::too_long(source.len())]);
        }
        let mut parts = Vec::new();
        let mut faults = Vec::new();
        for part in template::scan(source)? {
            match part {
                Part::Literal(text) => parts.push(Part::Literal(text)),
                Part::Expression(expression) => {
                    match self.compiler.compile(Mode::Expression, expression.text, document) {
                        Ok(program) => parts.push(Part::Expression(program)),
                        Err(found) => faults.extend(found.into_iter().map(|fault| ScriptFault {
                            span: Some(fault.span.map_or(expression.at, |at| template::outer(expression.at, at))),
                            ..fault
                        })),
                    }
                }
            }
        }
        if faults.is_empty() { Ok(TemplateProgram { parts }) } else { Err(faults) }
    }

    /// Everything that is wrong with a template.
    fn template_faults(&self, source: &str, document: &FlowDocument) -> Vec<ScriptFault> {
        if limits::SCRIPT_BYTES_MAX < source.len() {
            return vec![compile::too_long(source.len())];
        }
        if !source.contains("${") {
            return Vec::new();
        }
        let parts = match template::scan(source) {
            Ok(parts) => parts,
            Err(faults) => return faults,
        };
        let expressions = parts.into_iter().filter_map(|part| match part {
            Part::Literal(_) => None,
            Part::Expression(expression) => Some(expression),
        });
        let faults = expressions.flat_map(|expression| {
            let found = self.compiler.faults(Mode::Expression, expression.text, document, types::written);
            found.into_iter().map(move |fault| ScriptFault {
                span: Some(fault.span.map_or(expression.at, |at| template::outer(expression.at, at))),
                ..fault
            })
        });
        faults.collect()
    }

    fn evaluate(&self, program: &Program, views: &dyn Views) -> Result<Dynamic, ScriptError> {
        let mut seat = self.seats.take(program.operations_max);
        let outcome = seat.evaluate(program, views);
        self.seats.give_back(seat);
        outcome
    }
}

impl Default for Sandbox {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sandbox").field("watched", &self.seats.is_watched()).finish_non_exhaustive()
    }
}

impl Scripts for Sandbox {
    fn faults(&self, slot: &Slot, source: &str, document: &FlowDocument) -> Vec<ScriptFault> {
        match slot {
            Slot::Expression { returns } => {
                self.compiler.faults(Mode::Expression, source, document, |gives, at| types::wanted(gives, *returns, at))
            }
            Slot::Script => self.compiler.faults(Mode::Script, source, document, |_, _| None),
            Slot::Template | Slot::Text => self.template_faults(source, document),
            Slot::Reference { .. } | Slot::Attribute => Vec::new(),
        }
    }

    fn library_faults(&self, document: &FlowDocument) -> Vec<ScriptFault> {
        self.compiler.library_faults(document)
    }

    fn decide(&self, conditions: &[&str], document: &FlowDocument) -> Vec<Verdict> {
        let parsed: Vec<_> = conditions.iter().map(|source| self.compiler.tree(source)).collect();
        logic::decide(&parsed, document)
    }

    fn complete(&self, slot: &Slot, written: &str, document: &FlowDocument) -> Vec<Candidate> {
        complete::complete(slot, written, document)
    }

    fn gives(&self, source: &str, document: &FlowDocument) -> Possible {
        self.compiler.tree(source).map_or(Possible::ANYTHING, |ast| types::infer(&ast, document).0)
    }
}
