//! `business_hours`: asks a calendar whether it is open now.

use routewright_engine::{
    calendar::CalendarState,
    describe::describe,
    node::{Fault, Next, Node, Turn},
    script::slots::CalendarRef,
};
use routewright_flows::{Descriptor, ExitRole, Flavour, descriptor::Category};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

/// Goes by opening hours.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BusinessHours {
    /// The calendar; `@touchpoint` is the touchpoint's own.
    #[schemars(extend("x-fr" = "Le calendrier ; `@touchpoint` désigne celui du point de contact."))]
    calendar: CalendarRef,
    /// True leaves by `told` a contact who was told already that it is closed, until it has been open again.
    #[serde(default)]
    #[schemars(extend("x-fr" = "Vrai fait sortir par `told` le contact à qui la fermeture a déjà été dite, tant qu’il n’y a pas eu d’ouverture."))]
    once: bool,
}

impl Node for BusinessHours {
    fn descriptor() -> Descriptor {
        describe::<Self>("business_hours", Category::Decide, Flavour::Instant)
            .title("Business hours", "Heures d’ouverture")
            .docs(EN, FR)
            .icon("clock")
            .exit("open", ExitRole::Normal, "The calendar is open now.", "Le calendrier est ouvert en ce moment.")
            .exit(
                "closed",
                ExitRole::Normal,
                "It is outside the hours of the day.",
                "On est en dehors des heures du jour.",
            )
            .exit("holiday", ExitRole::Normal, "It is a closed date.", "C’est un jour de fermeture.")
            .exit_if(
                "once",
                "told",
                ExitRole::Normal,
                "It is closed, and the contact was told so in this closed time.",
                "C’est fermé, et le contact l’a déjà su pendant cette fermeture.",
            )
            .error_exit()
            .example(
                "The touchpoint's calendar",
                "Le calendrier du point de contact",
                json!({ "calendar": "@touchpoint" }),
            )
            .example("A calendar by name", "Un calendrier nommé", json!({ "calendar": "support-hours" }))
            .example(
                "Told once for each closed time, however often the contact writes",
                "Dit une fois par fermeture, aussi souvent que le contact écrive",
                json!({ "calendar": "@touchpoint", "once": true }),
            )
            .counter_example("No calendar", "Pas de calendrier", json!({}))
            .counter_example("Not a calendar's name", "Pas un nom de calendrier", json!({ "calendar": "9 h - 18 h" }))
            .done()
    }

    fn enter(&self, turn: &mut Turn<'_>) -> Result<Next, Fault> {
        let state = turn.calendar(&self.calendar)?;
        if self.once && state != CalendarState::Open && !turn.tells_closed(&self.calendar)? {
            return Ok(Next::exit("told"));
        }
        Ok(match state {
            CalendarState::Open => Next::exit("open"),
            CalendarState::Closed => Next::exit("closed"),
            CalendarState::Holiday => Next::exit("holiday"),
        })
    }
}

const EN: &str = "\
## What it does
Asks a calendar about this very moment, in the calendar's own time zone, and goes on at once.

## When to use it
At the start of a flow, and again after a long wait: the menu may have been answered the next morning.

## Exits
`open`, `closed` (outside weekly hours), `holiday` (a closed date). Wire the last two to the same node when they make no difference. `told`, which exists only with `once`, for a contact who was told already in this closed time, be it in an earlier conversation.

## Settings
`@touchpoint` keeps the flow free of calendar names, so that one flow serves touchpoints with different hours. `once` suits messages: whoever writes three times at night reads one reply.

## Pitfalls
A touchpoint without a calendar takes `error` for `@touchpoint`. The node looks once; it does not wake when the office opens.
";

const FR: &str = "\
## Ce qu’il fait
Interroge un calendrier sur l’instant présent, dans le fuseau horaire du calendrier, et continue aussitôt.

## Quand l’utiliser
Au début d’un scénario, et de nouveau après une longue attente : la réponse au menu est peut-être venue le lendemain matin.

## Sorties
`open`, `closed` (hors des heures de la semaine), `holiday` (jour de fermeture). Reliez les deux dernières au même nœud si rien ne les distingue. `told`, qui n’existe qu’avec `once`, pour le contact qui l’a déjà su pendant cette fermeture, fût-ce dans une conversation précédente.

## Réglages
`@touchpoint` garde le scénario libre de noms de calendriers : un même scénario sert des points de contact aux horaires différents. `once` convient aux messages : qui écrit trois fois la nuit lit une seule réponse.

## Pièges
Un point de contact sans calendrier prend `error` pour `@touchpoint`. Le nœud regarde une fois ; il ne se réveille pas à l’ouverture.
";

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::node;

    #[test]
    fn the_calendars_state_is_the_exit() {
        for (state, exit) in [("open", "open"), ("closed", "closed"), ("holiday", "holiday")] {
            for name in ["@touchpoint", "desk"] {
                node("business_hours", json!({ "calendar": name }))
                    .given(json!({ "calendars": { name: state } }))
                    .plays(json!([{ "contact_says": "…" }, { "expect": { "ended": exit } }]));
            }
        }
    }

    #[test]
    fn pbx_08_pbx_09_outside_the_hours_each_channel_answers_in_its_own_words() {
        let say = |text: &str, exit: &str| json!({ "kind": "send_message", "config": { "text": { "fr": text } }, "exits": { "done": { "end": exit } } });
        for (channel, says, ended) in
            [("webchat", "Le chat est fermé.", "refused"), ("sms", "Nous lirons votre message.", "kept")]
        {
            node("business_hours", json!({ "calendar": "@touchpoint" }))
                .on(json!([channel]))
                .given(json!({ "calendars": { "@touchpoint": "closed" } }))
                .wired("closed", json!("which"))
                .plays_with(
                    json!({
                        "which": { "kind": "switch", "config": { "value": "interaction.channel", "cases": [
                            { "when": { "equals": "webchat" }, "exit": "chat" } ] },
                            "exits": { "chat": "chat", "otherwise": "messages" } },
                        "chat": say("Le chat est fermé.", "refused"),
                        "messages": say("Nous lirons votre message.", "kept"),
                    }),
                    json!([{ "contact_says": "…" }, { "expect": { "says": [says], "ended": ended } }]),
                );
        }
    }
}
