//! The detector's votes on the views of a bank, on disk: computed from the bank's maps, in float16.

use std::path::Path;

use burn::tensor::{Device, Tensor, TensorData};

use super::{
    TrainError,
    bank::{Bank, MAPS, Map, Place, SPREAD, features},
    records::{Progress, Records, push_numbers},
};
use crate::{
    backbone::Features,
    device::read,
    heads::ssd::Ssd,
    heads::votes::{COARSE_MAPS, VOTES, Votes},
};

/// Shapes of a record's two maps: strides 16 and 32.
const SHAPES: [[usize; 3]; 2] = [
    [MAPS[Map::Stride16 as usize][0], MAPS[Map::Stride16 as usize][1], VOTES],
    [MAPS[Map::Stride32 as usize][0], MAPS[Map::Stride32 as usize][1], COARSE_MAPS * VOTES],
];

/// Numbers of a map.
const fn numbers(map: usize) -> usize {
    SHAPES[map][0] * SHAPES[map][1] * SHAPES[map][2]
}

/// Bytes of a record.
const RECORD: usize = 2 * (numbers(0) + numbers(1));

/// The votes on the views of a bank.
pub struct VoteBank {
    records: Records,
}

impl VoteBank {
    /// Opens the votes that lie beside a bank, computing what is not there yet.
    ///
    /// # Arguments
    /// * `path` - the bank's file.
    /// * `bank` - the bank.
    /// * `detector` - on burn's own CPU backend.
    ///
    /// # Errors
    /// When the bank cannot be read, the network fails, or the disk is full.
    pub fn open(path: &Path, bank: &Bank, detector: &Ssd) -> Result<Self, TrainError> {
        let path = path.with_extension("votes");
        let records = Records::open(&path, RECORD)?;
        records.fill(bank.views.len(), &Progress::of_votes(&path), |i| record(bank, i, detector))?;
        Ok(Self { records })
    }

    /// One of the two maps of a view, appended to `out`.
    fn map(&self, i: usize, map: usize, out: &mut Vec<f32>) -> Result<(), TrainError> {
        let at = if map == 0 { 0 } else { numbers(0) };
        self.records.numbers(i, at, numbers(map), 1.0, out)
    }
}

/// The votes on a view: its record.
fn record(bank: &Bank, view: usize, detector: &Ssd) -> Result<Vec<u8>, TrainError> {
    let Votes { stride_16, stride_32 } = detector.class_scores(&as_given(bank, view)?).prior();
    let mut record = Vec::with_capacity(RECORD);
    for map in pollster::block_on(read(vec![stride_16, stride_32]))? {
        push_numbers(&mut record, &map);
    }
    Ok(record)
}

/// The maps of one view as the backbone gave them, on burn's own CPU backend.
///
/// # Errors
/// When the bank cannot be read.
pub fn as_given(bank: &Bank, view: usize) -> Result<Features, TrainError> {
    let mut features = features(std::slice::from_ref(bank), &[Place { bank: 0, view }], &Device::flex())?;
    features.stride_4 = features.stride_4 * SPREAD[Map::Stride4 as usize];
    features.stride_8 = features.stride_8 * SPREAD[Map::Stride8 as usize];
    features.stride_16_wide = features.stride_16_wide * SPREAD[Map::Stride16 as usize];
    features.stride_32 = features.stride_32 * SPREAD[Map::Stride32 as usize];
    Ok(features)
}

/// The votes on several views as a batch.
///
/// # Errors
/// When they cannot be read.
pub fn votes(banks: &[VoteBank], places: &[Place], device: &Device) -> Result<Votes, TrainError> {
    let batch = |map: usize| -> Result<Tensor<4>, TrainError> {
        let mut values = Vec::with_capacity(places.len() * numbers(map));
        for place in places {
            banks[place.bank].map(place.view, map, &mut values)?;
        }
        let [height, width, channels] = SHAPES[map];
        Ok(Tensor::from_data(TensorData::new(values, [places.len(), height, width, channels]), device))
    };
    Ok(Votes { stride_16: batch(0)?, stride_32: batch(1)? })
}
