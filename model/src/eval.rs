//! Measures of the field: average precision, object keypoint similarity, mean IoU, BLEU and CIDEr.

pub mod average_precision;
pub mod captions;
pub mod coco;
pub mod proposals;
pub mod segmentation;
pub mod similarity;
pub mod voc;
