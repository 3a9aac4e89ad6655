//! Launching CubeCL kernels on burn's own buffers.

use burn::tensor::{DType, Tensor};
use burn_cubecl::{Cube, kernel::into_contiguous, ops::numeric::empty_device_contiguous_dtype, tensor::CubeTensor};
use cubecl::{
    calculate_cube_count_elemwise,
    ir::{ElemType, FloatKind},
    prelude::*,
};

/// Channels in a vector, where they divide evenly.
pub const LANES: usize = 4;
/// Units of a workgroup.
const UNITS: u32 = 64;

/// The widest vector that divides the channels.
pub fn lanes(channels: usize) -> usize {
    if channels.is_multiple_of(LANES) { LANES } else { 1 }
}

/// The workgroups for so many units, and their size.
pub fn grid(client: &Client, units: usize) -> (CubeCount, CubeDim) {
    let dim = CubeDim::new_1d(UNITS);
    (calculate_cube_count_elemwise(client, units, dim), dim)
}

/// The precision of a map.
pub struct Precision {
    /// The type in burn's words.
    pub dtype: DType,
    /// Whether it is float16.
    pub half: bool,
    /// The type in CubeCL's words.
    pub elem: ElemType,
}

impl Precision {
    pub fn of(map: &CubeTensor) -> Self {
        let half = map.dtype == DType::F16;
        let elem = ElemType::Float(if half { FloatKind::F16 } else { FloatKind::F32 });
        Self { dtype: map.dtype, half, elem }
    }
}

/// A contiguous operand of a kernel in the type that the kernel reads; networks keep theirs in it (see
/// [`crate::ops::tensor_from`]), so nothing is converted then.
pub fn operand<const D: usize>(x: Tensor<D>, dtype: DType) -> CubeTensor {
    primitive(if x.dtype() == dtype { x } else { x.cast(dtype) })
}

/// The contiguous primitive of a tensor that lives on a CubeCL device.
pub fn primitive<const D: usize>(x: Tensor<D>) -> CubeTensor {
    // `serves` was asked about the input; weights and residuals live on the device of their input.
    into_contiguous(x.try_into_primitive::<Cube>().expect("all operands live on one CubeCL device"))
}

/// A contiguous tensor with anything in it, of the type and on the device of another one.
pub fn empty(like: &CubeTensor, shape: &[usize]) -> CubeTensor {
    empty_device_contiguous_dtype(like.client.clone(), like.device.clone(), shape.to_vec().into(), like.dtype)
}

/// A tensor's buffer as an argument of vectors.
pub fn buffer(tensor: CubeTensor, lanes: usize) -> BufferArg {
    let len = tensor.meta.num_elements() / lanes;
    // SAFETY: the tensor is contiguous with that many numbers, by `primitive` and `empty`.
    unsafe { BufferArg::from_raw_parts(tensor.handle, len) }
}
