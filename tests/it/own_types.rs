//! A crate outside the workspace adds two node types to a binary of its own, and touches no file of ours.

use std::{env, path::Path, process::Command};

#[test]
fn a_crate_of_somebody_elses_builds_its_own_binary_and_plays_its_types() {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("own-types");
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    // The target directory of this very test: what both need is built once.
    let target = env::current_exe().ok().and_then(|test| Some(test.ancestors().nth(3)?.to_owned()));
    let target = target.expect("a test lies in target/debug/deps");
    let mut run = Command::new(cargo);
    run.args(["run", "--quiet", "--offline", "--manifest-path"]).arg(own.join("Cargo.toml"));
    run.arg("--target-dir").arg(target).args(["--", "test"]).arg(own.join("flow.json"));
    let output = run.output().expect("cargo runs");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}\n{}", String::from_utf8_lossy(&output.stderr));
    assert!(said.contains("2 test(s), 0 failed"), "{said}");
}
