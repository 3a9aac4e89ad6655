//! Pose by heat maps: MoveNet on a crop of each person that SSD has found.

use std::sync::Arc;

use super::{
    Context, Detector, LocalBoxFuture,
    artifacts::{Crops, Poses},
    ssd,
};
use crate::{
    device::RunError,
    heads::{
        movenet::{MoveNet, people, skeletons},
        ssd::Ssd,
    },
    structures::skeleton::{Skeleton, suppress_alike},
};

/// MoveNet on SSD's people.
pub struct MoveNetSystem {
    pub detector: Arc<Ssd>,
    pub network: Arc<MoveNet>,
}

impl Detector for MoveNetSystem {
    fn run<'a>(&'a self, cx: &'a mut Context<'_>) -> LocalBoxFuture<'a, Result<(), RunError>> {
        Box::pin(async move {
            let (photo, settings, network) = (cx.photo, cx.settings, &self.network);
            let detections = ssd::detections(cx, &self.detector).await?;
            let aspect = settings.pixel_aspects.first().copied().unwrap_or(1.0);
            let depends = (&settings.people, &settings.pixel_aspects, settings.second_look, settings.closer);
            let crops = cx
                .stage_with("person-crops", &depends, async |_| {
                    let people = people(&detections, &settings.people);
                    Ok(Crops { crops: MoveNet::crops(photo, &people, aspect), people })
                })
                .await?;
            let maps = cx
                .stage_with("heat-maps", &depends, async |work| {
                    work.count_passes(crops.crops.len());
                    let pixels = crops.crops.iter().map(|crop| &crop.pixels[..]);
                    Ok(Poses { maps: network.heat_maps(pixels, work.device).await?, crops: crops.clone() })
                })
                .await?;
            cx.stage_with("joints", &depends, async |work| {
                let looks = settings.looks();
                let first = skeletons(&crops.people, &crops.crops, &maps.maps);
                let (mut best, again) = network.refine(photo, first, (&looks, aspect), work.device).await?;
                work.count_passes(again);
                for &aspect in settings.pixel_aspects.iter().skip(1) {
                    let other = network.estimate(photo, &crops.people, (&looks, aspect), work.device).await?;
                    if joint_score(&other) > joint_score(&best) {
                        best = other;
                    }
                }
                Ok(suppress_alike(best))
            })
            .await?;
            Ok(())
        })
    }
}

/// The sum of all joints' scores.
fn joint_score(people: &[Skeleton]) -> f32 {
    people.iter().map(Skeleton::joint_score).sum()
}
