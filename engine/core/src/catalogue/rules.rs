//! What makes a tenant's settings sound: rules between one thing and the others, as pure functions. The door asks
//! before it writes; nothing here reads a store or changes anything.
//!
//! Every rule answers with findings, complete and in order, never with the first fault alone.

use std::collections::{BTreeMap, BTreeSet};

use routewright_flows::{Channel, Finding, FlowId, Severity, Words, descriptor::ReferenceKind};
use serde::Serialize;

use super::{
    AgentSettings, AnswerType, Catalogue, LimitOverrides, ProfileSettings, QuestionnaireSettings, SkillSettings,
    TableSettings, TouchpointSettings, conversation, desk,
    hours::{Hours, unknown_hours},
    messaging, routing,
};
use crate::{
    calendar::{CalendarProblem, ZoneName},
    id::{AccountId, ProfileId, RoleId, SkillId, TouchpointId},
    limits::WEIGHT_MAX,
};

/// What a touchpoint may not be (WAP-01): it names only what exists, and is active only with a default skill and a
/// default flow that is live.
#[must_use]
pub fn touchpoint(
    id: &TouchpointId,
    settings: &TouchpointSettings,
    catalogue: &Catalogue,
    live: &BTreeSet<FlowId>,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    match &settings.default_skill {
        Some(skill) if !catalogue.skills.contains_key(skill) => {
            findings.push(unknown("/default_skill", ReferenceKind::Skill, skill.as_str()))
        }
        None if settings.active => findings.push(finding(
            "default-skill-required",
            "/default_skill",
            (
                "an active touchpoint needs a default skill: without one a contact could be lost",
                "un point de contact actif exige une compétence par défaut : sans elle, un contact pourrait être perdu",
            ),
            ("Create a skill and name it here", "Créez une compétence et nommez-la ici"),
        )),
        Some(_) | None => {}
    }
    match &settings.default_flow {
        Some(flow) if !live.contains(flow) => findings.push(finding(
            "flow-not-live",
            "/default_flow",
            (
                format!("flow '{flow}' has no live version"),
                format!("le scénario « {flow} » n’a pas de version en service"),
            ),
            (
                "Publish the flow with \"release\": true, then name it here",
                "Publiez le scénario avec « \"release\": true », puis nommez-le ici",
            ),
        )),
        None if settings.active => findings.push(finding(
            "default-flow-required",
            "/default_flow",
            ("an active touchpoint needs a default flow", "un point de contact actif exige un scénario par défaut"),
            ("Publish a flow and name it here", "Publiez un scénario et nommez-le ici"),
        )),
        Some(_) | None => {}
    }
    findings.extend(unknown_hours("/calendar", settings.calendar.as_ref(), catalogue));
    findings.extend(conversation::check(&settings.conversation));
    findings.extend(messaging::check(id, settings, catalogue));
    findings
}

/// What a skill may not be: one that escalates to nothing, or, through others, to itself; one whose routing contradicts
/// itself.
#[must_use]
pub fn skill(id: &SkillId, settings: &SkillSettings, catalogue: &Catalogue) -> Vec<Finding> {
    let mut findings = escalation(id, settings, catalogue);
    findings.extend(unknown_hours("/calendar", settings.calendar.as_ref(), catalogue));
    let line = settings.line.as_ref().and_then(|line| line.calendar.as_ref());
    findings.extend(unknown_hours("/line/calendar", line, catalogue));
    findings.extend(routing::check(settings, catalogue));
    findings.extend(routing::check_digital(id, settings, catalogue));
    findings
}

fn escalation(id: &SkillId, settings: &SkillSettings, catalogue: &Catalogue) -> Vec<Finding> {
    let Some(first) = &settings.escalates_to else {
        return Vec::new();
    };
    if first != id && !catalogue.skills.contains_key(first) {
        return vec![unknown("/escalates_to", ReferenceKind::Skill, first.as_str())];
    }
    // Each step visits another skill, or the walk is over.
    let mut seen = BTreeSet::new();
    let mut next = Some(first);
    while let Some(skill) = next.filter(|skill| seen.insert(*skill)) {
        if skill == id {
            return vec![finding(
                "escalation-cycle",
                "/escalates_to",
                (
                    format!("skill '{id}' would escalate to itself"),
                    format!("la compétence « {id} » s’escaladerait vers elle-même"),
                ),
                (
                    "Let the last skill of the chain escalate to none",
                    "Laissez la dernière compétence de la chaîne sans escalade",
                ),
            )];
        }
        next = catalogue.skills.get(skill).and_then(|s| s.escalates_to.as_ref());
    }
    Vec::new()
}

/// What an agent may not be: one with skills or a profile that do not exist.
#[must_use]
pub fn agent(settings: &AgentSettings, catalogue: &Catalogue) -> Vec<Finding> {
    let skills = settings.skills.keys().filter(|skill| !catalogue.skills.contains_key(*skill));
    let mut findings: Vec<_> =
        skills.map(|s| unknown(&format!("/skills/{s}"), ReferenceKind::Skill, s.as_str())).collect();
    if let Some(profile) = settings.profile.as_ref().filter(|id| !catalogue.profiles.contains_key(*id)) {
        findings.push(finding(
            "unknown-profile",
            "/profile",
            (
                format!("handling profile '{profile}' does not exist"),
                format!("le profil de traitement « {profile} » n’existe pas"),
            ),
            (
                "Create it first, or leave the field out for the tenant's default",
                "Créez-le d’abord, ou omettez le champ pour le profil par défaut",
            ),
        ));
    }
    if let Some(role) = settings.role.as_ref().filter(|id| !catalogue.roles.contains_key(*id)) {
        findings.push(finding(
            "unknown-role",
            "/role",
            (format!("role '{role}' does not exist"), format!("le rôle « {role} » n’existe pas")),
            ("Create it first, or correct the name", "Créez d’abord cet élément ou corrigez le nom"),
        ));
    }
    findings.extend(unknown_hours("/calendar", settings.calendar.as_ref(), catalogue));
    let LimitOverrides { channel_max, contacts_max, units_max } = &settings.limits;
    findings.extend(maxima_too_small("/limits", channel_max, *contacts_max, *units_max));
    if !(1..=WEIGHT_MAX).contains(&settings.weight) {
        findings.push(finding(
            "weight-out-of-range",
            "/weight",
            (format!("a weight is 1 to {WEIGHT_MAX}"), format!("un poids va de 1 à {WEIGHT_MAX}")),
            ("Give a number in that range", "Indiquez un nombre dans cet intervalle"),
        ));
    }
    findings
}

/// Maxima of nothing, whether or not the agent has something: who is to get no contacts pauses.
fn maxima_too_small(
    at: &str,
    channel_max: &BTreeMap<Channel, u16>,
    contacts_max: Option<u16>,
    units_max: Option<u16>,
) -> Vec<Finding> {
    let total = contacts_max.map(|max| (format!("{at}/contacts_max"), max));
    let channels = channel_max.iter().map(|(channel, max)| (format!("{at}/channel_max/{channel}"), *max));
    let units = units_max.map(|max| (format!("{at}/units_max"), max));
    let too_small = total.into_iter().chain(channels).chain(units).filter(|(_, max)| *max == 0);
    let finding = |(pointer, _): (String, u16)| {
        finding(
            "maximum-too-small",
            &pointer,
            (
                "a maximum of 0 would never give the agent a contact",
                "un maximum de 0 ne donnerait jamais de contact à l’agent",
            ),
            ("Give 1 or more", "Indiquez 1 ou plus"),
        )
    };
    too_small.map(finding).collect()
}

/// What a handling profile may not be: one under which an agent could never get a contact (FCE-06).
#[must_use]
pub fn profile(settings: &ProfileSettings, catalogue: &Catalogue) -> Vec<Finding> {
    let mut findings = desk::check(&settings.desk, catalogue);
    findings.extend(maxima_too_small("", &settings.channel_max, Some(settings.contacts_max), settings.units_max));
    for (channel, units) in &settings.units {
        if settings.units_max.is_some_and(|max| max < *units) {
            findings.push(contradiction(
                "units-above-maximum",
                [&format!("/units/{channel}"), "/units_max"],
                (
                    format!("one contact of {channel} weighs more than units_max"),
                    format!("un contact {channel} pèse plus que units_max"),
                ),
                ("Raise units_max, or let the channel weigh less", "Augmentez units_max ou réduisez le poids du canal"),
            ));
        }
    }
    for (channel, reserved) in &settings.parked_units {
        if settings.units.get(channel).copied().unwrap_or(1) < *reserved {
            let [parked, units] = [format!("/parked_units/{channel}"), format!("/units/{channel}")];
            findings.push(contradiction(
                "parked-above-units",
                [&parked, &units],
                (
                    "a conversation that is set aside would weigh more than one that goes on",
                    "une conversation mise de côté pèserait plus qu’une conversation en cours",
                ),
                ("Reserve less, or let the channel weigh more", "Réservez moins ou augmentez le poids du canal"),
            ));
        }
    }
    if settings.filling.is_some_and(|filling| filling.every.get().is_zero()) {
        findings.push(finding(
            "filling-too-fast",
            "/filling/every",
            ("a rate needs a length of time", "un rythme demande une durée"),
            (
                "Give a length such as \"5s\", or leave `filling` out",
                "Indiquez une durée, par exemple « 5s », ou omettez `filling`",
            ),
        ));
    }
    if !settings.push && !settings.pull {
        findings.push(contradiction(
            "no-delivery",
            ["/push", "/pull"],
            (
                "agents who neither get contacts nor may ask for them never have any",
                "des agents qui ne reçoivent rien et ne peuvent rien demander n’ont jamais de contact",
            ),
            ("Set one of the two", "Activez l’un des deux"),
        ));
    }
    if settings.misses.is_some_and(|misses| misses.max == 0) {
        findings.push(finding(
            "maximum-too-small",
            "/misses/max",
            ("an agent cannot miss fewer than one offer", "un agent ne peut pas manquer moins d’une proposition"),
            ("Give 1 or more", "Indiquez 1 ou plus"),
        ));
    }
    for channel in settings.auto_accept.iter().filter(|channel| settings.channel_max.get(channel) == Some(&0)) {
        findings.push(contradiction(
            "accepts-what-never-comes",
            ["/auto_accept", &format!("/channel_max/{channel}")],
            (
                format!("contacts of {channel} are accepted at once, and at most 0 may come"),
                format!("les contacts {channel} sont acceptés d’office, et 0 au plus peut arriver"),
            ),
            ("Raise the maximum or leave the channel out", "Augmentez le maximum ou retirez le canal"),
        ));
    }
    if settings.offer_timeout.get().is_zero() {
        findings.push(finding(
            "offer-timeout-too-short",
            "/offer_timeout",
            (
                "an offer that ends at once can never be accepted",
                "une offre qui expire aussitôt ne peut jamais être acceptée",
            ),
            ("Give some seconds, such as \"30s\"", "Indiquez quelques secondes, par exemple « 30s »"),
        ));
    }
    findings
}

/// Which profile loses the default flag when `id` is written as `settings` (FCE-03): the flag moves, so that no
/// sequence of edits leaves a tenant with none or two (FCE-04).
///
/// # Errors
/// The finding that refuses the edit: it would leave the tenant without a default.
pub fn default_moves_from(
    id: &ProfileId,
    settings: &ProfileSettings,
    catalogue: &Catalogue,
) -> Result<Option<ProfileId>, Box<Finding>> {
    let current = catalogue.profiles.iter().find(|(_, p)| p.default).map(|(id, _)| id);
    match current {
        Some(current) if settings.default && current != id => Ok(Some(current.clone())),
        Some(current) if !settings.default && current == id => Err(Box::new(default_required())),
        None if !settings.default => Err(Box::new(default_required())),
        Some(_) | None => Ok(None),
    }
}

/// Why a profile may not be deleted, when it may not (FCE-04).
#[must_use]
pub fn profile_deletion(id: &ProfileId, catalogue: &Catalogue) -> Option<Finding> {
    catalogue.profiles.get(id).is_some_and(|p| p.default).then(default_required)
}

/// What a questionnaire may not be: one that cannot be asked, or whose answers could not be told apart.
#[must_use]
pub fn questionnaire(settings: &QuestionnaireSettings) -> Vec<Finding> {
    let mut findings = Vec::new();
    if settings.questions.is_empty() {
        findings.push(finding(
            "no-questions",
            "/questions",
            (
                "a questionnaire without questions cannot be asked",
                "un questionnaire sans question ne peut pas être posé",
            ),
            ("Add a question", "Ajoutez une question"),
        ));
    }
    let mut ids = BTreeSet::new();
    for (at, question) in settings.questions.iter().enumerate() {
        if question.id.is_empty() || !ids.insert(question.id.as_str()) {
            findings.push(repeated(&format!("/questions/{at}/id"), &question.id));
        }
        if question.text.0.is_empty() {
            findings.push(finding(
                "text-required",
                &format!("/questions/{at}/text"),
                (
                    format!("question '{}' has no text", question.id),
                    format!("la question « {} » n’a pas de texte", question.id),
                ),
                ("Write it in at least one language", "Rédigez-la dans au moins une langue"),
            ));
        }
        findings.extend(answer(&format!("/questions/{at}/answer"), &question.answer));
        let later = &settings.questions[at + 1..];
        for (place, jump) in question.jumps.iter().enumerate() {
            if let Some(to) = jump.to.as_ref().filter(|to| !later.iter().any(|question| question.id == **to)) {
                findings.push(finding(
                    "bad-jump",
                    &format!("/questions/{at}/jumps/{place}/to"),
                    (
                        format!("question '{}' jumps to '{to}', which is not a later question", question.id),
                        format!(
                            "la question « {} » saute à « {to} », qui n’est pas une question ultérieure",
                            question.id
                        ),
                    ),
                    (
                        "Name a question further down, or none for the end",
                        "Nommez une question plus bas, ou aucune pour la fin",
                    ),
                ));
            }
        }
    }
    findings
}

fn answer(pointer: &str, answer: &AnswerType) -> Vec<Finding> {
    let empty_range = || {
        finding(
            "empty-range",
            pointer,
            (
                "no answer can lie in this range: the least is above the most",
                "aucune réponse ne peut tomber dans cette plage : le minimum dépasse le maximum",
            ),
            ("Exchange the two", "Échangez les deux"),
        )
    };
    match answer {
        AnswerType::Scale { min, max } if max < min => vec![empty_range()],
        AnswerType::Integer { min: Some(min), max: Some(max) } if max < min => vec![empty_range()],
        AnswerType::Number { min: Some(min), max: Some(max) } if max < min => vec![empty_range()],
        AnswerType::Choice { options } => {
            let mut ids = BTreeSet::new();
            let twice = options.iter().enumerate().filter(|(_, o)| o.id.is_empty() || !ids.insert(o.id.as_str()));
            let mut findings: Vec<_> =
                twice.map(|(at, o)| repeated(&format!("{pointer}/options/{at}/id"), &o.id)).collect();
            if options.is_empty() {
                findings.push(finding(
                    "no-options",
                    &format!("{pointer}/options"),
                    ("a choice without options cannot be made", "un choix sans option est impossible"),
                    ("Add an option", "Ajoutez une option"),
                ));
            }
            findings
        }
        AnswerType::Scale { .. }
        | AnswerType::Integer { .. }
        | AnswerType::Number { .. }
        | AnswerType::Date
        | AnswerType::Email
        | AnswerType::Phone
        | AnswerType::YesNo
        | AnswerType::Text => Vec::new(),
    }
}

/// Something that names a thing, so that the thing may not be deleted.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, schemars::JsonSchema)]
pub struct User {
    /// What it is: `touchpoint`, `skill`, `agent`, `profile`, `role`, `routing_queue`, `defaults`, `flow`, `flow_version`
    /// or `interaction`.
    pub kind: String,
    /// Its id.
    pub id: String,
}

impl User {
    /// A user by kind and id.
    pub fn new(kind: &str, id: impl ToString) -> Self {
        Self { kind: kind.to_owned(), id: id.to_string() }
    }
}

/// Everything of the catalogue that names one thing. What flows name is known to the caller.
#[must_use]
pub fn users(to: ReferenceKind, name: &str, catalogue: &Catalogue) -> Vec<User> {
    let keeps = |hours: &Option<Hours>| hours.as_ref().and_then(Hours::calendar).is_some_and(|id| id.as_str() == name);
    let touchpoints = catalogue.touchpoints.iter().filter(|(_, t)| match to {
        ReferenceKind::Skill => t.default_skill.as_ref().is_some_and(|s| s.as_str() == name),
        ReferenceKind::Flow => t.default_flow.as_ref().is_some_and(|f| f.as_str() == name),
        ReferenceKind::Calendar => keeps(&t.calendar),
        ReferenceKind::Template
        | ReferenceKind::Questionnaire
        | ReferenceKind::Disposition
        | ReferenceKind::Agent
        | ReferenceKind::Table
        | ReferenceKind::Secret => false,
    });
    let mut users: Vec<_> = touchpoints.map(|(id, _)| User::new("touchpoint", id)).collect();
    if to == ReferenceKind::Calendar {
        let agents = catalogue.agents.iter().filter(|(_, a)| keeps(&a.calendar));
        users.extend(agents.map(|(id, _)| User::new("agent", id)));
        let skills = catalogue
            .skills
            .iter()
            .filter(|(_, s)| keeps(&s.calendar) || s.line.as_ref().is_some_and(|line| keeps(&line.calendar)));
        users.extend(skills.map(|(id, _)| User::new("skill", id)));
        let defaults = catalogue.defaults.iter().filter(|(_, d)| keeps(&d.calendar) || keeps(&d.shift));
        users.extend(defaults.map(|(scope, _)| User::new("defaults", scope)));
    }
    if to == ReferenceKind::Questionnaire {
        let asks = |settings: &ProfileSettings| settings.desk.questionnaires().any(|(_, id)| id.as_str() == name);
        let profiles = catalogue.profiles.iter().filter(|(_, settings)| asks(settings));
        users.extend(profiles.map(|(id, _)| User::new("profile", id)));
    }
    if to == ReferenceKind::Skill {
        let skills =
            catalogue.skills.iter().filter(|(_, s)| s.escalates_to.as_ref().is_some_and(|s| s.as_str() == name));
        users.extend(skills.map(|(id, _)| User::new("skill", id)));
        let agents = catalogue.agents.iter().filter(|(_, a)| a.skills.keys().any(|s| s.as_str() == name));
        users.extend(agents.map(|(id, _)| User::new("agent", id)));
        let parts = catalogue.skills.iter().filter(|(_, s)| {
            s.digital.as_ref().and_then(|digital| digital.part_of.as_ref()).is_some_and(|whole| whole.as_str() == name)
        });
        users.extend(parts.map(|(id, _)| User::new("skill", id)));
        let roles = catalogue.roles.iter().filter(|(_, role)| role.skills.iter().flatten().any(|s| s.as_str() == name));
        users.extend(roles.map(|(id, _)| User::new("role", id)));
        let queues = catalogue.routing_queues.iter().filter(|(_, queue)| queue.skill.as_str() == name);
        users.extend(queues.map(|(id, _)| User::new("routing_queue", id)));
    }
    users
}

/// The roles and routing queues that name a touchpoint.
#[must_use]
pub fn users_of_touchpoint(id: &TouchpointId, catalogue: &Catalogue) -> Vec<User> {
    let roles = catalogue.roles.iter().filter(|(_, role)| role.touchpoints.contains_key(id));
    let queues = catalogue.routing_queues.iter().filter(|(_, queue)| queue.filter.touchpoints.contains(id));
    let roles = roles.map(|(id, _)| User::new("role", id));
    roles.chain(queues.map(|(id, _)| User::new("routing_queue", id))).collect()
}

/// The agents who have a role.
#[must_use]
pub fn users_of_role(id: &RoleId, catalogue: &Catalogue) -> Vec<User> {
    let agents = catalogue.agents.iter().filter(|(_, agent)| agent.role.as_ref() == Some(id));
    agents.map(|(id, _)| User::new("agent", id)).collect()
}

/// The touchpoints whose number belongs to an account.
#[must_use]
pub fn users_of_account(id: &AccountId, catalogue: &Catalogue) -> Vec<User> {
    let touchpoints =
        catalogue.touchpoints.iter().filter(|(_, t)| t.provider.as_ref().is_some_and(|number| number.account == *id));
    touchpoints.map(|(id, _)| User::new("touchpoint", id)).collect()
}

/// The agents on a handling profile of their own.
#[must_use]
pub fn users_of_profile(id: &ProfileId, catalogue: &Catalogue) -> Vec<User> {
    let agents = catalogue.agents.iter().filter(|(_, a)| a.profile.as_ref() == Some(id));
    agents.map(|(id, _)| User::new("agent", id)).collect()
}

fn default_required() -> Finding {
    finding(
        "default-profile-required",
        "/default",
        (
            "a tenant always has exactly one default handling profile",
            "un client a toujours exactement un profil de traitement par défaut",
        ),
        (
            "Make another profile the default first: the flag moves by itself",
            "Désignez d’abord un autre profil par défaut : l’indicateur se déplace de lui-même",
        ),
    )
}

pub(super) fn repeated(pointer: &str, id: &str) -> Finding {
    finding(
        "repeated-id",
        pointer,
        (
            format!("the id '{id}' is empty or used twice"),
            format!("l’identifiant « {id} » est vide ou utilisé deux fois"),
        ),
        ("Give each its own id", "Donnez à chacun son propre identifiant"),
    )
}

pub(super) fn unknown(pointer: &str, to: ReferenceKind, name: &str) -> Finding {
    let fr = match to {
        ReferenceKind::Skill => "la compétence",
        ReferenceKind::Calendar => "le calendrier",
        ReferenceKind::Template => "le modèle",
        ReferenceKind::Questionnaire => "le questionnaire",
        ReferenceKind::Flow => "le scénario",
        ReferenceKind::Disposition => "la qualification",
        ReferenceKind::Agent => "l’agent",
        ReferenceKind::Table => "la table",
        ReferenceKind::Secret => "le secret",
    };
    finding(
        &format!("unknown-{}", to.as_str()),
        pointer,
        (format!("{} '{name}' does not exist", to.as_str()), format!("{fr} « {name} » n’existe pas")),
        ("Create it first, or correct the name", "Créez d’abord cet élément ou corrigez le nom"),
    )
}

/// Two settings that cannot both hold; the sentence names both fields.
pub(super) fn contradiction(
    code: &str,
    [first, second]: [&str; 2],
    (en, fr): (impl Into<String>, impl Into<String>),
    hint: (&str, &str),
) -> Finding {
    let (en, fr): (String, String) = (en.into(), fr.into());
    let words = (format!("{en} (`{first}` and `{second}`)"), format!("{fr} (`{first}` et `{second}`)"));
    finding(code, first, words, hint)
}

/// A calendar in a zone that nobody knows.
#[must_use]
pub fn unknown_zone(zone: &ZoneName) -> Finding {
    finding(
        "unknown-zone",
        "/zone",
        (
            format!("time zone '{zone}' does not exist on this machine"),
            format!("le fuseau « {zone} » n’existe pas sur cette machine"),
        ),
        ("Give an IANA name such as 'Europe/Paris'", "Indiquez un nom IANA tel que « Europe/Paris »"),
    )
}

/// What is wrong with a calendar, as settings are refused: its sentence says what to do, the hint which fields disagree.
#[must_use]
pub fn of_calendar(problem: &CalendarProblem) -> Finding {
    let fields: Vec<String> = problem.fields.iter().map(|field| format!("`{field}`")).collect();
    let pointer = problem.fields.first().map_or("", String::as_str);
    let (en, fr) = (fields.join(" and "), fields.join(" et "));
    Finding {
        hint: Words::new(format!("Correct {en}"), format!("Corrigez {fr}")),
        ..finding(problem.code, pointer, (problem.message.en.clone(), problem.message.fr.clone()), ("", ""))
    }
}

/// What a touchpoint may not be called: the runtime keeps calls to other systems under this name.
#[must_use]
pub fn reserved(id: &TouchpointId, name: &str) -> Option<Finding> {
    (id.as_str() == name).then(|| {
        finding(
            "reserved-id",
            "/id",
            (format!("'{id}' is reserved"), format!("« {id} » est réservé")),
            ("Choose another id", "Choisissez un autre identifiant"),
        )
    })
}

/// Columns of a table; more would be a database.
const COLUMNS_MAX: usize = 50;
/// Rows of a table; all of it is in memory and every change rewrites it.
const ROWS_MAX: usize = 10_000;

/// What a table may not be: without columns, with two of one name, too large, or with values where no column is.
#[must_use]
pub fn table(settings: &TableSettings) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut columns = BTreeSet::new();
    for (at, column) in settings.columns.iter().enumerate() {
        if column.trim().is_empty() || !columns.insert(column.as_str()) {
            findings.push(repeated(&format!("/columns/{at}"), column));
        }
    }
    let (wide, long) = (settings.columns.len(), settings.rows.len());
    if wide == 0 || COLUMNS_MAX < wide || ROWS_MAX < long {
        findings.push(finding(
            "table-size",
            if ROWS_MAX < long { "/rows" } else { "/columns" },
            (
                format!("the table has {wide} columns and {long} rows: 1 to {COLUMNS_MAX} and at most {ROWS_MAX} are kept"),
                format!(
                    "la table a {wide} colonnes et {long} lignes : 1 à {COLUMNS_MAX} et au plus {ROWS_MAX} sont conservées"
                ),
            ),
            ("Cut it into several tables", "Découpez-la en plusieurs tables"),
        ));
    }
    for (at, row) in settings.rows.iter().enumerate() {
        if let Some(column) = row.keys().find(|column| !columns.contains(column.as_str())) {
            findings.push(finding(
                "unknown-column",
                &format!("/rows/{at}/{column}"),
                (
                    format!("row {at} has a value for '{column}', which is not a column"),
                    format!("la ligne {at} a une valeur pour « {column} », qui n’est pas une colonne"),
                ),
                ("Add the column, or remove the value", "Ajoutez la colonne, ou retirez la valeur"),
            ));
        }
    }
    findings
}

/// Characters of a secret; an RSA key has about 3,300.
const SECRET_CHARS_MAX: usize = 8_192;

/// What a secret may not be: empty, too long, of several lines, which no header takes, or like one that was sealed.
#[must_use]
pub fn secret(value: &str) -> Vec<Finding> {
    let chars = value.chars().count();
    if (1..=SECRET_CHARS_MAX).contains(&chars) && !value.contains(['\r', '\n', '\0']) && !value.starts_with("sealed:") {
        return Vec::new();
    }
    vec![finding(
        "bad-secret",
        "/value",
        (
            format!("a secret has one line of 1 to {SECRET_CHARS_MAX} characters, and does not begin with 'sealed:'"),
            format!(
                "un secret tient en une ligne de 1 à {SECRET_CHARS_MAX} caractères et ne commence pas par « sealed: »"
            ),
        ),
        ("Give its whole value, without line breaks", "Donnez toute sa valeur, sans retour à la ligne"),
    )]
}

pub(super) fn finding(
    code: &str,
    pointer: &str,
    (en, fr): (impl Into<String>, impl Into<String>),
    (hint_en, hint_fr): (&str, &str),
) -> Finding {
    Finding {
        code: code.to_owned(),
        severity: Severity::Error,
        pointer: pointer.to_owned(),
        node: None,
        position: None,
        span: None,
        message: Words::new(en, fr),
        hint: Words::new(hint_en, hint_fr),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn codes(findings: &[Finding]) -> Vec<&str> {
        findings.iter().map(|f| f.code.as_str()).collect()
    }

    fn touchpoint_of(json: &str) -> TouchpointSettings {
        serde_json::from_str(json).expect("settings")
    }

    #[test]
    fn wap_01_p_16_activation_needs_a_default_skill_and_a_live_default_flow() {
        let mut catalogue = Catalogue::default();
        catalogue.skills.insert(SkillId::new("sales").expect("a name"), SkillSettings::default());
        let live = BTreeSet::from([FlowId::new("welcome").expect("a name")]);
        for (json, expected) in [
            (r#"{"channel":"sms"}"#, &[][..]),
            (r#"{"channel":"sms","active":true}"#, &["default-skill-required", "default-flow-required"]),
            (r#"{"channel":"sms","active":true,"default_skill":"sales"}"#, &["default-flow-required"]),
            (r#"{"channel":"sms","active":true,"default_skill":"sales","default_flow":"welcome"}"#, &[]),
            (
                r#"{"channel":"sms","default_skill":"nobody","default_flow":"draft","calendar":"never"}"#,
                &["unknown-skill", "flow-not-live", "unknown-calendar"],
            ),
        ] {
            let id = TouchpointId::new("text").expect("a name");
            assert_eq!(codes(&touchpoint(&id, &touchpoint_of(json), &catalogue, &live)), expected, "{json}");
        }
    }

    #[test]
    fn a_skill_never_escalates_to_itself_through_others() {
        let id = |name: &str| SkillId::new(name).expect("a name");
        let to = |name: &str| SkillSettings { escalates_to: Some(id(name)), ..SkillSettings::default() };
        let mut catalogue = Catalogue::default();
        catalogue.skills.insert(id("l1"), to("l2"));
        catalogue.skills.insert(id("l2"), to("l3"));
        catalogue.skills.insert(id("l3"), SkillSettings::default());
        assert_eq!(codes(&skill(&id("l3"), &to("l1"), &catalogue)), ["escalation-cycle"]);
        assert_eq!(codes(&skill(&id("l3"), &to("l3"), &catalogue)), ["escalation-cycle"]);
        assert_eq!(codes(&skill(&id("l3"), &to("l4"), &catalogue)), ["unknown-skill"]);
        assert_eq!(codes(&skill(&id("l0"), &to("l1"), &catalogue)), [""; 0]);
    }

    #[test]
    fn p_02_an_agents_own_limits_leave_room_for_a_contact() {
        let json = r#"{"limits":{"contacts_max":0,"channel_max":{"sms":0,"voice":1},"units_max":0}}"#;
        let settings: AgentSettings = serde_json::from_str(json).expect("settings");
        let findings = agent(&settings, &Catalogue::default());
        let refused: Vec<_> = findings.iter().map(|f| (f.code.as_str(), f.pointer.as_str())).collect();
        let pointers = ["/limits/contacts_max", "/limits/channel_max/sms", "/limits/units_max"];
        assert_eq!(refused, pointers.map(|pointer| ("maximum-too-small", pointer)));
    }

    #[test]
    fn fce_06_a_profile_leaves_room_for_a_contact() {
        let json = r#"{"contacts_max":0,"channel_max":{"sms":0},"units":{"sms":9},"units_max":4,"offer_timeout":"0s",
            "push":false,"auto_accept":["sms"],"misses":{"max":0,"status":"paused"}}"#;
        let settings: ProfileSettings = serde_json::from_str(json).expect("settings");
        assert_eq!(
            codes(&profile(&settings, &Catalogue::default())),
            [
                "maximum-too-small",
                "maximum-too-small",
                "units-above-maximum",
                "no-delivery",
                "maximum-too-small",
                "accepts-what-never-comes",
                "offer-timeout-too-short"
            ]
        );
        assert!(profile(&ProfileSettings::default(), &Catalogue::default()).is_empty());
    }

    #[test]
    fn a_questionnaire_can_be_asked() {
        let json = r#"{"questions":[{"id":"a","text":{},"answer":{"type":"scale","min":5,"max":1}},
            {"id":"a","text":{"fr":"?"},"answer":{"type":"choice","options":[]}}]}"#;
        let settings: QuestionnaireSettings = serde_json::from_str(json).expect("settings");
        assert_eq!(codes(&questionnaire(&settings)), ["text-required", "empty-range", "repeated-id", "no-options"]);
        assert_eq!(codes(&questionnaire(&QuestionnaireSettings::default())), ["no-questions"]);
    }

    proptest! {
        /// No sequence of edits and deletions that the rules allow leaves a tenant without exactly one default.
        #[test]
        fn fce_04_exactly_one_default_survives_every_sequence_of_edits(edits in prop::collection::vec((0..4_u8, any::<bool>(), any::<bool>()), 0..40)) {
            let id = |n: u8| ProfileId::new(&format!("p{n}")).expect("a name");
            let mut catalogue = Catalogue::default();
            catalogue.profiles.insert(id(0), ProfileSettings { default: true, ..ProfileSettings::default() });
            for (n, default, delete) in edits {
                if delete {
                    if profile_deletion(&id(n), &catalogue).is_none() {
                        catalogue.profiles.remove(&id(n));
                    }
                } else {
                    let settings = ProfileSettings { default, ..ProfileSettings::default() };
                    if let Ok(from) = default_moves_from(&id(n), &settings, &catalogue) {
                        if let Some(other) = from.and_then(|id| catalogue.profiles.get_mut(&id)) {
                            other.default = false;
                        }
                        catalogue.profiles.insert(id(n), settings);
                    }
                }
                prop_assert_eq!(catalogue.profiles.values().filter(|p| p.default).count(), 1);
            }
        }
    }
}
