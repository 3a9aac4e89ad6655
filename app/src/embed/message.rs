//! What a message of the page around this one asks for.

use thiserror::Error;

use crate::{json_format::JsonFormat, words::faults};

/// The version of the messages, in the field `lookout` of each.
pub const VERSION: u32 = 1;

/// A message as it arrived, without what is no text.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Incoming {
    /// The field `lookout`; without it the message is not for this page.
    pub version: Option<f64>,
    /// The field `kind`.
    pub kind: String,
    /// Whether the field `file` holds a file.
    pub has_file: bool,
    /// The other fields that are texts, numbers or truth values, as texts.
    pub fields: Vec<(String, String)>,
}

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Change settings: keys of the address with their values.
    Set(Vec<(String, String)>),
    /// Open the file that the message holds.
    OpenFile {
        /// Its name; that of the file, or "photo", without one.
        name: Option<String>,
        /// The address by which a link names it.
        address: Option<String>,
    },
    /// Open the photo at an address.
    OpenAddress(String),
    /// Send what was found.
    Results(JsonFormat),
}

/// Why a message cannot be followed.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum MessageError {
    /// It is of another version.
    #[error("{}", faults::message_version(VERSION, *.0))]
    Version(f64),
    /// It asks for nothing that there is.
    #[error("{}", faults::no_message(.0))]
    Kind(String),
    /// It holds no photo.
    #[error("{}", faults::NOTHING_TO_OPEN())]
    NothingToOpen,
    /// It asks for a format that there is not.
    #[error("{}", faults::no_format(.0))]
    Format(String),
}

/// Reads a message; `None` for one that is not for this page.
pub fn command(message: Incoming) -> Option<Result<Command, MessageError>> {
    let version = message.version?;
    if version != f64::from(VERSION) {
        return Some(Err(MessageError::Version(version)));
    }
    let field = |name: &str| message.fields.iter().find(|it| it.0 == name).map(|it| it.1.clone());
    Some(match message.kind.as_str() {
        "set" => Ok(Command::Set(message.fields)),
        "open" => match (message.has_file, field("address")) {
            (true, address) => Ok(Command::OpenFile { name: field("name"), address }),
            (false, Some(address)) => Ok(Command::OpenAddress(address)),
            (false, None) => Err(MessageError::NothingToOpen),
        },
        "results" => match field("format") {
            None => Ok(Command::Results(JsonFormat::default())),
            Some(key) => {
                let known = JsonFormat::ALL.into_iter().find(|it| it.key() == key);
                known.map(Command::Results).ok_or(MessageError::Format(key))
            }
        },
        _ => Err(MessageError::Kind(message.kind)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(kind: &str, fields: &[(&str, &str)]) -> Incoming {
        let fields = fields.iter().map(|it| (it.0.to_owned(), it.1.to_owned())).collect();
        Incoming { version: Some(1.0), kind: kind.to_owned(), has_file: false, fields }
    }

    #[test]
    fn messages_of_others_are_not_looked_at() {
        assert_eq!(command(Incoming { version: None, ..message("set", &[]) }), None);
    }

    #[test]
    fn what_is_asked_for_is_told_apart() {
        let set = command(message("set", &[("task", "masks")]));
        assert_eq!(set, Some(Ok(Command::Set(vec![("task".into(), "masks".into())]))));
        let file = Incoming { has_file: true, ..message("open", &[("name", "a.jpg")]) };
        assert_eq!(command(file), Some(Ok(Command::OpenFile { name: Some("a.jpg".into()), address: None })));
        let open = command(message("open", &[("address", "https://a.org/b.jpg")]));
        assert_eq!(open, Some(Ok(Command::OpenAddress("https://a.org/b.jpg".into()))));
        assert_eq!(command(message("results", &[])), Some(Ok(Command::Results(JsonFormat::Results))));
        let dataset = command(message("results", &[("format", "dataset")]));
        assert_eq!(dataset, Some(Ok(Command::Results(JsonFormat::Dataset))));
    }

    #[test]
    fn what_cannot_be_followed_is_said_in_a_sentence() {
        let cases = [
            Incoming { version: Some(2.0), ..message("set", &[]) },
            message("dance", &[]),
            message("open", &[]),
            message("results", &[("format", "xml")]),
        ];
        for case in cases {
            let error = command(case).expect("it is for this page").expect_err("it cannot be followed");
            let sentence = error.to_string();
            assert!(sentence.ends_with('.') && sentence.contains(": "), "{sentence}");
        }
    }
}
