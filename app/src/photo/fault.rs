//! Why an import failed: one sentence each, with what to do.

use model::photo::{Format, PhotoError};
use thiserror::Error;

use crate::words::photos;

/// Why an import failed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum PhotoFault {
    /// The headers say that it cannot be used.
    #[error("{}", photos::header(.0))]
    Header(#[from] PhotoError),
    /// The browser cannot decode this format at all, or not this file.
    #[error("{}", photos::undecodable(*.0))]
    Undecodable(Format),
    /// The file is larger than any photo.
    #[error("{}", photos::too_many_bytes(*.0))]
    TooManyBytes(u64),
    /// The browser did not hand out the bytes.
    #[error("{}", photos::UNREADABLE())]
    Unreadable,
    /// The browser has no memory for the pixels.
    #[error("{}", photos::NO_ROOM())]
    NoRoom,
    /// A folder without a photo.
    #[error("{}", photos::EMPTY_FOLDER())]
    EmptyFolder,
    /// Dropped or pasted text that is no address.
    #[error("{}", photos::TEXT())]
    Text,
    /// Nothing that could be a photo.
    #[error("{}", photos::NOTHING())]
    Nothing,
    /// Something that is no web address.
    #[error("{}", photos::NO_ADDRESS())]
    NoAddress,
    /// The other site does not allow it, or cannot be reached.
    #[error("{}", photos::forbidden_there(.0))]
    ForbiddenThere(String),
    /// This page's own content security policy forbids it.
    #[error("{}", photos::forbidden_here(.0))]
    ForbiddenHere(String),
    /// The address does not answer with a file.
    #[error("{}", photos::not_there(.host, *.status))]
    NotThere {
        /// The site.
        host: String,
        /// The HTTP status.
        status: u16,
    },
    /// The address leads to a web page.
    #[error("{}", photos::WEB_PAGE())]
    WebPage,
    /// No connection.
    #[error("{}", photos::OFFLINE())]
    Offline,
    /// A photo that the page had kept, and the browser has deleted.
    #[error("{}", photos::NOT_KEPT())]
    NotKept,
    /// A sample photo that is not there.
    #[error("{}", photos::NO_SAMPLE())]
    NoSample,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::{Language, in_language};

    /// The next of all variants. A match without a wildcard: a further variant does not compile until it is in line.
    fn next(fault: &PhotoFault) -> Option<PhotoFault> {
        Some(match fault {
            PhotoFault::Header(_) => PhotoFault::Undecodable(Format::Heic),
            PhotoFault::Undecodable(_) => PhotoFault::TooManyBytes(300),
            PhotoFault::TooManyBytes(_) => PhotoFault::Unreadable,
            PhotoFault::Unreadable => PhotoFault::NoRoom,
            PhotoFault::NoRoom => PhotoFault::EmptyFolder,
            PhotoFault::EmptyFolder => PhotoFault::Text,
            PhotoFault::Text => PhotoFault::Nothing,
            PhotoFault::Nothing => PhotoFault::NoAddress,
            PhotoFault::NoAddress => PhotoFault::ForbiddenThere("example.org".into()),
            PhotoFault::ForbiddenThere(_) => PhotoFault::ForbiddenHere("example.org".into()),
            PhotoFault::ForbiddenHere(_) => PhotoFault::NotThere { host: "example.org".into(), status: 404 },
            PhotoFault::NotThere { .. } => PhotoFault::WebPage,
            PhotoFault::WebPage => PhotoFault::Offline,
            PhotoFault::Offline => PhotoFault::NotKept,
            PhotoFault::NotKept => PhotoFault::NoSample,
            PhotoFault::NoSample => return None,
        })
    }

    #[test]
    fn sentences_are_whole_and_say_what_to_do() {
        for fault in std::iter::successors(Some(PhotoFault::Header(PhotoError::Empty)), next)
            .chain([PhotoFault::Undecodable(Format::Jpeg)])
        {
            let german = in_language(Language::German, || fault.to_string());
            for text in [fault.to_string(), german.clone()] {
                assert!(text.ends_with('.') && text.contains(": "), "{text}");
            }
            assert_ne!(fault.to_string(), german);
        }
    }
}
