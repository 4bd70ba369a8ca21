//! `prefer_agent`: says who is to be asked first.

use routewright_engine::{
    AgentId,
    describe::describe,
    interaction::{Interaction, Preference},
    node::{Fault, Next, Node, Prepare, Turn},
    script::slots::{AgentRef, Formula},
};
use routewright_flows::{Descriptor, ExitRole, Flavour, descriptor::Category};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::config::Deadline;

/// Prefers an agent.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PreferAgent {
    /// Whom.
    #[schemars(extend("x-fr" = "Qui."))]
    who: Who,
    /// How long the contact is kept for him alone while he is busy or away; as the skills' settings say when absent.
    #[schemars(extend("x-fr" = "Combien de temps le contact lui est réservé tant qu’il est occupé ou absent ; selon les réglages des compétences en son absence."))]
    keep_for: Option<Deadline>,
}

/// Whom to prefer.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum Who {
    /// The agent who had this conversation last, or else an earlier one of the contact.
    Last {},
    /// This agent.
    Agent(
        #[schemars(description = "This agent.", extend("x-fr" = "Cet agent."))] //
        AgentRef,
    ),
    /// The agent whose id an expression gives: `contact.fields.adviser`.
    Formula(
        #[schemars(
            description = "The agent whose id an expression gives: `contact.fields.adviser`.",
            extend("x-fr" = "L’agent dont une expression donne l’identifiant : `contact.fields.adviser`.")
        )]
        Formula,
    ),
}

impl Node for PreferAgent {
    fn descriptor() -> Descriptor {
        describe::<Self>("prefer_agent", Category::Route, Flavour::Instant)
            .title("Prefer an agent", "Préférer un agent")
            .docs(EN, FR)
            .icon("user-check")
            .exit("done", ExitRole::Normal, "He will be asked first.", "Il sera sollicité d’abord.")
            .exit("nobody", ExitRole::Normal, "There is no such agent.", "Il n’y a pas de tel agent.")
            .error_exit()
            .example(
                "Whoever had the conversation, for ten minutes",
                "Qui a eu la conversation, pendant dix minutes",
                json!({ "who": { "last": {} }, "keep_for": "10m" }),
            )
            .example("Ann", "Ann", json!({ "who": { "agent": "ann" } }))
            .example(
                "The customer's own adviser",
                "Le conseiller attitré du client",
                json!({ "who": { "formula": "contact.fields.adviser" }, "keep_for": "1h" }),
            )
            .counter_example("Nobody in particular", "Personne en particulier", json!({ "who": {} }))
            .counter_example("For no time", "Pour aucune durée", json!({ "who": { "last": {} }, "keep_for": "0s" }))
            .done()
    }

    fn prepare(&mut self, cx: &mut Prepare<'_>) {
        if let Who::Formula(formula) = &mut self.who {
            cx.formula(formula);
        }
    }

    fn enter(&self, turn: &mut Turn<'_>) -> Result<Next, Fault> {
        let agent = match &self.who {
            Who::Last {} => {
                let Interaction { last_agent, known_by, .. } = turn.interaction();
                last_agent.clone().or_else(|| known_by.as_ref().map(|known| known.agent.clone()))
            }
            Who::Agent(agent) => Some(agent.0.clone()),
            Who::Formula(formula) => match turn.value(formula)? {
                Value::String(name) => AgentId::new(&name).ok(),
                Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => None,
            },
        };
        let Some(agent) = agent.filter(|agent| turn.has_agent(agent)) else { return Ok(Next::exit("nobody")) };
        turn.prefer(Some(Preference { agent, keep: self.keep_for.map(Deadline::length) }));
        Ok(Next::exit("done"))
    }
}

const EN: &str = "\
## What it does
Names the agent whom the next `enqueue`, `transfer` or `escalate` asks first. While he is busy or away the contact is kept for him alone, as long as you say; then anybody who fits is asked.

## When to use it
For customers with an adviser of their own, or to come back to who knows the matter.

## Exits
`done` when he will be asked first; `nobody` when there is no such agent: nobody had the conversation, the expression gave nothing, or the name is not in the catalogue.

## Settings
`keep_for` is the time that the contact is kept for him. Without it the settings of the required skills say whether and how long he is preferred.

## Pitfalls
He must have the required skills all the same. A long `keep_for` makes the contact wait although others are free. A contact who is already in line is not moved: name the agent before `enqueue`.
";

const FR: &str = "\
## Ce qu’il fait
Nomme l’agent que sollicite d’abord le prochain `enqueue`, `transfer` ou `escalate`. Tant qu’il est occupé ou absent, le contact lui est réservé, aussi longtemps que vous le dites ; puis quiconque convient est sollicité.

## Quand l’utiliser
Pour les clients qui ont un conseiller attitré, ou pour revenir à qui connaît le sujet.

## Sorties
`done` quand il sera sollicité d’abord ; `nobody` quand il n’y a pas de tel agent : personne n’a eu la conversation, l’expression n’a rien donné, ou le nom n’est pas au catalogue.

## Réglages
`keep_for` est le temps pendant lequel le contact lui est réservé. Sans lui, les réglages des compétences demandées disent s’il est préféré, et combien de temps.

## Pièges
Il lui faut tout de même les compétences demandées. Un long `keep_for` fait attendre le contact alors que d’autres sont libres. Un contact déjà en file n’est pas déplacé : nommez l’agent avant `enqueue`.
";

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::testing::{Stage, node};

    fn two_agents(who: Value) -> Stage {
        node("enqueue", json!({ "max_wait": "1h" }))
            .after("prefer_agent", json!({ "who": who, "keep_for": "10m" }))
            .given(json!({ "agents": {
                "ann": { "skills": { "default": 1 } },
                "bob": { "skills": { "default": 20 }, "available": false },
            } }))
            .with("contact", json!({ "adviser": "bob" }))
    }

    #[test]
    fn wap_26_the_contact_is_kept_for_him_then_anybody_is_asked() {
        for who in [json!({ "agent": "bob" }), json!({ "formula": "contact.fields.adviser" })] {
            two_agents(who.clone()).plays(json!([
                { "contact_says": "…" },
                { "time_passes": "9m59s" },
                { "expect": { "waiting_for": ["default"] } },
                { "agent_arrives": "bob" },
                { "expect": { "offered_to": "bob" } },
            ]));
            two_agents(who).plays(json!([
                { "contact_says": "…" },
                { "time_passes": "10m" },
                { "expect": { "offered_to": "ann" } },
            ]));
        }
    }

    #[test]
    fn nobody_is_preferred_whom_nobody_knows() {
        for who in [json!({ "last": {} }), json!({ "agent": "zed" }), json!({ "formula": "contact.fields.none" })] {
            node("prefer_agent", json!({ "who": who }))
                .plays(json!([{ "contact_says": "…" }, { "expect": { "ended": "nobody" } }]));
            two_agents(who).plays(json!([{ "contact_says": "…" }, { "expect": { "offered_to": "ann" } }]));
        }
    }
}
