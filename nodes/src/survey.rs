//! `survey`: asks the questions of a questionnaire one by one and stores each answer as it comes.

use std::time::Duration;

use routewright_engine::{
    catalogue::{Question, QuestionnaireSettings},
    contact::Message,
    describe::describe,
    event::Event,
    node::{Fault, Next, Node, Prepare, Turn},
    script::slots::{AttributeRef, QuestionnaireRef, Text},
};
use routewright_flows::{AnswerTimes, Descriptor, ExitRole, Flavour, Leaving, Stay, Waits, descriptor::Category};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::{
    answers,
    config::{Deadline, attempts_default},
    folding::fold,
};

/// Asks a questionnaire.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Survey {
    /// The questionnaire.
    #[schemars(extend("x-fr" = "Le questionnaire."))]
    questionnaire: QuestionnaireRef,
    /// Said before the first question.
    #[schemars(extend("x-fr" = "Dit avant la première question."))]
    intro: Option<Text>,
    /// Said after the last answer.
    #[schemars(extend("x-fr" = "Dit après la dernière réponse."))]
    thanks: Option<Text>,
    /// The attribute that takes the score, of type number, when the last question is behind.
    #[schemars(extend("x-fr" = "L’attribut, de type nombre, qui reçoit le score quand la dernière question est passée."))]
    score_into: Option<AttributeRef>,
    /// How long to wait for each answer.
    #[serde(default = "timeout_default")]
    #[schemars(extend("x-fr" = "Combien de temps attendre chaque réponse."))]
    timeout: Deadline,
    /// How many answers to one question may be misunderstood.
    #[serde(default = "attempts_default")]
    #[schemars(range(min = 1, max = 10), extend("x-fr" = "Combien de réponses à une même question peuvent rester incomprises."))]
    attempts: u8,
}

fn timeout_default() -> Deadline {
    Deadline::minutes(60)
}

/// Where the survey stands.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Progress {
    /// The question that was asked, from 0.
    question: usize,
    /// Misunderstood answers to it.
    misunderstood: u8,
}

const TIMEOUT: &str = "timeout";

impl Node for Survey {
    fn descriptor() -> Descriptor {
        describe::<Self>("survey", Category::Talk, Flavour::Waiting)
            .title("Survey", "Enquête")
            .docs(EN, FR)
            .icon("clipboard-list")
            .exit("completed", ExitRole::Normal, "The last question is behind.", "La dernière question est passée.")
            .exit(
                "abandoned",
                ExitRole::Timeout,
                "The contact fell silent, or a required question was never answered. Earlier answers are kept.",
                "Le contact s’est tu, ou une question obligatoire est restée sans réponse. Les réponses déjà données sont gardées.",
            )
            .error_exit()
            .example("The bare questionnaire", "Le questionnaire seul", json!({ "questionnaire": "satisfaction" }))
            .example(
                "With words around it",
                "Avec un accueil et un merci",
                json!({
                    "questionnaire": "satisfaction", "timeout": "1d", "attempts": 2,
                    "intro": { "fr": "Deux questions, une minute.", "en": "Two questions, one minute." },
                    "thanks": { "fr": "Merci !", "en": "Thank you!" },
                }),
            )
            .counter_example("No questionnaire", "Pas de questionnaire", json!({ "timeout": "1d" }))
            .counter_example(
                "No attempt at all",
                "Aucun essai",
                json!({ "questionnaire": "satisfaction", "attempts": 0 }),
            )
            .done()
    }

    fn prepare(&mut self, cx: &mut Prepare<'_>) {
        for text in [&mut self.intro, &mut self.thanks].into_iter().flatten() {
            cx.text(text);
        }
    }

    fn stay(&self, _: AnswerTimes) -> Option<Stay> {
        // A questionnaire may have no question.
        let quiet = if self.intro.is_none() && self.thanks.is_none() { Some(Duration::ZERO) } else { None };
        let after = if self.thanks.is_none() { self.timeout.get() } else { Duration::ZERO };
        let completed = Leaving { quiet, after: Some(after) };
        Some(Stay::Own(Waits::asking(self.timeout.get()).by("completed", completed)))
    }

    fn enter(&self, turn: &mut Turn<'_>) -> Result<Next, Fault> {
        let questionnaire = turn.questionnaire(&self.questionnaire.0)?.clone();
        self.say(self.intro.as_ref(), turn)?;
        self.ask(&questionnaire, Some(0), turn)
    }

    fn resume(&self, event: &Event, turn: &mut Turn<'_>) -> Result<Next, Fault> {
        match event {
            Event::Message(message) => self.hear(message, turn),
            Event::Alarm(_) => Ok(Next::exit("abandoned")),
            Event::Routed(_) | Event::Answered(_) | Event::Returned { .. } => Ok(Next::Wait),
        }
    }
}

impl Survey {
    /// Asks a question by its number; past the last one, gives thanks and leaves.
    fn ask(
        &self,
        questionnaire: &QuestionnaireSettings,
        index: Option<usize>,
        turn: &mut Turn<'_>,
    ) -> Result<Next, Fault> {
        if let Some((index, question)) = index.and_then(|index| Some((index, questionnaire.questions.get(index)?))) {
            return self.put(question, Progress { question: index, misunderstood: 0 }, turn);
        }
        if let Some(into) = &self.score_into {
            let answers = turn.interaction().answers.get(&self.questionnaire.0);
            let score = answers.map_or(0.0, |answers| questionnaire.score(answers));
            turn.set(&into.0, json!(score))?;
        }
        self.say(self.thanks.as_ref(), turn)?;
        Ok(Next::exit("completed"))
    }

    fn put(&self, question: &Question, progress: Progress, turn: &mut Turn<'_>) -> Result<Next, Fault> {
        let text = question.text.pick(turn.locale(), turn.locale()).unwrap_or(&question.id).to_owned();
        answers::ask(turn, text, &question.answer)?;
        turn.alarm(TIMEOUT, self.timeout.get());
        turn.remember(&progress);
        Ok(Next::Wait)
    }

    fn hear(&self, message: &Message, turn: &mut Turn<'_>) -> Result<Next, Fault> {
        let Progress { question: index, misunderstood } = turn.memory();
        let questionnaire = turn.questionnaire(&self.questionnaire.0)?.clone();
        // The questionnaire may have become shorter since the question was asked.
        let Some(question) = questionnaire.questions.get(index) else {
            return self.ask(&questionnaire, None, turn);
        };
        if !question.required && skips(message) {
            return self.ask(&questionnaire, questionnaire.after(index, None), turn);
        }
        if let Some(value) = answers::read(&question.answer, message, turn.locale()) {
            let next = questionnaire.after(index, Some(&value));
            turn.answer(&self.questionnaire.0, &question.id, value);
            return self.ask(&questionnaire, next, turn);
        }
        let misunderstood = misunderstood.saturating_add(1);
        if misunderstood < self.attempts {
            return self.put(question, Progress { question: index, misunderstood }, turn);
        }
        if question.required {
            return Ok(Next::exit("abandoned"));
        }
        self.ask(&questionnaire, questionnaire.after(index, None), turn)
    }

    fn say(&self, text: Option<&Text>, turn: &mut Turn<'_>) -> Result<(), Fault> {
        let Some(text) = text else { return Ok(()) };
        let text = turn.render(text)?;
        turn.say_text(text)
    }
}

/// Words that pass over a question that need not be answered.
const SKIP_WORDS: [&str; 7] = ["passer", "suivant", "suivante", "skip", "next", "-", "/"];

fn skips(message: &Message) -> bool {
    SKIP_WORDS.contains(&fold(&message.text).as_str())
}

const EN: &str = "\
## What it does
Asks the questions of a questionnaire one by one and stores each answer with the interaction as soon as it is understood, so that a contact who leaves halfway has still been heard.

## When to use it
After a conversation (satisfaction), or before one (a short form). For a single value that the flow needs, use `ask`.

## Exits
`completed` after the last question; `abandoned` when the contact falls silent, or does not answer a required question within `attempts`.

## Settings
The questions, their types and languages belong to the questionnaire, in the catalogue. A question that is not required is passed over with `skip` or `passer`, and when it stays misunderstood. A question with `weight` counts in the score (its figure, 1 for yes, or the chosen option's `points`, times the weight), and `jumps` pass over questions after certain answers.

## Pitfalls
The agent's wrap-up runs on during the survey and may end before it. A questionnaire that is changed while a contact answers it goes on from the same number. A free text question takes any message as its answer, `thank you` included.
";

const FR: &str = "\
## Ce qu’il fait
Pose une à une les questions d’un questionnaire et range chaque réponse avec l’interaction dès qu’elle est comprise : un contact qui part en route a tout de même été entendu.

## Quand l’utiliser
Après une conversation (satisfaction), ou avant (un court formulaire). Pour une seule valeur dont le scénario a besoin, préférez `ask`.

## Sorties
`completed` après la dernière question ; `abandoned` quand le contact se tait, ou ne répond pas à une question obligatoire en `attempts` essais.

## Réglages
Les questions, leurs types et leurs langues appartiennent au questionnaire, dans le catalogue. Une question facultative se passe avec `passer` ou `skip`, et d’elle-même si elle reste incomprise. Une question dotée d’un `weight` compte dans le score (son nombre, 1 pour oui, ou les `points` de l’option choisie, fois le poids), et `jumps` saute des questions après certaines réponses.

## Pièges
Le post-traitement de l’agent continue pendant l’enquête et peut finir avant elle. Un questionnaire modifié pendant qu’un contact y répond continue au même numéro. Une question de texte libre prend tout message pour réponse, même `merci`.
";

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::testing::{Stage, node};

    fn survey() -> Stage {
        let question = |id: &str, text: &str, answer: Value, required: bool| json!({ "id": id, "text": { "fr": text }, "answer": answer, "required": required });
        let questions = [
            question("score", "De 1 à 5 ?", json!({ "type": "scale", "min": 1, "max": 5 }), true),
            question("why", "Depuis quand ?", json!({ "type": "date" }), false),
            question("again", "Reviendrez-vous ?", json!({ "type": "yes_no" }), true),
        ];
        let config = json!({ "questionnaire": "nps", "attempts": 2, "timeout": "1h", "intro": { "fr": "Trois questions." }, "thanks": { "fr": "Merci !" } });
        node("survey", config).given(json!({ "questionnaires": { "nps": { "questions": questions } } }))
    }

    #[test]
    fn answers_are_stored_with_their_types() {
        survey().plays(json!([
            { "contact_says": "…" },
            { "contact_says": "4/5" },
            { "contact_says": "31/12/2025" },
            { "contact_says": "oui" },
            { "expect": {
                "says": ["Trois questions.", "De 1 à 5 ?", "Depuis quand ?", "Reviendrez-vous ?", "Merci !"],
                "ended": "completed",
                "answers": { "nps": { "score": 4, "why": "2025-12-31", "again": true } },
            } },
        ]));
    }

    #[test]
    fn a_web_page_shows_the_marks_of_a_scale_to_tap() {
        let tapped = json!([{ "contact_says": "…" }, { "contact_chooses": "4" }, { "expect": { "answers": { "nps": { "score": 4 } } } }]);
        survey().on(json!(["webchat"])).plays(tapped);
    }

    #[test]
    fn an_optional_question_is_skipped_by_word_or_by_misunderstanding() {
        for skip in
            [json!([{ "contact_says": "Passer" }]), json!([{ "contact_says": "hein" }, { "contact_says": "quoi" }])]
        {
            let mut steps = vec![json!({ "contact_says": "…" }), json!({ "contact_says": "1" })];
            steps.extend(skip.as_array().cloned().expect("a list"));
            steps.push(json!({ "contact_says": "non" }));
            steps.push(
                json!({ "expect": { "ended": "completed", "answers": { "nps": { "score": 1, "again": false } } } }),
            );
            survey().plays(json!(steps));
        }
    }

    #[test]
    fn a_contact_who_leaves_halfway_was_heard() {
        survey().plays(json!([
            { "contact_says": "…" },
            { "contact_says": "5" },
            { "time_passes": "59m" },
            { "expect": { "at": "it" } },
            { "time_passes": "1m" },
            { "expect": { "ended": "abandoned", "answers": { "nps": { "score": 5 } } } },
        ]));
        survey().plays(json!([
            { "contact_says": "…" },
            { "contact_says": "6" },
            { "contact_says": "merci" },
            { "expect": { "ended": "abandoned", "answers": {} } },
        ]));
    }

    #[test]
    fn a_questionnaire_that_does_not_exist_takes_error() {
        node("survey", json!({ "questionnaire": "gone" }))
            .plays(json!([{ "contact_says": "…" }, { "expect": { "ended": "error" } }]));
    }

    #[test]
    fn answers_are_scored_and_lead_past_questions() {
        let questions = json!([
            { "id": "score", "text": { "fr": "De 0 à 10 ?" }, "answer": { "type": "scale", "min": 0, "max": 10 }, "weight": 2,
              "jumps": [{ "when": [9, 10], "to": "again" }, { "when": [0] }] },
            { "id": "why", "text": { "fr": "Pourquoi ?" }, "weight": 1, "answer": { "type": "choice", "options": [
                { "id": "slow", "label": { "fr": "Lent" }, "points": -3 }, { "id": "dear", "label": { "fr": "Cher" } },
            ] } },
            { "id": "again", "text": { "fr": "Reviendrez-vous ?" }, "answer": { "type": "yes_no" }, "weight": 10 },
        ]);
        for (says, asked, score) in [
            (json!(["9", "oui"]), json!(["De 0 à 10 ?", "Reviendrez-vous ?"]), 28.0),
            (json!(["4", "lent", "non"]), json!(["De 0 à 10 ?", "Pourquoi ?", "Reviendrez-vous ?"]), 5.0),
            (json!(["0"]), json!(["De 0 à 10 ?"]), 0.0),
        ] {
            let mut steps = vec![json!({ "contact_says": "…" })];
            steps.extend(says.as_array().into_iter().flatten().map(|text| json!({ "contact_says": text })));
            steps.push(json!({ "expect": { "says": asked, "ended": "completed", "attributes": { "total": score } } }));
            node("survey", json!({ "questionnaire": "nps", "score_into": "total" }))
                .attributes(json!({ "total": { "type": "number" } }))
                .given(json!({ "questionnaires": { "nps": { "questions": questions } } }))
                .plays(json!(steps));
        }
    }
}
