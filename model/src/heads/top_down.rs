//! A feature pyramid (Lin et al. 2017, "Feature Pyramid Networks for Object Detection"): coarse maps that know what is
//! there are added, from the top down, to fine maps that know where. What the region systems look at.

use burn::{
    module::Module,
    tensor::{Device, Tensor, activation::relu},
};

use crate::{
    backbone::{Features, TOP},
    nn::{
        Conv1x1, Conv2d, DepthwiseConv2d,
        weights::{Weights, WeightsError},
    },
    ops::Activation,
};

/// Channels of every level.
pub const CHANNELS: usize = 128;
/// Channels of the backbone's maps that are read: strides 8, 16 (wide) and 32.
pub const LATERAL: [usize; 3] = [32, 576, TOP];

/// The way down, and a 3x3 convolution on each level against what nearest-neighbour upsampling leaves.
///
/// The one on the finest level is separable: there it would cost four times as much as on the other two together.
#[derive(Module, Debug)]
pub struct TopDown {
    lateral_8: Conv1x1,
    lateral_16: Conv1x1,
    lateral_32: Conv1x1,
    scene: Conv1x1,
    window_8: DepthwiseConv2d,
    smooth_8: Conv1x1,
    smooth_16: Conv2d,
    smooth_32: Conv2d,
}

impl TopDown {
    /// Loads `{name}.{lateral_8,lateral_16,lateral_32,scene,window_8,smooth_8,smooth_16,smooth_32}`.
    ///
    /// # Errors
    /// When a tensor is missing or of another shape.
    pub fn load(weights: &Weights, name: &str, device: &Device) -> Result<Self, WeightsError> {
        let part = |part: &str| format!("{name}.{part}");
        let lateral =
            |name: &str, c_in: usize| Conv1x1::load(weights, &part(name), (c_in, CHANNELS), Activation::Linear, device);
        let smooth =
            |name: &str| Conv2d::load(weights, &part(name), [3, 3, CHANNELS, CHANNELS], 1, Activation::Relu, device);
        let square = (CHANNELS, CHANNELS);
        Ok(Self {
            lateral_8: lateral("lateral_8", LATERAL[0])?,
            lateral_16: lateral("lateral_16", LATERAL[1])?,
            lateral_32: lateral("lateral_32", LATERAL[2])?,
            scene: lateral("scene", LATERAL[2])?,
            window_8: DepthwiseConv2d::load(weights, &part("window_8"), CHANNELS, 1, Activation::Linear, device)?,
            smooth_8: Conv1x1::load(weights, &part("smooth_8"), square, Activation::Relu, device)?,
            smooth_16: smooth("smooth_16")?,
            smooth_32: smooth("smooth_32")?,
        })
    }

    /// From the backbone's maps to the pyramid's.
    ///
    /// # Returns
    /// Strides 8, 16 and 32, `[batch, height, width, 128]` each.
    #[must_use]
    pub fn forward(&self, features: &Features) -> [Tensor<4>; 3] {
        let [n, height, width, channels] = features.stride_32.dims();
        // What kind of scene it is, the same at every place (Liu et al. 2015, "ParseNet").
        let scene = features.stride_32.clone().reshape([n, height * width, channels]).mean_dim(1);
        let scene = self.scene.forward(scene.reshape([n, 1, 1, channels]), None);
        let at_32 = self.lateral_32.forward(features.stride_32.clone(), None) + scene;
        let at_16 = &features.stride_16_wide;
        let at_16 = self.lateral_16.forward(at_16.clone(), Some(nearest_double(at_32.clone(), at_16.dims())));
        let at_8 = &features.stride_8;
        let at_8 = self.lateral_8.forward(at_8.clone(), Some(nearest_double(at_16.clone(), at_8.dims())));
        [
            self.smooth_8.forward(self.window_8.forward(relu(at_8)), None),
            self.smooth_16.forward(relu(at_16)),
            self.smooth_32.forward(relu(at_32)),
        ]
    }
}

/// Twice the size, each value four times; an odd size of the finer map was rounded up on the way down.
fn nearest_double(x: Tensor<4>, [_, rows, columns, _]: [usize; 4]) -> Tensor<4> {
    let [n, height, width, channels] = x.dims();
    let doubled = x.reshape([n, height, 1, width, 1, channels]).expand([n, height, 2, width, 2, channels]);
    let doubled = doubled.reshape([n, 2 * height, 2 * width, channels]);
    if (rows, columns) == (2 * height, 2 * width) {
        return doubled;
    }
    doubled.slice([0..n, 0..rows, 0..columns, 0..channels])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubling_by_hand() {
        let x = Tensor::<1>::from_floats([1.0, 2.0, 3.0, 4.0], &Device::flex()).reshape([1, 1, 2, 2]);
        let doubled: Vec<f32> = nearest_double(x.clone(), [1, 2, 4, 2]).into_data().try_into_vec().unwrap();
        let row = [1.0, 2.0, 1.0, 2.0, 3.0, 4.0, 3.0, 4.0];
        assert_eq!(doubled, [row, row].concat());
        let cut: Vec<f32> = nearest_double(x, [1, 1, 3, 2]).into_data().try_into_vec().unwrap();
        assert_eq!(cut, row[..6]);
    }

    #[test]
    fn the_levels_have_the_backbone_s_grids() {
        let device = Device::flex();
        let network = TopDown::load(&Weights::untrained(1), "neck", &device).unwrap();
        let map = |side: usize, channels: usize| Tensor::<4>::ones([2, side, side, channels], &device);
        let features = Features {
            stride_8: map(7, LATERAL[0]),
            stride_16_wide: map(4, LATERAL[1]),
            stride_32: map(2, LATERAL[2]),
            ..Features::unused(&device)
        };
        let shapes = network.forward(&features).map(|map| map.dims());
        assert_eq!(shapes, [7, 4, 2].map(|side| [2, side, side, CHANNELS]));
    }
}
