//! `http_request`: asks another system over HTTP and goes on with its answer.

use std::{collections::BTreeMap, fmt::Write as _};

use routewright_engine::{
    call::{Call, CallAnswer, HttpCall, Method, Patience},
    describe::describe,
    event::Event,
    node::{Fault, Next, Node, Prepare, Turn},
    script::slots::{AttributeRef, Formula, SecretRef, Template},
};
use routewright_flows::{
    AnswerTimes, AttributeName, Descriptor, ExitRole, Flavour, Stay, check::Possible, descriptor::Category,
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::calling::{self, AttemptTime, address_schema, bounded, header_names, patience};

/// Asks another system.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HttpRequest {
    /// The method.
    #[serde(default = "method_default")]
    #[schemars(extend("x-fr" = "La méthode."))]
    method: Method,
    /// Where to; the host is written out, the rest may hold `${expressions}`.
    #[schemars(transform = host_written_out, extend("x-fr" = "Vers où ; l’hôte est écrit en toutes lettres, le reste peut contenir des `${expressions}`."))]
    url: Template,
    /// Parameters added to the address, encoded as they must be.
    #[serde(default)]
    #[schemars(extend("x-fr" = "Paramètres ajoutés à l’adresse, encodés comme il se doit."))]
    query: BTreeMap<String, Template>,
    /// Headers.
    #[serde(default)]
    #[schemars(extend("propertyNames" = header_names()), extend("x-fr" = "En-têtes."))]
    headers: BTreeMap<String, Template>,
    /// Headers whose whole value is a secret, by the secret's name.
    #[serde(default)]
    #[schemars(extend("propertyNames" = header_names()), extend("x-fr" = "En-têtes dont toute la valeur est un secret, par le nom du secret."))]
    secret_headers: BTreeMap<String, SecretRef>,
    /// What is sent.
    #[schemars(extend("x-fr" = "Ce qui est envoyé."))]
    send: Option<Send>,
    /// The secret that signs the request, for a receiver who checks the signature.
    #[schemars(extend("x-fr" = "Le secret qui signe la requête, pour un destinataire qui vérifie la signature."))]
    sign_with: Option<SecretRef>,
    /// How long one attempt may take.
    #[serde(default)]
    #[schemars(extend("x-fr" = "Combien de temps peut durer une tentative."))]
    timeout: AttemptTime,
    /// Attempts after the first, when it brought no answer or a status of 429 or from 500; 2 for `GET`, `PUT` and `DELETE`, 0 for `POST` and `PATCH` when absent.
    #[schemars(range(max = 5), extend("x-fr" = "Tentatives après la première, si elle n’a eu aucune réponse, ou un statut 429 ou à partir de 500 ; 2 pour `GET`, `PUT` et `DELETE`, 0 pour `POST` et `PATCH` en son absence."))]
    retries: Option<u8>,
    /// Parts of a JSON answer, each as a JSON pointer with the attribute that takes it; `\"\"` is the whole answer.
    #[serde(default)]
    #[schemars(extend("propertyNames" = json!({ "pattern": "^(/.*)?$" })), extend("x-fr" = "Des parties d’une réponse JSON, chacune par un pointeur JSON avec l’attribut qui la reçoit ; `\"\"` est toute la réponse."))]
    into: BTreeMap<String, AttributeRef>,
    /// The attribute that takes the status.
    #[schemars(extend("x-fr" = "L’attribut qui reçoit le statut."))]
    status_into: Option<AttributeRef>,
    /// The attribute that takes the answer as text.
    #[schemars(extend("x-fr" = "L’attribut qui reçoit la réponse sous forme de texte."))]
    text_into: Option<AttributeRef>,
}

/// What is sent.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum Send {
    /// The value of an expression, as JSON.
    Json(
        #[schemars(
            description = "The value of an expression, as JSON.",
            extend("x-fr" = "La valeur d’une expression, en JSON.")
        )]
        Formula,
    ),
    /// Fields, as a web form sends them.
    Form(
        #[schemars(
            description = "Fields, as a web form sends them.",
            extend("x-fr" = "Des champs, comme les envoie un formulaire.")
        )]
        BTreeMap<String, Template>,
    ),
    /// A text as it is; name its type in the header `content-type`.
    Text(
        #[schemars(
            description = "A text as it is; name its type in the header `content-type`.",
            extend("x-fr" = "Un texte tel quel ; nommez son type dans l’en-tête `content-type`.")
        )]
        Template,
    ),
}

fn method_default() -> Method {
    Method::Get
}

fn host_written_out(schema: &mut schemars::Schema) {
    for (keyword, value) in address_schema().as_object().into_iter().flatten() {
        schema.insert(keyword.clone(), value.clone());
    }
}

impl Node for HttpRequest {
    fn descriptor() -> Descriptor {
        describe::<Self>("http_request", Category::CallOut, Flavour::Waiting)
            .title("HTTP request", "Requête HTTP")
            .docs(EN, FR)
            .icon("globe")
            .exit("ok", ExitRole::Normal, "The answer has a status of 200 to 299.", "La réponse a un statut de 200 à 299.")
            .exit(
                "rejected",
                ExitRole::Error,
                "The answer has any other status.",
                "La réponse a tout autre statut.",
            )
            .exit(
                "failed",
                ExitRole::Error,
                "There was no usable answer: none in time, none at all, too large, or a host that is not to be called.",
                "Il n’y a pas eu de réponse utilisable : pas à temps, pas du tout, trop grande, ou un hôte qu’il ne faut pas appeler.",
            )
            .error_exit()
            .example(
                "Read a customer's file",
                "Lire la fiche d’un client",
                json!({
                    "url": "https://crm.example.com/customers", "query": { "phone": "${contact.address}" },
                    "secret_headers": { "authorization": "crm" },
                    "into": { "/tier": "tier" }, "status_into": "status",
                }),
            )
            .example(
                "Open a ticket",
                "Ouvrir un ticket",
                json!({
                    "method": "POST", "url": "https://desk.example.com/tickets", "retries": 2, "timeout": "5s",
                    "send": { "json": "#{ subject: \"Callback\", phone: contact.address }" }, "sign_with": "desk",
                }),
            )
            .counter_example(
                "A host that the contact could choose",
                "Un hôte que le contact pourrait choisir",
                json!({ "url": "https://${message.text}/x" }),
            )
            .counter_example(
                "A header that is not the author's to set",
                "Un en-tête qui n’est pas du ressort de l’auteur",
                json!({ "url": "https://crm.example.com/", "headers": { "Host": "other" } }),
            )
            .counter_example(
                "Patience without end",
                "Une patience sans fin",
                json!({ "url": "https://crm.example.com/", "timeout": "10m" }),
            )
            .done()
    }

    fn prepare(&mut self, cx: &mut Prepare<'_>) {
        cx.template(&mut self.url);
        for template in self.query.values_mut().chain(self.headers.values_mut()) {
            cx.template(template);
        }
        match &mut self.send {
            None => {}
            Some(Send::Json(formula)) => cx.formula(formula),
            Some(Send::Form(fields)) => fields.values_mut().for_each(|field| cx.template(field)),
            Some(Send::Text(text)) => cx.template(text),
        }
    }

    fn stores(&self) -> Vec<(AttributeName, Possible)> {
        let status = self.status_into.iter().map(|into| (into.0.clone(), Possible::WHOLE));
        let text = self.text_into.iter().map(|into| (into.0.clone(), Possible::TEXT));
        status.chain(text).collect()
    }

    fn stay(&self, _: AnswerTimes) -> Option<Stay> {
        Some(calling::stay(self.patience()))
    }

    fn enter(&self, turn: &mut Turn<'_>) -> Result<Next, Fault> {
        let mut url = turn.fill(&self.url)?;
        let query = fields(&self.query, turn)?;
        if !query.is_empty() {
            url.push(if url.contains('?') { '&' } else { '?' });
            url.push_str(&query);
        }
        let mut headers = BTreeMap::new();
        let body = self.body(&mut headers, turn)?;
        for (name, template) in &self.headers {
            headers.insert(name.to_ascii_lowercase(), turn.fill(template)?);
        }
        let secret = |(name, secret): (&String, &SecretRef)| (name.to_ascii_lowercase(), secret.0.clone());
        let call = Call::Http(HttpCall {
            method: self.method,
            url: bounded(url)?,
            headers,
            secret_headers: self.secret_headers.iter().map(secret).collect(),
            body: body.map(bounded).transpose()?,
            sign_with: self.sign_with.as_ref().map(|secret| secret.0.clone()),
            patience: self.patience(),
        });
        Ok(calling::make(call, turn))
    }

    fn resume(&self, event: &Event, turn: &mut Turn<'_>) -> Result<Next, Fault> {
        match event {
            Event::Answered(CallAnswer::Replied { status, body }) => self.take(*status, body, turn),
            Event::Answered(CallAnswer::Failed { .. } | CallAnswer::Accepted {}) | Event::Alarm(_) => {
                Ok(Next::exit("failed"))
            }
            Event::Message(_) | Event::Routed(_) | Event::Returned { .. } => Ok(Next::Wait),
        }
    }
}

impl HttpRequest {
    fn patience(&self) -> Patience {
        patience(self.timeout, self.retries.unwrap_or(if self.method.is_repeatable() { 2 } else { 0 }))
    }

    fn body(&self, headers: &mut BTreeMap<String, String>, turn: &mut Turn<'_>) -> Result<Option<String>, Fault> {
        let mut is = |kind: &str| headers.insert("content-type".to_owned(), kind.to_owned());
        Ok(match &self.send {
            None => None,
            Some(Send::Json(formula)) => {
                is("application/json");
                Some(turn.value(formula)?.to_string())
            }
            Some(Send::Form(form)) => {
                is("application/x-www-form-urlencoded");
                Some(fields(form, turn)?)
            }
            Some(Send::Text(text)) => {
                is("text/plain; charset=utf-8");
                Some(turn.fill(text)?)
            }
        })
    }

    fn take(&self, status: u16, body: &str, turn: &mut Turn<'_>) -> Result<Next, Fault> {
        if let Some(into) = &self.status_into {
            turn.set(&into.0, json!(status))?;
        }
        if let Some(into) = &self.text_into {
            turn.set(&into.0, json!(body))?;
        }
        if !(200..300).contains(&status) {
            return Ok(Next::exit("rejected"));
        }
        if !self.into.is_empty() {
            let answer: Value = serde_json::from_str(body).map_err(|error| {
                Fault::new(
                    "answer-not-json",
                    format!("the answer is not JSON ({error}): leave `into` out, or ask for JSON"),
                    format!("la réponse n’est pas du JSON ({error}) : omettez `into`, ou demandez du JSON"),
                )
            })?;
            for (pointer, into) in &self.into {
                if let Some(part) = answer.pointer(pointer).filter(|part| !part.is_null()) {
                    turn.set(&into.0, part.clone())?;
                }
            }
        }
        Ok(Next::exit("ok"))
    }
}

/// Fields as an address or a form writes them.
fn fields(fields: &BTreeMap<String, Template>, turn: &mut Turn<'_>) -> Result<String, Fault> {
    let mut text = String::new();
    for (name, template) in fields {
        let value = turn.fill(template)?;
        if !text.is_empty() {
            text.push('&');
        }
        encode(name, &mut text);
        text.push('=');
        encode(&value, &mut text);
    }
    Ok(text)
}

/// Percent-encodes all but what every part of an address may hold.
fn encode(text: &str, to: &mut String) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            to.push(char::from(byte));
        } else {
            // Writing into a String cannot fail.
            let _ = write!(to, "%{byte:02X}");
        }
    }
}

const EN: &str = "\
## What it does
Sends one HTTP request, waits for the answer, stores parts of it in attributes, and goes on. The request leaves after everything so far has been stored, under an `Idempotency-Key` that never changes, so a receiver can tell a repeated one.

## When to use it
To read a customer's file, to open a ticket, to ask another system for a decision. To tell somebody without waiting, use `emit_event`.

## Exits
`ok` for a status of 200 to 299; `rejected` for any other; `failed` when there was no usable answer after all attempts. Unwired, the last two go to `error`, else to the flow's handler.

## Settings
`send` is JSON (the value of an expression), a form, or a text. `into` picks parts of a JSON answer by JSON pointer; a part that is missing or null leaves its attribute alone. Secrets are named, never written: administrators store them under `/api/v1/secrets`. Requests and answers hold at most 256 KiB. A host that fails five times in a row is left alone for half a minute. Signed requests carry `Routewright-Timestamp` and `Routewright-Signature`, an HMAC-SHA-256 of timestamp, method, address and body.

## Pitfalls
Addresses of this machine and of private networks are refused unless the operator allows them. Redirects are not followed: a status of 301 is `rejected`. What the contact writes while the node waits is not heard by it. A `POST` is tried once unless `retries` says otherwise: retry only where the receiver honours the key. Put what contacts wrote into `query`, not into `url`: only there is it encoded.
";

const FR: &str = "\
## Ce qu’il fait
Envoie une requête HTTP, attend la réponse, en range des parties dans des attributs, et continue. La requête part après que tout ce qui précède a été enregistré, sous une `Idempotency-Key` qui ne change jamais : un destinataire reconnaît une répétition.

## Quand l’utiliser
Pour lire la fiche d’un client, ouvrir un ticket, demander une décision à un autre système. Pour informer sans attendre, préférez `emit_event`.

## Sorties
`ok` pour un statut de 200 à 299 ; `rejected` pour tout autre ; `failed` quand il n’y a pas eu de réponse utilisable après toutes les tentatives. Non reliées, les deux dernières vont à `error`, sinon au gestionnaire du scénario.

## Réglages
`send` est du JSON (la valeur d’une expression), un formulaire ou un texte. `into` prélève des parties d’une réponse JSON par pointeur JSON ; une partie absente ou nulle laisse son attribut tel quel. Les secrets se nomment, ne s’écrivent jamais : les administrateurs les déposent sous `/api/v1/secrets`. Requêtes et réponses font 256 Kio au plus. Un hôte qui échoue cinq fois de suite est laissé en paix une demi-minute. Les requêtes signées portent `Routewright-Timestamp` et `Routewright-Signature`, un HMAC-SHA-256 de l’horodatage, de la méthode, de l’adresse et du corps.

## Pièges
Les adresses de cette machine et des réseaux privés sont refusées, sauf si l’exploitant les autorise. Les redirections ne sont pas suivies : un statut 301 est `rejected`. Ce que le contact écrit pendant l’attente n’est pas entendu par ce nœud. Un `POST` n’est tenté qu’une fois, sauf si `retries` en dit autrement : ne réessayez que là où le destinataire honore la clé. Mettez ce qu’ont écrit les contacts dans `query`, non dans `url` : là seulement, c’est encodé.
";

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::testing::{Stage, node};

    fn ask(config: Value) -> Stage {
        let mut whole = json!({ "url": "https://crm.example/c", "query": { "q": "${message.text}" }, "into": { "/tier": "tier" }, "status_into": "status" });
        for (name, value) in config.as_object().into_iter().flatten() {
            whole[name] = value.clone();
        }
        node("http_request", whole).attributes(
            json!({ "tier": { "type": "string" }, "status": { "type": "integer" }, "text": { "type": "string" } }),
        )
    }

    #[test]
    fn the_answer_is_taken_apart() {
        ask(json!({ "text_into": "text" })).plays(json!([
            { "contact_says": "a&b é" },
            { "expect": { "calls": ["GET https://crm.example/c?q=a%26b%20%C3%A9"], "at": "it" } },
            { "contact_says": "encore ?" },
            { "expect": { "calls": [], "at": "it" } },
            { "outside_answers": { "body": { "tier": "gold" } } },
            { "expect": { "ended": "ok", "attributes": { "tier": "gold", "status": 200, "text": "{\"tier\":\"gold\"}" } } },
        ]));
    }

    #[test]
    fn every_answer_has_its_exit() {
        for (answer, exit, tier) in [
            (json!({ "outside_answers": { "body": {} } }), "ok", Value::Null),
            (json!({ "outside_answers": { "status": 204, "body": { "tier": null } } }), "ok", Value::Null),
            (json!({ "outside_answers": { "status": 404, "body": { "tier": "gold" } } }), "rejected", Value::Null),
            (json!({ "outside_answers": { "status": 301 } }), "rejected", Value::Null),
            (json!({ "outside_answers": { "body": "not json" } }), "error", Value::Null),
            (json!({ "outside_answers": { "body": { "tier": 3 } } }), "error", Value::Null),
            (json!({ "outside_fails": "timeout" }), "failed", Value::Null),
            (json!({ "outside_fails": "forbidden" }), "failed", Value::Null),
            (json!({ "time_passes": "5m" }), "failed", Value::Null),
        ] {
            ask(json!({})).plays(json!([
                { "contact_says": "…" },
                answer,
                { "expect": { "ended": exit, "attributes": { "tier": tier } } },
            ]));
        }
    }

    #[test]
    fn a_failure_that_is_not_wired_goes_to_the_handler() {
        // The stage wires every exit; a node without is what `unwired-exit` is about, so it is led to a handler that
        // does not exist: the default skill takes over.
        ask(json!({})).wired("failed", json!({ "handler": "error" })).plays(json!([
            { "contact_says": "…" },
            { "outside_fails": "unreachable" },
            { "expect": { "waiting_for": ["default"] } },
        ]));
    }

    #[test]
    fn an_answer_that_comes_too_late_changes_nothing() {
        ask(json!({})).wired("failed", json!("after")).plays_with(
            json!({ "after": { "kind": "wait", "config": { "for": "1h" }, "exits": { "done": { "end": "waited" } } } }),
            json!([
                { "contact_says": "…" },
                { "time_passes": "5m" },
                { "expect": { "at": "after" } },
                { "outside_answers": { "body": { "tier": "gold" } } },
                { "expect": { "at": "after", "attributes": { "tier": null } } },
                { "time_passes": "1h" },
                { "expect": { "ended": "waited" } },
            ]),
        );
    }
}
