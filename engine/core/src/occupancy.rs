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
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Place {
    /// The version.
    pub flow: FlowVersion,
    /// The node.
    pub node: NodeId,
    /// Since when.
    #[serde(default)]
    pub since: Timestamp,
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
    #[must_use]
    pub fn into_places(self) -> Vec<Place> {
        match self.phase {
            Phase::Flow => self.frames,
            Phase::LastResort | Phase::Ended { .. } => Vec::new(),
        }
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

/// The index of a tenant.
#[derive(Debug, Default)]
pub(crate) struct Occupancy {
    places: BTreeMap<InteractionId, Vec<Place>>,
    versions: BTreeMap<FlowVersion, BTreeMap<NodeId, Crowd>>,
}

#[derive(Debug, Default)]
struct Crowd {
    waiting: BTreeSet<(Timestamp, InteractionId)>,
    calling: BTreeSet<(Timestamp, InteractionId)>,
}

impl Occupancy {
    /// Brings an interaction up to date.
    pub(crate) fn put(&mut self, interaction: &Interaction) {
        let frames = standing_frames(interaction);
        let known = self.places.get(&interaction.id).map_or(&[][..], Vec::as_slice);
        if !same(known, frames) {
            let places = frames.iter().map(|frame| Place {
                flow: frame.flow.clone(),
                node: frame.node.clone(),
                since: frame.since,
            });
            self.set(interaction.id, places.collect());
        }
    }

    /// Puts an interaction at these places, outermost first, and nowhere else.
    pub(crate) fn set(&mut self, id: InteractionId, places: Vec<Place>) {
        for (place, calling) in with_role(self.places.remove(&id).unwrap_or_default()) {
            let Some(nodes) = self.versions.get_mut(&place.flow) else { continue };
            let Some(crowd) = nodes.get_mut(&place.node) else { continue };
            crowd.of(calling).remove(&(place.since, id));
            if crowd.waiting.is_empty() && crowd.calling.is_empty() {
                nodes.remove(&place.node);
                if nodes.is_empty() {
                    self.versions.remove(&place.flow);
                }
            }
        }
        if places.is_empty() {
            return;
        }
        for (place, calling) in with_role(places.iter().cloned()) {
            let crowd = self.versions.entry(place.flow).or_default().entry(place.node).or_default();
            crowd.of(calling).insert((place.since, id));
        }
        self.places.insert(id, places);
    }

    /// True when the index says of an interaction what its state says.
    pub(crate) fn agrees(&self, interaction: &Interaction) -> bool {
        let known = self.places.get(&interaction.id).map_or(&[][..], Vec::as_slice);
        same(known, standing_frames(interaction))
    }

    /// Somebody on a version.
    pub(crate) fn anyone_on(&self, version: &FlowVersion) -> Option<InteractionId> {
        let crowd = self.versions.get(version)?.values().next()?;
        crowd.waiting.first().or_else(|| crowd.calling.first()).map(|(_, id)| *id)
    }

    /// The nodes of a version where somebody stands, in order.
    pub(crate) fn nodes(&self, version: &FlowVersion) -> impl Iterator<Item = NodeOccupancy> + '_ {
        self.versions.get(version).into_iter().flatten().map(|(node, crowd)| NodeOccupancy {
            node: node.clone(),
            waiting: crowd.waiting.len(),
            calling: crowd.calling.len(),
            oldest: crowd.waiting.first().map(|(since, _)| *since),
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
        self.versions
            .get(version)
            .and_then(|nodes| nodes.get(node))
            .into_iter()
            .flat_map(|crowd| &crowd.waiting)
            .copied()
    }
}

impl Crowd {
    fn of(&mut self, calling: bool) -> &mut BTreeSet<(Timestamp, InteractionId)> {
        if calling { &mut self.calling } else { &mut self.waiting }
    }
}

fn standing_frames(interaction: &Interaction) -> &[Frame] {
    match interaction.phase {
        Phase::Flow => &interaction.frames,
        Phase::LastResort | Phase::Ended { .. } => &[],
    }
}

fn same(known: &[Place], frames: &[Frame]) -> bool {
    let equal = |(place, frame): (&Place, &Frame)| {
        place.since == frame.since && place.node == frame.node && place.flow == frame.flow
    };
    known.len() == frames.len() && known.iter().zip(frames).all(equal)
}

/// Places, each with whether another flow is called from there.
fn with_role(
    places: impl IntoIterator<Item = Place, IntoIter: ExactSizeIterator>,
) -> impl Iterator<Item = (Place, bool)> {
    let places = places.into_iter();
    let last = places.len();
    (1..).zip(places).map(move |(n, place)| (place, n < last))
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
            index.set(id, places.clone());
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
