//! Contacts and agents of the kill test, each a thread that insists until it is answered.

use serde_json::{Value, json};

use super::{Acknowledged, CONTACTS_MAX, World};
use crate::sim::rng::Rng;

/// A contact: writes message after message, now and then repeats one or leaves.
pub(super) fn contact(world: &World, key: &str, n: u32, mut random: Rng) -> Result<(), String> {
    let mut last: Option<(Value, Acknowledged)> = None;
    let mut count = 0_u32;
    while !world.is_over() {
        if let Some((body, first)) = last.as_ref().filter(|_| random.chance(10)) {
            let Some(again) = write(world, key, body)? else { break };
            if again.interaction != first.interaction || again.said != first.said {
                world.lock().broken.push(format!("{} was answered {first:?}, then {again:?}", first.event_id));
            }
            continue;
        }
        if random.chance(4) {
            let body = json!({ "from": format!("visitor{n}") });
            if world.insist("POST", "/api/v1/touchpoints/web/departures", key, Some(&body)).is_none() {
                break;
            }
        }
        count += 1;
        let text = ["bonjour", "1", "2", "une question", "merci", "5"][usize::try_from(random.below(6)).unwrap_or(0)];
        let body = json!({ "from": format!("visitor{n}"), "event_id": format!("c{n}-{count}"), "text": text });
        let Some(heard) = write(world, key, &body)? else { break };
        world.lock().messages.push(heard.clone());
        world.progress.notify_all();
        last = Some((body, heard));
    }
    Ok(())
}

fn write(world: &World, key: &str, body: &Value) -> Result<Option<Acknowledged>, String> {
    let Some(reply) = world.insist("POST", "/api/v1/touchpoints/web/messages", key, Some(body)) else {
        return Ok(None);
    };
    if !(200..300).contains(&reply.status) {
        return Err(format!("a message was refused: {body} -> {reply:?}"));
    }
    let text = |field: &str| reply.body[field].as_str().unwrap_or_default().to_owned();
    Ok(Some(Acknowledged {
        event_id: body["event_id"].as_str().unwrap_or_default().to_owned(),
        interaction: text("interaction"),
        said: reply.body["said"].clone(),
    }))
}

/// An agent: takes or refuses offers, writes, closes, finishes or lets the wrap-up run out; sometimes goes away.
pub(super) fn agent(world: &World, key: &str, n: u32, mut random: Rng) -> Result<(), String> {
    let me = format!("/api/v1/agents/agent{n}");
    let presence = |status: &str| {
        let body = json!({ "status": status });
        world.insist("PUT", &format!("{me}/presence"), key, Some(&body)).map(drop)
    };
    let mut count = 0_u32;
    if presence("available").is_none() {
        return Ok(());
    }
    while !world.is_over() {
        let Some(desk) = world.insist("GET", &format!("{me}/desk"), key, None) else { break };
        let list = |name: &str| desk.body[name].as_array().cloned().unwrap_or_default();
        let (offers, conversations, wrap_ups) = (list("offers"), list("conversations"), list("wrap_ups"));
        let load = offers.len() + conversations.len() + wrap_ups.len();
        if CONTACTS_MAX < load {
            world.lock().broken.push(format!("agent{n} has {load} contacts of {CONTACTS_MAX}: {}", desk.body));
        }
        for offer in offers {
            let id = offer["offer"].as_str().unwrap_or_default().to_owned();
            let verb = if random.chance(80) { "accept" } else { "decline" };
            world.insist("POST", &format!("/api/v1/offers/{id}/{verb}"), key, None);
        }
        for conversation in conversations {
            let id = conversation["interaction"].as_str().unwrap_or_default().to_owned();
            count += 1;
            let text = format!("agent{n} says {count}");
            let body = json!({ "text": text, "event_id": text });
            let reply = world.insist("POST", &format!("/api/v1/interactions/{id}/messages"), key, Some(&body));
            if reply.is_some_and(|r| (200..300).contains(&r.status)) {
                world.lock().replies.push((id.clone(), text));
            }
            if random.chance(40) {
                world.insist("POST", &format!("/api/v1/interactions/{id}/close"), key, None);
            }
        }
        for wrap_up in wrap_ups.into_iter().filter(|_| random.chance(50)) {
            let id = wrap_up["interaction"].as_str().unwrap_or_default().to_owned();
            world.insist("POST", &format!("/api/v1/interactions/{id}/finish"), key, Some(&json!({})));
        }
        if random.chance(3) && (presence("offline").is_none() || presence("available").is_none()) {
            break;
        }
    }
    Ok(())
}
