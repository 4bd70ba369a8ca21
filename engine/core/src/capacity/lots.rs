//! Agents drawn by lot, some more often than others (`weighted_random`): a race of exponential clocks, one per agent,
//! faster for those who weigh more. The first of those who fit is asked; his clock then starts again where the race is.
//! Because the wait for such a clock does not remember how long it was, starting one again at any moment changes no
//! chances, and every ask is won by an agent as often as his weight says.
//!
//! What it deliberately does not do: it draws no random number. A lot is a function of the agent and of how many he had,
//! so the same events give the same decisions everywhere; whole numbers only, as floating logarithms differ between
//! machines.

use serde::{Deserialize, Serialize};

use super::{Capacity, agents::AgentIdx};
use crate::{catalogue::Strategy, id::AgentId};

/// An agent's clock in the race.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lot {
    /// How many he has drawn.
    pub drawn: u64,
    /// Where the race was when he drew.
    pub from: u64,
    /// Where his clock rings.
    pub rings: u64,
}

/// What an exponential clock of weight 1 takes on average is about 1.44 times this.
const OCTAVE_BITS: u32 = 28;

impl Lot {
    /// The next lot of an agent.
    pub(super) fn next(before: Option<Self>, agent: &AgentId, weight: u16, race: u64) -> Self {
        let drawn = before.map_or(0, |lot| lot.drawn + 1);
        let wait = octaves(hash(agent, drawn)) / u64::from(weight.max(1));
        Self { drawn, from: race, rings: race + wait }
    }
}

impl Capacity {
    /// An agent draws again, when anybody is chosen by lot.
    pub(super) fn draw(&mut self, idx: AgentIdx) {
        if !self.by_lot {
            return;
        }
        let race = self.race;
        let agent = &mut self.agents[idx.at()];
        let weight = self.catalogue.agents.get(&agent.id).map_or(1, |settings| settings.weight);
        agent.lot = Some(Lot::next(agent.lot, &agent.id, weight, race));
        self.touched_agents.insert(agent.id.clone());
    }

    /// An agent who was chosen by lot takes the race to where his clock rang.
    pub(super) fn win_race(&mut self, idx: AgentIdx, strategy: Strategy) {
        if strategy == Strategy::WeightedRandom {
            let rings = self.agents[idx.at()].lot.map_or(0, |lot| lot.rings);
            self.race = self.race.max(rings);
            self.draw(idx);
        }
    }
}

/// FNV-1a over the id and the number, spread by the finaliser of splitmix64 (Steele, Lea and Flood, 2014).
fn hash(agent: &AgentId, drawn: u64) -> u64 {
    let bytes = agent.as_str().bytes().chain(drawn.to_le_bytes());
    let mut z = bytes
        .fold(0xCBF2_9CE4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3));
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// How many times a number must be doubled to fill 64 bits: -log2(u / 2^64), in steps of 2^-[`OCTAVE_BITS`].
fn octaves(u: u64) -> u64 {
    let u = u.max(1);
    let lead = u.leading_zeros();
    let mut mantissa = u << lead;
    let mut fraction = 0_u64;
    for _ in 0..OCTAVE_BITS {
        // Squared, a number of [1, 2) doubles its logarithm; what passes 2 is the next bit of it.
        let square = u128::from(mantissa) * u128::from(mantissa);
        let carries = square >> 127 == 1;
        #[expect(clippy::cast_possible_truncation, reason = "the high half of the square is wanted")]
        let high = (if carries { square >> 64 } else { square >> 63 }) as u64;
        (mantissa, fraction) = (high, fraction << 1 | u64::from(carries));
    }
    ((u64::from(lead) + 1) << OCTAVE_BITS) - fraction
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn octaves_are_logarithms() {
        let step = f64::from(1_u32 << OCTAVE_BITS);
        for u in [1, 2, 3, 1 << 20, 0x8000_0000_0000_0000, 0xC000_0000_0000_0000, u64::MAX, 123_456_789_012_345] {
            #[expect(clippy::cast_precision_loss, reason = "compared to a millionth")]
            let (exact, got) = (64.0 - (u as f64).log2(), octaves(u) as f64 / step);
            assert!((exact - got).abs() < 1e-6, "{u}: {got}, not {exact}");
        }
    }
}
