//! Instance segmentation: Mask R-CNN's mask branch (He et al. 2017) on the boxes of SSD.

use std::sync::Arc;

use super::{
    Context, Detector, LocalBoxFuture,
    artifacts::{AlignedRegions, Pyramid},
    ssd,
};
use crate::{
    device::RunError,
    heads::{
        mask::{MaskHead, regions},
        ssd::Ssd,
    },
    structures::boxes::suppress,
};

/// The mask branch on SSD's boxes.
pub struct MaskSystem {
    pub detector: Arc<Ssd>,
    pub head: Arc<MaskHead>,
}

impl Detector for MaskSystem {
    fn run<'a>(&'a self, cx: &'a mut Context<'_>) -> LocalBoxFuture<'a, Result<(), RunError>> {
        Box::pin(async move {
            let (rule, head) = (cx.settings.masks, &self.head);
            let detections = ssd::detections(cx, &self.detector).await?;
            let features = ssd::features(cx, &self.detector).await?;
            let pyramid = cx.stage("mask-pyramid", async |_| Ok(Pyramid(head.maps(&features.maps)))).await?;
            let aligned = cx
                .stage_with("roi-align", &rule, async |_| {
                    let chosen = suppress(&detections, &rule).kept;
                    let (boxes, regions) = regions(features.photo, &detections, &chosen);
                    let pooled = (!regions.is_empty()).then(|| head.pool(&pyramid.0, &regions));
                    Ok(AlignedRegions { chosen, boxes, pooled })
                })
                .await?;
            cx.stage_with("mask-head", &rule, async |_| match aligned.pooled.clone() {
                Some(pooled) => head.decode(pooled, &detections, &aligned.chosen, &aligned.boxes).await,
                None => Ok(vec![]),
            })
            .await?;
            Ok(())
        })
    }
}
