//! Networks that say something about feature maps or regions.

pub mod box_head;
pub mod caption;
pub mod faster_rcnn;
pub mod input;
pub mod keypoint;
pub mod keypoint_branch;
pub mod locate;
pub mod mask;
pub mod movenet;
pub mod pose_regression;
pub mod pyramid;
pub mod r_fcn;
pub mod rcnn;
pub mod segment;
pub mod single_shot;
pub mod spp;
pub mod ssd;
pub mod top_down;
pub mod unpooling;
pub mod votes;
pub mod yolo;
