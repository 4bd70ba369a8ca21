//! One evaluation: its own engine over shared modules, its own budget, a scope that holds only what the program
//! reads. Nothing survives it but the value.

use std::{
    collections::BTreeMap,
    fmt::Write,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use rhai::{Dynamic, Engine, EvalAltResult, Map, Module, Scope};
use serde_json::Value;

use super::{
    QueueView, Views,
    budget::{Budget, Stop, Watch},
    compile::{self, Program},
    error::ScriptError,
    lint::{Part, View},
    value,
};
use crate::{calendar::CalendarState, limits};

/// What native functions may ask for while a script runs: the budget, and the calendars and queues looked up so far.
#[derive(Clone)]
pub(super) struct World(Arc<Lookups>);

pub(super) struct Lookups {
    pub(super) budget: Arc<Budget>,
    pub(super) calendars: BTreeMap<String, Option<CalendarState>>,
    pub(super) queues: BTreeMap<String, Option<QueueView>>,
}

impl std::ops::Deref for World {
    type Target = Lookups;

    fn deref(&self) -> &Lookups {
        &self.0
    }
}

/// A budget for a program.
pub(super) fn budget(operations_max: u64, watch: Option<&Arc<dyn Watch>>) -> Arc<Budget> {
    Arc::new(Budget::new(operations_max, watch.cloned()))
}

/// Evaluates a program to its value.
///
/// A script that names a calendar or a queue by a computed name is stopped, the name is looked up, and it is
/// evaluated again on the same budget: scripts change nothing, so nobody can tell. This way the core lends scripts
/// no handle into its own state.
pub(super) fn evaluate(
    modules: &[Arc<Module>],
    program: &Program,
    views: &dyn Views,
    budget: &Arc<Budget>,
) -> Result<Dynamic, ScriptError> {
    let uses = &program.uses;
    let mut calendars: BTreeMap<_, _> = uses.calendars.iter().map(|n| (n.clone(), views.calendar(n))).collect();
    let mut queues: BTreeMap<_, _> = uses.queues.iter().map(|n| (n.clone(), views.queue(n))).collect();
    let seen = Arc::new(see(program, views));
    for _ in 0..=limits::SCRIPT_LOOKUPS_MAX {
        let world =
            World(Arc::new(Lookups { budget: budget.clone(), calendars: calendars.clone(), queues: queues.clone() }));
        let engine = engine(modules, world, seen.clone());
        let mut scope = Scope::new();
        let run = AssertUnwindSafe(|| engine.eval_ast_with_scope::<Dynamic>(&mut scope, &program.ast));
        let outcome = catch_unwind(run).map_err(|_| ScriptError::panicked())?;
        let error = match outcome {
            Ok(value) => return Ok(value.flatten()),
            Err(error) => error,
        };
        match needed(&error) {
            Some(Stop::NeedCalendar(name)) => {
                let state = views.calendar(&name);
                calendars.insert(name, state);
            }
            Some(Stop::NeedQueue(name)) => {
                let view = views.queue(&name);
                queues.insert(name, view);
            }
            Some(Stop::Operations | Stop::Time | Stop::Size) | None => {
                return Err(ScriptError::from_rhai(&error, program.operations_max));
            }
        }
    }
    Err(ScriptError::too_large())
}

fn needed(error: &EvalAltResult) -> Option<Stop> {
    match error {
        EvalAltResult::ErrorInFunctionCall(_, _, inner, _) => needed(inner),
        EvalAltResult::ErrorTerminated(token, _) => token.clone().try_cast::<Stop>(),
        _ => None,
    }
}

fn engine(modules: &[Arc<Module>], world: World, seen: Arc<Vec<Seen>>) -> Engine {
    let mut engine = Engine::new_raw();
    for module in modules {
        engine.register_global_module(module.clone());
    }
    compile::bound(&mut engine);
    let budget = world.budget.clone();
    let reads = budget.clone();
    engine.on_progress(move |_| budget.spend(1).map(Dynamic::from));
    #[expect(deprecated, reason = "rhai marks what it calls volatile this way; a test of every view would tell")]
    engine.on_var(move |name, index, _| {
        // A place in the scope means that it is a variable of the script.
        let Some(seen) = (index == 0).then(|| seen.iter().find(|s| s.view.name() == name)).flatten() else {
            return Ok(None);
        };
        match reads.spend(seen.weight) {
            None => Ok(Some(seen.value.clone())),
            Some(stop) => Err(stop.into_error()),
        }
    });
    engine.set_default_tag(Dynamic::from(world));
    engine
}

/// A view as one program sees it. Views are resolved by name and not variables of the scope, because rhai would
/// share and lock a variable that a closure captures, and `attributes.list.map(|x| x + attributes.y)` would fail.
struct Seen {
    view: View,
    /// Only the properties that the program reads.
    value: Dynamic,
    /// Operations that one reading costs: a large value is copied.
    weight: u64,
}

fn see(program: &Program, views: &dyn Views) -> Vec<Seen> {
    let uses = &program.uses;
    let mut seen = Vec::new();
    let mut push = |view: View, part: &Part, build: &dyn Fn() -> (Map, u64)| {
        if part.is_used() {
            let (map, weight) = build();
            seen.push(Seen { view, value: Dynamic::from_map(map), weight });
        }
    };
    push(View::Contact, &uses.contact, &|| {
        let weight = if uses.fields.is_used() { weigh(views.contact().fields.iter(), &uses.fields) } else { 0 };
        (contact(views, &uses.contact, &uses.fields), weight)
    });
    push(View::Interaction, &uses.interaction, &|| (interaction(views, &uses.interaction), 0));
    push(View::Attributes, &uses.attributes, &|| {
        let all = || views.attributes().iter().map(|(k, v)| (k.as_str(), v));
        let used = all().filter(|(k, _)| uses.attributes.has(k));
        (used.map(|(k, v)| (k.into(), value::to_dynamic(v))).collect(), weigh(all(), &uses.attributes))
    });
    push(View::Message, &uses.message, &|| {
        let message = views.message();
        let choice = message.and_then(|m| m.choice.as_deref());
        let map = pick(
            &uses.message,
            [
                ("text", &|| value::text(message.map_or("", |m| m.text.as_str()))),
                ("choice", &|| choice.map_or(Dynamic::UNIT, value::text)),
            ],
        );
        (map, 0)
    });
    push(View::Now, &uses.now, &|| {
        let now = views.now();
        let map = pick(
            &uses.now,
            [
                ("iso", &|| value::text(&now.to_string())),
                ("timestamp_s", &|| Dynamic::from_int(now.0.div_euclid(1_000))),
                ("timestamp_ms", &|| Dynamic::from_int(now.0)),
            ],
        );
        (map, 0)
    });
    seen
}

/// Elements inside the lists and maps that a program reads; texts are shared, not copied.
fn weigh<'v, K: AsRef<str>>(values: impl Iterator<Item = (K, &'v Value)>, part: &Part) -> u64 {
    fn inside(value: &Value) -> u64 {
        match value {
            Value::Array(list) => list.iter().map(|v| 1 + inside(v)).sum(),
            Value::Object(map) => map.values().map(|v| 1 + inside(v)).sum(),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => 0,
        }
    }
    values.filter(|(name, _)| part.has(name.as_ref())).map(|(_, value)| inside(value)).sum()
}

fn contact(views: &dyn Views, part: &Part, fields: &Part) -> Map {
    let contact = views.contact();
    pick(
        part,
        [
            ("address", &|| value::text(&contact.address)),
            ("name", &|| contact.name.as_deref().map_or(Dynamic::UNIT, value::text)),
            ("locale", &|| value::text(contact.locale.as_str())),
            ("fields", &|| {
                let used = contact.fields.iter().filter(|(k, _)| fields.has(k));
                Dynamic::from_map(used.map(|(k, v)| (k.as_str().into(), value::to_dynamic(v))).collect())
            }),
        ],
    )
}

fn interaction(views: &dyn Views, part: &Part) -> Map {
    pick(
        part,
        [
            ("id", &|| value::text(&views.interaction().to_string())),
            ("channel", &|| value::text(views.channel().as_str())),
            ("touchpoint", &|| value::text(views.touchpoint())),
            ("position", &|| views.position().map_or(Dynamic::UNIT, |place| Dynamic::from_int(place.into()))),
        ],
    )
}

fn pick<const N: usize>(part: &Part, properties: [(&'static str, &dyn Fn() -> Dynamic); N]) -> Map {
    properties.into_iter().filter(|(name, _)| part.has(name)).map(|(name, build)| (name.into(), build())).collect()
}

/// Appends to a text under the bound of a text.
pub(super) fn append(text: &mut String, more: &str) -> Result<(), ScriptError> {
    if limits::SCRIPT_TEXT_BYTES_MAX < text.len() + more.len() {
        return Err(ScriptError::too_large());
    }
    text.write_str(more).map_err(|_| ScriptError::too_large())
}
