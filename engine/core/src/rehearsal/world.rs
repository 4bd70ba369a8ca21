//! The world of a rehearsal: a catalogue made of what a scenario gives and what its flows name.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use routewright_flows::{
    Channel, FlowDocument, Locale, Words,
    descriptor::{ReferenceKind, Slot, TOUCHPOINT},
    scenario::{Given, GivenCalendar, Scenario, ScenarioStep},
    slots::SlotMap,
};
use serde_json::{Value, json};

use super::Failure;
use crate::{
    calendar::{Calendar, ZoneRules},
    catalogue::{
        AgentSettings, Catalogue, DispositionSettings, Hours, Level, ProfileSettings, QuestionnaireSettings,
        SkillSettings, Table, TouchpointSettings,
    },
    id::{AgentId, CalendarId, DispositionId, ProfileId, QuestionnaireId, SecretId, SkillId, TableId, TouchpointId},
    limits::REHEARSAL_WAITING_MAX,
    node::Registry,
};

/// The names that flows mention, by kind.
#[derive(Debug, Default)]
pub(super) struct Named {
    skills: BTreeSet<SkillId>,
    calendars: BTreeSet<CalendarId>,
    dispositions: BTreeSet<DispositionId>,
    secrets: BTreeSet<SecretId>,
}

/// The touchpoint by which contacts come.
pub(super) const TOUCHPOINT_NAME: &str = "rehearsal";
/// Its default skill.
const DEFAULT_SKILL: &str = "default";
/// The calendar that `@touchpoint` means.
const TOUCHPOINT_CALENDAR: &str = "rehearsal-touchpoint";

impl Named {
    pub(super) fn of<'d>(documents: impl Iterator<Item = &'d Arc<FlowDocument>>, registry: &Registry) -> Self {
        let slots: BTreeMap<_, _> = registry.descriptors().map(|d| (d.kind.clone(), SlotMap::of(&d.config))).collect();
        let mut named = Self::default();
        for node in documents.flat_map(|document| document.nodes.values()) {
            let Some(slots) = slots.get(&node.kind) else { continue };
            for found in slots.find(&node.config) {
                let Some(text) = found.text() else { continue };
                match found.slot {
                    Slot::Reference { to: ReferenceKind::Skill } => named.skills.extend(SkillId::new(text)),
                    Slot::Reference { to: ReferenceKind::Calendar } => named.calendars.extend(CalendarId::new(text)),
                    Slot::Reference { to: ReferenceKind::Disposition } => {
                        named.dispositions.extend(DispositionId::new(text));
                    }
                    Slot::Reference { to: ReferenceKind::Secret } => named.secrets.extend(SecretId::new(text)),
                    Slot::Reference { .. }
                    | Slot::Expression { .. }
                    | Slot::Script
                    | Slot::Template
                    | Slot::Text
                    | Slot::Attribute => {}
                }
            }
        }
        named
    }
}

/// What a scenario writes that has no meaning; English first.
fn misfit(what: [&str; 2], given: &str, expected: [&str; 2]) -> Failure {
    Failure {
        step: None,
        expected: expected[0].to_owned(),
        got: given.to_owned(),
        message: Words::new(
            format!("{} '{given}' cannot be used: expected {}", what[0], expected[0]),
            format!("{} « {given} » est inutilisable : il faut {}", what[1], expected[1]),
        ),
    }
}

pub(super) fn catalogue(document: &FlowDocument, named: &Named, scenario: &Scenario) -> Result<Catalogue, Failure> {
    let given = &scenario.given;
    let default_skill = SkillId::new(DEFAULT_SKILL).expect("'default' is a skill's name");
    let mut skills: BTreeSet<SkillId> = named.skills.clone();
    skills.insert(default_skill.clone());
    let waiting = waiting(given)?;
    skills.extend(waiting.iter().cloned());
    let agents = agents(given, &mut skills)?;
    let calendar = CalendarId::new(TOUCHPOINT_CALENDAR).expect("it is a calendar's name");
    let touchpoint = TouchpointSettings {
        channel: channel(document, scenario),
        title: Default::default(),
        default_skill: Some(default_skill),
        default_flow: Some(document.id.clone()),
        flow_alias: None,
        calendar: Some(Hours::Of(calendar)),
        locale: locale(scenario),
        conversation: Default::default(),
        provider: None,
        templates: BTreeMap::new(),
        active: true,
    };
    let mut touchpoints = lines(&touchpoint, &skills);
    let doors = waiting.into_iter().enumerate();
    touchpoints.extend(doors.map(|(n, skill)| (waiting_id(n), without_flow(&touchpoint, skill))));
    touchpoints.insert(touchpoint_id(), touchpoint);
    let profile = ProfileId::new("default").expect("'default' is a profile's name");
    Ok(Catalogue {
        version: 1,
        touchpoints,
        skills: skills.into_iter().map(|id| (id, SkillSettings::default())).collect(),
        agents,
        profiles: BTreeMap::from([(profile, ProfileSettings { default: true, ..Default::default() })]),
        defaults: BTreeMap::new(),
        accounts: BTreeMap::new(),
        roles: BTreeMap::new(),
        routing_queues: BTreeMap::new(),
        calendars: calendars(given, named)?,
        dispositions: dispositions(named, scenario),
        questionnaires: questionnaires(given)?,
        tables: tables(given)?,
        secrets: named.secrets.clone(),
    })
}

/// The lines by which conversations are elevated: of every channel that they may lead to, one for each skill.
fn lines(own: &TouchpointSettings, skills: &BTreeSet<SkillId>) -> BTreeMap<TouchpointId, TouchpointSettings> {
    let channels = [Channel::Email, Channel::Voice, Channel::Sms];
    let pairs = channels.into_iter().flat_map(|channel| skills.iter().enumerate().map(move |pair| (channel, pair)));
    let line = |(channel, (n, skill)): (Channel, (usize, &SkillId))| {
        let id = TouchpointId::new(&format!("{channel}-{n}")).expect("a channel and a number are a touchpoint's id");
        (id, TouchpointSettings { channel, default_skill: Some(skill.clone()), ..own.clone() })
    };
    pairs.map(line).collect()
}

/// The skills that other contacts wait for, as they are given.
fn waiting(given: &Given) -> Result<Vec<SkillId>, Failure> {
    let count = given.waiting.iter().fold(0_u32, |sum, others| sum.saturating_add(others.count));
    if REHEARSAL_WAITING_MAX < count {
        let most = REHEARSAL_WAITING_MAX;
        let expected = [&*format!("at most {most}"), &*format!("au plus {most}")];
        return Err(misfit(
            ["the number of waiting contacts", "le nombre de contacts en attente"],
            &count.to_string(),
            expected,
        ));
    }
    let skills = given.waiting.iter().map(|others| {
        SkillId::new(&others.skill)
            .map_err(|bad| misfit(["skill", "la compétence"], &others.skill, [bad.expected, "un nom de compétence"]))
    });
    skills.collect()
}

/// A touchpoint by which contacts come to the line at once.
fn without_flow(own: &TouchpointSettings, skill: SkillId) -> TouchpointSettings {
    TouchpointSettings { default_skill: Some(skill), default_flow: None, calendar: None, ..own.clone() }
}

/// The touchpoint of the contacts of a place in `given.waiting`.
pub(super) fn waiting_id(n: usize) -> TouchpointId {
    TouchpointId::new(&format!("waiting-{n}")).expect("a word and a number are a touchpoint's id")
}

pub(super) fn touchpoint_id() -> TouchpointId {
    TouchpointId::new(TOUCHPOINT_NAME).expect("'rehearsal' is a touchpoint's id")
}

pub(super) fn locale(scenario: &Scenario) -> Locale {
    scenario.locale.clone().unwrap_or_else(|| Locale::new("fr").expect("'fr' is a language tag"))
}

fn channel(document: &FlowDocument, scenario: &Scenario) -> Channel {
    scenario.channel.or_else(|| document.channels.first().copied()).unwrap_or(Channel::Webchat)
}

fn agents(given: &Given, skills: &mut BTreeSet<SkillId>) -> Result<BTreeMap<AgentId, AgentSettings>, Failure> {
    let mut agents = BTreeMap::new();
    for (name, agent) in &given.agents {
        let id = AgentId::new(name)
            .map_err(|bad| misfit(["agent", "l’agent"], name, [bad.expected, "un identifiant d’agent"]))?;
        let mut own = BTreeMap::new();
        for (skill, level) in &agent.skills {
            let id = SkillId::new(skill)
                .map_err(|bad| misfit(["skill", "la compétence"], skill, [bad.expected, "un nom de compétence"]))?;
            let level = Level::try_from(*level).map_err(|_| {
                misfit(["level", "le niveau"], &level.to_string(), ["1 (best) to 20", "un niveau de 1 (meilleur) à 20"])
            })?;
            skills.insert(id.clone());
            own.insert(id, level);
        }
        let settings = AgentSettings { skills: own, supervisor: agent.supervisor, ..Default::default() };
        agents.insert(id, settings);
    }
    Ok(agents)
}

fn calendars(given: &Given, named: &Named) -> Result<BTreeMap<CalendarId, Arc<Calendar>>, Failure> {
    let states = [GivenCalendar::Open, GivenCalendar::Closed, GivenCalendar::Holiday];
    let [open, closed, holiday] = states.map(|state| Arc::new(fixed(state)));
    let of = |state: GivenCalendar| match state {
        GivenCalendar::Open => Arc::clone(&open),
        GivenCalendar::Closed => Arc::clone(&closed),
        GivenCalendar::Holiday => Arc::clone(&holiday),
    };
    let own = CalendarId::new(TOUCHPOINT_CALENDAR).expect("it is a calendar's name");
    let always_open = named.calendars.iter().cloned().chain([own.clone()]);
    let mut calendars: BTreeMap<_, _> = always_open.map(|id| (id, of(GivenCalendar::Open))).collect();
    for (name, state) in &given.calendars {
        let id = if name == TOUCHPOINT {
            own.clone()
        } else {
            CalendarId::new(name)
                .map_err(|bad| misfit(["calendar", "le calendrier"], name, [bad.expected, "un nom de calendrier"]))?
        };
        calendars.insert(id, of(*state));
    }
    Ok(calendars)
}

/// A calendar that never leaves one state.
fn fixed(state: GivenCalendar) -> Calendar {
    let all_day = json!([{ "from": "00:00", "to": "24:00" }]);
    let always = json!({ "monday": all_day, "tuesday": all_day, "wednesday": all_day, "thursday": all_day,
                         "friday": all_day, "saturday": all_day, "sunday": all_day });
    let settings = match state {
        GivenCalendar::Open => json!({ "zone": "UTC", "weekly": always }),
        GivenCalendar::Closed => json!({ "zone": "UTC" }),
        GivenCalendar::Holiday => {
            json!({ "zone": "UTC", "weekly": always, "closed": [{ "from": "1970-01-01", "to": "2199-12-31" }] })
        }
    };
    let settings = serde_json::from_value(settings).expect("the settings above have the right shape");
    let utc = ZoneRules { name: "UTC".to_owned(), version: "fixed".to_owned(), offsets: vec![(0, 0)] };
    Calendar::new(settings, Arc::new(utc)).expect("the settings above are sound")
}

fn dispositions(named: &Named, scenario: &Scenario) -> BTreeMap<DispositionId, DispositionSettings> {
    let used = scenario.steps.iter().filter_map(|step| match step {
        ScenarioStep::AgentFinishes(finish) => finish.disposition.as_ref(),
        ScenarioStep::ContactSays(_)
        | ScenarioStep::ContactChooses(_)
        | ScenarioStep::ContactLeaves {}
        | ScenarioStep::TimePasses(_)
        | ScenarioStep::AgentArrives(_)
        | ScenarioStep::AgentGoes(_)
        | ScenarioStep::AgentAccepts(_)
        | ScenarioStep::AgentDeclines(_)
        | ScenarioStep::AgentWrites(_)
        | ScenarioStep::AgentCloses(_)
        | ScenarioStep::OutsideAnswers(_)
        | ScenarioStep::OutsideFails(_)
        | ScenarioStep::Expect(_) => None,
    });
    let used = used.filter_map(|name| DispositionId::new(name).ok());
    used.chain(named.dispositions.iter().cloned()).map(|id| (id, DispositionSettings::default())).collect()
}

fn questionnaires(given: &Given) -> Result<BTreeMap<QuestionnaireId, QuestionnaireSettings>, Failure> {
    let mut questionnaires = BTreeMap::new();
    for (name, settings) in &given.questionnaires {
        let id = QuestionnaireId::new(name).map_err(|bad| {
            misfit(["questionnaire", "le questionnaire"], name, [bad.expected, "un nom de questionnaire"])
        })?;
        let settings = serde_json::from_value(Value::Object(settings.clone())).map_err(|e| {
            let expected = [&*format!("settings that can be read ({e})"), &*format!("des réglages lisibles ({e})")];
            misfit(["questionnaire", "le questionnaire"], name, expected)
        })?;
        questionnaires.insert(id, settings);
    }
    Ok(questionnaires)
}

fn tables(given: &Given) -> Result<BTreeMap<TableId, Arc<Table>>, Failure> {
    let mut tables = BTreeMap::new();
    for (name, settings) in &given.tables {
        let id =
            TableId::new(name).map_err(|bad| misfit(["table", "la table"], name, [bad.expected, "un nom de table"]))?;
        let settings = serde_json::from_value(Value::Object(settings.clone())).map_err(|e| {
            let expected = [&*format!("settings that can be read ({e})"), &*format!("des réglages lisibles ({e})")];
            misfit(["table", "la table"], name, expected)
        })?;
        tables.insert(id, Arc::new(Table::new(settings)));
    }
    Ok(tables)
}
