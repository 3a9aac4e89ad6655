//! The gradient of a second stage's losses with respect to the features, beside burn's autodiff.

use burn::{
    module::Module,
    tensor::{Device, Tensor, TensorData, activation::log_softmax},
};
use model::{
    catalog::System,
    heads::{
        box_head::{BoxHead, CLASSES},
        faster_rcnn::{Cut, INPUT, RegionProposals},
        input::squashed,
        ssd::Ssd,
    },
    nn::weights::Network,
    ops::Region,
    proposals::{levels::ByLevel, rpn::CODING},
    structures::{
        boxes::BBox,
        proposal::level_of,
        question::{Answer, FeatureGradient, LabelledRegion, LossGradient, Question},
    },
    systems::{Collector, Context, Networks, Settings, StageCache, load_to_answer},
};

use crate::files::{photo, weight_files, weights};

const PHOTO: &str = "horses.jpg";

fn answer(labelled: LabelledRegion) -> FeatureGradient {
    let (photo, settings, mut cache) = (photo(PHOTO), Settings::default(), StageCache::default());
    let networks = Networks::new(weight_files(), Device::flex());
    let question = Question::FeatureGradient(labelled);
    let system =
        pollster::block_on(load_to_answer(System::FasterRcnn, &question, &networks)).expect("the weights are there");
    let observer = Collector::new(System::FasterRcnn, false);
    let mut cx = Context::new(&photo, networks.device(), &settings, &mut cache, &observer);
    match pollster::block_on(system.answer(&mut cx, &question)).expect("the CPU does not fail") {
        Some(Answer::FeatureGradient(gradient)) => gradient,
        other => panic!("{other:?}"),
    }
}

/// A loss and the norm of its gradient in each cell of the region's map, by autodiff.
fn by_autodiff(labelled: &LabelledRegion, loss: impl Fn(Tensor<2>, Tensor<2>) -> Tensor<1>) -> LossGradient {
    let (flex, device) = (Device::flex(), Device::flex().autodiff());
    let ssd = Ssd::load(weights("cache/ssd.bpk"), &flex).expect("the detector's weights");
    let pyramid = <RegionProposals as Network>::load(weights("weights/rpn.bpk"), &flex).expect("the pyramid's weights");
    let maps = pyramid.pyramid(&ssd.features(squashed(&photo(PHOTO), INPUT, &flex)));
    let maps = maps.map(|map| Tensor::<4>::from_data(map.into_data(), &device).require_grad());
    let head = <BoxHead as Network>::load(weights("weights/faster-rcnn.bpk"), &device).expect("the head's weights");
    let regions = ByLevel::new(&[Region { photo: 0, bbox: labelled.region }]);
    let output = head.no_grad().forward(Cut::Align.regions(&regions, &maps));
    let (logits, code) = (output.logits.flatten::<2>(0, 2), output.corrections.flatten::<2>(0, 2));
    let loss = loss(logits.narrow(1, 0, CLASSES), code);
    let value = loss.clone().into_scalar();
    let map = &maps[level_of(&labelled.region)];
    let gradient = map.grad(&loss.backward()).expect("the loss depends on the map");
    let norms = gradient.powi_scalar(2).sum_dim(3).sqrt();
    LossGradient { loss: value, norms: norms.into_data().try_into_vec().expect("numbers") }
}

fn check(found: &LossGradient, expected: &LossGradient, what: &str) {
    assert!((found.loss - expected.loss).abs() < 1e-3, "{what}: {} is not {}", found.loss, expected.loss);
    assert_eq!(found.norms.len(), expected.norms.len());
    let largest = expected.norms.iter().copied().fold(0.0, f32::max);
    assert!(largest > 1e-4, "{what}: the gradient is nothing");
    for (cell, (a, b)) in found.norms.iter().zip(&expected.norms).enumerate() {
        assert!((a - b).abs() < 2e-3 * largest, "{what}, cell {cell}: {a} is not {b}");
    }
}

#[test]
fn the_way_back_through_the_second_stage_is_autodiff_s() {
    let region = BBox::new(0.1, 0.2, 0.5, 0.85);
    // A cow where the network sees a horse, a little to the right and wider.
    let labelled = LabelledRegion { region, truth: BBox::new(0.15, 0.2, 0.6, 0.8), class: 19 };
    let found = answer(labelled);
    let class = by_autodiff(&labelled, |logits, _| -log_softmax(logits, 1).narrow(1, labelled.class, 1).sum());
    let wanted = CODING.encode(&labelled.truth, &labelled.region);
    let correction = by_autodiff(&labelled, |_, code| {
        let wanted = Tensor::<2>::from_data(TensorData::new(wanted.to_vec(), [1, 4]), &code.device());
        let off = (code - wanted).abs();
        let near = off.clone().clamp_max(1.0);
        (near.clone().powi_scalar(2) * 0.5 + (off - near)).sum()
    });
    check(&found.class, &class, "class");
    check(&found.correction, &correction, "correction");
    assert_eq!(found.width * found.height, found.class.norms.len());
}
