//! Features of crops of the training photos, on disk: computing them takes nearly all the time of training.

use std::{
    fs::File,
    io::{Read, Write},
    path::Path,
};

use burn::tensor::Device;

use crate::{
    backbone::MobileNetV2,
    device::read,
    heads::rcnn::{FEATURES, crops, features},
    photo::Photo,
    proposals::selective_search::{Rule, propose},
    random::Random,
    structures::boxes::BBox,
    train::{TrainError, detection_labels::Labels, labels::Folder},
};

/// Features are stored in 256 steps of 0 to this: the activation's limit.
pub const LIMIT: f32 = 6.0;
/// Crops of a pass.
const BATCH: usize = 16;
/// Proposals that are looked through.
const PROPOSALS: usize = 2000;
/// At most so many proposals of a photo on objects, near objects, and elsewhere.
const DRAWN: [usize; 3] = [10, 12, 12];
/// Overlaps from which a proposal is on an object, and near one.
const ON: f32 = 0.6;
const NEAR: f32 = 0.1;
/// Above this overlap a proposal is no negative (section 2.3 of the paper).
pub const NEGATIVE: f32 = 0.3;

/// A crop with its features.
pub struct Crop {
    /// The photo: an index into the list that the cache was made of.
    pub photo: usize,
    /// The proposal, in fractions of the photo.
    pub bbox: BBox,
    /// [`FEATURES`] numbers in 256 steps.
    pub features: Vec<u8>,
}

/// Features of crops, photo by photo.
pub struct CropCache {
    /// The crops.
    pub crops: Vec<Crop>,
}

impl CropCache {
    /// Opens a cache, computing what is not there yet; an interrupted computation goes on where it stopped.
    ///
    /// # Arguments
    /// * `photos` - names, with what is known about the objects; a cache is only read for the list that it was made of.
    /// * `done` - called with the number of photos done so far.
    ///
    /// # Errors
    /// When a photo cannot be read, the network fails, or the disk is full.
    pub fn open(
        path: &Path,
        photos: &[(String, Labels)],
        folder: &Folder,
        backbone: &MobileNetV2,
        done: &dyn Fn(usize),
    ) -> Result<Self, TrainError> {
        let mut crops = read_crops(path)?;
        let mut file = File::options().append(true).create(true).open(path).map_err(TrainError::file(path))?;
        let first = crops.last().map_or(0, |crop: &Crop| crop.photo + 1);
        let work = |i: usize| of_photo(i, &folder.photo(&photos[i].0)?, &photos[i].1, backbone);
        for index in (first..photos.len()).step_by(2) {
            // burn's CPU backend runs our kernels on one thread: two photos side by side.
            let found = std::thread::scope(|scope| -> Result<Vec<Crop>, TrainError> {
                let second = (index + 1 < photos.len()).then(|| scope.spawn(|| work(index + 1)));
                let mut found = work(index)?;
                if let Some(second) = second {
                    found.extend(second.join().expect("the thread does not panic")?);
                }
                Ok(found)
            })?;
            let bytes: Vec<u8> = found.iter().flat_map(record).collect();
            file.write_all(&bytes).map_err(TrainError::file(path))?;
            crops.extend(found);
            done((index + 2).min(photos.len()));
        }
        Ok(Self { crops })
    }
}

/// Bytes of a record: the photo, four corners, the features.
const RECORD: usize = 4 + 16 + FEATURES;

fn record(crop: &Crop) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(RECORD);
    bytes.extend((crop.photo as u32).to_le_bytes());
    let BBox { x0, y0, x1, y1 } = crop.bbox;
    bytes.extend([x0, y0, x1, y1].iter().flat_map(|v| v.to_le_bytes()));
    bytes.extend(&crop.features);
    bytes
}

fn read_crops(path: &Path) -> Result<Vec<Crop>, TrainError> {
    let mut bytes = Vec::new();
    match File::open(path) {
        Ok(mut file) => file.read_to_end(&mut bytes).map_err(TrainError::file(path))?,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => 0,
        Err(error) => return Err(TrainError::file(path)(error)),
    };
    let number = |at: &[u8]| [at[0], at[1], at[2], at[3]];
    let crop = |record: &[u8]| {
        let corner = |i: usize| f32::from_le_bytes(number(&record[4 + 4 * i..]));
        Crop {
            photo: u32::from_le_bytes(number(record)) as usize,
            bbox: BBox::new(corner(0), corner(1), corner(2), corner(3)),
            features: record[RECORD - FEATURES..].to_vec(),
        }
    };
    Ok(bytes.chunks_exact(RECORD).map(crop).collect())
}

/// The crops of a photo: its objects, and proposals drawn at random.
fn of_photo(index: usize, photo: &Photo, labels: &Labels, backbone: &MobileNetV2) -> Result<Vec<Crop>, TrainError> {
    let boxes = drawn(photo, labels, &mut Random::new(index as u64));
    let scale = (photo.width() as f32, photo.height() as f32);
    let mut found = Vec::with_capacity(boxes.len());
    for batch in boxes.chunks(BATCH) {
        let in_pixels: Vec<BBox> = batch.iter().map(|bbox| bbox.scale(scale.0, scale.1)).collect();
        let values = features(backbone, crops(photo, &in_pixels, &Device::flex()));
        let values = pollster::block_on(read(vec![values]))?;
        for (values, &bbox) in values[0].chunks_exact(FEATURES).zip(batch) {
            // In 0 to 255 by the activation's limit.
            let features = values.iter().map(|v| (v * (255.0 / LIMIT)).round() as u8).collect();
            found.push(Crop { photo: index, bbox, features });
        }
    }
    Ok(found)
}

/// Boxes in fractions of the photo.
fn drawn(photo: &Photo, labels: &Labels, random: &mut Random) -> Vec<BBox> {
    let (across, down) = (1.0 / photo.width() as f32, 1.0 / photo.height() as f32);
    let mut groups: [Vec<BBox>; 3] = Default::default();
    for proposal in propose(photo, &Rule::fast()).proposals.iter().take(PROPOSALS) {
        let bbox = proposal.bbox.scale(across, down);
        let best = labels.objects.iter().map(|object| object.bbox.iou(&bbox)).fold(0.0, f32::max);
        match best {
            _ if best >= ON => groups[0].push(bbox),
            _ if best >= NEGATIVE => {}
            _ if best >= NEAR => groups[1].push(bbox),
            _ => groups[2].push(bbox),
        }
    }
    let mut boxes: Vec<BBox> = labels.objects.iter().map(|object| object.bbox).collect();
    for (group, most) in groups.iter_mut().zip(DRAWN) {
        random.shuffle(group);
        boxes.extend(group.iter().take(most));
    }
    boxes
}
