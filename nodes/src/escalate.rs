//! `escalate`: hands the contact to a person, another skill or a supervisor, ahead of ordinary contacts.

use std::collections::BTreeMap;

use routewright_engine::{
    capacity::Requirement,
    catalogue::Level,
    describe::describe,
    event::Event,
    node::{Fault, Next, Node, Prepare, Turn},
    script::slots::{SkillRef, Text},
};
use routewright_flows::{AnswerTimes, Descriptor, Flavour, Stay, descriptor::Category};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use crate::{
    config::{Deadline, PRIORITY_MAX},
    queueing::{self, AgentExits as _, Plan, require_something},
};

/// Escalates.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Escalate {
    /// To whom.
    #[schemars(extend("x-fr" = "À qui."))]
    to: EscalateTo,
    /// Added to the interaction's priority.
    #[serde(default = "raise_default")]
    #[schemars(range(min = 0, max = 100), extend("x-fr" = "S’ajoute à la priorité de l’interaction."))]
    raise_priority: i32,
    /// Said before the wait.
    #[schemars(extend("x-fr" = "Dit avant l’attente."))]
    text: Option<Text>,
    /// How long to wait in line at most.
    #[serde(default = "queueing::max_wait_default")]
    #[schemars(extend("x-fr" = "Combien de temps attendre en file au plus."))]
    max_wait: Deadline,
}

/// Who takes over.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum EscalateTo {
    /// Any agent who has the skills already required, or else the touchpoint's default skill.
    Human {},
    /// An agent who has this skill, at any level.
    Skill(
        #[schemars(
            description = "An agent who has this skill, at any level.",
            extend("x-fr" = "Un agent qui a cette compétence, à tout niveau.")
        )]
        SkillRef,
    ),
    /// A supervisor, whatever his skills.
    Supervisor {},
}

fn raise_default() -> i32 {
    10
}

impl Node for Escalate {
    fn descriptor() -> Descriptor {
        describe::<Self>("escalate", Category::Route, Flavour::Waiting)
            .title("Escalate", "Escalader")
            .docs(EN, FR)
            .icon("arrow-up-right")
            .agent_exits(
                "The conversation with the one who took over is over.",
                "La conversation avec la personne qui a pris le relais est terminée.",
            )
            .error_exit()
            .example("To a person", "À une personne", json!({ "to": { "human": {} } }))
            .example(
                "To a supervisor, with words",
                "À un superviseur, avec un mot",
                json!({
                    "to": { "supervisor": {} }, "raise_priority": 50, "max_wait": "30m",
                    "text": { "fr": "Je transmets à un responsable.", "en": "I am passing you to a supervisor." },
                }),
            )
            .example("To another skill", "À une autre compétence", json!({ "to": { "skill": "retention" } }))
            .counter_example("To nobody in particular", "À personne en particulier", json!({ "to": {} }))
            .counter_example(
                "Lowering the priority",
                "Baisser la priorité",
                json!({ "to": { "human": {} }, "raise_priority": -5 }),
            )
            .done()
    }

    fn prepare(&mut self, cx: &mut Prepare<'_>) {
        if let Some(text) = &mut self.text {
            cx.text(text);
        }
    }

    fn stay(&self, _: AnswerTimes) -> Option<Stay> {
        Some(Stay::Own(self.plan().waits(self.text.is_some())))
    }

    fn enter(&self, turn: &mut Turn<'_>) -> Result<Next, Fault> {
        match &self.to {
            EscalateTo::Human {} => require_something(turn)?,
            EscalateTo::Skill(skill) => turn
                .require(Requirement { skills: BTreeMap::from([(skill.0.clone(), Level::WORST)]), supervisor: false }),
            EscalateTo::Supervisor {} => turn.require(Requirement { skills: BTreeMap::new(), supervisor: true }),
        }
        let raised = turn.interaction().priority.saturating_add(self.raise_priority);
        turn.set_priority(raised.clamp(-PRIORITY_MAX, PRIORITY_MAX));
        if let Some(text) = &self.text {
            let text = turn.render(text)?;
            turn.say_text(text)?;
        }
        Ok(self.plan().begin(turn))
    }

    fn resume(&self, event: &Event, turn: &mut Turn<'_>) -> Result<Next, Fault> {
        self.plan().resume(event, turn)
    }
}

impl Escalate {
    fn plan(&self) -> Plan<'_> {
        Plan::of(self.max_wait.get())
    }
}

const EN: &str = "\
## What it does
Raises the interaction's priority, asks for a person, another skill or a supervisor, and waits in line like `enqueue`, until the conversation is over.

## When to use it
When the flow does not understand the contact, when he asks for a person, or when a first conversation was not enough.

## Exits
`ended` when the conversation is over; `timeout` when nobody took the contact within `max_wait`.

## Settings
`human` keeps the skills already required; where none are, the touchpoint's default skill. `skill` replaces them by one skill at any level. `supervisor` asks for any supervisor, whatever his skills.

## Pitfalls
The raised priority and the new requirement stay with the interaction. Each escalation raises it again, up to 100. For texts while waiting, use `require_skills` and `enqueue`.
";

const FR: &str = "\
## Ce qu’il fait
Relève la priorité de l’interaction, demande une personne, une autre compétence ou un superviseur, et attend en file comme `enqueue`, jusqu’à la fin de la conversation.

## Quand l’utiliser
Quand le scénario ne comprend pas le contact, quand celui-ci demande une personne, ou quand une première conversation n’a pas suffi.

## Sorties
`ended` quand la conversation est terminée ; `timeout` quand personne n’a pris le contact dans le délai de `max_wait`.

## Réglages
`human` garde les compétences déjà demandées ; s’il n’y en a pas, la compétence par défaut du point de contact. `skill` les remplace par une seule, à tout niveau. `supervisor` demande n’importe quel superviseur, quelles que soient ses compétences.

## Pièges
La priorité relevée et le nouveau besoin restent à l’interaction. Chaque escalade la relève encore, jusqu’à 100. Pour des messages d’attente, préférez `require_skills` et `enqueue`.
";

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::node;

    #[test]
    fn asks_for_the_one_it_names() {
        let agents = json!({ "agents": {
            "ann": { "skills": { "default": 1 } },
            "bob": { "skills": { "retention": 20 } },
            "eve": { "supervisor": true },
        } });
        for (to, agent) in [
            (json!({ "human": {} }), "ann"),
            (json!({ "skill": "retention" }), "bob"),
            (json!({ "supervisor": {} }), "eve"),
        ] {
            node("escalate", json!({ "to": to, "text": { "fr": "Je transmets." } })).given(agents.clone()).plays(
                json!([
                    { "contact_says": "…" },
                    { "expect": { "says": ["Je transmets."], "offered_to": agent } },
                    { "agent_accepts": agent },
                    { "agent_closes": agent },
                    { "expect": { "ended": "ended" } },
                ]),
            );
        }
    }

    #[test]
    fn a_person_keeps_what_was_required_and_waits_with_a_deadline() {
        node("escalate", json!({ "to": { "human": {} } }))
            .after("require_skills", json!({ "skills": { "sales": 3 } }))
            .plays(json!([
                { "contact_says": "…" },
                { "expect": { "waiting_for": ["sales"] } },
                { "time_passes": "15m" },
                { "expect": { "ended": "timeout" } },
            ]));
    }
}
