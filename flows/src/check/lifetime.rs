//! The lifetime bound: what nodes say of their waits, put together over every way through a flow and the flows it calls.
//!
//! A flow's vertices are its nodes, each before and after the error handler was taken, which happens once; and where a
//! silence ends: at a word, at an end, at a fault that nothing in the flow takes, at another flow for good. A flow that
//! is called is summed up once, by where its silences end, and then stands in the net of its caller like a wait. Flows
//! that hand contacts to each other for good make a net of their own.
//!
//! Any node may fail, and what is to be said fails with it; so a word is never counted on where a fault may come instead.

use std::{
    collections::{BTreeMap, BTreeSet},
    rc::Rc,
    time::Duration,
};

use super::{
    checker::CheckedKind,
    codes::Code,
    silence::{Legs, Net, Trail, Way, longer_of},
    sink::Sink,
    world::World,
};
use crate::{
    descriptor::{ExitRole, Flavour},
    document::{FlowDocument, Handler, NodeDocument, Target},
    lifetime::{Lifetime, Place, Wait},
    name::{ExitName, FlowId, Kind, NodeId},
    stay::{AnswerTimes, Leaving, Stay, Waits},
    words::Words,
};

/// The exit of a node that could not do its work.
const ERROR: &str = "error";
/// The exit by which a node leaves that lists no exit for the end of the flow it called.
const DONE: &str = "done";

/// The longest silence of a flow without errors, among the flows that it calls. A circle of its own in which nobody hears
/// anything is a finding too.
pub(super) fn check(world: &World<'_>, among: &BTreeMap<&str, &FlowDocument>, sink: &mut Sink<'_>) -> Lifetime {
    let document = world.document;
    let mut ground = Ground {
        world,
        among,
        legs: Legs::new(),
        summed: BTreeMap::new(),
        unknown_flows: BTreeSet::new(),
        unknown_kinds: BTreeSet::new(),
    };
    let lifetime = ground.lifetime(document);
    if let Lifetime::Endless { nodes } = &lifetime {
        let own: Vec<&NodeId> = nodes.iter().filter(|p| p.flow == document.id).map(|place| &place.node).collect();
        if let Some(first) = own.first() {
            let message = Words::new(
                format!("{}; nothing is said on the way round", lifetime.words().en),
                format!("{} ; rien n’est dit en chemin", lifetime.words().fr),
            );
            sink.key(Code::EndlessSilence, &format!("/nodes/{first}"), message);
        }
    }
    lifetime
}

/// A wait as trails carry it.
type Here<'a> = (&'a FlowId, &'a NodeId, Option<&'a str>, u64);

/// Where a silence that leaves a flow ends.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Outcome<'a> {
    /// At a word.
    Word,
    /// At a fault that nothing in the flow takes.
    Fault,
    /// At an end by this name; without one at a node that ends the flow by a name of its own.
    End(Option<&'a ExitName>),
    /// In another flow.
    Gone(String),
}

/// A flow as the one that calls it sees it: a leaving for each way out; words are the first it says.
#[derive(Debug)]
struct Summary<'a> {
    between: Option<Trail>,
    outcomes: BTreeMap<Outcome<'a>, Leave>,
}

/// [`Leaving`] with what it is made of.
#[derive(Debug, Clone, Copy, Default)]
struct Leave {
    quiet: Option<Trail>,
    after: Option<Trail>,
}

impl Leave {
    fn longer(self, other: Self) -> Self {
        Self { quiet: longer_of(self.quiet, other.quiet), after: longer_of(self.after, other.after) }
    }
}

/// Why a flow has no longest silence.
#[derive(Debug, Clone)]
struct Endless(Vec<Place>);

type Summed<'a> = Option<Result<Rc<Summary<'a>>, Endless>>;

struct Ground<'a> {
    /// The flow that is checked.
    world: &'a World<'a>,
    /// It and every flow that may be called.
    among: &'a BTreeMap<&'a str, &'a FlowDocument>,
    legs: Legs<Here<'a>>,
    /// Flows that were summed up; `None` while one is.
    summed: BTreeMap<&'a str, Summed<'a>>,
    unknown_flows: BTreeSet<String>,
    unknown_kinds: BTreeSet<Kind>,
}

/// The net of one flow.
struct Floor<'a> {
    document: &'a FlowDocument,
    nodes: Vec<(&'a NodeId, &'a NodeDocument)>,
    net: Net,
    /// The longest between two words at each vertex.
    between: Vec<Option<Trail>>,
    outcomes: BTreeMap<Outcome<'a>, usize>,
    start: usize,
}

impl<'a> Ground<'a> {
    fn lifetime(&mut self, document: &'a FlowDocument) -> Lifetime {
        let found = self.longest(document);
        match found {
            Err(Endless(nodes)) => Lifetime::Endless { nodes },
            Ok(_) if !(self.unknown_flows.is_empty() && self.unknown_kinds.is_empty()) => Lifetime::Unknown {
                flows: std::mem::take(&mut self.unknown_flows).into_iter().collect(),
                kinds: std::mem::take(&mut self.unknown_kinds).into_iter().collect(),
            },
            Ok(trail) => {
                let waits = self.legs.waits(trail).into_iter().map(|((flow, node, exit, length_ms), times)| Wait {
                    flow: flow.clone(),
                    node: node.clone(),
                    exit: exit.and_then(|exit| ExitName::new(exit).ok()),
                    length_ms,
                    times,
                });
                Lifetime::AtMost { longest_ms: trail.length, waits: waits.collect() }
            }
        }
    }

    fn longest(&mut self, document: &'a FlowDocument) -> Result<Trail, Endless> {
        let floor = self.floor(document)?;
        if !floor.outcomes.keys().any(|outcome| matches!(outcome, Outcome::Gone(_))) {
            return Ok(self.over(&floor.net, floor.start, &floor.between, floor.outcomes.values().copied()));
        }
        self.among_flows(document)
    }

    /// The longest silence of a net from its start on.
    fn over(
        &mut self,
        net: &Net,
        start: usize,
        between: &[Option<Trail>],
        goals: impl Iterator<Item = usize>,
    ) -> Trail {
        let goals: Vec<(usize, Trail)> = goals.map(|goal| (goal, Trail::NONE)).collect();
        let best = net.longest(&mut self.legs, &goals);
        let begun = self.begun(net, &best);
        let gap = between.iter().copied().fold(None, longer_of);
        longer_of(longer_of(best[start], begun), gap).unwrap_or(Trail::NONE)
    }

    /// The longest silence that begins behind a word.
    fn begun(&mut self, net: &Net, best: &[Option<Trail>]) -> Option<Trail> {
        let ways = net.ways.iter().flatten();
        let begun = ways.filter_map(|way| Some((way.after?, best[way.to]?)));
        let longest = begun.reduce(|one, other| {
            let length = |(after, on): (Trail, Trail)| after.length.saturating_add(on.length);
            if length(one) < length(other) { other } else { one }
        });
        longest.map(|(after, on)| self.legs.both(after, on))
    }

    /// The same over flows that hand contacts to each other, each summed up.
    fn among_flows(&mut self, first: &'a FlowDocument) -> Result<Trail, Endless> {
        let mut spots: BTreeMap<&'a str, usize> = BTreeMap::from([(first.id.as_str(), 0)]);
        let mut flows = vec![first];
        let mut summaries = Vec::new();
        while let Some(document) = flows.get(summaries.len()).copied() {
            let summary = self.summary(document.id.as_str(), document)?;
            for outcome in summary.iter().flat_map(|summary| summary.outcomes.keys()) {
                let Outcome::Gone(flow) = outcome else { continue };
                match self.known(flow) {
                    Some(next) if !spots.contains_key(next.id.as_str()) => {
                        spots.insert(next.id.as_str(), flows.len());
                        flows.push(next);
                    }
                    Some(_) | None => {}
                }
            }
            summaries.push(summary);
        }
        let goal = flows.len();
        let mut net = Net::of(goal + 1);
        let mut between = Vec::new();
        for (index, summary) in summaries.iter().enumerate() {
            let Some(summary) = summary else { continue };
            between.push(summary.between);
            for (outcome, leave) in &summary.outcomes {
                let to = match outcome {
                    Outcome::Gone(flow) => spots.get(flow.as_str()).copied().unwrap_or(goal),
                    Outcome::Word | Outcome::Fault | Outcome::End(_) => goal,
                };
                net.ways[index].push(Way { to, quiet: leave.quiet, after: leave.after, counted: false });
            }
        }
        if let Some(circle) = net.endless() {
            let mut nodes: Vec<Place> = circle
                .into_iter()
                .filter_map(|spot| flows.get(spot))
                .map(|flow| Place { flow: flow.id.clone(), node: flow.entry.clone() })
                .collect();
            nodes.sort();
            return Err(Endless(nodes));
        }
        Ok(self.over(&net, 0, &between, [goal].into_iter()))
    }

    /// The flow of that name; one that was not given is remembered as unknown.
    fn known(&mut self, flow: &str) -> Option<&'a FlowDocument> {
        let found = self.among.get(flow).copied();
        if found.is_none() {
            self.unknown_flows.insert(flow.to_owned());
        }
        found
    }

    /// A flow summed up, once; `None` for one that calls itself, which is another finding.
    fn summary(&mut self, id: &'a str, document: &'a FlowDocument) -> Result<Option<Rc<Summary<'a>>>, Endless> {
        if let Some(earlier) = self.summed.get(id) {
            return match earlier {
                None => Ok(None),
                Some(Ok(summary)) => Ok(Some(Rc::clone(summary))),
                Some(Err(endless)) => Err(endless.clone()),
            };
        }
        self.summed.insert(id, None);
        let summed = self.sum_up(document).map(Rc::new);
        self.summed.insert(id, Some(summed.clone()));
        summed.map(Some)
    }

    fn sum_up(&mut self, document: &'a FlowDocument) -> Result<Summary<'a>, Endless> {
        let floor = self.floor(document)?;
        let mut between = floor.between.iter().copied().fold(None, longer_of);
        let mut outcomes = BTreeMap::new();
        for (outcome, goal) in &floor.outcomes {
            let best = floor.net.longest(&mut self.legs, &[(*goal, Trail::NONE)]);
            let after = self.begun(&floor.net, &best);
            if *outcome == Outcome::Word {
                between = longer_of(between, after);
                outcomes.insert(outcome.clone(), Leave { quiet: best[floor.start], after: None });
            } else {
                outcomes.insert(outcome.clone(), Leave { quiet: best[floor.start], after });
            }
        }
        Ok(Summary { between, outcomes })
    }

    /// The net of a flow, of what can be come to from its entry.
    fn floor(&mut self, document: &'a FlowDocument) -> Result<Floor<'a>, Endless> {
        let nodes: Vec<_> = document.nodes.iter().collect();
        let vertices = 2 * nodes.len();
        let (net, between) = (Net::of(vertices), vec![None; vertices]);
        let mut floor = Floor { document, nodes, net, between, outcomes: BTreeMap::new(), start: 0 };
        floor.start = match floor.vertex(&document.entry, false) {
            Some(start) => start,
            None => floor.outcome(Outcome::Fault),
        };
        let times = self.world.names.answer_times(&document.channels);
        let (mut seen, mut open) = (vec![false; vertices], vec![floor.start]);
        while let Some(vertex) = open.pop() {
            if vertices <= vertex || std::mem::replace(&mut seen[vertex], true) {
                continue;
            }
            self.node(&mut floor, vertex, times)?;
            open.extend(floor.net.ways[vertex].iter().map(|way| way.to));
        }
        match floor.net.endless() {
            None => Ok(floor),
            Some(circle) => {
                let place = |vertex: usize| {
                    let (node, _) = floor.nodes.get(vertex / 2)?;
                    Some(Place { flow: document.id.clone(), node: (*node).clone() })
                };
                let nodes: BTreeSet<Place> = circle.into_iter().filter_map(place).collect();
                Err(Endless(nodes.into_iter().collect()))
            }
        }
    }

    /// Adds the ways that leave a node.
    fn node(&mut self, floor: &mut Floor<'a>, vertex: usize, times: AnswerTimes) -> Result<(), Endless> {
        let (id, node) = floor.nodes[vertex / 2];
        let handled = vertex % 2 == 1;
        let Some(kind) = self.world.kinds.get(node.kind.as_str()) else {
            self.unknown_kinds.insert(node.kind.clone());
            return Ok(());
        };
        let said = if std::ptr::eq(floor.document, self.world.document) {
            self.world.nodes[vertex / 2].reading.as_ref().ok().and_then(|reading| reading.stay.clone())
        } else {
            stay(kind, node, times)
        };
        let stay = said.unwrap_or_else(|| match kind.descriptor.flavour {
            Flavour::Instant | Flavour::Terminal => Stay::Own(Waits::passing()),
            Flavour::Waiting => {
                self.unknown_kinds.insert(node.kind.clone());
                Stay::Own(Waits::passing())
            }
        });
        let exits: BTreeSet<&'a str> = node
            .exits
            .keys()
            .map(ExitName::as_str)
            .chain(kind.descriptor.exits.fixed.iter().filter(|e| e.exists_in(&node.config)).map(|e| e.name.as_str()))
            .filter(|exit| *exit != ERROR)
            .collect();
        let here = |exit| (&floor.document.id, id, exit);
        match stay {
            Stay::Own(waits) => self.own(floor, vertex, &waits, &exits, kind),
            Stay::Beside(waits, flow) => {
                self.own(floor, vertex, &waits, &exits, kind);
                let mut gone = BTreeSet::new();
                self.gone(flow.as_str(), &mut gone, &mut BTreeSet::new());
                let leave = self.leave(here(None), waits.otherwise);
                for flow in gone {
                    let to = floor.outcome(Outcome::Gone(flow));
                    floor.add(vertex, to, leave, false);
                }
            }
            Stay::Gone(flow) => {
                self.fault(floor, vertex, here(None), Leaving::quiet(Duration::ZERO), handled);
                if self.known(flow.as_str()).is_some() {
                    let to = floor.outcome(Outcome::Gone(flow.to_string()));
                    floor.add(vertex, to, Leave { quiet: Some(Trail::NONE), after: None }, false);
                }
            }
            Stay::Called(flow) => {
                self.fault(floor, vertex, here(None), Leaving::quiet(Duration::ZERO), handled);
                let Some(callee) = self.known(flow.as_str()) else { return Ok(()) };
                let Some(summary) = self.summary(callee.id.as_str(), callee)? else { return Ok(()) };
                self.called(floor, vertex, &summary, &exits);
            }
        }
        Ok(())
    }

    /// A node that waits by itself.
    fn own(
        &mut self,
        floor: &mut Floor<'a>,
        vertex: usize,
        waits: &Waits,
        exits: &BTreeSet<&'a str>,
        kind: &CheckedKind,
    ) {
        let (id, node) = floor.nodes[vertex / 2];
        let handled = vertex % 2 == 1;
        let flow = &floor.document.id;
        floor.between[vertex] = waits.between.map(|length| self.wait((flow, id, None), length));
        if let Some(first) = waits.first {
            let (to, first) = (floor.outcome(Outcome::Word), self.wait((flow, id, None), first));
            floor.add(vertex, to, Leave { quiet: Some(first), after: None }, false);
        }
        floor.net.rounds[vertex] = waits.rounds.map_or(0, u64::from);
        for exit in exits {
            let leave = self.leave((flow, id, Some(*exit)), waits.leaving(exit));
            let counted = waits.rounds.is_some() && kind.descriptor.exits.role(exit) == ExitRole::Repeat;
            let to = floor.behind(node, exit, handled);
            floor.add(vertex, to, leave, counted);
        }
        self.fault(floor, vertex, (flow, id, None), waits.fault, handled);
        if kind.descriptor.flavour == Flavour::Terminal {
            let (to, leave) = (floor.outcome(Outcome::End(None)), self.leave((flow, id, None), waits.otherwise));
            floor.add(vertex, to, leave, false);
        }
    }

    /// A node that waits while a flow runs.
    fn called(&mut self, floor: &mut Floor<'a>, vertex: usize, summary: &Summary<'a>, exits: &BTreeSet<&'a str>) {
        let (_, node) = floor.nodes[vertex / 2];
        let handled = vertex % 2 == 1;
        floor.between[vertex] = summary.between;
        for (outcome, leave) in &summary.outcomes {
            match outcome {
                Outcome::Word | Outcome::Gone(_) => {
                    let to = floor.outcome(outcome.clone());
                    floor.add(vertex, to, *leave, false);
                }
                Outcome::Fault => {
                    let to = floor.fault_of(node, handled);
                    floor.add(vertex, to, *leave, false);
                }
                Outcome::End(Some(end)) => {
                    let exit = if node.exits.contains_key(*end) { end.as_str() } else { DONE };
                    let to = floor.behind(node, exit, handled);
                    floor.add(vertex, to, *leave, false);
                }
                Outcome::End(None) => {
                    for exit in exits {
                        let to = floor.behind(node, exit, handled);
                        floor.add(vertex, to, *leave, false);
                    }
                }
            }
        }
    }

    /// The way of a fault.
    fn fault(
        &mut self,
        floor: &mut Floor<'a>,
        vertex: usize,
        (flow, id, _): (&'a FlowId, &'a NodeId, Option<&'a str>),
        leaving: Leaving,
        handled: bool,
    ) {
        let (_, node) = floor.nodes[vertex / 2];
        let to = floor.fault_of(node, handled);
        let exit = node.exits.contains_key(ERROR).then_some(ERROR);
        let leave = self.leave((flow, id, exit), leaving);
        floor.add(vertex, to, leave, false);
    }

    fn leave(&mut self, here: (&'a FlowId, &'a NodeId, Option<&'a str>), leaving: Leaving) -> Leave {
        let mut trail = |length: Option<Duration>| length.map(|length| self.wait(here, length));
        Leave { quiet: trail(leaving.quiet), after: trail(leaving.after) }
    }

    fn wait(&mut self, (flow, node, exit): (&'a FlowId, &'a NodeId, Option<&'a str>), length: Duration) -> Trail {
        let length = u64::try_from(length.as_millis()).unwrap_or(u64::MAX);
        self.legs.wait((flow, node, exit, length), length)
    }

    /// The flows to which a flow may hand a contact, by itself or by way of those it calls.
    fn gone(&mut self, flow: &str, found: &mut BTreeSet<String>, seen: &mut BTreeSet<String>) {
        if !seen.insert(flow.to_owned()) {
            return;
        }
        let Some(document) = self.known(flow) else { return };
        for node in document.nodes.values() {
            let Some(kind) = self.world.kinds.get(node.kind.as_str()) else { continue };
            match stay(kind, node, AnswerTimes::default()) {
                Some(Stay::Gone(flow)) => {
                    if self.known(flow.as_str()).is_some() {
                        found.insert(flow.to_string());
                    }
                }
                Some(Stay::Called(flow) | Stay::Beside(_, flow)) => self.gone(flow.as_str(), found, seen),
                Some(Stay::Own(_)) | None => {}
            }
        }
    }
}

/// What a node of another flow says of its waits.
fn stay(kind: &CheckedKind, node: &NodeDocument, times: AnswerTimes) -> Option<Stay> {
    kind.reader.as_ref()?.read(node.config.clone(), times).ok()?.stay
}

impl<'a> Floor<'a> {
    fn vertex(&self, node: &NodeId, handled: bool) -> Option<usize> {
        let index = self.nodes.binary_search_by(|(id, _)| (*id).cmp(node)).ok()?;
        Some(2 * index + usize::from(handled))
    }

    /// The vertex of an outcome.
    fn outcome(&mut self, outcome: Outcome<'a>) -> usize {
        let Self { net, between, outcomes, .. } = self;
        *outcomes.entry(outcome).or_insert_with(|| {
            net.ways.push(Vec::new());
            net.rounds.push(0);
            between.push(None);
            net.ways.len() - 1
        })
    }

    fn add(&mut self, from: usize, to: usize, Leave { quiet, after }: Leave, counted: bool) {
        if quiet.is_none() && after.is_none() {
            return;
        }
        // Exits that lead to one target are one way, unless a loop counts some of them.
        let ways = &mut self.net.ways[from];
        match ways.iter_mut().find(|way| way.to == to && way.counted == counted) {
            Some(way) => {
                let leave = Leave { quiet: way.quiet, after: way.after }.longer(Leave { quiet, after });
                (way.quiet, way.after) = (leave.quiet, leave.after);
            }
            None => ways.push(Way { to, quiet, after, counted }),
        }
    }

    /// Where an exit leads; one that is not wired is a fault.
    fn behind(&mut self, node: &'a NodeDocument, exit: &str, handled: bool) -> usize {
        match node.exits.get(exit) {
            Some(target) => self.at(target, handled),
            None => self.fault_of(node, handled),
        }
    }

    fn fault_of(&mut self, node: &'a NodeDocument, handled: bool) -> usize {
        match node.exits.get(ERROR) {
            Some(target) => self.at(target, handled),
            None => self.handler(handled),
        }
    }

    fn at(&mut self, target: &'a Target, handled: bool) -> usize {
        match target {
            Target::Node(id) => match self.vertex(id, handled) {
                Some(vertex) => vertex,
                None => self.outcome(Outcome::Fault),
            },
            Target::End(end) => self.outcome(Outcome::End(Some(&end.end))),
            Target::Handler(handler) => match handler.handler {
                Handler::Error => self.handler(handled),
                Handler::Disconnect => {
                    let node = self.document.handlers.node(Handler::Disconnect);
                    match node.and_then(|id| self.vertex(id, handled)) {
                        Some(vertex) => vertex,
                        None => self.outcome(Outcome::End(None)),
                    }
                }
            },
        }
    }

    /// The error handler, once; then whoever called this flow must see.
    fn handler(&mut self, handled: bool) -> usize {
        let node = self.document.handlers.node(Handler::Error).filter(|_| !handled);
        match node.and_then(|id| self.vertex(id, true)) {
            Some(vertex) => vertex,
            None => self.outcome(Outcome::Fault),
        }
    }
}
