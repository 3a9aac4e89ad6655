//! Mask R-CNN (He et al. 2017): Faster R-CNN with RoIAlign, and a branch that says which pixels of a region are its object's.

use std::sync::Arc;

use super::{Context, Detector, LocalBoxFuture, faster_rcnn::FasterRcnn, masks, region_proposals};
use crate::{device::RunError, heads::mask::MaskHead};

/// Mask R-CNN.
pub struct MaskRcnnSystem {
    pub boxes: FasterRcnn,
    pub masks: Arc<MaskHead>,
}

impl Detector for MaskRcnnSystem {
    fn run<'a>(&'a self, cx: &'a mut Context<'_>) -> LocalBoxFuture<'a, Result<(), RunError>> {
        Box::pin(async move {
            let detections = self.boxes.detections(cx).await?;
            let features = region_proposals::features(cx, &self.boxes.detector).await?;
            let keys = ["mask-pyramid-416", "roi-align-14", "mask-head-416"];
            masks::branch(cx, &self.masks, keys, &detections, &features).await
        })
    }
}
