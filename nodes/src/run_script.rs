//! `run_script`: runs a script that chooses an exit and changes attributes.

use std::collections::BTreeSet;

use routewright_engine::{
    describe::describe,
    node::{Fault, Next, Node, Prepare, Turn},
    script::slots::Script,
};
use routewright_flows::{Descriptor, ExitName, ExitRole, Flavour, descriptor::Category};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

/// Runs a script.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RunScript {
    /// The script; its last value is its result.
    #[schemars(length(min = 1), extend("x-fr" = "Le script ; sa dernière valeur est son résultat."))]
    script: Script,
    /// Exits that the script may choose, besides `done`.
    #[serde(default)]
    #[schemars(length(max = 50), extend("x-fr" = "Sorties que le script peut choisir, outre `done`."))]
    exits: BTreeSet<ExitName>,
}

impl Node for RunScript {
    fn descriptor() -> Descriptor {
        describe::<Self>("run_script", Category::Decide, Flavour::Instant)
            .title("Run a script", "Exécuter un script")
            .docs(EN, FR)
            .icon("code")
            .exits_from("/exits/*")
            .exit("done", ExitRole::Normal, "The script chose no exit.", "Le script n’a choisi aucune sortie.")
            .error_exit()
            .example(
                "Choose by the customer; text messages go on",
                "Choisir selon le client ; les SMS continuent",
                json!({
                    "script": "if contact.fields.tier == \"gold\" { \"vip\" } else if interaction.channel == \"sms\" { () } else { \"standard\" }",
                    "exits": ["standard", "vip"],
                }),
            )
            .example(
                "Change an attribute and go on",
                "Changer un attribut et continuer",
                json!({ "script": "let n = 2;\n#{ set: #{ visits: n + 1 } }" }),
            )
            .counter_example("No script", "Pas de script", json!({ "exits": ["a"] }))
            .counter_example("An exit that cannot be named so", "Une sortie qui ne peut s’appeler ainsi", json!({ "script": "1", "exits": ["not an exit"] }))
            .done()
    }

    fn prepare(&mut self, cx: &mut Prepare<'_>) {
        cx.script(&mut self.script);
    }

    fn enter(&self, turn: &mut Turn<'_>) -> Result<Next, Fault> {
        let outcome = turn.run(&self.script)?;
        let exit = outcome.exit.filter(|exit| exit != DONE);
        if let Some(exit) = exit.as_deref().filter(|exit| !self.exits.contains(*exit)) {
            return Err(self.undeclared(exit));
        }
        for (name, value) in outcome.set {
            turn.set(&name, value)?;
        }
        Ok(exit.map_or(Next::exit(DONE), |exit| Next::Exit(exit.into())))
    }
}

const DONE: &str = "done";

impl RunScript {
    fn undeclared(&self, exit: &str) -> Fault {
        let given: String = exit.chars().take(80).collect();
        let declared = self.exits.iter().map(ExitName::as_str).chain([DONE]).collect::<Vec<_>>().join(", ");
        Fault::new(
            "undeclared-exit",
            format!(
                "the script chose the exit '{given}'; its node declares: {declared}. Add it to 'exits' or correct the script"
            ),
            format!(
                "le script a choisi la sortie « {given} » ; son nœud déclare : {declared}. Ajoutez-la à « exits » ou corrigez le script"
            ),
        )
    }
}

const EN: &str = "\
## What it does
Runs a rhai script in the sandbox. Its last value is the result: a text is the name of an exit; a map may hold `exit`, and attributes to change under `set`; anything else leaves by `done`.

## When to use it
When a decision needs more than conditions: scores, tables, several steps. For one or two conditions, `branch` reads better; for plain values, `set_attributes`.

## Exits
Those listed in `exits`, and `done` when the script names none.

## Settings
A script reads `contact`, `interaction`, `attributes`, `message`, `queue(\"skill\")`, `calendar(\"name\")` and `now`, and calls the functions of the flow's library.

## Pitfalls
A script that names an undeclared exit, exceeds a budget or sets a value of the wrong type takes `error`; other interactions are not slowed down. A text as the last value is always taken for an exit: end with `()` when the script only computes.
";

const FR: &str = "\
## Ce qu’il fait
Exécute un script rhai dans le bac à sable. Sa dernière valeur est le résultat : un texte est le nom d’une sortie ; une table peut contenir `exit`, et sous `set` les attributs à changer ; toute autre valeur sort par `done`.

## Quand l’utiliser
Quand une décision demande plus que des conditions : scores, tables, plusieurs étapes. Pour une ou deux conditions, `branch` se lit mieux ; pour de simples valeurs, `set_attributes`.

## Sorties
Celles que liste `exits`, et `done` quand le script n’en nomme aucune.

## Réglages
Un script lit `contact`, `interaction`, `attributes`, `message`, `queue(\"compétence\")`, `calendar(\"nom\")` et `now`, et appelle les fonctions de la bibliothèque du scénario.

## Pièges
Un script qui nomme une sortie non déclarée, dépasse un budget ou range une valeur du mauvais type prend `error` ; les autres interactions n’en sont pas ralenties. Un texte en dernière valeur est toujours pris pour une sortie : terminez par `()` si le script ne fait que calculer.
";

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::testing::node;

    #[test]
    fn the_result_is_the_way_out() {
        for (script, exit, n) in [
            ("\"vip\"", "vip", Value::Null),
            ("#{ exit: \"vip\", set: #{ n: 3 } }", "vip", json!(3)),
            ("#{ set: #{ n: 2 + 2 } }", "done", json!(4)),
            ("\"done\"", "done", Value::Null),
            ("42", "done", Value::Null),
            ("()", "done", Value::Null),
            ("\"elsewhere\"", "error", Value::Null),
            ("#{ exit: \"elsewhere\", set: #{ n: 3 } }", "error", Value::Null),
            ("#{ set: #{ n: \"three\" } }", "error", Value::Null),
            ("#{ set: #{ unknown: 3 } }", "error", Value::Null),
            ("let x = 0; while true { x += 1; } x", "error", Value::Null),
        ] {
            node("run_script", json!({ "script": script, "exits": ["vip"] }))
                .attributes(json!({ "n": { "type": "integer" } }))
                .plays(json!([{ "contact_says": "…" }, { "expect": { "ended": exit, "attributes": { "n": n } } }]));
        }
    }
}
