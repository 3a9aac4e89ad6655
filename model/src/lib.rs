//! Lookout's vision: networks, classic algorithms, and the shared types that describe what they found.
//!
//! Without the feature `network` the crate is types and geometry only (boxes, suppression, classes, traces): this is
//! what the page links. With `cpu` or `gpu` it holds the networks in `burn`.

pub mod boxes;
pub mod classes;
pub mod trace;
