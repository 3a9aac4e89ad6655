//! Lookout's vision: networks, classic algorithms, and the plain data that describes what they found.
//!
//! Without the feature `network` the crate is types and geometry only (structures, catalogue, suppression): this is what
//! the page links. With `cpu` or `gpu` it holds the networks in `burn`. `ARCHITECTURE.md` says which room may import which.

#[cfg(feature = "native")]
pub mod annotate;
#[cfg(feature = "network")]
pub mod backbone;
pub mod catalog;
pub mod coco;
#[cfg(feature = "native")]
pub mod data;
#[cfg(feature = "network")]
pub mod device;
pub mod eval;
pub mod figures;
#[cfg(feature = "network")]
pub mod heads;
#[cfg(feature = "native")]
pub mod measure;
#[cfg(feature = "network")]
pub mod nn;
#[cfg(feature = "network")]
pub mod ops;
#[cfg(feature = "pack")]
pub mod pack;
pub mod photo;
pub mod proposals;
pub mod quest;
pub mod random;
pub mod run;
pub mod structures;
#[cfg(feature = "network")]
pub mod systems;
#[cfg(feature = "train")]
pub mod train;
