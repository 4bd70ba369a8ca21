//! `remind`: waits for the contact to write, and reminds him while he does not.

use std::collections::BTreeMap;

use routewright_engine::{
    describe::describe,
    event::Event,
    node::{Fault, Next, Node, Prepare, Turn},
    script::slots::Text,
};
use routewright_flows::{AnswerTimes, Descriptor, ExitRole, Flavour, Leaving, Stay, Waits, descriptor::Category};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use crate::config::Deadline;

/// Reminds a silent contact.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Remind {
    /// The reminders, said one after another while the contact stays silent.
    #[schemars(length(min = 1, max = 10), extend("x-fr" = "Les relances, dites l’une après l’autre tant que le contact se tait."))]
    reminders: Vec<Reminder>,
    /// How long to wait after the last one.
    #[schemars(extend("x-fr" = "Combien de temps attendre après la dernière."))]
    give_up_after: Deadline,
}

/// One reminder.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Reminder {
    /// How long the contact has been silent, since the one before or since the node was entered.
    #[schemars(extend("x-fr" = "Depuis combien de temps le contact se tait, à compter de la précédente ou de l’entrée dans le nœud."))]
    after: Deadline,
    /// What is said.
    #[schemars(extend("x-fr" = "Ce qui est dit."))]
    text: Text,
}

const SILENCE: &str = "silence";

impl Node for Remind {
    fn descriptor() -> Descriptor {
        describe::<Self>("remind", Category::Time, Flavour::Waiting)
            .title("Remind", "Relancer")
            .docs(EN, FR)
            .icon("bell-ring")
            .exit("message", ExitRole::Normal, "The contact wrote.", "Le contact a écrit.")
            .exit(
                "silent",
                ExitRole::Timeout,
                "The contact stayed silent after every reminder.",
                "Le contact s’est tu après toutes les relances.",
            )
            .error_exit()
            .example(
                "Once after an hour, then a day",
                "Une fois après une heure, puis un jour",
                json!({
                    "reminders": [{ "after": "1h", "text": { "fr": "Êtes-vous toujours là ?", "en": "Are you still there?" } }],
                    "give_up_after": "1d",
                }),
            )
            .counter_example("Nothing to say", "Rien à dire", json!({ "reminders": [], "give_up_after": "1d" }))
            .counter_example(
                "Waiting for ever",
                "Attendre toujours",
                json!({ "reminders": [{ "after": "1h", "text": { "fr": "Toujours là ?" } }] }),
            )
            .done()
    }

    fn prepare(&mut self, cx: &mut Prepare<'_>) {
        for reminder in &mut self.reminders {
            cx.text(&mut reminder.text);
        }
    }

    fn stay(&self, _: AnswerTimes) -> Option<Stay> {
        let give_up = self.give_up_after.get();
        let mut lengths = self.reminders.iter().map(|reminder| reminder.after.get());
        let Some(first) = lengths.next() else { return Some(Stay::Own(Waits::silent(give_up))) };
        let later = lengths.max();
        let any = Leaving { quiet: Some(first), after: Some(later.unwrap_or_default().max(give_up)) };
        Some(Stay::Own(Waits {
            first: Some(first),
            between: later,
            fault: Leaving { quiet: Some(first), after: later },
            by: BTreeMap::from([("silent", Leaving::after(give_up))]),
            otherwise: any,
            rounds: None,
        }))
    }

    fn enter(&self, turn: &mut Turn<'_>) -> Result<Next, Fault> {
        Ok(self.wait(0, turn))
    }

    fn resume(&self, event: &Event, turn: &mut Turn<'_>) -> Result<Next, Fault> {
        match event {
            Event::Message(_) => Ok(Next::exit("message")),
            Event::Alarm(_) => {
                let said: usize = turn.memory();
                let Some(reminder) = self.reminders.get(said) else { return Ok(Next::exit("silent")) };
                let text = turn.render(&reminder.text)?;
                turn.say_text(text)?;
                Ok(self.wait(said + 1, turn))
            }
            Event::Routed(_) | Event::Answered(_) | Event::Returned { .. } => Ok(Next::Wait),
        }
    }
}

impl Remind {
    fn wait(&self, said: usize, turn: &mut Turn<'_>) -> Next {
        let length = self.reminders.get(said).map_or(self.give_up_after, |reminder| reminder.after);
        turn.alarm(SILENCE, length.get());
        turn.remember(&said);
        Next::Wait
    }
}

const EN: &str = "\
## What it does
Waits for the contact's next message. While he stays silent it says the reminders, each after its time, and gives up at the end.

## When to use it
After a question in free words, or when a contact must do something elsewhere first. `menu` and `ask` repeat their own question; this reminds without asking.

## Exits
`message` as soon as the contact writes; what he wrote is `message.text` in the next nodes. `silent` when the last reminder has gone unanswered for `give_up_after`.

## Settings
Each reminder has its own `after`, counted from the one before.

## Pitfalls
On WhatsApp only templates may be sent once the contact has been silent for 24 hours: keep reminders below that. A reminder that comes due while the service is down is said once it is back.
";

const FR: &str = "\
## Ce qu’il fait
Attend le prochain message du contact. Tant qu’il se tait, dit les relances, chacune en son temps, et finit par renoncer.

## Quand l’utiliser
Après une question en mots libres, ou quand le contact doit d’abord faire autre chose ailleurs. `menu` et `ask` répètent leur propre question ; celui-ci relance sans demander.

## Sorties
`message` dès que le contact écrit ; ce qu’il a écrit est `message.text` dans les nœuds suivants. `silent` quand la dernière relance reste sans réponse pendant `give_up_after`.

## Réglages
Chaque relance a son propre `after`, compté depuis la précédente.

## Pièges
Sur WhatsApp, seuls des modèles peuvent partir après 24 heures de silence du contact : restez en deçà. Une relance échue pendant une interruption du service est dite à son retour.
";

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::testing::{Stage, node};

    fn twice() -> Stage {
        let reminder = |after: &str, text: &str| -> Value { json!({ "after": after, "text": { "fr": text } }) };
        let config = json!({ "reminders": [reminder("1h", "Un."), reminder("2h", "Deux.")], "give_up_after": "30m" });
        node("remind", config)
    }

    #[test]
    fn dyd_04_reminds_each_in_its_time_then_gives_up() {
        twice().plays(json!([
            { "contact_says": "…" },
            { "time_passes": "59m" },
            { "expect": { "says": [], "at": "it" } },
            { "time_passes": "1m" },
            { "expect": { "says": ["Un."] } },
            { "time_passes": "2h" },
            { "expect": { "says": ["Deux."] } },
            { "time_passes": "29m" },
            { "expect": { "at": "it" } },
            { "time_passes": "1m" },
            { "expect": { "says": [], "ended": "silent" } },
        ]));
    }

    #[test]
    fn the_contacts_message_ends_it() {
        twice().plays(json!([
            { "contact_says": "…" },
            { "time_passes": "61m" },
            { "contact_says": "me voilà" },
            { "expect": { "says": ["Un."], "ended": "message" } },
        ]));
    }
}
