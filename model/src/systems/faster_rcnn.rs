//! Faster R-CNN (Ren et al. 2015): a network proposes regions, RoIPool cuts them out of the pyramid, and a second stage says
//! what each one is and corrects it once more.

use std::sync::Arc;

use super::{
    Context, Detector, LocalBoxFuture,
    region_features::{self, PooledProposals},
    region_proposals,
};
use crate::{
    device::RunError,
    heads::{box_head::BoxHead, faster_rcnn::RegionProposals, ssd::Ssd},
};

/// Faster R-CNN.
pub struct FasterRcnnSystem {
    pub detector: Arc<Ssd>,
    pub proposals: Arc<RegionProposals>,
    pub boxes: Arc<BoxHead>,
}

impl Detector for FasterRcnnSystem {
    fn run<'a>(&'a self, cx: &'a mut Context<'_>) -> LocalBoxFuture<'a, Result<(), RunError>> {
        Box::pin(async move {
            let levels = region_proposals::levels(cx, &self.detector, &self.proposals).await?;
            let proposals = region_proposals::proposals(cx, &self.proposals, &levels).await?;
            let count = proposals.proposals.len();
            let pooled =
                cx.stage_with("roi-pool", &count, async |_| Ok(PooledProposals::roi_pool(&levels, &proposals)));
            let pooled = pooled.await?;
            cx.stage_with("box-head", &count, async |_| {
                region_features::detections(&self.boxes, &pooled, &proposals).await
            })
            .await?;
            Ok(())
        })
    }
}
