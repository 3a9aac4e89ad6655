//! The photo on show as a component: the canvas, zoom and pan, and what the pointer points at.

mod buttons;
mod canvas;
mod drawn_part;
mod gestures;
mod pointing;
mod wheel;
mod zoom;

pub use buttons::{look_at_part, zoom_key};
pub use canvas::PhotoCanvas;
pub use zoom::Viewer;
