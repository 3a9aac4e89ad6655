//! The kernels as operators of burn's autodiff, on its CPU backend.

use std::sync::Arc;

use burn_autodiff::{
    Autodiff,
    checkpoint::{base::Checkpointer, strategy::NoCheckpointing},
    grads::Gradients,
    ops::{Backward, Ops, OpsKind, unary},
};
use burn_backend::{TensorData, tensor::FloatTensor};
use burn_flex::{Flex, FlexTensor};

use super::kernels::{
    convolution::{self, Maps},
    linear, pooling,
    softmax::{self, Judgement},
    tile::column_sums,
};

/// A tensor that autodiff may follow.
pub type Tracked = FloatTensor<Autodiff<Flex>>;

/// A tensor that autodiff does not follow.
pub fn constant<const D: usize>(values: Vec<f32>, shape: [usize; D]) -> Tracked {
    Tracked::new(tensor(values, shape))
}

/// A tensor whose gradient is wanted.
pub fn parameter<const D: usize>(values: Vec<f32>, shape: [usize; D]) -> Tracked {
    constant(values, shape).require_grad()
}

/// The numbers of a tensor.
pub fn values(tensor: &FlexTensor) -> &[f32] {
    // All tensors of this file were made by `tensor` or by burn's addition of two of them.
    tensor.as_slice().expect("the game's tensors are contiguous")
}

fn tensor<const D: usize>(values: Vec<f32>, shape: [usize; D]) -> FlexTensor {
    FlexTensor::from_data(TensorData::new(values, shape))
}

fn shaped_as(values: Vec<f32>, like: &FlexTensor) -> FlexTensor {
    FlexTensor::from_data(TensorData::new(values, like.layout().shape().clone()))
}

/// A layer with weights: what it needs to go back.
#[derive(Clone, Debug)]
struct LayerState {
    x: FlexTensor,
    w: FlexTensor,
    /// The maps that a convolution reads; none for a fully connected layer.
    maps: Option<Maps>,
    /// Whether somebody wants the gradient of `x`: the first layer's is the most costly of all, and of no use.
    needs_input: bool,
}

#[derive(Debug)]
struct LayerOperator;

impl Backward<Flex, 3> for LayerOperator {
    type State = LayerState;

    fn backward(self, ops: Ops<LayerState, 3>, grads: &mut Gradients, _: &mut Checkpointer) {
        let gradient = grads.consume::<Flex>(&ops.node);
        let LayerState { x, w, maps, needs_input } = ops.state;
        let (d, wv) = (values(&gradient), values(&w));
        let shape = w.layout().shape().clone();
        let (inputs, outputs) = (shape[0], shape[1]);
        let [x_node, w_node, b_node] = ops.parents;
        if let Some(node) = w_node {
            let found = match maps {
                Some(maps) => convolution::backward_weights(values(&x), maps, d, outputs),
                None => linear::backward_weights(values(&x), d, inputs, outputs),
            };
            grads.register::<Flex>(node.id, shaped_as(found, &w));
        }
        if let Some(node) = b_node {
            grads.register::<Flex>(node.id, tensor(column_sums(d, outputs), [outputs]));
        }
        if let Some(node) = x_node.filter(|_| needs_input) {
            let found = match maps {
                Some(maps) => convolution::backward_input(d, maps, wv, outputs),
                None => linear::backward_input(d, wv, inputs, outputs),
            };
            grads.register::<Flex>(node.id, shaped_as(found, &x));
        }
    }
}

fn layer(x: Tracked, w: Tracked, bias: Tracked, maps: Option<Maps>, output: FlexTensor) -> Tracked {
    let needs_input = x.is_tracked();
    let state = LayerState { x: x.primitive().clone(), w: w.primitive().clone(), maps, needs_input };
    let guards = [x.node(), w.node(), bias.node()];
    match LayerOperator.prepare::<NoCheckpointing>(guards).compute_bound().stateful() {
        OpsKind::Tracked(prepared) => prepared.finish(state, output),
        OpsKind::UnTracked(prepared) => prepared.finish(output),
    }
}

/// `x w + bias`.
///
/// # Shapes
/// `x` `[batch, inputs]`, or maps that are read as such; `w` `[inputs, outputs]`, `bias` `[outputs]`; `[batch, outputs]`.
pub fn fully_connected(x: Tracked, w: Tracked, bias: Tracked) -> Tracked {
    let shape = w.primitive().layout().shape().clone();
    let (inputs, outputs) = (shape[0], shape[1]);
    let found =
        linear::forward(values(x.primitive()), values(w.primitive()), values(bias.primitive()), inputs, outputs);
    let batch = found.len() / outputs;
    layer(x, w, bias, None, tensor(found, [batch, outputs]))
}

/// A 3 x 3 convolution.
///
/// # Shapes
/// `x` `[batch, side, side, channels]`, `w` `[9 * channels, outputs]`, `bias` `[outputs]`; `[batch, side, side, outputs]`.
pub fn convolve(x: Tracked, maps: Maps, w: Tracked, bias: Tracked) -> Tracked {
    let outputs = w.primitive().layout().shape()[1];
    let found =
        convolution::forward(values(x.primitive()), maps, values(w.primitive()), values(bias.primitive()), outputs);
    let batch = values(x.primitive()).len() / maps.len();
    layer(x, w, bias, Some(maps), tensor(found, [batch, maps.side, maps.side, outputs]))
}

/// What an operator without weights needs to go back.
#[derive(Clone, Debug)]
enum PlainState {
    /// Its output.
    Rectifier(FlexTensor),
    /// Which pixels were taken, and the input's maps.
    Pooling(Arc<Vec<u8>>, Maps, FlexTensor),
    /// What each number was multiplied with.
    Scale(FlexTensor),
    /// The gradient with respect to the input, for a loss of which the gradient is 1.
    Loss(FlexTensor),
}

#[derive(Debug)]
struct PlainOperator;

impl Backward<Flex, 1> for PlainOperator {
    type State = PlainState;

    fn backward(self, ops: Ops<PlainState, 1>, grads: &mut Gradients, _: &mut Checkpointer) {
        let state = ops.state;
        unary::<Flex, _>(ops.parents, ops.node, grads, |gradient| {
            let d = values(&gradient);
            match state {
                PlainState::Rectifier(output) => shaped_as(pooling::rectify_backward(d, values(&output)), &output),
                PlainState::Pooling(picks, maps, input) => shaped_as(pooling::backward(d, &picks, maps), &input),
                PlainState::Scale(factors) => shaped_as(product(d, values(&factors)), &factors),
                PlainState::Loss(found) => found,
            }
        });
    }
}

fn plain(x: &Tracked, state: PlainState, output: FlexTensor) -> Tracked {
    match PlainOperator.prepare::<NoCheckpointing>([x.node()]).compute_bound().stateful() {
        OpsKind::Tracked(prepared) => prepared.finish(state, output),
        OpsKind::UnTracked(prepared) => prepared.finish(output),
    }
}

fn product(a: &[f32], b: &[f32]) -> Vec<f32> {
    a.iter().zip(b).map(|(a, b)| a * b).collect()
}

/// `max(x, 0)`.
pub fn rectify(x: &Tracked) -> Tracked {
    let output = shaped_as(pooling::rectify(values(x.primitive())), x.primitive());
    plain(x, PlainState::Rectifier(output.clone()), output)
}

/// The largest of each 2 x 2 pixels.
pub fn pool(x: &Tracked, maps: Maps) -> Tracked {
    let (found, picks) = pooling::forward(values(x.primitive()), maps);
    let half = maps.side / 2;
    let batch = values(x.primitive()).len() / maps.len();
    let output = tensor(found, [batch, half, half, maps.channels]);
    plain(x, PlainState::Pooling(Arc::new(picks), maps, x.primitive().clone()), output)
}

/// Each number times its factor: dropout (Srivastava et al. 2014), with factors 0 and 1 / (1 - rate).
pub fn scale(x: &Tracked, factors: Vec<f32>) -> Tracked {
    let output = shaped_as(product(values(x.primitive()), &factors), x.primitive());
    let factors = shaped_as(factors, x.primitive());
    plain(x, PlainState::Scale(factors), output)
}

/// The mean cross-entropy of a batch, and how many of it are right.
///
/// # Shapes
/// `scores` `[batch, classes]`; the loss `[1]`.
pub fn cross_entropy(scores: &Tracked, labels: &[u8], classes: usize) -> (Tracked, f32, usize) {
    let Judgement { loss, right, gradient } = softmax::cross_entropy(values(scores.primitive()), labels, classes);
    let gradient = shaped_as(gradient, scores.primitive());
    (plain(scores, PlainState::Loss(gradient), tensor(vec![loss], [1])), loss, right)
}
