//! From pointers (mouse, finger, pen) to gestures: drag with one, pinch with two, tap with one that did not move.

/// How far a pointer may move and still tap, in CSS pixels.
const TAP_SLOP: f32 = 6.0;
/// How far a finger has to move across to swipe, in CSS pixels.
const SWIPE: f32 = 48.0;

/// What a movement means for the view.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Gesture {
    /// Move by `(dx, dy)` CSS pixels.
    Pan(f32, f32),
    /// Zoom by the factor about the point, after moving by the vector.
    Pinch {
        /// More than 1 enlarges.
        factor: f32,
        /// The middle of the two fingers now.
        at: (f32, f32),
        /// How far that middle moved.
        delta: (f32, f32),
    },
}

/// The pointers that are down.
#[derive(Clone, Debug, Default)]
pub struct Pointers {
    down: Vec<(i32, (f32, f32))>,
    travelled: f32,
    /// Where the first one went down.
    begun: (f32, f32),
}

impl Pointers {
    /// A pointer goes down at a point.
    pub fn press(&mut self, id: i32, at: (f32, f32)) {
        if self.down.is_empty() {
            (self.travelled, self.begun) = (0.0, at);
        }
        self.down.retain(|&(other, _)| other != id);
        self.down.push((id, at));
        if self.down.len() > 1 {
            self.travelled = f32::INFINITY; // two fingers never tap
        }
    }

    /// A pointer moves to a point. None while nothing is down, while the movement is still small enough for a tap, and
    /// for a third finger.
    pub fn glide(&mut self, id: i32, to: (f32, f32)) -> Option<Gesture> {
        let index = self.down.iter().position(|&(other, _)| other == id)?;
        let from = self.down[index].1;
        match *self.down {
            [_] => {
                let by = (to.0 - from.0, to.1 - from.1);
                self.travelled = self.travelled.max(by.0.hypot(by.1));
                (self.travelled > TAP_SLOP).then(|| {
                    self.down[index].1 = to;
                    Gesture::Pan(by.0, by.1)
                })
            }
            [a, b] => {
                let other = if index == 0 { b.1 } else { a.1 };
                self.down[index].1 = to;
                let (before, after) = (distance(from, other), distance(to, other));
                let (mid_before, mid_after) = (middle(from, other), middle(to, other));
                (before > 1.0 && after > 1.0).then(|| Gesture::Pinch {
                    factor: after / before,
                    at: mid_after,
                    delta: (mid_after.0 - mid_before.0, mid_after.1 - mid_before.1),
                })
            }
            _ => None,
        }
    }

    /// The swipe that ends at a point: 1 to the next picture (to the left), -1 to the one before.
    #[must_use]
    pub fn swipe(&self, to: (f32, f32)) -> Option<isize> {
        let (dx, dy) = (to.0 - self.begun.0, to.1 - self.begun.1);
        let is_swipe = self.down.len() == 1 && self.travelled.is_finite() && dx.abs() > SWIPE.max(2.0 * dy.abs());
        is_swipe.then_some(if dx < 0.0 { 1 } else { -1 })
    }

    /// A pointer goes up, or is taken away. Returns whether that was a tap.
    pub fn lift(&mut self, id: i32) -> bool {
        let was_down = self.down.iter().any(|&(other, _)| other == id);
        self.down.retain(|&(other, _)| other != id);
        was_down && self.travelled <= TAP_SLOP
    }

    /// Whether a drag or a pinch is going on.
    #[must_use]
    pub fn busy(&self) -> bool {
        !self.down.is_empty() && self.travelled > TAP_SLOP
    }
}

fn distance(a: (f32, f32), b: (f32, f32)) -> f32 {
    (a.0 - b.0).hypot(a.1 - b.1)
}

fn middle(a: (f32, f32), b: (f32, f32)) -> (f32, f32) {
    ((a.0 + b.0) / 2.0, (a.1 + b.1) / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tap_is_no_drag() {
        let mut pointers = Pointers::default();
        pointers.press(1, (10.0, 10.0));
        assert_eq!(pointers.glide(1, (13.0, 12.0)), None);
        assert!(pointers.lift(1));
        assert!(!pointers.lift(1));
    }

    #[test]
    fn a_drag_moves_by_all_it_travelled() {
        let mut pointers = Pointers::default();
        pointers.press(1, (10.0, 10.0));
        assert_eq!(pointers.glide(1, (14.0, 10.0)), None);
        assert_eq!(pointers.glide(1, (20.0, 10.0)), Some(Gesture::Pan(10.0, 0.0)));
        assert_eq!(pointers.glide(1, (21.0, 12.0)), Some(Gesture::Pan(1.0, 2.0)));
        assert!(pointers.busy());
        assert!(!pointers.lift(1));
    }

    #[test]
    fn a_finger_across_swipes_and_two_do_not() {
        let mut pointers = Pointers::default();
        pointers.press(1, (200.0, 10.0));
        assert_eq!(pointers.swipe((170.0, 10.0)), None, "too short");
        assert_eq!((pointers.swipe((100.0, 30.0)), pointers.swipe((300.0, 30.0))), (Some(1), Some(-1)));
        assert_eq!(pointers.swipe((100.0, 90.0)), None, "as much down as across");
        pointers.press(2, (0.0, 0.0));
        pointers.lift(2);
        assert_eq!(pointers.swipe((100.0, 10.0)), None, "the rest of a pinch");
    }

    #[test]
    fn two_fingers_pinch_and_do_not_tap() {
        let mut pointers = Pointers::default();
        pointers.press(1, (0.0, 0.0));
        pointers.press(2, (100.0, 0.0));
        let pinch = pointers.glide(2, (200.0, 0.0));
        assert_eq!(pinch, Some(Gesture::Pinch { factor: 2.0, at: (100.0, 0.0), delta: (50.0, 0.0) }));
        assert!(!pointers.lift(1));
        assert!(!pointers.lift(2));
        assert_eq!(pointers.glide(2, (0.0, 0.0)), None);
    }
}
