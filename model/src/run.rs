//! The stages of one system on one photo: what systems send and the page keeps.

use serde::{Deserialize, Serialize};

use crate::{
    catalog::System,
    structures::{
        boxes::Candidate,
        caption::Caption,
        class_map::ClassMap,
        location::Location,
        mask::InstanceMask,
        skeleton::Skeleton,
        stage::{Artifact, Stage},
    },
};

/// The stages of one system on one photo, in order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// The system.
    pub system: System,
    /// Its stages so far.
    pub stages: Vec<Stage>,
}

impl Run {
    /// An empty run.
    #[must_use]
    pub const fn new(system: System) -> Self {
        Self { system, stages: Vec::new() }
    }

    /// Adds a stage, or replaces the one of the same key.
    pub fn note(&mut self, stage: Stage) {
        match self.stages.iter_mut().find(|known| known.key == stage.key) {
            Some(known) => *known = stage,
            None => self.stages.push(stage),
        }
    }

    /// A stage by its key.
    #[must_use]
    pub fn stage(&self, key: &str) -> Option<&Stage> {
        self.stages.iter().find(|stage| stage.key == key)
    }

    /// Milliseconds of the stages that this run has computed itself.
    #[must_use]
    pub fn total_ms(&self) -> f64 {
        self.stages.iter().filter(|stage| !stage.reused).map(|stage| stage.ms).sum()
    }

    /// The artifacts, first stage first.
    pub fn artifacts(&self) -> impl DoubleEndedIterator<Item = &Artifact> {
        self.stages.iter().filter_map(|stage| stage.artifact.as_ref())
    }

    /// The detections before suppression.
    #[must_use]
    pub fn detections(&self) -> Option<&[Candidate]> {
        self.artifacts().rev().find_map(|it| if let Artifact::Detections(found) = it { Some(&found[..]) } else { None })
    }

    /// The skeletons.
    #[must_use]
    pub fn skeletons(&self) -> Option<&[Skeleton]> {
        self.artifacts().rev().find_map(|it| if let Artifact::Skeletons(found) = it { Some(&found[..]) } else { None })
    }

    /// The instance masks.
    #[must_use]
    pub fn masks(&self) -> Option<&[InstanceMask]> {
        self.artifacts().rev().find_map(|it| if let Artifact::Masks(found) = it { Some(&found[..]) } else { None })
    }

    /// The class map.
    #[must_use]
    pub fn class_map(&self) -> Option<&ClassMap> {
        self.artifacts().rev().find_map(|it| if let Artifact::ClassMap(map) = it { Some(map) } else { None })
    }

    /// The captions.
    #[must_use]
    pub fn captions(&self) -> Option<&[Caption]> {
        self.artifacts().rev().find_map(|it| if let Artifact::Captions(said) = it { Some(&said[..]) } else { None })
    }

    /// The one class and the one box.
    #[must_use]
    pub fn location(&self) -> Option<&Location> {
        self.artifacts().rev().find_map(|it| if let Artifact::Location(found) = it { Some(found) } else { None })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stage_said_again_replaces_the_first() {
        let stage = |key: &'static str, ms, reused| Stage {
            key: key.into(),
            ms,
            passes: 0,
            reused,
            queued: false,
            progress: None,
            artifact: None,
        };
        let mut run = Run::new(System::Ssd);
        run.note(stage("input", 1.0, false));
        run.note(stage("mobilenet-v2", 30.0, true));
        run.note(stage("input", 2.0, false));
        assert_eq!((run.stages.len(), run.total_ms()), (2, 2.0));
        assert_eq!(run.detections(), None);
    }
}
