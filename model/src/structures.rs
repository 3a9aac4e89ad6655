//! What systems say about a photo, as plain data without burn: the page, the worker and the command line share it.

pub mod boxes;
pub mod caption;
pub mod class_map;
pub mod classes;
pub mod hierarchy;
pub mod location;
pub mod mask;
pub mod nouns;
pub mod proposal;
pub mod question;
pub mod ranking;
pub mod rle;
pub mod skeleton;
pub mod stage;
