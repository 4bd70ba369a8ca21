//! The standard types hold to it; and a type that does not is found out.

use routewright_engine::{
    describe::describe,
    event::Event,
    node::{Fault, Next, Node, Turn},
};
use routewright_flows::{Descriptor, ExitRole, Flavour, descriptor::Category};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use super::{check, check_all};

#[test]
fn the_standard_types_conform() {
    let found = check_all(crate::standard());
    let list: Vec<String> = found.iter().map(|one| format!("{}: {}: {}", one.kind, one.code, one.message.en)).collect();
    assert!(list.is_empty(), "{}", list.join("\n"));
}

/// Says it is instant and waits; open, undescribed, without a page or an invalid example.
#[derive(Deserialize, JsonSchema)]
struct Sloppy {
    #[expect(dead_code, reason = "only its schema matters")]
    nested: Option<Inner>,
}

#[derive(Deserialize, JsonSchema)]
struct Inner {
    #[expect(dead_code, reason = "only its schema matters")]
    word: String,
}

impl Node for Sloppy {
    fn descriptor() -> Descriptor {
        describe::<Self>("sloppy", Category::Talk, Flavour::Instant)
            .exit("done", ExitRole::Normal, "Done.", "Fini.")
            .exit("never", ExitRole::Normal, "Never.", "Jamais.")
            .example("Any", "Tout", json!({}))
            .counter_example("Accepted all the same", "Accepté tout de même", json!({ "nested": { "word": "a" } }))
            .done()
    }

    fn enter(&self, _: &mut Turn<'_>) -> Result<Next, Fault> {
        Ok(Next::Wait)
    }

    fn resume(&self, event: &Event, _: &mut Turn<'_>) -> Result<Next, Fault> {
        Ok(match event {
            Event::Message(message) if message.text == "1" => Next::exit("elsewhere"),
            Event::Message(message) if message.text == "2" => Next::exit("done"),
            Event::Message(_) | Event::Alarm(_) | Event::Routed(_) | Event::Answered(_) | Event::Returned { .. } => {
                Next::Wait
            }
        })
    }
}

#[test]
fn a_type_that_does_not_conform_is_found_out() {
    let mut codes: Vec<&str> = check::<Sloppy>().iter().map(|one| one.code).collect();
    codes.dedup();
    codes.sort_unstable();
    codes.dedup();
    assert_eq!(
        codes,
        [
            "docs",
            "example-accepted",
            "exit-never-taken",
            "fault-without-way",
            "no-deadline",
            "schema-open",
            "undeclared-exit",
            "undescribed",
            "waits",
            "words",
        ]
    );
}
