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
    structures::{
        class_map::ClassMap,
        question::{Answer, Question, UpsampledClassMaps, Upsampling},
    },
};

/// Learned filters that are shown of the last step up.
const FILTERS: usize = 24;

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

    fn answer<'a>(
        &'a self,
        cx: &'a mut Context<'_>,
        question: &'a Question,
    ) -> LocalBoxFuture<'a, Result<Option<Answer>, RunError>> {
        Box::pin(async move {
            let Question::ClassMaps(steps) = question else { return Ok(None) };
            let size = map_size(cx.photo.size());
            let features = ssd::features(cx, &self.detector).await?;
            let prior = ssd::class_scores(cx, &self.detector, &features).await?;
            let mut maps = vec![];
            for way in Upsampling::ALL {
                let (_, logits) = self.head.upsampling_by(way, (*steps).into()).forward(&features.maps, &prior.prior());
                let logits = ClassLogits::read(logits).await?;
                maps.push(ClassMap::from_logits(&logits.values, logits.grid, size));
            }
            Ok(Some(Answer::ClassMaps(UpsampledClassMaps { maps, filters: self.head.filters(FILTERS).await? })))
        })
    }
}
