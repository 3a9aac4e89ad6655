//! A still from the camera, and the live view.

use leptos::{
    html::{Canvas, Dialog, Video},
    prelude::*,
};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Blob, HtmlVideoElement, MediaStream, MediaStreamConstraints, MediaStreamTrack};

use leptos_use::{use_document, use_event_listener};

use super::live::{Live, rate_in_words};
use crate::{
    chunk::ChunkError,
    export::{ExportFault, png},
    js::{canvas, is_framed, property, set_property},
    photo::{PhotoFault, decode},
    picker::TaskPicker,
    state::{use_actions, use_result},
};

/// How the camera stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum CameraState {
    Asking,
    Open,
    /// With the sentence that says why.
    Shut(&'static str),
}

/// Makes the dialog with the camera's picture; its argument says whether it is open, and is set to `false` when it is
/// closed.
pub type MakeCamera = fn(RwSignal<bool>) -> AnyView;

/// Fetches the camera's part of the page, unless it is there already.
#[leptos::wasm_split::wasm_split(camera, wasm_split_path = ::leptos::wasm_split, fallible)]
pub fn load() -> Result<MakeCamera, ChunkError> {
    Ok(|open| view! { <Camera open/> }.into_any())
}

/// The dialog with the camera's picture.
#[component]
fn Camera(
    /// Whether it is open; set to `false` when it is closed.
    open: RwSignal<bool>,
) -> impl IntoView {
    let (result, actions) = (use_result(), use_actions());
    let (dialog, video) = (NodeRef::<Dialog>::new(), NodeRef::<Video>::new());
    let state = RwSignal::new(CameraState::Asking);
    let stream = StoredValue::new_local(None::<MediaStream>);
    let rear = RwSignal::new(true);
    let overlay = NodeRef::<Canvas>::new();
    let live = Live::new(result, actions, video, overlay);
    let stop = move || {
        live.pause();
        if let Some(stream) = stream.try_update_value(Option::take).flatten() {
            stream.get_tracks().iter().for_each(|track| track.unchecked_into::<MediaStreamTrack>().stop());
        }
    };
    let start = move || {
        stop();
        state.set(CameraState::Asking);
        spawn_local(async move {
            let picture = ask(rear.get_untracked()).await;
            if !open.try_get_untracked().unwrap_or(false) {
                return;
            }
            match (picture, video.get_untracked()) {
                (Ok(picture), Some(video)) => {
                    video.set_src_object(Some(&picture));
                    stream.set_value(Some(picture)); // open once there is a picture: see `loadeddata`
                }
                (Err(sentence), _) => state.set(CameraState::Shut(sentence)),
                (Ok(_), None) => {} // the dialog is gone
            }
        });
    };
    Effect::new(move |_| {
        let Some(dialog) = dialog.get() else { return };
        match (open.get(), dialog.open()) {
            (true, false) => {
                if let Err(error) = dialog.show_modal() {
                    leptos::logging::warn!("{error:?}");
                }
                start();
            }
            (false, true) => dialog.close(),
            _ => {}
        }
    });
    let on_close = move |_| {
        stop();
        live.on.set(false);
        open.set(false);
    };
    // A hidden tab films nobody.
    let _ = use_event_listener(use_document(), leptos::ev::visibilitychange, move |_| {
        if !open.get_untracked() {
            return;
        }
        if document().hidden() { stop() } else { start() }
    });
    let shoot = move |_| {
        let Some(video) = video.get_untracked() else { return };
        let still = still(&video);
        open.set(false);
        actions.open(async move { decode(still.await?, "camera.png".into()).await });
    };
    let flip = move |_| {
        rear.update(|rear| *rear = !*rear);
        start();
    };
    let is_open = move || state.get() == CameraState::Open;
    let sentence = move || match state.get() {
        CameraState::Shut(sentence) => sentence,
        CameraState::Asking => "Waiting for the camera. The browser may ask for your permission.",
        CameraState::Open => "",
    };
    view! {
        <dialog node_ref=dialog class="camera" aria-label="Take a photo" data-testid="camera" on:close=on_close>
            <div class="camera-frame">
                <video node_ref=video class="camera-picture" autoplay playsinline prop:muted=true aria-label="Camera picture"
                    on:loadeddata=move |_| {
                        state.set(CameraState::Open);
                        live.begin();
                    }></video>
                <canvas node_ref=overlay class="camera-overlay" data-testid="live-overlay" aria-hidden="true"></canvas>
                <p class="camera-words" role="status">{sentence}</p>
            </div>
            <div class="camera-live">
                <button type="button" class="chip" data-testid="camera-live" aria-pressed=move || live.on.get().to_string()
                    disabled=move || !is_open() on:click=move |_| live.toggle()>"Live"</button>
                <Show when=move || live.on.get() fallback=|| view! { <p class="live-words">"See what is found while you film."</p> }>
                    <TaskPicker id="live-task"/>
                    <p class="live-words">
                        <span>{move || live.caption.get().map_or_else(|| "Looking".into(), |it| it.0)}</span>
                        <span class="live-fps" data-testid="live-fps">{move || live.caption.get().and_then(|it| it.1.map(rate_in_words))}</span>
                    </p>
                </Show>
            </div>
            <div class="camera-keys">
                <button type="button" class="quiet" on:click=move |_| open.set(false)>"Close"</button>
                <button type="button" class="shutter" data-testid="camera-shoot" aria-label="Take the photo" disabled=move || !is_open() on:click=shoot></button>
                <button type="button" class="quiet" disabled=move || !is_open() on:click=flip>"Other camera"</button>
            </div>
        </dialog>
    }
}

/// Asks for a camera's picture.
async fn ask(rear: bool) -> Result<MediaStream, &'static str> {
    const NONE: &str = "This browser offers no camera here. Choose a photo instead.";
    let navigator = window().navigator();
    // Missing outside secure contexts.
    let devices = property(&navigator, "mediaDevices").ok_or(NONE)?;
    let devices: web_sys::MediaDevices = devices.unchecked_into();
    let wishes = js_sys::Object::new();
    for (name, value) in
        [("facingMode", JsValue::from(if rear { "environment" } else { "user" })), ("width", 1920.into())]
    {
        set_property(&wishes, name, &value).map_err(|_| NONE)?;
    }
    let constraints = MediaStreamConstraints::new();
    constraints.set_video(&wishes);
    let promise = devices.get_user_media_with_constraints(&constraints).map_err(|_| NONE)?;
    match JsFuture::from(promise).await {
        Ok(stream) => Ok(stream.unchecked_into()),
        Err(error) => Err(match error.dyn_ref::<web_sys::DomException>().map(|it| it.name()).as_deref() {
            Some("NotAllowedError" | "SecurityError") if is_framed() => {
                "The camera was not allowed. The page around this frame has to grant it (allow=\"camera\"), and then you. \
                 Or choose a photo instead."
            }
            Some("NotAllowedError" | "SecurityError") => {
                "The camera was not allowed. Allow it in the browser's address bar, or choose a photo instead."
            }
            Some("NotReadableError") => "Another program uses the camera. Close it, or choose a photo instead.",
            _ => "There is no camera on this device. Choose a photo instead.",
        }),
    }
}

/// What the camera shows now, as a file.
fn still(video: &HtmlVideoElement) -> impl Future<Output = Result<Blob, PhotoFault>> + use<> {
    // Drawn at once, encoded later: the camera is switched off in between.
    let (width, height) = (video.video_width(), video.video_height());
    let drawn = canvas(width, height, false)
        .and_then(|(element, context)| context.draw_image_with_html_video_element(video, 0.0, 0.0).map(|()| element));
    async move { png(&drawn.map_err(|_| PhotoFault::NoRoom)?).await.map_err(|_: ExportFault| PhotoFault::NoRoom) }
}
