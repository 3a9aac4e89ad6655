//! What a sliding window costs: how many crops there are, and what two neighbours share.

/// Windows of one shape over a photo.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Windows {
    /// Pixels of the photo across and down.
    pub photo: (f64, f64),
    /// Pixels of the window across and down.
    pub window: (f64, f64),
    /// Pixels from one window to the next, at least 1.
    pub step: f64,
}

impl Windows {
    /// How many windows lie inside the photo.
    #[must_use]
    pub fn count(&self) -> f64 {
        let places = |photo: f64, window: f64| {
            if window > photo { 0.0 } else { ((photo - window) / self.step.max(1.0)).floor() + 1.0 }
        };
        places(self.photo.0, self.window.0) * places(self.photo.1, self.window.1)
    }

    /// The part of a window's pixels that its neighbour to the right has as well, 0 to 1.
    #[must_use]
    pub fn shared(&self) -> f64 {
        (1.0 - self.step / self.window.0.max(1.0)).max(0.0)
    }
}

/// Windows of several sizes and shapes: each size is a factor of the one before, each shape has the area of a square.
///
/// # Arguments
/// * `side` - of the smallest square, in pixels.
/// * `step` - pixels from one window to the next.
/// * `sizes` - how many.
/// * `aspects` - width over height of each shape.
#[must_use]
pub fn all_windows(photo: (f64, f64), side: f64, step: f64, sizes: usize, aspects: &[f64]) -> Vec<Windows> {
    let size = |i: usize| side * GROWTH.powi(i as i32); // a handful
    let shape = |i: usize, aspect: f64| (size(i) * aspect.sqrt(), size(i) / aspect.sqrt());
    let each = (0..sizes).flat_map(|i| aspects.iter().map(move |&aspect| shape(i, aspect)));
    each.map(|window| Windows { photo, window, step }).collect()
}

/// From one size to the next.
pub const GROWTH: f64 = 1.5;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lecture_s_windows() {
        let it = Windows { photo: (300.0, 300.0), window: (64.0, 64.0), step: 1.0 };
        assert_eq!((it.count(), it.shared()), (237.0 * 237.0, 63.0 / 64.0));
        assert_eq!(Windows { step: 100.0, ..it }.count(), 9.0);
        assert_eq!(
            (Windows { step: 100.0, ..it }.shared(), Windows { window: (301.0, 10.0), ..it }.count()),
            (0.0, 0.0)
        );
    }

    #[test]
    fn shapes_have_the_area_of_their_size() {
        let all = all_windows((640.0, 480.0), 64.0, 8.0, 3, &[0.5, 1.0, 2.0]);
        assert_eq!(all.len(), 9);
        let area = |it: &Windows| it.window.0 * it.window.1;
        assert!((area(&all[0]) - 4096.0).abs() < 1e-6 && (area(&all[3]) - 9216.0).abs() < 1e-6);
        assert!((all[2].window.0 / all[2].window.1 - 2.0).abs() < 1e-9);
    }
}
