//! Regions of feature maps against torchvision, and the transposed convolution against PyTorch: the committed results and
//! gradients of `tests/reference/regions/values.json`.

use std::path::Path;

use burn::tensor::{Device, Tensor, TensorData};
use model::{
    ops::{self, Activation, Region, ps_roi_pool, roi_align, roi_pool},
    structures::boxes::BBox,
};
use serde_json::Value;

/// Of the largest number of a result. Float32 has a relative step of 6e-8. A coordinate of up to 13 cells is off by up
/// to 1e-6 of a cell after a handful of operations, which moves a bilinear weight by as much; a sum of a few dozen
/// products adds as much again; and the reference has seven digits. What is wrong is off by far more.
const TOLERANCE: f32 = 1e-5;

/// One case of the reference.
struct Case(Value);

impl Case {
    fn name(&self) -> &str {
        self.0["operator"].as_str().expect("an operator")
    }

    fn number(&self, key: &str) -> usize {
        self.0[key].as_u64().expect("a number") as usize
    }

    fn shape(&self) -> [usize; 4] {
        let sizes = self.0["shape"].as_array().expect("a shape");
        std::array::from_fn(|i| sizes[i].as_u64().expect("a size") as usize)
    }

    /// Holds a tensor against the reference's numbers.
    fn check<const D: usize>(&self, key: &str, what: &str, found: Tensor<D>) {
        let expected: Vec<f32> =
            self.0[key].as_array().expect("numbers").iter().map(|v| v.as_f64().expect("a number") as f32).collect();
        let found: Vec<f32> = found.into_data().try_into_vec().expect("float32");
        assert_eq!(found.len(), expected.len(), "{} {key}, {what}", self.name());
        let largest = expected.iter().fold(0f32, |most, v| most.max(v.abs()));
        assert!(largest > 0.1, "{} {key}: nothing to compare", self.name());
        for (i, (found, expected)) in found.iter().zip(&expected).enumerate() {
            let off = (found - expected).abs();
            assert!(
                off <= TOLERANCE * largest,
                "{} {:?} {key}, {what}: number {i} is {found}, not {expected}",
                self.name(),
                self.shape()
            );
        }
    }
}

/// `numbers` of the reference's script.
fn numbers<const D: usize>(shape: [usize; D], factor: usize, prime: usize, device: &Device) -> Tensor<D> {
    let values: Vec<f32> =
        (0..shape.iter().product()).map(|i: usize| (i * factor % prime) as f32 / 1000.0 - 1.0).collect();
    Tensor::from_data(TensorData::new(values, shape), device)
}

fn input(shape: [usize; 4], device: &Device) -> Tensor<4> {
    numbers(shape, 7919, 2003, device)
}

/// What flows back into a result.
fn pull<const D: usize>(found: &Tensor<D>) -> Tensor<D> {
    numbers(found.dims(), 6007, 1999, &found.device())
}

fn reference() -> (Vec<Region>, Vec<Case>) {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the crate lies in the workspace");
    let text = std::fs::read_to_string(workspace.join("tests/reference/regions/values.json"))
        .expect("values.json is committed");
    let mut reference: Value = serde_json::from_str(&text).expect("values.json is JSON");
    let region = |row: &Value| {
        let at = |i: usize| row[i].as_f64().expect("a number") as f32;
        Region { photo: at(0) as usize, bbox: BBox::new(at(1), at(2), at(3), at(4)) }
    };
    let regions = reference["regions"].as_array().expect("regions").iter().map(region).collect();
    let Value::Array(cases) = reference["cases"].take() else { panic!("cases are a list") };
    (regions, cases.into_iter().map(Case).collect())
}

/// Checks every case of an operator: the result outside autodiff (where a kernel may compute it) and under it, and the
/// gradient.
fn check(operator: &str, at_least: usize, run: impl Fn(Tensor<4>, &[Region], &Case) -> Tensor<4>) {
    let (regions, cases) = reference();
    let cases: Vec<Case> = cases.into_iter().filter(|case| case.name() == operator).collect();
    assert!(cases.len() >= at_least, "only {} cases of {operator}", cases.len());
    for case in cases {
        let batch = case.shape()[0];
        let regions: Vec<Region> =
            regions.iter().map(|region| Region { photo: region.photo % batch, ..*region }).collect();
        case.check("result", "outside autodiff", run(input(case.shape(), &Device::flex()), &regions, &case));
        let map = input(case.shape(), &Device::flex().autodiff()).require_grad();
        let found = run(map.clone(), &regions, &case);
        let gradients = (found.clone() * pull(&found)).sum().backward();
        case.check("result", "under autodiff", found);
        case.check("gradient", "of the map", map.grad(&gradients).expect("the map has a gradient"));
    }
}

#[test]
fn roi_align_is_torchvisions() {
    check("roi_align", 4, |map, regions, case| roi_align(map, regions, case.number("side"), case.number("samples")));
}

#[test]
fn roi_pool_is_torchvisions() {
    check("roi_pool", 3, |map, regions, case| roi_pool(map, regions, case.number("side")));
}

#[test]
fn position_sensitive_roi_pool_is_torchvisions() {
    check("ps_roi_pool", 3, |map, regions, case| ps_roi_pool(map, regions, case.number("side")));
}

#[test]
fn transposed_convolution_is_pytorchs() {
    let (_, cases) = reference();
    let cases: Vec<Case> = cases.into_iter().filter(|case| case.name() == "transposed").collect();
    assert!(cases.len() >= 2, "only {} cases", cases.len());
    for case in cases {
        let (c_in, c_out) = (case.shape()[3], case.number("c_out"));
        let operands = |device: &Device| {
            let weight = numbers([c_in, 2, 2, c_out], 6007, 1999, device);
            (input(case.shape(), device), weight, numbers([c_out], 811, 1997, device))
        };
        let (x, weight, bias) = operands(&Device::flex());
        case.check("result", "outside autodiff", ops::conv_transpose(x, weight, bias, Activation::Linear));

        let (x, weight, bias) = operands(&Device::flex().autodiff());
        let (x, weight, bias) = (x.require_grad(), weight.require_grad(), bias.require_grad());
        let found = ops::conv_transpose(x.clone(), weight.clone(), bias.clone(), Activation::Linear);
        let gradients = (found.clone() * pull(&found)).sum().backward();
        case.check("result", "under autodiff", found);
        case.check("gradient", "of the input", x.grad(&gradients).expect("a gradient"));
        case.check("weight_gradient", "of the weight", weight.grad(&gradients).expect("a gradient"));
        case.check("bias_gradient", "of the bias", bias.grad(&gradients).expect("a gradient"));
    }
}
