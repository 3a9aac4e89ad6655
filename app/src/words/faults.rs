//! What did not work: a sentence each, with what can be done about it.

use lookout_protocol::{Backend, FailureKind};
use model::photo::{Format, PhotoError};

use super::{Language, Phrase, language, say, tell};
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

// Photos.

/// A file whose header says that it cannot be used.
pub fn header(error: &PhotoError) -> String {
    match language() {
        Language::English => error.to_string(),
        Language::German => german_header(error),
    }
}

fn german_header(error: &PhotoError) -> String {
    match error {
        PhotoError::Empty => "Diese Datei ist leer: Bitte eine andere wählen oder sie noch einmal kopieren.".into(),
        PhotoError::NotAnImage => {
            "Diese Datei ist kein Bild, was auch immer ihr Name sagt: Bitte ein Foto in JPEG, PNG, WebP, GIF oder BMP wählen."
                .into()
        }
        PhotoError::UnsupportedFormat(name) => {
            format!("Dateien dieser Art ({name}) werden nicht gelesen: Bitte das Bild als JPEG oder PNG speichern.")
        }
        PhotoError::Truncated(format) => {
            format!("Dieser {format}-Datei fehlt das Ende: Bitte noch einmal herunterladen oder kopieren.")
        }
        PhotoError::Malformed { format, .. } | PhotoError::Decode { format, .. } => {
            format!("Diese {format}-Datei ist beschädigt: Bitte in einem Fotoprogramm öffnen und neu speichern.")
        }
        PhotoError::TooManyPixels { width, height, limit } => {
            let most = limit / 1_000_000;
            format!("Dieses Foto ist zu groß ({width} × {height} Pixel): Bitte auf weniger als {most} Megapixel verkleinern.")
        }
        PhotoError::Read(_) => "Diese Datei konnte nicht gelesen werden: Bitte prüfen, ob sie da ist.".into(),
        PhotoError::NoPixels => "Dieses Foto hat keine Pixel: Bitte ein anderes wählen.".into(),
        PhotoError::WrongLength { .. } => {
            "Die Pixel dieses Fotos sind unvollständig angekommen: Bitte noch einmal versuchen.".into()
        }
    }
}

/// A file that the browser does not decode.
pub fn undecodable(format: Format) -> String {
    match format {
        Format::Heic | Format::Tiff | Format::Avif => tell!(
            "This browser cannot open {format} photos: save the photo as JPEG, then try again.",
            "Dieser Browser öffnet keine {format}-Fotos: Bitte das Foto als JPEG speichern und es noch einmal versuchen."
        ),
        _ => tell!(
            "This {format} file is damaged and could not be opened: download or copy it again.",
            "Diese {format}-Datei ist beschädigt und ließ sich nicht öffnen: Bitte noch einmal herunterladen oder kopieren."
        ),
    }
}

/// A file of too many megabytes.
pub fn too_many_bytes(megabytes: u64) -> String {
    tell!(
        "This file is too large ({megabytes} MB): choose a photo of less than 200 MB.",
        "Diese Datei ist zu groß ({megabytes} MB): Bitte ein Foto mit weniger als 200 MB wählen."
    )
}

/// A file whose bytes the browser does not give.
pub const UNREADABLE: Phrase = || {
    say(
        "This file could not be read: copy it to this device, then try again.",
        "Diese Datei konnte nicht gelesen werden: Bitte auf dieses Gerät kopieren und es noch einmal versuchen.",
    )
};
/// A photo whose pixels do not fit.
pub const NO_ROOM: Phrase = || {
    say(
        "This device has no room for the pixels of this photo: close other tabs or use a smaller photo.",
        "Dieses Gerät hat keinen Platz für die Pixel dieses Fotos: Bitte andere Tabs schließen oder ein kleineres Foto nehmen.",
    )
};
/// A folder without photos.
pub const EMPTY_FOLDER: Phrase = || {
    say(
        "There is no photo in this folder: drop a JPEG, PNG, WebP, GIF or BMP file.",
        "In diesem Ordner ist kein Foto: Bitte eine Datei in JPEG, PNG, WebP, GIF oder BMP nehmen.",
    )
};
/// A text in the place of a photo.
pub const TEXT: Phrase = || {
    say(
        "That is text, not a photo: drop an image file, or paste the address of one.",
        "Das ist Text, kein Foto: Bitte eine Bilddatei nehmen oder die Adresse von einer.",
    )
};
/// Nothing in the place of a photo.
pub const NOTHING: Phrase = || {
    say("There was no photo in that: drop or paste an image file.", "Darin war kein Foto: Bitte eine Bilddatei nehmen.")
};
/// No address.
pub const NO_ADDRESS: Phrase = || {
    say(
        "This is not the address of a picture: it should start with https:// and lead to an image file.",
        "Das ist keine Adresse eines Bildes: Sie sollte mit https:// beginnen und zu einer Bilddatei führen.",
    )
};
/// An address of a page.
pub const WEB_PAGE: Phrase = || {
    say(
        "This address leads to a web page, not to a picture: open the picture itself and copy its address.",
        "Diese Adresse führt zu einer Webseite und nicht zu einem Bild: Bitte die Adresse des Bildes selbst nehmen.",
    )
};
/// No connection.
pub const OFFLINE: Phrase = || {
    say(
        "There is no connection to the internet: use a photo from this device.",
        "Es gibt keine Verbindung zum Internet: Bitte ein Foto von diesem Gerät nehmen.",
    )
};
/// A photo that is not kept any more.
pub const NOT_KEPT: Phrase = || {
    say(
        "Your photo is not kept any more: choose it once more.",
        "Das Foto ist nicht mehr gespeichert: Bitte noch einmal wählen.",
    )
};
/// A sample photo that is not there.
pub const NO_SAMPLE: Phrase = || {
    say(
        "This sample photo could not be loaded: check the connection, or use a photo of your own.",
        "Dieses Beispielfoto konnte nicht geladen werden: Bitte die Verbindung prüfen oder ein eigenes Foto nehmen.",
    )
};

/// A photo that its own site does not give.
pub fn forbidden_there(host: &str) -> String {
    tell!(
        "{host} does not let other pages read its pictures: save the picture, then drop the file here.",
        "{host} lässt andere Seiten seine Bilder nicht lesen: Bitte das Bild speichern und die Datei nehmen."
    )
}

/// A photo that this page's policy forbids.
pub fn forbidden_here(host: &str) -> String {
    tell!(
        "This page may not load pictures from {host} (its security policy): save the picture, then drop the file here.",
        "Diese Seite darf keine Bilder von {host} laden (ihre Sicherheitsrichtlinie): Bitte das Bild speichern und die Datei nehmen."
    )
}

/// An address without a photo.
///
/// # Arguments
/// * `status` - of HTTP.
pub fn not_there(host: &str, status: u16) -> String {
    tell!(
        "{host} has no picture at this address (it answered {status}): check the address.",
        "{host} hat unter dieser Adresse kein Bild (Antwort {status}): Bitte die Adresse prüfen."
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
