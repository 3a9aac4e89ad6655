//! Whether the page may save files where it is shown: the sandbox of a frame may forbid it, and says nothing when it does.

use leptos::prelude::window;

use crate::{js::is_framed, words::controls};

/// What a sandbox has to name.
const TOKEN: &str = "allow-downloads";

/// A file that was handed to the browser.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Saved {
    is_certain: bool,
}

impl Saved {
    /// What the page says about it.
    ///
    /// # Arguments
    /// * `done` - the sentence for a file that is certainly saved.
    pub fn told(self, done: String) -> String {
        if self.is_certain {
            return done;
        }
        controls::HANDED_OVER().into()
    }
}

/// Whether files can be saved here; `None` where they cannot.
pub fn downloads() -> Option<Saved> {
    if !is_framed() {
        return Some(Saved { is_certain: true });
    }
    // The frame is another site's to look at, unless its page is of this one.
    let frame = window().frame_element().ok().flatten();
    allowed(frame.map(|it| it.get_attribute("sandbox")).as_ref().map(Option::as_deref))
}

/// # Arguments
/// * `sandbox` - the frame's attribute, if the frame can be looked at and has one.
fn allowed(sandbox: Option<Option<&str>>) -> Option<Saved> {
    match sandbox {
        None => Some(Saved { is_certain: false }),
        Some(None) => Some(Saved { is_certain: true }),
        Some(Some(tokens)) => {
            let has_token = tokens.split_ascii_whitespace().any(|it| it.eq_ignore_ascii_case(TOKEN));
            has_token.then_some(Saved { is_certain: true })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sandbox_has_to_name_downloads() {
        assert_eq!(allowed(Some(None)), Some(Saved { is_certain: true }));
        assert_eq!(allowed(Some(Some("allow-scripts Allow-Downloads"))), Some(Saved { is_certain: true }));
        assert_eq!(allowed(Some(Some("allow-scripts allow-downloads-without-user-activation"))), None);
        assert_eq!(allowed(Some(Some(""))), None);
    }

    #[test]
    fn where_the_sandbox_is_not_known_nothing_is_claimed() {
        let told = allowed(None).map(|it| it.told("a.json was saved.".into()));
        assert!(told.is_some_and(|it| it.contains("allow-downloads") && !it.contains("was saved")));
    }
}
