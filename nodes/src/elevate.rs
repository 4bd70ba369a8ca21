//! `elevate`: takes the conversation to one channel more, which goes on beside the others.

use routewright_engine::{
    describe::describe,
    elevation::Elevation,
    node::{Fault, Next, Node, Prepare, Turn},
    script::slots::{SkillRef, Template, Text},
};
use routewright_flows::{Channel, Descriptor, ExitRole, Flavour, descriptor::Category};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

/// Elevates.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Elevate {
    /// To which channel.
    #[schemars(extend("x-fr" = "Vers quel canal."))]
    to: Target,
}

/// The channel to be opened, with what it needs.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum Target {
    /// A call, made when an agent has the conversation, who is put through.
    Voice(
        #[schemars(
            description = "A call, made when an agent has the conversation, who is put through.",
            extend("x-fr" = "Un appel, passé quand un agent a la conversation ; il est mis en relation.")
        )]
        Call,
    ),
    /// A text message, and those that follow it.
    Sms(
        #[schemars(
            description = "A text message, and those that follow it.",
            extend("x-fr" = "Un SMS, et ceux qui le suivent.")
        )]
        TextMessage,
    ),
    /// An e-mail, and those that follow it.
    Email(
        #[schemars(
            description = "An e-mail, and those that follow it.",
            extend("x-fr" = "Un courriel, et ceux qui le suivent.")
        )]
        Mail,
    ),
}

/// What a call needs.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Call {
    /// The number to call.
    #[schemars(extend("x-fr" = "Le numéro à appeler."))]
    number: Template,
    /// The default skill of the touchpoint that makes the call.
    #[schemars(extend("x-fr" = "La compétence par défaut du point de contact qui passe l’appel."))]
    skill: SkillRef,
}

/// What a text message needs.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct TextMessage {
    /// The number to write to.
    #[schemars(extend("x-fr" = "Le numéro auquel écrire."))]
    number: Template,
    /// The default skill of the touchpoint that sends it.
    #[schemars(extend("x-fr" = "La compétence par défaut du point de contact qui l’envoie."))]
    skill: SkillRef,
    /// What is sent at once; without it the agent writes first.
    #[schemars(extend("x-fr" = "Ce qui est envoyé aussitôt ; sans lui, l’agent écrit le premier."))]
    text: Option<Text>,
}

/// What an e-mail needs.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Mail {
    /// The mailbox to write to.
    #[schemars(extend("x-fr" = "La boîte à laquelle écrire."))]
    address: Template,
    /// The subject.
    #[schemars(extend("x-fr" = "L’objet."))]
    subject: Text,
    /// What is sent at once.
    #[schemars(extend("x-fr" = "Ce qui est envoyé aussitôt."))]
    text: Text,
    /// The default skill of the mailbox that sends it; any when absent.
    #[schemars(extend("x-fr" = "La compétence par défaut de la boîte qui l’envoie ; n’importe laquelle en son absence."))]
    skill: Option<SkillRef>,
}

impl Node for Elevate {
    fn descriptor() -> Descriptor {
        describe::<Self>("elevate", Category::Route, Flavour::Instant)
            .title("Elevate to another channel", "Passer aussi à un autre canal")
            .docs(EN, FR)
            .icon("phone-call")
            .exit(
                "done",
                ExitRole::Normal,
                "The channel belongs to the conversation.",
                "Le canal fait partie de la conversation.",
            )
            .error_exit()
            .example(
                "Call back whoever chats",
                "Appeler qui écrit sur le site",
                json!({ "to": { "voice": { "number": "+33 6 12 34 56 78", "skill": "calls" } } }),
            )
            .example(
                "A text message to the number that he gave",
                "Un SMS au numéro qu’il a donné",
                json!({ "to": { "sms": {
                    "number": "+33 6 12 34 56 78", "skill": "texts",
                    "text": { "fr": "Répondez ici pour continuer.", "en": "Answer here to go on." },
                } } }),
            )
            .example(
                "The rest by e-mail",
                "La suite par courriel",
                json!({ "to": { "email": {
                    "address": "zoe@example.com",
                    "subject": { "fr": "Votre demande", "en": "Your request" },
                    "text": { "fr": "Joignez votre facture à la réponse.", "en": "Attach your invoice to the answer." },
                } } }),
            )
            .counter_example(
                "A call through no line",
                "Un appel par aucune ligne",
                json!({ "to": { "voice": { "number": "+33 6 12 34 56 78" } } }),
            )
            .counter_example(
                "Towards a chat, which no conversation can be elevated to",
                "Vers un tchat, auquel aucune conversation ne peut passer",
                json!({ "to": { "webchat": { "skill": "sales" } } }),
            )
            .done()
    }

    fn prepare(&mut self, cx: &mut Prepare<'_>) {
        match &mut self.to {
            Target::Voice(call) => cx.template(&mut call.number),
            Target::Sms(message) => {
                cx.template(&mut message.number);
                if let Some(text) = &mut message.text {
                    cx.text(text);
                }
            }
            Target::Email(mail) => {
                cx.template(&mut mail.address);
                cx.text(&mut mail.subject);
                cx.text(&mut mail.text);
            }
        }
    }

    fn enter(&self, turn: &mut Turn<'_>) -> Result<Next, Fault> {
        let elevation = match &self.to {
            Target::Voice(Call { number, skill }) => Elevation {
                channel: Channel::Voice,
                address: turn.fill(number)?,
                skill: Some(skill.0.clone()),
                subject: None,
                body: None,
            },
            Target::Sms(TextMessage { number, skill, text }) => Elevation {
                channel: Channel::Sms,
                address: turn.fill(number)?,
                skill: Some(skill.0.clone()),
                subject: None,
                body: text.as_ref().map(|text| turn.render(text)).transpose()?,
            },
            Target::Email(Mail { address, subject, text, skill }) => Elevation {
                channel: Channel::Email,
                address: turn.fill(address)?,
                skill: skill.as_ref().map(|skill| skill.0.clone()),
                subject: Some(turn.render(subject)?),
                body: Some(turn.render(text)?),
            },
        };
        turn.elevate(&elevation)?;
        Ok(Next::exit("done"))
    }
}

const EN: &str = "\
## What it does
Opens one channel more for the conversation: a call, text messages or e-mail. The conversation stays one, with one agent and one timeline; what the contact writes by the new channel belongs to it.

## When to use it
When a chat had better go on by telephone, when a document must come by e-mail, or when the contact leaves the page and is to be reached by text message. To have an agent call later, use `offer_callback`; to send a message that nobody answers, `send_mail`.

## Exits
`done` when the channel belongs to the conversation; `error` when it cannot: none of the conversation's channels leads there, the number or the mailbox is none, no active touchpoint of that channel has the skill, or the agent has no room for it.

## Settings
`voice` calls `number` as soon as an agent has the conversation, and puts him through. `sms` and `email` send their `text` at once. `skill` chooses the line: the active touchpoint of that channel whose default skill it is.

## Pitfalls
A chat, a WhatsApp conversation, a work item or a voicemail leads to e-mail, voice and SMS; each of those three to the two others; nothing leads back to a chat, and nothing to itself. The new channel counts for the agent's limits: who waits then waits for an agent with room for all of them. Read a number or an address that the contact typed with `ask` first.
";

const FR: &str = "\
## Ce qu’il fait
Ouvre un canal de plus pour la conversation : un appel, des SMS ou le courriel. La conversation reste une, avec un seul agent et une seule chronologie ; ce que le contact écrit par le nouveau canal en fait partie.

## Quand l’utiliser
Quand un tchat gagne à se poursuivre au téléphone, quand un document doit arriver par courriel, ou quand le contact quitte la page et doit être joint par SMS. Pour qu’un agent appelle plus tard, préférez `offer_callback` ; pour un message auquel personne ne répond, `send_mail`.

## Sorties
`done` quand le canal fait partie de la conversation ; `error` quand c’est impossible : aucun canal de la conversation n’y mène, le numéro ou la boîte n’en est pas un, aucun point de contact actif de ce canal n’a la compétence, ou l’agent n’a pas de place.

## Réglages
`voice` appelle `number` dès qu’un agent a la conversation, et le met en relation. `sms` et `email` envoient leur `text` aussitôt. `skill` choisit la ligne : le point de contact actif de ce canal dont c’est la compétence par défaut.

## Pièges
Un tchat, une conversation WhatsApp, une tâche ou un message vocal mène au courriel, à la voix et au SMS ; chacun de ces trois aux deux autres ; rien ne ramène à un tchat, et rien à soi-même. Le nouveau canal compte pour les limites de l’agent : qui attend attend alors un agent qui a de la place pour tous. Un numéro ou une adresse tapés par le contact se lisent d’abord par `ask`.
";

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::testing::{Stage, node};

    fn elevate(to: Value) -> Stage {
        node("elevate", json!({ "to": to }))
            .with("contact", json!({ "number": "+33612345678", "mail": "zoe@example.com" }))
    }

    #[test]
    fn max_12_p_17_a_chat_is_called_when_an_agent_has_it() {
        elevate(json!({ "voice": { "number": "${contact.fields.number}", "skill": "calls" } }))
            .given(json!({ "agents": { "ann": { "skills": { "default": 1 }, "available": false } } }))
            .wired("done", json!("line"))
            .plays_with(
                json!({ "line": { "kind": "enqueue", "config": { "max_wait": "1h" }, "exits": { "ended": { "end": "talked" }, "timeout": { "end": "nobody" } } } }),
                json!([
                    { "contact_says": "Appelez-moi." },
                    { "expect": { "at": "line", "calls": [] } },
                    { "agent_arrives": "ann" },
                    { "agent_accepts": "ann" },
                    { "expect": { "calls": ["voice +33612345678 with ann"] } },
                    { "agent_closes": "ann" },
                    { "expect": { "ended": "talked" } },
                ]),
            );
    }

    #[test]
    fn max_11_max_13_texts_and_mails_go_out_at_once() {
        for (to, reached) in [
            (
                json!({ "sms": { "number": "${contact.fields.number}", "skill": "texts", "text": { "fr": "Ici ?" } } }),
                json!(["sms +33612345678: Ici ?"]),
            ),
            (json!({ "sms": { "number": "+33612345678", "skill": "texts" } }), json!([])),
            (
                json!({ "email": { "address": "${contact.fields.mail}", "subject": { "fr": "Suite" }, "text": { "fr": "Voici." } } }),
                json!(["email zoe@example.com: Suite: Voici."]),
            ),
        ] {
            elevate(to).plays(json!([
                { "contact_says": "…" },
                { "expect": { "calls": reached, "ended": "done" } },
            ]));
        }
    }

    #[test]
    fn max_08_what_cannot_be_elevated_leaves_by_error() {
        let sms = |number: &str| json!({ "sms": { "number": number, "skill": "texts", "text": { "fr": "Ici ?" } } });
        for (channel, to) in [("sms", sms("+33612345678")), ("webchat", sms("demain")), ("webchat", sms(""))] {
            elevate(to)
                .with("channel", json!(channel))
                .on(json!([channel]))
                .plays(json!([{ "contact_says": "…" }, { "expect": { "calls": [], "ended": "error" } }]));
        }
        elevate(json!({ "voice": { "number": "+33612345678", "skill": "calls" } }))
            .after("elevate", json!({ "to": { "voice": { "number": "+33612345678", "skill": "calls" } } }))
            .plays(json!([{ "contact_says": "…" }, { "expect": { "ended": "error" } }]));
    }
}
