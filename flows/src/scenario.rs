//! Tests inside a flow document: a conversation played under a virtual clock, with what must come of it.
//! This module only defines their shape; the engine's `rehearsal` plays them.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    channel::Channel,
    duration::HumanDuration,
    name::{AttributeName, ExitName, Locale, NodeId},
};

/// One rehearsal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// What it shows, as a sentence.
    pub name: String,
    /// When it starts, RFC 3339; `2026-01-12T10:00:00+01:00` (a Monday morning in Paris) when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
    /// The channel; the flow's first when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<Channel>,
    /// The contact's language; `fr` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locale: Option<Locale>,
    /// Facts known of the contact (`contact.fields.tier`).
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub contact: BTreeMap<String, Value>,
    /// The world around the flow.
    #[serde(default, skip_serializing_if = "Given::is_empty")]
    pub given: Given,
    /// What happens and what must be seen, in order.
    pub steps: Vec<ScenarioStep>,
}

/// The world a rehearsal assumes. Skills and calendars that the flow names and that are not given exist anyway: a
/// skill that nobody has, a calendar that is always open. For each skill there is a line for calls, one for text messages
/// and a mailbox, by which conversations may be elevated.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Given {
    /// Calendars by name, fixed to a state for the whole rehearsal.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(extend("x-fr" = "Les calendriers par nom, fixés dans un état pour toute la répétition."))]
    pub calendars: BTreeMap<String, GivenCalendar>,
    /// Agents present from the start, by id.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(extend("x-fr" = "Les agents présents dès le début, par identifiant."))]
    pub agents: BTreeMap<String, GivenAgent>,
    /// Other contacts who are in line before the contact comes. Those who waited longer stand before those who waited less.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("x-fr" = "D’autres contacts en file avant que vienne le contact. Ceux qui attendent depuis plus longtemps sont devant."))]
    pub waiting: Vec<GivenWaiting>,
    /// Questionnaires by name, with the settings they would have in the catalogue.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(extend("x-fr" = "Les questionnaires par nom, avec les réglages qu’ils auraient au catalogue."))]
    pub questionnaires: BTreeMap<String, Map<String, Value>>,
    /// Data tables by name, with the settings they would have in the catalogue.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(extend("x-fr" = "Les tables de données par nom, avec les réglages qu’elles auraient au catalogue."))]
    pub tables: BTreeMap<String, Map<String, Value>>,
}

impl Given {
    /// True when nothing is given.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let Self { calendars, agents, waiting, questionnaires, tables } = self;
        calendars.is_empty()
            && agents.is_empty()
            && waiting.is_empty()
            && questionnaires.is_empty()
            && tables.is_empty()
    }
}

/// A calendar held in one state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum GivenCalendar {
    /// Open.
    Open,
    /// Outside weekly hours.
    Closed,
    /// Closed by a closed date.
    Holiday,
}

/// An agent of a rehearsal.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GivenAgent {
    /// Skills with levels, 1 (best) to 20.
    #[serde(default)]
    #[schemars(extend("x-fr" = "Ses compétences avec leurs niveaux, de 1 (le meilleur) à 20."))]
    pub skills: BTreeMap<String, u8>,
    /// True for a supervisor.
    #[serde(default)]
    #[schemars(extend("x-fr" = "Coché pour un superviseur."))]
    pub supervisor: bool,
    /// False for an agent who is not there yet.
    #[serde(default = "yes")]
    #[schemars(extend("x-fr" = "Décoché pour un agent qui n’est pas encore là."))]
    pub available: bool,
}

fn yes() -> bool {
    true
}

/// Other contacts of a rehearsal, in line for a skill. Agents are offered them as live; what an agent does in a step
/// concerns the contact when he has him, and otherwise the other one that he has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GivenWaiting {
    /// For what they wait; anybody who has the skill will do.
    #[schemars(extend("x-fr" = "Ce qu’ils attendent ; quiconque a la compétence convient."))]
    pub skill: String,
    /// How many; at most 100 in a rehearsal.
    #[serde(default = "one")]
    #[schemars(range(min = 1, max = 100))]
    #[schemars(extend("x-fr" = "Combien ; 100 au plus dans une répétition."))]
    pub count: u32,
    /// How long they have waited when the rehearsal starts.
    #[serde(default)]
    #[schemars(extend("x-fr" = "Depuis combien de temps ils attendent quand la répétition commence."))]
    pub waited: HumanDuration,
}

fn one() -> u32 {
    1
}

/// One step of a rehearsal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[expect(clippy::large_enum_variant, reason = "a scenario has a dozen steps, and half of them expect")]
pub enum ScenarioStep {
    /// The contact writes a text. The first one opens the interaction.
    ContactSays(String),
    /// The contact taps an option of a menu or question, by its id.
    ContactChooses(String),
    /// The contact hangs up or leaves the page.
    ContactLeaves {},
    /// The clock moves on; every timer on the way fires at its instant.
    TimePasses(HumanDuration),
    /// The agent comes online.
    AgentArrives(String),
    /// The agent goes offline.
    AgentGoes(String),
    /// The agent takes the offer he has.
    AgentAccepts(String),
    /// The agent refuses the offer he has.
    AgentDeclines(String),
    /// The agent writes to the contact.
    AgentWrites(AgentWrites),
    /// The agent ends the conversation; his wrap-up begins.
    AgentCloses(String),
    /// The agent closes his record.
    AgentFinishes(AgentFinishes),
    /// The oldest call to the outside that waits for an answer gets this one.
    OutsideAnswers(OutsideAnswers),
    /// The oldest call to the outside that waits for an answer gets none, for this reason: `timeout`, `unreachable`,
    /// `forbidden`, `too_large`, `circuit_open`, `unknown_secret`, `invalid` or `refused`.
    OutsideFails(String),
    /// What must be true now.
    Expect(Expect),
}

/// Words of an agent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AgentWrites {
    /// Who.
    #[schemars(extend("x-fr" = "Qui."))]
    pub agent: String,
    /// What.
    #[schemars(extend("x-fr" = "Quoi."))]
    pub text: String,
}

/// The answer of another system.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OutsideAnswers {
    /// The HTTP status.
    #[serde(default = "ok")]
    #[schemars(extend("x-fr" = "Le statut HTTP."))]
    pub status: u16,
    /// What it says: a text as it is, anything else as JSON.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    #[schemars(extend("x-fr" = "Ce qu’il dit : un texte tel quel, tout le reste en JSON."))]
    pub body: Value,
}

fn ok() -> u16 {
    200
}

/// The end of an agent's wrap-up.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AgentFinishes {
    /// Who.
    #[schemars(extend("x-fr" = "Qui."))]
    pub agent: String,
    /// How he qualifies the conversation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-fr" = "Comment il qualifie la conversation."))]
    pub disposition: Option<String>,
}

/// Expectations; each that is present must hold.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Expect {
    /// Exactly what the contact was sent since the last expectation of this kind, in order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-fr" = "Exactement ce qui a été envoyé au contact depuis la dernière attente de cette sorte, dans l’ordre."))]
    pub says: Option<Vec<String>>,
    /// The node the interaction waits at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-fr" = "Le nœud où attend l’interaction."))]
    pub at: Option<NodeId>,
    /// The last exits taken, oldest first, as `node.exit`; the listed ones are the tail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-fr" = "Les dernières sorties prises, la plus ancienne d’abord, sous la forme « nœud.sortie » ; celles qu’on cite sont les dernières."))]
    pub exits: Option<Vec<String>>,
    /// What went with messages since the last expectation of this kind, in order: `image https://…`,
    /// `Label https://…`, `template name fr ["…"]`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-fr" = "Ce qui accompagnait les messages depuis la dernière attente de cette sorte, dans l’ordre : « image https://… », « Libellé https://… », « template nom fr [\"…\"] »."))]
    pub attached: Option<Vec<String>>,
    /// Timers of the conversation that fired since the last expectation of this kind, in order: `first_response_promise`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-fr" = "Les minuteries de la conversation échues depuis la dernière attente de cette sorte, dans l’ordre : « first_response_promise »."))]
    pub timers: Option<Vec<String>>,
    /// Calls to the outside made since the last expectation of this kind, in order, as `POST https://crm.example/x`; and
    /// the contact reached on a further channel, as `voice +33612345678 with ann` or `sms +33612345678: Hello.`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-fr" = "Les appels vers l’extérieur depuis la dernière attente de cette sorte, dans l’ordre, comme « POST https://crm.example/x » ; et le contact joint par un autre canal, comme « voice +33612345678 with ann » ou « sms +33612345678: Bonjour. »."))]
    pub calls: Option<Vec<String>>,
    /// Values of attributes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-fr" = "Les valeurs d’attributs."))]
    pub attributes: Option<BTreeMap<AttributeName, Value>>,
    /// Skills the interaction waits for in a queue; an empty list says it waits in none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-fr" = "Les compétences que l’interaction attend en file ; une liste vide dit qu’elle n’en attend aucune."))]
    pub waiting_for: Option<Vec<String>>,
    /// How long the contact has been in line, by his place in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-fr" = "Depuis quand le contact est en file, d’après sa place."))]
    pub waiting_since: Option<HumanDuration>,
    /// The agent who has the offer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-fr" = "L’agent qui a la proposition."))]
    pub offered_to: Option<String>,
    /// The agent in conversation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-fr" = "L’agent en conversation."))]
    pub assigned_to: Option<String>,
    /// How the interaction is qualified, by its agent or by the flow.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-fr" = "Comment l’interaction est qualifiée, par son agent ou par le scénario."))]
    pub disposition: Option<String>,
    /// The disposition the interaction ended with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-fr" = "La qualification avec laquelle l’interaction s’est terminée."))]
    pub ended: Option<ExitName>,
    /// Answers stored by surveys, by questionnaire and question.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-fr" = "Les réponses conservées par les questionnaires, par questionnaire et par question."))]
    pub answers: Option<BTreeMap<String, BTreeMap<String, Value>>>,
}
