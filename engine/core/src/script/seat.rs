//! Where scripts run: engines that were made once, each lent to one evaluation at a time, and what native functions
//! may ask for meanwhile.
//!
//! What it deliberately does not do: nothing of one evaluation is there for the next. A seat whose script panicked is
//! not used again.

use std::sync::{
    Arc, Mutex, MutexGuard, PoisonError,
    atomic::{AtomicU64, Ordering},
};

use rhai::{Dynamic, Engine, ImmutableString, Module, Scope};

use super::{
    QueueView,
    budget::{Budget, Watch},
    compile, functions,
    lint::View,
};
use crate::{calendar::CalendarState, limits};

/// Seats that nobody has.
pub(super) struct Seats {
    module: Arc<Module>,
    watch: Option<Arc<dyn Watch>>,
    #[expect(clippy::vec_box, reason = "a seat is large, and is handed out as the box it lives in")]
    idle: Mutex<Vec<Box<Seat>>>,
    /// How many there ever were.
    built: AtomicU64,
}

impl Seats {
    pub(super) fn new(watch: Option<Arc<dyn Watch>>) -> Self {
        let seats = Self { module: functions::module(), watch, idle: Mutex::default(), built: AtomicU64::new(0) };
        // One is enough for a shard, so that no contact's first message waits for it.
        seats.give_back(seats.build());
        seats
    }

    fn build(&self) -> Box<Seat> {
        self.built.fetch_add(1, Ordering::Relaxed);
        Box::new(Seat::new(&self.module, self.watch.clone()))
    }

    pub(super) fn built(&self) -> u64 {
        self.built.load(Ordering::Relaxed)
    }

    pub(super) fn is_watched(&self) -> bool {
        self.watch.is_some()
    }

    /// A seat with a budget of so many operations.
    pub(super) fn take(&self, operations_max: u64) -> Box<Seat> {
        let idle = lock(&self.idle).pop();
        let seat = idle.unwrap_or_else(|| self.build());
        seat.world.budget.open(operations_max);
        seat
    }

    /// Takes a seat back that came to no harm.
    pub(super) fn give_back(&self, seat: Box<Seat>) {
        let mut idle = lock(&self.idle);
        if !seat.is_broken && idle.len() < limits::SCRIPT_SEATS_MAX {
            idle.push(seat);
        }
    }
}

/// What one evaluation has to itself.
pub(super) struct Seat {
    /// For programs without functions: views are constants of the scope, and operations are counted in blocks, since
    /// rhai's own count holds where nothing calls back.
    pub(super) plain: Engine,
    /// For all others: views are resolved by name, because rhai would share and lock a variable that a closure
    /// captures, and `attributes.list.map(|x| x + attributes.y)` would fail; every operation is counted by us.
    pub(super) careful: Engine,
    pub(super) world: World,
    /// Holds the views for the plain engine; empty between evaluations.
    pub(super) scope: Scope<'static>,
    /// True once a script panicked here.
    pub(super) is_broken: bool,
}

impl Seat {
    fn new(module: &Arc<Module>, watch: Option<Arc<dyn Watch>>) -> Self {
        let world = World(Arc::new(Surroundings { budget: Budget::new(watch), known: Mutex::default() }));
        Self {
            plain: plain(module, &world),
            careful: careful(module, &world),
            world,
            scope: Scope::new(),
            is_broken: false,
        }
    }
}

fn engine(module: &Arc<Module>, world: &World) -> Engine {
    let mut engine = Engine::new_raw();
    engine.register_global_module(module.clone());
    compile::bound(&mut engine);
    // Shared, so that each evaluation copies a reference and not what it holds.
    engine.set_default_tag(Dynamic::from(world.clone()).into_shared());
    engine
}

fn plain(module: &Arc<Module>, world: &World) -> Engine {
    let mut engine = engine(module, world);
    let counts = world.clone();
    engine.on_progress(move |operations| counts.budget.tick(operations).map(Dynamic::from));
    engine
}

fn careful(module: &Arc<Module>, world: &World) -> Engine {
    let mut engine = engine(module, world);
    let counts = world.clone();
    engine.on_progress(move |_| counts.budget.spend(1).map(Dynamic::from));
    let sees = world.clone();
    #[expect(deprecated, reason = "rhai marks what it calls volatile this way; a test of every view would tell")]
    engine.on_var(move |name, index, _| {
        // A place in the scope means that it is a variable of the script.
        if index != 0 {
            return Ok(None);
        }
        let known = sees.known();
        let Some(seen) = known.seen.iter().find(|seen| seen.view.name() == name) else { return Ok(None) };
        match sees.budget.spend(seen.weight) {
            None => Ok(Some(seen.value.clone())),
            Some(stop) => Err(stop.into_error()),
        }
    });
    engine
}

/// What native functions may ask for while a script runs.
#[derive(Clone)]
pub(super) struct World(Arc<Surroundings>);

pub(super) struct Surroundings {
    pub(super) budget: Budget,
    known: Mutex<Known>,
}

/// What was looked up for the evaluation under way; empty between evaluations.
#[derive(Default)]
pub(super) struct Known {
    pub(super) calendars: Vec<(ImmutableString, Option<CalendarState>)>,
    pub(super) queues: Vec<(ImmutableString, Option<QueueView>)>,
    /// Views of the careful engine.
    pub(super) seen: Vec<Seen>,
}

/// A view as one program sees it.
pub(super) struct Seen {
    pub(super) view: View,
    /// Only the properties that the program reads.
    pub(super) value: Dynamic,
    /// Operations that one reading costs: a large value is copied.
    pub(super) weight: u64,
}

impl Known {
    pub(super) fn forget(&mut self) {
        self.calendars.clear();
        self.queues.clear();
        self.seen.clear();
    }
}

impl std::ops::Deref for World {
    type Target = Surroundings;

    fn deref(&self) -> &Surroundings {
        &self.0
    }
}

impl Surroundings {
    pub(super) fn known(&self) -> MutexGuard<'_, Known> {
        lock(&self.known)
    }

    /// What a calendar says; nothing when it was not looked up, nothing inside when there is none.
    #[expect(clippy::option_option, reason = "not asked and not there are two answers")]
    pub(super) fn calendar(&self, name: &str) -> Option<Option<CalendarState>> {
        self.known().calendars.iter().find(|(known, _)| known.as_str() == name).map(|(_, state)| *state)
    }

    /// What is known of a queue, as for [`Surroundings::calendar`].
    #[expect(clippy::option_option, reason = "not asked and not there are two answers")]
    pub(super) fn queue(&self, skill: &str) -> Option<Option<QueueView>> {
        self.known().queues.iter().find(|(known, _)| known.as_str() == skill).map(|(_, view)| *view)
    }
}

/// What the locks guard is whole between any two statements, so a thread that died holding one harmed nothing.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
