//! What a messaging provider knows of us: the business account, the number of each of its channels and how it stands,
//! the templates that were approved (WAP-09..WAP-13), and what may be sent unasked (WAP-07, WAP-08).
//!
//! What it deliberately does not do: it talks to no provider. Whoever does writes here how things stand there, and the
//! engine obeys: see [`crate::switchboard`] for what agents send unasked.

use std::collections::BTreeMap;

use routewright_flows::{Channel, Finding, Locale, Words};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Catalogue, TouchpointSettings,
    rules::{contradiction, finding},
};
use crate::{
    calendar::ZoneName,
    contact::MediaKind,
    id::{AccountId, TouchpointId},
    limits::{LOGO_BYTES_MAX, TEMPLATES_MAX},
};

/// A business account at a provider of messages (WAP-09). It has as many channels as touchpoints name it (WAP-11).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AccountSettings {
    /// The name of the business, as the provider shows it.
    #[schemars(extend("x-fr" = "Le nom de l’entreprise, tel que le fournisseur le montre."))]
    pub name: String,
    /// The id of the account's manager at the provider.
    #[schemars(extend("x-fr" = "L’identifiant du gestionnaire du compte chez le fournisseur."))]
    pub manager_id: String,
    /// True once the provider approved the account; none of its numbers can be approved before.
    #[serde(default)]
    #[schemars(extend("x-fr" = "Coché quand le fournisseur a approuvé le compte ; aucun de ses numéros ne peut l’être avant."))]
    pub approved: bool,
    /// What contacts read of the business.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    #[schemars(extend("x-fr" = "Ce que les contacts lisent de l’entreprise."))]
    pub description: String,
    /// Its picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-fr" = "Son image."))]
    pub logo: Option<Logo>,
    /// The time zone of the main office, such as `Europe/Paris`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-fr" = "Le fuseau horaire du siège, par exemple « Europe/Paris »."))]
    pub zone: Option<ZoneName>,
    /// The web site.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-fr" = "Le site web."))]
    pub site: Option<String>,
    /// The postal address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-fr" = "L’adresse postale."))]
    pub address: Option<String>,
    /// The mailbox.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-fr" = "La boîte de courriel."))]
    pub mail: Option<String>,
}

/// A square picture that everybody may fetch; 640 by 640 pixels do best.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Logo {
    /// Where the provider fetches it.
    #[schemars(extend("x-fr" = "Là où le fournisseur le prend."))]
    pub url: String,
    /// Of which kind it is.
    #[schemars(extend("x-fr" = "De quelle sorte il est."))]
    pub format: LogoFormat,
    /// Its size in bytes, at most 5 MB.
    #[schemars(extend("x-fr" = "Sa taille en octets, 5 Mo au plus."))]
    pub bytes: u64,
    /// Pixels from left to right.
    #[schemars(extend("x-fr" = "Pixels de gauche à droite."))]
    pub width: u32,
    /// Pixels from top to bottom; as many.
    #[schemars(extend("x-fr" = "Pixels de haut en bas ; autant."))]
    pub height: u32,
}

/// Kinds of pictures that providers take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum LogoFormat {
    Png,
    Jpg,
}

/// A touchpoint's number at a provider: each channel has one of its own, verified on its own (WAP-11).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProviderNumber {
    /// The account it belongs to.
    #[schemars(extend("x-fr" = "Le compte auquel il appartient."))]
    pub account: AccountId,
    /// The number in international format, fixed or mobile; no other touchpoint has it.
    #[schemars(regex(pattern = r"^\+[1-9][0-9]{5,14}$"), extend("x-fr" = "Le numéro au format international, fixe ou mobile ; aucun autre point de contact ne l’a."))]
    pub number: String,
    /// What the provider calls the channel; the touchpoint goes by this name (WAP-12).
    #[schemars(extend("x-fr" = "Le nom du canal chez le fournisseur ; le point de contact le porte."))]
    pub display_name: String,
    /// How the code comes that proves the number ours.
    #[serde(default)]
    #[schemars(extend("x-fr" = "Comment arrive le code qui prouve que le numéro est à nous."))]
    pub code_by: CodeBy,
    /// The code that came: six digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = "^[0-9]{6}$"), extend("x-fr" = "Le code reçu : six chiffres."))]
    pub code: Option<String>,
    /// How it stands with the provider.
    #[serde(default)]
    #[schemars(extend("x-fr" = "Où il en est chez le fournisseur."))]
    pub standing: NumberStanding,
    /// How many conversations may be begun by us in 24 hours; any number when absent (WAP-08).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-fr" = "Combien de conversations peuvent commencer de notre fait en 24 heures ; sans limite en l’absence de nombre."))]
    pub begun_per_day: Option<u32>,
}

/// How a code comes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CodeBy {
    /// As a text message.
    #[default]
    Sms,
    /// By a call.
    Voice,
}

/// How a number stands with its provider.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum NumberStanding {
    /// The provider looks at it, which may take hours (WAP-10). Nothing goes out, and nobody is taken.
    #[default]
    Pending,
    /// It is in use.
    Approved,
    /// It broke a rule: what may be begun by us is limited (WAP-08).
    Flagged,
}

/// A message that the provider of a touchpoint approved, or is asked to (WAP-13). Its name is the provider's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TemplateSettings {
    /// The languages in which it was approved, as the provider writes them (`fr`, `en_US`).
    #[schemars(length(min = 1), extend("x-fr" = "Les langues dans lesquelles il est approuvé, telles que le fournisseur les écrit (« fr », « en_US »)."))]
    pub languages: Vec<String>,
    /// How many placeholders it has.
    #[serde(default)]
    #[schemars(range(max = 20), extend("x-fr" = "Combien d’emplacements il a."))]
    pub parameters: u8,
    /// What goes with it, when something does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-fr" = "Ce qui l’accompagne, s’il y a lieu."))]
    pub media: Option<MediaKind>,
    /// False until the provider approved it.
    #[serde(default)]
    #[schemars(extend("x-fr" = "Décoché tant que le fournisseur ne l’a pas approuvé."))]
    pub approved: bool,
}

impl TouchpointSettings {
    /// What keeps a template from being sent here: `None` when nothing does. A touchpoint that lists no templates leaves
    /// the judgement to its provider.
    #[must_use]
    pub fn refuses_template(&self, name: &str, language: &str, parameters: usize) -> Option<TemplateRefusal> {
        if self.templates.is_empty() {
            return None;
        }
        let Some(known) = self.templates.get(name) else { return Some(TemplateRefusal::Unknown) };
        if !known.approved || !known.languages.iter().any(|known| known == language) {
            return Some(TemplateRefusal::NotApproved);
        }
        (usize::from(known.parameters) != parameters).then_some(TemplateRefusal::Parameters { needs: known.parameters })
    }

    /// True while nothing may go out that the contact did not ask for, for its number is not approved (WAP-10).
    #[must_use]
    pub fn is_pending(&self) -> bool {
        self.provider.as_ref().is_some_and(|number| number.standing == NumberStanding::Pending)
    }

    /// The name that people see: the provider's where there is one (WAP-12).
    pub fn follow_provider(&mut self) {
        if let Some(number) = &self.provider {
            let name = |locale: &str| Some((Locale::new(locale).ok()?, number.display_name.clone()));
            self.title.0 = ["en", "fr"].into_iter().filter_map(name).collect::<BTreeMap<_, _>>();
        }
    }
}

/// Why a template may not be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TemplateRefusal {
    /// The touchpoint lists others.
    Unknown,
    /// The provider has not approved it, or not in this language.
    NotApproved,
    /// It has another number of placeholders.
    Parameters {
        /// How many.
        needs: u8,
    },
}

impl TemplateRefusal {
    /// What is wrong, to follow the template's name.
    #[must_use]
    pub fn words(self) -> Words {
        let (en, fr): (String, String) = match self {
            Self::Unknown => {
                ("is not among those of the touchpoint".into(), "n’est pas parmi ceux du point de contact".into())
            }
            Self::NotApproved => {
                ("is not approved in this language".into(), "n’est pas approuvé dans cette langue".into())
            }
            Self::Parameters { needs } => {
                (format!("has {needs} placeholders to fill in"), format!("a {needs} emplacements à remplir"))
            }
        };
        Words::new(en, fr)
    }
}

/// What an account may not be: without a name or a manager, with a logo that the provider would refuse, or somewhere
/// that nobody knows. `zone_exists` says whether its zone is known here.
#[must_use]
pub fn account(settings: &AccountSettings, zone_exists: bool) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (pointer, text) in [("/name", &settings.name), ("/manager_id", &settings.manager_id)] {
        if text.trim().is_empty() {
            findings.push(finding(
                "text-required",
                pointer,
                ("the provider asks for it", "le fournisseur le demande"),
                ("Give some text", "Indiquez un texte"),
            ));
        }
    }
    if let Some(logo) = &settings.logo {
        findings.extend(check_logo(logo));
    }
    if let Some(zone) = settings.zone.as_ref().filter(|_| !zone_exists) {
        findings.push(super::rules::unknown_zone(zone));
    }
    if settings.site.as_ref().is_some_and(|site| !is_public(site)) {
        findings.push(not_public("/site"));
    }
    if settings.mail.as_ref().is_some_and(|mail| !mail.contains('@')) {
        findings.push(finding(
            "alert-address",
            "/mail",
            ("this is no mailbox", "ce n’est pas une boîte de courriel"),
            ("Give an e-mail address", "Indiquez une adresse de courriel"),
        ));
    }
    findings
}

fn check_logo(logo: &Logo) -> Vec<Finding> {
    let mut findings = Vec::new();
    if !is_public(&logo.url) {
        findings.push(not_public("/logo/url"));
    }
    if !(1..=LOGO_BYTES_MAX).contains(&logo.bytes) {
        findings.push(finding(
            "logo-too-large",
            "/logo/bytes",
            (
                format!("a logo has 1 to {LOGO_BYTES_MAX} bytes"),
                format!("un logo compte de 1 à {LOGO_BYTES_MAX} octets"),
            ),
            (
                "Give a smaller picture; 640 by 640 pixels do",
                "Donnez une image plus petite ; 640 × 640 pixels suffisent",
            ),
        ));
    }
    if logo.width != logo.height || logo.width == 0 {
        findings.push(contradiction(
            "logo-not-square",
            ["/logo/width", "/logo/height"],
            ("a logo is square", "un logo est carré"),
            ("Give a picture of 640 by 640 pixels", "Donnez une image de 640 × 640 pixels"),
        ));
    }
    findings
}

fn is_public(url: &str) -> bool {
    url.strip_prefix("https://").is_some_and(|rest| rest.contains('.') && !rest.contains(char::is_whitespace))
}

fn not_public(pointer: &str) -> Finding {
    finding(
        "address-not-public",
        pointer,
        ("everybody must be able to open it", "tout le monde doit pouvoir l’ouvrir"),
        ("Give an address that begins with https://", "Indiquez une adresse qui commence par https://"),
    )
}

/// What a touchpoint's number and templates may not be. `id` is the touchpoint's own, whose number is its own.
pub(super) fn check(id: &TouchpointId, settings: &TouchpointSettings, catalogue: &Catalogue) -> Vec<Finding> {
    let mut findings = templates(settings);
    let Some(number) = &settings.provider else { return findings };
    let has_provider = matches!(settings.channel, Channel::Whatsapp | Channel::Sms);
    if !has_provider {
        findings.push(contradiction(
            "channel-without-provider",
            ["/provider", "/channel"],
            (
                "only messages by telephone go by a provider's number",
                "seuls les messages par téléphone passent par le numéro d’un fournisseur",
            ),
            ("Leave `provider` out", "Omettez `provider`"),
        ));
    }
    let account = catalogue.accounts.get(&number.account);
    if account.is_none() {
        findings.push(finding(
            "unknown-account",
            "/provider/account",
            (
                format!("account '{}' does not exist", number.account),
                format!("le compte « {} » n’existe pas", number.account),
            ),
            ("Create it first, or correct the name", "Créez d’abord cet élément ou corrigez le nom"),
        ));
    }
    if !is_international(&number.number) {
        findings.push(finding(
            "number-not-international",
            "/provider/number",
            (
                "a number is '+', the country and the rest, 6 to 15 digits",
                "un numéro est « + », le pays et la suite, de 6 à 15 chiffres",
            ),
            ("Write it such as +33123456789", "Écrivez-le ainsi : +33123456789"),
        ));
    }
    let has_it = |(other, touchpoint): &(&TouchpointId, &TouchpointSettings)| {
        *other != id && touchpoint.provider.as_ref().is_some_and(|other| other.number == number.number)
    };
    if let Some((other, _)) = catalogue.touchpoints.iter().find(has_it) {
        findings.push(finding(
            "number-in-use",
            "/provider/number",
            (format!("touchpoint '{other}' has this number"), format!("le point de contact « {other} » a ce numéro")),
            ("Each channel has a number of its own", "Chaque canal a son propre numéro"),
        ));
    }
    if number.display_name.trim().is_empty() || settings.title.0.values().any(|title| *title != number.display_name) {
        findings.push(contradiction(
            "title-follows-provider",
            ["/title", "/provider/display_name"],
            ("a channel is called what its provider calls it", "un canal porte le nom que lui donne son fournisseur"),
            ("Leave the title out, and give the display name", "Omettez le titre et indiquez le nom affiché"),
        ));
    }
    findings.extend(standing(settings, number, account.is_some_and(|account| account.approved)));
    findings
}

fn standing(settings: &TouchpointSettings, number: &ProviderNumber, account_approved: bool) -> Vec<Finding> {
    let mut findings = Vec::new();
    if number.code.as_ref().is_some_and(|code| code.len() != 6 || !code.bytes().all(|b| b.is_ascii_digit())) {
        findings.push(finding(
            "code-not-six-digits",
            "/provider/code",
            ("the code has six digits", "le code compte six chiffres"),
            ("Write it as it came", "Écrivez-le tel qu’il est arrivé"),
        ));
    }
    let pending = number.standing == NumberStanding::Pending;
    if !pending && number.code.is_none() {
        findings.push(contradiction(
            "approved-without-code",
            ["/provider/standing", "/provider/code"],
            ("a number is approved once its code came back", "un numéro est approuvé quand son code est revenu"),
            ("Give the code, or let the number wait", "Indiquez le code ou laissez le numéro en attente"),
        ));
    }
    if !pending && !account_approved {
        findings.push(contradiction(
            "account-not-approved",
            ["/provider/standing", "/provider/account"],
            ("the provider has not approved the account", "le fournisseur n’a pas approuvé le compte"),
            ("Wait for the account, then approve its numbers", "Attendez le compte, puis approuvez ses numéros"),
        ));
    }
    if settings.active && pending {
        findings.push(contradiction(
            "number-not-approved",
            ["/active", "/provider/standing"],
            (
                "the provider still looks at the number, which may take hours",
                "le fournisseur examine encore le numéro, ce qui peut prendre des heures",
            ),
            ("Activate the touchpoint once it is approved", "Activez le point de contact une fois le numéro approuvé"),
        ));
    }
    if number.standing == NumberStanding::Flagged && number.begun_per_day.is_none() {
        findings.push(contradiction(
            "flagged-without-limit",
            ["/provider/standing", "/provider/begun_per_day"],
            ("a flagged number has a limit", "un numéro signalé a une limite"),
            (
                "Give the number of conversations that the provider allows a day",
                "Indiquez le nombre de conversations que le fournisseur admet par jour",
            ),
        ));
    }
    findings
}

fn templates(settings: &TouchpointSettings) -> Vec<Finding> {
    let mut findings = Vec::new();
    if !settings.templates.is_empty() && !has_templates(settings.channel) {
        findings.push(contradiction(
            "channel-without-templates",
            ["/templates", "/channel"],
            ("this channel has no templates", "ce canal n’a pas de modèles"),
            ("Leave `templates` out", "Omettez `templates`"),
        ));
    }
    if TEMPLATES_MAX < settings.templates.len() {
        findings.push(finding(
            "too-many-templates",
            "/templates",
            (
                format!("at most {TEMPLATES_MAX} templates are kept"),
                format!("{TEMPLATES_MAX} modèles au plus sont conservés"),
            ),
            ("Remove those that are not used", "Retirez ceux qui ne servent pas"),
        ));
    }
    let named = |name: &str| {
        (1..=512).contains(&name.len())
            && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
    };
    let bad = |(name, template): &(&String, &TemplateSettings)| !named(name) || template.languages.is_empty();
    for (name, _) in settings.templates.iter().filter(bad) {
        findings.push(finding(
            "bad-template",
            &format!("/templates/{name}"),
            (
                "a template has a name of small letters, digits and '_', and at least one language",
                "un modèle a un nom en minuscules, chiffres et « _ », et au moins une langue",
            ),
            ("Write both as the provider does", "Écrivez les deux comme le fournisseur"),
        ));
    }
    findings
}

/// True where a provider keeps approved messages.
#[must_use]
pub fn has_templates(channel: Channel) -> bool {
    match channel {
        Channel::Whatsapp => true,
        Channel::Webchat | Channel::Sms | Channel::Email | Channel::Voice | Channel::Voicemail | Channel::WorkItem => {
            false
        }
    }
}

fn is_international(number: &str) -> bool {
    let digits = number.strip_prefix('+').unwrap_or_default();
    (6..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit()) && !digits.starts_with('0')
}
