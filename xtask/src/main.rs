//! The workshop's own commands: `cargo xtask test | tidy | gen | coverage | bench | sim | determinism | mutate | faults | oracle | kill`.
//!
//! What it deliberately does not do: it holds no product code. Each command is a short list of steps that
//! anybody could type.

mod coverage;
mod faults;
mod fuzz;
mod tidy;
mod ui;

use std::{
    env,
    path::{Path, PathBuf},
    process::{Command, ExitCode},
};

const USAGE: &str = "\
cargo xtask <command>

  test [ARGS..]     every test of the product; ARGS go to `cargo test`
  ui                the Studio's pages, built into editor-api/ui/dist (needs Node.js)
  tidy              the rules of the house that no compiler knows
  gen               rewrite generated files: node pages, check list, OpenAPI document, snapshots, coverage page
  coverage          rewrite docs/coverage.md alone: every requirement with the tests named after it
  bench [NAMES..]   the figures of docs/performance.md, in release, each beside its peer
  sim [ARGS..]      the seeded simulation of a whole centre (--seed N, --seeds N, --inputs N)
  determinism [ARGS..]  the same days told again and again, reloaded between any two events (--events N, --one-in N)
  mutate [ARGS..]   mistakes put into sound flows, which the checks must find (--seed N, --mistakes N, FILE..)
  fuzz [TARGETS..] [MINUTES]   any bytes as document, template, script and export, a minute each; corpora are kept
  faults [NAMES..]  mistakes put into the capacity core one at a time, each of which some test must catch
  oracle [DIR]      what `routewright verify` expects, beside the oracles of the requirements (python3; ../shared/oracles)
  kill [ARGS..]     a real server under load, killed again and again (--kills N)
";

fn main() -> ExitCode {
    let mut args = env::args().skip(1);
    let command = args.next().unwrap_or_default();
    let rest: Vec<String> = args.collect();
    let done = match command.as_str() {
        "test" => test(&rest),
        "ui" => ui::build(&root()),
        "tidy" => tidy::run(&root()),
        "gen" => {
            coverage::run(&root()).and_then(|()| cargo(&["test", "--workspace"], &rest, &[("UPDATE_EXPECT", "1")]))
        }
        "coverage" => coverage::run(&root()),
        "faults" => faults::run(&root(), &rest),
        "oracle" => oracle(&rest),
        "bench" => bench(&rest),
        "sim" => cargo(&["run", "--quiet", "--package", "routewright-tests", "--bin", "sim", "--"], &rest, &[]),
        "determinism" => {
            let bin = ["run", "--quiet", "--package", "routewright-tests", "--bin", "determinism", "--"];
            cargo(&bin, &rest, &[])
        }
        "mutate" => cargo(&["run", "--quiet", "--package", "routewright-tests", "--bin", "mutate", "--"], &rest, &[]),
        "fuzz" => fuzz::run(&root(), &rest),
        "kill" => build_then_kill(&rest),
        _ => {
            eprint!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("xtask {command}: {why}");
            ExitCode::FAILURE
        }
    }
}

/// Every test: those of the crates, then those of the pages against the server that was just built. Arguments choose
/// among the tests of the crates, and then nothing else runs.
fn test(rest: &[String]) -> Result<(), String> {
    cargo(&["test", "--workspace"], rest, &[])?;
    if !rest.is_empty() {
        return Ok(());
    }
    // For the whole workspace, as above: another choice of packages is another choice of features, and builds all anew.
    cargo(&["build", "--workspace", "--bin", "routewright"], &[], &[])?;
    ui::test(&root(), &target().join("debug/routewright"))
}

/// Expectations of the command line against those of another program, at points of every model. Without python3 or
/// without the oracles nothing was compared, and that is a failure.
fn oracle(rest: &[String]) -> Result<(), String> {
    let oracles = rest.first().map_or_else(|| root().join("../shared/oracles"), PathBuf::from);
    cargo(&["build", "--workspace", "--bin", "routewright"], &[], &[])?;
    run(Command::new("python3").arg(root().join("xtask/oracle.py")).args([target().join("debug/routewright"), oracles]))
}

/// The benchmarks measure the real binary too, in the profile that users run. Both come of one build: another choice of
/// packages would be another choice of features, and build every dependency again.
fn bench(rest: &[String]) -> Result<(), String> {
    cargo(&["build", "--release", "--workspace", "--bins"], &[], &[])?;
    run(Command::new(target().join("release/bench")).args(rest).current_dir(root()))
}

/// The long kill test: the server must be built before it can be killed.
fn build_then_kill(rest: &[String]) -> Result<(), String> {
    cargo(&["build", "--workspace", "--bin", "routewright"], &[], &[])?;
    cargo(&["run", "--quiet", "--package", "routewright-tests", "--bin", "kill", "--"], rest, &[])
}

fn cargo(fixed: &[&str], rest: &[String], env: &[(&str, &str)]) -> Result<(), String> {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    run(command.args(fixed).args(rest).envs(env.iter().copied()).current_dir(root()))
}

fn run(command: &mut Command) -> Result<(), String> {
    let status = command.status().map_err(|e| format!("{command:?} could not be started: {e}"))?;
    if status.success() { Ok(()) } else { Err(format!("{command:?} failed")) }
}

fn target() -> PathBuf {
    env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().map(Path::to_path_buf).unwrap_or_default()
}
