//! Flows of other systems, made into documents over HTTP. Nothing is written: the author looks at the report, fills in
//! the bindings, and saves what he wants as drafts.

use std::sync::Arc;

use axum::{extract::State, http::StatusCode};
use routewright_flows::{
    FlowDocument, Words,
    import::{Bindings, ImportError, Importer, Report, SourceFormat},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::openapi::HttpMethod::Post;

use super::{
    change::Reply,
    extract::{Text, parse},
    operation::{Api, Operation},
};
use crate::{door::Door, importing, keys::Principal, problem::Problem};

/// The id that no flow can have, for its path is the one below.
pub(super) const RESERVED: &str = "import";

/// The route of imports.
pub(crate) fn routes(api: Api) -> Api {
    let import =
        Operation::new("import_flows", "flows", "Make documents of another system's flows, without saving them")
            .body::<Import>()
            .answers::<Answer>(200, "The documents and the report on them");
    api.add(Post, "/api/v1/flows/import", import, import_flows)
}

/// What is imported.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Import {
    /// The system that exported it.
    from: SourceFormat,
    /// The exports; they may call each other's flows.
    files: Vec<Export>,
    /// What account ids of the exports are here, by kind and name, as an earlier report named them.
    #[serde(default)]
    bindings: Bindings,
}

/// One export.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Export {
    /// What the report calls it.
    name: String,
    /// What the system exported.
    export: Value,
}

/// What came of it.
#[derive(Debug, Serialize, JsonSchema)]
struct Answer {
    /// The documents, in the order of the exports.
    documents: Vec<FlowDocument>,
    /// What was kept, approximated and lost.
    report: Report,
}

async fn import_flows(who: Principal, State(door): State<Arc<Door>>, Text(text): Text) -> Result<Reply, Problem> {
    who.author()?;
    let job = move || -> Result<Answer, Problem> {
        let asked: Import = parse(&text)?;
        let mut importer = Importer::new(asked.from, asked.bindings);
        for file in asked.files {
            importer.add(&file.name, file.export.to_string().as_bytes()).map_err(refused)?;
        }
        let mut imported = importer.finish();
        importing::check(&mut imported).map_err(Problem::internal)?;
        Ok(Answer { documents: imported.documents, report: imported.report })
    };
    door.runtime.on_script_thread(job).await.map_err(Problem::internal)?.map(Reply::done)
}

/// An export that cannot be read. Positions are those of the export in compact form, so the pointer says more.
fn refused(error: ImportError) -> Problem {
    let detail =
        Words::new(format!("{}: {}", error.file, error.message.en), format!("{} : {}", error.file, error.message.fr));
    let hint = Words::new(
        "Give the export as the other system wrote it, and name that system in 'from'.",
        "Donnez l’export tel que l’autre système l’a écrit, et nommez ce système dans « from ».",
    );
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "export-unreadable", detail, hint)
        .with("pointer", error.pointer)
        .with("file", error.file)
}
