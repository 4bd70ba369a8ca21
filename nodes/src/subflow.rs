//! `subflow`: runs another flow and comes back with its outputs.

use std::collections::{BTreeMap, BTreeSet};

use routewright_engine::{
    describe::describe,
    event::Event,
    node::{Fault, Next, Node, Prepare, Turn},
    script::slots::{AttributeRef, FlowRef},
};
use routewright_flows::{
    AnswerTimes, AttributeName, Descriptor, ExitName, ExitRole, Flavour, Stay, descriptor::Category,
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::inputs::Inputs;

/// Runs another flow.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Subflow {
    /// The flow to run, on its live version.
    #[schemars(extend("x-fr" = "Le scénario à exécuter, dans sa version en service."))]
    flow: FlowRef,
    /// Its inputs, each with an expression that gives the value.
    #[serde(default)]
    #[schemars(extend("x-fr" = "Ses entrées, chacune avec une expression qui donne la valeur."))]
    inputs: Inputs,
    /// Its outputs, each with the attribute of this flow that takes the value.
    #[serde(default)]
    #[schemars(extend("x-fr" = "Ses sorties de valeurs, chacune avec l’attribut de ce scénario qui reçoit la valeur."))]
    outputs: BTreeMap<AttributeName, AttributeRef>,
    /// Ends of the other flow that are exits here; every other end leaves by `done`.
    #[serde(default)]
    #[schemars(length(max = 50), extend("x-fr" = "Fins de l’autre scénario qui sont ici des sorties ; toute autre fin sort par `done`."))]
    ends: BTreeSet<ExitName>,
}

impl Node for Subflow {
    fn descriptor() -> Descriptor {
        describe::<Self>("subflow", Category::Structure, Flavour::Waiting)
            .title("Sub-flow", "Sous-scénario")
            .docs(EN, FR)
            .icon("workflow")
            .exits_from("/ends/*")
            .exit(
                "done",
                ExitRole::Normal,
                "The other flow ended, by an end that is not listed in `ends`.",
                "L’autre scénario est terminé, par une fin que `ends` ne liste pas.",
            )
            .error_exit()
            .example("Just run it", "L’exécuter, simplement", json!({ "flow": "identify" }))
            .example(
                "With values in and out",
                "Avec des valeurs dans les deux sens",
                json!({
                    "flow": "identify", "inputs": { "language": "contact.locale" },
                    "outputs": { "customer": "customer_id" }, "ends": ["unknown"],
                }),
            )
            .counter_example("No flow", "Pas de scénario", json!({ "ends": ["unknown"] }))
            .counter_example(
                "An input that is not an expression",
                "Une entrée qui n’est pas une expression",
                json!({ "flow": "identify", "inputs": { "visits": 3 } }),
            )
            .done()
    }

    fn prepare(&mut self, cx: &mut Prepare<'_>) {
        self.inputs.prepare(cx);
    }

    fn stay(&self, _: AnswerTimes) -> Option<Stay> {
        Some(Stay::Called(self.flow.0.clone()))
    }

    fn enter(&self, turn: &mut Turn<'_>) -> Result<Next, Fault> {
        let inputs = self.inputs.values(turn)?;
        Ok(Next::Call { flow: self.flow.0.clone(), inputs })
    }

    fn resume(&self, event: &Event, turn: &mut Turn<'_>) -> Result<Next, Fault> {
        match event {
            Event::Returned { end, outputs } => self.take(end, outputs, turn),
            Event::Message(_) | Event::Alarm(_) | Event::Routed(_) | Event::Answered(_) => Ok(Next::Wait),
        }
    }
}

impl Subflow {
    fn take(
        &self,
        end: &ExitName,
        outputs: &BTreeMap<AttributeName, Value>,
        turn: &mut Turn<'_>,
    ) -> Result<Next, Fault> {
        for (output, into) in &self.outputs {
            if let Some(value) = outputs.get(output) {
                turn.set(&into.0, value.clone())?;
            }
        }
        Ok(if self.ends.contains(end) { Next::By(end.clone()) } else { Next::exit("done") })
    }
}

const EN: &str = "\
## What it does
Runs another flow on its live version, within the same interaction, and comes back when it ends. Its attributes are its own; only inputs and outputs pass.

## When to use it
For steps that several flows share: identify the customer, take a message, ask for consent.

## Exits
The ends listed in `ends`, each by its name; `done` for every other end; `error` when the other flow has no live version.

## Settings
`inputs` are expressions of this flow; `outputs` name attributes of this flow that take the values.

## Pitfalls
A flow that calls itself, even through others, is at fault at depth 16. The other flow keeps the version with which it began, while a call after a release runs the new one. A conversation with an agent may take place inside.
";

const FR: &str = "\
## Ce qu’il fait
Exécute un autre scénario dans sa version en service, au sein de la même interaction, et revient quand il se termine. Ses attributs lui sont propres ; seules passent les entrées et les sorties de valeurs.

## Quand l’utiliser
Pour les étapes que plusieurs scénario partagent : identifier le client, prendre un message, demander un consentement.

## Sorties
Les fins que liste `ends`, chacune sous son nom ; `done` pour toute autre fin ; `error` quand l’autre scénario n’a pas de version en service.

## Réglages
`inputs` sont des expressions de ce scénario ; `outputs` nomme les attributs de ce scénario qui reçoivent les valeurs.

## Pièges
Un scénario qui s’appelle lui-même, même à travers d’autres, est en faute à la profondeur 16. L’autre scénario garde la version avec laquelle il a commencé, tandis qu’un appel après une mise en service exécute la nouvelle. Une conversation avec un agent peut s’y tenir.
";

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::testing::node;

    fn identify(end: &str) -> Value {
        json!({
            "schema": 1, "id": "identify", "entry": "ask",
            "inputs": { "greeting": { "type": "string" } },
            "attributes": { "number": { "type": "integer" } },
            "outputs": { "number": { "type": "integer" } },
            "nodes": { "ask": {
                "kind": "ask",
                "config": { "text": { "fr": "${attributes.greeting}, votre numéro ?" }, "answer": { "type": "integer" }, "into": "number" },
                "exits": { "answered": { "end": end }, "no_match": { "end": end }, "timeout": { "end": end } },
            } },
        })
    }

    #[test]
    fn values_pass_both_ways_and_ends_become_exits() {
        let config = json!({
            "flow": "identify", "inputs": { "greeting": "\"Bonjour\"" },
            "outputs": { "number": "customer" }, "ends": ["unknown"],
        });
        for (end, exit) in [("found", "done"), ("unknown", "unknown")] {
            node("subflow", config.clone())
                .attributes(json!({ "customer": { "type": "integer" } }))
                .calling(identify(end))
                .plays(json!([
                    { "contact_says": "…" },
                    { "expect": { "says": ["Bonjour, votre numéro ?"], "at": "ask" } },
                    { "contact_says": "42" },
                    { "expect": { "ended": exit, "attributes": { "customer": 42 } } },
                ]));
        }
    }

    #[test]
    fn a_flow_out_of_service_takes_error() {
        node("subflow", json!({ "flow": "gone" }))
            .plays(json!([{ "contact_says": "…" }, { "expect": { "ended": "error" } }]));
    }
}
