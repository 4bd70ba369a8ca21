//! Bounds of the language, each with its reason. Bounds of running flows are in the engine's `limits`.

/// Bytes of a flow document. 20,000 nodes of the usual 130 bytes fit in 4 MiB with their texts; more is not a flow.
pub const DOCUMENT_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Nodes of one flow. Architect stops at 10,000 actions; beyond it nobody can review a flow, and sub-flows exist.
pub const NODES_MAX: usize = 10_000;

/// Depth of nesting of a document; keeps every recursive reader within its stack.
pub const NESTING_MAX: usize = 64;

/// Characters of one text in one language, before its expressions are filled in (WhatsApp's own body limit).
pub const TEXT_CHARS_MAX: usize = 4_096;

/// Findings reported for one document; a document with more has one root cause, and the report says it was cut.
pub const FINDINGS_MAX: usize = 5_000;

/// Characters of one SMS text: ten parts, beyond which carriers refuse it.
pub const SMS_CHARS_MAX: usize = 1_600;

/// Reply buttons of one WhatsApp message; with more options it is a list.
pub const WHATSAPP_BUTTONS_MAX: usize = 3;

/// Characters of the label of a WhatsApp reply button.
pub const WHATSAPP_BUTTON_CHARS_MAX: usize = 20;

/// Rows of a WhatsApp list.
pub const WHATSAPP_ROWS_MAX: usize = 10;

/// Characters of the title of a row of a WhatsApp list.
pub const WHATSAPP_ROW_CHARS_MAX: usize = 24;

/// Loops inside each other whose rounds the lifetime bound follows one by one: each doubles the work, and nobody reads
/// four. Deeper ones are taken at their worst.
pub const LOOPS_NESTED_MAX: usize = 4;
