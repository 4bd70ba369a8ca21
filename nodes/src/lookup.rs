//! `lookup`: finds a row of a data table.

use std::collections::BTreeMap;

use routewright_engine::{
    describe::describe,
    node::{Fault, Next, Node, Prepare, Turn},
    script::slots::{AttributeRef, Formula, TableRef},
};
use routewright_flows::{Descriptor, ExitRole, Flavour, descriptor::Category};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

/// Finds a row.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Lookup {
    /// The table.
    #[schemars(extend("x-fr" = "La table."))]
    table: TableRef,
    /// Columns, each with the expression whose value the row must have.
    #[serde(rename = "where")]
    #[schemars(extend("minProperties" = 1), extend("x-fr" = "Des colonnes, chacune avec l’expression dont la ligne doit avoir la valeur."))]
    conditions: BTreeMap<String, Formula>,
    /// Columns, each with the attribute that takes its value.
    #[serde(default)]
    #[schemars(extend("x-fr" = "Des colonnes, chacune avec l’attribut qui en reçoit la valeur."))]
    into: BTreeMap<String, AttributeRef>,
}

impl Node for Lookup {
    fn descriptor() -> Descriptor {
        describe::<Self>("lookup", Category::Decide, Flavour::Instant)
            .title("Look up in a table", "Chercher dans une table")
            .docs(EN, FR)
            .icon("table-2")
            .exit("found", ExitRole::Normal, "A row has these values.", "Une ligne a ces valeurs.")
            .exit("not_found", ExitRole::Normal, "No row has them.", "Aucune ligne ne les a.")
            .error_exit()
            .example(
                "The branch of a tier",
                "L’agence d’un niveau",
                json!({ "table": "branches", "where": { "tier": "contact.fields.tier" }, "into": { "branch": "branch" } }),
            )
            .counter_example("Looking for nothing", "Ne rien chercher", json!({ "table": "branches", "where": {} }))
            .counter_example("In no table", "Dans aucune table", json!({ "where": { "tier": "\"gold\"" } }))
            .done()
    }

    fn prepare(&mut self, cx: &mut Prepare<'_>) {
        for formula in self.conditions.values_mut() {
            cx.formula(formula);
        }
    }

    fn enter(&self, turn: &mut Turn<'_>) -> Result<Next, Fault> {
        let mut wanted: BTreeMap<&str, Value> = BTreeMap::new();
        for (column, formula) in &self.conditions {
            wanted.insert(column, turn.value(formula)?);
        }
        let table = turn.table(&self.table.0)?;
        if let Some(column) = self.conditions.keys().chain(self.into.keys()).find(|column| !table.has_column(column)) {
            let table = &self.table.0;
            return Err(Fault::new(
                "unknown-column",
                format!("table '{table}' has no column '{column}': add it or name another"),
                format!("la table « {table} » n’a pas de colonne « {column} » : ajoutez-la ou choisissez-en une autre"),
            ));
        }
        let Some(row) = table.find(&wanted) else { return Ok(Next::exit("not_found")) };
        let values = self.into.iter().filter_map(|(column, into)| Some((into, row.get(column)?.clone())));
        for (into, value) in values.collect::<Vec<_>>() {
            turn.set(&into.0, value)?;
        }
        Ok(Next::exit("found"))
    }
}

const EN: &str = "\
## What it does
Finds the first row of a data table whose columns have the values given, and stores other columns of it in attributes.

## When to use it
For what the business keeps in lists: postcode to branch, product to skill, number to customer name. For what changes with every contact, ask the system that knows it: `http_request`.

## Exits
`found` with the attributes written; `not_found`, with nothing written; `error` when the table or a column does not exist, or a value does not fit its attribute.

## Settings
Every column under `where` must have its value. Texts are compared without case and surrounding space, and a number is the same as its text. A column that the row leaves out writes nothing.

## Pitfalls
Only the first row counts: put the particular before the general. An expression that gives `()` finds nothing. Tables are edited under `/api/v1/tables`, as JSON or CSV; a change is in force at once, for conversations under way too.
";

const FR: &str = "\
## Ce qu’il fait
Trouve la première ligne d’une table de données dont les colonnes ont les valeurs données, et en range d’autres colonnes dans des attributs.

## Quand l’utiliser
Pour ce que l’entreprise tient en listes : code postal vers agence, produit vers compétence, numéro vers nom de client. Pour ce qui change à chaque contact, interrogez le système qui le sait : `http_request`.

## Sorties
`found`, les attributs étant écrits ; `not_found`, rien n’étant écrit ; `error` quand la table ou une colonne n’existe pas, ou qu’une valeur ne convient pas à son attribut.

## Réglages
Chaque colonne sous `where` doit avoir sa valeur. Les textes se comparent sans casse ni espaces autour, et un nombre vaut son texte. Une colonne que la ligne omet n’écrit rien.

## Pièges
Seule la première ligne compte : placez le particulier avant le général. Une expression qui donne `()` ne trouve rien. Les tables se modifient sous `/api/v1/tables`, en JSON ou en CSV ; un changement vaut aussitôt, y compris pour les conversations en cours.
";

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::testing::node;

    #[test]
    fn the_first_row_that_fits_is_taken() {
        let tables = json!({ "tables": { "branches": { "columns": ["code", "lang", "name"], "rows": [
            { "code": "75001", "lang": "fr", "name": "Louvre" },
            { "code": "13001", "name": "Marseille" },
            { "code": "69001", "name": 7 },
        ] } } });
        let found = |config: Value, code: &str, exit: &str, name: Value| {
            node("lookup", config).attributes(json!({ "name": { "type": "string" } })).given(tables.clone()).plays(
                json!([
                    { "contact_says": code },
                    { "expect": { "ended": exit, "attributes": { "name": name } } },
                ]),
            );
        };
        let by_code = json!({ "table": "branches", "where": { "code": "message.text" }, "into": { "name": "name" } });
        found(by_code.clone(), " 75001", "found", json!("Louvre"));
        found(by_code.clone(), "00000", "not_found", Value::Null);
        found(by_code, "69001", "error", Value::Null);
        let both = json!({ "table": "branches", "where": { "code": "message.text", "lang": "contact.locale" }, "into": { "name": "name" } });
        found(both.clone(), "75001", "found", json!("Louvre"));
        found(both, "13001", "not_found", Value::Null);
        found(json!({ "table": "branches", "where": { "town": "1" } }), "…", "error", Value::Null);
        found(json!({ "table": "gone", "where": { "town": "1" } }), "…", "error", Value::Null);
    }
}
