//! Why a photo cannot be had or shown: a sentence each, with what can be done about it.

use model::photo::{Format, PhotoError};

use super::{Language, Phrase, language, say, tell};

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
