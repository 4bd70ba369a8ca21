//! Judges the examples of a type: by the schema, by preparing them, and by playing them.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use routewright_engine::{
    node::Registry,
    published::PublishedFlow,
    rehearsal::{Rehearsal, Troupe},
    script::Sandbox,
};
use routewright_flows::{
    Descriptor, Flavour, HumanDuration,
    descriptor::{Example, Stability},
    scenario::Scenario,
};
use serde_json::{Value, json};

use super::{
    Judge,
    silence::Said,
    world::{self, NODE, World},
};

/// Judges every example.
pub(super) fn examples(judge: &mut Judge<'_>, registry: &Registry, sandbox: &Arc<Sandbox>) {
    let descriptor = judge.descriptor;
    let Ok(validator) = jsonschema::validator_for(&descriptor.config) else { return };
    let placeholder = descriptor.stability == Stability::Placeholder;
    let mut seen = Seen::default();
    for example in &descriptor.examples {
        let title = &example.title;
        let fits = validator.is_valid(&Value::Object(example.config.clone()));
        let prepares = prepares(descriptor, example, registry, sandbox);
        match (example.valid, fits, prepares) {
            // What keeps a place is never published, so there is nothing to play.
            (true, true, _) if placeholder => {}
            (true, true, Ok(())) => seen.play(descriptor, example, registry, sandbox),
            (true, false, _) => judge.report(
                "example-schema",
                format!("its schema refuses the valid example '{}'", title.en),
                format!("son schéma refuse l’exemple valide « {} »", title.fr),
            ),
            (true, true, Err(why)) => judge.report(
                "example-refused",
                format!("the valid example '{}' cannot be prepared: {why}", title.en),
                format!("l’exemple valide « {} » ne peut être préparé : {why}", title.fr),
            ),
            (false, true, Ok(())) => judge.report(
                "example-accepted",
                format!("nothing refuses the invalid example '{}'", title.en),
                format!("rien ne refuse l’exemple invalide « {} »", title.fr),
            ),
            (false, false, _) | (false, _, Err(_)) => {}
        }
    }
    if !placeholder {
        seen.judge(judge);
    }
}

fn prepares(descriptor: &Descriptor, example: &Example, registry: &Registry, sandbox: &Sandbox) -> Result<(), String> {
    let world = &worlds(&[])[0];
    let flow = world::flow(descriptor, &example.config, world).ok_or("no flow can be made of it")?;
    PublishedFlow::prepare(Arc::new(flow), 1, registry, sandbox).map(drop).map_err(|fault| fault.to_string())
}

/// Worlds that differ in everything a node may look at, without every combination.
fn worlds(called_ends: &[String]) -> Vec<World> {
    let mut worlds = Vec::new();
    for after_conversation in [false, true] {
        for (attributes, calendar, channel, contact) in [
            ("string", "open", "whatsapp", json!({ "tier": "gold" })),
            ("integer", "closed", "sms", json!({})),
            ("boolean", "holiday", "webchat", json!({})),
        ] {
            for called_end in std::iter::once("done").chain(called_ends.iter().map(String::as_str)) {
                worlds.push(World {
                    attributes,
                    calendar,
                    channel,
                    contact: contact.clone(),
                    after_conversation,
                    called_end: called_end.to_owned(),
                });
            }
        }
    }
    worlds
}

/// What a contact may write, whatever he is asked.
const WORDS: [&str; 7] = ["1", "2", "oui", "non", "31/12/2026", "zoe@exemple.fr", "+33 6 12 34 56 78"];

/// Faults of a node that asks for more than one visit may take.
const BOUNDS: [&str; 8] = [
    "script-budget",
    "script-time",
    "script-size",
    "too-many-steps",
    "too-many-messages",
    "message-too-long",
    "attributes-too-large",
    "call-too-large",
];

/// Longer than any wait may be.
const FOR_EVER: &str = "40d";

/// The courses of events that a node is driven through; `longest` is the longest silence that it says it keeps.
fn courses(
    exits: &BTreeSet<String>,
    choices: &[String],
    after_conversation: bool,
    longest: Duration,
) -> Vec<Vec<Value>> {
    let says = |text: &str| json!({ "contact_says": text });
    let later = |length: &str| json!({ "time_passes": length });
    let ann = |step: &str| json!({ step: "ann" });
    let finishes = || json!({ "agent_finishes": { "agent": "ann" } });
    let talk = || vec![ann("agent_arrives"), says("bonjour"), ann("agent_accepts"), ann("agent_closes")];
    let with = |start: Vec<Value>, rest: Vec<Value>| -> Vec<Value> { start.into_iter().chain(rest).collect() };
    if after_conversation {
        return vec![with(talk(), vec![finishes(), later(FOR_EVER)]), with(talk(), vec![later(FOR_EVER)])];
    }
    let mut courses = vec![
        vec![says("bonjour"), later(FOR_EVER)],
        vec![says("bonjour"), json!({ "contact_leaves": {} })],
        with(vec![says("bonjour")], vec![says("zzz"); 12]),
        with(talk(), vec![finishes(), later(FOR_EVER)]),
        with(talk(), vec![later(FOR_EVER)]),
        vec![
            ann("agent_arrives"),
            says("bonjour"),
            ann("agent_declines"),
            later("1m"),
            ann("agent_goes"),
            later("1m"),
            ann("agent_arrives"),
            ann("agent_accepts"),
            ann("agent_goes"),
            says("allô ?"),
            later(FOR_EVER),
        ],
    ];
    for exit in exits {
        courses.push(vec![
            says("bonjour"),
            json!({ "outside_answers": { "body": { "exit": exit } } }),
            later(FOR_EVER),
        ]);
    }
    for answer in [
        json!({ "outside_answers": { "status": 404, "body": "unknown" } }),
        json!({ "outside_answers": { "status": 503 } }),
        json!({ "outside_fails": "timeout" }),
    ] {
        courses.push(vec![says("bonjour"), answer, later(FOR_EVER)]);
    }
    // Whoever can do something does it at the last moment, again and again.
    let last_moment = HumanDuration::from(longest.saturating_sub(Duration::from_millis(1)));
    for move_on in [says("zzz"), says("1"), ann("agent_arrives"), json!({ "outside_answers": { "status": 503 } })] {
        let again = || [later(&last_moment.to_string()), move_on.clone()];
        courses.push(with(
            vec![says("bonjour")],
            [again(), again(), again()].concat().into_iter().chain([later(FOR_EVER)]).collect(),
        ));
    }
    courses.extend(WORDS.iter().map(|word| vec![says("bonjour"), says(word), later(FOR_EVER)]));
    courses.extend(choices.iter().map(|id| vec![says("bonjour"), json!({ "contact_chooses": id }), later(FOR_EVER)]));
    courses
}

/// What was seen of a type over all its examples.
#[derive(Debug, Default)]
struct Seen {
    /// Exits declared and not yet taken; those that every node of the type has are taken by any example.
    untaken: BTreeSet<String>,
    taken: BTreeSet<String>,
    waited: bool,
    /// It waited through a flow that it called; the world's called flows end at once.
    called: bool,
    ended_at_once: bool,
    /// It does not say how long contacts stay.
    stay_unsaid: bool,
    went_on_at_once: bool,
    /// Transcripts of what must not happen, by code.
    wrong: Vec<(&'static str, String)>,
}

impl Seen {
    fn play(&mut self, descriptor: &Descriptor, example: &Example, registry: &Registry, sandbox: &Arc<Sandbox>) {
        let config = &example.config;
        let named: Vec<String> =
            descriptor.exits.named_in(config).into_iter().map(|exit| exit.name.to_owned()).collect();
        let exits: BTreeSet<String> = world::exits(descriptor, config).into_iter().collect();
        self.untaken.extend(exits.iter().cloned());
        let said = Said::by(descriptor, config, registry);
        self.stay_unsaid |= said.is_none();
        let longest = said.as_ref().map(Said::longest).unwrap_or_default();
        for world in worlds(&named) {
            let Some(flow) = world::flow(descriptor, config, &world) else { continue };
            let called: Vec<_> = world::called_flows(descriptor, config, &world).into_iter().map(Arc::new).collect();
            let Ok(troupe) = Troupe::new(&Arc::new(flow), &called, registry, sandbox) else { continue };
            for course in courses(&exits, &named, world.after_conversation, longest) {
                let scenario = scenario(descriptor, example, &world, &course);
                let (rehearsal, moments) = troupe.watch(&scenario);
                if rehearsal != troupe.play(&scenario) {
                    self.wrong.push(("not-deterministic", rehearsal.transcript.clone()));
                }
                self.look(&rehearsal, &scenario, &world);
                if let Some(why) = said.as_ref().and_then(|said| said.broken(&moments)) {
                    self.wrong.push(("stays-longer", format!("{why}\n{}", rehearsal.transcript)));
                }
            }
        }
    }

    fn look(&mut self, rehearsal: &Rehearsal, scenario: &Scenario, world: &World) {
        let own = rehearsal.exits.iter().filter(|(node, _)| node.as_str() == NODE);
        self.taken.extend(own.map(|(_, exit)| exit.to_string()));
        let transcript = &rehearsal.transcript;
        for (sign, code) in [
            ("code=unwired-exit", "undeclared-exit"),
            ("last_resort_taken", "fault-without-way"),
            ("code=bad-memory", "bad-memory"),
        ] {
            if transcript.contains(sign) {
                self.wrong.push((code, transcript.clone()));
            }
        }
        if BOUNDS.iter().any(|code| transcript.contains(&format!("code={code} "))) {
            self.wrong.push(("over-budget", transcript.clone()));
        }
        let holds = |step: usize| !rehearsal.failures.iter().any(|failure| failure.step == Some(step));
        let last = scenario.steps.len() - 1;
        let waits: Vec<bool> = (1..last).step_by(2).map(holds).collect();
        self.waited |= waits.contains(&true);
        if !world.after_conversation && holds(last) {
            self.wrong.push(("no-deadline", transcript.clone()));
        }
        self.called |= transcript.contains("subflow_called");
        if transcript.contains("interaction_ended") {
            let left = rehearsal.exits.iter().any(|(node, _)| node.as_str() == NODE);
            self.ended_at_once |= !left && !waits.contains(&true);
            self.went_on_at_once |= left && !waits.contains(&true);
        }
    }

    fn judge(self, judge: &mut Judge<'_>) {
        for exit in self.untaken.difference(&self.taken).filter(|exit| *exit != "error") {
            judge.report(
                "exit-never-taken",
                format!("no example ever leaves by its exit '{exit}': add one that does, or drop the exit"),
                format!("aucun exemple ne sort par sa sortie « {exit} » : ajoutez-en un, ou retirez la sortie"),
            );
        }
        if self.stay_unsaid {
            judge.report(
                "stay-unsaid",
                "it waits and does not say how long contacts stay: write `stay`",
                "il attend et ne dit pas combien de temps les contacts y restent : écrivez `stay`",
            );
        }
        match judge.descriptor.flavour {
            Flavour::Instant if self.waited => {
                judge.report("waits", "it is instant and waits", "il est instantané et attend")
            }
            Flavour::Terminal if self.waited || self.went_on_at_once || !self.ended_at_once => {
                judge.report(
                    "does-not-end",
                    "it is terminal and does not always end",
                    "il est terminal et ne termine pas toujours",
                );
            }
            Flavour::Waiting if !self.waited && !self.called => {
                judge.report("never-waits", "it may wait and never does", "il peut attendre et n’attend jamais");
            }
            Flavour::Instant | Flavour::Waiting | Flavour::Terminal => {}
        }
        let mut reported = BTreeSet::new();
        for (code, transcript) in self.wrong {
            if reported.insert(code) {
                judge.report(
                    code,
                    format!("in this course of events:\n{transcript}"),
                    format!("dans ce cours des choses :\n{transcript}"),
                );
            }
        }
    }
}

/// The course as a scenario: after each step, is the interaction at the node? And at the end, did nothing but the
/// engine's own last deadline move it?
fn scenario(descriptor: &Descriptor, example: &Example, world: &World, course: &[Value]) -> Scenario {
    let asked = course.iter().flat_map(|step| [step.clone(), json!({ "expect": { "at": NODE } })]);
    let steps: Vec<Value> = asked.chain([json!({ "expect": { "ended": "expired" } })]).collect();
    let scenario = json!({
        "name": format!("{} ({})", descriptor.kind, example.title.en),
        "channel": world.channel,
        "contact": world.contact,
        "given": world::given(descriptor, &example.config, world),
        "steps": steps,
    });
    serde_json::from_value(scenario).expect("the scenario above has the right shape")
}
