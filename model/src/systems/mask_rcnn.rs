//! Mask R-CNN (He et al. 2017): Faster R-CNN with RoIAlign, a branch that says where a person's joints are, and one that says
//! which pixels of a region are its object's.

use std::sync::Arc;

use super::{Context, Detector, LocalBoxFuture, keypoint_rcnn::KeypointRcnn, masks, region_proposals};
use crate::{device::RunError, heads::mask::MaskHead};

/// Mask R-CNN.
pub struct MaskRcnnSystem {
    pub people: KeypointRcnn,
    pub masks: Arc<MaskHead>,
}

impl Detector for MaskRcnnSystem {
    fn run<'a>(&'a self, cx: &'a mut Context<'_>) -> LocalBoxFuture<'a, Result<(), RunError>> {
        Box::pin(async move {
            let boxes = &self.people.boxes;
            let detections = boxes.detections(cx).await?;
            self.people.joints(cx, &detections).await?;
            let features = region_proposals::features(cx, &boxes.detector).await?;
            let keys = ["mask-pyramid-416", "roi-align-14", "mask-head-416"];
            masks::branch(cx, &self.masks, keys, (&detections, &features), None).await?;
            Ok(())
        })
    }
}
