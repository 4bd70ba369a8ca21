//! A tenant's settings: what flows may name and what capacity obeys. One immutable snapshot at a time; a change is
//! a new snapshot that reaches the shard as an ordered input.
//!
//! The `*Settings` structs are the wire and storage form of each thing, closed and defaulted; the API stores them and
//! nothing else interprets them.

pub mod bans;
pub mod conversation;
pub mod desk;
pub mod hours;
pub mod messaging;
pub mod roles;
pub mod routing;
pub mod routing_queues;
pub mod rules;
pub mod table;

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use routewright_flows::{Channel, FlowId, HumanDuration, Locale, Localised};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use self::bans::{BanAlert, BanRules, Flood};
pub use self::conversation::{
    AgentResponse, ConversationSettings, FirstResponse, Reengagement, Sentence, ServiceTimes,
};
pub use self::desk::DeskSettings;
pub use self::hours::{DefaultsSettings, Hours, Open, Scope};
pub use self::messaging::{AccountSettings, NumberStanding, ProviderNumber, TemplateRefusal, TemplateSettings};
pub use self::roles::{Permissions, RoleSettings};
pub use self::routing::{Ageing, DigitalSkill, LineBounds, PreferredAgent, ServiceLevelGoal, Strategy, WideningStep};
pub use self::routing_queues::{QueueFilter, RoutingQueueSettings};
use crate::{
    calendar::Calendar,
    id::{
        AccountId, AgentId, AliasId, CalendarId, DispositionId, ProfileId, QuestionnaireId, RoleId, RoutingQueueId,
        SecretId, SkillId, StatusId, TableId, TouchpointId,
    },
    limits::MESSAGE_CHARS_MAX,
};

pub use table::{Table, TableSettings};

/// Everything the core must know of a tenant's settings.
#[derive(Debug, Clone, Default)]
pub struct Catalogue {
    /// Rises with every change.
    pub version: u64,
    /// Touchpoints.
    pub touchpoints: BTreeMap<TouchpointId, TouchpointSettings>,
    /// Skills.
    pub skills: BTreeMap<SkillId, SkillSettings>,
    /// Agents.
    pub agents: BTreeMap<AgentId, AgentSettings>,
    /// Handling profiles; exactly one is the default (FCE-03, FCE-04).
    pub profiles: BTreeMap<ProfileId, ProfileSettings>,
    /// What holds where nothing more particular is said.
    pub defaults: BTreeMap<Scope, DefaultsSettings>,
    /// Business accounts at providers of messages.
    pub accounts: BTreeMap<AccountId, AccountSettings>,
    /// Roles of digital users.
    pub roles: BTreeMap<RoleId, RoleSettings>,
    /// Routing queues; the first by id that fits has the contact.
    pub routing_queues: BTreeMap<RoutingQueueId, RoutingQueueSettings>,
    /// Opening hours, with their zone's rules.
    pub calendars: BTreeMap<CalendarId, Arc<Calendar>>,
    /// Dispositions.
    pub dispositions: BTreeMap<DispositionId, DispositionSettings>,
    /// Questionnaires.
    pub questionnaires: BTreeMap<QuestionnaireId, QuestionnaireSettings>,
    /// Data tables.
    pub tables: BTreeMap<TableId, Arc<Table>>,
    /// The secrets that exist, by name; their values are not here.
    pub secrets: BTreeSet<SecretId>,
}

impl Catalogue {
    /// The profile of an agent: his own, else the tenant's default (FCE-03); with his own limits in place of its (DYD-01).
    #[must_use]
    pub fn profile_of(&self, agent: &AgentId) -> ProfileSettings {
        let own = self.agents.get(agent).and_then(|a| a.profile.as_ref()).and_then(|id| self.profiles.get(id));
        let mut profile = own.or_else(|| self.profiles.values().find(|p| p.default)).cloned().unwrap_or_default();
        if let Some(limits) = self.agents.get(agent).map(|settings| &settings.limits) {
            profile.contacts_max = limits.contacts_max.unwrap_or(profile.contacts_max);
            profile.units_max = limits.units_max.or(profile.units_max);
            profile.channel_max.extend(&limits.channel_max);
        }
        profile
    }
}

/// A touchpoint (WAP-01): it may be active only with a default skill and a default flow.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TouchpointSettings {
    /// The channel.
    #[schemars(extend("x-fr" = "Le canal."))]
    pub channel: Channel,
    /// What people call it.
    #[serde(default)]
    #[schemars(extend("x-fr" = "Son nom, tel qu’on l’affiche."))]
    pub title: Localised,
    /// The last resort of every contact.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-fr" = "Le dernier recours de chaque contact."))]
    pub default_skill: Option<SkillId>,
    /// The script that each contact meets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-fr" = "Le scénario que rencontre chaque contact."))]
    pub default_flow: Option<FlowId>,
    /// Which version of it, by a name that the flow gives to one; the live version when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-fr" = "Laquelle de ses versions, par le nom que le scénario lui donne ; sinon celle en service."))]
    pub flow_alias: Option<AliasId>,
    /// What `@touchpoint` means for a calendar; as the defaults say when absent, `@always` for no hours at all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-fr" = "Ce que « @touchpoint » veut dire pour un calendrier ; selon les réglages par défaut en son absence, « @always » pour aucun horaire."))]
    pub calendar: Option<Hours>,
    /// The language of a contact whose own is not known.
    #[serde(default = "french")]
    #[schemars(extend("x-fr" = "La langue d’un contact dont on ignore la sienne."))]
    pub locale: Locale,
    /// Contacts are taken only when true.
    #[serde(default)]
    #[schemars(extend("x-fr" = "Les contacts ne sont pris que si c’est coché."))]
    pub active: bool,
    /// What happens by itself while an agent and a contact talk, or fail to.
    #[serde(default)]
    #[schemars(extend("x-fr" = "Ce qui arrive de soi-même pendant qu’un agent et un contact se parlent, ou n’y parviennent pas."))]
    pub conversation: ConversationSettings,
    /// Its number at a provider of messages (WAP-09..WAP-12).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-fr" = "Son numéro chez un fournisseur de messagerie."))]
    pub provider: Option<ProviderNumber>,
    /// The templates that its provider knows, by name (WAP-13). Without any, the provider alone judges them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(extend("x-fr" = "Les modèles que connaît son fournisseur, par nom. Sans aucun, lui seul en juge."))]
    pub templates: BTreeMap<String, TemplateSettings>,
}

fn french() -> Locale {
    Locale::new("fr").expect("'fr' is a language tag")
}

/// A skill.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SkillSettings {
    /// What people call it.
    #[serde(default)]
    #[schemars(extend("x-fr" = "Son nom, tel qu’on l’affiche."))]
    pub title: Localised,
    /// Skill to escalate to, when there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-fr" = "La compétence vers laquelle escalader, s’il y en a une."))]
    pub escalates_to: Option<SkillId>,
    /// Which of the agents who fit gets its contacts; the longest idle when absent (P-06).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-fr" = "Lequel des agents possibles reçoit ses contacts ; en l’absence de choix, celui qui est libre depuis le plus longtemps."))]
    pub strategy: Option<Strategy>,
    /// To how many agents a contact is offered at once, whose turn it is first; the first who accepts has it (P-10). One
    /// when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 50), extend("x-fr" = "À combien d’agents un contact est proposé en même temps ; le premier qui accepte l’obtient. Un seul par défaut."))]
    pub at_once: Option<u16>,
    /// How priority rises while its contacts wait (WAP-42).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-fr" = "Comment la priorité monte pendant que ses contacts attendent."))]
    pub ageing: Option<Ageing>,
    /// What is done for a contact whom an agent knows (WAP-24).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-fr" = "Ce qui est fait pour un contact qu’un agent connaît."))]
    pub preferred_agent: Option<PreferredAgent>,
    /// After so long, an agent is closed to other work until he has room for the one who waits (U-12): for contacts that
    /// need much room, such as calls.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-fr" = "Après ce délai, un agent ne reçoit plus rien d’autre jusqu’à ce qu’il ait la place pour celui qui attend."))]
    pub reserve_after: Option<HumanDuration>,
    /// The hours of its service (DYD-32); as the general defaults say when absent, `@always` for no hours at all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-fr" = "Les horaires de son service ; selon les réglages généraux en leur absence, « @always » pour aucun horaire."))]
    pub calendar: Option<Hours>,
    /// How many may wait for it, and until when (DYD-02, DYD-11).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-fr" = "Combien peuvent attendre, et jusqu’à quand."))]
    pub line: Option<LineBounds>,
    /// What its service level is measured against (WAP-32).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-fr" = "Ce à quoi se mesure son niveau de service."))]
    pub service_level: Option<ServiceLevelGoal>,
    /// Weaker levels that will do while its contacts wait, soonest first (WAP-43).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("x-fr" = "Niveaux plus faibles admis pendant que ses contacts attendent, le plus tôt d’abord."))]
    pub widening: Vec<WideningStep>,
    /// What makes it a skill of digital channels (WAP-21).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-fr" = "Ce qui en fait une compétence des canaux numériques."))]
    pub digital: Option<DigitalSkill>,
}

/// An agent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AgentSettings {
    /// What people call him.
    #[serde(default)]
    #[schemars(extend("x-fr" = "Son nom, tel qu’on l’affiche."))]
    pub name: String,
    /// Skills with proficiency, 1 (best) to 20 (WAP-23).
    #[serde(default)]
    #[schemars(extend("x-fr" = "Ses compétences et leur niveau, de 1 (meilleur) à 20."))]
    pub skills: BTreeMap<SkillId, Level>,
    /// His role on digital channels (WAP-16): one at most; without one nothing but his profile binds him.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-fr" = "Son rôle sur les canaux numériques : un au plus ; sans rôle, seul son profil le lie."))]
    pub role: Option<RoleId>,
    /// His handling profile; the tenant's default when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-fr" = "Son profil de traitement ; celui par défaut de l’organisation sinon."))]
    pub profile: Option<ProfileId>,
    /// Limits of his own, which win over his profile's (DYD-01, MAX-19).
    #[serde(default, skip_serializing_if = "LimitOverrides::is_empty")]
    #[schemars(extend("x-fr" = "Ses limites à lui, qui l’emportent sur celles de son profil."))]
    pub limits: LimitOverrides,
    /// How often he is chosen where agents are chosen by lot (`weighted_random`), beside others: 1 to 1000; 1 by default.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    #[schemars(range(min = 1, max = 1000), extend("x-fr" = "À quelle fréquence l’agent est tiré au sort, comparé aux autres : de 1 à 1000 ; 1 par défaut."))]
    pub weight: u16,
    /// The hours of his shift: outside them he gets nothing new (DYD-34, T-19). As the general defaults say when absent,
    /// `@always` for no shift.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-fr" = "Les heures de son service : en dehors, il ne reçoit rien de nouveau. Selon les réglages généraux en leur absence, « @always » pour aucune."))]
    pub calendar: Option<Hours>,
    /// True for a supervisor: escalations may ask for one.
    #[serde(default)]
    #[schemars(extend("x-fr" = "Coché pour un superviseur : les escalades peuvent en demander un."))]
    pub supervisor: bool,
    /// Languages he works in, best first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("x-fr" = "Les langues dans lesquelles il travaille, la meilleure d’abord."))]
    pub languages: Vec<Locale>,
}

fn one() -> u16 {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
fn is_one(n: &u16) -> bool {
    *n == 1
}

impl Default for AgentSettings {
    fn default() -> Self {
        Self {
            name: String::new(),
            skills: BTreeMap::new(),
            role: None,
            profile: None,
            limits: LimitOverrides::default(),
            weight: one(),
            calendar: None,
            supervisor: false,
            languages: Vec::new(),
        }
    }
}

/// A proficiency, 1 (best) to 20 (worst) (WAP-23).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct Level(u8);

impl Level {
    /// The best.
    pub const BEST: Self = Self(1);
    /// The worst: any agent who has the skill at all.
    pub const WORST: Self = Self(20);
}

impl JsonSchema for Level {
    fn schema_name() -> Cow<'static, str> {
        "Level".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "integer", "minimum": 1, "maximum": 20 })
    }
}

impl TryFrom<u8> for Level {
    type Error = String;

    fn try_from(level: u8) -> Result<Self, String> {
        (1..=20).contains(&level).then_some(Self(level)).ok_or_else(|| format!("level {level} is not 1 (best) to 20"))
    }
}

impl From<Level> for u8 {
    fn from(level: Level) -> Self {
        level.0
    }
}

/// How much an agent may be given at once, and how long he wraps up (FCE-01..FCE-12, PBX-18..PBX-20).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ProfileSettings {
    /// What people call it.
    #[schemars(extend("x-fr" = "Son nom, tel qu’on l’affiche."))]
    pub title: Localised,
    /// True for the one profile that every agent without his own gets (FCE-03).
    #[schemars(extend("x-fr" = "Coché pour le seul profil que reçoit chaque agent sans profil à lui."))]
    pub default: bool,
    /// Most contacts of a channel at once, offers and wrap-ups included (FCE-06). Channels not named take `contacts_max`.
    #[schemars(extend("x-fr" = "Contacts d’un canal en même temps, propositions et post-traitements compris. Un canal absent suit la limite totale."))]
    pub channel_max: BTreeMap<Channel, u16>,
    /// Most contacts at once over all channels; 3 by default (FCE-06).
    #[schemars(extend("x-fr" = "Contacts en même temps, tous canaux confondus ; 3 par défaut."))]
    pub contacts_max: u16,
    /// Work units that one contact of a channel weighs (PBX-18..PBX-20); 1 when not named.
    #[schemars(extend("x-fr" = "Unités de charge que pèse un contact de chaque canal ; 1 par défaut."))]
    pub units: BTreeMap<Channel, u16>,
    /// Work units an agent carries at most; no bound when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-fr" = "Unités de charge qu’un agent porte au plus ; sans limite en l’absence de valeur."))]
    pub units_max: Option<u16>,
    /// Time to complete the record after a conversation; the slot stays taken (FCE-07, FCE-08). 60 s by default; 0 = none.
    #[schemars(extend("x-fr" = "Temps pour compléter la fiche après une conversation ; la place reste prise. 60 s par défaut ; 0 pour aucun."))]
    pub wrap_up: HumanDuration,
    /// True when an agent must qualify a conversation to close its record (MAX-16, DYD-26). A record that closes by
    /// itself is then qualified `not_qualified` (FCE-09).
    #[schemars(extend("x-fr" = "Si l’agent doit qualifier la conversation pour fermer sa fiche."))]
    pub disposition_required: bool,
    /// How long an offer stays open (T-04).
    #[schemars(extend("x-fr" = "Combien de temps une proposition reste ouverte."))]
    pub offer_timeout: HumanDuration,
    /// Channels whose contacts do not stand in the way of others: while he has them, units and contacts are counted
    /// without them for every other channel (P-03).
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    #[schemars(extend("x-fr" = "Canaux dont les contacts ne gênent pas les autres : pour tout autre canal, on compte sans eux."))]
    pub interruptible: BTreeSet<Channel>,
    /// Per channel, the channels of which nothing new comes while he has a contact of it (P-03).
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(extend("x-fr" = "Par canal, les canaux dont rien de nouveau ne vient tant que l’agent en a un contact."))]
    pub excludes: BTreeMap<Channel, BTreeSet<Channel>>,
    /// What a conversation weighs that goes on over several channels (MAX-14).
    #[serde(skip_serializing_if = "Charge::is_sum")]
    #[schemars(extend("x-fr" = "Ce que pèse une conversation qui se poursuit sur plusieurs canaux."))]
    pub elevated: Charge,
    /// How many conversations he may set aside (U-09); none by default. What is set aside takes no place of a channel and
    /// counts as no contact.
    #[serde(skip_serializing_if = "is_none_parked")]
    #[schemars(extend("x-fr" = "Combien de conversations l’agent peut mettre de côté ; aucune par défaut."))]
    pub parked_max: u16,
    /// Work units that a conversation of a channel keeps reserved while it is set aside (U-11); its full weight when not
    /// named.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(extend("x-fr" = "Unités de charge qu’une conversation mise de côté garde réservées ; son poids entier par défaut."))]
    pub parked_units: BTreeMap<Channel, u16>,
    /// Channels whose contacts are his at once, without a question (DYD-33).
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    #[schemars(extend("x-fr" = "Canaux dont les contacts sont à l’agent aussitôt, sans question."))]
    pub auto_accept: BTreeSet<Channel>,
    /// False to give him nothing that he did not ask for (MAX-06).
    #[schemars(extend("x-fr" = "Décoché pour ne rien lui donner qu’il n’ait demandé."))]
    pub push: bool,
    /// True to let him ask for one contact more (MAX-05).
    #[schemars(extend("x-fr" = "Coché pour qu’il puisse demander un contact de plus."))]
    pub pull: bool,
    /// What becomes of an agent who lets offers pass (PBX-13).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-fr" = "Ce que devient un agent qui laisse passer des propositions."))]
    pub misses: Option<Misses>,
    /// How long the conversations of an agent whose desk is gone wait for him before others get them (T-13, DYD-31).
    /// 0 for not at all.
    #[schemars(extend("x-fr" = "Combien de temps les conversations d’un agent dont le bureau a disparu l’attendent avant d’aller à d’autres ; 0 pour ne pas attendre."))]
    pub reconnect: HumanDuration,
    /// What his desk shows and lets him do (DYD-12..DYD-29).
    #[serde(skip_serializing_if = "DeskSettings::is_default")]
    #[schemars(extend("x-fr" = "Ce que montre et permet son bureau."))]
    pub desk: DeskSettings,
    /// How fast he is filled when he comes; at once when absent (U-11).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-fr" = "À quel rythme l’agent est rempli quand il arrive ; aussitôt en l’absence de valeur."))]
    pub filling: Option<Filling>,
    /// Named statuses, beside the plain ones (DYD-22).
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(extend("x-fr" = "Statuts nommés, à côté des statuts ordinaires."))]
    pub statuses: BTreeMap<StatusId, StatusSettings>,
}

/// Limits that win over those of a profile.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct LimitOverrides {
    /// Most contacts of a channel at once.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(extend("x-fr" = "Contacts d’un canal en même temps."))]
    pub channel_max: BTreeMap<Channel, u16>,
    /// Most contacts at once over all channels.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-fr" = "Contacts en même temps, tous canaux confondus."))]
    pub contacts_max: Option<u16>,
    /// Work units carried at most.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-fr" = "Unités de charge portées au plus."))]
    pub units_max: Option<u16>,
}

impl LimitOverrides {
    /// True when the profile's limits stand.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// What a conversation weighs that goes on over several channels (MAX-14).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Charge {
    /// Each channel counts as a contact of its own.
    #[default]
    Sum,
    /// All together count as one contact of the heaviest channel; each still takes a place of its channel.
    Heaviest,
}

impl Charge {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
    fn is_sum(&self) -> bool {
        *self == Self::Sum
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
fn is_none_parked(n: &u16) -> bool {
    *n == 0
}

/// How fast agents are filled when they come, be it one or a whole site after an outage. Who waits longest comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Filling {
    /// One contact each time so long has passed, until he has his fill or nobody waits.
    #[schemars(extend("x-fr" = "Un contact à chaque fois que ce délai est passé, jusqu’à ce que l’agent soit plein ou que personne n’attende."))]
    pub every: HumanDuration,
    /// When agents of the profile come together, each begins so long after the one before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-fr" = "Quand des agents du profil arrivent ensemble, chacun commence ce délai après le précédent."))]
    pub stagger: Option<HumanDuration>,
}

/// What becomes of an agent who lets one offer after another pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Misses {
    /// After so many, without one accepted in between.
    #[schemars(extend("x-fr" = "Après ce nombre de propositions manquées d’affilée."))]
    pub max: u16,
    /// The status he is put in: `paused` keeps what he has, `offline` gives it to others.
    #[schemars(extend("x-fr" = "Le statut où il est mis : « en pause » garde ce qu’il a, « hors ligne » le donne à d’autres."))]
    pub status: NoAnswer,
}

/// What is done with an agent who does not answer (PBX-13).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum NoAnswer {
    /// He gets nothing new and keeps the rest.
    Paused,
    /// He is logged out: all that he has goes back to its place.
    Offline,
}

/// A named status (DYD-22).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StatusSettings {
    /// What people call it.
    #[serde(default)]
    #[schemars(extend("x-fr" = "Son nom, tel qu’on l’affiche."))]
    pub title: Localised,
    /// Channels of which contacts still come; none to keep what he has and get nothing new.
    #[serde(default)]
    #[schemars(extend("x-fr" = "Canaux dont des contacts arrivent encore ; aucun pour garder ce qu’il a sans rien recevoir."))]
    pub channels: BTreeSet<Channel>,
}

impl Default for ProfileSettings {
    fn default() -> Self {
        Self {
            title: Localised::default(),
            default: false,
            channel_max: BTreeMap::new(),
            contacts_max: 3,
            units: BTreeMap::new(),
            units_max: None,
            wrap_up: HumanDuration::from_millis(60_000),
            disposition_required: false,
            offer_timeout: HumanDuration::from_millis(30_000),
            interruptible: BTreeSet::new(),
            excludes: BTreeMap::new(),
            elevated: Charge::Sum,
            parked_max: 0,
            parked_units: BTreeMap::new(),
            auto_accept: BTreeSet::new(),
            push: true,
            pull: false,
            misses: None,
            reconnect: HumanDuration::default(),
            desk: DeskSettings::default(),
            filling: None,
            statuses: BTreeMap::new(),
        }
    }
}

/// A disposition.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DispositionSettings {
    /// What people call it.
    #[serde(default)]
    #[schemars(extend("x-fr" = "Son nom, tel qu’on l’affiche."))]
    pub title: Localised,
}

/// A questionnaire: typed questions, asked in order.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct QuestionnaireSettings {
    /// What people call it.
    #[serde(default)]
    #[schemars(extend("x-fr" = "Son nom, tel qu’on l’affiche."))]
    pub title: Localised,
    /// The questions.
    #[schemars(extend("x-fr" = "Les questions."))]
    pub questions: Vec<Question>,
}

/// One question.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// Names the answer.
    #[schemars(extend("x-fr" = "Le nom de la réponse."))]
    pub id: String,
    /// What the contact reads.
    #[schemars(extend("x-fr" = "Ce que lit le contact."))]
    pub text: Localised,
    /// What an answer may be.
    #[schemars(extend("x-fr" = "Ce que peut être une réponse."))]
    pub answer: AnswerType,
    /// False when the contact may skip it.
    #[serde(default = "yes")]
    #[schemars(extend("x-fr" = "Décoché si le contact peut la passer."))]
    pub required: bool,
    /// What a point of the answer weighs in the score of the whole; an answer without weight counts for nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-fr" = "Ce que pèse un point de la réponse dans la note du tout ; une réponse sans poids ne compte pas."))]
    pub weight: Option<f64>,
    /// Where to go on after certain answers, the first that holds; else to the next question.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("x-fr" = "Où continuer après certaines réponses, selon la première qui convient ; sinon à la question suivante."))]
    pub jumps: Vec<Jump>,
}

/// A way past the next question.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Jump {
    /// Answers that take it, as they are stored.
    #[schemars(extend("x-fr" = "Les réponses qui y mènent, telles qu’elles sont conservées."))]
    pub when: Vec<Value>,
    /// A later question; the end when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-fr" = "Une question plus loin ; la fin en son absence."))]
    pub to: Option<String>,
}

impl Question {
    /// What an answer adds to the score: the figure, 1 for yes, the points of the chosen option, times the weight.
    #[must_use]
    pub fn points(&self, answer: &Value) -> f64 {
        let points = match &self.answer {
            AnswerType::Integer { .. } | AnswerType::Scale { .. } | AnswerType::Number { .. } => answer.as_f64(),
            AnswerType::YesNo => answer.as_bool().map(|yes| if yes { 1.0 } else { 0.0 }),
            AnswerType::Choice { options } => {
                options.iter().find(|option| answer.as_str() == Some(&option.id)).and_then(|option| option.points)
            }
            AnswerType::Date | AnswerType::Email | AnswerType::Phone | AnswerType::Text => None,
        };
        points.unwrap_or(0.0) * self.weight.unwrap_or(0.0)
    }
}

impl QuestionnaireSettings {
    /// The question after one, given its answer; `None` at the end. It never goes back.
    #[must_use]
    pub fn after(&self, index: usize, answer: Option<&Value>) -> Option<usize> {
        let jumps = self.questions.get(index).into_iter().flat_map(|question| &question.jumps);
        let jump = answer.and_then(|answer| jumps.into_iter().find(|jump| jump.when.contains(answer)));
        let next = match jump.map(|jump| &jump.to) {
            None => index + 1,
            Some(None) => return None,
            Some(Some(id)) => self.questions.iter().position(|question| question.id == *id).unwrap_or(index + 1),
        };
        Some(next.max(index + 1)).filter(|next| *next < self.questions.len())
    }

    /// The score of answers so far.
    #[must_use]
    pub fn score(&self, answers: &BTreeMap<String, Value>) -> f64 {
        let points = |question: &Question| answers.get(&question.id).map_or(0.0, |answer| question.points(answer));
        self.questions.iter().map(points).sum()
    }
}

fn yes() -> bool {
    true
}

/// Types of answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum AnswerType {
    /// A whole number.
    Integer {
        /// The least, when there is one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schemars(extend("x-fr" = "Le plus petit, s’il y en a un."))]
        min: Option<i64>,
        /// The most, when there is one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schemars(extend("x-fr" = "Le plus grand, s’il y en a un."))]
        max: Option<i64>,
    },
    /// A whole number in a range, such as 1 to 5.
    Scale {
        /// The least.
        #[schemars(extend("x-fr" = "Le plus petit."))]
        min: i64,
        /// The most.
        #[schemars(extend("x-fr" = "Le plus grand."))]
        max: i64,
    },
    /// One of a list.
    Choice {
        /// The options.
        #[schemars(length(min = 1), extend("x-fr" = "Les options."))]
        options: Vec<ChoiceOption>,
    },
    /// Any number.
    Number {
        /// The least, when there is one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schemars(extend("x-fr" = "Le plus petit, s’il y en a un."))]
        min: Option<f64>,
        /// The most, when there is one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schemars(extend("x-fr" = "Le plus grand, s’il y en a un."))]
        max: Option<f64>,
    },
    /// A calendar date.
    Date,
    /// An e-mail address.
    Email,
    /// A telephone number.
    Phone,
    /// Yes or no.
    YesNo,
    /// Free text.
    Text,
}

impl AnswerType {
    /// True when a value is an answer of this type, as it is stored.
    #[must_use]
    pub fn accepts(&self, value: &Value) -> bool {
        let within = |n: i64, min: Option<i64>, max: Option<i64>| {
            min.is_none_or(|min| min <= n) && max.is_none_or(|max| n <= max)
        };
        let text =
            || value.as_str().filter(|text| !text.trim().is_empty() && text.chars().count() <= MESSAGE_CHARS_MAX);
        match self {
            Self::Integer { min, max } => value.as_i64().is_some_and(|n| within(n, *min, *max)),
            Self::Scale { min, max } => value.as_i64().is_some_and(|n| within(n, Some(*min), Some(*max))),
            Self::Choice { options } => text().is_some_and(|id| options.iter().any(|option| option.id == id)),
            Self::Number { min, max } => {
                value.as_f64().is_some_and(|n| min.is_none_or(|min| min <= n) && max.is_none_or(|max| n <= max))
            }
            Self::Date => text().is_some_and(|text| text.parse::<chrono::NaiveDate>().is_ok()),
            Self::Email => text().is_some_and(|text| text.contains('@')),
            Self::Phone => text().is_some_and(|text| 3 <= text.chars().filter(char::is_ascii_digit).count()),
            Self::YesNo => value.is_boolean(),
            Self::Text => text().is_some(),
        }
    }
}

/// An option of a choice.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ChoiceOption {
    /// The stored value.
    #[schemars(extend("x-fr" = "La valeur enregistrée."))]
    pub id: String,
    /// What the contact reads.
    #[schemars(extend("x-fr" = "Ce que lit le contact."))]
    pub label: Localised,
    /// Words that also mean it (`"1"`, `"vente"`), compared without case and accents.
    #[serde(default, rename = "match", skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("x-fr" = "Autres mots qui la désignent (« 1 », « vente »), comparés sans casse ni accents."))]
    pub matches: Vec<String>,
    /// What it counts in a questionnaire's score.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-fr" = "Ce qu’elle compte dans le score d’un questionnaire."))]
    pub points: Option<f64>,
}
