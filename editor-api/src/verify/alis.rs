//! Skills under longest-waiting contact, longest-idle agent: the exact product form (Visschers, Adan & Weiss 2012;
//! Adan & Weiss 2014). Serves table V-03.
//!
//! It enumerates the orders of agents, so it takes at most [`AGENTS_MAX`] of them.

/// Most agents of an instance: 7! orders times 8 splits.
pub const AGENTS_MAX: usize = 7;

/// A centre in which every agent takes one contact at a time.
#[derive(Debug, Clone, PartialEq)]
pub struct Skilled {
    /// Arrival rate of each type of contact.
    pub lambdas: Vec<f64>,
    /// Service rate of each agent.
    pub mus: Vec<f64>,
    /// For each agent, the types he takes.
    pub skills: Vec<Vec<usize>>,
}

/// What the product form says of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Exact {
    /// Probability of waiting, by type.
    pub p_wait: Vec<f64>,
    /// Mean wait of all contacts, by type.
    pub wait: Vec<f64>,
    /// Share of time in service, by agent.
    pub busy: Vec<f64>,
}

impl Skilled {
    /// Evaluates the product form; `None` when some set of types outruns its agents, or there are too many agents.
    #[must_use]
    pub fn exact(&self) -> Option<Exact> {
        if AGENTS_MAX < self.mus.len() {
            return None;
        }
        let mut sums = Sums {
            total: 0.0,
            p_wait: vec![0.0; self.lambdas.len()],
            queue: vec![0.0; self.lambdas.len()],
            busy: vec![0.0; self.mus.len()],
        };
        self.visit(&mut Vec::new(), 1.0, &vec![0.0; self.lambdas.len()], &mut sums)?;
        let by_total = |values: Vec<f64>| values.into_iter().map(|v| v / sums.total).collect::<Vec<_>>();
        let queue = by_total(sums.queue);
        Some(Exact {
            p_wait: by_total(sums.p_wait),
            wait: queue.iter().zip(&self.lambdas).map(|(q, lambda)| q / lambda).collect(),
            busy: by_total(sums.busy),
        })
    }

    /// Extends the order of busy agents, oldest contact first; `queue` holds mean numbers waiting behind them.
    fn visit(&self, busy: &mut Vec<usize>, weight: f64, queue: &[f64], sums: &mut Sums) -> Option<()> {
        let weight_here = weight * self.idle_orders(busy, &mut Vec::new());
        sums.add(self, busy, weight_here, queue);
        for agent in (0..self.mus.len()).filter(|agent| !busy.contains(agent)).collect::<Vec<_>>() {
            busy.push(agent);
            let speed: f64 = busy.iter().map(|a| self.mus[*a]).sum();
            let stuck: Vec<usize> = (0..self.lambdas.len()).filter(|t| self.all_takers_in(*t, busy)).collect();
            let inflow: f64 = stuck.iter().map(|t| self.lambdas[*t]).sum();
            if speed <= inflow {
                return None;
            }
            // Between this agent and the next stand n contacts with probability proportional to (inflow / speed)^n.
            let mean = inflow / (speed - inflow);
            let mut longer = queue.to_owned();
            for t in &stuck {
                longer[*t] += mean * self.lambdas[*t] / inflow;
            }
            self.visit(busy, weight / (speed - inflow), &longer, sums)?;
            busy.pop();
        }
        Some(())
    }

    /// Total weight of all orders of the idle agents, built from the longest idle on.
    fn idle_orders(&self, busy: &[usize], idle: &mut Vec<usize>) -> f64 {
        if busy.len() + idle.len() == self.mus.len() {
            return 1.0;
        }
        let mut weight = 0.0;
        for agent in (0..self.mus.len()).filter(|a| !busy.contains(a) && !idle.contains(a)).collect::<Vec<_>>() {
            idle.push(agent);
            let taken: f64 = (0..self.lambdas.len())
                .filter(|t| idle.iter().any(|a| self.skills[*a].contains(t)))
                .map(|t| self.lambdas[t])
                .sum();
            weight += self.idle_orders(busy, idle) / taken;
            idle.pop();
        }
        weight
    }

    fn all_takers_in(&self, kind: usize, busy: &[usize]) -> bool {
        (0..self.mus.len()).all(|a| busy.contains(&a) || !self.skills[a].contains(&kind))
    }
}

struct Sums {
    total: f64,
    p_wait: Vec<f64>,
    queue: Vec<f64>,
    busy: Vec<f64>,
}

impl Sums {
    fn add(&mut self, centre: &Skilled, busy: &[usize], weight: f64, queue: &[f64]) {
        self.total += weight;
        for agent in busy {
            self.busy[*agent] += weight;
        }
        for (kind, length) in queue.iter().enumerate() {
            if centre.all_takers_in(kind, busy) {
                self.p_wait[kind] += weight;
            }
            self.queue[kind] += weight * length;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Skilled;

    #[test]
    fn v_03_product_form_agrees_with_the_table() {
        type Row<'a> = (&'a [f64], &'a [f64], &'a [&'a [usize]], &'a [f64], &'a [f64], &'a [f64]);
        let table: [Row<'_>; 3] = [
            (
                &[0.9, 0.7],
                &[1.0, 1.0],
                &[&[0], &[0, 1]],
                &[0.666_785, 0.894_746],
                &[1.666_963, 4.136_539],
                &[0.705_254, 0.894_746],
            ),
            (
                &[0.6, 0.6],
                &[0.5, 0.7, 0.5],
                &[&[0], &[0, 1], &[1]],
                &[0.566_141; 2],
                &[1.354_821; 2],
                &[0.671_291, 0.755_299, 0.671_291],
            ),
            (
                &[1.0, 0.8, 0.6],
                &[1.0, 1.2, 0.9],
                &[&[0, 1], &[1, 2], &[0, 2]],
                &[0.699_844, 0.631_289, 0.623_427],
                &[1.255_059, 0.961_966, 0.945_473],
                &[0.809_950, 0.721_685, 0.804_476],
            ),
        ];
        for (lambdas, mus, skills, p_wait, wait, busy) in table {
            let centre = Skilled {
                lambdas: lambdas.to_vec(),
                mus: mus.to_vec(),
                skills: skills.iter().map(|s| s.to_vec()).collect(),
            };
            let exact = centre.exact().expect("a stable instance");
            for (got, want) in [(&exact.p_wait, p_wait), (&exact.wait, wait), (&exact.busy, busy)] {
                for (got, want) in got.iter().zip(want) {
                    assert!((got - want).abs() < 1e-6, "{got} instead of {want}");
                }
            }
        }
        let overloaded = Skilled { lambdas: vec![2.0], mus: vec![1.0], skills: vec![vec![0]] };
        assert_eq!(overloaded.exact(), None);
    }
}
