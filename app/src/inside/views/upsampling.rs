//! Down and up: the backbone's maps on one side, those that are made of them again on the other, stride by stride.

use leptos::{html::Canvas, prelude::*};
use model::structures::stage::FeatureMap;
use wasm_bindgen::JsValue;
use web_sys::HtmlCanvasElement;

use super::{
    StageView,
    choice::{Cover, bytes},
    feature_maps::{Channels, FeatureMapsView, chosen_map, read},
    raster::{bright, channel_pixels, raster, shown_channel},
};
use crate::{
    inside::selection::{OpenStage, Selection},
    paint::prepared,
    paint::{
        pen::{Pen, Shown},
        tokens::Tokens,
        view::Size,
    },
    state::use_view,
};

/// Bytes of a number on the device.
const NUMBER: usize = 4;
/// Pixels of a small picture along its longer side.
const PICTURE: f32 = 160.0;

/// The maps on the way up with the backbone's.
pub struct UpsamplingView<'a> {
    /// Those on the way up, finest first, then the backbone's, finest first.
    pub maps: FeatureMapsView<'a>,
}

/// A map in the picture of all of them.
#[derive(Clone, Debug, PartialEq)]
struct Place {
    /// Its index in [`UpsamplingView::maps`].
    index: usize,
    /// From 0, finest first.
    row: usize,
    is_up: bool,
    name: String,
    shape: String,
    cost: String,
}

impl UpsamplingView<'_> {
    /// How many maps go up; as many go down, or none if the backbone's were not read.
    fn ups(&self) -> usize {
        self.maps.maps.iter().filter(|map| map.name.starts_with("up")).count()
    }

    /// All maps row by row: down on the left, up on the right.
    fn places(&self) -> Vec<Place> {
        let ups = self.ups();
        let place = |(index, map): (usize, &&FeatureMap)| Place {
            index,
            row: if index < ups { index } else { index - ups },
            is_up: index < ups,
            name: map.name.trim_start_matches("up at ").to_owned(),
            shape: format!("{} × {} × {}", map.width, map.height, map.channels),
            cost: cost(map),
        };
        let mut places: Vec<Place> = self.maps.maps.iter().enumerate().map(place).collect();
        places.sort_by_key(|it| (it.row, it.is_up));
        places
    }
}

/// Bytes of a map with its milliseconds, where they are known.
fn cost(map: &FeatureMap) -> String {
    let size = bytes(map.width * map.height * map.channels * NUMBER);
    map.ms.map_or_else(|| size.clone(), |ms| format!("{size}, {ms:.1} ms"))
}

impl StageView for UpsamplingView<'_> {
    fn words(&self, selection: &Selection) -> String {
        let (up, down) = self.maps.maps.split_at(self.ups());
        let (Some(finest), Some(coarsest)) = (up.first(), up.last()) else { return "There are no maps.".into() };
        let of = |maps: &[&FeatureMap]| {
            bytes(maps.iter().map(|map| map.width * map.height * map.channels * NUMBER).sum::<usize>())
        };
        let below = if down.is_empty() { String::new() } else { format!(" after {} on the way down", of(down)) };
        format!(
            "From {} × {} cells the maps grow to {} × {} again, {} in all{below}. {}",
            coarsest.width,
            coarsest.height,
            finest.width,
            finest.height,
            of(up),
            self.maps.words(selection),
        )
    }

    fn to_try(&self) -> &'static str {
        "Choose the map of the same stride on both sides: on the way down it knows edges, on the way up it knows things."
    }

    fn draw(&self, pen: &Pen, shown: &Shown, selection: &Selection) -> Result<(), JsValue> {
        self.maps.draw(pen, shown, selection)
    }

    fn follows_pointer(&self) -> bool {
        true
    }

    fn controls(&self, stage: OpenStage) -> AnyView {
        let reading = move || read(stage, |view| view.reading(&stage.selection())).flatten();
        view! {
            <Maps stage/>
            <Channels stage map_of=chosen_map/>
            <p class="reading stage-reading" data-testid="map-reading">{reading}</p>
            <Cover stage/>
        }
        .into_any()
    }
}

/// All maps, row by row.
#[component]
fn Maps(
    /// The stage.
    stage: OpenStage,
) -> impl IntoView {
    let of = |view: &FeatureMapsView| {
        UpsamplingView { maps: FeatureMapsView { maps: view.maps.clone(), photo: view.photo } }.places()
    };
    let places = Memo::new(move |_| read(stage, of).unwrap_or_default());
    let chosen = move || stage.selection().map;
    let item = move |place: Place| {
        let Place { index, row, is_up, name, shape, cost } = place;
        let way = if is_up { "up" } else { "down" };
        let label = format!("Way {way}, {name}: {shape} numbers, {cost}");
        view! {
            <button type="button" class="u-map" data-testid="u-map" data-way=way aria-pressed=move || (chosen() == index).to_string()
                aria-label=label style:grid-row=(row + 1).to_string()
                style:grid-column=if is_up { "2" } else { "1" }
                on:click=move |_| stage.choose(|it| (it.map, it.channel) = (index, None))>
                <Picture stage index row/>
                <span class="u-name">{name}</span>
                <span class="u-size">{shape}</span>
                <span class="u-size">{cost}</span>
            </button>
        }
    };
    view! {
        <section class="u" aria-label="Maps on the way down and up">
            <div class="u-head" aria-hidden="true"><span>"Down ↓"</span><span>"Up ↑"</span></div>
            <div class="u-maps">{move || places.get().into_iter().map(item).collect_view()}</div>
        </section>
    }
}

/// The small picture of a map: its most varied channel, or the chosen one.
#[component]
fn Picture(
    /// The stage.
    stage: OpenStage,
    /// Which map.
    index: usize,
    /// Its row: deeper ones are smaller.
    row: usize,
) -> impl IntoView {
    let node = NodeRef::<Canvas>::new();
    let view = use_view();
    let channel = Memo::new(move |_| {
        let selection = stage.selection();
        selection.channel.filter(|_| selection.map == index)
    });
    Effect::new(move |_| {
        let (Some(canvas), channel) = (node.get(), channel.get()) else { return };
        let _ = view.is_dark(); // tracked: other tokens
        let drawn = read(stage, |view| view.maps.get(index).map(|map| draw_alone(&canvas, map, channel))).flatten();
        if let Some(Err(error)) = drawn {
            leptos::logging::error!("a map could not be drawn: {error:?}");
        }
    });
    view! { <canvas node_ref=node class="u-picture" aria-hidden="true" style:--row=row.to_string()></canvas> }
}

fn draw_alone(canvas: &HtmlCanvasElement, map: &FeatureMap, channel: Option<usize>) -> Result<(), JsValue> {
    let longer = map.width.max(map.height).max(1) as f32;
    let size = Size::new(PICTURE * map.width as f32 / longer, PICTURE * map.height as f32 / longer);
    let context = prepared(canvas, size, 1.0)?;
    let Some(channel) = shown_channel(map, channel) else { return Ok(()) };
    let pixels = raster(&channel_pixels(map, channel, bright(&Tokens::read())), (map.width, map.height))?;
    context.set_image_smoothing_enabled(false);
    let (width, height) = (f64::from(canvas.width()), f64::from(canvas.height()));
    context.draw_image_with_html_canvas_element_and_dw_and_dh(&pixels, 0.0, 0.0, width, height)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(name: &'static str, side: usize) -> FeatureMap {
        let values: Vec<f32> = (0..side * side * 2).map(|i| if i % 2 == 0 { 0.0 } else { i as f32 }).collect();
        FeatureMap::from_values(name, (side, side, 2), &values)
    }

    #[test]
    fn the_way_down_is_left_of_the_way_up_at_each_stride() {
        let up = [map("up at stride 4", 8), map("up at stride 8", 4)];
        let down = [map("stride 4", 8), map("stride 8", 4)];
        let maps = FeatureMapsView { maps: up.iter().chain(&down).collect(), photo: Size::new(80.0, 80.0) };
        let view = UpsamplingView { maps };
        let places: Vec<_> = view.places().into_iter().map(|it| (it.index, it.row, it.is_up, it.name)).collect();
        let expected = [(2, 0, false, "stride 4"), (0, 0, true, "stride 4"), (3, 1, false, "stride 8")];
        assert!(
            places.iter().take(3).eq(&expected.map(|(i, row, up, name)| (i, row, up, name.to_owned()))),
            "{places:?}"
        );
        let words = view.words(&Selection::default());
        assert!(
            words.starts_with("From 4 × 4 cells the maps grow to 8 × 8 again, 640 B in all after 640 B"),
            "{words}"
        );
        assert_eq!(cost(&up[0]), "512 B");
        assert_eq!(cost(&FeatureMap { ms: Some(1.25), ..map("stride 8", 4) }), "128 B, 1.2 ms");
    }
}
