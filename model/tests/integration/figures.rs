//! The arithmetic of the page's figures against burn's own operators, on random maps; and the numbers that the browser tests
//! expect of the figures, computed by burn.

use burn::tensor::{
    Device, IndexingUpdateOp, Int, Tensor, TensorData,
    module::{conv_transpose2d, conv2d, max_pool2d_with_indices},
    ops::{ConvOptions, ConvTransposeOptions, MaxPoolOptions},
};
use model::{
    figures::{
        convolution::{Walk, convolution, gradient},
        grid::Grid,
        matrix::{convolution_matrix, product, transposed},
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
    structures::boxes::BBox,
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
