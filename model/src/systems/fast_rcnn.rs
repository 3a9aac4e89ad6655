//! Fast R-CNN (Girshick 2015): the photo goes through the network once, and the regions of Selective Search are cut out of its
//! maps instead of the photo.

use std::sync::Arc;

use super::{Context, Detector, LocalBoxFuture, region_features, region_proposals};
use crate::{
    device::RunError,
    heads::{
        box_head::BoxHead,
        faster_rcnn::{Cut, RegionProposals},
        ssd::Ssd,
    },
    structures::question::{Answer, Question},
};

/// Fast R-CNN.
pub struct FastRcnnSystem {
    pub detector: Arc<Ssd>,
    /// Its feature pyramid; its proposals are not asked for.
    pub pyramid: Arc<RegionProposals>,
    pub boxes: Arc<BoxHead>,
}

impl Detector for FastRcnnSystem {
    fn run<'a>(&'a self, cx: &'a mut Context<'_>) -> LocalBoxFuture<'a, Result<(), RunError>> {
        Box::pin(async move {
            let proposals = region_proposals::searched(cx).await?;
            let levels = region_proposals::levels(cx, &self.detector, &self.pyramid).await?;
            let (keys, head) = (["roi-pool", "box-head"], |regions| self.boxes.forward(regions));
            region_features::detections(cx, keys, &levels, &proposals, Cut::Pool, head).await.map(drop)
        })
    }

    fn answer<'a>(
        &'a self,
        cx: &'a mut Context<'_>,
        question: &'a Question,
    ) -> LocalBoxFuture<'a, Result<Option<Answer>, RunError>> {
        Box::pin(async move {
            let levels = region_proposals::levels(cx, &self.detector, &self.pyramid).await?;
            region_features::answer(question, &levels, Cut::Pool, |regions| self.boxes.forward(regions)).await
        })
    }
}
