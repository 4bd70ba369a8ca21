//! What machine the figures were taken on, read from the machine itself.

use std::{fs, process::Command};

/// A description in a few lines of Markdown.
#[must_use]
pub fn describe() -> String {
    let cpu = fs::read_to_string("/proc/cpuinfo")
        .ok()
        .and_then(|t| {
            t.lines().find(|l| l.starts_with("model name")).and_then(|l| l.split(": ").nth(1)).map(str::to_owned)
        })
        .unwrap_or_else(|| "unknown processor".into());
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    let memory = fs::read_to_string("/proc/meminfo")
        .ok()
        .and_then(|t| {
            t.lines().next().and_then(|l| l.split_whitespace().nth(1)).and_then(|kib| kib.parse::<u64>().ok())
        })
        .map_or(0, |kib| kib / 1024 / 1024);
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let rustc =
        Command::new("rustc").arg("--version").output().map(|o| String::from_utf8_lossy(&o.stdout).trim().to_owned());
    format!(
        "Machine: {cpu}, {cores} cores, {memory} GiB; load average at the start {}; {}; profile {}.",
        load.split_whitespace().next().unwrap_or("?"),
        rustc.unwrap_or_else(|_| "rustc unknown".into()),
        if cfg!(debug_assertions) { "dev (figures are not comparable)" } else { "release" },
    )
}
