//! Data tables: rows that administrators keep beside their flows (opening codes, postcodes to branches, product names),
//! with an index over every column.
//!
//! What it deliberately does not do: it changes nothing while flows run, and joins nothing. It is a table, not a
//! database.

use std::collections::BTreeMap;

use routewright_flows::Localised;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A table as it is written and stored.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TableSettings {
    /// What people call it.
    #[serde(default)]
    #[schemars(extend("x-fr" = "Son nom, tel qu’on l’affiche."))]
    pub title: Localised,
    /// Its columns, in the order people see them.
    #[schemars(extend("x-fr" = "Ses colonnes, dans l’ordre où on les voit."))]
    pub columns: Vec<String>,
    /// Its rows; a column that a row leaves out has no value there.
    #[serde(default)]
    #[schemars(extend("x-fr" = "Ses lignes ; une colonne qu’une ligne omet n’y a pas de valeur."))]
    pub rows: Vec<BTreeMap<String, Value>>,
}

/// A table ready to be looked into.
#[derive(Debug, Clone, Default)]
pub struct Table {
    settings: TableSettings,
    /// By column and key, the rows that have it, in their order.
    index: BTreeMap<String, BTreeMap<String, Vec<usize>>>,
}

impl Table {
    /// Builds the index.
    #[must_use]
    pub fn new(settings: TableSettings) -> Self {
        let mut index: BTreeMap<String, BTreeMap<String, Vec<usize>>> =
            settings.columns.iter().map(|column| (column.clone(), BTreeMap::new())).collect();
        for (place, row) in settings.rows.iter().enumerate() {
            for (column, value) in row {
                if let (Some(keys), Some(key)) = (index.get_mut(column), key(value)) {
                    keys.entry(key).or_default().push(place);
                }
            }
        }
        Self { settings, index }
    }

    /// As it was written.
    #[must_use]
    pub fn settings(&self) -> &TableSettings {
        &self.settings
    }

    /// True when it has this column.
    #[must_use]
    pub fn has_column(&self, column: &str) -> bool {
        self.index.contains_key(column)
    }

    /// The first row that has every one of these values; texts are compared without case and surrounding space, and a
    /// number is the same as its text. Nothing has no value.
    #[must_use]
    pub fn find(&self, wanted: &BTreeMap<&str, Value>) -> Option<&BTreeMap<String, Value>> {
        let mut wanted = wanted.iter();
        let (column, value) = wanted.next()?;
        let rest: Vec<(&str, String)> =
            wanted.map(|(column, value)| Some((*column, key(value)?))).collect::<Option<_>>()?;
        let places = self.index.get(*column)?.get(&key(value)?)?;
        let fits = |row: &&BTreeMap<String, Value>| {
            rest.iter().all(|(column, wanted)| row.get(*column).and_then(key).as_ref() == Some(wanted))
        };
        places.iter().map(|place| &self.settings.rows[*place]).find(fits)
    }
}

/// What a value is found by.
fn key(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.trim().to_lowercase()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(is) => Some(is.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::{Value, from_value, json};

    use super::Table;

    #[test]
    fn the_first_row_that_has_every_value_is_found() {
        let settings = json!({ "columns": ["code", "lang", "agency"], "rows": [
            { "code": "75001", "lang": "fr", "agency": "Louvre" },
            { "code": "75001", "lang": "en", "agency": "Louvre (EN)" },
            { "code": 13001, "agency": "Marseille" },
            { "code": "75001", "lang": "fr", "agency": "never the first" },
        ] });
        let table = Table::new(from_value(settings).expect("a table"));
        let agency = |wanted: &[(&'static str, Value)]| {
            let wanted: BTreeMap<_, _> = wanted.iter().cloned().collect();
            table.find(&wanted).map(|row| row["agency"].clone())
        };
        assert_eq!(agency(&[("code", json!(" 75001 "))]), Some(json!("Louvre")));
        assert_eq!(agency(&[("code", json!(75001)), ("lang", json!("EN"))]), Some(json!("Louvre (EN)")));
        assert_eq!(agency(&[("code", json!("13001"))]), Some(json!("Marseille")));
        for nothing in [
            vec![],
            vec![("code", Value::Null)],
            vec![("town", json!("Paris"))],
            vec![("code", json!("13001")), ("lang", json!("fr"))],
            vec![("code", json!("75001")), ("lang", Value::Null)],
        ] {
            assert_eq!(agency(&nothing), None, "{nothing:?}");
        }
    }
}
