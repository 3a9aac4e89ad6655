//! The figure about classification + localization: one class and four numbers of whatever the network is shown (00:33 of the lecture).

use leptos::{html::Canvas, prelude::*};
use model::{
    catalog::System,
    structures::{
        boxes::BBox,
        location::{CLASSES, Location},
        question::{Answer, PhotoView, Question, SeenLocation},
        ranking::ranked,
    },
};
use wasm_bindgen::JsValue;
use web_sys::HtmlCanvasElement;

use super::{
    answers::{answers, class_bar, percent},
    boxes_on_photo::{Handle, PhotoBoxes},
    controls::to_try,
    numbers::Numbers,
    setup::{Words, corners, kept},
};
use crate::{
    inside::views::{
        choice::Choice,
        raster::{picture_pixels, raster},
    },
    paint::{prepared, tokens::Tokens, view::Size},
    state::use_actions,
};

/// The slot of the colour of what is shown to the network, and of the box that it says.
const SEEN: usize = 1;
const FOUND: usize = 0;
/// Classes of which the probability is shown.
const SHOWN: usize = 4;
/// Pixels of the picture along each side.
const PICTURE: f32 = 300.0;
/// How much is turned, in words.
const TURNS: [&str; 4] = ["Upright", "90°", "180°", "270°"];
/// The four numbers.
const EDGES: [&str; 4] = ["left", "top", "right", "bottom"];

/// What is set.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Setup {
    view: PhotoView,
}

impl Default for Setup {
    fn default() -> Self {
        Self { view: PhotoView { region: BBox::new(0.06, 0.06, 0.94, 0.94), turns: 0 } }
    }
}

impl Setup {
    fn read(words: &Words) -> Self {
        let usual = Self::default().view;
        let region = words.bbox("part").unwrap_or(usual.region);
        Self { view: PhotoView { region, turns: words.number("turns", (0.0, 3.0)).map_or(0, |it| it as u8) } }
    }

    fn write(&self) -> Words {
        let (usual, mut words) = (Self::default().view, Words::default());
        words.push("part", corners(&self.view.region), corners(&usual.region));
        words.push("turns", self.view.turns, usual.turns);
        words
    }
}

/// The four numbers of a box.
fn four(bbox: &BBox) -> [f32; 4] {
    [bbox.x0, bbox.y0, bbox.x1, bbox.y1]
}

/// What the network says, in words.
fn words(it: &Location) -> String {
    let (class, probability) = it.best();
    let numbers = four(&it.bbox).iter().zip(EDGES).map(|(it, edge)| format!("{edge} {it:.2}")).collect::<Vec<_>>();
    format!("{} ({}); {}, in parts of what it sees.", CLASSES[class], percent(probability), numbers.join(", "))
}

/// The figure on the photo on show.
pub fn view() -> AnyView {
    use_actions().view.needs_network.set(true);
    let setup = kept(Setup::read, Setup::write);
    let question = Memo::new(move |_| (System::Localize, Question::Location(setup.with(|it| it.view))));
    let known = answers(Signal::derive(move || vec![question.get()]));
    let seen = Memo::new(move |_| {
        known.with(|known| match known.first().map(|it| &it.answer) {
            Some(Answer::Location(seen)) => Some(seen.clone()),
            _ => None,
        })
    });
    let handles = Signal::derive(move || {
        vec![Handle { bbox: setup.with(|it| it.view.region), slot: SEEN, name: "What the network sees" }]
    });
    let waiting = move || seen.with(Option::is_none).then_some("The network is being loaded and looks at the photo.");
    let turns = Signal::derive(move || usize::from(setup.with(|it| it.view.turns)));
    let said = move || seen.with(|it| it.as_ref().map(|it| words(&it.location)));
    view! {
        <div class="fig-photo-side">
            <div>
                <PhotoBoxes handles set=move |_, bbox| setup.update(|it| it.view.region = bbox)>{|| ()}</PhotoBoxes>
                <p class="fig-note">"The network sees only what is in the box: drag it, or its corners."</p>
                <Choice id="turns" label="Turned by" options=Signal::stored(TURNS.map(str::to_owned).to_vec()) chosen=turns
                    // One of four.
                    choose=move |index: usize| setup.update(|it| it.view.turns = index as u8)/>
            </div>
            <div>
                <p class="fig-note" role="status" data-testid="waiting">{waiting}</p>
                <SeenPicture seen/>
                <p class="fig-reading" aria-live="polite" data-testid="location-words">{said}</p>
                {move || seen.with(|it| it.as_ref().map(|it| numbers(&it.location)))}
            </div>
        </div>
        {to_try("Drag the box to the right: the thing moves to the left of what the network sees, and left and right fall. Turn it by 180°: does it \
                 still know the class? Move the box to a place where nothing is: one class and one box come all the same.")}
        <Numbers text=move || said().unwrap_or_default()><p>{said}</p></Numbers>
    }
    .into_any()
}

/// The likeliest classes as bars, and the four numbers.
fn numbers(it: &Location) -> AnyView {
    let bar = |(class, probability)| class_bar(CLASSES[class], probability, "var(--ink)");
    let values = four(&it.bbox);
    view! {
        <h2 class="fig-name">"One head: the class"</h2>
        <dl class="areas">{ranked(&it.probabilities, SHOWN).into_iter().map(bar).collect_view()}</dl>
        <h2 class="fig-name">"The other: four numbers"</h2>
        <div class="fig-table"><table class="loss-table" data-testid="four-numbers">
            <caption class="visually-hidden">"The box in parts of what the network sees"</caption>
            <thead><tr>{EDGES.map(|it| view! { <th scope="col">{it}</th> }).collect_view()}</tr></thead>
            <tbody><tr>{values.map(|it| view! { <td>{format!("{it:.3}")}</td> }).collect_view()}</tr></tbody>
        </table></div>
    }
    .into_any()
}

/// What the network sees, with its box.
#[component]
fn SeenPicture(
    /// What it says.
    seen: Memo<Option<SeenLocation>>,
) -> impl IntoView {
    let node = NodeRef::<Canvas>::new();
    Effect::new(move |_| {
        let Some(canvas) = node.get() else { return };
        let drawn = seen.with(|it| it.as_ref().map(|it| draw(&canvas, it)));
        if let Some(Err(error)) = drawn {
            leptos::logging::error!("what the network sees could not be drawn: {error:?}");
        }
    });
    let label = move || {
        let words = seen.with(|it| it.as_ref().map(|it| words(&it.location)).unwrap_or_default());
        format!("What the network sees, with its box: {words}")
    };
    view! { <canvas node_ref=node class="seen-picture" role="img" aria-label=label></canvas> }
}

fn draw(canvas: &HtmlCanvasElement, seen: &SeenLocation) -> Result<(), JsValue> {
    let context = prepared(canvas, Size::new(PICTURE, PICTURE), 1.0)?;
    let picture = raster(&picture_pixels(&seen.picture), (seen.picture.width, seen.picture.height))?;
    let side = f64::from(PICTURE);
    context.draw_image_with_html_canvas_element_and_dw_and_dh(&picture, 0.0, 0.0, side, side)?;
    let tokens = Tokens::read();
    let [x, y, width, height] = seen.location.bbox.to_xywh().map(|it| f64::from(it) * side);
    for (width_of_line, colour) in [(5.0, tokens.halo(FOUND)), (2.5, tokens.colour(FOUND))] {
        context.set_line_width(width_of_line);
        context.set_stroke_style_str(colour);
        context.stroke_rect(x, y, width, height);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_brings_everything_back() {
        let setup = Setup { view: PhotoView { region: BBox::new(0.25, 0.0, 0.75, 0.5), turns: 3 } };
        assert_eq!(Setup::read(&Words::parse(&setup.write().text())), setup);
        assert_eq!(Setup::default().write().text(), "");
        assert_eq!(Setup::read(&Words::parse("part:1;1;0;0,turns:9")).view.turns, 3);
    }

    #[test]
    fn the_words_say_the_class_and_the_four_numbers() {
        let mut probabilities = vec![0.0; CLASSES.len()];
        (probabilities[7], probabilities[11]) = (0.75, 0.25);
        let it = Location { probabilities, bbox: BBox::new(0.1, 0.2, 0.5, 1.0) };
        assert_eq!(words(&it), "cat (75.0%); left 0.10, top 0.20, right 0.50, bottom 1.00, in parts of what it sees.");
    }
}
