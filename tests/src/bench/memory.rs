//! Resident memory of this process or another, from `/proc`.

use std::fs;

/// Resident bytes of a process, its own when `pid` is `None`.
#[must_use]
pub fn resident(pid: Option<u32>) -> u64 {
    let path = pid.map_or_else(|| "/proc/self/status".to_owned(), |pid| format!("/proc/{pid}/status"));
    fs::read_to_string(path)
        .ok()
        .and_then(|t| {
            t.lines().find(|l| l.starts_with("VmRSS:")).and_then(|l| l.split_whitespace().nth(1)?.parse::<u64>().ok())
        })
        .map_or(0, |kib| kib * 1024)
}

/// Mebibytes with one decimal.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "memory sizes are far below 2^52")]
pub fn mib(bytes: u64) -> String {
    format!("{:.1} MiB", bytes as f64 / 1024.0 / 1024.0)
}
