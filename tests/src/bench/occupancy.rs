//! Who stands where: what it takes to say, with a hundred thousand interactions in flight.

use std::sync::Arc;

use routewright_engine::{
    InteractionId, TenantId, interaction::FlowVersion, occupancy::Standing, script::Sandbox, switchboard::Switchboard,
};
use routewright_flows::FlowId;
use serde_json::json;

use super::{Figure, ms, quantile, timed};

const INTERACTIONS: u64 = 100_000;
const NODES: u64 = 200;
const ROUNDS: usize = 50;

/// Measures the question that the Studio asks, and what a start pays for the index.
///
/// # Errors
/// When the counts are not those of what was put in.
pub fn run() -> Result<Vec<Figure>, String> {
    let mut board = Switchboard::new(Arc::new(Sandbox::new()));
    let tenant: TenantId = "main".parse().map_err(|e| format!("{e}"))?;
    let flow: FlowId = "welcome".parse().map_err(|e| format!("{e}"))?;
    let rows: Vec<String> = (0..INTERACTIONS)
        .map(|n| {
            let frame = json!({
                "flow": { "flow": "welcome", "version": 1 + n % 2 }, "node": format!("node_{}", n % NODES), "since": n,
                "attributes": { "topic": "sales", "note": "what else an interaction keeps, which is passed over" },
            });
            let id = InteractionId(n).to_string();
            json!({ "id": id, "tenant": "main", "phase": { "phase": "flow" }, "frames": [frame] }).to_string()
        })
        .collect();
    let (built, read) = timed(|| -> Result<(), String> {
        for row in &rows {
            let standing: Standing = serde_json::from_str(row).map_err(|e| e.to_string())?;
            board.restore_standing(&standing);
        }
        Ok(())
    });
    read?;
    let mut samples = Vec::with_capacity(ROUNDS);
    for _ in 0..ROUNDS {
        let (took, waiting) = timed(|| {
            let versions: Vec<u32> = board.occupied_versions(&tenant, &flow).collect();
            let of = |version| FlowVersion { flow: flow.clone(), version };
            let nodes =
                versions.into_iter().flat_map(|version| board.occupancy(&tenant, &of(version)).collect::<Vec<_>>());
            nodes.map(|node| node.waiting as u64).sum::<u64>()
        });
        if waiting != INTERACTIONS {
            return Err(format!("{waiting} of {INTERACTIONS} are somewhere"));
        }
        samples.push(took);
    }
    let median = quantile(&mut samples, 0.5);
    Ok(vec![
        Figure::judged(
            format!("occupancy of a flow with {INTERACTIONS} live interactions at {NODES} nodes"),
            ms(median),
            "at most 50 ms",
            median.as_millis() < 50,
        ),
        Figure::noted(format!("the index of {INTERACTIONS}, read back from their rows"), ms(built)),
    ])
}
