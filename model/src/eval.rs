//! Measures of the field: average precision, object keypoint similarity, mean IoU, distances of boundaries, BLEU and CIDEr.

pub mod average_precision;
pub mod boundary;
pub mod captions;
pub mod coco;
pub mod proposals;
pub mod segmentation;
pub mod similarity;
pub mod voc;
