//! `cargo xtask faults`: mistakes put into the capacity core one at a time, each of which some test must catch.
//!
//! Each fault is one change of one line, made in a copy of the tree under `target/faults`; the tests of the engine run
//! on the copy. A fault that survives is a hole in the tests, and the command fails. What it deliberately does not do:
//! it changes nothing in the tree itself, and it is no part of `cargo xtask test`, for it takes minutes.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// A fault: its name, the file, what stands there, and what stands there instead.
type Fault = (&'static str, &'static str, &'static str, &'static str);

const CAPACITY: &str = "engine/core/src/capacity";

const FAULTS: [Fault; 24] = [
    ("later contacts first", "line.rs", "- self.pace.rise * since.0;", "- (1 + self.pace.rise) * since.0 * -1;"),
    (
        "no cap on priority",
        "line.rs",
        "let Some(cap) = self.pace.cap else { return };",
        "let Some(cap) = self.pace.cap.filter(|_| false) else { return };",
    ),
    (
        "a wrap-up frees the slot",
        "offers.rs",
        "notices.push(Notice::WrapUpStarted {",
        "self.release(idx, interaction, routewright_flows::Channel::Webchat); notices.push(Notice::WrapUpStarted {",
    ),
    (
        "a bounced contact loses its place",
        "giving.rs",
        "self.touch(interaction).requirement = Arc::new(requirement);",
        "self.touch(interaction).since = now; self.touch(interaction).requirement = Arc::new(requirement);",
    ),
    (
        "late answers are taken",
        "offers.rs",
        ".filter(|(_, expires_at)| now < *expires_at)",
        ".filter(|(_, expires_at)| now <= *expires_at)",
    ),
    ("bounces are forgotten", "offers.rs", "work.bounced.push(agent);", "drop(agent);"),
    ("an agent is asked for what he bounced", "mod.rs", "!self.bounced.contains(agent) && self.kept", "self.kept"),
    (
        "one contact too many",
        "bounds.rs",
        "(self.contacts_max < counted.contacts + contacts)",
        "(self.contacts_max < counted.contacts)",
    ),
    ("one of a channel too many", "bounds.rs", "&& max <= load.of(channel)", "&& max < load.of(channel)"),
    ("one unit too many", "bounds.rs", "&& max < has + units", "&& max + 1 < has + units"),
    (
        "interruptible work counts",
        "bounds.rs",
        "if self.interruptible.contains(channel) { *load }",
        "if true { *load }",
    ),
    (
        "a worse level will do",
        "agents.rs",
        ".filter(|level| *level <= worst)",
        ".filter(|level| worst <= *level || *level <= worst)",
    ),
    ("idle time is not reset", "offers.rs", "row.idle_since = now;", "let _ = now;"),
    (
        "busy agents come first",
        "agents.rs",
        "let busy = 0 < self.load.contacts;",
        "let busy = self.load.contacts == 0;",
    ),
    (
        "a freed agent is not filled",
        "offers.rs",
        "self.end_own_record(interaction, idx, disposition, false, now, &mut notices);\n                self.fill(idx, now, &mut notices);",
        "self.end_own_record(interaction, idx, disposition, false, now, &mut notices);",
    ),
    (
        "the strategy is turned round",
        "queues.rs",
        "Strategy::LeastBusy => u64::from(standing.contacts),",
        "Strategy::LeastBusy => u64::MAX - u64::from(standing.contacts),",
    ),
    (
        "nobody is waited for",
        "matching.rs",
        "if there { rules.when_busy } else { rules.when_offline }",
        "there && !there && rules.when_busy",
    ),
    (
        "a refusal keeps the preference",
        "offers.rs",
        "work.kept.take_if(|kept| kept.agent == agent);",
        "let _ = &work.kept;",
    ),
    (
        "widening stops after the first step",
        "queues.rs",
        "u128::from(work.widened_ms) < after.as_millis()",
        "work.widened_ms == 0 && u128::from(work.widened_ms) < after.as_millis()",
    ),
    (
        "misses are not counted",
        "giving.rs",
        "row.missed = row.missed.saturating_add(1);",
        "row.missed = row.missed.saturating_add(0);",
    ),
    (
        "a lost desk loses its conversations at once",
        "giving.rs",
        "row.lost_at.is_none() && !limits.reconnect.is_zero()",
        "row.lost_at.is_none() && limits.reconnect.is_zero()",
    ),
    (
        "excluded channels come",
        "bounds.rs",
        ".find(excludes).filter(|_| !pulled)",
        ".find(excludes).filter(|_| pulled)",
    ),
    ("everybody may ask", "giving.rs", "if !limits.pull {", "if !limits.pull && limits.push && false {"),
    (
        "room is kept for nobody",
        "wide.rs",
        "self.agents[idx.at()].saved_for = Some(interaction);",
        "let _ = interaction;",
    ),
];

/// Puts in each fault whose name contains one of `wanted` (all without any), and reports those that no test catches.
pub fn run(root: &Path, wanted: &[String]) -> Result<(), String> {
    let copy = root.join("target/faults/tree");
    copy_tree(root, &copy)?;
    tests(&copy).and_then(|green| if green { Ok(()) } else { Err("the tests fail without any fault".to_owned()) })?;
    let mut survivors = Vec::new();
    let chosen =
        FAULTS.iter().filter(|(name, ..)| wanted.is_empty() || wanted.iter().any(|w| name.contains(w.as_str())));
    for (name, file, there, instead) in chosen {
        let path = copy.join(CAPACITY).join(file);
        let sound = fs::read_to_string(&path).map_err(|e| format!("{}: {e}", path.display()))?;
        if sound.matches(there).count() == 0 {
            return Err(format!("fault '{name}': {file} does not contain `{there}` any more: write the fault anew"));
        }
        write(&path, &sound.replacen(there, instead, 1))?;
        let green = tests(&copy);
        write(&path, &sound)?;
        let verdict = match &green {
            Ok(false) => "caught   ",
            Ok(true) => "SURVIVES ",
            Err(_) => "NO ANSWER",
        };
        println!("{verdict} {name}");
        match green {
            Ok(false) => {}
            Ok(true) => survivors.push((*name).to_owned()),
            // What stands instead is no program: the others can still be tried.
            Err(why) => survivors.push(format!("{name} ({why})")),
        }
    }
    if survivors.is_empty() { Ok(()) } else { Err(format!("no test catches: {}", survivors.join(", "))) }
}

/// True when every test passes. A tree that does not compile is no answer.
fn tests(copy: &Path) -> Result<bool, String> {
    let cargo = |args: &[&str]| {
        Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
            .args(["test", "--quiet", "--package", "routewright-engine", "--lib"])
            // Compiling is most of the time, so the copy is not optimised; the seeds of the random tests are many.
            .args(["--config", "profile.dev.package.routewright-engine.opt-level=0"])
            .args(args)
            .env("CARGO_TARGET_DIR", copy.with_file_name("build"))
            .env("PROPTEST_CASES", "64")
            .env("PROPTEST_FAILURE_PERSISTENCE", "off")
            .current_dir(copy)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .map_err(|e| format!("cargo could not be started: {e}"))
    };
    if !cargo(&["--no-run"])?.success() {
        return Err("the tree does not compile".to_owned());
    }
    Ok(cargo(&["capacity::"])?.success())
}

fn copy_tree(root: &Path, copy: &Path) -> Result<(), String> {
    let listed = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(root)
        .output()
        .map_err(|e| format!("git could not be started: {e}"))?;
    for name in String::from_utf8_lossy(&listed.stdout).split('\0').filter(|name| !name.is_empty()) {
        let to: PathBuf = copy.join(name);
        if let Some(parent) = to.parent() {
            fs::create_dir_all(parent).map_err(|e| format!("{}: {e}", parent.display()))?;
        }
        // A file that was deleted and not yet committed is listed too.
        if root.join(name).is_file() {
            let text = fs::read(root.join(name)).map_err(|e| format!("{name}: {e}"))?;
            if fs::read(&to).ok().as_ref() != Some(&text) {
                fs::write(&to, text).map_err(|e| format!("{}: {e}", to.display()))?;
            }
        }
    }
    Ok(())
}

fn write(path: &Path, text: &str) -> Result<(), String> {
    fs::write(path, text).map_err(|e| format!("{}: {e}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_still_applies_to_the_code() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask is inside the workspace");
        for (name, file, there, instead) in FAULTS {
            let text = fs::read_to_string(root.join(CAPACITY).join(file)).expect("the file of a fault exists");
            assert!(text.contains(there), "fault '{name}': {file} does not contain `{there}`");
            assert_ne!(there, instead, "{name}");
        }
    }
}
