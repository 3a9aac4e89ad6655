//! Semantic segmentation with a fully convolutional network (Long et al. 2015): down, up, and a class for each pixel.

use std::{rc::Rc, sync::Arc};

use super::{
    Context, Detector, LocalBoxFuture,
    artifacts::{Pyramid, Scores},
    ssd,
};
use crate::{
    catalog::{SCORE_MAPS, UPSAMPLING},
    device::RunError,
    heads::{
        segment::{ClassLogits, SegmentHead, map_size},
        ssd::Ssd,
        unpooling::{self, Measured, SIDE, UnpoolingNets},
    },
    ops::tensor_from,
    structures::{
        boxes::BBox,
        question::{Answer, Question, UnpooledMask, UnpooledMasks, UpsampledClassMaps, Upsampling},
    },
};

/// Learned filters that are shown of the last step up.
const FILTERS: usize = 24;

/// The segmentation head on the detector's backbone.
pub struct FcnSystem {
    pub detector: Arc<Ssd>,
    pub head: Arc<SegmentHead>,
    /// Networks to compare; loaded for the question about them only.
    pub unpooled: Option<Arc<UnpoolingNets>>,
}

impl Detector for FcnSystem {
    fn run<'a>(&'a self, cx: &'a mut Context<'_>) -> LocalBoxFuture<'a, Result<(), RunError>> {
        Box::pin(async move {
            let photo = cx.photo;
            let size = cx.settings.class_map_size(photo.size());
            let scores = self.scores(cx).await?;
            cx.stage_with("class-map", &size, async |_| Ok(scores.logits.class_map_along_edges(photo, size))).await?;
            Ok(())
        })
    }

    fn answer<'a>(
        &'a self,
        cx: &'a mut Context<'_>,
        question: &'a Question,
    ) -> LocalBoxFuture<'a, Result<Option<Answer>, RunError>> {
        Box::pin(async move {
            match (question, &self.unpooled) {
                (Question::ClassMaps(steps), _) => {
                    Ok(Some(Answer::ClassMaps(self.class_maps(cx, (*steps).into()).await?)))
                }
                (Question::Unpooled, Some(nets)) => Ok(Some(Answer::Unpooled(self.unpooled(cx, nets).await?))),
                _ => Ok(None),
            }
        })
    }
}

impl FcnSystem {
    /// The score maps: all that the class map is made of.
    pub async fn scores(&self, cx: &mut Context<'_>) -> Result<Rc<Scores>, RunError> {
        let (photo, head) = (cx.photo.size(), &self.head);
        let features = ssd::features(cx, &self.detector).await?;
        let prior = ssd::class_scores(cx, &self.detector, &features).await?;
        let pyramid = cx
            .stage(UPSAMPLING.key, async |work| {
                Pyramid::timed(head.begin_maps(&features.maps, &prior.prior()), work).await
            })
            .await?;
        cx.stage(SCORE_MAPS.key, async |_| {
            Ok(Scores { photo, logits: ClassLogits::read(head.classify(&pyramid.maps)).await? })
        })
        .await
    }

    /// The class map by each way of upsampling in the last steps up.
    async fn class_maps(&self, cx: &mut Context<'_>, steps: usize) -> Result<UpsampledClassMaps, RunError> {
        let size = map_size(cx.photo.size());
        let features = ssd::features(cx, &self.detector).await?;
        let prior = ssd::class_scores(cx, &self.detector, &features).await?;
        let mut maps = vec![];
        for way in Upsampling::ALL {
            let (_, logits) = self.head.upsampling_by(way, steps).forward(&features.maps, &prior.prior());
            maps.push(ClassLogits::read(logits).await?.class_map(size));
        }
        Ok(UpsampledClassMaps { maps, filters: self.head.filters(FILTERS).await? })
    }

    /// Things by each way of unpooling, with those of the class map beside them.
    async fn unpooled(&self, cx: &mut Context<'_>, nets: &UnpoolingNets) -> Result<UnpooledMasks, RunError> {
        let scores = self.scores(cx).await?;
        let map = scores.logits.class_map((SIDE, SIDE));
        let (width, height) = (cx.photo.width() as f32, cx.photo.height() as f32);
        let input =
            tensor_from(unpooling::input(cx.photo, BBox::new(0.0, 0.0, width, height)), [1, SIDE, SIDE, 3], cx.device);
        let mut masks = vec![];
        for (net, Measured { iou, boundary_error, near }) in &nets.0 {
            masks.push(UnpooledMask {
                way: net.way(),
                things: net.masks(input.clone()).await?,
                iou: *iou,
                boundary_error: *boundary_error,
                near: *near,
            });
        }
        // The class map's first class is the background.
        let class_map = map.labels.iter().map(|&label| u8::from(label != 0)).collect();
        Ok(UnpooledMasks { side: SIDE, masks, class_map })
    }
}
