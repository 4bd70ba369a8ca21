//! Flows of other systems, made into documents: Amazon Connect, Twilio Studio, RapidPro and FLOIP.
//!
//! A [`Format`](format::Format) reads an export into a neutral graph and says, node by node, what of it has an
//! equivalent here. What has none becomes a `foreign` node that keeps its payload and blocks publishing; whatever is
//! approximated is said in the [`Report`]. Adding a format touches one folder and one line of [`SourceFormat`].
//!
//! What it deliberately does not do: it neither checks nor improves. A flow that was faulty is imported faulty, and the
//! checks of this crate say so; ids of accounts never reach a document, but a table of [`Binding`]s to fill in.

pub mod binding;
mod build;
mod common;
mod connect;
mod draft;
mod error;
mod excellent;
mod export;
mod facts;
mod floip;
mod format;
mod names;
mod rapidpro;
mod reading;
pub mod report;
mod rhai;
mod source;
mod twilio;

#[cfg(test)]
mod tests;

use std::{collections::BTreeMap, fmt, str::FromStr};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use binding::{Binding, BindingKind, Bindings};
pub use error::ImportError;
pub use export::vendor_payload;
pub use facts::Facts;
pub use report::{FlowReport, Item, ItemKind, Report};

use crate::{document::FlowDocument, name::FlowId};
use binding::BindingTable;
use format::Format;
use names::Names;
use source::SourceFlow;

/// Ids that no document gets: the API has `/flows/import`, and the command writes `report.json` and `bindings.json`
/// beside the documents.
const TAKEN: [&str; 3] = ["import", "report", "bindings"];

/// Bytes of an export at most: four times a flow document's own bound, for what vendors keep beside a flow. What is
/// read takes about 25 times its size in memory; the largest of the corpus has half a megabyte.
pub const EXPORT_BYTES_MAX: usize = 16 * 1024 * 1024;

/// Nodes of an export at most, over all its flows: twice those of one flow, and some twenty times the largest of the
/// corpus. Each takes about 20 KiB while documents are made and checked.
pub const EXPORT_NODES_MAX: usize = 20_000;

/// A format that can be imported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SourceFormat {
    /// Amazon Connect, the flow language of 2019-10-30 and the older export.
    Connect,
    /// Twilio Studio, draft/2019-09.
    Twilio,
    /// RapidPro and its engine goflow, definitions of versions 7 to 14.
    Rapidpro,
    /// FLOIP 1.0.0-rc, with Turn.io's blocks.
    Floip,
}

impl SourceFormat {
    /// Every format, in the order of the documentation.
    pub const ALL: [Self; 4] = [Self::Connect, Self::Twilio, Self::Rapidpro, Self::Floip];

    /// Its name on the command line and under `vendor`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Connect => "connect",
            Self::Twilio => "twilio",
            Self::Rapidpro => "rapidpro",
            Self::Floip => "floip",
        }
    }

    fn reader(self) -> &'static dyn Format {
        match self {
            Self::Connect => &connect::Connect,
            Self::Twilio => &twilio::Twilio,
            Self::Rapidpro => &rapidpro::Rapidpro,
            Self::Floip => &floip::Floip,
        }
    }
}

impl fmt::Display for SourceFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for SourceFormat {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|format| format.as_str() == text)
            .ok_or_else(|| format!("'{text}' is not a format: expected connect, twilio, rapidpro or floip"))
    }
}

/// An import under way: exports are added one by one and become documents together, so that flows may call each other
/// whatever file they came in.
#[derive(Debug)]
pub struct Importer {
    format: SourceFormat,
    bindings: Bindings,
    names: Names,
    flows: Vec<Read>,
}

/// A flow as it was read.
#[derive(Debug)]
struct Read {
    file: String,
    id: FlowId,
    flow: SourceFlow,
}

/// What an import made.
#[derive(Debug, Clone)]
pub struct Imported {
    /// The documents, in the order of the exports.
    pub documents: Vec<FlowDocument>,
    /// What was kept, approximated and lost.
    pub report: Report,
}

impl Importer {
    /// Begins an import. What `bindings` fills in goes into the documents.
    #[must_use]
    pub fn new(format: SourceFormat, bindings: Bindings) -> Self {
        Self { format, bindings, names: Names::without(TAKEN), flows: Vec::new() }
    }

    /// Reads an export; `file` is what errors and the report call it.
    ///
    /// # Errors
    /// [`ImportError`] with the place, when it is no export of this format.
    pub fn add(&mut self, file: &str, bytes: &[u8]) -> Result<(), ImportError> {
        let value = reading::json(file, bytes)?;
        let read = self.format.reader().read(&value);
        let flows = read.map_err(|refusal| error::refused(file, bytes, self.format, refusal))?;
        let nodes = flows.iter().map(|flow| flow.nodes.len()).sum();
        if EXPORT_NODES_MAX < nodes {
            return Err(ImportError::too_many_nodes(file, nodes));
        }
        for flow in flows {
            let wanted = if flow.name.is_empty() { names::stem(file) } else { flow.name.as_str() };
            let id = self.names.unique(wanted, self.format.as_str());
            let id = FlowId::new(&id).expect("a name made here follows the rule of identifiers");
            self.flows.push(Read { file: file.to_owned(), id, flow });
        }
        Ok(())
    }

    /// Makes the documents.
    #[must_use]
    pub fn finish(self) -> Imported {
        let mut table = BindingTable::new(self.bindings);
        let flows: BTreeMap<&str, &FlowId> = self
            .flows
            .iter()
            .filter(|read| !read.flow.id.is_empty())
            .map(|read| (read.flow.id.as_str(), &read.id))
            .collect();
        let mut documents = Vec::with_capacity(self.flows.len());
        let mut report = Report { format: self.format, flows: Vec::new(), bindings: Vec::new() };
        for read in &self.flows {
            let (document, flow) = build::build(self.format, read, &flows, &mut table);
            documents.push(document);
            report.flows.push(flow);
        }
        report.bindings = table.into_rows();
        Imported { documents, report }
    }
}
