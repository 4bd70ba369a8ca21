//! `cargo xtask fuzz`: any bytes as document, template, script and export of another system.
//!
//! The targets are those of cargo-fuzz, built here as it builds them without a sanitizer, so that neither it nor a
//! nightly compiler is needed: only the C++ compiler that libFuzzer is made with.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

/// What `cargo fuzz` passes to the compiler with `--sanitizer none`.
const FLAGS: &str = "--cfg fuzzing -Cdebug-assertions -Ccodegen-units=1 -Cpasses=sancov-module \
                     -Cllvm-args=-sanitizer-coverage-level=4 -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
                     -Cllvm-args=-sanitizer-coverage-pc-table -Cllvm-args=-sanitizer-coverage-trace-compares";

/// Minutes of one target where none are asked for.
const MINUTES: u32 = 1;

/// Bytes of an input at most: the longest script that is read has 16 KiB.
const BYTES_MAX: u32 = 20_000;

/// Runs each target that is named, or all of them, for so many minutes each. Inputs that reach new code are kept in
/// `tests/fuzz/corpus/TARGET`, no more of them than it takes, and the tests of the product replay them; seeds are read and
/// never written.
pub(crate) fn run(root: &Path, arguments: &[String]) -> Result<(), String> {
    let folder = root.join("tests/fuzz");
    let all = targets(&folder)?;
    let (mut wanted, mut minutes) = (Vec::new(), MINUTES);
    for argument in arguments {
        match argument.parse() {
            Ok(given) => minutes = given,
            Err(_) if all.contains(argument) => wanted.push(argument.clone()),
            Err(_) => return Err(format!("'{argument}' is no target: expected minutes or one of {}", all.join(", "))),
        }
    }
    let programs = build(root, &folder)?;
    for target in if wanted.is_empty() { &all } else { &wanted } {
        play(&folder, &programs.join(target), target, minutes)?;
    }
    Ok(())
}

/// The targets, by the names of their files.
fn targets(folder: &Path) -> Result<Vec<String>, String> {
    let sources = folder.join("fuzz_targets");
    let entries = fs::read_dir(&sources).map_err(|e| format!("'{}' cannot be read: {e}", sources.display()))?;
    let mut targets: Vec<String> =
        entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.strip_suffix(".rs").map(str::to_owned)).collect();
    targets.sort();
    Ok(targets)
}

/// Builds every target; where the programs are.
fn build(root: &Path, folder: &Path) -> Result<PathBuf, String> {
    let host = host()?;
    let into = env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from).join("fuzz");
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    // Only with an explicit target are build scripts and macros spared the flags.
    cargo.args(["build", "--release", "--target", &host, "--manifest-path"]).arg(folder.join("Cargo.toml"));
    cargo.env("RUSTFLAGS", FLAGS).env("CARGO_TARGET_DIR", &into);
    succeed(&mut cargo, "cargo")?;
    Ok(into.join(host).join("release"))
}

/// The triple of this machine's compiler.
fn host() -> Result<String, String> {
    let output = Command::new("rustc").arg("-vV").output().map_err(|e| format!("rustc could not be started: {e}"))?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let host = text.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned).ok_or_else(|| "rustc -vV names no host".to_owned())
}

fn play(folder: &Path, program: &Path, target: &str, minutes: u32) -> Result<(), String> {
    let (corpus, seeds) = (folder.join("corpus").join(target), folder.join("seeds").join(target));
    let (artifacts, smaller) = (folder.join("artifacts").join(target), folder.join("corpus").join("smaller"));
    for made in [&corpus, &artifacts] {
        make(made)?;
    }
    let mut fuzz = Command::new(program);
    fuzz.arg(format!("-max_total_time={}", minutes * 60)).arg(format!("-max_len={BYTES_MAX}"));
    // A slash at the end makes it a folder for what is found.
    fuzz.arg(format!("-artifact_prefix={}/", artifacts.display())).args([&corpus, &seeds]);
    succeed(&mut fuzz, target)?;
    // What is kept is the least that reaches what was reached.
    make(&smaller)?;
    // How often code is run is not told apart here: corpora are committed.
    succeed(Command::new(program).args(["-merge=1", "-use_counters=0"]).args([&smaller, &corpus, &seeds]), target)?;
    fs::remove_dir_all(&corpus)
        .and_then(|()| fs::rename(&smaller, &corpus))
        .map_err(|e| format!("'{}' cannot be replaced: {e}", corpus.display()))
}

fn make(folder: &Path) -> Result<(), String> {
    fs::create_dir_all(folder).map_err(|e| format!("'{}' cannot be made: {e}", folder.display()))
}

fn succeed(command: &mut Command, name: &str) -> Result<(), String> {
    let status = command.status().map_err(|e| format!("`{name}` could not be started: {e}"))?;
    if status.success() {
        Ok(())
    } else {
        Err(format!("`{name}` failed; what a target found is under tests/fuzz/artifacts"))
    }
}
