//! `set_sla`: promises an answer, or an end, in time.

use routewright_engine::{
    describe::describe,
    node::{Fault, Next, Node, Turn},
    script::slots::CalendarRef,
};
use routewright_flows::{Descriptor, ExitRole, Flavour, descriptor::Category};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use crate::config::Deadline;

/// Promises.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("anyOf" = json!([{ "required": ["first_response"] }, { "required": ["resolution"] }])))]
pub struct SetSla {
    /// Within how long an agent answers for the first time, since the conversation began.
    #[schemars(extend("x-fr" = "Dans quel délai un agent répond pour la première fois, depuis le début de la conversation."))]
    first_response: Option<Deadline>,
    /// Within how long the conversation is over, since it began.
    #[schemars(extend("x-fr" = "Dans quel délai la conversation est terminée, depuis son début."))]
    resolution: Option<Deadline>,
    /// The opening hours that count; every hour when absent.
    #[schemars(extend("x-fr" = "Les horaires qui comptent ; toutes les heures en leur absence."))]
    calendar: Option<CalendarRef>,
}

impl Node for SetSla {
    fn descriptor() -> Descriptor {
        describe::<Self>("set_sla", Category::Time, Flavour::Instant)
            .title("Set the service level", "Fixer le niveau de service")
            .docs(EN, FR)
            .icon("timer")
            .exit("done", ExitRole::Normal, "The promises stand.", "Les promesses sont posées.")
            .error_exit()
            .example(
                "An hour of business time for important customers",
                "Une heure ouvrée pour les clients importants",
                json!({ "first_response": "1h", "resolution": "8h", "calendar": "@touchpoint" }),
            )
            .example("A day in all", "Un jour en tout", json!({ "resolution": "1d" }))
            .counter_example("Promising nothing", "Ne rien promettre", json!({ "calendar": "@touchpoint" }))
            .counter_example("At once", "Tout de suite", json!({ "first_response": "0s" }))
            .done()
    }

    fn enter(&self, turn: &mut Turn<'_>) -> Result<Next, Fault> {
        let lengths = [self.first_response, self.resolution].map(|length| length.map(Deadline::get));
        turn.promise(lengths, self.calendar.as_ref())?;
        Ok(Next::exit("done"))
    }
}

const EN: &str = "\
## What it does
Promises the contact an agent's first answer, or the end of the conversation, within a time counted from its beginning. What the touchpoint promises is replaced where the node says otherwise.

## When to use it
When who the contact is, or what it is about, decides how soon he must be served.

## Exits
`done` when the promises stand; `error` when the calendar does not exist.

## Settings
With `calendar`, only its open hours count. A promise that is broken is recorded (`timer_fired`) and shown live; desks see the time that is left.

## Pitfalls
It measures and tells; it makes nobody faster: use `set_priority` for that. Time since the beginning counts even when the node comes late, so a promise may be broken the moment it is made. A first answer that was given keeps its promise.
";

const FR: &str = "\
## Ce qu’il fait
Promet au contact la première réponse d’un agent, ou la fin de la conversation, dans un délai compté depuis son début. Ce que promet le point de contact est remplacé là où le nœud en dit autrement.

## Quand l’utiliser
Quand l’identité du contact, ou son sujet, décide de la rapidité avec laquelle il doit être servi.

## Sorties
`done` quand les promesses sont posées ; `error` quand le calendrier n’existe pas.

## Réglages
Avec `calendar`, seules ses heures d’ouverture comptent. Une promesse rompue est enregistrée (`timer_fired`) et montrée en direct ; les bureaux voient le temps qui reste.

## Pièges
Il mesure et informe ; il n’accélère personne : c’est le rôle de `set_priority`. Le temps écoulé depuis le début compte même si le nœud vient tard : une promesse peut être rompue à l’instant où elle est faite. Une première réponse déjà donnée tient sa promesse.
";

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::testing::{Stage, node};

    fn promised(config: Value) -> Stage {
        node("enqueue", json!({ "max_wait": "1d" }))
            .after("set_sla", config)
            .given(json!({ "agents": { "ann": { "skills": { "default": 1 } } } }))
    }

    #[test]
    fn t_16_an_answer_in_time_keeps_the_promise_and_silence_breaks_it() {
        promised(json!({ "first_response": "1h" })).plays(json!([
            { "contact_says": "…" },
            { "agent_accepts": "ann" },
            { "agent_writes": { "agent": "ann", "text": "Bonjour." } },
            { "time_passes": "2h" },
            { "expect": { "timers": [] } },
        ]));
        promised(json!({ "first_response": "1h", "resolution": "3h" })).plays(json!([
            { "contact_says": "…" },
            { "agent_accepts": "ann" },
            { "time_passes": "59m59s" },
            { "expect": { "timers": [] } },
            { "time_passes": "1s" },
            { "expect": { "timers": ["first_response_promise"] } },
            { "time_passes": "2h" },
            { "expect": { "timers": ["resolution_promise"] } },
        ]));
    }

    #[test]
    fn wap_40_only_open_hours_count() {
        let closed =
            json!({ "calendars": { "@touchpoint": "closed" }, "agents": { "ann": { "skills": { "default": 1 } } } });
        promised(json!({ "first_response": "1h", "calendar": "@touchpoint" })).given(closed).plays(json!([
            { "contact_says": "…" },
            { "agent_accepts": "ann" },
            { "time_passes": "5d" },
            { "expect": { "timers": [] } },
        ]));
        node("set_sla", json!({ "resolution": "1h", "calendar": "gone" }))
            .plays(json!([{ "contact_says": "…" }, { "expect": { "ended": "done" } }]));
    }
}
