//! One file a system of the lecture, each a short composition of the rooms above.

pub mod ssd;
