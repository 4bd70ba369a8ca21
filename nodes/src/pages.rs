//! The generated page of a node type: its documentation, with tables of its settings and exits, and its examples.
//!
//! `cargo xtask gen` writes `docs/nodes/<kind>.md` and `docs/fr/nodes/<kind>.md` from here; nobody edits those.

use std::fmt::Write;

use routewright_flows::{
    Descriptor, ExitRole, Flavour, Words,
    descriptor::{Category, FRENCH_KEYWORD, ReferenceKind, Returns, SLOT_KEYWORD, Slot},
};
use serde_json::{Map, Value};

/// The languages that pages are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// English.
    English,
    /// French.
    French,
}

impl Language {
    /// Both.
    pub const ALL: [Self; 2] = [Self::English, Self::French];

    /// Its tag, as in the path of its pages.
    #[must_use]
    pub fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::French => "fr",
        }
    }

    /// Where the page of a kind is kept, from the root of the repository.
    #[must_use]
    pub fn page_path(self, kind: &str) -> String {
        match self {
            Self::English => format!("docs/nodes/{kind}.md"),
            Self::French => format!("docs/fr/nodes/{kind}.md"),
        }
    }

    /// The headings that every product page has, in this order.
    #[must_use]
    pub fn headings(self) -> [&'static str; 5] {
        match self {
            Self::English => ["What it does", "When to use it", "Exits", "Settings", "Pitfalls"],
            Self::French => ["Ce qu’il fait", "Quand l’utiliser", "Sorties", "Réglages", "Pièges"],
        }
    }

    fn colon(self) -> &'static str {
        self.pick(": ", " : ")
    }

    fn of(self, words: &Words) -> &str {
        words.for_language(self.tag())
    }

    fn pick(self, en: &'static str, fr: &'static str) -> &'static str {
        match self {
            Self::English => en,
            Self::French => fr,
        }
    }
}

/// The page of a node type, as Markdown.
#[must_use]
pub fn render(descriptor: &Descriptor, language: Language) -> String {
    let [_, _, exits_heading, settings_heading, _] = language.headings();
    let mut page = format!("# {}{}`{}`\n\n", language.of(&descriptor.title), language.colon(), descriptor.kind);
    write_line(&mut page, &summary(descriptor, language));
    for (heading, body) in sections(language.of(&descriptor.docs)) {
        write_line(&mut page, &format!("## {heading}\n\n{body}"));
        let table = if heading == exits_heading {
            exits(descriptor, language)
        } else if heading == settings_heading {
            settings(descriptor, language)
        } else {
            String::new()
        };
        if !table.is_empty() {
            write_line(&mut page, &table);
        }
    }
    write_line(&mut page, language.pick("## Examples", "## Exemples"));
    for (valid, words) in [(true, language.pick("Accepted", "Accepté")), (false, language.pick("Refused", "Refusé"))]
    {
        for example in descriptor.examples.iter().filter(|example| example.valid == valid) {
            let config = serde_json::to_string_pretty(&example.config).expect("a map of JSON values can be written");
            let title = language.of(&example.title);
            write_line(&mut page, &format!("{words}{}{title}\n\n```json\n{config}\n```", language.colon()));
        }
    }
    page.truncate(page.trim_end().len());
    page.push('\n');
    page
}

fn write_line(page: &mut String, text: &str) {
    page.push_str(text);
    page.push_str("\n\n");
}

fn summary(descriptor: &Descriptor, language: Language) -> String {
    let category = match descriptor.category {
        Category::Talk => language.pick("Talk", "Dialogue"),
        Category::Decide => language.pick("Decide", "Décision"),
        Category::Route => language.pick("Route", "Routage"),
        Category::Time => language.pick("Time", "Temps"),
        Category::CallOut => language.pick("Call out", "Appels externes"),
        Category::Structure => language.pick("Structure", "Structure"),
        Category::Finish => language.pick("Finish", "Fin"),
    };
    let flavour = match descriptor.flavour {
        Flavour::Instant => language.pick("goes on at once", "continue aussitôt"),
        Flavour::Waiting => language.pick("may wait", "peut attendre"),
        Flavour::Terminal => language.pick("ends the flow", "termine le scénario"),
    };
    let since = language.pick("since", "depuis la version");
    format!("*{category} · {flavour} · {since} {}*", descriptor.since)
}

/// The sections of a product page: heading and body.
#[must_use]
pub fn sections(docs: &str) -> Vec<(&str, &str)> {
    docs.split("## ")
        .skip(1)
        .filter_map(|section| section.split_once('\n'))
        .map(|(h, b)| (h.trim(), b.trim()))
        .collect()
}

fn exits(descriptor: &Descriptor, language: Language) -> String {
    let exits = &descriptor.exits;
    if exits.fixed.is_empty() && exits.from_config.is_none() {
        return String::new();
    }
    let mut table =
        language.pick("| Exit | Taken when |\n| --- | --- |", "| Sortie | Prise quand |\n| --- | --- |").to_owned();
    if let Some(pointer) = &exits.from_config {
        let words = language.pick("As the settings name it.", "Comme la nomment les réglages.");
        push_row(&mut table, &[&format!("*`{}`*", pointer.trim_start_matches('/').replace('/', ".")), words]);
    }
    for exit in &exits.fixed {
        let mut words = language.of(&exit.docs).to_owned();
        if let Some(setting) = &exit.only_if {
            let only = language.pick("Only with", "Seulement avec");
            words = format!("{words} {only} `{}`.", setting.trim_start_matches('/'));
        }
        if exit.role == ExitRole::Error && exit.name.as_str() != "error" {
            words.push_str(language.pick(" May stay unwired.", " Peut rester non reliée."));
        }
        push_row(&mut table, &[&format!("`{}`", exit.name), &words]);
    }
    table
}

fn settings(descriptor: &Descriptor, language: Language) -> String {
    let mut table = String::new();
    push_settings(&mut table, "", &descriptor.config, language);
    if table.is_empty() {
        return table;
    }
    let head = language.pick(
        "| Setting | Type | Default | Meaning |\n| --- | --- | --- | --- |",
        "| Réglage | Type | Par défaut | Sens |\n| --- | --- | --- | --- |",
    );
    format!("{head}{table}")
}

/// Writes the rows of an object's settings, and of those inside them.
fn push_settings(table: &mut String, prefix: &str, schema: &Value, language: Language) {
    let required: Vec<&str> =
        schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
    for (name, setting) in properties(schema) {
        let path = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
        let default = match setting.get("default") {
            Some(value) => format!("`{value}`"),
            None if required.contains(&name.as_str()) => language.pick("*required*", "*obligatoire*").to_owned(),
            None => String::new(),
        };
        let key = language.pick("description", FRENCH_KEYWORD);
        let meaning = setting.get(key).and_then(Value::as_str).unwrap_or_default().replace('\n', " ");
        push_row(table, &[&format!("`{path}`"), &type_of(setting, language), &default, &meaning]);
        if setting.get(SLOT_KEYWORD).is_some() {
            continue;
        }
        match setting.get("items") {
            Some(items) => push_settings(table, &format!("{path}[]"), items, language),
            None => push_settings(table, &path, setting, language),
        }
    }
}

/// The settings of an object; of one in several forms, those of each form but for the name of the form itself.
fn properties(schema: &Value) -> Vec<(&String, &Value)> {
    let mut found: Vec<(&String, &Value)> = Vec::new();
    let forms = ["oneOf", "anyOf"].into_iter().filter_map(|key| schema.get(key)?.as_array()).flatten();
    for form in std::iter::once(schema).chain(forms) {
        let own = form.get("properties").and_then(Value::as_object).into_iter().flatten();
        found.extend(own.filter(|(_, setting)| setting.get("const").is_none()));
    }
    found.sort_by_key(|(name, _)| *name);
    found.dedup_by(|(a, _), (b, _)| a == b);
    found
}

fn type_of(schema: &Value, language: Language) -> String {
    if let Some(slot) = schema.get(SLOT_KEYWORD).and_then(|slot| serde_json::from_value(slot.clone()).ok()) {
        return slot_name(&slot, language).to_owned();
    }
    let forms = forms(schema);
    if !forms.is_empty() {
        return forms.iter().map(|form| format!("`{form}`")).collect::<Vec<_>>().join(", ");
    }
    match schema.get("type").and_then(Value::as_str) {
        Some("boolean") => language.pick("true or false", "vrai ou faux").to_owned(),
        Some("integer") => bounded(schema, language.pick("whole number", "nombre entier")),
        Some("number") => bounded(schema, language.pick("number", "nombre")),
        Some("array") => language.pick("list", "liste").to_owned(),
        Some("object") => language.pick("table", "table").to_owned(),
        Some("string") if is_duration(schema) => language.pick("duration", "durée").to_owned(),
        Some(_) | None => language.pick("text", "texte").to_owned(),
    }
}

fn bounded(schema: &Value, what: &str) -> String {
    match (schema.get("minimum"), schema.get("maximum")) {
        (Some(min), Some(max)) => format!("{what}, {min}…{max}"),
        _ => what.to_owned(),
    }
}

/// Durations are the only strings whose schema shows examples of lengths.
fn is_duration(schema: &Value) -> bool {
    schema.get("pattern").and_then(Value::as_str).is_some_and(|pattern| pattern.contains("ms"))
}

/// The names of the forms that a setting may take.
fn forms(schema: &Value) -> Vec<&str> {
    let list = |key: &str| schema.get(key).and_then(Value::as_array).into_iter().flatten();
    let named = list("oneOf").filter_map(|form| {
        let fields: Option<&Map<String, Value>> = form.get("properties").and_then(Value::as_object);
        let tag = || fields?.values().find_map(|field| field.get("const")).and_then(Value::as_str);
        let only = || fields.filter(|fields| fields.len() == 1)?.keys().next().map(String::as_str);
        tag().or_else(only)
    });
    named.chain(list("enum").filter_map(Value::as_str)).collect()
}

fn slot_name(slot: &Slot, language: Language) -> &'static str {
    match slot {
        Slot::Expression { returns: Returns::Boolean } => language.pick("condition", "condition"),
        Slot::Expression { returns: Returns::Integer | Returns::Number | Returns::String | Returns::Any } => {
            language.pick("expression", "expression")
        }
        Slot::Script => language.pick("script", "script"),
        Slot::Template => language.pick("template", "modèle"),
        Slot::Text => language.pick("text by language", "texte par langue"),
        Slot::Reference { to } => match to {
            ReferenceKind::Skill => language.pick("skill", "compétence"),
            ReferenceKind::Calendar => language.pick("calendar", "calendrier"),
            ReferenceKind::Template => language.pick("template", "modèle"),
            ReferenceKind::Table => language.pick("table", "table"),
            ReferenceKind::Secret => language.pick("secret", "secret"),
            ReferenceKind::Questionnaire => language.pick("questionnaire", "questionnaire"),
            ReferenceKind::Flow => language.pick("flow", "scénario"),
            ReferenceKind::Disposition => language.pick("disposition", "qualification"),
            ReferenceKind::Agent => language.pick("agent", "agent"),
        },
        Slot::Attribute => language.pick("attribute", "attribut"),
    }
}

fn push_row(table: &mut String, cells: &[&str]) {
    table.push_str("\n|");
    for cell in cells {
        write!(table, " {} |", cell.replace('|', "\\|")).expect("writing to a string cannot fail");
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use expect_test::expect_file;

    use super::{Language, render};

    /// The committed pages are the rendered ones; `UPDATE_EXPECT=1 cargo test -p routewright-nodes pages` writes them.
    #[test]
    fn the_committed_pages_are_current() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        for descriptor in crate::standard().descriptors() {
            for language in Language::ALL {
                expect_file![root.join(language.page_path(descriptor.kind.as_str()))]
                    .assert_eq(&render(descriptor, language));
            }
        }
    }

    #[test]
    fn the_list_of_pages_names_every_type() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        for language in Language::ALL {
            let list = fs::read_to_string(root.join(language.page_path("README"))).expect("there is a list");
            let of = |kind: &str| format!("[{kind}]({kind}.md)");
            let registry = crate::standard();
            let missing = registry.descriptors().map(|d| d.kind.as_str()).filter(|kind| !list.contains(&of(kind)));
            assert_eq!(missing.collect::<Vec<_>>(), [""; 0], "{}", language.tag());
        }
    }
}
