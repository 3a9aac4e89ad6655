//! The photo's grey values, averaged over the cells of a small map.

use model::figures::grid::Grid;
use wasm_bindgen::JsValue;

use crate::{js::canvas, photo::Photo};

/// The longer side of the picture that grey values are taken from, in pixels.
const MAX_SIDE: f64 = 640.0;
/// How much red, green and blue weigh in grey (ITU-R BT.601).
const WEIGHTS: [f64; 3] = [0.299, 0.587, 0.114];

/// Sums of grey values from the upper left corner, so that the mean of any rectangle takes four of them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct GreyPhoto {
    width: usize,
    height: usize,
    /// `[height + 1, width + 1]`.
    sums: Vec<f64>,
}

impl GreyPhoto {
    /// The grey values of a photo, 0 (black) to 1 (white).
    ///
    /// # Errors
    /// What the browser says, e.g. when it has no memory.
    pub fn of(photo: &Photo) -> Result<Self, JsValue> {
        let (width, height) = (f64::from(photo.width), f64::from(photo.height));
        let scale = (MAX_SIDE / width.max(height)).min(1.0);
        let side = |length: f64| (length * scale).round().max(1.0);
        let (across, down) = (side(width), side(height));
        // At most MAX_SIDE.
        let (_, context) = canvas(across as u32, down as u32, true)?;
        context.set_fill_style_str("#fff");
        context.fill_rect(0.0, 0.0, across, down);
        context.draw_image_with_image_bitmap_and_dw_and_dh(&photo.bitmap, 0.0, 0.0, across, down)?;
        let pixels = context.get_image_data(0.0, 0.0, across, down)?.data().0;
        Ok(Self::from_rgba(&pixels, (across as usize, down as usize)))
    }

    fn from_rgba(rgba: &[u8], (width, height): (usize, usize)) -> Self {
        let mut sums = vec![0.0; (width + 1) * (height + 1)];
        for y in 0..height {
            let mut row = 0.0;
            for x in 0..width {
                let pixel = &rgba[(y * width + x) * 4..][..3];
                row += pixel.iter().zip(WEIGHTS).map(|(&value, weight)| f64::from(value) * weight).sum::<f64>() / 255.0;
                sums[(y + 1) * (width + 1) + x + 1] = sums[y * (width + 1) + x + 1] + row;
            }
        }
        Self { width, height, sums }
    }

    /// Width over height; 1 without pixels.
    pub fn aspect(&self) -> f64 {
        if self.height == 0 { 1.0 } else { self.width as f64 / self.height as f64 }
    }

    /// The sum of all that is above and to the left of a point, in pixels; between pixels it is interpolated, which is exact.
    fn sum(&self, x: f64, y: f64) -> f64 {
        let (x, y) = (x.clamp(0.0, self.width as f64), y.clamp(0.0, self.height as f64));
        // Not negative, so they round down.
        let (left, top) = ((x as usize).min(self.width - 1), (y as usize).min(self.height - 1));
        let (right, low) = (x - left as f64, y - top as f64);
        let at = |x: usize, y: usize| self.sums[y * (self.width + 1) + x];
        let along = |y: usize| at(left, y) * (1.0 - right) + at(left + 1, y) * right;
        along(top) * (1.0 - low) + along(top + 1) * low
    }

    /// The mean grey values of a square of the photo, cut into `cells x cells` equal parts.
    ///
    /// # Arguments
    /// * `square` - left, top in fractions of the photo's width and height, side in fractions of its shorter side.
    pub fn cells(&self, square: &Square, cells: usize) -> Grid {
        if self.width == 0 || self.height == 0 {
            return Grid::filled((cells, cells), 0.0);
        }
        let (width, height) = (self.width as f64, self.height as f64);
        let step = square.side * width.min(height) / cells as f64;
        let (left, top) = (square.left * width, square.top * height);
        Grid::from_fn((cells, cells), |x, y| {
            let (x0, y0) = (left + x as f64 * step, top + y as f64 * step);
            let (x1, y1) = (x0 + step, y0 + step);
            let sum = self.sum(x1, y1) - self.sum(x0, y1) - self.sum(x1, y0) + self.sum(x0, y0);
            // Two decimals, as they are printed: what is shown is what is computed with.
            (sum / (step * step) * 100.0).round() / 100.0
        })
    }
}

/// A square of the photo.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Square {
    /// Its left edge, in fractions of the photo's width.
    pub left: f64,
    /// Its top edge, in fractions of the photo's height.
    pub top: f64,
    /// Its side, in fractions of the photo's shorter side.
    pub side: f64,
}

/// The smallest side of a square, in fractions of the photo's shorter side.
pub const MIN_SIDE: f64 = 0.04;

impl Square {
    /// The square in fractions of the photo's width and height: left, top, width, height.
    pub fn rect(&self, aspect: f64) -> (f64, f64, f64, f64) {
        let shorter = aspect.min(1.0); // the shorter side in heights
        (self.left, self.top, self.side * shorter / aspect, self.side * shorter)
    }

    /// The nearest square inside the photo.
    pub fn inside(self, aspect: f64) -> Self {
        let side = self.side.clamp(MIN_SIDE, 1.0);
        let (_, _, width, height) = Self { side, ..self }.rect(aspect);
        let clamp = |at: f64, length: f64| at.clamp(0.0, (1.0 - length).max(0.0));
        Self { left: clamp(self.left, width), top: clamp(self.top, height), side }
    }

    /// The square as the address has it: with three decimals.
    pub fn rounded(self) -> Self {
        let round = |it: f64| (it * 1e3).round() / 1e3;
        Self { left: round(self.left), top: round(self.top), side: round(self.side) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn photo(width: usize, height: usize, grey: impl Fn(usize, usize) -> u8) -> GreyPhoto {
        let pixels = (0..width * height).flat_map(|i| [[grey(i % width, i / width); 3].as_slice(), &[255]].concat());
        GreyPhoto::from_rgba(&pixels.collect::<Vec<_>>(), (width, height))
    }

    #[test]
    fn cells_are_means_of_what_they_cover() {
        // The left half is black, the right half white.
        let photo = photo(8, 4, |x, _| if x < 4 { 0 } else { 255 });
        let whole = Square { left: 0.25, top: 0.0, side: 1.0 };
        assert_eq!(photo.cells(&whole, 2).values, [0.0, 1.0, 0.0, 1.0]);
        // A third of the square's width a cell: the middle one is half black.
        assert_eq!(photo.cells(&whole, 3).values[..3], [0.0, 0.5, 1.0]);
        let fine = Square { left: 0.45, top: 0.5, side: 0.2 };
        assert_eq!(photo.cells(&fine, 1).values, [0.5]);
        assert_eq!(GreyPhoto::default().cells(&fine, 2).values, [0.0; 4]);
    }

    #[test]
    fn squares_stay_inside_the_photo() {
        let square = Square { left: 0.9, top: -1.0, side: 0.5 };
        assert_eq!(square.inside(2.0), Square { left: 0.75, top: 0.0, side: 0.5 });
        assert_eq!(square.inside(2.0).rect(2.0), (0.75, 0.0, 0.25, 0.5));
        assert_eq!(Square { left: 0.5, top: 0.5, side: 7.0 }.inside(0.5), Square { left: 0.0, top: 0.5, side: 1.0 });
    }
}
