//! Masks as outlines in photo pixels: smooth at any zoom, and quick to draw.

use std::collections::BTreeMap;

use model::structures::mask::{InstanceMask, Patch};
use web_sys::CanvasRenderingContext2d;

use crate::paint::view::View;

/// Samples along the longer side of a mask's box: four for each cell of the network's grid.
const SAMPLES: f32 = 112.0;
/// Pixels with at least this value belong to the thing.
const EDGE: f32 = 127.5;

/// A closed line in photo pixels.
pub type Contour = Vec<(f32, f32)>;

/// The contours of one detection: its outer lines and those of its holes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outline {
    /// Closed lines; a point is inside if a ray from it crosses them an odd number of times.
    pub contours: Vec<Contour>,
}

impl Outline {
    /// The outline of a mask: where the probability is one half.
    #[must_use]
    pub fn of(mask: &InstanceMask) -> Self {
        Self::at(mask, EDGE)
    }

    /// The outline of what has more than a value.
    ///
    /// # Arguments
    /// * `edge` - in the steps of the mask's cells, 0 to 255.
    #[must_use]
    pub fn at(mask: &InstanceMask, edge: f32) -> Self {
        let longest = mask.bbox.width().max(mask.bbox.height());
        if longest <= 0.0 {
            return Self::default();
        }
        let scale = SAMPLES / longest;
        let size = ((mask.bbox.x1 * scale).ceil() as usize + 1, (mask.bbox.y1 * scale).ceil() as usize + 1);
        let patch = mask.paste(size, (scale, scale));
        let photo = |(x, y): (f32, f32)| {
            ((patch.x as f32 + x + 0.5) / scale, (patch.y as f32 + y + 0.5) / scale) // values are at pixels' centres
        };
        let contours = contours(&patch, edge).into_iter().map(|line| line.into_iter().map(photo).collect());
        Self { contours: contours.collect() }
    }

    /// Puts the lines into a canvas's path.
    pub fn trace(&self, context: &CanvasRenderingContext2d, view: &View) {
        let canvas = |(x, y): (f32, f32)| (f64::from(x * view.scale + view.left), f64::from(y * view.scale + view.top));
        for line in &self.contours {
            let mut points = line.iter().copied().map(canvas);
            let Some((x, y)) = points.next() else { continue };
            context.move_to(x, y);
            points.for_each(|(x, y)| context.line_to(x, y));
            context.close_path();
        }
    }

    /// Whether a point of the photo is inside.
    #[must_use]
    pub fn contains(&self, (x, y): (f32, f32)) -> bool {
        let mut inside = false;
        for line in &self.contours {
            let next = line.iter().cycle().skip(1);
            for (&(x0, y0), &(x1, y1)) in line.iter().zip(next) {
                if (y0 > y) != (y1 > y) && x < x0 + (y - y0) / (y1 - y0) * (x1 - x0) {
                    inside = !inside;
                }
            }
        }
        inside
    }
}

/// The contours of a photo's masks by candidate.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Contours {
    shapes: BTreeMap<usize, Outline>,
}

impl Contours {
    /// The outlines of all masks.
    #[must_use]
    pub fn of(masks: &[InstanceMask]) -> Self {
        Self { shapes: masks.iter().map(|mask| (mask.candidate, Outline::of(mask))).collect() }
    }

    /// The outline of a candidate, if it has a mask.
    #[must_use]
    pub fn get(&self, candidate: usize) -> Option<&Outline> {
        self.shapes.get(&candidate)
    }
}

/// The lines between values below and above an edge (marching squares, Lorensen and Cline 1987 in two dimensions), in
/// pixels of the patch; outside the patch everything is 0, so that all lines close.
fn contours(patch: &Patch, edge: f32) -> Vec<Contour> {
    if patch.values.is_empty() {
        return vec![];
    }
    let value = |x: i32, y: i32| -> f32 {
        let inside = x >= 0 && y >= 0 && (x as usize) < patch.width && (y as usize) < patch.height;
        if inside { f32::from(patch.values[y as usize * patch.width + x as usize]) } else { 0.0 }
    };
    let mut next: BTreeMap<Side, Side> = BTreeMap::new();
    for y in -1..patch.height as i32 {
        for x in -1..patch.width as i32 {
            for (from, to) in crossings(x, y, |x, y| value(x, y) > edge) {
                next.insert(from, to);
            }
        }
    }
    let mut lines = Vec::new();
    while let Some((first, mut at)) = next.pop_first() {
        let mut line = vec![first.point(edge, value)];
        while at != first {
            line.push(at.point(edge, value));
            let Some(after) = next.remove(&at) else { break };
            at = after;
        }
        lines.push(line);
    }
    lines
}

/// A side of a square between four values: from `(x, y)` to the right or down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Side {
    x: i32,
    y: i32,
    down: bool,
}

impl Side {
    /// Where the line crosses this side.
    fn point(self, edge: f32, value: impl Fn(i32, i32) -> f32) -> (f32, f32) {
        let (x, y) = (self.x as f32, self.y as f32);
        let first = value(self.x, self.y);
        let second = if self.down { value(self.x, self.y + 1) } else { value(self.x + 1, self.y) };
        let part = (edge - first) / (second - first);
        if self.down { (x, y + part) } else { (x + part, y) }
    }
}

/// The pieces of line in the square whose top left value is at `(x, y)`: sides that they come from and go to. The thing
/// is always on the same hand, so that pieces join into closed lines.
fn crossings(x: i32, y: i32, thing: impl Fn(i32, i32) -> bool) -> Vec<(Side, Side)> {
    let top = Side { x, y, down: false };
    let bottom = Side { x, y: y + 1, down: false };
    let left = Side { x, y, down: true };
    let right = Side { x: x + 1, y, down: true };
    // Clockwise from the top left.
    match (thing(x, y), thing(x + 1, y), thing(x + 1, y + 1), thing(x, y + 1)) {
        (true, false, false, false) => vec![(left, top)],
        (false, true, false, false) => vec![(top, right)],
        (false, false, true, false) => vec![(right, bottom)],
        (false, false, false, true) => vec![(bottom, left)],
        (true, true, false, false) => vec![(left, right)],
        (false, true, true, false) => vec![(top, bottom)],
        (false, false, true, true) => vec![(right, left)],
        (true, false, false, true) => vec![(bottom, top)],
        (true, true, true, false) => vec![(left, bottom)],
        (false, true, true, true) => vec![(top, left)],
        (true, false, true, true) => vec![(right, top)],
        (true, true, false, true) => vec![(bottom, right)],
        (true, false, true, false) => vec![(left, top), (right, bottom)],
        (false, true, false, true) => vec![(top, right), (bottom, left)],
        (true, true, true, true) | (false, false, false, false) => vec![],
    }
}

#[cfg(test)]
mod tests {
    use model::structures::{boxes::BBox, mask::SIDE};

    use super::*;

    fn mask(bbox: BBox, thing: impl Fn(usize, usize) -> bool) -> InstanceMask {
        let cells = (0..SIDE * SIDE).map(|i| if thing(i % SIDE, i / SIDE) { 255 } else { 0 }).collect();
        InstanceMask { candidate: 7, bbox, class: 1, score: 0.9, cells }
    }

    #[test]
    fn the_left_half_of_a_box() {
        let shape = Outline::of(&mask(BBox::new(100.0, 50.0, 156.0, 106.0), |x, _| x < 14));
        assert_eq!(shape.contours.len(), 1);
        assert!(shape.contains((110.0, 80.0)) && !shape.contains((146.0, 80.0)) && !shape.contains((90.0, 80.0)));
        let right = shape.contours[0].iter().map(|it| it.0).fold(0.0, f32::max);
        assert!((right - 128.0).abs() < 0.5, "{right}");
    }

    #[test]
    fn a_higher_edge_makes_a_smaller_outline() {
        let mut slope = mask(BBox::new(0.0, 0.0, 280.0, 280.0), |_, _| true);
        for (index, cell) in slope.cells.iter_mut().enumerate() {
            *cell = (255 - index % SIDE * 9) as u8;
        }
        let right = |part: f32| {
            let lines = Outline::at(&slope, part * 255.0).contours;
            lines.iter().flatten().map(|it| it.0).fold(0.0, f32::max)
        };
        assert!(right(0.25) > right(0.5) + 50.0 && right(0.5) > right(0.75) + 50.0);
        assert_eq!(Outline::at(&slope, 127.5), Outline::of(&slope));
        assert!(Outline::at(&slope, 255.0).contours.is_empty(), "nothing is more than certain");
    }

    #[test]
    fn a_ring_has_a_hole() {
        let ring = mask(BBox::new(0.0, 0.0, 280.0, 280.0), |x, y| {
            let (x, y) = (x as f32 - 13.5, y as f32 - 13.5);
            (5.0..12.0).contains(&x.hypot(y))
        });
        let shape = Outline::of(&ring);
        assert_eq!(shape.contours.len(), 2);
        assert!(!shape.contains((140.0, 140.0)) && shape.contains((140.0, 60.0)) && !shape.contains((2.0, 2.0)));
        // Lines close: no step is longer than a sample.
        for line in &shape.contours {
            let next = line.iter().cycle().skip(1);
            assert!(line.iter().zip(next).all(|(a, b)| (a.0 - b.0).hypot(a.1 - b.1) < 3.6));
        }
    }

    #[test]
    fn diagonal_neighbours_and_empty_masks() {
        let checks = Outline::of(&mask(BBox::new(0.0, 0.0, 28.0, 28.0), |x, y| (x / 14 + y / 14) % 2 == 0));
        assert!(checks.contains((5.0, 5.0)) && checks.contains((23.0, 23.0)) && !checks.contains((23.0, 5.0)));
        assert_eq!(Outline::of(&mask(BBox::new(0.0, 0.0, 28.0, 28.0), |_, _| false)).contours.len(), 0);
        assert_eq!(Outline::of(&mask(BBox::new(5.0, 5.0, 5.0, 5.0), |_, _| true)).contours.len(), 0);
        let all = Contours::of(&[mask(BBox::new(0.0, 0.0, 28.0, 28.0), |_, _| true)]);
        assert!(all.get(7).is_some_and(|it| it.contains((14.0, 14.0))) && all.get(0).is_none());
    }
}
