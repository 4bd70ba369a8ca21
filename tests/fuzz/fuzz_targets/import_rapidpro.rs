//! Any bytes are read as a RapidPro export, or refused.

#![no_main]

#[path = "shared/importing.rs"]
mod importing;

use libfuzzer_sys::fuzz_target;
use routewright_flows::import::SourceFormat;

fuzz_target!(|data: &[u8]| importing::any(SourceFormat::Rapidpro, data));
