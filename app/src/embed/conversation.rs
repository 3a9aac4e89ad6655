//! Hears what the page around this one asks for, does it, and answers.

use leptos::prelude::*;
use leptos_use::{use_event_listener, use_window};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::spawn_local;
use web_sys::{File, MessageEvent};

use super::{
    message::{Command, command},
    peer::Peer,
    reports::report,
    wire::{Heard, send},
};
use crate::{
    engine::Phase,
    export::results_text,
    json_format::JsonFormat,
    photo::{Photo, PhotoFault, address::from_link, decode},
    state::Actions,
    url_state::UrlState,
    words::faults,
};

/// What a photo without a name is called.
const PHOTO: &str = "photo";

/// A host that waits for results.
struct Waiting {
    id: Option<JsValue>,
    format: JsonFormat,
}

/// The conversation: copies share it.
#[derive(Clone, Copy)]
struct Conversation {
    actions: Actions,
    peer: StoredValue<Peer>,
    /// Where messages go, once somebody has spoken.
    target: RwSignal<Option<String>>,
    waiting: StoredValue<Vec<Waiting>, LocalStorage>,
}

/// Begins to listen and says so. Until somebody answers, that is all that is said, and it tells nothing about the visitor.
pub fn begin(actions: Actions) {
    let conversation = Conversation {
        actions,
        peer: StoredValue::default(),
        target: RwSignal::new(None),
        waiting: StoredValue::new_local(Vec::new()),
    };
    let _ = use_event_listener(use_window(), leptos::ev::message, move |event: MessageEvent| {
        if let Some(heard) = Heard::of(&event) {
            conversation.hear(heard);
        }
    });
    report(actions, conversation.target);
    Effect::new(move |_| {
        let is_answered = matches!(actions.result.engine.phase.get(), Phase::Done | Phase::Failed | Phase::Cancelled);
        if is_answered && !actions.photo.opening.get() && actions.photo.is_shown() {
            conversation.answer_waiting();
        }
    });
    send("*", "ready", &[("version", env!("CARGO_PKG_VERSION").into())]);
}

impl Conversation {
    fn hear(self, heard: Heard) {
        // Messages of others pass by without making anybody the peer.
        let Some(asked) = command(heard.message) else { return };
        let is_admitted = self.peer.try_update_value(|peer| peer.admits(heard.is_parent, &heard.origin));
        if is_admitted != Some(true) {
            return;
        }
        let target = self.peer.with_value(|peer| peer.target().map(str::to_owned));
        if self.target.get_untracked() != target {
            self.target.set(target);
        }
        let id = heard.id;
        match asked {
            Ok(Command::Set(changes)) => self.set(id, &changes),
            Ok(Command::OpenAddress(address)) => self.open(id, async move { from_link(&address).await }),
            Ok(Command::OpenFile { name, address }) => {
                let Some(file) = heard.file else { return };
                let own = || file.dyn_ref::<File>().map(File::name).filter(|it| !it.is_empty());
                let name = name.filter(|it| !it.is_empty()).or_else(own).unwrap_or_else(|| PHOTO.into());
                self.open(id, async move {
                    let mut photo = decode(file, name).await?;
                    photo.address = address.filter(|it| !it.is_empty());
                    Ok(photo)
                });
            }
            Ok(Command::Results(format)) => {
                self.waiting.update_value(|all| all.push(Waiting { id, format }));
                let is_done = self.actions.result.is_done_untracked() && !self.actions.photo.opening.get_untracked();
                if is_done {
                    self.answer_waiting();
                }
            }
            Err(error) => self.refuse(id, &error.to_string()),
        }
    }

    fn set(self, id: Option<JsValue>, changes: &[(String, String)]) {
        let now = untrack(|| self.actions.url_state(&UrlState::default()));
        match now.changed(changes) {
            Ok(state) if state.unknown.is_empty() => {
                self.actions.follow(&state);
                self.reply(id, "done", vec![]);
            }
            Ok(state) => self.refuse(id, &state.unknown.join(" ")),
            Err(error) => self.refuse(id, &error.to_string()),
        }
    }

    /// Opens a photo and says how that went.
    fn open(self, id: Option<JsValue>, photo: impl Future<Output = Result<Photo, PhotoFault>> + 'static) {
        self.actions.open(async move {
            let photo = photo.await;
            match &photo {
                Ok(photo) => self.reply(
                    id,
                    "opened",
                    vec![
                        ("name", photo.name.as_str().into()),
                        ("width", photo.full_width.into()),
                        ("height", photo.full_height.into()),
                    ],
                ),
                Err(fault) => self.refuse(id, &fault.to_string()),
            }
            photo
        });
    }

    /// Answers those who wait for results, now that there are some, or will be none.
    fn answer_waiting(self) {
        for Waiting { id, format } in self.waiting.try_update_value(std::mem::take).unwrap_or_default() {
            let result = self.actions.result;
            let Some(photo) = self.actions.photo.shown.get_untracked().filter(|_| result.is_done_untracked()) else {
                self.refuse(id, faults::NO_RESULT());
                continue;
            };
            spawn_local(async move {
                match results_text(result, photo, format).await {
                    Ok(text) => match js_sys::JSON::parse(&text) {
                        Ok(results) => self.reply(id, "results", vec![("results", results)]),
                        Err(error) => self.refuse(id, &faults::not_written(&format!("{error:?}"))),
                    },
                    Err(fault) => self.refuse(id, &fault.to_string()),
                }
            });
        }
    }

    fn refuse(self, id: Option<JsValue>, sentence: &str) {
        self.reply(id, "error", vec![("sentence", sentence.into())]);
    }

    fn reply(self, id: Option<JsValue>, kind: &str, mut fields: Vec<(&'static str, JsValue)>) {
        let Some(target) = self.target.try_get_untracked().flatten() else { return };
        fields.extend(id.map(|id| ("id", id)));
        send(&target, kind, &fields);
    }
}
