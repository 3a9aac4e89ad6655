//! How good a system is, by the measures of the field.

pub mod average_precision;
pub mod captions;
pub mod coco;
pub mod proposals;
pub mod segmentation;
pub mod similarity;
pub mod voc;
