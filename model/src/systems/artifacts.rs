//! What the page draws of each stage's value.

use std::{borrow::Cow, rc::Rc};

use burn::tensor::{Device, Tensor};

use super::{Output, Work};
use crate::{
    backbone::PhotoFeatures,
    device::{RunError, read},
    heads::{
        input::{input, squashed},
        keypoint::sigmoid,
        mask::PooledRegions,
        movenet::{self, HeatMaps, PersonCrop},
        pyramid::{PyramidMaps, PyramidPass},
        segment::ClassLogits,
        ssd::{ClassScores, SsdOutput},
    },
    photo::{Framing, Photo},
    structures::{
        boxes::{BBox, Candidate},
        caption::{Caption, GAZE},
        class_map::{CLASSES, ClassMap},
        location::Location,
        mask::InstanceMask,
        question::PhotoView,
        skeleton::{JOINT_NAMES, Skeleton},
        stage::{Artifact, FeatureMap, Peak, Picture, Region, ScoreMaps},
    },
};

/// The photo as a network reads it.
pub struct NetworkInput {
    /// `[1, height, width, 3]`, RGB in `[-1, 1]`.
    pub tensor: Tensor<4>,
    /// The part of the photo that it shows, in photo pixels.
    region: BBox,
}

impl NetworkInput {
    /// The whole photo squashed to a square.
    ///
    /// # Arguments
    /// * `side` - of the square, in pixels.
    pub fn squashed(photo: &Photo, side: usize, device: &Device) -> Self {
        Self { tensor: squashed(photo, side, device), region: whole(photo.size()) }
    }

    /// A part of the photo squashed to a square, then turned.
    ///
    /// # Arguments
    /// * `side` - of the square, in pixels.
    pub fn part(photo: &Photo, view: &PhotoView, side: usize, device: &Device) -> Self {
        let region = view.region.scale(photo.width() as f32, photo.height() as f32);
        // A side has few pixels.
        let tensor = input(photo, &[Framing::crop(region, (side as u32, side as u32))], device);
        let tensor = match view.turns % 4 {
            0 => tensor,
            1 => tensor.swap_dims(1, 2).flip([2]),
            2 => tensor.flip([1, 2]),
            _ => tensor.swap_dims(1, 2).flip([1]),
        };
        Self { tensor, region }
    }

    /// Its pixels.
    ///
    /// # Errors
    /// When the device fails.
    pub async fn picture(&self) -> Result<Picture, RunError> {
        let [_, height, width, _] = self.tensor.dims();
        let values = read(vec![self.tensor.clone()]).await?;
        // In 0 to 255 by construction.
        let rgb = values[0].iter().map(|v| ((v + 1.0) * 127.5).round() as u8).collect();
        Ok(Picture { width, height, rgb, region: self.region })
    }
}

/// The maps on the way up from the backbone's coarsest.
pub struct Pyramid {
    /// The maps.
    pub maps: PyramidMaps,
    /// Milliseconds of each, coarsest first, where they were timed apart.
    map_ms: Vec<f64>,
}

impl Pyramid {
    /// The maps of a pass, each timed.
    ///
    /// # Errors
    /// When the device fails.
    pub async fn timed(mut pass: PyramidPass<'_>, work: &Work<'_>) -> Result<Self, RunError> {
        let map_ms = work.time_maps(&mut pass).await?;
        Ok(Self { maps: pass.into_maps(), map_ms })
    }
}

/// Crops of people, and who is in them.
pub struct Crops {
    /// A box in photo pixels and its score for each person.
    pub people: Vec<(BBox, f32)>,
    /// A crop for each of them.
    pub crops: Vec<PersonCrop>,
}

/// MoveNet's maps with the crops that they are of.
pub struct Poses {
    /// The maps.
    pub maps: HeatMaps,
    /// The crops.
    pub crops: Rc<Crops>,
}

/// The regions that get a mask, after RoIAlign.
pub struct AlignedRegions {
    /// Indices of their detections.
    pub chosen: Vec<usize>,
    /// Their boxes, in photo pixels and inside the photo.
    pub boxes: Vec<BBox>,
    /// Their features; none without regions.
    pub pooled: Option<PooledRegions>,
}

/// The class scores at each place.
pub struct Scores {
    /// Width and height of the photo in pixels.
    pub photo: (u32, u32),
    /// The logits.
    pub logits: ClassLogits,
}

/// The regions that get a sentence, as the language model sees them.
pub struct CaptionRegions {
    /// Width and height of the photo in pixels.
    pub photo: (u32, u32),
    /// `[1 + regions, 49, 224]`: the whole photo first.
    pub sight: Tensor<3>,
    /// Indices of their detections and their boxes in photo pixels.
    pub regions: Vec<(usize, BBox)>,
}

/// A vector of the whole photo, `[1, 1, 1, numbers]`.
pub struct SharedVector(pub Tensor<4>);

impl Output for NetworkInput {
    async fn artifact(&self) -> Result<Artifact, RunError> {
        self.picture().await.map(Artifact::Input)
    }
}

impl Output for PhotoFeatures {
    fn last_tensor(&self) -> Option<Tensor<4>> {
        Some(self.maps.stride_32.clone())
    }

    async fn artifact(&self) -> Result<Artifact, RunError> {
        let maps = &self.maps;
        let named = [
            ("stride 4", &maps.stride_4),
            ("stride 8", &maps.stride_8),
            ("stride 16", &maps.stride_16),
            ("stride 32", &maps.stride_32),
        ];
        feature_maps(named.map(|(name, map)| (name.into(), map)), &self.map_ms).await
    }
}

impl Output for ClassScores {
    fn last_tensor(&self) -> Option<Tensor<4>> {
        self.logits.last().cloned()
    }

    async fn artifact(&self) -> Result<Artifact, RunError> {
        let name = |map: &Tensor<4>| format!("{} × {}", map.dims()[2], map.dims()[1]);
        feature_maps(self.maps.iter().map(|map| (name(map).into(), map)), &[]).await
    }
}

impl Output for SsdOutput {
    async fn artifact(&self) -> Result<Artifact, RunError> {
        Ok(Artifact::Anchors(self.anchors()))
    }
}

impl Output for Pyramid {
    fn last_tensor(&self) -> Option<Tensor<4>> {
        Some(self.maps.stride_4.clone())
    }

    async fn artifact(&self) -> Result<Artifact, RunError> {
        let maps = &self.maps;
        let named = [
            ("up at stride 32", &maps.stride_32),
            ("up at stride 16", &maps.stride_16),
            ("up at stride 8", &maps.stride_8),
            ("up at stride 4", &maps.stride_4),
        ];
        feature_maps(named.map(|(name, map)| (name.into(), map)), &self.map_ms).await
    }
}

impl Output for Crops {
    async fn artifact(&self) -> Result<Artifact, RunError> {
        let side = movenet::INPUT;
        let regions = self.crops.iter().map(|crop| {
            let region = *crop.framing.region();
            let rgb = crop.pixels.iter().map(|v| v.round().clamp(0.0, 255.0) as u8).collect();
            let picture = Picture { width: side, height: side, rgb, region };
            Region { bbox: region, candidate: None, picture: Some(picture), features: None }
        });
        Ok(Artifact::Regions(regions.collect()))
    }
}

impl Output for Poses {
    async fn artifact(&self) -> Result<Artifact, RunError> {
        let (maps, side) = (&self.maps, self.maps.side);
        let of_crop = |(i, crop): (usize, &PersonCrop)| {
            let values = maps.of_crop(i);
            let heat: Vec<f32> = (0..side * side)
                .flat_map(|cell| (0..JOINT_NAMES.len()).map(move |joint| sigmoid(values.heatmaps.at(cell, joint))))
                .collect();
            let joints = crate::heads::keypoint::decode_cells(&values);
            let in_photo = |(x, y): (f32, f32)| crop.framing.fraction_to_photo((x / side as f32, y / side as f32));
            let peak = |(cell, joint): &(usize, crate::heads::keypoint::CropJoint)| Peak {
                from: in_photo(((cell % side) as f32 + 0.5, (cell / side) as f32 + 0.5)),
                to: crop.framing.fraction_to_photo((joint.x, joint.y)),
                score: joint.score,
            };
            ScoreMaps {
                region: *crop.framing.region(),
                candidate: None,
                names: JOINT_NAMES.map(Cow::Borrowed).to_vec(),
                maps: FeatureMap::from_values("heat maps", (side, side, JOINT_NAMES.len()), &heat),
                peaks: joints.iter().map(peak).collect(),
            }
        };
        Ok(Artifact::ScoreMaps(self.crops.crops.iter().enumerate().map(of_crop).collect()))
    }
}

impl Output for AlignedRegions {
    fn last_tensor(&self) -> Option<Tensor<4>> {
        self.pooled.as_ref().map(|pooled| pooled.fine.clone())
    }

    async fn artifact(&self) -> Result<Artifact, RunError> {
        let Some(pooled) = &self.pooled else { return Ok(Artifact::Regions(vec![])) };
        let [_, height, width, channels] = pooled.fine.dims();
        let values = read(vec![pooled.fine.clone()]).await?;
        let regions = values[0].chunks_exact(height * width * channels).zip(&self.boxes).zip(&self.chosen);
        let region = |((values, &bbox), &candidate): ((&[f32], &BBox), &usize)| Region {
            bbox,
            candidate: Some(candidate),
            picture: None,
            features: Some(FeatureMap::from_values("aligned at stride 4", (height, width, channels), values)),
        };
        Ok(Artifact::Regions(regions.map(region).collect()))
    }
}

impl Output for Scores {
    async fn artifact(&self) -> Result<Artifact, RunError> {
        let (rows, columns) = self.logits.grid;
        Ok(Artifact::ScoreMaps(vec![ScoreMaps {
            region: whole(self.photo),
            candidate: None,
            names: CLASSES.map(Cow::Borrowed).to_vec(),
            maps: FeatureMap::from_values("logits", (rows, columns, CLASSES.len()), &self.logits.values),
            peaks: vec![],
        }]))
    }
}

impl Output for CaptionRegions {
    fn last_tensor(&self) -> Option<Tensor<4>> {
        let [n, cells, channels] = self.sight.dims();
        Some(self.sight.clone().reshape([n, 1, cells, channels]))
    }

    async fn artifact(&self) -> Result<Artifact, RunError> {
        let [_, cells, channels] = self.sight.dims();
        let values = read(vec![self.sight.clone()]).await?;
        let places = std::iter::once((None, whole(self.photo)));
        let places = places.chain(self.regions.iter().map(|&(candidate, bbox)| (Some(candidate), bbox)));
        let region = |(values, (candidate, bbox)): (&[f32], (Option<usize>, BBox))| Region {
            bbox,
            candidate,
            picture: None,
            features: Some(FeatureMap::from_values("aligned", (GAZE, GAZE, channels), values)),
        };
        Ok(Artifact::Regions(values[0].chunks_exact(cells * channels).zip(places).map(region).collect()))
    }
}

impl Output for SharedVector {
    fn last_tensor(&self) -> Option<Tensor<4>> {
        Some(self.0.clone())
    }

    async fn artifact(&self) -> Result<Artifact, RunError> {
        Ok(Artifact::Vector(read(vec![self.0.clone()]).await?.into_iter().flatten().collect()))
    }
}

/// A value that is an artifact, and a result, as it is.
macro_rules! result {
    ($value:ty, $artifact:ident) => {
        impl Output for $value {
            const IS_RESULT: bool = true;

            async fn artifact(&self) -> Result<Artifact, RunError> {
                Ok(Artifact::$artifact(self.clone()))
            }
        }
    };
}
result!(Vec<Candidate>, Detections);
result!(Vec<InstanceMask>, Masks);
result!(Vec<Skeleton>, Skeletons);
result!(Vec<Caption>, Captions);
result!(ClassMap, ClassMap);
result!(Location, Location);

/// The whole photo as a box.
const fn whole((width, height): (u32, u32)) -> BBox {
    BBox::new(0.0, 0.0, width as f32, height as f32)
}

/// Reads maps one at a time, so that a device with little memory holds one copy.
///
/// # Arguments
/// * `times` - milliseconds of each map; empty where they were not timed apart.
pub async fn feature_maps<'a>(
    maps: impl IntoIterator<Item = (Cow<'static, str>, &'a Tensor<4>)>,
    times: &[f64],
) -> Result<Artifact, RunError> {
    let mut read_maps = Vec::new();
    for (index, (name, map)) in maps.into_iter().enumerate() {
        let [_, height, width, channels] = map.dims();
        let values = read(vec![map.clone()]).await?;
        let map = FeatureMap::from_values(name, (height, width, channels), &values[0]);
        read_maps.push(FeatureMap { ms: times.get(index).copied(), ..map });
    }
    Ok(Artifact::FeatureMaps(read_maps))
}
