//! `emit_event`: tells other systems what happened, without waiting for them.

use std::collections::BTreeMap;

use routewright_engine::{
    call::{Call, HttpCall, Method},
    describe::describe,
    node::{Fault, Next, Node, Prepare, Turn},
    script::slots::{Formula, SecretRef, Template},
};
use routewright_flows::{Descriptor, ExitRole, Flavour, descriptor::Category};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::calling::{AttemptTime, address_schema, bounded, patience};

/// Tells other systems.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EmitEvent {
    /// What happened, as a short name: `order.found`.
    #[schemars(regex(pattern = "^[a-z][a-z0-9_.-]{0,63}$"), extend("x-fr" = "Ce qui s’est passé, en un nom court : `order.found`."))]
    name: String,
    /// What there is to know about it, as an expression.
    #[schemars(extend("x-fr" = "Ce qu’il y a à en savoir, sous forme d’expression."))]
    data: Option<Formula>,
    /// Where it is sent besides the live stream.
    #[schemars(extend("x-fr" = "Où il est envoyé, outre le flux en direct."))]
    webhook: Option<Webhook>,
}

/// Where it is sent.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Webhook {
    /// The address; the host is written out, the rest may hold `${expressions}`.
    #[schemars(transform = host_written_out, extend("x-fr" = "L’adresse ; l’hôte est écrit en toutes lettres, le reste peut contenir des `${expressions}`."))]
    url: Template,
    /// The secret that signs it.
    #[schemars(extend("x-fr" = "Le secret qui le signe."))]
    sign_with: Option<SecretRef>,
}

fn host_written_out(schema: &mut schemars::Schema) {
    for (keyword, value) in address_schema().as_object().into_iter().flatten() {
        schema.insert(keyword.clone(), value.clone());
    }
}

/// Attempts after the first: nobody waits, so there is time. Six attempts span a quarter of a minute and their timeouts.
const RETRIES: u8 = 5;

impl Node for EmitEvent {
    fn descriptor() -> Descriptor {
        describe::<Self>("emit_event", Category::CallOut, Flavour::Instant)
            .title("Emit an event", "Émettre un événement")
            .docs(EN, FR)
            .icon("radio-tower")
            .exit(
                "done",
                ExitRole::Normal,
                "The event is recorded and on its way.",
                "L’événement est enregistré et en route.",
            )
            .error_exit()
            .example("On the live stream only", "Sur le flux en direct seulement", json!({ "name": "menu.left" }))
            .example(
                "To a webhook, signed",
                "Vers un webhook, signé",
                json!({
                    "name": "callback.wanted", "data": "#{ phone: contact.address }",
                    "webhook": { "url": "https://hooks.example.com/routing", "sign_with": "hooks" },
                }),
            )
            .counter_example(
                "A name that is a sentence",
                "Un nom qui est une phrase",
                json!({ "name": "Order found!" }),
            )
            .counter_example(
                "A host that the contact could choose",
                "Un hôte que le contact pourrait choisir",
                json!({ "name": "x", "webhook": { "url": "https://${message.text}" } }),
            )
            .done()
    }

    fn prepare(&mut self, cx: &mut Prepare<'_>) {
        if let Some(data) = &mut self.data {
            cx.formula(data);
        }
        if let Some(webhook) = &mut self.webhook {
            cx.template(&mut webhook.url);
        }
    }

    fn enter(&self, turn: &mut Turn<'_>) -> Result<Next, Fault> {
        let data = self.data.as_ref().map_or(Ok(Value::Null), |data| turn.value(data))?;
        if let Some(webhook) = &self.webhook {
            let interaction = turn.interaction();
            let body = json!({
                "event": self.name,
                "at": turn.now().to_string(),
                "interaction": interaction.id,
                "touchpoint": interaction.touchpoint,
                "channel": interaction.channel,
                "data": data,
            });
            let call = Call::Http(HttpCall {
                method: Method::Post,
                url: turn.fill(&webhook.url)?,
                headers: BTreeMap::from([("content-type".to_owned(), "application/json".to_owned())]),
                secret_headers: BTreeMap::new(),
                body: Some(bounded(body.to_string())?),
                sign_with: webhook.sign_with.as_ref().map(|secret| secret.0.clone()),
                patience: patience(AttemptTime::default(), RETRIES),
            });
            turn.call(call);
        }
        turn.emit(self.name.clone(), data);
        Ok(Next::exit("done"))
    }
}

const EN: &str = "\
## What it does
Records that something happened, shows it on the live stream, sends it to a webhook when one is given, and goes on at once.

## When to use it
To tell a CRM, a dashboard or a warehouse what a flow found out. When the flow needs the answer, use `http_request`.

## Exits
`done`, before anybody has received it. How the delivery went is in the interaction's timeline (`call_ended`).

## Settings
A webhook receives a `POST` with `event`, `at`, `interaction`, `touchpoint`, `channel` and `data`, up to six times while it gives no answer, or a status of 429 or from 500, always under the same `Idempotency-Key`. `sign_with` signs it as `http_request` does.

## Pitfalls
Events may arrive twice, and out of order: go by the key and by `at`. What `data` holds is kept in the journal and shown on the stream: no secrets.
";

const FR: &str = "\
## Ce qu’il fait
Enregistre que quelque chose s’est passé, le montre sur le flux en direct, l’envoie à un webhook s’il y en a un, et continue aussitôt.

## Quand l’utiliser
Pour informer un CRM, un tableau de bord ou un entrepôt de ce qu’un scénario a trouvé. Quand le scénario a besoin de la réponse, préférez `http_request`.

## Sorties
`done`, avant que quiconque l’ait reçu. L’issue de la remise figure dans la chronologie de l’interaction (`call_ended`).

## Réglages
Un webhook reçoit un `POST` avec `event`, `at`, `interaction`, `touchpoint`, `channel` et `data`, jusqu’à six fois tant qu’il ne répond pas, ou répond par un statut 429 ou à partir de 500, toujours sous la même `Idempotency-Key`. `sign_with` le signe comme le fait `http_request`.

## Pièges
Un événement peut arriver deux fois, et dans le désordre : fiez-vous à la clé et à `at`. Ce que contient `data` est gardé au journal et montré sur le flux : pas de secrets.
";

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::node;

    #[test]
    fn the_flow_goes_on_before_anybody_has_answered() {
        node(
            "emit_event",
            json!({ "name": "a.b", "data": "1 + 1", "webhook": { "url": "https://h.example/${interaction.channel}" } }),
        )
        .plays(json!([
            { "contact_says": "…" },
            { "expect": { "calls": ["POST https://h.example/webchat"], "ended": "done" } },
            { "outside_fails": "unreachable" },
            { "expect": { "ended": "done" } },
        ]));
        node("emit_event", json!({ "name": "a.b", "data": "1 / 0" }))
            .plays(json!([{ "contact_says": "…" }, { "expect": { "calls": [], "ended": "error" } }]));
    }
}
