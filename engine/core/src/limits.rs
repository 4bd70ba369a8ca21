//! Bounds of running flows, each with its reason. Bounds of documents are in the language's `limits`.

use std::{ops::RangeInclusive, time::Duration};

/// Nodes visited for one event before the flow is at fault (goflow 100, Studio 1,000, Architect 10,000). A checked
/// flow cannot loop without a wait; this stops what the check could not see.
pub const STEPS_PER_EVENT_MAX: u32 = 1_000;

/// Further nodes that the error handler may visit after that (Architect reserves as many for its own).
pub const HANDLER_STEPS_MAX: u32 = 100;

/// Depth of sub-flow calls.
pub const FRAMES_MAX: usize = 16;

/// Messages that one event may send to a contact; a flow that says more in one breath is at fault.
pub const MESSAGES_PER_EVENT_MAX: usize = 50;

/// Further messages that the error handler may send after that: enough to apologise and explain.
pub const HANDLER_MESSAGES_MAX: usize = 5;

/// Bytes of all attributes of an interaction, as JSON (Connect's own figure is 32 KiB).
pub const ATTRIBUTES_BYTES_MAX: usize = 64 * 1024;

/// Characters of one message of a contact or an agent (WhatsApp's own limit for a text body).
pub const MESSAGE_CHARS_MAX: usize = 4_096;

/// Characters of an address on a channel: the longest mailbox there is.
pub const ADDRESS_CHARS_MAX: usize = 256;

/// Bytes of what a call to the outside sends, and of what it may be answered (goflow bounds both alike).
pub const CALL_BYTES_MAX: usize = 256 * 1024;

/// Attempts of a call after the first.
pub const CALL_RETRIES_MAX: u8 = 5;

/// What the runtime may take beyond a call's own attempts (a queue of calls, a restart) before its node gives up.
pub const CALL_GRACE: Duration = Duration::from_secs(30);

/// Provider message ids an interaction remembers, to answer a repeated one as the first time. Providers repeat
/// within minutes; a contact does not write 64 messages in between.
pub const RECEIPTS_MAX: usize = 64;

/// Rounds of messages between interactions and capacity for one input. Each round needs a decision that a person
/// or a timer must confirm, so real inputs need two or three.
pub const ROUNDS_PER_INPUT_MAX: u32 = 64;

/// Timers that may fire in one step of a rehearsal. A conversation sets a few a day; a flow that remembers every
/// second is stopped after a day.
pub const REHEARSAL_TIMERS_MAX: u32 = 100_000;

/// Other contacts who stand in line when a rehearsal starts: more than anybody looks at, and each is a conversation that
/// is written and read again at every step.
pub const REHEARSAL_WAITING_MAX: u32 = 100;

/// Bytes of one script (`requirements/dependencies.md` 1.2: parsing is quadratic in places).
pub const SCRIPT_BYTES_MAX: usize = 16 * 1024;

/// Operations of one expression.
pub const EXPRESSION_OPERATIONS_MAX: u64 = 20_000;

/// Operations of one script node.
pub const SCRIPT_OPERATIONS_MAX: u64 = 200_000;

/// Bytes of one text in a script, and of all texts inside one list or map: four times the longest message.
pub const SCRIPT_TEXT_BYTES_MAX: usize = 16 * 1024;

/// Elements of one list or map, inner ones counted. Small, because every check of a size walks the whole value.
pub const SCRIPT_ELEMENTS_MAX: usize = 1_024;

/// Lists and maps inside each other. Comparing, printing and dropping recurse, so this bounds the stack they need.
pub const SCRIPT_NESTING_MAX: usize = 32;

/// Functions of a script that call each other.
pub const SCRIPT_CALL_LEVELS_MAX: usize = 16;

/// Variables alive at once in one script. With the sizes above and the call levels it bounds the memory of a script
/// to about 32 MiB, however hostile.
pub const SCRIPT_VARIABLES_MAX: usize = 64;

/// Functions that a script, or a document's library, may define.
pub const SCRIPT_FUNCTIONS_MAX: usize = 64;

/// Nesting of expressions, outside and inside functions.
pub const SCRIPT_EXPRESSION_DEPTH_MAX: (usize, usize) = (48, 24);

/// Different calendars and queues that one evaluation may ask for by a computed name.
pub const SCRIPT_LOOKUPS_MAX: usize = 32;

/// Engines kept for scripts to come: as many as threads evaluate at once, and machines have fewer cores.
pub const SCRIPT_SEATS_MAX: usize = 64;

/// Wall-clock time of one script; the runtime holds the watch.
pub const SCRIPT_TIME_MAX: Duration = Duration::from_millis(50);

/// How long an offer stays open when its handling profile says nothing.
pub const OFFER_TIMEOUT_DEFAULT: Duration = Duration::from_secs(30);

/// Agents to whom one contact is offered at once: each holds a place for a contact that all but one will not get.
pub const OFFERS_AT_ONCE_MAX: u16 = 50;

/// How much more often one agent may be chosen by lot than another.
pub const WEIGHT_MAX: u16 = 1_000;

/// Messages in a while that may make a flood; the times of as many are kept with a conversation.
pub const BAN_MESSAGES_MAX: u16 = 200;

/// Words that shut a contact out; each message is compared with every one.
pub const BAN_WORDS_MAX: usize = 200;

/// Bytes of a business account's logo: what providers of messages take.
pub const LOGO_BYTES_MAX: u64 = 5 * 1024 * 1024;

/// Templates of one touchpoint: what WhatsApp keeps for a verified business.
pub const TEMPLATES_MAX: usize = 6_000;

/// Pixels that a page of another system may be high on the desk: more than any screen shows beside a conversation.
pub const COMPONENT_HEIGHT_MAX: u16 = 2_000;

/// Over what time the conversations are counted that agents begin (WAP-08): what providers count.
pub const BEGUN_WINDOW: Duration = Duration::from_secs(86_400);

/// How long presence lasts without a heartbeat.
pub const PRESENCE_LEASE: Duration = Duration::from_secs(45);

/// The longest any wait may be without a deadline of its own: a contact silent for that long has left.
pub const WAIT_MAX: Duration = Duration::from_secs(30 * 86_400);

/// The least time between an offer that an agent refused, let pass or ran away from, and the next offer of the same
/// contact to him (U-20). Long enough that a desk which refuses by itself cannot spin, short enough that a contact
/// whom only one agent can serve hardly waits longer for it.
pub const REOFFER_DELAY_MIN: Duration = Duration::from_secs(5);

/// How long an agent who bounced a contact is passed over for it at most, even while another present agent could
/// take it (U-10): that other one may be busy for hours.
pub const EXCLUSION_MAX: Duration = Duration::from_secs(60);

/// Requirement classes kept while no contact needs them. Flows name tens; the room is for scripts that compute
/// requirements, which must not make memory or agent updates grow without end.
pub const CLASSES_KEPT_MAX: usize = 1_024;

/// Queues that the answer to "why is this agent idle" speaks of, first served first: more than anybody reads.
pub const LINES_EXPLAINED_MAX: usize = 100;

/// Opening windows of one day: one every half hour, more than anybody keeps.
pub const CALENDAR_WINDOWS_PER_DAY_MAX: usize = 48;

/// Special dates of a calendar, and closed dates of one: ten years of one a fortnight, twice over. Each instant that
/// is asked for is compared with every closed date of its year.
pub const CALENDAR_DATES_MAX: usize = 512;

/// Years that a calendar's dates may name. The last one bounds how far ahead a search for the next opening goes.
pub const CALENDAR_YEARS: RangeInclusive<i32> = 1970..=2199;

/// The least time that a contact may be kept for the agent who knows it (WAP-28).
pub const PREFERRED_TIMEOUT_MIN: Duration = Duration::from_secs(1);

/// Points of priority that a minute of waiting may add. With it, a century of waiting stays within 64 bits.
pub const RISE_PER_MINUTE_MAX: u32 = 100_000;

/// Widening steps of one skill: more than anybody can keep in mind.
pub const WIDENING_STEPS_MAX: usize = 16;

/// How long a conversation that was handed to one agent waits for him before anybody may have it: a call's patience,
/// twice.
pub const TRANSFER_KEPT_MAX: Duration = Duration::from_secs(120);

/// How long agents have after an outage to do what they could not do during it, before a timer counts it against them.
pub const OUTAGE_GRACE: Duration = Duration::from_secs(60);

/// Timers that take turns after an outage ([`RestartPolicy::Paced`](crate::silence::RestartPolicy::Paced)) and may fire
/// in one second: what they send goes to customers, through providers that count messages.
pub const PACED_PER_SECOND: u32 = 20;

/// A contact who is taken within this time is served in time, where a skill says nothing else: the figure that most
/// service levels are quoted with.
pub const SERVED_WITHIN_DEFAULT: Duration = Duration::from_secs(20);

/// How far back service levels are counted: a day.
pub const SERVICE_WINDOW: Duration = Duration::from_secs(86_400);

/// Stretches that a comparison of two calendars lists: a year of three a day. Whoever changed more needs no list.
pub const CALENDAR_DIFFERENCES_MAX: usize = 1_024;

/// How often the agent who is closed for a contact is looked at again: he may have gone, or another may be sooner.
pub const RESERVE_AGAIN: Duration = Duration::from_secs(30);

/// How many times a conversation leaves a silent agent when its touchpoint says nothing: a contact who was handed on
/// three times is better served by whoever has him.
pub const TRANSFERS_MAX_DEFAULT: u8 = 3;
