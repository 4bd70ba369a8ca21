//! `transfer`: hands the contact on, at the place in line that he had first.

use std::{collections::BTreeMap, time::Duration};

use routewright_engine::{
    SkillId,
    capacity::Requirement,
    catalogue::Level,
    describe::describe,
    event::Event,
    interaction::Preference,
    node::{Fault, Next, Node, Prepare, Turn},
    script::slots::{AgentRef, SkillRef, Text},
};
use routewright_flows::{AnswerTimes, Descriptor, Flavour, HumanDuration, Stay, descriptor::Category};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use crate::{
    config::Deadline,
    queueing::{self, AgentExits as _, Plan, require_something, skill_names},
};

/// Hands the contact on.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Transfer {
    /// To whom.
    #[schemars(extend("x-fr" = "À qui."))]
    to: Receiver,
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
enum Receiver {
    /// Agents who have these skills, each at the level given or better.
    Skills(
        #[schemars(
            description = "Agents who have these skills, each at the level given or better.",
            extend("minProperties" = 1),
            extend("propertyNames" = skill_names()),
            extend("x-fr" = "Des agents qui ont ces compétences, chacune au niveau donné ou meilleur.")
        )]
        BTreeMap<SkillRef, Level>,
    ),
    /// This agent, and nobody else unless he refuses.
    Agent(
        #[schemars(
            description = "This agent, and nobody else unless he refuses.",
            extend("x-fr" = "Cet agent, et personne d’autre sauf s’il refuse.")
        )]
        AgentRef,
    ),
}

impl Node for Transfer {
    fn descriptor() -> Descriptor {
        describe::<Self>("transfer", Category::Route, Flavour::Waiting)
            .title("Transfer", "Transférer")
            .docs(EN, FR)
            .icon("arrow-right-left")
            .agent_exits(
                "The conversation with the one who took over is over.",
                "La conversation avec la personne qui a pris le relais est terminée.",
            )
            .error_exit()
            .example("To the billing team", "À l’équipe de facturation", json!({ "to": { "skills": { "billing": 20 } } }))
            .example(
                "To Ann, with a word",
                "À Ann, avec un mot",
                json!({ "to": { "agent": "ann" }, "max_wait": "5m", "text": { "fr": "Je vous passe Ann.", "en": "I am passing you to Ann." } }),
            )
            .counter_example("To nobody", "À personne", json!({ "to": { "skills": {} } }))
            .counter_example("Waiting for ever", "Attendre toujours", json!({ "to": { "agent": "ann" }, "max_wait": "0s" }))
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
            Receiver::Skills(skills) => {
                let skills: BTreeMap<SkillId, Level> =
                    skills.iter().map(|(skill, level)| (skill.0.clone(), *level)).collect();
                turn.require(Requirement { skills, supervisor: false });
                turn.prefer(None);
            }
            Receiver::Agent(agent) => {
                if !turn.has_agent(&agent.0) {
                    let agent = &agent.0;
                    return Err(Fault::new(
                        "unknown-agent",
                        format!("agent '{agent}' does not exist: create him or name another"),
                        format!("l’agent « {agent} » n’existe pas : créez-le ou choisissez-en un autre"),
                    ));
                }
                require_something(turn)?;
                // A second longer, so that nobody is offered the contact at the very end of his wait.
                let keep = HumanDuration::from(self.max_wait.get() + Duration::from_secs(1));
                turn.prefer(Some(Preference { agent: agent.0.clone(), keep: Some(keep) }));
            }
        }
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

impl Transfer {
    fn plan(&self) -> Plan<'_> {
        Plan { keep_place: true, ..Plan::of(self.max_wait.get()) }
    }
}

const EN: &str = "\
## What it does
Puts the contact in line for other skills, or for one agent, at the place that he had when he first stood in line, and stays through the wait and the conversation.

## When to use it
When a conversation has shown that somebody else must go on. To let a person take over for the first time, use `enqueue`; to go to a supervisor or ahead of others, `escalate`.

## Exits
`ended` after the conversation; `timeout` when nobody took the contact; `error` when the agent does not exist.

## Settings
`to` names `skills` with levels, which replace what was required, or an `agent`, for whom alone the contact is kept as long as `max_wait` unless he refuses; what was required stands.

## Pitfalls
An agent without the skills that stand is not waited for, and whoever has them is asked: before a transfer to an agent of another team, use `require_skills`. The old place counts from the first time in this interaction, however long ago.
";

const FR: &str = "\
## Ce qu’il fait
Met le contact en file pour d’autres compétences, ou pour un seul agent, à la place qu’il avait la première fois qu’il s’y est trouvé, et reste le temps de l’attente et de la conversation.

## Quand l’utiliser
Quand une conversation a montré que quelqu’un d’autre doit continuer. Pour qu’une personne prenne le relais une première fois, préférez `enqueue` ; pour aller à un superviseur ou devant les autres, `escalate`.

## Sorties
`ended` après la conversation ; `timeout` quand personne n’a pris le contact ; `error` quand l’agent n’existe pas.

## Réglages
`to` nomme des `skills` avec des niveaux, qui remplacent ce qui était demandé, ou un `agent`, à qui seul le contact est réservé aussi longtemps que `max_wait`, sauf s’il refuse ; ce qui était demandé demeure.

## Pièges
Un agent sans les compétences demandées n’est pas attendu, et quiconque les a est sollicité : avant un transfert à un agent d’une autre équipe, placez `require_skills`. L’ancienne place compte depuis la première fois dans cette interaction, si ancienne soit-elle.
";

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::node;

    #[test]
    fn the_contact_goes_to_other_skills_or_to_one_agent() {
        let agents = json!({ "agents": {
            "ann": { "skills": { "billing": 9, "default": 9 } },
            "bob": { "skills": { "default": 1 } },
        } });
        for to in [json!({ "skills": { "billing": 20 } }), json!({ "agent": "ann" })] {
            node("transfer", json!({ "to": to, "text": { "fr": "Un instant." } })).given(agents.clone()).plays(json!([
                { "contact_says": "…" },
                { "expect": { "says": ["Un instant."], "offered_to": "ann" } },
                { "agent_accepts": "ann" },
                { "agent_closes": "ann" },
                { "expect": { "ended": "ended" } },
            ]));
        }
        node("transfer", json!({ "to": { "agent": "zed" } }))
            .plays(json!([{ "contact_says": "…" }, { "expect": { "ended": "error" } }]));
    }

    #[test]
    fn nobody_else_is_asked_for_a_contact_of_one_agent() {
        node("transfer", json!({ "to": { "agent": "ann" }, "max_wait": "5m" }))
            .given(json!({ "agents": { "ann": { "skills": { "default": 9 }, "available": false }, "bob": { "skills": { "default": 1 } } } }))
            .plays(json!([
                { "contact_says": "…" },
                { "time_passes": "4m59s" },
                { "expect": { "at": "it", "waiting_for": ["default"] } },
                { "time_passes": "1s" },
                { "expect": { "ended": "timeout" } },
            ]));
    }

    #[test]
    fn the_place_in_line_is_the_first_one() {
        // The contact waited five minutes for an agent who left; ten minutes later another contact is before him only
        // if the place was lost.
        node("transfer", json!({ "to": { "skills": { "billing": 20 } } }))
            .after("wait", json!({ "for": "1h" }))
            .after("enqueue", json!({ "max_wait": "5m" }))
            .plays(json!([
                { "contact_says": "…" },
                { "time_passes": "5m" },
                { "time_passes": "1h" },
                { "expect": { "waiting_for": ["billing"], "waiting_since": "1h5m" } },
            ]));
    }
}
