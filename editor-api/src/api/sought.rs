//! Searching in lists that have no index for it: words, all of which must be found, and a bound on what one request looks
//! at. Whoever wants what is older follows `next`; a page may then hold less than its limit, or nothing.

use serde_json::Value;

/// Things that one request looks at: reading so many interactions takes a fraction of a second.
pub(crate) const LOOKED_AT_MAX: usize = 5_000;

/// What is sought: words, all of which must be found, whatever their case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sought(Vec<String>);

impl Sought {
    /// The words of a text; a text without words finds everything.
    pub(crate) fn of(text: &str) -> Self {
        Self(text.split_whitespace().map(str::to_lowercase).collect())
    }

    /// True when every word is a part of some of the texts.
    pub(crate) fn is_in<'t>(&self, texts: impl IntoIterator<Item = &'t str>) -> bool {
        let texts: Vec<String> = texts.into_iter().map(str::to_lowercase).collect();
        self.0.iter().all(|word| texts.iter().any(|text| text.contains(word)))
    }
}

/// The texts in a value.
pub(crate) fn leaves<'t>(value: &'t Value, texts: &mut Vec<&'t str>) {
    match value {
        Value::String(text) => texts.push(text),
        Value::Array(items) => items.iter().for_each(|item| leaves(item, texts)),
        Value::Object(members) => members.values().for_each(|member| leaves(member, texts)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// A value of a link, so that it comes back as it is.
pub(crate) fn encoded(value: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    value.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_found_somewhere_whatever_its_case() {
        let texts = ["i12", "+33612345678", "Élodie Martin"];
        for (text, found) in
            [("", true), ("élodie", true), ("MARTIN 3361", true), ("martin paul", false), ("i13", false)]
        {
            assert_eq!(Sought::of(text).is_in(texts), found, "{text}");
        }
    }

    #[test]
    fn what_goes_into_a_link_has_one_meaning_there() {
        assert_eq!(encoded("a b&c=é+1"), "a%20b%26c%3D%C3%A9%2B1");
    }
}
