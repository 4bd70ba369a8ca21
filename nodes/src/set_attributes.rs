//! `set_attributes`: works out values and keeps them.

use std::collections::BTreeMap;

use routewright_engine::{
    describe::describe,
    node::{Fault, Next, Node, Prepare, Turn},
    script::slots::{AttributeRef, Formula},
};
use routewright_flows::{Descriptor, ExitRole, Flavour, descriptor::Category};
use schemars::{JsonSchema, SchemaGenerator};
use serde::Deserialize;
use serde_json::{Value, json};

/// Sets attributes.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SetAttributes {
    /// Attributes with the expressions that give their values.
    #[schemars(
        extend("minProperties" = 1),
        extend("propertyNames" = attribute_names()),
        extend("x-fr" = "Des attributs et les expressions qui donnent leurs valeurs.")
    )]
    set: BTreeMap<AttributeRef, Formula>,
}

/// The schema of a map's keys that are attributes the node writes.
fn attribute_names() -> Value {
    AttributeRef::json_schema(&mut SchemaGenerator::default()).to_value()
}

impl Node for SetAttributes {
    fn descriptor() -> Descriptor {
        describe::<Self>("set_attributes", Category::Decide, Flavour::Instant)
            .title("Set attributes", "Définir des attributs")
            .docs(EN, FR)
            .icon("variable")
            .exit("done", ExitRole::Normal, "Every value is set.", "Toutes les valeurs sont définies.")
            .error_exit()
            .example("A text", "Un texte", json!({ "set": { "topic": "\"sales\"" } }))
            .example("Two figures", "Deux nombres", json!({ "set": { "visits": "3 + 1", "weight": "2 * 5" } }))
            .counter_example("Nothing to set", "Rien à définir", json!({ "set": {} }))
            .counter_example(
                "A value instead of an expression",
                "Une valeur au lieu d’une expression",
                json!({ "set": { "visits": 4 } }),
            )
            .done()
    }

    fn prepare(&mut self, cx: &mut Prepare<'_>) {
        for formula in self.set.values_mut() {
            cx.formula(formula);
        }
    }

    fn enter(&self, turn: &mut Turn<'_>) -> Result<Next, Fault> {
        let mut values = Vec::with_capacity(self.set.len());
        for (name, formula) in &self.set {
            values.push((&name.0, turn.value(formula)?));
        }
        for (name, value) in values {
            turn.set(name, value)?;
        }
        Ok(Next::exit("done"))
    }
}

const EN: &str = "\
## What it does
Works out one expression per attribute and stores the results. All expressions see the attributes as they were before the node.

## When to use it
To remember a decision, to count, to prepare what a text will show.

## Exits
`done` when every value is set.

## Settings
The attributes must be declared in the flow. Texts need their own quotes inside the expression: `\"\\\"sales\\\"\"`.

## Pitfalls
A value that does not fit the declared type takes `error`. All expressions are worked out before the first value is set, so one that fails sets nothing; a value of the wrong type leaves those set before it (in alphabetical order) in place.
";

const FR: &str = "\
## Ce qu’il fait
Calcule une expression par attribut et range les résultats. Toutes les expressions voient les attributs tels qu’ils étaient avant le nœud.

## Quand l’utiliser
Pour retenir une décision, compter, préparer ce qu’un texte montrera.

## Sorties
`done` quand toutes les valeurs sont définies.

## Réglages
Les attributs doivent être déclarés dans le scénario. Un texte demande ses propres guillemets dans l’expression : `\"\\\"ventes\\\"\"`.

## Pièges
Une valeur qui ne convient pas au type déclaré prend `error`. Toutes les expressions sont calculées avant la première écriture : si l’une échoue, rien n’est défini ; une valeur du mauvais type laisse en place celles définies avant elle (par ordre alphabétique).
";

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::node;

    #[test]
    fn expressions_see_the_values_before_the_node() {
        node("set_attributes", json!({ "set": { "a": "attributes.b", "b": "attributes.a + 1" } }))
            .attributes(json!({ "a": { "type": "integer", "default": 1 }, "b": { "type": "integer", "default": 5 } }))
            .plays(json!([
                { "contact_says": "…" },
                { "expect": { "ended": "done", "attributes": { "a": 5, "b": 2 } } },
            ]));
    }

    #[test]
    fn a_failing_expression_sets_nothing() {
        node("set_attributes", json!({ "set": { "a": "7", "b": "1 / 0" } }))
            .attributes(json!({ "a": { "type": "integer" }, "b": { "type": "integer" } }))
            .plays(json!([
                { "contact_says": "…" },
                { "expect": { "ended": "error", "attributes": { "a": null, "b": null } } },
            ]));
    }
}
