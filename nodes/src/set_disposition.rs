//! `set_disposition`: qualifies the interaction while the flow goes on.

use routewright_engine::{
    describe::describe,
    node::{Fault, Next, Node, Turn},
    script::slots::DispositionRef,
};
use routewright_flows::{Descriptor, ExitRole, Flavour, descriptor::Category};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

/// Qualifies the interaction.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SetDisposition {
    /// A disposition of the catalogue.
    #[schemars(extend("x-fr" = "Une qualification du catalogue."))]
    disposition: DispositionRef,
    /// True leaves one alone that the agent or the flow gave before.
    #[serde(default)]
    #[schemars(extend("x-fr" = "Vrai laisse en place celle que l’agent ou le scénario a déjà donnée."))]
    keep: bool,
}

impl Node for SetDisposition {
    fn descriptor() -> Descriptor {
        describe::<Self>("set_disposition", Category::Finish, Flavour::Instant)
            .title("Set the disposition", "Qualifier")
            .docs(EN, FR)
            .icon("tag")
            .exit("done", ExitRole::Normal, "The disposition stands.", "La qualification est posée.")
            .error_exit()
            .example("Resolved by the flow", "Résolu par le scénario", json!({ "disposition": "self_service" }))
            .example(
                "Unless the agent said otherwise",
                "Sauf si l’agent a dit autre chose",
                json!({ "disposition": "handled", "keep": true }),
            )
            .counter_example("None", "Aucune", json!({ "keep": true }))
            .done()
    }

    fn enter(&self, turn: &mut Turn<'_>) -> Result<Next, Fault> {
        turn.known_disposition(&self.disposition.0)?;
        if !(self.keep && turn.interaction().disposition.is_some()) {
            turn.set_disposition(self.disposition.0.clone());
        }
        Ok(Next::exit("done"))
    }
}

const EN: &str = "\
## What it does
Qualifies the interaction, and goes on. Reports count it, and the agent's record starts from it.

## When to use it
When the flow knows what it was about: solved by itself, wrong number, sales enquiry. To end the flow with a disposition, use `close`.

## Exits
`done` when it stands; `error` when the disposition is not in the catalogue.

## Settings
`keep` leaves a disposition alone that was given before, by the agent or by the flow.

## Pitfalls
The agent's disposition at the end of his wrap-up replaces this one. The way that the flow ends (`close`) is kept beside it, not instead of it.
";

const FR: &str = "\
## Ce qu’il fait
Qualifie l’interaction, et continue. Les rapports la comptent, et la fiche de l’agent en part.

## Quand l’utiliser
Quand le scénario sait de quoi il s’agissait : résolu sans agent, erreur de numéro, demande commerciale. Pour terminer le scénario par une qualification, préférez `close`.

## Sorties
`done` quand elle est posée ; `error` quand la qualification n’est pas au catalogue.

## Réglages
`keep` laisse en place une qualification déjà donnée, par l’agent ou par le scénario.

## Pièges
La qualification de l’agent à la fin de son post-traitement remplace celle-ci. La façon dont finit le scénario (`close`) est gardée à côté, non à sa place.
";

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::node;

    #[test]
    fn the_flow_goes_on_qualified() {
        for (keep, stands) in [(false, "second"), (true, "first")] {
            node("set_disposition", json!({ "disposition": "second", "keep": keep }))
                .after("set_disposition", json!({ "disposition": "first" }))
                .plays(json!([{ "contact_says": "…" }, { "expect": { "ended": "done", "disposition": stands } }]));
        }
    }
}
