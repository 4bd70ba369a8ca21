//! Any text is read as an expression and as a script, or refused with faults that lie inside it; what has no fault
//! compiles, has types, and is judged as a condition.

#![no_main]

use libfuzzer_sys::fuzz_target;
use routewright_engine::script::Sandbox;
use routewright_flows::{
    check::Scripts,
    descriptor::{Returns, Slot},
};

mod shared;

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let (sandbox, document) = (Sandbox::new(), shared::document());
    let formula = Slot::Expression { returns: Returns::Any };
    let faults = sandbox.faults(&formula, text, &document);
    shared::inside(&faults, text);
    if faults.is_empty() {
        sandbox.compile_formula(text, &document).expect("what has no fault compiles");
    }
    let faults = sandbox.faults(&Slot::Script, text, &document);
    shared::inside(&faults, text);
    if faults.is_empty() {
        sandbox.compile_script(text, &document).expect("what has no fault compiles");
    }
    let _ = sandbox.gives(text, &document);
    let _ = sandbox.decide(&[text, "attributes.count > 3", text], &document);
});
