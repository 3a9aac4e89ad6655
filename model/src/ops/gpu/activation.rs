//! Activation functions on the GPU.

// CubeCL's macro turns these functions into kernels; what it generates has no docs of its own.
#![allow(missing_docs)]

use cubecl::prelude::*;

use crate::ops::activation::Activation;

/// Applies an activation that is known when the kernel is compiled.
#[cube]
pub fn activate<N: Size>(value: Vector<f32, N>, #[comptime] activation: Activation) -> Vector<f32, N> {
    let mut value = value;
    if comptime![activation == Activation::Relu] {
        value = max(value, Vector::new(0.0));
    }
    if comptime![activation == Activation::Relu6] {
        value = clamp(value, Vector::new(0.0), Vector::new(6.0));
    }
    value
}
