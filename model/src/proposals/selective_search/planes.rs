//! Pixels for the search: the photo shrunk, in a colour space, smoothed.

use super::colour::ColourSpace;
use crate::photo::Photo;

/// Bits behind the point of smoothed values.
pub const FRACTION: u32 = 4;
/// Bits behind the point of the smoothing's weights.
const WEIGHT: u32 = 8;

/// Pixels of 8 bits, red, green, blue.
pub struct Rgb {
    /// Width and height.
    pub size: (usize, usize),
    /// Row by row.
    pub pixels: Vec<[u8; 3]>,
}

impl Rgb {
    /// A photo with at most `max_side` pixels along the longer side: each pixel is the mean of the area that it covers.
    pub fn shrunk(photo: &Photo, max_side: u32) -> Self {
        let (width, height) = photo.size();
        let longest = width.max(height);
        let max_side = max_side.max(1).min(longest);
        // At least a pixel; not above `max_side` by construction.
        let side = |side: u32| ((f64::from(side) * f64::from(max_side) / f64::from(longest)).round() as u32).max(1);
        let (columns, rows) = (spans(width, side(width)), spans(height, side(height)));
        let size = (columns.len(), rows.len());
        let mut pixels = Vec::with_capacity(size.0 * size.1);
        let mut sums = vec![[0.0f32; 3]; size.0];
        for row in &rows {
            sums.fill([0.0; 3]);
            for &(y, down) in row {
                add_row(&mut sums, photo.row(y), photo.step(), &columns, down);
            }
            // Means of bytes: they fit.
            pixels.extend(sums.iter().map(|sum| sum.map(|v| (v + 0.5) as u8)));
        }
        Self { size, pixels }
    }
}

fn add_row(sums: &mut [[f32; 3]], row: &[u8], step: usize, columns: &[Vec<(u32, f32)>], weight: f32) {
    for (sum, column) in sums.iter_mut().zip(columns) {
        for &(x, across) in column {
            let at = &row[x as usize * step..][..3];
            for (sum, &value) in sum.iter_mut().zip(at) {
                *sum += f32::from(value) * across * weight;
            }
        }
    }
}

/// For each of `count` pixels of an axis the pixels among `size` that it covers and their shares.
fn spans(size: u32, count: u32) -> Vec<Vec<(u32, f32)>> {
    let scale = f64::from(size) / f64::from(count);
    let span = |i: u32| {
        let (start, end) = (f64::from(i) * scale, f64::from(i + 1) * scale);
        // Inside the axis by construction; rounding must not lead past its end.
        let (first, last) = (start.floor() as u32, (end.ceil() as u32).min(size));
        let share = |at: u32| (end.min(f64::from(at + 1)) - start.max(f64::from(at))) / scale;
        (first..last).map(|at| (at, share(at) as f32)).filter(|tap| tap.1 > 1e-6).collect()
    };
    (0..count).map(span).collect()
}

/// Smoothed values of each channel of a colour space.
pub struct Planes {
    /// Width and height.
    pub size: (usize, usize),
    /// A plane a channel, row by row, 0 to 255 with [`FRACTION`] more bits.
    pub channels: Vec<Vec<i16>>,
}

impl Planes {
    /// The pixels in a colour space, smoothed by a Gaussian; what lies outside repeats the edge.
    pub fn smoothed(rgb: &Rgb, space: ColourSpace, sigma: f32) -> Self {
        let kernel = kernel(sigma);
        let smoothed = |plane: Vec<u8>| smooth(&plane, rgb.size, &kernel);
        Self { size: rgb.size, channels: space.planes(&rgb.pixels).into_iter().map(smoothed).collect() }
    }
}

/// Weights of a Gaussian, which sum to one.
fn kernel(sigma: f32) -> Vec<i32> {
    let radius = (4.0 * sigma.clamp(0.0, 10.0)).ceil() as i32 - 1;
    if radius < 1 {
        return vec![1 << WEIGHT];
    }
    let weight = |at: i32| (-0.5 * (at as f32 / sigma).powi(2)).exp();
    let sum: f32 = (-radius..=radius).map(weight).sum();
    let scale = (1 << WEIGHT) as f32 / sum;
    let mut weights: Vec<i32> = (-radius..=radius).map(|at| (weight(at) * scale).round() as i32).collect();
    // What rounding took goes to the middle.
    weights[radius as usize] += (1 << WEIGHT) - weights.iter().sum::<i32>();
    weights
}

fn smooth(plane: &[u8], (width, height): (usize, usize), kernel: &[i32]) -> Vec<i16> {
    let radius = kernel.len() / 2;
    let mut rows = vec![0i16; width * height];
    let (mut padded, mut sums) = (vec![0i16; width + 2 * radius], vec![0i32; width]);
    for (row, out) in plane.chunks_exact(width).zip(rows.chunks_exact_mut(width)) {
        for (at, value) in padded.iter_mut().enumerate() {
            *value = i16::from(row[at.saturating_sub(radius).min(width - 1)]);
        }
        sums.fill(1 << (WEIGHT - FRACTION - 1));
        for (shift, &weight) in kernel.iter().enumerate() {
            add_scaled(&mut sums, &padded[shift..shift + width], weight);
        }
        store(out, &sums, WEIGHT - FRACTION);
    }
    let mut out = vec![0i16; width * height];
    for (y, line) in out.chunks_exact_mut(width).enumerate() {
        sums.fill(1 << (WEIGHT - 1));
        for (shift, &weight) in kernel.iter().enumerate() {
            let from = (y + shift).saturating_sub(radius).min(height - 1);
            add_scaled(&mut sums, &rows[from * width..][..width], weight);
        }
        store(line, &sums, WEIGHT);
    }
    out
}

fn add_scaled(sums: &mut [i32], values: &[i16], weight: i32) {
    for (sum, &value) in sums.iter_mut().zip(values) {
        *sum += i32::from(value) * weight;
    }
}

fn store(out: &mut [i16], sums: &[i32], shift: u32) {
    for (out, &sum) in out.iter_mut().zip(sums) {
        // 255 with four more bits fits.
        *out = (sum >> shift) as i16;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shrunk_pixels_are_means_of_areas() {
        let photo = Photo::from_rgb(3, 1, [0, 90, 180].into_iter().flat_map(|v| [v, 2 * (v / 2), 0]).collect());
        let photo = photo.expect("nine bytes");
        assert_eq!(Rgb::shrunk(&photo, 9).pixels, [[0, 0, 0], [90, 90, 0], [180, 180, 0]]);
        // Each covers a pixel and a half.
        assert_eq!(Rgb::shrunk(&photo, 2).pixels, [[30, 30, 0], [150, 150, 0]]);
        assert_eq!(Rgb::shrunk(&photo, 1).pixels, [[90, 90, 0]]);
    }

    #[test]
    fn smoothing_keeps_sums_and_repeats_edges() {
        let kernel = kernel(0.8);
        assert_eq!((kernel.len(), kernel.iter().sum::<i32>()), (7, 256));
        assert_eq!((super::kernel(0.0), super::kernel(0.2)), (vec![256], vec![256]));
        assert!(smooth(&[255; 35], (7, 5), &kernel).iter().all(|&v| v == 255 << FRACTION));
        let mut point = [0; 15 * 15];
        point[7 * 15 + 7] = 255;
        let spread = smooth(&point, (15, 15), &kernel);
        let sum: i32 = spread.iter().map(|&v| i32::from(v)).sum();
        assert!((sum - (255 << FRACTION)).abs() < 60, "{sum}");
        assert_eq!(spread[7 * 15 + 6], spread[6 * 15 + 7]);
    }
}
