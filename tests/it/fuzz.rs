//! Whatever a fuzzer found worth keeping goes through its target again in every run of the tests. `cargo xtask fuzz`
//! looks for more.

#[path = "../fuzz/src/lib.rs"]
mod targets;

use std::{fs, path::Path};

use routewright_flows::import::SourceFormat;

/// What a target does with an input.
type Take = fn(&[u8]);

#[test]
fn every_input_that_was_kept_is_taken_without_a_finding() {
    let played: [(&str, Take); 7] = [
        ("document", targets::document),
        ("template", targets::template),
        ("script", targets::script),
        ("import_connect", |data| targets::import(SourceFormat::Connect, data)),
        ("import_twilio", |data| targets::import(SourceFormat::Twilio, data)),
        ("import_rapidpro", |data| targets::import(SourceFormat::Rapidpro, data)),
        ("import_floip", |data| targets::import(SourceFormat::Floip, data)),
    ];
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz");
    for (target, take) in played {
        let mut taken = 0;
        for kept in ["seeds", "corpus"] {
            for entry in fs::read_dir(folder.join(kept).join(target)).into_iter().flatten() {
                let file = entry.expect("a folder can be listed").path();
                println!("{}", file.display());
                take(&fs::read(&file).expect("an input can be read"));
                taken += 1;
            }
        }
        assert!(0 < taken, "no input of '{target}' is kept");
    }
}
