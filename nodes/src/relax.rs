//! `relax`: asks for less than was required.

use std::collections::{BTreeMap, BTreeSet};

use routewright_engine::{
    catalogue::Level,
    describe::describe,
    node::{Fault, Next, Node, Turn},
    script::slots::SkillRef,
};
use routewright_flows::{Descriptor, ExitRole, Flavour, descriptor::Category};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use crate::queueing::{require_something, skill_names};

/// Asks for less.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("minProperties" = 1))]
pub struct Relax {
    /// Worse levels that will do from now on, by skill; skills that are not required, or for which worse levels do already, stay as they are.
    #[serde(default)]
    #[schemars(
        extend("propertyNames" = skill_names()),
        extend("x-fr" = "De plus faibles niveaux admis désormais, par compétence ; celles qui ne sont pas demandées, ou pour lesquelles plus faible est déjà admis, restent telles quelles.")
    )]
    levels: BTreeMap<SkillRef, Level>,
    /// Skills that are no longer asked for.
    #[serde(default)]
    #[schemars(extend("x-fr" = "Compétences qui ne sont plus demandées."))]
    drop: BTreeSet<SkillRef>,
}

impl Node for Relax {
    fn descriptor() -> Descriptor {
        describe::<Self>("relax", Category::Route, Flavour::Instant)
            .title("Ask for less", "Demander moins")
            .docs(EN, FR)
            .icon("chevrons-down")
            .exit(
                "done",
                ExitRole::Normal,
                "The requirement is as wide as asked.",
                "Le besoin est aussi large que voulu.",
            )
            .error_exit()
            .example(
                "Any level of sales will do",
                "Tout niveau en ventes convient",
                json!({ "levels": { "sales": 20 } }),
            )
            .example(
                "No matter the language, and less experience",
                "Peu importe la langue, et moins d’expérience",
                json!({ "levels": { "billing": 8 }, "drop": ["english"] }),
            )
            .counter_example("Nothing at all", "Rien du tout", json!({}))
            .counter_example(
                "A level that does not exist",
                "Un niveau qui n’existe pas",
                json!({ "levels": { "sales": 0 } }),
            )
            .done()
    }

    fn enter(&self, turn: &mut Turn<'_>) -> Result<Next, Fault> {
        let mut requirement = turn.requirement().clone();
        for skill in &self.drop {
            requirement.skills.remove(&skill.0);
        }
        for (skill, worst) in &self.levels {
            if let Some(level) = requirement.skills.get_mut(&skill.0) {
                *level = (*level).max(*worst);
            }
        }
        if requirement != *turn.requirement() {
            turn.require(requirement);
            require_something(turn)?;
            turn.amend();
        }
        Ok(Next::exit("done"))
    }
}

const EN: &str = "\
## What it does
Widens what was required: worse levels of a skill will do, or a skill is no longer asked for. It never narrows. A contact in line keeps his place and is offered at once to an agent who fits now.

## When to use it
When the wait grows long, in the flow that runs during the wait, or before `enqueue` when few agents are there.

## Exits
`done`, also when there was nothing to widen; `error` when nothing is left to ask for and the touchpoint has no default skill.

## Settings
`levels` gives, by skill, the worst level that will do from now on, 1 (best) to 20. `drop` lists skills that no longer matter.

## Pitfalls
When every skill is dropped, the touchpoint's default skill is asked for. A skill that was never required is not added: use `require_skills` for that.
";

const FR: &str = "\
## Ce qu’il fait
Élargit ce qui était demandé : de plus faibles niveaux d’une compétence conviennent, ou une compétence n’est plus demandée. Il ne restreint jamais. Un contact en file garde sa place et est proposé aussitôt à un agent qui convient désormais.

## Quand l’utiliser
Quand l’attente s’allonge, dans le scénario qui se déroule pendant l’attente, ou avant `enqueue` quand peu d’agents sont là.

## Sorties
`done`, même quand il n’y avait rien à élargir ; `error` quand il ne reste rien à demander et que le point de contact n’a pas de compétence par défaut.

## Réglages
`levels` donne, par compétence, le plus faible niveau admis désormais, de 1 (le meilleur) à 20. `drop` liste les compétences qui n’importent plus.

## Pièges
Quand toutes les compétences sont retirées, la compétence par défaut du point de contact est demandée. Une compétence jamais demandée n’est pas ajoutée : c’est le rôle de `require_skills`.
";

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::testing::node;

    #[test]
    fn the_requirement_only_widens() {
        let given = |level: u8| json!({ "agents": { "ann": { "skills": { "sales": level } } } });
        let relaxed = |level: u8, config: Value, expect: Value| {
            node("enqueue", json!({}))
                .after("relax", config)
                .after("require_skills", json!({ "skills": { "sales": 5, "english": 1 } }))
                .given(given(level))
                .plays(json!([{ "contact_says": "…" }, { "expect": expect }]));
        };
        let taken = || json!({ "offered_to": "ann" });
        relaxed(5, json!({ "drop": ["english"] }), taken());
        relaxed(9, json!({ "drop": ["english"], "levels": { "sales": 9 } }), taken());
        relaxed(5, json!({ "drop": ["english"], "levels": { "sales": 2 } }), taken());
        relaxed(9, json!({ "drop": ["english"], "levels": { "french": 20 } }), json!({ "waiting_for": ["sales"] }));
        relaxed(1, json!({ "drop": ["english", "sales"] }), json!({ "waiting_for": ["default"] }));
    }
}
