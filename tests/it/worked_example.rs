//! `count_waiting`: counts who waits for a skill. The worked example of CONTRIBUTING.md, held to compile, to conform,
//! and to be the text that the page shows.

use routewright_engine::{
    describe::describe,
    node::{Fault, Next, Node, Registry, Turn},
    script::slots::{AttributeRef, SkillRef},
};
use routewright_flows::{Descriptor, ExitRole, Flavour, descriptor::Category};
use routewright_nodes::conformance;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

/// Counts the contacts in a queue.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CountWaiting {
    /// Whose queue.
    #[schemars(extend("x-fr" = "La file de quelle compétence."))]
    skill: SkillRef,
    /// The attribute that takes the number.
    #[schemars(extend("x-fr" = "L’attribut qui reçoit le nombre."))]
    into: AttributeRef,
}

impl Node for CountWaiting {
    fn descriptor() -> Descriptor {
        describe::<Self>("count_waiting", Category::Decide, Flavour::Instant)
            .title("Count who waits", "Compter qui attend")
            .docs(EN, FR)
            .icon("users")
            .exit("done", ExitRole::Normal, "The number is stored.", "Le nombre est enregistré.")
            .error_exit()
            .example("Sales", "Les ventes", json!({ "skill": "sales", "into": "ahead" }))
            .counter_example("Nowhere to store it", "Nulle part où l’enregistrer", json!({ "skill": "sales" }))
            .done()
    }

    fn enter(&self, turn: &mut Turn<'_>) -> Result<Next, Fault> {
        let waiting = turn.queue(&self.skill.0).waiting;
        turn.set(&self.into.0, json!(waiting))?;
        Ok(Next::exit("done"))
    }
}

const EN: &str = "\
## What it does
Counts the contacts that wait for a skill and stores the number in an attribute.

## When to use it
Before offering a callback, or to tell a contact how busy it is.

## Exits
`done` when the number is stored.

## Settings
`skill` names the queue, `into` the attribute, of type integer or number.

## Pitfalls
The number is that of the moment; it is not kept up to date.
";

const FR: &str = "\
## Ce qu’il fait
Compte les contacts qui attendent une compétence et enregistre le nombre dans un attribut.

## Quand l’utiliser
Avant de proposer un rappel, ou pour dire à un contact quelle est l’affluence.

## Sorties
`done` quand le nombre est enregistré.

## Réglages
`skill` nomme la file, `into` l’attribut, de type entier ou nombre.

## Pièges
Le nombre est celui de l’instant ; il n’est pas tenu à jour.
";

#[test]
fn the_worked_example_conforms() {
    let shortcomings = conformance::check_all(Registry::default().add::<CountWaiting>());
    assert!(shortcomings.is_empty(), "{shortcomings:#?}");
}

#[test]
fn the_page_shows_this_file() {
    let source = include_str!("worked_example.rs");
    let shown = source.split("#[test]").next().unwrap_or_default().trim_end();
    let (_, shown) = shown.split_once("\n\n").expect("the module doc ends with a blank line");
    let page = include_str!("../../CONTRIBUTING.md");
    assert!(page.contains(shown), "CONTRIBUTING.md does not show tests/it/worked_example.rs as it stands");
}
