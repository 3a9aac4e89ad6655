//! The part of the page's state that lives in its address, so that a link or a reload brings it back.
//!
//! `?task=skeletons&score=0.5&iou=0.5&nms=per-class&joint-score=0.3&joints=14&opacity=0.5&outline=1&sample=coffee&backend=gpu&theme=dark`; what
//! has its usual value is left out, what cannot be read is ignored.

use lookout_protocol::{Backend, Task};
use model::structures::boxes::Competition;

use crate::{
    settings::{LOWEST_SCORE, Settings, competition_from_key, competition_key, task_from_key, task_key},
    theme::Theme,
};

/// What the address says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct UrlState {
    /// What the visitor wants to know.
    pub task: Task,
    /// Lowest score of a finding, if not the usual one.
    pub score: Option<f32>,
    /// Largest overlap of two findings, if not the usual one.
    pub iou: Option<f32>,
    /// Which guesses compete, if not the usual rule.
    pub competition: Option<Competition>,
    /// Lowest score of a joint that is no guess, if not the usual one.
    pub joint_score: Option<f32>,
    /// Whether skeletons have the lecture's 14 joints.
    pub fourteen: bool,
    /// How strongly masks and class maps cover the photo, if not as usual.
    pub opacity: Option<f32>,
    /// Whether masks are drawn as outlines only.
    pub outline: bool,
    /// The sample photo on show: its file name without the ending.
    pub sample: Option<String>,
    /// The backend that the visitor insists on.
    pub backend: Option<Backend>,
    /// Light or dark, if the visitor has chosen.
    pub theme: Theme,
    /// Seconds of silence after which the worker counts as hung; for tests and slow devices.
    pub watchdog: Option<f64>,
}

/// The word for a backend in the URL, also in the worker's address.
#[must_use]
pub const fn backend_key(backend: Backend) -> &'static str {
    match backend {
        Backend::Gpu => "gpu",
        Backend::Cpu => "cpu",
    }
}

impl UrlState {
    /// Reads a query string (with or without the leading `?`).
    ///
    /// # Arguments
    /// * `query` - e.g. `?score=0.3&sample=coffee`; values may be percent-encoded.
    #[must_use]
    pub fn parse(query: &str) -> Self {
        let mut state = Self::default();
        for pair in query.trim_start_matches('?').split('&') {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            match key {
                "score" => state.score = fraction(value, LOWEST_SCORE),
                "iou" => state.iou = fraction(value, 0.0),
                "nms" => state.competition = competition_from_key(value),
                "sample" => state.sample = sample_name(value),
                "backend" => {
                    state.backend = [Backend::Gpu, Backend::Cpu].into_iter().find(|&it| backend_key(it) == value);
                }
                "theme" => state.theme = Theme::from_key(value),
                "watchdog" => state.watchdog = value.parse().ok().filter(|&it: &f64| it.is_finite() && it > 0.0),
                "task" => state.task = task_from_key(value).unwrap_or_default(),
                "joint-score" => state.joint_score = fraction(value, 0.0),
                "opacity" => state.opacity = fraction(value, 0.0),
                "outline" => state.outline = value == "1",
                "joints" => state.fourteen = value == "14",
                _ => {}
            }
        }
        state
    }

    /// The query string, `?` included; empty when everything has its usual value.
    #[must_use]
    pub fn query(&self) -> String {
        let mut pairs = Vec::new();
        let mut say = |key: &str, value: &str| pairs.push(format!("{key}={value}"));
        if self.task != Task::default() {
            say("task", task_key(self.task));
        }
        self.score.inspect(|&score| say("score", &short(score)));
        self.iou.inspect(|&iou| say("iou", &short(iou)));
        self.competition.inspect(|&it| say("nms", competition_key(it)));
        self.joint_score.inspect(|&score| say("joint-score", &short(score)));
        if self.fourteen {
            say("joints", "14");
        }
        self.opacity.inspect(|&opacity| say("opacity", &short(opacity)));
        if self.outline {
            say("outline", "1");
        }
        self.sample.as_deref().inspect(|sample| say("sample", sample));
        self.backend.inspect(|&it| say("backend", backend_key(it)));
        self.theme.key().inspect(|theme| say("theme", theme));
        self.watchdog.inspect(|seconds| say("watchdog", &seconds.to_string()));
        if pairs.is_empty() { String::new() } else { format!("?{}", pairs.join("&")) }
    }

    /// Takes over what the panel has set.
    pub fn note_settings(&mut self, settings: &Settings) {
        let usual = Settings::default();
        self.score = (settings.score != usual.score).then_some(settings.score);
        self.iou = (settings.iou != usual.iou).then_some(settings.iou);
        self.competition = (settings.competition != usual.competition).then_some(settings.competition);
        self.joint_score = (settings.joint_score != usual.joint_score).then_some(settings.joint_score);
        self.fourteen = settings.fourteen;
        self.opacity = (settings.opacity != usual.opacity).then_some(settings.opacity);
        self.outline = settings.outline;
    }

    /// The settings that the address asks for.
    #[must_use]
    pub fn settings(&self) -> Settings {
        let usual = Settings::default();
        Settings {
            score: self.score.unwrap_or(usual.score),
            iou: self.iou.unwrap_or(usual.iou),
            competition: self.competition.unwrap_or(usual.competition),
            joint_score: self.joint_score.unwrap_or(usual.joint_score),
            fourteen: self.fourteen,
            opacity: self.opacity.unwrap_or(usual.opacity),
            outline: self.outline,
            ..usual
        }
    }
}

/// A number from `lowest` to 1.
fn fraction(text: &str, lowest: f32) -> Option<f32> {
    text.parse::<f32>().ok().filter(|value| value.is_finite()).map(|value| value.clamp(lowest, 1.0))
}

/// Two decimals at most, as the sliders step.
fn short(value: f32) -> String {
    let text = format!("{value:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// A plain file name without folders: nothing else may come from the address.
fn sample_name(text: &str) -> Option<String> {
    let plain = !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
    plain.then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn round_trip() {
        let state = UrlState {
            task: Task::Skeletons,
            score: Some(0.35),
            iou: Some(0.7),
            competition: Some(Competition::ClassAgnostic),
            joint_score: Some(0.4),
            fourteen: true,
            opacity: Some(0.25),
            outline: true,
            sample: Some("grace_hopper".into()),
            backend: Some(Backend::Cpu),
            theme: Theme::Dark,
            watchdog: Some(2.5),
        };
        assert_eq!(UrlState::parse(&state.query()), state);
        let settings = "?task=skeletons&score=0.35&iou=0.7&nms=class-agnostic&joint-score=0.4&joints=14";
        let query =
            format!("{settings}&opacity=0.25&outline=1&sample=grace_hopper&backend=cpu&theme=dark&watchdog=2.5");
        assert_eq!(state.query(), query);
    }

    #[test]
    fn every_task_has_its_word() {
        for task in crate::settings::TASKS {
            let state = UrlState { task, ..UrlState::default() };
            assert_eq!(UrlState::parse(&state.query()).task, task);
        }
    }

    #[test]
    fn usual_values_are_left_out() {
        assert_eq!(UrlState::default().query(), "");
        assert_eq!(UrlState::parse(""), UrlState::default());
        let mut state = UrlState::parse("?task=boxes&score=0.9");
        state.note_settings(&Settings::default());
        assert_eq!(state.query(), "");
    }

    #[test]
    fn nonsense_is_ignored_or_clamped() {
        let state = UrlState::parse(
            "task=dance&score=NaN&iou=7&nms=maybe&sample=../secret&backend=quantum&theme=pink&watchdog=-1&&=",
        );
        assert_eq!(state, UrlState { iou: Some(1.0), ..UrlState::default() });
        assert_eq!(UrlState::parse("score=0").settings().score, LOWEST_SCORE);
    }
}
