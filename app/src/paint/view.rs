//! Where the photo lies on the canvas: the map between photo pixels and CSS pixels.

use model::structures::boxes::BBox;

/// The largest magnification: this many CSS pixels for one photo pixel (or four times the fitted size, if that is more).
const MAX_SCALE: f32 = 12.0;
/// How much of the photo stays on the canvas while panning, as a part of the canvas.
const KEEP: f32 = 0.25;
/// The share of the canvas that a part of the photo fills when it is zoomed to.
const ROOM: f32 = 0.8;

/// A rectangle's width and height.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Size {
    /// Across.
    pub width: f32,
    /// Down.
    pub height: f32,
}

impl Size {
    /// A size from its width and height.
    #[must_use]
    pub const fn new(width: f32, height: f32) -> Self {
        Self { width, height }
    }

    /// Whether there is nothing to draw on.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.width <= 0.0 || self.height <= 0.0
    }

    /// Width over height; 1 where there is nothing.
    #[must_use]
    pub fn aspect(&self) -> f32 {
        if self.is_empty() { 1.0 } else { self.width / self.height }
    }
}

/// Scale and offset: a photo pixel `(x, y)` is drawn at `(x * scale + left, y * scale + top)` in CSS pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct View {
    /// CSS pixels for one photo pixel.
    pub scale: f32,
    /// CSS pixels from the canvas's left edge to the photo's.
    pub left: f32,
    /// CSS pixels from the canvas's top edge to the photo's.
    pub top: f32,
}

impl Default for View {
    fn default() -> Self {
        Self { scale: 1.0, left: 0.0, top: 0.0 }
    }
}

impl View {
    /// The whole photo, centred, with a margin. Small photos grow, but at most fourfold.
    ///
    /// # Arguments
    /// * `photo` - the photo's size in pixels.
    /// * `canvas` - the canvas's size in CSS pixels.
    /// * `margin` - free space on all sides in CSS pixels.
    #[must_use]
    pub fn fit(photo: Size, canvas: Size, margin: f32) -> Self {
        if photo.is_empty() || canvas.is_empty() {
            return Self::default();
        }
        let room = Size::new((canvas.width - 2.0 * margin).max(1.0), (canvas.height - 2.0 * margin).max(1.0));
        let scale = (room.width / photo.width).min(room.height / photo.height).min(4.0);
        Self {
            scale,
            left: (canvas.width - photo.width * scale) / 2.0,
            top: (canvas.height - photo.height * scale) / 2.0,
        }
    }

    /// The view after zooming about a point, which stays where it is unless the photo would leave the canvas.
    ///
    /// # Arguments
    /// * `factor` - more than 1 enlarges.
    /// * `at` - the fixed point in CSS pixels.
    /// * `fit` - the fitted view: the smallest scale allowed, and the limit for the largest.
    #[must_use]
    pub fn zoomed(&self, factor: f32, at: (f32, f32), fit: &Self) -> Self {
        let scale = (self.scale * factor).clamp(fit.scale, MAX_SCALE.max(fit.scale * 4.0));
        let ratio = scale / self.scale;
        Self { scale, left: at.0 - (at.0 - self.left) * ratio, top: at.1 - (at.1 - self.top) * ratio }
    }

    /// A part of the photo in the middle, with some of the photo round it.
    ///
    /// # Arguments
    /// * `part` - in photo pixels.
    /// * `canvas` - the canvas's size in CSS pixels.
    /// * `fit` - the fitted view, as in [`View::zoomed`].
    #[must_use]
    pub fn showing(part: &BBox, canvas: Size, fit: &Self) -> Self {
        let room = (canvas.width / part.width().max(1.0)).min(canvas.height / part.height().max(1.0)) * ROOM;
        let scale = room.clamp(fit.scale, MAX_SCALE.max(fit.scale * 4.0));
        let (x, y) = part.centre();
        Self { scale, left: canvas.width / 2.0 - x * scale, top: canvas.height / 2.0 - y * scale }
    }

    /// The view after dragging by `(dx, dy)` CSS pixels.
    #[must_use]
    pub fn panned(&self, dx: f32, dy: f32) -> Self {
        Self { left: self.left + dx, top: self.top + dy, ..*self }
    }

    /// The nearest view that shows enough of the photo: centred along an axis where it fits, else never far off.
    #[must_use]
    pub fn settled(&self, photo: Size, canvas: Size) -> Self {
        let axis = |offset: f32, photo: f32, canvas: f32| {
            let length = photo * self.scale;
            if length <= canvas {
                (canvas - length) / 2.0
            } else {
                offset.clamp(canvas * (1.0 - KEEP) - length, canvas * KEEP)
            }
        };
        Self {
            left: axis(self.left, photo.width, canvas.width),
            top: axis(self.top, photo.height, canvas.height),
            ..*self
        }
    }

    /// A point between two views, for animation; `t` runs from 0 to 1. Scales blend by ratio, so that zooming looks even.
    #[must_use]
    pub fn blend(&self, to: &Self, t: f32) -> Self {
        let scale = self.scale * (to.scale / self.scale).powf(t);
        // Offsets follow the scale, so that the fixed point of the zoom really stays fixed on the way.
        let zoom = to.scale - self.scale;
        let along = if zoom.abs() < 1e-6 { t } else { (scale - self.scale) / zoom };
        let mix = |a: f32, b: f32| a + (b - a) * along;
        Self { scale, left: mix(self.left, to.left), top: mix(self.top, to.top) }
    }

    /// A box in photo pixels as CSS pixels.
    #[must_use]
    pub fn to_canvas(self, bbox: &BBox) -> BBox {
        let moved = bbox.scale(self.scale, self.scale);
        BBox::new(moved.x0 + self.left, moved.y0 + self.top, moved.x1 + self.left, moved.y1 + self.top)
    }

    /// A point of the canvas in photo pixels.
    #[must_use]
    pub fn to_photo(self, at: (f32, f32)) -> (f32, f32) {
        ((at.0 - self.left) / self.scale, (at.1 - self.top) / self.scale)
    }
}

/// The finding under a point, as an index into `boxes`: of those that contain it, the smallest, which is the one that
/// could not be reached otherwise.
///
/// # Arguments
/// * `boxes` - in photo pixels.
/// * `at` - the point in photo pixels.
/// * `slack` - how far outside a box still counts, in photo pixels: thin boxes must be reachable by finger.
#[must_use]
pub fn hit(boxes: &[BBox], at: (f32, f32), slack: f32) -> Option<usize> {
    let inside = |bbox: &BBox| {
        at.0 >= bbox.x0 - slack && at.0 <= bbox.x1 + slack && at.1 >= bbox.y0 - slack && at.1 <= bbox.y1 + slack
    };
    let reachable = boxes.iter().enumerate().filter(|(_, bbox)| inside(bbox));
    reachable.min_by(|(_, a), (_, b)| a.area().total_cmp(&b.area())).map(|(index, _)| index)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PHOTO: Size = Size::new(400.0, 200.0);
    const CANVAS: Size = Size::new(800.0, 600.0);

    fn close(a: f32, b: f32) -> bool {
        (a - b).abs() < 1e-2
    }

    #[test]
    fn fit_centres_inside_the_margin() {
        let view = View::fit(PHOTO, CANVAS, 20.0);
        assert_eq!(view, View { scale: 1.9, left: 20.0, top: 110.0 });
        assert_eq!(View::fit(Size::new(1.0, 1.0), CANVAS, 20.0).scale, 4.0);
        assert!(View::fit(Size::new(1.0, 8000.0), Size::new(300.0, 400.0), 0.0).scale > 0.0);
        assert_eq!(View::fit(PHOTO, Size::default(), 20.0), View::default());
    }

    #[test]
    fn zoom_keeps_the_point_and_the_limits() {
        let fit = View::fit(PHOTO, CANVAS, 0.0);
        let at = (500.0, 250.0);
        let zoomed = fit.zoomed(3.0, at, &fit);
        let (before, after) = (fit.to_photo(at), zoomed.to_photo(at));
        assert!(close(before.0, after.0) && close(before.1, after.1));
        assert_eq!(fit.zoomed(0.1, at, &fit).scale, fit.scale);
        assert_eq!(fit.zoomed(1e6, at, &fit).scale, MAX_SCALE);
    }

    #[test]
    fn settled_centres_small_photos_and_keeps_large_ones_in_reach() {
        let fit = View::fit(PHOTO, CANVAS, 0.0);
        assert_eq!(fit.panned(300.0, -90.0).settled(PHOTO, CANVAS), fit);
        let large = View { scale: 10.0, left: 9000.0, top: -9000.0 }.settled(PHOTO, CANVAS);
        assert_eq!((large.left, large.top), (200.0, 450.0 - 2000.0));
    }

    #[test]
    fn boxes_and_points_go_there_and_back() {
        let view = View { scale: 2.5, left: -30.0, top: 12.0 };
        let drawn = view.to_canvas(&BBox::new(10.0, 20.0, 30.0, 50.0));
        assert_eq!(drawn, BBox::new(-5.0, 62.0, 45.0, 137.0));
        assert_eq!(view.to_photo((-5.0, 62.0)), (10.0, 20.0));
    }

    #[test]
    fn blend_keeps_the_fixed_point_of_a_zoom() {
        let fit = View::fit(PHOTO, CANVAS, 0.0);
        let at = (123.0, 456.0);
        let end = fit.zoomed(4.0, at, &fit);
        assert_eq!(fit.blend(&end, 0.0), fit);
        let fixed = fit.to_photo(at);
        for t in [0.25, 0.5, 1.0] {
            let (x, y) = fit.blend(&end, t).to_photo(at);
            assert!(close(x, fixed.0) && close(y, fixed.1), "{t}: {x} {y}");
        }
        assert!(close(fit.blend(&fit.panned(10.0, 0.0), 0.5).left, fit.left + 5.0));
    }

    #[test]
    fn a_part_is_shown_in_the_middle_and_never_smaller_than_the_photo_fits() {
        let fit = View::fit(PHOTO, CANVAS, 0.0);
        let part = BBox::new(10.0, 20.0, 50.0, 30.0);
        let view = View::showing(&part, CANVAS, &fit);
        let (x, y) = view.to_photo((CANVAS.width / 2.0, CANVAS.height / 2.0));
        assert!((x - 30.0).abs() < 1e-3 && (y - 25.0).abs() < 1e-3, "{x} {y}");
        assert!(view.to_canvas(&part).width() <= CANVAS.width);
        let whole = BBox::new(0.0, 0.0, PHOTO.width, PHOTO.height);
        assert_eq!(View::showing(&whole, CANVAS, &fit).scale, fit.scale);
    }

    #[test]
    fn the_smallest_box_under_the_pointer_is_hit() {
        let boxes = [BBox::new(0.0, 0.0, 100.0, 100.0), BBox::new(40.0, 40.0, 60.0, 60.0)];
        assert_eq!(hit(&boxes, (50.0, 50.0), 0.0), Some(1));
        assert_eq!(hit(&boxes, (10.0, 10.0), 0.0), Some(0));
        assert_eq!(hit(&boxes, (103.0, 10.0), 2.0), None);
        assert_eq!(hit(&boxes, (101.0, 10.0), 2.0), Some(0));
    }
}
