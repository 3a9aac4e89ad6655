//! Weights as whole levels with a scale for each output channel, in ten or twelve bits (Jacob et al. 2018, "Quantization and
//! Training of Neural Networks for Efficient Integer-Arithmetic-Only Inference", symmetric, with float arithmetic).

/// The largest level, up or down: twelve bits.
pub const MAX_LEVEL: i16 = 2047;

/// The factor of the second level of a pair: more than twice [`MAX_LEVEL`], so that the first one cannot be mistaken
/// for part of it, and so little that float32 holds both exactly.
pub const PAIR_BASE: f32 = 4096.0;

/// Multiplies levels by their scales.
///
/// # Arguments
/// * `levels` - rows of as many as there are scales.
/// * `scales` - at least one.
pub fn dequantize(levels: &[i16], scales: &[f32]) -> Vec<f32> {
    let rows = levels.chunks_exact(scales.len());
    rows.flat_map(|row| row.iter().zip(scales).map(|(&level, scale)| f32::from(level) * scale)).collect()
}

/// Joins the levels of two rows in one number each: `first + 4096 * second`.
///
/// # Arguments
/// * `levels` - an even number of rows of `c_out`.
#[cfg(any(feature = "gpu", test))]
pub fn pair_levels(levels: &[i16], c_out: usize) -> Vec<f32> {
    let two = levels.chunks_exact(2 * c_out).map(|two| two.split_at(c_out));
    let pair = |(&first, &second): (&i16, &i16)| f32::from(second).mul_add(PAIR_BASE, f32::from(first));
    two.flat_map(|(first, second)| first.iter().zip(second).map(pair)).collect()
}
