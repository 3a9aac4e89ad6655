//! What networks on the GPU are kept in: fewer bytes to load against exactness, or against arithmetic.
//!
//! A choice for the whole process, made before the first network is loaded (see [`crate::ops::autotune::choose_by_timing`]).

use std::sync::atomic::{AtomicUsize, Ordering};

use burn::tensor::{DType, Device};

/// What maps and weights are kept in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Storage {
    /// Float32; quantized weights of 1x1 layers stay levels, two in a number (see [`crate::ops::PackedWeights`]).
    Pairs,
    /// Float32.
    Single,
    /// Float16: half the bytes, and on many GPUs twice the arithmetic.
    Half,
}

impl Storage {
    /// Each of them, in their order.
    pub const ALL: [Self; 3] = [Self::Pairs, Self::Single, Self::Half];

    /// One word.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Pairs => "pairs",
            Self::Single => "single",
            Self::Half => "half",
        }
    }

    /// The one with a name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.name() == name)
    }

    /// Whether a device has it (float16 is WebGPU's `shader-f16`).
    #[must_use]
    pub fn is_offered(self, device: &Device) -> bool {
        self != Self::Half || device.supports_dtype(DType::F16)
    }
}

static CHOSEN: AtomicUsize = AtomicUsize::new(Storage::Pairs as usize);

/// What networks that are loaded from now on, and what they read, are kept in.
pub fn choose(storage: Storage) {
    CHOSEN.store(storage as usize, Ordering::Relaxed);
}

/// What they are kept in.
#[must_use]
pub fn current() -> Storage {
    Storage::ALL[CHOSEN.load(Ordering::Relaxed)]
}

/// Whether that is float16.
#[must_use]
pub fn is_half() -> bool {
    current() == Storage::Half
}
