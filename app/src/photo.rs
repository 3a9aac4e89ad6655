//! Photos: imported from a drop, a paste, the picker, an address or a sample; checked; decoded by the browser.

pub mod address;
mod decode;
mod fault;
mod frame;
pub mod import;
pub mod kept;
pub mod samples;
mod shrink;

pub use decode::{Photo, PhotoSizes, decode, next_id};
pub use fault::PhotoFault;
pub use frame::{Frame, FrameGrabber};
