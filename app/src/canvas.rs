//! The photo on show: zoom and pan, and what was found, with its labels.

pub mod draw;
mod figures;
pub mod gestures;
pub mod labels;
mod masks;
mod pointing;
mod said;
pub mod skeleton;
mod stage;
mod tint;
pub mod tokens;
pub mod view;
mod viewer;

pub use said::slot_of_region;
pub use stage::{Stage, prepared, swatch_class, swatch_class_of, zoom_key};
pub use tint::tinted;
pub use viewer::Viewer;
