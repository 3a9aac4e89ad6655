//! The largest of each 2 x 2 pixels, and the rectifier.

use super::convolution::Maps;

/// The largest of each 2 x 2 pixels, channel by channel, and which of the four it is (the first of equal ones). A last odd
/// line or column is left out.
///
/// # Shapes
/// `[batch, side, side, channels]`; `[batch, side / 2, side / 2, channels]` both.
pub fn forward(x: &[f32], maps: Maps) -> (Vec<f32>, Vec<u8>) {
    let Maps { side, channels } = maps;
    let half = side / 2;
    let count = x.len() / maps.len().max(1) * half * half * channels;
    let (mut out, mut picks) = (vec![0.0; count], vec![0_u8; count]);
    let places = out.chunks_exact_mut(channels).zip(picks.chunks_exact_mut(channels));
    for (place, (out, picks)) in places.enumerate() {
        let corners = corners(place, half, maps);
        out.copy_from_slice(&x[corners[0]..][..channels]);
        for (pick, corner) in (1..).zip(&corners[1..]) {
            for ((out, picked), value) in out.iter_mut().zip(&mut *picks).zip(&x[*corner..][..channels]) {
                let is_larger = value > out;
                *out = if is_larger { *value } else { *out };
                *picked = if is_larger { pick } else { *picked };
            }
        }
    }
    (out, picks)
}

/// The gradient with respect to the input: each output's goes to the pixel that it was taken from.
pub fn backward(gradient: &[f32], picks: &[u8], maps: Maps) -> Vec<f32> {
    let Maps { side, channels } = maps;
    let half = side / 2;
    let batch = gradient.len() / (half * half * channels).max(1);
    let mut out = vec![0.0; batch * maps.len()];
    for (place, (gradient, picks)) in gradient.chunks_exact(channels).zip(picks.chunks_exact(channels)).enumerate() {
        for (pick, corner) in (0..).zip(corners(place, half, maps)) {
            for ((out, picked), value) in out[corner..][..channels].iter_mut().zip(picks).zip(gradient) {
                *out = if *picked == pick { *value } else { 0.0 };
            }
        }
    }
    out
}

/// Where the four pixels of a place of the output begin.
const fn corners(place: usize, half: usize, maps: Maps) -> [usize; 4] {
    let Maps { side, channels } = maps;
    let (image, y, x) = (place / (half * half), place / half % half, place % half);
    let first = image * maps.len() + (2 * y * side + 2 * x) * channels;
    let below = first + side * channels;
    [first, first + channels, below, below + channels]
}

/// `max(x, 0)`; what is not a number stays so.
pub fn rectify(x: &[f32]) -> Vec<f32> {
    x.iter().map(|value| if *value < 0.0 { 0.0 } else { *value }).collect()
}

/// The gradient with respect to the rectifier's input.
///
/// # Arguments
/// * `output` - the rectifier's.
pub fn rectify_backward(gradient: &[f32], output: &[f32]) -> Vec<f32> {
    gradient.iter().zip(output).map(|(gradient, output)| if *output > 0.0 { *gradient } else { 0.0 }).collect()
}
