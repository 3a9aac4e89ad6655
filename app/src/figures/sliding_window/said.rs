//! What networks say of the window: its class, and the class of the pixel in its middle.

use leptos::prelude::*;
use model::{
    catalog::System,
    structures::{boxes::BBox, question::Question},
};

use crate::figures::{
    answers::{Answered, answers, class_bars, class_name, percent, region},
    svg::colour,
};

/// Who says the class of a window, and who that of its middle.
const WHOLE: System = System::SlidingWindow;
const MIDDLE: System = System::SlidingSegmentation;
/// Things of which a probability is shown.
const SHOWN: usize = 3;

/// What the networks say of the window: copies share it.
#[derive(Clone, Copy)]
pub struct Said {
    boxes: Memo<[BBox; 2]>,
    known: RwSignal<Vec<Answered>>,
}

impl Said {
    /// Asks about the window, the first of two boxes.
    pub fn new(boxes: Memo<[BBox; 2]>) -> Self {
        let questions = Memo::new(move |_| {
            let question = Question::Regions(vec![boxes.get()[0]]);
            vec![(WHOLE, question.clone()), (MIDDLE, question)]
        });
        Self { boxes, known: answers(questions.into()) }
    }

    /// The class of the middle: an index into the class map's classes.
    fn middle(self) -> Option<(usize, f32)> {
        let said = self.known.with(|known| region(known, MIDDLE, None))?;
        said.best(1).first().copied()
    }

    /// The pixel in the middle, in the colour of its class.
    pub fn centre_mark(self) -> Option<AnyView> {
        let (class, _) = self.middle()?;
        let (x, y) = self.boxes.get()[0].centre();
        let place = format!("M{:.1} {:.1}h.1", x * 1000.0, y * 1000.0);
        let fill = colour(class);
        Some(
            view! {
                <path class="window-middle window-middle-edge" d=place.clone()></path>
                <path class="window-middle" d=place style:--box=fill></path>
            }
            .into_any(),
        )
    }

    fn words(self) -> String {
        let question = Question::Regions(vec![self.boxes.get()[0]]);
        let best = |system| {
            let said = self.known.with(|known| region(known, system, Some(&question)))?;
            let (class, probability) = said.best(1).first().copied()?;
            Some(format!("{} ({})", class_name(system, class), percent(probability)))
        };
        match (best(WHOLE), best(MIDDLE)) {
            (Some(whole), Some(middle)) => format!("The window is {whole}; the pixel in its middle is {middle}."),
            _ => String::new(),
        }
    }

    /// The answers in numbers and in words.
    pub fn view(self) -> AnyView {
        let bars =
            move |system| self.known.with(|known| region(known, system, None)).map(|it| class_bars(system, &it, SHOWN));
        // While the window is dragged the words of its last place stay.
        let text = Memo::new(move |earlier: Option<&String>| {
            let now = self.words();
            if now.is_empty() { earlier.cloned().unwrap_or_default() } else { now }
        });
        let waiting = move || self.words().is_empty() && text.with(String::is_empty);
        view! {
            <p class="fig-note" role="status" data-testid="said-waiting">
                {move || waiting().then_some("The networks that say the class of a window are being loaded and asked.")}
            </p>
            <p class="fig-reading" aria-live="polite" data-testid="window-words">{text}</p>
            <div class="window-said">
                <section data-testid="window-class">
                    <h2 class="fig-name">"Class of the window, or background"</h2>
                    {move || bars(WHOLE)}
                </section>
                <section data-testid="middle-class">
                    <h2 class="fig-name">"Class of the pixel in its middle"</h2>
                    {move || bars(MIDDLE)}
                </section>
            </div>
        }
        .into_any()
    }
}
