//! SPP-net (He et al. 2014): as SPP-net, but a region becomes the maxima of three grids, coarse to fine.

use std::sync::Arc;

use super::{
    Context, Detector, LocalBoxFuture,
    region_features::{self, PooledProposals},
    region_proposals,
};
use crate::{
    device::RunError,
    heads::{
        faster_rcnn::{Cut, RegionProposals},
        spp::SppHead,
        ssd::Ssd,
    },
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
            let count = proposals.proposals.len();
            let pooled = cx
                .stage_with("spatial-pyramid", &count, async |_| {
                    Ok(PooledProposals::of(&levels, &proposals, Cut::Pyramid))
                })
                .await?;
            cx.stage_with("spp-head", &count, async |_| {
                region_features::detections(|regions| self.head.forward(regions), &pooled, &proposals).await
            })
            .await?;
            Ok(())
        })
    }
}
