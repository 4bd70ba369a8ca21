//! "Did you mean": the known name that is nearest to a mistyped one.
//!
//! Looked for only after a fault, and bounded per document, so that ten thousand faults stay cheap.

/// Names compared for one document at most; beyond it, hints go without a suggestion.
const COMPARISONS_MAX: usize = 100_000;

/// A budget of comparisons shared by all suggestions of one document.
#[derive(Debug)]
pub struct Suggestions {
    left: usize,
}

impl Default for Suggestions {
    fn default() -> Self {
        Self { left: COMPARISONS_MAX }
    }
}

impl Suggestions {
    /// The nearest of the known names, when one is near enough to be meant.
    pub fn nearest<'n>(&mut self, given: &str, known: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
        let given: Vec<char> = given.chars().take(NAME_CHARS_MAX).collect();
        let far = 1 + given.len() / 3;
        let mut best: Option<(usize, &str)> = None;
        for name in known {
            if self.left == 0 {
                break;
            }
            self.left -= 1;
            let bound = best.map_or(far, |(distance, _)| distance.saturating_sub(1));
            if name.len().abs_diff(given.len()) > 2 * bound {
                continue;
            }
            let distance = distance(&given, name);
            if distance <= bound {
                best = Some((distance, name));
            }
        }
        best.map(|(_, name)| name)
    }
}

const NAME_CHARS_MAX: usize = 64;

/// Edits (insert, delete, replace, swap of neighbours) between two names, case apart.
fn distance(given: &[char], name: &str) -> usize {
    let name: Vec<char> = name.chars().take(NAME_CHARS_MAX).collect();
    let mut before: Vec<usize> = vec![0; name.len() + 1];
    let mut above: Vec<usize> = (0..=name.len()).collect();
    for (i, g) in given.iter().enumerate() {
        let mut row = vec![i + 1; name.len() + 1];
        for (j, n) in name.iter().enumerate() {
            let replace = above[j] + usize::from(!g.eq_ignore_ascii_case(n));
            row[j + 1] = replace.min(above[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && given[i - 1] == *n && *g == name[j - 1] {
                row[j + 1] = row[j + 1].min(before[j - 1] + 1);
            }
        }
        before = std::mem::replace(&mut above, row);
    }
    above[name.len()]
}

#[cfg(test)]
mod tests {
    use super::Suggestions;

    #[test]
    fn the_nearest_name_is_suggested_and_a_far_one_is_not() {
        let known = ["menu", "send_message", "business_hours"];
        let cases = [
            ("mneu", Some("menu")),
            ("Menu", Some("menu")),
            ("sendmessage", Some("send_message")),
            ("hours", None),
            ("xyz", None),
            ("", None),
        ];
        for (given, expected) in cases {
            assert_eq!(Suggestions::default().nearest(given, known), expected, "{given}");
        }
    }

    #[test]
    fn the_budget_ends() {
        let mut suggestions = Suggestions { left: 1 };
        assert_eq!(suggestions.nearest("menu", ["mena", "menu"]), Some("mena"));
        assert_eq!(suggestions.nearest("menu", ["menu"]), None);
    }
}
