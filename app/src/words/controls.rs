//! Buttons, labels and hints: on the photo's corners, in the summary, at sliders and tools, at a lesson's keys.

use super::{
    Phrase,
    classes::thing,
    numbers::{part, percent},
    say, tell,
};

// The page.

/// The photo's part of the page.
pub const PHOTO: Phrase = || say("Photo", "Foto");
/// Another try after a fault.
pub const TRY_AGAIN: Phrase = || say("Try again", "Noch einmal versuchen");
/// Takes a fault away.
pub const DISMISS: Phrase = || say("Dismiss", "Schließen");
/// Leads to the page with everything.
pub const OPEN_IN_LOOKOUT: Phrase = || say("Open in Lookout", "In Lookout öffnen");

// Over the photo.

/// The keys that work on the photo, for those who do not see it.
pub const PHOTO_KEYS: Phrase = || {
    say(
        "Plus and minus zoom, zero shows the whole photo, arrow keys move it. The list of results names every box. \
         In a class map the arrow keys move the place whose class is read, and Escape leaves it.",
        "Plus und Minus zoomen, Null zeigt das ganze Foto, die Pfeiltasten verschieben es. Die Liste der Ergebnisse nennt \
         jede Box. In einer Klassenkarte verschieben die Pfeiltasten die Stelle, deren Klasse vorgelesen wird, und Escape \
         verlässt sie.",
    )
};
/// The zoom buttons.
pub const ZOOM: Phrase = || say("Zoom", "Zoom");
/// Makes the photo smaller.
pub const ZOOM_OUT: Phrase = || say("Zoom out", "Verkleinern");
/// Makes the photo larger.
pub const ZOOM_IN: Phrase = || say("Zoom in", "Vergrößern");
/// Shows the photo's own pixels.
pub const OWN_PIXELS: Phrase =
    || say("One pixel of the photo on one of the screen", "Ein Pixel des Fotos auf einem des Bildschirms");
/// Lets the visitor draw a part of the photo.
pub const DRAW_PART: Phrase = || {
    say(
        "Draw the part that is to be looked at (or drag with Shift held)",
        "Den Teil aufziehen, in dem gesucht werden soll (auch mit gedrückter Umschalttaste)",
    )
};
/// How to draw it.
pub const DRAG_OVER_PART: Phrase = || {
    say(
        "Drag over the part that is to be looked at by itself.",
        "Den Teil des Fotos aufziehen, in dem gesucht werden soll.",
    )
};
/// Looks at the part of the photo that is in sight.
pub const LOOK_IN_PART: Phrase = || say("Look again in this part", "In diesem Teil noch einmal suchen");
/// Shows the photo alone.
pub const FULL_SCREEN: Phrase = || say("Full screen", "Vollbild");
/// Shows everything again.
pub const LEAVE_FULL_SCREEN: Phrase = || say("Leave the full screen", "Vollbild verlassen");

/// Shows the whole photo, now that it is so large, in percent.
pub fn zoom_reset(level: u32) -> String {
    let level = percent(level);
    tell!("{level}, show the whole photo", "{level}, das ganze Foto zeigen")
}

/// How to zoom where the wheel scrolls the page round this one.
///
/// # Arguments
/// * `key` - the key for commands, in English.
pub fn wheel_hint(key: &str) -> String {
    let german = if key == "Ctrl" { "Strg" } else { key };
    tell!("Hold {key} and turn the wheel to zoom the photo.", "Zum Zoomen {german} halten und das Mausrad drehen.")
}

// The summary.

/// The panel.
pub const RESULTS: Phrase = || say("Results", "Ergebnisse");
/// The result in the corner of a photo without a panel.
pub const RESULT: Phrase = || say("Result", "Ergebnis");
/// Ends the run.
pub const CANCEL: Phrase = || say("Cancel", "Abbrechen");
/// Runs the network again.
pub const LOOK_AGAIN: Phrase = || say("Look again", "Noch einmal suchen");
/// Shows the best guess.
pub const SHOW_IT: Phrase = || say("Show it", "Anzeigen");
/// The list of things.
pub const THINGS_FOUND: Phrase = || say("Things found", "Gefundene Objekte");
/// The switches of the classes.
pub const SHOW_CLASSES: Phrase = || say("Show or hide classes", "Klassen ein- oder ausblenden");
/// The switches of the layers.
pub const SHOW_LAYERS: Phrase = || say("Show or hide layers on the photo", "Ebenen auf dem Foto ein- oder ausblenden");

/// The lowest score was changed by [`SHOW_IT`].
pub fn lowest_score_now(score: f32) -> String {
    let score = part(score);
    tell!(
        "The lowest score is {score} now, for other photos, too: the slider changes it.",
        "Der Mindestwert ist jetzt {score}, auch für andere Fotos: Der Regler ändert ihn."
    )
}

/// What a network that sees a square makes of a long photo.
///
/// # Arguments
/// * `times` - how much narrower or lower things look to it.
pub fn squeezed(times: f32, is_wide: bool) -> String {
    let lacking = if is_wide { say("narrow", "schmal") } else { say("low", "niedrig") };
    tell!(
        "The network sees this long photo squeezed into a square: things look {times:.0} times as {lacking} to it. Zoom in, \
         then look again in that part.",
        "Das Netz sieht dieses lange Foto zu einem Quadrat gestaucht: Alles erscheint ihm {times:.0}-mal so {lacking}. \
         Besser: vergrößern und in diesem Teil noch einmal suchen."
    )
}

// What was clicked, and cutting out.

/// What acts on one thing alone.
pub fn only(name: &str) -> String {
    tell!("Only {name}", "Nur {name}")
}

/// Zooms to the thing.
pub const ZOOM_TO_IT: Phrase = || say("Zoom to it", "Heranzoomen");
/// Saves the part of the photo that holds it.
pub const SAVE_IT: Phrase = || say("Save it", "Speichern");
/// The heading of cutting out.
pub const CUT_OUT: Phrase = || say("Cut out", "Freistellen");
/// The choice of what is cut out.
pub const WHAT_TO_CUT_OUT: Phrase = || say("What to cut out", "Was freigestellt wird");
/// All things.
pub const ALL_THINGS: Phrase = || say("all things", "alle Objekte");
/// Saves what is cut out.
pub const SAVE_CUT_OUT: Phrase = || say("Save cut-out", "Freigestelltes speichern");
/// What that gives.
pub const CUT_OUT_HINT: Phrase = || {
    say(
        "A PNG in the photo's own pixels; everything else is clear.",
        "Ein PNG in der Auflösung des Fotos; alles andere ist durchsichtig.",
    )
};

/// A thing in the choice of what is cut out.
///
/// # Arguments
/// * `class` - its COCO category id.
pub fn choice(number: usize, class: u16) -> String {
    format!("{number} {}", thing(class))
}

/// A file with what was cut out.
pub fn cut_out_saved(name: &str) -> String {
    tell!("{name} was saved, with a clear background.", "{name} ist gespeichert, mit durchsichtigem Hintergrund.")
}

/// A file that was handed to the browser, which may not say that a frame forbids it.
pub const HANDED_OVER: Phrase = || {
    say(
        "The file was handed to the browser. If none arrives, the page around this frame has to add allow-downloads to its \
         sandbox.",
        "Die Datei ist dem Browser übergeben. Kommt keine an, muss die Seite um diesen Rahmen allow-downloads in dessen \
         sandbox aufnehmen.",
    )
};

// Sliders.

/// The heading of the settings.
pub const ADJUST: Phrase = || say("Adjust", "Anpassen");
/// Brings the usual settings back.
pub const RESET: Phrase = || say("Reset", "Zurücksetzen");
/// The lowest score.
pub const SCORE: Phrase = || say("Score at least", "Mindestwert");
/// What that means.
pub const SCORE_HINT: Phrase = || say("How sure the network has to be", "Wie sicher das Netz sein muss");
/// The lowest score of people.
pub const PERSON_SCORE: Phrase = || say("Person score at least", "Mindestwert für Personen");
/// The lowest score of joints.
pub const JOINT_SCORE: Phrase = || say("Joint score at least", "Mindestwert für Gelenke");
/// What that means.
pub const JOINT_SCORE_HINT: Phrase = || {
    say("Joints below are drawn hollow, their limbs faint", "Gelenke darunter sind hohl gezeichnet, ihre Glieder blass")
};
/// Masks without their areas.
pub const OUTLINES: Phrase = || say("Outlines only", "Nur Umrisse");
/// How strongly colours cover the photo.
pub const OPACITY: Phrase = || say("Opacity", "Deckkraft");
/// What that means.
pub const OPACITY_HINT: Phrase =
    || say("How strongly the colours cover the photo", "Wie stark die Farben das Foto bedecken");
/// The largest overlap of two things.
pub const OVERLAP: Phrase = || say("Overlap at most", "Überlappung höchstens");
/// What that means.
pub const OVERLAP_HINT: Phrase = || {
    say("Two boxes that share more count as one thing", "Zwei Boxen, die mehr gemeinsam haben, gelten als ein Objekt")
};
/// Which boxes suppress which.
pub const COMPETITION: Phrase = || say("Boxes compete", "Boxen konkurrieren");
/// Those of one class.
pub const PER_CLASS: Phrase = || say("within their class", "in ihrer Klasse");
/// All of them.
pub const CLASS_AGNOSTIC: Phrase = || say("across all classes", "über alle Klassen");

/// The lowest score, where nobody below another one gets a skeleton.
pub fn person_score_hint(lowest: f32) -> String {
    let lowest = part(lowest);
    tell!(
        "How sure the detector has to be; nobody below {lowest} gets a skeleton",
        "Wie sicher der Detektor sein muss; unter {lowest} gibt es kein Skelett"
    )
}

/// The lowest score, where nothing below another one gets a mask.
pub fn mask_score_hint(lowest: f32) -> String {
    let lowest = part(lowest);
    tell!(
        "How sure the detector has to be; nothing below {lowest} gets a mask",
        "Wie sicher der Detektor sein muss; unter {lowest} gibt es keine Maske"
    )
}

// Lessons.

/// A lesson.
pub const LESSON: Phrase = || say("Lesson", "Lektion");
/// The ways through it.
pub const LESSON_STEPS: Phrase = || say("Steps of the lesson", "Schritte der Lektion");
/// The step before.
pub const BACK: Phrase = || say("Back", "Zurück");
/// The choice of a step.
pub const STEP: Phrase = || say("Step", "Schritt");
/// The step after.
pub const NEXT: Phrase = || say("Next", "Weiter");

/// Where one is in a lesson.
pub fn lesson_place(title: &str, number: usize, count: usize) -> String {
    tell!("{title} · {number} of {count}", "{title} · {number} von {count}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::{Language, in_language};

    #[test]
    fn hints_hold_what_they_are_about() {
        let hints = || [wheel_hint("Ctrl"), squeezed(7.0, true), mask_score_hint(0.2)];
        assert_eq!(hints()[0], "Hold Ctrl and turn the wheel to zoom the photo.");
        let german = in_language(Language::German, hints);
        assert_eq!(german[0], "Zum Zoomen Strg halten und das Mausrad drehen.");
        assert!(german[1].contains("7-mal so schmal"), "{}", german[1]);
        assert!(german[2].contains("unter 20\u{a0}%"), "{}", german[2]);
    }
}
