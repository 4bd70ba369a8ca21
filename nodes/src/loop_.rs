//! `loop`: goes round a bounded number of times, or once for each element of a list.

use routewright_engine::{
    describe::describe,
    node::{Fault, Next, Node, Prepare, Turn},
    script::slots::{AttributeRef, Formula},
};
use routewright_flows::{
    AnswerTimes, AttributeName, Descriptor, ExitRole, Flavour, Stay, Waits, check::Possible, descriptor::Category,
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

/// Goes round.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Loop {
    /// How many times to go round, at most; with `over`, at most so many elements are taken.
    #[serde(default = "times_default")]
    #[schemars(range(min = 1, max = 100), extend("x-fr" = "Combien de tours faire au plus ; avec `over`, autant d’éléments sont pris au plus."))]
    times: u32,
    /// A list, as an expression worked out at every round: one round for each element.
    #[schemars(extend("x-fr" = "Une liste, sous forme d’expression calculée à chaque tour : un tour par élément."))]
    over: Option<Formula>,
    /// The attribute that takes the element of the round.
    #[schemars(extend("x-fr" = "L’attribut qui reçoit l’élément du tour."))]
    item: Option<AttributeRef>,
    /// The attribute that takes the number of the round, from 1.
    #[schemars(extend("x-fr" = "L’attribut qui reçoit le numéro du tour, à partir de 1."))]
    index: Option<AttributeRef>,
}

/// More rounds than any list that a contact is asked about; the same as the most that may be asked for.
const TIMES_MAX: u32 = 100;

fn times_default() -> u32 {
    TIMES_MAX
}

impl Node for Loop {
    fn descriptor() -> Descriptor {
        describe::<Self>("loop", Category::Structure, Flavour::Instant)
            .title("Loop", "Boucle")
            .docs(EN, FR)
            .icon("repeat")
            .exit("repeat", ExitRole::Repeat, "One more round.", "Un tour de plus.")
            .exit("done", ExitRole::Normal, "All rounds are done.", "Tous les tours sont faits.")
            .error_exit()
            .example("Three times", "Trois fois", json!({ "times": 3 }))
            .example(
                "Once for each order",
                "Une fois par commande",
                json!({ "over": "contact.fields.orders", "item": "order", "index": "place" }),
            )
            .counter_example("Not even once", "Pas une seule fois", json!({ "times": 0 }))
            .counter_example("For ever", "Sans fin", json!({ "times": 1000 }))
            .done()
    }

    fn prepare(&mut self, cx: &mut Prepare<'_>) {
        if let Some(over) = &mut self.over {
            cx.formula(over);
        }
    }

    fn stores(&self) -> Vec<(AttributeName, Possible)> {
        self.index.iter().map(|into| (into.0.clone(), Possible::WHOLE)).collect()
    }

    fn stay(&self, _: AnswerTimes) -> Option<Stay> {
        Some(Stay::Own(Waits { rounds: Some(self.times), ..Waits::passing() }))
    }

    fn enter(&self, turn: &mut Turn<'_>) -> Result<Next, Fault> {
        let round = turn.counter();
        let element = match &self.over {
            None => Some(Value::Null),
            Some(over) => element(turn.value(over)?, round)?,
        };
        let Some(element) = element.filter(|_| round < self.times) else {
            turn.set_counter(0);
            return Ok(Next::exit("done"));
        };
        if let Some(item) = &self.item {
            turn.set(&item.0, element)?;
        }
        if let Some(index) = &self.index {
            turn.set(&index.0, json!(round + 1))?;
        }
        turn.set_counter(round + 1);
        Ok(Next::exit("repeat"))
    }
}

/// The element of a round; nothing past the end, nor of nothing.
fn element(list: Value, round: u32) -> Result<Option<Value>, Fault> {
    match list {
        Value::Null => Ok(None),
        Value::Array(mut items) => {
            let place = usize::try_from(round).unwrap_or(usize::MAX);
            Ok((place < items.len()).then(|| items.swap_remove(place)))
        }
        Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => Err(Fault::new(
            "not-a-list",
            "`over` gave something that is not a list: give a list, or () for none",
            "`over` a donné autre chose qu’une liste : donnez une liste, ou () pour aucune",
        )),
    }
}

const EN: &str = "\
## What it does
Counts its visits: leaves by `repeat` until it has done so the number of times given, or once for each element of a list, then leaves by `done` and begins anew the next time.

## When to use it
To try something a few times, or to go through a list. It is the one way to go round in a flow without waiting.

## Exits
`repeat` for one more round: lead it through the work of the round and back here. `done` after the last.

## Settings
`times` bounds the rounds, up to 100. `over` is a list; `item` takes the element of the round and `index` its number, from 1.

## Pitfalls
Leaving the round by another way keeps the count: when the flow comes back, the loop goes on where it was. A list that changes while the loop runs is read anew at every round. In a sub-flow, each call counts for itself.
";

const FR: &str = "\
## Ce qu’il fait
Compte ses passages : sort par `repeat` jusqu’à l’avoir fait le nombre de fois donné, ou une fois par élément d’une liste, puis sort par `done` et recommence à zéro la fois suivante.

## Quand l’utiliser
Pour essayer quelque chose plusieurs fois, ou parcourir une liste. C’est le seul moyen de tourner dans un scénario sans attendre.

## Sorties
`repeat` pour un tour de plus : menez-la par le travail du tour et jusqu’ici. `done` après le dernier.

## Réglages
`times` borne les tours, jusqu’à 100. `over` est une liste ; `item` reçoit l’élément du tour et `index` son numéro, à partir de 1.

## Pièges
Quitter le tour par un autre chemin garde le compte : quand le scénario revient, la boucle reprend où elle en était. Une liste qui change en cours de route est relue à chaque tour. Dans un sous-scénario, chaque appel compte pour lui-même.
";

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::node;

    #[test]
    fn goes_round_as_often_as_told_and_begins_anew() {
        node("loop", json!({ "times": 3, "index": "round" }))
            .attributes(json!({ "round": { "type": "integer" } }))
            .wired("repeat", json!("it"))
            .plays(json!([
                { "contact_says": "…" },
                { "expect": { "ended": "done", "attributes": { "round": 3 }, "exits": ["it.repeat", "it.repeat", "it.repeat", "it.done"] } },
            ]));
    }

    #[test]
    fn goes_through_a_list() {
        node("loop", json!({ "over": "contact.fields.orders", "item": "order" }))
            .attributes(json!({ "order": { "type": "string" } }))
            .wired("repeat", json!("it"))
            .with("contact", json!({ "orders": ["A1", "B2"] }))
            .plays(json!([
                { "contact_says": "…" },
                { "expect": { "ended": "done", "attributes": { "order": "B2" }, "exits": ["it.repeat", "it.repeat", "it.done"] } },
            ]));
        for (orders, exit) in [(json!([]), "done"), (json!("A1"), "error"), (json!(null), "done")] {
            node("loop", json!({ "over": "contact.fields.orders" }))
                .with("contact", json!({ "orders": orders }))
                .plays(json!([{ "contact_says": "…" }, { "expect": { "ended": exit } }]));
        }
    }

    #[test]
    fn two_loops_inside_each_other_count_apart() {
        node("loop", json!({ "times": 2 }))
            .attributes(json!({ "n": { "type": "integer", "default": 0 } }))
            .wired("repeat", json!("before_it"))
            .wired("done", json!({ "end": "done" }))
            .after("loop", json!({ "times": 3, "index": "n" }))
            .plays(json!([{ "contact_says": "…" }, { "expect": { "ended": "done", "attributes": { "n": 3 } } }]));
    }
}
