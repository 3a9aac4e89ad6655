//! What the head of each system says of the region that it was trained to read.

use leptos::prelude::*;
use model::{
    catalog::System,
    structures::{
        boxes::BBox,
        proposal::level_of,
        question::{Question, RegionClasses},
    },
};

use super::setup::{Method, Setup};
use crate::{
    figures::answers::{Answered, answers, background, class_bars, class_name, percent, region},
    inside::views::choice::{Switch, number},
};

/// Things of which a head's probability is shown.
const SHOWN: usize = 3;
/// Cells of the feature pyramid's maps along each axis, with their strides, finest first.
const MAPS: [(usize, usize); 3] = [(52, 8), (26, 16), (13, 32)];
/// The edges of a box, in the order of its numbers.
const EDGES: [&str; 4] = ["left", "top", "right", "bottom"];

impl Method {
    /// The system whose head was trained on what the method makes of a region.
    pub const fn system(self) -> System {
        match self {
            Self::Pyramid => System::SppNet,
            Self::Pool => System::FastRcnn,
            Self::PositionSensitive => System::RFcn,
            Self::Align => System::FasterRcnn,
        }
    }

    /// Cells along each axis of the map that the system reads a region of, and its stride.
    fn map_of(self, bbox: &BBox) -> (usize, usize) {
        match self {
            Self::PositionSensitive => MAPS[1],
            Self::Pyramid | Self::Pool | Self::Align => MAPS[level_of(bbox)],
        }
    }
}

/// What the heads say of the region: copies share it.
#[derive(Clone, Copy)]
pub struct Heads {
    setup: RwSignal<Setup>,
    known: RwSignal<Vec<Answered>>,
}

impl Heads {
    /// Asks the chosen method's head, and the others too if that is wanted.
    pub fn new(setup: RwSignal<Setup>) -> Self {
        let questions = Memo::new(move |_| {
            setup.with(|it| {
                let others = Method::ALL.into_iter().filter(|&other| it.heads && other != it.method);
                let all = std::iter::once(it.method).chain(others);
                all.map(|method| (method.system(), question(&it.bbox))).collect::<Vec<_>>()
            })
        });
        Self { setup, known: answers(questions.into()) }
    }

    /// What the chosen method's head says, while the box moves that of its last place.
    pub fn shown(self) -> Option<(System, RegionClasses)> {
        let system = self.setup.with(|it| it.method.system());
        self.known.with(|known| region(known, system, None)).map(|it| (system, it))
    }

    /// Whether the chosen method's head has answered about the box where it is now.
    pub fn is_known(self) -> Signal<bool> {
        Signal::derive(move || self.of(self.setup.with(|it| it.method)).is_some())
    }

    /// What a head says of the box where it is now.
    fn of(self, method: Method) -> Option<RegionClasses> {
        let question = self.setup.with(|it| question(&it.bbox));
        self.known.with(|known| region(known, method.system(), Some(&question)))
    }
}

fn question(bbox: &BBox) -> Question {
    Question::Regions(vec![*bbox])
}

/// The likeliest class, e.g. "horse 97.2%".
pub fn label(system: System, said: &RegionClasses) -> String {
    let (class, probability) = said.best(1).first().copied().unwrap_or_default();
    format!("{} {}", class_name(system, class), percent(probability))
}

/// How far the corrected box reaches out of the region, in pixels, edge by edge; negative where it stays inside.
fn reach(region: &BBox, corrected: &BBox, (width, height): (f32, f32)) -> [f32; 4] {
    [
        (region.x0 - corrected.x0) * width,
        (region.y0 - corrected.y0) * height,
        (corrected.x1 - region.x1) * width,
        (corrected.y1 - region.y1) * height,
    ]
}

/// What a head says, in words.
fn words(method: Method, said: &RegionClasses, region: &BBox, photo: (f32, f32)) -> String {
    let system = method.system();
    let (cells, stride) = method.map_of(region);
    let corrected = said.corrected.map_or_else(String::new, |corrected| {
        let outside = reach(region, &corrected, photo).into_iter().zip(EDGES).filter(|it| it.0 >= 1.0);
        let outside: Vec<String> = outside.map(|(by, edge)| format!("{} at the {edge}", number(by))).collect();
        let (x, y) = (
            (corrected.centre().0 - region.centre().0) * photo.0,
            (corrected.centre().1 - region.centre().1) * photo.1,
        );
        let moved = format!("Its correction moves the middle by {} pixels", number(x.hypot(y)));
        match &outside[..] {
            [] => format!("{moved}; the box stays inside the region."),
            parts => format!("{moved}; the box reaches out of the region, in pixels: {}.", parts.join(", ")),
        }
    });
    format!(
        "{} says {}, background {}. {corrected} It reads its own map of {cells} × {cells} cells, of stride {stride} at 416 × 416 pixels.",
        system.info().title,
        label(system, said),
        percent(said.probabilities.get(background(system)).copied().unwrap_or_default()),
    )
}

/// The chosen method's head, and all four side by side.
pub fn view(heads: Heads, photo: Memo<(f32, f32)>) -> AnyView {
    let setup = heads.setup;
    let text = move || {
        let (method, bbox) = setup.with(|it| (it.method, it.bbox));
        heads.of(method).map(|said| words(method, &said, &bbox, photo.get()))
    };
    // While the box is dragged the words of its last place stay.
    let text = Memo::new(move |earlier: Option<&String>| text().or_else(|| earlier.cloned()).unwrap_or_default());
    let waiting = move || {
        let name = setup.with(|it| it.method.system().info().title);
        heads.shown().is_none().then(|| format!("The head of {name} is being loaded and asked."))
    };
    view! {
        <h2 class="fig-name">"What the head says of it"</h2>
        <p class="fig-note" role="status" data-testid="heads-waiting">{waiting}</p>
        {move || heads.shown().map(|(system, said)| class_bars(system, &said, SHOWN))}
        <p class="fig-reading" aria-live="polite" data-testid="head-words">{text}</p>
        <Switch id="all-heads" label="All four heads" on=Signal::derive(move || setup.with(|it| it.heads))
            set=move |on| setup.update(|it| it.heads = on)/>
        <Show when=move || setup.with(|it| it.heads)><AllHeads heads/></Show>
    }
    .into_any()
}

/// What each head says of the same box.
#[component]
fn AllHeads(
    /// The heads.
    heads: Heads,
) -> impl IntoView {
    let row = move |method: Method| {
        let system = method.system();
        let said = Memo::new(move |_| heads.of(method));
        let read = move |of: fn(System, &RegionClasses) -> String| {
            move || said.with(|it| it.as_ref().map_or_else(|| "–".to_owned(), |it| of(system, it)))
        };
        let none =
            |system, it: &RegionClasses| percent(it.probabilities.get(background(system)).copied().unwrap_or_default());
        view! {
            <tr class:comparison-on=move || heads.setup.with(|it| it.method == method) data-testid="head-row" data-system=system.key()>
                <th scope="row">{system.info().title}</th>
                <td>{method.title()}</td>
                <td>{read(label)}</td>
                <td>{read(none)}</td>
            </tr>
        }
    };
    view! {
        <div class="fig-table"><table class="loss-table">
            <caption class="visually-hidden">"What each head says of the box"</caption>
            <thead><tr><td></td><th scope="col">"reads by"</th><th scope="col">"says"</th><th scope="col">"background"</th></tr></thead>
            <tbody>{Method::ALL.map(row).collect_view()}</tbody>
        </table></div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_say_how_far_the_correction_reaches() {
        let region = BBox::new(0.25, 0.5, 0.5, 1.0);
        let mut said = RegionClasses { probabilities: vec![0.0; 81], corrected: Some(BBox::new(0.25, 0.25, 0.5, 1.0)) };
        (said.probabilities[17], said.probabilities[80]) = (0.9, 0.1);
        let text = words(Method::Pool, &said, &region, (400.0, 200.0));
        assert!(text.starts_with("Fast R-CNN says horse 90.0%, background 10.0%."), "{text}");
        assert!(
            text.contains(
                "moves the middle by 25.0 pixels; the box reaches out of the region, in pixels: 50.0 at the top."
            ),
            "{text}"
        );
        assert!(text.ends_with("26 × 26 cells, of stride 16 at 416 × 416 pixels."), "{text}");
        said.corrected = Some(BBox::new(0.3, 0.6, 0.5, 0.9));
        assert!(words(Method::Align, &said, &region, (400.0, 200.0)).contains("stays inside the region"));
    }
}
