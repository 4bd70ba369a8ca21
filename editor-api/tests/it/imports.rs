//! Imports over HTTP and on the command line.

use std::process::Command;

use reqwest::StatusCode;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{
    command_line::{routewright, shown},
    server::{Server, greeting},
};

/// A definition in which everything has an equivalent.
fn hello() -> Value {
    json!({
        "description": "Hello", "initial_state": "Trigger", "flags": {},
        "states": [
            { "name": "Trigger", "type": "trigger", "properties": {}, "transitions": [{ "event": "incomingMessage", "next": "hello" }] },
            { "name": "hello", "type": "send-message", "properties": { "body": "Hello {{contact.channel.address}}" }, "transitions": [{ "event": "sent" }] },
        ],
    })
}

/// A definition with a type that has no equivalent, an address of the account, a target that does not exist and a state
/// that nothing reaches.
fn paying() -> Value {
    json!({
        "description": "Paying", "initial_state": "Trigger", "flags": {},
        "states": [
            { "name": "Trigger", "type": "trigger", "properties": {}, "transitions": [{ "event": "incomingMessage", "next": "price" }] },
            { "name": "price", "type": "run-function", "properties": { "url": "https://acme-1234.twil.io/price" }, "transitions": [{ "event": "success", "next": "pay" }, { "event": "fail" }] },
            { "name": "pay", "type": "capture-payments", "properties": {}, "transitions": [{ "event": "success", "next": "nowhere" }, { "event": "hangup" }] },
            { "name": "alone", "type": "send-message", "properties": { "body": "Hi" }, "transitions": [{ "event": "sent" }] },
        ],
    })
}

#[tokio::test]
async fn an_export_becomes_documents_that_can_be_saved() {
    let server = Server::start().await;
    let export = hello();
    let body = json!({ "from": "twilio", "files": [{ "name": "hello.json", "export": export }] });
    let answer = server.post("/api/v1/flows/import", &server.admin, body).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    assert_eq!(answer.body["report"]["flows"][0]["native"], 2, "{answer:?}");
    assert_eq!(answer.body["report"]["flows"][0]["foreign"], 0);
    let saved = server.post("/api/v1/flows", &server.admin, answer.body["documents"][0].clone()).await;
    assert_eq!(saved.status, StatusCode::CREATED, "{saved:?}");

    let body = json!({ "from": "connect", "files": [{ "name": "hello.json", "export": export }] });
    let refused = server.post("/api/v1/flows/import", &server.admin, body).await;
    assert_eq!(
        (refused.status, &refused.body["code"]),
        (StatusCode::UNPROCESSABLE_ENTITY, &json!("export-unreadable"))
    );
}

#[tokio::test]
async fn no_flow_takes_the_id_that_the_path_of_imports_has() {
    let server = Server::start().await;
    let refused = server.post("/api/v1/flows", &server.admin, greeting("import")).await.problem(422, "reserved-id");
    assert!(refused["detail"].as_str().is_some_and(|detail| detail.contains("/api/v1/flows/import")), "{refused}");

    // So an export of that name gets another id, which can be saved and read.
    let mut export = hello();
    export["name"] = "Import".into();
    let wrapped = json!({ "friendly_name": "Import", "definition": export });
    let body = json!({ "from": "twilio", "files": [{ "name": "import.json", "export": wrapped }] });
    let answer = server.post("/api/v1/flows/import", &server.admin, body).await.ok();
    let document = answer["documents"][0].clone();
    let id = document["id"].as_str().expect("an id").to_owned();
    assert_eq!(id, "Import_2");
    server.post("/api/v1/flows", &server.admin, document).await.expect(StatusCode::CREATED);
    server.get(&format!("/api/v1/flows/{id}"), &server.admin).await.ok();
}

/// A file of this directory.
fn put(dir: &TempDir, name: &str, text: &str) -> String {
    let path = dir.path().join(name);
    std::fs::write(&path, text).expect("the file is written");
    path.to_str().expect("text").to_owned()
}

/// What `routewright import --from twilio` answers.
fn import(arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = routewright(&[&["import", "--from", "twilio"], arguments].concat());
    (output.status.code(), shown(&output.stdout), shown(&output.stderr))
}

#[test]
fn exit_codes_tell_native_attention_and_unreadable_apart() {
    let dir = TempDir::new().expect("a directory");
    let sound = put(&dir, "sound.json", &hello().to_string());
    let foreign = put(&dir, "foreign.json", &paying().to_string());
    let broken = put(&dir, "broken.json", &hello().to_string()[..90]);
    let absent = dir.path().join("absent.json").to_str().expect("text").to_owned();
    for (files, code) in [
        (vec![sound.as_str()], 0),
        (vec![&foreign], 1),
        (vec![&sound, &foreign], 1),
        (vec![&broken], 2),
        (vec![&sound, &broken], 2),
        (vec![&absent], 2),
    ] {
        let (found, out, err) = import(&files);
        assert_eq!(found, Some(code), "{files:?}: {out}{err}");
    }
    let output = routewright(&["import", "--from", "nice", &sound]);
    assert_eq!(output.status.code(), Some(2), "a system that nobody reads is a mistake of usage");
    let (_, _, english) = import(&[&broken]);
    assert!(english.starts_with(&format!("{broken}:1:90: not JSON from here on")), "{english}");
    let french = shown(&routewright(&["--lang", "fr", "import", "--from", "twilio", &broken]).stderr);
    assert!(french.starts_with(&format!("{broken}:1:90: ce n’est plus du JSON")), "{french}");
}

#[test]
fn the_directory_holds_documents_the_report_and_the_table_to_fill_in() {
    let dir = TempDir::new().expect("a directory");
    let sound = put(&dir, "sound.json", &hello().to_string());
    // Named like the report itself, which it must not overwrite.
    let foreign = put(&dir, "report.json", &paying().to_string());
    let broken = put(&dir, "broken.json", "{");
    let out = dir.path().join("out");
    let at = out.to_str().expect("text");
    let (code, readable, _) = import(&[&sound, &foreign, &broken, "--out", at]);
    assert_eq!(code, Some(2), "the others are imported all the same");
    let mut names: Vec<String> = std::fs::read_dir(&out)
        .expect("the directory was made")
        .map(|entry| entry.expect("a file").file_name().into_string().expect("text"))
        .collect();
    names.sort();
    assert_eq!(names, ["bindings.json", "report.json", "report_2.json", "sound.json"]);
    let read = |name: &str| std::fs::read_to_string(out.join(name)).expect("the file is there");
    for name in ["report_2.json", "sound.json"] {
        let parsed = routewright_flows::parse(&read(name)).expect("a document");
        assert_eq!(routewright_flows::format(parsed.document()), read(name), "{name} is canonical");
    }
    let report: Value = serde_json::from_str(&read("report.json")).expect("JSON");
    let flow = &report["flows"][1];
    for (fact, count) in [
        ("nodes", 4),
        ("edges", 6),
        ("edges_without_target", 3),
        ("dangling_targets", 1),
        ("unreachable", 1),
        ("cycles", 0),
        ("native", 3),
        ("foreign", 1),
    ] {
        assert_eq!(flow[fact], count, "{fact} of {flow}");
    }
    let items = flow["items"].as_array().expect("a list");
    let item = items.iter().find(|item| item["kind"] == "foreign").expect("the foreign node is listed");
    assert_eq!((&item["source_id"], &item["source_type"]), (&json!("pay"), &json!("capture-payments")));
    for words in [&item["reason"], &item["hint"]] {
        assert!(["en", "fr"].iter().all(|language| words[language].as_str().is_some_and(|text| !text.is_empty())));
    }
    assert_eq!(report["unreadable"][0]["code"], "syntax");
    assert_eq!(report["unreadable"][0]["file"], json!(broken));
    // The readable report says the same of each flow.
    assert!(readable.contains(&format!("{sound} -> sound.json")), "{readable}");
    assert!(
        readable.contains("3 native, 1 foreign") && readable.contains("foreign pay (capture-payments)"),
        "{readable}"
    );
    let french = routewright(&["--lang", "fr", "import", "--from", "twilio", &foreign]);
    assert!(shown(&french.stdout).contains("3 natifs, 1 étrangers"), "{}", shown(&french.stdout));

    // The table, filled in, goes into the next import's documents.
    let table: Value = serde_json::from_str(&read("bindings.json")).expect("JSON");
    let (name, open) = table["url"].as_object().and_then(|urls| urls.iter().next()).expect("an address to fill in");
    assert!(open.is_null(), "{table}");
    assert!(readable.contains(&format!("to fill in: url {name}")), "{readable}");
    let mut filled = table.clone();
    filled["url"][name] = "https://functions.example.com/price".into();
    let filled = put(&dir, "filled.json", &filled.to_string());
    import(&[&foreign, "--out", at, "--bindings", &filled]);
    assert!(read("report_2.json").contains("https://functions.example.com/price"));
    let (code, _, message) = import(&[&foreign, "--bindings", &sound]);
    assert_eq!(code, Some(2), "{message}");
}

/// Bytes of address space that the command gets at most. The programme itself and its script thread take part of it.
const ADDRESS_SPACE_KIB_MAX: u64 = 512 * 1024;

#[test]
fn an_export_of_50_mb_is_refused_and_one_of_4_mb_read_in_bounded_memory() {
    let dir = TempDir::new().expect("a directory");
    let state = |number: usize| {
        json!({
            "name": format!("say_{number}"), "type": "send-message", "properties": { "body": "word ".repeat(600) },
            "transitions": [{ "event": "sent", "next": format!("say_{}", number + 1) }],
        })
    };
    let export_of = |bytes: usize| {
        let count = bytes / state(100_000).to_string().len();
        let mut export = hello();
        export["states"].as_array_mut().expect("a list").extend((0..count).map(state));
        export.to_string()
    };
    let large = put(&dir, "large.json", &export_of(4_000_000));
    let huge = put(&dir, "huge.json", &export_of(50_000_000));
    let out = dir.path().join("out");
    let run = |file: &str| {
        let limited = format!("ulimit -v {ADDRESS_SPACE_KIB_MAX}; exec \"$@\"");
        let mut command = Command::new("sh");
        command.args(["-c", &limited, "sh", env!("CARGO_BIN_EXE_routewright"), "--lang", "en", "import"]);
        let output = command.args(["--from", "twilio", file, "--out"]).arg(&out).output().expect("the shell runs");
        (output.status.code(), shown(&output.stderr))
    };
    let beyond = "1:16777217: goes on here beyond 16 MiB, the most that is read: export fewer flows at a time";
    let (code, message) = run(&huge);
    assert_eq!((code, message.lines().next()), (Some(2), Some(format!("{huge}:{beyond}").as_str())), "{message}");
    assert_eq!(run(&large), (Some(1), String::new()), "it is read, and its unreachable nodes are findings");
}
