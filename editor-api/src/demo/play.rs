//! Plays one conversation against a running server: a contact at the touchpoint `whatsapp`, and the agent `lea`.
//!
//! It speaks plain HTTP, as any integration would, and follows the conversation by the interaction's own event stream:
//! whatever is printed, the server has said. It deliberately assumes nothing about timing; it waits for facts.

use std::{collections::VecDeque, fmt::Display, io::Write, time::Duration};

use futures_util::StreamExt;
use reqwest::{Method, Response, StatusCode};
use routewright_flows::Words;
use serde_json::{Value, json};
use tokio::time::timeout;

use super::script::{Script, heading};
use crate::{keys::random_hex, language::Language};

/// How long the play waits for one fact. Everything happens at once on a healthy server.
const PATIENCE: Duration = Duration::from_secs(20);

/// A play that runs.
pub struct Play<'o> {
    url: String,
    key: String,
    language: Language,
    out: &'o mut (dyn Write + Send),
    http: reqwest::Client,
    /// Messages sent so far: each needs an id of its own.
    sent: u32,
    /// The contact, new for every play, so that plays do not meet.
    contact: String,
}

/// The play came to an end before its time.
#[derive(Debug, thiserror::Error)]
pub enum PlayError {
    /// No server, or no answer.
    #[error("the server does not answer: {0}")]
    Http(#[from] reqwest::Error),
    /// The server refused.
    #[error("{method} {path}: {status}: {problem}")]
    Refused {
        /// Of the request.
        method: Method,
        /// Of the request.
        path: String,
        /// Of the answer.
        status: StatusCode,
        /// What the server said, and what to do.
        problem: String,
    },
    /// What should have happened did not.
    #[error("'{0}' did not happen in time")]
    Missed(String),
    /// The terminal is gone.
    #[error("cannot print: {0}")]
    Print(#[from] std::io::Error),
    /// The machine has no random numbers.
    #[error(transparent)]
    Random(#[from] crate::keys::NoRandomness),
}

impl PlayError {
    /// The sentence with its next step.
    #[must_use]
    pub fn words(&self) -> Words {
        match self {
            Self::Http(error) => Words::new(
                format!("{self}; is 'routewright serve --demo' running, and is --url its address?"),
                format!(
                    "le serveur ne répond pas : {error} ; « routewright serve --demo » tourne-t-il, et --url est-elle son adresse ?"
                ),
            ),
            Self::Refused { status, problem, .. } => Words::new(
                format!("{self}; 'routewright serve --demo' prints the key to use"),
                format!(
                    "le serveur refuse ({status}) : {problem} ; « routewright serve --demo » affiche la clé à utiliser"
                ),
            ),
            Self::Missed(what) => Words::new(
                format!("{self}; is another agent of 'demo' online, or the centre closed today?"),
                format!(
                    "« {what} » n’est pas arrivé à temps ; un autre agent de « demo » est-il en ligne, ou le centre est-il fermé aujourd’hui ?"
                ),
            ),
            Self::Print(_) | Self::Random(_) => Words::new(self.to_string(), self.to_string()),
        }
    }
}

impl<'o> Play<'o> {
    /// A play at a server, told in a language.
    pub fn new(url: &str, key: &str, language: Language, out: &'o mut (dyn Write + Send)) -> Self {
        Self {
            url: url.trim_end_matches('/').to_owned(),
            key: key.to_owned(),
            language,
            out,
            http: reqwest::Client::new(),
            sent: 0,
            contact: String::new(),
        }
    }

    /// Plays it to its end.
    ///
    /// # Errors
    /// [`PlayError`] when the server refuses, or what should happen does not.
    pub async fn run(mut self) -> Result<(), PlayError> {
        let random = u32::from_str_radix(&random_hex::<4>()?, 16).unwrap_or_default();
        self.contact = format!("+336{:08}", random % 100_000_000);
        let title = json!({ "title": "routewright demo", "role": "agent", "agent": "lea" });
        let admin = self.key.clone();
        let made = self.ask(Method::POST, "/api/v1/keys", &admin, Some(title)).await?;
        let agent_key = text(&made["key"]).to_owned();
        let played = self.play(&agent_key).await;
        // The agent's key was for this play alone; she leaves with it.
        let gone = json!({ "status": "offline" });
        self.ask(Method::PUT, "/api/v1/agents/lea/presence", &agent_key, Some(gone)).await?;
        self.ask(Method::DELETE, &format!("/api/v1/keys/{}", text(&made["id"])), &admin, None).await?;
        played
    }

    async fn play(&mut self, lea: &str) -> Result<(), PlayError> {
        let script = Script::of(self.language);
        self.heading("ready")?;
        let here = json!({ "status": "available" });
        self.ask(Method::PUT, "/api/v1/agents/lea/presence", lea, Some(here)).await?;

        self.heading("contact")?;
        let heard = self.contact_sends(json!({ "text": script.greeting }), script.greeting).await?;
        let interaction = text(&heard["interaction"]).to_owned();
        let mut facts = self.follow(&interaction).await?;
        let heard = self.contact_sends(json!({ "choice": script.topic }), script.topic).await?;
        debug_assert_eq!(heard["interaction"], interaction.as_str(), "one contact has one conversation at a time");

        let offer = facts.until(|fact| fact["fact"] == "offer_made" && fact["agent"] == "lea", "offer_made").await?;
        self.heading("offer")?;
        self.ask(Method::POST, &format!("/api/v1/offers/{}/accept", text(&offer["offer"])), lea, None).await?;
        facts.until(|fact| fact["fact"] == "offer_accepted", "offer_accepted").await?;

        self.heading("talk")?;
        self.agent_writes(&interaction, lea, script.agent_hello).await?;
        self.contact_sends(json!({ "text": script.question }), script.question).await?;
        self.agent_writes(&interaction, lea, script.agent_answer).await?;
        self.contact_sends(json!({ "text": script.thanks }), script.thanks).await?;

        self.heading("wrap_up")?;
        self.ask(Method::POST, &format!("/api/v1/interactions/{interaction}/close"), lea, None).await?;
        let record = json!({ "disposition": "resolved" });
        self.ask(Method::POST, &format!("/api/v1/interactions/{interaction}/finish"), lea, Some(record)).await?;
        facts.until(|fact| fact["fact"] == "wrap_up_ended", "wrap_up_ended").await?;

        self.heading("survey")?;
        let asked =
            facts.until(|fact| fact["fact"] == "message_sent" && fact["said"]["by"] == "flow", "message_sent").await?;
        self.line("flow", text(&asked["said"]["text"]))?;
        self.contact_sends(json!({ "text": script.rating }), script.rating).await?;
        self.contact_sends(json!({ "text": script.comment }), script.comment).await?;
        facts.until(|fact| fact["fact"] == "interaction_ended", "interaction_ended").await?;

        self.heading("journal")?;
        let path = format!("/api/v1/interactions/{interaction}/timeline");
        let admin = self.key.clone();
        let timeline = self.ask(Method::GET, &path, &admin, None).await?;
        for fact in timeline["items"].as_array().into_iter().flatten() {
            writeln!(self.out, "  {}  {}", text(&fact["at"]), summary(fact))?;
        }
        Ok(())
    }

    /// The contact sends something, and reads what is said in return.
    async fn contact_sends(&mut self, mut message: Value, shown: &str) -> Result<Value, PlayError> {
        self.sent += 1;
        message["from"] = self.contact.as_str().into();
        message["event_id"] = format!("{}-{}", self.contact, self.sent).into();
        message["locale"] = self.language.tag().into();
        self.line("contact", shown)?;
        let key = self.key.clone();
        let heard = self.ask(Method::POST, "/api/v1/touchpoints/whatsapp/messages", &key, Some(message)).await?;
        for said in heard["said"].as_array().into_iter().flatten() {
            self.line(text(&said["by"]), text(&said["text"]))?;
            let labels: Vec<_> = said["options"].as_array().into_iter().flatten().map(|o| text(&o["label"])).collect();
            if !labels.is_empty() {
                self.line("", &format!("[{}]", labels.join("] [")))?;
            }
        }
        Ok(heard)
    }

    async fn agent_writes(&mut self, interaction: &str, lea: &str, words: &str) -> Result<(), PlayError> {
        let path = format!("/api/v1/interactions/{interaction}/messages");
        self.ask(Method::POST, &path, lea, Some(json!({ "text": words }))).await?;
        self.line("agent:lea", words)
    }

    /// Follows the interaction's facts from its first.
    async fn follow(&self, interaction: &str) -> Result<Facts, PlayError> {
        let path = format!("/api/v1/interactions/{interaction}/stream");
        let request = self.http.get(format!("{}{path}", self.url)).bearer_auth(&self.key);
        let response = refused(request.send().await?, Method::GET, path).await?;
        let pieces = response.bytes_stream().map(|piece| piece.map(|bytes| bytes.to_vec())).boxed();
        Ok(Facts { pieces, read: Vec::new(), facts: VecDeque::new() })
    }

    async fn ask(&self, method: Method, path: &str, key: &str, body: Option<Value>) -> Result<Value, PlayError> {
        let request = self.http.request(method.clone(), format!("{}{path}", self.url)).bearer_auth(key);
        let request = request.header("accept-language", self.language.tag());
        let request = body.iter().fold(request, |request, body| request.json(body));
        let response = refused(request.send().await?, method, path.to_owned()).await?;
        Ok(response.json().await?)
    }

    fn heading(&mut self, step: &str) -> Result<(), PlayError> {
        Ok(writeln!(self.out, "\n# {}", self.language.of(&heading(step)))?)
    }

    fn line(&mut self, by: &str, words: &str) -> Result<(), PlayError> {
        Ok(writeln!(self.out, "  {by:>10} {} {words}", if by.is_empty() { ' ' } else { '│' })?)
    }
}

/// The facts of one interaction, as they come.
struct Facts {
    pieces: futures_util::stream::BoxStream<'static, reqwest::Result<Vec<u8>>>,
    /// What has come and is not a whole line yet.
    read: Vec<u8>,
    facts: VecDeque<Value>,
}

impl Facts {
    /// The next fact that passes a test; those before it are let go.
    async fn until(&mut self, test: impl Fn(&Value) -> bool, what: &str) -> Result<Value, PlayError> {
        let found = timeout(PATIENCE, async {
            loop {
                while let Some(fact) = self.facts.pop_front() {
                    if test(&fact) {
                        return Ok(Some(fact));
                    }
                }
                let Some(piece) = self.pieces.next().await else {
                    return Ok::<_, PlayError>(None);
                };
                self.read.extend(piece?);
                while let Some(end) = self.read.iter().position(|byte| *byte == b'\n') {
                    let line: Vec<u8> = self.read.drain(..=end).collect();
                    let data = line.strip_prefix(b"data:").and_then(|data| serde_json::from_slice(data).ok());
                    self.facts.extend(data);
                }
            }
        });
        found.await.ok().transpose()?.flatten().ok_or_else(|| PlayError::Missed(what.to_owned()))
    }
}

async fn refused(response: Response, method: Method, path: String) -> Result<Response, PlayError> {
    let status = response.status();
    if status.is_success() {
        return Ok(response);
    }
    let problem: Value = response.json().await.unwrap_or_default();
    let problem = format!("{}. {}", text(&problem["detail"]), text(&problem["hint"]));
    Err(PlayError::Refused { method, path, status, problem })
}

/// A fact in one line: its name, and the plainest of its members.
fn summary(fact: &Value) -> impl Display {
    let members =
        ["flow", "node", "exit", "offer", "agent", "disposition", "question", "value"].into_iter().filter_map(|name| {
            let shown = match fact.get(name)? {
                Value::Null => return None,
                Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            Some(format!("{name}={shown}"))
        });
    let mut line = vec![text(&fact["fact"]).to_owned()];
    line.extend(members);
    line.join(" ")
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
