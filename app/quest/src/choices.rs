//! The controls: the first choices, and the settings of a round.

use leptos::prelude::*;
use model::quest::{
    architecture::{Architecture, Input},
    record::Decision,
    settings::{Optimizer, Settings},
    statistics::Statistics,
};

use crate::{
    numbers,
    state::{State, use_state},
};

/// The settings of the next round.
#[derive(Clone, Copy)]
pub struct Controls(pub RwSignal<Settings>);

impl Controls {
    /// The controls of this game: as the last epoch had them.
    pub fn of(state: State) -> Self {
        let last = state.machine.with_untracked(|machine| {
            let steps = machine.game.as_ref().map(|game| game.steps.as_slice()).unwrap_or_default();
            steps.iter().rev().find_map(|step| match step.decision {
                Decision::Train { settings } => Some(settings),
                _ => None,
            })
        });
        Self(RwSignal::new(last.or_else(first_settings).unwrap_or_default()))
    }
}

/// Where the settings of the first choices wait for the first round.
const FIRST: &str = "lookout-quest-first-settings";

fn first_settings() -> Option<Settings> {
    let text = window().session_storage().ok().flatten()?.get_item(FIRST).ok().flatten()?;
    serde_json::from_str::<Settings>(&text).ok().filter(|settings| settings.check().is_ok())
}

fn keep_first_settings(settings: &Settings) {
    if let (Ok(Some(storage)), Ok(text)) = (window().session_storage(), serde_json::to_string(settings)) {
        // Without storage the first round begins with the proposed settings.
        let _ = storage.set_item(FIRST, &text);
    }
}

/// The first choices: learning rate, network, dropout.
#[component]
pub fn FirstChoices() -> impl IntoView {
    let state = use_state();
    let Some(statistics) = state.machine.with_untracked(|it| it.game.as_ref().map(|game| game.statistics)) else {
        return ().into_any();
    };
    let (layers, width) = Architecture::proposal(statistics.input);
    let settings = RwSignal::new(Settings::default());
    let (layers, width) = (RwSignal::new(layers), RwSignal::new(width));
    let network = move || Architecture::uniform(statistics.input, statistics.classes, layers.get(), width.get()).ok();
    let start = move |_| {
        keep_first_settings(&settings.get_untracked());
        state.decide(Decision::Start { layers: layers.get_untracked(), width: width.get_untracked() });
        state.decide_next(settings.get_untracked());
    };
    let [least, most] = Architecture::FIRST_LAYERS;
    let is_image = matches!(statistics.input, Input::Image { .. });
    let layer_title = if is_image { "Convolutional layers" } else { "Layers" };
    let width_title = if is_image { "Channels of each" } else { "Units of each" };
    let step = if is_image { 4 } else { 8 };
    let least_width = if is_image { Architecture::MIN_WIDTH } else { 8 };
    view! {
        <section class="quest-card quest-choices" aria-labelledby="choices-title">
            <h1 id="choices-title" class="quest-title">"Choose three things"</h1>
            <p class="quest-hint">"You can change rate and dropout later, and the network can grow. It cannot shrink."</p>
            <RateControl settings/>
            <div class="quest-pair">
                <Slider id="layers" title=layer_title value=Signal::derive(move || layers.get() as f64) from=least as f64 to=most as f64
                    step=1.0 shown=Signal::derive(move || layers.get().to_string()) set=move |it| layers.set(it as usize)/>
                <Slider id="width" title=width_title value=Signal::derive(move || width.get() as f64) from=least_width as f64
                    to=Architecture::max_width(statistics.input) as f64 step=f64::from(step)
                    shown=Signal::derive(move || width.get().to_string()) set=move |it| width.set(it as usize)/>
            </div>
            <DropoutControl settings/>
            <p class="quest-cost" data-testid="cost" role="status">{move || network().map(|it| cost(state, &it, &statistics))}</p>
            <button type="button" class="solid" data-testid="begin" on:click=start>"Train the first epoch"</button>
        </section>
    }
    .into_any()
}

/// "12,345 parameters, about 4 s an epoch".
pub fn cost(state: State, network: &Architecture, statistics: &Statistics) -> String {
    let seconds = state.seconds_an_epoch(network, statistics);
    let time = seconds.map(|it| format!(", about {} an epoch", numbers::seconds(it))).unwrap_or_default();
    format!("{} parameters{time}", numbers::whole(network.parameters()))
}

/// A slider with its value.
#[component]
pub fn Slider(
    id: &'static str,
    title: &'static str,
    value: Signal<f64>,
    from: f64,
    to: f64,
    step: f64,
    /// The value in words.
    shown: Signal<String>,
    set: impl Fn(f64) + 'static,
) -> impl IntoView {
    view! {
        <label class="quest-slider" for=id>
            <span class="quest-slider-title">{title}</span><span class="quest-slider-value">{shown}</span>
            <input id=id data-testid=id type="range" min=from max=to step=step prop:value=value aria-valuetext=shown
                on:input=move |event| {
                    if let Ok(value) = event_target_value(&event).parse() {
                        set(value);
                    }
                }/>
        </label>
    }
}

/// The learning rate, on a logarithmic slider.
#[component]
pub fn RateControl(settings: RwSignal<Settings>) -> impl IntoView {
    view! {
        <Slider id="rate" title="Learning rate" value=Signal::derive(move || f64::from(numbers::position_of(settings.get().rate)))
            from=0.0 to=f64::from(numbers::RATE_STEPS) step=1.0
            shown=Signal::derive(move || numbers::rate(settings.get().rate))
            set=move |it| settings.update(|settings| settings.rate = numbers::rate_at(it as u32))/>
    }
}

/// The dropout rate.
#[component]
pub fn DropoutControl(settings: RwSignal<Settings>) -> impl IntoView {
    view! {
        <Slider id="dropout" title="Dropout" value=Signal::derive(move || f64::from(settings.get().dropout)) from=0.0 to=0.9 step=0.05
            shown=Signal::derive(move || format!("{:.2}", settings.get().dropout))
            set=move |it| settings.update(|settings| settings.dropout = (it * 20.0).round() as f32 / 20.0)/>
    }
}

/// Weight decay, batch size and optimiser: what is rarely changed.
#[component]
pub fn FurtherControls(settings: RwSignal<Settings>) -> impl IntoView {
    let decays = [0.0, 0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1_f32];
    let decay_position = move || decays.iter().rposition(|it| *it <= settings.get().decay).unwrap_or_default() as f64;
    let optimizer = move || match settings.get().optimizer {
        Optimizer::Adam => "adam",
        Optimizer::Sgd { .. } => "sgd",
    };
    let set_optimizer = move |event| {
        let optimizer =
            if event_target_value(&event) == "adam" { Optimizer::Adam } else { Optimizer::Sgd { momentum: 0.9 } };
        settings.update(|settings| settings.optimizer = optimizer);
    };
    let momentum = move || match settings.get().optimizer {
        Optimizer::Sgd { momentum } => Some(momentum),
        Optimizer::Adam => None,
    };
    let set_batch = move |event| {
        if let Ok(batch) = event_target_value(&event).parse() {
            settings.update(|settings| settings.batch = batch);
        }
    };
    view! {
        <details class="quest-further">
            <summary>"Weight decay, batch size, optimiser"</summary>
            <Slider id="decay" title="Weight decay" value=Signal::derive(decay_position) from=0.0 to=(decays.len() - 1) as f64 step=1.0
                shown=Signal::derive(move || settings.get().decay.to_string())
                set=move |it| settings.update(|settings| settings.decay = decays[(it as usize).min(decays.len() - 1)])/>
            <div class="quest-pair">
                <label class="quest-field">"Batch size"
                    <select class="quest-input" data-testid="batch" on:change=set_batch>
                        {Settings::BATCHES.map(|size| view! {
                            <option value=size selected=move || settings.get().batch == size>{size}</option>
                        }).collect_view()}
                    </select>
                </label>
                <label class="quest-field">"Optimiser"
                    <select class="quest-input" data-testid="optimizer" on:change=set_optimizer>
                        <option value="sgd" selected=move || optimizer() == "sgd">"SGD with momentum"</option>
                        <option value="adam" selected=move || optimizer() == "adam">"Adam"</option>
                    </select>
                </label>
            </div>
            <Show when=move || momentum().is_some()>
                <Slider id="momentum" title="Momentum" value=Signal::derive(move || f64::from(momentum().unwrap_or_default()))
                    from=0.0 to=0.95 step=0.05 shown=Signal::derive(move || format!("{:.2}", momentum().unwrap_or_default()))
                    set=move |it| settings.update(|settings| {
                        settings.optimizer = Optimizer::Sgd { momentum: (it * 20.0).round() as f32 / 20.0 };
                    })/>
            </Show>
        </details>
    }
}
