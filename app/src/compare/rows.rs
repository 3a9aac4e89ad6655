//! The rows of the comparison: which systems, in which order, and how far each is.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use model::{
    catalog::{Info, System, Task},
    structures::{proposal::Proposal, stage::Artifact},
};

use super::parts::Split;
use crate::{
    panel::progress::Pace,
    results::{Results, SystemRun},
};

/// How far a row is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// The visitor leaves it out.
    LeftOut,
    /// Its turn has not come.
    Waiting,
    /// It runs.
    Running,
    /// It was stopped; what it found until then is there.
    Stopped,
    /// Its result is there.
    Done,
}

impl State {
    /// The word for the state in test ids and files.
    pub const fn key(self) -> &'static str {
        match self {
            Self::LeftOut => "left-out",
            Self::Waiting => "waiting",
            Self::Running => "running",
            Self::Stopped => "stopped",
            Self::Done => "done",
        }
    }
}

/// A row.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Counts from 1.
    pub number: usize,
    /// The system.
    pub system: System,
    /// How far it is.
    pub state: State,
    /// What is known of it.
    pub run: Option<Arc<SystemRun>>,
    /// Where its time went.
    pub split: Split,
    /// How far its long stage is, and how quickly it goes.
    pub pace: Option<Pace>,
    /// Milliseconds of the whole run: measured once it is done, else extrapolated from the long stage once that has begun.
    pub whole_ms: Option<f64>,
    /// Passes of a network over pixels.
    pub passes: u32,
}

impl Row {
    /// The system's row of the catalogue.
    pub fn info(&self) -> &'static Info {
        self.system.info()
    }

    /// Milliseconds of a run that is done.
    pub fn ms(&self) -> Option<f64> {
        self.whole_ms.filter(|_| self.state == State::Done)
    }

    /// The regions that it looked at one by one; none for a system without proposals, `None` until they are there.
    pub fn proposals(&self) -> Option<&[Proposal]> {
        let run = &self.run.as_ref()?.run;
        if !has_proposals(self.info()) {
            return (self.state == State::Done).then_some(&[]);
        }
        run.artifacts().find_map(|it| if let Artifact::Proposals(found) = it { Some(&found[..]) } else { None })
    }
}

/// The stages that say where to look.
const PROPOSAL_STAGES: [&str; 3] = ["proposals", "searched-proposals", "windows"];
/// The stages that run the network for each region or shift of the photo, cheapest first.
const PASSES_FOR_EACH: [&str; 4] = ["shifted-passes", "window-scores", "patch-classes", "rcnn-crops"];

fn has_stage(info: &Info, key: &str) -> bool {
    info.stages.iter().any(|stage| stage.key == key)
}

fn has_proposals(info: &Info) -> bool {
    PROPOSAL_STAGES.into_iter().any(|key| has_stage(info, key))
}

/// How long a system takes beside others, by what it does: 0 for one that follows a camera.
fn cost(info: &Info) -> usize {
    let for_each = PASSES_FOR_EACH.into_iter().position(|key| has_stage(info, key));
    match for_each {
        Some(place) => 3 + place,
        None if has_stage(info, "selective-search") => 2,
        None => usize::from(!info.live),
    }
}

/// Whether a system runs its network again and again on one photo.
pub fn is_long(system: System) -> bool {
    cost(system.info()) > 2
}

/// The systems of a task, quick ones first.
pub fn order(task: Task) -> Vec<System> {
    let mut systems: Vec<&Info> = task.systems().collect();
    systems.sort_by_key(|info| cost(info)); // stable: else as in the catalogue
    systems.into_iter().map(|info| info.system).collect()
}

/// The systems that a comparison leaves out, from their keys with dots between them.
pub fn left_out(keys: &str) -> BTreeSet<System> {
    keys.split('.').filter_map(System::from_key).collect()
}

/// The inverse of [`left_out`].
pub fn left_out_keys(systems: &BTreeSet<System>) -> String {
    systems.iter().map(|it| it.key()).collect::<Vec<_>>().join(".")
}

/// Whether a run on a device has its result; a run on another device is measured again.
pub fn is_whole(results: &Results, system: System, device: Option<&str>) -> bool {
    let Some(known) = results.finished(system) else { return false };
    let of_device = device.is_none_or(|device| known.device == device);
    let ended = known.run.stages.iter().all(|stage| stage.progress.is_none());
    of_device && ended
}

/// The rows of a task.
///
/// # Arguments
/// * `without` - what the visitor leaves out.
/// * `device` - where systems run now.
/// * `running` - whose turn it is.
/// * `suppression_ms` - milliseconds that suppression of a run's detections takes on this page.
pub fn rows(
    task: Task,
    without: &BTreeSet<System>,
    results: &Results,
    device: Option<&str>,
    running: Option<System>,
    suppression_ms: impl Fn(&SystemRun) -> Option<f64>,
) -> Vec<Row> {
    let mut earlier = BTreeMap::new();
    let mut rows = Vec::new();
    for (index, system) in order(task).into_iter().enumerate() {
        let is_done = is_whole(results, system, device);
        let run = results.kept(system).filter(|it| device.is_none_or(|device| it.device == device));
        let state = match () {
            () if without.contains(&system) => State::LeftOut,
            () if running == Some(system) => State::Running,
            () if is_done => State::Done,
            () if run.as_ref().is_some_and(|it| it.run.stages.iter().any(|it| it.progress.is_some())) => State::Stopped,
            () => State::Waiting,
        };
        let run = run.filter(|_| matches!(state, State::Running | State::Stopped | State::Done));
        let suppression = run.as_deref().filter(|_| state == State::Done).and_then(&suppression_ms);
        let split = run.as_deref().map(|it| Split::of(&it.run, suppression, &earlier)).unwrap_or_default();
        let stages = run.iter().flat_map(|it| &it.run.stages);
        let passes = stages.clone().map(|stage| stage.passes).sum();
        let long = stages.clone().find(|stage| stage.progress.is_some());
        let extrapolated = long.filter(|it| it.passes > 0).map(|it| split.total_ms() - it.ms + Pace::of(it).whole_ms());
        let whole_ms = if state == State::Done { Some(split.total_ms()) } else { extrapolated };
        let pace = long.map(Pace::of);
        for stage in stages.filter(|it| it.progress.is_none()) {
            earlier.entry(stage.key.to_string()).or_insert(stage.ms);
        }
        rows.push(Row { number: index + 1, system, state, run, split, pace, whole_ms, passes });
    }
    rows
}

fn done(rows: &[Row]) -> impl Iterator<Item = &Row> {
    rows.iter().filter(|row| row.state == State::Done)
}

/// Milliseconds of all rows that are done together: what several share is in there once.
pub fn together_ms(rows: &[Row]) -> f64 {
    done(rows).map(|row| row.split.own_ms()).sum()
}

/// Milliseconds of all rows that are done, each from nothing.
pub fn apart_ms(rows: &[Row]) -> f64 {
    done(rows).map(|row| row.split.total_ms()).sum()
}

#[cfg(test)]
pub mod tests {
    use model::structures::stage::{Progress, Stage};

    use super::*;

    /// A stage that took some time.
    pub fn stage(key: &'static str, ms: f64, passes: u32, artifact: Option<Artifact>) -> Stage {
        Stage { key: key.into(), ms, passes, reused: false, queued: false, progress: None, artifact }
    }

    /// A stage's key, milliseconds and passes.
    type Took = (&'static str, f64, u32);

    /// Results with a run of each system, the last stage with its result.
    pub fn results(runs: &[(System, &[Took])]) -> Results {
        let mut results = Results::new(1);
        for (system, stages) in runs {
            let last = system.info().stages.last().map(|it| it.key);
            for &(key, ms, passes) in *stages {
                let artifact = match key {
                    key if Some(key) == last => Some(Artifact::Detections(vec![])),
                    "proposals" | "searched-proposals" => Some(Artifact::Proposals(vec![])),
                    _ => None,
                };
                results.note(*system, stage(key, ms, passes, artifact), "cpu", ms);
            }
        }
        results
    }

    fn plain(results: &Results) -> Vec<Row> {
        rows(Task::Boxes, &BTreeSet::new(), results, Some("cpu"), None, |_| None)
    }

    fn row(rows: &[Row], system: System) -> Row {
        rows.iter().find(|row| row.system == system).cloned().expect("it is one of the task's")
    }

    #[test]
    fn quick_systems_come_first() {
        let boxes = order(Task::Boxes).into_iter().map(System::key).collect::<Vec<_>>();
        let quick = ["ssd", "yolo", "faster-rcnn", "r-fcn", "fast-rcnn", "spp-net", "sliding-window", "rcnn"];
        assert_eq!(boxes, quick);
        assert_eq!(
            order(Task::ClassMap),
            [System::Fcn, System::FcnMasks, System::FcnFull, System::SlidingSegmentation]
        );
        for task in Task::ALL {
            assert_eq!(order(task).len(), task.systems().count(), "every system once");
        }
        assert!(is_long(System::Rcnn) && !is_long(System::FastRcnn));
    }

    #[test]
    fn what_is_left_out_is_read_as_it_was_written() {
        let systems = BTreeSet::from([System::Rcnn, System::SlidingWindow]);
        assert_eq!(left_out(&left_out_keys(&systems)), systems);
        assert_eq!(left_out("hog..rcnn"), [System::Rcnn].into());
        assert!(left_out("").is_empty());
        let rows = rows(Task::Boxes, &systems, &Results::new(1), None, None, |_| None);
        let out: Vec<_> = rows.iter().filter(|row| row.state == State::LeftOut).map(|row| row.system).collect();
        assert_eq!(out, [System::SlidingWindow, System::Rcnn]);
    }

    #[test]
    fn work_that_rows_share_counts_once() {
        let shared = [("input-416", 2.0, 0), ("mobilenet-v2-416", 60.0, 1), ("feature-pyramid", 10.0, 0)];
        let proposals = [("rpn", 8.0, 0), ("proposals", 2.0, 0)];
        let faster = [&shared[..], &proposals, &[("roi-align-7", 5.0, 0), ("box-head-aligned", 20.0, 0)]].concat();
        let r_fcn = [&shared[..], &proposals, &[("part-maps", 30.0, 0), ("part-votes", 3.0, 0)]].concat();
        let rows = plain(&results(&[(System::FasterRcnn, &faster), (System::RFcn, &r_fcn)]));
        let (faster, r_fcn) = (row(&rows, System::FasterRcnn), row(&rows, System::RFcn));
        assert_eq!(
            (faster.state, faster.ms(), faster.split.shared_ms(), faster.passes),
            (State::Done, Some(107.0), 0.0, 1)
        );
        assert_eq!((r_fcn.ms(), r_fcn.split.shared_ms(), r_fcn.split.own_ms()), (Some(115.0), 82.0, 33.0));
        assert_eq!((together_ms(&rows), apart_ms(&rows)), (140.0, 222.0));
        assert_eq!(row(&rows, System::Ssd).state, State::Waiting);
    }

    #[test]
    fn a_run_on_another_device_runs_again() {
        let stages: Vec<_> = System::RFcn.info().stages.iter().map(|it| (it.key, 1.0, 0)).collect();
        let known = results(&[(System::RFcn, &stages)]);
        assert!(is_whole(&known, System::RFcn, Some("cpu")) && is_whole(&known, System::RFcn, None));
        assert!(!is_whole(&known, System::RFcn, Some("gpu")));
        let kept = row(&plain(&known), System::RFcn).proposals().map(<[_]>::len);
        let closed = row(&plain(&known.closed()), System::RFcn);
        assert_eq!(
            (kept, closed.state, closed.proposals()),
            (Some(0), State::Done, None),
            "a film strip keeps results only"
        );
        let gpu = rows(Task::Boxes, &BTreeSet::new(), &known, Some("gpu"), None, |_| None);
        assert_eq!((row(&gpu, System::RFcn).state, row(&gpu, System::RFcn).ms()), (State::Waiting, None));
    }

    #[test]
    fn a_stopped_run_is_extrapolated_from_its_long_stage() {
        let mut known = results(&[(System::Rcnn, &[("selective-search", 900.0, 0)])]);
        assert_eq!(row(&plain(&known), System::Rcnn).whole_ms, None, "nothing can be said yet");
        let progress = Some(Progress { done: 100, total: 2000 });
        known.note(System::Rcnn, Stage { progress, ..stage("rcnn-crops", 1500.0, 100, None) }, "cpu", 1.0);
        let rcnn = row(&plain(&known), System::Rcnn);
        assert_eq!((rcnn.state, rcnn.passes, rcnn.ms()), (State::Stopped, 100, None));
        assert!((rcnn.whole_ms.expect("the long stage has begun") - 30_900.0).abs() < 1e-6);
        assert!(rcnn.pace.is_some_and(|it| it.stopped().starts_with("Stopped after 100 of 2000 crops")));
    }
}
