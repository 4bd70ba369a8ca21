//! What happens by itself while an agent and a contact talk, or fail to: the settings of a touchpoint's timers
//! (T-05..T-12, T-16..T-18).
//!
//! What it deliberately does not do: it keeps no time; [`crate::silence`] does.

use std::collections::{BTreeMap, BTreeSet};

use routewright_flows::{Finding, HumanDuration, Localised};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    NoAnswer,
    bans::{self, BanRules},
    rules::{contradiction, finding},
};
use crate::{
    event::PresenceStatus,
    silence::{Care, RestartPolicy},
};

/// Timers of conversations. What is absent does not happen.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ConversationSettings {
    /// An agent who accepted and says nothing (T-05, PBX-11..PBX-13).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-fr" = "Un agent qui a accepté et ne dit rien."))]
    pub first_response: Option<FirstResponse>,
    /// An agent who leaves a message unanswered (T-06, DYD-07, DYD-08, WAP-35).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-fr" = "Un agent qui laisse un message sans réponse."))]
    pub agent_response: Option<AgentResponse>,
    /// How many times a silent agent's conversation is handed on at most (PBX-14); 3 when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-fr" = "Combien de fois au plus la conversation d’un agent silencieux est transmise ; 3 par défaut."))]
    pub transfers_max: Option<u8>,
    /// A contact who does not answer the agent: the conversation ends after so long (T-07, WAP-36).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-fr" = "Un contact qui ne répond pas à l’agent : la conversation se termine après ce délai."))]
    pub customer_response: Option<HumanDuration>,
    /// A contact who says nothing at all: the conversation ends after so long (T-08, DYD-03).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-fr" = "Un contact qui ne dit plus rien : la conversation se termine après ce délai."))]
    pub visitor_timeout: Option<HumanDuration>,
    /// The agent is warned so long before that (T-09, DYD-04).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-fr" = "L’agent est averti ce délai avant la fin."))]
    pub warning: Option<HumanDuration>,
    /// A sentence for a silent contact, once per silence (T-10, DYD-05).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-fr" = "Une phrase pour un contact silencieux, une fois par silence."))]
    pub nudge: Option<Sentence>,
    /// A second one, sent only while the agent's status is one of these (T-11, DYD-06).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-fr" = "Une seconde phrase, envoyée seulement si l’agent est dans un de ces statuts."))]
    pub reengagement: Option<Reengagement>,
    /// A sentence for a contact whose agent's desk is gone (T-12, DYD-09).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-fr" = "Une phrase pour le contact dont l’agent a perdu son bureau."))]
    pub disconnected: Option<Sentence>,
    /// Promises of service, counted in the hours of the touchpoint (WAP-37..WAP-40); as the defaults say when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-fr" = "Engagements de service, comptés dans les horaires du point de contact ; selon les réglages par défaut en leur absence."))]
    pub service: Option<ServiceTimes>,
    /// What becomes of a timer that passed while the server was down, where another policy than its own is wanted.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(extend("x-fr" = "Ce que devient un délai échu pendant un arrêt du serveur, quand on veut une autre règle que la sienne."))]
    pub restart: BTreeMap<Care, RestartPolicy>,
    /// How long after the contact's last message agents may write freely (T-18, WAP-06).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-fr" = "Combien de temps après le dernier message du contact les agents écrivent librement."))]
    pub messaging_window: Option<HumanDuration>,
    /// When a contact is shut out by itself (PBX-03).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-fr" = "Quand un contact est exclu de soi-même."))]
    pub bans: Option<BanRules>,
}

impl ConversationSettings {
    /// What an outage does to a timer here.
    #[must_use]
    pub fn policy(&self, care: Care) -> RestartPolicy {
        self.restart.get(&care).copied().unwrap_or_else(|| care.restart_policy())
    }
}

/// An agent who accepted and says nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FirstResponse {
    /// After so long the conversation goes to another.
    #[schemars(extend("x-fr" = "Après ce délai."))]
    pub after: HumanDuration,
    /// What becomes of the silent agent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-fr" = "Ce qu’il advient de l’agent silencieux."))]
    pub then: Option<NoAnswer>,
}

/// An agent who leaves a message unanswered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AgentResponse {
    /// After so long the conversation goes to another.
    #[schemars(extend("x-fr" = "Après ce délai."))]
    pub after: HumanDuration,
    /// What the contact is told of it; nothing when absent (DYD-08).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-fr" = "Ce qu’on en dit au contact ; rien en l’absence de texte."))]
    pub notice: Option<Localised>,
}

/// A sentence after a while.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Sentence {
    /// After so long.
    #[schemars(extend("x-fr" = "Après ce délai."))]
    pub after: HumanDuration,
    /// What is said.
    #[schemars(extend("x-fr" = "Ce qui est dit."))]
    pub text: Localised,
}

/// A sentence after a while, while the agent is there for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Reengagement {
    /// After so long.
    #[schemars(extend("x-fr" = "Après ce délai."))]
    pub after: HumanDuration,
    /// What is said.
    #[schemars(extend("x-fr" = "Ce qui est dit."))]
    pub text: Localised,
    /// Statuses of the agent in which it is said.
    #[serde(default = "available")]
    #[schemars(extend("x-fr" = "Statuts de l’agent dans lesquels la phrase est dite."))]
    pub statuses: BTreeSet<PresenceStatus>,
}

fn available() -> BTreeSet<PresenceStatus> {
    [PresenceStatus::Available].into()
}

/// Promises of service.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ServiceTimes {
    /// From the contact's first message to an agent's first answer (T-16, WAP-38).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-fr" = "Du premier message du contact à la première réponse d’un agent."))]
    pub first_response: Option<HumanDuration>,
    /// From the contact's first message to the end (T-17, WAP-39).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-fr" = "Du premier message du contact à la fin."))]
    pub resolution: Option<HumanDuration>,
}

/// What the timers of a touchpoint may not be: ones that contradict each other, or could never come.
pub(super) fn check(settings: &ConversationSettings) -> Vec<Finding> {
    let mut findings = Vec::new();
    let at = |field: &str| format!("/conversation/{field}");
    let lengths = [
        ("first_response/after", settings.first_response.as_ref().map(|timer| timer.after)),
        ("agent_response/after", settings.agent_response.as_ref().map(|timer| timer.after)),
        ("customer_response", settings.customer_response),
        ("visitor_timeout", settings.visitor_timeout),
        ("warning", settings.warning),
        ("nudge/after", settings.nudge.as_ref().map(|timer| timer.after)),
        ("reengagement/after", settings.reengagement.as_ref().map(|timer| timer.after)),
        ("service/first_response", settings.service.and_then(|service| service.first_response)),
        ("service/resolution", settings.service.and_then(|service| service.resolution)),
        ("messaging_window", settings.messaging_window),
    ];
    for (field, length) in lengths {
        if length.is_some_and(|length| length.get().is_zero()) {
            findings.push(finding(
                "timer-too-short",
                &at(field),
                ("a timer of 0 would fire at once", "un délai de 0 expirerait aussitôt"),
                ("Give a length, or leave the field out", "Indiquez une durée ou omettez le champ"),
            ));
        }
    }
    let (timeout, warning) = (settings.visitor_timeout, settings.warning);
    if let Some(warning) = warning.filter(|warning| timeout.is_none_or(|timeout| timeout <= *warning)) {
        findings.push(contradiction(
            "warning-after-timeout",
            [&at("warning"), &at("visitor_timeout")],
            (
                format!("a warning {}s before the timeout would come before the silence", warning.get().as_secs()),
                format!("un avertissement {} s avant l’expiration précéderait le silence", warning.get().as_secs()),
            ),
            ("Let the timeout be longer than the warning", "Donnez à l’expiration une durée plus longue"),
        ));
    }
    let sentences = [
        ("nudge/after", settings.nudge.as_ref().map(|timer| timer.after)),
        ("reengagement/after", settings.reengagement.as_ref().map(|timer| timer.after)),
    ];
    for (field, after) in sentences {
        if after.zip(timeout).is_some_and(|(after, timeout)| timeout <= after) {
            findings.push(contradiction(
                "sentence-after-timeout",
                [&at(field), &at("visitor_timeout")],
                (
                    "the conversation is over before the sentence is said",
                    "la conversation est terminée avant l’envoi de la phrase",
                ),
                ("Let it come before the timeout", "Faites-la venir avant l’expiration"),
            ));
        }
    }
    findings.extend(settings.bans.iter().flat_map(bans::check));
    findings.extend(settings.service.and_then(|service| check_service(&at("service"), service)));
    findings
}

/// What promises of service may not be: an end before the first answer.
pub(super) fn check_service(pointer: &str, service: ServiceTimes) -> Option<Finding> {
    let out_of_order = service.first_response.zip(service.resolution).is_some_and(|(first, all)| all < first);
    out_of_order.then(|| {
        contradiction(
            "resolution-before-response",
            [&format!("{pointer}/first_response"), &format!("{pointer}/resolution")],
            (
                "the resolution is promised before the first response",
                "la résolution est promise avant la première réponse",
            ),
            ("Give the resolution more time", "Donnez plus de temps à la résolution"),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dyd_04_contradictory_timers_are_refused_with_both_fields() {
        let settings: ConversationSettings = serde_json::from_str(
            r#"{"visitor_timeout":"5m","warning":"5m","nudge":{"after":"6m","text":{"en":"?"}},
                "first_response":{"after":"0s"},"service":{"first_response":"2h","resolution":"1h"}}"#,
        )
        .expect("settings");
        let findings = check(&settings);
        let codes: Vec<_> = findings.iter().map(|f| (f.code.as_str(), f.pointer.as_str())).collect();
        assert_eq!(
            codes,
            [
                ("timer-too-short", "/conversation/first_response/after"),
                ("warning-after-timeout", "/conversation/warning"),
                ("sentence-after-timeout", "/conversation/nudge/after"),
                ("resolution-before-response", "/conversation/service/first_response"),
            ]
        );
        for finding in &findings[1..3] {
            assert!(finding.message.en.contains("/conversation/visitor_timeout"), "{}", finding.message.en);
        }
        assert!(check(&ConversationSettings::default()).is_empty());
    }
}
