//! `enqueue`: waits in line for an agent, and stays until the conversation with him is over.

use std::{collections::BTreeSet, time::Duration};

use routewright_engine::{
    describe::describe,
    event::{Event, Routed},
    node::{Fault, Next, Node, Prepare, Turn},
    script::slots::{FlowRef, Template, Text},
};
use routewright_flows::{AnswerTimes, Descriptor, ExitName, ExitRole, Flavour, Leaving, Stay, descriptor::Category};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use crate::{
    config::Deadline,
    inputs::Inputs,
    queueing::{self, AgentExits as _, Overflow, Plan, Treatment, require_something},
};

/// Waits for an agent.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("dependentSchemas" = json!({ "while_waiting": { "not": { "anyOf": [
    { "required": ["treatment"] }, { "required": ["overflow"] }, { "required": ["waiting_reply"] },
] } } })))]
pub struct Enqueue {
    /// What is said while the contact waits.
    #[serde(default)]
    #[schemars(length(max = 20), extend("x-fr" = "Ce qui est dit pendant que le contact attend."))]
    treatment: Vec<Treatment>,
    /// How long to wait in line at most.
    #[serde(default = "queueing::max_wait_default")]
    #[schemars(extend("x-fr" = "Combien de temps attendre en file au plus."))]
    max_wait: Deadline,
    /// Whom to ask for when the wait grows long; the place in line stays.
    #[schemars(extend("x-fr" = "À qui s’adresser quand l’attente s’allonge ; la place en file reste."))]
    overflow: Option<Overflow>,
    /// A flow that runs while the contact waits, and ends wherever it is as soon as an agent takes him.
    #[schemars(extend("x-fr" = "Un scénario qui se déroule pendant que le contact attend, et s’arrête où qu’il en soit dès qu’un agent le prend."))]
    while_waiting: Option<FlowRef>,
    /// That flow's inputs, each with an expression that gives the value.
    #[serde(default)]
    #[schemars(extend("x-fr" = "Les entrées de ce scénario, chacune avec une expression qui donne la valeur."))]
    inputs: Inputs,
    /// Ends of that flow that give up the place in line and are exits here; every other end goes on waiting.
    #[serde(default)]
    #[schemars(length(max = 50), extend("x-fr" = "Fins de ce scénario qui abandonnent la place en file et sont ici des sorties ; toute autre fin continue d’attendre."))]
    ends: BTreeSet<ExitName>,
    /// Runs that flow again so long after it ended; once when absent.
    #[schemars(extend("x-fr" = "Relance ce scénario cette durée après sa fin ; une seule fois en son absence."))]
    again_after: Option<Deadline>,
    /// True leaves at once by `no_agents` when nobody who is present has a required skill.
    #[serde(default)]
    #[schemars(extend("x-fr" = "Vrai fait sortir aussitôt par `no_agents` quand personne de présent n’a une compétence demandée."))]
    require_agents: bool,
    /// True stands the contact where he stood when he first was in line; false at the end.
    #[serde(default)]
    #[schemars(extend("x-fr" = "Vrai place le contact là où il était la première fois en file ; faux à la fin."))]
    keep_place: bool,
    /// The answer, once, to a contact who writes while he waits.
    #[schemars(extend("x-fr" = "La réponse, une fois, à un contact qui écrit pendant qu’il attend."))]
    waiting_reply: Option<Text>,
    /// What the desk of the agent who takes the contact opens: the address of a page of another system.
    #[schemars(extend("x-fr" = "Ce qu’ouvre le bureau de l’agent qui prend le contact : l’adresse d’une page d’un autre système."))]
    screen_pop: Option<Template>,
}

impl Node for Enqueue {
    fn descriptor() -> Descriptor {
        describe::<Self>("enqueue", Category::Route, Flavour::Waiting)
            .title("Wait for an agent", "Attendre un agent")
            .docs(EN, FR)
            .icon("users")
            .exits_from("/ends/*")
            .agent_exits(
                "The conversation with an agent is over.",
                "La conversation avec un agent est terminée.",
            )
            .exit_if(
                "require_agents",
                "no_agents",
                ExitRole::Normal,
                "Nobody who is present has one of the required skills.",
                "Personne de présent n’a l’une des compétences demandées.",
            )
            .error_exit()
            .example("Fifteen minutes at most", "Quinze minutes au plus", json!({}))
            .example(
                "With news while waiting, and a wider net after two minutes",
                "Avec des nouvelles pendant l’attente, et un cercle élargi après deux minutes",
                json!({
                    "max_wait": "20m",
                    "treatment": [
                        { "after": "10s", "text": { "fr": "Nous cherchons un conseiller.", "en": "We are looking for an agent." } },
                        { "after": "3m", "repeat_every": "3m", "text": { "fr": "Merci de votre patience.", "en": "Thank you for your patience." } },
                    ],
                    "overflow": { "after": "2m", "skills": { "general": 20 } },
                    "waiting_reply": { "fr": "C’est noté pour le conseiller.", "en": "Noted for the agent." },
                }),
            )
            .example(
                "With the place in line, and the wait to expect where it is known",
                "Avec la place en file, et l’attente à prévoir quand elle est connue",
                json!({ "treatment": [
                    { "after": "20s", "repeat_every": "2m", "text": { "fr": "Vous êtes en position ${interaction.position}.", "en": "You are number ${interaction.position} in line." } },
                    { "after": "21s", "repeat_every": "2m", "when": "interaction.expected_wait_minutes != ()", "text": { "fr": "Attente prévue : ${interaction.expected_wait_minutes} min.", "en": "Expected wait: ${interaction.expected_wait_minutes} min." } },
                ] }),
            )
            .example(
                "With a flow of its own while waiting, which may leave a message instead",
                "Avec un scénario propre pendant l’attente, qui peut préférer laisser un message",
                json!({ "while_waiting": "patience", "inputs": { "language": "contact.locale" }, "ends": ["message"], "again_after": "1m" }),
            )
            .example(
                "The contact's record opens on the desk",
                "La fiche du contact s’ouvre sur le bureau",
                json!({ "screen_pop": "https://crm.example/contacts?number=${contact.address}" }),
            )
            .example("Only when somebody is there", "Seulement si quelqu’un est là", json!({ "require_agents": true }))
            .counter_example(
                "Two voices at once",
                "Deux voix à la fois",
                json!({ "while_waiting": "patience", "treatment": [{ "after": "1m", "text": { "fr": "Patience." } }] }),
            )
            .counter_example("Waiting for ever", "Attendre toujours", json!({ "max_wait": "0s" }))
            .counter_example("A treatment without words", "Un message d’attente sans texte", json!({ "treatment": [{ "after": "1m" }] }))
            .done()
    }

    fn prepare(&mut self, cx: &mut Prepare<'_>) {
        self.treatment.iter_mut().for_each(|treatment| treatment.prepare(cx));
        if let Some(reply) = &mut self.waiting_reply {
            cx.text(reply);
        }
        if let Some(address) = &mut self.screen_pop {
            cx.template(address);
        }
        self.inputs.prepare(cx);
    }

    fn stay(&self, _: AnswerTimes) -> Option<Stay> {
        let waits = self.plan().waits(false).by("no_agents", Leaving::quiet(Duration::ZERO));
        Some(match &self.while_waiting {
            None => Stay::Own(waits),
            Some(flow) => Stay::Beside(waits, flow.0.clone()),
        })
    }

    fn enter(&self, turn: &mut Turn<'_>) -> Result<Next, Fault> {
        require_something(turn)?;
        if self.require_agents && turn.requirement().skills.keys().any(|skill| turn.queue(skill).agents == 0) {
            return Ok(Next::exit("no_agents"));
        }
        let address = self.screen_pop.as_ref().map(|address| turn.fill(address)).transpose()?;
        turn.pop(address);
        match self.plan().begin(turn) {
            Next::Wait => self.meanwhile(turn),
            refused => Ok(refused),
        }
    }

    fn resume(&self, event: &Event, turn: &mut Turn<'_>) -> Result<Next, Fault> {
        match event {
            Event::Returned { end, .. } if self.ends.contains(end) => {
                turn.dequeue();
                Ok(Next::By(end.clone()))
            }
            // The contact left, and a flow of the wait had its own way of saying goodbye.
            Event::Returned { .. } if !turn.is_waiting_for_agent() => Ok(Next::exit("timeout")),
            Event::Returned { .. } => {
                if let Some(again_after) = self.again_after {
                    turn.alarm(AGAIN, again_after.get());
                }
                Ok(Next::Wait)
            }
            Event::Alarm(name) if name.as_str() == AGAIN => self.meanwhile(turn),
            Event::Routed(Routed::Accepted { .. }) => {
                turn.cancel_alarm(AGAIN);
                self.plan().resume(event, turn)
            }
            Event::Routed(Routed::Requeued { .. }) => {
                self.plan().resume(event, turn)?;
                self.meanwhile(turn)
            }
            Event::Routed(Routed::Closed { .. } | Routed::WrapUpEnded { .. })
            | Event::Message(_)
            | Event::Alarm(_)
            | Event::Answered(_) => self.plan().resume(event, turn),
        }
    }
}

/// The alarm that runs the flow of the wait again.
const AGAIN: &str = "again";

impl Enqueue {
    /// Waits, with the flow of the wait when there is one.
    fn meanwhile(&self, turn: &mut Turn<'_>) -> Result<Next, Fault> {
        let Some(flow) = &self.while_waiting else { return Ok(Next::Wait) };
        let inputs = self.inputs.values(turn)?;
        Ok(Next::Meanwhile { flow: flow.0.clone(), inputs })
    }

    fn plan(&self) -> Plan<'_> {
        Plan {
            keep_place: self.keep_place,
            max_wait: self.max_wait.get(),
            treatment: &self.treatment,
            overflow: self.overflow.as_ref(),
            waiting_reply: self.waiting_reply.as_ref(),
        }
    }
}

const EN: &str = "\
## What it does
Puts the contact in line for the skills that `require_skills` asked for, or else the touchpoint's default skill, and stays: through the wait, the offers, and the whole conversation with the agent.

## When to use it
Whenever a person should take over. What follows `ended` runs after the conversation: `survey`, `wrap_up`, `close`.

## Exits
`ended` when the agent closes the conversation; `timeout` when nobody took the contact within `max_wait`; the ends listed in `ends`, when the flow of the wait ends so; `no_agents`, which exists only with `require_agents`, when nobody present has one of the skills.

## Settings
Treatments count from the beginning of the wait and stop when an agent takes the contact; `${interaction.position}` in them is the place in line, `${interaction.expected_wait_minutes}` the minutes that are still to be expected. A treatment with `when` is said only if its condition holds at that moment: `interaction.expected_wait_minutes != ()` for one that names the wait, since nothing is known of it while nobody is there or nobody has handled a contact yet. `overflow` replaces the required skills once, by its own or the touchpoint's default skill. A contact who loses his agent waits again: the deadlines and treatments begin anew, his place in line is the old one. `while_waiting` runs a flow instead of treatments: it may say, ask, look into `check_queue`, `relax` or `overflow`, and is over wherever it is as soon as an agent takes the contact. When it fails, the contact goes on waiting. `keep_place` goes back to the place that the contact had first. `screen_pop` is the address that the desk of whoever takes the contact opens, such as his record in another system.

## Pitfalls
`require_agents` looks once, on arrival, at each skill by itself: it promises nobody who has them all, nor anybody free. An open offer is withdrawn when `max_wait` passes.
";

const FR: &str = "\
## Ce qu’il fait
Met le contact en file pour les compétences que `require_skills` a demandées, sinon pour la compétence par défaut du point de contact, et reste : pendant l’attente, les propositions et toute la conversation avec l’agent.

## Quand l’utiliser
Chaque fois qu’une personne doit prendre le relais. Ce qui suit `ended` a lieu après la conversation : `survey`, `wrap_up`, `close`.

## Sorties
`ended` quand l’agent ferme la conversation ; `timeout` quand personne n’a pris le contact dans le délai de `max_wait` ; les fins listées dans `ends`, quand le scénario de l’attente finit ainsi ; `no_agents`, qui n’existe qu’avec `require_agents`, quand personne de présent n’a l’une des compétences.

## Réglages
Les messages d’attente comptent depuis le début de l’attente et cessent quand un agent prend le contact ; `${interaction.position}` y est la place en file, `${interaction.expected_wait_minutes}` le nombre de minutes auquel s’attendre encore. Un message d’attente muni de `when` n’est dit que si sa condition est vraie à ce moment : `interaction.expected_wait_minutes != ()` pour celui qui annonce une durée, car on n’en sait rien tant que personne n’est là ou n’a encore traité de contact. `overflow` remplace une fois les compétences demandées, par les siennes ou par la compétence par défaut du point de contact. Un contact qui perd son agent attend de nouveau : délais et messages repartent, sa place en file est l’ancienne. `while_waiting` déroule un scénario à la place des messages d’attente : il peut dire, demander, consulter par `check_queue`, élargir par `relax` ou `overflow`, et s’arrête où qu’il en soit dès qu’un agent prend le contact. S’il échoue, le contact continue d’attendre. `keep_place` revient à la place que le contact avait d’abord. `screen_pop` est l’adresse qu’ouvre le bureau de qui prend le contact, par exemple sa fiche dans un autre système.

## Pièges
`require_agents` regarde une fois, à l’arrivée, chaque compétence pour elle-même : cela ne promet personne qui les ait toutes, ni personne de libre. Une proposition ouverte est retirée quand `max_wait` est passé.
";

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::testing::{Stage, node};

    fn ann(available: bool) -> Value {
        json!({ "agents": {
            "ann": { "skills": { "default": 1 }, "available": available },
            "bob": { "skills": { "general": 1 }, "available": false },
        } })
    }

    #[test]
    fn stays_from_the_line_to_the_end_of_the_conversation() {
        node("enqueue", json!({})).given(ann(true)).plays(json!([
            { "contact_says": "…" },
            { "expect": { "offered_to": "ann", "waiting_for": ["default"] } },
            { "agent_accepts": "ann" },
            { "expect": { "assigned_to": "ann", "at": "it" } },
            { "time_passes": "2d" },
            { "expect": { "assigned_to": "ann", "at": "it" } },
            { "agent_closes": "ann" },
            { "expect": { "ended": "ended" } },
        ]));
    }

    #[test]
    fn t_02_nobody_takes_the_contact_within_the_longest_wait() {
        node("enqueue", json!({ "max_wait": "5m" })).plays(json!([
            { "contact_says": "…" },
            { "time_passes": "4m59s" },
            { "expect": { "at": "it", "waiting_for": ["default"] } },
            { "time_passes": "1s" },
            { "expect": { "ended": "timeout", "waiting_for": [] } },
        ]));
    }

    #[test]
    fn treatments_are_said_until_an_agent_takes_the_contact() {
        let treatment = json!([
            { "after": "10s", "text": { "fr": "Un instant." } },
            { "after": "1m", "repeat_every": "1m", "text": { "fr": "Patience." } },
        ]);
        node("enqueue", json!({ "treatment": treatment })).given(ann(false)).plays(json!([
            { "contact_says": "…" },
            { "expect": { "says": [] } },
            { "time_passes": "10s" },
            { "expect": { "says": ["Un instant."] } },
            { "time_passes": "2m" },
            { "expect": { "says": ["Patience.", "Patience."] } },
            { "agent_arrives": "ann" },
            { "agent_accepts": "ann" },
            { "time_passes": "1h" },
            { "expect": { "says": [], "at": "it" } },
        ]));
    }

    #[test]
    fn overflow_asks_for_other_skills_and_keeps_the_place() {
        for (overflow, waiting_for) in
            [(json!({ "after": "2m", "skills": { "general": 20 } }), "general"), (json!({ "after": "2m" }), "default")]
        {
            node("enqueue", json!({ "overflow": overflow }))
                .after("require_skills", json!({ "skills": { "sales": 3 } }))
                .given(ann(false))
                .plays(json!([
                    { "contact_says": "…" },
                    { "expect": { "waiting_for": ["sales"] } },
                    { "time_passes": "2m" },
                    { "expect": { "waiting_for": [waiting_for] } },
                    { "time_passes": "13m" },
                    { "expect": { "ended": "timeout" } },
                ]));
        }
    }

    #[test]
    fn dyd_35_leaves_at_once_when_nobody_is_there() {
        let here = |available| node("enqueue", json!({ "require_agents": true })).given(ann(available));
        here(false).plays(json!([{ "contact_says": "…" }, { "expect": { "ended": "no_agents", "waiting_for": [] } }]));
        here(true).plays(json!([{ "contact_says": "…" }, { "expect": { "offered_to": "ann" } }]));
    }

    #[test]
    fn a_contact_who_writes_while_he_waits_is_acknowledged_once() {
        node("enqueue", json!({ "waiting_reply": { "fr": "C’est noté." } })).given(ann(false)).plays(json!([
            { "contact_says": "…" },
            { "contact_says": "allô ?" },
            { "contact_says": "allô ??" },
            { "expect": { "says": ["C’est noté."] } },
            { "agent_arrives": "ann" },
            { "agent_accepts": "ann" },
            { "contact_says": "enfin" },
            { "expect": { "says": [] } },
        ]));
    }

    #[test]
    fn a_contact_who_loses_his_agent_waits_again_from_now() {
        let treatment = json!([{ "after": "10s", "text": { "fr": "Un instant." } }]);
        node("enqueue", json!({ "max_wait": "5m", "treatment": treatment })).given(ann(true)).plays(json!([
            { "contact_says": "…" },
            { "agent_accepts": "ann" },
            { "time_passes": "1h" },
            { "agent_goes": "ann" },
            { "expect": { "at": "it", "waiting_for": ["default"] } },
            { "time_passes": "10s" },
            { "expect": { "says": ["Un instant."] } },
            { "time_passes": "4m50s" },
            { "expect": { "ended": "timeout" } },
        ]));
    }

    #[test]
    fn a_treatment_may_say_the_place_in_line() {
        let treatment = json!([{ "after": "10s", "text": { "fr": "Vous êtes n° ${interaction.position}." } }]);
        node("enqueue", json!({ "treatment": treatment })).given(ann(false)).plays(json!([
            { "contact_says": "…" },
            { "time_passes": "10s" },
            { "expect": { "says": ["Vous êtes n° 1."] } },
        ]));
    }

    #[test]
    fn a_treatment_may_say_the_wait_to_expect_once_it_is_known() {
        let treatment = json!([{ "after": "10s", "repeat_every": "10s", "when": "interaction.expected_wait_minutes != ()",
            "text": { "fr": "Environ ${interaction.expected_wait_minutes} min." } }]);
        // Nobody has handled a contact yet, so nothing is known.
        node("enqueue", json!({ "treatment": treatment })).given(ann(false)).plays(json!([
            { "contact_says": "…" },
            { "time_passes": "1m" },
            { "expect": { "says": [] } },
        ]));
        // After a first conversation something is, and she is free again.
        node("enqueue", json!({ "treatment": treatment })).after("enqueue", json!({})).given(ann(true)).plays(json!([
            { "contact_says": "…" },
            { "agent_accepts": "ann" },
            { "time_passes": "6m" },
            { "agent_closes": "ann" },
            { "expect": { "says": [], "at": "it", "offered_to": "ann" } },
            { "time_passes": "10s" },
            { "expect": { "says": ["Environ 1 min."] } },
        ]));
    }

    fn patience() -> Value {
        json!({
            "schema": 1, "id": "patience", "entry": "hello",
            "nodes": {
                "hello": { "kind": "send_message", "config": { "text": { "fr": "Un mot ?" } }, "exits": { "done": "hear" } },
                "hear": { "kind": "menu", "config": {
                        "text": { "fr": "Attendre ou laisser un message ?" }, "timeout": "1m", "attempts": 1,
                        "options": [{ "id": "leave", "label": { "fr": "Message" } }, { "id": "broken", "label": { "fr": "Casser" } }],
                    },
                    "exits": { "leave": { "end": "message" }, "broken": "fail", "no_match": "others", "timeout": { "end": "again" } } },
                "others": { "kind": "overflow", "config": { "skills": { "general": 20 } }, "exits": { "done": { "end": "again" } } },
                "fail": { "kind": "set_priority", "config": { "priority": 0, "formula": "1 / 0" }, "exits": { "done": { "end": "again" } } },
            },
        })
    }

    fn with_patience() -> Stage {
        let config =
            json!({ "while_waiting": "patience", "ends": ["message"], "again_after": "30s", "max_wait": "5m" });
        node("enqueue", config).calling(patience()).given(ann(false))
    }

    #[test]
    fn a_flow_runs_while_the_contact_waits_and_again() {
        let asks = ["Un mot ?", "Attendre ou laisser un message ?"];
        with_patience().plays(json!([
            { "contact_says": "…" },
            { "expect": { "says": asks, "at": "hear", "waiting_for": ["default"] } },
            { "time_passes": "1m" },
            { "expect": { "says": [], "at": "it", "waiting_for": ["default"] } },
            { "time_passes": "30s" },
            { "expect": { "says": asks, "at": "hear" } },
            { "contact_says": "quoi ?" },
            { "expect": { "at": "it", "waiting_for": ["general"] } },
            { "time_passes": "3m29s" },
            { "expect": { "waiting_for": ["general"] } },
            { "time_passes": "1s" },
            { "expect": { "ended": "timeout", "waiting_for": [] } },
        ]));
    }

    #[test]
    fn an_agent_ends_the_flow_of_the_wait_wherever_it_is() {
        with_patience().plays(json!([
            { "contact_says": "…" },
            { "agent_arrives": "ann" },
            { "agent_accepts": "ann" },
            { "expect": { "at": "it", "assigned_to": "ann" } },
            { "contact_says": "Message" },
            { "time_passes": "1h" },
            { "expect": { "at": "it", "assigned_to": "ann" } },
            { "agent_goes": "ann" },
            { "expect": { "at": "hear", "waiting_for": ["default"] } },
            { "agent_arrives": "ann" },
            { "agent_accepts": "ann" },
            { "agent_closes": "ann" },
            { "expect": { "ended": "ended" } },
        ]));
    }

    #[test]
    fn t_03_dyd_10_the_questionnaire_of_the_wait_is_shown_for_its_time_and_no_longer_than_the_wait() {
        let questionnaire = json!({
            "schema": 1, "id": "patience", "entry": "mood", "attributes": { "mood": { "type": "string" } },
            "nodes": { "mood": {
                "kind": "ask",
                "config": { "text": { "fr": "Comment allez-vous ?" }, "answer": { "type": "text" }, "into": "mood", "timeout": "5m" },
                "exits": { "answered": { "end": "done" }, "no_match": { "end": "done" }, "timeout": { "end": "hidden" }, "error": { "end": "done" } },
            } },
        });
        let shown =
            || node("enqueue", json!({ "while_waiting": "patience", "max_wait": "1h" })).calling(questionnaire.clone());
        shown().given(ann(false)).plays(json!([
            { "contact_says": "…" },
            { "expect": { "says": ["Comment allez-vous ?"], "at": "mood", "waiting_for": ["default"] } },
            { "time_passes": "4m59s" },
            { "expect": { "at": "mood" } },
            { "time_passes": "1s" },
            { "expect": { "says": [], "at": "it", "waiting_for": ["default"] } },
        ]));
        shown().given(ann(true)).plays(json!([
            { "contact_says": "…" },
            { "expect": { "at": "mood", "offered_to": "ann" } },
            { "agent_accepts": "ann" },
            { "expect": { "at": "it", "assigned_to": "ann" } },
            { "time_passes": "5m" },
            { "expect": { "at": "it", "assigned_to": "ann" } },
        ]));
    }

    #[test]
    fn the_flow_of_the_wait_may_give_up_the_place_and_may_fail() {
        with_patience().plays(json!([
            { "contact_says": "…" },
            { "contact_chooses": "leave" },
            { "expect": { "ended": "message", "waiting_for": [] } },
        ]));
        with_patience().plays(json!([
            { "contact_says": "…" },
            { "contact_chooses": "broken" },
            { "expect": { "at": "it", "waiting_for": ["default"] } },
            { "time_passes": "30s" },
            { "expect": { "at": "hear" } },
        ]));
        with_patience().plays(json!([{ "contact_says": "…" }, { "contact_leaves": {} }, { "expect": { "ended": "abandoned", "waiting_for": [] } }]));
    }
}
