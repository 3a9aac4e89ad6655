//! Why an import failed: one sentence each, with what to do.

use model::photo::{Format, PhotoError};
use thiserror::Error;

/// Why an import failed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum PhotoFault {
    /// The headers say that it cannot be used.
    #[error(transparent)]
    Header(#[from] PhotoError),
    /// The browser cannot decode this format at all, or not this file.
    #[error("{}", undecodable(*.0))]
    Undecodable(Format),
    /// The file is larger than any photo.
    #[error("This file is too large ({0} MB): choose a photo of less than 200 MB.")]
    TooManyBytes(u64),
    /// The browser did not hand out the bytes.
    #[error("This file could not be read: copy it to this device, then try again.")]
    Unreadable,
    /// The browser has no memory for the pixels.
    #[error("This device has no room for the pixels of this photo: close other tabs or use a smaller photo.")]
    NoRoom,
    /// A folder without a photo.
    #[error("There is no photo in this folder: drop a JPEG, PNG, WebP, GIF or BMP file.")]
    EmptyFolder,
    /// Dropped or pasted text that is no address.
    #[error("That is text, not a photo: drop an image file, or paste the address of one.")]
    Text,
    /// Nothing that could be a photo.
    #[error("There was no photo in that: drop or paste an image file.")]
    Nothing,
    /// Something that is no web address.
    #[error("This is not the address of a picture: it should start with https:// and lead to an image file.")]
    NoAddress,
    /// The other site does not allow it, or cannot be reached.
    #[error("{0} does not let other pages read its pictures: save the picture, then drop the file here.")]
    ForbiddenThere(String),
    /// This page's own content security policy forbids it.
    #[error(
        "This page may not load pictures from {0} (its security policy): save the picture, then drop the file here."
    )]
    ForbiddenHere(String),
    /// The address does not answer with a file.
    #[error("{host} has no picture at this address (it answered {status}): check the address.")]
    NotThere {
        /// The site.
        host: String,
        /// The HTTP status.
        status: u16,
    },
    /// The address leads to a web page.
    #[error("This address leads to a web page, not to a picture: open the picture itself and copy its address.")]
    WebPage,
    /// No connection.
    #[error("There is no connection to the internet: use a photo from this device.")]
    Offline,
    /// A photo that the page had kept, and the browser has deleted.
    #[error("Your photo is not kept any more: choose it once more.")]
    NotKept,
    /// A sample photo that is not there.
    #[error("This sample photo could not be loaded: check the connection, or use a photo of your own.")]
    NoSample,
}

fn undecodable(format: Format) -> String {
    match format {
        Format::Heic | Format::Tiff | Format::Avif => {
            format!("This browser cannot open {format} photos: save the photo as JPEG, then try again.")
        }
        _ => format!("This {format} file is damaged and could not be opened: download or copy it again."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
            let text = fault.to_string();
            assert!(text.ends_with('.') && text.contains(": "), "{text}");
        }
    }
}
