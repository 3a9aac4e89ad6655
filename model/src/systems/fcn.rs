//! Semantic segmentation with a fully convolutional network (Long et al. 2015): down, up, and a class for each pixel.

use std::sync::Arc;

use super::{
    Context, Detector, LocalBoxFuture,
    artifacts::{Pyramid, Scores},
    ssd,
};
use crate::{
    device::RunError,
    heads::{
        segment::{ClassLogits, SegmentHead, map_size},
        ssd::Ssd,
    },
    structures::class_map::ClassMap,
};

/// The segmentation head on the detector's backbone.
pub struct FcnSystem {
    pub detector: Arc<Ssd>,
    pub head: Arc<SegmentHead>,
}

impl Detector for FcnSystem {
    fn run<'a>(&'a self, cx: &'a mut Context<'_>) -> LocalBoxFuture<'a, Result<(), RunError>> {
        Box::pin(async move {
            let (photo, head) = (cx.photo.size(), &self.head);
            let size = cx.settings.map_size.unwrap_or_else(|| map_size(photo));
            let features = ssd::features(cx, &self.detector).await?;
            let prior = ssd::class_scores(cx, &self.detector, &features).await?;
            let pyramid = cx
                .stage("upsampling", async |work| {
                    Pyramid::timed(head.begin_maps(&features.maps, &prior.prior()), work).await
                })
                .await?;
            let scores = cx
                .stage("score-maps", async |_| {
                    Ok(Scores { photo, logits: ClassLogits::read(head.classify(&pyramid.maps)).await? })
                })
                .await?;
            cx.stage_with("class-map", &size, async |_| {
                Ok(ClassMap::from_logits(&scores.logits.values, scores.logits.grid, size))
            })
            .await?;
            Ok(())
        })
    }
}
