//! Detection systems, one a file: backbone, proposals, heads and postprocessing in order.

pub mod caption;
pub mod localize;
pub mod mask;
pub mod pose;
pub mod segment;
pub mod ssd;
