//! The backbone's maps of views at the input of the region systems, on disk: strides 8, 16 (wide) and 32, in float16.

use std::path::Path;

use burn::tensor::{Device, Tensor, TensorData};

use super::{
    TrainError,
    bank::{Map, SPREAD},
    labels::Folder,
    records::{Progress, Records, push_numbers},
    view::View,
};
use crate::{
    backbone::{Features, MobileNetV2, TOP},
    device::read,
    heads::faster_rcnn::INPUT,
};

/// Shapes of the maps that a record holds, in its order, `[height, width, channels]`.
const MAPS: [[usize; 3]; 3] =
    [[INPUT / 8, INPUT / 8, 32], [INPUT / 16, INPUT / 16, 576], [INPUT / 32, INPUT / 32, TOP]];
/// What each of [`MAPS`] is divided by on reading: its root mean square, as in the other caches.
const DIVISORS: [f32; 3] =
    [SPREAD[Map::Stride8 as usize], SPREAD[Map::Stride16 as usize], SPREAD[Map::Stride32 as usize]];

/// Numbers of a map.
const fn numbers(map: usize) -> usize {
    MAPS[map][0] * MAPS[map][1] * MAPS[map][2]
}

/// Bytes of a record.
const RECORD: usize = 2 * (numbers(0) + numbers(1) + numbers(2));

/// The maps of some views.
pub struct DetectionCache {
    /// The views, in the order of the records.
    pub views: Vec<View>,
    records: Records,
}

impl DetectionCache {
    /// Opens a cache, computing what is not there yet; an interrupted computation goes on where it stopped.
    ///
    /// # Arguments
    /// * `path` - the cache's file; the list of its views and its progress lie beside it.
    /// * `views` - what it should hold; a cache of other views is computed anew.
    /// * `folder` - the photos.
    /// * `backbone`, `device` - the network, and where it is.
    ///
    /// # Errors
    /// When a photo cannot be read, the network fails, or the disk is full.
    pub fn open(
        path: &Path,
        views: Vec<View>,
        folder: &Folder,
        backbone: &MobileNetV2,
        device: &Device,
    ) -> Result<Self, TrainError> {
        let progress = Progress::of_views(path, &views, &[])?;
        let records = Records::open(path, RECORD)?;
        records.fill(views.len(), &progress, |i| record(&views[i], folder, backbone, device))?;
        Ok(Self { views, records })
    }
}

/// Runs the backbone on a view: its record.
fn record(view: &View, folder: &Folder, backbone: &MobileNetV2, device: &Device) -> Result<Vec<u8>, TrainError> {
    let input = TensorData::new(view.input_at(&folder.photo(&view.photo)?, INPUT), [1, INPUT, INPUT, 3]);
    let Features { stride_8, stride_16_wide, stride_32, .. } = backbone.forward(Tensor::from_data(input, device));
    let mut record = Vec::with_capacity(RECORD);
    for map in pollster::block_on(read(vec![stride_8, stride_16_wide, stride_32]))? {
        push_numbers(&mut record, &map);
    }
    Ok(record)
}

/// Height and width of the maps, finest first.
#[must_use]
pub fn grids() -> [(usize, usize); 3] {
    MAPS.map(|[height, width, _]| (height, width))
}

/// A view of one of several caches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Which cache.
    pub cache: usize,
    /// Which of its views.
    pub view: usize,
}

/// The maps of several views as a batch, each divided by its root mean square.
///
/// # Returns
/// Features with the maps that the top-down network reads; the others are single zeros.
///
/// # Errors
/// When a cache cannot be read.
pub fn features(caches: &[DetectionCache], places: &[Place], device: &Device) -> Result<Features, TrainError> {
    let mut at = 0;
    let mut batch = |map: usize| -> Result<Tensor<4>, TrainError> {
        let mut values = Vec::with_capacity(places.len() * numbers(map));
        for place in places {
            let records = &caches[place.cache].records;
            records.numbers(place.view, at, numbers(map), 1.0 / DIVISORS[map], &mut values)?;
        }
        at += numbers(map);
        let [height, width, channels] = MAPS[map];
        Ok(Tensor::from_data(TensorData::new(values, [places.len(), height, width, channels]), device))
    };
    let (stride_8, stride_16_wide, stride_32) = (batch(0)?, batch(1)?, batch(2)?);
    let unused = Tensor::zeros([1, 1, 1, 1], device);
    Ok(Features {
        stride_4: unused.clone(),
        stride_8,
        stride_16_early: unused.clone(),
        stride_16: unused,
        stride_16_wide,
        stride_32,
    })
}
