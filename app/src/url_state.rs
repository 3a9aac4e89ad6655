//! The part of the page's state that lives in its address, so that a link or a reload brings it back.
//!
//! `?task=boxes&system=ssd&inside=1&stage=default-boxes&compare=1&without=rcnn&score=0.5&iou=0.5&nms=per-class`
//! `&joint-score=0.3&joints=14&opacity=0.5&outline=1&closer=1&hide=1.18&hide-layers=class-map&figure=upsampling&set=kernel:3`
//! `&sample=coffee&photo=ADDRESS&lesson=ADDRESS&step=3&controls=few&fit=content&backend=gpu&theme=dark&lang=de`; what has its usual
//! value is left out, what cannot be read is ignored, and what names something unknown is told to the visitor.

mod changes;
mod escape;
mod parameters;

use lookout_protocol::Backend;
use model::catalog::{System, Task};

use crate::{
    controls::Controls,
    settings::Settings,
    stages::stages_of,
    theme::Theme,
    words::{
        Language,
        faults::{self, Named},
        in_language,
    },
};
use escape::escape;
use parameters::PARAMETERS;

/// Characters of an unknown value that are told to the visitor.
const MAX_TOLD: usize = 40;

/// What the address says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct UrlState {
    /// What the visitor wants to know.
    pub task: Task,
    /// The system that is to answer, if not the task's default.
    pub system: Option<System>,
    /// Whether the look inside is open.
    pub inside: bool,
    /// The key of the stage that is open.
    pub stage: Option<String>,
    /// Whether the comparison of the task's systems is open; the look inside is not, then.
    pub compare: bool,
    /// The keys of the systems that the comparison leaves out, with dots between them; unknown ones count for nothing.
    pub without: String,
    /// The panel's settings.
    pub settings: Settings,
    /// The key of the figure that is open.
    pub figure: Option<String>,
    /// What is set in that figure, in its own words.
    pub set: String,
    /// The sample photo on show: its file name without the ending.
    pub sample: Option<String>,
    /// The address of another photo on show, relative to the page's.
    pub photo: Option<String>,
    /// The address of the lesson file that is walked through, relative to the page's.
    pub lesson: Option<String>,
    /// Its step, from 1; 0 for the first.
    pub step: usize,
    /// How much of the page is shown.
    pub controls: Controls,
    /// Whether the page is as high as what it shows, for hosts that give its frame that height.
    pub fits_content: bool,
    /// The backend that the visitor insists on.
    pub backend: Option<Backend>,
    /// Light or dark, if the visitor has chosen.
    pub theme: Theme,
    /// The language of a frame with few controls or none; the whole page and figures are in English.
    pub lang: Language,
    /// Seconds of silence after which the worker counts as hung; for tests and slow devices.
    pub watchdog: Option<f64>,
    /// A sentence for each value that names something unknown.
    pub unknown: Vec<String>,
}

/// The sentence about a name that nothing has.
#[must_use]
pub fn unknown_name(kind: Named, name: &str) -> String {
    let told: String = name.chars().take(MAX_TOLD).collect();
    faults::unknown(kind, &told)
}

impl UrlState {
    /// Reads a query string (with or without the leading `?`).
    ///
    /// # Arguments
    /// * `query` - e.g. `?score=0.3&sample=coffee`; values may be percent-encoded.
    #[must_use]
    pub fn parse(query: &str) -> Self {
        let pairs: Vec<(&str, &str)> =
            query.trim_start_matches('?').split('&').filter_map(|pair| pair.split_once('=')).collect();
        Self::from_pairs(&pairs)
    }

    /// # Arguments
    /// * `pairs` - keys and values as in a query; the last of a key counts.
    fn from_pairs(pairs: &[(&str, &str)]) -> Self {
        let value_of =
            |key| pairs.iter().rev().find(|pair| pair.0 == key).map(|pair| pair.1).filter(|it| !it.is_empty());
        let mut state = Self::default();
        let mut unknown = Vec::new();
        for parameter in &PARAMETERS {
            let Some(value) = value_of(parameter.key) else { continue };
            let is_read = (parameter.read)(&mut state, value).is_some() && state.settle(value_of("task").is_some());
            if let (false, Some(kind)) = (is_read, parameter.names) {
                unknown.push((kind, value));
            }
        }
        let told = || unknown.into_iter().map(|(kind, name)| unknown_name(kind, name)).collect();
        state.unknown = in_language(state.language(), told);
        state
    }

    /// The language of the page in this state.
    #[must_use]
    pub fn language(&self) -> Language {
        self.controls.language(self.lang, self.figure.is_some())
    }

    /// Brings task, system and stage together. Returns whether they fit; what does not is dropped.
    ///
    /// # Arguments
    /// * `task_is_given` - otherwise the system brings its task along.
    fn settle(&mut self, task_is_given: bool) -> bool {
        if let Some(task) = self.system.map(|system| system.info().task).filter(|&task| task != self.task) {
            if task_is_given {
                self.system = None;
                return false;
            }
            self.task = task;
        }
        let systems = self.task.runs(self.system);
        let has = |key: &str| systems.iter().any(|&it| stages_of(it).any(|stage| stage.key == key));
        let fits = self.stage.as_deref().is_none_or(has);
        if !fits {
            self.stage = None;
        }
        fits
    }

    /// The query string, `?` included; empty when everything has its usual value.
    #[must_use]
    pub fn query(&self) -> String {
        let usual = Self::default();
        let pairs = PARAMETERS.iter().filter_map(|parameter| {
            let value = (parameter.write)(self);
            (value != (parameter.write)(&usual)).then(|| format!("{}={value}", parameter.key))
        });
        let pairs: Vec<String> = pairs.collect();
        if pairs.is_empty() { String::new() } else { format!("?{}", pairs.join("&")) }
    }

    /// The chosen system's word; empty for the task's default and for another task's.
    fn system_key(&self) -> String {
        let runs = self.task.runs(self.system);
        if runs == self.task.runs(None) {
            String::new()
        } else {
            runs.first().map(|it| it.key().into()).unwrap_or_default()
        }
    }

    /// The category numbers of the classes that are switched off.
    fn hidden_classes(&self) -> String {
        self.settings.hidden.iter().map(u16::to_string).collect::<Vec<_>>().join(".")
    }

    fn hidden_layers(&self) -> String {
        self.settings.hidden_layers.iter().copied().collect::<Vec<_>>().join(".")
    }

    fn photo_value(&self) -> String {
        self.photo.as_deref().map(escape).unwrap_or_default()
    }

    fn lesson_value(&self) -> String {
        self.lesson.as_deref().map(escape).unwrap_or_default()
    }

    fn figure_key(&self) -> String {
        self.figure.clone().unwrap_or_default()
    }

    fn stage_key(&self) -> String {
        self.stage.clone().filter(|_| self.inside).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use model::structures::boxes::Competition;

    use super::*;
    use crate::{
        layers::{CLASS_MAP, MASKS},
        settings::MIN_SCORE,
    };

    #[test]
    fn round_trip() {
        let settings = Settings {
            score: 0.35,
            iou: 0.7,
            competition: Competition::ClassAgnostic,
            joint_score: 0.4,
            fourteen: true,
            opacity: 0.25,
            outline: true,
            closer: Some(false),
            hidden: [18, 1].into(),
            hidden_layers: [CLASS_MAP, MASKS].into(),
        };
        let state = UrlState {
            task: Task::Skeletons,
            system: None,
            inside: true,
            stage: Some("heat-maps".into()),
            compare: false,
            without: "movenet".into(),
            settings,
            figure: Some("upsampling".into()),
            set: "kernel:3,stride:2".into(),
            sample: Some("grace_hopper".into()),
            photo: Some("https://a.org/b c.jpg?d=1&e=2".into()),
            lesson: Some("lessons/lecture.json".into()),
            step: 3,
            controls: Controls::Few,
            fits_content: true,
            backend: Some(Backend::Cpu),
            theme: Theme::Dark,
            lang: Language::German,
            watchdog: Some(2.5),
            unknown: vec![],
        };
        assert_eq!(UrlState::parse(&state.query()), state);
        let first = "?task=skeletons&inside=1&stage=heat-maps&without=movenet&score=0.35&iou=0.7&nms=class-agnostic\
                     &joint-score=0.4";
        let rest = "&joints=14&opacity=0.25&outline=1&closer=0&hide=1.18&hide-layers=class-map.masks&figure=upsampling\
                    &set=kernel:3,stride:2&sample=grace_hopper&photo=https://a.org/b%20c.jpg%3Fd%3D1%26e%3D2\
                    &lesson=lessons/lecture.json&step=3&controls=few&fit=content&backend=cpu&theme=dark&lang=de\
                     &watchdog=2.5";
        assert_eq!(state.query(), format!("{first}{rest}"));
    }

    #[test]
    fn the_comparison_closes_the_look_inside() {
        let state = UrlState::parse("?compare=1&inside=1&without=rcnn.sliding-window");
        assert_eq!((state.compare, state.inside, state.without.as_str()), (true, false, "rcnn.sliding-window"));
        assert_eq!(state.query(), "?compare=1&without=rcnn.sliding-window");
    }

    #[test]
    fn keys_are_unique() {
        let keys: std::collections::BTreeSet<_> = PARAMETERS.iter().map(|it| it.key).collect();
        assert_eq!(keys.len(), PARAMETERS.len());
    }

    #[test]
    fn the_element_has_an_attribute_for_each_parameter() {
        let script = include_str!("../../www/lookout.js");
        let list = script.split_once("const SETTINGS = [").and_then(|it| it.1.split_once("];")).map(|it| it.0);
        let attributes: std::collections::BTreeSet<_> =
            list.into_iter().flat_map(|it| it.split('\'').skip(1).step_by(2)).collect();
        // The photo is `src`; the element itself says whether it fits; the watchdog is for tests.
        let others = ["photo", "fit", "watchdog"];
        let keys = PARAMETERS.iter().map(|it| it.key).filter(|it| !others.contains(it)).collect();
        assert_eq!(attributes, keys);
    }

    #[test]
    fn every_task_has_its_word() {
        for task in Task::ALL {
            let state = UrlState { task, ..UrlState::default() };
            assert_eq!(UrlState::parse(&state.query()).task, task);
        }
    }

    #[test]
    fn usual_values_are_left_out() {
        assert_eq!(UrlState::default().query(), "");
        assert_eq!(UrlState::parse(""), UrlState::default());
        assert_eq!(UrlState::parse("?task=boxes&system=ssd&score=0.5&theme=&stage=input").query(), "");
    }

    #[test]
    fn nonsense_is_ignored_or_clamped() {
        let state = UrlState::parse(
            "?score=NaN&iou=7&closer=2&nms=maybe&backend=quantum&theme=pink&watchdog=-1&hide=12.x.999&hide-layers=sky\
             &lang=fr&controls=some&fit=screen&photo=%zz&step=-1&&=&joints",
        );
        let settings = Settings { iou: 1.0, ..Settings::default() };
        assert_eq!(state, UrlState { settings, ..UrlState::default() });
        assert_eq!(UrlState::parse("score=0").settings.score, MIN_SCORE);
    }

    #[test]
    fn unknown_names_are_told_and_the_default_stands() {
        let state = UrlState::parse("?task=dance&system=hog&inside=1&stage=thinking&sample=../secret");
        assert_eq!(UrlState { unknown: vec![], ..state.clone() }, UrlState { inside: true, ..UrlState::default() });
        assert_eq!(state.unknown.len(), 4);
        assert_eq!(
            state.unknown[1],
            "The address asks for a system that is not here (hog): choose another on the page."
        );
        let long = unknown_name(Named::Task, &"x".repeat(500));
        assert!(long.len() < 130, "{long}");
    }

    #[test]
    fn unknown_names_are_told_in_the_language_that_the_address_asks_for() {
        let told = |query: &str| UrlState::parse(query).unknown.join(" ");
        assert!(told("?task=dance&lang=de&controls=few").contains("Aufgabe dance"));
        assert!(told("?lang=de-AT&controls=none&stage=thinking").contains("Schritt thinking"));
        assert!(told("?task=dance&lang=de").starts_with("The address"), "the whole page is in English");
        assert!(told("?task=dance&lang=fr&controls=few").starts_with("The address"));
    }

    #[test]
    fn a_system_brings_its_task_and_does_not_answer_another() {
        let state = UrlState::parse("?system=fcn&stage=score-maps");
        assert_eq!((state.task, state.system, state.unknown.len()), (Task::ClassMap, Some(System::Fcn), 0));
        let state = UrlState::parse("?task=masks&system=fcn&stage=score-maps");
        assert_eq!((state.task, state.system, state.stage, state.unknown.len()), (Task::Masks, None, None, 2));
        assert_eq!(UrlState::parse("?task=everything&stage=score-maps").stage.as_deref(), Some("score-maps"));
    }
}
