//! `check_queue`: looks at a queue and decides by what it finds.

use routewright_engine::{
    SkillId,
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
            .counter_example(
                "A negative count",
                "Un nombre négatif",
                json!({ "cases": [{ "waiting": { "at_least": -1 }, "exit": "few" }] }),
            )
            .counter_example("A case without an exit", "Un cas sans sortie", json!({ "cases": [{ "waiting": {} }] }))
            .done()
    }

    fn stores(&self) -> Vec<(AttributeName, Possible)> {
        let into = [&self.into.waiting, &self.into.agents, &self.into.available].into_iter().flatten();
        into.map(|into| (into.0.clone(), Possible::WHOLE)).collect()
    }

    fn enter(&self, turn: &mut Turn<'_>) -> Result<Next, Fault> {
        let found = self.look(turn)?;
        for (into, count) in [
            (&self.into.waiting, found.waiting),
            (&self.into.agents, found.agents),
            (&self.into.available, found.available),
        ] {
            if let Some(into) = into {
                turn.set(&into.0, json!(count))?;
            }
        }
        let holds = |case: &&Case| {
            case.waiting.holds(found.waiting)
                && case.agents.holds(found.agents)
                && case.available.holds(found.available)
        };
        let case = self.cases.iter().find(holds);
        Ok(case.map_or(Next::exit("otherwise"), |case| Next::Exit(case.exit.to_string().into())))
    }
}

impl CheckQueue {
    /// Of several skills the worst figures count, since one agent must have them all: most waiting, fewest agents.
    fn look(&self, turn: &Turn<'_>) -> Result<QueueView, Fault> {
        let skills: Vec<SkillId> = match &self.skill {
            Some(skill) => vec![skill.0.clone()],
            None if turn.requirement().skills.is_empty() => turn.default_skill().into_iter().collect(),
            None => turn.requirement().skills.keys().cloned().collect(),
        };
        let mut worst: Option<QueueView> = None;
        for skill in skills {
            turn.skill(&skill)?;
            let one = turn.queue(&skill);
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
Looks at a queue at this moment: how many contacts wait, how many agents are present, how many are free. It leaves by the first case that holds, and can keep the figures.

## When to use it
Before `enqueue`, to offer another way when nobody is there or too many wait; during the wait, to tell the contact.

## Exits
The exits that the cases name, and `otherwise` when none holds.

## Settings
A case may bound `waiting`, `agents` and `available`, each with `at_least` and `at_most`; all that it bounds must hold. `into` stores the figures in attributes of type integer or number.

## Pitfalls
The figures are those of the moment. A contact who is in line already counts among those who wait. Without `skill`, the worst figures of the required skills count: an agent who has one of two skills counts for that one only.
";

const FR: &str = "\
## Ce qu’il fait
Consulte une file à cet instant : combien de contacts attendent, combien d’agents sont présents, combien sont libres. Il sort par le premier cas qui vaut, et peut garder les chiffres.

## Quand l’utiliser
Avant `enqueue`, pour proposer une autre voie quand il n’y a personne ou trop de monde ; pendant l’attente, pour en informer le contact.

## Sorties
Les sorties que nomment les cas, et `otherwise` quand aucun ne vaut.

## Réglages
Un cas peut borner `waiting`, `agents` et `available`, chacun par `at_least` et `at_most` ; tout ce qu’il borne doit valoir. `into` range les chiffres dans des attributs de type entier ou nombre.

## Pièges
Les chiffres sont ceux de l’instant. Un contact déjà en file compte parmi ceux qui attendent. Sans `skill`, les pires chiffres des compétences demandées valent : un agent qui en a une sur deux ne compte que pour celle-là.
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
    fn without_a_skill_the_worst_of_the_required_ones_counts() {
        sales(true, json!({ "cases": [{ "agents": { "at_most": 0 }, "exit": "nobody" }] }))
            .after("require_skills", json!({ "skills": { "sales": 1, "english": 1 } }))
            .plays(json!([{ "contact_says": "…" }, { "expect": { "ended": "nobody" } }]));
        sales(true, json!({ "into": { "agents": "present" } })).plays(
            json!([{ "contact_says": "…" }, { "expect": { "ended": "otherwise", "attributes": { "present": 0 } } }]),
        );
    }
}
