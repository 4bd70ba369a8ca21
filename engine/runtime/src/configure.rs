//! What documents mean: settings become a tenant's catalogue, flow versions are prepared, releases are chosen.
//!
//! Reading a document's meaning may compile scripts, so it happens before the shard sees the change; the shard only
//! puts the meaning in force. What it deliberately does not do: it checks no references between documents. The door
//! does, and a flow that names what does not exist meets a fault at run time, never a panic.

use std::sync::Arc;

use routewright_engine::{
    AgentId, SkillId, TouchpointId,
    calendar::{Calendar, CalendarSettings},
    catalogue::{
        AccountSettings, AgentSettings, Catalogue, DefaultsSettings, DispositionSettings, ProfileSettings,
        QuestionnaireSettings, RoleSettings, RoutingQueueSettings, Scope, SkillSettings, Table, TableSettings,
        TouchpointSettings,
    },
    custom::Manifest,
    id::{AccountId, CalendarId, DispositionId, ProfileId, QuestionnaireId, RoleId, RoutingQueueId, SecretId, TableId},
    node::Registry,
    published::PublishedFlow,
    release::{Plan, Release},
    script::Sandbox,
};
use routewright_flows::{FlowDocument, FlowId};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{documents::DocumentKind, zones::Zones};

/// What is needed to read documents.
#[derive(Clone)]
pub(crate) struct Interpreter {
    pub(crate) registry: Arc<Registry>,
    pub(crate) sandbox: Arc<Sandbox>,
    pub(crate) zones: Arc<Zones>,
}

/// What a document means to the shard.
#[derive(Debug, Clone)]
#[expect(clippy::large_enum_variant, reason = "settings are written rarely, a few at a time")]
pub(crate) enum Meaning {
    /// Part of the catalogue.
    Setting(Setting),
    /// A version of a flow, prepared.
    Version(Arc<PublishedFlow>),
    /// Which versions of a flow are in service.
    Release(Release),
    /// The tenant exists.
    Tenant,
    /// Nothing: it is only kept.
    Kept,
}

/// One part of a catalogue; `None` when it is no more.
#[derive(Debug, Clone)]
pub(crate) enum Setting {
    Touchpoint(TouchpointId, Option<Box<TouchpointSettings>>),
    Skill(SkillId, Option<SkillSettings>),
    Agent(AgentId, Option<AgentSettings>),
    Profile(ProfileId, Option<ProfileSettings>),
    Calendar(CalendarId, Option<Arc<Calendar>>),
    Defaults(Scope, Option<DefaultsSettings>),
    Account(AccountId, Option<AccountSettings>),
    Role(RoleId, Option<RoleSettings>),
    RoutingQueue(RoutingQueueId, Option<RoutingQueueSettings>),
    Disposition(DispositionId, Option<DispositionSettings>),
    Questionnaire(QuestionnaireId, Option<QuestionnaireSettings>),
    Table(TableId, Option<Arc<Table>>),
    /// That it exists; its value stays where it is.
    Secret(SecretId, bool),
}

impl Setting {
    /// Puts it into a catalogue.
    pub(crate) fn enter(self, catalogue: &mut Catalogue) {
        match self {
            Self::Touchpoint(id, settings) => set(&mut catalogue.touchpoints, id, settings.map(|settings| *settings)),
            Self::Skill(id, settings) => set(&mut catalogue.skills, id, settings),
            Self::Agent(id, settings) => set(&mut catalogue.agents, id, settings),
            Self::Profile(id, settings) => set(&mut catalogue.profiles, id, settings),
            Self::Calendar(id, settings) => set(&mut catalogue.calendars, id, settings),
            Self::Defaults(scope, settings) => set(&mut catalogue.defaults, scope, settings),
            Self::Account(id, settings) => set(&mut catalogue.accounts, id, settings),
            Self::Role(id, settings) => set(&mut catalogue.roles, id, settings),
            Self::RoutingQueue(id, settings) => set(&mut catalogue.routing_queues, id, settings),
            Self::Disposition(id, settings) => set(&mut catalogue.dispositions, id, settings),
            Self::Questionnaire(id, settings) => set(&mut catalogue.questionnaires, id, settings),
            Self::Table(id, table) => set(&mut catalogue.tables, id, table),
            Self::Secret(id, true) => drop(catalogue.secrets.insert(id)),
            Self::Secret(id, false) => drop(catalogue.secrets.remove(&id)),
        }
    }
}

fn set<K: Ord, V>(map: &mut std::collections::BTreeMap<K, V>, id: K, value: Option<V>) {
    match value {
        Some(value) => map.insert(id, value),
        None => map.remove(&id),
    };
}

/// The body of a `FlowVersion` document, as far as it is understood here.
#[derive(Deserialize)]
struct VersionBody {
    document: FlowDocument,
    /// The tenant's own node types that it was published with.
    #[serde(default)]
    node_types: Vec<Manifest>,
}

impl Interpreter {
    /// What a document means; `body` is `None` when it is deleted.
    ///
    /// # Errors
    /// What is wrong with the id or the body, for the one who wrote it.
    pub(crate) fn read(&self, kind: DocumentKind, id: &str, body: Option<&Value>) -> Result<Meaning, String> {
        let setting = match kind {
            DocumentKind::Touchpoint => Setting::Touchpoint(name(TouchpointId::new(id))?, typed(body)?.map(Box::new)),
            DocumentKind::Skill => Setting::Skill(name(SkillId::new(id))?, typed(body)?),
            DocumentKind::Agent => Setting::Agent(name(AgentId::new(id))?, typed(body)?),
            DocumentKind::Profile => Setting::Profile(name(ProfileId::new(id))?, typed(body)?),
            DocumentKind::Calendar => Setting::Calendar(name(CalendarId::new(id))?, self.calendar(typed(body)?)?),
            DocumentKind::Defaults => Setting::Defaults(name(id.parse())?, typed(body)?),
            DocumentKind::Account => Setting::Account(name(AccountId::new(id))?, typed(body)?),
            DocumentKind::Role => Setting::Role(name(RoleId::new(id))?, typed(body)?),
            DocumentKind::RoutingQueue => Setting::RoutingQueue(name(RoutingQueueId::new(id))?, typed(body)?),
            DocumentKind::Disposition => Setting::Disposition(name(DispositionId::new(id))?, typed(body)?),
            DocumentKind::Questionnaire => Setting::Questionnaire(name(QuestionnaireId::new(id))?, typed(body)?),
            DocumentKind::Table => {
                let table = typed::<TableSettings>(body)?.map(|settings| Arc::new(Table::new(settings)));
                Setting::Table(name(TableId::new(id))?, table)
            }
            DocumentKind::Secret => Setting::Secret(name(SecretId::new(id))?, body.is_some()),
            DocumentKind::FlowVersion => return self.version(id, body),
            DocumentKind::Release => {
                let plan = typed::<Plan>(body)?.unwrap_or_default();
                return Ok(Meaning::Release(Release { flow: name(FlowId::new(id))?, plan }));
            }
            DocumentKind::Tenant => return Ok(Meaning::Tenant),
            DocumentKind::NodeType
            | DocumentKind::CannedAnswer
            | DocumentKind::FlowDraft
            | DocumentKind::ReleaseNote
            | DocumentKind::Visits
            | DocumentKind::PublishingRule
            | DocumentKind::ApiKey
            | DocumentKind::Session
            | DocumentKind::Audit
            | DocumentKind::Idempotency => return Ok(Meaning::Kept),
        };
        Ok(Meaning::Setting(setting))
    }

    fn calendar(&self, settings: Option<CalendarSettings>) -> Result<Option<Arc<Calendar>>, String> {
        let Some(settings) = settings else { return Ok(None) };
        let zone = settings.zone.to_string();
        let rules = self.zones.rules(&zone).ok_or_else(|| {
            format!("time zone '{zone}' does not exist on this machine: expected an IANA name such as 'Europe/Paris'")
        })?;
        let calendar = Calendar::new(settings, rules).map_err(|problems| {
            let lines: Vec<_> = problems.iter().map(|p| format!("{}: {}", p.fields.join(", "), p.message.en)).collect();
            lines.join("; ")
        })?;
        Ok(Some(Arc::new(calendar)))
    }

    /// A deleted version stays prepared until the next start: interactions may still be on it.
    fn version(&self, id: &str, body: Option<&Value>) -> Result<Meaning, String> {
        let Some(VersionBody { document, node_types }) = typed(body)? else { return Ok(Meaning::Kept) };
        let expected = || format!("expected the flow's id, '@' and a number, such as '{}@3'", document.id);
        let (flow, version) = id.split_once('@').ok_or_else(expected)?;
        let version: u32 = version.parse().map_err(|_| expected())?;
        if flow != document.id.as_str() {
            return Err(expected());
        }
        let registry = match node_types.as_slice() {
            [] => Arc::clone(&self.registry),
            _ => Arc::new(node_types.into_iter().fold(Registry::clone(&self.registry), Registry::install)),
        };
        let flow = PublishedFlow::prepare(Arc::new(document), version, &registry, &self.sandbox);
        Ok(Meaning::Version(Arc::new(flow.map_err(|fault| fault.to_string())?)))
    }
}

fn name<T>(name: Result<T, routewright_flows::name::BadName>) -> Result<T, String> {
    name.map_err(|bad| bad.to_string())
}

fn typed<T: DeserializeOwned>(body: Option<&Value>) -> Result<Option<T>, String> {
    body.map(|body| T::deserialize(body).map_err(|error| error.to_string())).transpose()
}
