//! Faster R-CNN (Ren et al. 2015): a network proposes regions, RoIPool cuts them out of the pyramid, and a second stage says
//! what each one is and corrects it once more.

use std::{rc::Rc, sync::Arc};

use super::{
    Context, Detector, LocalBoxFuture,
    region_features::{self, PooledProposals},
    region_proposals,
};
use crate::{
    catalog::{ALIGNED_BOX_HEAD, ROI_ALIGN},
    device::RunError,
    heads::{
        box_head::BoxHead,
        faster_rcnn::{Cut, RegionProposals},
        ssd::Ssd,
    },
    structures::boxes::Candidate,
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
            let pooled = cx
                .stage_with("roi-pool", &count, async |_| Ok(PooledProposals::of(&levels, &proposals, Cut::Pool)))
                .await?;
            cx.stage_with("box-head", &count, async |_| {
                region_features::detections(|regions| self.boxes.forward(regions), &pooled, &proposals).await
            })
            .await?;
            Ok(())
        })
    }
}

/// Both stages with RoIAlign instead of RoIPool: what systems start from that need to know which pixels a region has.
pub struct AlignedRcnn {
    pub detector: Arc<Ssd>,
    pub proposals: Arc<RegionProposals>,
    pub boxes: Arc<BoxHead>,
}

impl AlignedRcnn {
    /// The detections before suppression.
    pub async fn detections(&self, cx: &mut Context<'_>) -> Result<Rc<Vec<Candidate>>, RunError> {
        let levels = region_proposals::levels(cx, &self.detector, &self.proposals).await?;
        let proposals = region_proposals::proposals(cx, &self.proposals, &levels).await?;
        let count = proposals.proposals.len();
        let aligned = cx
            .stage_with(ROI_ALIGN.key, &count, async |_| Ok(PooledProposals::of(&levels, &proposals, Cut::Align)))
            .await?;
        cx.stage_with(ALIGNED_BOX_HEAD.key, &count, async |_| {
            region_features::detections(|regions| self.boxes.forward(regions), &aligned, &proposals).await
        })
        .await
    }
}
