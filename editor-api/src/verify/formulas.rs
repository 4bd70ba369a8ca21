//! Closed forms of queueing theory, against which the core is judged.
//!
//! Rates share one unit of time, whichever it is. `lambda` is the arrival rate, `mu` the service rate of one agent,
//! `c` the number of agents, `a = lambda / mu` the offered load in erlangs. Nothing here simulates.

/// Probability that all `c` servers of a loss system are busy (Erlang's first formula), by the stable recursion.
/// Insensitive: any service law with the same mean gives the same (V-08).
#[must_use]
pub fn erlang_b(c: u32, a: f64) -> f64 {
    (1..=c).fold(1.0, |b, k| a * b / (f64::from(k) + a * b))
}

/// Probability of waiting in M/M/c (Erlang's second formula); 1 when the load exceeds the agents.
#[must_use]
pub fn erlang_c(c: u32, a: f64) -> f64 {
    let servers = f64::from(c);
    if servers <= a {
        return 1.0;
    }
    let b = erlang_b(c, a);
    servers * b / (servers - a * (1.0 - b))
}

/// Measures of a system in which contacts wait.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Waiting {
    /// Probability that a contact waits at all.
    pub p_wait: f64,
    /// Mean wait of all contacts.
    pub wait: f64,
    /// Share answered within the threshold, of all.
    pub service_level: f64,
    /// Share of agents' time in service.
    pub occupancy: f64,
}

/// M/M/c, first come first served (V-01).
#[must_use]
pub fn mmc(lambda: f64, mu: f64, c: u32, threshold: f64) -> Waiting {
    let a = lambda / mu;
    let p_wait = erlang_c(c, a);
    let drain = f64::from(c) * mu - lambda;
    Waiting {
        p_wait,
        wait: p_wait / drain,
        service_level: 1.0 - p_wait * (-drain * threshold).exp(),
        occupancy: a / f64::from(c),
    }
}

/// Measures of a system whose contacts lose patience (V-02), with the four definitions of a service level.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Impatient {
    /// Probability that a contact waits at all.
    pub p_wait: f64,
    /// Probability that he gives up.
    pub p_abandon: f64,
    /// Mean wait of all, ended by service or by giving up.
    pub wait: f64,
    /// Mean wait of the served.
    pub served_wait: f64,
    /// Served within the threshold, of all offered.
    pub level_offered: f64,
    /// Served within the threshold, of the served.
    pub level_served: f64,
    /// Served or given up within the threshold, of all offered.
    pub level_abandons_good: f64,
    /// Served within the threshold, of the offered who did not give up within it.
    pub level_short_abandons_out: f64,
    /// Share of agents' time in service.
    pub occupancy: f64,
}

/// Erlang-A, M/M/c+M (Palm 1957): patience is exponential with rate `theta`.
///
/// A contact who finds `q` waiting sees `q + 1` departures at rates `c mu + j theta`, `j = 0..=q`; weighting by his own
/// patience shifts every rate by `theta`, and equally spaced rates make the sum the logarithm of a beta variable,
/// whose distribution grows by one term a step.
#[must_use]
pub fn erlang_a(lambda: f64, mu: f64, theta: f64, c: u32, threshold: f64) -> Impatient {
    const TAIL: f64 = 1e-15;
    let servers = f64::from(c);
    let full = servers * mu;
    // Unnormalised probabilities of n in the system, scaled to 1 at n = c so that nothing overflows.
    let below: f64 = (0..c)
        .rev()
        .scan(1.0, |p, n| {
            *p *= f64::from(n + 1) * mu / lambda;
            Some(*p)
        })
        .sum();
    let busy_below: f64 = (0..c)
        .rev()
        .scan(1.0, |p, n| {
            *p *= f64::from(n + 1) * mu / lambda;
            Some(*p * f64::from(n))
        })
        .sum();
    let (mut p, mut above, mut queue) = (1.0, 0.0, 0.0);
    let (mut served, mut served_in_time, mut served_wait, mut gone_in_time) = (0.0, 0.0, 0.0, 0.0);
    let x = (-theta * threshold).exp();
    let shape = full / theta + 1.0;
    // P(sum of q + 1 tilted stages <= threshold) = 1 - I_x(shape, q + 1), grown from q = 0.
    let mut late = x.powf(shape);
    let mut term = late;
    // The same for the untilted stages: how soon the place in front is reached, patient or not.
    let mut untilted_late = x.powf(shape - 1.0);
    let mut untilted_term = untilted_late;
    // Probability to be served, and mean time conditional on it, for one who finds q waiting.
    let (mut p_served, mut mean) = (full / (full + theta), 1.0 / (full + theta));
    let mut q = 0.0;
    loop {
        above += p;
        queue += q * p;
        served += p * p_served;
        served_in_time += p * p_served * (1.0 - late);
        served_wait += p * p_served * mean;
        // Patience ends within the threshold, less those who were served before theirs ended within it.
        gone_in_time += p * (1.0 - x - p_served * (1.0 - late) + x * (1.0 - untilted_late));
        q += 1.0;
        p *= lambda / (full + q * theta);
        if p < TAIL * above && lambda < full + q * theta {
            break;
        }
        term *= (1.0 - x) * (shape + q - 1.0) / q;
        late += term;
        untilted_term *= (1.0 - x) * (shape + q - 2.0) / q;
        untilted_late += untilted_term;
        let rate = full + q * theta;
        p_served *= rate / (rate + theta);
        mean += 1.0 / (rate + theta);
    }
    let total = below + above;
    let share = |mass: f64| mass / total;
    let all_served = share(below + served);
    let in_time = share(below + served_in_time);
    let gone = share(gone_in_time);
    Impatient {
        p_wait: share(above),
        p_abandon: 1.0 - all_served,
        wait: share(queue) / lambda,
        served_wait: share(served_wait) / all_served,
        level_offered: in_time,
        level_served: in_time / all_served,
        level_abandons_good: in_time + gone,
        level_short_abandons_out: in_time / (1.0 - gone),
        occupancy: share(busy_below + servers * above) / servers,
    }
}

/// Mean waits in M/M/c with strict priorities, first class first (Cobham 1954); all classes served at rate `mu` (V-04).
#[must_use]
pub fn strict_priorities(lambdas: &[f64], mu: f64, c: u32) -> Vec<f64> {
    let full = f64::from(c) * mu;
    let residual = erlang_c(c, lambdas.iter().sum::<f64>() / mu) / full;
    let mut before = 0.0;
    let waits = lambdas.iter().map(|lambda| {
        let after = before + lambda / full;
        let wait = residual / ((1.0 - before) * (1.0 - after));
        before = after;
        wait
    });
    waits.collect()
}

/// Mean waits in M/M/c when priority is acceleration times wait, fastest class first (Kleinrock 1964); all classes
/// served at rate `mu` (V-04, WAP-42).
#[must_use]
pub fn ageing_priorities(lambdas: &[f64], accelerations: &[f64], mu: f64, c: u32) -> Vec<f64> {
    let full = f64::from(c) * mu;
    let total = lambdas.iter().sum::<f64>();
    let in_turn = erlang_c(c, total / mu) / (full - total);
    let mut waits = vec![0.0; lambdas.len()];
    for class in (0..lambdas.len()).rev() {
        let slower: f64 = (class + 1..lambdas.len())
            .map(|other| lambdas[other] / full * waits[other] * (1.0 - accelerations[other] / accelerations[class]))
            .sum();
        let faster: f64 =
            (0..class).map(|other| lambdas[other] / full * (1.0 - accelerations[class] / accelerations[other])).sum();
        waits[class] = (in_turn - slower) / (1.0 - faster);
    }
    waits
}

/// Measures of a queue with a bounded number of places.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bounded {
    /// Share of contacts that find no place.
    pub blocked: f64,
    /// Mean wait of the others.
    pub wait: f64,
    /// Probability that one of the others waits.
    pub p_wait: f64,
}

/// M/M/c with so many places to wait (V-10).
#[must_use]
pub fn bounded(lambda: f64, mu: f64, c: u32, places: u32) -> Bounded {
    let a = lambda / mu;
    let mut weight = 1.0;
    let (mut sum, mut waiting, mut in_line, mut last) = (1.0, 0.0, 0.0, 1.0);
    for k in 1..=c + places {
        if c < k {
            // The contact who comes to `k - 1` waits.
            waiting += last;
        }
        weight = last * a / f64::from(k.min(c));
        sum += weight;
        in_line += weight * f64::from(k.saturating_sub(c));
        last = weight;
    }
    let blocked = weight / sum;
    let accepted = 1.0 - blocked;
    Bounded { blocked, wait: in_line / sum / (lambda * accepted), p_wait: waiting / sum / accepted }
}

/// Measures of a queue that everybody leaves after exactly `tau` (V-05).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Timed {
    /// Probability that the timer decides.
    pub p_timeout: f64,
    /// Mean wait of all.
    pub wait: f64,
    /// Mean wait of the served.
    pub served_wait: f64,
}

/// M/M/c+D: the virtual wait has density `lambda p(c-1) e^(-(c mu - lambda) w)` up to `tau` and falls at rate `c mu`
/// beyond it, because nobody who would wait longer adds work (level crossing).
#[must_use]
pub fn mmc_with_timer(lambda: f64, mu: f64, c: u32, tau: f64) -> Timed {
    let full = f64::from(c) * mu;
    let slope = full - lambda;
    // Unnormalised, scaled to 1 at n = c - 1.
    let below: f64 = 1.0
        + (0..c - 1)
            .rev()
            .scan(1.0, |p, n| {
                *p *= f64::from(n + 1) * mu / lambda;
                Some(*p)
            })
            .sum::<f64>();
    let (mass, moment) = if slope.abs() * tau < 1e-9 {
        (tau, tau * tau / 2.0)
    } else {
        let end = (-slope * tau).exp();
        ((1.0 - end) / slope, (1.0 - end * (1.0 + slope * tau)) / (slope * slope))
    };
    let beyond = lambda * (-slope * tau).exp() / full;
    let total = below + lambda * mass + beyond;
    let p_timeout = beyond / total;
    let in_queue = lambda * moment / total;
    Timed { p_timeout, wait: in_queue + p_timeout * tau, served_wait: in_queue / (1.0 - p_timeout) }
}

/// Blocking per class when classes of different widths share `units` without a queue (Kaufman 1981, Roberts 1981), and
/// the mean number of units in use (V-07).
#[must_use]
pub fn shared_units(units: usize, classes: &[(f64, usize)]) -> (Vec<f64>, f64) {
    let mut weights = vec![1.0_f64];
    for n in 1..=units {
        let inflow: f64 = classes
            .iter()
            .filter(|(_, width)| *width <= n)
            .map(|(load, width)| load * count(*width) * weights[n - width])
            .sum();
        weights.push(inflow / count(n));
    }
    let total: f64 = weights.iter().sum();
    let blocking = classes.iter().map(|(_, width)| weights[units + 1 - width..].iter().sum::<f64>() / total).collect();
    let mean = weights.iter().enumerate().map(|(n, weight)| count(n) * weight).sum::<f64>() / total;
    (blocking, mean)
}

#[expect(clippy::cast_precision_loss, reason = "counts of units are small")]
fn count(n: usize) -> f64 {
    n as f64
}

#[cfg(test)]
mod tests {
    use super::{ageing_priorities, bounded, erlang_a, erlang_b, mmc, mmc_with_timer, shared_units, strict_priorities};

    fn close(name: &str, got: f64, published: f64, digits: i32) {
        let tolerance = 0.5 * 10_f64.powi(-digits) * 1.01;
        assert!((got - published).abs() <= tolerance, "{name}: {got}, published {published}");
    }

    #[test]
    fn v_01_erlang_c_agrees_with_the_table() {
        let table = [
            (11, 0.68212, 122.781, 0.38961),
            (12, 0.44939, 40.445, 0.64016),
            (13, 0.28527, 17.116, 0.79559),
            (14, 0.17413, 7.836, 0.88835),
            (15, 0.10204, 3.674, 0.94145),
            (16, 0.05734, 1.720, 0.97056),
            (17, 0.03088, 0.794, 0.98581),
            (18, 0.01593, 0.358, 0.99345),
        ];
        for (c, p_wait, wait, level) in table {
            let got = mmc(10.0 / 180.0, 1.0 / 180.0, c, 20.0);
            close("P(wait)", got.p_wait, p_wait, 5);
            close("wait", got.wait, wait, 3);
            close("service level", got.service_level, level, 5);
        }
        close("Erlang-B 10, 5", erlang_b(10, 5.0), 0.018_384_6, 7);
    }

    #[test]
    fn v_02_erlang_a_agrees_with_the_table() {
        let table = [
            (44, [0.83739, 0.09849, 11.819, 11.976, 0.70241, 0.77915, 0.78768, 0.76789, 0.9835]),
            (48, [0.60148, 0.04764, 5.717, 5.620, 0.89551, 0.94032, 0.94047, 0.93767, 0.9524]),
            (50, [0.46777, 0.03091, 3.709, 3.616, 0.94302, 0.97310, 0.97286, 0.97203, 0.9303]),
            (54, [0.23763, 0.01139, 1.367, 1.324, 0.98437, 0.99571, 0.99563, 0.99558, 0.8788]),
        ];
        for (c, want) in table {
            let got = erlang_a(48.0, 1.0, 0.5, c, 20.0 / 60.0);
            close("P(wait)", got.p_wait, want[0], 5);
            close("P(abandon)", got.p_abandon, want[1], 5);
            close("wait", got.wait * 60.0, want[2], 3);
            close("served wait", got.served_wait * 60.0, want[3], 3);
            close("SL offered", got.level_offered, want[4], 5);
            close("SL served", got.level_served, want[5], 5);
            close("SL abandons good", got.level_abandons_good, want[6], 5);
            close("SL short abandons out", got.level_short_abandons_out, want[7], 5);
            close("occupancy", got.occupancy, want[8], 4);
        }
    }

    #[test]
    fn v_10_a_bounded_queue_agrees_with_the_table() {
        let got = bounded(8.4, 0.1, 90, 30);
        close("blocked", got.blocked, 0.003_643, 6);
        close("wait", got.wait, 0.450_02, 5);
        close("P(wait)", got.p_wait, 0.379_706, 6);
        close("no place at all", bounded(5.0, 1.0, 10, 0).blocked, erlang_b(10, 5.0), 12);
    }

    #[test]
    fn v_04_v_05_v_07_agree_with_the_tables() {
        let waits = strict_priorities(&[3.0, 4.0, 2.0], 1.0, 10);
        for (got, want) in waits.iter().zip([0.095_533, 0.318_444, 2.229_105]) {
            close("strict priority", *got, want, 6);
        }
        let waits = ageing_priorities(&[3.0, 4.0, 2.0], &[4.0, 2.0, 1.0], 1.0, 10);
        for (got, want) in waits.iter().zip([0.364_296, 0.649_918, 1.163_011]) {
            close("ageing priority", *got, want, 5);
        }
        for (c, want) in [(10, [0.139_661, 0.078_559, 0.050_729]), (12, [0.058_779, 0.040_920, 0.027_863])] {
            let got = mmc_with_timer(10.0, 1.0, c, 0.25);
            close("timeout", got.p_timeout, want[0], 6);
            close("wait", got.wait, want[1], 6);
            close("served wait", got.served_wait, want[2], 6);
        }
        let (blocking, used) = shared_units(20, &[(4.0, 1), (2.0, 2), (1.0, 5)]);
        for (got, want) in blocking.iter().zip([0.031_855, 0.069_418, 0.219_517]) {
            close("blocking", *got, want, 6);
        }
        close("mean used", used, 11.497_319, 6);
        let (chat_and_call, _) = shared_units(100, &[(2.0, 20), (0.3, 100)]);
        close("chat", chat_and_call[0], 0.074_890, 6);
        close("call", chat_and_call[1], 0.867_841, 6);
    }
}
