//! The photo on show: zoom and pan, the boxes and skeletons with their labels.

pub mod draw;
mod figures;
pub mod gestures;
pub mod labels;
pub mod skeleton;
mod stage;
pub mod tokens;
pub mod view;
mod viewer;

pub use stage::{Stage, prepared, swatch_class, swatch_class_of, zoom_key};
pub use viewer::Viewer;
