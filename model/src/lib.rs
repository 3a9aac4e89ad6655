//! Lookout's vision: networks, classic algorithms, and the shared types that describe what they found.
//!
//! Without the feature `network` the crate is types and geometry only (boxes, suppression, classes, traces): this is
//! what the page links. With `cpu` or `gpu` it holds the networks in `burn`.

#[cfg(feature = "native")]
pub mod annotate;
#[cfg(feature = "network")]
pub mod backbone;
pub mod boxes;
mod bytes;
pub mod caption;
pub mod class_map;
pub mod classes;
pub mod coco;
#[cfg(feature = "native")]
pub mod data_folder;
#[cfg(feature = "network")]
pub mod heads;
#[cfg(feature = "network")]
pub mod kernels;
#[cfg(feature = "native")]
pub mod labelled_people;
#[cfg(feature = "network")]
pub mod layers;
pub mod location;
pub mod mask;
#[cfg(feature = "native")]
pub mod measure;
pub mod metrics;
pub mod photo;
#[cfg(feature = "network")]
pub mod proposals;
pub mod random;
#[cfg(feature = "network")]
pub mod regions;
pub mod rle;
pub mod skeleton;
#[cfg(feature = "network")]
pub mod systems;
pub mod trace;
#[cfg(feature = "train")]
pub mod train;
#[cfg(feature = "network")]
pub mod upsample;
#[cfg(feature = "network")]
pub mod weights;
