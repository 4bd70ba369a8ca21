//! The standard types hold to it; and a type that does not is found out.

use std::time::Duration;

use routewright_engine::{
    describe::describe,
    event::Event,
    node::{Fault, Next, Node, Turn},
};
use routewright_flows::{AnswerTimes, Descriptor, ExitRole, Flavour, Stay, Waits, descriptor::Category};
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
            "stays-longer",
            "undeclared-exit",
            "undescribed",
            "waits",
            "words",
        ]
    );
}

/// Says that it waits a minute, and begins to wait anew whenever the contact writes.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Dawdler {
    /// False for one that keeps to what it says.
    #[schemars(extend("x-fr" = "Faux pour un nœud qui tient parole."))]
    dawdles: bool,
}

impl Node for Dawdler {
    fn descriptor() -> Descriptor {
        let standard = crate::wait::Wait::descriptor().docs;
        describe::<Self>("dawdler", Category::Time, Flavour::Waiting)
            .title("Dawdler", "Traînard")
            .docs(&standard.en, &standard.fr)
            .exit("done", ExitRole::Timeout, "Done.", "Fini.")
            .example("Any", "Tout", json!({ "dawdles": true }))
            .counter_example("Nothing", "Rien", json!({}))
            .done()
    }

    fn stay(&self, _: AnswerTimes) -> Option<Stay> {
        Some(Stay::Own(Waits::silent(Duration::from_secs(60))))
    }

    fn enter(&self, turn: &mut Turn<'_>) -> Result<Next, Fault> {
        turn.alarm("enough", Duration::from_secs(60));
        Ok(Next::Wait)
    }

    fn resume(&self, event: &Event, turn: &mut Turn<'_>) -> Result<Next, Fault> {
        match event {
            Event::Alarm(_) => Ok(Next::exit("done")),
            Event::Message(_) if self.dawdles => self.enter(turn),
            Event::Message(_) | Event::Routed(_) | Event::Answered(_) | Event::Returned { .. } => Ok(Next::Wait),
        }
    }
}

/// As it is, it says nothing of its silences.
#[derive(Deserialize, JsonSchema)]
#[serde(transparent)]
struct Mute(Dawdler);

impl Node for Mute {
    fn descriptor() -> Descriptor {
        Dawdler::descriptor()
    }

    fn enter(&self, turn: &mut Turn<'_>) -> Result<Next, Fault> {
        self.0.enter(turn)
    }

    fn resume(&self, event: &Event, turn: &mut Turn<'_>) -> Result<Next, Fault> {
        self.0.resume(event, turn)
    }
}

#[test]
fn a_type_that_keeps_contacts_longer_than_it_says_is_found_out() {
    let codes = |found: Vec<super::Shortcoming>| found.into_iter().map(|one| one.code).collect::<Vec<_>>();
    assert_eq!(codes(check::<Dawdler>()), ["stays-longer"]);
    assert_eq!(codes(check::<Mute>()), ["stay-unsaid"]);
}
