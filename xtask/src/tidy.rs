//! The rules of the house that no compiler knows. Each message says what to do instead.
//!
//! It reads the files that git tracks and changes nothing.

use std::{collections::BTreeSet, fs, path::Path, process::Command};

/// A rule over one file: the path, its text, and where to put complaints.
type Rule = fn(&str, &str, &mut Vec<String>);

const RULES: [Rule; 6] = [module_doc, length, unfinished, machine_paths, trailing_space, both_languages_of_docs];

/// The longest a source file may grow before it must be cut along a seam, or say in its module doc that it is
/// "long because" (style guide 4).
const LINES_MAX: usize = 800;

/// Reads every tracked file and reports every breach.
pub fn run(root: &Path) -> Result<(), String> {
    let listed = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(root)
        .output()
        .map_err(|e| format!("git could not be started: {e}"))?;
    let names = String::from_utf8_lossy(&listed.stdout);
    let mut complaints = Vec::new();
    let files: Vec<(&str, String)> = names
        .split('\0')
        // What a fuzzer made up follows no rule.
        .filter(|name| !name.is_empty() && !name.starts_with("tests/fuzz/corpus/"))
        .filter_map(|name| fs::read_to_string(root.join(name)).ok().map(|text| (name, text)))
        .collect();
    let read = files.len();
    let test_modules: BTreeSet<String> = files.iter().flat_map(|(name, text)| test_modules(name, text)).collect();
    for (name, text) in &files {
        for rule in RULES {
            rule(name, text, &mut complaints);
        }
        if !test_modules.contains(*name) {
            pure_crates(name, text, &mut complaints);
        }
    }
    missing_translations(root, &names, &mut complaints);
    if read == 0 {
        return Err("git lists no files here: run it inside the repository".into());
    }
    if complaints.is_empty() {
        println!("tidy: {read} files, nothing to say");
        Ok(())
    } else {
        for complaint in &complaints {
            eprintln!("{complaint}");
        }
        Err(format!("{} breaches of the rules of the house", complaints.len()))
    }
}

fn is_rust(name: &str) -> bool {
    name.ends_with(".rs")
}

fn is_pure(name: &str) -> bool {
    ["engine/core/src/", "flows/src/", "nodes/src/"].iter().any(|crate_| name.starts_with(crate_))
}

/// The files of modules that a file declares for tests alone.
fn test_modules(name: &str, text: &str) -> Vec<String> {
    let Some(dir) =
        name.strip_suffix("/mod.rs").or_else(|| name.strip_suffix("/lib.rs")).or_else(|| name.strip_suffix(".rs"))
    else {
        return Vec::new();
    };
    let declared = text.split("#[cfg(test)]\nmod ").skip(1);
    declared.filter_map(|rest| rest.split_once(';')).map(|(module, _)| format!("{dir}/{module}.rs")).collect()
}

/// The product's part of a source file: what stands before its test module.
fn without_tests<'a>(name: &str, text: &'a str) -> &'a str {
    if name.contains("/tests/") || name.ends_with("/tests.rs") || name.starts_with("tests/") {
        return "";
    }
    text.split("#[cfg(test)]").next().unwrap_or_default()
}

fn module_doc(name: &str, text: &str, out: &mut Vec<String>) {
    let first = text.lines().find(|l| !l.starts_with("#!["));
    if is_rust(name) && !first.is_some_and(|l| l.starts_with("//! ")) {
        out.push(format!("{name}:1: no module doc: begin with what the file is for, then what it does not do"));
    }
}

fn length(name: &str, text: &str, out: &mut Vec<String>) {
    let lines = text.lines().count();
    let explained = text.lines().take_while(|l| l.starts_with("//!")).any(|l| l.contains("Long because"));
    if is_rust(name) && LINES_MAX < lines && !explained {
        out.push(format!(
            "{name}: {lines} lines: cut it along a seam ({LINES_MAX} at most), or say \"Long because ..\""
        ));
    }
}

/// Words that the pure crates may not say, with what to do instead.
const IMPURE: [(&str, &str); 8] = [
    ("HashMap", "use BTreeMap: hash order must never reach a decision"),
    ("HashSet", "use BTreeSet: hash order must never reach a decision"),
    ("SystemTime", "time is an argument called `now`"),
    ("Instant::now", "time is an argument called `now`"),
    ("Utc::now", "time is an argument called `now`"),
    ("std::fs", "the pure crates do no IO; read it in the runtime and pass it in"),
    ("std::thread", "the pure crates have no threads; the runtime owns them"),
    ("tokio", "the pure crates have no async; the runtime owns it"),
];

fn pure_crates(name: &str, text: &str, out: &mut Vec<String>) {
    if !is_rust(name) || !is_pure(name) {
        return;
    }
    for (number, line) in code_lines(without_tests(name, text)) {
        for (word, instead) in IMPURE {
            if line.contains(word) {
                out.push(format!("{name}:{number}: `{word}` in a pure crate: {instead}"));
            }
        }
    }
}

fn unfinished(name: &str, text: &str, out: &mut Vec<String>) {
    if !is_rust(name) || name.starts_with("xtask/") {
        return;
    }
    let words = ["todo!(", "unimplemented!(", "#[ignore", "thread::sleep", "time::sleep", "dbg!("];
    for (number, line) in code_lines(text) {
        for word in words {
            if line.contains(word) {
                out.push(format!("{name}:{number}: `{word}`: finish it; wait on conditions, not on time"));
            }
        }
    }
}

fn code_lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    (1..).zip(text.lines()).filter(|(_, line)| !line.trim_start().starts_with("//"))
}

fn machine_paths(name: &str, text: &str, out: &mut Vec<String>) {
    if name.ends_with(".lock") || name.ends_with("package-lock.json") {
        return;
    }
    for (number, line) in (1..).zip(text.lines()) {
        for path in ["work", "root", "home"].map(|dir| format!("/{dir}/")) {
            if line.contains(&path) {
                out.push(format!("{name}:{number}: names a path of one machine ({path}): make it relative"));
            }
        }
    }
}

fn trailing_space(name: &str, text: &str, out: &mut Vec<String>) {
    let binary_like = ["dist/", ".svg", ".md"].iter().any(|part| name.contains(part));
    for (number, line) in (1..).zip(text.lines()) {
        if !binary_like && line.ends_with([' ', '\t']) {
            out.push(format!("{name}:{number}: trailing space: run the formatter"));
        }
    }
}

/// Pages that people read while they use the product exist in French too; pages for its developers need not.
fn both_languages_of_docs(name: &str, text: &str, out: &mut Vec<String>) {
    if name.starts_with("docs/fr/") && text.trim().is_empty() {
        out.push(format!("{name}: empty translation: write it, or remove the page"));
    }
}

fn missing_translations(root: &Path, names: &str, out: &mut Vec<String>) {
    for name in names.split('\0') {
        let Some(page) = name.strip_prefix("docs/").filter(|p| p.ends_with(".md")) else { continue };
        let for_developers = ["fr/", "adr/", "architecture.md", "performance.md", "scale.md", "coverage.md"];
        if !for_developers.iter().any(|p| page.starts_with(p)) && !root.join("docs/fr").join(page).exists() {
            out.push(format!("{name}: no French page: write docs/fr/{page}"));
        }
    }
}
