//! Names that people write in documents. Each is its own type, so that a node id never travels as a skill name;
//! each is shared text, so that copying one into a fact costs a reference count.

/// Why a name was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{given}' is not a {what}: expected {expected}")]
pub struct BadName {
    /// What the name was for, in words ("node id").
    pub what: &'static str,
    /// The refused text.
    pub given: String,
    /// The rule, in words.
    pub expected: &'static str,
}

/// Defines a name type over shared text with a rule that its constructor enforces.
#[macro_export]
macro_rules! name {
    ($(#[$doc:meta])* $name:ident, $what:literal, $rule:expr, $expected:literal, $pattern:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, ::serde::Serialize)]
        #[serde(transparent)]
        pub struct $name(::std::sync::Arc<str>);

        impl $name {
            /// Takes the text if it follows the rule of this kind of name.
            ///
            /// # Errors
            /// [`BadName`]($crate::name::BadName) with the rule in words.
            pub fn new(text: &str) -> Result<Self, $crate::name::BadName> {
                let rule: fn(&str) -> bool = $rule;
                if rule(text) {
                    Ok(Self(text.into()))
                } else {
                    Err($crate::name::BadName { what: $what, given: text.chars().take(80).collect(), expected: $expected })
                }
            }

            /// The name as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl ::std::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl ::std::str::FromStr for $name {
            type Err = $crate::name::BadName;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::new(text)
            }
        }

        impl<'de> ::serde::Deserialize<'de> for $name {
            fn deserialize<D: ::serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                let text = <::std::borrow::Cow<'de, str> as ::serde::Deserialize>::deserialize(from)?;
                Self::new(&text).map_err(::serde::de::Error::custom)
            }
        }

        impl ::schemars::JsonSchema for $name {
            fn schema_name() -> ::std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn inline_schema() -> bool {
                true
            }

            fn json_schema(_: &mut ::schemars::SchemaGenerator) -> ::schemars::Schema {
                ::schemars::json_schema!({ "type": "string", "pattern": $pattern })
            }
        }
    };
}

/// Letters, digits, `_` and `-`, starting with a letter or digit, at most 64 bytes.
#[must_use]
pub fn is_identifier(text: &str) -> bool {
    let mut bytes = text.bytes();
    bytes.next().is_some_and(|b| b.is_ascii_alphanumeric())
        && text.len() <= 64
        && bytes.all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
}

/// An identifier that scripts can also name: letters, digits and `_`, starting with a letter, at most 64 bytes.
#[must_use]
pub fn is_variable(text: &str) -> bool {
    text.bytes().next().is_some_and(|b| b.is_ascii_alphabetic())
        && text.len() <= 64
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

name!(
    /// The id of a flow, unique in a tenant and stable over its versions.
    FlowId, "flow id", is_identifier, "1 to 64 letters, digits, '-' or '_'", "^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$"
);
name!(
    /// The id of a node, unique in its flow.
    NodeId, "node id", is_identifier, "1 to 64 letters, digits, '-' or '_'", "^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$"
);
name!(
    /// The name of a node type, such as `menu`.
    Kind, "node kind", is_identifier, "1 to 64 letters, digits, '-' or '_'", "^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$"
);
name!(
    /// The name of a way out of a node.
    ExitName, "exit name", is_identifier, "1 to 64 letters, digits, '-' or '_'", "^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$"
);
name!(
    /// The name of a flow attribute, also its name in scripts (`attributes.topic`).
    AttributeName, "attribute name", is_variable, "1 to 64 letters, digits or '_', starting with a letter", "^[A-Za-z][A-Za-z0-9_]{0,63}$"
);
name!(
    /// The key of a text in the `texts` table of a flow; `@key` refers to it.
    TextKey, "text key", is_identifier, "1 to 64 letters, digits, '-' or '_'", "^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$"
);
name!(
    /// A language tag (BCP 47), such as `fr` or `fr-CA`.
    Locale, "locale", |t| (2..=35).contains(&t.len()) && t.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        && t.bytes().next().is_some_and(|b| b.is_ascii_alphabetic()),
    "a language tag such as 'fr' or 'en-GB'", "^[A-Za-z][A-Za-z0-9-]{1,34}$"
);

impl Locale {
    /// The language without its region: `fr` of `fr-CA`.
    #[must_use]
    pub fn language(&self) -> &str {
        self.as_str().split('-').next().unwrap_or_default()
    }
}
