//! The look inside: the stages of what ran on the photo, which of them is open, and the steps between them. The strip and
//! what a stage shows are drawn elsewhere.

use leptos::prelude::*;
use model::{
    catalog::System,
    structures::stage::{Progress, Stage},
};

use crate::{
    results::Results,
    state::{use_result, use_view},
};

/// A stage of the strip.
#[allow(dead_code, reason = "the strip that draws it comes next")]
#[derive(Clone, Debug, PartialEq)]
pub struct StripItem {
    /// The first system that has it.
    pub system: System,
    /// Its key in the catalogue.
    pub key: &'static str,
    /// Its name.
    pub title: &'static str,
    /// Milliseconds, once it is done.
    pub ms: Option<f64>,
    /// Passes of a network over pixels.
    pub passes: u32,
    /// Whether an earlier run has computed it.
    pub reused: bool,
    /// How much of it is done, while it is not finished.
    pub progress: Option<Progress>,
    /// Whether there is something to draw.
    pub is_open: bool,
}

/// The stages of systems in the order in which they run; what several share is there once.
pub fn strip(systems: &[System], results: &Results) -> Vec<StripItem> {
    let mut items: Vec<StripItem> = Vec::new();
    for &system in systems {
        for info in system.info().stages {
            if items.iter().any(|item| item.key == info.key) {
                continue;
            }
            let stage = results.run(system).and_then(|it| it.run.stage(info.key));
            items.push(item(system, info.key, info.title, stage));
        }
    }
    items
}

fn item(system: System, key: &'static str, title: &'static str, stage: Option<&Stage>) -> StripItem {
    StripItem {
        system,
        key,
        title,
        ms: stage.filter(|it| it.progress.is_none()).map(|it| it.ms),
        passes: stage.map_or(0, |it| it.passes),
        reused: stage.is_some_and(|it| it.reused),
        progress: stage.and_then(|it| it.progress),
        is_open: stage.is_some_and(|it| it.artifact.is_some()),
    }
}

/// The place of the open stage: the wanted one, else the last, which is the result; `None` without stages.
#[allow(dead_code, reason = "the strip that calls it comes next")]
pub fn open_index(items: &[StripItem], wanted: Option<&str>) -> Option<usize> {
    let found = items.iter().position(|item| Some(item.key) == wanted);
    found.or_else(|| items.len().checked_sub(1))
}

/// The key of the stage `steps` further on, at the ends the outermost one.
#[allow(dead_code, reason = "the strip that calls it comes next")]
pub fn step(items: &[StripItem], wanted: Option<&str>, steps: isize) -> Option<&'static str> {
    let at = open_index(items, wanted)?.saturating_add_signed(steps);
    items.get(at.min(items.len() - 1)).map(|item| item.key)
}

/// The place under the photo for the strip; empty until the visitor looks inside.
#[component]
pub fn Inside() -> impl IntoView {
    let (result, view) = (use_result(), use_view());
    let items = Memo::new(move |_| {
        let systems = result.systems();
        result.results.with(|results| strip(&systems, results))
    });
    // A stage of another task or system is not open.
    Effect::new(move |_| {
        let known = view
            .stage
            .with(|stage| stage.as_deref().is_none_or(|key| items.with(|it| it.iter().any(|item| item.key == key))));
        if !known {
            view.stage.set(None);
        }
    });
    view! {
        <Show when=move || view.inside.get()>
            <div class="inside"></div>
        </Show>
    }
}

#[cfg(test)]
mod tests {
    use model::catalog::Task;

    use super::*;

    fn stage(key: &'static str, progress: Option<Progress>) -> Stage {
        Stage { key: key.into(), ms: 4.0, passes: 1, reused: false, progress, artifact: None }
    }

    #[test]
    fn stages_have_their_places_before_they_have_run() {
        let catalogued = System::Ssd.info().stages;
        let last = catalogued.len() - 1;
        let mut results = Results::new(1);
        results.note(System::Ssd, stage(catalogued[1].key, None), "cpu", 1.0);
        results.note(System::Ssd, stage(catalogued[last].key, Some(Progress { done: 1, total: 2 })), "cpu", 1.0);
        let items = strip(&[System::Ssd], &results);
        assert!(items.iter().map(|it| it.key).eq(catalogued.iter().map(|it| it.key)));
        let times: Vec<_> = items.iter().filter_map(|it| Some((it.key, it.ms?))).collect();
        assert_eq!(times, [(catalogued[1].key, 4.0)], "the last one is not finished");
        assert_eq!(items[last].progress.map(|it| it.done), Some(1));
        assert!(items.iter().all(|it| !it.is_open));
    }

    #[test]
    fn everything_has_shared_stages_once() {
        let systems = Task::Everything.runs(None);
        let items = strip(&systems, &Results::new(1));
        let count = |key: &str| items.iter().filter(|it| it.key == key).count();
        assert_eq!((count("mobilenet-v2"), count("joints"), count("words")), (1, 1, 1));
        let keys = systems.iter().flat_map(|it| it.info().stages);
        assert!(keys.into_iter().all(|it| count(it.key) == 1));
    }

    #[test]
    fn the_result_is_open_until_a_stage_is_chosen_and_steps_end_at_the_ends() {
        let items = strip(&[System::Ssd], &Results::new(1));
        let (first, second, last) = (items[0].key, items[1].key, items.len() - 1);
        assert_eq!((open_index(&items, None), open_index(&items, Some(first))), (Some(last), Some(0)));
        assert_eq!(open_index(&items, Some("heat-maps")), Some(last), "another system's");
        assert_eq!((step(&items, Some(first), 1), step(&items, Some(first), -1)), (Some(second), Some(first)));
        assert_eq!(step(&items, None, 1), Some(items[last].key));
        assert_eq!((open_index(&[], None), step(&[], None, 1)), (None, None));
    }
}
