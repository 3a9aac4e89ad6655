//! The figure about the loss of semantic segmentation: cross entropy at every pixel, averaged (00:13 of the lecture).

mod painting;
mod training;

use leptos::{html::Canvas, prelude::*};
use model::{
    catalog::System,
    structures::{
        class_map::CLASSES,
        stage::{Artifact, FeatureMap},
    },
};
use web_sys::{KeyboardEvent, PointerEvent};

use self::{
    painting::{Losses, Painting},
    training::Training,
};
use super::{
    controls::{Range, to_try},
    piece::{PhotoPicture, place_of},
};
use crate::{
    inside::views::{
        bars::softmax,
        choice::{number, thousands},
        marks::moved,
        raster::raster,
    },
    paint::{prepared, tint::rgb, tokens::Tokens, view::Size},
    palette::colour_of,
    state::{use_actions, use_photo, use_result, use_view},
};

/// The stage whose scores are compared with the truth.
const STAGE: &str = "score-maps";
/// Opacity of painted cells, 0 to 255.
const PAINT: u8 = 165;
/// A loss from which on a cell is as bright as can be: that of a probability of 1 %.
const BRIGHT: f32 = 4.6;

/// The scores of every class in every cell, as probabilities.
fn scores() -> Memo<Option<Vec<Vec<f32>>>> {
    let (result, actions) = (use_result(), use_actions());
    actions.view.needs_network.set(true);
    let found = Memo::new(move |_| {
        result.results.with(|all| {
            let stage = all.finished(System::Fcn)?.run.stage(STAGE)?;
            let Artifact::ScoreMaps(maps) = stage.artifact.as_ref()? else { return None };
            Some(probabilities(&maps.first()?.maps))
        })
    });
    Effect::new(move |_| {
        if result.is_done() && found.with(Option::is_none) {
            actions.open_beside(System::Fcn);
        }
    });
    found
}

/// The probabilities of all classes, cell by cell; an empty first entry would be a map without cells.
fn probabilities(map: &FeatureMap) -> Vec<Vec<f32>> {
    let cell = |i: usize| {
        let score = |class: usize| map.value(class, i % map.width, i / map.width).unwrap_or_default();
        softmax(&(0..map.channels).map(score).collect::<Vec<_>>())
    };
    (0..map.width * map.height).map(cell).collect()
}

/// The figure on the photo on show.
pub fn view() -> AnyView {
    let photo = use_photo();
    let scores = scores();
    let painting = RwSignal::new(Painting::default());
    let (class, brush) = (RwSignal::new(None::<usize>), RwSignal::new(3.0));
    let pointed = RwSignal::new(None::<usize>);
    Effect::new(move |_| {
        photo.shown.track(); // another photo has another truth
        // To begin with the truth is what the network says: what the visitor corrects stands out.
        painting.set(scores.with(|it| it.as_ref().map(|it| Painting::filled(it)).unwrap_or_default()));
        pointed.set(None);
    });
    let training = Training::new(scores, painting);
    let now = Memo::new(move |_| scores.with(|it| it.as_ref().map(|it| training.apply(it))));
    let losses = Memo::new(move |_| {
        now.with(|scores| {
            painting.with(|painting| scores.as_ref().map_or_else(Losses::default, |it| Losses::of(painting, it)))
        })
    });
    // To begin with the likeliest thing of the photo.
    let chosen = Memo::new(move |_| {
        class.get().unwrap_or_else(|| scores.with(|it| it.as_ref().map_or(0, |it| painting::commonest(it))))
    });
    let paint = move |cell: usize| {
        painting.update(|it| it.stroke(cell, brush.get_untracked() as usize, chosen.get_untracked() as u8))
    };
    let option = move |index: usize, name: &'static str| {
        view! { <option value=index.to_string() selected=move || chosen.get() == index>{name}</option> }
    };
    let words = move || {
        let Some(cell) = pointed.get() else { return "Point at a cell to read it.".to_owned() };
        now.with(|it| {
            it.as_ref()
                .and_then(|it| it.get(cell))
                .map(|it| painting.with(|painting| painting::cell_words(painting.class(cell), it)))
        })
        .unwrap_or_default()
    };
    let waiting =
        move || if scores.with(Option::is_none) { "The network is computing the scores of every cell." } else { "" };
    view! {
        <p class="fig-note" role="status" data-testid="waiting">{waiting}</p>
        <div class="fig-pair">
            <section>
                <h2 class="fig-name">"Paint the truth"</h2>
                <CellPhoto id="truth" painting pointed paint losses=None label="The truth: arrow keys move, Space paints"/>
                <div class="fig-choices">
                    <label class="field-label" for="paint-class">"Class"</label>
                    <select id="paint-class" class="select" data-testid="paint-class" on:change=move |event| {
                        class.set(event_target_value(&event).parse().ok().filter(|&it: &usize| it < CLASSES.len()));
                    }>{CLASSES.iter().enumerate().map(|(index, &name)| option(index, name)).collect_view()}</select>
                </div>
                <Range id="brush" label="Brush, in cells" limits=(0.0, 12.0) step=1.0 words=|it| format!("{:.0}", 2.0 * it + 1.0) value=brush set=move |value| brush.set(value)/>
                <div class="fig-presets">
                    <button type="button" class="fig-preset" data-testid="fill" on:click=move |_| scores.with_untracked(|it| {
                        if let Some(it) = it { painting.update(|painting| painting.fill(it)); }
                    })>"The network's answer"</button>
                    <button type="button" class="fig-preset" data-testid="clear" on:click=move |_| painting.update(Painting::clear)>"Clear"</button>
                </div>
            </section>
            <section>
                <h2 class="fig-name">"The loss of each cell"</h2>
                <CellPhoto id="loss" painting pointed paint losses=Some(losses) label="The loss of each cell: arrow keys move, Space paints"/>
                <p class="big-number" data-testid="mean" data-value=move || losses.with(|it| it.mean().unwrap_or_default().to_string())>
                    {move || losses.with(|it| it.mean().map_or_else(|| "–".to_owned(), |it| format!("{it:.3}")))}
                </p>
                <p class="fig-note">{move || losses.with(|it| format!(
                    "Mean of {} painted cells; their sum is {}. Bright: wrong. Dark: right.", thousands(it.painted() as f64), number(it.sum())
                ))}</p>
                <p class="fig-reading" aria-live="polite" data-testid="cell-words">{words}</p>
                {training.view(move || losses.with(Losses::mean))}
            </section>
        </div>
        {to_try("To begin with, the truth is what the network says. Paint one thing as it really is: only where the network is wrong, or unsure, does the loss grow. \
                 Paint a horse as a cow and watch the mean.")}
    }
    .into_any()
}

/// The photo with painted cells, or with their losses; both take the brush.
#[component]
fn CellPhoto(
    /// Its test id.
    id: &'static str,
    /// What is painted.
    painting: RwSignal<Painting>,
    /// The cell that is pointed at.
    pointed: RwSignal<Option<usize>>,
    /// Paints at a cell.
    paint: impl Fn(usize) + Copy + Send + Sync + 'static,
    /// The losses, if they are on show.
    losses: Option<Memo<Losses>>,
    /// What it is, for those who do not see it.
    label: &'static str,
) -> impl IntoView {
    let (photo, theme) = (use_photo(), use_view());
    let node = NodeRef::<Canvas>::new();
    let side = Memo::new(move |_| painting.with(Painting::side));
    Effect::new(move |_| {
        let Some(canvas) = node.get() else { return };
        let _ = theme.is_dark(); // tracked: other tokens
        let side = side.get();
        let tokens = Tokens::read();
        let pixels = match losses {
            Some(losses) => losses.with(|it| it.pixels(rgb(tokens.colour(0)), BRIGHT)),
            None => painting.with(|it| it.pixels(|class| rgb(tokens.colour(colour_of(class))), PAINT)),
        };
        let drawn = prepared(&canvas, Size::new(side.max(1) as f32, side.max(1) as f32), 1.0).and_then(|context| {
            context.clear_rect(0.0, 0.0, side as f64, side as f64);
            if side == 0 {
                Ok(())
            } else {
                context.draw_image_with_html_canvas_element(&raster(&pixels, (side, side))?, 0.0, 0.0)
            }
        });
        if let Err(error) = drawn {
            leptos::logging::error!("the cells could not be drawn: {error:?}");
        }
    });
    let cell_at = move |event: &PointerEvent| {
        let ((x, y), side) = (place_of(event)?, side.get_untracked());
        let inside = (0.0..1.0).contains(&x) && (0.0..1.0).contains(&y);
        inside.then(|| (y * side as f64) as usize * side + (x * side as f64) as usize)
    };
    let go = move |event: PointerEvent| {
        let Some(cell) = cell_at(&event) else { return };
        pointed.set(Some(cell));
        if event.buttons() & 1 == 1 {
            paint(cell);
        }
    };
    let key = move |event: KeyboardEvent| {
        let side = side.get_untracked().max(1);
        let at = pointed.get_untracked().unwrap_or(side * side / 2 + side / 2);
        if event.key() == " " {
            paint(at);
        } else if let Some((x, y)) = moved(&event.key(), (at % side, at / side), (side, side)) {
            pointed.set(Some(y * side + x));
        } else {
            return;
        }
        event.prevent_default();
        event.stop_propagation();
    };
    let aspect = move || format!("{:.4}", photo.size().aspect());
    let percent = |part: usize, side: usize| format!("{:.3}%", part as f64 / side.max(1) as f64 * 100.0);
    view! {
        <div class="paint-photo" data-testid=id role="application" aria-roledescription="picture" tabindex="0" aria-label=label style:aspect-ratio=aspect
            on:pointerdown=move |event: PointerEvent| { event.prevent_default(); go(event); } on:pointermove=go on:keydown=key>
            <PhotoPicture/>
            <canvas node_ref=node class="paint-cells" aria-hidden="true"></canvas>
            {move || pointed.get().map(|cell| { let side = side.get().max(1); view! {
                <span class="paint-cursor" style:left=percent(cell % side, side) style:top=percent(cell / side, side) style:width=percent(1, side) style:height=percent(1, side)></span>
            }})}
        </div>
    }
}
