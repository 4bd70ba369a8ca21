//! The longest way through a net of silences: vertices where contacts are, ways between them with the time that passes
//! on each without a word.
//!
//! Ways that no loop counts make no circle in which time passes: such a net is [endless](Net::endless), and nothing else
//! is asked of it. What is left are circles by counted ways. Of the loops of such a circle one comes last: what follows
//! its last round leads out of the circle for good. So the longest way is the way to it, its rounds, each as long as the
//! longest way round, and the way out; and without its counted ways, the circle falls into smaller ones. Where every
//! round can be gone the longest way, the bound is exact; it is never too short.
//!
//! What it deliberately does not do: it knows neither nodes nor flows.

use std::collections::BTreeSet;

use petgraph::{
    algo::kosaraju_scc,
    graph::{DiGraph, NodeIndex},
};

use crate::limits::LOOPS_NESTED_MAX;

/// A length of silence, and what it is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Trail {
    /// Milliseconds.
    pub(super) length: u64,
    /// None for no time at all.
    leg: Option<usize>,
}

impl Trail {
    pub(super) const NONE: Self = Self { length: 0, leg: None };
}

/// What trails are made of: each part of parts that were made before it.
#[derive(Debug)]
pub(super) struct Legs<W> {
    legs: Vec<Leg<W>>,
}

#[derive(Debug)]
enum Leg<W> {
    Wait(W),
    Both(usize, usize),
    Times(u64, usize),
}

impl<W: Copy> Legs<W> {
    pub(super) fn new() -> Self {
        Self { legs: Vec::new() }
    }

    /// One wait.
    pub(super) fn wait(&mut self, wait: W, length: u64) -> Trail {
        if length == 0 { Trail::NONE } else { self.made(length, Leg::Wait(wait)) }
    }

    /// One trail after another.
    pub(super) fn both(&mut self, first: Trail, then: Trail) -> Trail {
        match (first.leg, then.leg) {
            (None, _) => then,
            (_, None) => first,
            (Some(one), Some(other)) => self.made(first.length.saturating_add(then.length), Leg::Both(one, other)),
        }
    }

    /// The same trail several times.
    fn times(&mut self, times: u64, trail: Trail) -> Trail {
        match (times, trail.leg) {
            (0, _) | (_, None) => Trail::NONE,
            (1, Some(_)) => trail,
            (_, Some(leg)) => self.made(trail.length.saturating_mul(times), Leg::Times(times, leg)),
        }
    }

    fn made(&mut self, length: u64, leg: Leg<W>) -> Trail {
        self.legs.push(leg);
        Trail { length, leg: Some(self.legs.len() - 1) }
    }

    /// The waits of a trail in the order in which they first come, each with how often it does.
    pub(super) fn waits(&self, trail: Trail) -> Vec<(W, u64)> {
        let Some(root) = trail.leg else { return Vec::new() };
        let mut times = vec![0_u64; root + 1];
        times[root] = 1;
        // Parts were made before what is made of them.
        for index in (0..=root).rev() {
            let here = times[index];
            let (parts, each): (&[usize], u64) = match &self.legs[index] {
                Leg::Wait(_) => (&[], 1),
                Leg::Both(first, then) => (&[*first, *then], 1),
                Leg::Times(each, part) => (&[*part], *each),
            };
            for part in parts {
                times[*part] = times[*part].saturating_add(here.saturating_mul(each));
            }
        }
        let (mut waits, mut seen, mut open) = (Vec::new(), vec![false; root + 1], vec![root]);
        while let Some(index) = open.pop() {
            if std::mem::replace(&mut seen[index], true) {
                continue;
            }
            match &self.legs[index] {
                Leg::Wait(wait) => waits.push((*wait, times[index])),
                Leg::Both(first, then) => open.extend([*then, *first]),
                Leg::Times(_, part) => open.push(*part),
            }
        }
        waits
    }
}

/// A way from one vertex to another.
#[derive(Debug, Clone, Copy)]
pub(super) struct Way {
    pub(super) to: usize,
    /// The time of going it without a word; `None` where something is always said.
    pub(super) quiet: Option<Trail>,
    /// The time since the last word on coming to its end; `None` where nothing is ever said.
    pub(super) after: Option<Trail>,
    /// True when a loop counts how often it is gone.
    pub(super) counted: bool,
}

/// Vertices with the ways that leave them. One without any is where a silence ends.
#[derive(Debug, Default)]
pub(super) struct Net {
    pub(super) ways: Vec<Vec<Way>>,
    /// How many times in a row the counted ways of a vertex are gone.
    pub(super) rounds: Vec<u64>,
}

impl Net {
    /// A net of so many vertices without ways.
    pub(super) fn of(vertices: usize) -> Self {
        Self { ways: vec![Vec::new(); vertices], rounds: vec![0; vertices] }
    }

    /// Some vertices between which time may pass for ever without a word.
    pub(super) fn endless(&self) -> Option<Vec<usize>> {
        let all: Vec<usize> = (0..self.ways.len()).collect();
        let mut spots = Spots::of(self);
        let whole = spots.parts(&all, |_, _| true);
        let mut part_of = vec![0; self.ways.len()];
        for (number, part) in whole.iter().enumerate() {
            part.iter().for_each(|vertex| part_of[*vertex] = number);
        }
        let mut takes_time = vec![false; whole.len()];
        for from in &all {
            let inside = self.ways[*from].iter().filter(|way| part_of[way.to] == part_of[*from]);
            takes_time[part_of[*from]] |= inside.filter_map(|way| way.quiet).any(|quiet| 0 < quiet.length);
        }
        for part in spots.parts(&all, |_, way| !way.counted) {
            let number = part_of[part[0]];
            if !takes_time[number] {
                continue;
            }
            let members: BTreeSet<usize> = part.iter().copied().collect();
            let ways = || part.iter().flat_map(|from| self.ways[*from].iter().map(move |way| (*from, way)));
            let free = || ways().filter(|(_, way)| !way.counted && way.quiet.is_some() && members.contains(&way.to));
            let is_circle = free().next().is_some();
            let passes_time = free().any(|(_, way)| way.quiet.is_some_and(|quiet| 0 < quiet.length));
            // A free circle that touches a loop begins it anew as often as it likes.
            let counts = ways().any(|(_, way)| way.counted && way.quiet.is_some() && part_of[way.to] == number);
            if passes_time || is_circle && counts {
                return Some(if passes_time { part } else { whole[number].clone() });
            }
        }
        None
    }

    /// From every vertex the longest silence until a goal, which adds what it is given; `None` where none is reached
    /// without a word. The net must not be endless.
    pub(super) fn longest<W: Copy>(&self, legs: &mut Legs<W>, goals: &[(usize, Trail)]) -> Vec<Option<Trail>> {
        let mut best = vec![None; self.ways.len()];
        goals.iter().for_each(|(goal, trail)| best[*goal] = Some(*trail));
        let region: Vec<usize> = (0..self.ways.len()).filter(|vertex| best[*vertex].is_none()).collect();
        let (open, spots) = (vec![true; self.ways.len()], Spots::of(self));
        Search { net: self, legs, open, spots, spare: Vec::new() }.fill(&region, 0, &mut best);
        best
    }
}

/// Finds parts of a net that lead back to themselves.
struct Spots<'n> {
    net: &'n Net,
    /// Where a vertex is in the part that is looked at.
    spot: Vec<Option<usize>>,
}

impl<'n> Spots<'n> {
    fn of(net: &'n Net) -> Self {
        Self { net, spot: vec![None; net.ways.len()] }
    }

    /// The parts of a region by its silent ways that may be used, each after those that it leads to.
    fn parts(&mut self, region: &[usize], usable: impl Fn(usize, &Way) -> bool) -> Vec<Vec<usize>> {
        let mut graph: DiGraph<usize, ()> = DiGraph::with_capacity(region.len(), 2 * region.len());
        for vertex in region {
            self.spot[*vertex] = Some(graph.add_node(*vertex).index());
        }
        for (spot, from) in region.iter().enumerate() {
            let ways = self.net.ways[*from].iter().filter(|way| way.quiet.is_some() && usable(*from, way));
            for to in ways.filter_map(|way| self.spot[way.to]) {
                graph.add_edge(NodeIndex::new(spot), NodeIndex::new(to), ());
            }
        }
        region.iter().for_each(|vertex| self.spot[*vertex] = None);
        let parts = kosaraju_scc(&graph);
        parts.into_iter().map(|part| part.into_iter().map(|index| graph[index]).collect()).collect()
    }
}

struct Search<'n, W> {
    net: &'n Net,
    legs: &'n mut Legs<W>,
    /// False for a vertex whose counted ways may not be gone.
    open: Vec<bool>,
    spots: Spots<'n>,
    /// Room for what is known on the way to a loop; all `None`.
    spare: Vec<Vec<Option<Trail>>>,
}

impl<W: Copy> Search<'_, W> {
    /// Finds the longest for every vertex of a region, given what is known outside it; `depth` loops are around it.
    fn fill(&mut self, region: &[usize], depth: usize, best: &mut [Option<Trail>]) {
        let open = &self.open;
        for part in self.spots.parts(region, |from, way| !way.counted || open[from]) {
            let members: BTreeSet<usize> = part.iter().copied().collect();
            let counts = |from: &usize| {
                let inside = |way: &Way| way.counted && way.quiet.is_some() && members.contains(&way.to);
                self.open[*from] && self.net.ways[*from].iter().any(inside)
            };
            let loops: BTreeSet<usize> = part.iter().copied().filter(counts).collect();
            if loops.is_empty() {
                self.at_once(&part, best);
            } else if depth < LOOPS_NESTED_MAX {
                // Parts come after those that they lead to, so the first with a loop has the last.
                let inner = self.spots.parts(&part, |_, way| !way.counted);
                let last = inner.iter().flatten().copied().find(|vertex| loops.contains(vertex));
                self.rounds(&part, last.expect("one of the part's loops"), depth, best);
            } else {
                self.at_worst(&part, &members, &loops, best);
            }
        }
    }

    /// A part in which no time passes, or a single vertex.
    fn at_once(&mut self, part: &[usize], best: &mut [Option<Trail>]) {
        let longest = part.iter().filter_map(|vertex| self.on(*vertex, best)).reduce(longer);
        part.iter().for_each(|vertex| best[*vertex] = longest);
    }

    /// The longest that goes on from a vertex to what is known.
    fn on(&mut self, vertex: usize, best: &[Option<Trail>]) -> Option<Trail> {
        let usable = self.net.ways[vertex].iter().filter(|way| !way.counted || self.open[vertex]);
        let known = usable.filter_map(|way| Some((way.quiet?, best[way.to]?)));
        let (quiet, on) = known.reduce(|one, other| if length_of(one) < length_of(other) { other } else { one })?;
        Some(self.legs.both(quiet, on))
    }

    /// A part that the loop `last` leaves for good.
    fn rounds(&mut self, part: &[usize], last: usize, depth: usize, best: &mut [Option<Trail>]) {
        let mut to_last = self.spare.pop().unwrap_or_else(|| vec![None; self.net.ways.len()]);
        to_last[last] = Some(Trail::NONE);
        let others: Vec<usize> = part.iter().copied().filter(|vertex| *vertex != last).collect();
        self.open[last] = false;
        self.fill(&others, depth + 1, &mut to_last);
        self.fill(part, depth + 1, best);
        self.open[last] = true;

        let (mut round, mut out_of_round) = (None, None);
        for way in self.net.ways[last].iter().filter(|way| way.counted) {
            let Some(quiet) = way.quiet else { continue };
            if let Some(back) = to_last[way.to] {
                round = longer_of(round, Some(self.legs.both(quiet, back)));
            }
            if let Some(on) = best[way.to] {
                out_of_round = longer_of(out_of_round, Some(self.legs.both(quiet, on)));
            }
        }
        let (n, round) = (self.net.rounds[last], round.unwrap_or(Trail::NONE));
        let mut after = |times: u64, then: Option<Trail>| {
            let then = then?;
            let rounds = self.legs.times(times, round);
            Some(self.legs.both(rounds, then))
        };
        let all = after(n, best[last]);
        let all_but_one = if n == 0 { None } else { after(n - 1, out_of_round) };
        if let Some(on) = longer_of(all, all_but_one) {
            for vertex in part {
                let by_last = to_last[*vertex].map(|to| self.legs.both(to, on));
                best[*vertex] = longer_of(best[*vertex], by_last);
            }
        }
        part.iter().for_each(|vertex| to_last[*vertex] = None);
        self.spare.push(to_last);
    }

    /// A part of more loops inside each other than are followed: as if every round went by every vertex.
    fn at_worst(
        &mut self,
        part: &[usize],
        members: &BTreeSet<usize>,
        loops: &BTreeSet<usize>,
        best: &mut [Option<Trail>],
    ) {
        let mut round = Trail::NONE;
        for vertex in part {
            let inside = self.net.ways[*vertex].iter().filter(|way| members.contains(&way.to));
            if let Some(quiet) = inside.filter_map(|way| way.quiet).reduce(longer) {
                round = self.legs.both(round, quiet);
            }
        }
        let rounds = loops.iter().fold(1_u64, |all, one| all.saturating_mul(self.net.rounds[*one].saturating_add(1)));
        let out = part.iter().filter_map(|vertex| self.on(*vertex, best)).reduce(longer);
        let longest = out.map(|out| {
            let rounds = self.legs.times(rounds, round);
            self.legs.both(rounds, out)
        });
        part.iter().for_each(|vertex| best[*vertex] = longest);
    }
}

fn length_of((one, other): (Trail, Trail)) -> u64 {
    one.length.saturating_add(other.length)
}

/// The first of two as long.
fn longer(one: Trail, other: Trail) -> Trail {
    if one.length < other.length { other } else { one }
}

/// The longer of two that there may be; the first of two as long.
pub(super) fn longer_of(one: Option<Trail>, other: Option<Trail>) -> Option<Trail> {
    match (one, other) {
        (Some(one), Some(other)) => Some(longer(one, other)),
        (one, other) => one.or(other),
    }
}

#[cfg(test)]
mod tests;
