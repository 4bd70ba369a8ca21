//! `ask`: asks for one typed value and stores it in an attribute.

use routewright_engine::{
    catalogue::AnswerType,
    contact::Message,
    describe::describe,
    event::Event,
    node::{Fault, Next, Node, Prepare, Turn},
    script::slots::{AttributeRef, Text},
};
use routewright_flows::{
    AnswerTimes, AttributeName, Descriptor, ExitRole, Flavour, Stay, Waits, check::Possible, descriptor::Category,
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use crate::{
    answers,
    asking::Asking,
    config::{Deadline, attempts_default},
};

/// Asks for a value.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ask {
    /// The question.
    #[schemars(extend("x-fr" = "La question."))]
    text: Text,
    /// What an answer may be.
    #[schemars(extend("x-fr" = "Ce que peut être une réponse."))]
    answer: AnswerType,
    /// The attribute that takes the value.
    #[schemars(extend("x-fr" = "L’attribut qui reçoit la valeur."))]
    into: AttributeRef,
    /// How long to wait for an answer; each message of the contact starts it again. As the defaults of the channel say
    /// when absent, 10 minutes where they say nothing.
    #[schemars(extend("x-fr" = "Combien de temps attendre une réponse ; chaque message du contact le fait repartir. Selon les réglages par défaut du canal en son absence, 10 minutes s’ils n’en disent rien."))]
    timeout: Option<Deadline>,
    /// How many answers may be misunderstood before the node gives up.
    #[serde(default = "attempts_default")]
    #[schemars(range(min = 1, max = 10), extend("x-fr" = "Combien de réponses peuvent rester incomprises avant que le nœud renonce."))]
    attempts: u8,
    /// Said instead of the question when an answer was not understood.
    #[schemars(extend("x-fr" = "Dit à la place de la question quand une réponse n’a pas été comprise."))]
    retry_text: Option<Text>,
}

impl Node for Ask {
    fn descriptor() -> Descriptor {
        describe::<Self>("ask", Category::Talk, Flavour::Waiting)
            .title("Ask", "Demander")
            .docs(EN, FR)
            .icon("message-circle-question-mark")
            .exit("answered", ExitRole::Normal, "The value is in the attribute.", "La valeur est dans l’attribut.")
            .exit(
                "no_match",
                ExitRole::Normal,
                "As many answers as `attempts` allows were not understood.",
                "Autant de réponses que `attempts` en admet sont restées incomprises.",
            )
            .exit(
                "timeout",
                ExitRole::Timeout,
                "The contact wrote nothing for as long as `timeout` says.",
                "Le contact n’a rien écrit pendant la durée de `timeout`.",
            )
            .error_exit()
            .example(
                "An e-mail address",
                "Une adresse de courriel",
                json!({ "text": { "fr": "Votre courriel ?", "en": "Your e-mail?" }, "answer": { "type": "email" }, "into": "email" }),
            )
            .example(
                "A figure in a range, with a patient retry",
                "Un nombre borné, avec une relance patiente",
                json!({
                    "text": { "fr": "Combien de personnes ?", "en": "How many people?" },
                    "answer": { "type": "integer", "min": 1, "max": 12 }, "into": "people", "attempts": 5,
                    "retry_text": { "fr": "Un nombre de 1 à 12, s’il vous plaît.", "en": "A number from 1 to 12, please." },
                }),
            )
            .example(
                "A choice that is kept",
                "Un choix conservé",
                json!({
                    "text": { "fr": "Comment payez-vous ?", "en": "How do you pay?" }, "into": "payment",
                    "answer": { "type": "choice", "options": [
                        { "id": "card", "label": { "fr": "Carte", "en": "Card" } },
                        { "id": "transfer", "label": { "fr": "Virement", "en": "Transfer" } },
                    ] },
                }),
            )
            .counter_example(
                "A type of answer that does not exist",
                "Un type de réponse qui n’existe pas",
                json!({ "text": { "fr": "Votre humeur ?" }, "answer": { "type": "mood" }, "into": "mood" }),
            )
            .counter_example(
                "Nowhere to keep the answer",
                "Nulle part où garder la réponse",
                json!({ "text": { "fr": "Votre nom ?" }, "answer": { "type": "text" } }),
            )
            .done()
    }

    fn prepare(&mut self, cx: &mut Prepare<'_>) {
        cx.text(&mut self.text);
        if let Some(text) = &mut self.retry_text {
            cx.text(text);
        }
    }

    fn stores(&self) -> Vec<(AttributeName, Possible)> {
        vec![(self.into.0.clone(), answers::stored(&self.answer))]
    }

    fn stay(&self, times: AnswerTimes) -> Option<Stay> {
        Some(Stay::Own(Waits::asking(self.asking().longest(times))))
    }

    fn enter(&self, turn: &mut Turn<'_>) -> Result<Next, Fault> {
        self.put(&self.text, turn)?;
        Ok(self.asking().begin(turn))
    }

    fn resume(&self, event: &Event, turn: &mut Turn<'_>) -> Result<Next, Fault> {
        let again = |turn: &mut Turn<'_>| self.put(self.retry_text.as_ref().unwrap_or(&self.text), turn);
        self.asking().resume(event, turn, |message, turn| self.hear(message, turn), again)
    }
}

impl Ask {
    fn asking(&self) -> Asking {
        Asking { timeout: self.timeout.map(Deadline::get), attempts: self.attempts }
    }

    fn put(&self, text: &Text, turn: &mut Turn<'_>) -> Result<(), Fault> {
        let text = turn.render(text)?;
        answers::ask(turn, text, &self.answer)
    }

    fn hear(&self, message: &Message, turn: &mut Turn<'_>) -> Result<Option<Next>, Fault> {
        let Some(value) = answers::read(&self.answer, message, turn.locale()) else { return Ok(None) };
        turn.set(&self.into.0, value)?;
        Ok(Some(Next::exit("answered")))
    }
}

const EN: &str = "\
## What it does
Asks one question, reads the answer as the type you name, and stores the value in an attribute. French and English forms are understood: `1 234,5`, `31 décembre 2026`, `31/12/2026`, `oui`, `yes`.

## When to use it
For one value: a name, a number, a date, an e-mail address. For a branch, use `menu`; for several questions in a row whose answers are kept for reports, use `survey`.

## Exits
`answered` with the value stored; `no_match` after `attempts` misunderstood answers; `timeout` when the contact stays silent. Whatever the exit, the attribute is only written by `answered`.

## Settings
Dates are stored as `2026-12-31`, choices as the option's `id`, yes and no as true and false, numbers as numbers. Types: `text`, `number`, `integer`, `scale`, `date`, `email`, `phone`, `yes_no`, `choice`.

## Pitfalls
The attribute's type must take the value: a `date` into a `boolean` takes `error`. `03/04/2026` is 3 April, except for contacts whose language is `en-US`. Words such as `tomorrow` are not understood as dates.
";

const FR: &str = "\
## Ce qu’il fait
Pose une question, lit la réponse selon le type que vous nommez et range la valeur dans un attribut. Les formes françaises et anglaises sont comprises : `1 234,5`, `31 décembre 2026`, `31/12/2026`, `oui`, `yes`.

## Quand l’utiliser
Pour une valeur : un nom, un nombre, une date, une adresse de courriel. Pour orienter, préférez `menu` ; pour plusieurs questions de suite dont les réponses servent aux rapports, préférez `survey`.

## Sorties
`answered`, la valeur étant rangée ; `no_match` après `attempts` réponses incomprises ; `timeout` quand le contact se tait. Seule la sortie `answered` écrit l’attribut.

## Réglages
Une date est rangée sous la forme `2026-12-31`, un choix sous l’`id` de l’option, oui et non sous vrai et faux, un nombre tel quel. Types : `text`, `number`, `integer`, `scale`, `date`, `email`, `phone`, `yes_no`, `choice`.

## Pièges
Le type de l’attribut doit admettre la valeur : une `date` dans un `boolean` prend `error`. `03/04/2026` est le 3 avril, sauf pour les contacts dont la langue est `en-US`. Un mot comme `demain` n’est pas compris comme une date.
";

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::node;

    #[test]
    fn the_value_is_stored_as_its_type() {
        for (answer, kind, says, value) in [
            (json!({ "type": "date" }), "date", "31 décembre 2026", json!("2026-12-31")),
            (json!({ "type": "number" }), "number", "1 234,5", json!(1234.5)),
            (json!({ "type": "integer" }), "integer", "12", json!(12)),
            (json!({ "type": "yes_no" }), "boolean", "ouais", json!(true)),
            (json!({ "type": "text" }), "string", "  chez moi ", json!("chez moi")),
        ] {
            node("ask", json!({ "text": { "fr": "?" }, "answer": answer, "into": "value" }))
                .attributes(json!({ "value": { "type": kind } }))
                .plays(json!([
                    { "contact_says": "bonjour" },
                    { "contact_says": says },
                    { "expect": { "ended": "answered", "attributes": { "value": value } } },
                ]));
        }
    }

    #[test]
    fn retries_then_gives_up_and_leaves_the_attribute_alone() {
        let config = json!({
            "text": { "fr": "Votre courriel ?" }, "answer": { "type": "email" }, "into": "email", "attempts": 2,
            "retry_text": { "fr": "Ceci n’est pas un courriel." },
        });
        node("ask", config).attributes(json!({ "email": { "type": "string" } })).plays(json!([
            { "contact_says": "bonjour" },
            { "contact_says": "zoe" },
            { "expect": { "says": ["Votre courriel ?", "Ceci n’est pas un courriel."] } },
            { "contact_says": "zoe@" },
            { "expect": { "ended": "no_match", "attributes": { "email": null } } },
        ]));
    }

    #[test]
    fn silence_takes_timeout_and_a_value_of_the_wrong_type_takes_error() {
        let ask = || {
            node(
                "ask",
                json!({ "text": { "fr": "?" }, "answer": { "type": "yes_no" }, "into": "value", "timeout": "1m" }),
            )
            .attributes(json!({ "value": { "type": "integer" } }))
        };
        ask().plays(json!([{ "contact_says": "…" }, { "time_passes": "1m" }, { "expect": { "ended": "timeout" } }]));
        ask().plays(json!([{ "contact_says": "…" }, { "contact_chooses": "yes" }, { "expect": { "ended": "error" } }]));
    }
}
