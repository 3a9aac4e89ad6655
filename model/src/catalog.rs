//! The systems that Lookout runs, one row each: what the picker, the address, the worker, the command line, the evaluation,
//! the benchmark and the tests read. No burn in here: the page links it.
//!
//! A further system is a variant of [`System`] with its row in [`CATALOG`], a file in `systems/` and an arm in
//! `systems::load`.

use serde::{Deserialize, Serialize};

use crate::structures::{class_map, classes::COCO_NAMES, location};

/// What a visitor wants to know about a photo.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Task {
    /// Labelled boxes.
    #[default]
    Boxes,
    /// The joints of every person.
    Skeletons,
    /// The pixels of every object.
    Masks,
    /// A class for each pixel.
    ClassMap,
    /// A sentence about the photo and about each prominent region.
    Captions,
    /// One class and one box for the whole photo.
    Localize,
    /// The default systems of all other tasks.
    Everything,
}

impl Task {
    /// Every task, in the order in which the page offers them.
    pub const ALL: [Self; 7] =
        [Self::Boxes, Self::Skeletons, Self::Masks, Self::ClassMap, Self::Captions, Self::Localize, Self::Everything];

    /// The word for the task in addresses and test ids.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Boxes => "boxes",
            Self::Skeletons => "skeletons",
            Self::Masks => "masks",
            Self::ClassMap => "class-map",
            Self::Captions => "captions",
            Self::Localize => "localize",
            Self::Everything => "everything",
        }
    }

    /// The task's name in the page.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Boxes => "Boxes",
            Self::Skeletons => "Skeletons",
            Self::Masks => "Masks",
            Self::ClassMap => "Class map",
            Self::Captions => "Captions",
            Self::Localize => "Localize",
            Self::Everything => "Everything",
        }
    }

    /// The task that a word names: the inverse of [`Task::key`].
    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|task| task.key() == key)
    }

    /// The systems of the task, the default one first; none for [`Task::Everything`], which has no picker.
    pub fn systems(self) -> impl Iterator<Item = &'static Info> {
        CATALOG.iter().filter(move |info| info.task == self)
    }

    /// The systems that answer the task with the visitor's choice of system.
    ///
    /// # Arguments
    /// * `chosen` - ignored unless it is one of the task's.
    ///
    /// # Returns
    /// The chosen or the default system; for [`Task::Everything`] the default systems of all other tasks, in the order in
    /// which they run.
    #[must_use]
    pub fn runs(self, chosen: Option<System>) -> Vec<System> {
        if self == Self::Everything {
            let tasks = Self::ALL.into_iter().filter(|&task| task != Self::Everything);
            return tasks.flat_map(|task| task.runs(None)).collect();
        }
        let of_task = chosen.filter(|system| system.info().task == self);
        of_task.or_else(|| self.systems().next().map(|info| info.system)).into_iter().collect()
    }
}

/// A detection system of the lecture.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum System {
    /// SSD.
    #[default]
    Ssd,
    /// Faster R-CNN.
    FasterRcnn,
    /// Fast R-CNN.
    FastRcnn,
    /// SPP-net.
    SppNet,
    /// R-FCN.
    #[serde(rename = "r-fcn")]
    RFcn,
    /// A window over the photo, in several sizes and shapes.
    SlidingWindow,
    /// Pose by heat maps in the boxes of people.
    #[serde(rename = "movenet")]
    MoveNet,
    /// Mask R-CNN's mask branch on SSD's boxes.
    Masks,
    /// Mask R-CNN.
    MaskRcnn,
    /// Fully convolutional network, down and up.
    Fcn,
    /// Fully convolutional network at every shift of the photo.
    FcnFull,
    /// A patch round each cell of a grid.
    SlidingSegmentation,
    /// A sentence for the photo and SSD's regions.
    Captions,
    /// DenseCap.
    #[serde(rename = "densecap")]
    DenseCap,
    /// Classification + localization.
    Localize,
}

impl System {
    /// The system's row.
    #[must_use]
    pub fn info(self) -> &'static Info {
        CATALOG.iter().find(|info| info.system == self).expect("a test looks for every system's row")
    }

    /// The word for the system in addresses, on the command line and in test ids.
    #[must_use]
    pub fn key(self) -> &'static str {
        self.info().key
    }

    /// The system that a word names.
    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        CATALOG.iter().find(|info| info.key == key).map(|info| info.system)
    }
}

/// A row of the catalogue.
#[derive(Debug, PartialEq, Eq)]
pub struct Info {
    /// The system.
    pub system: System,
    /// Its word in addresses, on the command line and in test ids.
    pub key: &'static str,
    /// Its name in the page.
    pub title: &'static str,
    /// The paper that describes it.
    pub paper: &'static str,
    /// What it answers.
    pub task: Task,
    /// The files with its weights, without folder and ending.
    pub weights: &'static [&'static str],
    /// The classes that it can name.
    pub classes: &'static [&'static str],
    /// Whether it is quick enough to follow a camera.
    pub live: bool,
    /// Its stages in the order in which they run.
    pub stages: &'static [StageInfo],
}

/// A stage of a system, as the page names it before it has run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StageInfo {
    /// Its word in addresses and test ids; equal in all systems that share the stage.
    pub key: &'static str,
    /// Its name in the page.
    pub title: &'static str,
}

const fn stage(key: &'static str, title: &'static str) -> StageInfo {
    StageInfo { key, title }
}

/// The photo as the detector reads it.
pub const INPUT: StageInfo = stage("input", "Input");
/// MobileNetV2's feature maps.
pub const BACKBONE: StageInfo = stage("mobilenet-v2", "Backbone");
/// SSD's six maps with the class scores of every default box on them.
pub const CLASS_SCORES: StageInfo = stage("class-scores", "Six maps");
/// SSD's head on its six maps, with the default boxes that it corrects.
pub const DEFAULT_BOXES: StageInfo = stage("default-boxes", "Default boxes");
/// SSD's corrected boxes with scores, before suppression.
pub const CORRECTIONS: StageInfo = stage("corrections", "Corrections");
/// Selective Search: segments, their merges and the proposals, which R-CNN, SPP-net and Fast R-CNN share.
pub const SELECTIVE_SEARCH: StageInfo = stage("selective-search", "Selective Search");

/// The photo as the region systems read it.
pub const INPUT_416: StageInfo = stage("input-416", "Input");
/// MobileNetV2's feature maps at the input of the region systems.
pub const BACKBONE_416: StageInfo = stage("mobilenet-v2-416", "Backbone");
/// The feature pyramid on the backbone.
pub const PYRAMID: StageInfo = stage("feature-pyramid", "Feature pyramid");
/// The region proposal network's anchors with their objectness and first correction.
pub const ANCHORS: StageInfo = stage("rpn", "Anchors");
/// The anchors that became proposals.
pub const PROPOSALS: StageInfo = stage("proposals", "Proposals");
/// The best regions of Selective Search.
pub const SEARCHED: StageInfo = stage("searched-proposals", "Proposals");
/// The proposals on the pyramid, without rounding.
pub const ROI_ALIGN: StageInfo = stage("roi-align-7", "RoIAlign");
/// The second stage on aligned regions.
pub const ALIGNED_BOX_HEAD: StageInfo = stage("box-head-aligned", "Box head");

/// Every system, those of a task together, its default first.
pub const CATALOG: &[Info] = &[
    Info {
        system: System::Ssd,
        key: "ssd",
        title: "SSD",
        paper: "Liu et al. 2016",
        task: Task::Boxes,
        weights: &["ssd"],
        classes: &COCO_NAMES,
        live: true,
        stages: &[INPUT, BACKBONE, CLASS_SCORES, DEFAULT_BOXES, CORRECTIONS],
    },
    Info {
        system: System::FasterRcnn,
        key: "faster-rcnn",
        title: "Faster R-CNN",
        paper: "Ren et al. 2015",
        task: Task::Boxes,
        weights: &["ssd", "rpn", "faster-rcnn"],
        classes: &COCO_NAMES,
        live: false,
        stages: &[
            INPUT_416,
            BACKBONE_416,
            PYRAMID,
            ANCHORS,
            PROPOSALS,
            stage("roi-pool", "RoIPool"),
            stage("box-head", "Box head"),
        ],
    },
    Info {
        system: System::FastRcnn,
        key: "fast-rcnn",
        title: "Fast R-CNN",
        paper: "Girshick 2015",
        task: Task::Boxes,
        weights: &["ssd", "rpn", "faster-rcnn"],
        classes: &COCO_NAMES,
        live: false,
        stages: &[
            SELECTIVE_SEARCH,
            SEARCHED,
            INPUT_416,
            BACKBONE_416,
            PYRAMID,
            stage("roi-pool-searched", "RoIPool"),
            stage("box-head-searched", "Box head"),
        ],
    },
    Info {
        system: System::SppNet,
        key: "spp-net",
        title: "SPP-net",
        paper: "He et al. 2014",
        task: Task::Boxes,
        weights: &["ssd", "rpn", "spp-net"],
        classes: &COCO_NAMES,
        live: false,
        stages: &[
            SELECTIVE_SEARCH,
            SEARCHED,
            INPUT_416,
            BACKBONE_416,
            PYRAMID,
            stage("spatial-pyramid", "Spatial pyramid"),
            stage("spp-head", "Head"),
        ],
    },
    Info {
        system: System::RFcn,
        key: "r-fcn",
        title: "R-FCN",
        paper: "Dai et al. 2016",
        task: Task::Boxes,
        weights: &["ssd", "rpn", "r-fcn"],
        classes: &COCO_NAMES,
        live: false,
        stages: &[
            INPUT_416,
            BACKBONE_416,
            PYRAMID,
            ANCHORS,
            PROPOSALS,
            stage("part-maps", "Score maps of parts"),
            stage("part-votes", "Votes"),
        ],
    },
    Info {
        system: System::SlidingWindow,
        key: "sliding-window",
        title: "Sliding window",
        paper: "Rowley et al. 1998",
        task: Task::Boxes,
        weights: &["ssd", "rpn", "mask-rcnn"],
        classes: &COCO_NAMES,
        live: false,
        stages: &[stage("windows", "Windows"), stage("window-scores", "Scored windows")],
    },
    Info {
        system: System::MoveNet,
        key: "movenet",
        title: "MoveNet",
        paper: "Votel and Li 2021",
        task: Task::Skeletons,
        weights: &["ssd", "movenet"],
        classes: &["person"],
        live: true,
        stages: &[
            INPUT,
            BACKBONE,
            CLASS_SCORES,
            DEFAULT_BOXES,
            CORRECTIONS,
            stage("person-crops", "Person crops"),
            stage("heat-maps", "Heat maps"),
            stage("joints", "Joints"),
        ],
    },
    Info {
        system: System::Masks,
        key: "masks",
        title: "Mask branch on SSD",
        paper: "He et al. 2017",
        task: Task::Masks,
        weights: &["ssd", "mask"],
        classes: &COCO_NAMES,
        live: true,
        stages: &[
            INPUT,
            BACKBONE,
            CLASS_SCORES,
            DEFAULT_BOXES,
            CORRECTIONS,
            stage("mask-pyramid", "Up to stride 4"),
            stage("roi-align", "RoIAlign"),
            stage("mask-head", "Mask branch"),
        ],
    },
    Info {
        system: System::MaskRcnn,
        key: "mask-rcnn",
        title: "Mask R-CNN",
        paper: "He et al. 2017",
        task: Task::Masks,
        weights: &["ssd", "rpn", "mask-rcnn", "mask"],
        classes: &COCO_NAMES,
        live: false,
        stages: &[
            INPUT_416,
            BACKBONE_416,
            PYRAMID,
            ANCHORS,
            PROPOSALS,
            ROI_ALIGN,
            ALIGNED_BOX_HEAD,
            stage("mask-pyramid-416", "Up to stride 4"),
            stage("roi-align-14", "RoIAlign of masks"),
            stage("mask-head-416", "Mask branch"),
        ],
    },
    Info {
        system: System::Fcn,
        key: "fcn",
        title: "Fully convolutional",
        paper: "Long et al. 2015",
        task: Task::ClassMap,
        weights: &["ssd", "segment"],
        classes: &class_map::CLASSES,
        live: true,
        stages: &[
            INPUT,
            BACKBONE,
            CLASS_SCORES,
            stage("upsampling", "Down and up"),
            stage("score-maps", "Score maps"),
            stage("class-map", "Class map"),
        ],
    },
    Info {
        system: System::FcnFull,
        key: "fcn-full",
        title: "Full resolution",
        paper: "Long et al. 2015",
        task: Task::ClassMap,
        weights: &["ssd", "segment"],
        classes: &class_map::CLASSES,
        live: false,
        stages: &[stage("shifted-passes", "Sixteen passes"), stage("stitched-map", "Class map")],
    },
    Info {
        system: System::SlidingSegmentation,
        key: "sliding-segmentation",
        title: "Sliding window",
        paper: "Farabet et al. 2013",
        task: Task::ClassMap,
        weights: &["ssd", "segment"],
        classes: &class_map::CLASSES,
        live: false,
        stages: &[
            stage("patches", "Patches"),
            stage("patch-classes", "Class of each centre"),
            stage("painted-map", "Class map"),
        ],
    },
    Info {
        system: System::Captions,
        key: "captions",
        title: "LSTM on SSD's regions",
        paper: "Johnson et al. 2016",
        task: Task::Captions,
        weights: &["ssd", "caption"],
        classes: &[],
        live: false,
        stages: &[
            INPUT,
            BACKBONE,
            CLASS_SCORES,
            DEFAULT_BOXES,
            CORRECTIONS,
            stage("region-features", "Regions"),
            stage("words", "Words"),
        ],
    },
    Info {
        system: System::DenseCap,
        key: "densecap",
        title: "DenseCap",
        paper: "Johnson et al. 2016",
        task: Task::Captions,
        weights: &["ssd", "rpn", "mask-rcnn", "caption"],
        classes: &[],
        live: false,
        stages: &[
            INPUT_416,
            BACKBONE_416,
            PYRAMID,
            ANCHORS,
            PROPOSALS,
            ROI_ALIGN,
            ALIGNED_BOX_HEAD,
            stage("region-features-416", "Regions"),
            stage("words-416", "Words"),
        ],
    },
    Info {
        system: System::Localize,
        key: "localize",
        title: "Classification + localization",
        paper: "Sermanet et al. 2014",
        task: Task::Localize,
        weights: &["ssd", "localize"],
        classes: &location::CLASSES,
        live: true,
        stages: &[INPUT, BACKBONE, stage("vector", "Vector"), stage("two-heads", "Two heads")],
    },
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn keys_and_systems_are_unique_and_name_each_other() {
        assert_eq!(CATALOG.iter().map(|info| info.key).collect::<BTreeSet<_>>().len(), CATALOG.len());
        assert_eq!(CATALOG.iter().map(|info| info.system).collect::<BTreeSet<_>>().len(), CATALOG.len());
        for info in CATALOG {
            assert_eq!((System::from_key(info.key), info.system.info().key), (Some(info.system), info.key));
            // The word in messages is the word in addresses.
            assert_eq!(serde_json::to_value(info.system).expect("a word"), info.key);
            let keys: BTreeSet<_> = info.stages.iter().map(|stage| stage.key).collect();
            assert_eq!(keys.len(), info.stages.len(), "{}: stages by name", info.key);
            assert!(info.weights.first() == Some(&"ssd"), "{}: all share the detector's backbone", info.key);
        }
    }

    #[test]
    fn every_system_has_a_row() {
        // A match without a wildcard: a new variant does not compile until it is listed here, and then needs its row.
        let listed = |system: System| match system {
            System::Ssd | System::FasterRcnn | System::FastRcnn | System::SppNet | System::RFcn => true,
            System::SlidingWindow | System::MoveNet => true,
            System::Masks | System::MaskRcnn | System::DenseCap => true,
            System::Fcn | System::FcnFull | System::SlidingSegmentation | System::Captions | System::Localize => true,
        };
        assert!(CATALOG.iter().all(|info| listed(info.system)));
        assert_eq!(CATALOG.len(), 15);
    }

    #[test]
    fn tasks_have_words_and_systems() {
        for task in Task::ALL {
            assert_eq!(Task::from_key(task.key()), Some(task));
            assert_eq!(task.systems().next().is_none(), task == Task::Everything);
        }
        assert_eq!(Task::from_key("dance"), None);
    }

    #[test]
    fn everything_runs_the_default_of_each_task_once() {
        assert_eq!(Task::Boxes.runs(None), [System::Ssd]);
        assert_eq!(Task::Boxes.runs(Some(System::Fcn)), [System::Ssd], "not one of the task's");
        let all = Task::Everything.runs(Some(System::Ssd));
        assert_eq!(all.len(), Task::ALL.len() - 1);
        assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len());
    }
}
