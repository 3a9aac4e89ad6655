//! Pixels and feature maps as the page draws them, and regions of the photo with what was cut out of them.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::structures::boxes::BBox;

/// Pixels that a network reads, and where they come from.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Picture {
    /// Pixels across.
    pub width: usize,
    /// Pixels down.
    pub height: usize,
    /// Red, green, blue, row by row.
    #[serde(with = "serde_bytes")]
    pub rgb: Vec<u8>,
    /// The part of the photo that it shows, in photo pixels; it may reach out of the photo.
    pub region: BBox,
}

/// A feature map with its numbers in 256 steps.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FeatureMap {
    /// What it is called, e.g. "stride 16".
    pub name: Cow<'static, str>,
    /// Cells across.
    pub width: usize,
    /// Cells down.
    pub height: usize,
    /// Numbers a cell.
    pub channels: usize,
    /// The smallest number of the map: that of step 0.
    pub min: f32,
    /// The largest number of the map: that of step 255.
    pub max: f32,
    /// Milliseconds that computing the map took, where it was timed apart.
    pub ms: Option<f64>,
    /// The numbers as steps: all of channel 0 row by row, then channel 1 ...
    #[serde(with = "serde_bytes")]
    pub steps: Vec<u8>,
}

/// A region of the photo with what was cut out of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Region {
    /// Where, in photo pixels.
    pub bbox: BBox,
    /// Which detection it belongs to, an index into the run's detections; `None` for the whole photo.
    pub candidate: Option<usize>,
    /// The pixels that a network reads of it, if it was cut out of the photo.
    pub picture: Option<Picture>,
    /// The features that were pooled from it, if it was cut out of feature maps.
    pub features: Option<FeatureMap>,
}

/// Maps of scores over one region of the photo.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ScoreMaps {
    /// The part of the photo that the maps cover, in photo pixels.
    pub region: BBox,
    /// Which detection it belongs to, an index into the run's detections; `None` for the whole photo.
    pub candidate: Option<usize>,
    /// The name of each channel, e.g. of a class or a joint.
    pub names: Vec<Cow<'static, str>>,
    /// The maps.
    pub maps: FeatureMap,
    /// Points that were read from the maps, in photo pixels: the peak of each channel before (`from`) and after (`to`) its
    /// offset; empty where nothing is read from peaks.
    pub peaks: Vec<Peak>,
}

/// The peak of a heat map.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Peak {
    /// The centre of the best cell, in photo pixels.
    pub from: (f32, f32),
    /// The place after the offset that the network predicts there, in photo pixels.
    pub to: (f32, f32),
    /// Its score, 0 to 1.
    pub score: f32,
}

impl FeatureMap {
    /// A map from numbers as a network has them.
    ///
    /// # Arguments
    /// * `values` - `[height, width, channels]`, row-major, all finite.
    #[must_use]
    pub fn from_values(
        name: impl Into<Cow<'static, str>>,
        (height, width, channels): (usize, usize, usize),
        values: &[f32],
    ) -> Self {
        let (min, max) = values.iter().fold((f32::INFINITY, f32::NEG_INFINITY), |(lo, hi), &v| (lo.min(v), hi.max(v)));
        let (min, max) = if values.is_empty() { (0.0, 0.0) } else { (min, max) };
        let scale = if max > min { 255.0 / (max - min) } else { 0.0 };
        let cells = width * height;
        let mut steps = vec![0; cells * channels];
        for (cell, numbers) in values.chunks_exact(channels.max(1)).enumerate().take(cells) {
            for (channel, &value) in numbers.iter().enumerate() {
                // In 0 to 255 by construction.
                steps[channel * cells + cell] = ((value - min) * scale).round() as u8;
            }
        }
        Self { name: name.into(), width, height, channels, min, max, ms: None, steps }
    }

    /// The number of a cell, to the nearest step; `None` outside.
    #[must_use]
    pub fn value(&self, channel: usize, x: usize, y: usize) -> Option<f32> {
        let inside = channel < self.channels && x < self.width && y < self.height;
        let step = *self.steps.get((channel * self.height + y) * self.width + x).filter(|_| inside)?;
        Some(self.min + (self.max - self.min) * f32::from(step) / 255.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_map_keeps_its_numbers_to_half_a_step_channel_by_channel() {
        // Two rows of three cells with two numbers each.
        let values: Vec<f32> = (0..12).map(|i| if i % 2 == 0 { i as f32 } else { -(i as f32) }).collect();
        let map = FeatureMap::from_values("stride 8", (2, 3, 2), &values);
        assert_eq!((map.min, map.max, map.steps.len()), (-11.0, 10.0, 12));
        for (i, &value) in values.iter().enumerate() {
            let (channel, x, y) = (i % 2, i / 2 % 3, i / 6);
            let kept = map.value(channel, x, y).expect("inside");
            assert!((kept - value).abs() <= 21.0 / 255.0 / 2.0 + 1e-5, "{kept} is not {value}");
        }
        assert_eq!(map.value(0, 3, 0), None);
        assert_eq!(FeatureMap::from_values("flat", (1, 2, 1), &[4.0, 4.0]).value(0, 1, 0), Some(4.0));
    }
}
