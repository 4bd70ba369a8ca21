//! Canned answers: words that agents have at hand, by theme (DYD-18). The desk offers them; an agent may change them before
//! he sends them, and what he sends is his own message like any other.
//!
//! What it deliberately does not do: the heart knows nothing of them, and no flow names one.

use std::collections::BTreeSet;

use routewright_engine::SkillId;
use routewright_flows::{
    Channel, Finding, Localised, Severity, Words, descriptor::ReferenceKind, name, name::is_identifier,
};
use routewright_runtime::DocumentKind;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::catalogue::{Around, Settings};

/// Characters of an answer at most: what fits a message of every channel but SMS, which is sent in parts.
const CHARS_MAX: usize = 4_000;

name!(
    /// A canned answer.
    CannedAnswerId, "canned answer", is_identifier, "1 to 64 letters, digits, '-' or '_'", "^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$"
);

/// Words that agents have at hand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CannedAnswerSettings {
    /// What agents find it by.
    #[schemars(extend("x-fr" = "Ce sous quoi les agents la trouvent."))]
    pub title: Localised,
    /// The theme it stands under; answers without one stand first.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    #[schemars(extend("x-fr" = "Le thème sous lequel elle est rangée ; celles sans thème viennent d’abord."))]
    pub theme: String,
    /// The words, in each language. The desk takes the contact's language.
    #[schemars(extend("x-fr" = "Les mots, dans chaque langue. Le bureau prend celle du contact."))]
    pub text: Localised,
    /// Channels it is for; all when empty.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    #[schemars(extend("x-fr" = "Les canaux auxquels elle sert ; tous si la liste est vide."))]
    pub channels: BTreeSet<Channel>,
    /// Skills it is for: only conversations that needed one of them are offered it; all when empty.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    #[schemars(extend("x-fr" = "Les compétences auxquelles elle sert : seules les conversations qui en demandaient une la proposent ; toutes si la liste est vide."))]
    pub skills: BTreeSet<SkillId>,
}

impl Settings for CannedAnswerSettings {
    type Id = CannedAnswerId;
    const KIND: DocumentKind = DocumentKind::CannedAnswer;
    const PATH: &'static str = "canned-answers";
    const NAMED: Option<ReferenceKind> = None;

    fn findings(&self, _: &CannedAnswerId, around: &Around) -> Vec<Finding> {
        let mut findings = Vec::new();
        if self.text.0.values().all(|text| text.trim().is_empty()) {
            findings.push(finding(
                "no-words",
                "/text".to_owned(),
                Words::new("the answer says nothing in any language", "la réponse ne dit rien, dans aucune langue"),
                Words::new("Write it in one language at least", "Écrivez-la dans une langue au moins"),
            ));
        }
        for (language, text) in &self.text.0 {
            let chars = text.chars().count();
            if chars > CHARS_MAX {
                findings.push(finding(
                    "too-long",
                    format!("/text/{language}"),
                    Words::new(
                        format!("the answer has {chars} characters; {CHARS_MAX} are sent at most"),
                        format!("la réponse compte {chars} caractères ; {CHARS_MAX} au plus sont envoyés"),
                    ),
                    Words::new("Shorten it, or make two of it", "Raccourcissez-la, ou faites-en deux"),
                ));
            }
        }
        for skill in self.skills.iter().filter(|skill| !around.catalogue.skills.contains_key(*skill)) {
            findings.push(finding(
                "unknown-reference",
                "/skills".to_owned(),
                Words::new(format!("skill '{skill}' does not exist"), format!("compétence « {skill} » : introuvable")),
                Words::new(
                    "Create the skill first, or name another",
                    "Créez d’abord la compétence, ou nommez-en une autre",
                ),
            ));
        }
        findings
    }
}

fn finding(code: &str, pointer: String, message: Words, hint: Words) -> Finding {
    let severity = Severity::Error;
    Finding { code: code.to_owned(), severity, pointer, node: None, position: None, span: None, message, hint }
}
