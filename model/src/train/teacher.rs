//! Boxes of a teacher on photos that people have not boxed: SSD looks several times, and what it finds is merged.
//!
//! On 79 photos of COCO whose boxes are known, looking at the whole photo, at its mirror image and at overlapping tiles
//! raised SSD's average precision from 33.9 to 38.1.

use std::{collections::BTreeMap, path::Path};

use burn::tensor::{Device, Tensor, TensorData};
use serde::{Deserialize, Serialize};

use super::{TrainError, course::write, labels::Folder, view::View};
use crate::{
    backbone::PhotoFeatures,
    heads::ssd::{INPUT, Ssd},
    structures::boxes::{BBox, Candidate, Suppression, suppress},
};

/// Boxes with a lower score are not kept.
pub const MIN_SCORE: f32 = 0.2;
/// From this score on a box counts as an object; below it nobody knows.
pub const SURE: f32 = 0.5;
/// Side of a tile as a share of the photo's.
const TILE: f32 = 0.6;
/// A box that ends this near to a side of a tile inside the photo, in fractions of the tile, may be cut there.
const EDGE: f32 = 0.02;
/// Photos between two copies on disk.
const CHUNK: usize = 200;

/// A box that the teacher found.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct TeacherBox {
    /// COCO category id.
    pub class: u16,
    /// Probability, at least [`MIN_SCORE`].
    pub score: f32,
    /// Where, in fractions of the photo.
    pub bbox: BBox,
}

/// The teacher's boxes by photo.
pub type TeacherBoxes = BTreeMap<String, Vec<TeacherBox>>;

/// What the teacher looks at: the photo, its mirror image and, if asked, four overlapping tiles.
fn looks(photo: &str, tiles: bool) -> Vec<View> {
    let whole = View::whole(photo);
    let mut views = vec![whole.clone(), View { mirror: true, ..whole.clone() }];
    if tiles {
        let corners = [(0.0, 0.0), (1.0 - TILE, 0.0), (0.0, 1.0 - TILE), (1.0 - TILE, 1.0 - TILE)];
        views.extend(corners.map(|(x, y)| View { crop: BBox::new(x, y, x + TILE, y + TILE), ..whole.clone() }));
    }
    views
}

/// Boxes of photos, computing those that the file does not have yet; an interrupted computation goes on.
///
/// # Arguments
/// * `path` - the file with the boxes.
/// * `photos` - sets and names.
/// * `tiles` - whether to look at tiles too.
/// * `done` - called with the number of photos done so far.
///
/// # Errors
/// When a photo cannot be read, the network fails, or the disk is full.
pub fn boxes(
    path: &Path,
    photos: &[String],
    tiles: bool,
    folder: &Folder,
    ssd: &Ssd,
    done: &dyn Fn(usize),
) -> Result<TeacherBoxes, TrainError> {
    let mut known: TeacherBoxes = match std::fs::read(path) {
        Ok(bytes) => serde_json::from_slice(&bytes).map_err(|error| TrainError::file(path)(error.into()))?,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => TeacherBoxes::new(),
        Err(error) => return Err(TrainError::file(path)(error)),
    };
    let missing: Vec<&String> = photos.iter().filter(|name| !known.contains_key(*name)).collect();
    for chunk in missing.chunks(CHUNK) {
        done(known.len());
        let find = |names: &[&String]| -> Result<Vec<_>, TrainError> {
            names.iter().map(|name| Ok(((*name).clone(), look(name, tiles, folder, ssd)?))).collect()
        };
        // burn's CPU backend runs our kernels on one thread: two photos side by side.
        let (left, right) = chunk.split_at(chunk.len() / 2);
        let found = std::thread::scope(|scope| -> Result<_, TrainError> {
            let second = scope.spawn(|| find(right));
            let mut found = find(left)?;
            found.extend(second.join().expect("the thread does not panic")?);
            Ok(found)
        })?;
        known.extend(found);
        write(path, serde_json::to_string(&known).expect("plain values").as_bytes())?;
    }
    Ok(known)
}

/// All looks at one photo, merged.
fn look(photo: &str, tiles: bool, folder: &Folder, ssd: &Ssd) -> Result<Vec<TeacherBox>, TrainError> {
    let pixels = folder.photo(photo)?;
    let mut candidates = Vec::new();
    for view in looks(photo, tiles) {
        let input = TensorData::new(view.input(&pixels), [1, INPUT, INPUT, 3]);
        let maps = ssd.features(Tensor::from_data(input, &Device::flex()));
        // A photo of one pixel: boxes come out in fractions of the view.
        let features = PhotoFeatures { photo: (1, 1), maps, map_ms: vec![] };
        let found = pollster::block_on(ssd.detect_in(&features))?;
        let rule = Suppression { min_score: MIN_SCORE, ..Suppression::default() };
        let kept = suppress(&found, &rule).kept.into_iter().map(|i| found[i]);
        candidates.extend(kept.filter_map(|candidate| in_photo(&candidate, &view)));
    }
    Ok(merge(&candidates))
}

/// A box in fractions of a view as one in fractions of the photo; `None` when the view may have cut it.
fn in_photo(candidate: &Candidate, view: &View) -> Option<Candidate> {
    let seen = candidate.bbox.clip(1.0, 1.0);
    let (x0, x1) = if view.mirror { (1.0 - seen.x1, 1.0 - seen.x0) } else { (seen.x0, seen.x1) };
    let crop = &view.crop;
    let cut = (x0 < EDGE && crop.x0 > 0.0)
        || (x1 > 1.0 - EDGE && crop.x1 < 1.0)
        || (seen.y0 < EDGE && crop.y0 > 0.0)
        || (seen.y1 > 1.0 - EDGE && crop.y1 < 1.0);
    let x = |x: f32| crop.x0 + x * crop.width();
    let y = |y: f32| crop.y0 + y * crop.height();
    let bbox = BBox::new(x(x0), y(seen.y0), x(x1), y(seen.y1));
    (!cut && bbox.area() > 0.0).then_some(Candidate { bbox, ..*candidate })
}

/// One box for each object that several looks found: the surest.
fn merge(candidates: &[Candidate]) -> Vec<TeacherBox> {
    let rule = Suppression { min_score: MIN_SCORE, ..Suppression::default() };
    let kept = suppress(candidates, &rule).kept.into_iter().map(|i| &candidates[i]);
    kept.map(|&Candidate { class, score, bbox, .. }| TeacherBox { class, score, bbox }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidate(bbox: BBox, score: f32) -> Candidate {
        Candidate { bbox, class: 1, score, prior: 0 }
    }

    #[test]
    fn boxes_come_back_from_mirrored_and_cropped_views() {
        let view = View { photo: String::new(), crop: BBox::new(0.4, 0.0, 1.0, 0.6), mirror: true };
        let found = in_photo(&candidate(BBox::new(0.0, 0.1, 0.5, 0.9), 0.5), &view).expect("it is not cut");
        for (found, expected) in found.bbox.to_xywh().iter().zip([0.7, 0.06, 0.3, 0.48]) {
            assert!((found - expected).abs() < 1e-6, "{:?}", found);
        }
        let back = view.bbox(&found.bbox);
        assert!((back.x0).abs() < 1e-6 && (back.x1 - 0.5).abs() < 1e-6);
    }

    #[test]
    fn what_a_tile_cuts_is_left_out() {
        let view = View { photo: String::new(), crop: BBox::new(0.4, 0.0, 1.0, 0.6), mirror: false };
        let kept = |bbox: BBox| in_photo(&candidate(bbox, 0.5), &view).is_some();
        assert!(!kept(BBox::new(0.0, 0.1, 0.5, 0.9)), "the left side is inside the photo");
        assert!(!kept(BBox::new(0.2, 0.1, 0.5, 1.0)), "so is the lower one");
        assert!(kept(BBox::new(0.2, 0.0, 1.0, 0.9)), "the others are the photo's own");
    }

    #[test]
    fn the_surest_look_counts() {
        let (a, b) = (BBox::new(0.1, 0.1, 0.5, 0.5), BBox::new(0.11, 0.1, 0.5, 0.5));
        let merged = merge(&[candidate(a, 0.4), candidate(b, 0.9), candidate(b, 0.1)]);
        assert_eq!(merged, [TeacherBox { class: 1, score: 0.9, bbox: b }]);
    }

    #[test]
    fn tiles_cover_the_photo() {
        let views = looks("a", true);
        assert_eq!(views.len(), 6);
        assert_eq!((views[5].crop.x1, views[5].crop.y1), (1.0, 1.0));
        assert_eq!(looks("a", false).len(), 2);
    }
}
