//! Data tables as CSV, the form in which people keep them: the first line names the columns.
//!
//! Reads what spreadsheets write: RFC 4180, with commas or, as in French ones, semicolons; with or without a byte order
//! mark. Every value is a text, so that a postcode keeps its noughts. What it deliberately does not do: it guesses no types.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    body::Bytes,
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use routewright_engine::{catalogue::TableSettings, id::TableId};
use routewright_flows::Words;
use routewright_runtime::DocumentKind;
use serde_json::Value;
use utoipa::openapi::HttpMethod::{Get, Put};

use super::{
    catalogue::judged,
    change::{Reply, Written, words_of, write},
    extract::{IfMatch, Segments},
    operation::{Api, Operation},
};
use crate::{door::Door, keys::Principal, problem::Problem};

/// The routes of tables as CSV.
pub(crate) fn routes(api: Api) -> Api {
    let about = |id: &str, summary: &str| Operation::new(id, "catalogue", summary);
    let read = about("read_table_csv", "Read a table as CSV");
    let replace = about("replace_table_csv", "Replace the columns and rows of a table by those of a CSV text");
    api.add(Get, "/api/v1/tables/{id}/csv", read.answers_as::<String>(200, "text/csv", "The table"), read_csv).add(
        Put,
        "/api/v1/tables/{id}/csv",
        replace.if_match().body_as::<String>("text/csv").answers::<Written>(200, "Replaced"),
        replace_csv,
    )
}

async fn read_csv(
    who: Principal,
    State(door): State<Arc<Door>>,
    Segments(id): Segments<TableId>,
) -> Result<Response, Problem> {
    who.reader()?;
    let (settings, revision) = stored(&door, &who, &id).await?;
    let headers =
        [(header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()), (header::ETAG, format!("\"{revision}\""))];
    Ok((headers, text_of(&settings)).into_response())
}

async fn replace_csv(
    who: Principal,
    State(door): State<Arc<Door>>,
    Segments(id): Segments<TableId>,
    IfMatch(expect): IfMatch,
    body: Bytes,
) -> Result<Reply, Problem> {
    who.administrator()?;
    let text = String::from_utf8(body.into()).map_err(|_| Problem::unreadable_body())?;
    let _held = door.settings.lock().await;
    let (before, _) = stored(&door, &who, &id).await?;
    let (columns, rows) = parse(&text).map_err(|fault| Problem::unexpected_body(fault.en))?;
    let settings = TableSettings { columns, rows, ..before };
    let changes = judged(&door, &who, &id, &settings, expect).await?;
    let revisions = write(&door, &who, changes).await?;
    let revision = revisions.first().map_or(0, |revision| revision.0);
    Ok(Reply::at_revision(revision, Written { id: id.to_string(), revision }))
}

async fn stored(door: &Door, who: &Principal, id: &TableId) -> Result<(TableSettings, u64), Problem> {
    let found = door.runtime.document(who.tenant.clone(), DocumentKind::Table, id.as_str()).await?;
    let found = found.ok_or_else(|| Problem::not_found(&words_of(DocumentKind::Table), id))?;
    Ok((serde_json::from_value(found.body).map_err(Problem::internal)?, found.revision))
}

type Rows = Vec<BTreeMap<String, Value>>;

/// The columns and rows of a text.
fn parse(text: &str) -> Result<(Vec<String>, Rows), Words> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let first = text.lines().next().unwrap_or_default();
    let separator = if first.contains(';') && !first.contains(',') { ';' } else { ',' };
    let mut records = records(text, separator)?.into_iter();
    let columns = records.next().unwrap_or_default();
    let mut rows = Vec::new();
    for (record, line) in records.zip(2_usize..) {
        if record.iter().all(String::is_empty) {
            continue;
        }
        if columns.len() < record.len() {
            let (given, known) = (record.len(), columns.len());
            return Err(Words::new(
                format!("record {line} has {given} values for {known} columns"),
                format!("l’enregistrement {line} a {given} valeurs pour {known} colonnes"),
            ));
        }
        let filled = columns.iter().cloned().zip(record).filter(|(_, value)| !value.is_empty());
        rows.push(filled.map(|(column, value)| (column, Value::String(value))).collect());
    }
    Ok((columns, rows))
}

fn records(text: &str, separator: char) -> Result<Vec<Vec<String>>, Words> {
    let (mut records, mut record, mut value) = (Vec::new(), Vec::new(), String::new());
    let mut quoted = false;
    let mut letters = text.chars().peekable();
    while let Some(c) = letters.next() {
        match c {
            '"' if quoted && letters.peek() == Some(&'"') => {
                letters.next();
                value.push('"');
            }
            '"' if quoted => quoted = false,
            '"' if value.is_empty() => quoted = true,
            c if quoted => value.push(c),
            c if c == separator => record.push(std::mem::take(&mut value)),
            '\r' if letters.peek() == Some(&'\n') => {}
            '\n' => {
                record.push(std::mem::take(&mut value));
                records.push(std::mem::take(&mut record));
            }
            c => value.push(c),
        }
    }
    if quoted {
        return Err(Words::new("a quoted value is never closed", "une valeur entre guillemets n’est jamais fermée"));
    }
    if !value.is_empty() || !record.is_empty() {
        record.push(value);
        records.push(record);
    }
    Ok(records)
}

fn text_of(table: &TableSettings) -> String {
    let line = |values: &mut dyn Iterator<Item = String>| values.collect::<Vec<_>>().join(",") + "\r\n";
    let mut text = line(&mut table.columns.iter().map(|column| quote(column)));
    for row in &table.rows {
        let value = |column: &String| match row.get(column) {
            None | Some(Value::Null) => String::new(),
            Some(Value::String(text)) => quote(text),
            Some(other) => quote(&other.to_string()),
        };
        text.push_str(&line(&mut table.columns.iter().map(value)));
    }
    text
}

fn quote(value: &str) -> String {
    if value.contains([',', ';', '"', '\r', '\n']) {
        format!("\"{}\"", value.replace('"', "\"\""))
    } else {
        value.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use routewright_engine::catalogue::TableSettings;
    use serde_json::json;

    use super::{parse, text_of};

    #[test]
    fn what_spreadsheets_write_is_read() {
        let expected = json!([{ "code": "01000", "name": "Bourg, \"en\"\nBresse" }, { "code": "75001" }]);
        for text in [
            "code,name\r\n01000,\"Bourg, \"\"en\"\"\nBresse\"\r\n75001,\r\n",
            "\u{feff}code;name\n01000;\"Bourg, \"\"en\"\"\nBresse\"\n\n75001;",
        ] {
            let (columns, rows) = parse(text).expect("a table");
            assert_eq!(
                (columns, json!(rows)),
                (vec!["code".to_owned(), "name".to_owned()], expected.clone()),
                "{text}"
            );
        }
        for bad in ["a,b\n1,2,3", "a\n\"open"] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn what_is_written_is_read_back() {
        let (columns, rows) = parse("a,b\n\"x;y\",2\n,\"\"\"\"\n").expect("a table");
        let table = TableSettings { columns, rows, ..TableSettings::default() };
        let (columns, rows) = parse(&text_of(&table)).expect("a table");
        assert_eq!((columns, rows), (table.columns, table.rows));
    }
}
