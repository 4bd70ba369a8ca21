//! What every node type must hold to, whoever wrote it. Our own types and those of other crates are judged alike:
//!
//! - it says what it is: titles and product pages in both languages, with every heading, and a French description of
//!   every setting;
//! - its schema is valid, closed, and without `null`; its valid examples are accepted and its invalid ones refused;
//! - it takes only exits that it declares, and, driven by a small world of events, every one of them but `error`;
//! - instant types never wait, waiting types do, always with a deadline, and terminal types end;
//! - a waiting type says how long contacts stay at it without a word, and nobody ever stays longer;
//! - no visit asks for more than a visit may take: operations and sizes of scripts, messages, attributes, calls;
//! - what it remembers survives being written and read between any two events, and the same events give the same
//!   outcome.
//!
//! What it deliberately does not do: it does not know what a type is for. That a menu understands its options is the
//! menu's own test.

mod driving;
mod manifest;
mod silence;
mod world;

pub use manifest::check_manifest;

#[cfg(test)]
pub(crate) use world::exits;

use std::sync::Arc;

use routewright_engine::{
    node::{Node, Registry},
    script::Sandbox,
};
use routewright_flows::{
    Descriptor, ExitRole, ExitSpec, Flavour, Kind, Words, check::Kinds, descriptor::FRENCH_KEYWORD,
};
use serde_json::Value;

use crate::pages::{Language, sections};

/// Something that a node type does not hold to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shortcoming {
    /// The type.
    pub kind: Kind,
    /// Stable code.
    pub code: &'static str,
    /// What is wrong, where, and what was expected.
    pub message: Words,
}

/// Judges one type.
#[must_use]
pub fn check<N: Node>() -> Vec<Shortcoming> {
    check_all(Registry::default().add::<N>())
}

/// Judges every type of a registry.
#[must_use]
pub fn check_all(registry: Registry) -> Vec<Shortcoming> {
    let kinds: Vec<Kind> = registry.descriptors().map(|descriptor| descriptor.kind.clone()).collect();
    let registry = world::with_probes(registry);
    let sandbox = Arc::new(Sandbox::new());
    let mut found = Vec::new();
    for descriptor in kinds.iter().filter_map(|kind| registry.descriptor(kind.as_str())) {
        let mut judge = Judge { descriptor, found: &mut found };
        judge.words();
        judge.schema();
        judge.shape();
        driving::examples(&mut judge, &registry, &sandbox);
    }
    found
}

/// Collects what is found of one type.
struct Judge<'a> {
    descriptor: &'a Descriptor,
    found: &'a mut Vec<Shortcoming>,
}

impl Judge<'_> {
    fn report(&mut self, code: &'static str, en: impl Into<String>, fr: impl Into<String>) {
        self.found.push(Shortcoming { kind: self.descriptor.kind.clone(), code, message: Words::new(en, fr) });
    }

    fn words(&mut self) {
        let descriptor = self.descriptor;
        for language in Language::ALL {
            let tag = language.tag();
            let docs = sections(descriptor.docs.for_language(tag));
            let headings: Vec<&str> = docs.iter().map(|(heading, _)| *heading).collect();
            let expected = language.headings();
            if headings != expected || docs.iter().any(|(_, body)| body.is_empty()) {
                self.report(
                    "docs",
                    format!("its page ({tag}) has the sections {headings:?}: expected {expected:?}, none empty"),
                    format!("sa page ({tag}) a les sections {headings:?} : attendu {expected:?}, aucune vide"),
                );
            }
            let titles = descriptor.examples.iter().map(|example| &example.title);
            let exits = descriptor.exits.fixed.iter().map(|exit| &exit.docs);
            if [&descriptor.title]
                .into_iter()
                .chain(titles)
                .chain(exits)
                .any(|words| words.for_language(tag).is_empty())
            {
                self.report(
                    "words",
                    format!("its title, an example or an exit has no words in '{tag}'"),
                    format!("son titre, un exemple ou une sortie n’a pas de mots en « {tag} »"),
                );
            }
        }
    }

    fn schema(&mut self) {
        let schema = &self.descriptor.config;
        if !jsonschema::meta::is_valid(schema) {
            self.report("schema", "its schema is not a JSON Schema", "son schéma n’est pas un JSON Schema");
        }
        self.settings(schema, "");
    }

    /// Walks the schema: every object is closed, every setting is described in both languages, nothing is `null`.
    fn settings(&mut self, schema: &Value, path: &str) {
        match schema {
            Value::Object(members) => {
                let properties = members.get("properties").and_then(Value::as_object);
                if properties.is_some() && members.get("additionalProperties").is_none_or(|more| *more == true) {
                    self.report(
                        "schema-open",
                        format!("its schema at '{path}' accepts unknown settings: add `deny_unknown_fields`"),
                        format!(
                            "son schéma en « {path} » accepte des réglages inconnus : ajoutez `deny_unknown_fields`"
                        ),
                    );
                }
                if members.get("type").is_some_and(|kind| *kind == "null") {
                    self.report(
                        "schema-null",
                        format!("its schema at '{path}' accepts null: leave a setting out instead"),
                        format!("son schéma en « {path} » accepte null : omettez plutôt le réglage"),
                    );
                }
                for (name, setting) in properties.into_iter().flatten() {
                    self.described(setting, &format!("{path}/{name}"));
                }
                for (keyword, part) in members {
                    let place = if matches!(keyword.as_str(), "properties" | "items") {
                        path.to_owned()
                    } else {
                        format!("{path}/{keyword}")
                    };
                    self.settings(part, &place);
                }
            }
            Value::Array(parts) => parts.iter().for_each(|part| self.settings(part, path)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }

    fn described(&mut self, setting: &Value, path: &str) {
        let says = |keyword: &str| setting.get(keyword).and_then(Value::as_str).is_some_and(|text| !text.is_empty());
        // The tag of a form and a form without settings of its own say all there is in their names.
        let speaks_for_itself = setting.get("const").is_some()
            || setting.get("properties").is_none()
                && setting.get("type").is_some_and(|kind| kind == "object")
                && setting.get("additionalProperties").is_some_and(|more| *more == false);
        if !(speaks_for_itself || says("description") && says(FRENCH_KEYWORD)) {
            self.report(
                "undescribed",
                format!("its setting '{path}' is not described in both languages: a doc comment, and `{FRENCH_KEYWORD}`"),
                format!("son réglage « {path} » n’est pas décrit dans les deux langues : un commentaire, et `{FRENCH_KEYWORD}`"),
            );
        }
    }

    fn shape(&mut self) {
        let descriptor = self.descriptor;
        let goes_on = |exit: &ExitSpec| exit.role != ExitRole::Error;
        let has_exits = descriptor.exits.fixed.iter().any(goes_on) || descriptor.exits.from_config.is_some();
        match descriptor.flavour {
            Flavour::Terminal if has_exits => {
                self.report("exits", "it ends the flow and has exits", "il termine le scénario et a des sorties");
            }
            Flavour::Instant | Flavour::Waiting if !has_exits => {
                self.report("exits", "it goes on and has no exit", "il continue et n’a aucune sortie");
            }
            Flavour::Instant | Flavour::Waiting | Flavour::Terminal => {}
        }
        for valid in [true, false] {
            if !descriptor.examples.iter().any(|example| example.valid == valid) {
                let (en, fr) = if valid { ("valid", "valide") } else { ("invalid", "invalide") };
                self.report("examples", format!("it has no {en} example"), format!("il n’a aucun exemple {fr}"));
            }
        }
    }
}

#[cfg(test)]
mod tests;
