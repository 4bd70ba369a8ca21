//! What people were promised, and the audit of it against what the server tells afterwards.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{CONTACTS_MAX, Outcome};
use crate::server::Server;

/// A message of a contact that the server acknowledged.
#[derive(Debug, Clone, PartialEq)]
pub struct Acknowledged {
    /// The provider's id.
    pub event_id: String,
    /// The interaction it was heard by.
    pub interaction: String,
    /// What was said in return.
    pub said: Value,
}

/// Everything acknowledged, and every promise seen broken on the way.
#[derive(Debug, Default)]
pub struct Ledger {
    /// Contacts' messages.
    pub messages: Vec<Acknowledged>,
    /// Agents' messages: interaction and text.
    pub replies: Vec<(String, String)>,
    /// Broken promises, in words.
    pub broken: Vec<String>,
    /// Requests cut off by a kill.
    pub cut_off: usize,
}

impl Ledger {
    /// Reads every interaction's timeline and counts.
    pub(super) fn audit(&self, server: &Server, key: &str) -> Result<Outcome, String> {
        let timelines = timelines(server, key)?;
        if let Some(broken) = self.broken.first() {
            return Err(broken.clone());
        }
        let mut heard: BTreeMap<&str, Vec<(&str, u64)>> = BTreeMap::new();
        let mut said: BTreeMap<(&str, &str), usize> = BTreeMap::new();
        for (interaction, facts) in &timelines {
            for fact in facts {
                match fact["fact"].as_str() {
                    Some("message_received") => {
                        let event = fact["event_id"].as_str().unwrap_or_default();
                        heard.entry(event).or_default().push((interaction, fact["turn"].as_u64().unwrap_or(0)));
                    }
                    Some("message_sent") if fact["said"]["by"].is_object() => {
                        let text = fact["said"]["text"].as_str().unwrap_or_default();
                        *said.entry((interaction, text)).or_default() += 1;
                    }
                    _ => {}
                }
            }
        }
        for message in &self.messages {
            let found = heard.get(message.event_id.as_str()).map_or(&[][..], Vec::as_slice);
            let [(interaction, turn)] = found else {
                return Err(format!(
                    "acknowledged {message:?} stands in the timelines {} times: {found:?}",
                    found.len()
                ));
            };
            if *interaction != message.interaction {
                return Err(format!("acknowledged {message:?} was heard by {interaction}"));
            }
            let answer: Vec<&Value> = timelines[*interaction]
                .iter()
                .filter(|f| f["fact"] == "message_sent" && f["turn"].as_u64() == Some(*turn))
                .map(|f| &f["said"]["text"])
                .collect();
            let told: Vec<&Value> = message.said.as_array().into_iter().flatten().map(|s| &s["text"]).collect();
            if answer != told {
                return Err(format!("{message:?} was told {told:?}, the timeline says {answer:?}"));
            }
        }
        for (interaction, text) in &self.replies {
            let times = said.get(&(interaction.as_str(), text.as_str())).copied().unwrap_or(0);
            if times != 1 {
                return Err(format!(
                    "the agent's acknowledged message '{text}' was said {times} times in {interaction}"
                ));
            }
        }
        audit_offers(&timelines)?;
        Ok(Outcome {
            messages: self.messages.len(),
            replies: self.replies.len(),
            interactions: timelines.len(),
            cut_off: self.cut_off,
        })
    }
}

/// Each offer ends at most once, and no agent is ever above his bound.
fn audit_offers(timelines: &BTreeMap<String, Vec<Value>>) -> Result<(), String> {
    let mut ended: BTreeSet<&str> = BTreeSet::new();
    // Changes of load by instant (RFC 3339 of one length, so text order is time order); at one instant what ends comes before what begins.
    let mut changes: Vec<(&str, i64, &str)> = Vec::new();
    for facts in timelines.values() {
        for fact in facts {
            let Some(agent) = fact["agent"].as_str() else { continue };
            let at = fact["at"].as_str().unwrap_or_default();
            let kind = fact["fact"].as_str().unwrap_or_default();
            if kind == "offer_made" {
                changes.push((at, 1, agent));
            }
            if matches!(kind, "offer_declined" | "offer_expired" | "offer_withdrawn" | "requeued" | "wrap_up_ended") {
                changes.push((at, -1, agent));
            }
            if matches!(kind, "offer_accepted" | "offer_declined" | "offer_expired" | "offer_withdrawn") {
                let offer = fact["offer"].as_str().unwrap_or_default();
                if !ended.insert(offer) {
                    return Err(format!("offer {offer} ended twice: {fact}"));
                }
            }
        }
    }
    changes.sort_unstable();
    let mut load: BTreeMap<&str, i64> = BTreeMap::new();
    for (at, change, agent) in changes {
        let load = load.entry(agent).or_default();
        *load += change;
        if !(0..=i64::try_from(CONTACTS_MAX).unwrap_or(i64::MAX)).contains(load) {
            return Err(format!("{agent} had {load} contacts at {at}; {CONTACTS_MAX} are allowed"));
        }
    }
    Ok(())
}

fn timelines(server: &Server, key: &str) -> Result<BTreeMap<String, Vec<Value>>, String> {
    let mut found = BTreeMap::new();
    let mut next = Some("/api/v1/interactions?limit=500".to_owned());
    while let Some(page) = next.take() {
        let reply = server.request("GET", &page, key, None)?;
        for item in reply.body["items"].as_array().ok_or_else(|| format!("no list: {reply:?}"))? {
            let id = item["id"].as_str().ok_or("an interaction without id")?.to_owned();
            let timeline = server.request("GET", &format!("/api/v1/interactions/{id}/timeline"), key, None)?;
            let facts =
                timeline.body["items"].as_array().cloned().ok_or_else(|| format!("no timeline: {timeline:?}"))?;
            found.insert(id, facts);
        }
        next = reply.body["next"].as_str().map(str::to_owned);
    }
    Ok(found)
}
