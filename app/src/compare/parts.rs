//! Where a run's time goes: the one place that says which part of a system each stage of the catalogue is.

use std::collections::BTreeMap;

use model::run::Run;

/// A part of a system.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// Finding out where to look.
    Proposals,
    /// The network on the whole photo.
    Backbone,
    /// What is computed from the maps, or for each region by itself, up to the result.
    Heads,
    /// Non-maximum suppression.
    Suppression,
    /// Several of them: an asynchronous device worked through stages that nobody waited for one by one.
    Together,
}

impl Part {
    /// Every part, in the order in which bars show them.
    pub const ALL: [Self; 5] = [Self::Proposals, Self::Backbone, Self::Heads, Self::Suppression, Self::Together];

    /// The word for the part in style sheets and files.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Proposals => "proposals",
            Self::Backbone => "backbone",
            Self::Heads => "heads",
            Self::Suppression => "suppression",
            Self::Together => "together",
        }
    }

    /// Its name in the page.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Proposals => "Proposals",
            Self::Backbone => "Backbone",
            Self::Heads => "Regions and heads",
            Self::Suppression => "Suppression",
            Self::Together => "Not timed apart",
        }
    }

    const fn index(self) -> usize {
        self as usize
    }
}

/// The part that a stage of the catalogue is; `None` for a key that is not known.
pub fn part_of(key: &str) -> Option<Part> {
    Some(match key {
        "selective-search" | "searched-proposals" | "rpn" | "proposals" | "windows" | "patches" => Part::Proposals,
        "input" | "input-416" | "input-288" | "mobilenet-v2" | "mobilenet-v2-416" | "mobilenet-v2-288" => {
            Part::Backbone
        }
        // The whole network at sixteen shifts of the photo.
        "shifted-passes" => Part::Backbone,
        "feature-pyramid" | "mask-pyramid" | "mask-pyramid-416" => Part::Backbone,
        // Of SSD and YOLO, and what goes on from their boxes.
        "class-scores" | "default-boxes" | "corrections" | "cells" | "cell-boxes" => Part::Heads,
        // Of regions: R-CNN's and the windows' run the network for each by itself.
        "rcnn-crops" | "crop-scores" | "crop-corrections" | "window-scores" | "patch-classes" => Part::Heads,
        "roi-align-7" | "roi-pool" | "spatial-pyramid" | "box-head-aligned" | "box-head" | "spp-head" => Part::Heads,
        "part-maps" | "part-votes" => Part::Heads,
        // Of people.
        "person-crops" | "heat-maps" | "joints" | "stretched-crops" | "pose-points" | "regressed-joints" => Part::Heads,
        "person-regions" | "keypoint-maps" | "keypoints" => Part::Heads,
        // Of masks and class maps.
        "roi-align" | "roi-align-14" | "mask-head" | "mask-head-416" => Part::Heads,
        "upsampling" | "score-maps" | "joint-scores" | "joint-map" | "class-map" | "stitched-map" | "painted-map" => {
            Part::Heads
        }
        // Of sentences, and of one class and one box.
        "region-features" | "region-features-416" | "words" | "words-416" => Part::Heads,
        "vector" | "two-heads" | "second-crop" | "second-look" | "third-crop" | "third-look" => Part::Heads,
        _ => return None,
    })
}

/// The times of one run by part.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Split {
    own: [f64; Part::ALL.len()],
    shared: [f64; Part::ALL.len()],
}

/// A piece of a bar.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Piece {
    /// What it is.
    pub part: Part,
    /// Whether an earlier row has computed it, so that it ran once for both.
    pub is_shared: bool,
    /// Milliseconds.
    pub ms: f64,
}

impl Split {
    /// Splits a run.
    ///
    /// # Arguments
    /// * `suppression_ms` - milliseconds of suppression on this page; `None` for results that need none.
    /// * `earlier` - milliseconds of the stages that earlier rows have, by key: what is shared took as long for all of them.
    pub fn of(run: &Run, suppression_ms: Option<f64>, earlier: &BTreeMap<String, f64>) -> Self {
        let mut split = Self::default();
        let mut is_queued = false;
        for stage in &run.stages {
            let part = match part_of(&stage.key) {
                // It has waited for what was queued before it.
                Some(_) if is_queued && !stage.queued => Part::Together,
                Some(part) => part,
                None => Part::Heads,
            };
            is_queued = stage.queued;
            let known = earlier.get(&*stage.key);
            split.add(part, known.is_some(), known.copied().unwrap_or(stage.ms));
        }
        if let Some(ms) = suppression_ms {
            split.add(Part::Suppression, false, ms);
        }
        split
    }

    fn add(&mut self, part: Part, is_shared: bool, ms: f64) {
        let times = if is_shared { &mut self.shared } else { &mut self.own };
        times[part.index()] += ms;
    }

    /// Milliseconds that the system takes by itself: what is shared included.
    pub fn total_ms(&self) -> f64 {
        self.shared_ms() + self.own_ms()
    }

    /// Milliseconds of what earlier rows have computed.
    pub fn shared_ms(&self) -> f64 {
        self.shared.iter().sum()
    }

    /// Milliseconds of what only this row has computed.
    pub fn own_ms(&self) -> f64 {
        self.own.iter().sum()
    }

    /// Milliseconds of a part, what is shared included.
    pub fn ms(&self, part: Part) -> f64 {
        self.own[part.index()] + self.shared[part.index()]
    }

    /// The share of a part in the whole, 0 to 1.
    pub fn share(&self, part: Part) -> f64 {
        self.ms(part) / self.total_ms().max(f64::MIN_POSITIVE)
    }

    /// The pieces of the bar: part by part, of each first what is shared. Empty ones are left out.
    pub fn pieces(&self) -> Vec<Piece> {
        let of_part = |part: Part| {
            let (shared, own) = (self.shared[part.index()], self.own[part.index()]);
            [Piece { part, is_shared: true, ms: shared }, Piece { part, is_shared: false, ms: own }]
        };
        Part::ALL.into_iter().flat_map(of_part).filter(|piece| piece.ms > 0.0).collect()
    }
}

#[cfg(test)]
mod tests {
    use model::{
        catalog::{CATALOG, System},
        structures::stage::Stage,
    };

    use super::*;

    fn stage(key: &'static str, ms: f64) -> Stage {
        Stage { key: key.into(), ms, passes: 0, reused: false, queued: false, progress: None, artifact: None }
    }

    fn run(stages: Vec<Stage>) -> Run {
        Run { system: System::FastRcnn, stages }
    }

    #[test]
    fn every_stage_of_the_catalogue_is_a_part() {
        for info in CATALOG {
            for stage in info.stages {
                assert!(part_of(stage.key).is_some(), "{} of {}: say which part it is", stage.key, info.key);
            }
        }
        assert_eq!(part_of("thinking"), None);
    }

    #[test]
    fn shared_work_is_part_of_the_whole_and_marked() {
        let stages = vec![stage("selective-search", 900.0), stage("mobilenet-v2-416", 60.0), stage("roi-pool", 40.0)];
        let alone = Split::of(&run(stages.clone()), Some(0.5), &BTreeMap::new());
        assert_eq!((alone.total_ms(), alone.shared_ms(), alone.own_ms()), (1000.5, 0.0, 1000.5));
        let after = Split::of(&run(stages), Some(0.5), &[("selective-search".to_owned(), 900.0)].into());
        assert_eq!((after.total_ms(), after.shared_ms(), after.own_ms()), (1000.5, 900.0, 100.5));
        assert_eq!((after.ms(Part::Proposals), after.ms(Part::Heads)), (900.0, 40.0));
        assert!((after.share(Part::Proposals) - 900.0 / 1000.5).abs() < 1e-12);
        let marks: Vec<_> = after.pieces().iter().map(|it| (it.part, it.is_shared)).collect();
        let own = [(Part::Backbone, false), (Part::Heads, false), (Part::Suppression, false)];
        assert_eq!(marks, [&[(Part::Proposals, true)][..], &own].concat());
        let pieces: f64 = after.pieces().iter().map(|it| it.ms).sum();
        assert!((pieces - after.total_ms()).abs() < 1e-9);
    }

    #[test]
    fn what_waited_for_a_queue_is_not_said_to_be_one_part() {
        let queued = |key, ms| Stage { queued: true, ..stage(key, ms) };
        let stages = vec![queued("mobilenet-v2-416", 0.1), queued("feature-pyramid", 0.1), stage("rpn", 30.0)];
        let split = Split::of(&run([stages, vec![stage("proposals", 2.0)]].concat()), None, &BTreeMap::new());
        assert_eq!((split.ms(Part::Together), split.ms(Part::Proposals)), (30.0, 2.0));
        assert!((split.ms(Part::Backbone) - 0.2).abs() < 1e-12);
    }
}
