//! Options: how they are shown on each channel, and how a contact's words are understood as one of them.

use routewright_engine::{
    contact::{Message, SaidOption},
    node::{Fault, Turn},
};
use routewright_flows::Channel;

use crate::folding::fold;

/// One option as it may be answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Spoken {
    /// Comes back when it is tapped.
    pub id: String,
    /// Words that mean it, folded.
    pub words: Vec<String>,
}

impl Spoken {
    /// An option with the words that mean it, as people wrote them.
    pub fn new<'a>(id: &str, words: impl IntoIterator<Item = &'a str>) -> Self {
        let words = words.into_iter().map(fold).filter(|word| !word.is_empty()).collect();
        Self { id: id.to_owned(), words }
    }
}

/// Which option a message means: the tapped one, the one whose word it is, the one whose shown label it is, else the
/// one at its number. Words come before numbers, so that an author may call the third option `"9"`.
#[must_use]
pub fn chosen(message: &Message, options: &[Spoken], shown: &[SaidOption]) -> Option<usize> {
    let position = |id: &str| options.iter().position(|option| option.id == id);
    if let Some(tapped) = message.choice.as_deref().and_then(position) {
        return Some(tapped);
    }
    let said = fold(&message.text);
    if said.is_empty() {
        return None;
    }
    let by_word = options.iter().position(|option| option.words.contains(&said));
    let by_label = || shown.iter().find(|option| fold(&option.label) == said).and_then(|option| position(&option.id));
    let by_number = || said.parse::<usize>().ok()?.checked_sub(1).filter(|index| *index < options.len());
    by_word.or_else(by_label).or_else(by_number)
}

/// Says a text with options: to tap where the channel can show so many, else numbered in the text as well.
///
/// # Errors
/// As for saying anything.
pub fn show(turn: &mut Turn<'_>, text: String, options: Vec<SaidOption>) -> Result<(), Fault> {
    if options.len() <= taps_max(turn.channel()) {
        return turn.say_options(text, options);
    }
    let mut numbered = text;
    for (index, option) in options.iter().enumerate() {
        numbered.push_str(&format!("\n{}. {}", index + 1, option.label));
    }
    turn.say_options(numbered, options)
}

/// True where a contact can tap an option.
#[must_use]
pub fn has_buttons(channel: Channel) -> bool {
    0 < taps_max(channel)
}

/// How many options of one message a contact can tap: WhatsApp shows up to three as buttons and up to ten as a list.
fn taps_max(channel: Channel) -> usize {
    match channel {
        Channel::Webchat => usize::MAX,
        Channel::Whatsapp => 10,
        Channel::Sms | Channel::Email | Channel::Voice | Channel::Voicemail | Channel::WorkItem => 0,
    }
}

#[cfg(test)]
mod tests {
    use routewright_engine::contact::{Message, SaidOption};

    use super::{Spoken, chosen};

    #[test]
    fn an_option_is_understood_however_it_is_said() {
        let options = [
            Spoken::new("sales", ["Ventes", "Sales", "acheter"]),
            Spoken::new("support", ["Assistance", "Support"]),
            Spoken::new("operator", ["Un conseiller", "0", "9"]),
        ];
        let shown = [SaidOption { id: "support".into(), label: "Assistance pour Léa".into() }];
        for (text, choice, meant) in [
            ("", Some("support"), Some(1)),
            ("Ventes", Some("gone"), Some(0)),
            ("  VENTES !! ", None, Some(0)),
            ("sales", None, Some(0)),
            ("Acheter", None, Some(0)),
            ("assistance pour lea", None, Some(1)),
            ("2", None, Some(1)),
            ("2)", None, Some(1)),
            ("3", None, Some(2)),
            ("9", None, Some(2)),
            ("0", None, Some(2)),
            ("4", None, None),
            ("-1", None, Some(0)),
            ("vente", None, None),
            ("", None, None),
            ("", Some("gone"), None),
        ] {
            let message = Message { text: text.into(), choice: choice.map(Into::into) };
            assert_eq!(chosen(&message, &options, &shown), meant, "{text:?} {choice:?}");
        }
    }
}
