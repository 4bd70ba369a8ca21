//! The field types of a node's configuration that hold scripts, templates, texts and references.
//!
//! Each reads and writes as plain JSON, marks itself in the JSON Schema (`x-slot`), and is compiled in place when
//! the flow is prepared, so that running one costs no look-up.

use std::{borrow::Cow, collections::BTreeMap, sync::Arc};

use routewright_flows::{
    AttributeName, FlowId, Locale, Localised, TextKey,
    descriptor::{ReferenceKind, Returns, SLOT_KEYWORD, Slot, TOUCHPOINT},
};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, de};

use super::{Program, TemplateProgram};
use crate::id::{AgentId, CalendarId, DispositionId, QuestionnaireId, SecretId, SkillId, TableId};

/// Defines a slot that holds one source text and its compiled form.
macro_rules! source_slot {
    ($(#[$doc:meta])* $name:ident, $program:ty, $slot:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Default, Deserialize)]
        #[serde(from = "String")]
        pub struct $name {
            source: String,
            pub(crate) program: Option<Arc<$program>>,
        }

        impl $name {
            /// As the author wrote it.
            #[must_use]
            pub fn source(&self) -> &str {
                &self.source
            }
        }

        impl From<String> for $name {
            fn from(source: String) -> Self {
                Self { source, program: None }
            }
        }

        impl JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn inline_schema() -> bool {
                true
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({ "type": "string", SLOT_KEYWORD: mark(&$slot) })
            }
        }
    };
}

fn mark(slot: &Slot) -> serde_json::Value {
    serde_json::to_value(slot).expect("a slot is plain data")
}

source_slot!(
    /// A rhai expression that gives true or false.
    Condition, Program, Slot::Expression { returns: Returns::Boolean }
);
source_slot!(
    /// A rhai expression that gives any value.
    Formula, Program, Slot::Expression { returns: Returns::Any }
);
source_slot!(
    /// A rhai script of statements; its last value is its result.
    Script, Program, Slot::Script
);
source_slot!(
    /// A text with `${expression}` parts, the same in every language.
    Template, TemplateProgram, Slot::Template
);

/// Words for a contact: `"@key"` of the flow's texts, or an object of texts by language. Each is a template.
#[derive(Debug, Clone, Default)]
pub struct Text {
    source: TextSource,
    pub(crate) programs: BTreeMap<Locale, Arc<TemplateProgram>>,
}

/// What an author wrote for a [`Text`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TextSource {
    /// A key of the flow's `texts`.
    Key(TextKey),
    /// The texts themselves.
    Inline(Localised),
}

impl Default for TextSource {
    fn default() -> Self {
        Self::Inline(Localised::default())
    }
}

impl Text {
    /// As the author wrote it.
    #[must_use]
    pub fn source(&self) -> &TextSource {
        &self.source
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Wire {
            Key(String),
            Inline(Localised),
        }
        let source = match Wire::deserialize(from)? {
            Wire::Key(key) => {
                let key = key.strip_prefix('@').ok_or_else(|| {
                    de::Error::custom("a text is '@key' of the flow's texts, or an object by language")
                })?;
                TextSource::Key(TextKey::new(key).map_err(de::Error::custom)?)
            }
            Wire::Inline(texts) => TextSource::Inline(texts),
        };
        Ok(Self { source, programs: BTreeMap::new() })
    }
}

impl JsonSchema for Text {
    fn schema_name() -> Cow<'static, str> {
        "Text".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "anyOf": [
                { "type": "string", "pattern": "^@[A-Za-z0-9][A-Za-z0-9_-]{0,63}$" },
                { "type": "object", "minProperties": 1, "additionalProperties": { "type": "string" } },
            ],
            SLOT_KEYWORD: mark(&Slot::Text),
        })
    }
}

/// A name in the catalogue, or `"@touchpoint"`: what the touchpoint says.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum OrTouchpoint<T> {
    /// The touchpoint's own.
    Touchpoint,
    /// This one.
    Named(T),
}

impl<'de, T: std::str::FromStr<Err: std::fmt::Display>> Deserialize<'de> for OrTouchpoint<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = Cow::<'de, str>::deserialize(from)?;
        if text == TOUCHPOINT { Ok(Self::Touchpoint) } else { text.parse().map(Self::Named).map_err(de::Error::custom) }
    }
}

/// Defines a reference: a catalogue name whose schema says what it names.
macro_rules! reference_slot {
    ($(#[$doc:meta])* $name:ident, $inner:ty, $slot:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub $inner);

        impl JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn inline_schema() -> bool {
                true
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({ "type": "string", "minLength": 1, SLOT_KEYWORD: mark(&$slot) })
            }
        }
    };
}

reference_slot!(
    /// Names a skill.
    SkillRef, SkillId, Slot::Reference { to: ReferenceKind::Skill }
);
reference_slot!(
    /// Names a flow.
    FlowRef, FlowId, Slot::Reference { to: ReferenceKind::Flow }
);
reference_slot!(
    /// Names a questionnaire.
    QuestionnaireRef, QuestionnaireId, Slot::Reference { to: ReferenceKind::Questionnaire }
);
reference_slot!(
    /// Names a disposition.
    DispositionRef, DispositionId, Slot::Reference { to: ReferenceKind::Disposition }
);
reference_slot!(
    /// Names a data table.
    TableRef, TableId, Slot::Reference { to: ReferenceKind::Table }
);
reference_slot!(
    /// Names a secret.
    SecretRef, SecretId, Slot::Reference { to: ReferenceKind::Secret }
);
reference_slot!(
    /// Names an agent.
    AgentRef, AgentId, Slot::Reference { to: ReferenceKind::Agent }
);
reference_slot!(
    /// Names an attribute that the node writes.
    AttributeRef, AttributeName, Slot::Attribute
);

/// Names a calendar, or `"@touchpoint"`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct CalendarRef(pub OrTouchpoint<CalendarId>);

impl JsonSchema for CalendarRef {
    fn schema_name() -> Cow<'static, str> {
        "CalendarRef".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "minLength": 1, SLOT_KEYWORD: mark(&Slot::Reference { to: ReferenceKind::Calendar }) })
    }
}
