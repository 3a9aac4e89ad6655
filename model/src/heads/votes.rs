//! What the single-shot detector's class scores say about places: a hint for semantic segmentation. Its head was trained on
//! all of COCO, where our class maps saw a few thousand photos, so it tells a cow from a horse better than they can.

use burn::tensor::{Device, Int, Tensor, TensorData};

use super::single_shot::SCORES;
use crate::proposals::default_boxes::BOXES_PER_POSITION;
use crate::structures::{class_map::COCO_IDS, classes::coco_column};

/// Classes that votes are about: those of the class map without the background.
pub const VOTES: usize = COCO_IDS.len();

/// Maps from stride 32 on, the coarser ones spread over its grid.
pub const COARSE_MAPS: usize = BOXES_PER_POSITION.len() - 1;

/// Logits beyond this say no more: a probability of 0.25 % or less is no vote.
const LIMIT: f32 = 6.0;

/// For each place and class how sure the surest default box is: 0 is not at all, 1 even, 2 certain.
#[derive(Clone, Debug)]
pub struct Votes {
    /// Stride 16: `[batch, height, width, 20]`.
    pub stride_16: Tensor<4>,
    /// Stride 32 and the coarser maps, each spread over stride 32's grid: `[batch, height, width, 5 * 20]`.
    pub stride_32: Tensor<4>,
}

impl Votes {
    /// Gathers the votes.
    ///
    /// # Arguments
    /// * `logits` - the head's class logits on its six maps, finest first, `[batch, height, width, boxes * 80]`.
    ///
    /// # Panics
    /// When there are not six maps.
    #[must_use]
    pub fn gather(logits: &[Tensor<4>]) -> Self {
        let [finest, coarse @ ..] = logits else { panic!("the detector has six maps") };
        assert_eq!(coarse.len(), COARSE_MAPS, "the detector has six maps");
        let [_, rows, columns, _] = coarse[0].dims();
        let spread = coarse.iter().map(|map| stretch(surest(map.clone(), BOXES_PER_POSITION[1]), (rows, columns)));
        Self { stride_16: surest(finest.clone(), BOXES_PER_POSITION[0]), stride_32: Tensor::cat(spread.collect(), 3) }
    }
}

/// The largest logit of each class among the boxes of a place, as a vote.
fn surest(logits: Tensor<4>, boxes: usize) -> Tensor<4> {
    let columns = (0..boxes).flat_map(|at| {
        COCO_IDS.map(|id| (at * SCORES + coco_column(id).expect("the class map's ids are COCO's")) as i32)
    });
    let columns = indices(columns.collect(), &logits.device());
    let [n, height, width, _] = logits.dims();
    let chosen = logits.select(3, columns).reshape([n * height * width, boxes, VOTES]);
    let best = chosen.max_dim(1).reshape([n, height, width, VOTES]);
    best.clamp(-LIMIT, LIMIT).div_scalar(LIMIT).add_scalar(1.0)
}

/// A map on a finer grid: each place has the value of the coarse one that it lies in.
fn stretch(map: Tensor<4>, (rows, columns): (usize, usize)) -> Tensor<4> {
    let [_, from_rows, from_columns, _] = map.dims();
    if (from_rows, from_columns) == (rows, columns) {
        return map;
    }
    let device = map.device();
    let places = |from: usize, to: usize| indices((0..to).map(|at| (at * from / to) as i32).collect(), &device);
    map.select(1, places(from_rows, rows)).select(2, places(from_columns, columns))
}

fn indices(values: Vec<i32>, device: &Device) -> Tensor<1, Int> {
    let count = values.len();
    Tensor::from_data(TensorData::new(values, [count]), device)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Logits of -9 everywhere but at one place, box and class.
    fn map(side: usize, boxes: usize, (y, x): (usize, usize), at: usize, class: u16, logit: f32) -> Tensor<4> {
        let width = boxes * SCORES;
        let mut values = vec![-9.0; side * side * width];
        values[(y * side + x) * width + at * SCORES + coco_column(class).expect("an id of COCO's")] = logit;
        Tensor::from_data(TensorData::new(values, [1, side, side, width]), &Device::flex())
    }

    #[test]
    fn the_surest_box_of_a_place_votes() {
        const COW: usize = 9; // its place among the votes
        const CLOCK: u16 = 85; // which has none
        let sides = [19, 10, 5, 3, 2, 1];
        let mut maps: Vec<Tensor<4>> = sides.iter().map(|&side| map(side, 6, (0, 0), 0, CLOCK, 50.0)).collect();
        maps[0] = map(19, 3, (4, 7), 2, COCO_IDS[COW], 3.0);
        maps[2] = map(5, 6, (4, 0), 5, COCO_IDS[COW], 60.0);
        let votes = Votes::gather(&maps);
        assert_eq!((votes.stride_16.dims(), votes.stride_32.dims()), ([1, 19, 19, 20], [1, 10, 10, 100]));
        let fine: Vec<f32> = votes.stride_16.into_data().try_into_vec().unwrap();
        let found: Vec<usize> = (0..fine.len()).filter(|&i| fine[i] != 0.0).collect();
        assert_eq!(found, [(4 * 19 + 7) * 20 + COW]);
        assert!((fine[found[0]] - 1.5).abs() < 1e-6);
        let coarse: Vec<f32> = votes.stride_32.into_data().try_into_vec().unwrap();
        let found: Vec<usize> = (0..coarse.len()).filter(|&i| coarse[i] != 0.0).collect();
        // The corner of the 5 x 5 map is four places of the 10 x 10 grid, in the second group of classes.
        let places = [(8, 0), (8, 1), (9, 0), (9, 1)].map(|(y, x)| (y * 10 + x) * 100 + 20 + COW);
        assert_eq!(found, places);
        assert!(found.iter().all(|&i| coarse[i] == 2.0));
    }
}
