//! What scripts give, and what the lint says of them.

use std::collections::BTreeMap;

use routewright_flows::{AttributeName, Channel, FlowDocument, check::Scripts, descriptor::Slot};
use serde_json::{Value, json};

use super::{QueueView, Sandbox, Views};
use crate::{
    calendar::CalendarState,
    contact::{Contact, Message},
    id::InteractionId,
    time::Timestamp,
};

/// A world for scripts: a gold contact who wrote "Bonjour", one open calendar, one queue.
pub(super) struct Scene {
    pub(super) contact: Contact,
    pub(super) attributes: BTreeMap<AttributeName, Value>,
    pub(super) message: Option<Message>,
}

impl Default for Scene {
    fn default() -> Self {
        let fields =
            json!({ "tier": "gold", "orders": 3, "cards": ["visa", "amex"], "vip": true, "first_name": "Zoé" });
        let attributes = json!({
            "topic": "sales", "count": 7, "ratio": 2.5, "urgent": false, "empty": null, "text": "12,5",
            "list": [3, 1, 2], "skills": ["sales", "support"], "nested": { "a": { "b": 5 } }
        });
        Self {
            contact: Contact {
                address: "+33600000000".into(),
                name: Some("Zoé".to_owned()),
                locale: "fr-FR".parse().expect("a locale"),
                fields: serde_json::from_value(fields).expect("plain data"),
            },
            attributes: serde_json::from_value(attributes).expect("attribute names"),
            message: Some(Message { text: "Bonjour".to_owned(), choice: None }),
        }
    }
}

impl Views for Scene {
    fn contact(&self) -> &Contact {
        &self.contact
    }
    fn interaction(&self) -> InteractionId {
        InteractionId(7)
    }
    fn channel(&self) -> Channel {
        Channel::Whatsapp
    }
    fn touchpoint(&self) -> &str {
        "accueil"
    }
    fn attributes(&self) -> &BTreeMap<AttributeName, Value> {
        &self.attributes
    }
    fn message(&self) -> Option<&Message> {
        self.message.as_ref()
    }
    fn now(&self) -> Timestamp {
        Timestamp::parse("2026-01-12T09:00:00Z").expect("an instant")
    }
    fn calendar(&self, name: &str) -> Option<CalendarState> {
        match name {
            "@touchpoint" | "paris" => Some(CalendarState::Open),
            "noel" => Some(CalendarState::Holiday),
            _ => None,
        }
    }
    fn queue(&self, skill: &str) -> Option<QueueView> {
        match skill {
            "sales" => Some(QueueView { waiting: 2, agents: 4, available: 1 }),
            "support" => Some(QueueView { waiting: 9, agents: 3, available: 0 }),
            _ => None,
        }
    }
}

pub(super) fn document() -> FlowDocument {
    let any = |kind: &str| json!({ "type": kind });
    serde_json::from_value(json!({
        "schema": 1, "id": "essai", "entry": "start",
        "attributes": {
            "topic": any("string"), "count": any("integer"), "ratio": any("number"), "urgent": any("boolean"),
            "empty": any("string"), "text": any("string"), "list": any("array"), "skills": any("array"),
            "nested": any("object"), "never_set": any("string")
        },
        "library": "fn vip(fields) { fields.tier == \"gold\" }\nfn twice(x) { double(x) }\nfn double(x) { x * 2 }\nfn free(s) { queue(s).available }",
        "nodes": { "start": { "kind": "close" } }
    }))
    .expect("a document")
}

/// Evaluates a script over the scene.
fn run(source: &str) -> Result<Value, String> {
    let sandbox = Sandbox::new();
    let program = sandbox.compile_script(source, &document()).map_err(|f| format!("{f:?}"))?;
    sandbox.run(&program, &Scene::default()).map_err(|e| format!("{} {e}", e.code()))
}

#[test]
fn scripts_give_the_values_they_say() {
    let cases = [
        ("contact.fields.tier == \"gold\" && calendar(\"@touchpoint\") == \"open\"", json!(true)),
        ("contact.name", json!("Zoé")),
        ("contact.fields.nothing", Value::Null),
        ("contact[\"name\"]", json!("Zoé")),
        ("let c = contact; c.fields.orders + 1", json!(4)),
        ("attributes.never_set", Value::Null),
        ("attributes.nested.a.b + attributes.count", json!(12)),
        ("attributes[\"topic\"]", json!("sales")),
        ("let k = \"topic\"; attributes[k]", json!("sales")),
        ("message.text", json!("Bonjour")),
        ("message.choice", Value::Null),
        ("interaction.channel + \" \" + interaction.touchpoint", json!("whatsapp accueil")),
        ("now.iso", json!("2026-01-12T09:00:00.000Z")),
        ("now.timestamp_ms - now.timestamp_s * 1000", json!(0)),
        ("vip(contact.fields)", json!(true)),
        ("twice(21)", json!(42)),
        ("free(\"sales\")", json!(1)),
        (
            "let best = \"\"; let n = 99; for s in attributes.skills { let q = queue(s); if q.waiting < n { n = q.waiting; best = s; } } best",
            json!("sales"),
        ),
        ("attributes.skills.filter(|s| queue(s).available > 0)", json!(["sales"])),
        ("let n = 2; attributes.list.filter(|x| x >= n).len()", json!(2)),
        ("attributes.list.map(|x| x * attributes.count)", json!([21, 7, 14])),
        ("#{ exit: \"vip\", set: #{ topic: \"sales\" } }", json!({ "exit": "vip", "set": { "topic": "sales" } })),
        ("let m = #{}; m.total = 3; m", json!({ "total": 3 })),
        ("if attributes.urgent { \"now\" } else { \"later\" }", json!("later")),
        ("switch attributes.topic { \"sales\" => 1, \"support\" => 2, _ => 3 }", json!(1)),
        ("[1, [2, #{a: 3}]] == [1, [2, #{a: 3}]]", json!(true)),
        ("[1, 2] != [1, 3]", json!(true)),
        ("2 in attributes.list", json!(true)),
        ("\"jour\" in message.text", json!(true)),
        ("\"a\" in #{a: 1}", json!(true)),
        ("`${message.text} ${attributes.count}`", json!("Bonjour 7")),
        ("let x = (); x ?? \"none\"", json!("none")),
        ("fn area(w, h) { w * h } area(3, 4)", json!(12)),
        ("let said = (); try { throw \"no\" } catch (e) { said = e } said", json!("no")),
        ("return 5; 6", json!(5)),
        ("", Value::Null),
    ];
    let wrong: Vec<_> = cases
        .into_iter()
        .map(|(source, expected)| (source, run(source), Ok(expected)))
        .filter(|(_, given, expected)| given != expected)
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Codes and places of what the lint finds.
fn faults(slot: &Slot, source: &str) -> Vec<String> {
    let found = Sandbox::new().faults(slot, source, &document());
    for fault in &found {
        assert!(!fault.message.fr.is_empty() && !fault.hint.fr.is_empty(), "{fault:?}");
    }
    found.iter().map(|f| format!("{} {}", f.span.map(|p| p.to_string()).unwrap_or_default(), f.code)).collect()
}

#[test]
fn the_lint_finds_every_fault_at_its_place() {
    let cases: &[(&str, &[&str])] = &[
        ("contact.teir == 1 && conatct.name == 2", &["1:9 unknown-property", "1:22 unknown-variable"]),
        ("attributes.topik\n  + attributes.urgnt", &["1:12 unknown-attribute", "2:16 unknown-attribute"]),
        ("attributes[\"topik\"]", &["1:12 unknown-attribute"]),
        ("lowr(message.txt)", &["1:1 unknown-function", "1:14 unknown-property"]),
        ("message.text.lowr()", &["1:14 unknown-function"]),
        ("same(1)", &["1:1 unknown-function"]),
        ("vip()", &["1:1 unknown-function"]),
        ("eval(\"1\")", &["1:1 unknown-function"]),
        ("sleep(1)", &["1:1 unknown-function"]),
        ("timestamp()", &["1:1 unknown-function"]),
        ("fn f() { contact.name } f()", &["1:10 unknown-variable"]),
        ("fn lower(x) { x } lower(1)", &["1:13 script-syntax"]),
        ("fn vip(x) { x } vip(1)", &["1:11 script-syntax"]),
        ("let f = |x| x; 1", &["1:9 script-syntax"]),
        ("let n = 1; let f = |x| x + n; 1", &["1:20 script-syntax"]),
        ("[|x| x]", &["1:2 script-syntax"]),
        ("let m = #{}; m[\"k\"] = 1; m", &["1:15 script-syntax"]),
        ("let m = #{}; m.a.b[0].c += 1; m", &["1:19 script-syntax"]),
        ("contact.name = \"x\"", &["1:1 script-syntax"]),
        ("attributes.list.map(|x| x + y)", &["1:29 unknown-variable"]),
        ("attributes.list.map(|x| x + attributes.nope)", &["1:40 unknown-attribute"]),
        ("let f = run; f", &["1:9 unknown-variable"]),
        ("1 +", &["1:4 script-syntax"]),
        ("'sales'", &["1:1 script-syntax"]),
        ("import \"x\" as y;", &["1:1 script-syntax"]),
        ("print(1); debug(2); exit(3)", &["1:1 unknown-function", "1:11 unknown-function", "1:21 unknown-function"]),
        ("let contact = 1; [1].map(|x| contact)", &["1:30 script-syntax"]),
        ("while true { x = 1 }", &["1:14 unknown-variable"]),
    ];
    let wrong: Vec<_> = cases
        .iter()
        .map(|(source, expected)| (source, faults(&Slot::Script, source), *expected))
        .filter(|(_, found, expected)| found != expected)
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    let long = " ".repeat(16 * 1024 + 1);
    assert_eq!(faults(&Slot::Script, &long), [" script-too-long"]);
    assert_eq!(faults(&Slot::Template, &long), [" script-too-long"]);
}
