//! What the page tells the page around it by itself: how far it is, what was found, which stage is open, how high it is.

use leptos::prelude::*;
use leptos_use::use_resize_observer;
use model::catalog::Task;
use wasm_bindgen::JsValue;

use super::wire::send;
use crate::{
    findings::Findings,
    layers::Layer,
    stages::{open_index, strip},
    state::Actions,
    url_state::UrlState,
};

/// A result in a few words.
#[derive(Clone, Debug, PartialEq)]
struct ResultNote {
    task: Task,
    systems: Vec<&'static str>,
    headline: String,
    count: usize,
    photo: String,
    size: (u32, u32),
    number: Option<u32>,
}

/// Reports from now on.
///
/// # Arguments
/// * `target` - where to, once somebody has spoken; each state is told then, and when it changes.
pub fn report(actions: Actions, target: RwSignal<Option<String>>) {
    let tell = move |kind: &str, fields: &[(&str, JsValue)]| {
        if let Some(target) = target.get() {
            send(&target, kind, fields);
        }
    };
    let (result, view) = (actions.result, actions.view);
    Effect::new(move |_| {
        let (state, loading) = (actions.state_word(), result.engine.loading.get());
        let sentence = if state == "loading" { loading.sentence() } else { loading.further_sentence() };
        let sentence = if matches!(state, "loading" | "running") { sentence } else { String::new() };
        let fraction = if state == "loading" { loading.fraction() } else { loading.further_fraction() };
        let fraction = fraction.map_or(JsValue::NULL, JsValue::from);
        tell("progress", &[("state", state.into()), ("sentence", sentence.into()), ("fraction", fraction)]);
    });
    let note = note_of(actions);
    Effect::new(move |_| {
        let Some(note) = note.get() else { return };
        let systems = note.systems.join(" ");
        let fields = [
            ("task", note.task.key().into()),
            ("system", systems.into()),
            ("headline", note.headline.into()),
            ("count", (note.count as u32).into()),
            ("photo", note.photo.into()),
            ("width", note.size.0.into()),
            ("height", note.size.1.into()),
        ];
        tell("result", &fields);
    });
    let stage = Memo::new(move |_| {
        let systems = result.systems();
        let items = result.results.with(|results| strip(&systems, results, None));
        let index = view.stage.with(|stage| open_index(&items, stage.as_deref())).filter(|_| view.inside.get())?;
        Some((items[index].key, items[index].title, items[index].system.key()))
    });
    Effect::new(move |_| {
        let (key, title, system) = stage.get().unwrap_or_default();
        tell("stage", &[("stage", key.into()), ("title", title.into()), ("system", system.into())]);
    });
    Effect::new(move |_| {
        let query = actions.url_state(&UrlState::default()).query();
        tell("state", &[("query", query.into())]);
    });
    Effect::new(move |_| {
        if let Some(fault) = view.notifications.shown_fault.get() {
            tell("error", &[("sentence", fault.sentence.into())]);
        }
    });
    report_height(actions, tell);
}

/// What was found on the photo on show, once it is.
fn note_of(actions: Actions) -> Memo<Option<ResultNote>> {
    let result = actions.result;
    Memo::new(move |_| {
        let (name, size) = actions
            .photo
            .shown
            .with(|photo| photo.as_ref().map(|photo| (photo.name.clone(), (photo.full_width, photo.full_height))))?;
        if !result.is_done() || actions.photo.opening.get() {
            return None;
        }
        let count = |findings: &Findings| findings.shown.len();
        Some(ResultNote {
            task: result.task.get(),
            systems: result.systems().into_iter().map(model::catalog::System::key).collect(),
            headline: result.scene.with(|scene| scene.headline()),
            count: result.scene.with(|scene| scene.lead().and_then(Layer::findings).map_or(0, |it| count(it))),
            photo: name,
            size,
            number: result.results.with(crate::results::Results::newest),
        })
    })
}

/// Tells how high the page is, where it is as high as what it shows.
fn report_height(actions: Actions, tell: impl Fn(&str, &[(&str, JsValue)]) + Copy + 'static) {
    let size = RwSignal::new(None::<(f64, f64)>);
    let _ = use_resize_observer(".page", move |entries, _| {
        // Before there is a photo the page is lower than it is going to be.
        if !actions.photo.shown.with_untracked(Option::is_some) {
            return;
        }
        if let Some(rect) = entries.first().map(|it| it.target().get_bounding_client_rect()) {
            size.set(Some((rect.width().round(), rect.height().ceil())));
        }
    });
    let fitting = Memo::new(move |_| size.get().filter(|_| actions.view.fits_content.get()));
    Effect::new(move |_| {
        if let Some((width, height)) = fitting.get() {
            tell("height", &[("width", width.into()), ("height", height.into())]);
        }
    });
}
