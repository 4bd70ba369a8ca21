//! Any bytes as an export of RapidPro. See `routewright_fuzz::import`.

#![no_main]

use libfuzzer_sys::fuzz_target;
use routewright_flows::import::SourceFormat;

fuzz_target!(|data: &[u8]| routewright_fuzz::import(SourceFormat::Rapidpro, data));
