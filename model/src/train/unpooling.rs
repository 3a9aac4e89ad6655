//! Things against background, by small networks that differ in their unpooling and in nothing else.

use burn::tensor::{Device, Tensor, TensorData, activation::log_softmax};
use image::GrayImage;

use super::{TrainError, bank::Map, course::Lesson, labels::Folder, view::View};
use crate::{
    eval::{
        boundary::{BoundaryError, boundary_error, filled},
        segmentation::{Confusion, IGNORED},
    },
    heads::unpooling::{Measured, SCORES, SIDE, TAPS, UnpoolingNet, input},
    nn::weights::{Weights, WeightsError},
    photo::Photo,
    random::Random,
    structures::{mask::THING, question::Unpooling},
};

/// Views that are measured at once.
const MEASURED_BATCH: usize = 16;

/// What a network sees, and what is there.
#[derive(Clone, Debug, PartialEq)]
pub struct Example {
    /// RGB, `[96, 96, 3]`.
    pixels: Vec<u8>,
    /// 0 background, 1 thing, [`IGNORED`] where nothing is known, `[96, 96]`.
    labels: Vec<u8>,
}

impl Example {
    /// A view of a photo, with people's class mask of it.
    #[must_use]
    pub fn of(view: &View, photo: &Photo, mask: &GrayImage) -> Self {
        let region = view.crop.scale(photo.width() as f32, photo.height() as f32);
        // In 0 to 255.
        let byte = |value: f32| ((value + 1.0) * 127.5).round() as u8;
        let example = Self {
            pixels: input(photo, region).into_iter().map(byte).collect(),
            labels: View { mirror: false, ..view.clone() }
                .labels_at(mask, SIDE)
                .into_iter()
                .map(|label| if label == IGNORED { label } else { label.min(1) })
                .collect(),
        };
        if view.mirror { example.mirrored() } else { example }
    }

    /// Left and right exchanged.
    fn mirrored(&self) -> Self {
        let turned = |values: &[u8], channels: usize| -> Vec<u8> {
            let rows = values.chunks_exact(SIDE * channels);
            rows.flat_map(|row| row.chunks_exact(channels).rev().flatten().copied()).collect()
        };
        Self { pixels: turned(&self.pixels, 3), labels: turned(&self.labels, 1) }
    }
}

/// The views of a photo with people's mask: the whole, and crops; those that are learnt from are mirrored at random later.
///
/// # Arguments
/// * `views` - how many, at least one.
/// * `least` - of each side, that a crop keeps.
///
/// # Errors
/// When photo or mask cannot be read.
pub fn examples(
    folder: &Folder,
    photo: &str,
    (views, least): (usize, f32),
    random: &mut Random,
) -> Result<Vec<Example>, TrainError> {
    let mask = folder.mask(photo)?.ok_or_else(|| TrainError::NoData(photo.to_owned()))?;
    let pixels = folder.photo(photo)?;
    let crops = (1..views).map(|_| View { mirror: false, ..View::random(photo, least, random) });
    let views: Vec<View> = std::iter::once(View::whole(photo)).chain(crops).collect();
    Ok(views.iter().map(|view| Example::of(view, &pixels, &mask)).collect())
}

/// What one of the networks learns.
pub struct UnpoolingLesson {
    /// The network's unpooling.
    pub way: Unpooling,
    /// To learn from.
    pub train: Vec<Example>,
    /// To measure on.
    pub dev: Vec<Example>,
    /// Examples a step.
    pub batch: usize,
}

impl Lesson for UnpoolingLesson {
    type Head = UnpoolingNet;

    fn load(&self, weights: &Weights, device: &Device) -> Result<UnpoolingNet, WeightsError> {
        UnpoolingNet::load(weights, "", self.way, device)
    }

    fn readers(&self) -> Vec<(&'static str, Vec<(usize, Map)>)> {
        vec![]
    }

    fn loss(&self, head: &UnpoolingNet, random: &mut Random, device: &Device) -> Result<Tensor<1>, TrainError> {
        let drawn: Vec<Example> = (0..self.batch)
            .map(|_| {
                let example = &self.train[random.below(self.train.len())];
                if random.uniform() < 0.5 { example.mirrored() } else { example.clone() }
            })
            .collect();
        let shares: Vec<f32> = drawn.iter().flat_map(|it| &it.labels).flat_map(|&label| shares(label)).collect();
        let known: f32 = shares.iter().sum();
        let shares = TensorData::new(shares, [drawn.len(), SIDE, SIDE, SCORES]);
        let logits = logits(head, batch(&drawn, device));
        Ok((log_softmax(logits, 3) * Tensor::from_data(shares, device)).sum() / -known.max(1.0))
    }

    fn measure(&self, head: &UnpoolingNet, device: &Device) -> Result<Vec<(&'static str, f64)>, TrainError> {
        let (Measured { iou, boundary_error, near }, without) = measure(head, &self.dev, device)?;
        let [iou, boundary_error, near] = [iou, boundary_error, near].map(f64::from);
        Ok(vec![("iou", iou), ("boundary_error", boundary_error), ("near", near), ("without", without as f64)])
    }
}

/// How much of a pixel is background and thing; nothing of either where nothing is known.
fn shares(label: u8) -> [f32; SCORES] {
    match label {
        0 => [1.0, 0.0],
        IGNORED => [0.0, 0.0],
        _ => [0.0, 1.0],
    }
}

/// Examples as the network reads them.
fn batch(examples: &[Example], device: &Device) -> Tensor<4> {
    let values = examples.iter().flat_map(|it| &it.pixels).map(|&byte| f32::from(byte) / 127.5 - 1.0).collect();
    Tensor::from_data(TensorData::new(values, [examples.len(), SIDE, SIDE, 3]), device)
}

/// The network's logits by operations that gradients flow through: what [`UnpoolingNet::masks`] computes on the host between
/// its convolutions.
fn logits(net: &UnpoolingNet, input: Tensor<4>) -> Tensor<4> {
    let (pooled_48, maxima_48) = pool(net.before_pooling(input));
    let (pooled_24, maxima_24) = pool(net.between_poolings(pooled_48));
    let at_48 = net.between_unpoolings(unpool(net.middle(pooled_24), net.way(), maxima_24));
    net.logits(unpool(at_48, net.way(), maxima_48))
}

/// Max pooling over squares of 2 x 2.
///
/// # Returns
/// The maxima, and 1 for the number of each square that is it (of equal ones the first), 0 for the others, without a gradient:
/// `[batch, height / 2, width / 2, 4, channels]`.
fn pool(map: Tensor<4>) -> (Tensor<4>, Tensor<5>) {
    let [n, height, width, channels] = map.dims();
    let (h, w) = (height / 2, width / 2);
    let squares = map.reshape([n, h, 2, w, 2, channels]).permute([0, 1, 3, 2, 4, 5]);
    let squares: Tensor<5> = squares.reshape([n, h, w, TAPS, channels]);
    let values = squares.clone().detach();
    let order = TensorData::new(vec![4f32, 3.0, 2.0, 1.0], [1, 1, 1, TAPS, 1]);
    // Equal ones are told apart by their order.
    let rank = values.clone().equal(values.max_dim(3).repeat_dim(3, TAPS)).float()
        * Tensor::<5>::from_data(order, &squares.device());
    let maxima = rank.clone().equal(rank.max_dim(3).repeat_dim(3, TAPS)).float();
    ((squares * maxima.clone()).sum_dim(3).reshape([n, h, w, channels]), maxima)
}

/// Squares of 2 x 2 in the place of each number.
///
/// # Arguments
/// * `maxima` - from [`pool`] of a map twice as large.
fn unpool(map: Tensor<4>, way: Unpooling, maxima: Tensor<5>) -> Tensor<4> {
    let [n, h, w, channels] = map.dims();
    let squares = map.reshape([n, h, w, 1, channels]).repeat_dim(3, TAPS);
    let squares = match way {
        Unpooling::NearestNeighbour => squares,
        Unpooling::BedOfNails => {
            let first = TensorData::new(vec![1f32, 0.0, 0.0, 0.0], [1, 1, 1, TAPS, 1]);
            squares * Tensor::<5>::from_data(first, &maxima.device())
        }
        Unpooling::MaxUnpooling => squares * maxima,
    };
    squares.reshape([n, h, w, 2, 2, channels]).permute([0, 1, 3, 2, 4, 5]).reshape([n, h * 2, w * 2, channels])
}

/// Measures a network as it is shipped.
///
/// # Returns
/// The measures, and on how many examples there was no boundary to measure because one of the two masks has none.
///
/// # Errors
/// When the device fails.
pub fn measure(net: &UnpoolingNet, examples: &[Example], device: &Device) -> Result<(Measured, usize), TrainError> {
    let (mut confusion, mut errors) = (Confusion::default(), vec![]);
    for examples in examples.chunks(MEASURED_BATCH) {
        let masks = pollster::block_on(net.masks(batch(examples, device)))?;
        for (example, mask) in examples.iter().zip(masks.chunks_exact(SIDE * SIDE)) {
            let found: Vec<bool> = mask.iter().map(|&thing| thing >= THING).collect();
            confusion.add(&example.labels, &found.iter().map(|&thing| u8::from(thing)).collect::<Vec<_>>());
            let known: Vec<_> = example.labels.iter().map(|&it| (it != IGNORED).then_some(it == 1)).collect();
            errors.push(boundary_error(&found, &filled(&known, SIDE), SIDE));
        }
    }
    let measured: Vec<_> = errors.iter().flatten().collect();
    let mean = |of: fn(&BoundaryError) -> f64| {
        (measured.iter().map(|it| of(it)).sum::<f64>() / measured.len().max(1) as f64) as f32
    };
    let iou = confusion.iou(1).unwrap_or(0.0) as f32;
    let all = Measured { iou, boundary_error: mean(|it| it.mean), near: mean(|it| it.near) };
    Ok((all, errors.len() - measured.len()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device::read;

    fn net(way: Unpooling, device: &Device) -> UnpoolingNet {
        UnpoolingNet::load(&Weights::untrained(5), "", way, device).expect("no file")
    }

    fn example() -> Example {
        let pixels = (0..SIDE * SIDE * 3).map(|i| (i * 89 % 241) as u8).collect();
        let label = |i: usize| if i % SIDE < 40 { 0 } else { u8::from(i % SIDE > 50) * 254 + 1 };
        Example { pixels, labels: (0..SIDE * SIDE).map(label).collect() }
    }

    #[test]
    fn training_computes_what_the_page_computes() {
        let device = Device::flex();
        let x = batch(&[example(), example().mirrored()], &device);
        for way in Unpooling::ALL {
            let shipped = pollster::block_on(net(way, &device).masks(x.clone())).expect("no failure");
            let learning = net(way, &device.clone().autodiff());
            let said = logits(&learning, x.clone().autodiff()).inner();
            let said = pollster::block_on(read(vec![said])).expect("no failure").remove(0);
            let said = said.chunks_exact(SCORES).map(|it| 255.0 / (1.0 + (it[0] - it[1]).exp()));
            assert!(shipped.iter().zip(said).all(|(&a, b)| (f32::from(a) - b).abs() < 1.0), "{way:?}");
            assert!(shipped.iter().max() > shipped.iter().min());
        }
    }

    #[test]
    fn gradients_reach_the_maximum_and_no_other() {
        let device = Device::flex().autodiff();
        let values = vec![1f32, 5.0, 0.0, 5.0, 2.0, 3.0, 0.0, 0.0];
        let map = Tensor::<4>::from_data(TensorData::new(values, [1, 2, 4, 1]), &device).require_grad();
        let (pooled, maxima) = pool(map.clone());
        let weights = Tensor::<4>::from_data(TensorData::new(vec![2f32, 7.0], [1, 1, 2, 1]), &device);
        let up = unpool(pooled * weights, Unpooling::MaxUnpooling, maxima);
        let values: Vec<f32> = up.clone().into_data().try_into_vec().expect("floats");
        assert_eq!(values, [0.0, 10.0, 0.0, 35.0, 0.0, 0.0, 0.0, 0.0]);
        let gradient = map.grad(&up.sum().backward()).expect("the sum depends on it");
        let gradient: Vec<f32> = gradient.into_data().try_into_vec().expect("floats");
        assert_eq!(gradient, [0.0, 2.0, 0.0, 7.0, 0.0, 0.0, 0.0, 0.0]);
    }

    #[test]
    fn examples_are_mirrored_with_their_labels() {
        let it = example();
        let turned = it.mirrored();
        assert_eq!((turned.labels[SIDE - 1], turned.labels[0]), (it.labels[0], it.labels[SIDE - 1]));
        assert_eq!(turned.pixels[..3], it.pixels[(SIDE - 1) * 3..SIDE * 3]);
        assert_eq!(turned.mirrored(), it);
        assert_eq!([0, 1, IGNORED].map(shares), [[1.0, 0.0], [0.0, 1.0], [0.0, 0.0]]);
    }

    #[test]
    fn a_view_of_a_photo_is_an_example() {
        let photo = Photo::from_rgb(2, 2, vec![0, 0, 0, 255, 255, 255, 0, 0, 0, 255, 255, 255]).expect("four pixels");
        let mask = GrayImage::from_raw(2, 2, vec![0, 15, 255, 15]).expect("four pixels");
        let it = Example::of(&View::whole("a"), &photo, &mask);
        let last = SIDE * SIDE - 1;
        assert_eq!((it.labels[0], it.labels[SIDE - 1], it.labels[last - SIDE + 1], it.labels[last]), (0, 1, 255, 1));
        assert_eq!((it.pixels[0], it.pixels[(SIDE - 1) * 3]), (0, 255));
        let turned = Example::of(&View { mirror: true, ..View::whole("a") }, &photo, &mask);
        assert_eq!(turned, it.mirrored());
    }
}
