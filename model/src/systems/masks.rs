//! Instance segmentation: Mask R-CNN's mask branch (He et al. 2017) on the boxes of SSD.

use std::{rc::Rc, sync::Arc};

use super::{
    Context, Detector, LocalBoxFuture,
    artifacts::{AlignedRegions, Pyramid},
    closer_masks::{MaskNetworks, with_crops},
    region_features::regions_of,
    ssd,
};
use crate::{
    backbone::PhotoFeatures,
    catalog::{MASK_ALIGN, MASK_HEAD, MASK_PYRAMID},
    device::RunError,
    heads::{
        mask::{MaskHead, regions},
        ssd::Ssd,
    },
    structures::{
        boxes::{Candidate, suppress},
        mask::InstanceMask,
        question::{Answer, PooledMasks, Question},
    },
};

/// The mask branch on SSD's boxes.
pub struct MaskSystem {
    pub detector: Arc<Ssd>,
    pub head: Arc<MaskHead>,
}

impl Detector for MaskSystem {
    fn run<'a>(&'a self, cx: &'a mut Context<'_>) -> LocalBoxFuture<'a, Result<(), RunError>> {
        Box::pin(async move {
            of_detections(cx, &self.detector, &self.head, cx.settings.closer).await?;
            Ok(())
        })
    }

    fn answer<'a>(
        &'a self,
        cx: &'a mut Context<'_>,
        question: &'a Question,
    ) -> LocalBoxFuture<'a, Result<Option<Answer>, RunError>> {
        Box::pin(async move {
            let Question::Masks(boxes) = question else { return Ok(None) };
            if boxes.is_empty() {
                return Ok(Some(Answer::Masks(vec![])));
            }
            let features = ssd::features(cx, &self.detector).await?;
            let maps = pyramid(cx, &self.head, MASK_PYRAMID.key, &features).await?;
            let regions = regions_of(boxes);
            let align = self.head.grids(self.head.pool(&maps.maps, &regions)).await?;
            let pool = self.head.grids(self.head.pool_rounded(&maps.maps, &regions)).await?;
            let masks = align.into_iter().zip(pool).map(|(align, pool)| PooledMasks { align, pool });
            Ok(Some(Answer::Masks(masks.collect())))
        })
    }
}

/// The masks of SSD's detections.
///
/// # Arguments
/// * `crops` - whether each thing is also seen in a crop of its own.
pub async fn of_detections(
    cx: &mut Context<'_>,
    detector: &Ssd,
    head: &MaskHead,
    crops: bool,
) -> Result<Rc<Vec<InstanceMask>>, RunError> {
    let detections = ssd::detections(cx, detector).await?;
    let features = ssd::features(cx, detector).await?;
    let closer = crops.then_some(detector);
    branch(cx, head, [MASK_PYRAMID.key, MASK_ALIGN.key, MASK_HEAD.key], (&detections, &features), closer).await
}

/// The maps that the mask branch reads.
async fn pyramid(
    cx: &mut Context<'_>,
    head: &MaskHead,
    key: &'static str,
    features: &PhotoFeatures,
) -> Result<Rc<Pyramid>, RunError> {
    cx.stage(key, async |work| Pyramid::timed(head.begin_maps(&features.maps), work).await).await
}

/// Masks of the detections that are sure enough.
///
/// # Arguments
/// * `keys` - of the three stages: the pyramid, the regions on it, the masks.
/// * `detections` - before suppression, with the features of the photo that they were found in.
/// * `closer` - whose backbone looks at each thing once more, if any.
pub async fn branch(
    cx: &mut Context<'_>,
    head: &MaskHead,
    [up, align, decide]: [&'static str; 3],
    (detections, features): (&[Candidate], &PhotoFeatures),
    closer: Option<&Ssd>,
) -> Result<Rc<Vec<InstanceMask>>, RunError> {
    let rule = cx.settings.masks;
    let depends = (rule, cx.settings.closer);
    let pyramid = pyramid(cx, head, up, features).await?;
    let aligned = cx
        .stage_with(align, &depends, async |_| {
            let chosen = suppress(detections, &rule).kept;
            let (boxes, regions) = regions(features.photo, detections, &chosen);
            let pooled = (!regions.is_empty()).then(|| head.pool(&pyramid.maps, &regions));
            Ok(AlignedRegions { chosen, boxes, pooled })
        })
        .await?;
    let photo = cx.photo;
    cx.stage_with(decide, &(depends, closer.is_some()), async |work| {
        let Some(pooled) = aligned.pooled.clone() else { return Ok(vec![]) };
        let masks = head.decode(pooled, detections, &aligned.chosen, &aligned.boxes).await?;
        match closer {
            Some(detector) => {
                with_crops(masks, MaskNetworks { detector, head, device: work.device }, photo, work).await
            }
            None => Ok(masks),
        }
    })
    .await
}
