//! One message event in memory, through `menu -> branch -> require_skills -> enqueue`, with the scripts' share apart.

use std::{collections::BTreeMap, sync::Arc};

use routewright_engine::{
    InteractionId, TenantId, Timestamp, TouchpointId,
    calendar::CalendarState,
    catalogue::{Catalogue, ProfileSettings, SkillSettings, TouchpointSettings},
    contact::{Contact, ContactKey, Message},
    event::{ContactWrote, Input},
    id::{ProfileId, SkillId},
    interaction::Interaction,
    published::{PublishedFlow, Release},
    script::{QueueView, Sandbox, Views},
    switchboard::{Answer, Shelf, ShelfError, Switchboard},
};
use routewright_flows::{AttributeName, Channel, FlowDocument, FlowId, Locale};
use serde_json::{Value, json};

use super::{Figure, quantile, timed, us};
use crate::centre::{measured_flow, monday};

const CONTACTS: usize = 20_000;
const ROUNDS: usize = 5;

/// Nothing is on the shelf: the measured interactions are in hand.
struct Bare;

impl Shelf for Bare {
    fn fetch(&mut self, _: InteractionId) -> Result<Option<Interaction>, ShelfError> {
        Ok(None)
    }

    fn latest(&mut self, _: &ContactKey) -> Result<Option<InteractionId>, ShelfError> {
        Ok(None)
    }
}

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
    let sandbox = Arc::new(Sandbox::new());
    let registry = routewright_nodes::standard();
    let mut flow = measured_flow();
    flow["nodes"]["menu"]["exits"]["again"] = json!("branch");
    flow["nodes"]["branch"]["exits"]["gold"] = json!("skills");
    let document: FlowDocument = serde_json::from_value(flow).map_err(|e| e.to_string())?;
    let id = FlowId::new("measured").map_err(|e| e.to_string())?;

    let published = PublishedFlow::prepare(Arc::new(document), 1, &registry, &sandbox).map_err(|e| format!("{e:?}"))?;
    let tenant = TenantId::new("measured").map_err(|e| e.to_string())?;
    let mut switchboard = Switchboard::new(sandbox);
    for input in [
        Input::Configured(tenant.clone(), Arc::new(catalogue(&id)?)),
        Input::Published(tenant.clone(), Arc::new(published)),
        Input::Released(tenant.clone(), Release { flow: id, live: Some(1) }),
    ] {
        switchboard.handle(input, monday(), &mut Bare).map_err(|e| e.to_string())?;
    }
    let inputs = |text: &str, stage: &str| -> Result<Vec<Input>, String> {
        (0..CONTACTS).map(|n| message(&tenant, n, text, stage)).collect()
    };
    for hello in inputs("bonjour", "hello")? {
        switchboard.handle(hello, monday(), &mut Bare).map_err(|e| e.to_string())?;
    }
    let choices = inputs("1", "choice")?;
    let (took, last) = timed(|| {
        let mut last = None;
        for choice in choices {
            last = Some(switchboard.handle(choice, monday(), &mut Bare));
        }
        last
    });
    let waiting = match last {
        Some(Ok(output)) => match output.answer {
            Answer::Heard { interaction, .. } => switchboard.work(&tenant, interaction).is_some(),
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
    let views = Seen::new()?;
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

/// What the condition sees.
struct Seen {
    contact: Contact,
    attributes: BTreeMap<AttributeName, Value>,
}

impl Seen {
    fn new() -> Result<Self, String> {
        let locale = Locale::new("fr").map_err(|e| e.to_string())?;
        let contact = Contact { address: "visitor".into(), name: None, locale, fields: BTreeMap::new() };
        let tier = AttributeName::new("tier").map_err(|e| e.to_string())?;
        Ok(Self { contact, attributes: BTreeMap::from([(tier, json!("gold"))]) })
    }
}

impl Views for Seen {
    fn contact(&self) -> &Contact {
        &self.contact
    }

    fn interaction(&self) -> InteractionId {
        InteractionId(1)
    }

    fn channel(&self) -> Channel {
        Channel::Webchat
    }

    fn touchpoint(&self) -> &str {
        "web"
    }

    fn attributes(&self) -> &BTreeMap<AttributeName, Value> {
        &self.attributes
    }

    fn message(&self) -> Option<&Message> {
        None
    }

    fn now(&self) -> Timestamp {
        monday()
    }

    fn calendar(&self, _: &str) -> Option<CalendarState> {
        None
    }

    fn queue(&self, _: &str) -> Option<QueueView> {
        None
    }
}

fn message(tenant: &TenantId, n: usize, text: &str, stage: &str) -> Result<Input, String> {
    Ok(Input::ContactWrote(ContactWrote {
        from: ContactKey {
            tenant: tenant.clone(),
            touchpoint: TouchpointId::new("web").map_err(|e| e.to_string())?,
            address: format!("visitor-{n}").into(),
        },
        event_id: format!("{stage}-{n}").into(),
        message: Message { text: text.into(), choice: None },
        name: None,
        locale: None,
        fields: BTreeMap::new(),
    }))
}

fn catalogue(flow: &FlowId) -> Result<Catalogue, String> {
    let skill = SkillId::new("sales").map_err(|e| e.to_string())?;
    let touchpoint: TouchpointSettings = serde_json::from_value(json!({
        "channel": "webchat", "default_skill": "sales", "default_flow": flow, "active": true,
    }))
    .map_err(|e| e.to_string())?;
    let mut catalogue = Catalogue { version: 1, ..Catalogue::default() };
    catalogue.touchpoints.insert(TouchpointId::new("web").map_err(|e| e.to_string())?, touchpoint);
    catalogue.skills.insert(skill, SkillSettings::default());
    let profile = ProfileSettings { default: true, ..ProfileSettings::default() };
    catalogue.profiles.insert(ProfileId::new("default").map_err(|e| e.to_string())?, profile);
    Ok(catalogue)
}
