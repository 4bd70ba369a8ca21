//! Compiles the slots of a node's configuration, once, when its flow is published.

use std::{collections::BTreeMap, sync::Arc};

use routewright_flows::{FlowDocument, Words, check::ScriptFault};

use crate::script::{
    Sandbox,
    slots::{Condition, Formula, Script, Template, Text, TextSource},
};

/// What a node needs to compile its slots. Faults are collected, so that an author sees all of them at once.
pub struct Prepare<'a> {
    /// The sandbox that compiles.
    pub sandbox: &'a Sandbox,
    /// The flow the node belongs to.
    pub document: &'a FlowDocument,
    faults: Vec<ScriptFault>,
}

impl<'a> Prepare<'a> {
    /// Prepares nodes of this flow.
    #[must_use]
    pub fn new(sandbox: &'a Sandbox, document: &'a FlowDocument) -> Self {
        Self { sandbox, document, faults: Vec::new() }
    }

    /// Compiles a condition.
    pub fn condition(&mut self, slot: &mut Condition) {
        let compiled = self.sandbox.compile_condition(slot.source(), self.document);
        slot.program = self.keep(compiled);
    }

    /// Compiles a formula.
    pub fn formula(&mut self, slot: &mut Formula) {
        let compiled = self.sandbox.compile_formula(slot.source(), self.document);
        slot.program = self.keep(compiled);
    }

    /// Compiles a script.
    pub fn script(&mut self, slot: &mut Script) {
        let compiled = self.sandbox.compile_script(slot.source(), self.document);
        slot.program = self.keep(compiled);
    }

    /// Compiles a template.
    pub fn template(&mut self, slot: &mut Template) {
        let compiled = self.sandbox.compile_template(slot.source(), self.document);
        slot.program = self.keep(compiled);
    }

    /// Compiles a text in each of its languages.
    pub fn text(&mut self, slot: &mut Text) {
        let texts = match slot.source() {
            TextSource::Inline(texts) => texts.clone(),
            TextSource::Key(key) => {
                let Some(texts) = self.document.texts.get(key) else {
                    self.faults.push(ScriptFault {
                        code: "unknown-text",
                        span: None,
                        message: Words::new(
                            format!("text '@{key}' does not exist in the flow"),
                            format!("le texte « @{key} » n’existe pas dans le scénario"),
                        ),
                        hint: Words::new("add it to `texts`", "ajoutez-le à `texts`"),
                    });
                    return;
                };
                texts.clone()
            }
        };
        let mut programs = BTreeMap::new();
        for (locale, source) in &texts.0 {
            let compiled = self.sandbox.compile_template(source, self.document);
            if let Some(program) = self.keep(compiled) {
                programs.insert(locale.clone(), program);
            }
        }
        slot.programs = programs;
    }

    /// What did not compile.
    #[must_use]
    pub fn into_faults(self) -> Vec<ScriptFault> {
        self.faults
    }

    fn keep<P>(&mut self, compiled: Result<P, Vec<ScriptFault>>) -> Option<Arc<P>> {
        match compiled {
            Ok(program) => Some(Arc::new(program)),
            Err(faults) => {
                self.faults.extend(faults);
                None
            }
        }
    }
}
