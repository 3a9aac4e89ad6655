//! Colour and texture of segments as histograms (section 3.2 of the paper): 25 bins a channel for colour; for texture 10 bins
//! of the Gaussian derivative in eight directions a channel. Both sum to one over a segment.

use super::{
    planes::{FRACTION, Planes},
    segmentation::Segments,
};

/// Bins of a channel's colour.
const COLOUR_BINS: usize = 25;
/// Bins of a channel's derivative in one direction.
const TEXTURE_BINS: usize = 10;
/// Axes along which the derivative is taken; each has two directions.
const AXES: usize = 4;
/// Histograms are padded to a multiple of this many numbers: what a processor compares at once.
const LANES: usize = 8;

/// What each pixel adds to which bin, so that several segmentations of one colour space count it once.
pub struct CodeMap {
    channels: usize,
    /// For each pixel and channel: the bin of its colour, then the bin of each axis (the other direction is in its first bin).
    codes: Vec<[u8; 1 + AXES]>,
}

impl CodeMap {
    /// The bins of each pixel. The texture's bins reach to the steepest derivative of the channel.
    pub fn of(planes: &Planes) -> Self {
        let (channels, (width, height)) = (planes.channels.len(), planes.size);
        let mut codes = vec![[0; 1 + AXES]; width * height * channels];
        let colour: Vec<u8> = (0..256 << FRACTION).map(|v| (v * COLOUR_BINS / (256 << FRACTION)) as u8).collect();
        let mut derivatives = vec![[0i16; AXES]; width * height];
        for (channel, plane) in planes.channels.iter().enumerate() {
            differentiate(plane, width, &mut derivatives);
            let mut steepest = [1i32; AXES];
            for at in &derivatives {
                for (most, &value) in steepest.iter_mut().zip(at) {
                    *most = (*most).max(i32::from(value).abs());
                }
            }
            let scale = steepest.map(|most| (TEXTURE_BINS as f32 - 1e-3) / most as f32);
            let own = codes[channel..].iter_mut().step_by(channels);
            for ((code, &value), at) in own.zip(plane).zip(&derivatives) {
                code[0] = colour[value.max(0) as usize];
                for axis in 0..AXES {
                    // Below the number of bins by the scale.
                    let bin = (f32::from(at[axis].unsigned_abs()) * scale[axis]) as u8;
                    let second = at[axis] < 0;
                    code[1 + axis] = if second { TEXTURE_BINS as u8 + bin } else { bin };
                }
            }
        }
        Self { channels, codes }
    }
}

/// Derivatives across, down and along both diagonals, in both of which a step is as long as its share of the axes.
fn differentiate(plane: &[i16], width: usize, out: &mut [[i16; AXES]]) {
    let height = plane.len() / width;
    for y in 0..height {
        let above = &plane[y.saturating_sub(1) * width..][..width];
        let below = &plane[(y + 1).min(height - 1) * width..][..width];
        let row = &plane[y * width..][..width];
        for (x, out) in out[y * width..][..width].iter_mut().enumerate() {
            let across = row[(x + 1).min(width - 1)] - row[x.saturating_sub(1)];
            let down = below[x] - above[x];
            // The derivative along a diagonal is the sum over the root of two; its scale cancels in the bins.
            *out = [across, down, across + down, across - down];
        }
    }
}

/// The histograms of segments.
pub struct Histograms {
    /// Numbers of a segment's colour, then of its texture, each padded.
    pub colour: usize,
    pub texture: usize,
    /// A row a segment.
    pub values: Vec<f32>,
}

impl Histograms {
    /// Numbers of a segment.
    pub const fn stride(&self) -> usize {
        self.colour + self.texture
    }

    /// Counts the pixels of each segment.
    pub fn of(codes: &CodeMap, segments: &Segments) -> Self {
        let channels = codes.channels;
        let (colour_used, texture_used) = (channels * COLOUR_BINS, channels * AXES * 2 * TEXTURE_BINS);
        let (colour, texture) = (colour_used.next_multiple_of(LANES), texture_used.next_multiple_of(LANES));
        let stride = colour + texture;
        let mut counts = vec![0u32; stride * segments.sizes.len()];
        for (pixel, &label) in codes.codes.chunks_exact(channels).zip(&segments.labels) {
            let row = &mut counts[usize::from(label) * stride..][..stride];
            for (channel, code) in pixel.iter().enumerate() {
                row[channel * COLOUR_BINS + usize::from(code[0])] += 1;
                for axis in 0..AXES {
                    let axis_start = colour + (channel * AXES + axis) * 2 * TEXTURE_BINS;
                    row[axis_start + usize::from(code[1 + axis])] += 1;
                }
            }
        }
        let mut values = vec![0.0; counts.len()];
        let rows = values.chunks_exact_mut(stride).zip(counts.chunks_exact_mut(stride));
        for ((row, counts), &size) in rows.zip(&segments.sizes) {
            // A pixel that rises in one direction is flat in the opposite one: it is in that one's first bin.
            for pair in counts[colour..colour + texture_used].chunks_exact_mut(2 * TEXTURE_BINS) {
                let forwards: u32 = pair[..TEXTURE_BINS].iter().sum();
                pair[TEXTURE_BINS] += forwards;
                pair[0] += size - forwards;
            }
            let shares = [(0..colour, channels), (colour..stride, channels * AXES * 2)];
            for (range, histograms) in shares {
                let sum = size as f32 * histograms as f32;
                for (value, &count) in row[range.clone()].iter_mut().zip(&counts[range]) {
                    *value = count as f32 / sum;
                }
            }
        }
        Self { colour, texture, values }
    }
}

/// The overlap of two histograms: the sum of the lower of both at each bin.
///
/// # Arguments
/// * `a`, `b` - as long as each other, a multiple of eight.
pub fn overlap(a: &[f32], b: &[f32]) -> f32 {
    let mut sums = [0.0f32; LANES];
    for (a, b) in a.chunks_exact(LANES).zip(b.chunks_exact(LANES)) {
        for lane in 0..LANES {
            sums[lane] += if a[lane] < b[lane] { a[lane] } else { b[lane] };
        }
    }
    sums.iter().sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proposals::selective_search::segmentation::Extent;

    #[test]
    fn a_ramp_by_hand() {
        // Four rows, each ten brighter than the one above: flat across, rising down and on both diagonals.
        let plane: Vec<i16> = (0..12).map(|i| (i / 3 * 10) << FRACTION).collect();
        let codes = CodeMap::of(&Planes { size: (3, 4), channels: vec![plane] });
        // Inside, the steepest: bin 9. `across - down` falls: its second direction.
        assert_eq!(codes.codes[4], [0, 0, 9, 9, 19]);
        assert_eq!(codes.codes[7], [1, 0, 9, 9, 19]);
        // At the edge, which repeats, half as steep.
        assert_eq!(codes.codes[0], [0, 0, 4, 4, 14]);
        let extents = vec![Extent { x0: 0, y0: 0, x1: 3, y1: 4 }];
        let segments = Segments { labels: vec![0; 12], width: 3, sizes: vec![12], extents };
        let histograms = Histograms::of(&codes, &segments);
        assert_eq!((histograms.colour, histograms.texture, histograms.values.len()), (32, 80, 112));
        let (colour, texture) = histograms.values.split_at(32);
        // Values of 0 and 10 of 255 are in bin 0, 20 in bin 1, 30 in bin 2.
        assert_eq!(colour[..4], [0.5, 0.25, 0.25, 0.0]);
        // Across: everything in the first bin of both directions, an eighth each.
        assert_eq!((texture[0], texture[10]), (0.125, 0.125));
        // Down: half of the pixels in bin 4 and half in bin 9, all in the first bin of the direction up.
        assert_eq!((texture[24], texture[29], texture[30]), (0.0625, 0.0625, 0.125));
        assert!((texture.iter().sum::<f32>() - 1.0).abs() < 1e-6);
    }

    #[test]
    fn overlaps_by_hand() {
        let mut a = [0.0; 16];
        let mut b = [0.0; 16];
        (a[0], a[9]) = (0.75, 0.25);
        (b[0], b[15]) = (0.5, 0.5);
        assert_eq!((overlap(&a, &a), overlap(&a, &b), overlap(&[], &[])), (1.0, 0.5, 0.0));
    }
}
