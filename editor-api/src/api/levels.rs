//! Service levels: how long contacts wait, who is served in time by each of four definitions, which promises are kept.
//! All of it is counted from the journal's facts; here it is only put into words and JSON.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use axum::extract::State;
use routewright_engine::{
    SkillId, Timestamp,
    catalogue::{Catalogue, ServiceLevelGoal},
    limits::{SERVED_WITHIN_DEFAULT, SERVICE_WINDOW},
    sla::{Definition, Of},
};
use routewright_flows::{Channel, HumanDuration, Words};
use routewright_runtime::{DocumentKind, InteractionFilter, InteractionState, ServiceFigures};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use utoipa::openapi::HttpMethod::Get;

use super::{
    change::{Reply, words_of},
    extract::{Params, Segments},
    operation::{Api, Operation},
    views::{InteractionShown, ServiceShown},
};
use crate::{door::Door, keys::Principal, problem::Problem};

/// The routes of service levels.
pub(crate) fn routes(api: Api) -> Api {
    let all = Operation::new(
        "read_service_levels",
        "service-levels",
        "Waits, service levels by four definitions and promises: in all, by channel, by queue",
    );
    let queue = Operation::new(
        "read_queue_service_levels",
        "service-levels",
        "The same for one queue, with those who wait in it and what is left of their promises",
    );
    api.add(Get, "/api/v1/service-levels", all.query::<Asked>().answers::<Levels>(200, "As of now"), levels).add(
        Get,
        "/api/v1/queues/{skill}/service-levels",
        queue.query::<Asked>().answers::<QueueLevels>(200, "As of now"),
        queue_levels,
    )
}

/// What is asked.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Asked {
    /// How far back, a day at most (`1h`); a day when absent. Counted from the quarter of an hour that it falls into.
    #[serde(default)]
    over: Option<HumanDuration>,
    /// What served in time means (`20s`); as each skill says when absent, and 20 seconds where it says nothing.
    #[serde(default)]
    within: Option<HumanDuration>,
}

impl Asked {
    fn over(self) -> Duration {
        self.over.map_or(SERVICE_WINDOW, HumanDuration::get)
    }

    fn within(self, goal: Option<ServiceLevelGoal>) -> Duration {
        let of_goal = goal.map(|goal| goal.within);
        self.within.or(of_goal).map_or(SERVED_WITHIN_DEFAULT, HumanDuration::get)
    }
}

/// The service levels of the centre.
#[derive(Debug, Serialize, JsonSchema)]
struct Levels {
    /// Of everybody.
    all: Level,
    /// By channel that had a contact.
    channels: BTreeMap<String, Level>,
    /// By skill that contacts waited for.
    queues: BTreeMap<String, Level>,
}

/// The service levels of a queue, and those who wait in it.
#[derive(Debug, Serialize, JsonSchema)]
struct QueueLevels {
    /// The skill.
    queue: String,
    /// What was counted.
    #[serde(flatten)]
    level: Level,
    /// Contacts who wait in it now, at most 100, the one whose promise is due first before the others.
    in_line: Vec<InLineShown>,
}

/// A contact who waits.
#[derive(Debug, Serialize, JsonSchema)]
struct InLineShown {
    /// Its interaction.
    interaction: String,
    /// Since when, RFC 3339.
    waiting_since: String,
    /// What was promised, and how much time is left.
    service: ServiceShown,
}

/// What was counted.
#[derive(Debug, Serialize, JsonSchema)]
struct Level {
    /// From when on, RFC 3339. A contact counts where he began to wait.
    from: String,
    /// False for a while after a start, until the journal is recounted.
    complete: bool,
    /// Seconds within which a contact is served in time.
    within_s: f64,
    /// Contacts who began to wait and wait no more.
    offered: u64,
    /// Those whom an agent took.
    served: u64,
    /// Those whom an agent took in time.
    served_in_time: u64,
    /// Those who gave up.
    abandoned: u64,
    /// Those who gave up within that time.
    abandoned_in_time: u64,
    /// Those whom the flow led elsewhere.
    moved_on: u64,
    /// Those who found no place, or a service that closes; not among the offered.
    refused: u64,
    /// Mean wait of the served, in seconds; absent when nobody was.
    #[serde(skip_serializing_if = "Option::is_none")]
    mean_wait_s: Option<f64>,
    /// The service level by each definition.
    service_levels: Vec<ServiceLevel>,
    /// The share that the skill's settings ask for, in percent.
    #[serde(skip_serializing_if = "Option::is_none")]
    goal_percent: Option<u8>,
    /// First answers that were promised.
    first_response: Judged,
    /// Ends that were promised.
    resolution: Judged,
    /// Contacts who wait now.
    waiting: u64,
    /// Those of them who wait longer than the time.
    waiting_late: u64,
    /// Seconds that the longest of them has waited.
    #[serde(skip_serializing_if = "Option::is_none")]
    longest_wait_s: Option<f64>,
}

/// One service level with its definition.
#[derive(Debug, Serialize, JsonSchema)]
struct ServiceLevel {
    /// Stable name of the definition: `offered`, `served`, `abandons-good`, `short-abandons-out`.
    definition: String,
    /// Its formula.
    formula: Words,
    /// Contacts above the line.
    counted: u64,
    /// Contacts below it.
    of: u64,
    /// The share, 0 to 1; absent when there is nobody below the line.
    #[serde(skip_serializing_if = "Option::is_none")]
    level: Option<f64>,
}

/// Promises that were judged.
#[derive(Debug, Serialize, JsonSchema)]
struct Judged {
    /// In time.
    kept: u64,
    /// Not in time.
    broken: u64,
}

async fn levels(who: Principal, State(door): State<Arc<Door>>, Params(asked): Params<Asked>) -> Result<Reply, Problem> {
    who.supervisor()?;
    let catalogue = door.runtime.catalogue(&who.tenant).unwrap_or_default();
    let now = door.now();
    let level = |of: &Of| level(&door, &who, of, &catalogue, asked, now);
    let channels = Channel::ALL.into_iter().map(|channel| (channel.to_string(), level(&Of::Channel(channel))));
    let queues = catalogue.skills.keys().map(|skill| (skill.to_string(), level(&Of::Skill(skill.clone()))));
    let busy = |(_, level): &(String, Level)| 0 < level.offered + level.refused + level.waiting;
    Ok(Reply::done(Levels {
        all: level(&Of::All),
        channels: channels.filter(busy).collect(),
        queues: queues.filter(busy).collect(),
    }))
}

async fn queue_levels(
    who: Principal,
    State(door): State<Arc<Door>>,
    Segments(skill): Segments<SkillId>,
    Params(asked): Params<Asked>,
) -> Result<Reply, Problem> {
    who.supervisor()?;
    let catalogue = door.runtime.catalogue(&who.tenant).unwrap_or_default();
    if !catalogue.skills.contains_key(&skill) {
        return Err(Problem::not_found(&words_of(DocumentKind::Skill), skill.as_str()));
    }
    let now = door.now();
    let level = level(&door, &who, &Of::Skill(skill.clone()), &catalogue, asked, now);
    let in_line = in_line(&door, &who, &skill, &catalogue, now).await?;
    Ok(Reply::done(QueueLevels { queue: skill.to_string(), level, in_line }))
}

/// Contacts shown in line at most: more than anybody reads.
const IN_LINE_MAX: usize = 100;

/// Those who wait for a skill, by what is promised to them.
async fn in_line(
    door: &Door,
    who: &Principal,
    skill: &SkillId,
    catalogue: &Catalogue,
    now: Timestamp,
) -> Result<Vec<InLineShown>, Problem> {
    let filter = InteractionFilter { state: Some(InteractionState::Waiting), ..InteractionFilter::default() };
    let page = routewright_runtime::limits::LIST_MAX;
    let (mut after, mut waiting) = (None, Vec::new());
    loop {
        let views = door.runtime.interactions(who.tenant.clone(), filter.clone(), after, page).await?;
        let Some(last) = views.last() else { break };
        after = Some(last.interaction.id);
        let was_last = views.len() < page as usize;
        let his = views
            .into_iter()
            .filter(|view| view.work.as_ref().is_some_and(|work| work.requirement.skills.contains_key(skill)));
        waiting.extend(his.map(|view| InteractionShown::of(view, catalogue, now)));
        if was_last {
            break;
        }
    }
    let due = |shown: &InteractionShown| {
        let promises = [&shown.service.first_response, &shown.service.resolution];
        promises.into_iter().flatten().filter(|promise| promise.remaining_s.is_some()).map(|p| p.due.clone()).min()
    };
    // RFC 3339 in UTC sorts as time does; those without a promise come last, by their wait.
    waiting.sort_by_cached_key(|shown| {
        let due = due(shown);
        (due.is_none(), due, shown.waiting_since.clone(), shown.id.clone())
    });
    waiting.truncate(IN_LINE_MAX);
    Ok(waiting
        .into_iter()
        .map(|shown| InLineShown {
            interaction: shown.id,
            waiting_since: shown.waiting_since.unwrap_or_default(),
            service: shown.service,
        })
        .collect())
}

fn level(door: &Door, who: &Principal, of: &Of, catalogue: &Catalogue, asked: Asked, now: Timestamp) -> Level {
    let goal = match of {
        Of::Skill(skill) => catalogue.skills.get(skill).and_then(|settings| settings.service_level),
        Of::All | Of::Channel(_) => None,
    };
    let within = asked.within(goal);
    let counted = door.runtime.service_figures(&who.tenant, of, now, asked.over(), within);
    let ServiceFigures { figures, line, from, complete } = counted;
    let service_levels = Definition::ALL.map(|definition| {
        let (counted, of) = definition.share(&figures);
        let level = ratio(counted as f64, of);
        ServiceLevel { definition: definition.code().to_owned(), formula: definition.formula(), counted, of, level }
    });
    let judged = |[kept, broken]: [u64; 2]| Judged { kept, broken };
    Level {
        from: from.to_string(),
        complete,
        within_s: within.as_secs_f64(),
        offered: figures.offered,
        served: figures.served,
        served_in_time: figures.served_in_time,
        abandoned: figures.abandoned,
        abandoned_in_time: figures.abandoned_in_time,
        moved_on: figures.moved_on,
        refused: figures.refused,
        mean_wait_s: ratio(figures.served_wait.as_secs_f64(), figures.served),
        service_levels: service_levels.into(),
        goal_percent: goal.map(|goal| goal.percent),
        first_response: judged(figures.first_response),
        resolution: judged(figures.resolution),
        waiting: line.waiting,
        waiting_late: line.late,
        longest_wait_s: line.since.map(|since| now.since(since).as_secs_f64()),
    }
}

fn ratio(part: f64, whole: u64) -> Option<f64> {
    (0 < whole).then(|| part / whole as f64)
}
