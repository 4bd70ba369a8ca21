//! Any bytes as a flow document. See `routewright_fuzz::document`.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| routewright_fuzz::document(data));
