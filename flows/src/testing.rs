//! What this crate's tests share: a few node kinds, and stand-ins for the script compiler and the catalogue. The real
//! ones are tested where they live, and in the whole product.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::{
    channel::Channel,
    check::{Checker, Kinds, Names, Possible, Reader, Reading, Report, ScriptFault, Scripts, Verdict},
    descriptor::{Category, Descriptor, ExitRole, ExitSpec, Exits, Flavour, ReferenceKind, Slot, Stability},
    document::FlowDocument,
    finding::Position,
    name::{AttributeName, ExitName, FlowId, Kind},
    parse::{ParsedDocument, parse_value},
    stay::{Stay, Waits},
    words::Words,
};

/// A document without a finding, with a cycle through a wait, handlers, inline and shared texts.
pub(crate) const SOUND: &str = include_str!("testing/sound.json");

/// [`SOUND`], to be spoilt.
pub(crate) fn sound() -> Value {
    serde_json::from_str(SOUND).expect("the sound document is JSON")
}

/// Checks a document against the kinds, compiler and catalogue of this module.
pub(crate) fn check(parsed: &ParsedDocument) -> Report {
    checker().check(parsed, &FewWords, &Catalogue)
}

/// Codes and pointers of everything that reading or checking a document finds.
pub(crate) fn findings(value: &Value) -> Vec<(String, String)> {
    let findings = parse_value(value).map_or_else(|findings| findings, |parsed| check(&parsed).findings);
    findings.into_iter().map(|finding| (finding.code, finding.pointer)).collect()
}

pub(crate) fn checker() -> Checker {
    Checker::new(&FewKinds::new()).expect("schemas of the test kinds")
}

/// A handful of kinds that together use every feature of descriptors.
pub(crate) struct FewKinds(BTreeMap<String, Descriptor>);

impl Kinds for FewKinds {
    fn descriptor(&self, kind: &str) -> Option<&Descriptor> {
        self.0.get(kind)
    }

    fn kinds(&self) -> Vec<&str> {
        self.0.keys().map(String::as_str).collect()
    }

    /// A menu refuses seven attempts, which its schema takes; a business hours node stores what its calendar says; some
    /// say how long contacts stay.
    fn reader(&self, kind: &str) -> Option<Reader> {
        let stays =
            |stay: Stay| Some(Reader::new(move |_, _| Ok(Reading { stay: Some(stay.clone()), ..Reading::default() })));
        match kind {
            "wait" => stays(Stay::Own(Waits::silent(Duration::from_secs(60)))),
            "send_message" => stays(Stay::Own(Waits::speaking())),
            "count" => stays(Stay::Own(Waits { rounds: Some(3), ..Waits::passing() })),
            "subflow" => Some(Reader::new(|config, _| {
                let flow = config.get("flow").and_then(Value::as_str).and_then(|flow| FlowId::new(flow).ok());
                Ok(Reading { stay: flow.map(Stay::Called), ..Reading::default() })
            })),
            "menu" => Some(Reader::new(|config, _| match config.get("attempts").and_then(Value::as_u64) {
                Some(7) => Err("seven attempts are too many".to_owned()),
                Some(_) | None => {
                    let stay = Some(Stay::Own(Waits::asking(Duration::from_secs(600))));
                    Ok(Reading { stay, ..Reading::default() })
                }
            })),
            "business_hours" => {
                let name = AttributeName::new("order").expect("an attribute's name");
                let stores = vec![(name, Possible::TEXT)];
                Some(Reader::new(move |_, _| Ok(Reading { stores: stores.clone(), ..Reading::default() })))
            }
            _ => None,
        }
    }
}

impl FewKinds {
    pub(crate) fn new() -> Self {
        let text = json!({ "type": ["string", "object"], "x-slot": { "slot": "text" } });
        let boolean = json!({ "type": "string", "x-slot": { "slot": "expression", "returns": "boolean" } });
        let any = json!({ "type": "string", "x-slot": { "slot": "expression", "returns": "any" } });
        let reference = |to: &str| json!({ "type": "string", "x-slot": { "slot": "reference", "to": to } });
        let normal = |name| (name, ExitRole::Normal);
        let error = ("error", ExitRole::Error);
        let timeout = ("timeout", ExitRole::Timeout);
        let closed = |required: &[&str], properties: Value| json!({ "type": "object", "additionalProperties": false, "required": required, "properties": properties });
        let option = closed(&["id"], json!({ "id": { "type": "string" }, "label": text }));
        let case = closed(&["when", "exit"], json!({ "when": boolean, "exit": { "type": "string" } }));
        let kinds = [
            kind(
                "menu",
                Flavour::Waiting,
                &[normal("no_match"), timeout],
                Some("/options/*/id"),
                closed(
                    &["text", "options"],
                    json!({ "text": text, "options": { "type": "array", "items": option, "minItems": 1 }, "attempts": { "type": "integer", "minimum": 1 }, "human": { "type": "boolean" } }),
                ),
            ),
            kind(
                "business_hours",
                Flavour::Instant,
                &[normal("open"), normal("closed"), error],
                None,
                closed(&["calendar"], json!({ "calendar": reference("calendar") })),
            ),
            kind(
                "send_message",
                Flavour::Instant,
                &[normal("done"), error],
                None,
                closed(&["text"], json!({ "text": text })),
            ),
            kind(
                "branch",
                Flavour::Instant,
                &[normal("else")],
                Some("/cases/*/exit"),
                closed(&[], json!({ "cases": { "type": "array", "items": case } })),
            ),
            kind(
                "set_attributes",
                Flavour::Instant,
                &[normal("done")],
                None,
                closed(
                    &["values"],
                    json!({ "values": { "type": "object", "propertyNames": { "x-slot": { "slot": "attribute" } }, "additionalProperties": any } }),
                ),
            ),
            kind(
                "require_skills",
                Flavour::Instant,
                &[normal("done")],
                None,
                closed(
                    &["skills"],
                    json!({ "skills": { "type": "object", "propertyNames": reference("skill"), "additionalProperties": { "type": "integer" } } }),
                ),
            ),
            kind(
                "subflow",
                Flavour::Waiting,
                &[normal("done")],
                Some("/ends/*"),
                closed(
                    &["flow"],
                    json!({
                        "flow": reference("flow"),
                        "inputs": { "type": "object", "additionalProperties": any },
                        "outputs": { "type": "object", "additionalProperties": { "x-slot": { "slot": "attribute" } } },
                        "ends": { "type": "array", "items": { "type": "string" } },
                    }),
                ),
            ),
            kind("wait", Flavour::Waiting, &[normal("done")], None, closed(&[], json!({}))),
            kind(
                "count",
                Flavour::Instant,
                &[("repeat", ExitRole::Repeat), normal("done")],
                None,
                closed(&[], json!({})),
            ),
            kind("listen", Flavour::Waiting, &[normal("done")], None, closed(&[], json!({}))),
            kind("close", Flavour::Terminal, &[], None, closed(&[], json!({}))),
            Descriptor {
                stability: Stability::Placeholder,
                ..kind("kept", Flavour::Terminal, &[], None, closed(&[], json!({})))
            },
        ];
        let mut kinds: BTreeMap<_, _> = kinds.into_iter().map(|kind| (kind.kind.to_string(), kind)).collect();
        if let Some(menu) = kinds.get_mut("menu") {
            menu.channels.remove(&Channel::Email);
            menu.exits.fixed.push(ExitSpec {
                name: ExitName::new("human").expect("an exit name"),
                role: ExitRole::Normal,
                docs: Words::new("for tests", "pour les tests"),
                only_if: Some("/human".into()),
            });
        }
        Self(kinds)
    }
}

fn kind(
    name: &str,
    flavour: Flavour,
    fixed: &[(&str, ExitRole)],
    from_config: Option<&'static str>,
    config: Value,
) -> Descriptor {
    let words = || Words::new("for tests", "pour les tests");
    let exit = |(name, role): &(&str, ExitRole)| ExitSpec {
        name: ExitName::new(name).expect("an exit name"),
        role: *role,
        docs: words(),
        only_if: None,
    };
    Descriptor {
        kind: Kind::new(name).expect("a kind"),
        title: words(),
        docs: words(),
        category: Category::Structure,
        icon: "box".into(),
        flavour,
        exits: Exits { fixed: fixed.iter().map(exit).collect(), from_config: from_config.map(Into::into) },
        config,
        channels: BTreeSet::from(Channel::ALL),
        examples: Vec::new(),
        since: "0.1.0".into(),
        stability: Stability::Stable,
    }
}

/// A compiler of a language with one rule per fault: a script that holds the fault's code has that fault.
pub(crate) struct FewWords;

impl Scripts for FewWords {
    fn faults(&self, _: &Slot, source: &str, _: &FlowDocument) -> Vec<ScriptFault> {
        let codes = [
            "script-syntax",
            "unknown-variable",
            "unknown-function",
            "unknown-attribute",
            "unknown-property",
            "script-too-long",
            "template-syntax",
            "type-mismatch",
        ];
        let words = || Words::new("for tests", "pour les tests");
        let fault = |code: &'static str| {
            let column = u32::try_from(source.find(code)?).expect("a short script") + 1;
            Some(ScriptFault { code, span: Some(Position { line: 1, column }), message: words(), hint: words() })
        };
        codes.into_iter().filter_map(fault).collect()
    }

    fn library_faults(&self, document: &FlowDocument) -> Vec<ScriptFault> {
        self.faults(&Slot::Script, &document.library, document)
    }

    fn decide(&self, conditions: &[&str], _: &FlowDocument) -> Vec<Verdict> {
        let words = [("always", Verdict::Always), ("never", Verdict::Never), ("covered", Verdict::Covered)];
        let verdict = |source: &&str| words.iter().find(|(word, _)| source.contains(word)).map(|(_, verdict)| *verdict);
        conditions.iter().map(|source| verdict(source).unwrap_or(Verdict::Open)).collect()
    }

    fn gives(&self, source: &str, _: &FlowDocument) -> Possible {
        if source.contains("a_number") { Possible::NUMBER } else { Possible::ANYTHING }
    }
}

/// Any JSON, small.
pub(crate) fn json_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        prop_oneof!["[a-z@_$ {}é/~\"]{0,12}", Just("menu".to_owned()), Just("@welcome".to_owned())]
            .prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::btree_map("[a-z_/~]{1,8}", inner, 0..4)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

/// A catalogue with one thing of each kind.
pub(crate) struct Catalogue;

impl Names for Catalogue {
    fn exists(&self, kind: ReferenceKind, name: &str) -> bool {
        self.names(kind).iter().any(|known| known == name)
    }

    fn names(&self, kind: ReferenceKind) -> Vec<String> {
        let name = match kind {
            ReferenceKind::Skill => "sales",
            ReferenceKind::Calendar => "office",
            ReferenceKind::Template => "reminder",
            ReferenceKind::Questionnaire => "satisfaction",
            ReferenceKind::Flow => "identify",
            ReferenceKind::Disposition => "resolved",
            ReferenceKind::Agent => "alice",
            ReferenceKind::Table => "branches",
            ReferenceKind::Secret => "crm",
        };
        vec![name.to_owned()]
    }
}
