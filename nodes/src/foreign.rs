//! `foreign`: keeps the place of what an import could not translate.

use std::collections::BTreeSet;

use routewright_engine::{
    describe::describe,
    node::{Fault, Next, Node, Turn},
};
use routewright_flows::{Descriptor, ExitName, Flavour, descriptor::Category};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// Keeps a place.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Foreign {
    /// The system and version it comes from.
    #[schemars(extend("x-fr" = "Le système et la version d’où il vient."))]
    format: String,
    /// What it is called there.
    #[serde(rename = "type")]
    #[schemars(extend("x-fr" = "Comment il s’y appelle."))]
    kind: String,
    /// The node as that system wrote it.
    #[expect(dead_code, reason = "kept for people and for the way back; nothing here reads it")]
    #[schemars(extend("x-fr" = "Le nœud tel que ce système l’a écrit."))]
    payload: Map<String, Value>,
    /// Its ways out there.
    #[serde(default)]
    #[expect(dead_code, reason = "read through the descriptor; the node itself takes none")]
    #[schemars(extend("x-fr" = "Les sorties qu’il y a."))]
    exits: BTreeSet<ExitName>,
}

impl Node for Foreign {
    fn descriptor() -> Descriptor {
        // It may wait, for all that is known here: a cycle through it is not called endless.
        describe::<Self>("foreign", Category::Structure, Flavour::Waiting)
            .title("Foreign node", "Nœud étranger")
            .docs(EN, FR)
            .icon("puzzle")
            .exits_from("/exits/*")
            .error_exit()
            .placeholder()
            .example(
                "A view of Amazon Connect",
                "Une vue d’Amazon Connect",
                json!({
                    "format": "connect-2019-10-30", "type": "ShowView", "exits": ["next", "NoMatchingError"],
                    "payload": { "Type": "ShowView", "Identifier": "form", "Parameters": {} },
                }),
            )
            .counter_example(
                "Nothing kept of it",
                "Rien n’en est gardé",
                json!({ "format": "twilio-2019-09", "type": "capture-payments" }),
            )
            .done()
    }

    fn enter(&self, _: &mut Turn<'_>) -> Result<Next, Fault> {
        let Self { format, kind, .. } = self;
        Err(Fault::new(
            "foreign-node",
            format!("a node '{kind}' of {format} cannot run here: replace it"),
            format!("un nœud « {kind} » de {format} ne peut pas tourner ici : remplacez-le"),
        ))
    }
}

const EN: &str = "\
## What it does
Nothing: it keeps the place and the settings of a node that an import could not translate, with its ways out wired as they were.

## When to use it
Imports write it; people replace it. A flow that holds one cannot be published.

## Exits
Those that the node had in its system, and `error`.

## Settings
`format` and `type` say where it comes from and what it was; `payload` is the node as that system wrote it, to the letter.

## Pitfalls
In a rehearsal it takes `error`. Replace it by nodes that do what it did, then wire them where its exits lead.
";

const FR: &str = "\
## Ce qu’il fait
Rien : il tient la place et garde les réglages d’un nœud qu’un import n’a pas pu traduire, ses sorties reliées comme elles l’étaient.

## Quand l’utiliser
Les imports l’écrivent ; on le remplace. Un scénario qui en contient un ne peut pas être publié.

## Sorties
Celles que le nœud avait dans son système, et `error`.

## Réglages
`format` et `type` disent d’où il vient et ce qu’il était ; `payload` est le nœud tel que ce système l’a écrit, à la lettre.

## Pièges
Dans une répétition il prend `error`. Remplacez-le par des nœuds qui fassent ce qu’il faisait, puis reliez-les là où mènent ses sorties.
";
