//! `set_priority`: says who goes first.

use routewright_engine::{
    describe::describe,
    node::{Fault, Next, Node, Prepare, Turn},
    script::slots::Formula,
};
use routewright_flows::{Descriptor, ExitRole, Flavour, descriptor::Category};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::config::PRIORITY_MAX;

/// Sets the priority in queues.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SetPriority {
    /// The priority, higher first; ordinary contacts have 0.
    #[schemars(range(min = -100, max = 100), extend("x-fr" = "La priorité, la plus haute d’abord ; un contact ordinaire a 0."))]
    priority: i32,
    /// Gives the priority instead, unless it gives nothing.
    #[schemars(extend("x-fr" = "Donne la priorité à la place, sauf si elle ne donne rien."))]
    formula: Option<Formula>,
}

impl Node for SetPriority {
    fn descriptor() -> Descriptor {
        describe::<Self>("set_priority", Category::Route, Flavour::Instant)
            .title("Set the priority", "Définir la priorité")
            .docs(EN, FR)
            .icon("arrow-up-narrow-wide")
            .exit("done", ExitRole::Normal, "The priority stands.", "La priorité est posée.")
            .error_exit()
            .example("Before ordinary contacts", "Avant les contacts ordinaires", json!({ "priority": 50 }))
            .example(
                "By what is known of the customer",
                "Selon ce que l’on sait du client",
                json!({ "priority": 0, "formula": "if contact.fields.tier == \"gold\" { 50 } else { () }" }),
            )
            .counter_example("Above the highest", "Au-dessus de la plus haute", json!({ "priority": 101 }))
            .counter_example("Not a whole number", "Pas un nombre entier", json!({ "priority": "high" }))
            .done()
    }

    fn prepare(&mut self, cx: &mut Prepare<'_>) {
        if let Some(formula) = &mut self.formula {
            cx.formula(formula);
        }
    }

    fn enter(&self, turn: &mut Turn<'_>) -> Result<Next, Fault> {
        let given = match &self.formula {
            Some(formula) => turn.value(formula)?,
            None => Value::Null,
        };
        turn.set_priority(if given.is_null() { self.priority } else { in_range(&given)? });
        Ok(Next::exit("done"))
    }
}

fn in_range(given: &Value) -> Result<i32, Fault> {
    let priority = given.as_i64().and_then(|n| i32::try_from(n).ok());
    priority.filter(|n| (-PRIORITY_MAX..=PRIORITY_MAX).contains(n)).ok_or_else(|| {
        let given: String = given.to_string().chars().take(80).collect();
        Fault::new(
            "bad-priority",
            format!("the formula gave {given}; a priority is a whole number from -{PRIORITY_MAX} to {PRIORITY_MAX}"),
            format!("la formule a donné {given} ; une priorité est un entier de -{PRIORITY_MAX} à {PRIORITY_MAX}"),
        )
    })
}

const EN: &str = "\
## What it does
Sets the interaction's priority in queues. Higher goes first; among equals, the longest waiting.

## When to use it
Before `enqueue`, for customers or matters that cannot wait. A contact already in line moves at once and keeps his place among his new equals.

## Exits
`done` when the priority stands.

## Settings
`priority` is a whole number from -100 to 100. `formula`, when given, works it out; where it gives `()`, `priority` counts.

## Pitfalls
If everybody is urgent, nobody is: high priorities starve ordinary contacts in busy hours. A formula that gives a fraction or leaves the range takes `error`.
";

const FR: &str = "\
## Ce qu’il fait
Pose la priorité de l’interaction dans les files. La plus haute passe d’abord ; à égalité, celle qui attend depuis le plus longtemps.

## Quand l’utiliser
Avant `enqueue`, pour les clients ou les sujets qui ne peuvent attendre. Un contact déjà en file se déplace aussitôt et garde son rang parmi ses nouveaux égaux.

## Sorties
`done` quand la priorité est posée.

## Réglages
`priority` est un entier de -100 à 100. `formula`, si elle est donnée, la calcule ; là où elle donne `()`, `priority` vaut.

## Pièges
Si tout est urgent, rien ne l’est : de hautes priorités affament les contacts ordinaires aux heures chargées. Une formule qui donne une fraction ou sort des bornes prend `error`.
";

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::node;

    #[test]
    fn the_formula_counts_where_it_gives_something() {
        let config = json!({ "priority": 5, "formula": "contact.fields.urgency" });
        for (contact, exit) in [
            (json!({ "urgency": 50 }), "done"),
            (json!({}), "done"),
            (json!({ "urgency": 101 }), "error"),
            (json!({ "urgency": 1.5 }), "error"),
            (json!({ "urgency": "high" }), "error"),
        ] {
            node("set_priority", config.clone())
                .with("contact", contact)
                .plays(json!([{ "contact_says": "…" }, { "expect": { "ended": exit } }]));
        }
    }
}
