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
    npm(&ui, &["run", "--silent", "check"])?;
    npm(&ui, &["run", "--silent", "unit"])?;
    let Some(chromium) = browser()? else { return Ok(()) };
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

/// A browser. On a machine with apt, one is installed when it is missing; on others, none is a reason to go without.
fn browser() -> Result<Option<PathBuf>, String> {
    let chromium = env::var_os("ROUTEWRIGHT_CHROMIUM").map_or_else(|| PathBuf::from(CHROMIUM), PathBuf::from);
    if chromium.exists() {
        return Ok(Some(chromium));
    }
    if !answers("apt-get") {
        println!("xtask test: no Chromium here; say where one is in ROUTEWRIGHT_CHROMIUM to play the pages in it");
        return Ok(None);
    }
    println!("xtask test: installing Chromium");
    let install = || {
        let mut apt = Command::new("apt-get");
        succeed(apt.args(["install", "--yes", "--quiet", "chromium"]), "apt-get install chromium")
    };
    // Package lists that were never fetched, or are old, know no such package.
    install().or_else(|_| {
        succeed(Command::new("apt-get").args(["update", "--quiet"]), "apt-get update").and_then(|()| install())
    })?;
    Ok(Some(chromium))
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
