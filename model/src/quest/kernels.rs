//! The arithmetic of training as plain loops.
//!
//! Each output adds its terms one after the other, in the order of the sum's index, with a rounding after each product and
//! each sum. The compiler runs several outputs side by side (SIMD), which changes no number: the results are the same
//! bits on every machine, natively and in WebAssembly.

pub mod convolution;
pub mod linear;
pub mod pooling;
pub mod softmax;
pub mod tile;
