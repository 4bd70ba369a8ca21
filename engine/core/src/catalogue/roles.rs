//! What a digital user may do on which channel: roles (WAP-05, WAP-16).
//!
//! An agent has at most one role. Who has none is bound by his handling profile alone; who has one gets contacts only of
//! the touchpoints that it opens for replies, and only for the skills that it lets him see.
//!
//! What it deliberately does not do: it gives nothing out; capacity reads it, and so does whoever sends in an agent's name.

use std::collections::{BTreeMap, BTreeSet};

use routewright_flows::{Finding, Localised, descriptor::ReferenceKind};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    AgentSettings, Catalogue, Level,
    rules::{contradiction, finding, unknown},
};
use crate::{
    contact::{Attached, MediaKind},
    id::{AgentId, SkillId, TouchpointId},
};

/// A role.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RoleSettings {
    /// What people call it.
    #[schemars(extend("x-fr" = "Son nom, tel qu’on l’affiche."))]
    pub title: Localised,
    /// The touchpoints it may use, each with what may be done there. A touchpoint must be added to each role that uses it.
    #[schemars(extend("x-fr" = "Les points de contact qu’il peut utiliser, chacun avec ce qui y est permis. Un point de contact doit être ajouté à chaque rôle qui l’utilise."))]
    pub touchpoints: BTreeMap<TouchpointId, Permissions>,
    /// The skills it sees; every skill when absent. Who does not see a skill gets no contact for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-fr" = "Les compétences qu’il voit ; toutes en l’absence de liste. Qui ne voit pas une compétence n’en reçoit pas les contacts."))]
    pub skills: Option<BTreeSet<SkillId>>,
}

impl RoleSettings {
    /// The touchpoints where it lets people answer.
    #[must_use]
    pub fn answers_at(&self) -> BTreeSet<TouchpointId> {
        self.touchpoints.iter().filter(|(_, may)| may.reply).map(|(id, _)| id.clone()).collect()
    }
}

/// What may be done on a touchpoint (WAP-05).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Permissions {
    /// Receive contacts and answer them.
    #[schemars(extend("x-fr" = "Recevoir des contacts et leur répondre."))]
    pub reply: bool,
    /// Answer in words.
    #[schemars(extend("x-fr" = "Répondre par du texte."))]
    pub text: bool,
    /// Answer with pictures.
    #[schemars(extend("x-fr" = "Répondre par des images."))]
    pub images: bool,
    /// Answer with other attachments.
    #[schemars(extend("x-fr" = "Répondre avec d’autres pièces jointes."))]
    pub files: bool,
    /// Begin conversations, with approved templates where the channel has them.
    #[schemars(extend("x-fr" = "Commencer des conversations, avec des modèles approuvés là où le canal en a."))]
    pub start: bool,
}

impl Default for Permissions {
    fn default() -> Self {
        Self { reply: true, text: true, images: true, files: true, start: false }
    }
}

impl Permissions {
    /// Of somebody whom no role binds.
    pub const ALL: Self = Self { reply: true, text: true, images: true, files: true, start: true };
    /// Of somebody whose role does not have the touchpoint.
    pub const NONE: Self = Self { reply: false, text: false, images: false, files: false, start: false };

    /// What of a message is not permitted, when something is not.
    #[must_use]
    pub fn refuse(self, text: &str, attached: &[Attached]) -> Option<&'static str> {
        let picture = |what: &Attached| matches!(what, Attached::Media { kind: MediaKind::Image, .. });
        let file = |what: &Attached| matches!(what, Attached::Media { .. }) && !picture(what);
        let template = |what: &Attached| matches!(what, Attached::Template { .. });
        if !self.reply {
            Some("reply")
        } else if !self.text && !text.is_empty() && !attached.iter().any(template) {
            Some("text")
        } else if !self.images && attached.iter().any(picture) {
            Some("images")
        } else if !self.files && attached.iter().any(file) {
            Some("files")
        } else {
            None
        }
    }
}

impl Catalogue {
    /// The role of an agent; a role that is no more binds nobody.
    #[must_use]
    pub fn role_of(&self, agent: &AgentSettings) -> Option<&RoleSettings> {
        self.roles.get(agent.role.as_ref()?)
    }

    /// What an agent may do on a touchpoint.
    #[must_use]
    pub fn permissions(&self, agent: &AgentId, touchpoint: &TouchpointId) -> Permissions {
        match self.agents.get(agent).and_then(|agent| self.role_of(agent)) {
            None => Permissions::ALL,
            Some(role) => role.touchpoints.get(touchpoint).copied().unwrap_or(Permissions::NONE),
        }
    }

    /// The skills for which an agent gets contacts: his own, as far as his role lets him see them (WAP-16).
    #[must_use]
    pub fn skills_of(&self, agent: &AgentSettings) -> BTreeMap<SkillId, Level> {
        let seen = self.role_of(agent).and_then(|role| role.skills.as_ref());
        let own = agent.skills.iter().filter(|(skill, _)| seen.is_none_or(|seen| seen.contains(*skill)));
        own.map(|(skill, level)| (skill.clone(), *level)).collect()
    }
}

/// What a role may not be: one for touchpoints or skills that do not exist, or that begins what it may not go on with.
#[must_use]
pub fn check(settings: &RoleSettings, catalogue: &Catalogue) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (id, may) in &settings.touchpoints {
        if !catalogue.touchpoints.contains_key(id) {
            findings.push(finding(
                "unknown-touchpoint",
                &format!("/touchpoints/{id}"),
                (format!("touchpoint '{id}' does not exist"), format!("le point de contact « {id} » n’existe pas")),
                ("Create it first, or correct the name", "Créez d’abord cet élément ou corrigez le nom"),
            ));
        }
        let speaks = may.text || may.images || may.files;
        for field in [(may.start && !may.reply).then_some("start"), (may.reply && !speaks).then_some("text")] {
            let Some(field) = field else { continue };
            findings.push(contradiction(
                "permission-without-use",
                [&format!("/touchpoints/{id}/reply"), &format!("/touchpoints/{id}/{field}")],
                (
                    "whoever replies has something to reply with, and whoever begins a conversation may go on with it",
                    "qui répond a de quoi répondre, et qui commence une conversation peut la poursuivre",
                ),
                ("Set both, or neither", "Activez les deux ou aucun"),
            ));
        }
    }
    for skill in settings.skills.iter().flatten().filter(|skill| !catalogue.skills.contains_key(*skill)) {
        findings.push(unknown("/skills", ReferenceKind::Skill, skill.as_str()));
    }
    findings
}
