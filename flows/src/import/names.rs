//! Readable ids out of what people wrote: letters, digits and `_`, unique however they are spelt.

use std::collections::BTreeSet;

use crate::name::is_identifier;

/// Ids given out so far. Two never differ in case, `-` or `_` alone: the check on confusable names holds them to it.
#[derive(Debug, Clone, Default)]
pub(super) struct Names(BTreeSet<String>);

/// Characters of an id at most, so that a number and the name of a part still fit.
const STEM_CHARS_MAX: usize = 40;

impl Names {
    /// Names of which some are taken.
    pub(super) fn without<const N: usize>(taken: [&str; N]) -> Self {
        Self(taken.map(folded).into())
    }

    /// An id like `wanted`, or like `otherwise` when nothing of it can stand in an id.
    pub(super) fn unique(&mut self, wanted: &str, otherwise: &str) -> String {
        let slug = slug(wanted);
        let stem = if slug.is_empty() { otherwise.to_owned() } else { slug };
        let mut id = stem.clone();
        let mut number = 1;
        while !self.0.insert(folded(&id)) {
            number += 1;
            id = format!("{stem}_{number}");
        }
        debug_assert!(is_identifier(&id), "an id made of a slug follows the rule");
        id
    }
}

fn folded(id: &str) -> String {
    id.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

/// What of a text can stand in an id.
pub(super) fn slug(text: &str) -> String {
    let mut slug = String::new();
    for c in text.chars().flat_map(plain) {
        match c {
            c if c.is_ascii_alphanumeric() => slug.push(c),
            '-' if !slug.is_empty() && !slug.ends_with(['_', '-']) => slug.push('-'),
            _ if !slug.is_empty() && !slug.ends_with(['_', '-']) => slug.push('_'),
            _ => {}
        }
        if slug.len() >= STEM_CHARS_MAX {
            break;
        }
    }
    slug.trim_end_matches(['_', '-']).to_owned()
}

/// What of a text can stand in the name of an attribute.
pub(super) fn variable(text: &str) -> String {
    let name = slug(text).replace('-', "_");
    match name.bytes().next() {
        None => "value".to_owned(),
        Some(first) if first.is_ascii_digit() => format!("v_{name}"),
        Some(_) => name,
    }
}

/// `ParticipantInput` as `participant_input`.
pub(super) fn snake(kind: &str) -> String {
    let mut snake = String::new();
    for c in kind.chars() {
        if c.is_ascii_uppercase() && snake.ends_with(|last: char| last.is_ascii_lowercase()) {
            snake.push('_');
        }
        snake.push(c.to_ascii_lowercase());
    }
    slug(&snake)
}

/// A file's name without folders and ending.
pub(super) fn stem(file: &str) -> &str {
    let name = file.rsplit(['/', '\\']).next().unwrap_or(file);
    name.strip_suffix(".json").unwrap_or(name)
}

/// True for what machines call things.
pub(super) fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

/// Latin letters without their accents; other letters go.
fn plain(c: char) -> impl Iterator<Item = char> {
    let plain = match c {
        'à' | 'á' | 'â' | 'ã' | 'ä' | 'å' => "a",
        'À' | 'Á' | 'Â' | 'Ã' | 'Ä' | 'Å' => "A",
        'ç' => "c",
        'Ç' => "C",
        'è' | 'é' | 'ê' | 'ë' => "e",
        'È' | 'É' | 'Ê' | 'Ë' => "E",
        'ì' | 'í' | 'î' | 'ï' => "i",
        'ñ' => "n",
        'ò' | 'ó' | 'ô' | 'õ' | 'ö' | 'ø' => "o",
        'Ò' | 'Ó' | 'Ô' | 'Õ' | 'Ö' | 'Ø' => "O",
        'ù' | 'ú' | 'û' | 'ü' => "u",
        'ÿ' | 'ý' => "y",
        'œ' => "oe",
        'æ' => "ae",
        'ß' => "ss",
        _ => "",
    };
    let kept = plain.is_empty().then_some(c);
    kept.into_iter().chain(plain.chars())
}

#[cfg(test)]
mod tests {
    use super::{Names, is_uuid, slug, snake, variable};

    #[test]
    fn ids_are_readable_and_differ_in_more_than_case() {
        let mut names = Names::default();
        let given: Vec<String> = ["Déjà client ?", "déjà-client", "  ", "中文", "x".repeat(90).as_str()]
            .map(|name| names.unique(name, "node"))
            .into();
        assert_eq!(given, ["Deja_client", "deja-client_2", "node", "node_2", &"x".repeat(40)]);
    }

    #[test]
    fn names_of_attributes_begin_with_a_letter() {
        assert_eq!(variable("2nd choice"), "v_2nd_choice");
        assert_eq!(variable("acme-lexbot"), "acme_lexbot");
        assert_eq!(variable("…"), "value");
        assert_eq!(snake("GetParticipantInput"), "get_participant_input");
        assert_eq!(slug("a--_ b"), "a-b");
        assert!(is_uuid("4d351dad-6dc6-4245-81d8-fe9d85ca3f10") && !is_uuid("End Test"));
    }
}
