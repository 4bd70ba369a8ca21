//! A whole centre, simulated: tenants, touchpoints, the library's flows, contacts and agents with their whims, a
//! provider that repeats and reorders, and crashes at every boundary of a commit, all from one seed.
//!
//! After every input the switchboard's own invariants are checked, and the books of [`ledger`] are compared with it.
//! After a crash, what was not committed is handled again and must come out the same. At closing time nobody may be
//! left behind.
//!
//! What it deliberately does not do: it uses no runtime, no clock and no disk. Those have the kill test.

pub mod centre;
mod ledger;
mod people;
pub mod rng;
pub mod store;

use std::{collections::VecDeque, fmt, sync::Arc};

use routewright_engine::{
    InteractionId, TenantId, Timestamp,
    event::{AgentAction, ContactWrote, Input, PresenceStatus},
    script::Sandbox,
    switchboard::{Answer, Output, Switchboard, Touched},
    timers::TimerKey,
};

use self::{centre::Tenant, ledger::Ledger, people::People, rng::Rng, store::Store};

/// What to simulate.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// Decides everything.
    pub seed: u64,
    /// How many things people do.
    pub inputs: u64,
    /// Whether the shard crashes.
    pub crashes: bool,
    /// Whether desks vanish without a word. A lease is not durable, so a crash gives a vanished desk a new one: only
    /// without vanishing desks is the story the same with and without crashes.
    pub vanish: bool,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Names every fact and every effect, in order.
    pub hash: String,
    /// Inputs handled, timers included.
    pub handled: u64,
    /// Crashes survived.
    pub crashes: u64,
    /// Facts.
    pub facts: u64,
    /// Interactions opened.
    pub interactions: usize,
    /// Messages acknowledged.
    pub messages: usize,
    /// Offers made.
    pub offers: usize,
}

/// A rule that did not hold.
#[derive(Debug, Clone)]
pub struct Failure {
    options: Options,
    at: Timestamp,
    broken: String,
    last: Vec<String>,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "seed {} broke a rule at {}: {}", self.options.seed, self.at, self.broken)?;
        writeln!(f, "the last inputs were:")?;
        for line in &self.last {
            writeln!(f, "  {line}")?;
        }
        let Options { seed, inputs, crashes, vanish } = self.options;
        write!(f, "replay it with: cargo xtask sim --seed {seed} --inputs {inputs}")?;
        if !crashes {
            write!(f, " --no-crashes")?;
        }
        if !vanish {
            write!(f, " --no-vanishing")?;
        }
        Ok(())
    }
}

/// Tells one story from beginning to end.
///
/// # Errors
/// The first rule that does not hold, with the command that tells the story again.
pub fn run(options: Options) -> Result<Report, Failure> {
    let mut story = Story::new(options);
    story.tell().map_err(|broken| Failure { options, at: story.now, broken, last: story.last.into_iter().collect() })
}

struct Story {
    options: Options,
    tenants: Vec<Tenant>,
    sandbox: Arc<Sandbox>,
    board: Switchboard,
    store: Store,
    people: People,
    ledger: Ledger,
    /// When the shard crashes, and what it lets go; apart from the people, who must not notice.
    misfortune: Rng,
    now: Timestamp,
    hash: blake3::Hasher,
    handled: u64,
    crashes: u64,
    facts: u64,
    last: VecDeque<String>,
}

type Told<T = ()> = Result<T, String>;

/// 2026-01-12T08:00:00Z, a Monday.
const START: Timestamp = Timestamp(1_768_204_800_000);

/// The longest that anything in a flow of the library may wait, and some days.
const CLOSING_MS_MAX: i64 = 60 * 86_400_000;

/// Rounds in which agents work off what is left: every contact needs a few.
const CLOSING_ROUNDS_MAX: u32 = 10_000;

/// Inputs remembered for the report of a failure.
const LAST_INPUTS: usize = 24;

impl Story {
    fn new(options: Options) -> Self {
        let mut rng = Rng::new(options.seed);
        let sandbox = Arc::new(Sandbox::default());
        let tenants = centre::tenants(&mut rng, &sandbox);
        let people = People::new(Rng::new(rng.bits()), &tenants, options.vanish);
        let misfortune = Rng::new(rng.bits());
        Self {
            board: Switchboard::new(Arc::clone(&sandbox)),
            options,
            tenants,
            sandbox,
            store: Store::default(),
            people,
            ledger: Ledger::default(),
            misfortune,
            now: START,
            hash: blake3::Hasher::new(),
            handled: 0,
            crashes: 0,
            facts: 0,
            last: VecDeque::new(),
        }
    }

    fn tell(&mut self) -> Told<Report> {
        self.board = self.rebuilt()?;
        let mut acted = 0;
        while acted < self.options.inputs {
            let pause = i64::try_from(self.people.pause_ms()).unwrap_or(0);
            self.wait_until(Timestamp(self.now.0 + pause))?;
            let inputs = self.people.act();
            acted += inputs.len() as u64;
            self.round(inputs)?;
            self.leave()?;
        }
        self.close_down()?;
        Ok(Report {
            hash: self.hash.finalize().to_hex().to_string(),
            handled: self.handled,
            crashes: self.crashes,
            facts: self.facts,
            interactions: self.ledger.opened(),
            messages: self.ledger.messages(),
            offers: self.ledger.offers(),
        })
    }

    /// Time passes; timers and heartbeats come at their instants, timers first.
    fn wait_until(&mut self, target: Timestamp) -> Told {
        loop {
            let timer = self.board.next_deadline().filter(|at| *at <= target);
            let beat = self.people.next_beat().filter(|at| *at <= target);
            match (timer, beat) {
                (None, None) => break,
                (Some(timer), beat) if beat.is_none_or(|beat| timer <= beat) => {
                    self.now = self.now.max(timer);
                    self.leave()?;
                    let Some(key) = self.board.pop_due(self.now) else { continue };
                    self.round(vec![Input::TimerDue(key)])?;
                }
                (_, beat) => {
                    self.now = self.now.max(beat.unwrap_or(self.now));
                    for beat in self.people.beats(self.now) {
                        self.beat(beat)?;
                    }
                }
            }
        }
        self.now = target;
        Ok(())
    }

    /// Everybody on a version that must be left leaves it, and the index of who stands where knows of no other.
    fn leave(&mut self) -> Told {
        while let Some(input) = self.board.next_to_leave(self.now) {
            self.round(vec![input])?;
        }
        Ok(())
    }

    /// A heartbeat renews in memory only: no facts, nothing to commit.
    fn beat(&mut self, beat: Input) -> Told {
        let output = self.handle(&beat)?;
        if output.facts.is_empty() && output.effects.is_empty() && output.touched.is_empty() {
            return Ok(());
        }
        Err(format!("a heartbeat changed something: {:?} {:?}", output.facts, output.touched))
    }

    /// Handles inputs of one instant, commits them together, and lets people know. With luck without a crash.
    fn round(&mut self, inputs: Vec<Input>) -> Told {
        let crash = self.options.crashes && self.misfortune.chance(6);
        // A crash finds the group half handled, handled, or committed and not yet acknowledged.
        let survives = inputs.len() as u64 + 1;
        let crash_after = self.misfortune.below(survives + 1);
        let mut before = Vec::new();
        if crash && crash_after < survives {
            for input in inputs.iter().take(usize::try_from(crash_after).unwrap_or(0)) {
                before.push(self.handle(input)?);
            }
            self.crash()?;
        }
        let mut outputs = Vec::new();
        for input in &inputs {
            outputs.push(self.handle(input)?);
            self.board.check()?;
        }
        for ((input, first), again) in inputs.iter().zip(&before).zip(&outputs) {
            // A crash gives every desk a new lease.
            let of_lease = matches!(input, Input::TimerDue(TimerKey::Agent(..)));
            let same = of_lease
                || first.facts == again.facts && first.effects == again.effects && first.answer == again.answer;
            if !same {
                return Err(format!("after a crash it came out otherwise: {first:?}, then {again:?}"));
            }
        }
        self.commit(&inputs, &outputs)?;
        if crash && crash_after == survives {
            self.crash()?;
            for input in inputs.iter().filter(|input| may_be_repeated(input)) {
                self.repeat(input)?;
            }
        }
        for output in &outputs {
            self.people.learn(&output.facts, &output.effects);
        }
        let keep = self.misfortune.below(6);
        self.board.release(usize::try_from(keep).unwrap_or(0));
        Ok(())
    }

    fn handle(&mut self, input: &Input) -> Told<Output> {
        self.handled += 1;
        if !matches!(input, Input::Agent { action: AgentAction::Heartbeat, .. }) {
            self.remember(brief(input));
        }
        self.board.handle(input.clone(), self.now, &mut self.store).map_err(|e| e.to_string())
    }

    fn remember(&mut self, line: String) {
        if self.last.len() == LAST_INPUTS {
            self.last.pop_front();
        }
        self.last.push_back(format!("{} {line}", self.now));
    }

    fn commit(&mut self, inputs: &[Input], outputs: &[Output]) -> Told {
        let mut touched = Touched::default();
        for output in outputs {
            touched.interactions.extend(&output.touched.interactions);
            touched.works.extend(output.touched.works.iter().cloned());
            touched.agents.extend(output.touched.agents.iter().cloned());
        }
        self.store.commit(&self.board, &touched)?;
        for (input, output) in inputs.iter().zip(outputs) {
            self.ledger.enter(input, output)?;
            if let Input::Released(tenant, release) = input {
                let own = self.tenants.iter_mut().find(|t| t.id == *tenant);
                own.ok_or("a release of an unknown tenant")?.release(release);
            }
            self.note(output)?;
        }
        for id in &touched.interactions {
            self.check_row(*id)?;
        }
        self.ledger.audit(&self.board, &self.tenants)
    }

    /// No contact is lost: a row that goes on has somebody or something to wake it, and is over exactly when a fact
    /// says so.
    fn check_row(&self, id: InteractionId) -> Told {
        let row = self.store.interaction(id)?;
        if row.is_live() == self.ledger.is_over(id) {
            return Err(format!("{id} is live by its row or by the facts, and not by both"));
        }
        if row.is_live() && row.due().is_none() && row.agent.is_none() {
            return Err(format!("{id} waits for nothing and has nobody: it is lost"));
        }
        Ok(())
    }

    fn note(&mut self, output: &Output) -> Told {
        self.facts += output.facts.len() as u64;
        let line = serde_json::to_vec(&(&output.facts, &output.effects)).map_err(|e| e.to_string())?;
        self.hash.update(&line);
        Ok(())
    }

    fn crash(&mut self) -> Told {
        self.crashes += 1;
        self.remember("-- crash --".into());
        self.board = self.rebuilt()?;
        self.board.check()
    }

    /// A new switchboard from what was committed.
    fn rebuilt(&mut self) -> Told<Switchboard> {
        let mut board = Switchboard::new(Arc::clone(&self.sandbox));
        let ids: Vec<TenantId> = self.tenants.iter().map(|tenant| tenant.id.clone()).collect();
        let mut tell = |board: &mut Switchboard, input: Input| match board.handle(input, self.now, &mut self.store) {
            Ok(output) if output.facts.is_empty() => Ok(()),
            Ok(output) => Err(format!("configuring a recovering shard made facts: {:?}", output.facts)),
            Err(error) => Err(error.to_string()),
        };
        for tenant in &self.tenants {
            tell(&mut board, Input::Configured(tenant.id.clone(), Arc::clone(&tenant.catalogue)))?;
            for flow in &tenant.versions {
                tell(&mut board, Input::Published(tenant.id.clone(), Arc::clone(flow)))?;
            }
            for release in tenant.releases() {
                tell(&mut board, Input::Released(tenant.id.clone(), release))?;
            }
        }
        self.store.recover(&mut board, &ids, self.now)?;
        Ok(board)
    }

    /// The caller never heard the answer and asks again: nothing more may happen.
    fn repeat(&mut self, input: &Input) -> Told {
        let output = self.handle(input)?;
        let repeated = match (input, &output.answer) {
            (Input::ContactWrote(_), Answer::Repeated { .. } | Answer::Refused(_)) => true,
            (Input::ContactWrote(_), _) => false,
            (_, _) => true,
        };
        if repeated && output.facts.is_empty() && output.effects.is_empty() {
            return self.ledger.enter(input, &output);
        }
        Err(format!("an input that was committed happened again: {:?} {:?}", output.answer, output.facts))
    }

    /// Nobody new comes. Agents do all they have to do, timers come, and in the end everybody has left.
    fn close_down(&mut self) -> Told {
        let end = Timestamp(self.now.0 + CLOSING_MS_MAX);
        let mut rounds = 0;
        loop {
            let coming = self.people.all_agents(PresenceStatus::Available);
            self.round(coming)?;
            loop {
                let work = self.people.work_off();
                if work.is_empty() {
                    break;
                }
                rounds += 1;
                if CLOSING_ROUNDS_MAX < rounds {
                    let still: Vec<String> = work.iter().map(brief).collect();
                    return Err(format!("closing time never ends, agents still do {still:?}"));
                }
                self.round(work)?;
            }
            if self.ledger.is_quiet() {
                break;
            }
            let going = self.people.all_agents(PresenceStatus::Offline);
            self.round(going)?;
            // A recovered board asks again to leave versions that were left before; that is no deadline to come.
            self.leave()?;
            let next = self.board.next_deadline().filter(|at| *at <= end);
            let next = next.ok_or_else(|| format!("left behind: {:?}", self.ledger.live().collect::<Vec<_>>()))?;
            self.wait_until(self.now.max(next))?;
        }
        let going = self.people.all_agents(PresenceStatus::Offline);
        self.round(going)?;
        self.check_nothing_is_left()
    }

    fn check_nothing_is_left(&self) -> Told {
        let works: Vec<_> = self.store.works().collect();
        let offers: Vec<_> = self.ledger.open_offers().collect();
        let rows = self.store.interactions()?;
        let live: Vec<_> = rows.iter().filter(|row| row.is_live() || row.due().is_some()).map(|row| row.id).collect();
        if works.is_empty() && offers.is_empty() && live.is_empty() {
            return Ok(());
        }
        Err(format!("left after closing time: works {works:?}, offers {offers:?}, interactions {live:?}"))
    }
}

/// Inputs that carry what makes them recognisable: doing them twice is doing them once.
fn may_be_repeated(input: &Input) -> bool {
    match input {
        Input::ContactWrote(_) => true,
        Input::Agent { action, .. } => match action {
            AgentAction::Accept { .. } => true,
            AgentAction::Write { event_id, .. } | AgentAction::WriteOn { event_id, .. } => event_id.is_some(),
            AgentAction::SetPresence { .. }
            | AgentAction::ChooseStatus { .. }
            | AgentAction::Begin(_)
            | AgentAction::Pull
            | AgentAction::Elevate { .. }
            | AgentAction::Ban { .. }
            | AgentAction::Unban { .. }
            | AgentAction::CloseChannel { .. }
            | AgentAction::FinishChannel { .. }
            | AgentAction::Park { .. }
            | AgentAction::Resume { .. }
            | AgentAction::Transfer { .. }
            | AgentAction::Assign { .. }
            | AgentAction::Heartbeat
            | AgentAction::Decline { .. }
            | AgentAction::Close { .. }
            | AgentAction::Finish { .. } => false,
        },
        Input::ContactLeft(_)
        | Input::CallAnswered(_)
        | Input::TimerDue(_)
        | Input::Configured(..)
        | Input::Published(..)
        | Input::Released(..)
        | Input::FateReached { .. } => false,
    }
}

/// One line of an input.
fn brief(input: &Input) -> String {
    match input {
        Input::ContactWrote(wrote) => {
            let ContactWrote { from, event_id, message, .. } = wrote;
            format!("{} {} writes {event_id} {:?} {:?}", from.tenant, from.address, message.text, message.choice)
        }
        Input::ContactLeft(key) => format!("{} {} leaves", key.tenant, key.address),
        Input::Agent { tenant, agent, action } => {
            let did: String = format!("{action:?}").chars().take(120).collect();
            format!("{tenant} {agent} {did}")
        }
        Input::CallAnswered(answered) => format!("{} {} {}", answered.tenant, answered.call, answered.answer.outcome()),
        Input::TimerDue(key) => format!("timer {key:?}"),
        Input::Configured(tenant, _) => format!("{tenant} configured"),
        Input::Published(tenant, flow) => format!("{tenant} published {}", flow.version),
        Input::Released(tenant, release) => format!("{tenant} released {release:?}"),
        Input::FateReached { tenant, interaction } => format!("{tenant} {interaction} leaves its version"),
    }
}
