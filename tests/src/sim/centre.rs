//! Tenants drawn from a seed: touchpoints over the library's flows, agents with skills and profiles, hours.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    sync::Arc,
};

use routewright_engine::{
    TenantId,
    calendar::{Calendar, ZoneRules},
    catalogue::{
        AgentSettings, Catalogue, DispositionSettings, ProfileSettings, QuestionnaireSettings, SkillSettings,
        TouchpointSettings,
    },
    published::PublishedFlow,
    release::{Plan, Release},
    script::Sandbox,
};
use routewright_flows::{Channel, FlowDocument, FlowId, HumanDuration};
use serde_json::{Value, json};

use super::rng::Rng;

/// A tenant: its settings, and the flows in service.
#[derive(Debug)]
pub struct Tenant {
    /// Its id.
    pub id: TenantId,
    /// Its settings, the same for the whole story.
    pub catalogue: Arc<Catalogue>,
    /// Every version of every flow.
    pub versions: Vec<Arc<PublishedFlow>>,
    /// The versions of each flow that are in service.
    pub plans: BTreeMap<FlowId, Plan>,
}

impl Tenant {
    /// What a recovering shard is told of versions in service.
    pub fn releases(&self) -> impl Iterator<Item = Release> + '_ {
        self.plans.iter().map(|(flow, plan)| Release { flow: flow.clone(), plan: plan.clone() })
    }

    /// Remembers a committed release.
    pub fn release(&mut self, release: &Release) {
        self.plans.insert(release.flow.clone(), release.plan.clone());
    }
}

/// Versions that every flow has.
pub const VERSIONS: u32 = 2;

/// Skills that flows of the library ask for; nobody need have them.
const SKILLS: [&str; 5] = ["sales", "support", "billing", "office", "general"];

/// The documents of `flows/library`, in order of file names.
///
/// # Panics
/// When one cannot be read: they are part of this repository, and their own tests say more.
#[must_use]
pub fn library() -> Vec<Arc<FlowDocument>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../flows/library");
    let entries = std::fs::read_dir(&folder).expect("the library is part of the repository");
    let files: BTreeSet<_> = entries.map(|entry| entry.expect("a folder can be listed").path()).collect();
    let flows = files.iter().filter(|file| file.extension().is_some_and(|ext| ext == "json"));
    flows
        .map(|file| {
            let text = std::fs::read_to_string(file).expect("a file of the repository can be read");
            let parsed = routewright_flows::parse(&text).expect("a flow of the library parses");
            Arc::new(parsed.into_document())
        })
        .collect()
}

/// One to three tenants.
#[must_use]
pub fn tenants(rng: &mut Rng, sandbox: &Sandbox) -> Vec<Tenant> {
    let registry = routewright_nodes::standard();
    let documents: Vec<Arc<FlowDocument>> = library().into_iter().chain([troubled()]).collect();
    let prepare = |document: &Arc<FlowDocument>, version| {
        let flow = PublishedFlow::prepare(Arc::clone(document), version, &registry, sandbox);
        Arc::new(flow.expect("a flow of the library can be published"))
    };
    let versions: Vec<Arc<PublishedFlow>> =
        documents.iter().flat_map(|document| (1..=VERSIONS).map(|version| prepare(document, version))).collect();
    let first = |d: &Arc<FlowDocument>| (d.id.clone(), Plan { live: Some(1), ..Plan::default() });
    let plans: BTreeMap<FlowId, Plan> = documents.iter().map(first).collect();
    (1..=rng.between(1, 3))
        .map(|n| Tenant {
            id: id(&format!("tenant-{n}")),
            catalogue: Arc::new(catalogue(rng, &documents)),
            versions: versions.clone(),
            plans: plans.clone(),
        })
        .collect()
}

/// A flow that fails in every way a checked flow still can: a script that gives up, an exit that leads to the error
/// handler, a sub-flow that is not there, an attribute of the wrong type.
fn troubled() -> Arc<FlowDocument> {
    let document = json!({
        "schema": 1, "id": "troubled", "channels": ["webchat"], "entry": "choose",
        "attributes": { "number": { "type": "integer" } },
        "handlers": { "disconnect": "tidy" },
        "nodes": {
            "choose": { "kind": "menu", "config": { "text": { "fr": "Quel ennui ?" }, "attempts": 2, "options": [
                { "id": "type", "label": { "fr": "Type" }, "match": ["1"] },
                { "id": "missing", "label": { "fr": "Absent" }, "match": ["2"] },
                { "id": "nobody", "label": { "fr": "Personne" }, "match": ["3"] } ] },
                "exits": { "type": "wrong", "missing": "gone", "nobody": "queue", "no_match": "slow", "timeout": { "handler": "error" } } },
            "wrong": { "kind": "set_attributes", "config": { "set": { "number": "message.text" } }, "exits": { "done": "slow" } },
            "gone": { "kind": "subflow", "config": { "flow": "nowhere" }, "exits": { "done": "slow", "error": { "handler": "error" } } },
            "slow": { "kind": "wait", "config": { "for": "30d" }, "exits": { "done": { "end": "waited" } } },
            "queue": { "kind": "enqueue", "config": { "max_wait": "30d", "require_agents": true },
                "exits": { "ended": "record", "timeout": { "end": "unanswered" }, "no_agents": "slow" } },
            "record": { "kind": "wrap_up", "config": { "length": "5m" }, "exits": { "done": "slow", "expired": "slow", "none": "slow" } },
            "tidy": { "kind": "send_message", "config": { "text": { "fr": "Au revoir." } }, "exits": { "done": { "end": "left" } } },
        },
    });
    Arc::new(serde_json::from_value(document).expect("the document above has the right shape"))
}

fn catalogue(rng: &mut Rng, documents: &[Arc<FlowDocument>]) -> Catalogue {
    let mut catalogue = Catalogue { version: 1, ..Catalogue::default() };
    catalogue.skills = SKILLS.iter().map(|skill| (id(skill), SkillSettings::default())).collect();
    catalogue.calendars = BTreeMap::from([(id("hours"), Arc::new(hours()))]);
    catalogue.dispositions = BTreeMap::from([(id("resolved"), DispositionSettings::default())]);
    catalogue.questionnaires = BTreeMap::from([(id("satisfaction"), questionnaire())]);
    for (n, wrap_up) in [60_000, 0, 5_000].into_iter().enumerate() {
        let mut profile = ProfileSettings { default: n == 0, ..ProfileSettings::default() };
        profile.wrap_up = HumanDuration::from_millis(wrap_up);
        profile.contacts_max = u16::try_from(rng.between(1, 4)).unwrap_or(1);
        if rng.chance(40) {
            profile.channel_max.insert(Channel::Sms, 1);
            profile.units.insert(Channel::Whatsapp, 3);
            profile.units_max = Some(5);
        }
        catalogue.profiles.insert(id(&format!("profile-{n}")), profile);
    }
    for n in 0..rng.between(2, 7) {
        let skills = SKILLS.iter().filter(|_| rng.chance(55)).copied().collect::<Vec<_>>();
        let level = |rng: &mut Rng| u8::try_from(rng.between(1, 20)).ok().and_then(|level| level.try_into().ok());
        let mut settings = AgentSettings { supervisor: rng.chance(20), ..AgentSettings::default() };
        settings.skills = skills.iter().filter_map(|skill| Some((id(skill), level(rng)?))).collect();
        if rng.chance(50) {
            settings.profile = Some(id(&format!("profile-{}", rng.below(3))));
        }
        catalogue.agents.insert(id(&format!("agent-{n}")), settings);
    }
    for n in 0..rng.between(2, 4) {
        let flow = rng.pick(documents).map(|document| document.id.clone());
        let channel = rng.pick(&[Channel::Whatsapp, Channel::Webchat, Channel::Sms]).copied();
        let touchpoint: Value = json!({
            "channel": channel, "default_skill": "general", "default_flow": flow, "active": true,
            "calendar": if rng.chance(80) { json!("hours") } else { Value::Null },
        });
        let settings: TouchpointSettings = serde_json::from_value(touchpoint).expect("settings have the right shape");
        catalogue.touchpoints.insert(id(&format!("touchpoint-{n}")), settings);
    }
    catalogue
}

/// Eight to eight, every day.
fn hours() -> Calendar {
    let day = json!([{ "from": "08:00", "to": "20:00" }]);
    let weekly = json!({ "monday": day, "tuesday": day, "wednesday": day, "thursday": day, "friday": day,
                         "saturday": day, "sunday": day });
    let settings = serde_json::from_value(json!({ "zone": "UTC", "weekly": weekly })).expect("the right shape");
    let utc = ZoneRules { name: "UTC".into(), version: "simulated".into(), offsets: vec![(0, 0)] };
    Calendar::new(settings, Arc::new(utc)).expect("the settings are sound")
}

fn questionnaire() -> QuestionnaireSettings {
    serde_json::from_value(json!({ "questions": [
        { "id": "rating", "text": { "fr": "Une note ?" }, "answer": { "type": "scale", "min": 1, "max": 5 } },
        { "id": "comment", "text": { "fr": "Un mot ?" }, "answer": { "type": "text" }, "required": false },
    ] }))
    .expect("the questionnaire has the right shape")
}

fn id<T: std::str::FromStr<Err: std::fmt::Debug>>(text: &str) -> T {
    text.parse().expect("the names of the simulation follow the rules of names")
}
