//! A label as it is drawn: corner by corner, against the clock.

use model::structures::boxes::BBox;

/// How near to the first corner a further one closes a contour, in fractions of the photo.
const NEAR: f32 = 0.02;
/// How far apart the corners of a contour are that is drawn without letting go, in fractions of the photo.
const APART: f32 = 0.008;

/// Corners from which on a drag is a contour, not a click by an unsteady hand.
const MIN_DRAWN: usize = 8;

/// What is drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kind {
    /// A contour.
    #[default]
    Mask,
    /// A box, by two corners.
    Box,
}

impl Kind {
    /// In their order.
    pub const ALL: [Self; 2] = [Self::Mask, Self::Box];

    /// Its name.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Mask => "Mask",
            Self::Box => "Box",
        }
    }

    /// Corners that it has at least.
    const fn least(self) -> usize {
        match self {
            Self::Mask => 3,
            Self::Box => 2,
        }
    }
}

/// What is drawn so far. Times are milliseconds on any steady clock.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sketch {
    /// What it becomes.
    pub kind: Kind,
    /// Corners in fractions of the photo.
    pub corners: Vec<(f32, f32)>,
    /// Whether it is finished.
    pub is_closed: bool,
    begun: f64,
    ended: f64,
    /// Corners since the pointer was last pressed.
    drawn: usize,
}

impl Sketch {
    /// Nothing yet.
    pub fn new(kind: Kind) -> Self {
        Self { kind, ..Self::default() }
    }

    /// Sets a corner; the first one starts the clock, and one at the first closes a contour.
    pub fn add(&mut self, (x, y): (f32, f32), now: f64) {
        if self.is_closed {
            *self = Self::new(self.kind);
        }
        let at = (x.clamp(0.0, 1.0), y.clamp(0.0, 1.0));
        let first = self.corners.first().copied();
        match first {
            None => self.begun = now,
            Some(first)
                if self.kind == Kind::Mask && self.corners.len() >= self.kind.least() && distance(first, at) < NEAR =>
            {
                return self.close(now);
            }
            Some(_) => {}
        }
        self.corners.push(at);
        self.drawn = 0;
        if self.kind == Kind::Box && self.corners.len() == self.kind.least() {
            self.close(now);
        }
    }

    /// Draws on to a place without letting go: a contour gets a corner there if it is far enough from the last one.
    pub fn draw_to(&mut self, at: (f32, f32), now: f64) {
        let is_far = self.corners.last().is_some_and(|&last| distance(last, at) >= APART);
        if self.kind == Kind::Mask && !self.is_closed && is_far {
            self.corners.push((at.0.clamp(0.0, 1.0), at.1.clamp(0.0, 1.0)));
            (self.ended, self.drawn) = (now, self.drawn + 1);
        }
    }

    /// Whether the last corners were drawn without letting go, enough of them for a contour.
    pub const fn was_drawn(&self) -> bool {
        self.drawn > MIN_DRAWN
    }

    /// Takes the last corner back.
    pub fn undo(&mut self) {
        if !self.is_closed {
            self.corners.pop();
        }
    }

    /// Finishes it, if it has corners enough.
    pub fn close(&mut self, now: f64) {
        if !self.is_closed && self.corners.len() >= self.kind.least() {
            (self.is_closed, self.ended) = (true, now);
        }
    }

    /// Seconds since the first corner, to the last one once it is finished.
    pub fn seconds(&self, now: f64) -> f64 {
        let end = if self.is_closed { self.ended } else { now };
        if self.corners.is_empty() { 0.0 } else { ((end - self.begun) / 1e3).max(0.0) }
    }

    /// The outline: the contour, or the corners of the box.
    pub fn outline(&self) -> Vec<(f32, f32)> {
        match (self.kind, self.bbox()) {
            (Kind::Box, Some(it)) => vec![(it.x0, it.y0), (it.x1, it.y0), (it.x1, it.y1), (it.x0, it.y1)],
            _ => self.corners.clone(),
        }
    }

    /// The box round all corners.
    pub fn bbox(&self) -> Option<BBox> {
        let first = *self.corners.first()?;
        let start = BBox::new(first.0, first.1, first.0, first.1);
        Some(
            self.corners
                .iter()
                .fold(start, |it, at| BBox::new(it.x0.min(at.0), it.y0.min(at.1), it.x1.max(at.0), it.y1.max(at.1))),
        )
    }
}

fn distance(a: (f32, f32), b: (f32, f32)) -> f32 {
    (a.0 - b.0).hypot(a.1 - b.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_contour_is_closed_at_its_first_corner_and_the_clock_stops() {
        let mut sketch = Sketch::new(Kind::Mask);
        assert_eq!(sketch.seconds(9e9), 0.0);
        for (i, at) in [(0.1, 0.1), (0.5, 0.1), (0.5, 0.6)].into_iter().enumerate() {
            sketch.add(at, 1000.0 * i as f64);
        }
        assert_eq!((sketch.seconds(5000.0), sketch.is_closed), (5.0, false));
        sketch.add((0.11, 0.1), 4000.0);
        assert_eq!((sketch.seconds(9000.0), sketch.is_closed, sketch.corners.len()), (4.0, true, 3));
        assert_eq!(sketch.bbox(), Some(BBox::new(0.1, 0.1, 0.5, 0.6)));
        sketch.add((0.9, 0.9), 9000.0);
        assert_eq!((sketch.corners.len(), sketch.is_closed), (1, false), "the next one begins");
    }

    #[test]
    fn a_box_has_two_corners_and_a_drawn_contour_many() {
        let mut sketch = Sketch::new(Kind::Box);
        sketch.add((0.6, 0.2), 0.0);
        sketch.draw_to((0.4, 0.4), 10.0);
        sketch.add((0.2, 1.4), 2000.0);
        assert!(sketch.is_closed && sketch.seconds(0.0) == 2.0);
        assert_eq!(sketch.outline(), [(0.2, 0.2), (0.6, 0.2), (0.6, 1.0), (0.2, 1.0)]);
        let mut drawn = Sketch::new(Kind::Mask);
        drawn.add((0.1, 0.1), 0.0);
        for i in 1..10 {
            drawn.draw_to((0.1 + 0.01 * i as f32, 0.1), 100.0);
        }
        drawn.draw_to((0.191, 0.1), 100.0);
        assert_eq!((drawn.corners.len(), drawn.was_drawn()), (10, true), "the last one is too near to count");
        drawn.undo();
        drawn.close(1000.0);
        assert_eq!((drawn.corners.len(), drawn.seconds(0.0)), (9, 1.0));
        drawn.undo();
        assert_eq!(drawn.corners.len(), 9, "what is finished stays");
        let mut two = Sketch::new(Kind::Mask);
        two.add((0.1, 0.1), 0.0);
        two.close(5.0);
        assert!(!two.is_closed);
    }
}
