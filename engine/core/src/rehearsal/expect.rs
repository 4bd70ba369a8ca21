//! What a scenario expects, compared with what is there.

use std::collections::{BTreeMap, BTreeSet};

use routewright_flows::{HumanDuration, Words, scenario::Expect};
use serde::Serialize;
use serde_json::Value;

use super::stage::Stage;
use crate::{capacity::WorkState, interaction::Phase};

impl Stage<'_> {
    /// Looks at everything the expectation names; each that does not hold is a failure of its own.
    pub(super) fn expect(&mut self, step: usize, expected: &Expect) {
        let Expect { says, at, exits, attributes, waiting_for, offered_to, assigned_to, .. } = expected;
        let Expect { attached, calls, waiting_since, disposition, ended, answers, .. } = expected;
        let interaction = self.interaction();
        let state = self.work().map(|work| work.state.clone());
        let requirement = self.work().map(|work| work.requirement.clone());
        if let Some(says) = says {
            let said = std::mem::take(&mut self.said);
            self.compare(step, ["the contact is sent", "le contact reçoit"], says, &said);
        }
        if let Some(attached) = attached {
            let got = std::mem::take(&mut self.attached);
            self.compare(step, ["there went with it", "il y était joint"], attached, &got);
        }
        if let Some(calls) = calls {
            let called = std::mem::take(&mut self.called);
            self.compare(step, ["the flow calls", "le scénario appelle"], calls, &called);
        }
        if let Some(at) = at {
            let frame = interaction.as_ref().and_then(|i| i.frames.last());
            let got = frame.map(|frame| &frame.node);
            self.compare(step, ["the interaction waits at", "l’interaction attend au nœud"], &Some(at), &got);
        }
        if let Some(exits) = exits {
            let from = self.taken.len().saturating_sub(exits.len());
            let got: Vec<String> = self.taken[from..].iter().map(|(node, exit)| format!("{node}.{exit}")).collect();
            self.compare(step, ["the last exits are", "les dernières sorties sont"], exits, &got);
        }
        if let Some(attributes) = attributes {
            let all = interaction.as_ref().map(|i| i.frames.first().map_or(&i.outcome, |frame| &frame.attributes));
            let value = |name| all.and_then(|all| all.get(name)).cloned().unwrap_or(Value::Null);
            let got: BTreeMap<_, _> = attributes.keys().map(|name| (name, value(name))).collect();
            let wanted: BTreeMap<_, _> = attributes.iter().map(|(name, value)| (name, value.clone())).collect();
            self.compare(step, ["the attributes are", "les attributs sont"], &wanted, &got);
        }
        if let Some(waiting_for) = waiting_for {
            let in_line = matches!(state, Some(WorkState::Waiting | WorkState::Offered { .. }));
            let skills = requirement.filter(|_| in_line).map(|requirement| requirement.skills.clone());
            let got: BTreeSet<String> = skills.unwrap_or_default().keys().map(ToString::to_string).collect();
            let wanted: BTreeSet<String> = waiting_for.iter().cloned().collect();
            self.compare(step, ["the contact waits for", "le contact attend"], &wanted, &got);
        }
        if let Some(length) = waiting_since {
            let since = self.work().map(|work| work.since);
            let waited = since.map(|since| self.now().since(since).as_millis());
            let got = waited.map(|ms| HumanDuration::from_millis(u64::try_from(ms).unwrap_or(u64::MAX)));
            self.compare(step, ["the contact has waited", "le contact a attendu"], &Some(*length), &got);
        }
        if let Some(agent) = offered_to {
            let got = match &state {
                Some(WorkState::Offered { agent, .. }) => Some(agent.to_string()),
                None | Some(WorkState::Waiting | WorkState::Active { .. } | WorkState::WrapUp { .. }) => None,
            };
            self.compare(step, ["the contact is offered to", "le contact est proposé à"], &Some(agent), &got.as_ref());
        }
        if let Some(agent) = assigned_to {
            let got = interaction.as_ref().and_then(|i| i.agent.as_ref()).map(ToString::to_string);
            self.compare(step, ["the agent is", "l’agent est"], &Some(agent), &got.as_ref());
        }
        if let Some(disposition) = disposition {
            let got = interaction.as_ref().and_then(|i| i.disposition.as_ref()).map(ToString::to_string);
            let wanted = Some(disposition);
            self.compare(step, ["the disposition is", "la qualification est"], &wanted, &got.as_ref());
        }
        if let Some(ended) = ended {
            let got = interaction.as_ref().and_then(|i| match &i.phase {
                Phase::Ended { disposition, .. } => Some(disposition.to_string()),
                Phase::Flow | Phase::LastResort => None,
            });
            let wanted = Some(ended.as_str());
            self.compare(
                step,
                ["the interaction ended as", "l’interaction est terminée par"],
                &wanted,
                &got.as_deref(),
            );
        }
        if let Some(answers) = answers {
            let got: BTreeMap<String, _> = interaction
                .map(|i| i.answers.into_iter().map(|(id, answers)| (id.to_string(), answers)).collect())
                .unwrap_or_default();
            self.compare(step, ["the answers are", "les réponses sont"], answers, &got);
        }
    }

    fn compare<T: Serialize + PartialEq>(&mut self, step: usize, what: [&str; 2], wanted: &T, got: &T) {
        if wanted == got {
            return;
        }
        let json = |value: &T| serde_json::to_string(value).unwrap_or_default();
        let (wanted, got) = (json(wanted), json(got));
        let message = Words::new(
            format!("step {step}: expected that {} {wanted}, and it is {got}", what[0]),
            format!("étape {step} : attendu que {} {wanted}, or c’est {got}", what[1]),
        );
        self.fail(step, wanted, got, message);
    }
}
