//! Comparing a value with what an author wrote: texts as people mean them, numbers as numbers.
//!
//! Texts are compared without case, accents and repeated space, unless the author asks for the exact letters. A text
//! that is compared with a number is read as one, in the contact's language, as `ask` reads it. What it deliberately
//! does not do: it never fails. A value that a test cannot be put to does not pass it.

use std::borrow::Cow;

use regex::{Regex, RegexBuilder};
use routewright_flows::Locale;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, de};
use serde_json::Value;

use crate::{answers, folding::fold};

/// One test of a value.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Test {
    /// It is this.
    Equals(
        #[schemars(description = "The value is this one.", extend("x-fr" = "La valeur est celle-ci."))] //
        Value,
    ),
    /// It is one of these.
    In(
        #[schemars(
            length(min = 1, max = 200),
            description = "The value is one of these.",
            extend("x-fr" = "La valeur est l’une de celles-ci.")
        )]
        Vec<Value>,
    ),
    /// It is a number in this range.
    Range(
        #[schemars(
            description = "The value is a number in this range.",
            extend("x-fr" = "La valeur est un nombre de cet intervalle.")
        )]
        Range,
    ),
    /// It is a text with this in it, or a list with this among its values.
    Contains(
        #[schemars(
            description = "The text has this in it, or the list has this among its values.",
            extend("x-fr" = "Le texte contient ceci, ou la liste l’a parmi ses valeurs.")
        )]
        String,
    ),
    /// It is a text that begins so.
    StartsWith(
        #[schemars(description = "The text begins so.", extend("x-fr" = "Le texte commence ainsi."))] //
        String,
    ),
    /// It is a text that ends so.
    EndsWith(
        #[schemars(description = "The text ends so.", extend("x-fr" = "Le texte finit ainsi."))] //
        String,
    ),
    /// It is a text with at least one of these words.
    AnyWord(
        #[schemars(
            length(min = 1, max = 200),
            description = "The text has at least one of these words, as whole words.",
            extend("x-fr" = "Le texte contient au moins l’un de ces mots, entiers.")
        )]
        Vec<String>,
    ),
    /// It is a text with all of these words.
    AllWords(
        #[schemars(
            length(min = 1, max = 200),
            description = "The text has all of these words, in any order, as whole words.",
            extend("x-fr" = "Le texte contient tous ces mots, dans n’importe quel ordre, entiers.")
        )]
        Vec<String>,
    ),
    /// It is a text in which a regular expression matches.
    Matches(
        #[schemars(
            description = "A regular expression matches somewhere in the text; `^…$` for the whole of it, `(?i)` to ignore case.",
            extend("x-fr" = "Une expression rationnelle s’applique quelque part dans le texte ; `^…$` pour le texte entier, `(?i)` pour ignorer la casse.")
        )]
        Pattern,
    ),
    /// It is nothing: no value, an empty text or list.
    Empty(
        #[schemars(
            description = "True: there is no value, or an empty text or list. False: there is one.",
            extend("x-fr" = "Vrai : il n’y a pas de valeur, ou un texte ou une liste vides. Faux : il y en a une.")
        )]
        bool,
    ),
}

/// A range of numbers; what is left out is not bounded.
#[derive(Debug, Clone, Copy, PartialEq, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("minProperties" = 1))]
pub struct Range {
    /// This or more.
    #[schemars(extend("x-fr" = "Ceci ou plus."))]
    at_least: Option<f64>,
    /// This or less.
    #[schemars(extend("x-fr" = "Ceci ou moins."))]
    at_most: Option<f64>,
    /// More than this.
    #[schemars(extend("x-fr" = "Plus que ceci."))]
    above: Option<f64>,
    /// Less than this.
    #[schemars(extend("x-fr" = "Moins que ceci."))]
    below: Option<f64>,
}

impl Range {
    /// True for a number within every bound that is given.
    #[must_use]
    pub fn holds(&self, number: f64) -> bool {
        self.at_least.is_none_or(|bound| bound <= number)
            && self.at_most.is_none_or(|bound| number <= bound)
            && self.above.is_none_or(|bound| bound < number)
            && self.below.is_none_or(|bound| number < bound)
    }
}

/// How a test is put.
#[derive(Debug, Clone, Copy)]
pub struct Manner<'a> {
    /// True when every letter counts as it is.
    pub exact: bool,
    /// The language in which texts are read as numbers.
    pub locale: &'a Locale,
}

/// A text as it is compared.
#[must_use]
pub fn text(text: &str, exact: bool) -> Cow<'_, str> {
    if exact { Cow::Borrowed(text) } else { Cow::Owned(fold(text)) }
}

impl Manner<'_> {
    fn text<'t>(&self, text: &'t str) -> Cow<'t, str> {
        self::text(text, self.exact)
    }

    fn number(&self, value: &Value) -> Option<f64> {
        match value {
            Value::Number(number) => number.as_f64(),
            Value::String(text) => answers::number(text, self.locale),
            Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
        }
    }

    fn same(&self, value: &Value, other: &Value) -> bool {
        match (value, other) {
            (Value::String(one), Value::String(two)) => self.text(one) == self.text(two),
            (Value::Number(_), Value::Number(_) | Value::String(_)) | (Value::String(_), Value::Number(_)) => {
                let (one, two) = (self.number(value), self.number(other));
                one.is_some() && one == two
            }
            (one, two) => one == two,
        }
    }
}

impl Test {
    /// True when the value passes.
    #[must_use]
    pub fn passes(&self, value: &Value, manner: Manner<'_>) -> bool {
        let text = || value.as_str().map(|text| manner.text(text));
        match self {
            Self::Equals(other) => manner.same(value, other),
            Self::In(others) => others.iter().any(|other| manner.same(value, other)),
            Self::Range(range) => manner.number(value).is_some_and(|number| range.holds(number)),
            Self::Contains(part) => match value {
                Value::Array(items) => items.iter().any(|item| manner.same(item, &Value::String(part.clone()))),
                Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => {
                    text().is_some_and(|text| text.contains(&*manner.text(part)))
                }
            },
            Self::StartsWith(part) => text().is_some_and(|text| text.starts_with(&*manner.text(part))),
            Self::EndsWith(part) => text().is_some_and(|text| text.ends_with(&*manner.text(part))),
            Self::AnyWord(words) => text().is_some_and(|text| words.iter().any(|word| has_word(&text, word, manner))),
            Self::AllWords(words) => text().is_some_and(|text| words.iter().all(|word| has_word(&text, word, manner))),
            Self::Matches(pattern) => value.as_str().is_some_and(|text| pattern.0.is_match(text)),
            Self::Empty(expected) => is_empty(value) == *expected,
        }
    }
}

impl Test {
    /// The texts of which it is one, when that is the whole test: a text passes just when it is one of them.
    #[must_use]
    pub fn texts(&self) -> Option<Vec<&str>> {
        match self {
            Self::Equals(text) => text.as_str().map(|text| vec![text]),
            Self::In(texts) => texts.iter().map(Value::as_str).collect(),
            Self::Range(_)
            | Self::Contains(_)
            | Self::StartsWith(_)
            | Self::EndsWith(_)
            | Self::AnyWord(_)
            | Self::AllWords(_)
            | Self::Matches(_)
            | Self::Empty(_) => None,
        }
    }
}

/// True when a word, or several in a row, stands in a text with nothing of a word right before or after it.
fn has_word(text: &str, word: &str, manner: Manner<'_>) -> bool {
    let word = manner.text(word);
    let stands_alone = |at: usize| {
        let before = text[..at].chars().next_back();
        let after = text[at + word.len()..].chars().next();
        !before.is_some_and(char::is_alphanumeric) && !after.is_some_and(char::is_alphanumeric)
    };
    !word.is_empty() && text.match_indices(&*word).any(|(at, _)| stands_alone(at))
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

/// A regular expression without look-around and back-references, so that matching takes time linear in the text.
#[derive(Debug, Clone)]
pub struct Pattern(Regex);

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_str() == other.0.as_str()
    }
}

impl Pattern {
    /// Bytes that one compiled pattern may take. A flow has up to thousands of them.
    const BYTES_MAX: usize = 64 * 1024;
}

impl<'de> Deserialize<'de> for Pattern {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = Cow::<'de, str>::deserialize(from)?;
        let built = RegexBuilder::new(&text).size_limit(Self::BYTES_MAX).dfa_size_limit(Self::BYTES_MAX).build();
        built.map(Self).map_err(|error| de::Error::custom(format!("the pattern '{text}' cannot be used: {error}")))
    }
}

impl JsonSchema for Pattern {
    fn schema_name() -> Cow<'static, str> {
        "Pattern".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "minLength": 1, "maxLength": 1000 })
    }
}

#[cfg(test)]
mod tests {
    use routewright_flows::Locale;
    use serde_json::{Value, from_value, json};

    use super::{Manner, Test};

    #[test]
    fn tests_are_put_as_people_mean_them() {
        let french = Locale::new("fr").expect("a language");
        for (test, yes, no) in [
            (json!({ "equals": "Été" }), json!([" ete ", "ÉTÉ"]), json!(["été 2", 3, null, ["ete"]])),
            (json!({ "equals": 5 }), json!([5, 5.0, "5", "5,0"]), json!(["cinq", 6, true, null])),
            (json!({ "equals": "5" }), json!([5, "5"]), json!([50, "05 "])),
            (json!({ "equals": true }), json!([true]), json!(["true", 1])),
            (json!({ "equals": null }), json!([null]), json!([""])),
            (json!({ "in": ["a", 2] }), json!(["A", 2, "2"]), json!(["b", 3])),
            (
                json!({ "range": { "at_least": 1, "below": 10 } }),
                json!([1, 9.99, "9,5"]),
                json!([10, 0.99, "dix", null]),
            ),
            (json!({ "range": { "above": 1, "at_most": 10 } }), json!([1.01, 10]), json!([1, 10.01])),
            (json!({ "contains": "carte" }), json!(["ma Carte", ["visa", "CARTE"]]), json!(["cart", ["cartes"], 3])),
            (json!({ "starts_with": "re" }), json!(["Résilier"]), json!(["arrêt"])),
            (json!({ "ends_with": "ER" }), json!(["Résilier"]), json!(["erreur"])),
            (json!({ "any_word": ["perdu", "volé"] }), json!(["Carte vole!", "perdu"]), json!(["volées", "éperdu"])),
            (json!({ "any_word": ["pas de"] }), json!(["je n’ai pas de carte"]), json!(["pas du tout"])),
            (json!({ "all_words": ["ma", "carte"] }), json!(["Carte à ma mère"]), json!(["ma carterie", "carte"])),
            (json!({ "matches": "^[A-Z]{2}\\d+$" }), json!(["FR12"]), json!(["fr12", "FR12 ", 12])),
            (json!({ "empty": true }), json!([null, "", "  ", [], {}]), json!([0, false, "a"])),
            (json!({ "empty": false }), json!([0, false, "a"]), json!([null, " "])),
        ] {
            let read: Test = from_value(test.clone()).expect("a test");
            let manner = Manner { exact: false, locale: &french };
            for (values, expected) in [(yes, true), (no, false)] {
                for value in values.as_array().into_iter().flatten() {
                    assert_eq!(read.passes(value, manner), expected, "{test} of {value}");
                }
            }
        }
    }

    #[test]
    fn exact_means_every_letter() {
        let french = Locale::new("fr").expect("a language");
        let manner = Manner { exact: true, locale: &french };
        let passes = |test: Value, value: &str| from_value::<Test>(test).expect("a test").passes(&json!(value), manner);
        assert!(passes(json!({ "equals": "Été" }), "Été"));
        assert!(!passes(json!({ "equals": "Été" }), "été"));
        assert!(!passes(json!({ "contains": "a" }), "A"));
    }

    #[test]
    fn a_pattern_that_cannot_be_used_is_refused() {
        for bad in ["(", "(a)\\1", "(?=a)", "(\\w{50}){50}"] {
            assert!(from_value::<Test>(json!({ "matches": bad })).is_err(), "{bad}");
        }
    }
}
