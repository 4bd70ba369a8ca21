//! Text in several languages. Everything a person reads exists in French and English.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::name::Locale;

/// Our own words, always in both languages: findings, errors, documentation.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Words {
    /// English.
    #[schemars(extend("x-fr" = "En anglais."))]
    pub en: String,
    /// French.
    #[schemars(extend("x-fr" = "En français."))]
    pub fr: String,
}

impl Words {
    /// Both languages of one sentence, English first.
    pub fn new(en: impl Into<String>, fr: impl Into<String>) -> Self {
        Self { en: en.into(), fr: fr.into() }
    }

    /// The sentence for a reader: French for any `fr` tag, English for every other.
    #[must_use]
    pub fn for_language(&self, language: &str) -> &str {
        if language.get(..2).is_some_and(|l| l.eq_ignore_ascii_case("fr")) { &self.fr } else { &self.en }
    }
}

/// An author's text by language; which languages must be present is a check, not a type.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Localised(pub BTreeMap<Locale, String>);

impl Localised {
    /// The text for a reader: his exact tag, his language, the fallback's language, else the first there is.
    #[must_use]
    pub fn pick(&self, wanted: &Locale, fallback: &Locale) -> Option<&str> {
        best(&self.0, wanted, fallback).map(String::as_str)
    }
}

/// The value of `by_locale` that suits a reader best; see [`Localised::pick`] for the order.
#[must_use]
pub fn best<'a, T>(by_locale: &'a BTreeMap<Locale, T>, wanted: &Locale, fallback: &Locale) -> Option<&'a T> {
    let language_of = |l: &Locale| {
        by_locale
            .get(l)
            .or_else(|| by_locale.get(l.language()))
            .or_else(|| by_locale.iter().find(|(have, _)| have.language() == l.language()).map(|(_, value)| value))
    };
    language_of(wanted).or_else(|| language_of(fallback)).or_else(|| by_locale.values().next())
}
