//! The two plots: loss and accuracy against epochs.

use leptos::prelude::*;
use model::quest::{game::Stage, record::Game, tree::Tree};

use crate::{
    curves::{Curves, Point, Quantity, curves, gap},
    marks::{Mark, marks},
    numbers,
    state::use_state,
};

/// Pixels round the axes: left, top, right, bottom.
const MARGINS: [f32; 4] = [44.0, 40.0, 14.0, 30.0];

/// Both plots.
#[component]
pub fn Plots() -> impl IntoView {
    let width = RwSignal::new(plot_width());
    let handle = window_event_listener(leptos::ev::resize, move |_| {
        let now = plot_width();
        if width.get_untracked().to_bits() != now.to_bits() {
            width.set(now);
        }
    });
    on_cleanup(move || handle.remove());
    view! {
        <div class="quest-plots">
            <Plot quantity=Quantity::Loss width/>
            <Plot quantity=Quantity::Accuracy width/>
        </div>
    }
}

/// The width of a plot in its own units, so that its text is as large on a phone as elsewhere.
fn plot_width() -> f32 {
    let width = window().inner_width().ok().and_then(|it| it.as_f64()).unwrap_or(1280.0) as f32;
    match width {
        ..700.0 => 360.0,
        ..1100.0 => 640.0,
        _ => 480.0,
    }
}

#[component]
fn Plot(quantity: Quantity, width: RwSignal<f32>) -> impl IntoView {
    let state = use_state();
    let found = Memo::new(move |_| {
        let (tree, replay) = (state.tree()?, state.replay.get());
        state.machine.with(|machine| {
            let game = machine.game.as_ref()?;
            let is_training = machine.stage == Stage::Working;
            let chance = (game.statistics.classes as f32).ln();
            let whole = curves(game, &tree, &machine.course, is_training, quantity);
            let Some(steps) = replay else { return Some((whole, marks(game, &tree), chance)) };
            let (game, tree) = until(game, steps)?;
            // On the axes of the whole game: what grows are the curves.
            let part = curves(&game, &tree, &[], false, quantity);
            Some((Curves { epochs: whole.epochs, top: whole.top, ..part }, marks(&game, &tree), chance))
        })
    });
    let (title, id) = match quantity {
        Quantity::Loss => ("Loss", "loss-plot"),
        Quantity::Accuracy => ("Accuracy", "accuracy-plot"),
    };
    view! {
        <figure class="quest-plot" data-testid=id>
            <figcaption class="quest-plot-head">
                <span class="quest-plot-title">{title}</span>
                <span class="quest-key quest-key-training">"training"</span>
                <span class="quest-key quest-key-validation">"validation"</span>
                <span class="quest-gap" data-testid=format!("{id}-gap")>
                    {move || found.get().and_then(|(curves, ..)| gap(&curves)).map(|gap| gap_words(gap, quantity))}
                </span>
            </figcaption>
            {move || found.get().map(|(curves, marks, chance)| {
                drawing(&curves, &marks, &Frame::new(&curves, width.get()), quantity, chance)
            })}
        </figure>
    }
}

/// A game as it was after some decisions.
fn until(game: &Game, steps: usize) -> Option<(Game, Tree)> {
    let steps = game.steps.iter().take(steps).cloned().collect();
    let game = Game { steps, player: game.player.clone(), id: game.id.clone(), ..*game };
    let tree = Tree::of(&game).ok()?;
    Some((game, tree))
}

fn gap_words(gap: f32, quantity: Quantity) -> String {
    match quantity {
        Quantity::Loss => format!("gap {}", format!("{gap:+.3}").replace('-', "−")),
        Quantity::Accuracy => format!("gap {} points", numbers::points(gap)),
    }
}

/// From epochs and values to the drawing.
struct Frame {
    width: f32,
    height: f32,
    epochs: f32,
    top: f32,
}

impl Frame {
    fn new(curves: &Curves, width: f32) -> Self {
        Self { width, height: if width < 400.0 { 200.0 } else { 260.0 }, epochs: curves.epochs, top: curves.top }
    }

    fn x(&self, epoch: f32) -> f32 {
        MARGINS[0] + epoch / self.epochs * (self.width - MARGINS[0] - MARGINS[2])
    }

    fn y(&self, value: f32) -> f32 {
        let share = (value / self.top).clamp(0.0, 1.0);
        self.height - MARGINS[3] - share * (self.height - MARGINS[1] - MARGINS[3])
    }

    fn points(&self, points: &[Point]) -> String {
        let point = |it: &Point| format!("{:.1},{:.1}", self.x(it[0]), self.y(it[1]));
        points.iter().map(point).collect::<Vec<_>>().join(" ")
    }
}

fn drawing(curves: &Curves, marks: &[Mark], frame: &Frame, quantity: Quantity, chance: f32) -> AnyView {
    let words = match (curves.training.last(), curves.validation.last()) {
        (Some(training), Some(validation)) => {
            let value = |it: f32| if quantity == Quantity::Loss { format!("{it:.3}") } else { numbers::percent(it) };
            let word = if quantity == Quantity::Loss { "Loss" } else { "Accuracy" };
            let (training, validation) = (value(training[1]), value(validation[1]));
            format!(
                "{word} after each epoch. Now {training} on training examples, {validation} on validation examples."
            )
        }
        _ => "No epoch was trained yet.".to_owned(),
    };
    let batches =
        curves.batches.iter().map(|line| view! { <polyline class="quest-batches" points=frame.points(line)/> });
    let discarded = curves.discarded.iter().flatten().map(|[from, to]| {
        view! {
            <line class="quest-discarded" x1=frame.x(from[0]) y1=frame.y(from[1]) x2=frame.x(to[0]) y2=frame.y(to[1])/>
        }
    });
    let exploded = curves.exploded.iter().map(|epoch| {
        view! {
            <text class="quest-exploded" x=frame.x(*epoch) y=frame.y(frame.top) text-anchor="middle">"✕"</text>
        }
    });
    let line = |points: &[Point], class: &'static str| {
        let dots = points
            .iter()
            .map(|it| view! { <circle class=class cx=frame.x(it[0]) cy=frame.y(it[1]) r="3"/> })
            .collect_view();
        view! { <polyline class=class points=frame.points(points)/>{dots} }
    };
    let between: Vec<Point> = curves.training.iter().chain(curves.validation.iter().rev()).copied().collect();
    let at_chance = (quantity == Quantity::Loss && chance < frame.top).then(|| {
        view! {
            <line class="quest-chance" x1=frame.x(0.0) x2=frame.x(frame.epochs) y1=frame.y(chance) y2=frame.y(chance)/>
            <text class="quest-axis" x=frame.x(frame.epochs) y=frame.y(chance) - 5.0 text-anchor="end">"guessing"</text>
        }
    });
    view! {
        <svg class="quest-svg" viewBox=format!("0 0 {} {}", frame.width, frame.height) role="img" aria-label=words>
            {axes(frame, quantity)}
            {at_chance}
            {discarded.collect_view()}
            <polygon class="quest-between" points=frame.points(&between)/>
            {batches.collect_view()}
            {line(&curves.training, "quest-training")}
            {line(&curves.validation, "quest-validation")}
            {exploded.collect_view()}
            {changes(marks, frame)}
        </svg>
    }
    .into_any()
}

/// Each change as a line with what changed.
fn changes(marks: &[Mark], frame: &Frame) -> AnyView {
    let mark = |(place, mark): (usize, &Mark)| {
        let x = frame.x(mark.epoch);
        let is_late = mark.epoch > 0.6 * frame.epochs;
        let (anchor, shift) = if is_late { ("end", -4.0) } else { ("start", 4.0) };
        // Above the axes; neighbouring marks lie under each other.
        let y = 14.0 + 15.0 * (place % 2) as f32;
        view! {
            <line class="quest-mark" x1=x x2=x y1=y - 9.0 y2=frame.height - MARGINS[3]/>
            <text class="quest-mark-words" x=x + shift y=y text-anchor=anchor>{mark.words.join(", ")}</text>
        }
    };
    marks.iter().enumerate().map(mark).collect_view().into_any()
}

fn axes(frame: &Frame, quantity: Quantity) -> AnyView {
    let lines = (0..=5).map(|step| {
        let value = frame.top * step as f32 / 5.0;
        let words = match quantity {
            Quantity::Accuracy => format!("{:.0} %", value * 100.0),
            Quantity::Loss => format!("{value:.1}"),
        };
        view! {
            <line class="quest-grid" x1=frame.x(0.0) x2=frame.x(frame.epochs) y1=frame.y(value) y2=frame.y(value)/>
            <text class="quest-axis" x=MARGINS[0] - 7.0 y=frame.y(value) + 4.0 text-anchor="end">{words}</text>
        }
    });
    let every = (frame.epochs / 10.0).ceil().max(1.0) as usize;
    let epochs = (0..=frame.epochs as usize).step_by(every).map(|epoch| {
        view! {
            <text class="quest-axis" x=frame.x(epoch as f32) y=frame.height - 10.0 text-anchor="middle">{epoch}</text>
        }
    });
    view! { {lines.collect_view()}{epochs.collect_view()} }.into_any()
}
