//! Any text is read as a template, or refused with faults that lie inside it; what has no fault compiles.

#![no_main]

use libfuzzer_sys::fuzz_target;
use routewright_engine::script::Sandbox;
use routewright_flows::{check::Scripts, descriptor::Slot};

mod shared;

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let (sandbox, document) = (Sandbox::new(), shared::document());
    let faults = sandbox.faults(&Slot::Template, text, &document);
    shared::inside(&faults, text);
    if faults.is_empty() {
        sandbox.compile_template(text, &document).expect("what has no fault compiles");
    }
});
