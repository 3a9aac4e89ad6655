//! Random numbers that are the same on every platform, so that what fails in a browser can be repeated natively and a
//! training run can be repeated at all.

/// A stream of random numbers: xorshift64* (Vigna 2016, "An experimental exploration of Marsaglia's xorshift generators,
/// scrambled").
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// The same seed gives the same numbers.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        // The generator must not start at 0, and near seeds must not give near numbers.
        Self(seed.wrapping_add(0x9e37_79b9_7f4a_7c15).wrapping_mul(0xbf58_476d_1ce4_e5b9) | 1)
    }

    /// At least 0, below 1.
    pub fn uniform(&mut self) -> f32 {
        // 24 bits fit a float exactly.
        (self.bits() >> 40) as f32 / 16_777_216.0
    }

    /// A whole number below `count`; 0 when there is none.
    pub fn below(&mut self, count: usize) -> usize {
        // Below a `usize`.
        (self.bits() % count.max(1) as u64) as usize
    }

    /// Normal with mean 0 and variance 1 (Box and Muller 1958).
    pub fn normal(&mut self) -> f32 {
        // Never 0, whose logarithm is not finite.
        let radius = (-2.0 * (1.0 - self.uniform()).ln()).sqrt();
        radius * (std::f32::consts::TAU * self.uniform()).cos()
    }

    /// An item of some groups: a group by its share, then any of its items.
    ///
    /// # Panics
    /// When there is no group, or the group drawn is empty.
    pub fn among<'a, T>(&mut self, groups: &'a [(f32, Vec<T>)]) -> &'a T {
        let mut at = self.uniform() * groups.iter().map(|group| group.0).sum::<f32>();
        let drawn = groups.iter().find(|(share, _)| {
            at -= share;
            at < 0.0
        });
        // Rounding may lead past the last share.
        let (_, items) = drawn.or(groups.last()).expect("the caller has a group");
        &items[self.below(items.len())]
    }

    /// Fisher and Yates.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for i in (1..items.len()).rev() {
            items.swap(i, self.below(i + 1));
        }
    }

    fn bits(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_repeats() {
        let draw = |seed| {
            let mut random = Random::new(seed);
            [random.uniform(), random.normal(), random.below(100) as f32]
        };
        assert_eq!(draw(7), draw(7));
        assert_ne!(draw(7), draw(8));
    }

    #[test]
    fn groups_are_drawn_by_their_shares() {
        let (groups, mut random) = ([(3.0, vec!['a', 'b']), (1.0, vec!['c'])], Random::new(1));
        let drawn = (0..10_000).filter(|_| *random.among(&groups) == 'c').count();
        assert!((2300..2700).contains(&drawn), "{drawn}");
    }

    #[test]
    fn numbers_are_spread_as_they_should() {
        let mut random = Random::new(1);
        let uniform: f32 = (0..10_000).map(|_| random.uniform()).sum::<f32>() / 10_000.0;
        let normal: Vec<f32> = (0..10_000).map(|_| random.normal()).collect();
        let variance = normal.iter().map(|v| v * v).sum::<f32>() / 10_000.0;
        assert!((uniform - 0.5).abs() < 0.01 && (variance - 1.0).abs() < 0.05, "{uniform}, {variance}");
        let mut items: Vec<usize> = (0..50).collect();
        random.shuffle(&mut items);
        assert_ne!(items, (0..50).collect::<Vec<_>>());
        items.sort_unstable();
        assert_eq!(items, (0..50).collect::<Vec<_>>());
    }
}
