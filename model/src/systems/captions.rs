//! A sentence for the photo and for each prominent region, as in DenseCap (Johnson et al. 2016) with SSD's regions: an LSTM
//! looks at the region before each word, and names only what was detected there.

use std::sync::Arc;

use super::{Context, Detector, LocalBoxFuture, Settings, artifacts::CaptionRegions, ssd};
use crate::{
    backbone::PhotoFeatures,
    device::RunError,
    heads::{caption::CaptionModel, ssd::Ssd},
    structures::boxes::{BBox, Candidate, suppress},
};

/// The language model on the detector's backbone.
pub struct CaptionSystem {
    pub detector: Arc<Ssd>,
    pub model: Arc<CaptionModel>,
}

impl Detector for CaptionSystem {
    fn run<'a>(&'a self, cx: &'a mut Context<'_>) -> LocalBoxFuture<'a, Result<(), RunError>> {
        Box::pin(async move {
            let detections = ssd::detections(cx, &self.detector).await?;
            let features = ssd::features(cx, &self.detector).await?;
            describe(cx, &self.model, ["region-features", "words"], &detections, &features).await
        })
    }
}

/// A sentence for the photo and for each of its detections that is large and sure enough.
///
/// # Arguments
/// * `keys` - of the two stages: the regions, the words.
/// * `detections` - before suppression.
/// * `features` - of the photo that they were found in.
pub async fn describe(
    cx: &mut Context<'_>,
    model: &CaptionModel,
    [align, say]: [&'static str; 2],
    detections: &[Candidate],
    features: &PhotoFeatures,
) -> Result<(), RunError> {
    let (settings, photo) = (cx.settings, cx.photo.size());
    let depends = (&settings.regions, settings.min_region, settings.closer);
    let regions = cx
        .stage_with(align, &depends, async |_| {
            let regions = prominent(detections, photo, settings);
            let boxes: Vec<BBox> = regions.iter().map(|&(_, bbox)| bbox).collect();
            Ok(CaptionRegions { photo, sight: model.sight(features, &boxes), regions })
        })
        .await?;
    cx.stage_with(say, &depends, async |work| {
        model.describe(regions.sight.clone(), photo, detections, &regions.regions, async || work.go_on().await).await
    })
    .await?;
    Ok(())
}

/// The detections that are large and sure enough for a sentence, best first: their indices and boxes in photo pixels.
fn prominent(detections: &[Candidate], (width, height): (u32, u32), settings: &Settings) -> Vec<(usize, BBox)> {
    let (width, height) = (width as f32, height as f32);
    let rule = crate::structures::boxes::Suppression { max_boxes: usize::MAX, ..settings.regions };
    let kept = suppress(detections, &rule).kept.into_iter().map(|i| (i, detections[i].bbox.clip(width, height)));
    let large = kept.filter(|(_, bbox)| bbox.area() >= settings.min_region * width * height);
    large.take(settings.regions.max_boxes).collect()
}
