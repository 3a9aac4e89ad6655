//! What each kind of artifact looks like: one file a view.
//!
//! A further view is a file here and an arm in [`view_of`].

mod anchor_cell;
mod anchors;
pub mod bars;
mod beams;
mod cell_wall;
mod cells;
pub mod choice;
mod class_map;
mod class_scores;
mod crops;
mod detections;
mod feature_maps;
mod heat_maps;
mod hierarchies;
mod input;
mod joints;
pub mod marks;
mod mask_grids;
mod part_maps;
mod patches;
mod person_crops;
mod pooled_regions;
pub mod pose_points;
mod proposals;
pub mod raster;
mod region_features;
mod roi_align;
mod stepping;
pub mod suppression;
mod two_heads;
mod upsampling;
mod vector;
mod wipe;
mod words;

pub use choice::thousands;
use leptos::prelude::*;
use model::{catalog::POSE_POINTS, structures::stage::Artifact};
use wasm_bindgen::JsValue;

use super::selection::{OpenStage, Reading, Selection};
use crate::{
    paint::pen::{Pen, Shown},
    stages::{SUPPRESSION, WIPE},
};

/// A stage as it is drawn and told. It borrows what the stage produced and is made anew for each reading, so it does its
/// work when asked, not when made.
pub trait StageView {
    /// One or two sentences that say what is seen, with the numbers of this photo.
    fn words(&self, selection: &Selection) -> String;

    /// What the visitor could do, as a sentence.
    fn to_try(&self) -> &'static str;

    /// Paints over the photo; also the small picture in the strip.
    ///
    /// # Errors
    /// What the browser says.
    fn draw(&self, pen: &Pen, shown: &Shown, selection: &Selection) -> Result<(), JsValue>;

    /// What the panel has below the sentences. Made once while the stage is open: it follows changes through `stage`.
    fn controls(&self, stage: OpenStage) -> AnyView;

    /// Whether what is drawn depends on [`Selection::pointed`].
    fn follows_pointer(&self) -> bool {
        false
    }

    /// Takes a click or a tap on the photo.
    ///
    /// # Arguments
    /// * `at` - in photo pixels.
    /// * `slack` - how far beside a thing still points at it, in photo pixels.
    fn press(&self, _at: (f32, f32), _slack: f32, _selection: &mut Selection) {}

    /// Takes a key while the photo has the focus. Returns whether it was one of the view's.
    ///
    /// # Arguments
    /// * `key` - its name in the browser, e.g. "ArrowLeft".
    fn key(&self, _key: &str, _selection: &mut Selection) -> bool {
        false
    }
}

/// The view of a stage; `None` where there is nothing to draw beside the photo.
pub fn view_of<'a>(it: &Reading<'a>) -> Option<Box<dyn StageView + 'a>> {
    match it.artifact {
        Artifact::Input(picture) => Some(Box::new(input::InputView { picture, photo: it.photo })),
        Artifact::FeatureMaps(maps) => {
            let maps = feature_maps::FeatureMapsView::of(maps, it);
            if it.key == feature_maps::UPSAMPLING {
                Some(Box::new(upsampling::UpsamplingView { maps }))
            } else {
                Some(Box::new(maps))
            }
        }
        Artifact::Hierarchies(found) => Some(Box::new(hierarchies::HierarchiesView { found })),
        Artifact::Anchors(anchors) => Some(Box::new(anchors::AnchorsView::of(anchors, it))),
        Artifact::Cells(cells) => Some(Box::new(cells::CellsView::of(cells, it))),
        Artifact::Proposals(proposals) => Some(Box::new(proposals::ProposalsView::of(proposals, it))),
        Artifact::Regions(regions) if pooled_regions::STAGES.contains(&it.key) => {
            Some(Box::new(pooled_regions::PooledRegionsView::of(regions, it)))
        }
        Artifact::Detections(_) if it.key == SUPPRESSION.key => Some(Box::new(suppression::SuppressionView::of(it))),
        Artifact::Detections(_) => Some(Box::new(detections::DetectionsView::of(it))),
        Artifact::Regions(regions) if it.key == crops::STAGE => Some(Box::new(crops::CropsView::of(regions, it))),
        Artifact::Regions(regions) if it.key == patches::STAGE => {
            Some(Box::new(patches::PatchesView { regions, photo: it.photo }))
        }
        Artifact::Regions(regions) if region_features::STAGES.contains(&it.key) => {
            Some(Box::new(region_features::RegionFeaturesView::of(regions, it)))
        }
        Artifact::ScoreMaps(parts) if it.key == part_maps::STAGE => {
            Some(Box::new(part_maps::PartMapsView::of(parts, it)))
        }
        Artifact::ScoreMaps(maps) if class_scores::STAGES.contains(&it.key) => {
            let scores = maps.first()?;
            Some(Box::new(class_scores::ClassScoresView::of(scores, it)))
        }
        Artifact::ClassMap(map) => Some(Box::new(class_map::ClassMapView::of(map, it))),
        Artifact::Captions(captions) => Some(Box::new(words::WordsView { captions, photo: it.photo })),
        Artifact::Location(location) => Some(Box::new(two_heads::TwoHeadsView::of(location, it))),
        Artifact::Vector(values) => Some(Box::new(vector::VectorView { values, photo: it.photo })),
        Artifact::Regions(regions) if person_crops::STAGES.contains(&it.key) => {
            Some(Box::new(person_crops::PersonCropsView::of(regions, it)))
        }
        Artifact::Regions(_) if roi_align::STAGES.contains(&it.key) => Some(Box::new(roi_align::RoiAlignView::of(it))),
        Artifact::ScoreMaps(people) if it.key == POSE_POINTS.key => {
            Some(Box::new(pose_points::PosePointsView { people }))
        }
        Artifact::ScoreMaps(people) if heat_maps::STAGES.contains(&it.key) => {
            Some(Box::new(heat_maps::HeatMapsView::of(people, it)))
        }
        Artifact::Masks(masks) if it.key == WIPE.key => Some(Box::new(wipe::WipeView::of(masks, it))),
        Artifact::Masks(masks) => Some(Box::new(mask_grids::MaskGridsView::of(masks, it))),
        Artifact::Skeletons(skeletons) => Some(Box::new(joints::JointsView::of(skeletons, it))),
        Artifact::Regions(_) | Artifact::ScoreMaps(_) => None,
    }
}
