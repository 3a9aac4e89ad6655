//! What to say about a feature map or a region.

pub mod box_head;
pub mod caption;
pub mod keypoint;
pub mod locate;
pub mod mask;
pub mod pyramid;
pub mod segment;
pub mod single_shot;
pub mod top_down;
pub mod votes;
