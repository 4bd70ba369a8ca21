//! Exports of every form that a format had, written here from its description: what becomes of each node, and where each
//! way leads.

use std::fmt::Write as _;

use expect_test::{Expect, expect};
use serde_json::{Value, json};

use crate::{
    document::Target,
    import::{Bindings, Importer, SourceFormat},
};

/// A line for each node with its ways, and one for each item of the report.
fn outline(source: SourceFormat, export: &Value) -> String {
    let mut importer = Importer::new(source, Bindings::new());
    importer.add("export.json", export.to_string().as_bytes()).unwrap_or_else(|error| panic!("{error}"));
    let imported = importer.finish();
    let mut text = String::new();
    // Writing into a String cannot fail.
    for (document, flow) in imported.documents.iter().zip(&imported.report.flows) {
        let _ = writeln!(text, "{} ({}) enters at {}", document.id, flow.source_format, document.entry);
        for (id, node) in &document.nodes {
            let ways = node.exits.iter().map(|(exit, target)| match target {
                Target::Node(to) => format!(" {exit}>{to}"),
                Target::End(end) => format!(" {exit}|{}", end.end),
                Target::Handler(_) => format!(" {exit}!"),
            });
            let _ = writeln!(text, "  {id}: {}{}", node.kind, ways.collect::<String>());
        }
        for (key, said) in &document.texts {
            let _ = writeln!(text, "  @{key} = {said:?}");
        }
        for item in &flow.items {
            let _ = writeln!(text, "  {:?} {}: {}", item.kind, item.node, item.reason.en);
        }
    }
    text
}

fn becomes(source: SourceFormat, export: Value, expected: Expect) {
    expected.assert_eq(&outline(source, &export));
}

#[test]
fn rapidpro_12_had_names_on_exits_and_waits_on_nodes() {
    let export = json!({
        "uuid": "f", "name": "Beer", "spec_version": "12.0.0", "language": "eng", "type": "messaging", "localization": {},
        "nodes": [
            { "uuid": "1", "actions": [{ "type": "send_msg", "uuid": "a", "text": "Do you like beer?" }],
              "wait": { "type": "msg", "timeout": 600 },
              "router": { "type": "switch", "operand": "@input", "result_name": "Beer", "default_exit_uuid": "other",
                "cases": [
                    { "uuid": "c1", "type": "has_any_word", "arguments": ["yes", "yeah"], "exit_uuid": "yes" },
                    { "uuid": "c2", "type": "has_wait_timed_out", "exit_uuid": "silent" },
                ] },
              "exits": [
                { "uuid": "yes", "name": "Yes", "destination_node_uuid": "2" },
                { "uuid": "silent", "name": "No Response", "destination_node_uuid": "3" },
                { "uuid": "other", "name": "Other", "destination_node_uuid": "1" },
              ] },
            { "uuid": "2", "actions": [{ "type": "send_msg", "uuid": "b", "text": "Cheers, @results.beer" }], "exits": [{ "uuid": "e2", "destination_node_uuid": null }] },
            { "uuid": "3", "actions": [{ "type": "send_msg", "uuid": "c", "text": "Bye" }], "exits": [{ "uuid": "e3" }] },
        ],
    });
    becomes(
        SourceFormat::Rapidpro,
        export,
        expect![[r#"
        Beer (rapidpro-12.0.0) enters at Beer
          Beer: send_message done>Beer_wait
          Beer_decide: switch Yes>send_msg otherwise>Beer
          Beer_keep: set_attributes done>Beer_decide
          Beer_wait: wait done>send_msg_2 message>Beer_keep
          send_msg: send_message done|completed
          send_msg_2: send_message done|completed
          @Beer = Localised({Locale("en"): "Do you like beer?"})
          @send_msg = Localised({Locale("en"): "Cheers, ${attributes.beer}"})
          @send_msg_2 = Localised({Locale("en"): "Bye"})
    "#]],
    );
}

#[test]
fn rapidpro_11_had_sets_of_actions_and_of_rules() {
    let export = json!({
        "version": "11.12", "site": "https://rapidpro.example",
        "flows": [{
            "base_language": "eng", "version": "11.12", "flow_type": "M", "entry": "a", "metadata": { "name": "Beer", "uuid": "f", "expires": 60 },
            "action_sets": [
                { "uuid": "a", "x": 0, "y": 0, "destination": "r", "exit_uuid": "x", "actions": [{ "type": "reply", "uuid": "q", "msg": { "eng": "Beer?", "fra": "Bière ?" }, "send_all": false }] },
                { "uuid": "b", "x": 0, "y": 9, "destination": null, "exit_uuid": "y", "actions": [{ "type": "save", "field": "beer", "label": "Beer", "value": "@flow.beer" }, { "type": "reply", "msg": { "eng": "Cheers" } }] },
            ],
            "rule_sets": [{
                "uuid": "r", "ruleset_type": "wait_message", "label": "Beer", "operand": "@step.value", "finished_key": null, "config": {},
                "rules": [
                    { "uuid": "r1", "test": { "type": "contains_any", "test": { "eng": "yes yeah", "fra": "oui" } }, "category": { "eng": "Yes", "fra": "Oui" }, "destination": "b", "destination_type": "A" },
                    { "uuid": "r2", "test": { "type": "between", "min": "1", "max": "9" }, "category": { "eng": "Some" }, "destination": "b" },
                    { "uuid": "r3", "test": { "type": "timeout", "minutes": 5 }, "category": { "eng": "No Response" }, "destination": "a" },
                    { "uuid": "r4", "test": { "type": "true" }, "category": { "eng": "Other" }, "destination": null },
                ],
            }],
        }],
    });
    becomes(
        SourceFormat::Rapidpro,
        export,
        expect![[r#"
        Beer (rapidpro-legacy-11.12) enters at send_msg
          Beer: wait done>send_msg message>Beer_keep
          Beer_decide: switch Some>set_contact_field Yes>set_contact_field otherwise|completed
          Beer_keep: set_attributes done>Beer_decide
          send_msg: send_message done>Beer
          set_contact_field: set_attributes done>set_contact_field_tell
          set_contact_field_say: send_message done|completed
          set_contact_field_tell: emit_event done>set_contact_field_say
          @send_msg = Localised({Locale("en"): "Beer?", Locale("fr"): "Bière ?"})
          @set_contact_field = Localised({Locale("en"): "Cheers"})
          Approximation set_contact_field: what is kept of contacts, groups and labels lasts for this conversation; an event tells it to whoever keeps it for longer
          Approximation Beer: a number is understood when it is the whole answer, not inside a sentence
    "#]],
    );
}

#[test]
fn connect_had_modules_with_branches() {
    let module = |id: &str, kind: &str, branches: Value, parameters: Value, target: Value| json!({ "id": id, "type": kind, "branches": branches, "parameters": parameters, "target": target, "metadata": { "position": { "x": 1, "y": 2 } } });
    let export = json!({
        "start": "menu", "metadata": { "name": "Old menu", "type": "contactFlow", "entryPointPosition": { "x": 0, "y": 0 } },
        "modules": [
            module("menu", "GetUserInput", json!([
                { "condition": "Evaluate", "conditionType": "Equals", "conditionValue": "1", "transition": "hours" },
                { "condition": "Timeout", "transition": "sorry" }, { "condition": "NoMatch", "transition": "sorry" }, { "condition": "Error", "transition": "end" },
            ]), json!([{ "name": "Text", "value": "Press 1 for sales." }, { "name": "Timeout", "value": "8" }, { "name": "MaxDigits", "value": "1" }]), json!("Digits")),
            module("hours", "CheckHoursOfOperation", json!([
                { "condition": "True", "transition": "queue" }, { "condition": "False", "transition": "sorry" }, { "condition": "Error", "transition": "end" },
            ]), json!([{ "name": "Hours", "value": "arn:aws:connect:eu:1:instance/i/operating-hours/h", "resourceName": "Basic Hours" }]), Value::Null),
            module("queue", "SetQueue", json!([{ "condition": "Success", "transition": "go" }, { "condition": "Error", "transition": "end" }]),
                json!([{ "name": "Queue", "value": "arn:aws:connect:eu:1:instance/i/queue/q", "namespace": null, "resourceName": "Sales" }]), Value::Null),
            module("go", "Transfer", json!([{ "condition": "AtCapacity", "transition": "sorry" }, { "condition": "Error", "transition": "end" }]), json!([]), json!("Queue")),
            module("sorry", "PlayPrompt", json!([{ "condition": "Success", "transition": "end" }]), json!([{ "name": "Text", "value": "Sorry, $.Attributes.name.", "namespace": null }, { "name": "TextToSpeechType", "value": "text" }]), Value::Null),
            module("end", "Disconnect", json!([]), json!([]), Value::Null),
        ],
    });
    becomes(
        SourceFormat::Connect,
        export,
        expect![[r#"
        Old_menu (connect-legacy) enters at get_user_input
          check_hours_of_operation: business_hours closed>play_prompt error>disconnect holiday>play_prompt open>set_queue
          disconnect: close
          get_user_input: ask answered>get_user_input_choice error>disconnect no_match>play_prompt timeout>play_prompt
          get_user_input_choice: switch 1>check_hours_of_operation otherwise>play_prompt
          play_prompt: send_message done>disconnect
          set_queue: require_skills done>transfer
          transfer: enqueue ended|completed error>disconnect timeout>play_prompt
          @get_user_input = Localised({Locale("en"): "Press 1 for sales."})
          @play_prompt = Localised({Locale("en"): "Sorry, ${attributes.Attributes_name}."})
          Approximation get_user_input: the time for an answer is the one for keys on a telephone
          Approximation set_queue: the way 'NoMatchingError' to 'disconnect' has no exit here, because it cannot be taken
          Approximation transfer: the wait has an end, which in Connect only the queue's own flow sets: a day
    "#]],
    );
}

#[test]
fn twilio_flows_come_in_the_answer_of_the_api() {
    let export = json!({
        "sid": "FW0123456789abcdef0123456789abcdef", "friendly_name": "Front door", "status": "published", "revision": 7, "valid": true,
        "definition": {
            "description": "d", "initial_state": "Trigger", "flags": { "allow_concurrent_calls": true },
            "states": [
                { "name": "Trigger", "type": "trigger", "properties": { "offset": { "x": 0, "y": 0 } },
                  "transitions": [{ "event": "incomingMessage", "next": "ask" }, { "event": "incomingCall", "next": "" }, { "event": "incomingRequest" }] },
                { "name": "ask", "type": "send-and-wait-for-reply", "properties": { "offset": { "x": 9, "y": 9 }, "body": "Sales or care?", "timeout": "60", "service": "{{trigger.message.InstanceSid}}" },
                  "transitions": [{ "event": "incomingMessage", "next": "which" }, { "event": "timeout" }, { "event": "deliveryFailure" }] },
                { "name": "which", "type": "split-based-on", "properties": { "input": "{{widgets.ask.inbound.Body}}" },
                  "transitions": [
                    { "event": "noMatch", "next": "ask" },
                    { "event": "match", "next": "flex", "conditions": [{ "friendly_name": "sales", "type": "matches_any_of", "arguments": ["{{widgets.ask.inbound.Body}}"], "value": "sales, 1" }] },
                    { "event": "match", "next": "sub", "conditions": [{ "friendly_name": "care", "type": "regex", "arguments": ["{{widgets.ask.inbound.Body}}"], "value": "^care" }] },
                  ] },
                { "name": "flex", "type": "send-to-flex", "properties": { "workflow": "WW0", "channel": "TC0", "attributes": "{\"topic\": \"sales\"}", "priority": "3", "timeout": "120" },
                  "transitions": [{ "event": "callComplete" }, { "event": "failedToEnqueue" }, { "event": "callFailure" }] },
                { "name": "sub", "type": "run-subflow", "properties": { "flow_sid": "FWother", "flow_revision": "LatestPublished", "parameters": [{ "key": "who", "value": "{{contact.channel.address}}" }] },
                  "transitions": [{ "event": "completed" }, { "event": "failed", "next": "ask" }] },
            ],
        },
    });
    becomes(
        SourceFormat::Twilio,
        export,
        expect![[r#"
        Front_door (twilio-2019-09) enters at Trigger
          Trigger: set_attributes done>ask
          ask: ask answered>which no_match>which timeout|timeout
          flex: set_attributes done>flex_skill
          flex_agent: enqueue ended|completed timeout|failed
          flex_priority: set_priority done>flex_agent
          flex_skill: require_skills done>flex_priority
          sub: subflow done|completed error>ask
          which: switch care>sub otherwise>ask sales_1>flex
          @ask = Localised({Locale("en"): "Sales or care?"})
          Unwired ask: 'timeout' leads nowhere in the source: the flow would end there without a word
          Unwired ask: 'deliveryFailure' leads nowhere in the source: the flow would end there without a word
          Approximation flex: a workflow's own rules are not in the export: one skill stands for it
          Unwired flex: 'failedToEnqueue' leads nowhere in the source: the flow would end there without a word
          Unwired flex: 'callFailure' leads nowhere in the source: the flow would end there without a word
          Approximation sub: parameters are inputs here, which the other flow must declare
    "#]],
    );
}

#[test]
fn floip_blocks_are_those_of_the_specification_in_every_release() {
    let words = |id: &str, text: &str| json!({ "uuid": id, "values": [{ "language_id": "en", "content_type": "TEXT", "mime_type": "text/plain", "modes": ["SMS"], "value": text }, { "language_id": "fr", "content_type": "TEXT", "modes": ["SMS"], "value": format!("{text} (fr)") }] });
    let exit = |name: &str, test: Value, to: Value| json!({ "uuid": name, "name": name, "test": test, "destination_block": to });
    let default = |to: Value| json!({ "uuid": "d", "name": "Default", "default": true, "destination_block": to });
    let export = json!({
        "specification_version": "1.0.0-rc1", "uuid": "c", "name": "Survey",
        "resources": [words("hello", "Hello"), words("colour", "Which colour?"), words("red", "Red"), words("blue", "Blue"), words("age", "How old?")],
        "flows": [{
            "uuid": "f", "name": "survey", "first_block_id": "1", "supported_modes": ["SMS"], "interaction_timeout": 90,
            "languages": [{ "id": "en", "label": "English", "iso_639_3": "eng" }, { "id": "fr", "label": "Français", "iso_639_3": "fra" }],
            "blocks": [
                { "uuid": "1", "name": "hello", "type": "MobilePrimitives\\Message", "config": { "prompt": "hello" }, "exits": [default(json!("2"))] },
                { "uuid": "2", "name": "colour", "type": "MobilePrimitives\\SelectOneResponse", "config": { "prompt": "colour", "choices": { "red": "red", "blue": "blue" } },
                  "exits": [exit("red", json!("@(block.value = 'red')"), json!("3")), exit("blue", json!("block.response = \"blue\""), json!("4")), default(json!("2"))] },
                { "uuid": "3", "name": "age", "type": "MobilePrimitives.NumericResponse", "config": { "prompt": "age", "validation_minimum": 1, "validation_maximum": 120 },
                  "exits": [default(json!("4")), exit("Error", json!("true"), json!("3"))] },
                { "uuid": "4", "name": "keep", "type": "Core.SetContactProperty", "config": { "set_contact_property": [{ "property_key": "colour", "property_value": "@colour" }, { "property_key": "age", "property_value": "@age" }] }, "exits": [default(json!("5"))] },
                { "uuid": "5", "name": "print", "type": "ConsoleIO\\Print", "config": { "message": "hello" }, "exits": [default(Value::Null)] },
            ],
        }],
    });
    becomes(
        SourceFormat::Floip,
        export,
        expect![[r#"
        Survey (floip-1.0.0-rc1) enters at hello
          age: ask answered>keep no_match>age timeout|timeout
          colour: menu blue>keep no_match>colour red>age timeout|timeout
          hello: send_message done>colour
          keep: set_attributes done>keep_tell
          keep_set: set_attributes done>keep_tell_2
          keep_tell: emit_event done>keep_set
          keep_tell_2: emit_event done>print
          print: foreign Default|completed
          @age = Localised({Locale("en"): "How old?", Locale("fr"): "How old? (fr)"})
          @colour = Localised({Locale("en"): "Which colour?", Locale("fr"): "Which colour? (fr)"})
          @colour_choice = Localised({Locale("en"): "Blue", Locale("fr"): "Blue (fr)"})
          @colour_choice_2 = Localised({Locale("en"): "Red", Locale("fr"): "Red (fr)"})
          @hello = Localised({Locale("en"): "Hello", Locale("fr"): "Hello (fr)"})
          Approximation colour: the choices are written without an order
          Approximation keep: what is kept of the contact lasts for this conversation; an event tells it to whoever keeps it for longer
          Foreign print: the type 'ConsoleIO\Print' has no equivalent
    "#]],
    );
}
