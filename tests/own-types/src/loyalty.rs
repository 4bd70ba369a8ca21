//! `acme_loyalty`: decides by the points of the loyalty card. An instant type.

use routewright_engine::{
    describe::describe,
    node::{Fault, Next, Node, Turn},
};
use routewright_flows::{Descriptor, ExitRole, Flavour, descriptor::Category};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

/// Decides by loyalty.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Loyalty {
    /// The field of the contact that holds his points.
    #[schemars(extend("x-fr" = "Le champ du contact qui contient ses points."))]
    field: String,
    /// Points from which a customer is loyal.
    #[schemars(extend("x-fr" = "Points à partir desquels un client est fidèle."))]
    from: u32,
}

impl Node for Loyalty {
    fn descriptor() -> Descriptor {
        describe::<Self>("acme_loyalty", Category::Decide, Flavour::Instant)
            .title("Loyalty card", "Carte de fidélité")
            .docs(EN, FR)
            .icon("badge-percent")
            .exit("loyal", ExitRole::Normal, "He has as many points, or more.", "Il a ce nombre de points, ou plus.")
            .exit("other", ExitRole::Normal, "He has fewer, or no card.", "Il en a moins, ou n’a pas de carte.")
            .example("Anybody with a card", "Quiconque a une carte", json!({ "field": "tier", "from": 0 }))
            .example("A hundred points", "Cent points", json!({ "field": "points", "from": 100 }))
            .counter_example("No threshold", "Aucun seuil", json!({ "field": "points" }))
            .done()
    }

    fn enter(&self, turn: &mut Turn<'_>) -> Result<Next, Fault> {
        // A card without points, such as one that only names a tier, counts for none.
        let card = turn.contact().fields.get(&self.field);
        let points = card.map(|card| card.as_u64().unwrap_or_default());
        let loyal = points.is_some_and(|points| u64::from(self.from) <= points);
        Ok(Next::exit(if loyal { "loyal" } else { "other" }))
    }
}

const EN: &str = "\
## What it does
Compares the contact's points with a threshold.

## When to use it
To greet loyal customers differently, or to let them go first.

## Exits
`loyal` from the threshold on, `other` below it and without a card.

## Settings
`field` names the contact's field, `from` the threshold.

## Pitfalls
A field that holds no whole number counts as a card without points.
";

const FR: &str = "\
## Ce qu’il fait
Compare les points du contact à un seuil.

## Quand l’utiliser
Pour accueillir autrement les clients fidèles, ou les laisser passer d’abord.

## Sorties
`loyal` à partir du seuil, `other` en deçà et sans carte.

## Réglages
`field` nomme le champ du contact, `from` le seuil.

## Pièges
Un champ qui ne contient pas d’entier compte comme une carte sans points.
";
