//! What the targets about imports share.

use routewright_flows::{
    format,
    import::{Bindings, Importer, SourceFormat},
    parse,
};

/// Any bytes are refused with a code and words, or become documents that are written and read back the same.
pub fn any(source: SourceFormat, bytes: &[u8]) {
    let mut importer = Importer::new(source, Bindings::default());
    if let Err(error) = importer.add("fuzzed.json", bytes) {
        assert!(!error.code.is_empty() && !error.message.en.is_empty() && !error.message.fr.is_empty());
        return;
    }
    for document in importer.finish().documents {
        let canonical = format(&document);
        let again = parse(&canonical).expect("an imported document parses");
        assert_eq!(again.document(), &document, "parse(fmt(x)) == x");
    }
}
