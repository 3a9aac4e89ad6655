//! Layers with weights, as burn modules over [`crate::ops`]; reading and writing weights; timing layers.

mod conv1x1;
mod conv2d;
mod conv_transpose2d;
mod depthwise_conv2d;
pub mod profile;
mod separable_conv2d;
pub mod weights;

pub use conv_transpose2d::ConvTranspose2d;
pub use conv1x1::Conv1x1;
pub use conv2d::Conv2d;
pub use depthwise_conv2d::DepthwiseConv2d;
pub use separable_conv2d::SeparableConv2d;
