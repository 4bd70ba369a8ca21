//! What an agent's desk shows and lets him do beside conversations (DYD-12..DYD-29, DYD-36, WAP-15): kept with his handling
//! profile, and served with it.
//!
//! What it deliberately does not do: it routes nothing. A desk reads it; the engine only keeps it sound.

use std::collections::BTreeSet;

use routewright_flows::{Channel, Finding, descriptor::ReferenceKind};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Catalogue,
    rules::{contradiction, finding, repeated, unknown},
};
use crate::{
    id::{AgentId, QuestionnaireId},
    limits::COMPONENT_HEIGHT_MAX,
};

/// Permissions of a desk; everything is off unless it says otherwise.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct DeskSettings {
    /// He may print a conversation (DYD-12).
    #[serde(skip_serializing_if = "is_off")]
    #[schemars(extend("x-fr" = "Imprimer une conversation."))]
    pub print: bool,
    /// He may mail himself a conversation (DYD-13).
    #[serde(skip_serializing_if = "is_off")]
    #[schemars(extend("x-fr" = "S’envoyer une conversation par courriel."))]
    pub mail: bool,
    /// He may mark a conversation as important (DYD-14).
    #[serde(skip_serializing_if = "is_off")]
    #[schemars(extend("x-fr" = "Marquer une conversation comme importante."))]
    pub mark: bool,
    /// He may ask his supervisor for help (DYD-15).
    #[serde(skip_serializing_if = "is_off")]
    #[schemars(extend("x-fr" = "Demander de l’aide au superviseur."))]
    pub ask_for_help: bool,
    /// He sees which colleagues are there (DYD-16).
    #[serde(skip_serializing_if = "is_off")]
    #[schemars(extend("x-fr" = "Voir les collègues présents."))]
    pub colleagues: bool,
    /// He may search the knowledge base (DYD-17).
    #[serde(skip_serializing_if = "is_off")]
    #[schemars(extend("x-fr" = "Chercher dans la base de connaissances."))]
    pub knowledge: bool,
    /// He may ask the contact for a file (DYD-19).
    #[serde(skip_serializing_if = "is_off")]
    #[schemars(extend("x-fr" = "Demander un fichier au contact."))]
    pub ask_for_file: bool,
    /// He may send a file (DYD-20).
    #[serde(skip_serializing_if = "is_off")]
    #[schemars(extend("x-fr" = "Envoyer un fichier."))]
    pub send_file: bool,
    /// An assistant stands beside the conversation (DYD-21).
    #[serde(skip_serializing_if = "is_off")]
    #[schemars(extend("x-fr" = "Un assistant à côté de la conversation."))]
    pub assistant: bool,
    /// He may send the contact a questionnaire (DYD-28).
    #[serde(skip_serializing_if = "is_off")]
    #[schemars(extend("x-fr" = "Envoyer un questionnaire au contact."))]
    pub send_questionnaire: bool,
    /// Answers of the knowledge base are shown to the contact as his (DYD-29).
    #[serde(skip_serializing_if = "is_off")]
    #[schemars(extend("x-fr" = "Montrer au contact les réponses de la base comme celles de l’agent."))]
    pub knowledge_in_his_name: bool,
    /// What he is asked at the end of a conversation (DYD-23).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-fr" = "Le questionnaire que l’agent remplit à la fin."))]
    pub questionnaire: Option<QuestionnaireId>,
    /// A button under his input opens it before the end (DYD-24).
    #[serde(skip_serializing_if = "is_off")]
    #[schemars(extend("x-fr" = "Un bouton l’ouvre avant la fin."))]
    pub questionnaire_button: bool,
    /// He may cancel it (DYD-25).
    #[serde(skip_serializing_if = "is_off")]
    #[schemars(extend("x-fr" = "L’agent peut l’annuler."))]
    pub questionnaire_cancel: bool,
    /// What the contact is asked at the end (DYD-27).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-fr" = "Le questionnaire envoyé au contact à la fin."))]
    pub contact_questionnaire: Option<QuestionnaireId>,
    /// Facts of the contact that he sees, in their order (DYD-36): members of `contact.fields`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("x-fr" = "Ce que l’agent voit du contact, dans cet ordre : des membres de « contact.fields »."))]
    pub contact_card: Vec<String>,
    /// Pages of other systems beside the conversation, in their order, such as the settings of templates (WAP-15).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("x-fr" = "Des pages d’autres systèmes à côté de la conversation, dans cet ordre, par exemple les réglages des modèles."))]
    pub components: Vec<Component>,
}

/// A page of another system on the desk (WAP-15).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Component {
    /// What people call it; no two have one name, so an older one goes before a newer comes.
    #[schemars(extend("x-fr" = "Son nom ; deux n’ont pas le même : l’ancienne s’en va avant que vienne la nouvelle."))]
    pub title: String,
    /// Its address, which ends with `{user}`: the agent's id comes there.
    #[schemars(extend("x-fr" = "Son adresse, qui finit par « {user} » : l’identifiant de l’agent y vient."))]
    pub url: String,
    /// Its height in pixels; 200 does well.
    #[serde(default = "two_hundred")]
    #[schemars(range(min = 1, max = 2000), extend("x-fr" = "Sa hauteur en pixels ; 200 convient."))]
    pub height: u16,
    /// The channels beside whose conversations it is shown; all when there is none.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    #[schemars(extend("x-fr" = "Les canaux à côté des conversations desquels elle est montrée ; tous s’il n’y en a aucun."))]
    pub channels: BTreeSet<Channel>,
}

fn two_hundred() -> u16 {
    200
}

/// Where the agent's id comes in the address of a component.
const USER: &str = "{user}";

impl Component {
    /// True beside a conversation of this channel.
    #[must_use]
    pub fn is_shown_on(&self, channel: Channel) -> bool {
        self.channels.is_empty() || self.channels.contains(&channel)
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
fn is_off(on: &bool) -> bool {
    !on
}

impl DeskSettings {
    pub(super) fn is_default(&self) -> bool {
        *self == Self::default()
    }

    /// As an agent sees it: his id in every address.
    pub fn made_out_to(&mut self, agent: &AgentId) {
        for component in &mut self.components {
            component.url = component.url.replace(USER, agent.as_str());
        }
    }

    /// The questionnaires that it names, each with the field that does.
    pub(super) fn questionnaires(&self) -> impl Iterator<Item = (&'static str, &QuestionnaireId)> {
        let named = [("questionnaire", &self.questionnaire), ("contact_questionnaire", &self.contact_questionnaire)];
        named.into_iter().filter_map(|(field, id)| Some((field, id.as_ref()?)))
    }
}

/// What a desk may not be: one that asks what does not exist, or has buttons for nothing.
pub(super) fn check(settings: &DeskSettings, catalogue: &Catalogue) -> Vec<Finding> {
    let missing = settings.questionnaires().filter(|(_, id)| !catalogue.questionnaires.contains_key(*id));
    let mut findings: Vec<Finding> = missing
        .map(|(field, id)| unknown(&format!("/desk/{field}"), ReferenceKind::Questionnaire, id.as_str()))
        .collect();
    let buttons = [
        ("/desk/questionnaire_button", settings.questionnaire_button),
        ("/desk/questionnaire_cancel", settings.questionnaire_cancel),
    ];
    for (button, _) in buttons.into_iter().filter(|(_, on)| *on && settings.questionnaire.is_none()) {
        findings.push(contradiction(
            "button-without-questionnaire",
            [button, "/desk/questionnaire"],
            (
                "the desk has a button for a questionnaire that it has not",
                "le bureau a un bouton pour un questionnaire absent",
            ),
            ("Name the questionnaire, or take the button away", "Nommez le questionnaire ou retirez le bouton"),
        ));
    }
    let mut seen = BTreeSet::new();
    for (at, name) in settings.contact_card.iter().enumerate() {
        if name.is_empty() || !seen.insert(name.as_str()) {
            findings.push(repeated(&format!("/desk/contact_card/{at}"), name));
        }
    }
    findings.extend(check_components(&settings.components));
    findings
}

fn check_components(components: &[Component]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut seen = BTreeSet::new();
    for (at, Component { title, url, height, .. }) in components.iter().enumerate() {
        if title.trim().is_empty() || !seen.insert(title.as_str()) {
            findings.push(repeated(&format!("/desk/components/{at}/title"), title));
        }
        let safe = url.strip_prefix("https://").is_some_and(|rest| !rest.contains(char::is_whitespace));
        if !safe || !url.ends_with(USER) || url.matches(USER).count() != 1 {
            findings.push(finding(
                "component-address",
                &format!("/desk/components/{at}/url"),
                (
                    "the address of a component begins with https:// and ends with {user}",
                    "l’adresse d’une page commence par https:// et finit par {user}",
                ),
                (
                    "Write it such as https://example.com/templates?user={user}",
                    "Écrivez-la ainsi : https://example.com/templates?user={user}",
                ),
            ));
        }
        if !(1..=COMPONENT_HEIGHT_MAX).contains(height) {
            findings.push(finding(
                "component-height",
                &format!("/desk/components/{at}/height"),
                (
                    format!("a component is 1 to {COMPONENT_HEIGHT_MAX} pixels high"),
                    format!("une page est haute de 1 à {COMPONENT_HEIGHT_MAX} pixels"),
                ),
                ("200 does well", "200 convient"),
            ));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::QuestionnaireSettings;

    #[test]
    fn wap_15_a_page_beside_the_conversation_ends_with_the_agent_and_stands_on_its_channels() {
        let read = |json: &str| serde_json::from_str::<DeskSettings>(json).expect("settings");
        let wrong = read(
            r#"{"components":[
                {"title":"Templates","url":"https://crm.example/templates?user={user}"},
                {"title":"Templates","url":"https://crm.example/{user}/templates","height":0},
                {"title":"Orders","url":"http://crm.example/{user}","height":2001}]}"#,
        );
        let findings = check(&wrong, &Catalogue::default());
        let codes: Vec<String> = findings.iter().map(|f| format!("{} {}", f.code, f.pointer)).collect();
        assert_eq!(
            codes,
            [
                "repeated-id /desk/components/1/title",
                "component-address /desk/components/1/url",
                "component-height /desk/components/1/height",
                "component-address /desk/components/2/url",
                "component-height /desk/components/2/height",
            ]
        );
        let mut desk = read(
            r#"{"components":[{"title":"Templates","url":"https://crm.example/t?user={user}"},
                {"title":"Orders","url":"https://crm.example/o/{user}","height":300,"channels":["whatsapp"]}]}"#,
        );
        assert!(check(&desk, &Catalogue::default()).is_empty());
        assert_eq!(desk.components[0].height, 200, "as advised");
        let on = |channel| desk.components.iter().filter(|c| c.is_shown_on(channel)).count();
        assert_eq!((on(Channel::Whatsapp), on(Channel::Email)), (2, 1), "no channel ticked is every channel");
        desk.made_out_to(&"lea".parse().expect("a name"));
        assert_eq!(desk.components[0].url, "https://crm.example/t?user=lea");
    }

    #[test]
    fn dyd_23_dyd_24_dyd_25_dyd_27_dyd_36_a_desk_names_what_exists_and_each_thing_once() {
        let settings: DeskSettings = serde_json::from_str(
            r#"{"questionnaire":"end","contact_questionnaire":"survey","contact_card":["tier","city","tier",""]}"#,
        )
        .expect("settings");
        let mut catalogue = Catalogue::default();
        catalogue.questionnaires.insert("end".parse().expect("a name"), QuestionnaireSettings::default());
        let codes = |settings: &DeskSettings| -> Vec<String> {
            check(settings, &catalogue).iter().map(|finding| format!("{} {}", finding.code, finding.pointer)).collect()
        };
        assert_eq!(
            codes(&settings),
            [
                "unknown-questionnaire /desk/contact_questionnaire",
                "repeated-id /desk/contact_card/2",
                "repeated-id /desk/contact_card/3",
            ]
        );
        let buttons =
            DeskSettings { questionnaire_button: true, questionnaire_cancel: true, ..DeskSettings::default() };
        assert_eq!(
            codes(&buttons),
            [
                "button-without-questionnaire /desk/questionnaire_button",
                "button-without-questionnaire /desk/questionnaire_cancel",
            ]
        );
        assert!(codes(&DeskSettings { questionnaire: settings.questionnaire, ..buttons }).is_empty());
    }
}
