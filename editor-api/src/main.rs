//! The `routewright` binary: everything is in the library, so that tests run what users run.

use std::process::ExitCode;

/// Turns allocate many small things on one thread and free them on another, which the system's allocator does slowly.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    routewright::cli::main()
}
