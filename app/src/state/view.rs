//! How results are viewed: what stands out, what is looked into, light or dark, what is told in passing.

use leptos::prelude::*;
use leptos_use::use_preferred_dark;

use crate::{
    controls::Controls, layers::Section, notifications::Notifications, paint::pen::Highlight, theme::Theme,
    url_state::UrlState, words::Language,
};

/// The part of the panel that is fetched later: it makes views of sections.
#[derive(Clone, Copy)]
pub struct Lists(pub fn(Section) -> AnyView);

/// How results are viewed: copies share it.
#[derive(Clone, Copy)]
pub struct ViewState {
    /// What is pointed at or focused.
    pub hovered: RwSignal<Option<Highlight>>,
    /// What was clicked: it stands out while nothing is pointed at, until it is clicked again.
    pub held: RwSignal<Option<Highlight>>,
    /// What stands out.
    pub highlighted: Memo<Option<Highlight>>,
    /// The caption and the word in it that are pointed at or focused.
    pub word: RwSignal<Option<(usize, usize)>>,
    /// The place of the photo whose class is read, as fractions of its width and height.
    pub pointed: RwSignal<Option<(f32, f32)>>,
    /// Whether the visitor looks inside.
    pub inside: RwSignal<bool>,
    /// The key of the stage that is open, if the visitor has chosen one.
    pub stage: RwSignal<Option<String>>,
    /// Whether the comparison of the task's systems is open.
    pub compare: RwSignal<bool>,
    /// The keys of the systems that it leaves out, with dots between them.
    pub without: RwSignal<String>,
    /// The key of the figure that is open in the place of everything else.
    pub figure: RwSignal<Option<String>>,
    /// What is set in that figure, as the address has it.
    pub figure_set: RwSignal<String>,
    /// How much of the page is shown.
    pub controls: RwSignal<Controls>,
    /// Whether the page is as high as what it shows.
    pub fits_content: RwSignal<bool>,
    /// The address of the lesson file that is walked through.
    pub lesson: RwSignal<Option<String>>,
    /// Its step, from 1; 0 for the first.
    pub step: RwSignal<usize>,
    /// Whether the network is needed: by the page, or by the figure that is open.
    pub needs_network: RwSignal<bool>,
    /// The lists of tasks other than Boxes, once they are loaded.
    pub lists: RwSignal<Option<Lists>>,
    /// What the visitor has chosen.
    pub theme: RwSignal<Theme>,
    /// The language that the address, or the host of the frame, asks for.
    pub lang: RwSignal<Language>,
    /// Whether the system is dark.
    pub system_dark: Signal<bool>,
    /// What is told in passing.
    pub notifications: Notifications,
    /// Where the mouse was last, in CSS pixels of the window: tells a movement of the mouse from one of the page under it.
    pub mouse: StoredValue<Option<(i32, i32)>>,
}

impl ViewState {
    /// The view that an address asks for.
    pub fn new(url: &UrlState) -> Self {
        let (hovered, held) = (RwSignal::new(None), RwSignal::new(None));
        Self {
            hovered,
            held,
            highlighted: Memo::new(move |_| hovered.get().or_else(|| held.get())),
            word: RwSignal::new(None),
            pointed: RwSignal::new(None),
            inside: RwSignal::new(url.inside),
            stage: RwSignal::new(url.stage.clone()),
            compare: RwSignal::new(url.compare),
            without: RwSignal::new(url.without.clone()),
            figure: RwSignal::new(url.figure.clone()),
            controls: RwSignal::new(url.controls),
            fits_content: RwSignal::new(url.fits_content),
            lesson: RwSignal::new(url.lesson.clone()),
            step: RwSignal::new(url.step),
            needs_network: RwSignal::new(url.figure.is_none()),
            figure_set: RwSignal::new(url.set.clone()),
            lists: RwSignal::new(None),
            theme: RwSignal::new(url.theme),
            lang: RwSignal::new(url.lang),
            system_dark: use_preferred_dark(),
            notifications: Notifications::default(),
            mouse: StoredValue::new(None),
        }
    }

    /// Whether the page looks dark now.
    pub fn is_dark(self) -> bool {
        self.theme.get().is_dark(self.system_dark.get())
    }

    /// The language of the page.
    pub fn language(self) -> Language {
        self.controls.get().language(self.lang.get(), self.figure.with(Option::is_some))
    }

    /// Opens a figure, or closes it.
    pub fn open_figure(self, key: Option<&str>) {
        self.figure_set.set(String::new());
        if key.is_none() {
            self.needs_network.set(true);
        }
        self.figure.set(key.map(Into::into));
    }

    /// Opens or closes the figure that an address of the session history names.
    pub fn follow_figure(self, url: &UrlState) {
        if self.figure.get_untracked() != url.figure {
            self.figure_set.set(url.set.clone());
            self.needs_network.update(|it| *it |= url.figure.is_none());
            self.figure.set(url.figure.clone());
        }
    }

    /// Something, or nothing, is pointed at.
    pub fn hover(self, highlight: Option<Highlight>) {
        if self.hovered.get_untracked() != highlight {
            self.hovered.set(highlight);
        }
    }

    /// Something, or nothing, is clicked: it stands out until it is clicked again.
    pub fn hold(self, highlight: Option<Highlight>) {
        let again = self.held.get_untracked() == highlight;
        if again {
            self.hover(None); // on a touch screen the finger is still on it
        }
        self.held.set(highlight.filter(|_| !again));
    }

    /// Nothing stands out any more.
    pub fn release(self) {
        self.hovered.set(None);
        self.held.set(None);
        self.word.set(None);
        self.pointed.set(None);
    }
}

/// The view, for components.
///
/// # Panics
/// Outside the page's root component, which provides it.
pub fn use_view() -> ViewState {
    expect_context()
}
