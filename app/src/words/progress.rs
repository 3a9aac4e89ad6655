//! What goes on before there is a result: downloads, the pace of long stages, how a run ended.

use super::{Language, Phrase, language, numbers::decimal, say, tell};

// States of a run.

/// A photo is being opened.
pub const OPENING: Phrase = || say("Opening", "Wird geöffnet");
/// As [`OPENING`], in a whole line.
pub const OPENING_PHOTO: Phrase = || say("Opening the photo", "Das Foto wird geöffnet");
/// No photo yet.
pub const NO_PHOTO: Phrase = || say("There is no photo here yet.", "Hier ist noch kein Foto.");
/// The network runs.
pub const LOOKING: Phrase = || say("Looking", "Suche läuft");
/// The visitor has stopped a long stage.
pub const STOPPED: Phrase = || say("Stopped", "Angehalten");
/// The visitor has cancelled the run.
pub const CANCELLED: Phrase = || say("Cancelled", "Abgebrochen");
/// The run has failed, or was cancelled.
pub const NO_RESULT: Phrase = || say("No result", "Kein Ergebnis");

// Loading.

/// Everything is there and is being set up.
pub const SETTING_UP: Phrase = || say("Setting up the network", "Das Netz wird eingerichtet");
/// Nothing is known yet.
pub const STARTING: Phrase = || say("Starting", "Wird gestartet");
/// The network runs, and nothing is left to load.
pub const RUNNING: Phrase = || say("The network is running", "Das Netz arbeitet");
/// The name of the module among the files that are loaded.
pub const PROGRAM: Phrase = || say("Program", "Programm");
/// The name of the weights among them.
pub const WEIGHTS: Phrase = || say("Weights", "Gewichte");

/// Megabytes so far, of how many if that is known.
fn megabytes(loaded: f64, total: Option<f64>) -> String {
    let megabytes = |bytes: f64| decimal(bytes / 1e6, 1); // decimal ones, as browsers show downloads
    let loaded = megabytes(loaded);
    match total.map(megabytes) {
        Some(total) => tell!("{loaded} of {total} MB", "{loaded} von {total} MB"),
        None => format!("{loaded} MB"),
    }
}

/// The first network, while it loads.
///
/// # Arguments
/// * `loaded`, `total` - bytes.
pub fn loading(loaded: f64, total: Option<f64>, is_cached: bool) -> String {
    let size = megabytes(loaded, total);
    if is_cached {
        return tell!("From the cache, {size}", "Aus dem Cache, {size}");
    }
    tell!("First visit: getting the network, {size}", "Erster Besuch: Das Netz wird geladen, {size}")
}

/// A further network, while it loads; in bytes.
pub fn loading_further(loaded: f64, total: f64) -> String {
    let size = megabytes(loaded, Some(total));
    tell!("Getting the network for this task, {size}", "Das Netz für diese Aufgabe wird geladen, {size}")
}

/// A file, while it loads, or when it is there; in bytes.
pub fn file(loaded: f64, total: Option<f64>, is_cached: bool) -> String {
    let size = megabytes(loaded, total);
    if is_cached { tell!("{size} from the cache", "{size} aus dem Cache") } else { size }
}

// Long stages.

/// What a long stage counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counted {
    /// Sliding windows.
    Windows,
    /// Parts of the photo that a network sees by themselves.
    Crops,
    /// Squares of it.
    Patches,
    /// Passes of a network.
    Passes,
    /// Anything else.
    Steps,
}

impl Counted {
    /// The word behind "90 of 270".
    fn word(self) -> &'static str {
        match self {
            Self::Windows => say("windows", "Fenstern"),
            Self::Crops => say("crops", "Ausschnitten"),
            Self::Patches => say("patches", "Bildstücken"),
            Self::Passes => say("passes", "Durchläufen"),
            Self::Steps => say("steps", "Schritten"),
        }
    }
}

/// A long stage while it goes on.
///
/// # Arguments
/// * `rate` - how many a second.
/// * `left_ms` - milliseconds that the rest takes.
pub fn pace(what: Counted, done: u32, total: u32, rate: f64, left_ms: f64) -> String {
    let (what, left) = (what.word(), seconds(left_ms));
    let rate = decimal(rate, usize::from(rate < 9.95));
    tell!(
        "{done} of {total} {what}, {rate} a second, about {left} left",
        "{done} von {total} {what}, {rate} pro Sekunde, noch etwa {left}"
    )
}

/// A long stage that was stopped.
///
/// # Arguments
/// * `ms`, `whole_ms` - milliseconds that it has taken, and would take.
pub fn stopped(what: Counted, done: u32, total: u32, ms: f64, whole_ms: f64) -> String {
    let (what, so_far, whole) = (what.word(), seconds(ms), seconds(whole_ms));
    tell!(
        "Stopped after {done} of {total} {what} and {so_far}. All of them would take about {whole}.",
        "Angehalten nach {done} von {total} {what} und {so_far}. Alle zusammen würden etwa {whole} dauern."
    )
}

/// A span of time that is read at a glance.
fn seconds(ms: f64) -> String {
    let span = crate::duration::seconds(ms);
    match language() {
        Language::English => span,
        Language::German => span.replace('.', ","),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::in_language;

    #[test]
    fn downloads_and_long_stages_are_told_in_german() {
        let told = || {
            [
                loading(4.1e6, Some(12e6), false),
                loading_further(1.2e6, 4.7e6),
                file(2e6, None, true),
                pace(Counted::Windows, 90, 270, 2.5, 18_000.0),
                stopped(Counted::Passes, 1, 4, 2000.0, 8000.0),
            ]
        };
        assert_eq!(told()[0], "First visit: getting the network, 4.1 of 12.0 MB");
        let german = [
            "Erster Besuch: Das Netz wird geladen, 4,1 von 12,0 MB",
            "Das Netz für diese Aufgabe wird geladen, 1,2 von 4,7 MB",
            "2,0 MB aus dem Cache",
            "90 von 270 Fenstern, 2,5 pro Sekunde, noch etwa 18 s",
            "Angehalten nach 1 von 4 Durchläufen und 2 s. Alle zusammen würden etwa 8 s dauern.",
        ];
        assert_eq!(in_language(Language::German, told), german);
    }
}
