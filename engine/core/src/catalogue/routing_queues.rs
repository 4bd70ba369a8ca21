//! Routing queues: which skill serves a contact whom no script leads, by conditions (WAP-04, WAP-18, WAP-19).
//!
//! The recommended way is a script and skills. Routing queues stand beside it, for what never meets a script: the
//! conversations that an agent begins, be the touchpoint with a script or without one, and contacts whose script is not
//! there. Without a queue that fits, the touchpoint's default skill has them.
//!
//! What it deliberately does not do: it keeps nobody in line; the skill's own line does.

use std::collections::BTreeSet;

use routewright_flows::{Channel, Finding, Locale, Localised, descriptor::ReferenceKind};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Catalogue,
    rules::{finding, unknown},
};
use crate::id::{RoutingQueueId, SkillId, TouchpointId};

/// A routing queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RoutingQueueSettings {
    /// What people call it.
    #[serde(default)]
    #[schemars(extend("x-fr" = "Son nom, tel qu’on l’affiche."))]
    pub title: Localised,
    /// Which contacts are its.
    #[schemars(extend("x-fr" = "Quels contacts sont les siens."))]
    pub filter: QueueFilter,
    /// The skill that serves them.
    #[schemars(extend("x-fr" = "La compétence qui les sert."))]
    pub skill: SkillId,
    /// Their priority in line, higher first.
    #[serde(default)]
    #[schemars(extend("x-fr" = "Leur priorité dans la file, la plus haute d’abord."))]
    pub priority: i32,
}

/// Conditions, all of which must hold; one that is empty holds always.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct QueueFilter {
    /// One of these touchpoints.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    #[schemars(extend("x-fr" = "Un de ces points de contact."))]
    pub touchpoints: BTreeSet<TouchpointId>,
    /// One of these channels.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    #[schemars(extend("x-fr" = "Un de ces canaux."))]
    pub channels: BTreeSet<Channel>,
    /// The contact's language is one of these.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    #[schemars(extend("x-fr" = "La langue du contact est une de celles-ci."))]
    pub locales: BTreeSet<Locale>,
}

impl QueueFilter {
    fn admits(&self, touchpoint: &TouchpointId, channel: Channel, locale: &Locale) -> bool {
        let holds = |empty: bool, has: bool| empty || has;
        holds(self.touchpoints.is_empty(), self.touchpoints.contains(touchpoint))
            && holds(self.channels.is_empty(), self.channels.contains(&channel))
            && holds(self.locales.is_empty(), self.locales.contains(locale))
    }

    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl Catalogue {
    /// The first routing queue, by id, whose filter a contact passes.
    #[must_use]
    pub fn routing_queue(
        &self,
        touchpoint: &TouchpointId,
        channel: Channel,
        locale: &Locale,
    ) -> Option<(&RoutingQueueId, &RoutingQueueSettings)> {
        self.routing_queues.iter().find(|(_, queue)| queue.filter.admits(touchpoint, channel, locale))
    }
}

/// What a routing queue may not be: one of everybody, or of what does not exist.
#[must_use]
pub fn check(settings: &RoutingQueueSettings, catalogue: &Catalogue) -> Vec<Finding> {
    let mut findings = Vec::new();
    if settings.filter.is_empty() {
        findings.push(finding(
            "filter-without-condition",
            "/filter",
            (
                "a queue of everybody would leave nothing to the others",
                "une file de tous ne laisserait rien aux autres",
            ),
            ("Give a condition, such as a channel", "Indiquez une condition, par exemple un canal"),
        ));
    }
    for id in settings.filter.touchpoints.iter().filter(|id| !catalogue.touchpoints.contains_key(*id)) {
        findings.push(finding(
            "unknown-touchpoint",
            "/filter/touchpoints",
            (format!("touchpoint '{id}' does not exist"), format!("le point de contact « {id} » n’existe pas")),
            ("Create it first, or correct the name", "Créez d’abord cet élément ou corrigez le nom"),
        ));
    }
    if !catalogue.skills.contains_key(&settings.skill) {
        findings.push(unknown("/skill", ReferenceKind::Skill, settings.skill.as_str()));
    }
    findings
}
