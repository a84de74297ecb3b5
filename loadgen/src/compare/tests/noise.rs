//! A slowdown is found, and noise is not taken for one.

use fastrand::Rng;

use super::*;

/// How much runs of the same differ, as shares of their figures: all figures of a run together, and
/// each by itself. One run in twenty is disturbed, and up to 15 % slower.
#[derive(Debug, Clone, Copy)]
struct Noise {
    of_run: f64,
    of_figure: f64,
}

/// Runs as a machine makes them whose service takes `times` as long.
fn noisy(count: usize, times: f64, noise: Noise, random: &mut Rng) -> Vec<Run> {
    let usual = run("a run", &[]);
    let one = |_| {
        let disturbance = if random.f64() < 0.05 { 1.0 + 0.15 * random.f64() } else { 1.0 };
        let slow = times * disturbance * (noise.of_run * normal(random)).exp();
        let mut of =
            |us: f64, times: f64| us * slow * (times * noise.of_figure * normal(random)).exp();
        let mut run = usual.clone();
        let rate = 1e6 * 200.0 / of(6250.0, 0.2);
        run.told.throughput.requests_per_s = Some(rate);
        let latency = run.told.latency_us.as_mut().unwrap();
        // The further out, the fewer requests decide.
        [latency.p50, latency.p90, latency.p99] =
            [of(6000.0, 0.5), of(9000.0, 1.0), of(12_000.0, 3.0)].map(f64::round);
        run
    };
    (0..count).map(one).collect()
}

/// A number from the standard normal distribution, by Box and Muller.
fn normal(random: &mut Rng) -> f64 {
    let [one, other] = [1.0 - random.f64(), random.f64()];
    (-2.0 * one.ln()).sqrt() * (std::f64::consts::TAU * other).cos()
}

/// In which share of `trials` any figure is called worse or better, and in which there is a regression
/// beyond `percent`.
fn shares(runs: usize, times: f64, noise: Noise, percent: f64, trials: u32) -> [f64; 2] {
    let mut random = Rng::with_seed(16);
    let (mut found, mut regressed) = (0, 0);
    for _ in 0..trials {
        let baseline = noisy(runs, 1.0, noise, &mut random);
        let candidate = noisy(runs, times, noise, &mut random);
        let changes = Changes::new(&baseline, &candidate, Vec::new());
        let is_found = changes.tested().any(|(_, tested)| tested.direction != Direction::Same);
        found += u32::from(is_found);
        regressed += u32::from(!changes.regressions(percent).is_empty());
    }
    [found, regressed].map(|count| f64::from(count) / f64::from(trials))
}

/// How many comparisons are made of each kind.
const TRIALS: u32 = 400;

/// A quiet machine, an ordinary one, and one that others use.
const NOISES: [Noise; 3] = [
    Noise { of_run: 0.005, of_figure: 0.005 },
    Noise { of_run: 0.015, of_figure: 0.01 },
    Noise { of_run: 0.03, of_figure: 0.02 },
];

#[test]
fn two_sets_of_the_same_do_not_cry() {
    for runs in [5, 10] {
        for noise in NOISES {
            let [found, regressed] = shares(runs, 1.0, noise, 2.0, TRIALS);
            println!("{runs} runs, {noise:?}: {found}, {regressed}");
            assert!(found <= 0.05, "{runs} runs, {noise:?}: {found}");
            assert!(regressed <= 0.025, "{runs} runs, {noise:?}: {regressed}");
        }
    }
}

#[test]
fn a_slowdown_of_5_percent_is_found_in_10_runs_a_side() {
    for (noise, expected) in NOISES.into_iter().zip([0.9, 0.9, 0.5]) {
        let [found, regressed] = shares(10, 1.05, noise, 2.0, TRIALS);
        println!("{noise:?}: {found}, {regressed}");
        assert!(
            found >= expected && regressed >= expected - 0.02,
            "{noise:?}: {found}, {regressed}"
        );
    }
}
