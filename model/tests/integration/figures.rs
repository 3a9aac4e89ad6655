//! The arithmetic of the page's figures against burn's own operators, on random maps; and the numbers that the browser tests
//! expect of the figures, computed by burn.

use burn::tensor::{
    Device, IndexingUpdateOp, Int, Tensor, TensorData,
    activation::{log_softmax, softmax},
    module::{conv_transpose2d, conv2d, max_pool2d_with_indices},
    ops::{ConvOptions, ConvTransposeOptions, MaxPoolOptions},
};
use model::{
    figures::{
        convolution::{Walk, convolution, gradient},
        grid::Grid,
        heads::{Heads, Truth},
        inverse::{convolution_matrix_2d, undone},
        losses::Regression,
        matrix::{convolution_matrix, product, transposed},
        pixel_training::ScoreLayer,
        regions::{BinGrid, roi_align},
        spectrum::shares,
        upsampling::{bed_of_nails, max_pooling, max_unpooling, nearest_neighbour, transposed_convolution},
    },
    ops::{self, Region},
    proposals::{
        anchors::anchors,
        matching::{Match, Thresholds, match_boxes},
    },
    random::Random,
    structures::{boxes::BBox, question::LinearHeads},
};
use serde::Deserialize;

/// What the browser tests expect, in `tests/reference/figures/values.json`.
#[derive(Deserialize)]
struct Expected {
    transposed_convolution: Vec<Case>,
    checkerboard: Vec<Board>,
    convolution: Convolved,
    /// Positive, ignored and negative anchors of a square of half the photo in its middle.
    anchors: [usize; 3],
}

/// A convolution with its result.
#[derive(Deserialize)]
struct Convolved {
    input: Vec<f64>,
    kernel: Vec<f64>,
    stride: usize,
    padding: usize,
    output: Vec<f64>,
}

/// A transposed convolution with its result.
#[derive(Deserialize)]
struct Case {
    map: Vec<f64>,
    kernel: Vec<f64>,
    stride: usize,
    output: Vec<f64>,
}

/// The share of energy at the Nyquist frequency after transposed convolutions of a flat map.
#[derive(Deserialize)]
struct Board {
    kernel: usize,
    layers: usize,
    nyquist: f64,
}

fn tensor(grid: &Grid, device: &Device) -> Tensor<4> {
    let values: Vec<f32> = grid.values.iter().map(|&it| it as f32).collect();
    Tensor::from_data(TensorData::new(values, [1, 1, grid.height, grid.width]), device)
}

fn grid(tensor: Tensor<4>) -> Grid {
    let [_, _, height, width] = tensor.dims();
    let values: Vec<f32> = tensor.into_data().try_into_vec().expect("float32, as all of the tests");
    Grid { width, height, values: values.into_iter().map(f64::from).collect() }
}

fn random(random: &mut Random, size: (usize, usize)) -> Grid {
    let values = (0..size.0 * size.1).map(|_| random.below(2001) as f64 / 1000.0 - 1.0).collect();
    Grid { width: size.0, height: size.1, values }
}

fn same(found: &Grid, expected: &Grid, what: &str) {
    assert_eq!(found.size(), expected.size(), "{what}");
    assert!(found.off(expected) < 1e-5, "{what}: off by {}", found.off(expected));
}

fn by_burn_transposed(input: &Grid, kernel: &Grid, stride: usize) -> Grid {
    let device = Device::flex();
    let options = ConvTransposeOptions::new([stride; 2], [0; 2], [0; 2], [1; 2], 1);
    grid(conv_transpose2d(tensor(input, &device), tensor(kernel, &device), None, options))
}

#[test]
fn transposed_convolution_is_burn_s() {
    let mut draw = Random::new(5);
    for (side, stride) in [(2, 1), (3, 1), (4, 1), (2, 2), (3, 2), (4, 2), (3, 3)] {
        let (input, kernel) = (random(&mut draw, (5, 3)), random(&mut draw, (side, side)));
        let found = transposed_convolution(&input, &kernel, stride).map;
        same(&found, &by_burn_transposed(&input, &kernel, stride), &format!("kernel {side}, stride {stride}"));
    }
}

#[test]
fn convolution_and_its_gradient_are_burn_s() {
    let mut draw = Random::new(6);
    let device = Device::flex().autodiff();
    for (side, stride, padding) in [(3, 1, 0), (3, 1, 1), (3, 2, 1), (2, 2, 0), (4, 2, 1), (4, 1, 0)] {
        let (input, kernel) = (random(&mut draw, (8, 6)), random(&mut draw, (side, side)));
        let walk = Walk { stride, padding };
        let what = format!("kernel {side}, stride {stride}, padding {padding}");
        let x = tensor(&input, &device).require_grad();
        let options = ConvOptions::new([stride; 2], [padding; 2], [1; 2], 1);
        let y = conv2d(x.clone(), tensor(&kernel, &device), None, options);
        let upstream = random(&mut draw, walk.output(input.size(), kernel.size()));
        same(&convolution(&input, &kernel, walk), &grid(y.clone()), &what);
        let gradients = (y * tensor(&upstream, &device)).sum().backward();
        let by_burn = grid(x.grad(&gradients).expect("the loss depends on the input"));
        same(&gradient(&input, &kernel, walk, &upstream), &by_burn, &what);
        if padding == 0 && by_burn.size() == transposed_convolution(&upstream, &kernel, stride).map.size() {
            let forward = transposed_convolution(&upstream, &kernel, stride).map;
            same(&forward, &by_burn, "the transposed convolution is the gradient");
        }
    }
}

#[test]
fn max_unpooling_scatters_to_the_indices_of_burn_s_pooling() {
    let mut draw = Random::new(7);
    let device = Device::flex();
    let input = random(&mut draw, (8, 6));
    let options = MaxPoolOptions::new([2; 2]);
    let (map, indices): (_, Tensor<4, Int>) = max_pool2d_with_indices(tensor(&input, &device), options);
    let pooled = max_pooling(&input, 2);
    same(&pooled.map, &grid(map.clone()), "max pooling");
    let flat = Tensor::<1>::zeros([48], &device);
    let back = flat.scatter(0, indices.reshape([12]), map.reshape([12]), IndexingUpdateOp::Add);
    same(&max_unpooling(&pooled.map, 2, &pooled.positions).map, &grid(back.reshape([1, 1, 6, 8])), "max unpooling");
}

#[test]
fn unpooling_without_positions_is_a_transposed_convolution_of_burn() {
    let mut draw = Random::new(8);
    let input = random(&mut draw, (4, 3));
    let ones = Grid::filled((2, 2), 1.0);
    same(&nearest_neighbour(&input, 2).map, &by_burn_transposed(&input, &ones, 2), "nearest neighbour");
    let nail = Grid { values: vec![1.0, 0.0, 0.0, 0.0], ..ones };
    same(&bed_of_nails(&input, 2).map, &by_burn_transposed(&input, &nail, 2), "bed of nails");
}

#[test]
fn what_undoes_a_convolution_does_so_for_burn_s() {
    let mut draw = Random::new(10);
    let device = Device::flex();
    for (stride, padding) in [(1, 1), (2, 1), (1, 0)] {
        let (input, kernel) = (random(&mut draw, (6, 6)), random(&mut draw, (3, 3)));
        let by_burn = |input: &Grid| {
            let options = ConvOptions::new([stride; 2], [padding; 2], [1; 2], 1);
            grid(conv2d(tensor(input, &device), tensor(&kernel, &device), None, options))
        };
        let matrix = convolution_matrix_2d(input.size(), &kernel, Walk { stride, padding });
        let output = by_burn(&input);
        let back = Grid { values: undone(&matrix, &output.values).expect("random weights"), ..input.clone() };
        let off = by_burn(&back).off(&output);
        assert!(off < 1e-3, "stride {stride}: the same output again, off by {off}");
        if stride == 1 && padding == 1 {
            assert!(back.off(&input) < 1e-2, "the only input: off by {}", back.off(&input));
        }
    }
}

#[test]
fn both_losses_pull_the_shared_vector_as_in_burn() {
    let mut draw = Random::new(11);
    let device = Device::flex().autodiff();
    let (inputs, classes, bend) = (16, 6, 0.05_f32);
    let mut numbers = |count: usize| (0..count).map(|_| draw.below(2001) as f32 / 1000.0 - 1.0).collect::<Vec<_>>();
    let heads = LinearHeads {
        box_weight: 2.0,
        right: None,
        vector: numbers(inputs).iter().map(|it| it.abs()).collect(),
        classes: numbers((inputs + 1) * classes),
        corners: numbers((inputs + 1) * 4),
    };
    let truth = Truth { class: 2, corners: [0.2, 0.3, 0.7, 0.9] };
    let found = Heads::from(&heads).pull(
        &heads.vector.iter().copied().map(f64::from).collect::<Vec<_>>(),
        &truth,
        Regression::SmoothL1 { bend: f64::from(bend) },
    );
    let row = |values: &[f32]| Tensor::<2>::from_data(TensorData::new(values.to_vec(), [1, values.len()]), &device);
    let matrix = |rows: &[f32], columns: usize| {
        Tensor::<2>::from_data(TensorData::new(rows[..inputs * columns].to_vec(), [inputs, columns]), &device)
    };
    let close = |found: &[f64], gradient: Tensor<2>, what: &str| {
        let by_burn: Vec<f32> = gradient.into_data().try_into_vec().expect("float32");
        assert!(
            found.iter().zip(&by_burn).all(|(a, b)| (a - f64::from(*b)).abs() < 1e-4),
            "{what}: {found:?} {by_burn:?}"
        );
    };
    let vector = row(&heads.vector).require_grad();
    let logits = vector.clone().matmul(matrix(&heads.classes, classes)) + row(&heads.classes[inputs * classes..]);
    let class_loss = -log_softmax(logits, 1).slice([0..1, truth.class..truth.class + 1]).sum();
    assert!((f64::from(class_loss.clone().into_scalar::<f32>()) - found.class_loss).abs() < 1e-4);
    close(&found.of_class, vector.grad(&class_loss.backward()).expect("it depends on it"), "class");
    let vector = row(&heads.vector).require_grad();
    let corners = vector.clone().matmul(matrix(&heads.corners, 4)) + row(&heads.corners[inputs * 4..]);
    let off = (corners - row(&truth.corners.map(|it| it as f32))).abs();
    let near = off.clone().clamp_max(bend);
    let box_loss = (near.clone().powi_scalar(2) / (2.0 * bend) + (off - near)).sum();
    assert!((f64::from(box_loss.clone().into_scalar::<f32>()) - found.box_loss).abs() < 1e-4);
    close(&found.of_box, vector.grad(&box_loss.backward()).expect("it depends on it"), "box");
}

#[test]
fn a_step_of_the_last_layer_is_burn_s() {
    let mut draw = Random::new(12);
    let device = Device::flex().autodiff();
    let (cells, classes, rate) = (5, 4, 0.3_f32);
    let scores: Vec<f32> = (0..cells * classes).map(|_| draw.below(4001) as f32 / 1000.0 - 4.0).collect();
    let truth: Vec<usize> = (0..cells).map(|_| draw.below(classes)).collect();
    let mut layer = ScoreLayer::identity(classes);
    let with_truth = || scores.chunks_exact(classes).zip(truth.iter().copied());
    let mean = layer.step(with_truth(), rate).expect("five cells");
    let tensor = |values: Vec<f32>, shape: [usize; 2]| Tensor::<2>::from_data(TensorData::new(values, shape), &device);
    let identity = (0..classes * classes).map(|i| f32::from(u8::from(i / classes == i % classes))).collect();
    let (weights, biases) =
        (tensor(identity, [classes, classes]).require_grad(), tensor(vec![0.0; classes], [1, classes]).require_grad());
    let x = tensor(scores.clone(), [cells, classes]);
    let one_hot = (0..cells * classes).map(|i| f32::from(u8::from(truth[i / classes] == i % classes))).collect();
    let chances = log_softmax(x.clone().matmul(weights.clone()) + biases.clone(), 1);
    let loss = (chances * tensor(one_hot, [cells, classes])).sum() / -(cells as f32);
    assert!((loss.clone().into_scalar::<f32>() - mean).abs() < 1e-5);
    let gradients = loss.backward();
    let gradient = |of: &Tensor<2>| of.grad(&gradients).expect("the loss depends on it") * rate;
    let after =
        x.inner().matmul(weights.clone().inner() - gradient(&weights)) + (biases.clone().inner() - gradient(&biases));
    let by_burn: Vec<f32> = softmax(after, 1).into_data().try_into_vec().expect("float32");
    for (scores, by_burn) in scores.chunks_exact(classes).zip(by_burn.chunks_exact(classes)) {
        let found = layer.probabilities(scores);
        assert!(found.iter().zip(by_burn).all(|(a, b)| (a - b).abs() < 1e-5), "{found:?} {by_burn:?}");
    }
}

#[test]
fn the_transposed_matrix_computes_burn_s_transposed_convolution() {
    let device = Device::flex();
    for stride in [1, 2] {
        let matrix = transposed(&convolution_matrix(&[0.5, -1.0, 2.0], 6, stride));
        let input: Vec<f64> = (0..matrix.width).map(|i| i as f64 - 0.25).collect();
        let row = |values: &[f64]| Grid { width: values.len(), height: 1, values: values.to_vec() };
        let options = ConvTransposeOptions::new([1, stride], [0; 2], [0; 2], [1; 2], 1);
        let kernel = tensor(&row(&[0.5, -1.0, 2.0]), &device);
        let by_burn = grid(conv_transpose2d(tensor(&row(&input), &device), kernel, None, options));
        let mut found = product(&matrix, &input);
        found.truncate(by_burn.width); // the last of the six inputs is in no place of the kernel at stride 2
        same(&row(&found), &by_burn, &format!("stride {stride}"));
    }
}

#[test]
fn what_the_browser_tests_expect_is_what_burn_computes() {
    let text = include_str!("../../../tests/reference/figures/values.json");
    let expected: Expected = serde_json::from_str(text).expect("the committed values are valid");
    let square = |values: &[f64]| {
        let side = values.len().isqrt();
        Grid { width: side, height: side, values: values.to_vec() }
    };
    for case in &expected.transposed_convolution {
        let found = by_burn_transposed(&square(&case.map), &square(&case.kernel), case.stride);
        same(&found, &square(&case.output), &format!("{:?}", case.kernel));
    }
    let case = &expected.convolution;
    let options = ConvOptions::new([case.stride; 2], [case.padding; 2], [1; 2], 1);
    let device = Device::flex();
    let by_burn = conv2d(tensor(&square(&case.input), &device), tensor(&square(&case.kernel), &device), None, options);
    same(&grid(by_burn), &square(&case.output), "convolution");
    for board in &expected.checkerboard {
        let mut map = Grid::filled((8, 8), 1.0);
        let kernel = Grid::filled((board.kernel, board.kernel), 1.0);
        for _ in 0..board.layers {
            map = by_burn_transposed(&map, &kernel, 2);
            // Without the border, over which fewer copies lie than elsewhere.
            let border = board.kernel - 1;
            map = map.crop((border, border), (map.width - 2 * border, map.height - 2 * border));
        }
        let nyquist = shares(&map).nyquist;
        assert!((nyquist - board.nyquist).abs() < 5e-5, "kernel {}, {} layers: {nyquist}", board.kernel, board.layers);
    }
}

#[test]
fn anchors_of_the_page_s_network_match_as_the_browser_tests_expect() {
    let text = include_str!("../../../tests/reference/figures/values.json");
    let expected: Expected = serde_json::from_str(text).expect("the committed values are valid");
    let boxes = anchors(&[(52, 52), (26, 26), (13, 13)]);
    let truth = BBox::new(0.25, 0.25, 0.75, 0.75);
    let found = match_boxes(&boxes, &[truth], &[], Thresholds::ANCHORS);
    let count = |of: fn(&Match) -> bool| found.iter().filter(|it| of(it)).count();
    let counts = [
        count(|it| matches!(it, Match::Positive(_))),
        count(|it| *it == Match::Ignored),
        count(|it| *it == Match::Negative),
    ];
    assert_eq!(counts, expected.anchors);
}

#[test]
fn regions_are_pooled_as_the_networks_pool_them() {
    let mut draw = Random::new(9);
    let device = Device::flex();
    let map = random(&mut draw, (19, 13));
    // The networks' maps are channels-last.
    let channels_last = |map: &Grid, channels: usize| {
        tensor(map, &device).reshape([1, map.height, map.width, 1]).repeat_dim(3, channels)
    };
    for _ in 0..40 {
        let mut at = |most: usize| draw.below(most) as f32 / 1000.0;
        let (x0, y0) = (at(1100) - 0.1, at(1100) - 0.1);
        let bbox = BBox::new(x0, y0, x0 + at(700) + 0.01, y0 + at(700) + 0.01);
        let (side, regions) = (1 + draw.below(7), [Region { photo: 0, bbox }]);
        let as_grid = |found: Tensor<4>| grid(found.reshape([1, 1, side, side]));
        let what = format!("{bbox:?} in {side} x {side} bins");
        let pooled = as_grid(ops::roi_pool(channels_last(&map, 1), &regions, side));
        same(&BinGrid::roi_pool(&bbox, map.size(), side).largest(&map).0, &pooled, &what);
        let aligned = as_grid(ops::roi_align(channels_last(&map, 1), &regions, side, 2));
        same(&roi_align(&map, &bbox, side), &aligned, &what);
        // Every bin reads a map of its own; here they are all the same.
        let voted = as_grid(ops::ps_roi_pool(channels_last(&map, side * side), &regions, side));
        same(&BinGrid::position_sensitive(&bbox, map.size(), side).mean(&map), &voted, &what);
    }
}
