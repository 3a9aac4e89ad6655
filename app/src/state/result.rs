//! The results on the photo on show: what is asked, by which system, under which settings, and what came of it.

use std::sync::Arc;

use leptos::prelude::*;
use model::catalog::{System, Task};

use crate::{
    engine::{EngineHandle, Phase},
    findings::Findings,
    notifications::Notifications,
    results::Results,
    scene::{Scene, Sources},
    settings::Settings,
    url_state::UrlState,
};

/// The results: copies share them.
#[derive(Clone, Copy)]
pub struct ResultState {
    /// What the visitor wants to know.
    pub task: RwSignal<Task>,
    /// The system that the visitor has chosen; another task's does not count.
    pub system: RwSignal<Option<System>>,
    /// What the visitor has set.
    pub settings: RwSignal<Settings>,
    /// What is known about the photo.
    pub results: RwSignal<Results>,
    /// Everything that is painted and said, once the task's systems have their results.
    pub scene: Memo<Scene>,
    /// The worker's side.
    pub engine: EngineHandle,
}

impl ResultState {
    /// The task, system and settings that an address asks for.
    ///
    /// # Arguments
    /// * `inside` - whether the visitor looks inside, where the stages of the first look are.
    pub fn new(url: &UrlState, notifications: Notifications, inside: RwSignal<bool>) -> Self {
        let (task, system) = (RwSignal::new(url.task), RwSignal::new(url.system));
        let (settings, results) = (RwSignal::new(url.settings.clone()), RwSignal::new(Results::default()));
        let closer = Memo::new(move |_| settings.with(Settings::takes_closer_look) && !inside.get());
        // What takes long to work out follows the results only, not the settings.
        let sources = Memo::new(move |earlier: Option<&Sources>| {
            let systems = task.get().runs(system.get());
            results.with(|results| Sources::of(&systems, results, closer.get(), earlier))
        });
        let scene = Memo::new(move |_| settings.with(|settings| sources.with(|it| Scene::of(it, settings))));
        let engine = EngineHandle::new(results, notifications, url.watchdog);
        Self { task, system, settings, results, scene, engine }
    }

    /// The systems that answer the task.
    pub fn systems(self) -> Vec<System> {
        self.task.get().runs(self.system.get())
    }

    /// As [`ResultState::systems`], without following changes.
    pub fn systems_untracked(self) -> Vec<System> {
        self.task.get_untracked().runs(self.system.get_untracked())
    }

    /// Whether the result is on show.
    pub fn is_done(self) -> bool {
        self.engine.phase.get() == Phase::Done
    }

    /// As [`ResultState::is_done`], without following changes.
    pub fn is_done_untracked(self) -> bool {
        self.engine.phase.get_untracked() == Phase::Done
    }

    /// The detections of the leading layer.
    pub fn findings(self) -> Memo<Arc<Findings>> {
        Memo::new(move |_| {
            self.scene.with(|scene| scene.lead().and_then(|it| it.findings().cloned()).unwrap_or_default())
        })
    }
}

/// The results, for components.
///
/// # Panics
/// Outside the page's root component, which provides them.
pub fn use_result() -> ResultState {
    expect_context()
}
