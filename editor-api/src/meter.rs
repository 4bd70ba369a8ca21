//! Counters of the door and of the runtime, as Prometheus reads them. One registry per door, not per process, so that
//! two doors in one process (tests) do not count each other's requests.

use std::{
    fmt,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, EncodeLabelSet, EncodeMetric as _, text},
    metrics::{
        counter::{ConstCounter, Counter},
        family::Family,
        gauge::ConstGauge,
        histogram::Histogram,
    },
    registry::Registry,
};
use routewright_runtime::Stats;

/// The media type of what [`Meter::render`] makes.
pub(crate) const OPENMETRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Upper bounds of the histogram of request times, in seconds: around one sync of a disk, then up.
const SECONDS: [f64; 9] = [0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.1, 0.5, 2.5];

/// The counters of one door.
pub(crate) struct Meter {
    registry: Registry,
    answered: Family<Answered, Counter>,
    took: Family<Route, Histogram>,
    runtime: std::sync::Arc<Mutex<Stats>>,
}

/// A request is counted under its route, never under its path: ids would make a series each.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Route {
    route: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answered {
    route: String,
    method: String,
    status: u16,
}

impl Meter {
    pub(crate) fn new() -> Self {
        let answered = Family::default();
        let took = Family::new_with_constructor(histogram as fn() -> Histogram);
        let runtime = std::sync::Arc::new(Mutex::new(Stats::default()));
        let mut registry = Registry::with_prefix("routewright");
        registry.register("http_requests", "Requests answered", answered.clone());
        registry.register("http_seconds", "Time from request to answer, in seconds", took.clone());
        registry.register_collector(Box::new(Runtime(std::sync::Arc::clone(&runtime))));
        Self { registry, answered, took: Family::clone(&took), runtime }
    }

    /// Counts an answer.
    pub(crate) fn count(&self, route: &str, method: &str, status: u16, took: Duration) {
        let answered = Answered { route: route.to_owned(), method: method.to_owned(), status };
        self.answered.get_or_create(&answered).inc();
        self.took.get_or_create(&Route { route: answered.route }).observe(took.as_secs_f64());
    }

    /// The text that Prometheus scrapes.
    pub(crate) fn render(&self, stats: Stats) -> String {
        *self.runtime.lock().unwrap_or_else(PoisonError::into_inner) = stats;
        let mut page = String::new();
        // Writing to a text in memory does not fail.
        let _ = text::encode(&mut page, &self.registry);
        page
    }
}

fn histogram() -> Histogram {
    Histogram::new(SECONDS)
}

/// What the runtime said of itself when it was last asked.
#[derive(Debug)]
struct Runtime(std::sync::Arc<Mutex<Stats>>);

impl Collector for Runtime {
    fn encode(&self, mut to: DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        let stats = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for (name, help, value) in [
            ("inputs", "Inputs taken, refused ones and timers included", stats.inputs),
            ("inputs_refused", "Inputs refused", stats.refused),
            ("inputs_repeated", "Messages that a provider repeated", stats.repeated),
            ("inputs_overloaded", "Inputs not taken because too many waited", stats.overloaded),
            ("timers_fired", "Deadlines that came", stats.timers_fired),
            ("commits", "Groups committed", stats.commits),
            ("turns", "Turns in them", stats.turns),
            ("journal_bytes", "Bytes of journal written", stats.journal_bytes),
            ("commit_microseconds", "Microseconds spent committing, syncs included", stats.commit_us),
            ("facts", "Facts committed", stats.facts),
            ("effects", "Effects committed", stats.effects),
            ("contacts_enqueued", "Contacts who began to wait for an agent", stats.contacts_enqueued),
            ("contacts_taken", "Contacts whom an agent took", stats.contacts_taken),
            ("contacts_abandoned", "Contacts who gave up waiting", stats.contacts_abandoned),
            ("promises_kept", "Promises of service that were kept", stats.promises_kept),
            ("promises_broken", "Promises of service that were broken", stats.promises_broken),
        ] {
            let counter = ConstCounter::new(value);
            counter.encode(to.encode_descriptor(name, help, None, counter.metric_type())?)?;
        }
        for (name, help, value) in [
            ("inputs_waiting", "Inputs that wait for the shard", stats.waiting_inputs),
            ("timers", "Deadlines in memory", stats.timers),
            ("contacts_waiting", "Contacts in line", stats.contacts_waiting),
            ("offers_open", "Offers that agents have not answered", stats.offers_open),
            ("conversations", "Conversations with agents", stats.conversations),
            ("wrap_ups", "Records that agents complete", stats.wrap_ups),
            ("agents_present", "Agents present", stats.agents_present),
            ("stopped", "1 once nothing is acknowledged any more", u64::from(stats.stopped)),
        ] {
            let gauge = ConstGauge::new(value);
            gauge.encode(to.encode_descriptor(name, help, None, gauge.metric_type())?)?;
        }
        Ok(())
    }
}
