//! The closer look: once the first result is on show, parts of the photo are looked at, too, where the device is quick enough
//! or the visitor asks for it. What it finds takes the first result's place.

use leptos::prelude::*;
use model::{
    catalog::{BACKBONE, CLOSER_LOOK, CLOSER_PARTS, MASK_HEAD, System},
    structures::{boxes::suppress, stage::Progress},
};

use crate::{
    duration::brief,
    results::Results,
    settings::Settings,
    state::{Actions, ResultState, use_actions, use_photo, use_result, use_view},
    storage::{keep, stored},
};

/// A closer look that seems to take this many milliseconds at most begins by itself. The first look of a visit, which it goes by,
/// also compiles: later ones take a third of its time, or less.
const MAX_MS: f64 = 6_000.0;
/// How often one that was overtaken by something else begins anew.
const MAX_TRIES: u32 = 3;
/// The key of the visitor's choice in `localStorage`.
const STORED: &str = "lookout-closer-look";

/// How the closer look stands.
#[derive(Clone, Debug, PartialEq)]
enum Standing {
    /// Nothing on show can look closer.
    Impossible,
    /// It has not begun.
    Waiting {
        /// Milliseconds that it would take.
        ms: f64,
    },
    /// It goes on: at what, and how far.
    Running(Option<(&'static str, Progress)>),
    /// It has found this many things more than the first look.
    Done {
        /// Milliseconds that it took.
        ms: f64,
        /// Negative where things turned out to be one.
        more: i64,
        /// Parts that were worth it.
        parts: u32,
        /// Things that were looked at alone for a finer mask.
        alone: u32,
    },
}

impl Standing {
    /// # Arguments
    /// * `busy` - whether a run that the page has asked for goes on.
    fn of(systems: &[System], results: &Results, settings: &Settings, busy: bool) -> Self {
        let able = able(systems);
        let Some(&first) = able.first() else { return Self::Impossible };
        if results.is_closer(&able) {
            let runs = able.iter().filter_map(|&system| results.closer_run(system));
            let ms = runs.map(|it| it.wall_ms).fold(0.0, f64::max);
            let passes =
                |key| able.iter().filter_map(move |&it| results.closer_run(it)?.run.stage(key)).map(|it| it.passes);
            let parts = passes(CLOSER_LOOK.key).max().unwrap_or_default();
            let alone = passes(MASK_HEAD.key).max().unwrap_or_default();
            return Self::Done { ms, more: more(first, results, settings), parts, alone };
        }
        let stages = [(MASK_HEAD.key, "each thing alone"), (CLOSER_LOOK.key, "parts of the photo")];
        let running = |key| able.iter().find_map(|&system| results.closer_run(system)?.run.stage(key)?.progress);
        let progress = || stages.into_iter().find_map(|(key, what)| Some((what, running(key)?)));
        match able.iter().any(|&system| results.closer_run(system).is_some()) {
            true if busy => Self::Running(progress()),
            _ => Self::Waiting { ms: expected_ms(&able, results) },
        }
    }

    /// Whether it goes on without the visitor's word: where it is quick.
    fn begins_by_itself(&self) -> bool {
        match self {
            Self::Waiting { ms } => *ms <= MAX_MS,
            Self::Running(_) | Self::Done { .. } => true,
            Self::Impossible => false,
        }
    }

    fn key(&self) -> &'static str {
        match self {
            Self::Impossible => "impossible",
            Self::Waiting { .. } => "waiting",
            Self::Running(_) => "running",
            Self::Done { .. } => "done",
        }
    }

    fn sentence(&self, on: bool) -> String {
        match self {
            Self::Impossible => String::new(),
            Self::Done { .. } if !on => "What parts of the photo have shown is left out.".into(),
            Self::Waiting { ms } => format!(
                "The same network also on up to {CLOSER_PARTS} parts of the photo, where small things look larger to it: {} at most.",
                brief(*ms)
            ),
            Self::Running(None) => "Looking at parts of the photo.".into(),
            Self::Running(Some((what, Progress { done, total }))) => format!("Looking at {what}: {done} of {total}."),
            Self::Done { parts: 0, alone: 0, .. } => {
                "The first look suspects nothing small here: parts of the photo would show nothing more.".into()
            }
            Self::Done { ms, more, parts, alone } => {
                let found = match more {
                    1 => "1 more thing".into(),
                    2.. => format!("{more} more things"),
                    0 => "no further thing".into(),
                    -1 => "1 thing fewer".into(),
                    _ => format!("{} things fewer", -more),
                };
                let parts = if *parts == 1 { "1 part".into() } else { format!("{parts} parts") };
                let (alone, finer) = match alone {
                    0 => (String::new(), ""),
                    1 => (" and at 1 thing alone".into(), ", and a finer mask"),
                    _ => (format!(" and at {alone} things alone"), ", and finer masks"),
                };
                format!("Also looked at {parts} of the photo{alone}, in {}: {found}{finer}.", brief(*ms))
            }
        }
    }
}

/// The systems that can look closer.
fn able(systems: &[System]) -> Vec<System> {
    systems.iter().copied().filter(|system| system.info().can_look_closer()).collect()
}

/// How many things more, or fewer, the detector finds than at first sight, under the settings.
fn more(system: System, results: &Results, settings: &Settings) -> i64 {
    let count = |run: Option<&crate::results::SystemRun>| {
        let found = run.and_then(|it| it.run.detections()).unwrap_or_default();
        i64::try_from(suppress(found, &settings.rule()).kept.len()).unwrap_or_default()
    };
    count(results.closer_run(system)) - count(results.finished(system))
}

/// Milliseconds that a closer look takes, going by the first one: the detector once a part and the backbone once a mask, too, the rest
/// as often as before.
fn expected_ms(able: &[System], results: &Results) -> f64 {
    let detector = System::Ssd.info().stages;
    let masks = able.iter().filter_map(|&system| results.finished(system)?.run.masks()).map(<[_]>::len).max();
    // At most thirty.
    let masks = masks.unwrap_or_default() as u32;
    let mut seen = Vec::new();
    let mut ms = 0.0;
    for stage in able.iter().filter_map(|&system| results.finished(system)).flat_map(|it| &it.run.stages) {
        if !seen.contains(&&stage.key) {
            seen.push(&stage.key);
            let times = match detector.iter().any(|it| it.key == stage.key) {
                true if stage.key == BACKBONE.key => CLOSER_PARTS + masks,
                true => CLOSER_PARTS,
                false => 1,
            };
            ms += stage.ms * f64::from(times);
        }
    }
    ms
}

/// The switch with what the closer look is about to do, does or has found.
#[component]
pub fn CloserLook() -> impl IntoView {
    let (result, actions) = (use_result(), use_actions());
    let remembered = StoredValue::new(remembered());
    let standing = Memo::new(move |_| {
        let (systems, busy) = (result.systems(), result.engine.busy.get());
        result.results.with(|results| result.settings.with(|settings| Standing::of(&systems, results, settings, busy)))
    });
    let is_wanted = Memo::new(move |_| {
        let chosen = result.settings.with(|it| it.closer).or_else(|| remembered.get_value());
        chosen.unwrap_or_else(|| standing.with(Standing::begins_by_itself))
    });
    let tries = begin_when_wanted(actions, result, standing, is_wanted);
    let toggle = move |_| {
        tries.set_value((None, 0));
        let on = !is_wanted.get_untracked();
        keep(STORED, Some(if on { "on" } else { "off" }));
        remembered.set_value(Some(on));
        actions.set("closer look", |it| it.closer = Some(on));
    };
    view! {
        <Show when=move || standing.with(|it| *it != Standing::Impossible)>
            <section class="block closer" data-testid="closer" data-state=move || standing.with(Standing::key)>
                <label class="field switch">
                    <span class="field-label">"Closer look"</span>
                    <input type="checkbox" role="switch" class="switch-box" data-testid="closer-switch" prop:checked=move || is_wanted.get()
                        aria-describedby="closer-words" on:change=toggle/>
                </label>
                <p class="field-hint" id="closer-words" role="status">{move || standing.with(|it| it.sentence(is_wanted.get()))}</p>
            </section>
        </Show>
    }
}

/// What was tried how often: a photo with systems.
type Tries = StoredValue<(Option<(u32, Vec<System>)>, u32)>;

/// Begins the closer look whenever it is wanted and the worker is free, a few times a photo.
fn begin_when_wanted(actions: Actions, result: ResultState, standing: Memo<Standing>, is_wanted: Memo<bool>) -> Tries {
    let (view, photo) = (use_view(), use_photo());
    let tries = Tries::new((None, 0));
    Effect::new(move |_| {
        let is_waiting = standing.with(|it| matches!(it, Standing::Waiting { .. }));
        let is_free = result.is_done() && !result.engine.busy.get() && !photo.opening.get();
        let is_elsewhere = view.inside.get() || view.compare.get() || view.figure.with(Option::is_some);
        if !is_waiting || !is_free || is_elsewhere || !is_wanted.get() || actions.is_live() {
            return;
        }
        let systems = able(&result.systems());
        let about = photo.shown.with(|it| it.as_ref().map(|it| (it.id, systems.clone())));
        tries.update_value(|tries| *tries = if tries.0 == about { (about, tries.1 + 1) } else { (about, 1) });
        if tries.with_value(|tries| tries.1) <= MAX_TRIES {
            actions.look_closer(systems);
        }
    });
    tries
}

/// What the visitor has chosen on an earlier visit.
fn remembered() -> Option<bool> {
    let kept = stored(STORED)?;
    ["off", "on"].iter().position(|it| *it == kept).map(|at| at == 1)
}

#[cfg(test)]
mod tests {
    use model::structures::{
        boxes::{BBox, Candidate},
        mask::{InstanceMask, SIDE},
        stage::{Artifact, Stage},
    };

    use super::*;

    fn stage(key: &'static str, artifact: Option<Artifact>) -> Stage {
        Stage { key: key.into(), ms: 10.0, passes: 0, reused: false, queued: false, progress: None, artifact }
    }

    fn things(count: usize) -> Option<Artifact> {
        let thing = |at: usize| {
            let x0 = 100.0 * at as f32;
            Candidate { bbox: BBox::new(x0, 0.0, x0 + 50.0, 50.0), class: 1, score: 0.9, prior: at as u32 }
        };
        Some(Artifact::Detections((0..count).map(thing).collect()))
    }

    fn first_look(count: usize) -> Results {
        let mut results = Results::new(1);
        let stages = System::Ssd.info().stages;
        for (at, info) in stages.iter().enumerate() {
            let artifact = if at + 1 == stages.len() { things(count) } else { None };
            results.note(System::Ssd, stage(info.key, artifact), "cpu", 50.0);
        }
        results
    }

    fn standing(results: &Results, busy: bool) -> Standing {
        Standing::of(&[System::Ssd], results, &Settings::default(), busy)
    }

    #[test]
    fn it_waits_runs_and_is_done() {
        let mut results = first_look(2);
        assert_eq!(standing(&results, false), Standing::Waiting { ms: 650.0 }, "five stages of 10 ms, 13 parts");
        assert!(standing(&results, false).begins_by_itself());
        assert!(!Standing::Waiting { ms: 6001.0 }.begins_by_itself() && !Standing::Impossible.begins_by_itself());
        let progress = Some(Progress { done: 3, total: 13 });
        results.note_closer(System::Ssd, Stage { progress, ..stage(CLOSER_LOOK.key, None) }, "cpu", 70.0);
        let running = standing(&results, true);
        assert_eq!(running, Standing::Running(progress.map(|it| ("parts of the photo", it))));
        assert_eq!(running.sentence(true), "Looking at parts of the photo: 3 of 13.");
        assert!(matches!(standing(&results, false), Standing::Waiting { .. }), "it was overtaken");
        results.note_closer(System::Ssd, Stage { passes: 9, ..stage(CLOSER_LOOK.key, things(5)) }, "cpu", 600.0);
        let done = standing(&results, false);
        assert_eq!(done, Standing::Done { ms: 600.0, more: 3, parts: 9, alone: 0 });
        assert_eq!(done.sentence(true), "Also looked at 9 parts of the photo, in 0.6 s: 3 more things.");
        let nothing = Standing::Done { ms: 1.0, more: 0, parts: 0, alone: 0 };
        assert!(nothing.sentence(true).contains("suspects nothing small"));
        assert!(done.sentence(false).contains("left out"));
    }

    #[test]
    fn masks_are_looked_at_alone() {
        let mut results = first_look(2);
        let masks = |count: usize| {
            let mask = |candidate| InstanceMask {
                candidate,
                bbox: BBox::new(0.0, 0.0, 9.0, 9.0),
                class: 1,
                score: 0.9,
                cells: vec![255; SIDE * SIDE],
            };
            Some(Artifact::Masks((0..count).map(mask).collect()))
        };
        for info in System::Masks.info().stages {
            let artifact = if info.key == MASK_HEAD.key { masks(4) } else { None };
            results.note(System::Masks, stage(info.key, artifact), "cpu", 50.0);
        }
        let of = |results: &Results, busy| Standing::of(&[System::Masks], results, &Settings::default(), busy);
        assert_eq!(of(&results, false), Standing::Waiting { ms: 720.0 }, "four masks are 40 ms of the backbone");
        results.note_closer(System::Masks, stage(CLOSER_LOOK.key, things(2)), "cpu", 60.0);
        let progress = Some(Progress { done: 1, total: 4 });
        results.note_closer(System::Masks, Stage { progress, ..stage(MASK_HEAD.key, None) }, "cpu", 70.0);
        assert_eq!(of(&results, true).sentence(true), "Looking at each thing alone: 1 of 4.");
        results.note_closer(System::Masks, Stage { passes: 4, ..stage(MASK_HEAD.key, masks(4)) }, "cpu", 400.0);
        let done = of(&results, false).sentence(true);
        assert!(done.contains("and at 4 things alone, in 0.4 s") && done.ends_with(", and finer masks."), "{done}");
    }

    #[test]
    fn what_has_no_boxes_of_the_detector_cannot_look_closer() {
        assert_eq!(Standing::of(&[System::Fcn], &first_look(1), &Settings::default(), false), Standing::Impossible);
        assert_eq!(able(&[System::Fcn, System::Masks]), [System::Masks]);
    }
}
