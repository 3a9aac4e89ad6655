//! Tensors on a device in the precision that networks have there.

#[cfg(feature = "gpu")]
use burn::tensor::DType;
use burn::tensor::{Device, Tensor, TensorData};

#[cfg(feature = "gpu")]
use super::gpu::storage;

/// A tensor on a device, in the precision that networks have there: float32, or float16 where `ops::gpu::storage` says
/// so.
///
/// Biases (1-D) and depthwise filters (3-D) are few and reach a whole channel each: they are float32 everywhere.
///
/// # Panics
/// When the shape does not hold the values.
#[must_use]
pub fn tensor_from<const D: usize>(values: Vec<f32>, shape: [usize; D], device: &Device) -> Tensor<D> {
    let data = TensorData::new(values, shape);
    #[cfg(feature = "gpu")]
    if storage::is_half() && !matches!(D, 1 | 3) {
        return Tensor::from_data(data, (device, DType::F16));
    }
    Tensor::from_data(data, device)
}
