//! The backbone's maps of views at the input of a detection system, on disk, in float16.

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
    heads::{faster_rcnn, pose_regression, ssd, yolo},
};

/// What of a view a cache holds: the maps that the heads of an input size read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    /// Side of the network's square input, in pixels.
    pub input: usize,
    /// The maps that are read, finest first.
    pub read: &'static [Map],
}

impl Layout {
    /// What the region systems read.
    pub const REGIONS: Self = Self { input: faster_rcnn::INPUT, read: &[Map::Stride8, Map::Stride16, Map::Stride32] };
    /// What YOLO reads.
    pub const YOLO: Self = Self { input: yolo::INPUT, read: &[Map::Stride16, Map::Stride32] };
    /// What pose by regression reads of a person's crop.
    pub const PEOPLE: Self = Self { input: pose_regression::INPUT, read: &[Map::Stride32] };
    /// What classification + localization reads.
    pub const LOCATION: Self = Self { input: ssd::INPUT, read: &[Map::Stride32] };
    /// What classification + localization reads that has the end of the backbone for itself.
    pub const LOCATION_WIDE: Self = Self { input: ssd::INPUT, read: &[Map::Stride16] };

    /// The maps in the order of a record, with their shapes, `[height, width, channels]`.
    fn maps(self) -> Vec<(Map, [usize; 3])> {
        let cells = |stride: usize| self.input.div_ceil(stride);
        let shape = |stride: usize, channels: usize| [cells(stride), cells(stride), channels];
        let maps = [(Map::Stride8, shape(8, 32)), (Map::Stride16, shape(16, 576)), (Map::Stride32, shape(32, TOP))];
        maps.into_iter().filter(|(map, _)| self.read.contains(map)).collect()
    }

    /// Bytes of a record.
    fn record(self) -> usize {
        self.maps().into_iter().map(|(_, shape)| 2 * shape.iter().product::<usize>()).sum()
    }
}

/// The maps of some views.
pub struct DetectionCache {
    /// The views, in the order of the records.
    pub views: Vec<View>,
    layout: Layout,
    records: Records,
}

impl DetectionCache {
    /// Opens a cache, computing what is not there yet; an interrupted computation goes on where it stopped.
    ///
    /// # Arguments
    /// * `path` - the cache's file; the list of its views and its progress lie beside it.
    /// * `views` - what it should hold; a cache of other views is computed anew.
    /// * `layout` - which maps, at which input.
    /// * `folder` - the photos.
    /// * `backbone`, `device` - the network, and where it is.
    ///
    /// # Errors
    /// When a photo cannot be read, the network fails, or the disk is full.
    pub fn open(
        path: &Path,
        views: Vec<View>,
        layout: Layout,
        folder: &Folder,
        backbone: &MobileNetV2,
        device: &Device,
    ) -> Result<Self, TrainError> {
        let progress = Progress::of_views(path, &views, &[])?;
        let records = Records::open(path, layout.record())?;
        records.fill(views.len(), &progress, |i| record(&views[i], layout, folder, backbone, device))?;
        Ok(Self { views, layout, records })
    }
}

/// Runs the backbone on a view: its record.
fn record(
    view: &View,
    layout: Layout,
    folder: &Folder,
    backbone: &MobileNetV2,
    device: &Device,
) -> Result<Vec<u8>, TrainError> {
    let side = layout.input;
    let input = TensorData::new(view.input_at(&folder.photo(&view.photo)?, side), [1, side, side, 3]);
    let features = backbone.forward(Tensor::from_data(input, device));
    let maps = layout.maps().into_iter().map(|(map, _)| match map {
        Map::Stride4 => features.stride_4.clone(),
        Map::Stride8 => features.stride_8.clone(),
        Map::Stride16 => features.stride_16_wide.clone(),
        Map::Stride32 => features.stride_32.clone(),
    });
    let mut record = Vec::with_capacity(layout.record());
    for map in pollster::block_on(read(maps.collect()))? {
        push_numbers(&mut record, &map);
    }
    Ok(record)
}

/// A view of one of several caches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Which cache.
    pub cache: usize,
    /// Which of its views.
    pub view: usize,
}

/// The maps of several views as a batch, each divided by its root mean square, as the heads read them while they learn.
///
/// # Arguments
/// * `places` - in caches of one layout.
///
/// # Returns
/// Features with the maps of the layout; the others are single zeros.
///
/// # Errors
/// When a cache cannot be read.
pub fn features(caches: &[DetectionCache], places: &[Place], device: &Device) -> Result<Features, TrainError> {
    let mut features = Features::unused(device);
    let Some(layout) = places.first().map(|place| caches[place.cache].layout) else { return Ok(features) };
    let mut at = 0;
    for (map, shape) in layout.maps() {
        let numbers = shape.iter().product();
        let mut values = Vec::with_capacity(places.len() * numbers);
        for place in places {
            let records = &caches[place.cache].records;
            records.numbers(place.view, at, numbers, 1.0 / SPREAD[map as usize], &mut values)?;
        }
        at += numbers;
        let [height, width, channels] = shape;
        let batch = Tensor::from_data(TensorData::new(values, [places.len(), height, width, channels]), device);
        match map {
            Map::Stride4 => features.stride_4 = batch,
            Map::Stride8 => features.stride_8 = batch,
            Map::Stride16 => features.stride_16_wide = batch,
            Map::Stride32 => features.stride_32 = batch,
        }
    }
    Ok(features)
}
