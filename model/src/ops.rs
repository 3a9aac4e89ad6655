//! Operators that networks are made of: convolutions, upsampling, and from a region to a feature of fixed size.
//!
//! Activations are `[batch, height, width, channels]` (NHWC), so that a 1x1 convolution is a matrix product and vector
//! loads run along channels. Padding is TensorFlow's "same": `ceil(size / stride)` outputs, the odd pixel of padding at
//! the bottom and right. Bias, activation and the residual sum are part of a convolution.
//!
//! An operator's file is its interface: it picks the fastest implementation for the device that the tensor lives on.
//! Those lie in its folder: `cpu` for burn's `flex`, `gpu` for WebGPU, and `reference` (burn's own operations)
//! elsewhere, under autodiff, and for tests. A build for the GPU alone leaves the references out: they would be a third
//! of it.

/// Returns from the operator with its reference, for tensors that no kernel serves, where references are linked.
macro_rules! fallback {
    ($reference:expr) => {{
        #[cfg(any(feature = "cpu", not(feature = "gpu")))]
        return $reference;
        #[cfg(all(feature = "gpu", not(feature = "cpu")))]
        unreachable!("this build is for one GPU, without autodiff: its kernels serve every tensor")
    }};
}

mod activation;
#[cfg(feature = "gpu")]
pub mod autotune;
pub mod compare;
mod conv1x1;
mod conv2d;
mod conv_transpose;
#[cfg(feature = "cpu")]
mod cpu;
mod depthwise;
#[cfg(feature = "gpu")]
pub mod gpu;
mod packed_weights;
mod padding;
mod ps_roi_pool;
mod reference;
mod region;
mod roi_align;
mod roi_pool;
mod tensor_from;
mod upsample;
mod weight_cache;

pub use activation::Activation;
pub use conv_transpose::conv_transpose;
pub use conv1x1::conv1x1;
pub use conv2d::conv2d;
pub use depthwise::depthwise;
pub use packed_weights::PackedWeights;
pub use padding::{Padding, same_padding};
#[cfg(feature = "train")]
pub(crate) use ps_roi_pool::bin_shares;
pub use ps_roi_pool::ps_roi_pool;
pub use region::Region;
pub use roi_align::{SAMPLES, roi_align, roi_align_backward};
pub use roi_pool::roi_pool;
pub use tensor_from::tensor_from;
pub use upsample::bilinear_double;
pub use weight_cache::WeightCache;
