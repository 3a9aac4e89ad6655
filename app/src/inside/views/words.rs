//! Captions word by word: what each word was chosen from, and where the network looked for it.

use leptos::prelude::*;
use model::structures::{
    boxes::BBox,
    caption::{Caption, GAZE, Word},
    stage::Artifact,
};
use wasm_bindgen::JsValue;

use super::{
    StageView,
    bars::{Bar, Bars, percent},
    beams::{self, Beams},
    choice::{Choice, thousands},
    marks::{Line, NEUTRAL, cell_box, grid, outline},
    raster::{cover, raster},
    stepping::Numbered,
};
use crate::{
    inside::selection::{OpenStage, Selection},
    layers::slot_of_region,
    paint::{
        pen::{Pen, Shown, Tag},
        view::{Size, hit},
    },
};

/// How dark a cell is that was not looked at, 0 to 255.
const VEIL: f32 = 190.0;

/// Captions, one word at a time.
pub struct WordsView<'a> {
    /// The photo's, then those of its regions.
    pub captions: &'a [Caption],
    /// The photo's size in its own pixels.
    pub photo: Size,
}

impl<'a> WordsView<'a> {
    /// The chosen caption and its number; the first is the whole photo's.
    fn caption(&self, selection: &Selection) -> Option<(usize, &'a Caption)> {
        let index = selection.item.filter(|&it| it < self.captions.len()).unwrap_or_default();
        self.captions.get(index).map(|caption| (index, caption))
    }

    /// The word that is on show and its place in the chosen caption; the first until the visitor steps on.
    fn word(&self, selection: &Selection) -> Option<(usize, &'a Word)> {
        let words = &self.caption(selection)?.1.words;
        let index = selection.step.unwrap_or_default().min(words.len().checked_sub(1)?);
        Some((index, &words[index]))
    }

    fn region(&self, caption: &Caption) -> BBox {
        caption.region.unwrap_or(BBox::new(0.0, 0.0, self.photo.width, self.photo.height))
    }

    /// The word that is on show and what was before it, in words.
    fn reading(&self, selection: &Selection) -> Option<String> {
        let ((_, caption), (index, word)) = (self.caption(selection)?, self.word(selection)?);
        let before = caption.words[..index].iter().map(|it| it.text.as_str()).collect::<Vec<_>>().join(" ");
        let before = if before.is_empty() { "At the start".into() } else { format!("After “{before}”") };
        let looked = gaze_peak(word)
            .map(|((x, y), share)| format!(" It looked most at cell ({x}, {y}), with {} of its gaze.", percent(share)));
        Some(format!("{before}: “{}” with {}.{}", word.text, percent(word.probability), looked.unwrap_or_default(),))
    }

    fn bars(&self, selection: &Selection) -> Vec<Bar> {
        let Some((_, word)) = self.word(selection) else { return vec![] };
        let bar = |(text, probability): &(String, f32)| Bar::of_probability(text, *probability, *text == word.text);
        word.alternatives.iter().map(bar).collect()
    }

    /// What beam search kept after the word that is on show.
    fn kept(&self, selection: &Selection) -> Vec<beams::Row> {
        let shown = self.caption(selection).zip(self.word(selection));
        shown.map(|((_, caption), (word, _))| beams::rows(caption, word)).unwrap_or_default()
    }

    fn names(&self) -> Vec<String> {
        (0..self.captions.len()).map(|it| if it == 0 { "Photo".into() } else { it.to_string() }).collect()
    }
}

/// A small probability in words, to two digits: "1 in 630,000".
fn chance(log: f32) -> String {
    let odds = (-f64::from(log)).exp().max(1.0);
    let step = 10.0_f64.powf((odds.log10().floor() - 1.0).max(0.0));
    format!("1 in {}", thousands((odds / step).round() * step))
}

/// The cell of the grid that had most of a word's gaze, with its share.
fn gaze_peak(word: &Word) -> Option<((usize, usize), f32)> {
    let (cell, &share) = word.gaze.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1))?;
    Some(((cell % GAZE, cell / GAZE), share))
}

/// A veil over each cell, the thinner the more the network looked there: four bytes a cell.
fn veil(word: &Word) -> Option<Vec<u8>> {
    let most = gaze_peak(word)?.1;
    let is_grid = word.gaze.len() == GAZE * GAZE && most > 0.0;
    // In 0 to 255: a part of a byte.
    let pixel = |share: &f32| [0, 0, 0, ((1.0 - share / most) * VEIL).round() as u8];
    is_grid.then(|| word.gaze.iter().flat_map(pixel).collect())
}

impl StageView for WordsView<'_> {
    fn words(&self, selection: &Selection) -> String {
        let Some((_, caption)) = self.caption(selection) else { return "There are no captions.".into() };
        let count = caption.words.len();
        if count == 0 {
            return "No words for this region.".into();
        }
        let mean = (f64::from(caption.log_probability) / (count + 1) as f64).exp();
        format!(
            "“{}” in {count} words, one after the other, each with {} on average: this very sentence has a chance of {}.",
            caption.sentence(),
            percent(mean as f32),
            chance(caption.log_probability),
        )
    }

    fn to_try(&self) -> &'static str {
        "Step through the sentence and find the word that was nearly another one. Does it look at the thing it names?"
    }

    fn draw(&self, pen: &Pen, shown: &Shown, selection: &Selection) -> Result<(), JsValue> {
        let Some((chosen, caption)) = self.caption(selection) else { return Ok(()) };
        let region = self.region(caption);
        let word = self.word(selection).map(|it| it.1);
        if let Some((word, pixels)) = word.and_then(|word| Some((word, veil(word)?))) {
            cover(pen, &shown.view, &region, &raster(&pixels, (GAZE, GAZE))?, 1.0)?;
            grid(pen, &shown.view, &region, (GAZE, GAZE))?;
            if let Some((cell, _)) = gaze_peak(word) {
                outline(pen, &shown.view, &cell_box(&region, (GAZE, GAZE), cell), Line::solid(0))?;
            }
        }
        let slot = if chosen == 0 { NEUTRAL } else { slot_of_region(chosen) };
        outline(pen, &shown.view, &region, Line::solid(slot))?;
        let tag = |word: &Word| {
            let number = percent(word.probability);
            Tag { bbox: region, number, name: word.text.clone(), slot }
        };
        pen.labels(&word.map(tag).into_iter().collect::<Vec<_>>(), &shown.view)
    }

    fn press(&self, at: (f32, f32), slack: f32, selection: &mut Selection) {
        let regions: Vec<_> = self.captions.iter().filter_map(|it| it.region).collect();
        let item = hit(&regions, at, slack).map(|index| index + 1);
        (selection.item, selection.step) = (item, None);
    }

    fn key(&self, key: &str, selection: &mut Selection) -> bool {
        let (Some(_), Some((index, _)), Some((_, caption))) =
            (selection.step, self.word(selection), self.caption(selection))
        else {
            return false;
        };
        selection.step = match key {
            "ArrowLeft" => Some(index.saturating_sub(1)),
            "ArrowRight" => Some((index + 1).min(caption.words.len() - 1)),
            "Escape" => None,
            _ => return false,
        };
        true
    }

    fn controls(&self, stage: OpenStage) -> AnyView {
        let names = Memo::new(move |_| read(stage, |view| view.names()).unwrap_or_default());
        let chosen = Signal::derive(move || {
            read(stage, |view| view.caption(&stage.selection()).map(|it| it.0)).flatten().unwrap_or_default()
        });
        let bars = Memo::new(move |_| read(stage, |view| view.bars(&stage.selection())).unwrap_or_default());
        let kept = Memo::new(move |_| read(stage, |view| view.kept(&stage.selection())).unwrap_or_default());
        view! {
            <Choice id="caption" label="Sentence of" options=names chosen
                choose=move |index| stage.choose(|it| (it.item, it.step) = (Some(index), Some(0)))/>
            <Unrolled stage/>
            <p class="field-hint">"The cells of the photo stay light where the network looked for this word."</p>
            <Bars id="word-alternatives" title="The likeliest words at this place" bars/>
            <Beams rows=kept/>
        }
        .into_any()
    }
}

fn read<T>(stage: OpenStage, read: impl FnOnce(&WordsView) -> T) -> Option<T> {
    let with = |artifact: &Artifact, photo: Size| match artifact {
        Artifact::Captions(captions) => Some(read(&WordsView { captions, photo })),
        _ => None,
    };
    stage.reading(|it| with(it.artifact, it.photo)).flatten()
}

/// The sentence with the word that is on show; steps through the words.
#[component]
fn Unrolled(
    /// The stage.
    stage: OpenStage,
) -> impl IntoView {
    let words = Memo::new(move |_| {
        let of = |view: &WordsView| {
            let caption = view.caption(&stage.selection())?.1;
            Some(caption.words.iter().map(|word| (word.text.clone(), word.probability)).collect::<Vec<_>>())
        };
        read(stage, of).flatten().unwrap_or_default()
    });
    let index = Memo::new(move |_| {
        read(stage, |view| view.word(&stage.selection()).map(|it| it.0)).flatten().unwrap_or_default()
    });
    let reading = move || read(stage, |view| view.reading(&stage.selection())).flatten();
    let set = move |index: usize| stage.choose(|it| it.step = Some(index));
    let word = move |(at, (text, probability)): (usize, (String, f32))| {
        let label = format!("{text}, {}", percent(probability));
        view! {
            <button type="button" class="word" data-testid="unrolled-word" style:--part=format!("{probability:.3}")
                aria-label=label aria-pressed=move || (index.get() == at).to_string()
                class:word-ahead=move || { index.get() < at } on:click=move |_| set(at)>
                {text}
            </button>
        }
    };
    view! {
        <section class="unrolled" aria-label="Word by word" data-testid="unrolled" data-word=move || index.get()>
            <p class="said-words">{move || words.get().into_iter().enumerate().map(word).collect_view()}</p>
            <Numbered id="word" label="Word" count=Signal::derive(move || words.with(Vec::len)) chosen=index
                words=Signal::derive(move || format!("{} of {}", index.get() + 1, words.with(Vec::len))) set/>
            <p class="stage-reading" aria-live="polite" data-testid="word-reading">{reading}</p>
        </section>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn captions() -> Vec<Caption> {
        let word = |text: &str, cell: usize| {
            let mut gaze = vec![0.5 / 48.0; GAZE * GAZE];
            gaze[cell] = 0.5;
            let alternatives = vec![(text.to_owned(), 0.75), ("cat".into(), 0.2)];
            Word { text: text.into(), probability: 0.75, alternatives, detections: vec![], gaze }
        };
        let words = vec![word("a", 0), word("dog", 24)];
        let region = Some(BBox::new(10.0, 10.0, 40.0, 40.0));
        let photo =
            Caption { candidate: None, region: None, words: words.clone(), log_probability: -3.0, beams: vec![] };
        vec![photo, Caption { candidate: Some(0), region, words, log_probability: -1.5, beams: vec![] }]
    }

    #[test]
    fn a_sentence_is_told_word_by_word() {
        let captions = captions();
        let view = WordsView { captions: &captions, photo: Size::new(100.0, 80.0) };
        let mut selection = Selection::default();
        assert!(
            view.words(&selection).starts_with("“A dog.” in 2 words, one after the other, each with 37% on average")
        );
        assert!(view.words(&selection).ends_with("a chance of 1 in 20."), "{}", view.words(&selection));
        assert_eq!([0.0, -13.36].map(chance), ["1 in 1", "1 in 630,000"]);
        let reading = view.reading(&selection).expect("a word");
        assert_eq!(reading, "At the start: “a” with 75%. It looked most at cell (0, 0), with 50% of its gaze.");
        assert!(!view.key("ArrowRight", &mut selection), "the strip's until the visitor steps");
        selection.step = Some(0);
        assert!(view.key("ArrowRight", &mut selection) && view.key("ArrowRight", &mut selection));
        assert_eq!(selection.step, Some(1));
        assert!(
            view.reading(&selection)
                .expect("a word")
                .starts_with("After “a”: “dog” with 75%. It looked most at cell (3, 3)")
        );
        let bars = view.bars(&selection);
        assert_eq!(
            bars.iter().map(|it| (it.name.as_str(), it.chosen)).collect::<Vec<_>>(),
            [("dog", true), ("cat", false)]
        );
    }

    #[test]
    fn a_click_chooses_the_sentence_of_a_region() {
        let captions = captions();
        let view = WordsView { captions: &captions, photo: Size::new(100.0, 80.0) };
        let mut selection = Selection { step: Some(1), ..Selection::default() };
        view.press((20.0, 20.0), 0.0, &mut selection);
        assert_eq!((selection.item, selection.step), (Some(1), None));
        let empty = Caption { words: vec![], ..captions[0].clone() };
        let view = WordsView { captions: &[empty], photo: Size::default() };
        assert!(
            view.word(&selection).is_none() && view.reading(&selection).is_none() && view.bars(&selection).is_empty()
        );
    }

    #[test]
    fn the_veil_is_thinnest_where_the_network_looked() {
        let captions = captions();
        let pixels = veil(&captions[0].words[1]).expect("a grid");
        assert_eq!((pixels.len(), pixels[24 * 4 + 3]), (GAZE * GAZE * 4, 0));
        assert!(pixels[3] > 150);
        let blind = Word { gaze: vec![], ..captions[0].words[0].clone() };
        assert_eq!(veil(&blind), None);
    }
}
