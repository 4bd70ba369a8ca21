//! Any text is read as a flow document, or refused with findings; what is read is written and read back the same.

#![no_main]

use libfuzzer_sys::fuzz_target;
use routewright_flows::{content_hash, format, parse};

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let parsed = match parse(text) {
        Ok(parsed) => parsed,
        Err(findings) => {
            assert!(!findings.is_empty(), "a refusal says why");
            return;
        }
    };
    let canonical = format(parsed.document());
    let again = parse(&canonical).expect("a canonical text parses");
    assert_eq!(again.document(), parsed.document(), "parse(fmt(x)) == x");
    assert_eq!(format(again.document()), canonical, "fmt(fmt(x)) == fmt(x)");
    assert_eq!(content_hash(again.document()), content_hash(parsed.document()));
});
