//! The demonstration's contact centre: "Atelier Lumière", with its touchpoints, hours, skills, agents, questionnaire and
//! the flows of the library, all published.

use std::collections::BTreeMap;

use routewright_engine::TenantId;
use routewright_flows::{FlowDocument, content_hash};
use routewright_runtime::{Change, DocumentKind, Expect, Runtime};
use serde_json::{Value, json};

use super::TENANT;
use crate::{
    door::Door,
    keys::{Keyring, NewKey, NoRandomness, Role, Secret},
    tenant::{self, TenantError},
};

/// The flows of the library, as their files say.
const LIBRARY: [&str; 10] = [
    include_str!("../../../flows/library/accueil.json"),
    include_str!("../../../flows/library/commande.json"),
    include_str!("../../../flows/library/date-de-naissance.json"),
    include_str!("../../../flows/library/defaut.json"),
    include_str!("../../../flows/library/escalade.json"),
    include_str!("../../../flows/library/hors-horaires.json"),
    include_str!("../../../flows/library/identification.json"),
    include_str!("../../../flows/library/rendez-vous.json"),
    include_str!("../../../flows/library/satisfaction.json"),
    include_str!("../../../flows/library/vip.json"),
];

/// Keys to try the centre with. They are made anew at every start, and those of the last start revoked.
#[derive(Debug)]
pub struct DemoKeys {
    /// Of an administrator.
    pub administrator: Secret,
    /// Of the touchpoint `whatsapp`.
    pub touchpoint: Secret,
    /// Of the agent `lea`.
    pub agent: Secret,
    /// Of a supervisor.
    pub supervisor: Secret,
    /// The public key of visitors of the touchpoint `webchat`.
    pub webchat: Secret,
}

/// The centre could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum CentreError {
    /// The store refused.
    #[error(transparent)]
    Tenant(#[from] TenantError),
    /// A key could not be made.
    #[error(transparent)]
    Key(#[from] NoRandomness),
    /// A flow of the library is not one: a fault of this build.
    #[error("a flow of the library cannot be read: {0}")]
    Library(#[from] serde_json::Error),
}

/// Fills the tenant unless it is there, and makes its keys.
///
/// # Errors
/// [`CentreError`] when the store refuses or the machine has no random numbers.
pub async fn set_up(door: &Door) -> Result<DemoKeys, CentreError> {
    let runtime = &door.runtime;
    let tenant = TenantId::new(TENANT).expect("'demo' is a name");
    if tenant::ensure(runtime, &tenant).await? {
        write(runtime, &tenant, settings()).await?;
        write(runtime, &tenant, flows(&door.now().to_string())?).await?;
        // Touchpoints last: they may be active only once their flow is live (WAP-01).
        write(runtime, &tenant, touchpoints()).await?;
    }
    keys(runtime, &door.keyring, &tenant).await
}

async fn keys(runtime: &Runtime, keyring: &Keyring, tenant: &TenantId) -> Result<DemoKeys, CentreError> {
    let earlier =
        runtime.documents(tenant.clone(), DocumentKind::ApiKey, None, 500).await.map_err(TenantError::from)?;
    let earlier = earlier.into_iter().filter(|key| key.body["title"] == TITLE).map(|key| key.id);
    let earlier: Vec<String> = earlier.collect();
    let mut changes: Vec<Change> = earlier
        .iter()
        .map(|id| Change::Delete { kind: DocumentKind::ApiKey, id: id.clone(), expect: Expect::Any })
        .collect();
    let make = |role| NewKey::make(role, TITLE);
    let made = [
        make(Role::Administrator)?,
        make(Role::Touchpoint { touchpoint: "whatsapp".parse().expect("'whatsapp' is a name") })?,
        make(Role::Agent { agent: "lea".parse().expect("'lea' is a name") })?,
        make(Role::Supervisor)?,
        make(Role::Visitor { touchpoint: "webchat".parse().expect("'webchat' is a name") })?,
    ];
    changes.extend(made.iter().map(NewKey::change));
    write(runtime, tenant, changes).await?;
    earlier.iter().for_each(|id| keyring.remove(id));
    let [administrator, touchpoint, agent, supervisor, webchat] = made.map(|key| {
        keyring.add(key.prefix, tenant.clone(), key.stored);
        key.secret
    });
    Ok(DemoKeys { administrator, touchpoint, agent, supervisor, webchat })
}

/// What the demonstration's keys are called.
const TITLE: &str = "demonstration";

async fn write(runtime: &Runtime, tenant: &TenantId, changes: Vec<Change>) -> Result<(), TenantError> {
    runtime.write(tenant.clone(), "demonstration".to_owned(), changes).await?;
    Ok(())
}

fn put(kind: DocumentKind, id: &str, body: Value) -> Change {
    Change::Put { kind, id: id.to_owned(), expect: Expect::Any, body }
}

fn words(fr: &str, en: &str) -> Value {
    json!({ "fr": fr, "en": en })
}

/// Skills, agents, hours, dispositions, questionnaire.
fn settings() -> Vec<Change> {
    let mut all = Vec::new();
    for (id, fr, en) in [
        ("general", "Accueil général", "General"),
        ("sales", "Ventes", "Sales"),
        ("support", "Assistance", "Support"),
        ("billing", "Facturation", "Billing"),
        ("office", "Secrétariat", "Office"),
    ] {
        all.push(put(DocumentKind::Skill, id, json!({ "title": words(fr, en) })));
    }
    for (id, name, skills, supervisor, languages) in [
        ("lea", "Léa Martin", json!({ "sales": 1, "general": 1, "office": 5 }), false, json!(["fr", "en"])),
        ("hugo", "Hugo Bernard", json!({ "support": 1, "general": 3 }), false, json!(["fr"])),
        ("olivia", "Olivia Clarke", json!({ "support": 3, "billing": 2, "general": 5 }), false, json!(["en", "fr"])),
        ("emma", "Emma Petit", json!({ "billing": 1, "general": 8 }), true, json!(["fr", "en"])),
    ] {
        let body = json!({ "name": name, "skills": skills, "supervisor": supervisor, "languages": languages });
        all.push(put(DocumentKind::Agent, id, body));
    }
    for (id, fr, en) in [
        ("resolved", "Résolu", "Resolved"),
        ("callback", "À rappeler", "Call back"),
        ("sold", "Vente conclue", "Sold"),
        ("message_taken", "Message pris", "Message taken"),
        ("no_answer", "Sans réponse", "No answer"),
    ] {
        all.push(put(DocumentKind::Disposition, id, json!({ "title": words(fr, en) })));
    }
    all.push(put(DocumentKind::Profile, "default", profile()));
    all.extend(canned_answers());
    all.push(put(DocumentKind::Calendar, "always", always_open()));
    all.push(put(DocumentKind::Calendar, "office-hours", office_hours()));
    all.push(put(DocumentKind::Questionnaire, "satisfaction", satisfaction()));
    all
}

/// Three contacts at once, one more on demand, and the statuses that every floor has (DYD-22).
fn profile() -> Value {
    let status = |fr, en, channels: &[&str]| json!({ "title": words(fr, en), "channels": channels });
    json!({
        "title": words("Par défaut", "Default"),
        "default": true,
        "pull": true,
        "statuses": {
            "training": status("En formation", "In training", &[]),
            "phone": status("Au téléphone", "On the phone", &["email"]),
            "supervisor": status("Avec le superviseur", "With a supervisor", &[]),
            "research": status("Recherche d’information", "Looking something up", &[]),
        },
    })
}

fn canned_answers() -> impl Iterator<Item = Change> {
    let greeting = words("Bonjour, que puis-je faire pour vous ?", "Hello, what can I do for you?");
    let delivery = words(
        "Nous livrons sous trois jours ouvrés, partout en France.",
        "We deliver within three working days, anywhere in France.",
    );
    let goodbye = words("Merci de votre visite, à bientôt !", "Thank you, and see you soon!");
    let all = [
        ("greeting", words("Accueil", "Greeting"), "", greeting),
        ("delivery", words("Délai de livraison", "Delivery time"), "Commandes", delivery),
        ("goodbye", words("Au revoir", "Goodbye"), "", goodbye),
    ];
    all.into_iter().map(|(id, title, theme, text)| {
        put(DocumentKind::CannedAnswer, id, json!({ "title": title, "theme": theme, "text": text }))
    })
}

/// Open day and night, so that the demonstration works at any hour, but for the closed dates.
fn always_open() -> Value {
    let day = json!([{ "from": "00:00", "to": "24:00" }]);
    week("Jour et nuit, sauf jours fermés", "Day and night, but for closed dates", &day, &day)
}

/// What a real centre has: weekdays, with a break at noon.
fn office_hours() -> Value {
    let weekday = json!([{ "from": "09:00", "to": "12:30" }, { "from": "13:30", "to": "18:00" }]);
    week("Heures de bureau", "Office hours", &weekday, &json!([]))
}

fn week(fr: &str, en: &str, weekday: &Value, weekend: &Value) -> Value {
    let days = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
    let hours = days.into_iter().enumerate().map(|(at, day)| (day, if at < 5 { weekday } else { weekend }));
    let closed = [
        ("01-01", "Jour de l’An", "New Year's Day"),
        ("05-01", "Fête du Travail", "Labour Day"),
        ("12-25", "Noël", "Christmas Day"),
    ];
    let years = 2026..=2030;
    let closed = years.flat_map(|year| {
        closed.iter().map(move |(date, fr, en)| {
            let date = format!("{year}-{date}");
            json!({ "description": words(fr, en), "from": date, "to": date })
        })
    });
    json!({
        "title": words(fr, en),
        "zone": "Europe/Paris",
        "weekly": hours.collect::<BTreeMap<_, _>>(),
        "closed": closed.collect::<Vec<_>>(),
    })
}

fn satisfaction() -> Value {
    json!({
        "title": words("Satisfaction", "Satisfaction"),
        "questions": [
            {
                "id": "rating",
                "text": words("De 1 à 5, quelle note donnez-vous à cet échange ?", "From 1 to 5, how do you rate this conversation?"),
                "answer": { "type": "scale", "min": 1, "max": 5 },
            },
            {
                "id": "comment",
                "text": words("Un mot de plus ? Répondez « non » pour passer.", "Anything to add? Answer “no” to skip."),
                "answer": { "type": "text" },
                "required": false,
            },
        ],
    })
}

fn touchpoints() -> Vec<Change> {
    let of = |channel: &str, fr: &str, en: &str, flow: &str, calendar: &str| {
        json!({
            "channel": channel,
            "title": words(fr, en),
            "default_skill": "general",
            "default_flow": flow,
            "calendar": calendar,
            "locale": "fr",
            "active": true,
        })
    };
    vec![
        put(
            DocumentKind::Touchpoint,
            "whatsapp",
            of("whatsapp", "WhatsApp de l’Atelier", "The workshop's WhatsApp", "accueil", "always"),
        ),
        put(
            DocumentKind::Touchpoint,
            "webchat",
            of("webchat", "Tchat du site", "Chat of the web site", "vip", "always"),
        ),
        put(
            DocumentKind::Touchpoint,
            "sms",
            of("sms", "SMS aux heures de bureau", "Text messages in office hours", "accueil", "office-hours"),
        ),
    ]
}

/// The library, each flow as a draft, a first version, and live.
fn flows(published_at: &str) -> Result<Vec<Change>, serde_json::Error> {
    let mut all = Vec::new();
    for text in LIBRARY {
        let document: FlowDocument = serde_json::from_str(text)?;
        let (id, hash) = (document.id.to_string(), content_hash(&document));
        let document = serde_json::to_value(document)?;
        let version = json!({
            "document": document,
            "hash": hash,
            "message": "Routewright library",
            "published_at": published_at,
            "by": "demonstration",
            "sequence": 1,
        });
        all.push(put(DocumentKind::FlowDraft, &id, document));
        all.push(put(DocumentKind::FlowVersion, &format!("{id}@1"), version));
        all.push(put(DocumentKind::Release, &id, json!({ "live": 1 })));
    }
    Ok(all)
}
