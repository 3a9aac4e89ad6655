//! Classification + localization: one class and one box for the whole photo.

use burn::{
    module::Module,
    tensor::{Device, activation::softmax},
};
use web_time::Instant;

use crate::{
    device::{RunError, ms, read},
    heads::locate::LocateHead,
    nn::weights::{Weights, WeightsError},
    structures::{boxes::BBox, location::Location, stage::Trace},
    systems::ssd::Seen,
};

/// The two heads on the detector's backbone.
#[derive(Module, Debug)]
pub struct Localizer {
    head: LocateHead,
}

impl Localizer {
    /// Loads the heads from a burnpack file in memory.
    ///
    /// # Errors
    /// When the file is damaged or not this network's.
    pub fn load(bytes: Vec<u8>, device: &Device) -> Result<Self, WeightsError> {
        Ok(Self { head: LocateHead::load(&Weights::from_bytes(bytes)?, device)? })
    }

    /// What the photo shows, and where.
    ///
    /// # Arguments
    /// * `seen` - the photo after the backbone.
    ///
    /// # Errors
    /// When the device fails or computes numbers that are not finite.
    pub async fn localize(&self, seen: &Seen, trace: &mut Trace) -> Result<Location, RunError> {
        let start = Instant::now();
        let output = self.head.forward(seen.features.stride_32.clone(), |vector| vector);
        let mut values = read(vec![softmax(output.classes, 1), output.corners]).await?.into_iter();
        let (Some(probabilities), Some(corners)) = (values.next(), values.next()) else {
            return Err(RunError::NotFinite);
        };
        let (width, height) = (seen.photo.0 as f32, seen.photo.1 as f32);
        let [x0, y0, x1, y1] = [corners[0], corners[1], corners[2], corners[3]];
        let bbox = BBox::new(x0.min(x1), y0.min(y1), x0.max(x1), y0.max(y1)).clip(1.0, 1.0).scale(width, height);
        trace.push("two heads", ms(start, Instant::now()));
        Ok(Location { probabilities, bbox })
    }
}
