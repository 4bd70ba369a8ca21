//! One message event in memory, through `menu -> branch -> require_skills -> enqueue`, with the scripts' share apart.

use std::collections::BTreeMap;

use routewright_engine::{event::Input, script::Sandbox, switchboard::Answer};
use routewright_flows::FlowDocument;
use serde_json::json;

use super::{Figure, board::Board, quantile, scene::Scene, timed, us};
use crate::centre::measured_flow;

const CONTACTS: usize = 20_000;
const ROUNDS: usize = 5;

/// Measures the event, and the same script alone.
///
/// # Errors
/// When the flow does not go the measured way.
pub fn run() -> Result<Vec<Figure>, String> {
    let mut events = Vec::new();
    for _ in 0..ROUNDS {
        events.push(event_round()?);
    }
    let event = quantile(&mut events, 0.5);
    let script = script_alone()?;
    let share = script.as_secs_f64() / event.as_secs_f64() * 100.0;
    Ok(vec![
        Figure::judged(
            format!("menu -> branch -> require_skills -> enqueue, median of {ROUNDS} rounds of {CONTACTS}"),
            us(event),
            "at most 5 µs",
            event.as_nanos() <= 5_000,
        ),
        Figure::noted("of which the branch's script", format!("{} ({share:.0} %)", us(script))),
    ])
}

/// Mean time of one event in a fresh switchboard, so that every queue starts empty.
fn event_round() -> Result<std::time::Duration, String> {
    let mut flow = measured_flow();
    flow["nodes"]["menu"]["exits"]["again"] = json!("branch");
    flow["nodes"]["branch"]["exits"]["gold"] = json!("skills");
    let mut board = Board::open(flow)?;
    let inputs = |board: &Board, text: &str, stage: &str| -> Vec<Input> {
        (0..CONTACTS).map(|n| board.message(n, text, stage, BTreeMap::new())).collect()
    };
    for hello in inputs(&board, "bonjour", "hello") {
        board.handle(hello).map_err(|e| e.to_string())?;
    }
    let choices = inputs(&board, "1", "choice");
    let (took, last) = timed(|| {
        let mut last = None;
        for choice in choices {
            last = Some(board.handle(choice));
        }
        last
    });
    let waiting = match last {
        Some(Ok(output)) => match output.answer {
            Answer::Heard { interaction, .. } => board.switchboard.work(&board.tenant, interaction).is_some(),
            _ => false,
        },
        _ => false,
    };
    if !waiting {
        return Err("the last contact is not in line: something else was measured".into());
    }
    #[expect(clippy::cast_possible_truncation, reason = "a small constant")]
    Ok(took / CONTACTS as u32)
}

/// Mean time of the branch's condition alone, against the views of a fresh interaction.
fn script_alone() -> Result<std::time::Duration, String> {
    let sandbox = Sandbox::new();
    let document: FlowDocument = serde_json::from_value(measured_flow()).map_err(|e| e.to_string())?;
    let program = sandbox.compile_condition("attributes.tier == \"gold\"", &document).map_err(|e| format!("{e:?}"))?;
    let views = Scene::new(json!({}), json!({ "tier": "gold" }), None)?;
    let mut samples = Vec::new();
    for _ in 0..ROUNDS {
        let (took, gold) =
            timed(|| (0..CONTACTS).filter(|_| matches!(sandbox.test(&program, &views), Ok(true))).count());
        if gold != CONTACTS {
            return Err("the condition was not true: something else was measured".into());
        }
        #[expect(clippy::cast_possible_truncation, reason = "a small constant")]
        samples.push(took / CONTACTS as u32);
    }
    Ok(quantile(&mut samples, 0.5))
}
