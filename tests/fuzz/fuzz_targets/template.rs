//! Any bytes as a template. See `routewright_fuzz::template`.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| routewright_fuzz::template(data));
