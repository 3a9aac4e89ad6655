//! Tiles of outputs that a unit of a GPU kernel computes: large ones save loads, small ones keep more of a GPU's units
//! busy.
//!
//! One for the whole process, chosen by timing (see [`crate::ops::autotune`]).

use std::sync::atomic::{AtomicUsize, Ordering};

/// The tile of outputs that a unit of a kernel computes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tiling {
    /// Pixels a unit computes in a 1x1 convolution.
    pub rows: usize,
    /// Vectors of channels a unit computes in convolutions across channels, where they divide the channels.
    pub vectors: usize,
}

impl Tiling {
    /// Vectors of channels that a unit computes where there are `columns`: the most that divide them.
    pub(in crate::ops) fn vectors_of(self, columns: usize) -> usize {
        (1..=self.vectors).rev().find(|&count| columns.is_multiple_of(count)).unwrap_or(1)
    }
}

/// The tilings to choose from, small tiles first. Larger ones than these cost more in compiling, at each visit, than a
/// photo gains by them: on a software adapter sixteen rows by four vectors compile for twice as long as eight by four
/// and save nothing any more.
pub const TILINGS: [Tiling; 4] = [
    Tiling { rows: 4, vectors: 1 },
    Tiling { rows: 8, vectors: 1 },
    Tiling { rows: 8, vectors: 2 },
    Tiling { rows: 8, vectors: 4 },
];

static CHOSEN: AtomicUsize = AtomicUsize::new(1);

/// The tiling in use.
#[must_use]
pub fn current() -> Tiling {
    TILINGS[index()]
}

/// The index in [`TILINGS`] of the tiling in use.
#[must_use]
pub fn index() -> usize {
    CHOSEN.load(Ordering::Relaxed)
}

/// Uses one of [`TILINGS`] from now on, for all devices of this process.
///
/// # Panics
/// When there is no such index.
pub fn choose(index: usize) {
    assert!(index < TILINGS.len(), "there are {} tilings", TILINGS.len());
    CHOSEN.store(index, Ordering::Relaxed);
}

#[cfg(test)]
mod tests {
    use super::TILINGS;

    #[test]
    fn vectors_divide_the_channels() {
        let tiling = TILINGS[3];
        assert_eq!([8, 6, 9, 7, 69].map(|columns| tiling.vectors_of(columns)), [4, 3, 3, 1, 3]);
    }
}
