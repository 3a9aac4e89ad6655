//! The stages of the strip: those of the catalogue and those that the page itself computes.

use model::{
    catalog::{StageInfo, System, Task},
    structures::stage::{Progress, Stage},
};

use crate::results::{Results, SystemRun};

/// Non-maximum suppression, which the page computes anew for each setting.
pub const SUPPRESSION: StageInfo = StageInfo { key: "suppression", title: "Suppression" };
/// The masks beside the class map of the same photo.
pub const WIPE: StageInfo = StageInfo { key: "wipe", title: "Masks or classes" };
/// The result as the page shows it without looking inside, where the catalogue has no stage for it.
pub const RESULT: StageInfo = StageInfo { key: "result", title: "Result" };

/// A stage of the strip.
#[derive(Clone, Debug, PartialEq)]
pub struct StripItem {
    /// The first system that has it.
    pub system: System,
    /// Its key.
    pub key: &'static str,
    /// Its name.
    pub title: &'static str,
    /// Milliseconds, once it is done.
    pub ms: Option<f64>,
    /// Passes of a network over pixels.
    pub passes: u32,
    /// Whether an earlier run has computed it.
    pub reused: bool,
    /// Whether its time is only that of queuing its work on the device.
    pub queued: bool,
    /// How many stages before it were only queued: its time is theirs, too.
    pub waited_for: usize,
    /// How much of it is done, while it is not finished.
    pub progress: Option<Progress>,
    /// Whether there is something to draw.
    pub is_open: bool,
}

/// The stages of a system in the strip.
pub fn stages_of(system: System) -> impl Iterator<Item = StageInfo> {
    let own: &[StageInfo] = match system.info().task {
        Task::Boxes => &[SUPPRESSION, RESULT],
        // Their last stages are drawn otherwise than the result that they make.
        Task::Masks => &[WIPE, RESULT],
        Task::Captions | Task::Localize => &[RESULT],
        _ => &[],
    };
    system.info().stages.iter().chain(own).copied()
}

/// The stages of systems in the order in which they run; what several share is there once.
///
/// # Arguments
/// * `suppression_ms` - milliseconds of suppression on this page, once measured.
pub fn strip(systems: &[System], results: &Results, suppression_ms: Option<f64>) -> Vec<StripItem> {
    let mut items: Vec<StripItem> = Vec::new();
    for &system in systems {
        for info in stages_of(system).filter(|&it| it != RESULT) {
            let item = match info {
                _ if items.iter().any(|item| item.key == info.key) => continue,
                SUPPRESSION => suppression_item(system, results.finished(system), suppression_ms),
                WIPE => wipe_item(system, results.finished(system).is_some()),
                _ => item(system, info, results.run(system).and_then(|it| it.run.stage(info.key))),
            };
            items.push(item);
        }
    }
    note_waiting(&mut items);
    let has_result = systems.iter().any(|&system| stages_of(system).any(|it| it == RESULT));
    if let (true, Some(&system)) = (has_result, systems.first()) {
        let is_done = systems.iter().all(|&system| results.finished(system).is_some());
        items.push(result_item(system, &items, is_done));
    }
    items
}

/// Notes which stages have waited for what was queued before them: those that read numbers.
fn note_waiting(items: &mut [StripItem]) {
    let mut queued = 0;
    for item in items.iter_mut().filter(|item| item.ms.is_some()) {
        if item.queued {
            queued += 1;
        } else {
            item.waited_for = std::mem::take(&mut queued);
        }
    }
}

fn item(system: System, info: StageInfo, stage: Option<&Stage>) -> StripItem {
    StripItem {
        system,
        key: info.key,
        title: info.title,
        ms: stage.filter(|it| it.progress.is_none()).map(|it| it.ms),
        passes: stage.map_or(0, |it| it.passes),
        reused: stage.is_some_and(|it| it.reused),
        queued: stage.is_some_and(|it| it.queued),
        waited_for: 0,
        progress: stage.and_then(|it| it.progress),
        is_open: stage.is_some_and(|it| it.artifact.is_some()),
    }
}

fn suppression_item(system: System, run: Option<&SystemRun>, ms: Option<f64>) -> StripItem {
    let StageInfo { key, title } = SUPPRESSION;
    let (ms, is_open) = (ms.filter(|_| run.is_some()), run.is_some());
    StripItem {
        system,
        key,
        title,
        ms,
        passes: 0,
        reused: false,
        queued: false,
        waited_for: 0,
        progress: None,
        is_open,
    }
}

fn wipe_item(system: System, is_open: bool) -> StripItem {
    let StageInfo { key, title } = WIPE;
    let (ms, passes) = (None, 0);
    StripItem { system, key, title, ms, passes, reused: false, queued: false, waited_for: 0, progress: None, is_open }
}

/// The result, with the time of all stages.
fn result_item(system: System, stages: &[StripItem], is_done: bool) -> StripItem {
    let StageInfo { key, title } = RESULT;
    let ms = is_done.then(|| stages.iter().filter_map(|stage| stage.ms).sum());
    let passes = stages.iter().map(|stage| stage.passes).sum();
    StripItem {
        system,
        key,
        title,
        ms,
        passes,
        reused: false,
        queued: false,
        waited_for: 0,
        progress: None,
        is_open: is_done,
    }
}

/// The time of all finished stages with their passes, e.g. "43 ms, one pass"; empty before the first is done.
pub fn total(items: &[StripItem]) -> String {
    let done = || items.iter().filter(|item| item.key != RESULT.key && item.ms.is_some());
    if done().next().is_none() {
        return String::new();
    }
    let passes: u32 = done().map(|item| item.passes).sum();
    let passes = match passes {
        0 => String::new(),
        1 => ", one pass".into(),
        n => format!(", {n} passes"),
    };
    format!("{}{passes}", milliseconds(done().filter_map(|item| item.ms).sum()))
}

/// A time as people read it: two or three digits that matter.
pub fn milliseconds(ms: f64) -> String {
    match ms {
        ms if ms < 0.005 => "under 0.01 ms".into(),
        ms if ms < 0.095 => format!("{ms:.2} ms"),
        ms if ms < 9.95 => format!("{ms:.1} ms"),
        ms if ms < 999.5 => format!("{ms:.0} ms"),
        ms => format!("{:.2} s", ms / 1e3),
    }
}

/// The place of the open stage: the wanted one, else the one that shows how far it is, else the last, which is the result;
/// `None` without stages.
pub fn open_index(items: &[StripItem], wanted: Option<&str>) -> Option<usize> {
    let wanted = items.iter().position(|item| Some(item.key) == wanted);
    let running = || items.iter().position(|item| item.progress.is_some() && item.is_open);
    wanted.or_else(running).or_else(|| items.len().checked_sub(1))
}

/// The key of the stage `steps` further on, at the ends the outermost one.
pub fn step(items: &[StripItem], wanted: Option<&str>, steps: isize) -> Option<&'static str> {
    let at = open_index(items, wanted)?.saturating_add_signed(steps);
    items.get(at.min(items.len() - 1)).map(|item| item.key)
}

#[cfg(test)]
mod tests {
    use model::{catalog::Task, structures::stage::Artifact};

    use super::*;

    fn stage(key: &'static str, progress: Option<Progress>) -> Stage {
        Stage { key: key.into(), ms: 4.0, passes: 1, reused: false, queued: false, progress, artifact: None }
    }

    #[test]
    fn stages_have_their_places_before_they_have_run() {
        let catalogued = System::Ssd.info().stages;
        let last = catalogued.len() - 1;
        let mut results = Results::new(1);
        results.note(System::Ssd, stage(catalogued[1].key, None), "cpu", 1.0);
        results.note(System::Ssd, stage(catalogued[last].key, Some(Progress { done: 1, total: 2 })), "cpu", 1.0);
        let items = strip(&[System::Ssd], &results, Some(0.1));
        assert!(items.iter().map(|it| it.key).eq(stages_of(System::Ssd).map(|it| it.key)));
        let times: Vec<_> = items.iter().filter_map(|it| Some((it.key, it.ms?))).collect();
        assert_eq!(times, [(catalogued[1].key, 4.0)], "the last one is not finished");
        assert_eq!(items[last].progress.map(|it| it.done), Some(1));
        assert!(items.iter().all(|it| !it.is_open));
        assert_eq!(total(&items), "4.0 ms, one pass");
        assert_eq!(total(&strip(&[System::Ssd], &Results::new(1), None)), "");
    }

    #[test]
    fn the_page_adds_suppression_and_the_result_of_a_detector() {
        let mut results = Results::new(1);
        for info in System::Ssd.info().stages {
            let artifact = Some(Artifact::Detections(vec![]));
            results.note(System::Ssd, Stage { passes: 0, artifact, ..stage(info.key, None) }, "cpu", 1.0);
        }
        let items = strip(&[System::Ssd], &results, Some(0.5));
        let [.., suppression, result] = &items[..] else { panic!("{items:?}") };
        assert_eq!((suppression.key, suppression.ms, suppression.is_open), ("suppression", Some(0.5), true));
        let run = 4.0 * (items.len() - 2) as f64 + 0.5;
        assert_eq!((result.key, result.ms), ("result", Some(run)));
        assert_eq!(total(&items), milliseconds(run), "the result's time counts nothing twice");
        assert!(stages_of(System::MoveNet).eq(System::MoveNet.info().stages.iter().copied()));
    }

    #[test]
    fn the_stage_that_reads_has_waited_for_those_that_were_queued() {
        let mut results = Results::new(1);
        for (info, queued) in System::Ssd.info().stages.iter().zip([false, true, true, false, false]) {
            results.note(System::Ssd, Stage { queued, ..stage(info.key, None) }, "gpu", 1.0);
        }
        let waited: Vec<_> = strip(&[System::Ssd], &results, None).iter().map(|it| it.waited_for).collect();
        assert_eq!(waited[..5], [0, 0, 0, 2, 0]);
    }

    #[test]
    fn the_grids_of_masks_open_apart_from_their_result() {
        let items = strip(&[System::Masks], &Results::new(1), None);
        let [.., grids, wipe, result] = &items[..] else { panic!("{items:?}") };
        assert_eq!((grids.key, wipe.key, result.key), ("mask-head", WIPE.key, RESULT.key));
    }

    #[test]
    fn everything_has_shared_stages_once() {
        let systems = Task::Everything.runs(None);
        let items = strip(&systems, &Results::new(1), None);
        let count = |key: &str| items.iter().filter(|it| it.key == key).count();
        assert_eq!((count("mobilenet-v2"), count("joints"), count("words"), count("suppression")), (1, 1, 1, 1));
        let keys = systems.iter().flat_map(|it| it.info().stages);
        assert!(keys.into_iter().all(|it| count(it.key) == 1));
    }

    #[test]
    fn the_result_is_open_until_a_stage_is_chosen_and_steps_end_at_the_ends() {
        let items = strip(&[System::Ssd], &Results::new(1), None);
        let (first, second, last) = (items[0].key, items[1].key, items.len() - 1);
        assert_eq!((open_index(&items, None), open_index(&items, Some(first))), (Some(last), Some(0)));
        assert_eq!(open_index(&items, Some("heat-maps")), Some(last), "another system's");
        assert_eq!((step(&items, Some(first), 1), step(&items, Some(first), -1)), (Some(second), Some(first)));
        assert_eq!(step(&items, None, 1), Some(items[last].key));
        assert_eq!((open_index(&[], None), step(&[], None, 1)), (None, None));
    }

    #[test]
    fn a_stage_that_fills_up_is_open_until_another_is_chosen() {
        let mut results = Results::new(1);
        let progress = Some(Progress { done: 8, total: 176 });
        let artifact = Some(Artifact::ClassMap(model::structures::class_map::ClassMap::default()));
        let system = System::SlidingSegmentation;
        results.note(system, Stage { artifact, ..stage("patch-classes", progress) }, "cpu", 1.0);
        let items = strip(&[system], &results, None);
        assert_eq!((open_index(&items, None), open_index(&items, Some("patches"))), (Some(1), Some(0)));
    }

    #[test]
    fn the_result_of_several_systems_is_last_and_has_the_time_of_all() {
        let systems = Task::Everything.runs(None);
        let items = strip(&systems, &Results::new(1), None);
        let last = items.last().expect("there are stages");
        assert_eq!((last.key, last.ms, last.is_open), ("result", None, false));
        assert_eq!(items.iter().filter(|it| it.key == "result").count(), 1);
        let captions = strip(&[System::Captions], &Results::new(1), None);
        assert!(captions.iter().rev().map(|it| it.key).take(2).eq(["result", "words"]));
    }

    #[test]
    fn times_have_digits_that_matter() {
        let shown = [0.001, 0.04, 3.21, 9.96, 340.4, 12_345.0].map(milliseconds);
        assert_eq!(shown, ["under 0.01 ms", "0.04 ms", "3.2 ms", "10 ms", "340 ms", "12.35 s"]);
    }
}
