//! Faster R-CNN (Ren et al. 2015): a network proposes regions, RoIAlign cuts them out of the pyramid, and a second stage says
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
    structures::{
        boxes::Candidate,
        question::{Answer, Question},
    },
};

/// Faster R-CNN, which Mask R-CNN and DenseCap go on from.
///
/// The paper has RoIPool, which Fast R-CNN shows; on the same pyramid RoIAlign (He et al. 2017) measured three points of mean
/// average precision more, so detection libraries have it here, too.
pub struct FasterRcnn {
    pub detector: Arc<Ssd>,
    pub proposals: Arc<RegionProposals>,
    pub boxes: Arc<BoxHead>,
}

impl Detector for FasterRcnn {
    fn run<'a>(&'a self, cx: &'a mut Context<'_>) -> LocalBoxFuture<'a, Result<(), RunError>> {
        Box::pin(async move { self.detections(cx).await.map(drop) })
    }

    fn answer<'a>(
        &'a self,
        cx: &'a mut Context<'_>,
        question: &'a Question,
    ) -> LocalBoxFuture<'a, Result<Option<Answer>, RunError>> {
        Box::pin(async move {
            let levels = region_proposals::levels(cx, &self.detector, &self.proposals).await?;
            region_features::answer(question, &levels, Cut::Align, |regions| self.boxes.forward(regions)).await
        })
    }
}

impl FasterRcnn {
    /// The detections before suppression.
    pub async fn detections(&self, cx: &mut Context<'_>) -> Result<Rc<Vec<Candidate>>, RunError> {
        let levels = region_proposals::levels(cx, &self.detector, &self.proposals).await?;
        let proposals = region_proposals::proposals(cx, &self.proposals, &levels).await?;
        let (keys, head) = ([ROI_ALIGN.key, ALIGNED_BOX_HEAD.key], |regions| self.boxes.forward(regions));
        region_features::detections(cx, keys, &levels, &proposals, Cut::Align, head).await
    }
}
