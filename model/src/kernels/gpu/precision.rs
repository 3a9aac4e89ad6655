//! Whether networks on the GPU are kept in float16: half the bytes to move, and on many GPUs twice the arithmetic.
//!
//! A choice for the whole process, made before the first network is loaded (see [`super::tiling::choose_by_timing`]).

use std::sync::atomic::{AtomicBool, Ordering};

use burn::tensor::{DType, Device};

static HALF: AtomicBool = AtomicBool::new(false);

/// Whether the device computes in float16 (WebGPU's `shader-f16`).
#[must_use]
pub fn offers_half(device: &Device) -> bool {
    device.supports_dtype(DType::F16)
}

/// Keeps networks that are loaded from now on, and what they read, in float16 or in float32.
pub fn choose_half(half: bool) {
    HALF.store(half, Ordering::Relaxed);
}

/// Whether they are kept in float16.
#[must_use]
pub fn is_half() -> bool {
    HALF.load(Ordering::Relaxed)
}
