//! `split`: shares contacts out by percentage, the same contact always to the same side.

use routewright_engine::{
    describe::describe,
    node::{Fault, Next, Node, Turn},
};
use routewright_flows::{Descriptor, ExitName, Flavour, descriptor::Category};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use sha2::{Digest, Sha256};

/// Shares contacts out.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Split {
    /// The parts, each with its share of the whole.
    #[schemars(length(min = 1, max = 50), extend("x-fr" = "Les parts, chacune avec ce qui lui revient du tout."))]
    parts: Vec<Part>,
    /// Who stays on one side.
    #[serde(default)]
    #[schemars(extend("x-fr" = "Qui reste du même côté."))]
    sticky: Sticky,
    /// A name shared by nodes that must decide alike; without it every node decides for itself.
    #[schemars(length(min = 1, max = 64), extend("x-fr" = "Un nom commun aux nœuds qui doivent décider de même ; sans lui chaque nœud décide pour lui-même."))]
    experiment: Option<String>,
}

/// One part.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Part {
    /// Its exit.
    #[schemars(extend("x-fr" = "Sa sortie."))]
    exit: ExitName,
    /// Its share, in proportion to the sum of all shares: percentages, when they add up to 100.
    #[schemars(range(max = 1_000_000), extend("x-fr" = "Sa part, en proportion de la somme des parts : des pourcentages, si leur somme est 100."))]
    share: u32,
}

/// What the lot is drawn for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Sticky {
    /// The contact: the same side in every conversation.
    #[default]
    Contact,
    /// The conversation: the same side each time the flow comes here in it.
    Interaction,
    /// Nothing: a new lot at every visit.
    Visit,
}

impl Node for Split {
    fn descriptor() -> Descriptor {
        describe::<Self>("split", Category::Decide, Flavour::Instant)
            .title("Split", "Répartir")
            .docs(EN, FR)
            .icon("percent")
            .exits_from("/parts/*/exit")
            .error_exit()
            .example("Everybody on one side", "Tous du même côté", json!({ "parts": [{ "exit": "all", "share": 1 }] }))
            .example(
                "Nobody yet in the trial",
                "Personne encore à l’essai",
                json!({ "experiment": "new-menu", "parts": [
                    { "exit": "old", "share": 100 }, { "exit": "old", "share": 0 },
                ] }),
            )
            .counter_example("No part", "Aucune part", json!({ "parts": [] }))
            .counter_example(
                "A negative share",
                "Une part négative",
                json!({ "parts": [{ "exit": "a", "share": -1 }] }),
            )
            .done()
    }

    fn enter(&self, turn: &mut Turn<'_>) -> Result<Next, Fault> {
        let total: u64 = self.parts.iter().map(|part| u64::from(part.share)).sum();
        let lot = lot(&self.seed(turn), total);
        let mut passed = 0;
        for part in &self.parts {
            passed += u64::from(part.share);
            if lot < passed {
                return Ok(Next::By(part.exit.clone()));
            }
        }
        Err(Fault::new(
            "no-shares",
            "every part has the share 0: give at least one of them more",
            "toutes les parts valent 0 : donnez davantage à l’une d’elles au moins",
        ))
    }
}

impl Split {
    /// What decides the lot. Every word of it is told to the core, so the same conversation replayed goes the same way.
    fn seed(&self, turn: &Turn<'_>) -> Vec<String> {
        let interaction = turn.interaction();
        let place = match (&self.experiment, interaction.frames.last()) {
            (Some(experiment), _) => vec!["experiment".to_owned(), experiment.clone()],
            (None, Some(frame)) => vec![frame.flow.flow.to_string(), frame.node.to_string()],
            (None, None) => Vec::new(),
        };
        let who = match self.sticky {
            Sticky::Contact => turn.contact().address.to_string(),
            Sticky::Interaction => interaction.id.to_string(),
            Sticky::Visit => format!("{}.{}", interaction.id, interaction.turn),
        };
        place.into_iter().chain([who]).collect()
    }
}

/// A number below `total`, as evenly as a hash gives it; 0 for a total of 0.
fn lot(seed: &[String], total: u64) -> u64 {
    let mut hasher = Sha256::new();
    for part in seed {
        hasher.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_le_bytes());
        hasher.update(part);
    }
    let mut first = [0; 8];
    first.copy_from_slice(&hasher.finalize()[..8]);
    let wide = u128::from(u64::from_le_bytes(first)) * u128::from(total);
    u64::try_from(wide >> 64).unwrap_or(0)
}

const EN: &str = "\
## What it does
Sends each contact to one of several exits, in the proportions given. The same contact always goes to the same side.

## When to use it
To try a new path on a few, to compare two welcomes, to spread load over two partners.

## Exits
One for each part; parts may share one.

## Settings
Shares are proportions: 90 and 10, or 9 and 1. `sticky` says for whom the lot is drawn: `contact` (his address, for ever), `interaction` (this conversation), `visit` (each time anew). Nodes with the same `experiment` decide alike, in any flow.

## Pitfalls
When shares change, contacts near the border change sides; those of a first part that grows stay. A renamed node or flow draws new lots: name an `experiment` to keep them. Shares that are all 0 take `error`.
";

const FR: &str = "\
## Ce qu’il fait
Envoie chaque contact vers l’une de plusieurs sorties, dans les proportions données. Un même contact va toujours du même côté.

## Quand l’utiliser
Pour essayer un nouveau chemin sur quelques-uns, comparer deux accueils, répartir la charge entre deux prestataires.

## Sorties
Une par part ; des parts peuvent en partager une.

## Réglages
Les parts sont des proportions : 90 et 10, ou 9 et 1. `sticky` dit pour qui le sort est tiré : `contact` (son adresse, pour toujours), `interaction` (cette conversation), `visit` (à chaque passage). Les nœuds de même `experiment` décident de même, dans tout scénario.

## Pièges
Quand les parts changent, les contacts proches de la limite changent de côté ; ceux d’une première part qui grandit restent. Un nœud ou un scénario renommé tire de nouveaux sorts : nommez une `experiment` pour les garder. Des parts toutes nulles prennent `error`.
";

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::lot;
    use crate::testing::node;

    #[test]
    fn shares_are_kept_within_four_standard_errors() {
        let contacts = 100_000_u32;
        for (share, total) in [(10, 100), (1, 2), (1, 1000)] {
            let drawn = (0..contacts).filter(|n| lot(&["a".to_owned(), n.to_string()], total) < share).count();
            let (n, p) = (
                f64::from(contacts),
                f64::from(u32::try_from(share).expect("small")) / f64::from(u32::try_from(total).expect("small")),
            );
            let drawn = f64::from(u32::try_from(drawn).expect("small"));
            assert!((drawn - n * p).abs() < 4.0 * (n * p * (1.0 - p)).sqrt(), "{drawn} of {n} at {p}");
        }
    }

    proptest! {
        #[test]
        fn a_first_part_that_grows_keeps_whom_it_has(seed in "[a-z0-9+]{1,20}", share in 0_u64..100, more in 0_u64..100) {
            let lot = lot(&[seed], 100);
            prop_assert!(lot < 100);
            prop_assert!(share <= lot || lot < share.max(more));
        }
    }

    #[test]
    fn everybody_goes_where_all_the_shares_are() {
        let parts = json!([{ "exit": "never", "share": 0 }, { "exit": "always", "share": 3 }]);
        for sticky in ["contact", "interaction", "visit"] {
            node("split", json!({ "parts": parts, "sticky": sticky }))
                .plays(json!([{ "contact_says": "…" }, { "expect": { "ended": "always" } }]));
        }
        node("split", json!({ "parts": [{ "exit": "a", "share": 0 }] }))
            .plays(json!([{ "contact_says": "…" }, { "expect": { "ended": "error" } }]));
    }
}
