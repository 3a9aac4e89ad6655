//! R-CNN (Girshick et al. 2014): each of about 2,000 proposals of Selective Search is cut out of the photo and goes through the
//! whole network by itself.

use std::sync::Arc;

use burn::tensor::Device;

use super::{Context, Detector, LocalBoxFuture, Output, Work, region_proposals, selective_search};
use crate::{
    device::RunError,
    heads::{
        rcnn::{
            CropOutputs, INPUT, RcnnHead, corrected, crops, features, guesses, input, score, warp, warp_part,
            with_context,
        },
        ssd::{MIN_SCORE, Ssd},
    },
    photo::Photo,
    proposals::selective_search::Rule,
    structures::{
        boxes::BBox,
        classes::COCO,
        hierarchy::Hierarchies,
        question::{Answer, Crop, Kept, Question, ScoredCrop},
        stage::{Artifact, Picture, Region},
    },
};

/// Crops in one pass.
const BATCH: usize = 16;
/// Side of a crop's picture in the page, in pixels.
const THUMBNAIL: usize = 24;
/// How often what is there is shown while it grows.
const SHEETS: usize = 10;

/// R-CNN on the detector's backbone.
pub struct RcnnSystem {
    pub detector: Arc<Ssd>,
    pub head: Arc<RcnnHead>,
}

impl Detector for RcnnSystem {
    fn run<'a>(&'a self, cx: &'a mut Context<'_>) -> LocalBoxFuture<'a, Result<(), RunError>> {
        Box::pin(async move {
            let photo = cx.photo;
            let searched = region_proposals::searched(cx).await?;
            let (width, height) = (photo.width() as f32, photo.height() as f32);
            let boxes: Vec<BBox> = searched.proposals.iter().map(|it| it.bbox.scale(width, height)).collect();
            let count = boxes.len();
            let crops = cx.stage_with("rcnn-crops", &count, async |work| self.look(photo, boxes, work).await).await?;
            let outputs = &crops.outputs;
            let guessed =
                cx.stage_with("crop-scores", &count, async |_| Ok(guesses(outputs, &crops.boxes, MIN_SCORE))).await?;
            cx.stage_with("crop-corrections", &count, async |_| Ok(corrected(outputs, &guessed, photo.size()))).await?;
            Ok(())
        })
    }

    fn answer<'a>(
        &'a self,
        cx: &'a mut Context<'_>,
        question: &'a Question,
    ) -> LocalBoxFuture<'a, Result<Option<Answer>, RunError>> {
        Box::pin(async move {
            let Question::Crops(asked) = question else { return Ok(None) };
            let wants_segments = asked.iter().any(|it| it.keeps == Kept::Segment);
            let segments = if wants_segments { Some(selective_search(cx, &Rule::fast()).await?) } else { None };
            let crops = asked.iter().map(|it| warped(cx.photo, it, segments.as_deref())).collect();
            Ok(Some(Answer::Crops(self.scored(crops, cx.device).await?)))
        })
    }
}

/// A crop as the network reads it: `[160, 160, 3]`, RGB of 0 to 255.
struct WarpedCrop {
    values: Vec<f32>,
    /// In photo pixels.
    region: BBox,
    /// The box of the segment that was kept, in fractions of the photo.
    segment: Option<BBox>,
}

/// Cuts a crop out of the photo.
///
/// # Arguments
/// * `segments` - what Selective Search has found, for crops that keep a segment.
fn warped(photo: &Photo, crop: &Crop, segments: Option<&Hierarchies>) -> WarpedCrop {
    let (width, height) = (photo.width() as f32, photo.height() as f32);
    let (region, thing) = (crop.region.scale(width, height), crop.thing.scale(width, height));
    let (segment, values) = match crop.keeps {
        Kept::Photo => (None, warp(photo, &region, INPUT)),
        Kept::Box => (None, warp_part(photo, &region, INPUT, |point| thing.contains(point))),
        Kept::Segment => {
            let found = segments.and_then(|it| it.closest(&thing));
            let pixels = found.and_then(|it| segments?.pixels(&it));
            let has = |(x, y): (f32, f32)| pixels.as_ref().is_some_and(|it| it.has(x / width, y / height));
            (found, warp_part(photo, &region, INPUT, has))
        }
    };
    WarpedCrop { values, region, segment: segment.map(|it| it.bbox.scale(1.0 / width, 1.0 / height)) }
}

impl RcnnSystem {
    /// What the classifiers say of crops.
    async fn scored(&self, crops: Vec<WarpedCrop>, device: &Device) -> Result<Vec<ScoredCrop>, RunError> {
        let mut scored = vec![];
        for batch in crops.chunks(BATCH) {
            let values = batch.iter().flat_map(|it| it.values.iter().copied());
            let features = features(self.detector.backbone(), input(values, batch.len(), device));
            let outputs = self.head.outputs(features).await?;
            let rows = outputs.margins.chunks_exact(COCO.len());
            scored.extend(batch.iter().zip(rows).map(|(crop, margins)| ScoredCrop {
                scores: margins.iter().map(|&margin| score(margin)).collect(),
                // In 0 to 255 as the photo is.
                picture: picture(INPUT, crop.region, crop.values.iter().map(|v| v.round() as u8).collect()),
                segment: crop.segment,
            }));
        }
        Ok(scored)
    }

    /// Runs the network on the crop of each box.
    async fn look(&self, photo: &Photo, boxes: Vec<BBox>, work: &Work<'_>) -> Result<ScoredCrops, RunError> {
        let total = boxes.len();
        let earlier = work.resume().or_else(|| ScoredCrops::of_bytes(&work.kept()?, &boxes, photo));
        let mut done: ScoredCrops = earlier.unwrap_or_default();
        let (mut shown, mut kept) = (0, done.boxes.len());
        for batch in boxes[done.boxes.len()..].chunks(BATCH) {
            let features = features(self.detector.backbone(), crops(photo, batch, work.device));
            done.outputs.extend(self.head.outputs(features).await?);
            done.boxes.extend(batch);
            done.pictures.extend(batch.iter().map(|bbox| thumbnail(photo, bbox)));
            work.count_passes(batch.len());
            // The whole sheet goes over each time, or all boxes so far: not with every batch.
            let sheet = done.boxes.len() * SHEETS / total;
            let artifact =
                (sheet > shown).then(|| if work.is_inside() { done.sheet() } else { done.detections(photo) });
            if artifact.is_some() {
                work.keep(done.outputs.to_bytes(kept));
                kept = done.boxes.len();
            }
            shown = sheet;
            let count = done.boxes.len();
            done = work.checkpoint(done, (count, total), artifact).await?;
        }
        Ok(done)
    }
}

/// Crops with what the head says of them.
#[derive(Default)]
struct ScoredCrops {
    /// The proposals, in photo pixels.
    boxes: Vec<BBox>,
    pictures: Vec<Picture>,
    outputs: CropOutputs,
}

impl ScoredCrops {
    /// What a lost worker had done of the first boxes; `None` where the bytes are none of these.
    fn of_bytes(bytes: &[u8], boxes: &[BBox], photo: &Photo) -> Option<Self> {
        let outputs = CropOutputs::of_bytes(bytes)?;
        let boxes = boxes.get(..outputs.len())?.to_vec();
        let pictures = boxes.iter().map(|bbox| thumbnail(photo, bbox)).collect();
        Some(Self { boxes, pictures, outputs })
    }

    /// What is found so far, for somebody who stops before the end.
    fn detections(&self, photo: &Photo) -> Artifact {
        let guessed = guesses(&self.outputs, &self.boxes, MIN_SCORE);
        Artifact::Detections(corrected(&self.outputs, &guessed, photo.size()))
    }

    fn sheet(&self) -> Artifact {
        let region = |(&bbox, picture): (&BBox, &Picture)| Region {
            bbox,
            candidate: None,
            picture: Some(picture.clone()),
            features: None,
        };
        Artifact::Regions(self.boxes.iter().zip(&self.pictures).map(region).collect())
    }
}

/// A small picture of a crop as the network reads it.
fn thumbnail(photo: &Photo, bbox: &BBox) -> Picture {
    let region = with_context(bbox);
    // In 0 to 255 as the photo is.
    let rgb = warp(photo, &region, THUMBNAIL).into_iter().map(|v| v.round() as u8).collect();
    picture(THUMBNAIL, region, rgb)
}

/// A square of pixels that show a region of the photo.
const fn picture(side: usize, region: BBox, rgb: Vec<u8>) -> Picture {
    Picture { width: side, height: side, rgb, region }
}

impl Output for ScoredCrops {
    async fn artifact(&self) -> Result<Artifact, RunError> {
        Ok(self.sheet())
    }
}
