//! Who stands at which node of which version, and since when: an index over the positions of live interactions, kept up
//! with every input, so that nobody has to look through all of them.
//!
//! An interaction *waits* at the node of its innermost flow, and *calls* from the nodes of the flows outside it. One that
//! a flow no longer has (the last resort took it, it is over) stands nowhere.
//!
//! What it deliberately does not do: it holds nothing that is not in the interactions' own state, and decides nothing.

use std::collections::{BTreeMap, BTreeSet};

use routewright_flows::{FlowId, NodeId};
use serde::Deserialize;

use crate::{
    id::{InteractionId, TenantId},
    interaction::{FlowVersion, Frame, Interaction, Phase},
    time::Timestamp,
};

/// Where an interaction stands in one flow; the part of a [`Frame`] that the index is made of.
#[derive(Debug, Clone, Deserialize)]
struct Place {
    flow: FlowVersion,
    node: NodeId,
    #[serde(default)]
    since: Timestamp,
}

/// The part of an interaction's state that the index is made of, so that a restart need not read the rest.
#[derive(Debug, Deserialize)]
pub struct Standing {
    /// Which.
    pub id: InteractionId,
    /// Whose.
    pub tenant: TenantId,
    phase: Phase,
    frames: Vec<Place>,
}

impl Standing {
    /// Its places, outermost first; none when no flow has it.
    pub(crate) fn places(&self) -> impl Iterator<Item = (&FlowVersion, &NodeId, Timestamp)> {
        let frames = match self.phase {
            Phase::Flow => &self.frames[..],
            Phase::LastResort | Phase::Ended { .. } => &[],
        };
        frames.iter().map(|place| (&place.flow, &place.node, place.since))
    }
}

/// How many stand at a node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeOccupancy {
    /// The node.
    pub node: NodeId,
    /// Interactions that wait here.
    pub waiting: usize,
    /// Interactions in a flow that was called from here.
    pub calling: usize,
    /// Since when the first of those who wait does.
    pub oldest: Option<Timestamp>,
}

/// The index of a tenant. A node where somebody stands has a number, so that a million who are parked cost a few dozen
/// bytes each.
#[derive(Debug, Default)]
pub(crate) struct Occupancy {
    /// Where each one waits.
    waiting: BTreeMap<InteractionId, Stand>,
    /// The nodes from which the flow that it waits in was called, outermost first.
    calling: BTreeMap<InteractionId, Box<[Stand]>>,
    /// The numbers of the nodes where somebody stands.
    versions: BTreeMap<FlowVersion, BTreeMap<NodeId, SpotNumber>>,
    spots: Vec<Spot>,
    /// Numbers to be given again.
    vacant: Vec<SpotNumber>,
}

type SpotNumber = u32;

/// Where one stands, and since when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stand {
    spot: SpotNumber,
    since: Timestamp,
}

/// A node of a version, with those who stand there.
#[derive(Debug)]
struct Spot {
    version: FlowVersion,
    node: NodeId,
    waiting: BTreeSet<(Timestamp, InteractionId)>,
    calling: BTreeSet<(Timestamp, InteractionId)>,
}

impl Occupancy {
    /// Brings an interaction up to date.
    pub(crate) fn put(&mut self, interaction: &Interaction) {
        if !self.agrees(interaction) {
            let places = standing_frames(interaction).iter();
            self.set(interaction.id, places.map(|frame| (&frame.flow, &frame.node, frame.since)));
        }
    }

    /// Puts an interaction at these places, outermost first, and nowhere else.
    pub(crate) fn set<'a>(
        &mut self,
        id: InteractionId,
        places: impl Iterator<Item = (&'a FlowVersion, &'a NodeId, Timestamp)>,
    ) {
        self.leave(id);
        let mut stands: Vec<Stand> =
            places.map(|(version, node, since)| Stand { spot: self.spot(version, node), since }).collect();
        for stand in stands.iter().rev().skip(1) {
            self.spots[stand.spot as usize].calling.insert((stand.since, id));
        }
        if let Some(innermost) = stands.pop() {
            self.spots[innermost.spot as usize].waiting.insert((innermost.since, id));
            self.waiting.insert(id, innermost);
        }
        if !stands.is_empty() {
            self.calling.insert(id, stands.into_boxed_slice());
        }
    }

    fn leave(&mut self, id: InteractionId) {
        if let Some(stand) = self.waiting.remove(&id) {
            self.spots[stand.spot as usize].waiting.remove(&(stand.since, id));
            self.vacate(stand.spot);
        }
        for stand in self.calling.remove(&id).into_iter().flatten() {
            self.spots[stand.spot as usize].calling.remove(&(stand.since, id));
            self.vacate(stand.spot);
        }
    }

    /// The number of a node, which it gets now if it has none.
    fn spot(&mut self, version: &FlowVersion, node: &NodeId) -> SpotNumber {
        let known = self.versions.get(version).and_then(|nodes| nodes.get(node));
        if let Some(number) = known {
            return *number;
        }
        let (waiting, calling) = (BTreeSet::new(), BTreeSet::new());
        let spot = Spot { version: version.clone(), node: node.clone(), waiting, calling };
        let number = match self.vacant.pop() {
            Some(number) => {
                self.spots[number as usize] = spot;
                number
            }
            None => {
                self.spots.push(spot);
                SpotNumber::try_from(self.spots.len() - 1).expect("fewer nodes than the numbers of a u32")
            }
        };
        self.versions.entry(version.clone()).or_default().insert(node.clone(), number);
        number
    }

    /// Takes the number from a node where nobody stands any more.
    fn vacate(&mut self, number: SpotNumber) {
        let spot = &self.spots[number as usize];
        if !spot.waiting.is_empty() || !spot.calling.is_empty() {
            return;
        }
        if let Some(nodes) = self.versions.get_mut(&spot.version)
            && nodes.remove(&spot.node).is_some()
        {
            if nodes.is_empty() {
                self.versions.remove(&spot.version);
            }
            self.vacant.push(number);
        }
    }

    /// True when the index says of an interaction what its state says.
    pub(crate) fn agrees(&self, interaction: &Interaction) -> bool {
        let Some((innermost, outer)) = standing_frames(interaction).split_last() else {
            return !self.waiting.contains_key(&interaction.id);
        };
        let stands_at = |stand: &Stand, frame: &Frame| {
            let spot = &self.spots[stand.spot as usize];
            stand.since == frame.since && spot.node == frame.node && spot.version == frame.flow
        };
        let calling = self.calling.get(&interaction.id).map_or(&[][..], |stands| stands);
        self.waiting.get(&interaction.id).is_some_and(|stand| stands_at(stand, innermost))
            && calling.len() == outer.len()
            && calling.iter().zip(outer).all(|(stand, frame)| stands_at(stand, frame))
    }

    /// Somebody on a version.
    pub(crate) fn anyone_on(&self, version: &FlowVersion) -> Option<InteractionId> {
        let (_, spot) = self.spots_of(version).next()?;
        spot.waiting.first().or_else(|| spot.calling.first()).map(|(_, id)| *id)
    }

    /// The nodes of a version where somebody stands, in order.
    pub(crate) fn nodes<'a>(&'a self, version: &FlowVersion) -> impl Iterator<Item = NodeOccupancy> + use<'a> {
        self.spots_of(version).map(|(node, spot)| NodeOccupancy {
            node: node.clone(),
            waiting: spot.waiting.len(),
            calling: spot.calling.len(),
            oldest: spot.waiting.first().map(|(since, _)| *since),
        })
    }

    /// The versions of a flow that somebody is on, in order.
    pub(crate) fn versions(&self, flow: &FlowId) -> impl Iterator<Item = u32> + '_ {
        let all = |version| FlowVersion { flow: flow.clone(), version };
        self.versions.range(all(0)..=all(u32::MAX)).map(|(version, _)| version.version)
    }

    /// Those who wait at a node, longest first.
    pub(crate) fn waiting_at(
        &self,
        version: &FlowVersion,
        node: &NodeId,
    ) -> impl Iterator<Item = (Timestamp, InteractionId)> + '_ {
        let number = self.versions.get(version).and_then(|nodes| nodes.get(node));
        number.into_iter().flat_map(|number| &self.spots[*number as usize].waiting).copied()
    }

    fn spots_of<'a>(&'a self, version: &FlowVersion) -> impl Iterator<Item = (&'a NodeId, &'a Spot)> + use<'a> {
        let nodes = self.versions.get(version).into_iter().flatten();
        nodes.map(|(node, number)| (node, &self.spots[*number as usize]))
    }
}

fn standing_frames(interaction: &Interaction) -> &[Frame] {
    match interaction.phase {
        Phase::Flow => &interaction.frames,
        Phase::LastResort | Phase::Ended { .. } => &[],
    }
}

#[cfg(test)]
mod tests {
    use routewright_flows::NodeId;

    use super::{Occupancy, Place};
    use crate::{id::InteractionId, interaction::FlowVersion, time::Timestamp};

    fn place(flow: &str, version: u32, node: &str, since: i64) -> Place {
        let flow = FlowVersion { flow: flow.parse().expect("an id"), version };
        Place { flow, node: NodeId::new(node).expect("an id"), since: Timestamp(since) }
    }

    #[test]
    fn the_index_equals_a_recount_whatever_moves() {
        let mut index = Occupancy::default();
        let mut truth = std::collections::BTreeMap::new();
        let mut seed = 7_u64;
        let mut draw = |below: u64| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) % below
        };
        for step in 0..20_000 {
            let id = InteractionId(draw(40));
            let places: Vec<Place> = (0..draw(4))
                .map(|depth| {
                    let version = u32::try_from(1 + draw(2)).expect("small");
                    place(
                        ["a", "b"][usize::try_from(depth % 2).expect("small")],
                        version,
                        &format!("n{}", draw(3)),
                        step,
                    )
                })
                .collect();
            index.set(id, places.iter().map(|place| (&place.flow, &place.node, place.since)));
            truth.insert(id, places);
            let version = place("a", 1, "n0", 0).flow;
            let innermost = truth.values().filter_map(|places| places.last());
            let waiting = innermost.filter(|last| last.flow == version).count();
            let everywhere = truth.values().flatten().filter(|place| place.flow == version).count();
            let (mut counted, mut callers) = (0, 0);
            for node in index.nodes(&version) {
                counted += node.waiting;
                callers += node.calling;
                assert!(0 < node.waiting + node.calling, "a node without anybody is left out");
                let first = index.waiting_at(&version, &node.node).next().map(|(since, _)| since);
                assert_eq!(node.oldest, first);
            }
            assert_eq!((counted, counted + callers), (waiting, everywhere), "step {step}");
            assert_eq!(index.anyone_on(&version).is_some(), 0 < everywhere);
        }
    }
}
