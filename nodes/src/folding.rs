//! Text as people mean it: `"  Été !"` and `"ete"` are the same word.
//!
//! It knows the letters of the Latin alphabet's European languages; letters of other scripts are only put in lower
//! case. It is not a full Unicode normalisation, which would cost a table for words that nobody types into a menu.

/// The text without case, accents, repeated space, and without space and punctuation around it. A text of nothing but
/// punctuation or emoji stays as it is, so that an option may be called `"?"`.
#[must_use]
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for c in text.chars().filter(|c| !is_invisible(*c)) {
        if c.is_whitespace() {
            if !folded.ends_with(' ') {
                folded.push(' ');
            }
        } else if c.is_ascii() {
            folded.push(c.to_ascii_lowercase());
        } else {
            c.to_lowercase().for_each(|lower| push_plain(lower, &mut folded));
        }
    }
    let core = folded.trim_matches(|c: char| !c.is_alphanumeric());
    if core.is_empty() { folded.trim().to_owned() } else { core.to_owned() }
}

/// Accents written as characters of their own, variation selectors, the keycap's frame, and characters of no width.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{200b}'..='\u{200f}' | '\u{20e3}' | '\u{2060}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}')
}

fn push_plain(c: char, to: &mut String) {
    let plain = match c {
        'à' | 'á' | 'â' | 'ã' | 'ä' | 'å' | 'ā' | 'ă' | 'ą' => 'a',
        'ç' | 'ć' | 'ĉ' | 'ċ' | 'č' => 'c',
        'ď' | 'đ' => 'd',
        'è' | 'é' | 'ê' | 'ë' | 'ē' | 'ĕ' | 'ė' | 'ę' | 'ě' => 'e',
        'ĝ' | 'ğ' | 'ġ' | 'ģ' => 'g',
        'ĥ' | 'ħ' => 'h',
        'ì' | 'í' | 'î' | 'ï' | 'ĩ' | 'ī' | 'ĭ' | 'į' | 'ı' => 'i',
        'ĵ' => 'j',
        'ķ' => 'k',
        'ĺ' | 'ļ' | 'ľ' | 'ŀ' | 'ł' => 'l',
        'ñ' | 'ń' | 'ņ' | 'ň' => 'n',
        'ò' | 'ó' | 'ô' | 'õ' | 'ö' | 'ø' | 'ō' | 'ŏ' | 'ő' => 'o',
        'ŕ' | 'ŗ' | 'ř' => 'r',
        'ś' | 'ŝ' | 'ş' | 'š' | 'ș' => 's',
        'ţ' | 'ť' | 'ŧ' | 'ț' => 't',
        'ù' | 'ú' | 'û' | 'ü' | 'ũ' | 'ū' | 'ŭ' | 'ů' | 'ű' | 'ų' => 'u',
        'ŵ' => 'w',
        'ý' | 'ÿ' | 'ŷ' => 'y',
        'ź' | 'ż' | 'ž' => 'z',
        '’' | '‘' | 'ʼ' => '\'',
        '‐' | '‑' | '–' | '−' => '-',
        'æ' => return to.push_str("ae"),
        'œ' => return to.push_str("oe"),
        'ß' => return to.push_str("ss"),
        other => other,
    };
    to.push(plain);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::fold;

    #[test]
    fn words_are_compared_as_people_mean_them() {
        for (typed, meant) in [
            ("  Été !", "ete"),
            ("E\u{301}te\u{301}", "ete"),
            ("Œuvre", "oeuvre"),
            ("J’AI\u{a0}perdu   ma carte…", "j'ai perdu ma carte"),
            ("« Ventes »", "ventes"),
            ("2.", "2"),
            ("2\u{fe0f}\u{20e3}", "2"),
            ("👍 oui", "oui"),
            ("👍", "👍"),
            (" ? ", "?"),
            ("", ""),
            ("Straße", "strasse"),
            ("ΑΘΗΝΑ", "αθηνα"),
        ] {
            assert_eq!(fold(typed), meant, "{typed}");
        }
    }

    proptest! {
        #[test]
        fn folding_twice_changes_nothing(text in "\\PC{0,40}") {
            let once = fold(&text);
            prop_assert_eq!(fold(&once), once);
        }

        #[test]
        fn case_and_surroundings_do_not_matter(word in "[a-zàâçéèêëîïôùûü]{1,12}") {
            let shouted = format!("  {} ! ", word.to_uppercase());
            prop_assert_eq!(fold(&shouted), fold(&word));
        }
    }
}
