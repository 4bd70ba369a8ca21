//! Faults of types: a table of what is one and what narrowly is not, and the promise that a fault is certain.

use proptest::prelude::*;
use routewright_flows::{
    FlowDocument,
    check::{Possible, Scripts},
    descriptor::{Returns, Slot},
};
use serde_json::{Value, json};

use super::super::{
    Sandbox,
    tests::{Scene, document},
};

fn codes(slot: &Slot, source: &str) -> Vec<(&'static str, Option<u32>)> {
    let faults = Sandbox::new().faults(slot, source, &document());
    faults.iter().map(|fault| (fault.code, fault.span.map(|span| span.column))).collect()
}

const CONDITION: Slot = Slot::Expression { returns: Returns::Boolean };
const FORMULA: Slot = Slot::Expression { returns: Returns::Any };

#[test]
fn what_cannot_work_is_found_where_it_stands() {
    for (slot, hit, column, miss) in [
        (FORMULA, "attributes.topic * 2", 18, "attributes.count * 2"),
        (FORMULA, "1 - contact.locale", 3, "1 - contact.fields.age"),
        (FORMULA, "-contact.address", 1, "-attributes.ratio"),
        (FORMULA, "len(attributes.count)", 1, "len(attributes.topic)"),
        (FORMULA, "attributes.topic.abs()", 18, "attributes.count.abs()"),
        (FORMULA, "now.timestamp_s.text", 17, "now.timestamp_s.is_odd"),
        (FORMULA, "contact.locale.region", 16, "contact.fields.region"),
        (CONDITION, "attributes.count > \"3\"", 18, "attributes.count > 3"),
        (CONDITION, "attributes.topic == 3", 18, "attributes.topic == \"3\""),
        (CONDITION, "attributes.urgent == \"true\"", 19, "attributes.urgent == true"),
        (CONDITION, "queue(\"sales\").waiting == \"2\"", 24, "queue(\"sales\").waiting == 2"),
        (CONDITION, "attributes.count", 1, "attributes.urgent"),
        (CONDITION, "attributes.urgent && attributes.topic", 22, "attributes.urgent && attributes.topic == \"x\""),
        (CONDITION, "!attributes.topic", 1, "!attributes.urgent"),
        (CONDITION, "len(attributes.topic)", 1, "len(attributes.topic) > 3"),
        (Slot::Template, "à ${attributes.list}", 5, "à ${attributes.list.join(\", \")}"),
        (Slot::Template, "de ${attributes.topic / 2}", 23, "de ${attributes.ratio / 2}"),
        (
            Slot::Script,
            "let n = 2; if attributes.topic { n } else { 3 }",
            15,
            "let n = 2; if attributes.urgent { n } else { 3 }",
        ),
        (Slot::Script, "let t = \"a\"; t * 2", 16, "let t = \"a\"; t = 2; t * 2"),
        (Slot::Script, "#{ set: #{ count: \"seven\" } }", 19, "#{ set: #{ count: 7 } }"),
        (Slot::Script, "#{ set: #{ urgent: len(contact.address) } }", 20, "#{ set: #{ urgent: () } }"),
    ] {
        assert_eq!(codes(&slot, hit), [("type-mismatch", Some(column))], "{hit}");
        assert_eq!(codes(&slot, miss), [], "{miss}");
    }
    assert_eq!(codes(&Slot::Script, "#{ set: #{ cuont: 7 } }"), [("unknown-attribute", Some(19))]);
}

#[test]
fn every_example_of_the_table_of_functions_has_no_fault_and_gives_what_its_type_says() {
    let (sandbox, document) = (Sandbox::new(), document());
    for function in super::super::functions::FUNCTIONS.iter().flat_map(|group| group.functions) {
        assert_eq!(sandbox.faults(&Slot::Script, function.example, &document), [], "{}", function.example);
        let gives: Value = serde_json::from_str(function.gives).expect("examples give JSON");
        let told = sandbox.gives(function.example, &document);
        assert!(kind(&gives).within(told), "{} gives {gives}, told was {told:?}", function.example);
    }
}

fn kind(value: &Value) -> Possible {
    match value {
        Value::Null => Possible::NOTHING,
        Value::Bool(_) => Possible::TRUTH,
        Value::Number(number) if number.is_f64() => Possible::DECIMAL,
        Value::Number(_) => Possible::WHOLE,
        Value::String(_) => Possible::TEXT,
        Value::Array(_) => Possible::LIST,
        Value::Object(_) => Possible::MAP,
    }
}

/// Expressions over everything that has a type, most of them nonsense.
fn expression() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        prop::sample::select(vec![
            "attributes.topic",
            "attributes.count",
            "attributes.ratio",
            "attributes.urgent",
            "attributes.list",
            "attributes.nested",
            "contact.name",
            "contact.address",
            "contact.fields.tier",
            "contact.fields.orders",
            "message.choice",
            "now.timestamp_s",
            "interaction.channel",
            "queue(\"sales\").waiting",
            "calendar(\"paris\")",
            "contact.fields",
            "attributes",
        ])
        .prop_map(str::to_owned),
        prop::sample::select(vec!["1", "2.5", "\"sales\"", "\"\"", "true", "()", "[1, \"a\"]", "#{a: 1}"])
            .prop_map(str::to_owned),
    ];
    leaf.prop_recursive(3, 24, 3, |inner| {
        let binary = prop::sample::select(vec!["+", "-", "*", "/", "%", "==", "!=", "<", "<=", ">", "&&", "||", "??"]);
        let unary = prop::sample::select(vec![
            "!",
            "-",
            "len",
            "lower",
            "trim",
            "abs",
            "is_empty",
            "number",
            "to_string",
            "keys",
            "sorted",
            "round",
            "to_int",
            "to_float",
            "type_of",
        ]);
        let two = prop::sample::select(vec![
            "contains",
            "starts_with",
            "join",
            "split",
            "min",
            "max",
            "same",
            "fixed",
            "index_of",
        ]);
        prop_oneof![
            (inner.clone(), binary, inner.clone()).prop_map(|(a, operator, b)| format!("({a} {operator} {b})")),
            (unary, inner.clone()).prop_map(|(name, a)| format!("{name}({a})")),
            (two, inner.clone(), inner.clone()).prop_map(|(name, a, b)| format!("{name}({a}, {b})")),
            (inner.clone(), prop::sample::select(vec!["len", "a", "b", "is_odd"]))
                .prop_map(|(a, p)| format!("({a}).{p}")),
        ]
    })
}

/// The scene with other values of the declared types, or none.
fn scene() -> impl Strategy<Value = Scene> {
    let maybe = |values: Vec<Value>| prop::option::of(prop::sample::select(values)).prop_map(Option::unwrap_or_default);
    (
        maybe(vec![json!("sales"), json!("")]),
        maybe(vec![json!(0), json!(1), json!(-7)]),
        maybe(vec![json!(0), json!(2.5)]),
        maybe(vec![json!(true), json!(false)]),
        maybe(vec![json!([]), json!([1, "a"])]),
        maybe(vec![json!({ "a": { "b": 5 } })]),
    )
        .prop_map(|(topic, count, ratio, urgent, list, nested)| {
            let attributes = json!({
                "topic": topic, "count": count, "ratio": ratio, "urgent": urgent, "list": list, "nested": nested,
            });
            Scene { attributes: serde_json::from_value(attributes).expect("attribute names"), ..Scene::default() }
        })
}

fn is_refused_for_its_types(source: &str, document: &FlowDocument) -> bool {
    let faults = Sandbox::new().faults(&FORMULA, source, document);
    // A comparison of values that are never equal does not fail; it is of no use.
    !faults.is_empty() && faults.iter().all(|f| f.code == "type-mismatch" && !f.message.en.starts_with("this compares"))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn what_a_script_gives_was_told_and_a_fault_is_certain(source in expression(), scene in scene()) {
        let (sandbox, document) = (Sandbox::new(), document());
        let Ok(program) = sandbox.compile_formula(&source, &document) else { return Ok(()) };
        if let Ok(value) = sandbox.value(&program, &scene) {
            let told = sandbox.gives(&source, &document);
            prop_assert!(kind(&value).within(told), "{source} gave {value}, told was {told:?}");
        }
    }

    #[test]
    fn a_lone_operation_with_a_fault_fails_whatever_the_values(
        operation in prop::sample::select(vec!["A + B", "A - B", "A * B", "A / B", "A % B", "-A", "!A", "len(A)", "lower(A)", "abs(A)", "keys(A)", "join(A, B)", "split(A, B)", "starts_with(A, B)", "contains(A, B)", "same(A, B)", "sorted(A)", "fixed(A, B)", "to_int(A)", "trim(A)", "index_of(A, B)", "round(A)", "(A).b"]),
        a in prop::sample::select(vec!["attributes.topic", "attributes.count", "attributes.ratio", "attributes.urgent", "attributes.list", "attributes.nested", "contact.locale", "now.iso", "()", "'c'", "1.5"]),
        b in prop::sample::select(vec!["attributes.topic", "attributes.count", "attributes.urgent", "attributes.list", "attributes.nested", "2", "()", "'c'"]),
        scene in scene(),
    ) {
        let (sandbox, document) = (Sandbox::new(), document());
        let source = operation.replace('B', b).replace('A', a);
        if is_refused_for_its_types(&source, &document) {
            let program = sandbox.compile_formula(&source, &document).expect("types are the check's business alone");
            let outcome = sandbox.value(&program, &scene);
            prop_assert!(outcome.is_err(), "{source} was refused and gave {outcome:?}");
        }
    }
}
