//! `goto_flow`: goes on in another flow, for good.

use routewright_engine::{
    describe::describe,
    node::{Fault, Next, Node, Prepare, Turn},
    script::slots::FlowRef,
};
use routewright_flows::{AnswerTimes, Descriptor, Flavour, Stay, descriptor::Category};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use crate::inputs::Inputs;

/// Goes on in another flow.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GotoFlow {
    /// The flow to go on in, on its live version.
    #[schemars(extend("x-fr" = "Le scénario où continuer, dans sa version en service."))]
    flow: FlowRef,
    /// Its inputs, each with an expression that gives the value.
    #[serde(default)]
    #[schemars(extend("x-fr" = "Ses entrées, chacune avec une expression qui donne la valeur."))]
    inputs: Inputs,
}

impl Node for GotoFlow {
    fn descriptor() -> Descriptor {
        describe::<Self>("goto_flow", Category::Structure, Flavour::Terminal)
            .title("Go to a flow", "Aller à un scénario")
            .docs(EN, FR)
            .icon("corner-up-right")
            .error_exit()
            .example("To the night flow", "Vers le scénario de nuit", json!({ "flow": "night" }))
            .example(
                "With what is already known",
                "Avec ce que l’on sait déjà",
                json!({ "flow": "sales", "inputs": { "language": "contact.locale" } }),
            )
            .counter_example("Nowhere", "Nulle part", json!({ "inputs": {} }))
            .counter_example(
                "An input that is not an expression",
                "Une entrée qui n’est pas une expression",
                json!({ "flow": "sales", "inputs": { "visits": 3 } }),
            )
            .done()
    }

    fn prepare(&mut self, cx: &mut Prepare<'_>) {
        self.inputs.prepare(cx);
    }

    fn stay(&self, _: AnswerTimes) -> Option<Stay> {
        Some(Stay::Gone(self.flow.0.clone()))
    }

    fn enter(&self, turn: &mut Turn<'_>) -> Result<Next, Fault> {
        let inputs = self.inputs.values(turn)?;
        Ok(Next::Goto { flow: self.flow.0.clone(), inputs })
    }
}

const EN: &str = "\
## What it does
Leaves this flow, and every flow that called it, and goes on in another one within the same interaction. Nothing comes back.

## When to use it
To hand over for good: from a welcome to the flow of a service, from day to night. For steps after which this flow goes on, use `subflow`.

## Exits
None but `error`, taken when the other flow has no live version or its inputs do not fit. Whatever else happens, happens in the other flow.

## Settings
`inputs` are expressions of this flow; the other flow's attributes begin with them and its defaults. The requirement, the priority, the answers and a place in line stay with the interaction.

## Pitfalls
Attributes of this flow are gone: pass what the other one needs. Two flows that go to each other without waiting are stopped after 1,000 nodes.
";

const FR: &str = "\
## Ce qu’il fait
Quitte ce scénario, et tous ceux qui l’ont appelé, et continue dans un autre au sein de la même interaction. Rien ne revient.

## Quand l’utiliser
Pour passer la main pour de bon : d’un accueil au scénario d’un service, du jour à la nuit. Pour des étapes après lesquelles ce scénario continue, préférez `subflow`.

## Sorties
Aucune, sauf `error`, prise quand l’autre scénario n’a pas de version en service ou que ses entrées ne conviennent pas. Tout le reste se passe dans l’autre scénario.

## Réglages
`inputs` sont des expressions de ce scénario ; les attributs de l’autre commencent par elles et par ses valeurs par défaut. Le besoin, la priorité, les réponses et une place en file restent à l’interaction.

## Pièges
Les attributs de ce scénario sont perdus : passez ce dont l’autre a besoin. Deux scénarios qui se renvoient l’un à l’autre sans attendre sont arrêtés après 1 000 nœuds.
";

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::testing::node;

    fn other(nodes: Value) -> Value {
        json!({
            "schema": 1, "id": "other", "inputs": { "name": { "type": "string" } },
            "attributes": { "seen": { "type": "integer", "default": 1 } },
            "entry": "hello", "nodes": nodes,
        })
    }

    fn hello() -> Value {
        json!({
            "hello": { "kind": "send_message", "config": { "text": { "fr": "Bonjour ${attributes.name}." } }, "exits": { "done": { "end": "greeted" } } },
        })
    }

    #[test]
    fn the_interaction_goes_on_and_ends_in_the_other_flow() {
        node("goto_flow", json!({ "flow": "other", "inputs": { "name": "contact.fields.name" } }))
            .calling(other(hello()))
            .with("contact", json!({ "name": "Zoé" }))
            .plays(json!([
                { "contact_says": "…" },
                { "expect": { "says": ["Bonjour Zoé."], "ended": "greeted" } },
            ]));
    }

    #[test]
    fn callers_are_left_too() {
        let inner = json!({
            "schema": 1, "id": "inner", "entry": "go",
            "nodes": { "go": { "kind": "goto_flow", "config": { "flow": "other", "inputs": { "name": "\"Zoé\"" } }, "exits": {} } },
        });
        node("subflow", json!({ "flow": "inner" })).calling(inner).calling(other(hello())).plays(json!([
            { "contact_says": "…" },
            { "expect": { "says": ["Bonjour Zoé."], "ended": "greeted" } },
        ]));
    }

    #[test]
    fn a_flow_that_is_not_there_or_does_not_fit_takes_error() {
        node("goto_flow", json!({ "flow": "gone" }))
            .plays(json!([{ "contact_says": "…" }, { "expect": { "ended": "error" } }]));
        node("goto_flow", json!({ "flow": "other", "inputs": { "name": "3" } }))
            .calling(other(hello()))
            .plays(json!([{ "contact_says": "…" }, { "expect": { "ended": "error" } }]));
    }

    #[test]
    fn flows_that_go_to_each_other_are_stopped() {
        let back = json!({ "hello": { "kind": "goto_flow", "config": { "flow": "tested" }, "exits": { "error": { "end": "stopped" } } } });
        node("goto_flow", json!({ "flow": "other", "inputs": { "name": "\"a\"" } }))
            .calling(other(back))
            .plays(json!([{ "contact_says": "…" }, { "expect": { "waiting_for": ["default"] } }]));
    }
}
