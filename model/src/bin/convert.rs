//! Turns a packaged TensorFlow.js graph into a burnpack file: batch norm folded, large tensors in fewer bits, our names.
//!
//! `cargo run --release -p model --no-default-features --features convert --bin convert -- ssd --graph model.json --out ssd.bpk`

use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
use clap::{Parser, Subcommand};
use model::{
    pack::{
        self,
        tfjs::{Constant, Graph},
    },
    proposals::default_boxes::{BOXES_PER_POSITION, default_boxes},
    structures::classes::COCO,
};

#[derive(Parser)]
#[command(about = "Turns a packaged TensorFlow.js graph into a burnpack file")]
struct Arguments {
    #[command(subcommand)]
    network: Network,
}

#[derive(Subcommand)]
enum Network {
    /// SSDLite MobileNetV2 (COCO).
    Ssd(Files),
    /// MoveNet SinglePose Lightning (17 keypoints).
    Movenet(Files),
}

#[derive(clap::Args)]
struct Files {
    /// `model.json`; its shards lie beside it.
    #[arg(long)]
    graph: PathBuf,
    /// The file to write.
    #[arg(long)]
    out: PathBuf,
}

fn main() -> Result<()> {
    let (files, tensors): (_, fn(&Graph) -> Result<_>) = match Arguments::parse().network {
        Network::Ssd(files) => (files, ssd),
        Network::Movenet(files) => (files, movenet),
    };
    let graph = Graph::open(&files.graph).with_context(|| files.graph.display().to_string())?;
    let bytes = tensors(&graph)?.into_bytes()?;
    // Written beside its place and renamed, so that a half-written file never has the name.
    let partial = files.out.with_extension("partial");
    std::fs::write(&partial, &bytes).with_context(|| partial.display().to_string())?;
    std::fs::rename(&partial, &files.out).with_context(|| files.out.display().to_string())?;
    println!("{}: {} bytes", files.out.display(), bytes.len());
    Ok(())
}

/// Bottleneck blocks of MobileNetV2 (table 2 of the paper); the first one does not expand.
const BLOCKS: usize = 17;

/// Tensors by our names, being collected from a graph.
#[derive(Default)]
struct Pack(pack::Pack);

impl Pack {
    /// A convolution whose batch norm the exporter has folded into the weights; the shift is a constant of its own.
    fn convolution(&mut self, graph: &Graph, from: &str, to: &str) -> Result<()> {
        let weight = graph.constant(&format!("{from}/Conv2D/merged_input"))?;
        let bias = graph.constant(&format!("{from}/BatchNorm/batchnorm/sub"))?;
        self.weight_and_bias(to, weight, &bias.values)
    }

    /// A depthwise convolution followed by a scale and a shift.
    fn depthwise(&mut self, graph: &Graph, weight: &str, norm: &str, to: &str) -> Result<()> {
        let weight = graph.constant(weight)?;
        let scale = &graph.constant(&format!("{norm}/batchnorm/mul"))?.values;
        let shift = &graph.constant(&format!("{norm}/batchnorm/sub"))?.values;
        self.scaled_depthwise(to, weight, scale, shift)
    }

    fn scaled_depthwise(&mut self, to: &str, weight: &Constant, scale: &[f32], shift: &[f32]) -> Result<()> {
        let channels = scale.len();
        let values: Vec<f32> = weight.values.iter().enumerate().map(|(i, v)| v * scale[i % channels]).collect();
        self.0.add(format!("{to}.weight"), &[3, 3, channels], &values)?;
        self.0.add(format!("{to}.bias"), &[channels], shift)?;
        Ok(())
    }

    /// A depthwise convolution with neither scale nor shift: its bias is 0.
    fn plain_depthwise(&mut self, graph: &Graph, weight: &str, to: &str) -> Result<()> {
        let weight = graph.constant(weight)?;
        let channels = weight.shape[2];
        self.scaled_depthwise(to, weight, &vec![1.0; channels], &vec![0.0; channels])
    }

    /// A convolution with a bias and no batch norm.
    fn variables(&mut self, graph: &Graph, from: &str, to: &str) -> Result<()> {
        let weight = graph.constant(&format!("{from}/Conv2D/ReadVariableOp"))?;
        let bias = graph.constant(&format!("{from}/BiasAdd/ReadVariableOp"))?;
        self.weight_and_bias(to, weight, &bias.values)
    }

    /// 1x1 weights lose their first two axes.
    fn weight_and_bias(&mut self, to: &str, weight: &Constant, bias: &[f32]) -> Result<()> {
        let shape = if weight.shape.starts_with(&[1, 1]) { &weight.shape[2..] } else { &weight.shape[..] };
        self.0.add(format!("{to}.weight"), shape, &weight.values)?;
        self.0.add(format!("{to}.bias"), &[bias.len()], bias)?;
        Ok(())
    }
}

/// Numbers of a small weight, which has twelve bits: what is rounded in early layers reaches all later ones.
const SMALL: usize = 37_000;

/// Whether a weight of SSD has twelve bits, not ten: small ones, and those whose rounding moves the class scores most, measured one
/// by one (by 0.002 to 0.005 in a logit, the others by 0.0003 to 0.003 at more bytes).
fn is_fine(name: &str, numbers: usize) -> bool {
    numbers <= SMALL || name.ends_with("project.weight") || name == "head.0.class_pointwise.weight"
}

/// All tensors of SSDLite MobileNetV2, most in ten bits: every visitor waits for them.
fn ssd(graph: &Graph) -> Result<pack::Pack> {
    check_default_boxes(graph)?;
    let mut pack = Pack(pack::Pack::compact().with_twelve_bits(is_fine));
    let net = "FeatureExtractor/MobilenetV2";
    pack.convolution(graph, &format!("{net}/Conv"), "backbone.stem")?;
    for i in 0..BLOCKS {
        let from = if i == 0 { format!("{net}/expanded_conv") } else { format!("{net}/expanded_conv_{i}") };
        let to = format!("backbone.blocks.{i}");
        if i > 0 {
            pack.convolution(graph, &format!("{from}/expand"), &format!("{to}.expand"))?;
        }
        let (weight, norm) = (format!("{from}/depthwise/depthwise_weights"), format!("{from}/depthwise/BatchNorm"));
        pack.depthwise(graph, &weight, &norm, &format!("{to}.depthwise"))?;
        pack.convolution(graph, &format!("{from}/project"), &format!("{to}.project"))?;
    }
    pack.convolution(graph, &format!("{net}/Conv_1"), "backbone.top")?;
    for (i, (squeeze, expand)) in [(256, 512), (128, 256), (128, 256), (64, 128)].into_iter().enumerate() {
        let step = i + 2;
        let from = format!("{net}/layer_19_2_Conv2d_{step}_3x3_s2_{expand}");
        let squeeze_from = format!("{net}/layer_19_1_Conv2d_{step}_1x1_{squeeze}");
        pack.convolution(graph, &squeeze_from, &format!("extra.{i}.squeeze"))?;
        let (weight, norm) = (format!("{from}_depthwise/depthwise_weights"), format!("{from}_depthwise/BatchNorm"));
        pack.depthwise(graph, &weight, &norm, &format!("extra.{i}.depthwise"))?;
        pack.convolution(graph, &from, &format!("extra.{i}.expand"))?;
    }
    for i in 0..BOXES_PER_POSITION.len() {
        head(&mut pack, graph, i, "BoxEncodingPredictor", "box")?;
        head(&mut pack, graph, i, "ClassPredictor", "class")?;
    }
    Ok(pack.0)
}

/// One of the twelve predictors; its batch norm is not folded by the exporter.
fn head(pack: &mut Pack, graph: &Graph, map: usize, from: &str, to: &str) -> Result<()> {
    let from = format!("BoxPredictor_{map}/{from}");
    let norm = |part: &str| graph.constant(&format!("{from}_depthwise/BatchNorm/{part}"));
    let (gamma, beta) = (norm("gamma")?, norm("beta")?);
    let (mean, variance) = (norm("moving_mean")?, norm("moving_variance")?);
    let epsilon = 0.001; // the attribute of every FusedBatchNorm of this graph
    let scale: Vec<f32> = gamma.values.iter().zip(&variance.values).map(|(g, v)| g / (v + epsilon).sqrt()).collect();
    let shift: Vec<f32> =
        beta.values.iter().zip(&mean.values).zip(&scale).map(|((beta, mean), scale)| beta - mean * scale).collect();
    let weight = graph.constant(&format!("{from}_depthwise/depthwise_weights"))?;
    pack.scaled_depthwise(&format!("head.{map}.{to}_depthwise"), weight, &scale, &shift)?;
    let weight = graph.constant(&format!("{from}/weights"))?;
    let bias = graph.constant(&format!("{from}/biases"))?;
    let to = format!("head.{map}.{to}_pointwise");
    if weight.shape[3].is_multiple_of(PUBLISHED_SCORES) {
        let kept = |values: &[f32]| -> Vec<f32> {
            let boxes = values.chunks_exact(PUBLISHED_SCORES);
            boxes.flat_map(|scores| COCO.map(|(id, _)| scores[usize::from(id)])).collect()
        };
        let channels = weight.shape[2];
        let columns = weight.shape[3] / PUBLISHED_SCORES * COCO.len();
        let weight = Constant { shape: vec![1, 1, channels, columns], values: kept(&weight.values) };
        return pack.weight_and_bias(&to, &weight, &kept(&bias.values));
    }
    pack.weight_and_bias(&to, weight, &bias.values)
}

/// Scores of a default box in the graph: background, then COCO ids 1 to 90, of which 80 are used.
const PUBLISHED_SCORES: usize = 91;

/// All tensors of MoveNet. Its exporter has folded every batch norm.
fn movenet(graph: &Graph) -> Result<pack::Pack> {
    let mut pack = Pack::default();
    let root = "StatefulPartitionedCall";
    let neck = format!("{root}/center_net_mobile_net_v2fpn_feature_extractor/model_1");
    let net = format!("{neck}/model");
    let folded = |pack: &mut Pack, from: &str, to: &str| -> Result<()> {
        let bias = graph.constant(&format!("{from}_bn_offset"))?;
        pack.weight_and_bias(to, graph.constant(&format!("{from}_weights"))?, &bias.values)
    };
    folded(&mut pack, &format!("{net}/Conv1/Conv2D"), "backbone.stem")?;
    for i in 0..BLOCKS {
        let from = if i == 0 { format!("{net}/expanded_conv") } else { format!("{net}/block_{i}") };
        let to = format!("backbone.blocks.{i}");
        if i > 0 {
            folded(&mut pack, &format!("{from}_expand/Conv2D"), &format!("{to}.expand"))?;
        }
        let weight = graph.constant(&format!("{from}_depthwise/depthwise_weights"))?;
        let shift = graph.constant(&format!("{from}_depthwise/depthwise_bn_offset"))?;
        pack.scaled_depthwise(&format!("{to}.depthwise"), weight, &vec![1.0; shift.values.len()], &shift.values)?;
        folded(&mut pack, &format!("{from}_project/Conv2D"), &format!("{to}.project"))?;
    }
    folded(&mut pack, &format!("{net}/Conv_1/Conv2D"), "backbone.top")?;
    for i in 0..3 {
        let suffix = if i == 0 { String::new() } else { format!("_{i}") };
        let from = format!("{neck}/separable_conv2d{suffix}/separable_conv2d");
        pack.plain_depthwise(graph, &format!("{from}/ReadVariableOp"), &format!("pyramid.smooth.{i}.depthwise"))?;
        folded(&mut pack, &from, &format!("pyramid.smooth.{i}.pointwise"))?;
    }
    for i in 0..4 {
        let from = if i == 0 { format!("{neck}/conv2d") } else { format!("{neck}/conv2d_{i}") };
        pack.variables(graph, &from, &format!("pyramid.lateral.{i}"))?;
    }
    let heads = [("center", "centre", 3), ("kpt_heatmap", "heatmaps", 4), ("kpt_regress", "regression", 5)];
    for (from, to, i) in heads.into_iter().chain([("kpt_offset", "offsets", 6)]) {
        let from = format!("{root}/{from}_0");
        let separable = format!("{from}/separable_conv2d_{i}");
        let depthwise = format!("{separable}/separable_conv2d/ReadVariableOp");
        pack.plain_depthwise(graph, &depthwise, &format!("heads.{to}.depthwise"))?;
        let weight = graph.constant(&format!("{separable}/separable_conv2d/ReadVariableOp_1"))?;
        let bias = graph.constant(&format!("{separable}/BiasAdd/ReadVariableOp"))?;
        pack.weight_and_bias(&format!("heads.{to}.pointwise"), weight, &bias.values)?;
        pack.variables(graph, &format!("{from}/conv2d_{}", i + 1), &format!("heads.{to}.out"))?;
    }
    Ok(pack.0)
}

/// The graph's own default boxes must be the ones that we compute.
fn check_default_boxes(graph: &Graph) -> Result<()> {
    let ours = default_boxes(&[(19, 19), (10, 10), (5, 5), (3, 3), (2, 2), (1, 1)]);
    let theirs = graph.constant("Postprocessor/ExpandDims")?;
    ensure!(theirs.shape == [1, ours.len(), 4], "the graph has {:?} default boxes", theirs.shape);
    for (i, (a, b)) in ours.iter().zip(theirs.values.chunks_exact(4)).enumerate() {
        let off = [a.y0 - b[0], a.x0 - b[1], a.y1 - b[2], a.x1 - b[3]].into_iter().fold(0f32, |m, d| m.max(d.abs()));
        ensure!(off < 1e-5, "default box {i} is {a:?}, the graph has {b:?} (y0, x0, y1, x1)");
    }
    Ok(())
}
