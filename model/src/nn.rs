//! Layers with weights, as burn modules over [`crate::ops`]; reading and writing weights; timing layers.

mod conv1x1;
mod conv2d;
mod conv_transpose2d;
mod depthwise_conv2d;
pub mod profile;
pub mod weights;

pub use conv_transpose2d::Transposed;
pub use conv1x1::Pointwise;
pub use conv2d::Dense;
pub use depthwise_conv2d::Depthwise;
