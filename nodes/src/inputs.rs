//! What a node gives a flow that it starts: what `subflow`, `goto_flow` and `enqueue` have in common.

use std::collections::BTreeMap;

use routewright_engine::{
    node::{Fault, Prepare, Turn},
    script::slots::Formula,
};
use routewright_flows::AttributeName;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

/// The inputs of another flow, each with an expression that gives the value.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(transparent)]
#[schemars(inline)]
pub struct Inputs(BTreeMap<AttributeName, Formula>);

impl Inputs {
    /// Compiles the expressions.
    pub fn prepare(&mut self, cx: &mut Prepare<'_>) {
        for formula in self.0.values_mut() {
            cx.formula(formula);
        }
    }

    /// The values as they are now.
    ///
    /// # Errors
    /// The fault of the first expression that gives none.
    pub fn values(&self, turn: &mut Turn<'_>) -> Result<BTreeMap<AttributeName, Value>, Fault> {
        self.0.iter().map(|(name, formula)| Ok((name.clone(), turn.value(formula)?))).collect()
    }
}
