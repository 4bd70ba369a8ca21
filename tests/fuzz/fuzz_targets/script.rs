//! Any bytes as an expression, a script and a condition. See `routewright_fuzz::script`.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| routewright_fuzz::script(data));
