//! Captions word by word: what each word was chosen from, and where the network looked.

use std::sync::Arc;

use leptos::{ev::KeyboardEvent, html::Ol, prelude::*};
use model::structures::caption::{Caption, Word};
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use super::row_button::RowButton;
use crate::{
    export::clip_text,
    layers::{CAPTIONS, CaptionLayer, slot_of_region},
    paint::pen::Highlight,
    position::place,
    scene::Scene,
    state::{ResultState, ViewState, use_photo, use_result, use_view},
    swatch::swatch_class,
    words::{Language, controls, lists, numbers, results},
};

/// The language of captions, whatever that of the page is.
const ENGLISH: &str = Language::English.key();

/// The captions of the photo and of its regions.
#[component]
pub fn Captions() -> impl IntoView {
    let (result, view) = (use_result(), use_view());
    // All words are one stop of the Tab key; the arrow keys go from word to word.
    let stop = RwSignal::new((0, 0));
    let captions = move || {
        let all = captions_of(result);
        (0..all.len()).map(|index| view! { <Row index caption=all[index].clone() stop/> }).collect_view()
    };
    let list = NodeRef::<Ol>::new();
    let keys = move |event: KeyboardEvent| {
        let lengths: Vec<usize> = untrack(|| captions_of(result)).iter().map(|it| it.words.len()).collect();
        let Some(to) = step(&lengths, stop.get_untracked(), &event.key()) else { return };
        event.prevent_default();
        let word = format!("[data-place='{} {}']", to.0, to.1);
        let word = list.get_untracked().and_then(|it| it.query_selector(&word).ok().flatten());
        if let Some(word) = word.and_then(|it| it.dyn_into::<HtmlElement>().ok()) {
            drop(word.focus());
        }
    };
    view! {
        <div class="say">
            <button type="button" class="quiet" data-testid="copy-alt" on:click=move |_| copy_alt(result, view)>{lists::COPY_ALT}</button>
            <button type="button" class="quiet" data-testid="copy-captions" on:click=move |_| copy_all(result, view)>{lists::COPY_ALL}</button>
        </div>
        <section aria-labelledby="captions-title">
            <h2 id="captions-title" class="block-title">{lists::WORD_BY_WORD}</h2>
            <ol node_ref=list class="said" data-testid="results" on:keydown=keys>{captions}</ol>
        </section>
        <Alternatives/>
    }
}

/// The caption of the whole photo alone, above other findings.
#[component]
pub fn Sentence() -> impl IntoView {
    let (result, view) = (use_result(), use_view());
    let doubt = move || {
        let doubt = |scene: &Scene| scene.find::<CaptionLayer>().map(CaptionLayer::doubt_in_words);
        result.scene.with(doubt).unwrap_or_default()
    };
    view! {
        <section class="sentence" aria-labelledby="sentence-title">
            <h2 id="sentence-title" class="visually-hidden">{lists::CAPTION}</h2>
            <p class="sentence-words" data-testid="sentence" lang=ENGLISH data-sure=move || doubt().is_empty().to_string()>
                {move || result.scene.with(Scene::sentence)}
            </p>
            <p class="field-hint" data-testid="doubt">{doubt}</p>
            <button type="button" class="text" data-testid="copy-alt" on:click=move |_| copy_alt(result, view)>{lists::COPY_ALT}</button>
        </section>
    }
}

/// The captions of regions beside other results.
#[component]
pub fn RegionCaptions() -> impl IntoView {
    let (result, view) = (use_result(), use_view());
    let row = move |index: usize, sentence: String| {
        let highlight = Highlight { kind: CAPTIONS, key: index };
        view! {
            <li class="row" data-testid="region-caption">
                <RowButton highlight>
                    <span class=swatch_class(slot_of_region(index)) aria-hidden="true"></span>
                    <span class="row-sentence"><span lang=ENGLISH>{sentence}</span> {doubt_mark(result, index)}</span>
                </RowButton>
            </li>
        }
    };
    let rows = move || {
        let all = captions_of(result);
        all.iter().enumerate().skip(1).map(|(index, caption)| row(index, caption.sentence())).collect_view()
    };
    let some = move || captions_of(result).len() > 1;
    view! {
        <Show when=some>
            <section class="block" aria-labelledby="region-captions-title" data-testid="section-captions">
                <h2 id="region-captions-title" class="block-title">{lists::CAPTIONS_OF_REGIONS}</h2>
                <ul class="results sentences" on:mouseleave=move |_| view.hover(None)>{rows}</ul>
            </section>
        </Show>
    }
}

/// What speaks against a caption, in a word or two.
fn doubt_mark(result: ResultState, caption: usize) -> Option<impl IntoView> {
    let doubt = result.scene.with(|scene| scene.find::<CaptionLayer>().and_then(|it| it.doubt(caption)))?;
    Some(view! { <span class="doubt" data-testid="doubt-mark">{results::doubt(doubt)}</span> })
}

/// The captions on show.
fn captions_of(result: ResultState) -> Arc<Vec<Caption>> {
    let captions = |scene: &Scene| scene.find::<CaptionLayer>().map(|it| it.captions.clone());
    result.scene.with(captions).unwrap_or_default()
}

fn copy_alt(result: ResultState, view: ViewState) {
    let sentence = result.scene.with_untracked(Scene::alt_text).unwrap_or_default();
    clip_text(view, sentence, lists::ALT_COPIED());
}

fn copy_all(result: ResultState, view: ViewState) {
    let sentences: Vec<String> = untrack(|| captions_of(result)).iter().map(Caption::sentence).collect();
    clip_text(view, sentences.join("\n"), lists::CAPTIONS_COPIED());
}

/// One caption. Pointing at it shows its region.
#[component]
fn Row(
    /// Its place: 0 is the whole photo.
    index: usize,
    /// The caption.
    caption: Caption,
    /// The word that the Tab key leads to.
    stop: RwSignal<(usize, usize)>,
) -> impl IntoView {
    let size = use_photo().size();
    let region_of = caption.region;
    let placed = move || region_of.map(|region| format!("{}: ", place(&region, size)));
    let sentence = caption.sentence();
    let view = use_view();
    let highlight = Highlight { kind: CAPTIONS, key: index };
    let hover = move || view.hover(Some(highlight).filter(|it| it.key > 0));
    let words = caption.words.into_iter().enumerate();
    let words = words.map(|(at, word)| view! { <WordButton place=(index, at) word stop/> }).collect_view();
    let name = move || if index == 0 { controls::PHOTO().to_owned() } else { index.to_string() };
    let region = if index == 0 { "Photo".to_owned() } else { index.to_string() };
    let highlighted = move || view.highlighted.get() == Some(highlight);
    let result = use_result();
    let doubt = move || doubt_mark(result, index);
    view! {
        <li class="said-row" data-testid="caption" data-region=region data-isolated=move || highlighted().to_string()
            on:mouseenter=move |_| hover()
            on:mouseleave=move |_| view.hover(None)>
            <span class="said-place">
                {(index > 0).then(|| view! { <span class=swatch_class(slot_of_region(index)) aria-hidden="true"></span> })}
                {name}
            </span>
            <div>
                // Read as one sentence, then word by word.
                <p class="visually-hidden" data-testid="caption-sentence">{placed}<span lang=ENGLISH>{sentence}</span></p>
                <p class="said-words" lang=ENGLISH>{words}</p>
                {doubt}
            </div>
        </li>
    }
}

/// One word, its probability as the line below it.
#[component]
fn WordButton(
    /// Which caption, which word.
    place: (usize, usize),
    /// The word.
    word: Word,
    /// The word that the Tab key leads to.
    stop: RwSignal<(usize, usize)>,
) -> impl IntoView {
    let (result, view) = (use_result(), use_view());
    let probability = word.probability;
    let point = move || {
        stop.set(place);
        view.word.set(Some(place));
    };
    let leave = move || {
        if view.word.get_untracked() == Some(place) {
            view.word.set(None);
        }
    };
    let (said, boxes) = (word.text.clone(), word.detections.len());
    let label = move || lists::word(&said, probability, boxes);
    let from_box = !word.detections.is_empty();
    let text = word.text.clone();
    // The region that stands out is what the word names.
    let named = move || {
        let region = view.highlighted.get().filter(|it| it.kind == CAPTIONS);
        let is_named =
            |scene: &Scene| scene.find::<CaptionLayer>().zip(region).map(|(it, of)| it.is_named(of.key, &word));
        (from_box && result.scene.with(is_named).unwrap_or_default()).to_string()
    };
    view! {
        <button type="button" class="word" data-testid="word" aria-pressed=move || (view.word.get() == Some(place)).to_string()
            aria-label=label
            data-place=format!("{} {}", place.0, place.1)
            data-from-box=from_box.to_string()
            data-named=named
            tabindex=move || if stop.get() == place { "0" } else { "-1" }
            style:--part=format!("{probability:.3}")
            on:focus=move |_| point()
            on:blur=move |_| leave()
            on:mouseenter=move |_| point()
            on:mouseleave=move |_| leave()
            on:click=move |_| point()>
            {text}
        </button>
    }
}

/// The word that a key leads to from another one.
///
/// # Arguments
/// * `lengths` - how many words each caption has.
fn step(lengths: &[usize], (caption, word): (usize, usize), key: &str) -> Option<(usize, usize)> {
    let last = |caption: usize| lengths.get(caption).map(|length| (caption, length.saturating_sub(1)));
    let at = |caption: usize| last(caption).map(|(caption, last)| (caption, word.min(last)));
    match key {
        "ArrowRight" if Some((caption, word)) == last(caption) => at(caption + 1).map(|(caption, _)| (caption, 0)),
        "ArrowRight" => Some((caption, word + 1)),
        "ArrowLeft" if word == 0 => last(caption.checked_sub(1)?),
        "ArrowLeft" => Some((caption, word - 1)),
        "ArrowDown" => at(caption + 1),
        "ArrowUp" => at(caption.checked_sub(1)?),
        "Home" => Some((caption, 0)),
        "End" => last(caption),
        _ => None,
    }
}

/// The word whose alternatives are listed: the one pointed at, else the last one, else the first of the photo's.
fn subject(result: ResultState, view: ViewState) -> Memo<Option<Word>> {
    let last = Memo::new(move |last: Option<&Option<(usize, usize)>>| view.word.get().or(last.copied().flatten()));
    Memo::new(move |_| {
        let (caption, word) = last.get().unwrap_or_default();
        let captions = captions_of(result);
        let found = captions.get(caption).and_then(|it| it.words.get(word));
        found.or(captions.first().and_then(|it| it.words.first())).cloned()
    })
}

/// What one word was chosen from.
#[component]
fn Alternatives() -> impl IntoView {
    let subject = subject(use_result(), use_view());
    let title = move || subject.with(|it| it.as_ref().map(|it| lists::instead_of(&it.text)));
    let row = |text: String, probability: f32, chosen: bool| {
        let part = format!("{probability:.4}");
        view! {
            <div class="timing" data-testid="alternative" data-chosen=chosen.to_string() style:--part=part>
                <dt lang=ENGLISH>{text}</dt>
                <dd>{numbers::part(probability)}</dd>
            </div>
        }
    };
    let rows = move || {
        let Some(Word { text: chosen, alternatives, .. }) = subject.get() else { return Vec::new() };
        alternatives
            .into_iter()
            .map(|(text, probability)| {
                let is = text == chosen;
                row(text, probability, is)
            })
            .collect()
    };
    view! {
        <section class="block" aria-labelledby="alternatives-title">
            <div class="block-head">
                <h2 id="alternatives-title" class="block-title">{title}</h2>
            </div>
            <dl class="timings alternatives" data-testid="alternatives">{rows}</dl>
            <p class="field-hint">
                {lists::ALTERNATIVES_HINT}
            </p>
        </section>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrow_keys_go_from_word_to_word_and_from_caption_to_caption() {
        let lengths = [3, 1, 5];
        let to = |from, key| step(&lengths, from, key);
        assert_eq!((to((0, 1), "ArrowRight"), to((0, 2), "ArrowRight")), (Some((0, 2)), Some((1, 0))));
        assert_eq!((to((2, 4), "ArrowRight"), to((0, 0), "ArrowLeft")), (None, None));
        assert_eq!((to((1, 0), "ArrowLeft"), to((2, 3), "ArrowLeft")), (Some((0, 2)), Some((2, 2))));
        assert_eq!((to((0, 2), "ArrowDown"), to((2, 4), "ArrowUp")), (Some((1, 0)), Some((1, 0))));
        assert_eq!((to((2, 1), "End"), to((2, 1), "Home"), to((2, 1), "Tab")), (Some((2, 4)), Some((2, 0)), None));
    }
}
