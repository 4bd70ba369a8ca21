//! What a scenario expects, compared with what is there.

use std::collections::{BTreeMap, BTreeSet};

use routewright_flows::{HumanDuration, Words, scenario::Expect};
use serde::Serialize;
use serde_json::Value;

use super::stage::Stage;
use crate::{
    capacity::WorkState,
    interaction::{Interaction, Phase},
};

impl Stage<'_> {
    /// Looks at everything the expectation names; each that does not hold is a failure of its own.
    pub(super) fn expect(&mut self, step: usize, expected: &Expect) {
        let seen = self.observe(expected);
        let what = |en, fr| [en, fr];
        self.compare(step, what("the contact is sent", "le contact reçoit"), &expected.says, &seen.says);
        self.compare(step, what("there went with it", "il y était joint"), &expected.attached, &seen.attached);
        self.compare(step, what("these timers fired", "ces minuteries ont sonné"), &expected.timers, &seen.timers);
        self.compare(step, what("the flow calls", "le scénario appelle"), &expected.calls, &seen.calls);
        self.compare(step, what("the interaction waits at", "l’interaction attend au nœud"), &expected.at, &seen.at);
        self.compare(step, what("the last exits are", "les dernières sorties sont"), &expected.exits, &seen.exits);
        self.compare(step, what("the attributes are", "les attributs sont"), &expected.attributes, &seen.attributes);
        let wanted = expected.waiting_for.as_ref().map(|skills| skills.iter().cloned().collect::<BTreeSet<_>>());
        let got = seen.waiting_for.as_ref().map(|skills| skills.iter().cloned().collect());
        self.compare(step, what("the contact waits for", "le contact attend"), &wanted, &got);
        let waited = what("the contact has waited", "le contact a attendu");
        self.compare(step, waited, &expected.waiting_since, &seen.waiting_since);
        let offered = what("the contact is offered to", "le contact est proposé à");
        self.compare(step, offered, &expected.offered_to, &seen.offered_to);
        self.compare(step, what("the agent is", "l’agent est"), &expected.assigned_to, &seen.assigned_to);
        let disposition = what("the disposition is", "la qualification est");
        self.compare(step, disposition, &expected.disposition, &seen.disposition);
        let ended = what("the interaction ended as", "l’interaction est terminée par");
        self.compare(step, ended, &expected.ended, &seen.ended);
        self.compare(step, what("the answers are", "les réponses sont"), &expected.answers, &seen.answers);
        self.seen.insert(step, seen);
    }

    /// What is there, of everything that the expectation names; of one that names nothing, what people look at first.
    fn observe(&mut self, expected: &Expect) -> Expect {
        let interaction = self.interaction();
        let whole = *expected == Expect::default();
        let ended = interaction.as_ref().and_then(|i| match &i.phase {
            Phase::Ended { disposition, .. } => disposition.as_str().parse().ok(),
            Phase::Flow | Phase::LastResort => None,
        });
        let at = interaction.as_ref().and_then(|i| i.frames.last()).map(|frame| frame.node.clone());
        let mut seen = Expect::default();
        if whole || expected.says.is_some() {
            seen.says = Some(std::mem::take(&mut self.said));
        }
        if expected.attached.is_some() {
            seen.attached = Some(std::mem::take(&mut self.attached));
        }
        if expected.timers.is_some() {
            seen.timers = Some(std::mem::take(&mut self.timers));
        }
        if expected.calls.is_some() {
            seen.calls = Some(std::mem::take(&mut self.called));
        }
        if whole || expected.at.is_some() {
            seen.at = at;
        }
        if let Some(exits) = &expected.exits {
            let from = self.taken.len().saturating_sub(exits.len());
            seen.exits = Some(self.taken[from..].iter().map(|(node, exit)| format!("{node}.{exit}")).collect());
        }
        if let Some(attributes) = &expected.attributes {
            let all = interaction.as_ref().map(|i| i.frames.first().map_or(&i.outcome, |frame| &frame.attributes));
            let value = |name| all.and_then(|all| all.get(name)).cloned().unwrap_or(Value::Null);
            seen.attributes = Some(attributes.keys().map(|name| (name.clone(), value(name))).collect());
        }
        if expected.waiting_for.is_some() {
            let work = self.work().filter(|work| matches!(work.state, WorkState::Waiting | WorkState::Offered { .. }));
            let skills = work.map(|work| work.requirement.skills.keys().map(ToString::to_string).collect());
            seen.waiting_for = Some(skills.unwrap_or_default());
        }
        if expected.waiting_since.is_some() {
            let since = self.work().map(|work| work.since);
            let waited = since.map(|since| u64::try_from(self.now().since(since).as_millis()).unwrap_or(u64::MAX));
            seen.waiting_since = waited.map(HumanDuration::from_millis);
        }
        if expected.offered_to.is_some() {
            seen.offered_to = self.work().and_then(|work| match &work.state {
                WorkState::Offered { agent, .. } => Some(agent.to_string()),
                WorkState::Waiting | WorkState::Active { .. } | WorkState::WrapUp { .. } => None,
            });
        }
        if expected.assigned_to.is_some() {
            seen.assigned_to = interaction.as_ref().and_then(|i| i.agent.as_ref()).map(ToString::to_string);
        }
        if expected.disposition.is_some() {
            seen.disposition = interaction.as_ref().and_then(|i| i.disposition.as_ref()).map(ToString::to_string);
        }
        if whole || expected.ended.is_some() {
            seen.ended = ended;
        }
        if expected.answers.is_some() {
            seen.answers = Some(interaction.map(answers).unwrap_or_default());
        }
        seen
    }

    fn compare<T: Serialize + PartialEq>(&mut self, step: usize, what: [&str; 2], wanted: &Option<T>, got: &Option<T>) {
        if wanted.is_none() || wanted == got {
            return;
        }
        let json = |value: &Option<T>| serde_json::to_string(value).unwrap_or_default();
        let (wanted, got) = (json(wanted), json(got));
        let message = Words::new(
            format!("step {step}: expected that {} {wanted}, and it is {got}", what[0]),
            format!("étape {step} : attendu que {} {wanted}, or c’est {got}", what[1]),
        );
        self.fail(step, wanted, got, message);
    }
}

fn answers(interaction: Interaction) -> BTreeMap<String, BTreeMap<String, Value>> {
    interaction.answers.into_iter().map(|(id, answers)| (id.to_string(), answers)).collect()
}
