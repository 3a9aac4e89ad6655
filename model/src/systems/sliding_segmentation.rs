//! Semantic segmentation by a sliding window (Farabet et al. 2013, "Learning Hierarchical Features for Scene Labeling"): a
//! patch round each cell of a coarse grid goes through the whole network, and the answer is the class of its centre.
//!
//! The networks are those of the fully convolutional system, so that the two differ in where they look and in nothing else.

use std::sync::Arc;

use burn::tensor::{Device, Tensor};

use super::{Context, Detector, LocalBoxFuture, Output, Work};
use crate::{
    device::{RunError, read},
    heads::{box_head::softmax, input::input, segment::SegmentHead, ssd::Ssd},
    photo::{Framing, Photo, sample_bilinear_tf},
    structures::{
        boxes::BBox,
        class_map::{CLASSES, ClassMap},
        question::{Answer, Question, RegionClasses},
        stage::{Artifact, Picture, Region},
    },
};

/// Cells along the longer side of the photo.
const CELLS: usize = 16;
/// Side of a patch, as a share of the photo's shorter side.
const PATCH: f32 = 0.4;
/// Side of a patch as the network reads it, in pixels.
const INPUT: usize = 128;
/// Patches in one pass.
const BATCH: usize = 8;
/// Side of a patch's picture in the page, in pixels.
const THUMBNAIL: u32 = 32;

/// The fully convolutional system's networks, one patch at a time.
pub struct SlidingSegmentation {
    pub detector: Arc<Ssd>,
    pub head: Arc<SegmentHead>,
}

impl Detector for SlidingSegmentation {
    fn run<'a>(&'a self, cx: &'a mut Context<'_>) -> LocalBoxFuture<'a, Result<(), RunError>> {
        Box::pin(async move {
            let (photo, map_size) = (cx.photo, cx.settings.map_size);
            let patches = cx.stage("patches", async |_| Ok(Patches::of(photo))).await?;
            let coarse = cx.stage("patch-classes", async |work| self.classify(photo, &patches, work).await).await?;
            cx.stage_with("painted-map", &map_size, async |_| Ok(coarse.enlarged(map_size))).await?;
            Ok(())
        })
    }

    fn answer<'a>(
        &'a self,
        cx: &'a mut Context<'_>,
        question: &'a Question,
    ) -> LocalBoxFuture<'a, Result<Option<Answer>, RunError>> {
        Box::pin(async move {
            let Question::Regions(boxes) = question else { return Ok(None) };
            let (width, height) = (cx.photo.width() as f32, cx.photo.height() as f32);
            let patches: Vec<BBox> = boxes.iter().map(|it| it.scale(width, height)).collect();
            let scores = match &patches[..] {
                [] => vec![],
                patches => self.centres(patch_input(cx.photo, patches, cx.device)).await?,
            };
            let classes = |scores: &Vec<f32>| RegionClasses { probabilities: softmax(scores), corrected: None };
            Ok(Some(Answer::Regions(scores.iter().map(classes).collect())))
        })
    }
}

impl SlidingSegmentation {
    /// The class of the centre of each patch, as a map with one pixel a patch.
    async fn classify(&self, photo: &Photo, patches: &Patches, work: &Work<'_>) -> Result<CoarseMap, RunError> {
        let (width, height) = patches.grid;
        let count = patches.regions.len();
        // What is not scored yet is background without any certainty.
        let blank = || ClassMap { width, height, labels: vec![0; count], certainty: vec![0; count] };
        let (mut first, mut map): (usize, ClassMap) = work.resume().unwrap_or_else(|| (0, blank()));
        while first < count {
            let regions = &patches.regions[first..count.min(first + BATCH)];
            let input = patch_input(photo, regions, work.device);
            for (i, scores) in self.centres(input).await?.into_iter().enumerate() {
                let (label, certainty) = ClassMap::best(&scores);
                (map.labels[first + i], map.certainty[first + i]) = (label, certainty);
            }
            work.count_passes(regions.len());
            first += regions.len();
            let shown = Artifact::ClassMap(map.clone());
            (_, map) = work.checkpoint((first, map), (first, count), Some(shown)).await?;
        }
        Ok(CoarseMap(map))
    }

    /// The class scores at the centre of each patch.
    async fn centres(&self, input: Tensor<4>) -> Result<Vec<Vec<f32>>, RunError> {
        let features = self.detector.features(input);
        let prior = self.detector.class_scores(&features).prior();
        let logits = self.head.classify(&self.head.maps(&features, &prior));
        let [patches, rows, columns, scores] = logits.dims();
        // The centre of an even grid lies between four cells.
        let (y, x) = (rows / 2, columns / 2);
        let values = read(vec![logits.slice([0..patches, y - 1..y + 1, x - 1..x + 1, 0..scores])]).await?;
        let mean = |patch: &[f32]| {
            let cells = patch.chunks_exact(scores);
            (0..CLASSES.len()).map(|class| cells.clone().map(|cell| cell[class]).sum::<f32>() / 4.0).collect()
        };
        Ok(values[0].chunks_exact(4 * scores).map(mean).collect())
    }
}

/// Where the patches lie.
struct Patches {
    /// Patches across and down.
    grid: (usize, usize),
    /// Squares in photo pixels, row by row; those at the edge reach out of the photo.
    regions: Vec<BBox>,
    pictures: Vec<Picture>,
}

impl Patches {
    fn of(photo: &Photo) -> Self {
        let (width, height) = (photo.width() as f32, photo.height() as f32);
        let cells = |side: f32| ((CELLS as f32 * side / width.max(height)).round() as usize).max(1);
        let (columns, rows) = (cells(width), cells(height));
        let half = PATCH * width.min(height) / 2.0;
        let square = |i: usize| {
            let x = ((i % columns) as f32 + 0.5) * width / columns as f32;
            let y = ((i / columns) as f32 + 0.5) * height / rows as f32;
            BBox::new(x - half, y - half, x + half, y + half)
        };
        let regions: Vec<BBox> = (0..columns * rows).map(square).collect();
        let pictures = regions.iter().map(|&region| thumbnail(photo, region)).collect();
        Self { grid: (columns, rows), regions, pictures }
    }
}

/// A small picture of a patch.
fn thumbnail(photo: &Photo, region: BBox) -> Picture {
    let values = sample_bilinear_tf(photo, &Framing::crop(region, (THUMBNAIL, THUMBNAIL)));
    // In 0 to 255 as the photo is.
    let rgb = values.into_iter().map(|v| v.round() as u8).collect();
    Picture { width: THUMBNAIL as usize, height: THUMBNAIL as usize, rgb, region }
}

/// Patches as the network reads them: `[patches, 128, 128, 3]`, RGB in `[-1, 1]`.
fn patch_input(photo: &Photo, regions: &[BBox], device: &Device) -> Tensor<4> {
    let framing = |&region: &BBox| Framing::crop(region, (INPUT as u32, INPUT as u32));
    input(photo, &regions.iter().map(framing).collect::<Vec<_>>(), device)
}

/// A map with one pixel a patch.
struct CoarseMap(ClassMap);

impl CoarseMap {
    /// The map as it is, or with each pixel as a block of a map of another size.
    fn enlarged(&self, size: Option<(usize, usize)>) -> ClassMap {
        let Some((width, height)) = size else { return self.0.clone() };
        let place = |i: usize| {
            let (x, y) = (i % width * self.0.width / width, i / width * self.0.height / height);
            y * self.0.width + x
        };
        let take = |values: &[u8]| (0..width * height).map(|i| values[place(i)]).collect();
        ClassMap { width, height, labels: take(&self.0.labels), certainty: take(&self.0.certainty) }
    }
}

impl Output for Patches {
    async fn artifact(&self) -> Result<Artifact, RunError> {
        let region = |(&bbox, picture): (&BBox, &Picture)| Region {
            bbox,
            candidate: None,
            picture: Some(picture.clone()),
            features: None,
        };
        Ok(Artifact::Regions(self.regions.iter().zip(&self.pictures).map(region).collect()))
    }
}

impl Output for CoarseMap {
    async fn artifact(&self) -> Result<Artifact, RunError> {
        Ok(Artifact::ClassMap(self.0.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patches_lie_round_the_cells_of_the_grid() {
        let photo = Photo::from_rgba(400, 200, vec![255; 400 * 200 * 4]).expect("as many pixels");
        let patches = Patches::of(&photo);
        assert_eq!((patches.grid, patches.regions.len()), ((16, 8), 128));
        assert_eq!(patches.regions[0], BBox::new(-27.5, -27.5, 52.5, 52.5));
        assert_eq!(patches.regions[17].centre(), (37.5, 37.5));
        assert!(patches.pictures.iter().all(|picture| picture.rgb.iter().all(|&v| v == 255)), "edges repeat");
    }

    #[test]
    fn a_pixel_becomes_a_block() {
        let map = CoarseMap(ClassMap { width: 2, height: 1, labels: vec![3, 8], certainty: vec![100, 200] });
        let large = map.enlarged(Some((4, 2)));
        assert_eq!(large.labels, [3, 3, 8, 8, 3, 3, 8, 8]);
        assert_eq!((large.certainty[3], map.enlarged(None).width), (200, 2));
    }
}
