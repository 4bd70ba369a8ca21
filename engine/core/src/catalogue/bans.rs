//! When a touchpoint shuts a contact out by itself (PBX-02, PBX-03): too many messages, or words that are never said in
//! good faith.
//!
//! What it deliberately does not do: it knows no contact; whoever is shut out, and until when, is kept with his last
//! conversation.

use routewright_flows::{Finding, HumanDuration};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::rules::finding;
use crate::{
    call::{Call, MailCall, Patience},
    id::SecretId,
    limits::{BAN_MESSAGES_MAX, BAN_WORDS_MAX},
};

/// Rules of a touchpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BanRules {
    /// Too many messages in a while.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-fr" = "Trop de messages en peu de temps."))]
    pub flood: Option<Flood>,
    /// Words or phrases that shut a contact out at once, compared without case.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("x-fr" = "Mots ou phrases qui excluent le contact aussitôt, comparés sans casse."))]
    pub words: Vec<String>,
    /// For how long; a day by default.
    #[serde(default = "a_day")]
    #[schemars(extend("x-fr" = "Pour combien de temps ; un jour par défaut."))]
    pub lasts: HumanDuration,
    /// Who is told, once for each contact who is shut out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-fr" = "Qui est averti, une fois par exclusion."))]
    pub alert: Option<BanAlert>,
}

/// Too many messages in a while.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Flood {
    /// More messages than these.
    #[schemars(range(min = 2, max = 200), extend("x-fr" = "Plus de messages que ce nombre."))]
    pub messages: u16,
    /// Within so long.
    #[schemars(extend("x-fr" = "Dans ce délai."))]
    pub within: HumanDuration,
}

/// An e-mail for each ban (PBX-02).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BanAlert {
    /// The secret that holds the address of the mail server.
    #[schemars(extend("x-fr" = "Le secret qui contient l’adresse du serveur de courriel."))]
    pub server: SecretId,
    /// Who sends.
    #[schemars(extend("x-fr" = "Qui envoie."))]
    pub from: String,
    /// Who receives.
    #[schemars(extend("x-fr" = "Qui reçoit."))]
    pub to: String,
}

fn a_day() -> HumanDuration {
    HumanDuration::from_millis(86_400_000)
}

impl BanRules {
    /// The word of these that a text holds.
    #[must_use]
    pub fn forbidden(&self, text: &str) -> Option<&str> {
        let text = text.to_lowercase();
        self.words.iter().map(String::as_str).find(|word| text.contains(&word.to_lowercase()))
    }
}

impl BanAlert {
    /// The e-mail that tells of a ban.
    #[must_use]
    pub fn mail(&self, subject: String, text: String) -> Call {
        let seconds = |s: u64| HumanDuration::from_millis(s * 1_000);
        Call::Mail(MailCall {
            server: self.server.clone(),
            from: self.from.clone(),
            to: vec![self.to.clone()],
            reply_to: None,
            subject,
            text,
            patience: Patience { timeout: seconds(20), retries: 4, backoff: seconds(30) },
        })
    }
}

/// What these rules may not be: ones that shut everybody out, or nobody for any time.
pub(super) fn check(rules: &BanRules) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut refuse = |code: &str, field: &str, (en, fr): (String, String), hint: (&str, &str)| {
        findings.push(finding(code, &format!("/conversation/bans/{field}"), (en, fr), hint));
    };
    if rules.flood.is_some_and(|flood| !(2..=BAN_MESSAGES_MAX).contains(&flood.messages)) {
        refuse(
            "flood-out-of-range",
            "flood/messages",
            (
                format!("a flood is more than 2 to {BAN_MESSAGES_MAX} messages"),
                format!("un excès commence au-delà d’un nombre de 2 à {BAN_MESSAGES_MAX} messages"),
            ),
            ("Give a number in that range", "Indiquez un nombre dans cet intervalle"),
        );
    }
    let lengths = [("flood/within", rules.flood.map(|flood| flood.within)), ("lasts", Some(rules.lasts))];
    for (field, _) in lengths.into_iter().filter(|(_, length)| length.is_some_and(|length| length.get().is_zero())) {
        refuse(
            "timer-too-short",
            field,
            ("a ban needs a length of time".into(), "une exclusion demande une durée".into()),
            ("Give a length such as \"1m\"", "Indiquez une durée, par exemple « 1m »"),
        );
    }
    if BAN_WORDS_MAX < rules.words.len() || rules.words.iter().any(|word| word.trim().chars().count() < 2) {
        refuse(
            "ban-words",
            "words",
            (
                format!("at most {BAN_WORDS_MAX} words of two characters or more are compared"),
                format!("{BAN_WORDS_MAX} mots de deux caractères ou plus sont comparés au plus"),
            ),
            ("Shorten the list, or leave empty words out", "Raccourcissez la liste ou ôtez les mots vides"),
        );
    }
    if rules.alert.as_ref().is_some_and(|alert| ![&alert.from, &alert.to].into_iter().all(|to| to.contains('@'))) {
        refuse(
            "alert-address",
            "alert",
            ("an alert goes from one mailbox to another".into(), "une alerte va d’une boîte à une autre".into()),
            ("Give two e-mail addresses", "Indiquez deux adresses de courriel"),
        );
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pbx_02_pbx_03_rules_that_would_shut_out_everybody_or_tell_nobody_are_refused() {
        let rules: BanRules = serde_json::from_str(
            r#"{"flood":{"messages":1,"within":"0s"},"words":["x"],"lasts":"0s","alert":{"server":"smtp","from":"a@b.c","to":"ops"}}"#,
        )
        .expect("rules");
        let codes: Vec<String> =
            check(&rules).iter().map(|finding| format!("{} {}", finding.code, finding.pointer)).collect();
        assert_eq!(
            codes,
            [
                "flood-out-of-range /conversation/bans/flood/messages",
                "timer-too-short /conversation/bans/flood/within",
                "timer-too-short /conversation/bans/lasts",
                "ban-words /conversation/bans/words",
                "alert-address /conversation/bans/alert",
            ]
        );
        let fine: BanRules = serde_json::from_str(r#"{"words":["Free Money"]}"#).expect("rules");
        assert!(check(&fine).is_empty());
        assert_eq!(fine.forbidden("get FREE money now"), Some("Free Money"));
        assert_eq!(fine.forbidden("free of charge"), None);
    }
}
