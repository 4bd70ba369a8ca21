//! A small export of every format, written here, with something of everything.

use serde_json::{Value, json};

use crate::import::SourceFormat;

pub(super) fn sample(source: SourceFormat) -> Value {
    match source {
        SourceFormat::Connect => json!({
            "Version": "2019-10-30", "StartAction": "ask", "Metadata": { "ActionMetadata": { "ask": { "position": { "x": 1, "y": 2 } } } },
            "Actions": [
                { "Identifier": "ask", "Type": "GetParticipantInput",
                  "Parameters": { "Text": "1 or 2, $.Attributes.name?", "StoreInput": "False", "InputTimeLimitSeconds": "5" },
                  "Transitions": { "NextAction": "end",
                    "Conditions": [{ "NextAction": "keep", "Condition": { "Operator": "Equals", "Operands": ["1"] } }],
                    "Errors": [{ "NextAction": "end", "ErrorType": "NoMatchingError" }] } },
                { "Identifier": "keep", "Type": "UpdateContactAttributes", "Parameters": { "Attributes": { "name": "$.External['a b'].0" } },
                  "Transitions": { "NextAction": "call" } },
                { "Identifier": "call", "Type": "InvokeLambdaFunction", "Parameters": { "LambdaFunctionARN": "arn:aws:lambda:x:1:function:f", "LambdaInvocationAttributes": { "a": "$.Channel" } },
                  "Transitions": { "NextAction": "queue", "Errors": [{ "NextAction": "end", "ErrorType": "NoMatchingError" }] } },
                { "Identifier": "queue", "Type": "UpdateContactTargetQueue", "Parameters": { "QueueId": "arn:q/1" }, "Transitions": { "NextAction": "end" } },
                { "Identifier": "end", "Type": "DisconnectParticipant", "Parameters": {}, "Transitions": {} },
            ],
        }),
        SourceFormat::Twilio => json!({
            "initial_state": "Trigger", "flags": {}, "description": "d",
            "states": [
                { "name": "Trigger", "type": "trigger", "properties": { "offset": { "x": 0, "y": 0 } }, "transitions": [{ "event": "incomingMessage", "next": "ask" }, { "event": "incomingCall", "next": "go" }] },
                { "name": "ask", "type": "send-and-wait-for-reply", "properties": { "body": "Hi {{flow.variables.x | upcase}} {% if flow.data.y %}a{% else %}b{% endif %}", "timeout": "60" }, "transitions": [{ "event": "incomingMessage", "next": "split" }] },
                { "name": "split", "type": "split-based-on", "properties": { "input": "{{widgets.ask.inbound.Body}}" }, "transitions": [{ "event": "noMatch" }, { "event": "match", "next": "go", "conditions": [{ "type": "equal_to", "arguments": ["{{widgets.ask.inbound.Body}}"], "value": "yes" }] }] },
                { "name": "go", "type": "make-http-request", "properties": { "method": "POST", "url": "https://a.example/x?{{trigger.message.Body}}", "body": "{}" }, "transitions": [{ "event": "success", "next": "flex" }, { "event": "failed" }] },
                { "name": "flex", "type": "send-to-flex", "properties": { "workflow": "WW1", "priority": "5", "attributes": "{}" }, "transitions": [{ "event": "callComplete" }] },
            ],
        }),
        SourceFormat::Rapidpro => json!({
            "version": "13", "flows": [
                { "uuid": "f", "name": "F", "spec_version": "13.1.0", "language": "eng", "expire_after_minutes": 5, "localization": { "fra": { "a": { "text": ["Salut"] } } },
                  "nodes": [
                    { "uuid": "1", "actions": [{ "type": "send_msg", "uuid": "a", "text": "Hi @contact.name @(upper(results.x))" }, { "type": "set_contact_field", "field": { "key": "k" }, "value": "@results.x" }], "exits": [{ "uuid": "e", "destination_uuid": "2" }] },
                    { "uuid": "2", "actions": [], "exits": [{ "uuid": "y" }, { "uuid": "n", "destination_uuid": "1" }],
                      "router": { "type": "switch", "operand": "@input.text", "result_name": "X", "wait": { "type": "msg", "timeout": { "seconds": 9, "category_uuid": "cn" } }, "default_category_uuid": "cn",
                        "cases": [{ "uuid": "c", "type": "has_any_word", "arguments": ["yes ok"], "category_uuid": "cy" }], "categories": [{ "uuid": "cy", "name": "Yes", "exit_uuid": "y" }, { "uuid": "cn", "name": "No", "exit_uuid": "n" }] } },
                  ] },
                { "uuid": "g", "name": "G", "spec_version": "12.0.0", "language": "eng", "nodes": [
                    { "uuid": "1", "actions": [], "wait": { "type": "msg", "timeout": 600 }, "exits": [{ "uuid": "y", "name": "Yes", "destination_node_uuid": "1" }, { "uuid": "t", "name": "Silent" }, { "uuid": "n", "name": "No" }],
                      "router": { "type": "switch", "operand": "@input", "result_name": "X", "default_exit_uuid": "n",
                        "cases": [{ "uuid": "c", "type": "has_any_word", "arguments": ["yes", "ok"], "exit_uuid": "y" }, { "uuid": "d", "type": "has_wait_timed_out", "exit_uuid": "t" }] } },
                  ] },
                { "version": 7, "entry": "s", "base_language": "eng", "metadata": { "name": "Old" },
                  "action_sets": [{ "uuid": "s", "x": 1, "y": 2, "destination": "r", "actions": [{ "type": "reply", "msg": { "eng": "Hi" } }] }],
                  "rule_sets": [{ "uuid": "r", "ruleset_type": "wait_message", "label": "L", "operand": "@step.value", "rules": [{ "uuid": "q", "test": { "type": "contains_any", "test": { "eng": "a,b" } }, "category": { "eng": "A" }, "destination": "s" }, { "uuid": "o", "test": { "type": "true" }, "category": "Other" }] }] },
            ],
        }),
        SourceFormat::Floip => json!({
            "specification_version": "1.0.0-rc3", "name": "n", "uuid": "c",
            "resources": [{ "uuid": "t", "values": [{ "value": "Hi @name", "content_type": "TEXT", "modes": ["SMS"], "language_id": "l" }] }],
            "flows": [{ "uuid": "f", "name": "stack", "first_block_id": "1", "languages": [{ "id": "l", "iso_639_3": "eng" }], "interaction_timeout": 60, "blocks": [
                { "uuid": "1", "name": "pick", "type": "MobilePrimitives.SelectOneResponse", "config": { "prompt": "t", "choices": [{ "name": "a", "prompt": "t" }] }, "exits": [{ "name": "a", "test": "block.value = \"a\"", "destination_block": "2" }, { "name": "d", "default": true }] },
                { "uuid": "5", "name": "old", "type": "MobilePrimitives\\SelectOneResponse", "config": { "prompt": "t", "choices": { "a": "t" } }, "exits": [{ "name": "a", "test": "@(block.response = 'a')", "destination_block": "6" }, { "name": "d", "default": true }] },
                { "uuid": "6", "name": "keep", "type": "Core.SetContactProperty", "config": { "set_contact_property": [{ "property_key": "k", "property_value": "@old" }, { "property_key": "l", "property_value": "1" }] }, "exits": [{ "name": "d", "default": true }] },
                { "uuid": "2", "name": "n", "type": "Core.Case", "config": {}, "exits": [{ "name": "filter(x, &(&1.y == 1 + 2))[0]", "default": true, "test": "", "destination_block": "3" }] },
                { "uuid": "3", "name": "c", "type": "Core.Case", "config": {}, "exits": [{ "name": "e", "test": "and(n > 1, contact.k == \"v\")", "destination_block": "4" }, { "name": "d", "default": true }] },
                { "uuid": "4", "name": "w", "type": "Io.Turn.Webhook", "config": { "url": "https://a.example/@n", "method": "GET", "query": [["a", "@n"]], "headers": [["Authorization", "Token @global.t"]] }, "exits": [{ "name": "d", "default": true }], "ui_metadata": { "canvas_coordinates": { "x": 0, "y": 0 } } },
            ] }],
        }),
    }
}
