//! Builds a node type's [`Descriptor`] in the few lines that matter; the JSON Schema comes from the struct itself.

use std::{borrow::Cow, collections::BTreeSet};

use routewright_flows::{
    Channel, Descriptor, ExitName, ExitRole, ExitSpec, Flavour, Kind, Words,
    descriptor::{Category, Example, Exits, Stability},
};
use schemars::{JsonSchema, generate::SchemaSettings};
use serde_json::Value;

/// A descriptor being built.
#[derive(Debug)]
#[must_use]
pub struct Describe(Descriptor);

/// Begins the descriptor of a node type whose configuration is `C`.
///
/// # Panics
/// When `kind` is not a kind's name: a mistake of the type's developer, found by its first test.
pub fn describe<C: JsonSchema>(kind: &str, category: Category, flavour: Flavour) -> Describe {
    let schema = SchemaSettings::draft2020_12()
        .with(|s| s.inline_subschemas = true)
        .into_generator()
        .into_root_schema_for::<C>();
    let mut config = schema.to_value();
    if let Value::Object(members) = &mut config {
        members.entry("additionalProperties").or_insert(Value::Bool(false));
        members.remove("$schema");
        members.remove("title");
        members.remove("description");
    }
    leave_out_nulls(&mut config);
    Describe(Descriptor {
        kind: Kind::new(kind).expect("a node type's kind is a valid name"),
        title: Words::new("", ""),
        docs: Words::new("", ""),
        category,
        icon: Cow::Borrowed("square"),
        flavour,
        exits: Exits::default(),
        config,
        channels: Channel::ALL.into_iter().collect(),
        examples: Vec::new(),
        since: Cow::Borrowed("0.1.0"),
        stability: Stability::Stable,
    })
}

impl Describe {
    /// What people call it.
    pub fn title(mut self, en: &str, fr: &str) -> Self {
        self.0.title = Words::new(en, fr);
        self
    }

    /// Its product page, Markdown, with the fixed headings (What it does, When to use it, Exits, Pitfalls).
    pub fn docs(mut self, en: &str, fr: &str) -> Self {
        self.0.docs = Words::new(en, fr);
        self
    }

    /// A lucide icon name.
    pub fn icon(mut self, icon: &'static str) -> Self {
        self.0.icon = Cow::Borrowed(icon);
        self
    }

    /// A way out that every node of the type has.
    ///
    /// # Panics
    /// When `name` is not an exit's name.
    pub fn exit(self, name: &'static str, role: ExitRole, en: &str, fr: &str) -> Self {
        self.push_exit(name, role, None, Words::new(en, fr))
    }

    /// A way out that exists only where the boolean setting `setting` is true.
    ///
    /// # Panics
    /// When `name` is not an exit's name.
    pub fn exit_if(self, setting: &'static str, name: &'static str, role: ExitRole, en: &str, fr: &str) -> Self {
        self.push_exit(name, role, Some(setting), Words::new(en, fr))
    }

    /// The usual `error` exit, which may stay unwired.
    pub fn error_exit(self) -> Self {
        self.exit(
            "error",
            ExitRole::Error,
            "The node could not do its work. Unwired, the flow's error handler takes over.",
            "Le nœud n’a pas pu faire son travail. Non relié, le gestionnaire d’erreur du scénario prend le relais.",
        )
    }

    /// Where the configuration names further exits (`/options/*/id`).
    pub fn exits_from(mut self, pointer: &'static str) -> Self {
        self.0.exits.from_config = Some(Cow::Borrowed(pointer));
        self
    }

    /// It only keeps the place of something that is not there.
    pub fn placeholder(mut self) -> Self {
        self.0.stability = Stability::Placeholder;
        self
    }

    /// The only channels it works on.
    pub fn channels(mut self, channels: impl IntoIterator<Item = Channel>) -> Self {
        self.0.channels = channels.into_iter().collect::<BTreeSet<_>>();
        self
    }

    /// A configuration that must be accepted.
    pub fn example(self, en: &str, fr: &str, config: Value) -> Self {
        self.push(en, fr, config, true)
    }

    /// A configuration that must be refused.
    pub fn counter_example(self, en: &str, fr: &str, config: Value) -> Self {
        self.push(en, fr, config, false)
    }

    /// The finished descriptor.
    #[must_use]
    pub fn done(self) -> Descriptor {
        self.0
    }

    fn push_exit(mut self, name: &str, role: ExitRole, setting: Option<&str>, docs: Words) -> Self {
        let name = ExitName::new(name).expect("a node type's exit is a valid name");
        let only_if = setting.map(|setting| Cow::Owned(format!("/{setting}")));
        self.0.exits.fixed.push(ExitSpec { name, role, docs, only_if });
        self
    }

    fn push(mut self, en: &str, fr: &str, config: Value, valid: bool) -> Self {
        let Value::Object(config) = config else {
            panic!("an example of {} is not an object", self.0.kind);
        };
        self.0.examples.push(Example { title: Words::new(en, fr), config, valid });
        self
    }
}

/// A setting without a value is left out of a document, never written as `null`; the schema of an `Option` says
/// otherwise.
fn leave_out_nulls(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            if members.get("default").is_some_and(Value::is_null) {
                members.remove("default");
            }
            if let Some(Value::Array(types)) = members.get_mut("type") {
                types.retain(|one| one != "null");
                if let [one] = types.as_slice() {
                    let one = one.clone();
                    members.insert("type".into(), one);
                }
            }
            if let Some(Value::Array(forms)) = members.get_mut("anyOf") {
                forms.retain(|form| form.get("type").is_none_or(|one| one != "null"));
                if let [Value::Object(only)] = forms.as_mut_slice() {
                    let only = std::mem::take(only);
                    members.remove("anyOf");
                    for (keyword, value) in only {
                        members.entry(keyword).or_insert(value);
                    }
                }
            }
            members.values_mut().for_each(leave_out_nulls);
        }
        Value::Array(items) => items.iter_mut().for_each(leave_out_nulls),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
