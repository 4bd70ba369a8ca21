//! Imports with their findings: what the command line and the API share.
//!
//! The language crate reads and maps; the checks need the node types and the script compiler, which only this crate
//! has together.

use routewright_engine::script::Sandbox;
use routewright_flows::{
    Checker, ParsedDocument,
    check::{Anything, BadDescriptor},
    import::Imported,
};

/// Adds to the report what the checks find in the documents. Names of the catalogue are taken as existing: what is
/// imported is bound later.
///
/// # Errors
/// [`BadDescriptor`] when a node type's own schema is none.
pub fn check(imported: &mut Imported) -> Result<(), BadDescriptor> {
    let checker = Checker::new(&routewright_nodes::standard())?;
    let parsed: Vec<ParsedDocument> = imported.documents.iter().cloned().map(ParsedDocument::from).collect();
    let reports = checker.check_all(&parsed.iter().collect::<Vec<_>>(), &Sandbox::default(), &Anything);
    for (flow, report) in imported.report.flows.iter_mut().zip(reports) {
        flow.findings = report.findings;
    }
    Ok(())
}
