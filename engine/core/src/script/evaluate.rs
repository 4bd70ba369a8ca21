//! One evaluation: a budget of its own, and views that hold only what the program reads. Nothing survives it but the
//! value.

use std::{
    cell::Cell,
    fmt::Write,
    panic::{AssertUnwindSafe, catch_unwind},
};

use rhai::{Dynamic, EvalAltResult, Map};
use serde_json::Value;

use super::{
    Views, WaitUnit,
    budget::Stop,
    compile::Program,
    error::ScriptError,
    lint::{Part, View},
    seat::{Seat, Seen},
    value,
};
use crate::limits;

/// Elements inside lists and maps that a program may read without paying for each reading.
const LIGHT: u64 = 32;

impl Seat {
    /// Evaluates a program to its value, on what is left of the seat's budget.
    ///
    /// A script that names a calendar or a queue by a computed name is stopped, the name is looked up, and it is
    /// evaluated again on the same budget: scripts change nothing, so nobody can tell. This way the core lends scripts
    /// no handle into its own state.
    pub(super) fn evaluate(&mut self, program: &Program, views: &dyn Views) -> Result<Dynamic, ScriptError> {
        let outcome = self.attempt(program, views);
        self.scope.clear();
        self.world.known().forget();
        outcome
    }

    fn attempt(&mut self, program: &Program, views: &dyn Views) -> Result<Dynamic, ScriptError> {
        let mut seen = Vec::new();
        see(program, views, &mut seen);
        let is_plain = !program.has_functions && seen.iter().map(|seen| seen.weight).sum::<u64>() <= LIGHT;
        {
            let mut known = self.world.known();
            known.calendars.extend(program.uses.calendars.iter().map(|name| (name.clone(), views.calendar(name))));
            known.queues.extend(program.uses.queues.iter().map(|name| (name.clone(), views.queue(name))));
            if is_plain {
                for seen in seen {
                    self.scope.push_constant_dynamic(seen.view.name(), seen.value);
                }
            } else {
                known.seen = seen;
            }
        }
        let constants = self.scope.len();
        for _ in 0..=limits::SCRIPT_LOOKUPS_MAX {
            let engine = if is_plain { &self.plain } else { &self.careful };
            let scope = &mut self.scope;
            let run = AssertUnwindSafe(|| engine.eval_ast_with_scope::<Dynamic>(scope, &program.ast));
            let outcome = catch_unwind(run);
            self.world.budget.settle();
            let outcome = outcome.map_err(|_| {
                self.is_broken = true;
                ScriptError::panicked()
            })?;
            let error = match outcome {
                Ok(value) => return Ok(value.flatten()),
                Err(error) => error,
            };
            // What the first run left in the scope, the next would find.
            self.scope.rewind(constants);
            match needed(&error) {
                Some(Stop::NeedCalendar(name)) => {
                    let state = views.calendar(&name);
                    self.world.known().calendars.push((name, state));
                }
                Some(Stop::NeedQueue(name)) => {
                    let view = views.queue(&name);
                    self.world.known().queues.push((name, view));
                }
                Some(Stop::Operations | Stop::Time | Stop::Size) | None => {
                    return Err(ScriptError::from_rhai(&error, program.operations_max));
                }
            }
        }
        Err(ScriptError::too_large())
    }
}

fn needed(error: &EvalAltResult) -> Option<Stop> {
    match error {
        EvalAltResult::ErrorInFunctionCall(_, _, inner, _) => needed(inner),
        EvalAltResult::ErrorTerminated(token, _) => token.clone().try_cast::<Stop>(),
        _ => None,
    }
}

/// The views that a program reads.
fn see(program: &Program, views: &dyn Views, seen: &mut Vec<Seen>) {
    let uses = &program.uses;
    let mut push = |view, value, weight| seen.push(Seen { view, value: Dynamic::from_map(value), weight });
    if uses.contact.is_used() {
        let (map, weight) = contact(views, &uses.contact, &uses.fields);
        push(View::Contact, map, weight);
    }
    if uses.interaction.is_used() {
        push(View::Interaction, object(View::Interaction, &uses.interaction, |name| interaction(views, name)), 0);
    }
    if uses.attributes.is_used() {
        let attributes = views.attributes();
        let all = || attributes.keys().map(|name| name.as_str());
        let (map, weight) = values(&uses.attributes, all, |name| attributes.get(name));
        push(View::Attributes, map, weight);
    }
    if uses.message.is_used() {
        push(View::Message, object(View::Message, &uses.message, |name| message(views, name)), 0);
    }
    if uses.now.is_used() {
        push(View::Now, object(View::Now, &uses.now, |name| now(views, name)), 0);
    }
}

/// An object of the properties that are read, each worked out by name.
fn object(view: View, part: &Part, property: impl Fn(&str) -> Dynamic) -> Map {
    let mut map = Map::new();
    match part {
        Part::Nothing => {}
        Part::Some(names) => {
            for name in names {
                map.insert(name.as_str().into(), property(name));
            }
        }
        Part::All => {
            for name in view.properties().unwrap_or_default() {
                map.insert((*name).into(), property(name));
            }
        }
    }
    map
}

/// An object of the values that are read and exist, and the elements inside them; texts are shared, not copied.
fn values<'v, 'n, N: Iterator<Item = &'n str>>(
    part: &Part,
    all: impl Fn() -> N,
    get: impl Fn(&str) -> Option<&'v Value>,
) -> (Map, u64) {
    let (mut map, mut weight) = (Map::new(), 0);
    let mut add = |name: &str| {
        if let Some(value) = get(name) {
            weight += inside(value);
            map.insert(name.into(), value::to_dynamic(value));
        }
    };
    match part {
        Part::Nothing => {}
        Part::Some(names) => names.iter().for_each(|name| add(name)),
        Part::All => all().for_each(add),
    }
    (map, weight)
}

/// Elements inside a list or a map.
fn inside(value: &Value) -> u64 {
    match value {
        Value::Array(list) => list.iter().map(|v| 1 + inside(v)).sum(),
        Value::Object(map) => map.values().map(|v| 1 + inside(v)).sum(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => 0,
    }
}

fn contact(views: &dyn Views, part: &Part, fields: &Part) -> (Map, u64) {
    let contact = views.contact();
    let weight = Cell::new(0);
    let map = object(View::Contact, part, |name| match name {
        "address" => value::text(&contact.address),
        "name" => contact.name.as_deref().map_or(Dynamic::UNIT, value::text),
        "locale" => value::text(contact.locale.as_str()),
        "fields" => {
            let all = || contact.fields.keys().map(String::as_str);
            let (map, inside) = values(fields, all, |name| contact.fields.get(name));
            weight.set(inside);
            Dynamic::from_map(map)
        }
        _ => Dynamic::UNIT,
    });
    (map, weight.get())
}

fn interaction(views: &dyn Views, name: &str) -> Dynamic {
    match name {
        "id" => value::text(&views.interaction().to_string()),
        "channel" => value::text(views.channel().as_str()),
        "touchpoint" => value::text(views.touchpoint()),
        "expected_wait_s" => wait(views, WaitUnit::Seconds),
        "expected_wait_minutes" => wait(views, WaitUnit::Minutes),
        "position" => views.position().map_or(Dynamic::UNIT, |place| Dynamic::from_int(place.into())),
        _ => Dynamic::UNIT,
    }
}

fn wait(views: &dyn Views, unit: WaitUnit) -> Dynamic {
    views.expected_wait().map_or(Dynamic::UNIT, |wait| Dynamic::from_int(unit.of(wait)))
}

fn message(views: &dyn Views, name: &str) -> Dynamic {
    let message = views.message();
    match name {
        "text" => value::text(message.map_or("", |m| m.text.as_str())),
        "choice" => message.and_then(|m| m.choice.as_deref()).map_or(Dynamic::UNIT, value::text),
        _ => Dynamic::UNIT,
    }
}

fn now(views: &dyn Views, name: &str) -> Dynamic {
    let now = views.now();
    match name {
        "iso" => value::text(&now.to_string()),
        "timestamp_s" => Dynamic::from_int(now.0.div_euclid(1_000)),
        "timestamp_ms" => Dynamic::from_int(now.0),
        _ => Dynamic::UNIT,
    }
}

/// Appends to a text under the bound of a text.
pub(super) fn append(text: &mut String, more: &str) -> Result<(), ScriptError> {
    if limits::SCRIPT_TEXT_BYTES_MAX < text.len() + more.len() {
        return Err(ScriptError::too_large());
    }
    text.write_str(more).map_err(|_| ScriptError::too_large())
}
