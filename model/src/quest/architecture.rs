//! The shape of a network, and how it may grow.

use serde::{Deserialize, Serialize};

/// What a network reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum Input {
    /// A vector.
    Vector {
        /// Its numbers.
        dimensions: usize,
    },
    /// A square picture.
    Image {
        /// Height and width in pixels.
        side: usize,
        /// Channels of each pixel.
        channels: usize,
    },
}

impl Input {
    /// Numbers of an example.
    #[must_use]
    pub const fn len(self) -> usize {
        match self {
            Self::Vector { dimensions } => dimensions,
            Self::Image { side, channels } => side * side * channels,
        }
    }

    /// Whether an example has no numbers.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.len() == 0
    }
}

/// A hidden layer: fully connected for vectors, a 3 x 3 convolution for pictures; a rectifier follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Layer {
    /// Units, or channels.
    pub width: usize,
    /// Whether the largest of each 2 x 2 pixels is taken after it.
    pub pool: bool,
}

/// A network: hidden layers, then one score a class.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Architecture {
    /// What it reads.
    pub input: Input,
    /// The hidden layers, at least one.
    pub layers: Vec<Layer>,
    /// Scores.
    pub classes: usize,
}

/// A growth of the network that keeps its function (Chen, Goodfellow and Shlens 2016, Net2Net).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum Growth {
    /// A hidden layer gets more units, copies of those that it has.
    Wider {
        /// Which layer, from 0.
        layer: usize,
        /// How many units are added; at most as many as there are.
        units: usize,
    },
    /// A layer that begins as the identity.
    Deeper {
        /// The layer that it follows, from 0.
        after: usize,
    },
}

/// Why a network cannot have this shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ShapeError {
    /// There is no such layer.
    #[error("there is no layer {0}")]
    NoLayer(usize),
    /// Too few or too many units or layers.
    #[error("a network has {from} to {to} {what}, not {value}")]
    Range {
        /// What is counted.
        what: &'static str,
        /// The number asked for.
        value: usize,
        /// The least.
        from: usize,
        /// The most.
        to: usize,
    },
}

/// A hidden layer with the sizes of its maps; vectors are maps of one pixel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LayerSizes {
    /// Height and width of what it reads.
    pub side: usize,
    /// Units or channels of what it reads.
    pub inputs: usize,
    /// Its units or channels.
    pub outputs: usize,
    /// Inputs of each unit's sum: `inputs`, or nine times as many.
    pub fan_in: usize,
    /// Whether the largest of each 2 x 2 pixels is taken after it.
    pub pool: bool,
}

impl Architecture {
    /// The most hidden layers.
    pub const MAX_LAYERS: usize = 8;
    /// Layers that a network may begin with.
    pub const FIRST_LAYERS: [usize; 2] = [1, 5];
    /// A picture is not made smaller than this.
    const MIN_POOLED: usize = 8;

    /// A network with layers of one width. Pictures are halved after each of the first layers while they are large.
    ///
    /// # Errors
    /// When the game does not offer it.
    pub fn uniform(input: Input, classes: usize, layers: usize, width: usize) -> Result<Self, ShapeError> {
        within("layers", layers, Self::FIRST_LAYERS)?;
        within(Self::unit_word(input), width, [Self::MIN_WIDTH, Self::max_width(input)])?;
        let mut side = match input {
            Input::Vector { .. } => 1,
            Input::Image { side, .. } => side,
        };
        let layer = |_| {
            let pool = side >= Self::MIN_POOLED;
            side = if pool { side / 2 } else { side };
            Layer { width, pool }
        };
        Ok(Self { input, layers: (0..layers).map(layer).collect(), classes })
    }

    /// The network that the game proposes: 2 layers of 64 units, or 3 layers of 16 channels.
    ///
    /// # Panics
    /// Never: it is on offer.
    #[must_use]
    pub fn proposed(input: Input, classes: usize) -> Self {
        let (layers, width) = Self::proposal(input);
        Self::uniform(input, classes, layers, width).expect("the proposal is on offer")
    }

    /// Layers and width of [`Self::proposed`].
    #[must_use]
    pub const fn proposal(input: Input) -> (usize, usize) {
        match input {
            Input::Vector { .. } => (2, 64),
            Input::Image { .. } => (3, 16),
        }
    }

    /// The least width.
    pub const MIN_WIDTH: usize = 4;

    /// The largest width.
    #[must_use]
    pub const fn max_width(input: Input) -> usize {
        match input {
            Input::Vector { .. } => 256,
            Input::Image { .. } => 64,
        }
    }

    /// What a layer has several of.
    #[must_use]
    pub const fn unit_word(input: Input) -> &'static str {
        match input {
            Input::Vector { .. } => "units",
            Input::Image { .. } => "channels",
        }
    }

    /// The hidden layers with their sizes.
    #[must_use]
    pub fn sizes(&self) -> Vec<LayerSizes> {
        let (mut side, mut inputs, taps) = match self.input {
            Input::Vector { dimensions } => (1, dimensions, 1),
            Input::Image { side, channels } => (side, channels, 9),
        };
        let size = |layer: &Layer| {
            let size = LayerSizes { side, inputs, outputs: layer.width, fan_in: inputs * taps, pool: layer.pool };
            side = if layer.pool { side / 2 } else { side };
            inputs = layer.width;
            size
        };
        self.layers.iter().map(size).collect()
    }

    /// Numbers that the last layer reads.
    #[must_use]
    pub fn features(&self) -> usize {
        self.sizes().last().map_or(self.input.len(), |last| {
            let side = if last.pool { last.side / 2 } else { last.side };
            side * side * last.outputs
        })
    }

    /// Weights and biases.
    #[must_use]
    pub fn parameters(&self) -> usize {
        let hidden: usize = self.sizes().iter().map(|size| (size.fan_in + 1) * size.outputs).sum();
        hidden + (self.features() + 1) * self.classes
    }

    /// Multiply-adds of one training step on one example: forward, and backward but for the gradient of the input.
    #[must_use]
    pub fn training_cost(&self) -> f64 {
        let cost = |size: &LayerSizes| (size.side * size.side * size.fan_in * size.outputs) as f64;
        let sizes = self.sizes();
        let hidden: f64 = sizes.iter().map(cost).sum();
        3.0 * (hidden + (self.features() * self.classes) as f64) - sizes.first().map_or(0.0, cost)
    }

    /// This network after a growth.
    ///
    /// # Errors
    /// When there is no such layer, or the network would be larger than the game allows.
    pub fn grown(&self, growth: Growth) -> Result<Self, ShapeError> {
        let mut grown = self.clone();
        match growth {
            Growth::Wider { layer, units } => {
                let found = grown.layers.get_mut(layer).ok_or(ShapeError::NoLayer(layer))?;
                within("new units", units, [1, found.width])?;
                found.width += units;
                within(Self::unit_word(self.input), found.width, [Self::MIN_WIDTH, Self::max_width(self.input)])?;
            }
            Growth::Deeper { after } => {
                let found = grown.layers.get_mut(after).ok_or(ShapeError::NoLayer(after))?;
                // The picture is made smaller after the new layer.
                let new = *found;
                found.pool = false;
                grown.layers.insert(after + 1, new);
                within("layers", grown.layers.len(), [1, Self::MAX_LAYERS])?;
            }
        }
        Ok(grown)
    }
}

const fn within(what: &'static str, value: usize, [from, to]: [usize; 2]) -> Result<(), ShapeError> {
    if value >= from && value <= to { Ok(()) } else { Err(ShapeError::Range { what, value, from, to }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const IMAGE: Input = Input::Image { side: 32, channels: 3 };

    #[test]
    fn sizes_follow_the_layers() {
        let network = Architecture::proposed(IMAGE, 10);
        let sides: Vec<_> = network.sizes().iter().map(|size| (size.side, size.fan_in)).collect();
        assert_eq!(sides, [(32, 27), (16, 144), (8, 144)]);
        assert_eq!(network.features(), 4 * 4 * 16);
        assert_eq!(network.parameters(), 28 * 16 + 2 * 145 * 16 + 257 * 10);
    }

    #[test]
    fn a_new_layer_takes_over_the_pooling() -> Result<(), ShapeError> {
        let network = Architecture::proposed(IMAGE, 10);
        let deeper = network.grown(Growth::Deeper { after: 0 })?;
        assert_eq!(deeper.layers.iter().map(|layer| layer.pool).collect::<Vec<_>>(), [false, true, true, true]);
        assert_eq!(deeper.features(), network.features());
        Ok(())
    }

    #[test]
    fn growth_has_limits() {
        let network = Architecture::proposed(Input::Vector { dimensions: 8 }, 3);
        assert_eq!(network.grown(Growth::Deeper { after: 2 }), Err(ShapeError::NoLayer(2)));
        network.grown(Growth::Wider { layer: 0, units: 65 }).expect_err("more than doubled");
        let mut largest = network;
        while let Ok(next) = largest.grown(Growth::Deeper { after: 0 }) {
            largest = next;
        }
        assert_eq!(largest.layers.len(), Architecture::MAX_LAYERS);
    }
}
