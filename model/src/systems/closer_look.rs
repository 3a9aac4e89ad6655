//! SSD on the whole photo and on overlapping parts of it: a network that reads 300 x 300 pixels sees small things larger in a
//! part. On COCO's 80 fully labelled photos the average precision grows from 0.30 to 0.37, that of small things threefold, for
//! up to fourteen passes instead of one (`evaluate -- boxes --closer`).

use std::rc::Rc;

use super::{Context, Work};
use crate::{
    catalog::CLOSER_LOOK,
    device::RunError,
    heads::{
        input::input,
        ssd::{INPUT, MIN_SCORE, Ssd},
    },
    photo::{Framing, Photo},
    structures::{
        boxes::{BBox, Candidate},
        stage::Artifact,
    },
};

/// Sides of the parts as shares of the photo's, how many there are along each axis, and what their scores are multiplied with:
/// a part shows less of what is round a thing, and the network errs more often.
const LOOKS: [(f32, usize, f32); 2] = [(0.6, 2, 0.95), (0.4, 3, 0.9)];
/// A box that ends this near to a side of a part inside the photo, in fractions of the part, is cut there.
const SEAM: f32 = 0.01;
/// What is at most this large beside a part, in both directions, is small. With 0.5, and only for what has a score of 0.1 or
/// more, fewer parts are looked at, and the average precision falls by 0.008.
const SMALL: f32 = 0.7;
/// Priors of the whole photo are counted from 0, those of the parts from multiples of this.
const PRIORS: u32 = 10_000;

/// A part of the photo.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Part {
    /// In photo pixels.
    region: BBox,
    /// What scores in it are multiplied with.
    trust: f32,
}

/// The detections in the whole photo with those in its parts, before suppression.
///
/// # Arguments
/// * `whole` - what was found in the whole photo.
///
/// # Errors
/// When the run is cancelled, or the device fails or computes numbers that are not finite.
pub async fn detections(
    cx: &mut Context<'_>,
    detector: &Ssd,
    whole: &[Candidate],
) -> Result<Rc<Vec<Candidate>>, RunError> {
    let photo = cx.photo;
    cx.stage(CLOSER_LOOK.key, async |work| {
        let mut parts = parts(photo.size());
        parts.retain(|part| pays(part, whole));
        let mut found = whole.to_vec();
        for (i, part) in parts.iter().enumerate() {
            let seen = look(detector, photo, part, work).await?;
            found.extend(in_photo(&seen, part, photo.size(), PRIORS * (i as u32 + 1)));
            work.count_passes(1);
            work.progress(i + 1, parts.len(), work.is_inside().then(|| Artifact::Detections(found.clone()))).await?;
        }
        Ok(found)
    })
    .await
}

/// The detections in a part, in its own pixels.
async fn look(detector: &Ssd, photo: &Photo, part: &Part, work: &Work<'_>) -> Result<Vec<Candidate>, RunError> {
    // The network's side is a few hundred pixels.
    let framing = Framing::crop(part.region, (INPUT as u32, INPUT as u32));
    let maps = detector.features(input(photo, &[framing], work.device));
    let size = (part.region.width() as u32, part.region.height() as u32);
    Ok(detector.output(size, &detector.class_scores(&maps)).await?.detections())
}

/// The parts, the larger ones first; their corners are whole pixels.
fn parts((width, height): (u32, u32)) -> Vec<Part> {
    let mut parts = Vec::new();
    for (share, count, trust) in LOOKS {
        let place = |i: usize, whole: u32| {
            let side = (share * whole as f32).round().max(1.0);
            let start = ((whole as f32 - side) * i as f32 / (count - 1) as f32).round();
            (start, start + side)
        };
        for row in 0..count {
            for column in 0..count {
                let ((x0, x1), (y0, y1)) = (place(column, width), place(row, height));
                parts.push(Part { region: BBox::new(x0, y0, x1, y1), trust });
            }
        }
    }
    parts
}

/// Whether a part is worth a pass: the first look suspects something in it that is small beside the part, so that the network
/// would see it larger.
///
/// # Arguments
/// * `whole` - what was found in the whole photo, in photo pixels.
fn pays(part: &Part, whole: &[Candidate]) -> bool {
    let region = &part.region;
    let is_small = |bbox: &BBox| bbox.width() <= SMALL * region.width() && bbox.height() <= SMALL * region.height();
    whole.iter().any(|it| is_small(&it.bbox) && region.contains(it.bbox.centre()))
}

/// What was found in a part, in photo pixels, without what its seams cut: that is whole in the photo or in a part beside it.
///
/// # Arguments
/// * `found` - in pixels of the part.
/// * `photo` - width and height in pixels.
/// * `priors` - added to the priors, so that those of different parts differ.
fn in_photo(found: &[Candidate], part: &Part, (width, height): (u32, u32), priors: u32) -> Vec<Candidate> {
    let region = &part.region;
    let (across, down) = (SEAM * region.width(), SEAM * region.height());
    let whole = |bbox: &BBox| {
        (bbox.x0 >= region.x0 + across || region.x0 <= 0.0)
            && (bbox.y0 >= region.y0 + down || region.y0 <= 0.0)
            && (bbox.x1 <= region.x1 - across || region.x1 >= width as f32)
            && (bbox.y1 <= region.y1 - down || region.y1 >= height as f32)
    };
    let moved = found.iter().map(|it| Candidate {
        bbox: BBox::new(it.bbox.x0 + region.x0, it.bbox.y0 + region.y0, it.bbox.x1 + region.x0, it.bbox.y1 + region.y0),
        score: it.score * part.trust,
        prior: it.prior + priors,
        ..*it
    });
    moved.filter(|it| it.score >= MIN_SCORE && whole(&it.bbox)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::CLOSER_PARTS;

    #[test]
    fn parts_cover_the_photo_and_overlap() {
        for size in [(640, 427), (3, 2), (1, 1)] {
            let parts = parts(size);
            assert_eq!(parts.len() as u32, CLOSER_PARTS);
            let (width, height) = (size.0 as f32, size.1 as f32);
            for Part { region, .. } in &parts {
                assert!(
                    region.x0 >= 0.0 && region.x1 <= width && region.y0 >= 0.0 && region.y1 <= height,
                    "{region:?}"
                );
                assert!(region.width() >= 1.0 && region.height() >= 1.0);
            }
        }
        let regions: Vec<BBox> = parts((640, 400)).iter().map(|part| part.region).collect();
        assert_eq!(regions[3], BBox::new(256.0, 160.0, 640.0, 400.0));
        assert_eq!(regions[8], BBox::new(192.0, 120.0, 448.0, 280.0), "the middle of nine");
        assert!(regions[4].intersection(&regions[5]) > 0.2 * regions[4].area());
    }

    #[test]
    fn a_part_pays_where_something_small_is_suspected_in_it() {
        let part = Part { region: BBox::new(0.0, 0.0, 100.0, 50.0), trust: 1.0 };
        let candidate =
            |x0: f32, x1: f32, y1: f32| Candidate { bbox: BBox::new(x0, 0.0, x1, y1), class: 1, score: 0.05, prior: 0 };
        assert!(pays(&part, &[candidate(10.0, 30.0, 20.0)]));
        assert!(!pays(&part, &[candidate(10.0, 85.0, 20.0)]), "nothing would look larger");
        assert!(!pays(&part, &[candidate(10.0, 30.0, 40.0)]), "too high");
        assert!(!pays(&part, &[candidate(150.0, 170.0, 20.0)]) && !pays(&part, &[]), "elsewhere, or nothing");
    }

    #[test]
    fn what_a_seam_cuts_is_left_out_but_not_what_the_photo_cuts() {
        let part = Part { region: BBox::new(0.0, 0.0, 100.0, 100.0), trust: 0.9 };
        let candidate =
            |x0: f32, x1: f32, score| Candidate { bbox: BBox::new(x0, 10.0, x1, 40.0), class: 1, score, prior: 3 };
        let found = [candidate(-2.0, 30.0, 0.5), candidate(60.0, 99.5, 0.9), candidate(20.0, 50.0, 0.05)];
        let kept = in_photo(&found, &part, (200, 200), 10_000);
        assert_eq!(kept.len(), 1, "cut at the right, and too unsure");
        assert_eq!((kept[0].bbox, kept[0].prior), (found[0].bbox, 10_003));
        assert!((kept[0].score - 0.45).abs() < 1e-6);
        let right = Part { region: BBox::new(100.0, 0.0, 200.0, 100.0), trust: 1.0 };
        let kept = in_photo(&found, &right, (200, 200), 0);
        assert_eq!(kept.iter().map(|it| it.bbox.x0).collect::<Vec<_>>(), [160.0, 120.0], "the photo ends at the right");
    }
}
