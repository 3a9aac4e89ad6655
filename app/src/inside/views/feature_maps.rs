//! Feature maps: a mosaic of channels, one of them over the photo, its numbers under the pointer.

use leptos::{html::Canvas, prelude::*};
use model::{
    catalog::BACKBONE,
    structures::{
        boxes::BBox,
        stage::{Artifact, FeatureMap},
    },
};
use wasm_bindgen::JsValue;
use web_sys::{KeyboardEvent, MouseEvent};

use super::{
    StageView,
    choice::{Choice, Cover, bytes, number},
    marks::{Line, NEUTRAL, cell_at, cell_box, outline},
    raster::{Mosaic, bright, channel_pixels, channel_range, cover, raster, shown_channel},
};
use crate::{
    inside::selection::{OpenStage, Reading, Selection},
    paint::prepared,
    paint::{
        pen::{Pen, Shown},
        tokens::Tokens,
        view::Size,
    },
    state::use_view,
};

/// Tiles of the mosaic in a row; as many rows.
const SIDE: usize = 8;
/// Pixels of the mosaic across.
const MOSAIC: f32 = 640.0;

/// The stage whose maps are shown with those that they are made of.
pub const UPSAMPLING: &str = "upsampling";

/// Maps over the whole photo.
pub struct FeatureMapsView<'a> {
    /// The maps.
    pub maps: Vec<&'a FeatureMap>,
    /// The photo's size in its own pixels.
    pub photo: Size,
}

impl<'a> FeatureMapsView<'a> {
    /// The maps of a stage; those on the way up, finest first, are followed by the backbone's, finest first.
    pub fn of(maps: &'a [FeatureMap], it: &Reading<'a>) -> Self {
        let maps = if it.key == UPSAMPLING {
            let down = match it.run.stage(BACKBONE.key).and_then(|stage| stage.artifact.as_ref()) {
                Some(Artifact::FeatureMaps(down)) => &down[..],
                _ => &[],
            };
            maps.iter().rev().chain(down).collect()
        } else {
            maps.iter().collect()
        };
        Self { maps, photo: it.photo }
    }

    fn map(&self, selection: &Selection) -> Option<&'a FeatureMap> {
        self.maps.get(selection.map).or_else(|| self.maps.last()).copied()
    }

    /// The map with the channel that is on show.
    fn chosen(&self, selection: &Selection) -> Option<(&FeatureMap, usize)> {
        let map = self.map(selection)?;
        Some((map, shown_channel(map, selection.channel)?))
    }

    const fn region(&self) -> BBox {
        BBox::new(0.0, 0.0, self.photo.width, self.photo.height)
    }

    fn pointed(&self, selection: &Selection) -> Option<((usize, usize), f32)> {
        let (map, channel) = self.chosen(selection)?;
        let (x, y) = cell_at(&self.region(), (map.width, map.height), selection.pointed?)?;
        Some(((x, y), map.value(channel, x, y)?))
    }

    /// The channel's range and what is under the pointer, in words.
    pub fn reading(&self, selection: &Selection) -> Option<String> {
        let (map, channel) = self.chosen(selection)?;
        let (min, max) = channel_range(map, channel);
        let range = format!("Channel {channel}: {} to {}", number(min), number(max));
        Some(match self.pointed(selection) {
            Some(((x, y), value)) => format!("{range}. Cell ({x}, {y}): {}", number(value)),
            None => range,
        })
    }
}

impl StageView for FeatureMapsView<'_> {
    fn words(&self, selection: &Selection) -> String {
        let Some(map) = self.map(selection) else { return "There are no maps.".into() };
        let cell = (self.photo.width / map.width.max(1) as f32, self.photo.height / map.height.max(1) as f32);
        let count = map.width * map.height * map.channels;
        let ms = map.ms.map(|ms| format!(", {ms:.1} ms")).unwrap_or_default();
        format!(
            "{} × {} cells with {} numbers (channels) each, from {} to {}: {}{ms}. One cell stands for {} × {} pixels of the \
             photo.",
            map.width,
            map.height,
            map.channels,
            number(map.min),
            number(map.max),
            bytes(count * 4),
            number(cell.0),
            number(cell.1),
        )
    }

    fn to_try(&self) -> &'static str {
        "Look for a channel that lights up on one thing only. The coarser the map, the fewer edges and the more meaning."
    }

    fn draw(&self, pen: &Pen, shown: &Shown, selection: &Selection) -> Result<(), JsValue> {
        let Some((map, channel)) = self.chosen(selection) else { return Ok(()) };
        let canvas = raster(&channel_pixels(map, channel, bright(pen.tokens)), (map.width, map.height))?;
        cover(pen, &shown.view, &self.region(), &canvas, selection.opacity)?;
        match self.pointed(selection) {
            Some((cell, _)) => {
                let cell = cell_box(&self.region(), (map.width, map.height), cell);
                outline(pen, &shown.view, &cell, Line::solid(NEUTRAL))
            }
            None => Ok(()),
        }
    }

    fn follows_pointer(&self) -> bool {
        true
    }

    fn controls(&self, stage: OpenStage) -> AnyView {
        let names = Signal::derive(move || {
            let name = |map: &&FeatureMap| map.name.to_string();
            read(stage, |view| view.maps.iter().map(name).collect()).unwrap_or_default()
        });
        let reading = move || read(stage, |view| view.reading(&stage.selection()));
        view! {
            <Choice id="map" label="Map" options=names chosen=Signal::derive(move || stage.selection().map)
                choose=move |map| stage.choose(|it| (it.map, it.channel) = (map, None))/>
            <Channels stage map_of=chosen_map/>
            <p class="reading stage-reading" data-testid="map-reading">{move || reading().flatten()}</p>
            <Cover stage/>
        }
        .into_any()
    }
}

/// Reads the maps of a stage.
pub fn read<T>(stage: OpenStage, read: impl FnOnce(&FeatureMapsView) -> T) -> Option<T> {
    let with = |it: &Reading| match it.artifact {
        Artifact::FeatureMaps(maps) => Some(read(&FeatureMapsView::of(maps, it))),
        _ => None,
    };
    stage.reading(with).flatten()
}

/// Finds the map whose channels are on show.
pub type MapOf = for<'a> fn(&Reading<'a>, &Selection) -> Option<&'a FeatureMap>;

/// Reads a stage's map with the channel that is chosen.
pub fn with_channel<T>(stage: OpenStage, map_of: MapOf, read: impl FnOnce(&FeatureMap, usize) -> T) -> Option<T> {
    let selection = stage.selection();
    let with = |it: &Reading| {
        let map = map_of(it, &selection)?;
        Some(read(map, shown_channel(map, selection.channel)?))
    };
    stage.reading(with).flatten()
}

/// The map that is chosen among those of the stage.
pub fn chosen_map<'a>(it: &Reading<'a>, selection: &Selection) -> Option<&'a FeatureMap> {
    let Artifact::FeatureMaps(maps) = it.artifact else { return None };
    let maps = FeatureMapsView::of(maps, it).maps;
    maps.get(selection.map).or_else(|| maps.last()).copied()
}

/// A page of channels; click one, or move by the arrow keys.
#[component]
pub fn Channels(
    /// The stage.
    stage: OpenStage,
    /// The map of the channels.
    map_of: MapOf,
) -> impl IntoView {
    let node = NodeRef::<Canvas>::new();
    let view = use_view();
    let mosaic = move || with_channel(stage, map_of, |map, channel| Mosaic::of_channel(channel, map.channels, SIDE));
    let chosen = Memo::new(move |_| {
        let Selection { map, item, .. } = stage.selection();
        (map, item, with_channel(stage, map_of, |_, channel| channel).unwrap_or_default())
    });
    Effect::new(move |_| {
        let Some(canvas) = node.get() else { return };
        let _ = view.is_dark(); // tracked: other tokens
        let _ = chosen.get(); // read: a memo that nobody has read follows nothing
        let selection = untrack(|| stage.selection());
        let drawn = stage.reading(|it| {
            let map = map_of(it, &selection)?;
            let channel = shown_channel(map, selection.channel)?;
            let mosaic = Mosaic::of_channel(channel, map.channels, SIDE);
            let size = Size::new(MOSAIC, MOSAIC * mosaic.rows() as f32 / SIDE as f32);
            let context = match prepared(&canvas, size, 1.0) {
                Ok(context) => context,
                Err(error) => return Some(Err(error)),
            };
            Some(mosaic.draw(&context, f64::from(MOSAIC), map, Some(channel), bright(&Tokens::read())))
        });
        if let Some(Some(Err(error))) = drawn {
            leptos::logging::error!("the channels could not be drawn: {error:?}");
        }
    });
    let choose = move |channel: usize| stage.choose(|it| it.channel = Some(channel));
    let on_click = move |event: MouseEvent| {
        let Some(canvas) = node.get_untracked() else { return };
        let (width, height) = (canvas.client_width() as f32, canvas.client_height() as f32);
        let at = (event.offset_x() as f32 / width, event.offset_y() as f32 / height);
        if let Some(channel) = untrack(mosaic).and_then(|mosaic| mosaic.channel_at(at)) {
            choose(channel);
        }
    };
    let on_key = move |event: KeyboardEvent| {
        let to = untrack(mosaic).and_then(|mosaic| mosaic.moved(&event.key(), chosen.get_untracked().2));
        if let Some(channel) = to {
            event.prevent_default();
            choose(channel);
        }
    };
    let turn = move |pages: isize| {
        let Some(mosaic) = untrack(mosaic) else { return };
        let page = mosaic.page.saturating_add_signed(pages).min(mosaic.pages().saturating_sub(1));
        choose(page * SIDE * SIDE);
    };
    let range = move || {
        let shown = mosaic().map(|it| (it.shown(), it.channels)).unwrap_or_default();
        format!("{} to {} of {}", shown.0.start, shown.0.end.saturating_sub(1), shown.1)
    };
    let count = move || mosaic().map_or(0, |it| it.channels);
    view! {
        <div class="channels">
            <canvas node_ref=node class="channels-canvas" data-testid="channels" tabindex="0" role="slider"
                aria-label="Channel" aria-valuemin="0" aria-valuemax=move || count().saturating_sub(1).to_string()
                aria-valuenow=move || chosen.get().2.to_string()
                on:click=on_click on:keydown=on_key></canvas>
            <div class="pager">
                <button type="button" class="text" data-testid="page-back" disabled=move || mosaic().is_none_or(|it| it.page == 0)
                    on:click=move |_| turn(-1)>"Back"</button>
                <p class="field-hint">{range}</p>
                <button type="button" class="text" data-testid="page-on"
                    disabled=move || mosaic().is_none_or(|it| it.page + 1 >= it.pages()) on:click=move |_| turn(1)>"More"</button>
            </div>
            <p class="field-hint">"Each tile runs from its channel's least number (black) to its largest."</p>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cell_under_the_pointer_has_the_number_of_the_map() {
        let values: Vec<f32> = (0..8).map(|i| i as f32).collect();
        let maps = [FeatureMap::from_values("stride 8", (2, 2, 2), &values)];
        let view = FeatureMapsView { maps: maps.iter().collect(), photo: Size::new(100.0, 50.0) };
        let selection = Selection { channel: Some(1), pointed: Some((75.0, 40.0)), ..Selection::default() };
        assert_eq!(view.pointed(&selection), Some(((1, 1), 7.0)));
        let reading = view.reading(&selection).expect("a map");
        assert!(reading.starts_with("Channel 1: ") && reading.ends_with("Cell (1, 1): 7.00"), "{reading}");
        assert!(
            view.words(&selection).starts_with("2 × 2 cells with 2 numbers (channels) each, from 0.00 to 7.00: 32 B.")
        );
        let far = Selection { map: 9, channel: Some(99), ..Selection::default() };
        assert_eq!(view.chosen(&far).map(|it| it.1), Some(1), "what another map had chosen");
        assert!(FeatureMapsView { maps: vec![], photo: Size::default() }.chosen(&far).is_none());
    }
}
