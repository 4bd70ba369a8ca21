//! `send_message`: says something to the contact and goes on at once.

use routewright_engine::{
    describe::describe,
    node::{Fault, Next, Node, Prepare, Turn},
    script::slots::Text,
};
use routewright_flows::{AnswerTimes, Descriptor, ExitRole, Flavour, Stay, Waits, descriptor::Category};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

/// Says a text.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SendMessage {
    /// What the contact reads, in his language.
    #[schemars(extend("x-fr" = "Ce que lit le contact, dans sa langue."))]
    text: Text,
}

impl Node for SendMessage {
    fn descriptor() -> Descriptor {
        describe::<Self>("send_message", Category::Talk, Flavour::Instant)
            .title("Send a message", "Envoyer un message")
            .docs(EN, FR)
            .icon("message-square")
            .exit("done", ExitRole::Normal, "The message is on its way.", "Le message est parti.")
            .error_exit()
            .example(
                "A greeting by name",
                "Un accueil personnalisé",
                json!({ "text": { "fr": "Bonjour ${contact.name}.", "en": "Hello ${contact.name}." } }),
            )
            .example("A text of the flow's table", "Un texte de la table du scénario", json!({ "text": "@welcome" }))
            .counter_example("Nothing to say", "Rien à dire", json!({}))
            .counter_example("A bare text has no language", "Un texte nu n’a pas de langue", json!({ "text": "Hello" }))
            .done()
    }

    fn prepare(&mut self, cx: &mut Prepare<'_>) {
        cx.text(&mut self.text);
    }

    fn stay(&self, _: AnswerTimes) -> Option<Stay> {
        Some(Stay::Own(Waits::speaking()))
    }

    fn enter(&self, turn: &mut Turn<'_>) -> Result<Next, Fault> {
        let text = turn.render(&self.text)?;
        turn.say_text(text)?;
        Ok(Next::exit("done"))
    }
}

const EN: &str = "\
## What it does
Says one text to the contact, with its `${expressions}` filled in, and goes on at once. It does not wait for an answer.

## When to use it
For greetings, notices and confirmations. To ask something, use `menu` or `ask`: they say their own text.

## Exits
`done` when the message was handed to the touchpoint. Delivery to the telephone is the provider's matter and does not hold the flow up.

## Settings
`text` is `\"@key\"` of the flow's texts, or one text per language. A contact whose language is missing gets the nearest one there is.

## Pitfalls
Three messages in a row read like three rings of a bell: put them into one text. An expression that fails takes `error`, and nothing is said.
";

const FR: &str = "\
## Ce qu’il fait
Dit un texte au contact, ses `${expressions}` remplies, et continue aussitôt. Il n’attend pas de réponse.

## Quand l’utiliser
Pour accueillir, informer, confirmer. Pour poser une question, préférez `menu` ou `ask`, qui disent leur propre texte.

## Sorties
`done` quand le message est remis au point de contact. La distribution jusqu’au téléphone relève du fournisseur et ne retient pas le scénario.

## Réglages
`text` est une `\"@clé\"` des textes du scénario, ou un texte par langue. Un contact dont la langue manque reçoit la plus proche.

## Pièges
Trois messages de suite font trois notifications : réunissez-les en un seul texte. Une expression qui échoue prend `error`, et rien n’est dit.
";

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::node;

    #[test]
    fn says_its_text_in_the_contacts_language() {
        let text =
            json!({ "text": { "fr": "Bonjour, ${contact.fields.tier} !", "en": "Hello, ${contact.fields.tier}!" } });
        for (locale, said) in [("fr", "Bonjour, or !"), ("en-GB", "Hello, or!"), ("fr-CA", "Bonjour, or !")] {
            node("send_message", text.clone())
                .with("locale", json!(locale))
                .with("contact", json!({ "tier": "or" }))
                .plays(json!([{ "contact_says": "…" }, { "expect": { "says": [said], "ended": "done" } }]));
        }
    }

    #[test]
    fn a_text_that_fails_takes_error_and_says_nothing() {
        node("send_message", json!({ "text": { "fr": "${1 / 0}" } }))
            .plays(json!([{ "contact_says": "…" }, { "expect": { "says": [], "ended": "error" } }]));
    }
}
