//! The figure about crops: what R-CNN's network reads of a box, and what changing its shape costs (00:51 of the lecture).

mod setup;

use leptos::{html::Canvas, prelude::*};
use model::{
    catalog::System,
    structures::{
        boxes::BBox,
        classes::COCO,
        question::{Answer, Question, ScoredCrop},
        stage::Picture,
    },
};
use wasm_bindgen::JsValue;
use web_sys::HtmlCanvasElement;

use self::setup::{POINTS, POWERS, Setup, Way, power_of, ratio_words};
use super::{
    answers::answers,
    boxes_on_photo::{Handle, PhotoBoxes, outline},
    controls::{Range, to_try},
    numbers::Numbers,
    setup::kept,
    svg::curve_plot,
};
use crate::{
    inside::views::{
        choice::Switch,
        raster::{picture_pixels, raster},
    },
    paint::{prepared, view::Size},
    state::{use_actions, use_photo, use_result},
};

/// The slots of the colours: the box and its warped crop, the square, the chosen crop.
const WARPED: usize = 0;
const SQUARE: usize = 1;
const CHOSEN: usize = 4;
/// Pixels along each side of a crop's picture.
const PICTURE: f32 = 192.0;

/// What the network says of the crops of one box.
#[derive(Clone, Debug, PartialEq)]
struct Said {
    /// How the box was set.
    setup: Setup,
    /// Pixels of the photo across and down.
    photo: (f32, f32),
    /// In the order of [`Setup::crops`].
    crops: Vec<ScoredCrop>,
}

impl Said {
    /// A way's crop.
    fn way(&self, way: Way) -> Option<&ScoredCrop> {
        let place = self.setup.ways().position(|it| it == way)?;
        self.crops.get(1 + place)
    }

    /// The class that is followed: the likeliest of the warped crop.
    fn class(&self) -> usize {
        self.way(Way::Warped).map_or(0, |it| best(it).0)
    }

    /// A crop's score for that class.
    fn score(&self, crop: Option<&ScoredCrop>) -> f32 {
        crop.and_then(|it| it.scores.get(self.class())).copied().unwrap_or_default()
    }

    /// The score at each point of the curve.
    fn curve(&self) -> Vec<(f64, f64)> {
        let first = self.crops.len().saturating_sub(POINTS);
        let point = |(i, crop)| (part(power_of(i)), f64::from(self.score(Some(crop))));
        let own = (part(self.setup.own_power(self.photo)), f64::from(self.score(self.way(Way::Warped))));
        let mut curve: Vec<_> = self.crops[first..].iter().enumerate().map(point).chain([own]).collect();
        curve.sort_by(|a, b| a.0.total_cmp(&b.0));
        curve
    }

    fn words(&self) -> String {
        let (class, own) = (COCO[self.class()].1, self.setup.own_power(self.photo));
        let (least, largest) = self.curve().iter().fold((1.0, 0.0_f64), |(lo, hi), it| (it.1.min(lo), it.1.max(hi)));
        let stretched = own.abs().exp2();
        format!(
            "Warping stretches this box {stretched:.2} times {}: {class} {:.2}. In its true proportions it is {:.2} with context and {:.2} on grey. \
             Over all shapes from 1 : 4 to 4 : 1 the score is between {least:.2} and {largest:.2}.",
            if own < 0.0 { "in width" } else { "in height" },
            self.score(self.way(Way::Warped)),
            self.score(self.way(Way::Context)),
            self.score(self.way(Way::Grey)),
        )
    }

    /// All numbers as text.
    fn text(&self) -> String {
        let way = |way: Way| Some(format!("{}: {:.4}", way.words().0, self.score(Some(self.way(way)?))));
        let point = |&(at, score): &(f64, f64)| format!("{}: {score:.4}", ratio_words(power_at(at)));
        let mut lines = vec![format!("Score of {}", COCO[self.class()].1)];
        lines.extend(Way::ALL.into_iter().filter_map(way));
        lines.push("Width over height of the crop".into());
        lines.extend(self.curve().iter().map(point));
        lines.join("\n")
    }
}

/// The likeliest class of a crop, as its place among COCO's, with its score.
fn best(crop: &ScoredCrop) -> (usize, f32) {
    crop.scores.iter().copied().enumerate().max_by(|a, b| a.1.total_cmp(&b.1)).unwrap_or_default()
}

/// Where a power of two lies between the limits, 0 to 1.
fn part(power: f64) -> f64 {
    (power - POWERS.0) / (POWERS.1 - POWERS.0)
}

/// The power of two at a place between the limits.
fn power_at(part: f64) -> f64 {
    POWERS.0 + part * (POWERS.1 - POWERS.0)
}

/// The figure on the photo on show.
pub fn view() -> AnyView {
    use_actions().view.needs_network.set(true);
    let (setup, photo) = (kept(Setup::read, Setup::write), use_photo());
    let size = Memo::new(move |_| {
        let size = photo.size();
        (size.width.max(1.0), size.height.max(1.0))
    });
    begin_with_a_thing(setup, size);
    // Of a crop's question only the crops are kept; the setting that they are of goes with them.
    let question = Memo::new(move |_| setup.with(|it| (System::Rcnn, Question::Crops(it.crops(size.get())))));
    let known = answers(Signal::derive(move || vec![question.get()]));
    let said = Memo::new(move |earlier: Option<&Option<Said>>| {
        let (setup, photo) = (setup.get(), size.get());
        known.with(|known| match known.first().map(|it| (&it.question, &it.answer)) {
            Some((Question::Crops(asked), Answer::Crops(crops))) if *asked == setup.crops(photo) => {
                Some(Said { setup, photo, crops: crops.clone() })
            }
            None => None,
            // While the box is dragged, what was said of its last place stays.
            Some(_) => earlier.cloned().flatten(),
        })
    });
    let handles =
        Signal::derive(move || vec![Handle { bbox: setup.with(|it| it.bbox), slot: WARPED, name: "The thing" }]);
    let regions = move || {
        let (it, photo) = (setup.get(), size.get());
        let region = |power, slot| outline(&it.region(power, photo), "box-line region-rounded", Some(slot));
        let segment = said.with(|said| said.as_ref()?.way(Way::Segment)?.segment);
        let segment = segment.filter(|_| it.segment).map(|it| outline(&it, "box-line", Some(CHOSEN)));
        view! { {region(0.0, SQUARE)}{region(it.power, CHOSEN)}{segment} }.into_any()
    };
    let waiting = move || said.with(Option::is_none).then_some("R-CNN's network is being loaded and asked.");
    view! {
        <div class="fig-photo-side">
            <div>
                <PhotoBoxes handles set=move |_, bbox| setup.update(|it| it.bbox = bbox)>{regions}</PhotoBoxes>
                <p class="fig-note">"Dashed: the square round the box, and the chosen crop; solid and white: the box of the nearest segment. What is outside the photo is grey."</p>
                <Range id="stretch" label="Width over height of the chosen crop" limits=POWERS step=0.1 words=ratio_words
                    value=Signal::derive(move || setup.with(|it| it.power)) set=move |value| setup.update(|it| it.power = value)/>
                <Switch id="segment" label="Its segment only" on=Signal::derive(move || setup.with(|it| it.segment))
                    set=move |on| setup.update(|it| it.segment = on)/>
                <p class="fig-reading" aria-live="polite" data-testid="crop-words">{move || said.with(|it| it.as_ref().map(Said::words))}</p>
            </div>
            <div>
                <p class="fig-note" role="status" data-testid="waiting">{waiting}</p>
                {move || said.get().map(chosen)}
                {move || said.get().map(|it| plot(&it))}
            </div>
        </div>
        <h2 class="fig-name">"Four ways to make a square of it"</h2>
        <div class="fig-crops">{move || said.get().map(|it| Way::ALL.into_iter().map(|way| card(&it, way)).collect_view())}</div>
        {to_try("Make the box tall and narrow and see what warping does to it, then move the shape along the curve: the network has learnt from \
                 warped crops, so that true proportions are not always better. With its segment only, look at what the outline alone still says.")}
        <Numbers text=move || said.with(|it| it.as_ref().map(Said::text).unwrap_or_default())>
            <pre class="fig-text">{move || said.with(|it| it.as_ref().map(Said::text))}</pre>
        </Numbers>
    }
    .into_any()
}

/// Puts the box on the photo's surest thing, unless the address or the visitor has put it somewhere.
fn begin_with_a_thing(setup: RwSignal<Setup>, size: Memo<(f32, f32)>) {
    let result = use_result();
    Effect::new(move |_| {
        let (width, height) = size.get();
        let best = result.results.with(|all| {
            let found = all.finished(System::Ssd)?.run.detections()?;
            Some(found.iter().max_by(|a, b| a.score.total_cmp(&b.score))?.bbox)
        });
        let Some(best) = best.filter(|_| setup.with_untracked(|it| it.bbox == Setup::default().bbox)) else { return };
        // Three decimals, as the address has them.
        let part = |pixels: f32, side: f32| ((pixels / side).clamp(0.0, 1.0) * 1e3).round() / 1e3;
        let bbox = BBox::new(part(best.x0, width), part(best.y0, height), part(best.x1, width), part(best.y1, height));
        setup.update(|it| it.bbox = bbox);
    });
}

/// The chosen crop as the network reads it.
fn chosen(said: Said) -> AnyView {
    let Some(crop) = said.crops.first().cloned() else { return ().into_any() };
    let (class, score) = best(&crop);
    let words = format!(
        "What the network reads at {}: {} {score:.2}, {} {:.2}.",
        ratio_words(said.setup.power),
        COCO[class].1,
        COCO[said.class()].1,
        said.score(Some(&crop)),
    );
    view! {
        <CropPicture picture=crop.picture label=words.clone()/>
        <p class="fig-note" data-testid="chosen-words">{words}</p>
    }
    .into_any()
}

/// The score over the crop's shape.
fn plot(said: &Said) -> AnyView {
    let own = said.setup.own_power(said.photo);
    let at = |power: f64, crop| (part(power), f64::from(said.score(crop)));
    let points = [
        (at(said.setup.power, said.crops.first()), CHOSEN),
        (at(0.0, said.way(Way::Context)), SQUARE),
        (at(own, said.way(Way::Warped)), WARPED),
    ];
    let label = format!("The score of {} over the shape of the crop. {}", COCO[said.class()].1, said.words());
    view! {
        <svg class="plot" viewBox="0 0 100 100" role="img" aria-label=label>
            {curve_plot(("width ÷ height of the crop", "1 : 4", "4 : 1"), ("score", "0", "1"), &[(said.curve(), WARPED)], &points)}
        </svg>
    }
    .into_any()
}

/// One way to make a square of the box.
fn card(said: &Said, way: Way) -> AnyView {
    let (title, words) = way.words();
    let Some(crop) = said.way(way) else { return ().into_any() };
    let (class, score) = best(crop);
    let name = COCO[class].1;
    view! {
        <section class="fig-crop" data-testid="crop-card" data-way=way.key() data-class=name
            data-score=format!("{:.4}", said.score(Some(crop))) aria-label=title>
            <h3 class="crop-name">{title}</h3>
            <CropPicture picture=crop.picture.clone() label=format!("{title}: {name} {score:.2}")/>
            <p class="fig-task-said">{format!("{name} {score:.2}")}</p>
            <p class="fig-note">{words}</p>
        </section>
    }
    .into_any()
}

/// The pixels that the network reads.
#[component]
fn CropPicture(
    /// The pixels.
    picture: Picture,
    /// What they are, in words.
    label: String,
) -> impl IntoView {
    let node = NodeRef::<Canvas>::new();
    Effect::new(move |_| {
        let Some(canvas) = node.get() else { return };
        if let Err(error) = draw(&canvas, &picture) {
            leptos::logging::error!("a crop could not be drawn: {error:?}");
        }
    });
    view! { <canvas node_ref=node class="crop-picture" role="img" aria-label=label></canvas> }
}

fn draw(canvas: &HtmlCanvasElement, picture: &Picture) -> Result<(), JsValue> {
    let context = prepared(canvas, Size::new(PICTURE, PICTURE), 1.0)?;
    let pixels = raster(&picture_pixels(picture), (picture.width, picture.height))?;
    context.set_image_smoothing_enabled(false);
    let side = f64::from(PICTURE);
    context.draw_image_with_html_canvas_element_and_dw_and_dh(&pixels, 0.0, 0.0, side, side)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(scores: impl Fn(usize) -> f32) -> Said {
        let setup = Setup { bbox: BBox::new(0.25, 0.0, 0.5, 1.0), ..Setup::default() };
        let crop = |i: usize| {
            let mut it = ScoredCrop { scores: vec![0.1; COCO.len()], ..ScoredCrop::default() };
            it.scores[17] = scores(i);
            it
        };
        let count = setup.crops((100.0, 100.0)).len();
        Said { setup, photo: (100.0, 100.0), crops: (0..count).map(crop).collect() }
    }

    #[test]
    fn the_curve_follows_the_class_of_the_warped_crop() {
        let said = said(|i| if i < 4 { 0.9 - 0.1 * i as f32 } else { 0.05 * i as f32 });
        assert_eq!((said.crops.len(), said.class(), COCO[said.class()].1), (13, 17, "horse"));
        let curve = said.curve();
        // The box is itself as 1 : 4, and stands on the curve once more.
        assert_eq!((curve.len(), curve[0].0, curve[9].0), (10, 0.0, 1.0));
        assert!((curve[9].1 - 0.6).abs() < 1e-6 && curve[..2].iter().any(|it| (it.1 - 0.8).abs() < 1e-6), "{curve:?}");
        let words = said.words();
        assert!(words.contains("stretches this box 4.00 times in width: horse 0.80"), "{words}");
        assert!(
            words.contains("0.70 with context and 0.60 on grey") && words.contains("between 0.20 and 0.80"),
            "{words}"
        );
        assert!(said.way(Way::Segment).is_none() && said.text().contains("Warped: 0.8000"));
    }
}
