//! The photo on show: zoom and pan, the boxes and their labels.

pub mod draw;
pub mod gestures;
pub mod labels;
mod stage;
pub mod tokens;
pub mod view;
mod viewer;

pub use stage::{Stage, swatch_class, swatch_class_of, zoom_key};
pub use viewer::Viewer;
