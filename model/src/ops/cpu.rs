//! Parts shared by the CPU kernels of operators: SIMD, the matrix product, access to `flex` tensors.

use std::mem::MaybeUninit;

use burn::tensor::{DType, Tensor, TensorData};
use burn_flex::{Flex, FlexTensor};

pub mod feature_maps;
pub mod matmul;
pub mod panel_cache;
pub mod simd;
#[cfg(test)]
pub mod testing;

/// Whether `x` lives on `flex` in float32, outside autodiff.
pub fn serves(x: &Tensor<4>) -> bool {
    // Cloning counts a reference; the conversion fails for other backends and for tensors under autodiff.
    x.clone().try_into_primitive::<Flex>().is_ok_and(|primitive| primitive.dtype() == DType::F32)
}

/// The contiguous primitive of a tensor that lives on `flex`.
pub fn primitive<const D: usize>(x: Tensor<D>) -> FlexTensor {
    // `serves` was asked about the input; weights and residuals live on the device of their input (burn checks that
    // for its own operations, here a mixture is a bug of the caller).
    x.try_into_primitive::<Flex>().expect("all operands live on flex").to_contiguous()
}

/// A vector of `len` numbers, not cleared first: clearing a large map costs a tenth of computing it.
///
/// # Safety
/// `fill` writes every number.
pub unsafe fn written(len: usize, fill: impl FnOnce(&mut [MaybeUninit<f32>])) -> Vec<f32> {
    let mut out = Vec::with_capacity(len);
    fill(&mut out.spare_capacity_mut()[..len]);
    // SAFETY: the caller's promise.
    unsafe { out.set_len(len) };
    out
}

/// A vector of `len` zeros after `fill`.
pub fn filled(len: usize, fill: impl FnOnce(&mut [f32])) -> Vec<f32> {
    let mut out = vec![0.0; len];
    fill(&mut out);
    out
}

pub fn tensor(values: Vec<f32>, shape: [usize; 4]) -> Tensor<4> {
    Tensor::from_primitive::<Flex>(FlexTensor::from_data(TensorData::new(values, shape)))
}
