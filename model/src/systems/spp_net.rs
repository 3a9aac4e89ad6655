//! SPP-net (He et al. 2014): as Fast R-CNN, but a region becomes the maxima of three grids, coarse to fine.

use std::sync::Arc;

use super::{Context, Detector, LocalBoxFuture, region_features, region_proposals};
use crate::{
    device::RunError,
    heads::{
        faster_rcnn::{Cut, RegionProposals},
        spp::SppHead,
        ssd::Ssd,
    },
    structures::question::{Answer, Question},
};

/// SPP-net.
pub struct SppNetSystem {
    pub detector: Arc<Ssd>,
    /// Its feature pyramid; its proposals are not asked for.
    pub pyramid: Arc<RegionProposals>,
    pub head: Arc<SppHead>,
}

impl Detector for SppNetSystem {
    fn run<'a>(&'a self, cx: &'a mut Context<'_>) -> LocalBoxFuture<'a, Result<(), RunError>> {
        Box::pin(async move {
            let proposals = region_proposals::searched(cx).await?;
            let levels = region_proposals::levels(cx, &self.detector, &self.pyramid).await?;
            let (keys, head) = (["spatial-pyramid", "spp-head"], |regions| self.head.forward(regions));
            region_features::detections(cx, keys, &levels, &proposals, Cut::Pyramid, head).await.map(drop)
        })
    }

    fn answer<'a>(
        &'a self,
        cx: &'a mut Context<'_>,
        question: &'a Question,
    ) -> LocalBoxFuture<'a, Result<Option<Answer>, RunError>> {
        Box::pin(async move {
            let levels = region_proposals::levels(cx, &self.detector, &self.pyramid).await?;
            region_features::answer(question, &levels, Cut::Pyramid, |regions| self.head.forward(regions)).await
        })
    }
}
