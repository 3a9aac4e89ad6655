//! A language model that looks at a grid of features (Xu et al. 2015, "Show, Attend and Tell"; Karpathy and Fei-Fei 2015):
//! an LSTM (Hochreiter and Schmidhuber 1997) that chooses where to look before each word.

mod beam;
mod beam_search;
mod choices;
mod grounding;
mod lexicon;

use burn::{
    module::{Module, Param},
    tensor::{
        Device, Int, Tensor,
        activation::{relu, sigmoid, softmax},
    },
};

pub use self::beam_search::{BEAM, CaptionModel, WORDS_NOTE};
use crate::{
    backbone::{Features, TOP},
    nn::{
        Conv1x1,
        weights::{Weights, WeightsError},
    },
    ops::{Activation, Region, SAMPLES, WeightCache, conv1x1, roi_align},
    structures::caption::GAZE,
};

/// Channels of the grid that the model looks at: SSDLite's two maps of the backbone, one after the other.
pub const CHANNELS: usize = WIDE + TOP;
/// Channels of the finer of them.
const WIDE: usize = 576;
/// Numbers of a cell, and of what the model sees at once.
pub const SIGHT: usize = 224;
/// Numbers of the LSTM's state.
pub const STATE: usize = 288;
/// Numbers of a word.
pub const WORD: usize = 192;

/// The number of the word that starts and ends every sentence.
pub const END: usize = 0;
/// The number of the word that stands for all rare ones.
pub const RARE: usize = 1;

/// The language model.
#[derive(Module, Debug)]
pub struct CaptionHead {
    look: Conv1x1,
    start: Conv1x1,
    query: Conv1x1,
    embedding: Param<Tensor<2>>,
    gates: Conv1x1,
    answer: Conv1x1,
    /// How common each word is.
    common: Param<Tensor<1>>,
}

/// [`CaptionHead::look`] on regions of a photo. RoIAlign and a 1x1 layer without its activation are linear, so the layer can
/// come first: once on the photo's maps instead of once a region, and RoIAlign cuts an eighth of the channels.
#[derive(Module, Debug)]
pub struct Sight {
    of_maps: [Conv1x1; 2],
}

impl Sight {
    /// What the model sees of regions.
    ///
    /// # Arguments
    /// * `regions` - inside the photo.
    ///
    /// # Returns
    /// `[regions, 49, 224]`.
    #[must_use]
    pub fn of(&self, features: &Features, regions: &[Region]) -> Tensor<3> {
        let cut =
            |layer: &Conv1x1, map: &Tensor<4>| roi_align(layer.forward(map.clone(), None), regions, GAZE, SAMPLES);
        let [middle, top] = &self.of_maps;
        let seen = relu(cut(middle, &features.stride_16_wide) + cut(top, &features.stride_32));
        seen.reshape([regions.len(), GAZE * GAZE, SIGHT])
    }
}

/// What the model has said so far, one row a sentence.
#[derive(Clone, Debug)]
pub struct State {
    hidden: Tensor<2>,
    cell: Tensor<2>,
}

impl State {
    /// Takes some rows, in a new order: what beam search does between words.
    #[must_use]
    pub fn select(&self, rows: Tensor<1, Int>) -> Self {
        Self { hidden: self.hidden.clone().select(0, rows.clone()), cell: self.cell.clone().select(0, rows) }
    }
}

/// Every word as a column of numbers (the embedding again; Press and Wolf 2017, "Using the Output Embedding"), and how
/// common it is.
#[derive(Clone, Debug)]
pub struct Vocabulary {
    words: Tensor<2>,
    common: Tensor<1>,
    cache: WeightCache,
}

/// One step's output, one row a sentence.
#[derive(Clone, Debug)]
pub struct Said {
    /// A logit for each word, `[sentences, words]`.
    pub logits: Tensor<2>,
    /// How much each cell was looked at, `[sentences, cells]`.
    pub gaze: Tensor<2>,
}

impl CaptionHead {
    /// Loads `look`, `start`, `query`, `embedding`, `gates`, `answer` and `common`.
    ///
    /// # Arguments
    /// * `words` - size of the vocabulary.
    ///
    /// # Errors
    /// When a tensor is missing or of another shape.
    pub fn load(weights: &Weights, words: usize, device: &Device) -> Result<Self, WeightsError> {
        let linear = |name: &str, shape| Conv1x1::load(weights, name, shape, Activation::Linear, device);
        Ok(Self {
            look: Conv1x1::load(weights, "look", (CHANNELS, SIGHT), Activation::Relu, device)?,
            start: linear("start", (SIGHT, 2 * STATE))?,
            query: linear("query", (STATE, SIGHT))?,
            embedding: Param::from_tensor(weights.tensor("embedding", [words, WORD], device)?),
            gates: linear("gates", (WORD + SIGHT + STATE, 4 * STATE))?,
            answer: linear("answer", (SIGHT + STATE, WORD))?,
            common: Param::from_tensor(weights.tensor("common", [words], device)?),
        })
    }

    /// The grid that the model looks at: regions of a photo, cut by RoIAlign as DenseCap does (Johnson et al. 2016). For
    /// training, which keeps it; [`Sight`] comes to the same in fewer steps.
    ///
    /// # Returns
    /// `[regions, 49, 1856]`.
    #[must_use]
    pub fn grid(features: &Features, regions: &[Region]) -> Tensor<3> {
        let cut = |map: &Tensor<4>| roi_align(map.clone(), regions, GAZE, SAMPLES);
        let grid = Tensor::cat(vec![cut(&features.stride_16_wide), cut(&features.stride_32)], 3);
        grid.reshape([regions.len(), GAZE * GAZE, CHANNELS])
    }

    /// What the model sees of regions, without their grids.
    #[must_use]
    pub fn sight(&self) -> Sight {
        Sight { of_maps: self.look.by_inputs(WIDE) }
    }

    /// What the model sees of a grid: `[regions, 49, 224]`.
    #[must_use]
    pub fn look(&self, grid: Tensor<3>) -> Tensor<3> {
        let [n, cells, channels] = grid.dims();
        self.look.forward(grid.reshape([n, 1, cells, channels]), None).reshape([n, cells, SIGHT])
    }

    /// The state before the first word.
    #[must_use]
    pub fn begin(&self, sight: Tensor<3>) -> State {
        let n = sight.dims()[0];
        let state = linear(&self.start, sight.mean_dim(1).reshape([n, SIGHT])).tanh();
        let [hidden, cell] = [0, STATE].map(|from| state.clone().slice([0..n, from..from + STATE]));
        State { hidden, cell }
    }

    /// The words that an answer is compared with: the same for all steps, so it is made once for them.
    #[must_use]
    pub fn vocabulary(&self) -> Vocabulary {
        let embedding = self.embedding.val();
        let [words, numbers] = embedding.dims();
        // Flattened on the way, so that it is rearranged here and not at every step.
        let words = embedding.swap_dims(0, 1).reshape([numbers * words]).reshape([numbers, words]);
        Vocabulary { words, common: self.common.val(), cache: WeightCache::default() }
    }

    /// Says one more word.
    ///
    /// # Arguments
    /// * `vocabulary` - from [`CaptionHead::vocabulary`].
    /// * `sight` - what each sentence is about, `[sentences, cells, 224]`.
    /// * `state` - after the words before.
    /// * `last` - the word before, `[sentences]`; [`END`] at the start.
    /// * `drop` - applied to what goes into the answer: dropout while training, nothing otherwise.
    #[must_use]
    pub fn step(
        &self,
        vocabulary: &Vocabulary,
        sight: &Tensor<3>,
        state: State,
        last: Tensor<1, Int>,
        drop: impl FnOnce(Tensor<2>) -> Tensor<2>,
    ) -> (State, Said) {
        let [n, cells, _] = sight.dims();
        // Sums of products, not burn's matrix product: for so few numbers that is slower, and it would be a third of the
        // GPU's module.
        let query = linear(&self.query, state.hidden.clone()).reshape([n, 1, SIGHT]);
        let fit = (query * sight.clone()).sum_dim(2).reshape([n, cells]);
        let gaze = softmax(fit / (SIGHT as f32).sqrt(), 1);
        let seen = (gaze.clone().reshape([n, cells, 1]) * sight.clone()).sum_dim(1).reshape([n, SIGHT]);

        let word = self.embedding.val().select(0, last);
        let gates = linear(&self.gates, Tensor::cat(vec![word, seen.clone(), state.hidden], 1));
        let gate = |i: usize| gates.clone().slice([0..n, i * STATE..(i + 1) * STATE]);
        // Remembering is the default: at the start a forget gate is at sigmoid(1).
        let cell = sigmoid(gate(1) + 1.0) * state.cell + sigmoid(gate(0)) * gate(2).tanh();
        let hidden = sigmoid(gate(3)) * cell.clone().tanh();

        let answer = linear(&self.answer, drop(Tensor::cat(vec![seen, hidden.clone()], 1)));
        (State { hidden, cell }, Said { logits: vocabulary.logits(answer), gaze })
    }
}

impl Vocabulary {
    fn logits(&self, answer: Tensor<2>) -> Tensor<2> {
        let ([n, numbers], words) = (answer.dims(), self.common.dims()[0]);
        let (answer, linear) = (answer.reshape([n, 1, 1, numbers]), Activation::Linear);
        let logits = conv1x1(answer, self.words.clone().into(), self.common.clone(), linear, None, &self.cache);
        logits.reshape([n, words])
    }
}

/// A fully connected layer on rows.
fn linear(layer: &Conv1x1, x: Tensor<2>) -> Tensor<2> {
    let [n, c] = x.dims();
    let y = layer.forward(x.reshape([n, 1, 1, c]), None);
    let c = y.dims()[3];
    y.reshape([n, c])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::structures::boxes::BBox;

    #[test]
    fn the_layer_may_come_before_the_regions_are_cut() {
        let device = Device::flex();
        let head = CaptionHead::load(&Weights::untrained(1), 5, &device).expect("every shape");
        let map = |side: usize, channels: usize| {
            let values: Vec<f32> = (0..side * side * channels).map(|i| (i as f32 * 0.37).sin()).collect();
            Tensor::<1>::from_floats(values.as_slice(), &device).reshape([1, side, side, channels])
        };
        let features = Features { stride_16_wide: map(20, WIDE), stride_32: map(10, TOP), ..Features::unused(&device) };
        let regions = [Region::whole(0), Region { photo: 0, bbox: BBox::new(0.1, 0.3, 0.55, 1.0) }];
        let (ours, theirs) = (head.sight().of(&features, &regions), head.look(CaptionHead::grid(&features, &regions)));
        assert!(theirs.clone().max().into_scalar::<f32>() > 0.0);
        let off: f32 = (ours - theirs).abs().max().into_scalar();
        assert!(off < 1e-4, "off by {off}");
    }
}
