//! The Studio's own toolchain, for those who change it: `cargo xtask ui` builds what the server embeds, and
//! `cargo xtask test` plays it in a real browser where Node.js is there. Who only builds the product needs neither.

use std::{
    env,
    path::{Path, PathBuf},
    process::Command,
};

/// Where Debian's package puts the browser.
const CHROMIUM: &str = "/usr/bin/chromium";

/// Builds the pages, after the types of the API were made from its description.
pub fn build(root: &Path) -> Result<(), String> {
    let ui = packages(root)?;
    npm(&ui, &["run", "--silent", "types"])?;
    npm(&ui, &["run", "--silent", "build"])
}

/// Checks and tests the pages: types, units, and a real browser against the real server.
pub fn test(root: &Path, server: &Path) -> Result<(), String> {
    if !answers("node") || !answers("npm") {
        println!("xtask test: no Node.js here, so the Studio's own tests are left out; its built pages were tested");
        return Ok(());
    }
    let ui = packages(root)?;
    npm(&ui, &["run", "--silent", "types"])?;
    unchanged(root, "editor-api/ui/src/api/schema.d.ts")?;
    npm(&ui, &["run", "--silent", "check"])?;
    npm(&ui, &["run", "--silent", "unit"])?;
    let chromium = browser()?;
    let shots = env::var_os("ROUTEWRIGHT_SHOTS").map_or_else(|| root.join("target/studio"), PathBuf::from);
    let mut run = Command::new("npm");
    run.args(["run", "--silent", "e2e"])
        .current_dir(&ui)
        .env("ROUTEWRIGHT_BINARY", server)
        .env("ROUTEWRIGHT_CHROMIUM", chromium)
        .env("ROUTEWRIGHT_SHOTS", shots);
    succeed(&mut run, "npm run e2e")
}

/// The npm packages, as the lock file says; installed when they are not there.
fn packages(root: &Path) -> Result<PathBuf, String> {
    let ui = root.join("editor-api/ui");
    if !ui.join("node_modules/.package-lock.json").exists() {
        npm(&ui, &["ci", "--no-audit", "--no-fund"])?;
    }
    Ok(ui)
}

/// A browser; on a machine with apt and the right to use it, one is installed when it is missing.
fn browser() -> Result<PathBuf, String> {
    let chromium = env::var_os("ROUTEWRIGHT_CHROMIUM").map_or_else(|| PathBuf::from(CHROMIUM), PathBuf::from);
    if !chromium.exists() {
        println!("xtask test: installing Chromium");
        succeed(Command::new("apt-get").args(["install", "--yes", "--quiet", "chromium"]), "apt-get install chromium")
            .map_err(|why| format!("{why}; install Chromium, or say where it is in ROUTEWRIGHT_CHROMIUM"))?;
    }
    Ok(chromium)
}

/// A generated file must be what is committed.
fn unchanged(root: &Path, file: &str) -> Result<(), String> {
    let same = Command::new("git").args(["diff", "--quiet", "--", file]).current_dir(root).status();
    match same {
        Ok(status) if status.success() => Ok(()),
        Ok(_) => {
            Err(format!("{file} does not belong to docs/openapi.json: run `cargo xtask ui` and commit what changed"))
        }
        Err(error) => Err(format!("git could not be started: {error}")),
    }
}

fn answers(program: &str) -> bool {
    Command::new(program).arg("--version").output().is_ok_and(|output| output.status.success())
}

fn npm(ui: &Path, args: &[&str]) -> Result<(), String> {
    succeed(Command::new("npm").args(args).current_dir(ui), &format!("npm {}", args.join(" ")))
}

fn succeed(command: &mut Command, name: &str) -> Result<(), String> {
    let status = command.status().map_err(|error| format!("`{name}` could not be started: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("`{name}` failed")) }
}
