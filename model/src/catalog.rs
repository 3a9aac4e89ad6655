//! The systems that Lookout runs, one row each: what the picker, the address, the worker, the command line, the evaluation,
//! the benchmark and the tests read. No burn in here: the page links it.
//!
//! A further system is a variant of [`System`] with its row in [`CATALOG`], a file in `systems/` and an arm in
//! `systems::load`.

mod measures;
mod rows;

use serde::{Deserialize, Serialize};

pub use self::{
    measures::{Measured, Published},
    rows::*,
};

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
    /// R-CNN.
    Rcnn,
    /// SPP-net.
    SppNet,
    /// R-FCN.
    #[serde(rename = "r-fcn")]
    RFcn,
    /// YOLO.
    Yolo,
    /// A window over the photo, in several sizes and shapes.
    SlidingWindow,
    /// Pose by heat maps in the boxes of people.
    #[serde(rename = "movenet")]
    MoveNet,
    /// Pose by regression in the boxes of people.
    PoseRegression,
    /// Mask R-CNN's keypoint branch on Faster R-CNN's people.
    KeypointRcnn,
    /// Mask R-CNN's mask branch on SSD's boxes.
    Masks,
    /// Mask R-CNN.
    MaskRcnn,
    /// Fully convolutional network, down and up.
    Fcn,
    /// Fully convolutional network, down and up, and the masks of boxed things.
    FcnMasks,
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
    /// Classification + localization, and twice more on a crop round the box.
    IterativeLocalization,
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

impl Info {
    /// Whether it stands on SSD's boxes, so that [`CLOSER_LOOK`] can find it more of them.
    #[must_use]
    pub fn can_look_closer(&self) -> bool {
        self.stages.contains(&CORRECTIONS)
    }
}

const fn stage(key: &'static str, title: &'static str) -> StageInfo {
    StageInfo { key, title }
}

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
            System::Rcnn | System::Yolo | System::SlidingWindow | System::MoveNet => true,
            System::PoseRegression | System::KeypointRcnn | System::Masks | System::MaskRcnn | System::DenseCap => true,
            System::FcnMasks | System::Fcn | System::FcnFull | System::SlidingSegmentation => true,
            System::Captions | System::Localize | System::IterativeLocalization => true,
        };
        assert!(CATALOG.iter().all(|info| listed(info.system)));
        assert_eq!(CATALOG.len(), 21);
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
