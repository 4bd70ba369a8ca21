//! Every code has a document that triggers it and one that narrowly does not.

use std::collections::BTreeSet;

use expect_test::{ExpectFile, expect_file};
use proptest::{prelude::*, sample::Index};
use serde_json::{Value, json};

use super::codes::{self, Code};
use crate::{
    canonical,
    check::Report,
    finding::{Finding, Severity},
    limits::{
        DOCUMENT_BYTES_MAX, FINDINGS_MAX, NESTING_MAX, NODES_MAX, SMS_CHARS_MAX, TEXT_CHARS_MAX, WHATSAPP_ROWS_MAX,
    },
    parse::parse,
    testing,
};

fn report(text: &str) -> Report {
    match parse(text) {
        Ok(parsed) => testing::check(&parsed),
        Err(findings) => Report { findings, flow: None, lifetime: None },
    }
}

/// Sound documents spoilt, or texts of their own.
enum Given {
    Edit(fn(&mut Value)),
    Text(fn() -> String),
}
use Given::{Edit, Text};

impl Given {
    fn text(&self) -> String {
        match self {
            Edit(edit) => {
                let mut value = testing::sound();
                edit(&mut value);
                canonical::pretty(&value)
            }
            Text(text) => text(),
        }
    }
}

fn node<'v>(of: &'v mut Value, id: &str) -> &'v mut Value {
    of.get_mut("nodes").and_then(|nodes| nodes.get_mut(id)).expect("a node of the sound document")
}

fn remove(from: &mut Value, field: &str) {
    from.as_object_mut().expect("an object").remove(field).expect("the field to remove");
}

/// A line of nodes that ends; entry `n0`.
fn line_of_nodes(count: usize) -> String {
    let node = |index: usize| {
        let done = if index + 1 == count { json!({ "end": "done" }) } else { json!(format!("n{}", index + 1)) };
        (
            format!("n{index}"),
            json!({ "kind": "require_skills", "config": { "skills": { "sales": 1 } }, "exits": { "done": done } }),
        )
    };
    let nodes: serde_json::Map<String, Value> = (0..count).map(node).collect();
    json!({ "schema": 1, "id": "line", "entry": "n0", "nodes": nodes }).to_string()
}

/// A document with exactly that many findings, all of them unused texts.
fn unused_texts(count: usize) -> String {
    let mut value = testing::sound();
    for index in 0..count {
        value["texts"][format!("t{index}")] = json!({ "en": "x", "fr": "x" });
    }
    canonical::pretty(&value)
}

fn nested(depth: usize) -> String {
    let mut value = testing::sound();
    // The document and `vendor` are two levels already.
    value["vendor"] = json!({ "deep": (2..depth).fold(Value::Null, |inner, _| json!([inner])) });
    value.to_string()
}

fn padded(bytes: usize) -> String {
    let text = testing::SOUND.to_owned();
    let spaces = bytes - text.len();
    text + &" ".repeat(spaces)
}

fn first_condition(of: &mut Value) -> &mut Value {
    &mut node(of, "who")["config"]["cases"][0]["when"]
}

/// For each code: where it must be found, one document that has it, and one that narrowly has not.
#[rustfmt::skip]
fn table() -> Vec<(Code, &'static str, Given, Given)> {
    vec![
        (Code::Syntax, "", Text(|| r#"{"a": }"#.into()), Text(|| r#"{"a": 1}"#.into())),
        (Code::DuplicateKey, "", Text(|| r#"{"a": 1, "\u0061": 2}"#.into()), Text(|| r#"{"a": 1, "A": 2}"#.into())),
        (Code::TooLarge, "", Text(|| padded(DOCUMENT_BYTES_MAX + 1)), Text(|| padded(DOCUMENT_BYTES_MAX))),
        (Code::TooDeep, "", Text(|| nested(NESTING_MAX + 1)), Text(|| nested(NESTING_MAX))),
        (Code::TooManyNodes, "/nodes", Text(|| line_of_nodes(NODES_MAX + 1)), Text(|| line_of_nodes(NODES_MAX))),
        (Code::TooManyNodes, "/nodes", Text(|| line_of_nodes(20_000)), Text(|| line_of_nodes(1))),
        (Code::TooManyFindings, "", Text(|| unused_texts(FINDINGS_MAX + 1)), Text(|| unused_texts(FINDINGS_MAX))),
        (Code::UnsupportedSchema, "/schema", Edit(|d| d["schema"] = json!(2)), Edit(|d| d["schema"] = json!(1))),
        (Code::UnsupportedSchema, "/schema", Edit(|d| d["schema"] = json!(1.5)), Edit(|d| d["schema"] = json!("1"))),
        (Code::UnknownField, "/colour", Edit(|d| d["colour"] = json!(1)), Edit(|d| d["vendor"]["colour"] = json!(1))),
        (Code::UnknownField, "/nodes/bye/config/now", Edit(|d| node(d, "bye")["config"] = json!({ "now": 1 })), Edit(|d| node(d, "bye")["config"] = json!({}))),
        (Code::MissingField, "/entry", Edit(|d| remove(d, "entry")), Edit(|d| remove(d, "title"))),
        (Code::MissingField, "/nodes/menu/config/text", Edit(|d| remove(&mut node(d, "menu")["config"], "text")), Edit(|d| remove(&mut node(d, "menu")["config"], "attempts"))),
        (Code::WrongType, "/nodes/menu/config/attempts", Edit(|d| node(d, "menu")["config"]["attempts"] = json!("3")), Edit(|d| node(d, "menu")["config"]["attempts"] = json!(4))),
        (Code::WrongType, "/nodes/menu/config/text", Edit(|d| node(d, "menu")["config"]["text"] = json!("welcome")), Edit(|d| node(d, "menu")["config"]["text"] = json!("@sorry"))),
        (Code::BadName, "/id", Edit(|d| d["id"] = json!("été")), Edit(|d| d["id"] = json!("e-te_1"))),
        (Code::BadName, "/attributes/my-tier", Edit(|d| d["attributes"]["my-tier"] = json!({ "type": "string" })), Edit(|d| d["attributes"]["my_tier"] = json!({ "type": "string" }))),
        (Code::BadValue, "/nodes/menu/config/attempts", Edit(|d| node(d, "menu")["config"]["attempts"] = json!(0)), Edit(|d| node(d, "menu")["config"]["attempts"] = json!(1))),
        (Code::BadValue, "/channels/0", Edit(|d| d["channels"] = json!(["whatsap"])), Edit(|d| d["channels"] = json!(["whatsapp"]))),
        (Code::BadValue, "/tests/0/steps/1", Edit(|d| d["tests"][0]["steps"][1] = json!({ "time_passes": "3651d" })), Edit(|d| d["tests"][0]["steps"][1] = json!({ "time_passes": "3650d" }))),
        (Code::MissingEntry, "/entry", Edit(|d| d["entry"] = json!("hour")), Edit(|d| d["entry"] = json!("menu"))),
        (Code::DanglingHandler, "/handlers/error", Edit(|d| d["handlers"]["error"] = json!("nobody")), Edit(|d| d["handlers"]["error"] = json!("bye"))),
        (Code::UndeclaredHandler, "/nodes/menu/exits/no_match", Edit(|d| remove(&mut d["handlers"], "error")), Edit(|d| remove(&mut d["handlers"], "disconnect"))),
        (Code::ForeignNode, "/nodes/bye/kind", Edit(|d| node(d, "bye")["kind"] = json!("kept")), Edit(|d| node(d, "bye")["kind"] = json!("close"))),
        (Code::UnknownKind, "/nodes/bye/kind", Edit(|d| node(d, "bye")["kind"] = json!("clos")), Edit(|d| node(d, "bye")["kind"] = json!("close"))),
        (Code::DanglingTarget, "/nodes/hours/exits/open", Edit(|d| node(d, "hours")["exits"]["open"] = json!("menus")), Edit(|d| node(d, "hours")["exits"]["open"] = json!({ "end": "menus" }))),
        (Code::UndeclaredExit, "/nodes/hours/exits/holiday", Edit(|d| node(d, "hours")["exits"]["holiday"] = json!("bye")), Edit(|d| node(d, "hours")["exits"]["error"] = json!("bye"))),
        (Code::UnwiredExit, "/nodes/hours/exits/closed", Edit(|d| remove(&mut node(d, "hours")["exits"], "closed")), Edit(|d| remove(&mut node(d, "apologise")["exits"], "error"))),
        (Code::UnwiredExit, "/nodes/menu/exits/more", Edit(|d| node(d, "menu")["config"]["options"][1]["id"] = json!("more")), Edit(|d| node(d, "menu")["config"]["options"][1]["id"] = json!("sales"))),
        (Code::UnwiredExit, "/nodes/menu/exits/human", Edit(|d| node(d, "menu")["config"]["human"] = json!(true)), Edit(|d| node(d, "menu")["config"]["human"] = json!(false))),
        (Code::UndeclaredExit, "/nodes/menu/exits/human", Edit(|d| node(d, "menu")["exits"]["human"] = json!("bye")), Edit(|d| { node(d, "menu")["exits"]["human"] = json!("bye"); node(d, "menu")["config"]["human"] = json!(true); })),
        (Code::BadExitName, "/nodes/menu/config/options/1/id", Edit(|d| node(d, "menu")["config"]["options"][1]["id"] = json!("mes ventes")), Edit(|d| node(d, "menu")["config"]["options"][1]["id"] = json!("mes_ventes"))),
        (Code::ShadowedExit, "/nodes/menu/config/options/1/id", Edit(|d| node(d, "menu")["config"]["options"][1]["id"] = json!("timeout")), Edit(|d| node(d, "menu")["config"]["options"][1]["id"] = json!("time_out"))),
        (Code::UnreachableNode, "/nodes/skills", Edit(|d| { node(d, "who")["exits"]["else"] = json!("bye"); node(d, "mark")["exits"]["done"] = json!("bye"); }), Edit(|d| node(d, "who")["exits"]["else"] = json!("bye"))),
        (Code::CycleWithoutWait, "/nodes/mark", Edit(|d| node(d, "mark")["exits"]["done"] = json!("who")), Edit(|d| node(d, "mark")["exits"]["done"] = json!("menu"))),
        (Code::CycleWithoutWait, "/nodes/skills", Edit(|d| node(d, "skills")["exits"]["done"] = json!("skills")), Edit(|d| node(d, "identify")["exits"]["done"] = json!("identify"))),
        (Code::CycleWithoutWait, "/nodes/apologise", Edit(|d| node(d, "apologise")["exits"]["done"] = json!({ "handler": "error" })), Edit(|d| node(d, "apologise")["exits"]["done"] = json!({ "handler": "disconnect" }))),
        (Code::NoWayToEnd, "/nodes/identify", Edit(|d| node(d, "identify")["exits"]["done"] = json!("identify")), Edit(|d| node(d, "identify")["exits"]["done"] = json!("menu"))),
        (Code::EndlessSilence, "/nodes/again", Edit(|d| go_round(d, "pause")), Edit(|d| go_round(d, "apologise_first"))),
        (Code::EndlessSilence, "/nodes/again", Edit(|d| { go_round(d, "pause"); d["nodes"]["note"] = json!({ "kind": "count", "exits": { "repeat": "bye", "done": "pause" } }); node(d, "again")["exits"]["else"] = json!("note"); }), Edit(|d| { go_round(d, "pause"); d["nodes"]["note"] = json!({ "kind": "count", "exits": { "repeat": "pause", "done": "bye" } }); node(d, "again")["exits"]["else"] = json!("note"); })),
        (Code::ChannelNotSupported, "/nodes/menu/kind", Edit(|d| d["channels"] = json!(["sms", "email"])), Edit(|d| d["channels"] = json!(["sms"]))),
        (Code::ScriptSyntax, "/library", Edit(|d| d["library"] = json!("script-syntax")), Edit(|d| d["vendor"]["library"] = json!("script-syntax"))),
        (Code::ScriptSyntax, "/nodes/who/config/cases/0/when", Edit(|d| *first_condition(d) = json!("script-syntax")), Edit(|d| node(d, "who")["note"] = json!("script-syntax"))),
        (Code::UnknownVariable, "/nodes/who/config/cases/0/when", Edit(|d| *first_condition(d) = json!("unknown-variable")), Edit(|d| *first_condition(d) = json!("unknown_variable"))),
        (Code::UnknownFunction, "/nodes/mark/config/values/tier", Edit(|d| node(d, "mark")["config"]["values"]["tier"] = json!("unknown-function")), Edit(|d| node(d, "mark")["config"]["values"]["tier"] = json!("fine"))),
        (Code::UnknownAttribute, "/nodes/mark/config/values/teir", Edit(|d| node(d, "mark")["config"]["values"]["teir"] = json!("1")), Edit(|d| node(d, "mark")["config"]["values"]["order"] = json!("1"))),
        (Code::UnknownProperty, "/nodes/who/config/cases/0/when", Edit(|d| *first_condition(d) = json!("unknown-property")), Edit(|d| *first_condition(d) = json!("unknown_property"))),
        (Code::ScriptTooLong, "/nodes/who/config/cases/0/when", Edit(|d| *first_condition(d) = json!("script-too-long")), Edit(|d| *first_condition(d) = json!("short"))),
        (Code::TypeMismatch, "/nodes/who/config/cases/0/when", Edit(|d| *first_condition(d) = json!("type-mismatch")), Edit(|d| *first_condition(d) = json!("type_mismatch"))),
        (Code::BadSetting, "/nodes/menu/config", Edit(|d| node(d, "menu")["config"]["attempts"] = json!(7)), Edit(|d| node(d, "menu")["config"]["attempts"] = json!(8))),
        (Code::ShadowedCase, "/nodes/who/config/cases/1/when", Edit(|d| node(d, "who")["config"]["cases"] = cases("attributes.visits > 3", "covered(attributes.visits)")), Edit(|d| node(d, "who")["config"]["cases"] = cases("attributes.visits > 3", "attributes.visits > 2"))),
        (Code::ConstantCondition, "/nodes/who/config/cases/0/when", Edit(|d| *first_condition(d) = json!("always(attributes.visits)")), Edit(|d| *first_condition(d) = json!("attributes.visits > 3"))),
        (Code::BadAssignment, "/nodes/mark/config/values/tier", Edit(|d| node(d, "mark")["config"]["values"]["tier"] = json!("a_number(1)")), Edit(|d| node(d, "mark")["config"]["values"]["visits"] = json!("a_number(1)"))),
        (Code::BadAssignment, "/nodes/hours/config", Edit(|d| d["attributes"]["order"]["type"] = json!("integer")), Edit(|d| d["attributes"]["order"]["type"] = json!("date"))),
        (Code::TemplateSyntax, "/texts/sorry/fr", Edit(|d| d["texts"]["sorry"]["fr"] = json!("template-syntax")), Edit(|d| d["texts"]["sorry"]["fr"] = json!("template syntax"))),
        (Code::TemplateSyntax, "/nodes/menu/config/options/0/label/en", Edit(|d| node(d, "menu")["config"]["options"][0]["label"]["en"] = json!("template-syntax")), Edit(|d| node(d, "menu")["config"]["options"][0]["id"] = json!("template-syntax"))),
        (Code::UnknownText, "/nodes/menu/config/text", Edit(|d| node(d, "menu")["config"]["text"] = json!("@welcom")), Edit(|d| node(d, "menu")["config"]["text"] = json!("@sorry"))),
        (Code::EmptyText, "/texts/sorry", Edit(|d| d["texts"]["sorry"] = json!({ "en": " " })), Edit(|d| d["texts"]["sorry"] = json!({ "en": "." }))),
        (Code::EmptyText, "/nodes/menu/config/text", Edit(|d| node(d, "menu")["config"]["text"] = json!({})), Edit(|d| node(d, "menu")["config"]["text"] = json!({ "fr": "Oui" }))),
        (Code::TextTooLong, "/texts/sorry/en", Edit(|d| d["texts"]["sorry"]["en"] = json!("é".repeat(TEXT_CHARS_MAX + 1))), Edit(|d| d["texts"]["sorry"]["en"] = json!("é".repeat(TEXT_CHARS_MAX)))),
        (Code::MissingTranslation, "/texts/sorry", Edit(|d| remove(&mut d["texts"]["sorry"], "fr")), Edit(|d| d["texts"]["sorry"] = json!({ "en-GB": "Sorry", "fr-CA": "Désolé" }))),
        (Code::MissingTranslation, "/nodes/menu/config/options/0/label", Edit(|d| d["texts"]["sorry"]["de"] = json!("Entschuldigung")), Edit(|d| d["texts"]["sorry"]["fr-CH"] = json!("Désolé"))),
        (Code::UnusedText, "/texts/spare", Edit(|d| d["texts"]["spare"] = json!({ "en": "x", "fr": "x" })), Edit(|d| { d["texts"]["spare"] = json!({ "en": "x", "fr": "x" }); node(d, "menu")["config"]["options"][1]["label"] = json!("@spare"); })),
        (Code::UnusedAttribute, "/attributes/spare", Edit(|d| d["attributes"]["spare"] = json!({ "type": "date" })), Edit(|d| { d["attributes"]["spare"] = json!({ "type": "date" }); d["library"] = json!("attributes.spare"); })),
        (Code::BadAttribute, "/attributes/visits", Edit(|d| d["attributes"]["visits"]["default"] = json!(1.5)), Edit(|d| d["attributes"]["visits"]["default"] = json!(1))),
        (Code::BadAttribute, "/attributes/visits", Edit(|d| d["attributes"]["visits"]["enum"] = json!(["1"])), Edit(|d| d["attributes"]["tier"]["enum"] = json!(["plain"]))),
        (Code::BadAttribute, "/attributes/tier", Edit(|d| { d["attributes"]["tier"] = json!({ "type": "string", "enum": [] }); }), Edit(|d| { d["attributes"]["tier"] = json!({ "type": "string" }); })),
        (Code::BadAttribute, "/outputs/tier", Edit(|d| d["outputs"]["tier"]["type"] = json!("number")), Edit(|d| d["outputs"]["tier"]["description"] = json!({ "en": "x" }))),
        (Code::UndeclaredOutput, "/outputs/orders", Edit(|d| d["outputs"]["orders"] = json!({ "type": "string" })), Edit(|d| d["outputs"]["order"] = json!({ "type": "string" }))),
        (Code::UnknownReference, "/nodes/hours/config/calendar", Edit(|d| node(d, "hours")["config"]["calendar"] = json!("ofice")), Edit(|d| node(d, "hours")["config"]["calendar"] = json!("office"))),
        (Code::UnknownReference, "/nodes/skills/config/skills/sale", Edit(|d| node(d, "skills")["config"]["skills"] = json!({ "sale": 1 })), Edit(|d| node(d, "skills")["config"]["skills"] = json!({ "sales": 1 }))),
        (Code::UnknownReference, "/nodes/identify/config/flow", Edit(|d| node(d, "identify")["config"]["flow"] = json!("@touchpoint")), Edit(|d| node(d, "hours")["config"]["calendar"] = json!("@touchpoint"))),
        (Code::SelfReference, "/nodes/identify/config/flow", Edit(|d| node(d, "identify")["config"]["flow"] = json!("welcome")), Edit(|d| d["id"] = json!("welcome2"))),
        (Code::SwallowedError, "/nodes/note/exits/error", Edit(|d| d["nodes"]["note"] = note_exits("bye", "bye")), Edit(|d| d["nodes"]["note"] = note_exits("bye", "skills"))),
        (Code::SwallowedError, "/nodes/hours/exits/error", Edit(|d| node(d, "hours")["exits"] = json!({ "open": "menu", "closed": "menu", "error": "menu" })), Edit(|d| node(d, "hours")["exits"]["error"] = json!("menu"))),
        (Code::DuplicateCase, "/nodes/who/config/cases/1/when", Edit(|d| node(d, "who")["config"]["cases"] = cases("attributes.visits>3", "attributes.visits > 3 // again")), Edit(|d| node(d, "who")["config"]["cases"] = cases("attributes.visits > 3", "attributes.visits > 30"))),
        (Code::ConstantCondition, "/nodes/who/config/cases/0/when", Edit(|d| *first_condition(d) = json!("!(1 == 2) || true")), Edit(|d| *first_condition(d) = json!("attributes.visits == 1"))),
        (Code::ImpossibleComparison, "/nodes/who/config/cases/0/when", Edit(|d| *first_condition(d) = json!("attributes.tier == \"silver\"")), Edit(|d| *first_condition(d) = json!("attributes.tier == \"gold\""))),
        (Code::ImpossibleComparison, "/texts/sorry/en", Edit(|d| d["texts"]["sorry"]["en"] = json!("${\"silver\" != attributes.tier}")), Edit(|d| d["texts"]["sorry"]["en"] = json!("attributes.tier == \"silver\""))),
        (Code::BadAssignment, "/nodes/mark/config/values/tier", Edit(|d| node(d, "mark")["config"]["values"]["tier"] = json!("\"silver\"")), Edit(|d| node(d, "mark")["config"]["values"]["tier"] = json!("\"plain\""))),
        (Code::BadAssignment, "/nodes/mark/config/values/visits", Edit(|d| node(d, "mark")["config"]["values"]["visits"] = json!("1.5")), Edit(|d| node(d, "mark")["config"]["values"]["visits"] = json!("2"))),
        (Code::UnassignedAttribute, "/nodes/who/config/cases/0/when", Edit(|d| remove(&mut d["attributes"]["visits"], "default")), Edit(|d| { remove(&mut d["attributes"]["visits"], "default"); *first_condition(d) = json!("attributes.visits != () && twice(attributes.visits) > 3"); })),
        (Code::UnassignedAttribute, "/nodes/menu/config/text", Edit(|d| { greet_by_name(d); d["entry"] = json!("hours"); }), Edit(greet_by_name)),
        (Code::UnassignedAttribute, "/nodes/menu/config/text", Edit(|d| { greet_by_name(d); d["handlers"]["error"] = json!("menu"); }), Edit(|d| { greet_by_name(d); d["inputs"]["name"] = json!({ "type": "string" }); d["entry"] = json!("hours"); })),
        (Code::BlankTranslation, "/texts/sorry/fr", Edit(|d| d["texts"]["sorry"]["fr"] = json!(" ")), Edit(|d| remove(&mut d["texts"]["sorry"], "fr"))),
        (Code::TooLongForChannel, "/texts/sorry/en", Edit(|d| { d["channels"] = json!(["sms"]); d["texts"]["sorry"]["en"] = json!("é".repeat(SMS_CHARS_MAX + 1)); }), Edit(|d| { d["channels"] = json!(["sms"]); d["texts"]["sorry"]["en"] = json!("é".repeat(SMS_CHARS_MAX)); })),
        (Code::TooManyOptions, "/nodes/menu/config/options", Edit(|d| node(d, "menu")["config"]["options"] = options(WHATSAPP_ROWS_MAX + 1, 1)), Edit(|d| node(d, "menu")["config"]["options"] = options(WHATSAPP_ROWS_MAX, 1))),
        (Code::LabelTooLong, "/nodes/menu/config/options/0/label/en", Edit(|d| node(d, "menu")["config"]["options"] = options(3, 21)), Edit(|d| node(d, "menu")["config"]["options"] = options(3, 20))),
        (Code::LabelTooLong, "/nodes/menu/config/options/3/label/en", Edit(|d| node(d, "menu")["config"]["options"] = options(4, 25)), Edit(|d| node(d, "menu")["config"]["options"] = options(4, 24))),
        (Code::ConfusableNames, "/nodes/menu", Edit(|d| d["nodes"]["Menu"] = json!({ "kind": "close" })), Edit(|d| d["nodes"]["menus"] = json!({ "kind": "close" }))),
        (Code::ConfusableNames, "/nodes/menu/exits/timeout/end", Edit(|d| node(d, "hours")["exits"]["closed"]["end"] = json!("No-Answer")), Edit(|d| node(d, "hours")["exits"]["closed"]["end"] = json!("no_answer"))),
        (Code::UnusedFunction, "/library", Edit(|d| d["library"] = json!("fn twice(n) { 2 * n } fn twize(n) { twice(n) }")), Edit(|d| d["library"] = json!("fn twize(n) { n } fn twice(n) { twize(2 * n) }"))),
        (Code::Secret, "/nodes/bye/note", Edit(|d| node(d, "bye")["note"] = json!("Send 'Authorization: Bearer a1b2c3d4e5f6a7b8c9d0'")), Edit(|d| node(d, "bye")["note"] = json!("Send 'Authorization: Bearer ${contact.fields.token}'"))),
        (Code::Secret, "/nodes/menu/config/options/1/label/en", Edit(|d| node(d, "menu")["config"]["options"][1]["label"] = json!({ "en": "ftp://me:hunter2@example.org", "fr": "x" })), Edit(|d| node(d, "menu")["config"]["options"][1]["label"] = json!({ "en": "ftp://me@example.org", "fr": "x" }))),
        (Code::DuplicateTest, "/tests/1/name", Edit(|d| add_test(d, "Nobody answers")), Edit(|d| add_test(d, "Nobody answers yet"))),
        (Code::TestWithoutExpectation, "/tests/0", Edit(|d| d["tests"][0]["steps"][2] = json!({ "expect": {} })), Edit(|d| d["tests"][0]["steps"][2] = json!({ "expect": { "says": [] } }))),
        (Code::TestOffChannel, "/tests/0/channel", Edit(|d| d["tests"][0]["channel"] = json!("sms")), Edit(|d| d["tests"][0]["channel"] = json!("webchat"))),
        (Code::UnknownTestAgent, "/tests/0/steps/1", Edit(|d| d["tests"][0]["steps"][1] = json!({ "agent_accepts": "alice" })), Edit(|d| { d["tests"][0]["steps"][1] = json!({ "agent_accepts": "alice" }); d["tests"][0]["given"] = json!({ "agents": { "alice": {} } }); })),
        (Code::UnknownTestAgent, "/tests/0/steps/2/expect", Edit(|d| d["tests"][0]["steps"][2]["expect"]["offered_to"] = json!("alice")), Edit(|d| { d["tests"][0]["steps"][2]["expect"]["offered_to"] = json!("alice"); d["tests"][0]["given"] = json!({ "agents": { "alice": {} } }); })),
        (Code::UnknownTestNode, "/tests/0/steps/2/expect/at", Edit(|d| { call_nobody(d); d["tests"][0]["steps"][2]["expect"]["at"] = json!("menus"); }), Edit(|d| d["tests"][0]["steps"][2]["expect"]["at"] = json!("node_of_identify"))),
        (Code::UnknownTestNode, "/tests/0/steps/2/expect/exits/0", Edit(|d| { call_nobody(d); d["tests"][0]["steps"][2]["expect"]["exits"] = json!(["menus.sales"]); }), Edit(|d| { call_nobody(d); d["tests"][0]["steps"][2]["expect"]["exits"] = json!(["menu.sales"]); })),
        (Code::UnknownTestExit, "/tests/0/steps/2/expect/exits/0", Edit(|d| { call_nobody(d); d["tests"][0]["steps"][2]["expect"]["exits"] = json!(["menu.sale"]); }), Edit(|d| { call_nobody(d); d["tests"][0]["steps"][2]["expect"]["exits"] = json!(["menu.timeout"]); })),
        (Code::UnknownTestAttribute, "/tests/0/steps/2/expect/attributes/teir", Edit(|d| d["tests"][0]["steps"][2]["expect"]["attributes"] = json!({ "teir": 1 })), Edit(|d| d["tests"][0]["steps"][2]["expect"]["attributes"] = json!({ "order": 1 }))),
    ]
}

/// A flow that waits before its hours, until somebody has come often, and goes round by another node.
fn go_round(d: &mut Value, by: &str) {
    d["nodes"]["pause"] = json!({ "kind": "wait", "exits": { "done": "again" } });
    d["nodes"]["again"] = json!({ "kind": "branch", "config": { "cases": [{ "when": "attributes.visits > 3", "exit": "often" }] }, "exits": { "often": "hours", "else": by } });
    if by != "pause" {
        d["nodes"][by] =
            json!({ "kind": "send_message", "config": { "text": "@sorry" }, "exits": { "done": "pause" } });
    }
    d["entry"] = json!("pause");
}

fn note_exits(done: &str, error: &str) -> Value {
    json!({ "kind": "send_message", "config": { "text": "@sorry" }, "exits": { "done": done, "error": error } })
}

fn cases(first: &str, second: &str) -> Value {
    json!([{ "when": first, "exit": "vip" }, { "when": second, "exit": "vip" }])
}

/// Options of a menu with labels of some length.
fn options(count: usize, chars: usize) -> Value {
    let label = "é".repeat(chars);
    (0..count).map(|index| json!({ "id": format!("o{index}"), "label": { "en": label, "fr": "x" } })).collect()
}

/// The menu speaks of an attribute that a new first node assigns.
fn greet_by_name(d: &mut Value) {
    d["attributes"]["name"] = json!({ "type": "string" });
    d["texts"]["welcome"]["fr"] = json!("Bonjour ${attributes.name}");
    d["nodes"]["first"] = json!({ "kind": "set_attributes", "config": { "values": { "name": "contact.name" } }, "exits": { "done": "hours" } });
    d["entry"] = json!("first");
}

fn add_test(d: &mut Value, name: &str) {
    let mut test = d["tests"][0].clone();
    test["name"] = json!(name);
    d["tests"].as_array_mut().expect("tests").push(test);
}

/// Without a sub-flow, so that every node a test may name is here.
fn call_nobody(d: &mut Value) {
    d["nodes"]["identify"] = json!({ "kind": "close" });
}

#[test]
fn every_code_has_a_document_that_has_it_and_one_that_narrowly_has_not() {
    let table = table();
    for (code, pointer, hit, miss) in &table {
        let found = report(&hit.text()).findings;
        let finding = found.iter().find(|finding| finding.code == code.as_str() && finding.pointer == *pointer);
        let finding = finding.unwrap_or_else(|| panic!("{} at {pointer} in {found:#?}", code.as_str()));
        assert_eq!(finding.severity, code.entry().severity, "{finding:?}");
        assert_eq!(report(&hit.text()).flow.is_some(), found.iter().all(|f| f.severity == Severity::Warning));
        let found = report(&miss.text()).findings;
        assert!(
            found.iter().all(|finding| finding.code != code.as_str()),
            "near miss of {}: {found:#?}",
            code.as_str()
        );
    }
    let together = table_of_sets().into_iter().map(|(code, ..)| code);
    let proven: BTreeSet<Code> = table.iter().map(|(code, ..)| *code).chain(together).collect();
    assert_eq!(proven, Code::ALL.iter().copied().collect(), "every code is in the table");
}

/// A flow and the one it calls, without a finding.
fn pair() -> [Value; 2] {
    let mut caller = testing::sound();
    caller["nodes"]["identify"] = json!({
        "kind": "subflow",
        "config": {
            "flow": "identify", "inputs": { "order": "attributes.order" }, "outputs": { "level": "tier" },
            "ends": ["unknown"],
        },
        "exits": { "done": "bye", "unknown": "menu" },
    });
    let callee = json!({
        "schema": 1,
        "id": "identify",
        "attributes": { "level": { "type": "string", "default": "plain" } },
        "inputs": { "order": { "type": "string" }, "depth": { "type": "integer", "default": 1 } },
        "outputs": { "level": { "type": "string" } },
        "entry": "hours",
        "nodes": {
            "hours": {
                "kind": "business_hours",
                "config": { "calendar": "office" },
                "exits": { "open": { "end": "known" }, "closed": { "end": "unknown" } },
            },
        },
    });
    [caller, callee]
}

type PairEdit = fn(&mut Value, &mut Value);

/// For each code about two flows: where the caller has it, a pair that has it, and one that narrowly has not.
#[rustfmt::skip]
fn table_of_sets() -> Vec<(Code, &'static str, PairEdit, PairEdit)> {
    vec![
        (Code::UnknownInput, "/nodes/identify/config/inputs/ordre", |a, _| node(a, "identify")["config"]["inputs"]["ordre"] = json!("1"), |a, _| node(a, "identify")["config"]["inputs"]["depth"] = json!("1")),
        (Code::MissingInput, "/nodes/identify/config/inputs/order", |a, _| remove(&mut node(a, "identify")["config"], "inputs"), |a, b| { remove(&mut node(a, "identify")["config"], "inputs"); b["inputs"]["order"]["default"] = json!("x"); }),
        (Code::InputType, "/nodes/identify/config/inputs/order", |a, _| node(a, "identify")["config"]["inputs"]["order"] = json!("a_number(1)"), |a, _| node(a, "identify")["config"]["inputs"]["depth"] = json!("a_number(1)")),
        (Code::OutputType, "/nodes/identify/config/outputs/level", |_, b| { b["outputs"]["level"]["type"] = json!("boolean"); b["attributes"]["level"] = json!({ "type": "boolean" }); }, |_, b| { b["outputs"]["level"]["type"] = json!("date"); b["attributes"]["level"] = json!({ "type": "date" }); }),
        (Code::UnknownOutput, "/nodes/identify/config/outputs/levels", |a, _| node(a, "identify")["config"]["outputs"]["levels"] = json!("tier"), |a, _| remove(&mut node(a, "identify")["config"], "outputs")),
        (Code::UnknownEnd, "/nodes/identify/config/ends/0", |_, b| node(b, "hours")["exits"]["closed"]["end"] = json!("not_known"), |_, b| node(b, "hours")["exits"]["open"]["end"] = json!("not_known")),
        (Code::FlowCycle, "/nodes/identify/config/flow", |_, b| call_back(b, "welcome"), |_, b| call_back(b, "elsewhere")),
    ]
}

fn call_back(callee: &mut Value, flow: &str) {
    callee["nodes"]["back"] =
        json!({ "kind": "subflow", "config": { "flow": flow }, "exits": { "done": { "end": "back" } } });
}

#[test]
fn flows_that_call_each_other_are_held_to_their_contracts() {
    let found = |edit: PairEdit| -> Vec<(String, String)> {
        let [mut caller, mut callee] = pair();
        edit(&mut caller, &mut callee);
        let [caller, callee] = [caller, callee].map(|value| parse(&value.to_string()).expect("a document"));
        let reports = testing::checker().check_all(&[&caller, &callee], &testing::FewWords, &testing::Catalogue);
        reports[0].findings.iter().map(|finding| (finding.code.clone(), finding.pointer.clone())).collect()
    };
    assert_eq!(found(|_, _| {}), []);
    for (code, pointer, hit, miss) in table_of_sets() {
        let hits = found(hit);
        assert!(hits.contains(&(code.as_str().to_owned(), pointer.to_owned())), "{} in {hits:?}", code.as_str());
        assert!(found(miss).iter().all(|(found, _)| found != code.as_str()), "near miss of {}", code.as_str());
    }
}

#[test]
fn the_sound_document_has_no_finding_and_becomes_a_flow() {
    let report = report(testing::SOUND);
    assert_eq!(report.findings, []);
    let flow = report.flow.expect("a flow");
    assert_eq!(flow.node_ids().count(), 8);
    assert_eq!(flow.entry().as_str(), "hours");
    assert_eq!(flow.reachable_from(flow.entry()).len(), 8);
    let handler = flow.handler(crate::document::Handler::Error).expect("an error handler");
    let beyond: Vec<&str> = flow.reachable_from(handler).into_iter().map(|id| id.as_str()).collect();
    assert_eq!(beyond, ["apologise", "bye"]);
    let names: Vec<String> = flow.references().iter().map(|r| format!("{}:{}", r.to.as_str(), r.name)).collect();
    assert_eq!(names, ["skill:@touchpoint", "skill:sales", "calendar:@touchpoint", "flow:identify"]);
}

/// The longest silence of the first document among the others, as people read it.
fn lifetime(documents: &[Value]) -> String {
    let parsed: Vec<_> = documents.iter().map(|value| parse(&value.to_string()).expect("a document")).collect();
    let reports =
        testing::checker().check_all(&parsed.iter().collect::<Vec<_>>(), &testing::FewWords, &testing::Catalogue);
    let lifetime = reports[0].lifetime.as_ref().unwrap_or_else(|| panic!("sound: {:#?}", reports[0].findings));
    lifetime.words().en
}

/// A flow of these nodes that begins at the first.
fn flow_of(id: &str, entry: &str, nodes: Value) -> Value {
    json!({ "schema": 1, "id": id, "entry": entry, "nodes": nodes })
}

fn waits(to: Value) -> Value {
    json!({ "kind": "wait", "exits": { "done": to } })
}

fn says(to: Value) -> Value {
    json!({ "kind": "send_message", "config": { "text": { "en": "…" } }, "exits": { "done": to, "error": { "end": "failed" } } })
}

#[test]
fn the_longest_silence_adds_up_over_every_way() {
    let end = || json!({ "end": "done" });
    let calls = |to: Value| json!({ "kind": "subflow", "config": { "flow": "identify" }, "exits": { "done": to } });
    let counts = |round: &str| json!({ "kind": "count", "exits": { "repeat": round, "done": end() } });
    let two = || flow_of("one", "a", json!({ "a": waits(json!("b")), "b": waits(end()) }));
    let cases = [
        (vec![flow_of("one", "a", json!({ "a": says(end()) }))], "longest silence: 0s"),
        (vec![two()], "longest silence: 2m: a (1m), b (1m)"),
        (
            vec![flow_of("one", "a", json!({ "a": waits(json!("b")), "b": says(json!("c")), "c": waits(end()) }))],
            "longest silence: 1m: a (1m)",
        ),
        // A text that cannot be said is a fault, and the handler's words are the first to be heard.
        (
            vec![{
                let mut flow = flow_of(
                    "one",
                    "a",
                    json!({
                        "a": waits(json!("b")), "b": { "kind": "send_message", "config": { "text": { "en": "…" } }, "exits": { "done": end() } },
                        "sorry": waits(json!("say")), "say": says(end()),
                    }),
                );
                flow["handlers"] = json!({ "error": "sorry" });
                flow
            }],
            "longest silence: 2m: a (1m), sorry (1m)",
        ),
        (
            vec![flow_of("one", "count", json!({ "count": counts("a"), "a": waits(json!("count")) }))],
            "longest silence: 3m: a (1m, 3 times)",
        ),
        // The other flow is as silent as it can be on either side of its words.
        (
            vec![
                flow_of("one", "a", json!({ "a": waits(json!("b")), "b": calls(json!("c")), "c": waits(end()) })),
                flow_of(
                    "identify",
                    "x",
                    json!({
                        "x": waits(json!("y")), "y": says(json!("z")), "z": waits(json!("zz")), "zz": waits(json!("zzz")), "zzz": waits(end()),
                    }),
                ),
            ],
            "longest silence: 4m: z (1m), zz (1m), zzz (1m), c (1m)",
        ),
        (
            vec![flow_of("one", "a", json!({ "a": waits(json!("b")), "b": calls(end()) }))],
            "longest silence: unknown, for want of identify",
        ),
        (
            vec![flow_of("one", "a", json!({ "a": { "kind": "listen", "exits": { "done": end() } } }))],
            "longest silence: unknown, for want of listen",
        ),
    ];
    for (documents, expected) in cases {
        assert_eq!(lifetime(&documents), expected, "{documents:#?}");
    }
}

#[test]
fn mistyped_names_are_met_with_the_name_that_was_meant() {
    let cases: [(Given, &str); 6] = [
        (Edit(|d| node(d, "hours")["exits"]["open"] = json!("menus")), "Did you mean 'menu'?"),
        (Edit(|d| node(d, "bye")["kind"] = json!("clos")), "Did you mean 'close'?"),
        (Edit(|d| node(d, "hours")["config"]["calendar"] = json!("ofice")), "Did you mean 'office'?"),
        (Edit(|d| node(d, "menu")["config"]["text"] = json!("@welcom")), "Did you mean '@welcome'?"),
        (Edit(|d| d["channels"] = json!(["whatsap"])), "Did you mean 'whatsapp'?"),
        (Edit(|d| d["titel"] = json!({})), "Did you mean 'title'?"),
    ];
    for (edit, hint) in cases {
        let found = report(&edit.text()).findings;
        assert!(found.iter().any(|finding| finding.hint.en == hint), "{hint} in {found:#?}");
    }
}

#[test]
fn findings_carry_their_node_and_a_position_in_the_text() {
    let text = testing::SOUND.replace("\"closed\": { \"end\": \"closed\" }", "\"closed\": \"nowhere\"");
    let found = report(&text).findings;
    let [finding] = found.as_slice() else { panic!("one finding, not {found:#?}") };
    assert_eq!(finding.node.as_ref().map(|node| node.as_str()), Some("hours"));
    let at = finding.position.expect("a position");
    let line = text.lines().nth(at.line as usize - 1).expect("the line");
    let rest: String = line.chars().skip(at.column as usize - 1).collect();
    assert!(rest.starts_with("\"nowhere\""), "{rest}");
}

#[test]
fn a_cut_report_keeps_errors_before_warnings_and_says_so() {
    let mut value: Value = serde_json::from_str(&unused_texts(FINDINGS_MAX)).expect("JSON");
    value["vendor"] = json!({});
    remove(&mut node(&mut value, "hours")["exits"], "closed");
    let found = report(&canonical::pretty(&value)).findings;
    assert_eq!(found.len(), FINDINGS_MAX);
    assert!(found.iter().any(|finding| finding.code == "unwired-exit"));
    assert_eq!(found.last().map(|finding| finding.code.as_str()), Some("too-many-findings"));
}

#[test]
fn an_unknown_kind_accuses_nothing_of_being_unused() {
    let mut value = testing::sound();
    node(&mut value, "apologise")["kind"] = json!("apology");
    let codes: Vec<String> = testing::findings(&value).into_iter().map(|(code, _)| code).collect();
    assert_eq!(codes, ["unknown-kind"]);
}

#[test]
fn a_document_made_in_memory_is_held_to_the_same_bounds() {
    let mut document = parse(&line_of_nodes(2)).expect("a line").into_document();
    document.schema = 7;
    let found = testing::check(&document.into()).findings;
    assert_eq!(found.first().map(|finding| finding.code.as_str()), Some("unsupported-schema"));
}

#[test]
fn the_pages_of_codes_are_current() {
    let pages: [(ExpectFile, &str); 2] =
        [(expect_file!["../../../docs/checks.md"], "en"), (expect_file!["../../../docs/fr/checks.md"], "fr")];
    for (page, language) in pages {
        page.assert_eq(&codes::page(language, |code| examples(code, language), testing::SOUND));
    }
}

/// The first document of the tables that has a code, and the one that narrowly has not, for people.
fn examples(code: Code, language: &str) -> (String, String) {
    let pick = |en: String, fr: String| if language == "fr" { fr } else { en };
    let in_words = |over: usize| match code {
        Code::TooLarge => {
            let bytes = DOCUMENT_BYTES_MAX + over;
            pick(format!("a text of {bytes} bytes"), format!("un texte de {bytes} octets"))
        }
        Code::TooDeep => {
            let levels = NESTING_MAX + over;
            pick(format!("values nested {levels} deep"), format!("des valeurs imbriquées sur {levels} niveaux"))
        }
        Code::TooManyNodes => {
            let nodes = NODES_MAX + over;
            pick(format!("a flow of {nodes} nodes"), format!("un scénario de {nodes} nœuds"))
        }
        _ => {
            let findings = FINDINGS_MAX + over;
            pick(format!("a flow with {findings} findings"), format!("un scénario avec {findings} constats"))
        }
    };
    let shown = |value: &Value| match value.as_object().is_some_and(serde_json::Map::is_empty) {
        true => pick("the flow as it is".to_owned(), "le scénario tel quel".to_owned()),
        false => format!("`{value}`"),
    };
    let one = |given: &Given, over: usize| match given {
        Edit(edit) => {
            let mut value = testing::sound();
            edit(&mut value);
            shown(&patch(&testing::sound(), &value))
        }
        Text(text) => match text() {
            text if text.len() < 100 => format!("`{text}`"),
            _ => in_words(over),
        },
    };
    if let Some((.., hit, miss)) = table().iter().find(|(of, ..)| *of == code) {
        return (one(hit, 1), one(miss, 0));
    }
    let sets = table_of_sets();
    let (.., hit, miss) = sets.iter().find(|(of, ..)| *of == code).expect("every code is in a table");
    let pair_of = |edit: &PairEdit| {
        let [mut caller, mut callee] = pair();
        edit(&mut caller, &mut callee);
        let change = shown(&patch(&testing::sound(), &caller));
        pick(format!("{change}, which calls `{callee}`"), format!("{change}, qui appelle `{callee}`"))
    };
    (pair_of(hit), pair_of(miss))
}

/// What makes one value of another, as a JSON merge patch; texts that are very long in short.
fn patch(from: &Value, to: &Value) -> Value {
    match (from, to) {
        (Value::Object(from), Value::Object(to)) => {
            let removed = from.keys().filter(|key| !to.contains_key(*key)).map(|key| (key.clone(), Value::Null));
            let changed = to.iter().filter(|(key, value)| from.get(*key) != Some(value));
            let changed = changed.map(|(key, value)| {
                (key.clone(), from.get(key).map_or_else(|| in_short(value), |before| patch(before, value)))
            });
            Value::Object(removed.chain(changed).collect())
        }
        _ => in_short(to),
    }
}

fn in_short(value: &Value) -> Value {
    match value {
        Value::String(text) if 100 < text.chars().count() => {
            json!(format!("{}… ({})", text.chars().take(8).collect::<String>(), text.chars().count()))
        }
        Value::Array(items) => items.iter().map(in_short).collect(),
        Value::Object(fields) => fields.iter().map(|(key, value)| (key.clone(), in_short(value))).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.clone(),
    }
}

/// One edit somewhere in a document.
#[derive(Debug, Clone)]
enum Mutation {
    Replace(Index, Value),
    Remove(Index),
    Rename(Index, String),
}

fn mutation() -> impl Strategy<Value = Mutation> {
    let name = prop_oneof!["[a-zé/~ ]{0,8}", Just("done".to_owned()), Just("x".repeat(65))];
    prop_oneof![
        (any::<Index>(), testing::json_value()).prop_map(|(at, value)| Mutation::Replace(at, value)),
        any::<Index>().prop_map(Mutation::Remove),
        (any::<Index>(), name).prop_map(|(at, name)| Mutation::Rename(at, name)),
    ]
}

fn pointers(value: &Value, here: String, all: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                pointers(value, format!("{here}/{}", crate::source::escape(key)), all);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                pointers(item, format!("{here}/{index}"), all);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
    all.push(here);
}

fn mutate(value: &mut Value, mutation: &Mutation) {
    let mut all = Vec::new();
    pointers(value, String::new(), &mut all);
    let (Mutation::Replace(at, _) | Mutation::Remove(at) | Mutation::Rename(at, _)) = mutation;
    let pointer = at.get(&all).clone();
    if let Mutation::Replace(_, new) = mutation {
        *value.pointer_mut(&pointer).expect("a pointer of this value") = new.clone();
        return;
    }
    let Some((parent, key)) = pointer.rsplit_once('/') else { return };
    let Some(Value::Object(fields)) = value.pointer_mut(parent) else { return };
    let Some(old) = fields.remove(&key.replace("~1", "/").replace("~0", "~")) else { return };
    if let Mutation::Rename(_, name) = mutation {
        fields.insert(name.clone(), old);
    }
}

fn order(finding: &Finding) -> (Option<crate::finding::Position>, &str) {
    (finding.position, &finding.code)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    /// Whatever an editor or importer makes of a document: no panic, sorted findings that each say where, and a flow
    /// exactly when there is no error.
    #[test]
    fn spoilt_documents_are_refused_in_good_order(mutations in proptest::collection::vec(mutation(), 1..5)) {
        let mut value = testing::sound();
        mutations.iter().for_each(|one| mutate(&mut value, one));
        let text = canonical::pretty(&value);
        let report = report(&text);
        prop_assert!(report.findings.iter().all(|finding| finding.position.is_some() && !finding.message.fr.is_empty()));
        prop_assert!(report.findings.windows(2).all(|pair| order(&pair[0]) <= order(&pair[1])));
        prop_assert_eq!(report.errors().count() == 0, report.flow.is_some());
    }

    /// The same on texts that are hardly JSON any more.
    #[test]
    fn damaged_texts_never_panic(cuts in proptest::collection::vec((any::<Index>(), any::<char>()), 1..6)) {
        let mut chars: Vec<char> = testing::SOUND.chars().collect();
        for (at, c) in cuts {
            let at = at.index(chars.len());
            chars[at] = c;
        }
        let text: String = chars.into_iter().collect();
        let report = report(&text);
        prop_assert_eq!(report.errors().count() == 0, report.flow.is_some());
    }
}

#[test]
fn checkers_and_flows_are_shared_between_threads() {
    fn shared<T: Send + Sync>() {}
    shared::<crate::Checker>();
    shared::<crate::Flow>();
}

/// A node of a random graph: what it is, and where its one or two exits lead (`None`: to an end).
#[derive(Debug, Clone)]
struct Spot {
    kind: &'static str,
    to: [Option<usize>; 2],
}

const SPOTS: usize = 6;

impl Spot {
    fn strategy() -> impl Strategy<Value = Self> {
        let kind = prop_oneof![
            3 => Just("branch"),
            3 => Just("require_skills"),
            2 => Just("subflow"),
            1 => Just("close"),
        ];
        let target = || prop_oneof![8 => (0..SPOTS).prop_map(Some), 1 => Just(None)];
        (kind, target(), target()).prop_map(|(kind, a, b)| Self { kind, to: [a, b] })
    }

    fn exits(&self) -> &[Option<usize>] {
        match self.kind {
            "close" => &[],
            "branch" => &self.to,
            _ => &self.to[..1],
        }
    }

    fn json(&self) -> Value {
        let target = |to: Option<usize>| to.map_or_else(|| json!({ "end": "done" }), |to| json!(format!("n{to}")));
        let (config, names): (Value, &[&str]) = match self.kind {
            "close" => (json!({}), &[]),
            "branch" => (json!({ "cases": [{ "when": "message.text == \"1\"", "exit": "case" }] }), &["case", "else"]),
            "subflow" => (json!({ "flow": "identify" }), &["done"]),
            _ => (json!({ "skills": { "sales": 1 } }), &["done"]),
        };
        let exits: serde_json::Map<String, Value> =
            names.iter().zip(self.exits()).map(|(name, to)| ((*name).to_owned(), target(*to))).collect();
        json!({ "kind": self.kind, "config": config, "exits": exits })
    }
}

/// Which node leads to which, over one or more steps through nodes that `through` lets pass.
fn leads(spots: &[Spot], through: impl Fn(&Spot) -> bool) -> Vec<Vec<bool>> {
    let mut leads = vec![vec![false; SPOTS]; SPOTS];
    for (from, spot) in spots.iter().enumerate().filter(|(_, spot)| through(spot)) {
        spot.exits().iter().flatten().filter(|to| through(&spots[**to])).for_each(|to| leads[from][*to] = true);
    }
    for via in 0..SPOTS {
        for from in 0..SPOTS {
            for to in 0..SPOTS {
                leads[from][to] |= leads[from][via] && leads[via][to];
            }
        }
    }
    leads
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    /// The graph checks say exactly what a walk over every pair of nodes says.
    #[test]
    fn paths_agree_with_exhaustive_search(spots in proptest::collection::vec(Spot::strategy(), SPOTS)) {
        let nodes: serde_json::Map<String, Value> =
            spots.iter().enumerate().map(|(index, spot)| (format!("n{index}"), spot.json())).collect();
        let value = json!({ "schema": 1, "id": "random", "entry": "n0", "nodes": nodes });
        let found = testing::findings(&value);
        let of = |code: &str| -> BTreeSet<String> {
            found.iter().filter(|(c, _)| c == code).map(|(_, pointer)| pointer.clone()).collect()
        };

        let any = leads(&spots, |_| true);
        let reached = |index: usize| index == 0 || any[0][index];
        let unreachable: BTreeSet<String> =
            (0..SPOTS).filter(|index| !reached(*index)).map(|index| format!("/nodes/n{index}")).collect();
        prop_assert_eq!(of("unreachable-node"), unreachable);

        let ends = |index: usize| spots[index].kind == "close" || spots[index].exits().contains(&None);
        let can_end = |index: usize| ends(index) || (0..SPOTS).any(|to| any[index][to] && ends(to));
        let stranded = (0..SPOTS).any(|index| reached(index) && !can_end(index));
        prop_assert_eq!(!of("no-way-to-end").is_empty(), stranded);

        let running = leads(&spots, |spot| matches!(spot.kind, "branch" | "require_skills"));
        // A cycle is named by its first node: the one no other node of the cycle comes before.
        let first = |index: usize| (0..index).all(|other| !(running[index][other] && running[other][index]));
        let cycles: BTreeSet<String> = (0..SPOTS)
            .filter(|index| running[*index][*index] && first(*index))
            .map(|index| format!("/nodes/n{index}"))
            .collect();
        prop_assert_eq!(of("cycle-without-wait"), cycles);
        let known = ["unreachable-node", "no-way-to-end", "cycle-without-wait"];
        prop_assert!(found.iter().all(|(code, _)| known.contains(&code.as_str())), "{:?}", found);
    }
}
