//! The fully convolutional network at full resolution: a score for each pixel without any upsampling of scores, by
//! shift-and-stitch (Long et al. 2015, section 3.2). The photo goes through the network sixteen times, each time moved by a
//! pixel of the four that a cell of the output covers, and the sixteen coarse maps are laced into one.
//!
//! That is what the same network computes with dilated filters in place of its strides, and what it costs.

use std::sync::Arc;

use burn::tensor::Tensor;

use super::{Context, Detector, LocalBoxFuture, Output, Work};
use crate::{
    device::RunError,
    heads::{
        input::input,
        segment::{ClassLogits, SegmentHead},
        ssd::{INPUT, Ssd},
    },
    photo::{Framing, Photo},
    structures::{
        boxes::BBox,
        class_map::{CLASSES, ClassMap},
        stage::{Artifact, FeatureMap, ScoreMaps},
    },
};

/// Pixels of the input along each axis that a cell of the output covers.
const STRIDE: usize = 4;

/// The fully convolutional system's networks, at every shift.
pub struct FcnFullSystem {
    pub detector: Arc<Ssd>,
    pub head: Arc<SegmentHead>,
}

impl Detector for FcnFullSystem {
    fn run<'a>(&'a self, cx: &'a mut Context<'_>) -> LocalBoxFuture<'a, Result<(), RunError>> {
        Box::pin(async move {
            let photo = cx.photo;
            let size = cx.settings.class_map_size(photo.size());
            let scores = cx.stage("shifted-passes", async |work| self.pass_all(photo, work).await).await?;
            cx.stage_with("stitched-map", &size, async |_| {
                Ok(ClassMap::from_logits(&scores.values, scores.grid, size))
            })
            .await?;
            Ok(())
        })
    }
}

impl FcnFullSystem {
    /// The scores of every pixel of the input.
    async fn pass_all(&self, photo: &Photo, work: &Work<'_>) -> Result<StitchedScores, RunError> {
        let shifts = STRIDE * STRIDE;
        let (first, mut stitched) = work.resume().unwrap_or_else(|| (0, StitchedScores::empty(photo.size())));
        for done in first..shifts {
            // Diagonal neighbours first: after each pass the map is as fine as it can be.
            let (x, y) = (done % STRIDE, (done + done / STRIDE) % STRIDE);
            let features = self.detector.features(shifted_input(photo, (x, y), work));
            let prior = self.detector.class_scores(&features).prior();
            let logits = ClassLogits::read(self.head.classify(&self.head.maps(&features, &prior))).await?;
            stitched.lace(&logits, (x, y));
            work.count_passes(1);
            let so_far = logits.class_map((logits.grid.1, logits.grid.0));
            let checkpoint =
                work.checkpoint((done + 1, stitched), (done + 1, shifts), Some(Artifact::ClassMap(so_far)));
            (_, stitched) = checkpoint.await?;
        }
        Ok(stitched)
    }
}

/// The photo as the network reads it, moved by some pixels of the input to the left and up; edges repeat.
fn shifted_input(photo: &Photo, (x, y): (usize, usize), work: &Work<'_>) -> Tensor<4> {
    let (width, height) = (photo.width() as f32, photo.height() as f32);
    let (x, y) = (x as f32 * width / INPUT as f32, y as f32 * height / INPUT as f32);
    let framing = Framing::crop(BBox::new(x, y, x + width, y + height), (INPUT as u32, INPUT as u32));
    input(photo, &[framing], work.device)
}

/// The class scores of every pixel of the network's input.
struct StitchedScores {
    /// `[rows, columns, 21]`.
    values: Vec<f32>,
    /// Pixels down and across.
    grid: (usize, usize),
    photo: (u32, u32),
}

impl StitchedScores {
    fn empty(photo: (u32, u32)) -> Self {
        Self { values: vec![0.0; INPUT * INPUT * CLASSES.len()], grid: (INPUT, INPUT), photo }
    }

    /// Puts the scores of one pass where they belong: each cell speaks for the pixel that its shift has put at its corner.
    fn lace(&mut self, pass: &ClassLogits, (x, y): (usize, usize)) {
        let (rows, columns) = pass.grid;
        for (cell, scores) in pass.values.chunks_exact(CLASSES.len()).enumerate().take(rows * columns) {
            let (row, column) = (cell / columns * STRIDE + y, cell % columns * STRIDE + x);
            if row < self.grid.0 && column < self.grid.1 {
                let at = (row * self.grid.1 + column) * CLASSES.len();
                self.values[at..at + CLASSES.len()].copy_from_slice(scores);
            }
        }
    }
}

impl Output for StitchedScores {
    async fn artifact(&self) -> Result<Artifact, RunError> {
        let (rows, columns) = self.grid;
        Ok(Artifact::ScoreMaps(vec![ScoreMaps {
            region: BBox::new(0.0, 0.0, self.photo.0 as f32, self.photo.1 as f32),
            candidate: None,
            names: CLASSES.map(Into::into).to_vec(),
            maps: FeatureMap::from_values("logits", (rows, columns, CLASSES.len()), &self.values),
            peaks: vec![],
        }]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sixteen_passes_fill_every_pixel_once() {
        let mut stitched = StitchedScores::empty((10, 10));
        stitched.values.fill(-1.0);
        let (rows, columns) = (INPUT / STRIDE, INPUT / STRIDE);
        for done in 0..STRIDE * STRIDE {
            let shift = (done % STRIDE, (done + done / STRIDE) % STRIDE);
            let value = (shift.1 * STRIDE + shift.0) as f32;
            let pass = ClassLogits { values: vec![value; rows * columns * CLASSES.len()], grid: (rows, columns) };
            stitched.lace(&pass, shift);
        }
        let pixel = |x: usize, y: usize| stitched.values[(y * INPUT + x) * CLASSES.len()];
        for (x, y) in [(0, 0), (5, 2), (299, 299), (7, 100)] {
            assert_eq!(pixel(x, y), (y % STRIDE * STRIDE + x % STRIDE) as f32);
        }
        assert!(stitched.values.iter().all(|&v| v >= 0.0));
    }
}
