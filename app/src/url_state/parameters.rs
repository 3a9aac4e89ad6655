//! The keys of the address in one table: how each is written and read.

use lookout_protocol::Backend;
use model::{
    catalog::{System, Task},
    structures::classes::coco_name,
};

use super::{UrlState, escape::unescape};
use crate::{
    controls::Controls,
    engine::backend_key,
    layers::{CAPTIONS, CLASS_MAP, LOCATION, MASKS, SKELETONS},
    settings::{MIN_SCORE, competition_from_key, competition_key},
    theme::Theme,
    words::{Language, faults::Named},
};

/// The layers that can be switched off where several lie over each other.
const LAYERS: [&str; 5] = [MASKS, SKELETONS, CLASS_MAP, CAPTIONS, LOCATION];

/// A key of the address.
pub struct Parameter {
    /// The key in the address.
    pub key: &'static str,
    /// What a value names; an unknown one is told to the visitor.
    pub names: Option<Named>,
    /// The value; that of the usual state is left out of the address.
    pub write: fn(&UrlState) -> String,
    /// Takes a value over; `None` if it cannot be read.
    pub read: fn(&mut UrlState, &str) -> Option<()>,
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
    names: Named,
    write: fn(&UrlState) -> String,
    read: fn(&mut UrlState, &str) -> Option<()>,
) -> Parameter {
    Parameter { key, names: Some(names), write, read }
}

/// Every key, in the order in which addresses are written. The system is read after the task, the stage after both.
pub const PARAMETERS: [Parameter; 28] = [
    naming(
        "task",
        Named::Task,
        |s| s.task.key().into(),
        |s, v| {
            s.task = Task::from_key(v)?;
            Some(())
        },
    ),
    naming("system", Named::System, UrlState::system_key, |s, v| {
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
    naming("stage", Named::Stage, UrlState::stage_key, |s, v| {
        s.stage = Some(v.to_owned());
        Some(())
    }),
    parameter(
        "compare",
        |s| flag(s.compare, "1"),
        |s, v| {
            s.compare = v == "1";
            s.inside &= !s.compare;
            Some(())
        },
    ),
    parameter(
        "without",
        |s| s.without.clone(),
        |s, v| {
            s.without = v.to_owned();
            Some(())
        },
    ),
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
    parameter(
        "closer",
        |s| s.settings.closer.map(|it| if it { "1" } else { "0" }).unwrap_or_default().into(),
        |s, v| {
            s.settings.closer = ["0", "1"].iter().position(|it| *it == v).map(|at| at == 1);
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
        Named::Sample,
        |s| s.sample.clone().unwrap_or_default(),
        |s, v| {
            s.sample = Some(sample_name(v)?);
            Some(())
        },
    ),
    parameter("photo", UrlState::photo_value, |s, v| {
        s.photo = Some(unescape(v)?);
        Some(())
    }),
    parameter("lesson", UrlState::lesson_value, |s, v| {
        s.lesson = Some(unescape(v)?);
        Some(())
    }),
    parameter(
        "step",
        |s| s.lesson.as_ref().map(|_| s.step.to_string()).filter(|it| it != "0").unwrap_or_default(),
        |s, v| {
            s.step = v.parse().ok()?;
            Some(())
        },
    ),
    parameter(
        "controls",
        |s| s.controls.key().into(),
        |s, v| {
            s.controls = Controls::from_key(v)?;
            Some(())
        },
    ),
    parameter(
        "fit",
        |s| flag(s.fits_content, "content"),
        |s, v| {
            s.fits_content = v == "content";
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
        "lang",
        |s| s.lang.key().into(),
        |s, v| {
            s.lang = Language::from_key(v)?;
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
