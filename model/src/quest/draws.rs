//! Random numbers of a game: one stream for each purpose, the same bits everywhere.

use crate::random::Random;

/// What a stream is for.
#[derive(Clone, Copy, Debug)]
#[repr(u64)]
pub enum Purpose {
    Data = 1,
    FirstWeights,
    Epoch,
    Growth,
    Baseline,
}

/// The stream of a game for a purpose.
///
/// # Arguments
/// * `index` - tells several streams of a purpose apart, e.g. the number of the epoch.
pub fn stream(seed: u32, purpose: Purpose, index: usize) -> Random {
    Random::new((u64::from(seed) << 24) ^ ((purpose as u64) << 16) ^ index as u64)
}

/// Normal with mean 0 and variance 1 (Box and Muller 1958). Unlike [`Random::normal`] its logarithm and cosine do not
/// depend on the machine.
pub fn normal(random: &mut Random) -> f32 {
    let radius = (-2.0 * libm::logf(1.0 - random.uniform())).sqrt();
    radius * libm::cosf(std::f32::consts::TAU * random.uniform())
}

/// Uniform between two numbers.
pub fn between(random: &mut Random, [from, to]: [f32; 2]) -> f32 {
    from + (to - from) * random.uniform()
}

/// A whole number between two, both included.
pub fn whole(random: &mut Random, [from, to]: [usize; 2]) -> usize {
    from + random.below(to + 1 - from)
}
