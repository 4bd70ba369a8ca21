//! `close`: ends the flow, with last words if wanted.

use routewright_engine::{
    describe::describe,
    node::{Fault, Next, Node, Prepare, Turn},
    script::slots::Text,
};
use routewright_flows::{Descriptor, ExitName, Flavour, descriptor::Category};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

/// Ends the flow.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Close {
    /// How it ended.
    #[serde(default = "disposition_default")]
    #[schemars(extend("x-fr" = "Comment il s’est terminé."))]
    disposition: ExitName,
    /// Said last.
    #[schemars(extend("x-fr" = "Dit en dernier."))]
    text: Option<Text>,
}

fn disposition_default() -> ExitName {
    ExitName::new("closed").expect("'closed' is a valid name")
}

impl Node for Close {
    fn descriptor() -> Descriptor {
        describe::<Self>("close", Category::Finish, Flavour::Terminal)
            .title("Close", "Terminer")
            .docs(EN, FR)
            .icon("circle-stop")
            .example("Without a word", "Sans un mot", json!({}))
            .example(
                "With a farewell",
                "Avec un au revoir",
                json!({ "disposition": "resolved", "text": { "fr": "À bientôt !", "en": "Goodbye!" } }),
            )
            .counter_example(
                "A disposition that is a sentence",
                "Une qualification qui est une phrase",
                json!({ "disposition": "all is well" }),
            )
            .counter_example(
                "A bare text has no language",
                "Un texte nu n’a pas de langue",
                json!({ "text": "Goodbye" }),
            )
            .done()
    }

    fn prepare(&mut self, cx: &mut Prepare<'_>) {
        if let Some(text) = &mut self.text {
            cx.text(text);
        }
    }

    fn enter(&self, turn: &mut Turn<'_>) -> Result<Next, Fault> {
        if let Some(text) = &self.text {
            let text = turn.render(text)?;
            turn.say_text(text)?;
        }
        Ok(Next::End(self.disposition.clone()))
    }
}

const EN: &str = "\
## What it does
Says last words, if any, and ends the flow with a disposition. In a sub-flow, it returns to the caller instead.

## When to use it
Where a flow ends with words. An exit may also end the flow by itself: `{ \"end\": \"resolved\" }`.

## Exits
None. In a sub-flow, the caller leaves by the exit named as the disposition, if it lists it in `ends`, else by `done`.

## Settings
`disposition` is `closed` unless you say otherwise. `text` is said before the end.

## Pitfalls
The next message of the contact opens a new interaction, from the start of the touchpoint's flow. A text that fails, for want of an attribute, still leaves the interaction open and goes to the flow's error handler.
";

const FR: &str = "\
## Ce qu’il fait
Dit un dernier mot, s’il y en a un, et termine le scénario par une qualification. Dans un sous-scénario, il revient à l’appelant.

## Quand l’utiliser
Là où un scénario finit par des mots. Une sortie peut aussi terminer le scénario d’elle-même : `{ \"end\": \"resolved\" }`.

## Sorties
Aucune. Dans un sous-scénario, l’appelant sort par la sortie qui porte le nom de la qualification, s’il la liste dans `ends`, sinon par `done`.

## Réglages
`disposition` vaut `closed` sauf mention contraire. `text` est dit avant la fin.

## Pièges
Le prochain message du contact ouvre une nouvelle interaction, au début du scénario du point de contact. Un texte qui échoue, faute d’un attribut, laisse l’interaction ouverte et va au gestionnaire d’erreur du scénario.
";

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::node;

    #[test]
    fn says_last_words_and_ends() {
        node("close", json!({}))
            .plays(json!([{ "contact_says": "…" }, { "expect": { "says": [], "ended": "closed" } }]));
        node("close", json!({ "disposition": "resolved", "text": { "fr": "À bientôt !" } }))
            .plays(json!([{ "contact_says": "…" }, { "expect": { "says": ["À bientôt !"], "ended": "resolved" } }]));
    }
}
