//! From the backbone's maps back up to stride 4: fully convolutional (Long et al. 2015, "Fully Convolutional Networks"),
//! with learnable upsampling and, as in a feature pyramid (Lin et al. 2017), the finer maps added on the way.

use burn::{
    module::Module,
    tensor::{Device, Tensor},
};

use crate::{
    backbone::{Features, TOP},
    device::RunError,
    nn::{
        Conv1x1, Conv2d, ConvTranspose2d,
        weights::{Weights, WeightsError},
    },
    ops::Activation,
    structures::question::Upsampling,
};

/// Channels at strides 16 and 32.
pub const COARSE: usize = 192;
/// Channels at stride 8.
pub const MIDDLE: usize = 80;
/// Channels at stride 4.
pub const FINE: usize = 40;

/// One step up: twice the size by a transposed convolution, the finer map of the backbone added, then a 3x3 convolution.
#[derive(Module, Debug)]
struct Step {
    up: ConvTranspose2d,
    lateral: Conv1x1,
    merge: Conv2d,
}

impl Step {
    fn load(
        weights: &Weights,
        name: &str,
        (c_in, c_lateral, c_out): (usize, usize, usize),
        device: &Device,
    ) -> Result<Self, WeightsError> {
        let name = |part: &str| format!("{name}.{part}");
        Ok(Self {
            up: ConvTranspose2d::load(weights, &name("up"), (c_in, c_out), Activation::Linear, device)?,
            lateral: Conv1x1::load(weights, &name("lateral"), (c_lateral, c_out), Activation::Linear, device)?,
            merge: Conv2d::load(weights, &name("merge"), [3, 3, c_out, c_out], 1, Activation::Relu, device)?,
        })
    }

    fn upsampling_by(&self, way: Upsampling) -> Self {
        Self { up: self.up.upsampling_by(way), ..self.clone() }
    }

    fn forward(&self, coarse: Tensor<4>, fine: Tensor<4>, hint: Option<Tensor<4>>) -> Tensor<4> {
        let [n, height, width, _] = fine.dims();
        let up = self.up.forward(coarse);
        let channels = up.dims()[3];
        // An odd size was rounded up on the way down.
        let up = up.slice([0..n, 0..height, 0..width, 0..channels]);
        let below = match hint {
            Some(hint) => up + hint,
            None => up,
        };
        self.merge.forward(self.lateral.forward(fine, Some(below)).clamp_min(0.0))
    }
}

/// What else is known about places, added where the pyramid's maps begin: [`COARSE`] channels each.
#[derive(Clone, Debug)]
pub struct Hints {
    /// At stride 32.
    pub stride_32: Tensor<4>,
    /// At stride 16.
    pub stride_16: Tensor<4>,
}

/// The pyramid's maps, `[batch, height, width, channels]` each.
#[derive(Clone, Debug)]
pub struct PyramidMaps {
    /// Stride 32, [`COARSE`] channels.
    pub stride_32: Tensor<4>,
    /// Stride 16, [`COARSE`] channels.
    pub stride_16: Tensor<4>,
    /// Stride 8, [`MIDDLE`] channels.
    pub stride_8: Tensor<4>,
    /// Stride 4, [`FINE`] channels.
    pub stride_4: Tensor<4>,
}

/// The way up.
#[derive(Module, Debug)]
pub struct Pyramid {
    bottleneck: Conv1x1,
    scene: Conv1x1,
    context: Conv2d,
    to_16: Step,
    to_8: Step,
    to_4: Step,
}

impl Pyramid {
    /// Loads `{name}.{bottleneck,scene,context}` and `{name}.to_{16,8,4}.{up,lateral,merge}`.
    ///
    /// # Errors
    /// When a tensor is missing or of another shape.
    pub fn load(weights: &Weights, name: &str, device: &Device) -> Result<Self, WeightsError> {
        let part = |part: &str| format!("{name}.{part}");
        let context = [3, 3, COARSE, COARSE];
        Ok(Self {
            bottleneck: Conv1x1::load(weights, &part("bottleneck"), (TOP, COARSE), Activation::Linear, device)?,
            scene: Conv1x1::load(weights, &part("scene"), (TOP, COARSE), Activation::Linear, device)?,
            context: Conv2d::load(weights, &part("context"), context, 1, Activation::Relu, device)?,
            to_16: Step::load(weights, &part("to_16"), (COARSE, 576, COARSE), device)?,
            to_8: Step::load(weights, &part("to_8"), (COARSE, 32, MIDDLE), device)?,
            to_4: Step::load(weights, &part("to_4"), (MIDDLE, 24, FINE), device)?,
        })
    }

    /// The same pyramid, upsampling in another way.
    ///
    /// # Arguments
    /// * `steps` - in so many of the last steps up; there are three.
    #[must_use]
    pub fn upsampling_by(&self, way: Upsampling, steps: usize) -> Self {
        let step = |from_last: usize, it: &Step| if from_last < steps { it.upsampling_by(way) } else { it.clone() };
        Self { to_16: step(2, &self.to_16), to_8: step(1, &self.to_8), to_4: step(0, &self.to_4), ..self.clone() }
    }

    /// As [`ConvTranspose2d::filters`], of the last step up.
    ///
    /// # Errors
    /// When the device fails.
    pub async fn filters(&self, count: usize) -> Result<Vec<[f32; 4]>, RunError> {
        self.to_4.up.filters(count).await
    }

    /// From the backbone's maps to the pyramid's.
    #[must_use]
    pub fn forward(&self, features: &Features, hints: Option<Hints>) -> PyramidMaps {
        self.begin(features, hints).into_maps()
    }

    /// As [`Pyramid::forward`], stride by stride.
    #[must_use]
    pub const fn begin<'a>(&'a self, features: &'a Features, hints: Option<Hints>) -> PyramidPass<'a> {
        PyramidPass { pyramid: self, features, hints, maps: Vec::new() }
    }

    fn coarsest(&self, features: &Features, hint: Option<Tensor<4>>) -> Tensor<4> {
        let [n, height, width, channels] = features.stride_32.dims();
        // What kind of scene it is, the same at every place (Liu et al. 2015, "ParseNet").
        let scene = features.stride_32.clone().reshape([n, height * width, channels]).mean_dim(1);
        let scene = self.scene.forward(scene.reshape([n, 1, 1, channels]), None);
        let bottleneck = self.bottleneck.forward(features.stride_32.clone(), hint) + scene;
        self.context.forward(bottleneck.clamp_min(0.0))
    }
}

/// A pass up the pyramid that computes the map of one stride at a time: 32, 16, 8, 4.
pub struct PyramidPass<'a> {
    pyramid: &'a Pyramid,
    features: &'a Features,
    hints: Option<Hints>,
    /// Coarsest first.
    maps: Vec<Tensor<4>>,
}

impl PyramidPass<'_> {
    /// All maps; computes those that are missing.
    #[must_use]
    pub fn into_maps(mut self) -> PyramidMaps {
        self.by_ref().for_each(drop);
        let [stride_32, stride_16, stride_8, stride_4] = self.maps.try_into().expect("there are four steps");
        PyramidMaps { stride_32, stride_16, stride_8, stride_4 }
    }
}

impl Iterator for PyramidPass<'_> {
    type Item = Tensor<4>;

    fn next(&mut self) -> Option<Tensor<4>> {
        let (pyramid, features) = (self.pyramid, self.features);
        let map = match &self.maps[..] {
            [] => pyramid.coarsest(features, self.hints.as_ref().map(|hints| hints.stride_32.clone())),
            [coarse] => {
                let hint = self.hints.take().map(|hints| hints.stride_16);
                pyramid.to_16.forward(coarse.clone(), features.stride_16_wide.clone(), hint)
            }
            [.., coarse] if self.maps.len() == 2 => {
                pyramid.to_8.forward(coarse.clone(), features.stride_8.clone(), None)
            }
            [.., coarse] if self.maps.len() == 3 => {
                pyramid.to_4.forward(coarse.clone(), features.stride_4.clone(), None)
            }
            _ => return None,
        };
        self.maps.push(map.clone());
        Some(map)
    }
}
