//! `send_mail`: sends an e-mail to anybody, the contact or not.

use routewright_engine::{
    call::{Call, CallAnswer, MailCall},
    describe::describe,
    event::Event,
    node::{Fault, Next, Node, Prepare, Turn},
    script::slots::{SecretRef, Template, Text},
};
use routewright_flows::{AnswerTimes, Descriptor, ExitRole, Flavour, Stay, descriptor::Category};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use crate::calling::{self, AttemptTime, bounded, patience};

/// Sends an e-mail.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SendMail {
    /// The secret that holds the mail server's address, `smtps://user:password@mail.example.com`.
    #[schemars(extend("x-fr" = "Le secret qui contient l’adresse du serveur de courriel, `smtps://user:password@mail.example.com`."))]
    server: SecretRef,
    /// The sender's address.
    #[schemars(extend("x-fr" = "L’adresse de l’expéditeur."))]
    from: Template,
    /// The receivers' addresses.
    #[schemars(length(min = 1, max = 20), extend("x-fr" = "Les adresses des destinataires."))]
    to: Vec<Template>,
    /// Where answers go, when not to the sender.
    #[schemars(extend("x-fr" = "Où vont les réponses, si ce n’est à l’expéditeur."))]
    reply_to: Option<Template>,
    /// The subject.
    #[schemars(extend("x-fr" = "L’objet."))]
    subject: Text,
    /// The text.
    #[schemars(extend("x-fr" = "Le texte."))]
    text: Text,
    /// How long one attempt may take.
    #[serde(default)]
    #[schemars(extend("x-fr" = "Combien de temps peut durer une tentative."))]
    timeout: AttemptTime,
    /// Attempts after the first.
    #[serde(default = "retries_default")]
    #[schemars(range(max = 5), extend("x-fr" = "Tentatives après la première."))]
    retries: u8,
}

fn retries_default() -> u8 {
    2
}

impl Node for SendMail {
    fn descriptor() -> Descriptor {
        describe::<Self>("send_mail", Category::CallOut, Flavour::Waiting)
            .title("Send an e-mail", "Envoyer un courriel")
            .docs(EN, FR)
            .icon("mail")
            .exit("sent", ExitRole::Normal, "The mail server took it.", "Le serveur de courriel l’a pris.")
            .exit(
                "failed",
                ExitRole::Error,
                "The mail server could not be reached, or refused it.",
                "Le serveur de courriel est injoignable, ou l’a refusé.",
            )
            .error_exit()
            .example(
                "Tell the back office",
                "Prévenir le service interne",
                json!({
                    "server": "mail", "from": "desk@example.com", "to": ["back.office@example.com"],
                    "subject": { "fr": "Rappel demandé", "en": "Callback wanted" },
                    "text": { "fr": "Rappelez ${contact.address}.", "en": "Call ${contact.address} back." },
                }),
            )
            .counter_example(
                "To nobody",
                "À personne",
                json!({ "server": "mail", "from": "desk@example.com", "to": [], "subject": { "fr": "Vide" }, "text": { "fr": "…" } }),
            )
            .counter_example(
                "By no server",
                "Par aucun serveur",
                json!({ "from": "desk@example.com", "to": ["a@example.com"], "subject": { "fr": "Vide" }, "text": { "fr": "…" } }),
            )
            .done()
    }

    fn prepare(&mut self, cx: &mut Prepare<'_>) {
        cx.template(&mut self.from);
        for template in self.to.iter_mut().chain(&mut self.reply_to) {
            cx.template(template);
        }
        cx.text(&mut self.subject);
        cx.text(&mut self.text);
    }

    fn stay(&self, _: AnswerTimes) -> Option<Stay> {
        Some(calling::stay(patience(self.timeout, self.retries)))
    }

    fn enter(&self, turn: &mut Turn<'_>) -> Result<Next, Fault> {
        let mut to = Vec::with_capacity(self.to.len());
        for address in &self.to {
            to.push(turn.fill(address)?);
        }
        let call = Call::Mail(MailCall {
            server: self.server.0.clone(),
            from: turn.fill(&self.from)?,
            to,
            reply_to: self.reply_to.as_ref().map(|address| turn.fill(address)).transpose()?,
            subject: turn.render(&self.subject)?,
            text: bounded(turn.render(&self.text)?)?,
            patience: patience(self.timeout, self.retries),
        });
        Ok(calling::make(call, turn))
    }

    fn resume(&self, event: &Event, _: &mut Turn<'_>) -> Result<Next, Fault> {
        Ok(match event {
            Event::Answered(CallAnswer::Accepted {}) => Next::exit("sent"),
            // A rehearsal answers every call alike: there, a good status stands for a server that took the message.
            Event::Answered(CallAnswer::Replied { status: 200..300, .. }) => Next::exit("sent"),
            Event::Answered(CallAnswer::Failed { .. } | CallAnswer::Replied { .. }) | Event::Alarm(_) => {
                Next::exit("failed")
            }
            Event::Message(_) | Event::Routed(_) | Event::Returned { .. } => Next::Wait,
        })
    }
}

const EN: &str = "\
## What it does
Sends an e-mail through your own mail server and waits until that has taken it. The message carries a `Message-ID` that never changes, so a mailbox can tell a repeated one.

## When to use it
To tell a colleague or another service, or to send the contact a trace of what was said on another channel. To answer on the e-mail channel itself, use `send_message`.

## Exits
`sent` when the server took it; `failed` when it could not be reached or refused the message after all attempts.

## Settings
`server` names a secret with the server's address and password; administrators store it under `/api/v1/secrets`. Texts are in the contact's language.

## Pitfalls
A server that takes a message may still fail to deliver it; that comes back as an e-mail to the sender. Addresses that a contact typed should be read with `ask` and the type `email` first.
";

const FR: &str = "\
## Ce qu’il fait
Envoie un courriel par votre propre serveur et attend que celui-ci l’ait pris. Le message porte un `Message-ID` qui ne change jamais : une boîte reconnaît une répétition.

## Quand l’utiliser
Pour prévenir un collègue ou un autre service, ou envoyer au contact une trace de ce qui s’est dit sur un autre canal. Pour répondre sur le canal courriel lui-même, préférez `send_message`.

## Sorties
`sent` quand le serveur l’a pris ; `failed` quand il est injoignable ou a refusé le message après toutes les tentatives.

## Réglages
`server` nomme un secret contenant l’adresse et le mot de passe du serveur ; les administrateurs le déposent sous `/api/v1/secrets`. Les textes sont dans la langue du contact.

## Pièges
Un serveur qui prend un message peut encore échouer à le remettre ; cela revient par courriel à l’expéditeur. Une adresse tapée par un contact se lit d’abord par `ask` avec le type `email`.
";

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::node;

    #[test]
    fn it_is_sent_once_the_server_took_it() {
        for (answer, exit) in [
            (json!({ "outside_answers": {} }), "sent"),
            (json!({ "outside_fails": "refused" }), "failed"),
            (json!({ "time_passes": "5m" }), "failed"),
        ] {
            let text = json!({ "fr": "Rappelez ${contact.address}." });
            node("send_mail", json!({ "server": "mail", "from": "d@example.com", "to": ["a@example.com", "${contact.fields.mail}"], "subject": text, "text": text }))
                .with("contact", json!({ "mail": "zoe@example.com" }))
                .plays(json!([
                    { "contact_says": "…" },
                    { "expect": { "calls": ["mail a@example.com, zoe@example.com"] } },
                    answer,
                    { "expect": { "ended": exit } },
                ]));
        }
    }
}
