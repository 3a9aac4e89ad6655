//! Boxes, their overlap, the box coding that SSD and the R-CNN family share, and non-maximum suppression that
//! remembers what suppressed what.

use serde::{Deserialize, Serialize};

/// An axis-aligned box as two corners, in whatever unit its owner states (photo pixels, or fractions of the photo).
/// `x` runs right, `y` runs down; a pixel's area is `[i, i + 1)`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct BBox {
    /// Left edge.
    pub x0: f32,
    /// Top edge.
    pub y0: f32,
    /// Right edge.
    pub x1: f32,
    /// Bottom edge.
    pub y1: f32,
}

impl BBox {
    /// A box from its corners (left, top, right, bottom).
    #[must_use]
    pub const fn new(x0: f32, y0: f32, x1: f32, y1: f32) -> Self {
        Self { x0, y0, x1, y1 }
    }

    /// Width; 0 for a degenerate box.
    #[must_use]
    pub fn width(&self) -> f32 {
        (self.x1 - self.x0).max(0.0)
    }

    /// Height; 0 for a degenerate box.
    #[must_use]
    pub fn height(&self) -> f32 {
        (self.y1 - self.y0).max(0.0)
    }

    /// Area in squared units; 0 for a degenerate box.
    #[must_use]
    pub fn area(&self) -> f32 {
        self.width() * self.height()
    }

    /// The centre as `(x, y)`.
    #[must_use]
    pub fn centre(&self) -> (f32, f32) {
        ((self.x0 + self.x1) / 2.0, (self.y0 + self.y1) / 2.0)
    }

    /// Whether a point lies in the box or on its edge.
    #[must_use]
    pub fn contains(&self, (x, y): (f32, f32)) -> bool {
        (self.x0..=self.x1).contains(&x) && (self.y0..=self.y1).contains(&y)
    }

    /// The column and row of the cell that the centre lies in, on a grid of `side x side` cells over the unit square: the cell
    /// that answers for an object in YOLO (Redmon et al. 2016, section 2). Centres outside count for the nearest cell.
    #[must_use]
    pub fn centre_cell(&self, side: usize) -> (usize, usize) {
        let (x, y) = self.centre();
        // Not negative, so it rounds down.
        let place = |at: f32| ((at.max(0.0) * side as f32) as usize).min(side.saturating_sub(1));
        (place(x), place(y))
    }

    /// Area of the overlap with `other`.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> f32 {
        let w = self.x1.min(other.x1) - self.x0.max(other.x0);
        let h = self.y1.min(other.y1) - self.y0.max(other.y0);
        if w > 0.0 && h > 0.0 { w * h } else { 0.0 }
    }

    /// Intersection over union, 0 to 1; 0 when both boxes are empty.
    #[must_use]
    pub fn iou(&self, other: &Self) -> f32 {
        let inter = self.intersection(other);
        let union = self.area() + other.area() - inter;
        if union > 0.0 { inter / union } else { 0.0 }
    }

    /// The part inside `[0, width] x [0, height]`.
    #[must_use]
    pub fn clip(&self, width: f32, height: f32) -> Self {
        Self::new(
            self.x0.clamp(0.0, width),
            self.y0.clamp(0.0, height),
            self.x1.clamp(0.0, width),
            self.y1.clamp(0.0, height),
        )
    }

    /// The box with the same centre and each side times a factor.
    #[must_use]
    pub fn grown(&self, factor: f32) -> Self {
        let ((x, y), across, down) = (self.centre(), self.width() * factor / 2.0, self.height() * factor / 2.0);
        Self::new(x - across, y - down, x + across, y + down)
    }

    /// The box with x scaled by `sx` and y by `sy`.
    #[must_use]
    pub fn scale(&self, sx: f32, sy: f32) -> Self {
        Self::new(self.x0 * sx, self.y0 * sy, self.x1 * sx, self.y1 * sy)
    }

    /// COCO's `[x, y, width, height]`.
    #[must_use]
    pub fn to_xywh(&self) -> [f32; 4] {
        [self.x0, self.y0, self.width(), self.height()]
    }
}

/// The box coding of Faster R-CNN and SSD: a correction `(ty, tx, th, tw)` relative to a prior box, each divided by a
/// scale so that all four have about the same spread (Ren et al. 2015, section 3.1.2; Liu et al. 2016, section 2.2).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BoxCoding {
    /// Divisor of the two centre offsets (TensorFlow's detection API uses 10).
    pub centre_scale: f32,
    /// Divisor of the two log sizes (TensorFlow's detection API uses 5).
    pub size_scale: f32,
}

impl BoxCoding {
    /// The scales of TensorFlow's SSD models: 10, 10, 5, 5.
    pub const SSD: Self = Self { centre_scale: 10.0, size_scale: 5.0 };

    /// Applies a correction to a prior box.
    ///
    /// # Arguments
    /// * `code` - `[ty, tx, th, tw]`, the order of TensorFlow's detection API.
    /// * `prior` - the default box or anchor, in any unit.
    ///
    /// # Returns
    /// The corrected box in the unit of `prior`.
    #[must_use]
    pub fn decode(&self, code: [f32; 4], prior: &BBox) -> BBox {
        let (w, h) = (prior.x1 - prior.x0, prior.y1 - prior.y0);
        let (px, py) = prior.centre();
        let cy = code[0] / self.centre_scale * h + py;
        let cx = code[1] / self.centre_scale * w + px;
        let half_h = (code[2] / self.size_scale).exp() * h / 2.0;
        let half_w = (code[3] / self.size_scale).exp() * w / 2.0;
        BBox::new(cx - half_w, cy - half_h, cx + half_w, cy + half_h)
    }

    /// A correction without its scales, in the order of the papers.
    ///
    /// # Returns
    /// `[dx, dy, dw, dh]`: shifts of the centre in widths and heights of the prior box, logarithms of the factors of its size.
    #[must_use]
    pub fn offsets(&self, code: [f32; 4]) -> [f32; 4] {
        let [ty, tx, th, tw] = code;
        [tx / self.centre_scale, ty / self.centre_scale, tw / self.size_scale, th / self.size_scale]
    }

    /// The correction that turns `prior` into `target`: the inverse of [`BoxCoding::decode`].
    #[must_use]
    pub fn encode(&self, target: &BBox, prior: &BBox) -> [f32; 4] {
        let (w, h) = (prior.x1 - prior.x0, prior.y1 - prior.y0);
        let ((px, py), (tx, ty)) = (prior.centre(), target.centre());
        [
            (ty - py) / h * self.centre_scale,
            (tx - px) / w * self.centre_scale,
            (target.height() / h).ln() * self.size_scale,
            (target.width() / w).ln() * self.size_scale,
        ]
    }
}

/// One scored guess of a detector, before suppression.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Candidate {
    /// Where, in photo pixels.
    pub bbox: BBox,
    /// COCO category id, 1 to 90.
    pub class: u16,
    /// Probability, 0 to 1.
    pub score: f32,
    /// Index of the default box or proposal it came from; guesses of several classes can share one.
    pub prior: u32,
}

/// Which guesses compete in non-maximum suppression.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Competition {
    /// Only guesses of one class suppress each other: the usual rule.
    #[default]
    PerClass,
    /// Each prior keeps its best class, then all classes compete: the rule of TensorFlow.js coco-ssd.
    ClassAgnostic,
}

/// The settings of non-maximum suppression.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Suppression {
    /// Guesses with a lower score are dropped before anything else.
    pub min_score: f32,
    /// A guess that overlaps a better one by more than this intersection over union is suppressed.
    pub iou: f32,
    /// Which guesses compete.
    pub competition: Competition,
    /// At most this many survive.
    pub max_boxes: usize,
}

impl Default for Suppression {
    fn default() -> Self {
        Self { min_score: 0.5, iou: 0.5, competition: Competition::PerClass, max_boxes: 100 }
    }
}

/// A guess that lost, and to whom.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Suppressed {
    /// Index of the loser in the candidates.
    pub candidate: usize,
    /// Index of the winner in the candidates.
    pub by: usize,
    /// Their intersection over union.
    pub iou: f32,
}

/// What suppression did: indices into the candidates that it was given.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SuppressionTrace {
    /// The survivors, best score first.
    pub kept: Vec<usize>,
    /// Those that lost to a survivor, best score first.
    pub suppressed: Vec<Suppressed>,
}

/// Greedy non-maximum suppression (best first; each survivor removes what overlaps it too much).
///
/// # Arguments
/// * `candidates` - guesses in any order; non-finite scores are dropped.
/// * `rule` - thresholds and competition.
///
/// # Returns
/// Survivors and the suppressed, as indices into `candidates`. Ties keep the order of the input.
#[must_use]
pub fn suppress(candidates: &[Candidate], rule: &Suppression) -> SuppressionTrace {
    let mut order: Vec<usize> = (0..candidates.len())
        .filter(|&i| candidates[i].score.is_finite() && candidates[i].score >= rule.min_score)
        .collect();
    if rule.competition == Competition::ClassAgnostic {
        order = best_class_of_each_prior(candidates, &order);
    }
    // Stable: equal scores keep their input order, so that results do not depend on the sort.
    order.sort_by(|&a, &b| candidates[b].score.total_cmp(&candidates[a].score));
    let mut trace = SuppressionTrace::default();
    for i in order {
        let rival = trace.kept.iter().find_map(|&k| {
            let rivals = rule.competition == Competition::ClassAgnostic || candidates[k].class == candidates[i].class;
            let iou = if rivals { candidates[k].bbox.iou(&candidates[i].bbox) } else { 0.0 };
            (iou > rule.iou).then_some((k, iou))
        });
        match rival {
            Some((by, iou)) => trace.suppressed.push(Suppressed { candidate: i, by, iou }),
            None if trace.kept.len() < rule.max_boxes => trace.kept.push(i),
            // Full, but the loop goes on: what the survivors suppress belongs to the trace.
            None => {}
        }
    }
    trace
}

/// Of the candidates listed in `order`, those with the highest score of their prior.
fn best_class_of_each_prior(candidates: &[Candidate], order: &[usize]) -> Vec<usize> {
    let mut best: std::collections::BTreeMap<u32, usize> = std::collections::BTreeMap::new();
    for &i in order {
        let champion = best.entry(candidates[i].prior).or_insert(i);
        if candidates[i].score > candidates[*champion].score {
            *champion = i;
        }
    }
    best.into_values().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidate(x0: f32, x1: f32, class: u16, score: f32, prior: u32) -> Candidate {
        Candidate { bbox: BBox::new(x0, 0.0, x1, 10.0), class, score, prior }
    }

    #[test]
    fn iou_of_known_boxes() {
        let a = BBox::new(0.0, 0.0, 10.0, 10.0);
        assert_eq!(a.iou(&a), 1.0);
        assert!((a.iou(&BBox::new(5.0, 0.0, 15.0, 10.0)) - 1.0 / 3.0).abs() < 1e-6);
        assert_eq!(a.iou(&BBox::new(10.0, 0.0, 20.0, 10.0)), 0.0);
        let empty = BBox::new(3.0, 3.0, 3.0, 3.0);
        assert_eq!(empty.iou(&empty), 0.0);
    }

    #[test]
    fn the_centre_decides_the_cell() {
        assert_eq!(BBox::new(0.0, 0.0, 1.0, 1.0).centre_cell(7), (3, 3));
        assert_eq!(BBox::new(0.9, 0.0, 1.1, 0.2).centre_cell(7), (6, 0));
        assert_eq!(BBox::new(-0.4, 0.9, 0.0, 1.3).centre_cell(7), (0, 6));
    }

    #[test]
    fn coding_round_trips() {
        let (prior, target) = (BBox::new(0.1, 0.2, 0.5, 0.9), BBox::new(0.15, 0.1, 0.4, 0.95));
        let back = BoxCoding::SSD.decode(BoxCoding::SSD.encode(&target, &prior), &prior);
        for (a, b) in back.to_xywh().iter().zip(target.to_xywh()) {
            assert!((a - b).abs() < 1e-6);
        }
    }

    #[test]
    fn per_class_keeps_overlapping_boxes_of_two_classes() {
        let boxes = [candidate(0.0, 10.0, 1, 0.9, 0), candidate(1.0, 10.0, 1, 0.8, 1), candidate(0.0, 10.0, 2, 0.7, 2)];
        let trace = suppress(&boxes, &Suppression::default());
        assert_eq!(trace.kept, [0, 2]);
        assert_eq!((trace.suppressed[0].candidate, trace.suppressed[0].by), (1, 0));
        assert!((trace.suppressed[0].iou - 0.9).abs() < 1e-6);
    }

    #[test]
    fn class_agnostic_takes_one_class_a_prior() {
        let boxes =
            [candidate(0.0, 10.0, 1, 0.6, 7), candidate(0.0, 10.0, 2, 0.7, 7), candidate(2.0, 12.0, 3, 0.65, 8)];
        let rule = Suppression { competition: Competition::ClassAgnostic, ..Suppression::default() };
        let trace = suppress(&boxes, &rule);
        assert_eq!(trace.kept, [1]);
        assert_eq!(trace.suppressed.len(), 1); // the loser of the same prior never competed
    }

    #[test]
    fn limits_and_bad_scores() {
        let boxes =
            [candidate(0.0, 1.0, 1, f32::NAN, 0), candidate(2.0, 3.0, 1, 0.9, 1), candidate(4.0, 5.0, 1, 0.8, 2)];
        let rule = Suppression { max_boxes: 1, ..Suppression::default() };
        assert_eq!(suppress(&boxes, &rule).kept, [1]);
        assert!(suppress(&[], &rule).kept.is_empty());
    }
}
