//! `wait`: lets time pass.

use routewright_engine::{
    describe::describe,
    event::Event,
    node::{Fault, Next, Node, Turn},
};
use routewright_flows::{AnswerTimes, Descriptor, ExitRole, Flavour, Stay, Waits, descriptor::Category};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use crate::config::Deadline;

/// Lets time pass.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Wait {
    /// How long.
    #[serde(rename = "for")]
    #[schemars(extend("x-fr" = "Combien de temps."))]
    length: Deadline,
    /// True leaves by `message` as soon as the contact writes.
    #[serde(default)]
    #[schemars(extend("x-fr" = "Vrai fait sortir par `message` dès que le contact écrit."))]
    interruptible: bool,
}

impl Node for Wait {
    fn descriptor() -> Descriptor {
        describe::<Self>("wait", Category::Time, Flavour::Waiting)
            .title("Wait", "Attendre")
            .docs(EN, FR)
            .icon("hourglass")
            .exit("done", ExitRole::Normal, "The time has passed.", "Le temps est passé.")
            .exit_if("interruptible", "message", ExitRole::Normal, "The contact wrote.", "Le contact a écrit.")
            .example("A short pause", "Une courte pause", json!({ "for": "5s" }))
            .example(
                "A day, unless the contact writes",
                "Un jour, sauf si le contact écrit",
                json!({ "for": "1d", "interruptible": true }),
            )
            .counter_example("No time at all", "Aucune durée", json!({ "for": "0s" }))
            .counter_example("Longer than any wait may be", "Plus long que toute attente", json!({ "for": "31d" }))
            .done()
    }

    fn stay(&self, _: AnswerTimes) -> Option<Stay> {
        Some(Stay::Own(Waits::silent(self.length.get())))
    }

    fn enter(&self, turn: &mut Turn<'_>) -> Result<Next, Fault> {
        turn.alarm("elapsed", self.length.get());
        Ok(Next::Wait)
    }

    fn resume(&self, event: &Event, _: &mut Turn<'_>) -> Result<Next, Fault> {
        Ok(match event {
            Event::Alarm(_) => Next::exit("done"),
            Event::Message(_) if self.interruptible => Next::exit("message"),
            Event::Message(_) | Event::Routed(_) | Event::Answered(_) | Event::Returned { .. } => Next::Wait,
        })
    }
}

const EN: &str = "\
## What it does
Waits for the time given, in real time, and goes on. It survives restarts to the second.

## When to use it
Between two messages, before asking again, before a reminder.

## Exits
`done` when the time has passed. `message` exists only with `interruptible`, and is taken as soon as the contact writes.

## Settings
From one second to 30 days.

## Pitfalls
Without `interruptible`, what the contact writes is kept in the history but moves nothing. The next node after `message` does not hear that message again; a script after it may read it as `message`.
";

const FR: &str = "\
## Ce qu’il fait
Attend la durée donnée, en temps réel, et continue. L’attente survit aux redémarrages, à la seconde près.

## Quand l’utiliser
Entre deux messages, avant de redemander, avant un rappel.

## Sorties
`done` quand le temps est passé. `message` n’existe qu’avec `interruptible`, et se prend dès que le contact écrit.

## Réglages
D’une seconde à 30 jours.

## Pièges
Sans `interruptible`, ce qu’écrit le contact reste dans l’historique mais ne fait rien avancer. Le nœud qui suit `message` n’entend pas ce message une seconde fois ; un script placé là peut le lire comme `message`.
";

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::node;

    #[test]
    fn time_passes_and_a_message_interrupts_only_where_it_may() {
        node("wait", json!({ "for": "1h" })).plays(json!([
            { "contact_says": "…" },
            { "contact_says": "allô ?" },
            { "time_passes": "59m59s" },
            { "expect": { "at": "it" } },
            { "time_passes": "1s" },
            { "expect": { "ended": "done" } },
        ]));
        node("wait", json!({ "for": "1h", "interruptible": true })).plays(json!([
            { "contact_says": "…" },
            { "expect": { "at": "it" } },
            { "contact_says": "allô ?" },
            { "expect": { "ended": "message" } },
        ]));
    }
}
