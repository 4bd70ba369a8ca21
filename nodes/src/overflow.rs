//! `overflow`: asks other skills than those required.

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

use crate::{
    config::PRIORITY_MAX,
    queueing::{default_requirement, skill_names},
};

/// Asks others.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Overflow {
    /// Skills asked for from now on instead, each with the worst level that will do; the touchpoint's default skill when
    /// absent.
    #[serde(default)]
    #[schemars(
        extend("propertyNames" = skill_names()),
        extend("x-fr" = "Compétences demandées désormais à la place, chacune avec le plus faible niveau admis ; la compétence par défaut du point de contact en leur absence.")
    )]
    skills: BTreeMap<SkillRef, Level>,
    /// Added to the priority, so that who has waited elsewhere goes before who has just come.
    #[serde(default)]
    #[schemars(range(min = 0, max = 100), extend("x-fr" = "S’ajoute à la priorité : qui a attendu ailleurs passe avant qui vient d’arriver."))]
    raise_priority: i32,
}

impl Node for Overflow {
    fn descriptor() -> Descriptor {
        describe::<Self>("overflow", Category::Route, Flavour::Instant)
            .title("Ask others", "Déborder")
            .docs(EN, FR)
            .icon("git-branch")
            .exit("done", ExitRole::Normal, "Others are asked from now on.", "D’autres sont désormais sollicités.")
            .error_exit()
            .example(
                "To the general team",
                "Vers l’équipe générale",
                json!({ "skills": { "general": 20 }, "raise_priority": 10 }),
            )
            .example(
                "To the touchpoint's default skill",
                "Vers la compétence par défaut du point de contact",
                json!({}),
            )
            .counter_example("Lowering the priority", "Baisser la priorité", json!({ "raise_priority": -1 }))
            .counter_example(
                "A level that does not exist",
                "Un niveau qui n’existe pas",
                json!({ "skills": { "sales": 21 } }),
            )
            .done()
    }

    fn enter(&self, turn: &mut Turn<'_>) -> Result<Next, Fault> {
        let skills: BTreeMap<SkillId, Level> =
            self.skills.iter().map(|(skill, level)| (skill.0.clone(), *level)).collect();
        let requirement = if skills.is_empty() {
            default_requirement(turn)?
        } else {
            Requirement { skills, ..turn.requirement().clone() }
        };
        turn.require(requirement);
        let raised = turn.interaction().priority.saturating_add(self.raise_priority);
        // Tells capacity of both.
        turn.set_priority(raised.min(PRIORITY_MAX));
        Ok(Next::exit("done"))
    }
}

const EN: &str = "\
## What it does
Replaces the skills that were required by others, and may raise the priority. A contact in line keeps his place and is offered at once to an agent who fits now.

## When to use it
When those asked first cannot take the contact in time: in the flow that runs during the wait, or after `check_queue` and before `enqueue`.

## Exits
`done` when others are asked; `error` without `skills` on a touchpoint that has no default skill.

## Settings
`skills` with levels, as for `require_skills`. `raise_priority` is added to the priority, up to 100 in all.

## Pitfalls
Those asked first are not asked any more: name their skill again to keep them. To keep the skill and take worse levels, use `relax`.
";

const FR: &str = "\
## Ce qu’il fait
Remplace les compétences demandées par d’autres, et peut relever la priorité. Un contact en file garde sa place et est proposé aussitôt à un agent qui convient désormais.

## Quand l’utiliser
Quand les premiers sollicités ne peuvent prendre le contact à temps : dans le scénario qui se déroule pendant l’attente, ou après `check_queue` et avant `enqueue`.

## Sorties
`done` quand d’autres sont sollicités ; `error` sans `skills` sur un point de contact qui n’a pas de compétence par défaut.

## Réglages
`skills` avec des niveaux, comme pour `require_skills`. `raise_priority` s’ajoute à la priorité, jusqu’à 100 en tout.

## Pièges
Les premiers sollicités ne le sont plus : nommez à nouveau leur compétence pour les garder. Pour garder la compétence et admettre de plus faibles niveaux, préférez `relax`.
";

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::testing::node;

    #[test]
    fn others_are_asked_instead() {
        for (config, waiting_for) in
            [(json!({ "skills": { "general": 20 } }), "general"), (json!({ "raise_priority": 100 }), "default")]
        {
            let expect: Value = json!({ "expect": { "waiting_for": [waiting_for] } });
            node("enqueue", json!({}))
                .after("overflow", config)
                .after("require_skills", json!({ "skills": { "sales": 3 } }))
                .plays(json!([{ "contact_says": "…" }, expect]));
        }
    }
}
