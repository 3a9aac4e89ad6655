//! The 3 x 3 convolution with a border of zeros: the output is as large as the input.

use super::tile::{LANES, Panels, in_rows, load, multiply, multiply_transposed, store};

/// Height and width of the filter.
pub const SIDE: usize = 3;

/// A batch of square maps, `[batch, side, side, channels]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Maps {
    /// Height and width.
    pub side: usize,
    /// Channels of each pixel.
    pub channels: usize,
}

impl Maps {
    /// Numbers of one map.
    pub const fn len(self) -> usize {
        self.side * self.side * self.channels
    }
}

/// # Shapes
/// `x` `[batch, side, side, channels]`, `w` `[3, 3, channels, outputs]`, `bias` `[outputs]` (all zero where it is empty);
/// `[batch, side, side, outputs]`.
pub fn forward(x: &[f32], maps: Maps, w: &[f32], bias: &[f32], outputs: usize) -> Vec<f32> {
    let Maps { side, channels } = maps;
    let panels = Panels::pack(w, SIDE * SIDE * channels, outputs, [outputs, 1]);
    let mut out = vec![0.0; x.len() / maps.len().max(1) * side * side * outputs];
    let mut framed = Framed::new(maps);
    for (image, out) in x.chunks_exact(maps.len()).zip(out.chunks_exact_mut(side * side * outputs)) {
        framed.take(image);
        for (y, out) in out.chunks_exact_mut(side * outputs).enumerate() {
            let lines: [&[f32]; SIDE] = std::array::from_fn(|dy| framed.line(y + dy));
            in_rows!(first in 0..side, R => {
                for (column, panel) in panels.iter() {
                    let mut sums = [load(bias.get(column..).unwrap_or_default()); R];
                    for (line, panel) in lines.iter().zip(panel.chunks_exact(SIDE * channels)) {
                        multiply(std::array::from_fn(|r| &line[(first + r) * channels..]), panel, &mut sums);
                    }
                    for (r, sum) in sums.iter().enumerate() {
                        store(sum, &mut out[(first + r) * outputs..][column..outputs]);
                    }
                }
            });
        }
    }
    out
}

/// The gradient with respect to `x`: the convolution of the outputs' gradient with the filter turned round.
///
/// # Arguments
/// * `maps` - those of `x`.
pub fn backward_input(gradient: &[f32], maps: Maps, w: &[f32], outputs: usize) -> Vec<f32> {
    let channels = maps.channels;
    let mut turned = vec![0.0; w.len()];
    for (place, block) in w.chunks_exact(channels * outputs).enumerate() {
        let opposite = SIDE * SIDE - 1 - place;
        let to = &mut turned[opposite * channels * outputs..][..channels * outputs];
        for (i, row) in block.chunks_exact(outputs).enumerate() {
            for (o, value) in row.iter().enumerate() {
                to[o * channels + i] = *value;
            }
        }
    }
    forward(gradient, Maps { channels: outputs, ..maps }, &turned, &[], channels)
}

/// The gradient with respect to `w`, `[3, 3, channels, outputs]`.
pub fn backward_weights(x: &[f32], maps: Maps, gradient: &[f32], outputs: usize) -> Vec<f32> {
    let Maps { side, channels } = maps;
    let mut out = vec![0.0; SIDE * SIDE * channels * outputs];
    let mut framed = Framed::new(maps);
    for (image, gradient) in x.chunks_exact(maps.len()).zip(gradient.chunks_exact(side * side * outputs)) {
        framed.take(image);
        for (y, gradient) in gradient.chunks_exact(side * outputs).enumerate() {
            let panels = Panels::pack(gradient, side, outputs, [outputs, 1]);
            for dy in 0..SIDE {
                let line = framed.line(y + dy);
                let out = &mut out[dy * SIDE * channels * outputs..][..SIDE * channels * outputs];
                in_rows!(first in 0..SIDE * channels, R => {
                    for (column, panel) in panels.iter() {
                        let mut sums: [[f32; LANES]; R] =
                            std::array::from_fn(|r| load(&out[(first + r) * outputs..][column..outputs]));
                        multiply_transposed(&line[first..], channels, panel, &mut sums);
                        for (r, sum) in sums.iter().enumerate() {
                            store(sum, &mut out[(first + r) * outputs..][column..outputs]);
                        }
                    }
                });
            }
        }
    }
    out
}

/// One map with a frame of zeros round it, so that no window ends outside.
struct Framed {
    values: Vec<f32>,
    maps: Maps,
}

impl Framed {
    fn new(maps: Maps) -> Self {
        Self { values: vec![0.0; (maps.side + 2) * (maps.side + 2) * maps.channels], maps }
    }

    /// Puts a map inside the frame, which stays zero.
    fn take(&mut self, image: &[f32]) {
        let Maps { side, channels } = self.maps;
        for (y, row) in image.chunks_exact(side * channels).enumerate() {
            let start = ((y + 1) * (side + 2) + 1) * channels;
            self.values[start..start + side * channels].copy_from_slice(row);
        }
    }

    /// A line with its frame.
    fn line(&self, y: usize) -> &[f32] {
        let length = (self.maps.side + 2) * self.maps.channels;
        &self.values[y * length..][..length]
    }
}
