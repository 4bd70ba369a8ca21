//! `acme_passphrase`: asks for a passphrase, a few times. A waiting type.

use std::time::Duration;

use routewright_engine::{
    describe::describe,
    event::Event,
    node::{Fault, Next, Node, Prepare, Turn},
    script::slots::{Formula, Text},
};
use routewright_flows::{AnswerTimes, Descriptor, ExitRole, Flavour, Stay, Waits, descriptor::Category};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

/// Asks for a passphrase.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Passphrase {
    /// The question.
    #[schemars(extend("x-fr" = "La question."))]
    text: Text,
    /// The right answer, as an expression: `contact.fields.passphrase`.
    #[schemars(extend("x-fr" = "La bonne réponse, sous forme d’expression : `contact.fields.passphrase`."))]
    expected: Formula,
    /// How many answers may be wrong.
    #[serde(default = "attempts_default")]
    #[schemars(range(min = 1, max = 5), extend("x-fr" = "Combien de réponses peuvent être fausses."))]
    attempts: u8,
}

fn attempts_default() -> u8 {
    3
}

/// How long a contact may think.
const PATIENCE: Duration = Duration::from_secs(300);

impl Node for Passphrase {
    fn descriptor() -> Descriptor {
        describe::<Self>("acme_passphrase", Category::Talk, Flavour::Waiting)
            .title("Passphrase", "Mot de passe")
            .docs(EN, FR)
            .icon("key-round")
            .exit("right", ExitRole::Normal, "The answer is right.", "La réponse est bonne.")
            .exit("wrong", ExitRole::Normal, "All attempts were wrong.", "Toutes les réponses sont fausses.")
            .exit("silent", ExitRole::Timeout, "No answer for five minutes.", "Aucune réponse en cinq minutes.")
            .error_exit()
            .example(
                "The word of the contact's file",
                "Le mot de la fiche du contact",
                json!({ "text": { "fr": "Votre mot de passe ?", "en": "Your passphrase?" }, "expected": "\"oui\"" }),
            )
            .counter_example("No question", "Aucune question", json!({ "expected": "\"oui\"" }))
            .counter_example(
                "Without end",
                "Sans fin",
                json!({ "text": { "fr": "?" }, "expected": "\"oui\"", "attempts": 100 }),
            )
            .done()
    }

    fn stay(&self, _: AnswerTimes) -> Option<Stay> {
        Some(Stay::Own(Waits::asking(PATIENCE)))
    }

    fn prepare(&mut self, cx: &mut Prepare<'_>) {
        cx.text(&mut self.text);
        cx.formula(&mut self.expected);
    }

    fn enter(&self, turn: &mut Turn<'_>) -> Result<Next, Fault> {
        self.ask(0, turn)
    }

    fn resume(&self, event: &Event, turn: &mut Turn<'_>) -> Result<Next, Fault> {
        match event {
            Event::Message(message) => {
                if turn.value(&self.expected)?.as_str() == Some(message.text.trim()) {
                    return Ok(Next::exit("right"));
                }
                let wrong = turn.memory::<u8>() + 1;
                if self.attempts <= wrong { Ok(Next::exit("wrong")) } else { self.ask(wrong, turn) }
            }
            Event::Alarm(_) => Ok(Next::exit("silent")),
            Event::Routed(_) | Event::Answered(_) | Event::Returned { .. } => Ok(Next::Wait),
        }
    }
}

impl Passphrase {
    fn ask(&self, wrong: u8, turn: &mut Turn<'_>) -> Result<Next, Fault> {
        let text = turn.render(&self.text)?;
        turn.say_text(text)?;
        turn.alarm("patience", PATIENCE);
        turn.remember(&wrong);
        Ok(Next::Wait)
    }
}

const EN: &str = "\
## What it does
Asks for a passphrase and compares the answer, letter by letter.

## When to use it
Before telling a contact anything that is his alone.

## Exits
`right`, `wrong` after `attempts` wrong answers, `silent` after five minutes of silence.

## Settings
`expected` gives the right answer.

## Pitfalls
What the contact writes is in the timeline: a passphrase is no password.
";

const FR: &str = "\
## Ce qu’il fait
Demande un mot de passe et compare la réponse, lettre à lettre.

## Quand l’utiliser
Avant de dire à un contact ce qui ne regarde que lui.

## Sorties
`right`, `wrong` après `attempts` réponses fausses, `silent` après cinq minutes de silence.

## Réglages
`expected` donne la bonne réponse.

## Pièges
Ce qu’écrit le contact figure dans la chronologie : ce n’est pas un mot de passe secret.
";
