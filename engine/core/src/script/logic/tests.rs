//! Verdicts on conditions: a table, and the promise that a verdict is certain.

use proptest::prelude::*;
use routewright_flows::{
    FlowDocument,
    check::{Scripts, Verdict},
};
use serde_json::{Value, json};

use super::super::{Sandbox, tests::Scene};
use Verdict::{Always, Covered, Never, Open};

fn document() -> FlowDocument {
    serde_json::from_value(json!({
        "schema": 1, "id": "essai", "entry": "start", "channels": ["webchat", "sms"],
        "attributes": {
            "topic": { "type": "string", "enum": ["sales", "support"] }, "count": { "type": "integer" },
            "ratio": { "type": "number" }, "urgent": { "type": "boolean" }, "text": { "type": "string" }
        },
        "nodes": { "start": { "kind": "close" } }
    }))
    .expect("a document")
}

#[test]
fn conditions_are_judged_alone_and_in_their_list() {
    let cases: &[(&[&str], &[Verdict])] = &[
        (&["true", "1 == 2"], &[Always, Never]),
        (&["attributes.topic == \"sale\""], &[Never]),
        (&["attributes.topic == \"sales\""], &[Open]),
        (&["attributes.topic != \"sale\""], &[Always]),
        (&["attributes.count > 5 && attributes.count < 3"], &[Never]),
        (&["attributes.count > 5 && attributes.count < 6"], &[Never]),
        (&["attributes.ratio > 5 && attributes.ratio < 6"], &[Open]),
        (&["attributes.count > 3 || attributes.count <= 3"], &[Open]),
        (&["len(contact.address) > 3 || len(contact.address) <= 3"], &[Always]),
        (&["attributes.urgent == true && attributes.urgent == false"], &[Never]),
        (&["attributes.urgent || !attributes.urgent"], &[Always]),
        (&["contact.fields.a == 1 && contact.fields.a == \"1\""], &[Never]),
        (&["interaction.channel == \"voice\""], &[Never]),
        (&["interaction.channel == \"sms\" || interaction.channel == \"webchat\""], &[Always]),
        (&["calendar(\"x\") == \"opened\""], &[Never]),
        (&["attributes.count > 3", "attributes.count > 5"], &[Open, Covered]),
        (&["attributes.count > 5", "attributes.count > 3"], &[Open, Open]),
        (
            &["attributes.topic == \"sales\"", "attributes.topic == \"support\"", "attributes.topic != ()"],
            &[Open, Open, Covered],
        ),
        (&["contact.fields.a == 1 || contact.fields.b == 2", "contact.fields.b == 2"], &[Open, Covered]),
        (&["contact.fields.a == 1", "contact.fields.a == 1 && vip(contact.fields)"], &[Open, Covered]),
        (&["vip(contact.fields)", "vip(contact.fields) && attributes.count > 3"], &[Open, Covered]),
        (&["vip(contact.fields)", "vip(contact.name)"], &[Open, Open]),
        (&["alike(attributes.text ?? \"\", 1) || !alike(attributes.text ?? \"\", 1)"], &[Always]),
        (&["[attributes.text] == contact.fields.a && [attributes.text] != contact.fields.a"], &[Open]),
        (&["in_list([attributes.text, 1])", "vip(1) && in_list([attributes.text, 1])"], &[Open, Covered]),
        (&["attributes.count > 2.5 && attributes.count < 3.5 && attributes.count != 3"], &[Never]),
        (&["\"a\" < attributes.text && attributes.text < \"b\""], &[Open]),
        (&["attributes.count > -3", "attributes.count > -2"], &[Open, Covered]),
        (&["attributes.count ==", "attributes.count == 1"], &[Open, Open]),
    ];
    for (conditions, verdicts) in cases {
        assert_eq!(Sandbox::new().decide(conditions, &document()), *verdicts, "{conditions:?}");
    }
}

fn condition() -> impl Strategy<Value = String> {
    let number = (
        prop::sample::select(vec!["attributes.count", "attributes.ratio", "contact.fields.orders"]),
        prop::sample::select(vec!["==", "!=", "<", "<=", ">", ">="]),
        -2..4_i32,
    )
        .prop_map(|(term, operator, literal)| format!("{term} {operator} {literal}"));
    let text = (
        prop::sample::select(vec![
            "attributes.topic",
            "attributes.text",
            "contact.fields.orders",
            "interaction.channel",
        ]),
        prop::sample::select(vec!["==", "!=", "<"]),
        prop::sample::select(vec!["sales", "support", "sms", "x"]),
    )
        .prop_map(|(term, operator, literal)| format!("{term} {operator} \"{literal}\""));
    let truth = prop::sample::select(vec![
        "attributes.urgent",
        "attributes.urgent == true",
        "attributes.count == ()",
        "is_empty(contact.address)",
    ])
    .prop_map(str::to_owned);
    prop_oneof![number, text, truth].prop_recursive(3, 8, 3, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} && {b})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} || {b})")),
            inner.prop_map(|a| format!("!({a})")),
        ]
    })
}

fn scene() -> impl Strategy<Value = Scene> {
    let of = |values: Vec<Value>| prop::sample::select(values);
    (
        of(vec![json!("sales"), json!("support"), Value::Null]),
        of(vec![json!(-3), json!(-1), json!(0), json!(1), json!(2), json!(3), json!(9), Value::Null]),
        of(vec![json!(-3), json!(0.5), json!(2), json!(2.5), json!(9.5), Value::Null]),
        of(vec![json!(true), json!(false)]),
        of(vec![json!("sales"), json!(""), json!("t"), Value::Null]),
        of(vec![json!(1), json!("x"), json!(2.5), json!([1]), Value::Null]),
    )
        .prop_map(|(topic, count, ratio, urgent, text, orders)| {
            let mut scene = Scene::default();
            let attributes = json!({ "topic": topic, "count": count, "ratio": ratio, "urgent": urgent, "text": text });
            scene.attributes = serde_json::from_value(attributes).expect("attribute names");
            scene.contact.fields.insert("orders".into(), orders);
            scene
        })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, ..ProptestConfig::default() })]

    #[test]
    fn a_verdict_is_certain(conditions in prop::collection::vec(condition(), 1..4), scenes in prop::collection::vec(scene(), 8)) {
        let sandbox = Sandbox::new();
        // The scene's channel is WhatsApp, so every channel may be one here.
        let mut document = document();
        document.channels.clear();
        let sources: Vec<&str> = conditions.iter().map(String::as_str).collect();
        let verdicts = sandbox.decide(&sources, &document);
        let compiled: Vec<_> = sources.iter().map(|s| sandbox.compile_condition(s, &document).expect("it compiles")).collect();
        for scene in &scenes {
            let answers: Vec<Option<bool>> = compiled.iter().map(|program| sandbox.test(program, scene).ok()).collect();
            for (index, verdict) in verdicts.iter().enumerate() {
                let answer = answers[index];
                match verdict {
                    Open => {}
                    Always => prop_assert_ne!(answer, Some(false), "{}", sources[index]),
                    Never => prop_assert_ne!(answer, Some(true), "{}", sources[index]),
                    Covered => prop_assert!(
                        answer != Some(true) || answers[..index].iter().any(|earlier| *earlier != Some(false)),
                        "{:?}", sources
                    ),
                }
            }
        }
    }
}
