//! What a record must say before it may be closed, and what else is kept with it (MAX-16, FCE-09, FCE-10).
//!
//! What it deliberately does not do: it closes nothing; capacity does.

use std::collections::BTreeMap;

use routewright_flows::Words;
use serde_json::Value;

use super::{
    Answer,
    desk::{Desk, Served, in_words},
};
use crate::{
    capacity::Request,
    fact::Fact,
    id::{AgentId, DispositionId, InteractionId, QuestionnaireId, TenantId},
    refusal::Refusal,
};

impl Desk<'_> {
    /// What keeps an agent from closing a record in this way.
    pub(super) fn qualifies(
        &mut self,
        tenant: &TenantId,
        agent: &AgentId,
        interaction: InteractionId,
        disposition: Option<&DispositionId>,
    ) -> Served<Result<(), Refusal>> {
        if let Err(refusal) = self.find(tenant, interaction)? {
            return Ok(Err(refusal));
        }
        if disposition.is_none() && self.must_qualify(tenant, agent) {
            return Ok(Err(Refusal::DispositionRequired(interaction)));
        }
        Ok(self.known(tenant, disposition))
    }

    /// An agent closes a record: what he answers and how he qualifies it are kept (FCE-10).
    pub(super) fn finish(
        &mut self,
        tenant: &TenantId,
        agent: AgentId,
        interaction: InteractionId,
        disposition: Option<DispositionId>,
        answers: BTreeMap<String, Value>,
    ) -> Served<Result<Answer, Refusal>> {
        if let Err(refusal) = self.qualifies(tenant, &agent, interaction, disposition.as_ref())? {
            return Ok(Err(refusal));
        }
        let questionnaire = match self.fits_questionnaire(tenant, &agent, &answers) {
            Ok(questionnaire) => questionnaire,
            Err(refusal) => return Ok(Err(refusal)),
        };
        match self.ask(tenant, Request::Finish { agent, interaction, disposition }) {
            Err(refused) => Ok(Err(in_words(refused))),
            Ok(notices) => {
                self.open_turn(interaction)?;
                for (question, value) in answers {
                    let Some(questionnaire) = questionnaire.clone() else { break };
                    if let Some(held) = self.board.hand.get_mut(interaction) {
                        let own = held.interaction.answers.entry(questionnaire.clone()).or_default();
                        own.insert(question.clone(), value.clone());
                    }
                    self.fact(interaction, Fact::Answered { questionnaire, question, value });
                }
                self.hear(tenant, notices, 1)?;
                Ok(Ok(Answer::Done))
            }
        }
    }

    /// The questionnaire of the agent's desk, when every answer fits it and none is missing. A record without answers is
    /// not held against it.
    fn fits_questionnaire(
        &self,
        tenant: &TenantId,
        agent: &AgentId,
        answers: &BTreeMap<String, Value>,
    ) -> Result<Option<QuestionnaireId>, Refusal> {
        let bad = |question: &str, en: &str, fr: &str| Refusal::BadAnswer {
            question: question.to_owned(),
            why: Words::new(en, fr),
        };
        let Some(first) = answers.keys().next() else { return Ok(None) };
        let own = self.board.tenants.get(tenant).map(|own| &own.catalogue);
        let id = own.and_then(|own| own.profile_of(agent).desk.questionnaire);
        let asked = id.as_ref().zip(own).and_then(|(id, own)| own.questionnaires.get(id));
        let Some(asked) = asked else {
            return Err(bad(
                first,
                "the agent's profile has no questionnaire: name one in `desk.questionnaire`",
                "le profil de l’agent n’a pas de questionnaire : nommez-en un dans « desk.questionnaire »",
            ));
        };
        let unknown = answers.keys().find(|id| !asked.questions.iter().any(|question| question.id == **id));
        if let Some(question) = unknown {
            return Err(bad(question, "the questionnaire does not ask it", "le questionnaire ne la pose pas"));
        }
        for question in &asked.questions {
            match answers.get(&question.id) {
                None if question.required => {
                    return Err(bad(&question.id, "it must be answered", "il faut y répondre"));
                }
                Some(answer) if !question.answer.accepts(answer) => {
                    return Err(bad(
                        &question.id,
                        "this is no answer of its type",
                        "ce n’est pas une réponse de son type",
                    ));
                }
                None | Some(_) => {}
            }
        }
        Ok(id)
    }

    /// True when the agent's profile wants every conversation qualified (MAX-16).
    pub(super) fn must_qualify(&self, tenant: &TenantId, agent: &AgentId) -> bool {
        let own = self.board.tenants.get(tenant);
        own.is_some_and(|own| own.catalogue.profile_of(agent).disposition_required)
    }

    pub(super) fn known(&self, tenant: &TenantId, disposition: Option<&DispositionId>) -> Result<(), Refusal> {
        let Some(disposition) = disposition else { return Ok(()) };
        let exists =
            self.board.tenants.get(tenant).is_some_and(|own| own.catalogue.dispositions.contains_key(disposition));
        if exists { Ok(()) } else { Err(Refusal::UnknownDisposition(disposition.to_string())) }
    }
}

/// What a record is qualified that had to be and closed by itself (FCE-09).
pub(super) fn not_qualified() -> DispositionId {
    DispositionId::new("not_qualified").expect("a word of letters and an underscore is a disposition's name")
}
