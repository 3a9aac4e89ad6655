//! What is painted, said, listed and exported for each kind of result: one file a kind.
//!
//! A further kind of result is a file here and an arm in [`layer_of`], the page's only match on kinds.

mod captions;
mod class_map;
mod detections;
mod location;
mod masks;
mod skeletons;

use std::{any::Any, sync::Arc};

use model::{
    run::Run,
    structures::{
        boxes::BBox, caption::Caption, location::Location, mask::InstanceMask, skeleton::Skeleton, stage::Artifact,
    },
};
use wasm_bindgen::JsValue;

pub use captions::{CaptionLayer, KIND as CAPTIONS, slot_of_region};
pub use class_map::{ClassMapLayer, KIND as CLASS_MAP};
pub use location::{KIND as LOCATION, LocationLayer};
pub use masks::{KIND as MASKS, MaskLayer};
pub use skeletons::{KIND as SKELETONS, SkeletonLayer};

use crate::{
    findings::{Finding, Findings},
    legend::Legend,
    paint::{
        pen::{Pen, Shown},
        view::View,
    },
    results::shown_of,
    settings::Settings,
};
use detections::DetectionLayer;

/// A point of the canvas that the pointer is at.
#[derive(Clone, Copy, Debug)]
pub struct PointerAt {
    /// In CSS pixels of the canvas.
    pub canvas: (f32, f32),
    /// How far beside a thing still points at it, in CSS pixels.
    pub slack: f32,
    /// Where the photo lies on the canvas.
    pub view: View,
}

impl PointerAt {
    /// The point in photo pixels.
    pub fn photo(&self) -> (f32, f32) {
        self.view.to_photo(self.canvas)
    }

    /// The slack in photo pixels.
    pub fn photo_slack(&self) -> f32 {
        self.slack / self.view.scale
    }
}

/// A part of the panel, most of them asked for by a layer; what it looks like is the panel's matter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Section {
    /// Things by class, and each in a row.
    Things,
    /// What is adjusted of boxes.
    AdjustBoxes,
    /// What acts on the thing that was clicked.
    Held,
    /// What several layers add to the photo.
    Additions,
    /// Captions word by word.
    Captions,
    /// The photo's caption beside other results.
    Sentence,
    /// The captions of regions beside other results.
    RegionCaptions,
    /// The key to a class map.
    Legend,
    /// The classes of a class map beside other results.
    Classes,
    /// How strongly colours cover the photo.
    Opacity,
    /// The probabilities of one class.
    Probabilities,
    /// One class, one box beside other results.
    Location,
    /// What is adjusted of masks.
    AdjustMasks,
    /// What cuts things out.
    CutOut,
    /// People with the joints of one of them.
    People,
    /// What is adjusted of skeletons.
    AdjustSkeletons,
    /// What looks at parts of the photo, too.
    CloserLook,
    /// Where the time went.
    Timings,
    /// The ways out.
    Exports,
}

/// What a layer shows, as files hold it; all in photo pixels.
pub enum ResultData<'a> {
    /// Things, some of them with masks.
    Detections {
        /// The things.
        findings: &'a [Finding],
        /// The masks of some of them.
        masks: &'a [InstanceMask],
    },
    /// People.
    Skeletons {
        /// The people, with COCO's 17 joints.
        people: Vec<&'a Skeleton>,
        /// Whether the lecture's 14 joints are shown.
        fourteen: bool,
    },
    /// Classes with their shares.
    ClassMap(&'a Legend),
    /// Sentences.
    Captions(&'a [Caption]),
    /// One class, one box.
    Location(&'a Location),
}

impl ResultData<'_> {
    /// Whether COCO has a format for it: objects in boxes.
    pub const fn is_objects(&self) -> bool {
        matches!(self, Self::Detections { .. } | Self::Skeletons { .. })
    }
}

/// A result of one kind under the visitor's settings.
///
/// Several layers on one photo have a leading one, which gives headline, list and export; the others accompany it, on the
/// photo and in sections of the panel.
pub trait Layer: Send + Sync {
    /// The kind in a word: layers of one kind share their lists and sliders.
    fn kind(&self) -> &'static str;

    /// For the scene, which looks a layer of one type up.
    fn as_any(&self) -> &dyn Any;

    /// The same result under other settings.
    fn under(&self, settings: &Settings) -> Arc<dyn Layer>;

    /// How much a layer says beside others: the leading one has most.
    fn rank(&self) -> u8 {
        0
    }

    /// The result in a few words.
    fn headline(&self) -> String;

    /// More about it; may be empty.
    fn words(&self) -> String;

    /// What was found, as short as below a small picture.
    fn in_short(&self) -> String {
        self.headline()
    }

    /// As [`Layer::words`], or a way out of an empty result.
    fn detail(&self) -> String {
        self.words()
    }

    /// Paints what lies below the labels.
    ///
    /// # Arguments
    /// * `joint` - whether other layers are painted over it.
    ///
    /// # Errors
    /// What the browser says.
    fn draw(&self, pen: &Pen, shown: &Shown, joint: bool) -> Result<(), JsValue>;

    /// Paints labels over everything.
    ///
    /// # Errors
    /// What the browser says.
    fn draw_labels(&self, _pen: &Pen, _shown: &Shown) -> Result<(), JsValue> {
        Ok(())
    }

    /// Paints what lies below the leading layer.
    ///
    /// # Errors
    /// What the browser says.
    fn underlie(&self, _pen: &Pen, _shown: &Shown) -> Result<(), JsValue> {
        Ok(())
    }

    /// Paints what the layer adds over the leading one.
    ///
    /// # Arguments
    /// * `highlighted` - the box of what stands out.
    ///
    /// # Errors
    /// What the browser says.
    fn accompany(&self, _pen: &Pen, _shown: &Shown, _highlighted: Option<BBox>) -> Result<(), JsValue> {
        Ok(())
    }

    /// The key of what is under the pointer.
    fn hit(&self, _at: &PointerAt) -> Option<usize> {
        None
    }

    /// Whether each place of the photo can be read, e.g. its class.
    fn is_readable(&self) -> bool {
        false
    }

    /// The detections that it is made of, if any.
    fn findings(&self) -> Option<&Arc<Findings>> {
        None
    }

    /// The score of the best guess, where the settings let nothing pass.
    fn best_guess(&self) -> Option<f32> {
        None
    }

    /// What is on show of the result, for files.
    fn data(&self) -> ResultData<'_>;

    /// The list in the panel. It stays while the settings change: it reads the scene itself.
    fn list(&self) -> Section;

    /// The sliders in the panel, if there is anything to adjust.
    fn sliders(&self) -> Option<Section> {
        None
    }

    /// What the panel offers below the sliders.
    fn tools(&self) -> Option<Section> {
        None
    }

    /// What the panel shows above the leading layer's list.
    fn companion(&self) -> Option<Section> {
        None
    }

    /// What the panel shows below the leading layer's list.
    fn section(&self) -> Option<Section> {
        None
    }

    /// The name of what the layer adds to the leading one on the photo, if it adds anything: it can be switched off.
    fn addition(&self) -> Option<&'static str> {
        None
    }

    /// What it found, in a few words, where the leading layer found nothing.
    fn finding(&self) -> Option<String> {
        None
    }
}

/// The layer of what a run has to show, under the usual settings; none while there is nothing, or nothing that is drawn.
pub fn layer_of(run: &Run) -> Option<Arc<dyn Layer>> {
    let detections = || run.detections().unwrap_or_default();
    match shown_of(run)? {
        Artifact::Detections(found) => Some(Arc::new(DetectionLayer::of(found))),
        Artifact::Masks(masks) => Some(Arc::new(MaskLayer::of(masks, detections(), run.skeletons()))),
        Artifact::Skeletons(skeletons) => Some(Arc::new(SkeletonLayer::of(skeletons, detections()))),
        Artifact::ClassMap(map) => Some(Arc::new(ClassMapLayer::of(map))),
        Artifact::Captions(captions) => Some(Arc::new(CaptionLayer::of(captions, detections()))),
        Artifact::Location(location) => Some(Arc::new(LocationLayer::of(location))),
        Artifact::Input(_)
        | Artifact::FeatureMaps(_)
        | Artifact::Anchors(_)
        | Artifact::Cells(_)
        | Artifact::Regions(_)
        | Artifact::ScoreMaps(_)
        | Artifact::Hierarchies(_)
        | Artifact::Proposals(_)
        | Artifact::Vector(_) => None,
    }
}
