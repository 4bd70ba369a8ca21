//! `check_queue`: looks at a queue and decides by what it finds.

use std::{collections::BTreeMap, time::Duration};

use routewright_engine::{
    SkillId,
    capacity::Requirement,
    catalogue::Level,
    describe::describe,
    node::{Fault, Next, Node, Turn},
    script::{
        QueueView,
        slots::{AttributeRef, SkillRef},
    },
};
use routewright_flows::{
    AttributeName, Descriptor, ExitName, ExitRole, Flavour, check::Possible, descriptor::Category,
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use crate::config::Deadline;

/// Decides by the state of a queue.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CheckQueue {
    /// Whose queue; that of the skills already required when absent, else of the touchpoint's default skill.
    #[schemars(extend("x-fr" = "La file de quelle compétence ; en son absence, celle des compétences déjà demandées, sinon de la compétence par défaut du point de contact."))]
    skill: Option<SkillRef>,
    /// Cases with their exits, tried in this order.
    #[serde(default)]
    #[schemars(length(max = 50), extend("x-fr" = "Des cas et leurs sorties, essayés dans cet ordre."))]
    cases: Vec<Case>,
    /// The wait within which a contact counts as served in time, for the service level.
    #[serde(default = "within_default")]
    #[schemars(extend("x-fr" = "L’attente en deçà de laquelle un contact compte comme servi à temps, pour le niveau de service."))]
    within: Deadline,
    /// Attributes that take what was found.
    #[serde(default)]
    #[schemars(extend("x-fr" = "Des attributs qui reçoivent ce qui a été trouvé."))]
    into: Into,
}

/// One case; everything that it names must hold.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Case {
    /// How many contacts wait.
    #[serde(default)]
    #[schemars(extend("x-fr" = "Combien de contacts attendent."))]
    waiting: Count,
    /// How many agents are present who have the skill.
    #[serde(default)]
    #[schemars(extend("x-fr" = "Combien d’agents présents ont la compétence."))]
    agents: Count,
    /// How many of them could take a contact now.
    #[serde(default)]
    #[schemars(extend("x-fr" = "Combien d’entre eux pourraient prendre un contact maintenant."))]
    available: Count,
    /// How long a contact who joins now would wait, or how long this one still waits; never holds while it is unknown.
    #[serde(default)]
    #[schemars(extend("x-fr" = "Combien de temps attendrait un contact qui arriverait maintenant, ou combien celui-ci attend encore ; ne vaut jamais tant que c’est inconnu."))]
    expected_wait: Span,
    /// The percentage of those in line or with an agent who waited no longer than `within`; never holds while there are none.
    #[serde(default)]
    #[schemars(extend("x-fr" = "Le pourcentage de ceux qui sont en file ou avec un agent et n’ont pas attendu plus que `within` ; ne vaut jamais quand il n’y en a aucun."))]
    service_level: Count,
    /// The exit taken when it is the first case that holds.
    #[schemars(extend("x-fr" = "La sortie prise quand c’est le premier cas qui vaut."))]
    exit: ExitName,
}

/// Bounds of a count; what is left out is not bounded.
#[derive(Debug, Clone, Copy, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Count {
    /// This or more.
    #[schemars(extend("x-fr" = "Ceci ou plus."))]
    at_least: Option<u32>,
    /// This or less.
    #[schemars(extend("x-fr" = "Ceci ou moins."))]
    at_most: Option<u32>,
}

impl Count {
    fn holds(self, count: u32) -> bool {
        self.at_least.is_none_or(|bound| bound <= count) && self.at_most.is_none_or(|bound| count <= bound)
    }
}

fn within_default() -> Deadline {
    Deadline::minutes(1)
}

impl Count {
    /// As [`Count::holds`]; what is not known is within no bound.
    fn holds_if_known(self, count: Option<u32>) -> bool {
        (self.at_least.is_none() && self.at_most.is_none()) || count.is_some_and(|count| self.holds(count))
    }
}

/// Bounds of a time; what is left out is not bounded.
#[derive(Debug, Clone, Copy, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Span {
    /// This long or longer.
    #[schemars(extend("x-fr" = "Cette durée ou plus."))]
    at_least: Option<Deadline>,
    /// This long or shorter.
    #[schemars(extend("x-fr" = "Cette durée ou moins."))]
    at_most: Option<Deadline>,
}

impl Span {
    fn holds_if_known(self, wait: Option<Duration>) -> bool {
        (self.at_least.is_none() && self.at_most.is_none())
            || wait.is_some_and(|wait| {
                self.at_least.is_none_or(|bound| bound.get() <= wait)
                    && self.at_most.is_none_or(|bound| wait <= bound.get())
            })
    }
}

/// Where the figures go; each is a whole number.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Into {
    /// Takes how many contacts wait.
    #[schemars(extend("x-fr" = "Reçoit le nombre de contacts qui attendent."))]
    waiting: Option<AttributeRef>,
    /// Takes how many agents are present.
    #[schemars(extend("x-fr" = "Reçoit le nombre d’agents présents."))]
    agents: Option<AttributeRef>,
    /// Takes how many agents are free.
    #[schemars(extend("x-fr" = "Reçoit le nombre d’agents libres."))]
    available: Option<AttributeRef>,
    /// Takes the expected wait in seconds; null while it is unknown.
    #[schemars(extend("x-fr" = "Reçoit l’attente prévue en secondes ; null tant qu’elle est inconnue."))]
    expected_wait_s: Option<AttributeRef>,
    /// Takes the expected wait in minutes begun, at least 1; null while it is unknown.
    #[schemars(extend("x-fr" = "Reçoit l’attente prévue en minutes entamées, 1 au moins ; null tant qu’elle est inconnue."))]
    expected_wait_minutes: Option<AttributeRef>,
    /// Takes the service level in percent; null when nobody is in line or served.
    #[schemars(extend("x-fr" = "Reçoit le niveau de service en pour cent ; null quand personne n’est en file ni servi."))]
    service_level: Option<AttributeRef>,
}

/// What was found.
struct Found {
    queue: QueueView,
    expected_wait: Option<Duration>,
    service_level: Option<u32>,
}

impl Node for CheckQueue {
    fn descriptor() -> Descriptor {
        describe::<Self>("check_queue", Category::Decide, Flavour::Instant)
            .title("Check a queue", "Consulter une file")
            .docs(EN, FR)
            .icon("gauge")
            .exits_from("/cases/*/exit")
            .exit("otherwise", ExitRole::Normal, "No case holds.", "Aucun cas ne vaut.")
            .error_exit()
            .example(
                "Somebody there, or at least nobody before",
                "Quelqu’un, ou du moins personne avant",
                json!({ "skill": "sales", "cases": [
                    { "agents": { "at_least": 1 }, "waiting": { "at_most": 19 }, "exit": "staffed" },
                    { "waiting": { "at_most": 0 }, "exit": "quiet" },
                ] }),
            )
            .example(
                "Only the figures, of whatever was required",
                "Seulement les chiffres, de ce qui est demandé",
                json!({ "into": { "waiting": "ahead", "available": "free" } }),
            )
            .example(
                "A call back when the wait is long or the service is poor",
                "Un rappel quand l’attente est longue ou le service dégradé",
                json!({ "within": "2m", "cases": [
                    { "expected_wait": { "at_least": "10m" }, "exit": "long" },
                    { "service_level": { "at_most": 60 }, "exit": "long" },
                    { "agents": { "at_most": 0 }, "exit": "long" },
                ], "into": { "expected_wait_minutes": "minutes" } }),
            )
            .counter_example(
                "A negative count",
                "Un nombre négatif",
                json!({ "cases": [{ "waiting": { "at_least": -1 }, "exit": "few" }] }),
            )
            .counter_example("A case without an exit", "Un cas sans sortie", json!({ "cases": [{ "waiting": {} }] }))
            .done()
    }

    fn stores(&self) -> Vec<(AttributeName, Possible)> {
        let Into { waiting, agents, available, expected_wait_s, expected_wait_minutes, service_level } = &self.into;
        let known = [waiting, agents, available].map(|into| (into, Possible::WHOLE));
        let perhaps = [expected_wait_s, expected_wait_minutes, service_level]
            .map(|into| (into, Possible::WHOLE.or(Possible::NOTHING)));
        let all = known.into_iter().chain(perhaps);
        all.filter_map(|(into, gives)| into.as_ref().map(|into| (into.0.clone(), gives))).collect()
    }

    fn enter(&self, turn: &mut Turn<'_>) -> Result<Next, Fault> {
        let found = self.look(turn)?;
        let seconds = found.expected_wait.map(|wait| wait.as_secs());
        for (into, count) in [
            (&self.into.waiting, json!(found.queue.waiting)),
            (&self.into.agents, json!(found.queue.agents)),
            (&self.into.available, json!(found.queue.available)),
            (&self.into.expected_wait_s, json!(seconds)),
            (&self.into.expected_wait_minutes, json!(seconds.map(|seconds| seconds.div_ceil(60).max(1)))),
            (&self.into.service_level, json!(found.service_level)),
        ] {
            if let Some(into) = into {
                turn.set(&into.0, count)?;
            }
        }
        let holds = |case: &&Case| {
            case.waiting.holds(found.queue.waiting)
                && case.agents.holds(found.queue.agents)
                && case.available.holds(found.queue.available)
                && case.expected_wait.holds_if_known(found.expected_wait)
                && case.service_level.holds_if_known(found.service_level)
        };
        let case = self.cases.iter().find(holds);
        Ok(case.map_or(Next::exit("otherwise"), |case| Next::By(case.exit.clone())))
    }
}

impl CheckQueue {
    /// Of several skills the worst figures count, since one agent must have them all: most waiting, fewest agents.
    fn look(&self, turn: &Turn<'_>) -> Result<Found, Fault> {
        let at_any_level = |skill: SkillId| BTreeMap::from([(skill, Level::WORST)]);
        let needs: BTreeMap<SkillId, Level> = match &self.skill {
            Some(skill) => at_any_level(skill.0.clone()),
            None if turn.requirement().skills.is_empty() => turn.default_skill().map(at_any_level).unwrap_or_default(),
            None => turn.requirement().skills.clone(),
        };
        let skills: Vec<SkillId> = needs.keys().cloned().collect();
        let queue = Self::worst(turn, &skills)?;
        let place = match turn.position() {
            Some(place) if needs == turn.requirement().skills => place,
            Some(_) | None => queue.waiting.saturating_add(1),
        };
        let requirement = Requirement { skills: needs, supervisor: false };
        Ok(Found {
            queue,
            expected_wait: turn.expected_wait(&requirement, place),
            service_level: turn.service_level(&skills, self.within.get()),
        })
    }

    fn worst(turn: &Turn<'_>, skills: &[SkillId]) -> Result<QueueView, Fault> {
        let mut worst: Option<QueueView> = None;
        for skill in skills {
            turn.skill(skill)?;
            let one = turn.queue(skill);
            let so_far = worst.get_or_insert(one);
            so_far.waiting = so_far.waiting.max(one.waiting);
            so_far.agents = so_far.agents.min(one.agents);
            so_far.available = so_far.available.min(one.available);
        }
        worst.ok_or_else(|| {
            Fault::new(
                "no-default-skill",
                "no skill is named or required and the touchpoint has no default skill: name one in `skill`",
                "aucune compétence n’est nommée ni demandée et le point de contact n’en a pas par défaut : nommez-en une dans `skill`",
            )
        })
    }
}

const EN: &str = "\
## What it does
Looks at a queue at this moment: how many contacts wait, how many agents are present, how many are free, how long the wait will be, and how many contacts are served in time. It leaves by the first case that holds, and can keep the figures.

## When to use it
Before `enqueue`, to offer another way when nobody is there or too many wait; during the wait, to tell the contact.

## Exits
The exits that the cases name, and `otherwise` when none holds.

## Settings
A case may bound `waiting`, `agents`, `available`, `expected_wait` and `service_level`, each with `at_least` and `at_most`; all that it bounds must hold. `expected_wait` is a time: the contacts up to this one, shared among the agents present, at the pace of their last eight contacts or so, wrap-up included. `service_level` is a percentage: of those who wait or talk with an agent at this moment, how many waited no longer than `within` (one minute). `into` stores the figures in attributes of type integer or number.

## Pitfalls
The figures are those of the moment. A contact who is in line already counts among those who wait. Without `skill`, the worst figures of the required skills count: an agent who has one of two skills counts for that one only. The expected wait is unknown while nobody is present or nobody has handled a contact yet, and a bound on it does not hold then: put a case on `agents` first. It does not foresee what other queues take of the same agents.
";

const FR: &str = "\
## Ce qu’il fait
Consulte une file à cet instant : combien de contacts attendent, combien d’agents sont présents, combien sont libres, combien durera l’attente et combien de contacts sont servis à temps. Il sort par le premier cas qui vaut, et peut garder les chiffres.

## Quand l’utiliser
Avant `enqueue`, pour proposer une autre voie quand il n’y a personne ou trop de monde ; pendant l’attente, pour en informer le contact.

## Sorties
Les sorties que nomment les cas, et `otherwise` quand aucun ne vaut.

## Réglages
Un cas peut borner `waiting`, `agents`, `available`, `expected_wait` et `service_level`, chacun par `at_least` et `at_most` ; tout ce qu’il borne doit valoir. `expected_wait` est une durée : les contacts jusqu’à celui-ci, répartis entre les agents présents, au rythme de leurs huit derniers contacts environ, post-traitement compris. `service_level` est un pourcentage : parmi ceux qui attendent ou parlent avec un agent à cet instant, combien n’ont pas attendu plus que `within` (une minute). `into` range les chiffres dans des attributs de type entier ou nombre.

## Pièges
Les chiffres sont ceux de l’instant. Un contact déjà en file compte parmi ceux qui attendent. Sans `skill`, les pires chiffres des compétences demandées valent : un agent qui en a une sur deux ne compte que pour celle-là. L’attente prévue est inconnue tant que personne n’est présent ou n’a encore traité de contact, et une borne ne vaut alors pas : placez d’abord un cas sur `agents`. Elle ne prévoit pas ce que d’autres files prendront aux mêmes agents.
";

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::testing::{Stage, node};

    fn sales(available: bool, config: Value) -> Stage {
        node("check_queue", config)
            .given(json!({ "agents": { "ann": { "skills": { "sales": 1 }, "available": available } } }))
            .attributes(json!({ "ahead": { "type": "integer" }, "present": { "type": "integer" }, "free": { "type": "integer" } }))
    }

    #[test]
    fn the_first_case_whose_bounds_all_hold_wins() {
        let config = json!({ "skill": "sales", "cases": [
            { "agents": { "at_least": 1 }, "available": { "at_least": 2 }, "exit": "plenty" },
            { "agents": { "at_least": 1 }, "exit": "somebody" },
            { "agents": { "at_most": 0 }, "exit": "nobody" },
        ], "into": { "waiting": "ahead", "agents": "present", "available": "free" } });
        for (available, exit, count) in [(true, "somebody", 1), (false, "nobody", 0)] {
            sales(available, config.clone()).plays(json!([
                { "contact_says": "…" },
                { "expect": { "ended": exit, "attributes": { "ahead": 0, "present": count, "free": count } } },
            ]));
        }
    }

    #[test]
    fn the_wait_to_expect_is_nought_beside_a_free_agent_and_unknown_beside_nobody() {
        let config = json!({ "skill": "sales", "cases": [
            { "expected_wait": { "at_most": "1m" }, "exit": "soon" },
            { "expected_wait": { "at_least": "1s" }, "exit": "late" },
            { "service_level": { "at_least": 0 }, "exit": "served" },
        ], "into": { "expected_wait_s": "ahead", "expected_wait_minutes": "present", "service_level": "free" } });
        for (available, exit, seconds, minutes) in
            [(true, "soon", json!(0), json!(1)), (false, "otherwise", Value::Null, Value::Null)]
        {
            sales(available, config.clone()).plays(json!([
                { "contact_says": "…" },
                { "expect": { "ended": exit, "attributes": { "ahead": seconds, "present": minutes, "free": null } } },
            ]));
        }
    }

    #[test]
    fn without_a_skill_the_worst_of_the_required_ones_counts() {
        sales(true, json!({ "cases": [{ "agents": { "at_most": 0 }, "exit": "nobody" }] }))
            .after("require_skills", json!({ "skills": { "sales": 1, "english": 1 } }))
            .plays(json!([{ "contact_says": "…" }, { "expect": { "ended": "nobody" } }]));
        sales(true, json!({ "into": { "agents": "present" } })).plays(
            json!([{ "contact_says": "…" }, { "expect": { "ended": "otherwise", "attributes": { "present": 0 } } }]),
        );
    }
}
