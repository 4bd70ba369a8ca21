//! Real exports, imported, checked and talked to. Where the corpus is not at hand the tests say so; the importer's own
//! small examples stand in the language crate.

use std::{
    collections::BTreeMap,
    env, fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use routewright_engine::{rehearsal::Troupe, script::Sandbox};
use routewright_flows::{
    Checker, FlowDocument, ParsedDocument,
    check::Anything,
    import::{Bindings, Importer, SourceFormat},
};
use routewright_nodes::standard;
use serde_json::{Value, json};

fn corpus() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared");
    let corpus = env::var_os("ROUTEWRIGHT_SHARED").map_or(beside, PathBuf::from).join("corpus");
    let found = corpus.join("expected.json").exists();
    if !found {
        println!("no corpus at {}: set ROUTEWRIGHT_SHARED", corpus.display());
    }
    found.then_some(corpus)
}

fn import(format: SourceFormat, path: &Path, bindings: &Value) -> Vec<FlowDocument> {
    let bindings: Bindings = serde_json::from_value(bindings.clone()).expect("a table of bindings");
    let mut importer = Importer::new(format, bindings);
    let bytes = fs::read(path).expect("the export can be read");
    importer.add(&path.display().to_string(), &bytes).unwrap_or_else(|error| panic!("{error}"));
    importer.finish().documents
}

/// Imports a flow whole, publishes it, and plays a conversation; every expectation in it must hold, and the transcript
/// must have these words.
fn talk(format: SourceFormat, file: &str, bindings: Value, scenario: Value, wanted: &[&str]) {
    let Some(corpus) = corpus() else { return };
    let documents = import(format, &corpus.join(format.as_str()).join(file), &bindings);
    let all: Vec<Arc<FlowDocument>> = documents.into_iter().map(Arc::new).collect();
    let troupe = Troupe::new(&all[0], &all, &standard(), &Arc::new(Sandbox::new())).expect("the flow can be published");
    let rehearsal = troupe.play(&serde_json::from_value(scenario).expect("a scenario"));
    assert!(rehearsal.passed, "{file}: {}\n{}", rehearsal.report("en"), rehearsal.transcript);
    for words in wanted {
        assert!(rehearsal.transcript.contains(words), "{file}: no '{words}' in\n{}", rehearsal.transcript);
    }
}

#[test]
fn twilio_asks_which_team_and_queues_for_it() {
    talk(
        SourceFormat::Twilio,
        "twilio-professional-services__flex-project-template__template_example_messaging_with_parking_flow.json",
        json!({ "skill": { "WORKFLOW_SID": "care" } }),
        json!({ "name": "parking", "channel": "sms", "locale": "en", "steps": [
            { "contact_says": "hi" },
            { "contact_says": "dunno" },
            { "contact_says": "Sales, please" },
            { "expect": { "waiting_for": ["care"], "attributes": { "flow_variables_selected_queue": "sales" } } },
        ] }),
        &["whether you need assistance with support or sales", "while I locate a sales representative"],
    );
}

#[test]
fn twilio_asks_a_function_whether_it_is_open() {
    talk(
        SourceFormat::Twilio,
        "twilio-professional-services__flex-project-template__template_example_schedule_flow.json",
        json!({ "url": { "check-schedule": "https://schedule.example.com/check" } }),
        json!({ "name": "schedule", "channel": "voice", "locale": "en", "steps": [
            { "contact_says": "hello" },
            { "outside_answers": { "status": 200, "body": { "isOpen": false, "closedReason": "holiday" } } },
        ] }),
        &["currently closed due to the holiday", "https://schedule.example.com/check"],
    );
}

#[test]
fn connect_goes_by_the_key_pressed_and_queues() {
    talk(
        SourceFormat::Connect,
        "aws-samples__amazon-connect-data-analytics-sample__SimpleInboundFlow.json",
        json!({ "skill": { "queue": "orders" } }),
        json!({ "name": "inbound", "channel": "webchat", "locale": "en", "steps": [
            { "contact_says": "hello" },
            { "contact_says": "2" },
            { "expect": { "waiting_for": ["orders"], "attributes": { "Attributes_CallReason": "RepeatOrder" } } },
        ] }),
        &["Welcome to Amazon Connect Contact Centre.", "To place a new order, please press 3."],
    );
}

#[test]
fn connect_says_the_message_of_the_day() {
    talk(
        SourceFormat::Connect,
        "amazon-connect__amazon-connect-snippets__HotMessage.json",
        json!({ "url": { "GetHotMessageLambda": "https://functions.example.com/hot" } }),
        json!({ "name": "hot message", "channel": "webchat", "locale": "en", "steps": [
            { "contact_says": "hello" },
            { "outside_answers": { "status": 200, "body": { "ActiveMessage": "True", "Message": "We are closed for snow." } } },
        ] }),
        &["Thank you for contacting us.", "We are closed for snow."],
    );
}

#[test]
fn rapidpro_understands_both_languages_and_asks_again() {
    talk(
        SourceFormat::Rapidpro,
        "rapidpro__flows__mushrooms.json",
        json!({}),
        json!({ "name": "mushrooms", "channel": "sms", "locale": "fr", "steps": [
            { "contact_says": "bonjour" },
            { "contact_says": "peut-être" },
            { "contact_says": "oui" },
            { "expect": { "attributes": { "response_1": "oui", "contact_preference": "Yes" } } },
        ] }),
        &["Aimez-vous les champignons?", "Nous ne comprenions pas votre réponse.", "Vous devriez revoir"],
    );
}

#[test]
fn rapidpro_asks_two_questions_and_repeats_the_answers() {
    talk(
        SourceFormat::Rapidpro,
        "rapidpro__surveyor__two_questions_v11.json",
        json!({}),
        json!({ "name": "two questions", "channel": "sms", "locale": "en", "steps": [
            { "contact_says": "start" },
            { "contact_says": "water" },
            { "contact_says": "a Mutzig" },
            { "contact_says": "BLUE" },
        ] }),
        &[
            "What is your favorite beer?",
            "I didn't recognize that beer.",
            "Mutzig is a great beer!",
            "go get some Blue Mutzig!",
        ],
    );
}

#[test]
fn floip_signs_up_by_asking_the_content_repository() {
    talk(
        SourceFormat::Floip,
        "praekeltfoundation__contentrepo-base-flow__signup.json",
        json!({ "url": { "content-repo-api-qa": "https://content.example.com" } }),
        json!({ "name": "sign-up", "channel": "whatsapp", "locale": "en", "steps": [
            { "contact_says": "hi" },
            { "contact_says": "Yes, please" },
            { "outside_answers": { "status": 200, "body": { "results": [{ "id": 7 }] } } },
        ] }),
        &[
            "sign up to our testing messaging set",
            "https://content.example.com/api/v2/orderedcontent/",
            "Thank you for signing up!",
        ],
    );
}

/// What the checks may find in an import: defects of the source, and what a person must replace or look at. Anything
/// else would be the importer's own mistake.
const OF_THE_SOURCE: [&str; 31] = [
    "foreign-node",
    "missing-entry",
    "dangling-target",
    "unreachable-node",
    "cycle-without-wait",
    "no-way-to-end",
    "channel-not-supported",
    "empty-text",
    "text-too-long",
    "missing-translation",
    "unused-text",
    "unused-attribute",
    "self-reference",
    "swallowed-error",
    "duplicate-case",
    "shadowed-case",
    "constant-condition",
    "impossible-comparison",
    "unassigned-attribute",
    "blank-translation",
    "too-long-for-channel",
    "too-many-options",
    "label-too-long",
    "confusable-names",
    "unused-function",
    "secret",
    "unknown-input",
    "missing-input",
    "unknown-end",
    "flow-cycle",
    // Loops of a source whose questions have no words.
    "endless-silence",
];

#[test]
fn the_whole_corpus_goes_through_the_checks() {
    let Some(corpus) = corpus() else { return };
    let checker = Checker::new(&standard()).expect("the standard vocabulary is sound");
    let sandbox = Sandbox::new();
    let mut codes: BTreeMap<String, (usize, String)> = BTreeMap::new();
    for format in SourceFormat::ALL {
        let folder = fs::read_dir(corpus.join(format.as_str())).expect("a folder of each format");
        for path in folder
            .map(|entry| entry.expect("a file").path())
            .filter(|path| path.extension().is_some_and(|e| e == "json"))
        {
            for document in import(format, &path, &json!({})) {
                let id = document.id.to_string();
                let report = checker.check(&ParsedDocument::from(document), &sandbox, &Anything);
                for finding in report.findings {
                    let entry = codes.entry(finding.code.clone()).or_default();
                    entry.0 += 1;
                    if entry.0 <= 3 {
                        entry.1.push_str(&format!("\n    {id}{}: {}", finding.pointer, finding.message.en));
                    }
                }
            }
        }
    }
    for (code, (count, examples)) in &codes {
        println!("{count:5} {code}{examples}");
    }
    let own: Vec<&String> = codes.keys().filter(|code| !OF_THE_SOURCE.contains(&code.as_str())).collect();
    assert!(own.is_empty(), "the importer wrote documents with {own:?}");
}

/// What the whole corpus may take of a processor, checks included.
const CORPUS_TIME_MAX: Duration = Duration::from_secs(2);

#[test]
fn the_whole_corpus_is_imported_and_checked_in_two_seconds() {
    let Some(corpus) = corpus() else { return };
    let mut files = Vec::new();
    for format in SourceFormat::ALL {
        let folder = fs::read_dir(corpus.join(format.as_str())).expect("a folder of each format");
        let paths = folder.map(|entry| entry.expect("a file").path());
        files.extend(paths.filter(|path| path.extension().is_some_and(|e| e == "json")).map(|path| (format, path)));
    }
    let checker = Checker::new(&standard()).expect("the standard vocabulary is sound");
    let sandbox = Sandbox::new();
    let began = processor_time();
    let mut flows = 0;
    for (format, path) in &files {
        let parsed: Vec<_> = import(*format, path, &json!({})).into_iter().map(ParsedDocument::from).collect();
        flows += checker.check_all(&parsed.iter().collect::<Vec<_>>(), &sandbox, &Anything).len();
    }
    let took = processor_time() - began;
    println!("imported and checked: {flows} flows of {} files in {} ms of a processor", files.len(), took.as_millis());
    assert!(took <= CORPUS_TIME_MAX, "{took:?}");
}

/// Processor time of this thread, so that whatever else the machine does counts for nothing.
fn processor_time() -> Duration {
    let text = fs::read_to_string("/proc/thread-self/schedstat").expect("the system counts what a thread takes");
    let nanos = text.split_whitespace().next().and_then(|nanos| nanos.parse().ok());
    Duration::from_nanos(nanos.expect("its first figure is processor time"))
}
