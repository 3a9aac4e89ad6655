//! The photo on show as a component: the canvas, zoom and pan, and what the pointer points at.

mod canvas;
mod gestures;
mod pointing;
mod wheel;
mod zoom;

pub use canvas::{PhotoCanvas, prepared, zoom_key};
pub use zoom::Viewer;
