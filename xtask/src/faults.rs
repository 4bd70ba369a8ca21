//! `cargo xtask faults`: mistakes put into the capacity core one at a time, each of which some test must catch.
//!
//! All of them are written into a copy of the tree under `target/faults`, each behind a switch, so that one build serves
//! them all; the tests of capacity then run once for each fault, switched on alone. A fault that survives is a hole in
//! the tests, and the command fails. What it deliberately does not do: it changes nothing in the tree itself, and it is
//! no part of `cargo xtask test`, for it takes minutes.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

/// A fault: its name, the file, what stands there, and what stands there instead, where `FAULT` is true once it is
/// switched on.
type Fault = (&'static str, &'static str, &'static str, &'static str);

const CAPACITY: &str = "engine/core/src/capacity";

const FAULTS: [Fault; 25] = [
    (
        "later contacts first",
        "line.rs",
        "- self.pace.rise * since.0;",
        "- (if FAULT { -(1 + self.pace.rise) } else { self.pace.rise }) * since.0;",
    ),
    (
        "no cap on priority",
        "line.rs",
        "let Some(cap) = self.pace.cap else { return };",
        "let Some(cap) = self.pace.cap.filter(|_| !FAULT) else { return };",
    ),
    (
        "a wrap-up frees the slot",
        "offers.rs",
        "notices.push(Notice::WrapUpStarted {",
        "if FAULT { self.release(idx, interaction); } notices.push(Notice::WrapUpStarted {",
    ),
    (
        "a bounced contact loses its place",
        "offers.rs",
        "work.bounced_at = Some(now);",
        "if FAULT { work.since = now; } work.bounced_at = Some(now);",
    ),
    (
        "a contact loses its place on its way to another skill",
        "giving.rs",
        "self.touch(interaction).requirement = Arc::new(requirement);",
        "if FAULT { self.touch(interaction).since = now; } self.touch(interaction).requirement = Arc::new(requirement);",
    ),
    (
        "late answers are taken",
        "offers.rs",
        ".filter(|(_, expires_at)| now < *expires_at)",
        ".filter(|(_, expires_at)| now < *expires_at || FAULT && now == *expires_at)",
    ),
    (
        "bounces are forgotten",
        "offers.rs",
        "work.bounced.push(agent);",
        "if FAULT { drop(agent); } else { work.bounced.push(agent); }",
    ),
    (
        "an agent is asked for what he bounced",
        "mod.rs",
        "!self.bounced.contains(agent) && self.kept",
        "(FAULT || !self.bounced.contains(agent)) && self.kept",
    ),
    (
        "one contact too many",
        "bounds.rs",
        "(self.contacts_max < counted.contacts + contacts)",
        "(self.contacts_max < counted.contacts + if FAULT { 0 } else { contacts })",
    ),
    (
        "one of a channel too many",
        "bounds.rs",
        "&& max <= load.of(channel)",
        "&& (max < load.of(channel) || !FAULT && max == load.of(channel))",
    ),
    ("one unit too many", "bounds.rs", "&& max < has + units", "&& max + (if FAULT { 1 } else { 0 }) < has + units"),
    (
        "interruptible work counts",
        "bounds.rs",
        "if self.interruptible.contains(channel) { *load }",
        "if FAULT || self.interruptible.contains(channel) { *load }",
    ),
    (
        "a worse level will do",
        "agents.rs",
        ".filter(|level| *level <= worst)",
        ".filter(|level| FAULT || *level <= worst)",
    ),
    ("idle time is not reset", "offers.rs", "row.idle_since = now;", "if !FAULT { row.idle_since = now; }"),
    (
        "busy agents come first",
        "agents.rs",
        "let busy = 0 < self.load.contacts;",
        "let busy = (0 < self.load.contacts) != FAULT;",
    ),
    (
        "a freed agent is not filled",
        "offers.rs",
        "self.end_own_record(interaction, idx, disposition, false, now, &mut notices);\n                self.fill(idx, now, &mut notices);",
        "self.end_own_record(interaction, idx, disposition, false, now, &mut notices);\n                if !FAULT { self.fill(idx, now, &mut notices); }",
    ),
    (
        "the strategy is turned round",
        "queues.rs",
        "Strategy::LeastBusy => u64::from(standing.contacts),",
        "Strategy::LeastBusy => if FAULT { u64::MAX - u64::from(standing.contacts) } else { u64::from(standing.contacts) },",
    ),
    (
        "nobody is waited for",
        "matching.rs",
        "if there { rules.when_busy } else { rules.when_offline }",
        "!FAULT && (if there { rules.when_busy } else { rules.when_offline })",
    ),
    (
        "a refusal keeps the preference",
        "offers.rs",
        "work.kept.take_if(|kept| kept.agent == agent);",
        "if !FAULT { work.kept.take_if(|kept| kept.agent == agent); }",
    ),
    (
        "widening stops after the first step",
        "queues.rs",
        "u128::from(work.widened_ms) < after.as_millis()",
        "(!FAULT || work.widened_ms == 0) && u128::from(work.widened_ms) < after.as_millis()",
    ),
    (
        "misses are not counted",
        "giving.rs",
        "row.missed = row.missed.saturating_add(1);",
        "row.missed = row.missed.saturating_add(if FAULT { 0 } else { 1 });",
    ),
    (
        "a lost desk loses its conversations at once",
        "giving.rs",
        "row.lost_at.is_none() && !limits.reconnect.is_zero()",
        "row.lost_at.is_none() && limits.reconnect.is_zero() == FAULT",
    ),
    (
        "excluded channels come",
        "bounds.rs",
        ".find(excludes).filter(|_| !pulled)",
        ".find(excludes).filter(|_| pulled == FAULT)",
    ),
    ("everybody may ask", "giving.rs", "if !limits.pull {", "if !limits.pull && !FAULT {"),
    (
        "room is kept for nobody",
        "wide.rs",
        "self.agents[idx.at()].saved_for = Some(interaction);",
        "if !FAULT { self.agents[idx.at()].saved_for = Some(interaction); }",
    ),
];

/// What says, in the copy, whether a fault is switched on.
const SWITCH: &str = r#"
pub(crate) fn fault_is_on(name: &str) -> bool {
    static CHOSEN: std::sync::OnceLock<String> = std::sync::OnceLock::new();
    CHOSEN.get_or_init(|| std::env::var("SEEDED_FAULT").unwrap_or_default()) == name
}
"#;

/// Switches on each fault whose name contains one of `wanted` (all without any), and reports those that no test catches.
pub fn run(root: &Path, wanted: &[String]) -> Result<(), String> {
    let chosen: Vec<&str> = FAULTS.iter().map(|(name, ..)| *name).collect();
    let chosen: Vec<&str> = chosen
        .into_iter()
        .filter(|name| wanted.is_empty() || wanted.iter().any(|w| name.contains(w.as_str())))
        .collect();
    if chosen.is_empty() {
        return Err(format!("no fault has a name with '{}' in it", wanted.join("' or '")));
    }
    let copy = root.join("target/faults/tree");
    copy_tree(root, &copy)?;
    seed(root, &copy)?;
    let built = cargo(&copy, &["--no-run"], "")?;
    if !built.status.success() {
        let said = String::from_utf8_lossy(&built.stderr);
        return Err(format!("with the faults in it the tree does not compile\n{said}"));
    }
    if !green(&copy, "")? {
        return Err("the tests fail without any fault".to_owned());
    }
    let mut survivors = Vec::new();
    for name in &chosen {
        let caught = !green(&copy, name)?;
        println!("{} {name}", if caught { "caught  " } else { "SURVIVES" });
        survivors.extend((!caught).then_some(*name));
    }
    if survivors.is_empty() {
        println!("{} faults, each caught by a test", chosen.len());
        return Ok(());
    }
    Err(format!("no test catches: {}", survivors.join(", ")))
}

/// Writes every fault into the copy, switched off.
fn seed(root: &Path, copy: &Path) -> Result<(), String> {
    let mut files: BTreeMap<&str, String> = BTreeMap::new();
    for fault in &FAULTS {
        let (name, file, there, instead) = fault;
        let sound = read(&root.join(CAPACITY).join(file))?;
        if !sound.contains(there) {
            return Err(format!("fault '{name}': {file} does not contain `{there}` any more: write the fault anew"));
        }
        let faulty = files.entry(file).or_insert(sound);
        // Another fault may have come in between.
        if !faulty.contains(there) {
            return Err(format!("fault '{name}': another fault stands in its place in {file}"));
        }
        *faulty = faulty.replacen(there, &instead.replace("FAULT", &format!("crate::fault_is_on(\"{name}\")")), 1);
    }
    for (file, faulty) in &files {
        write(&copy.join(CAPACITY).join(file), faulty)?;
    }
    let face = "engine/core/src/lib.rs";
    write(&copy.join(face), &(read(&root.join(face))? + SWITCH))
}

/// True when every test of capacity passes with one fault. The tables come first: most faults are caught by them, and the
/// random sequences take longer.
fn green(copy: &Path, fault: &str) -> Result<bool, String> {
    const RANDOM: &str = "capacity::tests::random";
    let tables = cargo(copy, &["capacity::", "--", "--skip", RANDOM], fault)?;
    Ok(tables.status.success() && cargo(copy, &[RANDOM], fault)?.status.success())
}

/// Runs tests of the engine in the copy, with one fault switched on.
fn cargo(copy: &Path, args: &[&str], fault: &str) -> Result<Output, String> {
    Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["test", "--quiet", "--package", "routewright-engine", "--lib", "--config", "profile.dev.debug=0"])
        .args(args)
        .env("CARGO_TARGET_DIR", copy.with_file_name("build"))
        .env("SEEDED_FAULT", fault)
        .env("PROPTEST_CASES", "64")
        // Nobody reads the smallest case.
        .env("PROPTEST_MAX_SHRINK_ITERS", "0")
        .env("PROPTEST_FAILURE_PERSISTENCE", "off")
        .current_dir(copy)
        .output()
        .map_err(|e| format!("cargo could not be started: {e}"))
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

fn read(path: &Path) -> Result<String, String> {
    fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))
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
            let text = read(&root.join(CAPACITY).join(file)).expect("the file of a fault exists");
            assert!(text.contains(there), "fault '{name}': {file} does not contain `{there}`");
            assert!(instead.contains("FAULT"), "fault '{name}' can be switched on and off");
        }
    }
}
