//! The part of the page's state that lives in its address, so that a link or a reload brings it back.
//!
//! `?task=boxes&system=ssd&inside=1&stage=default-boxes&score=0.5&iou=0.5&nms=per-class&joint-score=0.3&joints=14`
//! `&opacity=0.5&outline=1&hide=1.18&hide-layers=class-map&figure=upsampling&set=kernel:3&sample=coffee&backend=gpu&theme=dark`; what has its usual value is left out, what cannot be
//! read is ignored, and what names something unknown is told to the visitor.

use lookout_protocol::Backend;
use model::{
    catalog::{System, Task},
    structures::classes::coco_name,
};

use crate::{
    engine::backend_key,
    layers::{CAPTIONS, CLASS_MAP, LOCATION, MASKS, SKELETONS},
    settings::{MIN_SCORE, Settings, competition_from_key, competition_key},
    stages::stages_of,
    theme::Theme,
};

/// The layers that can be switched off where several lie over each other.
const LAYERS: [&str; 5] = [MASKS, SKELETONS, CLASS_MAP, CAPTIONS, LOCATION];
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
    /// The panel's settings.
    pub settings: Settings,
    /// The key of the figure that is open.
    pub figure: Option<String>,
    /// What is set in that figure, in its own words.
    pub set: String,
    /// The sample photo on show: its file name without the ending.
    pub sample: Option<String>,
    /// The backend that the visitor insists on.
    pub backend: Option<Backend>,
    /// Light or dark, if the visitor has chosen.
    pub theme: Theme,
    /// Seconds of silence after which the worker counts as hung; for tests and slow devices.
    pub watchdog: Option<f64>,
    /// A sentence for each value that names something unknown.
    pub unknown: Vec<String>,
}

/// A key of the address.
struct Parameter {
    key: &'static str,
    /// What a value names, in words; an unknown one is told to the visitor.
    names: Option<&'static str>,
    write: fn(&UrlState) -> String,
    /// Takes a value over; `None` if it cannot be read.
    read: fn(&mut UrlState, &str) -> Option<()>,
}

const fn parameter(
    key: &'static str,
    write: fn(&UrlState) -> String,
    read: fn(&mut UrlState, &str) -> Option<()>,
) -> Parameter {
    Parameter { key, names: None, write, read }
}

const fn naming(
    key: &'static str,
    names: &'static str,
    write: fn(&UrlState) -> String,
    read: fn(&mut UrlState, &str) -> Option<()>,
) -> Parameter {
    Parameter { key, names: Some(names), write, read }
}

/// Every key, in the order in which addresses are written. The system is read after the task, the stage after both.
const PARAMETERS: [Parameter; 19] = [
    naming(
        "task",
        "task",
        |s| s.task.key().into(),
        |s, v| {
            s.task = Task::from_key(v)?;
            Some(())
        },
    ),
    naming("system", "system", UrlState::system_key, |s, v| {
        s.system = Some(System::from_key(v)?);
        Some(())
    }),
    parameter(
        "inside",
        |s| flag(s.inside, "1"),
        |s, v| {
            s.inside = v == "1";
            Some(())
        },
    ),
    naming("stage", "stage", UrlState::stage_key, |s, v| {
        s.stage = Some(v.to_owned());
        Some(())
    }),
    parameter(
        "score",
        |s| short(s.settings.score),
        |s, v| {
            s.settings.score = fraction(v, MIN_SCORE)?;
            Some(())
        },
    ),
    parameter(
        "iou",
        |s| short(s.settings.iou),
        |s, v| {
            s.settings.iou = fraction(v, 0.0)?;
            Some(())
        },
    ),
    parameter(
        "nms",
        |s| competition_key(s.settings.competition).into(),
        |s, v| {
            s.settings.competition = competition_from_key(v)?;
            Some(())
        },
    ),
    parameter(
        "joint-score",
        |s| short(s.settings.joint_score),
        |s, v| {
            s.settings.joint_score = fraction(v, 0.0)?;
            Some(())
        },
    ),
    parameter(
        "joints",
        |s| flag(s.settings.fourteen, "14"),
        |s, v| {
            s.settings.fourteen = v == "14";
            Some(())
        },
    ),
    parameter(
        "opacity",
        |s| short(s.settings.opacity),
        |s, v| {
            s.settings.opacity = fraction(v, 0.0)?;
            Some(())
        },
    ),
    parameter(
        "outline",
        |s| flag(s.settings.outline, "1"),
        |s, v| {
            s.settings.outline = v == "1";
            Some(())
        },
    ),
    parameter("hide", UrlState::hidden_classes, |s, v| {
        s.settings.hidden =
            v.split('.').filter_map(|id| id.parse().ok()).filter(|&id| coco_name(id).is_some()).collect();
        Some(())
    }),
    parameter("hide-layers", UrlState::hidden_layers, |s, v| {
        s.settings.hidden_layers = LAYERS.into_iter().filter(|kind| v.split('.').any(|it| it == *kind)).collect();
        Some(())
    }),
    parameter("figure", UrlState::figure_key, |s, v| {
        s.figure = Some(v.to_owned());
        Some(())
    }),
    parameter(
        "set",
        |s| if s.figure.is_some() { s.set.clone() } else { String::new() },
        |s, v| {
            s.set = v.to_owned();
            Some(())
        },
    ),
    naming(
        "sample",
        "sample photo",
        |s| s.sample.clone().unwrap_or_default(),
        |s, v| {
            s.sample = Some(sample_name(v)?);
            Some(())
        },
    ),
    parameter(
        "backend",
        |s| s.backend.map(backend_key).unwrap_or_default().into(),
        |s, v| {
            s.backend = [Backend::Gpu, Backend::Cpu].into_iter().find(|&it| backend_key(it) == v);
            Some(())
        },
    ),
    parameter(
        "theme",
        |s| s.theme.key().unwrap_or_default().into(),
        |s, v| {
            s.theme = Theme::from_key(v);
            Some(())
        },
    ),
    parameter(
        "watchdog",
        |s| s.watchdog.map(|seconds| seconds.to_string()).unwrap_or_default(),
        |s, v| {
            s.watchdog = v.parse().ok().filter(|&it: &f64| it.is_finite() && it > 0.0);
            Some(())
        },
    ),
];

/// The sentence about a name that nothing has.
#[must_use]
pub fn unknown_name(kind: &str, name: &str) -> String {
    let told: String = name.chars().take(MAX_TOLD).collect();
    format!("The address asks for a {kind} that is not here ({told}): choose another on the page.")
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
        let value_of =
            |key| pairs.iter().rev().find(|pair| pair.0 == key).map(|pair| pair.1).filter(|it| !it.is_empty());
        let mut state = Self::default();
        for parameter in &PARAMETERS {
            let Some(value) = value_of(parameter.key) else { continue };
            let is_read = (parameter.read)(&mut state, value).is_some() && state.settle(value_of("task").is_some());
            if let (false, Some(kind)) = (is_read, parameter.names) {
                state.unknown.push(unknown_name(kind, value));
            }
        }
        state
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

    fn figure_key(&self) -> String {
        self.figure.clone().unwrap_or_default()
    }

    fn stage_key(&self) -> String {
        self.stage.clone().filter(|_| self.inside).unwrap_or_default()
    }
}

fn flag(is_set: bool, word: &str) -> String {
    if is_set { word.into() } else { String::new() }
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
    let plain = text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
    plain.then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use model::structures::boxes::Competition;

    use super::*;

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
            hidden: [18, 1].into(),
            hidden_layers: [CLASS_MAP, MASKS].into(),
        };
        let state = UrlState {
            task: Task::Skeletons,
            system: None,
            inside: true,
            stage: Some("heat-maps".into()),
            settings,
            figure: Some("upsampling".into()),
            set: "kernel:3,stride:2".into(),
            sample: Some("grace_hopper".into()),
            backend: Some(Backend::Cpu),
            theme: Theme::Dark,
            watchdog: Some(2.5),
            unknown: vec![],
        };
        assert_eq!(UrlState::parse(&state.query()), state);
        let first = "?task=skeletons&inside=1&stage=heat-maps&score=0.35&iou=0.7&nms=class-agnostic&joint-score=0.4";
        let rest = "&joints=14&opacity=0.25&outline=1&hide=1.18&hide-layers=class-map.masks&figure=upsampling\
                    &set=kernel:3,stride:2&sample=grace_hopper&backend=cpu&theme=dark\
                    &watchdog=2.5";
        assert_eq!(state.query(), format!("{first}{rest}"));
    }

    #[test]
    fn keys_are_unique() {
        let keys: std::collections::BTreeSet<_> = PARAMETERS.iter().map(|it| it.key).collect();
        assert_eq!(keys.len(), PARAMETERS.len());
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
            "?score=NaN&iou=7&nms=maybe&backend=quantum&theme=pink&watchdog=-1&hide=12.x.999&hide-layers=sky&&=&joints",
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
        let long = unknown_name("task", &"x".repeat(500));
        assert!(long.len() < 130, "{long}");
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
