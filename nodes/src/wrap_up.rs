//! `wrap_up`: waits until the agent has closed his record.

use routewright_engine::{
    describe::describe,
    event::{Event, Routed},
    node::{Fault, Next, Node, Turn},
};
use routewright_flows::{AnswerTimes, Descriptor, ExitRole, Flavour, HumanDuration, Stay, Waits, descriptor::Category};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

/// Waits for the end of wrap-up.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WrapUp {
    /// How long the wrap-up of this interaction lasts at most, counted from its beginning, whatever the agent's profile
    /// says.
    #[schemars(extend("x-fr" = "Combien de temps dure au plus le post-traitement de cette interaction, compté depuis son début, quoi que dise le profil de l’agent."))]
    length: Option<HumanDuration>,
}

impl Node for WrapUp {
    fn descriptor() -> Descriptor {
        describe::<Self>("wrap_up", Category::Finish, Flavour::Waiting)
            .title("Wrap-up", "Post-traitement")
            .docs(EN, FR)
            .icon("clipboard-check")
            .exit("done", ExitRole::Normal, "The agent closed his record.", "L’agent a fermé sa fiche.")
            .exit(
                "expired",
                ExitRole::Timeout,
                "The time for wrap-up passed and closed the record.",
                "Le temps de post-traitement est passé et a fermé la fiche.",
            )
            .exit("none", ExitRole::Normal, "No agent had this interaction.", "Aucun agent n’a eu cette interaction.")
            .example("As the profile says", "Selon le profil", json!({}))
            .example("Two minutes for this matter", "Deux minutes pour ce sujet", json!({ "length": "2m" }))
            .counter_example("Not a duration", "Pas une durée", json!({ "length": 120 }))
            .counter_example("A setting that does not exist", "Un réglage qui n’existe pas", json!({ "lenght": "2m" }))
            .done()
    }

    fn stay(&self, _: AnswerTimes) -> Option<Stay> {
        // While it waits, the contact's agent completes his record.
        Some(Stay::Own(Waits::passing()))
    }

    fn enter(&self, turn: &mut Turn<'_>) -> Result<Next, Fault> {
        if !turn.is_in_wrap_up() {
            let had_agent = turn.interaction().last_agent.is_some();
            return Ok(Next::exit(if had_agent { "done" } else { "none" }));
        }
        if let Some(length) = self.length {
            turn.set_wrap_up(length.get());
        }
        Ok(Next::Wait)
    }

    fn resume(&self, event: &Event, _: &mut Turn<'_>) -> Result<Next, Fault> {
        Ok(match event {
            Event::Routed(Routed::WrapUpEnded { expired: true, .. }) => Next::exit("expired"),
            Event::Routed(Routed::WrapUpEnded { expired: false, .. }) => Next::exit("done"),
            Event::Routed(Routed::Accepted { .. } | Routed::Requeued { .. } | Routed::Closed { .. })
            | Event::Message(_)
            | Event::Alarm(_)
            | Event::Answered(_)
            | Event::Returned { .. } => Next::Wait,
        })
    }
}

const EN: &str = "\
## What it does
Waits until the agent who had the conversation has closed his record, by himself or by the deadline of his wrap-up. His slot stays taken until then.

## When to use it
After `enqueue` or `escalate`, when the flow must go on with the agent's disposition, or when this matter needs more or less time than the profile gives.

## Exits
`done` when the agent closed his record, also when he did so before the flow came here; `expired` when the deadline closed it; `none` when no agent had the interaction.

## Settings
`length` counts from the beginning of the wrap-up: 2 minutes set one minute late leave one minute. Without it, the agent's handling profile decides; 60 seconds by default.

## Pitfalls
A wrap-up runs whether or not the flow has this node; the node only waits for it. A record that expired while a `survey` ran before this node counts as `done`.
";

const FR: &str = "\
## Ce qu’il fait
Attend que l’agent qui a eu la conversation ait fermé sa fiche, de lui-même ou au terme de son post-traitement. Sa place reste prise jusque-là.

## Quand l’utiliser
Après `enqueue` ou `escalate`, quand le scénario doit continuer avec la qualification de l’agent, ou quand ce sujet demande plus ou moins de temps que n’en donne le profil.

## Sorties
`done` quand l’agent a fermé sa fiche, même avant que le scénario n’arrive ici ; `expired` quand le délai l’a fermée ; `none` quand aucun agent n’a eu l’interaction.

## Réglages
`length` compte depuis le début du post-traitement : 2 minutes posées avec une minute de retard laissent une minute. Sans elle, le profil de l’agent décide ; 60 secondes par défaut.

## Pièges
Un post-traitement a lieu que le scénario ait ce nœud ou non ; celui-ci ne fait que l’attendre. Une fiche expirée pendant qu’une `survey` se tenait avant ce nœud compte comme `done`.
";

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::testing::{Stage, node};

    fn after_a_conversation(config: Value) -> Stage {
        node("wrap_up", config)
            .after("enqueue", json!({}))
            .given(json!({ "agents": { "ann": { "skills": { "default": 1 } } } }))
    }

    fn talked(rest: &[Value]) -> Value {
        let talk = [
            json!({ "contact_says": "…" }),
            json!({ "agent_accepts": "ann" }),
            json!({ "agent_closes": "ann" }),
            json!({ "expect": { "at": "it" } }),
        ];
        Value::Array([&talk, rest].concat())
    }

    #[test]
    fn waits_for_the_agents_record() {
        after_a_conversation(json!({})).plays(talked(&[
            json!({ "time_passes": "59s" }),
            json!({ "agent_finishes": { "agent": "ann" } }),
            json!({ "expect": { "ended": "done" } }),
        ]));
    }

    #[test]
    fn fce_09_the_deadline_of_the_profile_or_of_the_node_closes_the_record() {
        for (config, before, at) in [
            (json!({}), "59s", "1s"),
            (json!({ "length": "2m" }), "1m59s", "1s"),
            (json!({ "length": "10s" }), "9s", "1s"),
        ] {
            after_a_conversation(config).plays(talked(&[
                json!({ "time_passes": before }),
                json!({ "expect": { "at": "it" } }),
                json!({ "time_passes": at }),
                json!({ "expect": { "ended": "expired" } }),
            ]));
        }
    }

    #[test]
    fn without_an_agent_there_is_nothing_to_wait_for() {
        node("wrap_up", json!({})).plays(json!([{ "contact_says": "…" }, { "expect": { "ended": "none" } }]));
    }

    #[test]
    fn a_record_closed_before_counts_as_done() {
        node("wrap_up", json!({}))
            .after("wait", json!({ "for": "5m" }))
            .after("enqueue", json!({}))
            .given(json!({ "agents": { "ann": { "skills": { "default": 1 } } } }))
            .plays(json!([
                { "contact_says": "…" },
                { "agent_accepts": "ann" },
                { "agent_closes": "ann" },
                { "time_passes": "5m" },
                { "expect": { "ended": "done" } },
            ]));
    }
}
