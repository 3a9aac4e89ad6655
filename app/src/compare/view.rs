//! The comparison as a whole: what it showed, the rows, and beside them the open row and the plot.

use std::collections::BTreeMap;

use leptos::prelude::*;
use model::{
    catalog::{System, Task},
    structures::boxes::Suppression,
};

use super::{
    axis::Axis,
    canvas::Source,
    export::{save_csv, save_json},
    marks,
    matching::{self, Thing, held},
    parts::Part,
    plot::Plot,
    row::{Found, RowView, Shown},
    rows::{Row, State, left_out, left_out_keys, order, rows},
    runs::Runs,
    sheet::save_png,
    story::{story, together},
    ticks::{Ticks, class_map, count, listed},
    years::Years,
};
use crate::{
    adjust::{Adjust, AdjustBoxes},
    inside::time_suppression,
    panel::EngineLine,
    results::SystemRun,
    scene::{Scene, Sources},
    state::{Actions, use_actions, use_photo, use_view},
    url_state::unknown_name,
    words::faults::Named,
};

/// The comparison.
pub fn view() -> AnyView {
    view! { <Comparison/> }.into_any()
}

/// What the parts of the comparison share.
#[derive(Clone, Copy)]
struct Compared {
    actions: Actions,
    runs: Runs,
    truth: RwSignal<Vec<Thing>>,
    all: Memo<Vec<Shown>>,
}

impl Compared {
    fn new() -> Self {
        let actions = use_actions();
        let (runs, photo) = (Runs::start(actions), use_photo());
        let shown = Memo::new(move |_| photo.shown.with(|it| it.as_ref().map(|it| it.id)));
        let truth = RwSignal::new(shown.get_untracked().map(marks::on).unwrap_or_default());
        Effect::new(move |earlier: Option<_>| {
            let now = shown.get();
            if earlier.is_some_and(|earlier| earlier != now) {
                truth.set(now.map(marks::on).unwrap_or_default()); // other things are there
            }
            now
        });
        Effect::new(move |_| {
            let things = truth.get();
            if let Some(photo) = shown.get_untracked() {
                marks::keep(photo, things);
            }
        });
        let suppressed = Suppressed::default();
        let rows = Memo::new(move |_| rows_of(actions, runs, suppressed));
        let sources = StoredValue::new(BTreeMap::<System, Sources>::new());
        let all = Memo::new(move |_| rows.with(|rows| shown_of(actions, rows, sources, &truth.get())));
        Self { actions, runs, truth, all }
    }

    fn row(self, system: System) -> Memo<Option<Shown>> {
        Memo::new(move |_| self.all.with(|all| all.iter().find(|it| it.row.system == system).cloned()))
    }

    fn rows<T>(self, read: impl FnOnce(&[Row]) -> T) -> T {
        let rows: Vec<Row> = self.all.with(|all| all.iter().map(|it| it.row.clone()).collect());
        read(&rows)
    }

    /// Leaves a system out, or takes it in again.
    fn leave(self, system: System) {
        let without = self.actions.view.without;
        let mut systems = without.with_untracked(|keys| left_out(keys));
        if !systems.remove(&system) {
            systems.insert(system);
        }
        without.set(left_out_keys(&systems));
        self.runs.leave(system);
    }
}

/// Milliseconds of suppression by the number of the result, with the rule that they are of: measured once.
#[derive(Clone, Copy, Default)]
struct Suppressed(StoredValue<BTreeMap<u32, (Suppression, f64)>>);

impl Suppressed {
    fn ms(self, known: &SystemRun, rule: &Suppression) -> Option<f64> {
        let number = known.result?;
        let before = self.0.with_value(|all| all.get(&number).copied()).filter(|it| it.0 == *rule);
        if let Some((_, ms)) = before {
            return Some(ms);
        }
        let ms = time_suppression(known.run.detections()?, rule);
        self.0.update_value(|all| {
            all.insert(number, (*rule, ms));
        });
        Some(ms)
    }
}

/// What is known of the rows' runs.
fn rows_of(actions: Actions, runs: Runs, suppressed: Suppressed) -> Vec<Row> {
    let (result, view) = (actions.result, actions.view);
    let without = view.without.with(|keys| left_out(keys));
    let device = result.engine.device.get();
    let own = result.engine.phase.get() == crate::engine::Phase::Running && result.engine.is_ready();
    let of_page = result.systems().first().copied().filter(|_| own);
    let running = runs.current.get().or(of_page);
    let rule = result.settings.with(crate::settings::Settings::rule);
    let suppression_ms = move |known: &SystemRun| {
        let is_boxes = known.run.system.info().task == Task::Boxes;
        if is_boxes { suppressed.ms(known, &rule) } else { None }
    };
    let task = result.task.get();
    result.results.with(|results| rows(task, &without, results, device.as_deref(), running, suppression_ms))
}

/// The rows with what they found.
///
/// # Arguments
/// * `sources` - the layers that were made before: results that are known are not worked out again.
fn shown_of(
    actions: Actions,
    rows: &[Row],
    sources: StoredValue<BTreeMap<System, Sources>>,
    truth: &[Thing],
) -> Vec<Shown> {
    let scenes: Vec<Scene> = actions.result.results.with(|results| {
        let scene = |row: &Row| {
            let earlier = sources.with_value(|all| all.get(&row.system).cloned());
            if row.run.is_none() {
                return Scene::default();
            }
            let own = Sources::of(&[row.system], results, false, earlier.as_ref());
            sources.update_value(|all| drop(all.insert(row.system, own.clone())));
            actions.result.settings.with(|settings| Scene::of(&own, settings))
        };
        rows.iter().map(scene).collect()
    });
    let first = scenes.first().and_then(class_map).map(|it| it.legend.clone());
    let shown = |(row, scene): (&Row, Scene)| {
        let things: Option<Vec<Thing>> = listed(&scene).map(|it| it.into_iter().map(|it| it.thing).collect());
        let found = things.map(|things| Found {
            found: matching::count(truth, &things),
            held: row.proposals().filter(|it| !it.is_empty()).map(|it| held(truth, it)),
            truth: truth.len(),
        });
        let agreement = class_map(&scene).zip(first.as_ref()).filter(|_| row.number > 1);
        let agreement = agreement.map(|(own, first)| matching::agreement(&own.legend.map, &first.map));
        Shown { row: row.clone(), count: count(&scene), found, agreement, scene }
    };
    rows.iter().zip(scenes).map(shown).collect()
}

#[component]
fn Comparison() -> impl IntoView {
    let (photo, view) = (use_photo(), use_view());
    let compared = Compared::new();
    let unknown = view.without.with_untracked(|keys| {
        let unknown = keys.split('.').filter(|key| !key.is_empty() && System::from_key(key).is_none());
        unknown.map(|key| unknown_name(Named::System, key)).collect::<Vec<_>>().join(" ")
    });
    if !unknown.is_empty() {
        view.notifications.fault_in_address(&unknown);
    }
    let source = Source::new(photo);
    let axis = Memo::new(move |_| compared.all.with(|all| axis_of(all)));
    let chosen = RwSignal::new(None::<System>);
    // The first result, until another row is opened.
    let open = Memo::new(move |_| {
        let has_result = |it: &&Shown| it.scene.lead().is_some();
        compared.all.with(|all| {
            let chosen = all.iter().filter(has_result).find(|it| Some(it.row.system) == chosen.get());
            chosen.or_else(|| all.iter().find(has_result)).map(|it| it.row.system)
        })
    });
    let open_row =
        Memo::new(move |_| compared.all.with(|all| all.iter().find(|it| Some(it.row.system) == open.get()).cloned()));
    let systems = Memo::new(move |_| order(compared.actions.result.task.get()));
    let list = move || {
        let row = |system: System| {
            view! {
                <RowView shown=compared.row(system) source axis is_open=Signal::derive(move || open.get() == Some(system))
                    open=Callback::new(move |()| look_at(chosen, system)) leave=Callback::new(move |()| compared.leave(system))/>
            }
        };
        systems.get().into_iter().map(row).collect_view()
    };
    let is_boxes = move || compared.actions.result.task.get() == Task::Boxes;
    view! {
        <section class="compare" data-testid="compare-view" aria-label="Comparison" lang="en" data-state=move || state_of(compared)>
            <div class="compare-main">
                <Head compared/>
                <Key axis/>
                <ol class="compare-rows">{list}</ol>
                <p class="compare-together" data-testid="compare-together">{move || compared.rows(together)}</p>
            </div>
            <div class="compare-side">
                <Ticks shown=open_row source truth=compared.truth/>
                <Plot rows=compared.all axis/>
                <Show when=is_boxes><Years/></Show>
                <Show when=is_boxes><Adjust><AdjustBoxes/></Adjust></Show>
                <EngineLine/>
            </div>
        </section>
    }
}

/// Opens a row's result; on a narrow screen it is far below the row.
fn look_at(chosen: RwSignal<Option<System>>, system: System) {
    chosen.set(Some(system));
    if let Ok(Some(open)) = document().query_selector(".compare-open") {
        open.scroll_into_view();
    }
}

/// The axis on which all times lie, those of the papers too.
fn axis_of(all: &[Shown]) -> Axis {
    let own = all.iter().map(|it| it.row.whole_ms.unwrap_or_else(|| it.row.split.total_ms()));
    let papers = all.iter().filter_map(|it| it.row.system.published()).map(|it| it.seconds * 1e3);
    Axis::over(own.chain(papers))
}

/// How many systems are done, and how many are compared.
fn progress(compared: Compared) -> (usize, usize) {
    compared.all.with(|all| {
        let taken = all.iter().filter(|it| it.row.state != State::LeftOut);
        (taken.clone().filter(|it| it.row.state == State::Done).count(), taken.count())
    })
}

fn state_of(compared: Compared) -> &'static str {
    let (done, all) = progress(compared);
    match () {
        () if done == all => "done",
        () if compared.runs.is_stopped.get() => "stopped",
        () => "running",
    }
}

/// What the comparison showed, and what can be done with it.
#[component]
fn Head(
    /// What is compared.
    compared: Compared,
) -> impl IntoView {
    let state = Memo::new(move |_| state_of(compared));
    let title = move || {
        let (done, all) = progress(compared);
        match state.get() {
            "done" => format!("{all} systems, one photo"),
            "stopped" => format!("Stopped at {done} of {all}"),
            _ => format!("{done} of {all} systems have run"),
        }
    };
    let words = move || {
        compared.rows(story).unwrap_or_else(|| {
            "The systems run on this photo one after the other, quick ones first. Each row fills as it runs.".to_owned()
        })
    };
    let toggle = move || match state.get() {
        "running" => "Stop",
        _ => "Go on",
    };
    let runs = compared.runs;
    let has_rows = move || progress(compared).0 > 0;
    view! {
        <header class="compare-head">
            <div aria-live="polite">
                <h1 class="compare-heading">{title}</h1>
                <p class="compare-story" data-testid="compare-story">{words}</p>
            </div>
            <div class="compare-buttons">
                <Show when=move || state.get() != "done">
                    <button type="button" class="quiet" data-testid="compare-stop" on:click=move |_| runs.toggle()>{toggle}</button>
                </Show>
                <Show when=move || state.get() == "done" && has_rows()>
                    <button type="button" class="quiet" data-testid="compare-again" on:click=move |_| runs.repeat()
                        title="Now that everything is loaded and compiled">"Measure again"</button>
                </Show>
                <Show when=has_rows>
                    <button type="button" class="quiet" data-testid="compare-csv" on:click=move |_| save_csv(compared.actions, &compared.all.get_untracked())>"Save CSV"</button>
                    <button type="button" class="quiet" data-testid="compare-json" on:click=move |_| save_json(compared.actions, &compared.all.get_untracked())>"Save JSON"</button>
                    <button type="button" class="quiet" data-testid="compare-png" on:click=move |_| save_png(compared.actions, compared.all.get_untracked())>"Save PNG"</button>
                </Show>
            </div>
        </header>
    }
}

/// The key to the bars, and their axis.
#[component]
fn Key(
    /// The axis of all bars.
    axis: Memo<Axis>,
) -> impl IntoView {
    let tick = move || {
        let axis = axis.get();
        let tick = |(ms, name): (f64, String)| {
            view! { <span class="compare-tick-name" style:left=format!("{:.3}%", axis.place(ms) * 100.0)>{name}</span> }
        };
        axis.ticks().into_iter().map(tick).collect_view()
    };
    let parts = [Part::Proposals, Part::Backbone, Part::Heads, Part::Suppression];
    let key = parts.map(|part| {
        view! { <li><i class="compare-swatch" data-part=part.key() data-shared="false"></i>{part.title()}</li> }
    });
    view! {
        <div class="compare-key">
            <ul class="compare-keys">
                {key.into_iter().collect_view()}
                <li><i class="compare-swatch" data-shared="true"></i>"Shared with a row above: ran once"</li>
                <li><i class="compare-swatch compare-diamond"></i>"Published time, on another machine"</li>
            </ul>
            <p class="field-hint">"A bar is as long as the whole time on the logarithmic axis; its colours are shares of that time."</p>
            <div class="compare-axis" aria-hidden="true">{tick}</div>
        </div>
    }
}
