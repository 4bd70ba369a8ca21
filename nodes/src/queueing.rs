//! Waiting for an agent and talking with one: what `enqueue`, `escalate` and `transfer` have in common.
//!
//! | event | in line | with an agent |
//! | --- | --- | --- |
//! | `Accepted` | alarms off, stay | - |
//! | `Requeued` | - | alarms on again from now, stay; the place in line is the old one |
//! | `Closed` | - | leave by `ended` |
//! | alarm `treatment` | say what is due, stay | - |
//! | alarm `overflow` | ask for other skills, once, stay | - |
//! | alarm `max_wait` | leave the line, leave by `timeout` | - |
//! | `Message` | acknowledge once, stay | stay; the agent reads it |
//!
//! What it deliberately does not do: it chooses no agent. Capacity does, and tells.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use routewright_engine::{
    SkillId, Timestamp,
    capacity::Requirement,
    catalogue::Level,
    describe::Describe,
    event::{Event, Routed},
    node::{Fault, Next, Prepare, Turn},
    script::slots::{Condition, SkillRef, Text},
};
use routewright_flows::{ExitRole, Leaving, Waits};
use schemars::{JsonSchema, SchemaGenerator};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::config::Deadline;

/// A text that is said to those who wait.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Treatment {
    /// How long after the wait began.
    #[schemars(extend("x-fr" = "Combien de temps après le début de l’attente."))]
    pub after: Deadline,
    /// What is said.
    #[schemars(extend("x-fr" = "Ce qui est dit."))]
    pub text: Text,
    /// A condition without which it is not said when it is due; always said when absent.
    #[schemars(extend("x-fr" = "Une condition sans laquelle ce n’est pas dit le moment venu ; toujours dit en son absence."))]
    pub when: Option<Condition>,
    /// Says it again each time this long has passed; once when absent.
    #[schemars(extend("x-fr" = "Le redit chaque fois que cette durée est passée ; une seule fois en son absence."))]
    pub repeat_every: Option<Deadline>,
}

impl Treatment {
    /// Compiles what it says and when.
    pub fn prepare(&mut self, cx: &mut Prepare<'_>) {
        cx.text(&mut self.text);
        if let Some(when) = &mut self.when {
            cx.condition(when);
        }
    }
}

/// Whom to ask for when the wait grows long.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Overflow {
    /// How long after the wait began.
    #[schemars(extend("x-fr" = "Combien de temps après le début de l’attente."))]
    pub after: Deadline,
    /// Skills asked for from then on instead, each with the worst level that will do; the touchpoint's default skill
    /// when absent.
    #[schemars(
        extend("x-fr" = "Compétences demandées dès lors à la place, chacune avec le plus faible niveau admis ; la compétence par défaut du point de contact en leur absence."),
        extend("propertyNames" = skill_names())
    )]
    #[serde(default)]
    pub skills: BTreeMap<SkillRef, Level>,
}

/// The schema of a map's keys that are names of skills, for "where used" and the check of references.
#[must_use]
pub fn skill_names() -> Value {
    SkillRef::json_schema(&mut SchemaGenerator::default()).to_value()
}

/// How long a contact waits in line when a node says nothing.
pub fn max_wait_default() -> Deadline {
    Deadline::minutes(15)
}

/// The ways out of a wait for an agent.
pub trait AgentExits {
    /// `ended`, in the node's own words, and `timeout`.
    #[must_use]
    fn agent_exits(self, ended_en: &str, ended_fr: &str) -> Self;
}

impl AgentExits for Describe {
    fn agent_exits(self, ended_en: &str, ended_fr: &str) -> Self {
        self.exit("ended", ExitRole::Normal, ended_en, ended_fr).exit(
            "timeout",
            ExitRole::Timeout,
            "Nobody took the contact within `max_wait`.",
            "Personne n’a pris le contact dans le délai de `max_wait`.",
        )
    }
}

/// How one node waits.
#[derive(Debug, Clone, Copy)]
pub struct Plan<'a> {
    /// True to stand where the contact stood when it first was in line.
    pub keep_place: bool,
    /// How long to wait in line at most.
    pub max_wait: Duration,
    /// What is said meanwhile.
    pub treatment: &'a [Treatment],
    /// Whom to ask for after a while.
    pub overflow: Option<&'a Overflow>,
    /// The answer to the first message of a contact who waits.
    pub waiting_reply: Option<&'a Text>,
}

/// What is said over a whole wait.
struct News {
    /// When the first of it is said; `None` when nothing is.
    first: Option<Duration>,
    /// The longest from the beginning or one of it to the next.
    between: Option<Duration>,
    /// How long before the end of the wait the last of it is said.
    last: Duration,
}

/// Texts of one wait that are looked at one by one: more are said only where one repeats, which then bounds what is left.
const NEWS_MAX: u32 = 1_000;

/// What a wait must remember.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Memory {
    /// When each treatment is next due; `None` when it is over.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    due: Vec<Option<Timestamp>>,
    /// True once the requirement was replaced.
    overflowed: bool,
    /// True once a message was acknowledged.
    acknowledged: bool,
}

const TREATMENT: &str = "treatment";
const OVERFLOW: &str = "overflow";
const MAX_WAIT: &str = "max_wait";

impl Plan<'_> {
    /// To wait so long, in silence.
    #[must_use]
    pub fn of(max_wait: Duration) -> Self {
        Self { keep_place: false, max_wait, treatment: &[], overflow: None, waiting_reply: None }
    }

    /// How long contacts stay; `spoken` when a text is said before they wait. Treatments on a condition may never be
    /// said. One who loses his agent, and one to whom a text was said, waits like one who comes.
    pub fn waits(&self, spoken: bool) -> Waits {
        let max_wait = self.max_wait;
        let News { first, between, last } = self.news();
        let (coming, silent) = if spoken { (Some(Duration::ZERO), Duration::ZERO) } else { (first, max_wait) };
        // At once where no place is left.
        let quiet = if first.is_some() { Duration::ZERO } else { silent };
        Waits {
            first: coming,
            between,
            fault: Leaving { quiet: Some(coming.unwrap_or(max_wait)), after: between.max(Some(last)) },
            by: BTreeMap::from([
                ("ended", Leaving::after(Duration::ZERO)),
                ("timeout", Leaving { quiet: Some(quiet), after: Some(last) }),
            ]),
            otherwise: Leaving { quiet: Some(max_wait), after: Some(max_wait) },
            rounds: None,
        }
    }

    /// What is said for certain over a whole wait.
    fn news(&self) -> News {
        let certain = || self.treatment.iter().filter(|treatment| treatment.when.is_none());
        let mut due: BTreeSet<(Duration, Option<Duration>)> =
            certain().map(|treatment| (treatment.after.get(), treatment.repeat_every.map(Deadline::get))).collect();
        let mut news = News { first: None, between: None, last: self.max_wait };
        let (mut before, mut looked_at) = (Duration::ZERO, 0);
        while let Some((at, every)) = due.pop_first().filter(|(at, _)| *at < self.max_wait) {
            news.first.get_or_insert(at);
            news.between = news.between.max(Some(at - before));
            news.last = self.max_wait - at;
            before = at;
            due.extend(every.map(|every| (at + every, Some(every))));
            looked_at += 1;
            if looked_at == NEWS_MAX {
                // From here on nobody hears nothing for longer than the shortest time that repeats.
                let soonest = due.iter().filter_map(|(_, every)| *every).min().unwrap_or(news.last);
                (news.between, news.last) = (news.between.max(Some(soonest)), news.last.min(soonest));
                break;
            }
        }
        news
    }

    /// Puts the contact in line for the requirement that stands. Where no place is left or the service closes, the wait
    /// is over before it began.
    pub fn begin(&self, turn: &mut Turn<'_>) -> Next {
        if turn.line_is_closed() {
            return Next::exit("timeout");
        }
        if self.keep_place {
            turn.enqueue_at_first_place();
        } else {
            turn.enqueue();
        }
        self.wait(Memory::default(), turn)
    }

    /// Something happened to a contact who waits or talks.
    ///
    /// # Errors
    /// A text could not be filled in.
    pub fn resume(&self, event: &Event, turn: &mut Turn<'_>) -> Result<Next, Fault> {
        match event {
            Event::Routed(Routed::Accepted { .. }) => {
                for alarm in [TREATMENT, OVERFLOW, MAX_WAIT] {
                    turn.cancel_alarm(alarm);
                }
                Ok(Next::Wait)
            }
            Event::Routed(Routed::Requeued { .. }) => {
                let memory = turn.memory();
                Ok(self.wait(memory, turn))
            }
            Event::Routed(Routed::Closed { .. }) => Ok(Next::exit("ended")),
            Event::Alarm(alarm) => match alarm.as_str() {
                TREATMENT => self.treat(turn),
                OVERFLOW => self.overflow(turn),
                MAX_WAIT => {
                    turn.dequeue();
                    Ok(Next::exit("timeout"))
                }
                _ => Ok(Next::Wait),
            },
            Event::Message(_) => self.acknowledge(turn),
            Event::Routed(Routed::WrapUpEnded { .. }) | Event::Answered(_) | Event::Returned { .. } => Ok(Next::Wait),
        }
    }

    /// Starts every deadline of a wait from now.
    fn wait(&self, mut memory: Memory, turn: &mut Turn<'_>) -> Next {
        let now = turn.now();
        turn.alarm(MAX_WAIT, self.max_wait);
        if let (Some(overflow), false) = (self.overflow, memory.overflowed) {
            turn.alarm(OVERFLOW, overflow.after.get());
        }
        memory.due = self.treatment.iter().map(|treatment| Some(now + treatment.after.get())).collect();
        next_treatment(&memory, turn);
        turn.remember(&memory);
        Next::Wait
    }

    fn treat(&self, turn: &mut Turn<'_>) -> Result<Next, Fault> {
        let now = turn.now();
        let mut memory: Memory = turn.memory();
        for (treatment, due) in self.treatment.iter().zip(&mut memory.due) {
            let Some(at) = due.filter(|at| *at <= now) else { continue };
            let is_due = treatment.when.as_ref().map_or(Ok(true), |when| turn.test(when))?;
            if is_due {
                let text = turn.render(&treatment.text)?;
                turn.say_text(text)?;
            }
            *due = treatment.repeat_every.map(|every| after(now, at, every.get()));
        }
        next_treatment(&memory, turn);
        turn.remember(&memory);
        Ok(Next::Wait)
    }

    fn overflow(&self, turn: &mut Turn<'_>) -> Result<Next, Fault> {
        let Some(overflow) = self.overflow else { return Ok(Next::Wait) };
        let skills: BTreeMap<SkillId, Level> =
            overflow.skills.iter().map(|(skill, level)| (skill.0.clone(), *level)).collect();
        if skills.is_empty() {
            let requirement = default_requirement(turn)?;
            turn.require(requirement);
        } else {
            turn.require(Requirement { skills, supervisor: false });
        }
        turn.amend();
        let memory = Memory { overflowed: true, ..turn.memory() };
        turn.remember(&memory);
        Ok(Next::Wait)
    }

    fn acknowledge(&self, turn: &mut Turn<'_>) -> Result<Next, Fault> {
        let memory: Memory = turn.memory();
        if let (Some(reply), false, true) = (self.waiting_reply, memory.acknowledged, turn.is_waiting_for_agent()) {
            let text = turn.render(reply)?;
            turn.say_text(text)?;
            turn.remember(&Memory { acknowledged: true, ..memory });
        }
        Ok(Next::Wait)
    }
}

/// Sets the alarm of the treatment that is due first.
fn next_treatment(memory: &Memory, turn: &mut Turn<'_>) {
    if let Some(at) = memory.due.iter().flatten().min() {
        turn.alarm(TREATMENT, at.since(turn.now()));
    }
}

/// The next due instant after `now` in steps of `every` from `at`: after a long outage a treatment is said once, not
/// once for each time that was missed.
fn after(now: Timestamp, at: Timestamp, every: Duration) -> Timestamp {
    let missed = now.since(at).as_millis() / every.as_millis().max(1);
    let steps = u32::try_from(missed).unwrap_or(u32::MAX).saturating_add(1);
    at + every.saturating_mul(steps)
}

/// What a contact needs for whom nothing was required: the touchpoint's default skill, at any level.
///
/// # Errors
/// The touchpoint has none.
pub fn default_requirement(turn: &Turn<'_>) -> Result<Requirement, Fault> {
    let Some(skill) = turn.default_skill() else {
        return Err(Fault::new(
            "no-default-skill",
            "nothing is required and the touchpoint has no default skill: add 'require_skills' before this node, or give the touchpoint a default skill",
            "rien n’est demandé et le point de contact n’a pas de compétence par défaut : ajoutez « require_skills » avant ce nœud, ou donnez une compétence par défaut au point de contact",
        ));
    };
    Ok(Requirement { skills: BTreeMap::from([(skill, Level::WORST)]), supervisor: false })
}

/// Makes the touchpoint's default skill the requirement when nothing stands.
///
/// # Errors
/// As for [`default_requirement`].
pub fn require_something(turn: &mut Turn<'_>) -> Result<(), Fault> {
    let standing = turn.requirement();
    if standing.skills.is_empty() && !standing.supervisor {
        let requirement = default_requirement(turn)?;
        turn.require(requirement);
    }
    Ok(())
}
