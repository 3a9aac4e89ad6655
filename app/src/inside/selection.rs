//! What the visitor has chosen in each stage, and the open stage as components read it.

use std::collections::BTreeMap;

use leptos::prelude::*;
use model::{
    catalog::System,
    run::Run,
    structures::{boxes::Candidate, stage::Artifact},
};

use super::{
    InsideState, Parts,
    views::{StageView, view_of},
};
use crate::{
    paint::view::Size,
    results::{Results, result_of},
    settings::Settings,
    stages::{RESULT, SUPPRESSION, WIPE},
    state::{PhotoState, ResultState},
};

/// What is chosen in one stage; each view reads what it knows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Selection {
    /// The map of several.
    pub map: usize,
    /// The channel of that map; `None` for the most telling one.
    pub channel: Option<usize>,
    /// The grid of several; `None` for the most telling one.
    pub grid: Option<usize>,
    /// Column and row of the cell; `None` for the most telling one.
    pub cell: Option<(usize, usize)>,
    /// The box, region or class of several.
    pub item: Option<usize>,
    /// How many steps are done; `None` for all.
    pub step: Option<usize>,
    /// Whether everything is drawn instead of what is chosen.
    pub all: bool,
    /// How strongly the stage covers the photo, 0 to 1.
    pub opacity: f32,
    /// What counts as yes, 0 to 1.
    pub threshold: f32,
    /// Where a line parts two results, 0 to 1 of the photo's width.
    pub wipe: f32,
    /// Where the pointer is, in photo pixels.
    pub pointed: Option<(f32, f32)>,
}

impl Default for Selection {
    fn default() -> Self {
        Self {
            map: 0,
            channel: None,
            grid: None,
            cell: None,
            item: None,
            step: None,
            all: false,
            opacity: 0.85,
            threshold: 0.5,
            wipe: 0.5,
            pointed: None,
        }
    }
}

/// What is chosen, by the stage's key; what is not listed has its usual value.
pub type Selections = BTreeMap<&'static str, Selection>;

/// What a stage's view is made of.
#[derive(Clone, Copy)]
pub struct Reading<'a> {
    /// The stage's key.
    pub key: &'static str,
    /// The run that it belongs to.
    pub run: &'a Run,
    /// What else is known about the photo.
    pub results: &'a Results,
    /// What it produced.
    pub artifact: &'a Artifact,
    /// What the visitor has set.
    pub settings: &'a Settings,
    /// The photo's size in its own pixels.
    pub photo: Size,
}

impl<'a> Reading<'a> {
    /// The detections of the run before suppression; none without a detector.
    pub fn detections(&self) -> &'a [Candidate] {
        self.run.detections().unwrap_or_default()
    }
}

/// A stage of the strip for components: copies share it.
#[derive(Clone, Copy)]
pub struct OpenStage {
    /// The system whose run it is in.
    pub system: System,
    /// Its key.
    pub key: &'static str,
    photo: PhotoState,
    result: ResultState,
    inside: InsideState,
}

impl PartialEq for OpenStage {
    fn eq(&self, other: &Self) -> bool {
        (self.system, self.key) == (other.system, other.key)
    }
}

impl OpenStage {
    /// A stage of a system's run.
    pub const fn new(
        system: System,
        key: &'static str,
        (photo, result, inside): (PhotoState, ResultState, InsideState),
    ) -> Self {
        Self { system, key, photo, result, inside }
    }

    /// What draws stages; `None` while it is not loaded.
    pub fn parts(self) -> Option<Parts> {
        self.inside.parts.get()
    }

    /// Reads what the stage produced; `None` while it is not there. Follows changes of run, settings and photo.
    pub fn reading<T>(self, read: impl FnOnce(&Reading) -> T) -> Option<T> {
        let photo = self.photo.size();
        self.result.settings.with(|settings| {
            self.result.results.with(|results| {
                let run = &results.run(self.system)?.run;
                let artifact = artifact_of(run, self.key)?;
                Some(read(&Reading { key: self.key, run, results, artifact, settings, photo }))
            })
        })
    }

    /// Reads the stage's view with what is chosen in it; `None` while there is nothing to draw. Follows all changes.
    pub fn read<T>(self, read: impl FnOnce(&dyn StageView, &Selection) -> T) -> Option<T> {
        let selection = self.selection();
        self.view(|view| read(view, &selection))
    }

    /// Reads the stage's view; `None` while there is nothing to draw. Follows all but what is chosen.
    pub fn view<T>(self, read: impl FnOnce(&dyn StageView) -> T) -> Option<T> {
        self.reading(|it| view_of(it).map(|view| read(&*view))).flatten()
    }

    /// What is chosen.
    pub fn selection(self) -> Selection {
        self.inside.selections.with(|all| all.get(self.key).copied().unwrap_or_default())
    }

    /// Changes what is chosen.
    pub fn choose(self, change: impl FnOnce(&mut Selection)) {
        let before = untrack(|| self.selection());
        let mut after = before;
        change(&mut after);
        if after != before {
            self.inside.selections.update(|all| {
                all.insert(self.key, after);
            });
        }
    }
}

/// What a stage of the strip draws: that of the catalogue's stage, or what the page's own stages are made of.
fn artifact_of<'a>(run: &'a Run, key: &str) -> Option<&'a Artifact> {
    if key == RESULT.key {
        return None; // drawn as always
    }
    if key == SUPPRESSION.key {
        return result_of(run).filter(|it| matches!(it, Artifact::Detections(_)));
    }
    if key == WIPE.key {
        return result_of(run);
    }
    run.stage(key)?.artifact.as_ref()
}
