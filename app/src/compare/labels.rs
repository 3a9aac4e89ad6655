//! Where the names of a plot's points go, so that none lies on another or on a point.

/// How far a name stays from its point, and how much room a point takes, in the plot's units.
const GAP: f64 = 5.0;
const ROOM: f64 = 5.0;
/// The width of a letter and of a capital, in the plot's units.
const LETTER: f64 = 6.5;
const CAPITAL: f64 = 8.4;
/// How many names' heights away from its point a name may be.
const RINGS: u32 = 8;

/// A rectangle.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Area {
    /// Left edge.
    pub x: f64,
    /// Top edge.
    pub y: f64,
    /// Across.
    pub width: f64,
    /// Down.
    pub height: f64,
}

impl Area {
    fn overlaps(&self, other: &Self) -> bool {
        let (right, bottom) = (self.x + self.width, self.y + self.height);
        self.x < other.x + other.width && other.x < right && self.y < other.y + other.height && other.y < bottom
    }

    fn holds(&self, other: &Self) -> bool {
        let inside = |low: f64, length: f64, at: f64, size: f64| at >= low && at + size <= low + length;
        inside(self.x, self.width, other.x, other.width) && inside(self.y, self.height, other.y, other.height)
    }

    fn round(point: (f64, f64)) -> Self {
        Self { x: point.0 - ROOM, y: point.1 - ROOM, width: 2.0 * ROOM, height: 2.0 * ROOM }
    }
}

/// How wide a name is: capitals are wider than other letters.
pub fn text_width(name: &str) -> f64 {
    name.chars().map(|letter| if letter.is_ascii_uppercase() { CAPITAL } else { LETTER }).sum()
}

/// Places names beside their points.
///
/// # Arguments
/// * `points` - where each named point is, with the width of its name; names of earlier points have the first choice.
/// * `others` - points without names.
/// * `height` - of a name.
/// * `frame` - what names stay inside of.
///
/// # Returns
/// The area of each name; one that has no free place is on the right.
pub fn place(points: &[((f64, f64), f64)], others: &[(f64, f64)], height: f64, frame: &Area) -> Vec<Area> {
    let mut taken: Vec<Area> = points.iter().map(|it| it.0).chain(others.iter().copied()).map(Area::round).collect();
    let mut placed = Vec::with_capacity(points.len());
    for &((x, y), width) in points {
        let area = |dx: f64, dy: f64| Area { x: x + dx, y: y + dy, width, height };
        let (right, left, middle) = (ROOM + GAP, -ROOM - GAP - width, -height / 2.0);
        let (above, below) = (-ROOM - height, ROOM);
        let near =
            [area(right, middle), area(left, middle), area(-width / 2.0, above - 1.0), area(-width / 2.0, below + 1.0)];
        // Above and below on either side, further away from ring to ring.
        let rings = (0..RINGS).flat_map(|ring| {
            let away = f64::from(ring) * height;
            [right - GAP, left + GAP].into_iter().flat_map(move |dx| [(dx, above - away), (dx, below + away)])
        });
        let choices: Vec<Area> = near.into_iter().chain(rings.map(|(dx, dy)| area(dx, dy))).collect();
        let free = choices.iter().find(|it| frame.holds(it) && !taken.iter().any(|other| it.overlaps(other)));
        let chosen = *free.unwrap_or(&choices[0]);
        taken.push(chosen);
        placed.push(chosen);
    }
    placed
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRAME: Area = Area { x: 0.0, y: 0.0, width: 300.0, height: 200.0 };

    #[test]
    fn a_name_is_on_the_right_where_there_is_room() {
        let alone = place(&[((100.0, 100.0), 40.0)], &[], 14.0, &FRAME);
        assert_eq!(alone, [Area { x: 110.0, y: 93.0, width: 40.0, height: 14.0 }]);
        let at_the_edge = place(&[((290.0, 100.0), 40.0)], &[], 14.0, &FRAME);
        assert_eq!(at_the_edge[0].x, 240.0);
    }

    #[test]
    fn capitals_are_wider() {
        assert!(text_width("YOLO") > text_width("yolo") + 7.0);
    }

    #[test]
    fn names_of_a_crowd_lie_apart() {
        let crowd: Vec<_> = [(150.0, 90.0), (152.0, 94.0), (160.0, 88.0), (168.0, 96.0)].map(|it| (it, 60.0)).into();
        let names = place(&crowd, &[(150.0, 120.0)], 14.0, &FRAME);
        for (index, name) in names.iter().enumerate() {
            assert!(FRAME.holds(name));
            assert!(names[..index].iter().all(|other| !name.overlaps(other)), "{names:?}");
            assert!(!name.overlaps(&Area::round((150.0, 120.0))));
        }
    }
}
