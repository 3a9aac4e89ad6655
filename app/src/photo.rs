//! How a photo gets in: offered by drop, paste, picker, camera, address or sample; checked; decoded by the browser.

pub mod address;
pub mod camera;
mod decode;
mod fault;
mod frame;
pub mod intake;
mod live;
pub mod offer;
pub mod samples;
mod shrink;

pub use decode::{Photo, canvas, decode};
pub use fault::PhotoFault;
pub use frame::{Frame, Shutter};
