//! Which of our two languages a reader wants: over HTTP by `Accept-Language`, on a terminal by `--lang` or the
//! environment. It deliberately knows nothing of a contact's language; that is the flow's affair.

use axum::http::{HeaderMap, header::ACCEPT_LANGUAGE};
use routewright_flows::Words;
use serde::{Deserialize, Serialize};

/// A language that the product speaks itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// English.
    #[default]
    En,
    /// French.
    Fr,
}

impl Language {
    /// The tag, as documents and headers write it.
    #[must_use]
    pub fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Fr => "fr",
        }
    }

    /// The sentence in this language.
    #[must_use]
    pub fn of(self, words: &Words) -> &str {
        words.for_language(self.tag())
    }

    /// The best of our languages for an `Accept-Language` header (RFC 9110, 12.5.4); English when none is wanted.
    #[must_use]
    pub fn accepted(headers: &HeaderMap) -> Self {
        let wanted = headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let ranked = wanted.split(',').filter_map(|range| {
            let mut parts = range.split(';').map(str::trim);
            let language = Self::of_tag(parts.next()?)?;
            let weight = parts.find_map(|p| p.strip_prefix("q=")).map_or(Some(1.0), |q| q.parse::<f32>().ok())?;
            (0.0 < weight).then_some((weight, language))
        });
        // The first of equal weights wins, hence a strict comparison.
        ranked
            .fold(None, |best: Option<(f32, Self)>, one| match best {
                Some(held) if one.0 <= held.0 => Some(held),
                Some(_) | None => Some(one),
            })
            .map_or(Self::En, |(_, language)| language)
    }

    /// The language of a terminal: the first of `LC_ALL`, `LC_MESSAGES` and `LANG` that is set.
    #[must_use]
    pub fn of_environment() -> Self {
        let set = ["LC_ALL", "LC_MESSAGES", "LANG"]
            .into_iter()
            .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()));
        set.and_then(|value| Self::of_tag(&value)).unwrap_or_default()
    }

    fn of_tag(tag: &str) -> Option<Self> {
        match tag.split(['-', '_', '.']).next()?.to_ascii_lowercase().as_str() {
            "fr" => Some(Self::Fr),
            "en" => Some(Self::En),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accept_language_is_weighed() {
        for (header, expected) in [
            ("", Language::En),
            ("fr", Language::Fr),
            ("fr-CA, en;q=0.8", Language::Fr),
            ("en;q=0.3, fr;q=0.9", Language::Fr),
            ("de, fr;q=0.2", Language::Fr),
            ("fr;q=0, en;q=0.1", Language::En),
            ("en, fr", Language::En),
            ("*", Language::En),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT_LANGUAGE, header.parse().expect("a header value"));
            assert_eq!(Language::accepted(&headers), expected, "{header:?}");
        }
    }
}
