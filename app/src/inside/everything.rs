//! One picture of all that ran on the photo: what systems share is there once, the rest branches off where they part.

use leptos::{html::Canvas, prelude::*};
use model::catalog::System;
use wasm_bindgen::JsValue;
use web_sys::HtmlCanvasElement;

use crate::{
    paint::prepared,
    paint::view::Size,
    photo::Photo,
    stages::{RESULT, StripItem, milliseconds, stages_of, strip},
    state::{use_actions, use_photo, use_result, use_view},
};

/// Pixels of the small photo along its longer side.
const PHOTO: f32 = 240.0;

/// A stage that systems share, with the systems that go their own ways after it.
#[derive(Clone, Debug, PartialEq)]
struct Level {
    /// The stage; `None` for the photo itself.
    shared: Option<StripItem>,
    /// How many systems use it.
    users: usize,
    branches: Vec<Branch>,
}

/// The stages that only one system has.
#[derive(Clone, Debug, PartialEq)]
struct Branch {
    system: System,
    stages: Vec<StripItem>,
}

/// Puts what several systems share in a row, and the rest of each system behind the last stage that it shares.
///
/// # Arguments
/// * `items` - all their stages.
fn layout(systems: &[System], items: &[StripItem]) -> Vec<Level> {
    let users = |key: &str| systems.iter().filter(|&&it| stages_of(it).any(|stage| stage.key == key)).count();
    let item = |key: &str| items.iter().find(|item| item.key == key).cloned();
    let is_shared = |key: &str| key != RESULT.key && users(key) > 1;
    let shared_of =
        |system: System| stages_of(system).map(|it| it.key).filter(|key| is_shared(key)).collect::<Vec<_>>();
    let trunk =
        systems.iter().map(|&it| shared_of(it)).reduce(|most, it| if it.len() > most.len() { it } else { most });
    let trunk = trunk.unwrap_or_default();
    let mut levels = vec![Level { shared: None, users: systems.len(), branches: vec![] }];
    levels.extend(trunk.iter().map(|key| Level { shared: item(key), users: users(key), branches: vec![] }));
    for &system in systems {
        let last = shared_of(system).last().and_then(|last| trunk.iter().position(|key| key == last));
        let own = stages_of(system).filter(|it| it.key != RESULT.key && !is_shared(it.key));
        let stages = own.filter_map(|it| item(it.key)).collect();
        levels[last.map_or(0, |place| place + 1)].branches.push(Branch { system, stages });
    }
    levels
}

/// Milliseconds that the systems would need more if each ran alone.
fn saved_ms(levels: &[Level]) -> f64 {
    let again = |level: &Level| level.shared.as_ref()?.ms.map(|ms| ms * (level.users.saturating_sub(1)) as f64);
    levels.iter().filter_map(again).sum()
}

/// What is shared, in a sentence.
fn words(systems: usize, levels: &[Level]) -> String {
    let shared = levels.iter().filter(|it| it.shared.is_some()).count();
    let saved = saved_ms(levels);
    let alone = if saved > 0.0 {
        format!(" If each ran alone, they would compute {} more.", milliseconds(saved))
    } else {
        String::new()
    };
    format!("{systems} systems on one photo share {shared} stages, which ran once.{alone}")
}

/// The picture; each part opens its stage or its task.
#[component]
pub fn Everything() -> impl IntoView {
    let (result, view, actions) = (use_result(), use_view(), use_actions());
    let levels = Memo::new(move |_| {
        let systems = result.systems();
        result.results.with(|results| layout(&systems, &strip(&systems, results, None)))
    });
    let sentence = move || levels.with(|levels| words(result.systems().len(), levels));
    let stage = move |item: StripItem| {
        let key = item.key;
        view! {
            <button type="button" class="tree-stage" data-testid="tree-stage" data-stage=key data-open=item.is_open.to_string()
                on:click=move |_| view.stage.set(Some(key.into()))>
                <span class="tree-name">{item.title}</span>
                <span class="tree-ms">{item.ms.map(milliseconds)}</span>
            </button>
        }
    };
    let branch = move |branch: Branch| {
        let (task, title) = (branch.system.info().task, branch.system.info().task.title());
        view! {
            <li class="tree-branch" data-testid="tree-branch" data-system=branch.system.key()>
                <button type="button" class="text tree-task" aria-label=format!("Look inside {title}")
                    on:click=move |_| actions.choose_task(task)>{title}</button>
                <span class="tree-stages">{branch.stages.into_iter().map(stage).collect_view()}</span>
            </li>
        }
    };
    let level = move |level: Level| {
        let shared = match level.shared {
            Some(item) => stage(item).into_any(),
            None => view! { <SmallPhoto/> }.into_any(),
        };
        view! {
            <li class="tree-level">
                <div class="tree-shared">{shared}</div>
                <ul class="tree-branches">{level.branches.into_iter().map(branch).collect_view()}</ul>
            </li>
        }
    };
    view! {
        <section class="tree" aria-labelledby="tree-title" data-testid="tree">
            <h3 class="block-title" id="tree-title">"All that ran"</h3>
            <p class="field-hint">{sentence}</p>
            <ol class="tree-levels">{move || levels.get().into_iter().map(level).collect_view()}</ol>
            <p class="to-try"><b>"What to try: "</b>
                "Follow one system from the photo to its answer, then find the stage that takes the most time."
            </p>
        </section>
    }
}

/// The photo at the start of everything.
#[component]
fn SmallPhoto() -> impl IntoView {
    let node = NodeRef::<Canvas>::new();
    let photo = use_photo();
    Effect::new(move |_| {
        let Some(canvas) = node.get() else { return };
        let drawn = photo.shown.with(|photo| photo.as_ref().map(|photo| draw(&canvas, photo)));
        if let Some(Err(error)) = drawn {
            leptos::logging::error!("the small photo could not be drawn: {error:?}");
        }
    });
    view! { <canvas node_ref=node class="tree-photo" role="img" aria-label="The photo"></canvas> }
}

fn draw(canvas: &HtmlCanvasElement, photo: &Photo) -> Result<(), JsValue> {
    let (width, height) = (photo.width as f32, photo.height as f32);
    let scale = PHOTO / width.max(height).max(1.0);
    let context = prepared(canvas, Size::new(width * scale, height * scale), 1.0)?;
    let (width, height) = (f64::from(canvas.width()), f64::from(canvas.height()));
    context.set_fill_style_str("#fff"); // transparent parts are white for the network too
    context.fill_rect(0.0, 0.0, width, height);
    context.draw_image_with_image_bitmap_and_dw_and_dh(&photo.bitmap, 0.0, 0.0, width, height)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use model::catalog::{BACKBONE, Task};

    use super::*;
    use crate::results::Results;

    fn levels(systems: &[System]) -> Vec<Level> {
        layout(systems, &strip(systems, &Results::new(1), None))
    }

    #[test]
    fn every_stage_of_everything_is_in_the_picture_once() {
        let systems = Task::Everything.runs(None);
        let levels = levels(&systems);
        let shared = levels.iter().filter_map(|it| it.shared.as_ref().map(|it| it.key));
        let own = levels.iter().flat_map(|it| &it.branches).flat_map(|it| it.stages.iter().map(|it| it.key));
        let keys: Vec<_> = shared.chain(own).collect();
        let unique: BTreeSet<_> = keys.iter().copied().collect();
        assert_eq!(keys.len(), unique.len());
        let wanted: BTreeSet<_> =
            systems.iter().flat_map(|&it| stages_of(it)).map(|it| it.key).filter(|&it| it != RESULT.key).collect();
        assert_eq!(unique, wanted);
        assert_eq!(levels.iter().map(|it| it.branches.len()).sum::<usize>(), systems.len());
    }

    #[test]
    fn systems_part_behind_the_last_stage_that_they_share() {
        let levels = levels(&[System::Ssd, System::Localize, System::Fcn, System::MoveNet]);
        let place = |system| {
            let level = levels.iter().find(|it| it.branches.iter().any(|it| it.system == system));
            level.and_then(|it| it.shared.as_ref()).map(|it| it.key)
        };
        let expected = [Some("mobilenet-v2"), Some("class-scores"), Some("corrections"), Some("corrections")];
        let systems = [System::Localize, System::Fcn, System::Ssd, System::MoveNet];
        assert_eq!(systems.map(place), expected);
        let alone = self::levels(&[System::SlidingSegmentation]);
        assert_eq!((alone.len(), alone[0].branches[0].stages.len()), (1, 3), "from the photo itself");
    }

    #[test]
    fn what_is_shared_would_run_again_for_each_system() {
        let mut levels = levels(&[System::Ssd, System::Localize, System::Fcn]);
        let backbone = levels.iter_mut().filter_map(|it| it.shared.as_mut()).find(|it| it.key == BACKBONE.key);
        backbone.expect("all have it").ms = Some(30.0);
        assert_eq!(saved_ms(&levels), 60.0);
        let words = words(3, &levels);
        assert!(words.starts_with("3 systems on one photo share 3 stages") && words.contains("60 ms more"), "{words}");
    }
}
