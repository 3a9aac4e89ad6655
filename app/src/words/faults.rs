//! What did not work: a sentence each, with what can be done about it.

use lookout_protocol::{Backend, FailureKind};

use super::{Phrase, say, tell};
use crate::engine::{Incident, Remedy};

// The address and what the page is made of.

/// What a name in the address is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Named {
    /// A task.
    Task,
    /// A system.
    System,
    /// A stage.
    Stage,
    /// A sample photo.
    Sample,
    /// A figure.
    Figure,
}

/// A name in the address that nothing has.
pub fn unknown(kind: Named, name: &str) -> String {
    let kind = match kind {
        Named::Task => say("task", "Aufgabe"),
        Named::System => say("system", "System"),
        Named::Stage => say("stage", "Schritt"),
        Named::Sample => say("sample photo", "Beispielfoto"),
        Named::Figure => say("figure", "Abbildung"),
    };
    tell!(
        "The address asks for a {kind} that is not here ({name}): choose another on the page.",
        "Die Adresse nennt etwas, das es hier nicht gibt ({kind} {name}): Bitte die Adresse prüfen."
    )
}

/// A parameter of the address that there is not.
pub fn no_setting(name: &str) -> String {
    tell!(
        "There is no setting `{name}`: the README lists those of the address.",
        "Es gibt keine Einstellung `{name}`: Die README nennt die der Adresse."
    )
}

/// A message of another version than this page's.
pub fn message_version(own: u32, version: f64) -> String {
    tell!(
        "This page understands messages with `lookout: {own}`, not {version}: use the `lookout.js` of its own folder.",
        "Diese Seite versteht Nachrichten mit `lookout: {own}`, nicht {version}: Sie braucht die `lookout.js` ihres Ordners."
    )
}

/// A message that there is not.
pub fn no_message(kind: &str) -> String {
    tell!(
        "There is no message `{kind}`: the README lists them.",
        "Es gibt keine Nachricht `{kind}`: Die README nennt alle."
    )
}

/// A message with no photo in it.
pub const NOTHING_TO_OPEN: Phrase = || {
    say(
        "A message `open` needs a `file` (a File or a Blob) or an `address`: neither was there.",
        "Eine Nachricht `open` braucht ein `file` (ein File oder Blob) oder eine `address`: Beides fehlt.",
    )
};

/// A format that there is not.
pub fn no_format(format: &str) -> String {
    tell!(
        "There is no format `{format}`: results and dataset are the two.",
        "Es gibt kein Format `{format}`: Es gibt results und dataset."
    )
}

/// A part of the page that loads later.
pub const NO_PART: Phrase = || {
    say(
        "This part of the page could not be loaded: check the connection, then open it again.",
        "Dieser Teil der Seite konnte nicht geladen werden: Bitte die Verbindung prüfen und es noch einmal versuchen.",
    )
};

// The worker.

/// What went wrong in the worker, and what is done about it.
///
/// # Arguments
/// * `waiting` - whether a photo waits for its result.
pub fn incident(incident: Incident, remedy: Remedy, backend: Backend, waiting: bool) -> String {
    format!("{}: {}", happened(incident, backend), next(incident, remedy, waiting))
}

fn happened(incident: Incident, backend: Backend) -> &'static str {
    use FailureKind as Kind;
    match incident {
        Incident::Reported(Kind::Download) => {
            say("The network could not be downloaded", "Das Netz konnte nicht geladen werden")
        }
        Incident::Reported(Kind::Checksum) => say("The network arrived damaged", "Das Netz kam beschädigt an"),
        Incident::Reported(Kind::NoGpu) => say("The GPU cannot be used here", "Die GPU ist hier nicht nutzbar"),
        Incident::Reported(Kind::DeviceLost) => {
            say("The browser took the GPU away", "Der Browser hat die GPU entzogen")
        }
        Incident::Reported(Kind::Memory) => say("Memory ran out", "Der Speicher reicht nicht"),
        Incident::Reported(Kind::Network | Kind::Internal) if backend == Backend::Gpu => {
            say("The GPU failed on this photo", "Die GPU ist an diesem Foto gescheitert")
        }
        Incident::Reported(Kind::Network | Kind::Internal) => {
            say("The network failed on this photo", "Das Netz ist an diesem Foto gescheitert")
        }
        Incident::Crashed => {
            say("The worker that runs the network stopped", "Der Worker, in dem das Netz läuft, ist ausgefallen")
        }
        Incident::Silent => say(
            "The worker that runs the network stopped answering",
            "Der Worker, in dem das Netz läuft, antwortet nicht mehr",
        ),
    }
}

fn next(incident: Incident, remedy: Remedy, waiting: bool) -> &'static str {
    use FailureKind as Kind;
    match (remedy, incident) {
        (Remedy::Restart, _) if waiting => {
            say("it was started again and your photo is still here.", "Es wurde neu gestartet, das Foto ist noch da.")
        }
        (Remedy::Restart, _) => say("it was started again.", "Es wurde neu gestartet."),
        (Remedy::UseCpu, _) if waiting => {
            say("the CPU takes over, your photo is still here.", "Die CPU übernimmt, das Foto ist noch da.")
        }
        (Remedy::UseCpu, _) => say("the CPU takes over.", "Die CPU übernimmt."),
        (Remedy::GiveUp, Incident::Reported(Kind::Download)) => {
            say("check the connection, then try again.", "Bitte die Verbindung prüfen und es noch einmal versuchen.")
        }
        (Remedy::GiveUp, Incident::Reported(Kind::Memory)) => say(
            "close other tabs or use a smaller photo, then try again.",
            "Bitte andere Tabs schließen oder ein kleineres Foto nehmen und es noch einmal versuchen.",
        ),
        (Remedy::GiveUp, Incident::Reported(Kind::Network | Kind::Internal)) => {
            say("try again, or use another photo.", "Bitte noch einmal versuchen oder ein anderes Foto nehmen.")
        }
        (Remedy::GiveUp, _) => {
            say("try again, or reload the page.", "Bitte noch einmal versuchen oder die Seite neu laden.")
        }
    }
}

/// The photo's pixels are gone.
pub const PHOTO_GONE: Phrase =
    || say("The photo is gone: choose it again.", "Das Foto ist nicht mehr da: Bitte noch einmal wählen.");

/// The photo's pixels did not reach the worker.
///
/// # Arguments
/// * `error` - what the browser says.
pub fn not_handed_over(error: &str) -> String {
    tell!(
        "The photo could not be handed over ({error}): try it again.",
        "Das Foto konnte nicht übergeben werden ({error}): Bitte noch einmal versuchen."
    )
}

// Files and the clipboard.

/// A picture that does not fit.
pub const NO_ROOM_FOR_PICTURE: Phrase = || {
    say(
        "This device has no room for a picture of this size: close other tabs, or export a smaller photo.",
        "Dieses Gerät hat keinen Platz für ein Bild dieser Größe: Bitte andere Tabs schließen oder ein kleineres Foto nehmen.",
    )
};
/// A clipboard that is not there, or not allowed.
pub const NO_CLIPBOARD: Phrase = || {
    say(
        "The browser does not allow copying here: save the file instead, or, in a frame, let its page add clipboard-write to \
         `allow`.",
        "Der Browser erlaubt hier kein Kopieren: Die Seite um diesen Rahmen muss clipboard-write in `allow` aufnehmen.",
    )
};
/// A frame that may not save files.
pub const NO_DOWNLOADS: Phrase = || {
    say(
        "This frame may not save files: the page around it has to add allow-downloads to its sandbox.",
        "Dieser Rahmen darf keine Dateien speichern: Die Seite um ihn muss allow-downloads in seine sandbox aufnehmen.",
    )
};

/// A file that could not be written.
pub fn not_written(detail: &str) -> String {
    tell!(
        "The result could not be written ({detail}): reload the page and try again.",
        "Das Ergebnis konnte nicht geschrieben werden ({detail}): Bitte die Seite neu laden und es noch einmal versuchen."
    )
}

/// A host that waits for a result that does not come.
pub const NO_RESULT: Phrase = || {
    say(
        "There is no result: the run was stopped or has failed.",
        "Es gibt kein Ergebnis: Der Lauf wurde abgebrochen oder ist gescheitert.",
    )
};

// Lessons.

/// A lesson that cannot be had.
pub fn no_lesson(name: &str) -> String {
    tell!(
        "The lesson {name} could not be loaded: check the address after `lesson=`, and the connection.",
        "Die Lektion {name} konnte nicht geladen werden: Bitte die Adresse hinter `lesson=` und die Verbindung prüfen."
    )
}

/// A lesson whose file cannot be read.
pub fn unreadable_lesson(name: &str, why: &str) -> String {
    tell!("The lesson {name} cannot be read: {why}.", "Die Lektion {name} lässt sich nicht lesen: {why}.")
}

/// A lesson of another version.
pub fn lesson_version(name: &str, version: u32) -> String {
    tell!(
        "The lesson {name} cannot be read: its field `lookout` has to be {version}.",
        "Die Lektion {name} lässt sich nicht lesen: Ihr Feld `lookout` muss {version} sein."
    )
}

/// A lesson with no steps, or too many.
pub fn lesson_steps(name: &str, steps: usize, most: usize) -> String {
    tell!(
        "The lesson {name} cannot be shown: it has {steps} steps, and 1 to {most} are possible.",
        "Die Lektion {name} lässt sich nicht zeigen: Sie hat {steps} Schritte, und 1 bis {most} sind möglich."
    )
}

/// A step that holds what only the page round it can.
pub const LESSON_IN_STEP: Phrase =
    || say("A step cannot hold `lesson` or `fit`.", "Ein Schritt kann weder `lesson` noch `fit` enthalten.");

/// A step that asks for something unknown.
pub fn lesson_state(name: &str, number: usize, reason: &str) -> String {
    tell!(
        "Step {number} of the lesson {name} cannot be shown: {reason}",
        "Schritt {number} der Lektion {name} lässt sich nicht zeigen: {reason}"
    )
}
