//! `branch`: goes by the first condition that is true.

use routewright_engine::{
    describe::describe,
    node::{Fault, Next, Node, Prepare, Turn},
    script::slots::Condition,
};
use routewright_flows::{Descriptor, ExitName, ExitRole, Flavour, descriptor::Category};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

/// Chooses by conditions.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Branch {
    /// Conditions with their exits, tried in this order.
    #[schemars(length(min = 1, max = 50), extend("x-fr" = "Des conditions et leurs sorties, essayées dans cet ordre."))]
    cases: Vec<Case>,
}

/// One condition.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Case {
    /// A condition.
    #[schemars(extend("x-fr" = "Une condition."))]
    when: Condition,
    /// The exit taken when it is the first that is true.
    #[schemars(extend("x-fr" = "La sortie prise quand c’est la première qui est vraie."))]
    exit: ExitName,
}

impl Node for Branch {
    fn descriptor() -> Descriptor {
        describe::<Self>("branch", Category::Decide, Flavour::Instant)
            .title("Branch", "Aiguillage")
            .docs(EN, FR)
            .icon("split")
            .exits_from("/cases/*/exit")
            .exit("otherwise", ExitRole::Normal, "No condition is true.", "Aucune condition n’est vraie.")
            .error_exit()
            .example(
                "Important customers first",
                "Les clients importants d’abord",
                json!({ "cases": [
                    { "when": "contact.fields.tier == \"gold\"", "exit": "vip" },
                    { "when": "interaction.channel == \"sms\"", "exit": "sms" },
                ] }),
            )
            .counter_example("No case", "Aucun cas", json!({ "cases": [] }))
            .counter_example(
                "A condition that leads nowhere",
                "Une condition sans sortie",
                json!({ "cases": [{ "when": "true" }] }),
            )
            .done()
    }

    fn prepare(&mut self, cx: &mut Prepare<'_>) {
        for case in &mut self.cases {
            cx.condition(&mut case.when);
        }
    }

    fn enter(&self, turn: &mut Turn<'_>) -> Result<Next, Fault> {
        for case in &self.cases {
            if turn.test(&case.when)? {
                return Ok(Next::By(case.exit.clone()));
            }
        }
        Ok(Next::exit("otherwise"))
    }
}

const EN: &str = "\
## What it does
Tries conditions in order and leaves by the exit of the first one that is true.

## When to use it
To decide by what is known: attributes, the contact, the channel, the state of a queue. To let the contact decide, use `menu`.

## Exits
The exits that the cases name (several cases may share one), and `otherwise` when no condition is true.

## Settings
Each `when` is an expression that gives true or false. It reads `contact`, `interaction`, `attributes`, `message`, `queue(\"skill\")`, `calendar(\"name\")` and `now`.

## Pitfalls
A condition that does not give true or false, such as a bare text, takes `error`; nothing is \"truthy\". Conditions after the first true one are not tried.
";

const FR: &str = "\
## Ce qu’il fait
Essaie des conditions dans l’ordre et sort par la sortie de la première qui est vraie.

## Quand l’utiliser
Pour décider selon ce que l’on sait : attributs, contact, canal, état d’une file. Pour laisser le contact décider, préférez `menu`.

## Sorties
Les sorties que nomment les cas (plusieurs cas peuvent en partager une), et `otherwise` quand aucune condition n’est vraie.

## Réglages
Chaque `when` est une expression qui donne vrai ou faux. Elle lit `contact`, `interaction`, `attributes`, `message`, `queue(\"compétence\")`, `calendar(\"nom\")` et `now`.

## Pièges
Une condition qui ne donne ni vrai ni faux, un texte par exemple, prend `error` ; rien n’est « à peu près vrai ». Les conditions qui suivent la première vraie ne sont pas essayées.
";

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::node;

    #[test]
    fn the_first_true_condition_wins() {
        let cases = json!({ "cases": [
            { "when": "contact.fields.score > 10", "exit": "high" },
            { "when": "contact.fields.score > 5", "exit": "middle" },
            { "when": "contact.fields.score == 1 / 0", "exit": "broken" },
        ] });
        for (score, exit) in [(11, "high"), (6, "middle"), (5, "error")] {
            node("branch", cases.clone())
                .with("contact", json!({ "score": score }))
                .plays(json!([{ "contact_says": "…" }, { "expect": { "ended": exit } }]));
        }
        node("branch", json!({ "cases": [{ "when": "false", "exit": "never" }] }))
            .plays(json!([{ "contact_says": "…" }, { "expect": { "ended": "otherwise" } }]));
    }

    #[test]
    fn a_condition_reads_the_message() {
        node("branch", json!({ "cases": [{ "when": "message.text == \"stop\"", "exit": "stop" }] }))
            .plays(json!([{ "contact_says": "stop" }, { "expect": { "ended": "stop" } }]));
    }
}
