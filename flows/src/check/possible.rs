//! What a value may be: the set of its possible types, as far as a check can tell before the flow runs.
//!
//! Sets are always at least as large as the truth, so that a check which finds two of them apart accuses nobody wrongly.

use crate::{
    document::{AttributeSpec, AttributeType},
    words::Words,
};

/// A set of types.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Possible(u8);

impl Possible {
    /// No type at all: the expression never gives a value.
    pub const NEVER: Self = Self(0);
    /// Nothing, `()` in scripts and `null` in documents.
    pub const NOTHING: Self = Self(1);
    /// True or false.
    pub const TRUTH: Self = Self(1 << 1);
    /// A whole number.
    pub const WHOLE: Self = Self(1 << 2);
    /// A number with decimals.
    pub const DECIMAL: Self = Self(1 << 3);
    /// A text.
    pub const TEXT: Self = Self(1 << 4);
    /// A list.
    pub const LIST: Self = Self(1 << 5);
    /// Named values.
    pub const MAP: Self = Self(1 << 6);
    /// What scripts alone know: characters, ranges, functions.
    pub const OTHER: Self = Self(1 << 7);
    /// Any number.
    pub const NUMBER: Self = Self(Self::WHOLE.0 | Self::DECIMAL.0);
    /// Anything.
    pub const ANYTHING: Self = Self(u8::MAX);

    /// The single types, in the order of their words.
    pub const ALL: [Self; 8] =
        [Self::NOTHING, Self::TRUTH, Self::WHOLE, Self::DECIMAL, Self::TEXT, Self::LIST, Self::MAP, Self::OTHER];

    /// What an attribute of this declaration holds, once something was stored in it.
    #[must_use]
    pub fn stored_in(kind: AttributeType) -> Self {
        match kind {
            AttributeType::String | AttributeType::Date => Self::TEXT,
            AttributeType::Integer => Self::WHOLE,
            AttributeType::Number => Self::NUMBER,
            AttributeType::Boolean => Self::TRUTH,
            AttributeType::Array => Self::LIST,
            AttributeType::Object => Self::MAP,
            AttributeType::Any => Self::ANYTHING,
        }
    }

    /// What a script may read of an attribute: what is stored in it, or nothing.
    #[must_use]
    pub fn read_of(spec: &AttributeSpec) -> Self {
        Self::stored_in(spec.kind).or(Self::NOTHING)
    }

    /// Either.
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Both at once.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// This without that.
    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// True when some type is in both.
    #[must_use]
    pub const fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// True when every type of this one is in the other.
    #[must_use]
    pub const fn within(self, other: Self) -> bool {
        self.0 & !other.0 == 0
    }

    /// True when a value of this set may be stored in an attribute of this type. Nothing always may: it forgets.
    #[must_use]
    pub fn fits(self, kind: AttributeType) -> bool {
        self.meets(Self::stored_in(kind).or(Self::NOTHING))
    }

    /// The types it consists of.
    pub fn types(self) -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().filter(move |one| self.meets(*one))
    }

    /// The set in words: `a text or nothing`.
    #[must_use]
    pub fn words(self) -> Words {
        if self == Self::ANYTHING {
            return Words::new("anything", "n’importe quoi");
        }
        // Both kinds of numbers are one for people.
        let (mut en, mut fr) = (Vec::new(), Vec::new());
        let mut add = |of: Self, in_english: &str, in_french: &str| {
            if self.meets(of) {
                en.push(in_english.to_owned());
                fr.push(in_french.to_owned());
            }
        };
        add(Self::TRUTH, "true or false", "vrai ou faux");
        if self.meets(Self::DECIMAL) {
            add(Self::NUMBER, "a number", "un nombre");
        } else {
            add(Self::WHOLE, "a whole number", "un nombre entier");
        }
        add(Self::TEXT, "a text", "un texte");
        add(Self::LIST, "a list", "une liste");
        add(Self::MAP, "a map", "un tableau associatif");
        add(Self::OTHER, "a value of scripts", "une valeur propre aux scripts");
        add(Self::NOTHING, "nothing", "rien");
        Words::new(en.join(" or "), fr.join(" ou "))
    }
}

#[cfg(test)]
mod tests {
    use super::Possible;
    use crate::document::AttributeType;

    #[test]
    fn sets_say_what_may_be_stored() {
        assert!(Possible::WHOLE.fits(AttributeType::Number));
        assert!(Possible::NUMBER.fits(AttributeType::Integer), "it may be whole");
        assert!(!Possible::DECIMAL.fits(AttributeType::Integer));
        assert!(!Possible::TEXT.fits(AttributeType::Boolean));
        assert!(Possible::NOTHING.fits(AttributeType::Boolean), "nothing forgets");
        assert!(Possible::ANYTHING.fits(AttributeType::Object));
        assert!(Possible::TEXT.fits(AttributeType::Date));
    }

    #[test]
    fn sets_are_said_in_words() {
        assert_eq!(Possible::TEXT.or(Possible::NOTHING).words().fr, "un texte ou rien");
        assert_eq!(Possible::NUMBER.words().en, "a number");
        assert_eq!(Possible::WHOLE.words().en, "a whole number");
        assert_eq!(Possible::ANYTHING.types().count(), 8);
    }
}
