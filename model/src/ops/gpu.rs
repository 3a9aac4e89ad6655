//! Parts shared by the GPU kernels of operators: launches, tiling, storage, products.
//!
//! Sizes are arguments of the kernels, not constants, so a whole network needs a handful of programs and starts
//! quickly.

use burn::tensor::{DType, Tensor};
use burn_cubecl::{Cube, tensor::CubeTensor};

pub(super) mod activation;
pub(super) mod launch;
pub(super) mod matmul;
pub mod storage;
pub mod tiling;
pub(super) mod window;

/// Whether `x` lives on a CubeCL device in float32 or float16, outside autodiff.
pub(super) fn serves(x: &Tensor<4>) -> bool {
    let is_served = |primitive: CubeTensor| matches!(primitive.dtype, DType::F32 | DType::F16);
    x.clone().try_into_primitive::<Cube>().is_ok_and(is_served)
}
