//! A lesson file: read, checked, and the state of each of its steps.

use serde::Deserialize;
use thiserror::Error;

use crate::{
    controls::Controls,
    url_state::UrlState,
    words::{faults, language},
};

/// The version of the format.
const VERSION: u32 = 1;
/// More steps than any lecture has.
const MAX_STEPS: usize = 500;

/// A lesson.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LessonFile {
    /// The format's version.
    lookout: u32,
    /// What it is called.
    pub title: String,
    /// The language of its texts, as HTML's `lang` has it.
    pub lang: Option<String>,
    /// The steps in order.
    pub steps: Vec<LessonStep>,
}

/// A step.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LessonStep {
    /// Its heading.
    pub title: String,
    /// What it says; an empty line parts two paragraphs.
    pub text: String,
    /// The query of the page's address that it is about.
    #[serde(default)]
    pub state: String,
    /// The address of its photo, relative to the lesson file; without it that of the state.
    pub photo: Option<String>,
}

/// Why there is no lesson.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum LessonError {
    /// The file cannot be had.
    #[error("{}", faults::no_lesson(.0))]
    OutOfReach(String),
    /// It is not written as a lesson file is.
    #[error("{}", faults::unreadable_lesson(.0, .1))]
    Unreadable(String, String),
    /// It is of another version.
    #[error("{}", faults::lesson_version(.0, VERSION))]
    Version(String),
    /// It has no steps, or too many.
    #[error("{}", faults::lesson_steps(.0, *.1, MAX_STEPS))]
    Steps(String, usize),
    /// A step asks for something unknown.
    #[error("{}", faults::lesson_state(.name, *.number, .reason))]
    State {
        /// The lesson's address.
        name: String,
        /// The step, from 1.
        number: usize,
        /// What is wrong, as a sentence.
        reason: String,
    },
}

/// The address of the lesson file that a name stands for: a word alone is one of those that come with the page.
pub fn address_of(name: &str) -> String {
    if name.contains(['/', '.']) { name.to_owned() } else { format!("lessons/{name}.json") }
}

impl LessonFile {
    /// Reads a lesson and checks all its steps.
    ///
    /// # Arguments
    /// * `name` - what the lesson is called in errors.
    /// * `text` - the file.
    ///
    /// # Errors
    /// The first thing that is wrong with it.
    pub fn read(name: &str, text: &str) -> Result<Self, LessonError> {
        let unreadable = |error: serde_json::Error| LessonError::Unreadable(name.to_owned(), error.to_string());
        let lesson: Self = serde_json::from_str(text).map_err(unreadable)?;
        if lesson.lookout != VERSION {
            return Err(LessonError::Version(name.to_owned()));
        }
        if !(1..=MAX_STEPS).contains(&lesson.steps.len()) {
            return Err(LessonError::Steps(name.to_owned(), lesson.steps.len()));
        }
        for (index, step) in lesson.steps.iter().enumerate() {
            let wrong = |reason| LessonError::State { name: name.to_owned(), number: index + 1, reason };
            step.state_alone().map_err(wrong)?;
        }
        Ok(lesson)
    }

    /// The step at a place of the address, counted from 1; the outermost one beyond the ends.
    pub fn step(&self, place: usize) -> (usize, &LessonStep) {
        let number = place.clamp(1, self.steps.len());
        (number, &self.steps[number - 1])
    }
}

impl LessonStep {
    /// The state that the step is about, with few controls unless it says otherwise.
    fn state_alone(&self) -> Result<UrlState, String> {
        let usual = UrlState { controls: Controls::Few, lang: language(), ..UrlState::default() };
        let state = usual.changed_by_query(&self.state)?;
        if state.lesson.is_some() || state.fits_content {
            return Err(faults::LESSON_IN_STEP().into());
        }
        Ok(state)
    }

    /// The state of the page at this step.
    ///
    /// # Arguments
    /// * `page` - the page's state: its theme, language and backend stay.
    /// * `number` - the step, from 1.
    /// * `photo` - the step's photo, if it has one of its own.
    pub fn state(&self, page: &UrlState, number: usize, photo: Option<String>) -> UrlState {
        let mut state = self.state_alone().unwrap_or_default(); // checked as the file was read
        if photo.is_some() {
            (state.photo, state.sample) = (photo, None);
        }
        UrlState {
            lesson: page.lesson.clone(),
            step: number,
            fits_content: page.fits_content,
            theme: page.theme,
            lang: page.lang,
            backend: state.backend.or(page.backend),
            ..state
        }
    }

    /// The paragraphs of its text.
    pub fn paragraphs(&self) -> impl Iterator<Item = &str> {
        self.text.split("\n\n").map(str::trim).filter(|it| !it.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use model::catalog::Task;

    use super::*;

    fn read(text: &str) -> Result<LessonFile, LessonError> {
        LessonFile::read("a.json", text)
    }

    fn with_state(state: &str) -> Result<LessonFile, LessonError> {
        read(&format!(
            r#"{{"lookout": 1, "title": "T", "steps": [{{"title": "A", "text": "a", "state": "{state}"}}]}}"#
        ))
    }

    #[test]
    fn a_step_is_a_state_of_the_page_with_few_controls() {
        let lesson = with_state("task=masks&sample=cat&score=0.4").expect("a lesson");
        let page = UrlState { lesson: Some("a.json".into()), ..UrlState::default() };
        let (number, step) = lesson.step(0);
        let state = step.state(&page, number, None);
        assert_eq!((state.task, state.controls, state.step), (Task::Masks, Controls::Few, 1));
        assert_eq!(state.query(), "?task=masks&score=0.4&sample=cat&lesson=a.json&step=1&controls=few");
        let state = step.state(&page, number, Some("https://a.org/b.jpg".into()));
        assert_eq!((state.sample, state.photo.as_deref()), (None, Some("https://a.org/b.jpg")));
    }

    #[test]
    fn beyond_the_ends_are_the_outermost_steps() {
        let lesson = with_state("").expect("a lesson");
        assert_eq!((lesson.step(0).0, lesson.step(1).0, lesson.step(9).0), (1, 1, 1));
    }

    #[test]
    fn what_is_wrong_is_said_in_a_sentence() {
        let cases = [
            read("{"),
            read(r#"{"lookout": 1, "title": "T", "steps": [{"title": "A", "txt": "a"}]}"#),
            read(r#"{"lookout": 2, "title": "T", "steps": []}"#),
            read(r#"{"lookout": 1, "title": "T", "steps": []}"#),
            with_state("tsak=masks"),
            with_state("task=dance"),
            with_state("lesson=b.json"),
            with_state("score"),
        ];
        for case in cases {
            let sentence = case.expect_err("there is something wrong with it").to_string();
            assert!(sentence.ends_with('.') && sentence.contains("a.json"), "{sentence}");
        }
        assert!(with_state("task=dance").is_err_and(|it| it.to_string().contains("(dance)")));
    }

    #[test]
    fn paragraphs_are_parted_by_empty_lines() {
        let step =
            LessonStep { title: "A".into(), text: "one\n\n two\nmore \n\n".into(), state: "".into(), photo: None };
        assert_eq!(step.paragraphs().collect::<Vec<_>>(), ["one", "two\nmore"]);
    }

    #[test]
    fn names_stand_for_the_lessons_that_come_along() {
        assert_eq!(address_of("lecture"), "lessons/lecture.json");
        assert_eq!(address_of("../mine.json"), "../mine.json");
    }

    #[test]
    fn the_lecture_is_whole_and_on_sample_photos() {
        let text = include_str!("../../../www/lessons/lecture.json");
        let lesson = LessonFile::read("lecture", text).expect("the committed lesson can be shown");
        let photos = include_str!("../../../assets/photos/photos.json");
        for step in &lesson.steps {
            let state = step.state(&UrlState::default(), 1, None);
            let sample = state.sample.unwrap_or_else(|| panic!("{} has no photo", step.title));
            assert!(photos.contains(&format!("\"{sample}.jpg\"")), "{sample}");
            assert!(step.text.len() < 420, "{} is long for a step", step.title);
        }
        // The last stage of each system is its result.
        let systems = lesson.steps.iter().filter_map(|it| it.state(&UrlState::default(), 1, None).system);
        assert!(systems.count() >= 10, "it walks through the systems");
    }
}
