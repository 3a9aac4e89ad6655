//! Painting: the map between photo and canvas, colours, labels, and the pen that the page, the camera and the exported
//! picture share. What is painted for each kind of result is a matter of the layers.

mod canvas;
pub mod labels;
pub mod pen;
pub mod skeleton_geometry;
pub mod tint;
pub mod tokens;
pub mod view;

pub use canvas::prepared;
