//! Detection by a sliding window (Rowley et al. 1998; CS231n 2017, lecture 11): windows of several sizes and shapes are cut out
//! of the photo, warped to one square, and each goes through the whole network, which says a class or "background".
//!
//! The networks are those of Faster R-CNN, so that the two differ in where they look and in nothing else.

use burn::tensor::{Device, Tensor};

use super::{Context, Detector, LocalBoxFuture, Output, Work, faster_rcnn::FasterRcnn, region_features};
use crate::{
    device::RunError,
    heads::{
        box_head::{BINS, BoxOutput},
        faster_rcnn::guesses,
        input::input,
        ssd::MIN_SCORE,
    },
    ops::{Region, SAMPLES, roi_align},
    photo::{Framing, Photo},
    structures::{
        boxes::{BBox, Candidate},
        proposal::Proposal,
        question::{Answer, Question},
        stage::Artifact,
    },
};

/// Sizes of windows as shares of the photo's shorter side, coarse to fine.
const SIZES: [f32; 3] = [0.9, 0.6, 0.4];
/// Width over height.
const ASPECTS: [f32; 3] = [1.0, 0.5, 2.0];
/// How far a window moves, in windows.
const STEP: f32 = 0.35;
/// Side of a window as the network reads it, in pixels.
const INPUT: usize = 128;
/// What a network sees round a window, in windows: without it the edge of an object is the edge of the world.
const MARGIN: f32 = 0.15;
/// Windows in one pass.
const BATCH: usize = 8;

/// Faster R-CNN's networks, one window at a time.
pub struct SlidingWindow {
    pub boxes: FasterRcnn,
}

impl Detector for SlidingWindow {
    fn run<'a>(&'a self, cx: &'a mut Context<'_>) -> LocalBoxFuture<'a, Result<(), RunError>> {
        Box::pin(async move {
            let photo = cx.photo;
            let windows = cx.stage("windows", async |_| Ok(Windows(windows(photo.size())))).await?;
            cx.stage("window-scores", async |work| self.classify(photo, &windows.0, work).await).await?;
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
            let windows: Vec<BBox> = boxes.iter().map(|it| it.scale(width, height)).collect();
            let output = (!boxes.is_empty()).then(|| self.output(cx.photo, &windows, cx.device));
            let order: Vec<usize> = (0..boxes.len()).collect();
            region_features::read_answer(output, &order, boxes).await
        })
    }
}

impl SlidingWindow {
    /// What each window shows, before suppression; a window is its own box.
    async fn classify(&self, photo: &Photo, windows: &[BBox], work: &Work<'_>) -> Result<Vec<Candidate>, RunError> {
        let (mut first, mut found): (usize, Vec<Candidate>) = work.resume().unwrap_or_default();
        while first < windows.len() {
            let crops = &windows[first..windows.len().min(first + BATCH)];
            let of_batch = self.scores(photo, crops, work.device).await?;
            found.extend(of_batch.into_iter().map(|it| Candidate {
                bbox: crops[it.prior as usize],
                // A photo has a few hundred windows.
                prior: it.prior + first as u32,
                ..it
            }));
            work.count_passes(crops.len());
            first += crops.len();
            let shown = Artifact::Detections(found.clone());
            (_, found) = work.checkpoint((first, found), (first, windows.len()), Some(shown)).await?;
        }
        Ok(found)
    }

    async fn scores(&self, photo: &Photo, windows: &[BBox], device: &Device) -> Result<Vec<Candidate>, RunError> {
        let output = self.output(photo, windows, device);
        let order: Vec<usize> = (0..windows.len()).collect();
        let proposals: Vec<Proposal> =
            windows.iter().map(|_| Proposal { bbox: inner(), score: 1.0, anchor: None }).collect();
        guesses(output, &order, &proposals, MIN_SCORE).await
    }

    /// The second stage's raw output on windows.
    fn output(&self, photo: &Photo, windows: &[BBox], device: &Device) -> BoxOutput {
        let features = self.boxes.detector.features(window_input(photo, windows, device));
        let [_, stride_16, _] = self.boxes.proposals.pyramid(&features);
        let regions: Vec<Region> = (0..windows.len()).map(|photo| Region { photo, bbox: inner() }).collect();
        self.boxes.boxes.forward(roi_align(stride_16, &regions, BINS, SAMPLES))
    }
}

/// A window without its margin, in fractions of what the network reads.
fn inner() -> BBox {
    let edge = MARGIN / (1.0 + 2.0 * MARGIN);
    BBox::new(edge, edge, 1.0 - edge, 1.0 - edge)
}

/// Windows over the whole photo, in photo pixels, the largest first.
fn windows((width, height): (u32, u32)) -> Vec<BBox> {
    let (width, height) = (width as f32, height as f32);
    let mut windows = Vec::new();
    for size in SIZES {
        for aspect in ASPECTS {
            let side = size * width.min(height);
            let (w, h) = (side * aspect.sqrt(), side / aspect.sqrt());
            if w > width || h > height {
                continue;
            }
            for y in places(height, h) {
                windows.extend(places(width, w).map(|x| BBox::new(x, y, x + w, y + h)));
            }
        }
    }
    windows
}

/// Where windows of a length begin along an axis: evenly spread, the first and the last at the edges.
fn places(whole: f32, length: f32) -> impl Iterator<Item = f32> {
    let rest = (whole - length).max(0.0);
    // A few dozen at most.
    let steps = (rest / (STEP * length).max(1.0)).ceil() as usize;
    (0..=steps).map(move |i| if steps == 0 { rest / 2.0 } else { rest * i as f32 / steps as f32 })
}

/// Windows as the network reads them: `[windows, 128, 128, 3]`, RGB in `[-1, 1]`.
fn window_input(photo: &Photo, windows: &[BBox], device: &Device) -> Tensor<4> {
    let framing = |window: &BBox| {
        let (x, y) = (window.width() * MARGIN, window.height() * MARGIN);
        let region = BBox::new(window.x0 - x, window.y0 - y, window.x1 + x, window.y1 + y);
        Framing::crop(region, (INPUT as u32, INPUT as u32))
    };
    input(photo, &windows.iter().map(framing).collect::<Vec<_>>(), device)
}

/// Where the network looks.
struct Windows(Vec<BBox>);

impl Output for Windows {
    /// As of proposals: a comparison of systems counts them.
    const IS_RESULT: bool = true;

    async fn artifact(&self) -> Result<Artifact, RunError> {
        let proposal = |&bbox: &BBox| Proposal { bbox, score: 1.0, anchor: None };
        Ok(Artifact::Proposals(self.0.iter().map(proposal).collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_reach_from_edge_to_edge_and_stay_inside() {
        let windows = windows((400, 300));
        assert!(windows.len() > 100 && windows.len() < 400, "{}", windows.len());
        for window in &windows {
            assert!(window.x0 >= 0.0 && window.y0 >= 0.0 && window.x1 <= 400.01 && window.y1 <= 300.01, "{window:?}");
        }
        let widest = |edge: fn(&BBox) -> f32| windows.iter().map(edge).fold(0.0, f32::max);
        assert!((widest(|it| it.x1) - 400.0).abs() < 0.01 && (widest(|it| it.y1) - 300.0).abs() < 0.01);
    }

    #[test]
    fn neighbours_overlap() {
        let found: Vec<f32> = places(100.0, 40.0).collect();
        assert_eq!(found, [0.0, 12.0, 24.0, 36.0, 48.0, 60.0]);
        assert_eq!(places(40.0, 40.0).collect::<Vec<_>>(), [0.0]);
        assert!(!self::windows((8, 8)).is_empty(), "a tiny photo has windows, too");
    }
}
