//! The lecture's operators on maps of one channel, small enough to be read number by number: what the page's figures
//! compute. Plain loops in float64, so that the page need not link burn; `tests/integration/figures` checks each of them
//! against burn.

pub mod components;
pub mod convolution;
pub mod grid;
pub mod heads;
pub mod inverse;
pub mod losses;
pub mod matrix;
pub mod pixel_training;
pub mod precision;
pub mod regions;
pub mod spectrum;
pub mod stack;
pub mod tape;
pub mod upsampling;
pub mod windows;
