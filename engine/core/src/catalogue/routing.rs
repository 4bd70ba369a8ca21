//! How the contacts of a skill are ordered and given: strategy, ageing, preferred agent, widening (P-06..P-09).
//!
//! What it deliberately does not do: it decides nothing; capacity reads it. A contact that needs several skills goes by
//! the first of them, in the order of names, that says something of the matter; widening steps of all of them apply.

use routewright_flows::{Finding, HumanDuration, descriptor::ReferenceKind};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Catalogue, Hours, Level, SkillSettings,
    rules::{contradiction, finding, unknown},
};
use crate::{
    id::SkillId,
    limits::{OFFERS_AT_ONCE_MAX, PREFERRED_TIMEOUT_MIN, RISE_PER_MINUTE_MAX, WIDENING_STEPS_MAX},
};

/// Which of the agents who fit gets a contact (P-06). Ties go to the longest idle, then by id.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Strategy {
    /// Agents with nothing come first, the longest idle of them; then who was given work least recently.
    #[default]
    LongestIdle,
    /// The best level, summed over the skills needed (WAP-23).
    Proficiency,
    /// Fewest contacts (WAP-30).
    LeastBusy,
    /// Most contacts, below the maximum (WAP-31).
    MostBusy,
    /// Whose last offer is the oldest.
    RoundRobin,
    /// Who has handled the fewest contacts so far.
    FewestHandled,
    /// Who has conversed the least so far; what goes on is not counted before its end.
    LeastTalk,
    /// By lot: each as often as his `weight` says. The lots are a function of what happened, so they can be replayed.
    WeightedRandom,
    /// The first by id.
    Linear,
}

/// Priority that rises while a contact waits (WAP-42, P-09).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Ageing {
    /// Added to the priority that the flow gave.
    #[schemars(extend("x-fr" = "Ajouté à la priorité que le scénario a donnée."))]
    pub initial: i32,
    /// Points gained in each minute of waiting.
    #[schemars(extend("x-fr" = "Points gagnés à chaque minute d’attente."))]
    pub per_minute: u32,
    /// The most that it may come to; contacts there go by age.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-fr" = "Le plus haut atteint ; au-delà, l’ancienneté départage."))]
    pub max: Option<i32>,
}

/// What is done for a contact whom an agent knows (WAP-24..WAP-29, DYD-30).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PreferredAgent {
    /// How long the contact is kept for him (T-15): a second to ten years.
    #[schemars(extend("x-fr" = "Combien de temps le contact lui est réservé : d’une seconde à dix ans."))]
    pub timeout: HumanDuration,
    /// True to keep it while he is offline (WAP-26).
    #[serde(default)]
    #[schemars(extend("x-fr" = "Coché pour le garder pendant qu’il est hors ligne."))]
    pub when_offline: bool,
    /// True to keep it while he is there but busy or not available (WAP-27).
    #[serde(default)]
    #[schemars(extend("x-fr" = "Coché pour le garder pendant qu’il est occupé ou indisponible."))]
    pub when_busy: bool,
    /// How long an agent is remembered as the one who knows the contact (T-20, PBX-21).
    #[serde(default = "memory")]
    #[schemars(extend("x-fr" = "Combien de temps on se souvient de l’agent qui connaît le contact."))]
    pub memory: HumanDuration,
}

fn memory() -> HumanDuration {
    HumanDuration::from_millis(99 * 86_400_000)
}

/// How many may wait for a skill, and until when (DYD-02, DYD-11). Nobody who waits already is sent away.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct LineBounds {
    /// Places in all; 0 to let nobody wait.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-fr" = "Places en tout ; 0 pour ne laisser attendre personne."))]
    pub places: Option<u32>,
    /// Places for each agent present who has the skill.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-fr" = "Places par agent présent qui a la compétence."))]
    pub places_per_agent: Option<u32>,
    /// The hours of the line: outside them nobody begins to wait. Those of the skill when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-fr" = "Les horaires de la file : en dehors, personne ne commence à attendre. Ceux de la compétence en leur absence."))]
    pub calendar: Option<Hours>,
    /// Nobody begins to wait so long before the service closes.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-fr" = "Personne ne commence à attendre ce délai avant la fermeture."))]
    pub closes_before: Option<HumanDuration>,
}

/// What the service level of a skill is measured against (WAP-32).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ServiceLevelGoal {
    /// A contact who is taken within this time is served in time.
    #[schemars(extend("x-fr" = "Un contact pris dans ce délai est servi à temps."))]
    pub within: HumanDuration,
    /// The share of contacts that should be, in percent.
    #[schemars(range(min = 1, max = 100), extend("x-fr" = "La part visée des contacts, en pour cent."))]
    pub percent: u8,
}

/// What makes a skill one of digital channels (WAP-21).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DigitalSkill {
    /// The campaign it belongs to.
    #[schemars(extend("x-fr" = "La campagne dont elle fait partie."))]
    pub campaign: String,
    /// Whether contacts come to it, or agents begin conversations for it.
    #[serde(default)]
    #[schemars(extend("x-fr" = "Les contacts viennent à elle, ou des agents commencent des conversations pour elle."))]
    pub direction: Direction,
    /// The template with which conversations for it begin, by its name at the provider; only of one that goes out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-fr" = "Le modèle par lequel commencent ses conversations, par son nom chez le fournisseur ; seulement d’une compétence sortante."))]
    pub template: Option<String>,
    /// The skill it is a part of; only where a routing queue leads to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-fr" = "La compétence dont elle est une partie ; seulement là où une file de routage mène à elle."))]
    pub part_of: Option<SkillId>,
}

/// Which way contacts go.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// Contacts come to us.
    #[default]
    Inbound,
    /// We go to them.
    Outbound,
}

/// A weaker level will do from some age on (P-07, WAP-43).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WideningStep {
    /// After so long in line.
    #[schemars(extend("x-fr" = "Après ce temps d’attente."))]
    pub after: HumanDuration,
    /// The worst level that will do from then on; absent to need the skill no more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-fr" = "Le plus faible niveau admis dès lors ; aucun pour ne plus demander la compétence."))]
    pub level: Option<Level>,
}

/// What the fields of a digital skill may not be: ones that belong to another direction, or to no queue.
pub(super) fn check_digital(id: &SkillId, settings: &SkillSettings, catalogue: &Catalogue) -> Vec<Finding> {
    let mut findings = Vec::new();
    let Some(digital) = &settings.digital else { return findings };
    if digital.campaign.trim().is_empty() {
        findings.push(finding(
            "text-required",
            "/digital/campaign",
            ("a digital skill belongs to a campaign", "une compétence numérique fait partie d’une campagne"),
            ("Name the campaign", "Nommez la campagne"),
        ));
    }
    if digital.direction == Direction::Inbound && digital.template.is_some() {
        findings.push(contradiction(
            "template-of-inbound-skill",
            ["/digital/template", "/digital/direction"],
            (
                "only conversations that we begin begin with a template",
                "seules les conversations que nous commençons commencent par un modèle",
            ),
            (
                "Let the skill be outbound, or leave the template out",
                "Rendez la compétence sortante ou omettez le modèle",
            ),
        ));
    }
    if digital.direction == Direction::Outbound && settings.service_level.is_some() {
        findings.push(contradiction(
            "service-level-of-outbound-skill",
            ["/service_level", "/digital/direction"],
            ("whom we reach waits for nobody", "celui que nous joignons n’attend personne"),
            (
                "Let the skill be inbound, or leave the service level out",
                "Rendez la compétence entrante ou omettez le niveau de service",
            ),
        ));
    }
    if let Some(whole) = &digital.part_of {
        if whole == id || !catalogue.skills.contains_key(whole) {
            findings.push(unknown("/digital/part_of", ReferenceKind::Skill, whole.as_str()));
        }
        if !catalogue.routing_queues.values().any(|queue| queue.skill == *id) {
            findings.push(finding(
                "part-without-queue",
                "/digital/part_of",
                (
                    "only a skill to which a routing queue leads is a part of another",
                    "seule une compétence à laquelle mène une file de routage est une partie d’une autre",
                ),
                (
                    "Create the routing queue first, or leave the field out",
                    "Créez d’abord la file de routage ou omettez le champ",
                ),
            ));
        }
    }
    findings
}

/// What the routing of a skill may not be: one that contradicts itself.
pub(super) fn check(settings: &SkillSettings, catalogue: &Catalogue) -> Vec<Finding> {
    let mut findings = Vec::new();
    if let Some(Ageing { initial, per_minute, max }) = settings.ageing {
        if max.is_some_and(|max| max < initial) {
            findings.push(contradiction(
                "priority-above-maximum",
                ["/ageing/initial", "/ageing/max"],
                ("the priority begins above its maximum", "la priorité commence au-dessus de son maximum"),
                ("Raise the maximum or lower the beginning", "Augmentez le maximum ou réduisez la valeur initiale"),
            ));
        }
        if RISE_PER_MINUTE_MAX < per_minute {
            findings.push(finding(
                "priority-rises-too-fast",
                "/ageing/per_minute",
                (
                    format!("a priority rises by at most {RISE_PER_MINUTE_MAX} a minute"),
                    format!("une priorité augmente d’au plus {RISE_PER_MINUTE_MAX} par minute"),
                ),
                ("Give a smaller rise", "Indiquez une augmentation plus faible"),
            ));
        }
    }
    if settings.preferred_agent.is_some_and(|preferred| preferred.timeout.get() < PREFERRED_TIMEOUT_MIN) {
        findings.push(finding(
            "preferred-timeout-out-of-range",
            "/preferred_agent/timeout",
            (
                "a contact is kept for an agent from one second to ten years",
                "un contact est gardé pour un agent d’une seconde à dix ans",
            ),
            ("Give a length such as \"15m\"", "Indiquez une durée, par exemple « 15m »"),
        ));
    }
    if settings.at_once.is_some_and(|n| !(1..=OFFERS_AT_ONCE_MAX).contains(&n)) {
        findings.push(finding(
            "offers-at-once-out-of-range",
            "/at_once",
            (
                format!("a contact is offered to 1 to {OFFERS_AT_ONCE_MAX} agents at once"),
                format!("un contact est proposé à un nombre d’agents de 1 à {OFFERS_AT_ONCE_MAX} en même temps"),
            ),
            ("Give a number in that range", "Indiquez un nombre dans cet intervalle"),
        ));
    }
    if settings.service_level.is_some_and(|goal| goal.within.get().is_zero() || !(1..=100).contains(&goal.percent)) {
        findings.push(contradiction(
            "service-level-out-of-range",
            ["/service_level/within", "/service_level/percent"],
            (
                "a service level is a share from 1 to 100 percent within more than no time",
                "un niveau de service est une part de 1 à 100 pour cent dans un délai non nul",
            ),
            ("Give figures such as \"20s\" and 80", "Indiquez des chiffres tels que « 20s » et 80"),
        ));
    }
    let closes_early = settings.line.as_ref().is_some_and(|line| line.closes_before.is_some());
    if closes_early && catalogue.hours_of_line(settings).is_none() {
        findings.push(contradiction(
            "closing-without-hours",
            ["/line/closes_before", "/line/calendar"],
            (
                "the line closes before the end of a service whose hours are not given",
                "la file ferme avant la fin d’un service dont les horaires ne sont pas donnés",
            ),
            ("Name the calendar of the service", "Nommez le calendrier du service"),
        ));
    }
    if WIDENING_STEPS_MAX < settings.widening.len() {
        findings.push(finding(
            "too-many-steps",
            "/widening",
            (
                format!("at most {WIDENING_STEPS_MAX} steps are taken"),
                format!("{WIDENING_STEPS_MAX} étapes au plus sont acceptées"),
            ),
            ("Join neighbouring steps", "Réunissez les étapes voisines"),
        ));
    }
    for (at, pair) in settings.widening.windows(2).enumerate() {
        let [first, second] = pair else { continue };
        let worst = |step: &WideningStep| step.level.map_or(u8::MAX, u8::from);
        let pointer = |n: usize, field: &str| format!("/widening/{n}/{field}");
        if second.after <= first.after {
            findings.push(contradiction(
                "steps-out-of-order",
                [&pointer(at, "after"), &pointer(at + 1, "after")],
                ("a step comes no later than the one before it", "une étape n’arrive pas après la précédente"),
                ("Let each step come later than the last", "Faites venir chaque étape après la précédente"),
            ));
        }
        if worst(second) <= worst(first) {
            findings.push(contradiction(
                "step-does-not-widen",
                [&pointer(at, "level"), &pointer(at + 1, "level")],
                (
                    "a step takes no agent more than the one before it",
                    "une étape n’admet aucun agent de plus que la précédente",
                ),
                ("Give a weaker level (20 is the weakest)", "Indiquez un niveau plus faible (20 est le plus faible)"),
            ));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contradictions_of_a_skill_are_refused_with_both_fields() {
        let settings: SkillSettings = serde_json::from_str(
            r#"{"line":{"closes_before":"10m"},"service_level":{"within":"20s","percent":0},"ageing":{"initial":9,"max":3,"per_minute":100001},"preferred_agent":{"timeout":"0s"},
                "widening":[{"after":"1m","level":9},{"after":"30s","level":5}]}"#,
        )
        .expect("settings");
        let findings = check(&settings, &Catalogue::default());
        let codes: Vec<_> = findings.iter().map(|f| (f.code.as_str(), f.pointer.as_str())).collect();
        assert_eq!(
            codes,
            [
                ("priority-above-maximum", "/ageing/initial"),
                ("priority-rises-too-fast", "/ageing/per_minute"),
                ("preferred-timeout-out-of-range", "/preferred_agent/timeout"),
                ("service-level-out-of-range", "/service_level/within"),
                ("closing-without-hours", "/line/closes_before"),
                ("steps-out-of-order", "/widening/0/after"),
                ("step-does-not-widen", "/widening/0/level"),
            ]
        );
        assert!(findings[0].message.en.contains("/ageing/max"), "{}", findings[0].message.en);
        assert!(findings[5].message.fr.contains("/widening/1/after"), "{}", findings[5].message.fr);
    }

    #[test]
    fn wap_28_the_timeout_of_a_preferred_agent_is_a_second_to_ten_years() {
        let read = |timeout: &str| {
            serde_json::from_str::<SkillSettings>(&format!(r#"{{"preferred_agent":{{"timeout":"{timeout}"}}}}"#))
        };
        for (timeout, findings) in [("1s", 0), ("900s", 0), ("3650d", 0), ("999ms", 1)] {
            let settings = read(timeout).expect("a duration");
            assert_eq!(check(&settings, &Catalogue::default()).len(), findings, "{timeout}");
        }
        assert!(read("3651d").is_err(), "longer than ten years is no duration");
        assert!(serde_json::from_str::<SkillSettings>(r#"{"preferred_agent":{}}"#).is_err(), "empty is an error");
    }
}
