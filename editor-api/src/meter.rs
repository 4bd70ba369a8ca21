//! Counters of the door and gauges of the runtime, as Prometheus reads them. One recorder per door, not per process,
//! so that two doors in one process (tests) do not count each other's requests.

use std::{sync::Arc, time::Instant};

use axum::{
    extract::{MatchedPath, Request, State},
    middleware::Next,
    response::Response,
};
use metrics::{counter, gauge, histogram, with_local_recorder};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusRecorder};
use routewright_runtime::Stats;

use crate::door::Door;

/// Upper bounds of the histogram of request times, in seconds: around one sync of a disk, then up.
const SECONDS: [f64; 9] = [0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.1, 0.5, 2.5];

/// The recorder of one door.
pub(crate) struct Meter(PrometheusRecorder);

impl Meter {
    pub(crate) fn new() -> Self {
        let matcher = Matcher::Full("routewright_http_seconds".to_owned());
        let builder = PrometheusBuilder::new().set_buckets_for_metric(matcher, &SECONDS);
        Self(builder.expect("the list of bounds is not empty").build_recorder())
    }

    /// The text that Prometheus scrapes.
    pub(crate) fn render(&self, stats: &Stats) -> String {
        with_local_recorder(&self.0, || record(stats));
        self.0.handle().render()
    }
}

/// Counts a request under its route, never under its path: ids would make a series each.
pub(crate) async fn measure(State(door): State<Arc<Door>>, request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().map_or("none".to_owned(), |path| path.as_str().to_owned());
    let method = request.method().as_str().to_owned();
    let started = Instant::now();
    let response = next.run(request).await;
    let seconds = started.elapsed().as_secs_f64();
    with_local_recorder(&door.meter.0, || {
        let status = response.status().as_u16().to_string();
        counter!("routewright_http_requests_total", "route" => route.clone(), "method" => method, "status" => status)
            .increment(1);
        histogram!("routewright_http_seconds", "route" => route).record(seconds);
    });
    response
}

fn record(stats: &Stats) {
    for (name, value) in [
        ("routewright_inputs_total", stats.inputs),
        ("routewright_inputs_refused_total", stats.refused),
        ("routewright_inputs_repeated_total", stats.repeated),
        ("routewright_inputs_overloaded_total", stats.overloaded),
        ("routewright_timers_fired_total", stats.timers_fired),
        ("routewright_commits_total", stats.commits),
        ("routewright_turns_total", stats.turns),
        ("routewright_journal_bytes_total", stats.journal_bytes),
        ("routewright_commit_microseconds_total", stats.commit_us),
        ("routewright_facts_total", stats.facts),
        ("routewright_effects_total", stats.effects),
    ] {
        counter!(name).absolute(value);
    }
    for (name, value) in [
        ("routewright_inputs_waiting", stats.waiting_inputs),
        ("routewright_timers", stats.timers),
        ("routewright_contacts_waiting", stats.contacts_waiting),
        ("routewright_offers_open", stats.offers_open),
        ("routewright_conversations", stats.conversations),
        ("routewright_wrap_ups", stats.wrap_ups),
        ("routewright_agents_present", stats.agents_present),
        ("routewright_stopped", u64::from(stats.stopped)),
    ] {
        // Gauges are far below 2^52, where a float still counts exactly.
        #[expect(clippy::cast_precision_loss, reason = "see above")]
        gauge!(name).set(value as f64);
    }
}
