//! Scripts, expressions and templates: each is given to the script compiler, wherever it stands in the document.

use super::{ScriptFault, codes::Code, sink::Sink, world::World};
use crate::finding::{Finding, Severity};

pub(super) fn check(world: &World<'_>, sink: &mut Sink<'_>) {
    if !world.document.library.is_empty() {
        for fault in world.scripts.library_faults(world.document) {
            sink.push(finding("/library".to_owned(), fault));
        }
    }
    for source in world.sources() {
        for fault in world.scripts.faults(&source.slot, source.text, world.document) {
            sink.push(finding(source.pointer.clone(), fault));
        }
    }
}

/// The compiler's words and code; a code of the table brings its severity.
fn finding(pointer: String, fault: ScriptFault) -> Finding {
    let known = Code::ALL.iter().map(|code| code.entry()).find(|entry| entry.code == fault.code);
    Finding {
        code: fault.code.to_owned(),
        severity: known.map_or(Severity::Error, |entry| entry.severity),
        pointer,
        node: None,
        position: None,
        span: fault.span,
        message: fault.message,
        hint: fault.hint,
    }
}
