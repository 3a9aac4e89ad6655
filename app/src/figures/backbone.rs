//! The figure about the backbone: its maps before any training and after it (00:39 of the lecture).

use leptos::{html::Canvas, prelude::*};
use model::{
    catalog::{BACKBONE, System},
    structures::{
        boxes::BBox,
        question::{Answer, Question},
        stage::{Artifact, FeatureMap},
    },
};
use wasm_bindgen::JsValue;
use web_sys::HtmlCanvasElement;

use super::{
    answers::answers,
    controls::to_try,
    setup::{Words, kept},
};
use crate::{
    inside::views::{
        choice::{Choice, number},
        raster::{Mosaic, bright, shown_channel},
    },
    layers::layer_of,
    paint::{prepared, tokens::Tokens, view::Size},
    state::{use_actions, use_photo, use_result, use_view},
};

/// Tiles of a mosaic in a row; as many rows.
const SIDE: usize = 6;
/// Pixels of a mosaic across.
const MOSAIC: f32 = 480.0;
/// Strides of the maps, finest first.
const STRIDES: [&str; 4] = ["4", "8", "16", "32"];
/// Another start of the random numbers.
const SEEDS: u32 = 1000;

/// What is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Setup {
    /// The map, an index into [`STRIDES`].
    level: usize,
    /// The start of the random numbers.
    seed: u32,
}

impl Setup {
    fn read(words: &Words) -> Self {
        let whole = |name: &str, most: u32, usual: u32| {
            words.number(name, (0.0, f64::from(most))).map_or(usual, |it| it as u32)
        };
        Self { level: whole("level", 3, 2) as usize, seed: whole("seed", SEEDS, 1) }
    }

    fn write(&self) -> Words {
        let mut words = Words::default();
        words.push("level", self.level, 2);
        words.push("seed", self.seed, 1);
        words
    }
}

/// What a map tells of a thing.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Told {
    /// How far apart the means inside and outside of the thing are in the mean over the channels, in standard deviations.
    apart: f32,
    /// The share of the channels that are one number everywhere.
    flat: f32,
}

impl Told {
    /// # Arguments
    /// * `thing` - in fractions of the photo.
    fn of(map: &FeatureMap, thing: &BBox) -> Self {
        let cells = (map.width * map.height).max(1);
        let inside = |cell: usize| {
            let (x, y) = ((cell % map.width) as f32 + 0.5, (cell / map.width) as f32 + 0.5);
            thing.contains((x / map.width as f32, y / map.height as f32))
        };
        let is_inside: Vec<bool> = (0..cells).map(inside).collect();
        let (mut apart, mut alive) = (0.0, 0_u16);
        for steps in map.steps.chunks_exact(cells) {
            let mean = |wanted: bool| {
                let own = steps.iter().zip(&is_inside).filter(|it| *it.1 == wanted).map(|it| f32::from(*it.0));
                let (sum, count) = own.fold((0.0, 0.0), |(sum, count), step| (sum + step, count + 1.0_f32));
                sum / count.max(1.0)
            };
            let all: f32 = steps.iter().map(|&step| f32::from(step)).sum::<f32>() / cells as f32;
            let spread = steps.iter().map(|&step| (f32::from(step) - all).powi(2)).sum::<f32>() / cells as f32;
            if spread > 0.0 {
                apart += (mean(true) - mean(false)).abs() / spread.sqrt();
                alive += 1;
            }
        }
        let flat = 1.0 - f32::from(alive) / map.channels.max(1) as f32;
        Self { apart: apart / f32::from(alive.max(1)), flat }
    }

    fn words(self) -> String {
        format!(
            "Inside and outside of the surest box a channel differs by {} standard deviations in the mean; {:.0}% of the channels are one \
             number everywhere.",
            number(self.apart),
            self.flat * 100.0
        )
    }
}

/// The maps after training, once they are there.
fn trained() -> Memo<Option<Vec<FeatureMap>>> {
    let (result, actions) = (use_result(), use_actions());
    actions.view.needs_network.set(true);
    let maps = Memo::new(move |_| {
        result.results.with(|all| match all.finished(System::Ssd)?.run.stage(BACKBONE.key)?.artifact.as_ref()? {
            Artifact::FeatureMaps(maps) => Some(maps.clone()),
            _ => None,
        })
    });
    Effect::new(move |_| {
        if result.is_done() && maps.with(Option::is_none) {
            actions.open_beside(System::Ssd);
        }
    });
    maps
}

/// The surest thing of the photo, in fractions of it; the middle where nothing was found.
fn thing() -> Memo<BBox> {
    let (photo, result) = (use_photo(), use_result());
    Memo::new(move |_| {
        let size = photo.size();
        let found = result.results.with(|all| {
            let layer = layer_of(&all.finished(System::Ssd)?.run)?;
            Some(layer.findings()?.shown.first()?.bbox.scale(1.0 / size.width.max(1.0), 1.0 / size.height.max(1.0)))
        });
        found.unwrap_or_else(|| BBox::new(0.25, 0.25, 0.75, 0.75))
    })
}

/// The figure on the photo on show.
pub fn view() -> AnyView {
    let setup = kept(Setup::read, Setup::write);
    let (trained, thing) = (trained(), thing());
    let known = answers(Signal::derive(move || {
        let seed = setup.with(|it| it.seed);
        // After the maps that the page has anyway.
        trained.with(Option::is_some).then_some((System::Ssd, Question::UntrainedMaps(seed))).into_iter().collect()
    }));
    let random = Memo::new(move |_| {
        known.with(|known| match known.first().map(|it| &it.answer) {
            Some(Answer::Maps(maps)) => Some(maps.clone()),
            _ => None,
        })
    });
    let level = Memo::new(move |_| setup.with(|it| it.level));
    let strides = STRIDES.map(str::to_owned).to_vec();
    let waiting = move || {
        random.with(Option::is_none).then_some("The network is computing the photo's maps, trained and untrained.")
    };
    view! {
        <p class="fig-lead">
            "Nearly all networks for detection start from a backbone that has been trained on something else before. Here is the same network \
             twice on this photo: with its trained weights, and with random ones (by the rule of He et al. 2015), as it was on its first day."
        </p>
        <div class="fig-choices">
            <Choice id="level" label="Stride of the map" options=Signal::stored(strides) chosen=level
                choose=move |index: usize| setup.update(|it| it.level = index)/>
            <button type="button" class="fig-preset" data-testid="other-weights" disabled=move || random.with(Option::is_none)
                on:click=move |_| setup.update(|it| it.seed = it.seed % SEEDS + 1)>"Other random weights"</button>
        </div>
        <p class="fig-note" role="status" data-testid="waiting">{waiting}</p>
        <div class="fig-tasks fig-ways">
            <Maps id="untrained" title="Random weights" maps=random level thing/>
            <Maps id="trained" title="Trained weights" maps=trained level thing/>
        </div>
        {to_try("Go from stride 4 to 32. Random filters pass edges and colours on, as any filters do, and the deeper the map, the more its channels \
                 look alike; trained ones become parts and things. A head that is trained on random maps has little to read.")}
    }
    .into_any()
}

/// One mosaic, and what its map tells.
#[component]
fn Maps(
    /// Names it in tests.
    id: &'static str,
    /// Its title.
    title: &'static str,
    /// The maps, finest first.
    maps: Memo<Option<Vec<FeatureMap>>>,
    /// Which of them is on show.
    level: Memo<usize>,
    /// The surest thing, in fractions of the photo.
    thing: Memo<BBox>,
) -> impl IntoView {
    let node = NodeRef::<Canvas>::new();
    let theme = use_view();
    let told = Memo::new(move |_| {
        maps.with(|maps| maps.as_ref().and_then(|maps| maps.get(level.get())).map(|map| Told::of(map, &thing.get())))
    });
    Effect::new(move |_| {
        let Some(canvas) = node.get() else { return };
        let _ = theme.is_dark(); // tracked: other tokens
        let drawn = maps.with(|maps| draw(&canvas, maps.as_ref()?.get(level.get())?));
        if let Some(Err(error)) = drawn {
            leptos::logging::error!("the channels could not be drawn: {error:?}");
        }
    });
    let size = move || {
        maps.with(|maps| {
            let map = maps.as_ref()?.get(level.get())?;
            let shown = (SIDE * SIDE).min(map.channels);
            Some(format!(
                "{} × {} cells, {shown} of {} channels, each from its least number to its largest.",
                map.width, map.height, map.channels
            ))
        })
    };
    view! {
        <section class="fig-task" data-testid="backbone-maps" data-of=id data-apart=move || told.get().map(|it| format!("{:.4}", it.apart)) aria-label=title>
            <h2 class="fig-name">{title}</h2>
            <canvas node_ref=node class="backbone-maps" role="img" aria-label=move || format!("{title}: channels as pictures. {}", size().unwrap_or_default())></canvas>
            <p class="fig-note">{size}</p>
            <p class="fig-reading" aria-live="polite">{move || told.get().map(Told::words)}</p>
        </section>
    }
}

/// Draws the page of channels with the most telling one on it.
fn draw(canvas: &HtmlCanvasElement, map: &FeatureMap) -> Option<Result<(), JsValue>> {
    let mosaic = Mosaic::of_channel(shown_channel(map, None)?, map.channels, SIDE);
    let size = Size::new(MOSAIC, MOSAIC * mosaic.rows() as f32 / SIDE as f32);
    let drawn = prepared(canvas, size, 1.0)
        .and_then(|context| mosaic.draw(&context, f64::from(MOSAIC), map, None, bright(&Tokens::read())));
    Some(drawn)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_brings_everything_back() {
        let setup = Setup { level: 3, seed: 17 };
        assert_eq!(Setup::read(&Words::parse(&setup.write().text())), setup);
        assert_eq!(Setup::read(&Words::default()).write().text(), "");
        assert_eq!(Setup::read(&Words::parse("level:9,seed:-4")), Setup { level: 3, seed: 0 });
    }

    #[test]
    fn a_channel_that_is_the_thing_tells_it_apart() {
        // Four cells; the thing is the left half. One channel has it, one its rows, one nothing.
        let values = [1.0, 0.0, 5.0, 0.0, 0.0, 5.0, 1.0, 1.0, 5.0, 0.0, 1.0, 5.0];
        let map = FeatureMap::from_values("", (2, 2, 3), &values);
        let told = Told::of(&map, &BBox::new(0.0, 0.0, 0.5, 1.0));
        assert!((told.apart - 1.0).abs() < 1e-5, "two standard deviations and none: {told:?}");
        assert!((told.flat - 1.0 / 3.0).abs() < 1e-6 && told.words().contains("33% of the channels"));
    }
}
