//! Whom the page listens to in a frame, and where its own messages go.

/// What a page without an origin of its own calls itself: a file, or a closed-off frame.
const OPAQUE: &str = "null";

/// The page around this one, once it has spoken.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Peer {
    origin: Option<String>,
}

impl Peer {
    /// Whether a message is listened to: it comes from the window around this one, and from the origin that spoke first.
    ///
    /// # Arguments
    /// * `is_parent` - whether the window around this one sent it.
    /// * `origin` - the sender's, as the browser says.
    pub fn admits(&mut self, is_parent: bool, origin: &str) -> bool {
        is_parent && *self.origin.get_or_insert_with(|| origin.to_owned()) == origin
    }

    /// The origin that messages are for, as `postMessage` takes it; `None` while nobody has spoken.
    ///
    /// A page without an origin cannot be named: messages to it go to whatever the window around this one shows.
    pub fn target(&self) -> Option<&str> {
        self.origin.as_deref().map(|origin| if origin == OPAQUE { "*" } else { origin })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_parent_is_listened_to_and_only_as_long_as_it_is_the_same() {
        let mut peer = Peer::default();
        assert!(!peer.admits(false, "https://elsewhere.org"));
        assert_eq!(peer.target(), None, "a stranger is not answered");
        assert!(peer.admits(true, "https://course.org"));
        assert!(peer.admits(true, "https://course.org"));
        assert!(!peer.admits(true, "https://elsewhere.org"), "the parent went to another page");
        assert!(!peer.admits(false, "https://course.org"), "another frame of the host");
        assert_eq!(peer.target(), Some("https://course.org"));
    }

    #[test]
    fn a_page_without_an_origin_is_answered() {
        let mut peer = Peer::default();
        assert!(peer.admits(true, "null"));
        assert_eq!(peer.target(), Some("*"));
        assert!(!peer.admits(true, "https://course.org"));
    }
}
