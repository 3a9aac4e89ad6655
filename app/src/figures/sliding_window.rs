//! The figure about sliding windows: how many crops there are, what they cost, and what two neighbours share (00:11 and 00:45 of the
//! lecture).

mod said;

use leptos::prelude::*;
use model::{
    catalog::System,
    figures::windows::{Windows, all_windows},
    structures::boxes::BBox,
};

use self::said::Said;
use super::{
    boxes_on_photo::{Handle, PhotoBoxes, outline},
    controls::{Range, to_try},
    setup::{Words, kept, short},
};
use crate::{
    inside::views::choice::{number, thousands},
    state::{use_actions, use_photo, use_result},
};

/// The slots of the window and of its neighbour.
const WINDOW: usize = 0;
const NEIGHBOUR: usize = 1;
/// Width over height of the shapes, the square first.
const ASPECTS: [f64; 5] = [1.0, 0.5, 2.0, 0.33, 3.0];
/// Proposals of R-CNN, and the numbers of a proposal's feature in its paper.
const PROPOSALS: f64 = 2000.0;
const FEATURES: f64 = 4096.0;
/// Photos of PASCAL VOC 2007 that R-CNN was trained on.
const VOC_PHOTOS: f64 = 5011.0;

/// What is set.
#[derive(Clone, Debug, PartialEq)]
struct Setup {
    /// Pixels of the photo along each side of the smallest window.
    side: f64,
    /// Pixels from one window to the next.
    step: f64,
    sizes: usize,
    aspects: usize,
    /// Where the window is, in fractions of the photo.
    place: (f64, f64),
}

impl Default for Setup {
    fn default() -> Self {
        Self { side: 64.0, step: 1.0, sizes: 1, aspects: 1, place: (0.4, 0.4) }
    }
}

impl Setup {
    fn read(words: &Words) -> Self {
        let usual = Self::default();
        let number = |name: &str, limits, usual: f64| words.number(name, limits).map_or(usual, f64::round);
        let place = match words.numbers("at").as_deref() {
            Some(&[x, y]) => (x.clamp(0.0, 1.0), y.clamp(0.0, 1.0)),
            _ => usual.place,
        };
        Self {
            side: number("side", (8.0, 512.0), usual.side),
            step: number("step", (1.0, 256.0), usual.step),
            sizes: number("sizes", (1.0, 8.0), 1.0) as usize,
            aspects: number("aspects", (1.0, ASPECTS.len() as f64), 1.0) as usize,
            place,
        }
    }

    fn write(&self) -> Words {
        let (usual, mut words) = (Self::default(), Words::default());
        let place = |it: (f64, f64)| format!("{};{}", short(it.0), short(it.1));
        words.push("side", self.side, usual.side);
        words.push("step", self.step, usual.step);
        words.push("sizes", self.sizes, usual.sizes);
        words.push("aspects", self.aspects, usual.aspects);
        words.push("at", place(self.place), place(usual.place));
        words
    }

    /// The window and its neighbour in fractions of the photo; the neighbour is to the right where there is room.
    fn boxes(&self, photo: (f64, f64)) -> [BBox; 2] {
        let (width, height) = ((self.side / photo.0).min(1.0), (self.side / photo.1).min(1.0));
        let (x, y) = (self.place.0.min(1.0 - width), self.place.1.min(1.0 - height));
        let step = self.step / photo.0;
        let right = if x + width + step <= 1.0 { x + step } else { (x - step).max(0.0) };
        // In fractions, so single precision is enough.
        [x, right].map(|x| BBox::new(x as f32, y as f32, (x + width) as f32, (y + height) as f32))
    }

    /// How many windows of all sizes and shapes there are.
    fn count(&self, photo: (f64, f64)) -> f64 {
        all_windows(photo, self.side, self.step, self.sizes, &ASPECTS[..self.aspects]).iter().map(Windows::count).sum()
    }

    /// The part of its pixels that the window's neighbour has as well.
    fn shared(&self) -> f64 {
        Windows { photo: (0.0, 0.0), window: (self.side, self.side), step: self.step }.shared()
    }
}

/// A time in words, e.g. "2 h 10 min".
fn duration(ms: f64) -> String {
    let seconds = ms / 1e3;
    match seconds {
        s if s < 1.0 => format!("{ms:.0} ms"),
        s if s < 120.0 => format!("{s:.1} s"),
        s if s < 7200.0 => format!("{:.0} min", s / 60.0),
        s if s < 48.0 * 3600.0 => format!("{:.0} h {:.0} min", (s / 3600.0).floor(), (s % 3600.0 / 60.0).floor()),
        s => format!("{:.0} days", s / 86400.0),
    }
}

/// How long one window takes, and how that is known.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Cost {
    /// Milliseconds a window.
    ms: f64,
    /// Windows that were timed; `None` while it is only worked out from a pass over the whole photo.
    windows: Option<u32>,
    /// Milliseconds of one pass over the whole photo.
    whole_ms: f64,
}

/// The side of a window as the network reads it, and that of the whole photo, in pixels.
const INPUTS: (f64, f64) = (128.0, 300.0);

/// What the page's runs on this photo have taken.
fn cost() -> Memo<Option<Cost>> {
    let result = use_result();
    Memo::new(move |_| {
        result.results.with(|all| {
            let whole_ms = all.finished(System::Ssd).map(|it| it.run.stages.iter().map(|it| it.ms).sum::<f64>());
            let windows =
                all.run(System::SlidingWindow).and_then(|it| it.run.stage("window-scores")).filter(|it| it.passes > 0);
            let measured = windows.map(|it| (it.ms / f64::from(it.passes), Some(it.passes)));
            let estimated = whole_ms.map(|it| (it * (INPUTS.0 / INPUTS.1).powi(2), None));
            let (ms, windows) = measured.or(estimated)?;
            Some(Cost { ms, windows, whole_ms: whole_ms.unwrap_or(ms) })
        })
    })
}

/// How the time of a window is known.
fn cost_words(cost: Option<Cost>) -> String {
    match cost {
        None => "The network is looking at the photo.".into(),
        Some(Cost { ms, windows: Some(count), .. }) => format!(
            "{} ms a window, measured on this device over {count} windows of 128 × 128 pixels.",
            number(ms as f32)
        ),
        Some(Cost { ms, whole_ms, .. }) => format!(
            "About {} ms a window: one pass over 300 × 300 pixels took {}, and a window has 128 × 128.",
            number(ms as f32),
            duration(whole_ms)
        ),
    }
}

/// The figure on the photo on show.
pub fn view() -> AnyView {
    let (photo, actions, result) = (use_photo(), use_actions(), use_result());
    actions.view.needs_network.set(true);
    let setup = kept(Setup::read, Setup::write);
    let size = Memo::new(move |_| {
        let size = photo.size();
        (f64::from(size.width.max(1.0)), f64::from(size.height.max(1.0)))
    });
    let cost = cost();
    let count = Memo::new(move |_| setup.with(|it| it.count(size.get())));
    let boxes = Memo::new(move |_| setup.with(|it| it.boxes(size.get())));
    let said = Said::new(boxes);
    let handles = Signal::derive(move || vec![Handle { bbox: boxes.get()[0], slot: WINDOW, name: "Window" }]);
    let set = move |_: usize, bbox: BBox| {
        let before = boxes.get_untracked()[0];
        let width = size.get_untracked().0;
        setup.update(|it| {
            it.place = (f64::from(bbox.x0), f64::from(bbox.y0));
            // A corner was dragged: windows are square.
            if (bbox.width() - before.width()).abs() > 1e-4 || (bbox.height() - before.height()).abs() > 1e-4 {
                it.side = (f64::from(bbox.width()) * width).round().clamp(8.0, 512.0);
            }
        });
    };
    let photos = RwSignal::new(VOC_PHOTOS.log10());
    let measuring =
        move || result.results.with(|all| all.run(System::SlidingWindow).is_some_and(|it| it.result.is_none()));
    let measured = move || cost.get().is_some_and(|it| it.windows.is_some());
    let total = move || cost.get().map(|it| it.ms * count.get());
    let percent = |part: f64| format!("{:.1}%", part * 100.0);
    let limit = Signal::derive(move || (8.0, size.get().0.min(size.get().1).clamp(8.0, 512.0)));
    let range = move |id: &'static str,
                      label: &'static str,
                      limits: (f64, f64),
                      get: fn(&Setup) -> f64,
                      put: fn(&mut Setup, f64)| {
        view! { <Range id label=label.to_owned() limits step=1.0 words=|it| format!("{it:.0}") value=Signal::derive(move || setup.with(get)) set=move |value| setup.update(|it| put(it, value))/> }
    };
    view! {
        <div class="fig-photo-side">
            <div>
                <PhotoBoxes handles set>
                    {move || {
                        let [a, b] = boxes.get();
                        let both = BBox::new(a.x0.max(b.x0), a.y0, a.x1.min(b.x1), a.y1);
                        view! {
                            {(both.x0 < both.x1).then(|| outline(&both, "overlap-both", None))}
                            {outline(&b, "box-line box-found", Some(NEIGHBOUR))}
                            {said.centre_mark()}
                        }
                    }}
                </PhotoBoxes>
                <p class="fig-reading" aria-live="polite" data-testid="shared" data-part=move || setup.with(Setup::shared).to_string()>{move || setup.with(|it| format!(
                    "A window of {0} × {0} pixels and the next one, {1} further, have {2} of their pixels in common: all of that goes through the \
                     network twice.", it.side, it.step, percent(it.shared())
                ))}</p>
                {said.view()}
            </div>
            <div>
                <p class="big-number big-words" data-testid="count" data-count=move || count.get().to_string()>{move || thousands(count.get())}</p>
                <p class="fig-note">"windows in this photo"</p>
                <p class="big-number big-words fig-total" data-testid="total">{move || total().map_or_else(|| "–".to_owned(), duration)}</p>
                <p class="fig-note" aria-live="polite" data-testid="cost">{move || cost_words(cost.get())}</p>
                <Show when=move || !measured()>
                    <button type="button" class="quiet fig-measure" data-testid="measure" disabled=move || measuring() || cost.get().is_none()
                        on:click=move |_| actions.run_beside(System::SlidingWindow)>
                        {move || if measuring() { "Measuring" } else { "Measure on this photo" }}
                    </button>
                </Show>
                {range("side", "Side of the window, in pixels", (8.0, 512.0), |it| it.side, |it, value| it.side = value)}
                <Range id="step" label="Step, in pixels" limits=limit_of_step(limit) step=1.0 words=|it| format!("{it:.0}")
                    value=Signal::derive(move || setup.with(|it| it.step)) set=move |value| setup.update(|it| it.step = value.max(1.0))/>
                {range("sizes", "Sizes, each half as large again", (1.0, 8.0), |it| it.sizes as f64, |it, value| it.sizes = value as usize)}
                {range("aspects", "Shapes", (1.0, ASPECTS.len() as f64), |it| it.aspects as f64, |it, value| it.aspects = value as usize)}
                {move || cost.get().map(|it| bars(&it, count.get()))}
                <Range id="photos" label="Photos to train on, powers of ten" limits=(0.0, 6.0) step=0.1 words=|it| thousands(10f64.powf(it).round())
                    value=photos set=move |value| photos.set(value)/>
                <p class="fig-note" data-testid="stored">{move || stored_words(10f64.powf(photos.get()).round())}</p>
            </div>
        </div>
        {to_try("Begin with one size, one shape and steps of one pixel, then use eight sizes and five shapes. Make the step as large as the window: \
                 nothing is shared, and things between two windows are missed.")}
    }
    .into_any()
}

/// The largest step: a quarter of the photo's shorter side.
fn limit_of_step(side: Signal<(f64, f64)>) -> Signal<(f64, f64)> {
    Signal::derive(move || (1.0, (side.get().1 / 2.0).round().clamp(2.0, 256.0)))
}

/// What R-CNN's training kept on disk: the features of every proposal of every photo.
fn stored_words(photos: f64) -> String {
    let one = PROPOSALS * FEATURES * 4.0;
    let all = one * photos;
    let words = |bytes: f64| match bytes {
        it if it < 1e9 => format!("{:.0} MB", it / 1e6),
        it if it < 1e12 => format!("{:.0} GB", it / 1e9),
        it => format!("{:.1} TB", it / 1e12),
    };
    format!(
        "R-CNN kept the features of its proposals on disk to train on them: 2000 × 4096 numbers of 4 bytes are {} a photo, of {} photos {}.",
        words(one),
        thousands(photos),
        words(all)
    )
}

/// Every window, R-CNN's proposals and one pass, on one logarithmic scale.
fn bars(cost: &Cost, count: f64) -> AnyView {
    let rows =
        [("Every window", count * cost.ms), ("2000 proposals", PROPOSALS * cost.ms), ("One pass", cost.whole_ms)];
    let (least, most) = (1.0_f64.ln(), rows.iter().map(|it| it.1).fold(10.0, f64::max).ln());
    let bar = |(name, ms): (&'static str, f64)| {
        let part = ((ms.max(1.0).ln() - least) / (most - least)).clamp(0.0, 1.0);
        view! {
            <div class="area-row time-row">
                <dt>{name}</dt>
                <dd>
                    <span class="area-bar" style:--part=format!("{part:.4}") style:--fill="var(--ink)"></span>
                    <span class="area-number">{duration(ms)}</span>
                </dd>
            </div>
        }
    };
    view! {
        <h2 class="fig-name">"Time, each bar's length its logarithm"</h2>
        <dl class="areas">{rows.map(bar).collect_view()}</dl>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_brings_everything_back() {
        let setup = Setup { side: 32.0, step: 8.0, sizes: 3, aspects: 2, place: (0.25, 0.5) };
        assert_eq!(Setup::read(&Words::parse(&setup.write().text())), setup);
        assert_eq!(Setup::default().write().text(), "");
    }

    #[test]
    fn windows_one_pixel_apart_share_almost_all() {
        let setup = Setup::default();
        assert!((setup.shared() - 0.984375).abs() < 1e-12);
        assert_eq!(setup.count((300.0, 300.0)), 237.0 * 237.0);
        let [a, b] = Setup { place: (1.0, 1.0), step: 10.0, ..setup }.boxes((640.0, 480.0));
        assert!(a.x1 <= 1.0 + 1e-6 && a.y1 <= 1.0 + 1e-6 && b.x0 < a.x0, "{a:?} {b:?}");
    }

    #[test]
    fn what_is_kept_on_disk_grows_with_the_photos() {
        assert!(stored_words(1.0).ends_with("33 MB a photo, of 1 photos 33 MB."));
        assert!(stored_words(5011.0).ends_with("of 5,011 photos 164 GB."), "{}", stored_words(5011.0));
    }

    #[test]
    fn times_are_told_in_fitting_units() {
        let texts = [420.0, 12_300.0, 600_000.0, 7.8e6, 2.6e8].map(duration);
        assert_eq!(texts, ["420 ms", "12.3 s", "10 min", "2 h 10 min", "3 days"]);
        assert!(
            cost_words(Some(Cost { ms: 21.0, windows: Some(238), whole_ms: 90.0 }))
                .contains("measured on this device over 238")
        );
        assert!(cost_words(Some(Cost { ms: 21.0, windows: None, whole_ms: 90.0 })).starts_with("About 21.0 ms"));
    }
}
