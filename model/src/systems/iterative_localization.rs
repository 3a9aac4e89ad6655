//! Classification + localization three times: the first box says where to look closer, and each further look is at a crop round
//! the box before (Gidaris and Komodakis 2015, "Object detection via a multi-region and semantic segmentation-aware CNN model",
//! section 5: iterative localization; Toshev and Szegedy 2014 do the same with joints).
//!
//! The network reads the whole photo squashed to 300 x 300 pixels, where a thing has few of them and may lie anywhere. In the
//! crops it is large and in the middle.

use super::{Context, Detector, LocalBoxFuture, artifacts::NetworkInput, localize::LocalizeSystem};
use crate::{
    catalog::{SECOND_CROP, SECOND_LOOK, THIRD_CROP, THIRD_LOOK},
    device::RunError,
    heads::ssd::INPUT,
    photo::Framing,
    structures::{
        boxes::BBox,
        location::Location,
        question::{Answer, PhotoView, Question},
    },
};

/// Sides of a crop in those of the box before: what was tried on the dev part gave 1.3, 1.45 and 1.6 in rising order.
const MARGIN: f32 = 1.6;
/// A box with a shorter side, in fractions of the photo, is no place to look closer at: the next look is at the whole photo.
const MIN_SIDE: f32 = 0.02;
/// The further looks, each with the stages of its crop and of what is seen there.
const LOOKS: [[&str; 2]; 2] = [[SECOND_CROP.key, SECOND_LOOK.key], [THIRD_CROP.key, THIRD_LOOK.key]];

/// Classification + localization, and twice more on a crop round its box.
pub struct IterativeLocalization {
    pub once: LocalizeSystem,
}

impl Detector for IterativeLocalization {
    fn run<'a>(&'a self, cx: &'a mut Context<'_>) -> LocalBoxFuture<'a, Result<(), RunError>> {
        Box::pin(async move {
            let (photo, size) = (cx.photo, cx.photo.size());
            let mut before = self.once.location(cx).await?;
            for (looks, [crop_key, look_key]) in (1..).zip(LOOKS) {
                let region = crop(&before.bbox.scale(1.0 / size.0 as f32, 1.0 / size.1 as f32));
                let view = PhotoView { region, turns: 0 };
                let seen =
                    cx.stage(crop_key, async |work| Ok(NetworkInput::part(photo, &view, INPUT, work.device))).await?;
                before = cx
                    .stage(look_key, async |work| {
                        work.count_passes(1);
                        let here = self.once.look(seen.tensor.clone()).await?;
                        Ok(joined(&before, looks, &here, &region, size))
                    })
                    .await?;
            }
            Ok(())
        })
    }

    fn answer<'a>(
        &'a self,
        cx: &'a mut Context<'_>,
        question: &'a Question,
    ) -> LocalBoxFuture<'a, Result<Option<Answer>, RunError>> {
        self.once.answer(cx, question)
    }
}

/// The part of the photo that the next look is at, in its fractions.
///
/// # Arguments
/// * `bbox` - the box before, in fractions of the photo.
fn crop(bbox: &BBox) -> BBox {
    let part = bbox.grown(MARGIN).clip(1.0, 1.0);
    if part.width().min(part.height()) < MIN_SIDE { BBox::new(0.0, 0.0, 1.0, 1.0) } else { part }
}

/// The box of the last look, and the mean of what all looks say of the class.
///
/// # Arguments
/// * `before` - the mean of `looks` looks.
/// * `here` - the last look's, with its box in fractions of the crop.
/// * `crop` - in fractions of the photo.
/// * `photo` - width and height in pixels.
fn joined(before: &Location, looks: u8, here: &Location, crop: &BBox, photo: (u32, u32)) -> Location {
    let looks = f32::from(looks);
    let both = before.probabilities.iter().zip(&here.probabilities);
    let framing = Framing::crop(crop.scale(photo.0 as f32, photo.1 as f32), (INPUT as u32, INPUT as u32));
    Location {
        probabilities: both.map(|(before, here)| (before * looks + here) / (looks + 1.0)).collect(),
        bbox: framing.fractions_to_photo(&here.bbox),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_crop_is_round_the_box_and_in_the_photo() {
        let close = |a: BBox, b: BBox| a.iou(&b) > 0.999;
        assert!(close(crop(&BBox::new(0.4, 0.3, 0.6, 0.7)), BBox::new(0.34, 0.18, 0.66, 0.82)));
        assert!(close(crop(&BBox::new(0.0, 0.5, 0.4, 1.0)), BBox::new(0.0, 0.35, 0.52, 1.0)), "it ends with the photo");
        assert_eq!(crop(&BBox::new(0.5, 0.0, 0.5, 0.9)), BBox::new(0.0, 0.0, 1.0, 1.0), "a line");
    }

    #[test]
    fn the_last_box_lies_in_the_crop_and_every_look_counts() {
        let location = |probabilities: [f32; 2], bbox| Location { probabilities: probabilities.to_vec(), bbox };
        let first = location([0.75, 0.25], BBox::new(20.0, 20.0, 80.0, 40.0));
        let here = location([0.25, 0.75], BBox::new(0.5, 0.0, 1.0, 0.5));
        let crop = BBox::new(0.5, 0.25, 1.0, 0.75);
        let second = joined(&first, 1, &here, &crop, (200, 100));
        assert_eq!(second, location([0.5, 0.5], BBox::new(150.0, 25.0, 200.0, 50.0)));
        let third = joined(&second, 2, &location([0.2, 0.8], here.bbox), &crop, (200, 100));
        assert!((third.probabilities[0] - 0.4).abs() < 1e-6, "two looks said a half, and one a fifth");
    }
}
