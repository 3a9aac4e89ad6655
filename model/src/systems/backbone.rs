//! The backbone's maps of a photo: where every system on them starts.

use std::rc::Rc;

use super::{Context, artifacts::NetworkInput};
use crate::{backbone::PhotoFeatures, device::RunError, heads::ssd::Ssd};

/// Squashes the photo to a square and runs the backbone on it.
///
/// # Arguments
/// * `side` - of the square, in pixels.
/// * `keys` - of the two stages: the input, the backbone.
pub async fn features(
    cx: &mut Context<'_>,
    detector: &Ssd,
    side: usize,
    [input_key, backbone_key]: [&'static str; 2],
) -> Result<Rc<PhotoFeatures>, RunError> {
    let photo = cx.photo;
    let input = cx.stage(input_key, async |work| Ok(NetworkInput::squashed(photo, side, work.device))).await?;
    cx.stage(backbone_key, async |work| {
        work.count_passes(1);
        let mut pass = detector.begin_features(input.tensor.clone());
        let map_ms = work.time_maps(&mut pass).await?;
        Ok(PhotoFeatures { photo: photo.size(), maps: pass.into_features(), map_ms })
    })
    .await
}
