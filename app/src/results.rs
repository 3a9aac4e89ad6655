//! What is known about the photo on show: a run of each system that was asked, stage by stage.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use model::{
    catalog::{CATALOG, CLOSER_LOOK, CORRECTIONS, Info, System},
    run::Run,
    structures::stage::{Artifact, Stage},
};

/// A system's run with where and how quickly it ran.
#[derive(Clone, Debug, PartialEq)]
pub struct SystemRun {
    /// The stages so far.
    pub run: Run,
    /// What ran it, in words.
    pub device: String,
    /// Milliseconds from the request to the result, loading included.
    pub wall_ms: f64,
    /// Numbers the result, unlike any other on the page; `None` until it is there.
    pub result: Option<u32>,
    /// Numbers what is on show: the result, or what a long stage has found so far.
    pub shown: Option<u32>,
}

/// The runs on one photo by system.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Results {
    /// The photo, as the engine names it.
    pub photo: u32,
    runs: Vec<Arc<SystemRun>>,
    /// Those that have looked at parts of the photo, too.
    closer: Vec<Arc<SystemRun>>,
}

/// The key of the stage that a run ends with.
fn last_key(run: &Run, closer: bool) -> Option<&'static str> {
    let last = run.system.info().stages.last()?;
    Some(if closer && *last == CORRECTIONS { CLOSER_LOOK.key } else { last.key })
}

/// The artifact that a run ends with, once it is there.
pub fn result_of(run: &Run) -> Option<&Artifact> {
    let last = run.stage(last_key(run, run.stage(CLOSER_LOOK.key).is_some())?)?;
    last.artifact.as_ref().filter(|_| last.progress.is_none())
}

/// What a run has to show: its result, else what a long stage has found so far.
pub fn shown_of(run: &Run) -> Option<&Artifact> {
    let so_far = || run.stages.last().filter(|stage| stage.progress.is_some())?.artifact.as_ref();
    result_of(run).or_else(so_far)
}

impl Results {
    /// Nothing known about a photo.
    pub const fn new(photo: u32) -> Self {
        Self { photo, runs: Vec::new(), closer: Vec::new() }
    }

    /// The finished runs without what only a look inside needs, to be kept for a photo that is not on show.
    pub fn closed(&self) -> Self {
        let close = |known: &Arc<SystemRun>| {
            if known.run.artifacts().all(is_result) {
                return known.clone();
            }
            let mut closed = SystemRun::clone(known);
            for stage in &mut closed.run.stages {
                stage.artifact = stage.artifact.take().filter(is_result);
            }
            Arc::new(closed)
        };
        let runs = self.runs.iter().filter(|it| it.result.is_some()).map(close).collect();
        Self { runs, ..Self::new(self.photo) }
    }

    /// Takes over a whole run.
    ///
    /// # Arguments
    /// * `device` - what has run it, in words.
    pub fn note_run(&mut self, run: Run, device: &str) {
        let wall_ms = run.total_ms();
        run.stages.into_iter().for_each(|stage| self.note(run.system, stage, device, wall_ms));
    }

    /// The run of a system, finished or not.
    pub fn run(&self, system: System) -> Option<&SystemRun> {
        self.runs.iter().find(|it| it.run.system == system).map(|it| &**it)
    }

    /// As [`Results::run`], to be kept.
    pub fn kept(&self, system: System) -> Option<Arc<SystemRun>> {
        self.runs.iter().find(|it| it.run.system == system).cloned()
    }

    /// The run of a system that has its result.
    pub fn finished(&self, system: System) -> Option<&SystemRun> {
        self.run(system).filter(|it| it.result.is_some())
    }

    /// A long stage of one of some systems that is on its way, or was when the run was cancelled.
    pub fn unfinished(&self, systems: &[System]) -> Option<&Stage> {
        let runs = systems.iter().filter_map(|&system| self.run(system)).filter(|it| it.result.is_none());
        runs.filter_map(|it| it.run.stages.last()).find(|stage| stage.progress.is_some())
    }

    /// Whether no system has its result.
    pub fn is_empty(&self) -> bool {
        self.newest().is_none()
    }

    /// The number of the newest result.
    pub fn newest(&self) -> Option<u32> {
        self.runs.iter().filter_map(|it| it.result).max()
    }

    /// Whether every stage of a system has its artifact, as looking inside needs.
    pub fn is_open(&self, system: System) -> bool {
        let Some(known) = self.finished(system) else { return false };
        let has = |key| known.run.stage(key).is_some_and(|stage| stage.artifact.is_some());
        system.info().stages.iter().all(|stage| has(stage.key))
    }

    /// Takes over a stage of a run that looks at parts of the photo, too.
    ///
    /// # Arguments
    /// * `device` - what has run it, in words.
    /// * `wall_ms` - milliseconds since the request.
    pub fn note_closer(&mut self, system: System, stage: Stage, device: &str, wall_ms: f64) {
        entry(&mut self.closer, system, device).note(stage, wall_ms, true);
    }

    /// The run of a system that has looked at parts of the photo, too, finished or not; one on another device than the plain
    /// run's does not count.
    pub fn closer_run(&self, system: System) -> Option<&SystemRun> {
        let device = &self.run(system)?.device;
        self.closer.iter().find(|it| it.run.system == system && it.device == *device).map(|it| &**it)
    }

    /// Whether all of some systems that can have looked closer.
    pub fn is_closer(&self, systems: &[System]) -> bool {
        let mut able = systems.iter().filter(|system| system.info().can_look_closer()).peekable();
        let is_done = |&system: &System| self.closer_run(system).is_some_and(|it| it.result.is_some());
        able.peek().is_some() && able.all(is_done)
    }

    /// Takes over a stage. Other systems whose stages are the first ones of this one's have it as well: the boxes that
    /// skeletons need are the result of the detector.
    ///
    /// # Arguments
    /// * `device` - what has run it, in words.
    /// * `wall_ms` - milliseconds since the request.
    pub fn note(&mut self, system: System, stage: Stage, device: &str, wall_ms: f64) {
        for info in CATALOG.iter().filter(|info| begins(system.info(), info) && info.system != system) {
            let shared = info.stages.iter().any(|it| it.key == stage.key);
            if shared && self.finished(info.system).is_none() {
                entry(&mut self.runs, info.system, device).note(stage.clone(), wall_ms, false);
            }
        }
        entry(&mut self.runs, system, device).note(stage, wall_ms, false);
    }
}

/// The run of a system on a device. Another device computes a little otherwise: what is known from it does not count.
fn entry<'a>(runs: &'a mut Vec<Arc<SystemRun>>, system: System, device: &str) -> &'a mut SystemRun {
    runs.retain(|it| it.run.system != system || it.device == device);
    let known = runs.iter().position(|it| it.run.system == system);
    let index = known.unwrap_or_else(|| {
        let (run, device) = (Run::new(system), device.to_owned());
        runs.push(Arc::new(SystemRun { run, device, wall_ms: 0.0, result: None, shown: None }));
        runs.len() - 1
    });
    Arc::make_mut(&mut runs[index])
}

/// Whether an artifact is of a kind that results have.
const fn is_result(artifact: &Artifact) -> bool {
    matches!(
        artifact,
        Artifact::Detections(_)
            | Artifact::Masks(_)
            | Artifact::Skeletons(_)
            | Artifact::ClassMap(_)
            | Artifact::Captions(_)
            | Artifact::Location(_)
    )
}

/// Whether the stages of a system begin with all of another's.
fn begins(system: &Info, with: &Info) -> bool {
    system.stages.starts_with(with.stages)
}

impl SystemRun {
    fn note(&mut self, mut stage: Stage, wall_ms: f64, closer: bool) {
        if self.result.is_none() {
            self.wall_ms = wall_ms;
        }
        let is_last = last_key(&self.run, closer).is_some_and(|last| last == stage.key);
        let mut changed = is_last;
        if let Some(known) = self.run.stages.iter_mut().find(|it| it.key == stage.key) {
            // The last step of a long stage may have found nothing more: it is the result all the same.
            let is_new = known.progress.is_some() || stage.artifact != known.artifact;
            changed &= stage.artifact.is_some() && is_new;
            // Asked again, e.g. to look inside: the time is that of the first answer, and nothing known is lost.
            if stage.reused && !known.reused {
                (stage.reused, stage.ms, stage.passes) = (false, known.ms, known.passes);
            }
            stage.artifact = stage.artifact.or_else(|| known.artifact.take());
        }
        let is_partial = stage.progress.is_some() && stage.artifact.is_some();
        self.run.note(stage);
        if is_partial && self.result.is_none() {
            self.shown = Some(next_number());
        }
        if changed && result_of(&self.run).is_some() {
            self.result = Some(next_number());
            self.shown = self.result;
        }
    }
}

fn next_number() -> u32 {
    static NEXT: AtomicU32 = AtomicU32::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

#[cfg(test)]
mod tests {
    use model::structures::{boxes::Candidate, class_map::ClassMap};

    use super::*;

    fn stage(key: &'static str, artifact: Option<Artifact>) -> Stage {
        Stage { key: key.into(), ms: 5.0, passes: 0, reused: false, queued: false, progress: None, artifact }
    }

    /// The key of the stage that a system ends with.
    fn last(system: System) -> &'static str {
        system.info().stages.last().expect("every system has stages").key
    }

    fn boxes() -> Option<Artifact> {
        Some(Artifact::Detections(Vec::<Candidate>::new()))
    }

    fn map() -> Option<Artifact> {
        Some(Artifact::ClassMap(ClassMap::default()))
    }

    #[test]
    fn a_long_stage_shows_what_it_has_found_so_far() {
        let system = System::SlidingWindow;
        let mut results = Results::new(1);
        let progress = |done| Some(model::structures::stage::Progress { done, total: 9 });
        results.note(system, stage("windows", None), "cpu", 1.0);
        assert!(results.run(system).is_some_and(|it| it.shown.is_none() && shown_of(&it.run).is_none()));
        let mut numbers = Vec::new();
        for done in [3, 6] {
            results.note(system, Stage { progress: progress(done), ..stage(last(system), boxes()) }, "cpu", 1.0);
            let run = results.run(system).expect("it has begun");
            assert!(run.result.is_none() && shown_of(&run.run).is_some() && results.finished(system).is_none());
            numbers.push(run.shown);
            assert_eq!(results.unfinished(&[system]).and_then(|it| it.progress), progress(done));
        }
        results.note(system, stage(last(system), boxes()), "cpu", 9.0);
        numbers.push(results.finished(system).expect("it is done").shown);
        assert!(numbers[0] < numbers[1] && numbers[1] < numbers[2], "each is painted: {numbers:?}");
        assert_eq!(results.unfinished(&[system]), None);
    }

    #[test]
    fn a_run_is_finished_by_its_last_stage() {
        let mut results = Results::new(1);
        results.note(System::Ssd, stage("input", None), "cpu", 3.0);
        assert!(results.finished(System::Ssd).is_none() && results.is_empty());
        results.note(System::Ssd, stage(last(System::Ssd), boxes()), "cpu", 9.0);
        let known = results.finished(System::Ssd).expect("the last stage is there");
        assert_eq!((known.wall_ms, known.run.stages.len()), (9.0, 2));
        assert!(results.finished(System::Fcn).is_none());
    }

    #[test]
    fn systems_stand_side_by_side_and_another_device_counts_anew() {
        let mut results = Results::new(1);
        results.note(System::Ssd, stage(last(System::Ssd), boxes()), "a", 1.0);
        results.note(System::Fcn, stage(last(System::Fcn), map()), "a", 1.0);
        assert!(results.finished(System::Ssd).is_some() && results.finished(System::Fcn).is_some());
        results.note(System::Ssd, stage("input", None), "b", 1.0);
        assert!(results.finished(System::Ssd).is_none() && results.finished(System::Fcn).is_some());
    }

    #[test]
    fn the_boxes_that_skeletons_need_are_the_detectors_result() {
        let mut results = Results::new(1);
        results.note(System::MoveNet, stage(last(System::Ssd), boxes()), "a", 4.0);
        assert!(results.finished(System::Ssd).is_some() && results.finished(System::MoveNet).is_none());
        results.note(System::MoveNet, stage(last(System::MoveNet), Some(Artifact::Skeletons(vec![]))), "a", 7.0);
        let ssd = results.finished(System::Ssd).map(|it| it.wall_ms);
        assert_eq!((ssd, results.finished(System::MoveNet).map(|it| it.wall_ms)), (Some(4.0), Some(7.0)));
    }

    #[test]
    fn looking_inside_keeps_times_and_the_number_of_an_equal_result() {
        let mut results = Results::new(1);
        results.note(System::Fcn, stage(last(System::Fcn), map()), "a", 8.0);
        let number = results.newest();
        let again = |key, artifact| Stage { reused: true, ms: 6.0, ..stage(key, artifact) };
        results.note(System::Fcn, again("input", Some(Artifact::Vector(vec![]))), "a", 50.0);
        results.note(System::Fcn, again(last(System::Fcn), map()), "a", 50.0);
        let known = results.finished(System::Fcn).expect("still there");
        let last = known.run.stage(last(System::Fcn)).expect("still there");
        assert_eq!((known.wall_ms, last.ms, last.reused, results.newest()), (8.0, 5.0, false, number));
        assert!(!results.is_open(System::Fcn), "other stages are closed");
        for info in System::Fcn.info().stages {
            results.note(System::Fcn, again(info.key, map()), "a", 50.0);
        }
        assert!(results.is_open(System::Fcn));
        // A later plain answer does not close it.
        results.note(System::Fcn, again("input", None), "a", 50.0);
        assert!(results.is_open(System::Fcn));
    }

    #[test]
    fn photos_that_are_not_on_show_keep_results_only() {
        let mut run = Run::new(System::Fcn);
        run.note(stage("input", Some(Artifact::Vector(vec![1.0]))));
        run.note(stage(last(System::Fcn), map()));
        let mut results = Results::new(1);
        results.note_run(run, "a");
        results.note(System::Ssd, stage("input", None), "a", 1.0);
        let closed = results.closed();
        let known = closed.finished(System::Fcn).expect("it has its result");
        assert_eq!((known.run.artifacts().count(), closed.runs.len()), (1, 1));
        assert_eq!(closed.closed(), closed);
    }

    #[test]
    fn a_closer_look_stands_beside_the_first_one() {
        let mut results = Results::new(1);
        let all = [System::Ssd, System::Fcn];
        results.note(System::Ssd, stage(last(System::Ssd), boxes()), "a", 1.0);
        let first = results.finished(System::Ssd).and_then(|it| it.result);
        results.note_closer(System::Ssd, stage(last(System::Ssd), boxes()), "a", 5.0);
        let progress = Some(model::structures::stage::Progress { done: 2, total: 13 });
        results.note_closer(System::Ssd, Stage { progress, ..stage(CLOSER_LOOK.key, None) }, "a", 7.0);
        assert!(results.closer_run(System::Ssd).is_some_and(|it| it.result.is_none()) && !results.is_closer(&all));
        results.note_closer(System::Ssd, stage(CLOSER_LOOK.key, boxes()), "a", 9.0);
        let closer = results.closer_run(System::Ssd).expect("it has begun");
        assert_eq!((result_of(&closer.run), closer.wall_ms), (boxes().as_ref(), 9.0));
        assert!(results.is_closer(&all) && !results.is_closer(&[System::Fcn]), "a class map has no boxes");
        assert_eq!(results.finished(System::Ssd).and_then(|it| it.result), first);
        results.note(System::Ssd, stage(last(System::Ssd), boxes()), "b", 1.0);
        assert!(!results.is_closer(&all), "that was another device");
    }

    #[test]
    fn a_snapshot_does_not_change_with_later_stages() {
        let mut results = Results::new(1);
        results.note(System::Ssd, stage("input", None), "a", 1.0);
        let snapshot = results.clone();
        results.note(System::Ssd, stage(last(System::Ssd), boxes()), "a", 1.0);
        assert!(snapshot.finished(System::Ssd).is_none() && results.finished(System::Ssd).is_some());
    }
}
