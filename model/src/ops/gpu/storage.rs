//! The storage of networks on the GPU: fewer bytes to load against exactness, or against arithmetic.
//!
//! One for the whole process, chosen before the first network is loaded (see [`crate::ops::autotune`]).

use std::sync::atomic::{AtomicUsize, Ordering};

use burn::tensor::{DType, Device};

/// The storage of maps and weights.
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

    /// Its name: one word.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Pairs => "pairs",
            Self::Single => "single",
            Self::Half => "half",
        }
    }

    /// The storage of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|storage| storage.name() == name)
    }

    /// Whether a device has it (float16 is WebGPU's `shader-f16`).
    #[must_use]
    pub fn is_offered(self, device: &Device) -> bool {
        self != Self::Half || device.supports_dtype(DType::F16)
    }
}

static CHOSEN: AtomicUsize = AtomicUsize::new(Storage::Pairs as usize);

/// Uses a storage for networks that are loaded from now on, and for what they read.
pub fn choose(storage: Storage) {
    CHOSEN.store(storage as usize, Ordering::Relaxed);
}

/// The storage in use.
#[must_use]
pub fn current() -> Storage {
    Storage::ALL[CHOSEN.load(Ordering::Relaxed)]
}

/// Whether the storage in use is float16.
#[must_use]
pub fn is_half() -> bool {
    current() == Storage::Half
}
