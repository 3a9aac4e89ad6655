//! Messages as the browser passes them on.

use js_sys::{Array, Object};
use leptos::prelude::window;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Blob, MessageEvent};

use super::message::{Incoming, VERSION};
use crate::js::{property, set_property};

/// Fields that are no settings.
const OWN_FIELDS: [&str; 4] = ["lookout", "kind", "id", "file"];

/// A message with what only the browser can hold.
pub struct Heard {
    /// What it says.
    pub message: Incoming,
    /// What the answer is marked with, if its sender wants to know it by.
    pub id: Option<JsValue>,
    /// The file in it.
    pub file: Option<Blob>,
    /// Whether the window around this one sent it.
    pub is_parent: bool,
    /// Its sender's origin.
    pub origin: String,
}

impl Heard {
    /// Reads a message; `None` for one that is no object.
    pub fn of(event: &MessageEvent) -> Option<Self> {
        let data = event.data().dyn_into::<Object>().ok()?;
        let parent = window().parent().ok().flatten();
        let is_parent = event.source().zip(parent).is_some_and(|(source, parent)| Object::is(&source, &parent));
        let file = property(&data, "file").and_then(|it| it.dyn_into::<Blob>().ok());
        let fields = Object::entries(&data).iter().filter_map(|entry| field(&entry.unchecked_into())).collect();
        let message = Incoming {
            version: property(&data, "lookout").and_then(|it| it.as_f64()),
            kind: property(&data, "kind").and_then(|it| it.as_string()).unwrap_or_default(),
            has_file: file.is_some(),
            fields,
        };
        Some(Self { message, id: property(&data, "id"), file, is_parent, origin: event.origin() })
    }
}

/// A field as a text; `None` for what cannot be a setting's value.
fn field(entry: &Array) -> Option<(String, String)> {
    let (name, value) = (entry.get(0).as_string()?, entry.get(1));
    if OWN_FIELDS.contains(&name.as_str()) {
        return None;
    }
    let text = match (value.as_string(), value.as_f64(), value.as_bool()) {
        (Some(text), ..) => text,
        (_, Some(number), _) => number.to_string(),
        (_, _, Some(is_set)) => if is_set { "1" } else { "" }.to_owned(),
        _ if value.is_null() => String::new(),
        _ => return None,
    };
    Some((name, text))
}

/// Sends a message to the window around this one.
///
/// # Arguments
/// * `target` - the origin that it is for.
pub fn send(target: &str, kind: &str, fields: &[(&str, JsValue)]) {
    let message = Object::new();
    let own = [("lookout", JsValue::from(VERSION)), ("kind", kind.into())];
    let sent = own
        .iter()
        .chain(fields)
        .try_for_each(|(name, value)| set_property(&message, name, value))
        .and_then(|()| window().parent())
        .and_then(|parent| parent.map_or(Ok(()), |it| it.post_message(&message, target)));
    if let Err(error) = sent {
        leptos::logging::warn!("the page around this one was not told: {error:?}");
    }
}
