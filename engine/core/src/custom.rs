//! Node types that a tenant brings himself, as data: a manifest says everything a Rust type's descriptor says, and its
//! behaviour is a script or another system.
//!
//! A *script type* runs a script that reads `config` beside everything else a script may read, and answers at once. A
//! *remote type* asks an HTTP endpoint, signed, and waits. Both answer alike: the name of an exit, or an object with
//! `exit`, `set` (attributes) and `say` (a text).
//!
//! What it deliberately does not do: it judges no manifest beyond what would make it unusable. The conformance suite of
//! the vocabulary does, for these types and for Rust types alike. A published flow carries the manifests it was published
//! with, so a newer manifest never changes a flow that runs.

use std::{borrow::Cow, collections::BTreeMap, collections::BTreeSet, sync::Arc};

use routewright_flows::{
    AttributeName, Channel, Descriptor, ExitName, ExitRole, ExitSpec, Flavour, HumanDuration, Kind, Stay, Waits, Words,
    check::{Reader, Reading},
    descriptor::{Category, Example, Exits, Slot, Stability},
    scenario::Given,
    scenario::ScenarioStep,
    slots::{FoundSlot, SlotContent, SlotMap},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::{
    call::{Call, CallAnswer, HttpCall, Method, Patience},
    event::Event,
    id::SecretId,
    limits::{CALL_BYTES_MAX, CALL_GRACE, CALL_RETRIES_MAX},
    node::{Fault, Next, PreparedNode, Registry},
    script::{
        Views as _,
        slots::{Formula, Script, Template, Text, TextSource},
        template,
    },
    step::{Prepare, Turn},
};

/// A node type as a tenant writes it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Its name in flow documents; none that this build has.
    #[schemars(extend("x-fr" = "Son nom dans les scénarios ; aucun de ceux que ce logiciel a déjà."))]
    pub kind: Kind,
    /// Its version, for people.
    #[schemars(extend("x-fr" = "Sa version, pour les lecteurs."))]
    pub version: String,
    /// Its name for people.
    #[schemars(extend("x-fr" = "Son nom, tel qu’on l’affiche."))]
    pub title: Words,
    /// Its page, in Markdown, with the headings of every node type's page.
    #[schemars(extend("x-fr" = "Sa page, en Markdown, avec les titres de toute page de type de nœud."))]
    pub docs: Words,
    /// The palette group.
    #[schemars(extend("x-fr" = "Le groupe dans la palette."))]
    pub category: Category,
    /// A lucide icon name.
    #[serde(default = "icon_default")]
    #[schemars(extend("x-fr" = "Le nom d’une icône lucide."))]
    pub icon: String,
    /// Channels it works on; all when empty.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    #[schemars(extend("x-fr" = "Les canaux où il convient ; tous s’il n’y en a aucun."))]
    pub channels: BTreeSet<Channel>,
    /// Its ways out, besides `error`, and `failed` of a remote type, which every type of its strength has.
    #[schemars(extend("x-fr" = "Ses sorties, outre « error », et « failed » d’un type distant, qu’ont tous les types de sa sorte."))]
    pub exits: Vec<ManifestExit>,
    /// JSON Schema of its configuration: a closed object, every property described in both languages. `x-slot` marks
    /// properties that hold expressions, attributes or names, as in the standard types.
    #[schemars(extend("x-fr" = "Le schéma JSON de ses réglages : un objet fermé, chaque propriété décrite dans les deux langues. « x-slot » marque celles qui contiennent expressions, attributs ou noms, comme dans les types standard."))]
    pub config: Value,
    /// Configurations that must be accepted, and ones that must be refused.
    #[schemars(extend("x-fr" = "Des réglages à accepter, et d’autres à refuser."))]
    pub examples: Vec<ManifestExample>,
    /// Conversations that must go as written.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("x-fr" = "Des conversations qui doivent se passer comme il est écrit."))]
    pub tests: Vec<ManifestTest>,
    /// What it does.
    #[schemars(extend("x-fr" = "Ce qu’il fait."))]
    pub run: Behaviour,
}

fn icon_default() -> String {
    "puzzle".to_owned()
}

/// A way out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ManifestExit {
    /// Its name.
    #[schemars(extend("x-fr" = "Son nom."))]
    pub name: ExitName,
    /// When it is taken.
    #[schemars(extend("x-fr" = "Quand elle est prise."))]
    pub docs: Words,
    /// What it stands for.
    #[serde(default = "normal")]
    #[schemars(extend("x-fr" = "Ce qu’elle représente."))]
    pub role: ExitRole,
}

fn normal() -> ExitRole {
    ExitRole::Normal
}

/// A configuration with the verdict it must get.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ManifestExample {
    /// What it shows.
    #[schemars(extend("x-fr" = "Ce qu’il montre."))]
    pub title: Words,
    /// The configuration.
    #[schemars(extend("x-fr" = "Les réglages."))]
    pub config: Map<String, Value>,
    /// False when it must be refused.
    #[serde(default = "yes")]
    #[schemars(extend("x-fr" = "Décoché s’ils doivent être refusés."))]
    pub valid: bool,
}

fn yes() -> bool {
    true
}

/// A conversation with one node of the type; each of its exits ends the flow under its own name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ManifestTest {
    /// What it shows, as a sentence.
    #[schemars(extend("x-fr" = "Ce qu’il montre, en une phrase."))]
    pub name: String,
    /// The node's configuration.
    #[serde(default)]
    #[schemars(extend("x-fr" = "Les réglages du nœud."))]
    pub config: Map<String, Value>,
    /// The flow's attributes, as a flow document declares them.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    #[schemars(extend("x-fr" = "Les attributs du scénario, tels qu’un scénario les déclare."))]
    pub attributes: Map<String, Value>,
    /// Facts known of the contact.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(extend("x-fr" = "Ce que l’on sait du contact."))]
    pub contact: BTreeMap<String, Value>,
    /// The world around the flow.
    #[serde(default, skip_serializing_if = "Given::is_empty")]
    #[schemars(extend("x-fr" = "Le monde autour du scénario."))]
    pub given: Given,
    /// What happens and what must be seen.
    #[schemars(extend("x-fr" = "Ce qui se passe et ce qu’il faut voir."))]
    pub steps: Vec<ScenarioStep>,
}

/// What a type does.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Behaviour {
    /// Runs this script.
    Script(String),
    /// Asks another system.
    Remote(Remote),
}

/// Another system that decides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Remote {
    /// Where it is asked, by `POST`.
    #[schemars(extend("x-fr" = "Où on l’interroge, par « POST »."))]
    pub url: String,
    /// The secret that signs requests, so that it knows they are ours.
    #[schemars(extend("x-fr" = "Le secret qui signe les demandes, pour qu’il sache qu’elles sont de nous."))]
    pub sign_with: SecretId,
    /// How long one attempt may take: 1 to 60 seconds.
    #[serde(default = "timeout_default")]
    #[schemars(extend("x-fr" = "La durée d’une tentative : de 1 à 60 secondes."))]
    pub timeout: HumanDuration,
    /// Attempts after the first; it recognises them by their `Idempotency-Key`.
    #[serde(default = "retries_default")]
    #[schemars(range(max = 5))]
    #[schemars(extend("x-fr" = "Les tentatives après la première ; il les reconnaît à leur « Idempotency-Key »."))]
    pub retries: u8,
}

impl Remote {
    /// How long and how often it is asked.
    fn patience(&self) -> Patience {
        Patience { timeout: self.timeout, retries: self.retries, backoff: HumanDuration::from_millis(500) }
    }
}

fn timeout_default() -> HumanDuration {
    HumanDuration::from_millis(10_000)
}

fn retries_default() -> u8 {
    2
}

/// The exit of a remote type whose system gave no usable answer.
const FAILED: &str = "failed";
const ERROR: &str = "error";

impl Manifest {
    /// What makes it unusable, in both languages; nothing when it can be installed.
    #[must_use]
    pub fn faults(&self) -> Vec<Words> {
        let mut faults = Vec::new();
        let mut fault = |en: String, fr: String| faults.push(Words::new(en, fr));
        let mut names = BTreeSet::from([ERROR, FAILED]);
        for exit in &self.exits {
            let name = exit.name.as_str();
            if !names.insert(name) {
                fault(
                    format!("exit '{name}' is declared twice, or is one that every type has"),
                    format!("la sortie « {name} » est déclarée deux fois, ou est de celles que tout type possède"),
                );
            }
        }
        if self.exits.is_empty() {
            fault("it has no exit".to_owned(), "il n’a aucune sortie".to_owned());
        }
        if self.config.get("type").is_none_or(|kind| kind != "object") {
            fault(
                "its `config` is not the JSON Schema of an object".to_owned(),
                "son `config` n’est pas le JSON Schema d’un objet".to_owned(),
            );
        }
        if let Behaviour::Remote(remote) = &self.run {
            let seconds = remote.timeout.get().as_secs();
            if !(1..=60).contains(&seconds) || CALL_RETRIES_MAX < remote.retries {
                fault(
                    format!(
                        "its patience is out of bounds: a timeout of 1s to 60s, at most {CALL_RETRIES_MAX} retries"
                    ),
                    format!("sa patience est hors bornes : un délai de 1s à 60s, au plus {CALL_RETRIES_MAX} reprises"),
                );
            }
            if !["https://", "http://"].iter().any(|scheme| remote.url.starts_with(scheme)) {
                fault(
                    format!("'{}' is not an address: expected https://", remote.url),
                    format!("« {} » n’est pas une adresse : attendu https://", remote.url),
                );
            }
        }
        faults
    }

    /// How long contacts stay: a script answers at once; another system within its patience. Neither need say anything.
    fn stay(&self) -> Option<Stay> {
        match &self.run {
            Behaviour::Script(_) => None,
            Behaviour::Remote(remote) => Some(Stay::Own(Waits::silent(remote.patience().in_all() + CALL_GRACE))),
        }
    }

    /// What the rest of the product needs to know of it.
    #[must_use]
    pub fn descriptor(&self) -> Descriptor {
        let exit = |exit: &ManifestExit| ExitSpec {
            name: exit.name.clone(),
            role: exit.role,
            docs: exit.docs.clone(),
            only_if: None,
        };
        let mut fixed: Vec<ExitSpec> = self.exits.iter().map(exit).collect();
        let mut failure = |name: &str, docs: Words| {
            let name = ExitName::new(name).expect("'error' and 'failed' are names of exits");
            fixed.push(ExitSpec { name, role: ExitRole::Error, docs, only_if: None });
        };
        let flavour = match self.run {
            Behaviour::Script(_) => Flavour::Instant,
            Behaviour::Remote(_) => {
                failure(
                    FAILED,
                    Words::new(
                        "The other system gave no usable answer.",
                        "L’autre système n’a pas donné de réponse utilisable.",
                    ),
                );
                Flavour::Waiting
            }
        };
        failure(
            ERROR,
            Words::new(
                "The node could not do its work. Unwired, the flow's error handler takes over.",
                "Le nœud n’a pas pu faire son travail. Non relié, le gestionnaire d’erreur du scénario prend le relais.",
            ),
        );
        let example = |example: &ManifestExample| Example {
            title: example.title.clone(),
            config: example.config.clone(),
            valid: example.valid,
        };
        Descriptor {
            kind: self.kind.clone(),
            title: self.title.clone(),
            docs: self.docs.clone(),
            category: self.category,
            icon: Cow::Owned(self.icon.clone()),
            flavour,
            exits: Exits { fixed, from_config: None },
            config: self.config.clone(),
            channels: if self.channels.is_empty() { Channel::ALL.into_iter().collect() } else { self.channels.clone() },
            examples: self.examples.iter().map(example).collect(),
            since: Cow::Owned(self.version.clone()),
            stability: Stability::Stable,
        }
    }
}

impl Registry {
    /// Adds a type of a tenant's own. A type of the build keeps its name: such a manifest is left out.
    #[must_use]
    pub fn install(self, manifest: Manifest) -> Self {
        if self.has(&manifest.kind) {
            return self;
        }
        let descriptor = manifest.descriptor();
        let slots = SlotMap::of(&manifest.config);
        let exits: BTreeSet<String> = manifest.exits.iter().map(|exit| exit.name.to_string()).collect();
        // Its schema alone decides what it takes.
        let stay = manifest.stay();
        let reader = Reader::new(move |_, _| Ok(Reading { stay: stay.clone(), ..Reading::default() }));
        let shared = Arc::new(Type { manifest, slots, exits });
        self.add_prepared(descriptor, reader, move |config, cx| Ok(prepare(&shared, config, cx)))
    }
}

/// What all nodes of a type share.
struct Type {
    manifest: Manifest,
    slots: SlotMap,
    exits: BTreeSet<String>,
}

fn prepare(kind: &Arc<Type>, config: Map<String, Value>, cx: &mut Prepare<'_>) -> Arc<dyn PreparedNode> {
    match &kind.manifest.run {
        Behaviour::Script(body) => {
            let mut expressions = found(&kind.slots, &config, |slot| matches!(slot, Slot::Expression { .. }));
            for (pointer, source) in found(&kind.slots, &config, |slot| matches!(slot, Slot::Template)) {
                let mut template = Template::from(source);
                cx.template(&mut template);
                expressions.insert(pointer, filled(template.source()));
            }
            for (pointer, mut text) in texts(&kind.slots, &config) {
                cx.text(&mut text);
                expressions.insert(pointer, in_his_language(&text, cx));
            }
            let mut source = String::from("let config = ");
            literal(&Value::Object(config), "", &expressions, &mut source);
            source.push_str("; ");
            source.push_str(body);
            let mut script = Script::from(source);
            cx.script(&mut script);
            Arc::new(ScriptNode { kind: Arc::clone(kind), script })
        }
        Behaviour::Remote(remote) => {
            let of = |wanted: fn(&Slot) -> bool| found(&kind.slots, &config, wanted);
            let mut formulas: Vec<(String, Formula)> = of(|slot| matches!(slot, Slot::Expression { .. }))
                .into_iter()
                .map(|(pointer, source)| (pointer, Formula::from(source)))
                .collect();
            let mut templates: Vec<(String, Template)> = of(|slot| matches!(slot, Slot::Template))
                .into_iter()
                .map(|(pointer, source)| (pointer, Template::from(source)))
                .collect();
            let mut texts = texts(&kind.slots, &config);
            texts.iter_mut().for_each(|(_, text)| cx.text(text));
            formulas.iter_mut().for_each(|(_, formula)| cx.formula(formula));
            templates.iter_mut().for_each(|(_, template)| cx.template(template));
            let (kind, remote) = (Arc::clone(kind), remote.clone());
            Arc::new(RemoteNode { kind, remote, config: Value::Object(config), formulas, templates, texts })
        }
    }
}

fn found(slots: &SlotMap, config: &Map<String, Value>, wanted: impl Fn(&Slot) -> bool) -> BTreeMap<String, String> {
    let found = slots.find(config);
    let text = |found: &FoundSlot<'_>| Some((found.pointer.clone(), found.text()?.to_owned()));
    found.iter().filter(|found| wanted(&found.slot)).filter_map(text).collect()
}

/// The texts for contacts that a configuration holds, with their places.
fn texts(slots: &SlotMap, config: &Map<String, Value>) -> Vec<(String, Text)> {
    let found = slots.find(config);
    let text = |found: &FoundSlot<'_>| match (&found.slot, found.content) {
        (Slot::Text, SlotContent::Value(value)) => Some((found.pointer.clone(), Text::deserialize(value).ok()?)),
        _ => None,
    };
    found.iter().filter_map(text).collect()
}

/// An expression that gives what a template fills in: `join` writes values as templates do.
fn filled(template: &str) -> String {
    let mut expression = String::from("join([");
    for part in template::parts(template) {
        match part {
            template::Stretch::Literal(text) => quote(&text, &mut expression),
            template::Stretch::Expression(source) => {
                expression.push('(');
                expression.push_str(source);
                expression.push(')');
            }
        }
        expression.push(',');
    }
    expression.push_str("], \"\")");
    expression
}

/// An expression that gives a text in the contact's language: his exact tag, his language, else the first there is.
fn in_his_language(text: &Text, cx: &Prepare<'_>) -> String {
    let by_locale = match text.source() {
        TextSource::Inline(texts) => &texts.0,
        TextSource::Key(key) => match cx.document.texts.get(key) {
            Some(texts) => &texts.0,
            // The fault is on record already.
            None => return "\"\"".to_owned(),
        },
    };
    let mut expression = String::new();
    for (locale, template) in by_locale {
        expression.push_str(&format!("if contact.locale == \"{}\" {{ {} }} else ", locale.as_str(), filled(template)));
    }
    let mut languages = BTreeSet::new();
    for (locale, any) in by_locale {
        let language = locale.language();
        if languages.insert(language) {
            let template = filled(by_locale.get(language).unwrap_or(any));
            expression.push_str(&format!(
                "if contact.locale == \"{language}\" || starts_with(contact.locale, \"{language}-\") {{ {template} }} else "
            ));
        }
    }
    let first = by_locale.values().next().map_or_else(|| "\"\"".to_owned(), |template| filled(template));
    format!("{expression}{{ {first} }}")
}

/// A value as a script writes it; a text at one of these places is an expression of the author's.
fn literal(value: &Value, pointer: &str, expressions: &BTreeMap<String, String>, to: &mut String) {
    if let Some(expression) = expressions.get(pointer) {
        to.push('(');
        to.push_str(expression);
        to.push(')');
        return;
    }
    match value {
        Value::Null => to.push_str("()"),
        Value::Bool(_) => to.push_str(&value.to_string()),
        Value::Number(number) => match number.as_i64() {
            Some(whole) => to.push_str(&whole.to_string()),
            // Written out without an exponent, whatever its size.
            None => {
                let text = format!("{}", number.as_f64().unwrap_or_default());
                to.push_str(&text);
                if !text.contains('.') {
                    to.push_str(".0");
                }
            }
        },
        Value::String(text) => quote(text, to),
        Value::Array(items) => {
            to.push('[');
            for (at, item) in items.iter().enumerate() {
                literal(item, &format!("{pointer}/{at}"), expressions, to);
                to.push(',');
            }
            to.push(']');
        }
        Value::Object(members) => {
            to.push_str("#{");
            for (name, member) in members {
                quote(name, to);
                to.push(':');
                let escaped = name.replace('~', "~0").replace('/', "~1");
                literal(member, &format!("{pointer}/{escaped}"), expressions, to);
                to.push(',');
            }
            to.push('}');
        }
    }
}

/// A text in quotes; whatever could mean something to the parser is written as a number.
fn quote(text: &str, to: &mut String) {
    to.push('"');
    for c in text.chars() {
        if c.is_alphanumeric() || " .,;:!?'/()[]{}<>@#%&*+-_=~^|$€éèêàçùûîôïëüöä".contains(c) {
            to.push(c);
        } else {
            to.push_str(&format!("\\U{:08x}", u32::from(c)));
        }
    }
    to.push('"');
}

struct ScriptNode {
    kind: Arc<Type>,
    script: Script,
}

impl PreparedNode for ScriptNode {
    fn enter(&self, turn: &mut Turn<'_>) -> Result<Next, Fault> {
        let value = turn.run(&self.script)?.value;
        self.kind.take(value, turn)
    }

    fn resume(&self, _: &Event, _: &mut Turn<'_>) -> Result<Next, Fault> {
        Ok(Next::Wait)
    }
}

struct RemoteNode {
    kind: Arc<Type>,
    remote: Remote,
    config: Value,
    formulas: Vec<(String, Formula)>,
    templates: Vec<(String, Template)>,
    texts: Vec<(String, Text)>,
}

/// The alarm of a request that nobody ever answered.
const GIVEN_UP: &str = "given_up";

impl PreparedNode for RemoteNode {
    fn enter(&self, turn: &mut Turn<'_>) -> Result<Next, Fault> {
        let mut config = self.config.clone();
        for (pointer, formula) in &self.formulas {
            let value = turn.value(formula)?;
            if let Some(place) = config.pointer_mut(pointer) {
                *place = value;
            }
        }
        for (pointer, template) in &self.templates {
            let text = turn.fill(template)?;
            if let Some(place) = config.pointer_mut(pointer) {
                *place = Value::String(text);
            }
        }
        for (pointer, text) in &self.texts {
            let text = turn.render(text)?;
            if let Some(place) = config.pointer_mut(pointer) {
                *place = Value::String(text);
            }
        }
        let interaction = turn.interaction();
        let body = json!({
            "kind": self.kind.manifest.kind,
            "version": self.kind.manifest.version,
            "config": config,
            "interaction": {
                "id": interaction.id,
                "channel": interaction.channel,
                "touchpoint": interaction.touchpoint,
            },
            "contact": turn.contact(),
            "attributes": turn.attributes(),
            "message": turn.message(),
            "now": turn.now().to_string(),
        })
        .to_string();
        if CALL_BYTES_MAX < body.len() {
            return Err(Fault::new(
                "call-too-large",
                format!("the request would take {} bytes; at most {CALL_BYTES_MAX} are sent", body.len()),
                format!("la requête occuperait {} octets, {CALL_BYTES_MAX} au plus sont envoyés", body.len()),
            ));
        }
        let patience = self.remote.patience();
        let Remote { url, sign_with, .. } = self.remote.clone();
        turn.alarm(GIVEN_UP, patience.in_all() + CALL_GRACE);
        turn.call(Call::Http(HttpCall {
            method: Method::Post,
            url,
            headers: BTreeMap::from([("content-type".to_owned(), "application/json".to_owned())]),
            secret_headers: BTreeMap::new(),
            body: Some(body),
            sign_with: Some(sign_with),
            patience,
        }));
        Ok(Next::Wait)
    }

    fn resume(&self, event: &Event, turn: &mut Turn<'_>) -> Result<Next, Fault> {
        match event {
            Event::Answered(CallAnswer::Replied { status: 200..300, body }) => {
                let answer = serde_json::from_str(body).map_err(|error| {
                    Fault::new(
                        "answer-not-json",
                        format!("the answer of '{}' is not JSON: {error}", self.kind.manifest.kind),
                        format!("la réponse de « {} » n’est pas du JSON : {error}", self.kind.manifest.kind),
                    )
                })?;
                self.kind.take(answer, turn)
            }
            Event::Answered(_) | Event::Alarm(_) => Ok(Next::exit(FAILED)),
            Event::Message(_) | Event::Routed(_) | Event::Returned { .. } => Ok(Next::Wait),
        }
    }
}

impl Type {
    /// Does what a script or another system answered.
    fn take(&self, answer: Value, turn: &mut Turn<'_>) -> Result<Next, Fault> {
        let kind = &self.manifest.kind;
        let (exit, set, say) = match answer {
            Value::String(exit) => (Some(exit), Map::new(), None),
            Value::Object(mut members) => {
                let mut text = |name: &str| match members.remove(name) {
                    Some(Value::String(text)) => Some(text),
                    Some(_) | None => None,
                };
                let (exit, say) = (text("exit"), text("say"));
                let set = match members.remove("set") {
                    Some(Value::Object(set)) => set,
                    Some(_) | None => Map::new(),
                };
                (exit, set, say)
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => (None, Map::new(), None),
        };
        let Some(exit) = exit.filter(|exit| self.exits.contains(exit)) else {
            return Err(Fault::new(
                "undeclared-exit",
                format!("'{kind}' answered without one of its exits: expected its name, or an object with `exit`"),
                format!("« {kind} » a répondu sans l’une de ses sorties : attendu son nom, ou un objet avec `exit`"),
            ));
        };
        for (name, value) in set {
            let name = AttributeName::new(&name).map_err(|bad| {
                let shown = bad.given;
                Fault::new(
                    "unknown-attribute",
                    format!("'{kind}' sets '{shown}', which is not the name of an attribute"),
                    format!("« {kind} » affecte « {shown} », qui n’est pas un nom d’attribut"),
                )
            })?;
            turn.set(&name, value)?;
        }
        if let Some(text) = say {
            turn.say_text(text)?;
        }
        Ok(Next::Exit(exit.into()))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::{collection, prelude::*};
    use serde_json::{Value, json};

    use super::literal;

    fn anything() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i32>().prop_map(Value::from),
            (-1e12..1e12_f64).prop_map(Value::from),
            any::<String>().prop_map(Value::from),
            "[\"'`\\\\$ {}\n;)]{0,12}".prop_map(Value::from),
        ];
        leaf.prop_recursive(3, 24, 4, |inner| {
            prop_oneof![
                collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                collection::btree_map("[a-z\"/~ ]{0,6}", inner, 0..4).prop_map(|map| json!(map)),
            ]
        })
    }

    proptest! {
        /// Whatever a configuration holds, a script sees it as it is, and no part of it is code.
        #[test]
        fn a_configuration_is_data_to_its_script(config in anything()) {
            let mut source = String::new();
            literal(&config, "", &BTreeMap::new(), &mut source);
            let seen = rhai::Engine::new().eval::<rhai::Dynamic>(&source);
            let seen = seen.map_err(|e| TestCaseError::fail(format!("{source}: {e}")))?;
            prop_assert_eq!(rhai::serde::from_dynamic::<Value>(&seen).ok(), Some(config), "{}", source);
        }
    }

    #[test]
    fn an_expression_stands_where_its_text_stood() {
        let expressions = BTreeMap::from([("/a/0".to_owned(), "1 + 1".to_owned())]);
        let mut source = String::new();
        literal(&json!({ "a": ["1 + 1", "1 + 1"] }), "", &expressions, &mut source);
        assert_eq!(source, r#"#{"a":[(1 + 1),"1 + 1",],}"#);
    }
}
