//! Semantic segmentation with a fully convolutional network (Long et al. 2015): down, up, and a class for each pixel.

use burn::{module::Module, tensor::Device};
use web_time::Instant;

use crate::{
    device::{RunError, ms, read},
    heads::segment::SegmentHead,
    nn::weights::{Weights, WeightsError},
    structures::{
        class_map::{CLASSES, ClassMap},
        stage::Trace,
    },
    systems::ssd::{Seen, Ssd},
};

/// Class maps are computed at most this large, in pixels of the longer side: four times the network's own grid.
pub const LONGEST: u32 = 640;

/// The segmentation head on the detector's backbone.
#[derive(Module, Debug)]
pub struct Segmenter {
    head: SegmentHead,
}

impl Segmenter {
    /// Loads the head from a burnpack file in memory.
    ///
    /// # Errors
    /// When the file is damaged or not this network's.
    pub fn load(bytes: Vec<u8>, device: &Device) -> Result<Self, WeightsError> {
        Ok(Self { head: SegmentHead::load(&Weights::from_bytes(bytes)?, device)? })
    }

    /// The class of each pixel.
    ///
    /// # Arguments
    /// * `seen` - the photo after the backbone.
    /// * `detector` - whose class scores the head reads beside the backbone's maps.
    ///
    /// # Returns
    /// A map in the photo's aspect, its longer side that of the photo, at most [`LONGEST`] pixels.
    ///
    /// # Errors
    /// When the device fails or computes numbers that are not finite.
    pub async fn segment(&self, seen: &Seen, detector: &Ssd, trace: &mut Trace) -> Result<ClassMap, RunError> {
        self.segment_at(seen, detector, map_size(seen.photo), trace).await
    }

    /// As [`Segmenter::segment`], with a map of another size.
    ///
    /// # Arguments
    /// * `size` - width and height of the map, which covers the whole photo.
    ///
    /// # Errors
    /// When the device fails or computes numbers that are not finite.
    pub async fn segment_at(
        &self,
        seen: &Seen,
        detector: &Ssd,
        size: (usize, usize),
        trace: &mut Trace,
    ) -> Result<ClassMap, RunError> {
        let start = Instant::now();
        let (_, logits) = self.head.forward(&seen.features, &detector.votes_in(seen));
        let [_, rows, columns, scores] = logits.dims();
        let values = read(vec![logits]).await?;
        let ran = Instant::now();
        // The classifier's padding is left here.
        let logits: Vec<f32> =
            values[0].chunks_exact(scores).flat_map(|cell| &cell[..CLASSES.len()]).copied().collect();
        let map = ClassMap::from_logits(&logits, (rows, columns), size);
        trace.push("segmentation head", ms(start, ran));
        trace.push("upsample to pixels", ms(ran, Instant::now()));
        Ok(map)
    }
}

/// Width and height of the class map of a photo.
#[must_use]
pub fn map_size((width, height): (u32, u32)) -> (usize, usize) {
    let longest = width.max(height).max(1);
    let shrunk = |side: u32| {
        let side =
            if longest > LONGEST { f64::from(side) * f64::from(LONGEST) / f64::from(longest) } else { side.into() };
        // At most 640.
        (side.round() as usize).max(1)
    };
    (shrunk(width), shrunk(height))
}

#[cfg(test)]
mod tests {
    use super::map_size;

    #[test]
    fn maps_keep_the_aspect() {
        assert_eq!(map_size((320, 200)), (320, 200));
        assert_eq!(map_size((4000, 3000)), (640, 480));
        assert_eq!(map_size((1, 8000)), (1, 640));
    }
}
