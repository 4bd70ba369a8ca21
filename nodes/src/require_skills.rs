//! `require_skills`: says what the agent must know.

use std::collections::BTreeMap;

use routewright_engine::{
    SkillId,
    capacity::Requirement,
    catalogue::Level,
    describe::describe,
    node::{Fault, Next, Node, Turn},
    script::slots::SkillRef,
};
use routewright_flows::{Descriptor, ExitRole, Flavour, descriptor::Category};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use crate::queueing::skill_names;

/// Requires skills.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RequireSkills {
    /// Skills, each with the worst level that will do: 1 is best, 20 takes anyone who has the skill.
    #[schemars(
        extend("minProperties" = 1),
        extend("propertyNames" = skill_names()),
        extend("x-fr" = "Des compétences, chacune avec le plus faible niveau admis : 1 est le meilleur, 20 admet quiconque a la compétence.")
    )]
    skills: BTreeMap<SkillRef, Level>,
    /// True adds to what is already required; false replaces it.
    #[serde(default)]
    #[schemars(extend("x-fr" = "Vrai ajoute à ce qui est déjà demandé ; faux le remplace."))]
    add: bool,
}

impl Node for RequireSkills {
    fn descriptor() -> Descriptor {
        describe::<Self>("require_skills", Category::Route, Flavour::Instant)
            .title("Require skills", "Demander des compétences")
            .docs(EN, FR)
            .icon("graduation-cap")
            .exit("done", ExitRole::Normal, "The requirement stands.", "Le besoin est posé.")
            .example("Sales, level 3 or better", "Ventes, niveau 3 ou meilleur", json!({ "skills": { "sales": 3 } }))
            .example("English besides", "L’anglais en plus", json!({ "skills": { "english": 10 }, "add": true }))
            .counter_example("No skill", "Aucune compétence", json!({ "skills": {} }))
            .counter_example(
                "A level that does not exist",
                "Un niveau qui n’existe pas",
                json!({ "skills": { "sales": 21 } }),
            )
            .done()
    }

    fn enter(&self, turn: &mut Turn<'_>) -> Result<Next, Fault> {
        let mut requirement = if self.add { turn.requirement().clone() } else { Requirement::default() };
        let skills = self.skills.iter().map(|(skill, level)| (skill.0.clone(), *level));
        requirement.skills.extend::<BTreeMap<SkillId, Level>>(skills.collect());
        turn.require(requirement);
        Ok(Next::exit("done"))
    }
}

const EN: &str = "\
## What it does
Sets the skills that the agent must have; all of them, each at the level given or better. The next `enqueue` asks for it.

## When to use it
After the menu or script that found out what the contact needs, before `enqueue`.

## Exits
`done`, always.

## Settings
Levels are proficiencies, 1 (best) to 20. With `add`, a skill that already stands takes the new level.

## Pitfalls
Every skill must be had by the same agent: two rare skills may leave nobody. Skills wanted only at first are better widened by the `overflow` of `enqueue`.
";

const FR: &str = "\
## Ce qu’il fait
Pose les compétences que doit avoir l’agent ; toutes, chacune au niveau donné ou meilleur. Le prochain `enqueue` les demande.

## Quand l’utiliser
Après le menu ou le script qui a trouvé ce qu’il faut au contact, avant `enqueue`.

## Sorties
`done`, toujours.

## Réglages
Un niveau est une maîtrise, de 1 (la meilleure) à 20. Avec `add`, une compétence déjà demandée prend le nouveau niveau.

## Pièges
Un même agent doit avoir toutes les compétences : deux compétences rares peuvent n’être réunies par personne. Celles que l’on ne souhaite qu’au début s’élargissent mieux par l’`overflow` de `enqueue`.
";

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::node;

    #[test]
    fn the_next_enqueue_asks_for_it() {
        node("enqueue", json!({}))
            .after("require_skills", json!({ "skills": { "sales": 3 } }))
            .after("require_skills", json!({ "skills": { "english": 20 } }))
            .plays(json!([{ "contact_says": "…" }, { "expect": { "waiting_for": ["sales"] } }]));
        node("enqueue", json!({}))
            .after("require_skills", json!({ "skills": { "sales": 3 }, "add": true }))
            .after("require_skills", json!({ "skills": { "english": 20 } }))
            .plays(json!([{ "contact_says": "…" }, { "expect": { "waiting_for": ["english", "sales"] } }]));
    }

    #[test]
    fn wap_23_a_level_better_than_asked_will_do_and_a_worse_one_will_not() {
        let wait = |level: u8| {
            node("enqueue", json!({}))
                .after("require_skills", json!({ "skills": { "sales": 3 } }))
                .given(json!({ "agents": { "ann": { "skills": { "sales": level } } } }))
        };
        wait(3).plays(json!([{ "contact_says": "…" }, { "expect": { "offered_to": "ann" } }]));
        wait(4).plays(json!([
            { "contact_says": "…" },
            { "expect": { "waiting_for": ["sales"] } },
            { "time_passes": "15m" },
            { "expect": { "ended": "timeout" } },
        ]));
    }
}
