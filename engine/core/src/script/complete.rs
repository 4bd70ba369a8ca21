//! Completion inside scripts: what may be written after the characters that are there.
//!
//! It looks back from the end of an unfinished text, which no parser reads: at the path that is being written, or at the
//! comparison whose text is being written. Types come from where the checks take them.

use routewright_flows::{
    Channel, FlowDocument,
    check::Possible,
    complete::{Candidate, CandidateKind, attributes},
    descriptor::Slot,
};

use super::{
    functions::FUNCTIONS,
    lint::View,
    types::{property_of, signature, spec},
};

/// What may come next, where `written` stands before.
pub(super) fn complete(slot: &Slot, written: &str, document: &FlowDocument) -> Vec<Candidate> {
    let script = match slot {
        Slot::Template | Slot::Text => match open_placeholder(written) {
            Some(script) => script,
            None => return Vec::new(),
        },
        Slot::Expression { .. } | Slot::Script | Slot::Reference { .. } | Slot::Attribute => written,
    };
    if let Some(before) = open_text(script) {
        return values(before, document);
    }
    let path = &script[script.rfind(|c: char| !is_name(c) && c != '.').map_or(0, |at| at + width(script, at))..];
    match path.rsplit_once('.') {
        None => anything(document),
        Some((base, _)) => members(base, document),
    }
}

fn is_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn width(text: &str, at: usize) -> usize {
    text[at..].chars().next().map_or(1, char::len_utf8)
}

/// The script of a `${` that is not closed yet.
fn open_placeholder(written: &str) -> Option<&str> {
    let start = written.rfind("${")?;
    let script = &written[start + 2..];
    (!written[..start].ends_with('$') && !script.contains('}')).then_some(script)
}

/// What stands before a text that is being written.
fn open_text(script: &str) -> Option<&str> {
    let mut open = None;
    let mut escaped = false;
    for (at, c) in script.char_indices() {
        match c {
            '"' if !escaped => open = if open.is_none() { Some(at) } else { None },
            _ => {}
        }
        escaped = c == '\\' && !escaped;
    }
    open.map(|at| &script[..at])
}

/// Texts that the other side of a comparison may have.
fn values(before: &str, document: &FlowDocument) -> Vec<Candidate> {
    let Some(term) = ["==", "!="].into_iter().find_map(|operator| before.trim_end().strip_suffix(operator)) else {
        return Vec::new();
    };
    let term = term.trim_end();
    let term = &term[term.rfind(|c: char| !is_name(c) && c != '.').map_or(0, |at| at + width(term, at))..];
    let text = |text: &str| Candidate::typed(text, CandidateKind::Value, Possible::TEXT);
    if term == "interaction.channel" {
        let own: Vec<Candidate> = document.channels.iter().map(|channel| text(channel.as_str())).collect();
        return if own.is_empty() { Channel::ALL.iter().map(|channel| text(channel.as_str())).collect() } else { own };
    }
    let spec = term.strip_prefix("attributes.").and_then(|name| spec(document, name));
    spec.and_then(|spec| spec.one_of.as_ref()).into_iter().flatten().map(|one| text(one)).collect()
}

/// Views and functions.
fn anything(document: &FlowDocument) -> Vec<Candidate> {
    let views = View::ALL.map(|view| Candidate::typed(view.name(), CandidateKind::View, Possible::MAP));
    let own = document.library.split("fn ").skip(1).filter_map(|rest| {
        let name = &rest[..rest.find('(')?];
        name.chars().all(is_name).then(|| Candidate::typed(name, CandidateKind::Function, Possible::ANYTHING))
    });
    views.into_iter().chain(functions(|_| true)).chain(own).collect()
}

fn functions(fits: impl Fn(&str) -> bool) -> impl Iterator<Item = Candidate> {
    let all = FUNCTIONS.iter().flat_map(|group| group.functions).filter(move |function| fits(function.name));
    all.map(|function| {
        let gives = signature(function.name).map_or(Possible::ANYTHING, |(_, gives)| gives);
        Candidate::typed(function.name, CandidateKind::Function, gives)
    })
}

/// What may come after a dot.
fn members(base: &str, document: &FlowDocument) -> Vec<Candidate> {
    let property =
        |view: View, name: &str| Candidate::typed(name, CandidateKind::Property, property_of(view, name, document));
    if let Some(view) = View::named(base) {
        return match view.properties() {
            Some(names) => names.iter().map(|name| property(view, name)).collect(),
            None => attributes(document),
        };
    }
    if base == "contact.fields" {
        return Vec::new();
    }
    // Functions of one value may be written as methods of it.
    let of = base.split_once('.').and_then(|(view, name)| Some(property_of(View::named(view)?, name, document)));
    let of = of.unwrap_or(Possible::ANYTHING).without(Possible::NOTHING);
    let takes =
        |name: &str| signature(name).is_some_and(|(takes, _)| takes.first().is_some_and(|first| first.meets(of)));
    functions(takes).collect()
}

#[cfg(test)]
mod tests {
    use routewright_flows::{check::Scripts, descriptor::Slot};

    use super::super::{Sandbox, tests::document};

    fn offered(slot: &Slot, written: &str) -> Vec<String> {
        let mut document = document();
        let topic = document.attributes.get_mut("topic").expect("the document has a topic");
        topic.one_of = Some(vec!["sales".into(), "support".into()]);
        let found = Sandbox::new().complete(slot, written, &document);
        found.into_iter().map(|candidate| format!("{}: {}", candidate.label, candidate.detail.en)).collect()
    }

    #[test]
    fn what_may_come_next_depends_on_what_is_written() {
        let all = offered(&Slot::Script, "let x = ");
        for expected in ["contact: a map", "lower: a text", "twice: anything", "len: a whole number"] {
            assert!(all.contains(&expected.to_owned()), "{expected} in {all:?}");
        }
        assert!(offered(&Slot::Script, "if attributes.").contains(&"count: a whole number".to_owned()));
        assert!(offered(&Slot::Script, "now.").contains(&"timestamp_s: a whole number".to_owned()));
        let methods = offered(&Slot::Script, "attributes.count.");
        assert!(methods.contains(&"abs: a number".to_owned()) && !methods.contains(&"lower: a text".to_owned()));
        assert_eq!(offered(&Slot::Script, "attributes.topic == \""), ["sales: a text", "support: a text"]);
        assert_eq!(offered(&Slot::Template, "Bonjour contact."), Vec::<String>::new(), "no script is open");
        assert!(offered(&Slot::Template, "Bonjour ${contact.").contains(&"name: a text or nothing".to_owned()));
        assert_eq!(offered(&Slot::Template, "${contact.name} "), Vec::<String>::new());
    }
}
