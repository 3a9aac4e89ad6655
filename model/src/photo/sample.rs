//! From a photo to the numbers that a network reads: the two resamplers that the packaged networks were trained and are
//! compared with, and one whose pixels lie where [`Framing`] says. All read only the rows that they need and do not
//! smooth: a network that learned on aliased photos expects them (smoothed crops cost MoveNet 3 points of precision).

use super::{Framing, Photo};

/// One axis of a bilinear resampler: for each output pixel the two input pixels and the weight of the second.
/// `None` where the output lies outside the photo.
type Taps = Vec<Option<(usize, usize, f32)>>;

/// The two neighbours of `position` on an axis of `size` pixels, clamped to its ends.
fn tap(position: f64, size: u32) -> (usize, usize, f32) {
    let last = f64::from(size - 1);
    let first = position.floor().clamp(0.0, last);
    let second = position.ceil().clamp(0.0, last);
    // The clamped ends weigh nothing against each other, they are the same pixel.
    (first as usize, second as usize, (position - first) as f32)
}

/// Samples the framed region bilinearly as TensorFlow's `ResizeBilinear` does by default (`align_corners` and
/// `half_pixel_centers` both false): output pixel `i` of `n` reads position `start + i * length / n`. What the region
/// has outside the photo repeats the photo's edge.
///
/// # Returns
/// Height x width x RGB of the network's input, 0 to 255.
#[must_use]
pub fn sample_bilinear_tf(photo: &Photo, framing: &Framing) -> Vec<f32> {
    let axis = |start: f32, length: f32, count: u32, size: u32| -> Taps {
        let step = f64::from(length) / f64::from(count);
        (0..count).map(|i| Some(tap(f64::from(start) + f64::from(i) * step, size))).collect()
    };
    let (region, (width, height)) = (framing.region(), framing.network());
    let columns = axis(region.x0, region.width(), width, photo.width());
    let rows = axis(region.y0, region.height(), height, photo.height());
    blend(photo, &columns, &rows)
}

/// Samples the framed region as TensorFlow's `CropAndResize` does (bilinear, extrapolation value 0) when it is given the
/// region in fractions of the photo's width and height: the first and the last output pixel read the region's two ends,
/// and what lies outside the photo is black.
///
/// # Returns
/// Height x width x RGB of the network's input, 0 to 255.
#[must_use]
pub fn crop_and_resize(photo: &Photo, framing: &Framing) -> Vec<f32> {
    let axis = |start: f32, end: f32, count: u32, size: u32| -> Taps {
        let last = f64::from(size - 1);
        let (start, end) = (f64::from(start) / f64::from(size), f64::from(end) / f64::from(size));
        let position = |i: u32| match count {
            1 => 0.5 * (start + end) * last,
            _ => start * last + f64::from(i) * ((end - start) * last / f64::from(count - 1)),
        };
        // Rounding must not turn the photo's own last pixel black (TensorFlow's can).
        let inside = -1e-6..=last + 1e-6;
        (0..count).map(position).map(|at| inside.contains(&at).then(|| tap(at, size))).collect()
    };
    let (region, (width, height)) = (framing.region(), framing.network());
    let columns = axis(region.x0, region.x1, width, photo.width());
    let rows = axis(region.y0, region.y1, height, photo.height());
    blend(photo, &columns, &rows)
}

/// Samples the framed region bilinearly at the centres of the output's pixels, so that fractions of the region and
/// fractions of the output are the same places ([`crop_and_resize`] is off by up to half a pixel at the ends). What lies
/// outside the photo is black.
///
/// # Returns
/// Height x width x RGB of the network's input, 0 to 255.
#[must_use]
pub fn crop_at_centres(photo: &Photo, framing: &Framing) -> Vec<f32> {
    let axis = |start: f32, length: f32, count: u32, size: u32| -> Taps {
        let step = f64::from(length) / f64::from(count);
        let places = (0..count).map(|i| f64::from(start) + (f64::from(i) + 0.5) * step);
        places.map(|at| (0.0..=f64::from(size)).contains(&at).then(|| tap(at - 0.5, size))).collect()
    };
    let (region, (width, height)) = (framing.region(), framing.network());
    let columns = axis(region.x0, region.width(), width, photo.width());
    let rows = axis(region.y0, region.height(), height, photo.height());
    blend(photo, &columns, &rows)
}

/// Blends the four neighbours of each output pixel, first along the row, then between rows: TensorFlow's order.
fn blend(photo: &Photo, columns: &Taps, rows: &Taps) -> Vec<f32> {
    let step = photo.step();
    let mut out = vec![0.0; rows.len() * columns.len() * 3];
    for (line, taps) in out.chunks_exact_mut(columns.len() * 3).zip(rows) {
        let Some((top, bottom, down)) = *taps else { continue };
        // The casts fit: they came from a `u32` size.
        let (top, bottom) = (photo.row(top as u32), photo.row(bottom as u32));
        for (pixel, taps) in line.chunks_exact_mut(3).zip(columns) {
            let Some((left, right, across)) = *taps else { continue };
            let corner = |row: &'_ [u8], column: usize| -> [f32; 3] {
                let at = &row[column * step..column * step + 3];
                [f32::from(at[0]), f32::from(at[1]), f32::from(at[2])]
            };
            let (a, b) = (corner(top, left), corner(top, right));
            let (c, d) = (corner(bottom, left), corner(bottom, right));
            for channel in 0..3 {
                let upper = a[channel] + (b[channel] - a[channel]) * across;
                let lower = c[channel] + (d[channel] - c[channel]) * across;
                pixel[channel] = upper + (lower - upper) * down;
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::structures::boxes::BBox;

    /// A photo whose red channel is `values`, row by row, the others 0.
    fn red(width: u32, values: &[u8]) -> Photo {
        let pixels = values.iter().flat_map(|&value| [value, 0, 0]).collect();
        Photo::from_rgb(width, values.len() as u32 / width, pixels).expect("whole rows")
    }

    fn reds(samples: &[f32]) -> Vec<f32> {
        samples.iter().step_by(3).copied().collect()
    }

    #[test]
    fn enlarging_repeats_the_last_pixel() {
        // Positions 0, 0.5, 1, 1.5: the last is held at the edge.
        let photo = red(2, &[0, 100]);
        let framing = Framing::squash(photo.size(), (4, 1));
        assert_eq!(reds(&sample_bilinear_tf(&photo, &framing)), [0.0, 50.0, 100.0, 100.0]);
    }

    #[test]
    fn shrinking_does_not_smooth() {
        let photo = red(6, &[0, 10, 20, 30, 40, 50]);
        assert_eq!(reds(&sample_bilinear_tf(&photo, &Framing::squash((6, 1), (3, 1)))), [0.0, 20.0, 40.0]);
        assert_eq!(reds(&sample_bilinear_tf(&photo, &Framing::squash((6, 1), (4, 1)))), [0.0, 15.0, 30.0, 45.0]);
    }

    #[test]
    fn rows_and_columns_do_not_change_places() {
        let photo = red(2, &[0, 10, 100, 110]);
        let samples = reds(&sample_bilinear_tf(&photo, &Framing::squash((2, 2), (2, 4))));
        assert_eq!(samples, [0.0, 10.0, 50.0, 60.0, 100.0, 110.0, 100.0, 110.0]);
    }

    #[test]
    fn channels_of_rgba() {
        let photo = Photo::from_rgba(1, 1, vec![1, 2, 3, 4]).expect("one pixel");
        let samples = sample_bilinear_tf(&photo, &Framing::squash((1, 1), (2, 1)));
        assert_eq!(samples, [1.0, 2.0, 3.0, 1.0, 2.0, 3.0]);
    }

    #[test]
    fn extreme_shapes() {
        for size in [(1, 1), (1, 8000), (8000, 1), (333, 777)] {
            let values = vec![200; (size.0 * size.1) as usize];
            let photo = red(size.0, &values);
            let samples = reds(&sample_bilinear_tf(&photo, &Framing::squash(size, (300, 300))));
            assert_eq!(samples.len(), 90_000);
            assert!(samples.iter().all(|&sample| sample == 200.0));
        }
    }

    #[test]
    fn crops_reach_both_ends_and_are_black_outside() {
        let photo = red(5, &[10, 20, 30, 40, 50]);
        let whole = Framing::squash((5, 1), (3, 1));
        assert_eq!(reds(&crop_and_resize(&photo, &whole)), [10.0, 30.0, 50.0]);
        // Fractions -0.4 to 1.0 of four steps: positions -1.6, 0.6 and -0.2 between, then 4.
        let left = Framing::crop(BBox::new(-2.0, 0.0, 5.0, 1.0), (5, 1));
        let samples = reds(&crop_and_resize(&photo, &left));
        for (sample, expected) in samples.iter().zip([0.0, 0.0, 22.0, 36.0, 50.0]) {
            assert!((sample - expected).abs() < 1e-4, "{samples:?}");
        }
        let centre = Framing::crop(BBox::new(0.0, 0.0, 5.0, 1.0), (1, 1));
        assert_eq!(reds(&crop_and_resize(&photo, &centre)), [30.0]);
    }

    #[test]
    fn centred_crops_read_pixel_centres_and_are_black_outside() {
        let photo = red(4, &[10, 20, 30, 40]);
        let whole = |count| Framing::crop(BBox::new(0.0, 0.0, 4.0, 1.0), (count, 1));
        assert_eq!(reds(&crop_at_centres(&photo, &whole(4))), [10.0, 20.0, 30.0, 40.0]);
        assert_eq!(reds(&crop_at_centres(&photo, &whole(2))), [15.0, 35.0]);
        // Half a pixel at each end has no second neighbour: it repeats the edge.
        assert_eq!(reds(&crop_at_centres(&photo, &whole(8))), [10.0, 12.5, 17.5, 22.5, 27.5, 32.5, 37.5, 40.0]);
        let out = Framing::crop(BBox::new(-2.0, 0.0, 6.0, 1.0), (8, 1));
        assert_eq!(reds(&crop_at_centres(&photo, &out)), [0.0, 0.0, 10.0, 20.0, 30.0, 40.0, 0.0, 0.0]);
    }
}
