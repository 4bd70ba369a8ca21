//! What scripts give, and what the lint says of them.

mod hostile;

use std::{
    collections::BTreeMap,
    sync::{
        Arc, LazyLock,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use expect_test::expect_file;
use proptest::prelude::*;
use routewright_flows::{AttributeName, Channel, FlowDocument, check::Scripts, descriptor::Slot};
use serde_json::{Value, json};

use super::{Program, QueueView, Sandbox, ScriptErrorKind, Views, Watch, functions, template, value};
use crate::{
    calendar::CalendarState,
    contact::{Contact, Message},
    id::InteractionId,
    time::Timestamp,
};

/// A world for scripts: a gold contact who wrote "Bonjour", one open calendar, one queue.
#[derive(Debug)]
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
    fn expected_wait(&self) -> Option<Duration> {
        Some(Duration::from_secs(61))
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

/// Evaluates a script over the scene; whichever engine takes it, it gives the same, and so it does again.
fn run(source: &str) -> Result<Value, String> {
    let sandbox = Sandbox::new();
    let mut program = sandbox.compile_script(source, &document()).map_err(|f| format!("{f:?}"))?;
    let run = |program: &Program| sandbox.run(program, &Scene::default()).map_err(|e| format!("{} {e}", e.code()));
    let given = run(&program);
    program.has_functions = true;
    assert_eq!(given, run(&program), "{source}");
    assert_eq!(given, run(&program), "{source}");
    given
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
        ("let k = 2; [1, 2].map(|a| [3].map(|b| a * b * k))", json!([[6], [12]])),
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

#[test]
fn templates_are_filled_and_their_faults_are_found() {
    let fill = |source: &str| {
        let sandbox = Sandbox::new();
        let program = sandbox.compile_template(source, &document()).map_err(|f| format!("{f:?}"))?;
        sandbox.fill(&program, &Scene::default()).map_err(|e| e.code().to_owned())
    };
    let filled = [
        ("", ""),
        ("Bonjour", "Bonjour"),
        ("Bonjour ${contact.name} !", "Bonjour Zoé !"),
        ("$${name} costs $5 {x}", "${name} costs $5 {x}"),
        ("${#{a: \"}\"}.a}", "}"),
        ("${`${message.text}`}", "Bonjour"),
        ("${contact.fields.nothing}|${attributes.count}|${attributes.ratio}|${1.0}|${true}", "|7|2.5|1|true"),
        ("${attributes.skills.join(\", \")}", "sales, support"),
        ("${'}'}", "}"),
        ("é${1}é\n${2}", "é1é\n2"),
    ];
    for (source, expected) in filled {
        assert_eq!(fill(source).as_deref(), Ok(expected), "{source}");
    }
    assert_eq!(fill("${attributes.list}"), Err("script-type".to_owned()));
    let wrong: &[(&str, &[&str])] = &[
        ("é ${contact.nme}\n ${ lowr(1) } ${", &["2:15 template-syntax"]),
        ("é ${contact.nme}\n ${ lowr(1) }", &["1:13 unknown-property", "2:5 unknown-function"]),
        ("a ${} b ${1 +}", &["1:3 template-syntax"]),
        ("a ${1 +}", &["1:8 script-syntax"]),
        ("${\n contact.nme}", &["2:10 unknown-property"]),
        ("${loop {}}", &["1:3 script-syntax"]),
    ];
    for (source, expected) in wrong {
        assert_eq!(faults(&Slot::Text, source), *expected, "{source}");
    }
}

/// What a shortcut may read, literals of every type, and things of which it must keep its hands off.
const OPERANDS: &[&str] = &[
    "contact.fields.tier",
    "contact.fields.orders",
    "contact.fields.vip",
    "contact.fields.cards",
    "contact.fields.no",
    "contact.fields.huge",
    "contact.fields.long",
    "contact.name",
    "contact.address",
    "contact.locale",
    "attributes.topic",
    "attributes.count",
    "attributes.ratio",
    "attributes.urgent",
    "attributes.empty",
    "attributes.never_set",
    "attributes.nested",
    "interaction.channel",
    "interaction.touchpoint",
    "interaction.position",
    "interaction.expected_wait_s",
    "interaction.expected_wait_minutes",
    "message.text",
    "message.choice",
    "now.timestamp_s",
    "now.timestamp_ms",
    "calendar(\"paris\")",
    "calendar(\"nowhere\")",
    "queue(\"sales\").waiting",
    "queue(\"sales\").agents",
    "queue(\"support\").available",
    "queue(\"nobody\").waiting",
    "queue(\"sales\").else",
    "\"gold\"",
    "\"open\"",
    "\"\"",
    "7",
    "3",
    "0",
    "-3",
    "2.5",
    "true",
    "false",
    "()",
];

const OPERATORS: &[&str] = &["==", "!=", "<", "<=", ">", ">="];

fn condition() -> impl Strategy<Value = String> {
    let operand = || prop::sample::select(OPERANDS);
    let one = prop_oneof![
        1 => operand().prop_map(str::to_owned),
        8 => (operand(), prop::sample::select(OPERATORS), operand()).prop_map(|(a, o, b)| format!("{a} {o} {b}")),
        2 => (operand(), prop::collection::vec(operand(), 0..4)).prop_map(|(a, of)| format!("{a} in [{}]", of.join(", "))),
    ];
    one.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            inner.clone().prop_map(|of| format!("!({of})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("{a} && {b}")),
            (inner.clone(), inner).prop_map(|(a, b)| format!("({a} || {b})")),
        ]
    })
}

/// True when the shortcut answered; whatever it answers, the engine gives too.
fn agrees(source: &str) -> bool {
    static STAGE: LazyLock<(Sandbox, FlowDocument, Scene)> = LazyLock::new(|| {
        let mut scene = Scene::default();
        scene.contact.fields.insert("huge".to_owned(), json!(u64::MAX));
        scene.contact.fields.insert("long".to_owned(), json!("z".repeat(20_000)));
        (Sandbox::new(), document(), scene)
    });
    let (sandbox, flow, scene) = &*STAGE;
    let Ok(mut program) = sandbox.compile_condition(source, flow) else { return false };
    let answered = program.shortcut.as_ref().is_some_and(|s| s.test(scene).is_some());
    let tested = sandbox.test(&program, scene).map_err(|e| e.kind);
    let valued = sandbox.value(&program, scene).map_err(|e| e.kind);
    program.shortcut = None;
    assert_eq!(tested, sandbox.test(&program, scene).map_err(|e| e.kind), "{source}");
    assert_eq!(valued, sandbox.value(&program, scene).map_err(|e| e.kind), "{source}");
    answered
}

/// Each operand with each other, by each operator.
#[test]
fn shortcuts_agree_with_the_engine() {
    let mut answered = 0;
    for a in OPERANDS {
        agrees(a);
        for b in OPERANDS {
            for operator in OPERATORS {
                answered += usize::from(agrees(&format!("{a} {operator} {b}")));
            }
        }
    }
    assert!(5_000 < answered, "only {answered} conditions took the shortcut");
}

#[test]
fn every_function_of_the_table_gives_what_the_table_says() {
    let wrong: Vec<_> = functions::FUNCTIONS
        .iter()
        .flat_map(|group| group.functions)
        .map(|f| (f.example, run(f.example), serde_json::from_str::<Value>(f.gives).map_err(|e| e.to_string())))
        .filter(|(_, given, expected)| given != expected)
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// `UPDATE_EXPECT=1` writes them again.
#[test]
fn the_pages_of_functions_say_what_the_table_says() {
    expect_file!["../../../../docs/functions.md"].assert_eq(&functions::page("en"));
    expect_file!["../../../../docs/fr/functions.md"].assert_eq(&functions::page("fr"));
}

/// Every example of the two pages on scripting: a fenced block, then a line that says what it gives.
#[test]
fn the_examples_of_the_documentation_are_true() {
    let pages = [include_str!("../../../../docs/scripting.md"), include_str!("../../../../docs/fr/scripting.md")];
    let counts = pages.map(|page| {
        let mut blocks = page.split("\n```").skip(1);
        let mut examples = 0;
        while let (Some(block), after) = (blocks.next(), blocks.next().unwrap_or_default()) {
            let (kind, source) = block.split_once('\n').expect("a fence says its kind");
            let gives = after.trim_start().strip_prefix("→ `").and_then(|a| a.split_once('`')).map(|(gives, _)| gives);
            let gives = gives.unwrap_or_else(|| panic!("an example says what it gives: {source}"));
            let given = match kind {
                "rhai" => run(source).map(|v| v.to_string()),
                "template" => {
                    let sandbox = Sandbox::new();
                    let program = sandbox.compile_template(source, &document()).expect("a template");
                    sandbox.fill(&program, &Scene::default()).map_err(|e| e.to_string())
                }
                other => panic!("unknown kind of example: {other}"),
            };
            assert_eq!(given, Ok(gives.to_owned()), "{source}");
            examples += 1;
        }
        examples
    });
    assert_eq!(counts[0], counts[1], "both languages show the same examples");
    assert!(5 < counts[0]);
}

struct Clock(AtomicU64);

impl Watch for Clock {
    fn reading(&self) -> Duration {
        Duration::from_millis(self.0.fetch_add(1, Ordering::Relaxed))
    }
}

#[test]
fn a_watch_ends_a_script_that_its_budget_would_let_go_on() {
    let source = "let x = 0; while x < 20000 { x += 1; } x";
    assert_eq!(run(source), Ok(json!(20_000)));
    let sandbox = Sandbox::with_watch(Arc::new(Clock(AtomicU64::new(0))));
    let program = sandbox.compile_script(source, &document()).expect("a script");
    let error = sandbox.run(&program, &Scene::default()).expect_err("out of time");
    assert_eq!((error.kind, error.code()), (ScriptErrorKind::Time, "script-time"));
}

#[test]
fn errors_say_where_and_what_in_both_languages() {
    let cases = [
        ("let x = 1;\nx / 0", "script-failed 2:3: a calculation has no result"),
        ("contact.name = 1", "script-syntax"),
        ("throw \"no stock\"", "script-failed 1:1: the script threw: no stock"),
        ("queue(\"nobody\")", "script-failed 1:1: the script threw: there is no skill 'nobody'"),
        ("lower(attributes.count)", "script-failed 1:1: 'lower (i64)' does not work on these values"),
        ("fn f(x) { 1 / x } f(0)", "(in 'f')"),
    ];
    for (source, expected) in cases {
        let error = run(source).expect_err("fails");
        assert!(error.contains(expected), "{source}: {error}");
    }
    let sandbox = Sandbox::new();
    let program = sandbox.compile_condition("attributes.count", &document()).expect("a condition");
    let error = sandbox.test(&program, &Scene::default()).expect_err("not a boolean");
    assert_eq!(error.kind, ScriptErrorKind::WrongType);
    assert_eq!(error.message.fr, "le résultat doit être vrai ou faux, or c'est i64");
}

fn json_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_filter("finite", |f| f.is_finite()).prop_map(Value::from),
        ".{0,20}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 64, 8, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..8).prop_map(Value::from),
            prop::collection::btree_map(".{0,8}", inner, 0..8).prop_map(|m| Value::Object(m.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn any_condition_gives_the_same_by_its_shortcut(source in condition()) {
        agrees(&source);
    }

    #[test]
    fn values_survive_the_way_in_and_out(json in json_value()) {
        prop_assert_eq!(value::to_json(&value::to_dynamic(&json)).expect("plain data"), json);
    }

    #[test]
    fn any_text_is_compiled_or_refused_and_evaluated_without_a_panic(source in ".{0,60}") {
        let _ = run(&source);
        let _ = template::scan(&source);
        faults(&Slot::Template, &source);
    }

    /// Words of the language in any order reach further into the parser and the engine than any text does.
    #[test]
    fn any_words_are_compiled_or_refused_and_evaluated_without_a_panic(
        words in prop::collection::vec(prop::sample::select(WORDS), 0..24)
    ) {
        let source = words.join(" ");
        let _ = run(&source);
        faults(&Slot::Template, &format!("${{{source}}}"));
    }

    #[test]
    fn templates_without_expressions_are_written_as_they_are(text in "[^$]{0,80}") {
        let parts = template::scan(&text).expect("no expression");
        let written: String = parts.iter().map(|p| match p {
            template::Part::Literal(text) => text.as_str(),
            template::Part::Expression(_) => "${…}",
        }).collect();
        prop_assert_eq!(written, text);
    }
}

const WORDS: &[&str] = &[
    "let",
    "x",
    "y",
    "=",
    "==",
    "+",
    "-",
    "*",
    "/",
    "%",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    "#{",
    "a:",
    ",",
    ";",
    ".",
    "..",
    "|x|",
    "||",
    "&&",
    "!",
    "if",
    "else",
    "for",
    "in",
    "while",
    "loop",
    "break",
    "fn f(x)",
    "f(x)",
    "return",
    "throw",
    "try",
    "catch",
    "switch",
    "=>",
    "_",
    "1",
    "0",
    "-1",
    "2.5",
    "9223372036854775807",
    "\"a\"",
    "`${x}`",
    "'c'",
    "()",
    "true",
    "contact",
    "attributes",
    "message",
    "now",
    ".name",
    ".fields",
    ".list",
    ".map(",
    ".filter(",
    ".push(",
    ".len()",
    "queue(",
    "calendar(",
    "this",
    "const",
    "x.y",
    "x[0]",
    "??",
    "?.",
    "**",
    "<<",
    "::",
    "@",
    "//",
    "/*",
    "*/",
];
