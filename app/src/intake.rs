//! The components by which a photo gets in: picker, camera, address field, samples; and the camera's live view.

mod camera;
mod live;
mod ways;

pub use ways::{Intake, PhotoPicker};
