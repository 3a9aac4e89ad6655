//! Faster R-CNN (Ren et al. 2015): a network proposes regions, RoIPool cuts them out of the pyramid, and a second stage says
//! what each one is and corrects it once more.

use std::{rc::Rc, sync::Arc};

use super::{Context, Detector, LocalBoxFuture, region_features, region_proposals};
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
            let (keys, head) = (["roi-pool", "box-head"], |regions| self.boxes.forward(regions));
            region_features::detections(cx, keys, &levels, &proposals, Cut::Pool, head).await.map(drop)
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
        let (keys, head) = ([ROI_ALIGN.key, ALIGNED_BOX_HEAD.key], |regions| self.boxes.forward(regions));
        region_features::detections(cx, keys, &levels, &proposals, Cut::Align, head).await
    }
}
