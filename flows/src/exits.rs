//! Which exits a node has: the fixed ones of its kind, and those that its configuration names.

use serde_json::{Map, Value};

use crate::{
    descriptor::{ExitRole, ExitSpec, Exits},
    source::escape,
};

/// An exit that a configuration names, as it is written there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedExit<'c> {
    /// Where it is named: a JSON pointer into the configuration.
    pub pointer: String,
    /// The name, not yet held against the rule for exit names.
    pub name: &'c str,
}

impl Exits {
    /// Every exit that a configuration names, in its order; a name may come twice.
    #[must_use]
    pub fn named_in<'c>(&self, config: &'c Map<String, Value>) -> Vec<NamedExit<'c>> {
        let Some(path) = &self.from_config else { return Vec::new() };
        let mut tokens = path.split('/').skip(1);
        let Some(first) = tokens.next() else { return Vec::new() };
        let tokens: Vec<&str> = tokens.collect();
        let mut found = Vec::new();
        if first == "*" {
            for (key, value) in config {
                entry(key, value, &tokens, &mut found);
            }
        } else if let Some(value) = config.get(first) {
            walk(value, format!("/{first}"), &tokens, &mut found);
        }
        found
    }

    /// The exits of the type itself that a node of this configuration has.
    pub fn fixed_in<'d>(&'d self, config: &'d Map<String, Value>) -> impl Iterator<Item = &'d ExitSpec> {
        self.fixed.iter().filter(|exit| exit.exists_in(config))
    }

    /// The role of an exit of this name; those named by a configuration are normal ones.
    #[must_use]
    pub fn role(&self, name: &str) -> ExitRole {
        self.fixed.iter().find(|exit| exit.name.as_str() == name).map_or(ExitRole::Normal, |exit| exit.role)
    }
}

/// One key of an object that the path's `*` stands for: with nothing after the `*`, the key is the name.
fn entry<'c>(key: &'c str, value: &'c Value, rest: &[&str], found: &mut Vec<NamedExit<'c>>) {
    let pointer = format!("/{}", escape(key));
    if rest.is_empty() { found.push(NamedExit { pointer, name: key }) } else { walk(value, pointer, rest, found) }
}

fn walk<'c>(value: &'c Value, pointer: String, path: &[&str], found: &mut Vec<NamedExit<'c>>) {
    let Some((token, rest)) = path.split_first() else {
        if let Value::String(name) = value {
            found.push(NamedExit { pointer, name });
        }
        return;
    };
    match value {
        Value::Object(fields) if *token == "*" => {
            for (key, value) in fields {
                let mut inner = Vec::new();
                entry(key, value, rest, &mut inner);
                found.extend(
                    inner.into_iter().map(|exit| NamedExit { pointer: pointer.clone() + &exit.pointer, ..exit }),
                );
            }
        }
        Value::Array(items) if *token == "*" => {
            for (index, item) in items.iter().enumerate() {
                walk(item, format!("{pointer}/{index}"), rest, found);
            }
        }
        Value::Object(fields) => {
            if let Some(value) = fields.get(*token) {
                walk(value, format!("{pointer}/{}", escape(token)), rest, found);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::Exits;
    use crate::{
        descriptor::{ExitRole, ExitSpec},
        name::ExitName,
        words::Words,
    };

    fn named(path: &'static str, config: &Value) -> Vec<(String, String)> {
        let exits = Exits { fixed: Vec::new(), from_config: Some(path.into()) };
        let config = config.as_object().expect("an object");
        exits.named_in(config).into_iter().map(|exit| (exit.pointer, exit.name.to_owned())).collect()
    }

    #[test]
    fn exits_are_read_from_elements_fields_and_keys() {
        let config = json!({ "options": [{ "id": "a" }, { "id": "b" }, { "label": "c" }, 7], "cases": { "x/y": { "exit": "z" } } });
        let pair = |pointer: &str, name: &str| (pointer.to_owned(), name.to_owned());
        assert_eq!(named("/options/*/id", &config), [pair("/options/0/id", "a"), pair("/options/1/id", "b")]);
        assert_eq!(named("/cases/*", &config), [pair("/cases/x~1y", "x/y")]);
        assert_eq!(named("/cases/*/exit", &config), [pair("/cases/x~1y/exit", "z")]);
        assert_eq!(named("/*", &json!({ "k": 1 })), [pair("/k", "k")]);
        assert_eq!(named("/absent/*/id", &config), []);
        assert_eq!(named("/options", &config), []);
    }

    #[test]
    fn an_exit_behind_a_setting_exists_only_where_it_is_true() {
        let spec = |name: &str, only_if: Option<&'static str>| ExitSpec {
            name: ExitName::new(name).expect("an exit name"),
            role: ExitRole::Normal,
            docs: Words::new("for tests", "pour les tests"),
            only_if: only_if.map(Into::into),
        };
        let exits =
            Exits { fixed: vec![spec("done", None), spec("message", Some("/interruptible"))], from_config: None };
        for (config, expected) in [
            (json!({}), vec!["done"]),
            (json!({ "interruptible": false }), vec!["done"]),
            (json!({ "interruptible": "yes" }), vec!["done"]),
            (json!({ "interruptible": true }), vec!["done", "message"]),
        ] {
            let config = config.as_object().expect("an object");
            let found: Vec<&str> = exits.fixed_in(config).map(|exit| exit.name.as_str()).collect();
            assert_eq!(found, expected, "{config:?}");
        }
    }
}
