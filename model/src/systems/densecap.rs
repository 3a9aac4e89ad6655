//! Dense captioning (Johnson et al. 2016, "DenseCap"): regions from a proposal network, and a sentence for each instead of a
//! class.

use std::sync::Arc;

use super::{Context, Detector, LocalBoxFuture, captions, faster_rcnn::FasterRcnn, region_proposals};
use crate::{device::RunError, heads::caption::CaptionModel};

/// DenseCap.
pub struct DenseCapSystem {
    pub boxes: FasterRcnn,
    pub model: Arc<CaptionModel>,
}

impl Detector for DenseCapSystem {
    fn run<'a>(&'a self, cx: &'a mut Context<'_>) -> LocalBoxFuture<'a, Result<(), RunError>> {
        Box::pin(async move {
            let detections = self.boxes.detections(cx).await?;
            let features = region_proposals::features(cx, &self.boxes.detector).await?;
            captions::describe(cx, &self.model, ["region-features-416", "words-416"], &detections, &features).await
        })
    }
}
