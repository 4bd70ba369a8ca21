//! `menu`: shows options and waits for one of them.

use routewright_engine::{
    contact::{Message, SaidOption},
    describe::describe,
    event::Event,
    node::{Fault, Next, Node, Prepare, Turn},
    script::slots::{AttributeRef, Text, TextSource},
};
use routewright_flows::{
    AnswerTimes, Descriptor, ExitName, ExitRole, Flavour, FlowDocument, Stay, Waits, descriptor::Category,
};
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, de};
use serde_json::json;

use crate::{
    asking::Asking,
    choosing::{Spoken, chosen, show},
    config::{Deadline, attempts_default},
};

/// Asks the contact to choose.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Menu {
    /// The question.
    #[schemars(extend("x-fr" = "La question."))]
    text: Text,
    /// What may be chosen, in this order; each is an exit.
    #[serde(deserialize_with = "distinct")]
    #[schemars(length(min = 1, max = 50), extend("x-fr" = "Ce qui peut être choisi, dans cet ordre ; chaque option est une sortie."))]
    options: Vec<MenuOption>,
    /// How long to wait for an answer; each message of the contact starts it again. As the defaults of the channel say
    /// when absent, 10 minutes where they say nothing.
    #[schemars(extend("x-fr" = "Combien de temps attendre une réponse ; chaque message du contact le fait repartir. Selon les réglages par défaut du canal en son absence, 10 minutes s’ils n’en disent rien."))]
    timeout: Option<Deadline>,
    /// How many answers may be misunderstood before the menu gives up.
    #[serde(default = "attempts_default")]
    #[schemars(range(min = 1, max = 10), extend("x-fr" = "Combien de réponses peuvent rester incomprises avant que le menu renonce."))]
    attempts: u8,
    /// Said instead of the question when an answer was not understood.
    #[schemars(extend("x-fr" = "Dit à la place de la question quand une réponse n’a pas été comprise."))]
    retry_text: Option<Text>,
    /// The attribute that takes the `id` of the chosen option; on `no_match`, what the contact wrote last.
    #[schemars(extend("x-fr" = "L’attribut qui reçoit l’`id` de l’option choisie ; sur `no_match`, ce que le contact a écrit en dernier."))]
    into: Option<AttributeRef>,
    /// The options as they may be answered; worked out once.
    #[serde(skip)]
    spoken: Vec<Spoken>,
}

/// One option.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct MenuOption {
    /// The exit that it takes.
    #[schemars(extend("x-fr" = "La sortie qu’elle prend."))]
    id: ExitName,
    /// What the contact reads.
    #[schemars(extend("x-fr" = "Ce que lit le contact."))]
    label: Text,
    /// Other words that mean it, compared without case and accents.
    #[serde(default, rename = "match")]
    #[schemars(extend("x-fr" = "Autres mots qui la désignent, comparés sans casse ni accents."))]
    matches: Vec<String>,
}

fn distinct<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<MenuOption>, D::Error> {
    let options = Vec::<MenuOption>::deserialize(from)?;
    for (index, option) in options.iter().enumerate() {
        if options[..index].iter().any(|earlier| earlier.id == option.id) {
            return Err(de::Error::custom(format!("two options are called '{}': give each its own id", option.id)));
        }
    }
    Ok(options)
}

impl Node for Menu {
    fn descriptor() -> Descriptor {
        describe::<Self>("menu", Category::Talk, Flavour::Waiting)
            .title("Menu", "Menu")
            .docs(EN, FR)
            .icon("list")
            .exits_from("/options/*/id")
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
                "Two services",
                "Deux services",
                json!({
                    "text": { "fr": "Que puis-je faire ?", "en": "How can I help?" },
                    "options": [
                        { "id": "sales", "label": { "fr": "Ventes", "en": "Sales" }, "match": ["acheter", "buy"] },
                        { "id": "support", "label": { "fr": "Assistance", "en": "Support" } },
                    ],
                }),
            )
            .example(
                "Patient, with its own words for a retry",
                "Patient, avec sa propre relance",
                json!({
                    "text": { "fr": "Votre choix ?", "en": "Your choice?" },
                    "options": [{ "id": "go_on", "label": { "fr": "Continuer", "en": "Go on" } }],
                    "timeout": "1h", "attempts": 2,
                    "retry_text": { "fr": "Je n’ai pas compris.", "en": "I did not understand." },
                }),
            )
            .counter_example(
                "Nothing to choose",
                "Rien à choisir",
                json!({ "text": { "fr": "Choisissez." }, "options": [] }),
            )
            .counter_example(
                "Two options of one name",
                "Deux options du même nom",
                json!({
                    "text": { "fr": "Choisissez." },
                    "options": [{ "id": "a", "label": { "fr": "Un" } }, { "id": "a", "label": { "fr": "Deux" } }],
                }),
            )
            .counter_example(
                "Waiting for ever",
                "Attendre toujours",
                json!({
                    "text": { "fr": "Choisissez." },
                    "options": [{ "id": "a", "label": { "fr": "Un" } }], "timeout": "0s",
                }),
            )
            .done()
    }

    fn prepare(&mut self, cx: &mut Prepare<'_>) {
        cx.text(&mut self.text);
        if let Some(text) = &mut self.retry_text {
            cx.text(text);
        }
        for option in &mut self.options {
            cx.text(&mut option.label);
        }
        self.spoken = self.options.iter().map(|option| spoken(option, cx.document)).collect();
    }

    fn stay(&self, times: AnswerTimes) -> Option<Stay> {
        Some(Stay::Own(Waits::asking(self.asking().longest(times))))
    }

    fn enter(&self, turn: &mut Turn<'_>) -> Result<Next, Fault> {
        self.show(&self.text, turn)?;
        Ok(self.asking().begin(turn))
    }

    fn resume(&self, event: &Event, turn: &mut Turn<'_>) -> Result<Next, Fault> {
        let again = |turn: &mut Turn<'_>| self.show(self.retry_text.as_ref().unwrap_or(&self.text), turn);
        self.asking().resume(event, turn, |message, turn| self.hear(message, turn), again)
    }
}

impl Menu {
    fn asking(&self) -> Asking {
        Asking { timeout: self.timeout.map(Deadline::get), attempts: self.attempts }
    }

    fn hear(&self, message: &Message, turn: &mut Turn<'_>) -> Result<Option<Next>, Fault> {
        let chosen = chosen(message, &self.spoken, &turn.interaction().shown);
        let option = chosen.map(|index| &self.spoken[index].id);
        if let Some(into) = &self.into {
            turn.set(&into.0, json!(option.map_or(message.text.as_str(), |id| id.as_str())))?;
        }
        Ok(option.map(|id| Next::Exit(id.clone().into())))
    }

    fn show(&self, text: &Text, turn: &mut Turn<'_>) -> Result<(), Fault> {
        let text = turn.render(text)?;
        let mut options = Vec::with_capacity(self.options.len());
        for option in &self.options {
            options.push(SaidOption { id: option.id.to_string(), label: turn.render(&option.label)? });
        }
        show(turn, text, options)
    }
}

/// The words that mean an option: its label in every language and its further words. Labels with expressions are
/// left to what was shown.
fn spoken(option: &MenuOption, document: &FlowDocument) -> Spoken {
    let label = match option.label.source() {
        TextSource::Inline(texts) => Some(texts),
        TextSource::Key(key) => document.texts.get(key),
    };
    let labels = label.into_iter().flat_map(|texts| texts.0.values()).filter(|text| !text.contains("${"));
    Spoken::new(option.id.as_str(), labels.chain(&option.matches).map(String::as_str))
}

const EN: &str = "\
## What it does
Shows a question with options and waits for one of them. It understands a tapped option, the option's number (`2`), its label in any language of the flow, and the words of `match`; case, accents, space and punctuation do not matter.

## When to use it
Whenever the contact chooses among things you can name. For a value (a date, an amount), use `ask`.

## Exits
One per option, named by its `id`; `no_match` after `attempts` misunderstood answers; `timeout` when the contact stays silent.

## Settings
On channels without buttons (SMS, e-mail, voice), and on WhatsApp beyond ten options, they are numbered in the text. An answer that is not understood repeats `retry_text`, or the question, with the options.

## Pitfalls
Words come before numbers: an option with `\"match\": [\"2\"]` takes `2` wherever it stands. WhatsApp shows at most 3 buttons or 10 list rows; longer menus become text and are hard to read on a telephone.
";

const FR: &str = "\
## Ce qu’il fait
Montre une question avec des options et attend l’une d’elles. Il comprend une option touchée, son numéro (`2`), son libellé dans toute langue du scénario et les mots de `match` ; casse, accents, espaces et ponctuation ne comptent pas.

## Quand l’utiliser
Chaque fois que le contact choisit parmi des choses que vous pouvez nommer. Pour une valeur (une date, un montant), préférez `ask`.

## Sorties
Une par option, nommée par son `id` ; `no_match` après `attempts` réponses incomprises ; `timeout` quand le contact se tait.

## Réglages
Sur les canaux sans boutons (SMS, courriel, voix), et sur WhatsApp au-delà de dix options, elles sont numérotées dans le texte. Une réponse incomprise fait redire `retry_text`, ou la question, avec les options.

## Pièges
Les mots passent avant les numéros : une option avec `\"match\": [\"2\"]` prend `2` où qu’elle se trouve. WhatsApp montre au plus 3 boutons ou 10 lignes ; un menu plus long devient du texte et se lit mal sur un téléphone.
";

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::testing::{Stage, node};

    fn services() -> Value {
        json!({
            "text": { "fr": "Que puis-je faire ?", "en": "How can I help?" },
            "options": [
                { "id": "sales", "label": { "fr": "Ventes", "en": "Sales" }, "match": ["acheter"] },
                { "id": "support", "label": "@help" },
            ],
            "attempts": 2,
        })
    }

    fn menu() -> Stage {
        node("menu", services()).texts(json!({ "help": { "fr": "Assistance", "en": "Support" } }))
    }

    #[test]
    fn every_way_to_say_an_option_takes_its_exit() {
        for (step, exit) in [
            (json!({ "contact_chooses": "sales" }), "sales"),
            (json!({ "contact_says": "2" }), "support"),
            (json!({ "contact_says": " VENTES ! " }), "sales"),
            (json!({ "contact_says": "support" }), "support"),
            (json!({ "contact_says": "Acheter" }), "sales"),
        ] {
            menu().plays(json!([{ "contact_says": "bonjour" }, step, { "expect": { "ended": exit } }]));
        }
    }

    #[test]
    fn the_choice_is_kept_or_what_was_written_instead() {
        for (says, kept) in [("2", "support"), ("autre chose", "autre chose")] {
            let mut config = services();
            config["into"] = json!("choice");
            config["attempts"] = json!(1);
            node("menu", config)
                .texts(json!({ "help": { "fr": "Assistance", "en": "Support" } }))
                .attributes(json!({ "choice": { "type": "string" } }))
                .plays(json!([
                    { "contact_says": "bonjour" },
                    { "contact_says": says },
                    { "expect": { "attributes": { "choice": kept } } },
                ]));
        }
    }

    #[test]
    fn a_misunderstood_answer_repeats_the_question_and_then_gives_up() {
        menu().plays(json!([
            { "contact_says": "bonjour" },
            { "contact_says": "hein" },
            { "expect": { "says": ["Que puis-je faire ?", "Que puis-je faire ?"], "at": "it" } },
            { "contact_says": "3" },
            { "expect": { "says": [], "ended": "no_match" } },
        ]));
    }

    #[test]
    fn pbx_15_any_message_starts_the_timeout_again() {
        menu().plays(json!([
            { "contact_says": "bonjour" },
            { "time_passes": "9m" },
            { "contact_says": "euh" },
            { "time_passes": "9m" },
            { "expect": { "at": "it" } },
            { "time_passes": "1m" },
            { "expect": { "ended": "timeout" } },
        ]));
    }

    #[test]
    fn options_are_numbered_where_nothing_can_be_tapped() {
        menu().with("channel", json!("sms")).plays(json!([
            { "contact_says": "bonjour" },
            { "expect": { "says": ["Que puis-je faire ?\n1. Ventes\n2. Assistance"] } },
        ]));
    }

    #[test]
    fn a_list_longer_than_whatsapp_shows_becomes_text() {
        let option = |n: usize| json!({ "id": format!("o{n}"), "label": { "fr": format!("Choix {n}") } });
        for (count, said) in
            [(10, "?".to_owned()), (11, (1..=11).fold("?".to_owned(), |said, n| format!("{said}\n{n}. Choix {n}")))]
        {
            let options: Vec<_> = (1..=count).map(option).collect();
            node("menu", json!({ "text": { "fr": "?" }, "options": options })).on(json!(["whatsapp"])).plays(json!([
                { "contact_says": "bonjour" },
                { "expect": { "says": [said] } },
                { "contact_says": "10" },
                { "expect": { "ended": "o10" } },
            ]));
        }
    }

    #[test]
    fn a_label_with_an_expression_is_understood_as_it_was_shown() {
        let label = json!({ "fr": "Reprendre avec ${contact.fields.agent}" });
        let config = json!({ "text": { "fr": "?" }, "options": [{ "id": "same", "label": label }], "retry_text": { "fr": "Pardon ?" } });
        node("menu", config).with("contact", json!({ "agent": "Zoé" })).plays(json!([
            { "contact_says": "bonjour" },
            { "contact_says": "oui" },
            { "expect": { "says": ["?", "Pardon ?"] } },
            { "contact_says": "reprendre avec zoe" },
            { "expect": { "ended": "same" } },
        ]));
    }
}
