//! The figure about the four tasks: one photo, four kinds of answer (00:09 and 00:10 of the lecture).

use std::collections::BTreeMap;

use leptos::prelude::*;
use model::{
    catalog::{System, Task},
    figures::components::components,
    structures::{
        class_map::{CLASSES, COCO_IDS, ClassMap},
        location::CLASSES as CLASSES_OF_LOCATION,
    },
};

use super::controls::to_try;
use crate::{
    compare::canvas::{Format, Picture, Source},
    layers::{ClassMapLayer, LocationLayer},
    scene::{Scene, Sources},
    state::{use_actions, use_photo, use_result, use_view},
};

/// A task of the lecture's summary.
struct Kind {
    system: System,
    title: &'static str,
    /// What it says of every photo.
    words: &'static str,
}

/// In the order of the lecture.
const KINDS: [Kind; 4] = [
    Kind {
        system: System::Fcn,
        title: "Semantic segmentation",
        words: "A class for every pixel; things of one class are one.",
    },
    Kind {
        system: System::Localize,
        title: "Classification + localization",
        words: "One class and one box, whatever is there.",
    },
    Kind { system: System::Ssd, title: "Object detection", words: "A class and a box for each thing, however many." },
    Kind { system: System::Masks, title: "Instance segmentation", words: "A class and its own pixels for each thing." },
];
/// How the answers are drawn.
const FORMAT: Format = Format { width: 560.0, max_height: 460.0, shrink: 1.4 };
/// The smallest region of a class map that counts, as a part of the photo.
const MIN_PART: f64 = 0.002;

/// The things of a class by how many masks there are, and regions in the class map.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Counted {
    class: usize,
    regions: usize,
    things: usize,
}

/// For the class with most masks: how many regions of it the class map has.
///
/// # Arguments
/// * `masks` - COCO categories of the masks.
fn counted(map: &ClassMap, masks: &[u16]) -> Option<Counted> {
    let of = |class: usize| masks.iter().filter(|&&id| id == COCO_IDS[class - 1]).count();
    let class = (1..CLASSES.len()).max_by_key(|&class| of(class)).filter(|&class| of(class) > 0)?;
    let least = (map.labels.len() as f64 * MIN_PART) as usize;
    // An index into 21 classes.
    let regions = components(map, class as u8).into_iter().filter(|&size| size > least).count();
    Some(Counted { class, regions, things: of(class) })
}

impl Counted {
    fn words(self) -> String {
        let Self { class, regions, things } = self;
        let number = |count: usize, one: &str, many: &str| format!("{count} {}", if count == 1 { one } else { many });
        let name = CLASSES[class];
        let end = if things > regions && regions > 0 { " What touches became one." } else { "" };
        format!(
            "Of \"{name}\" the class map has {}, the masks are {}.{end}",
            number(regions, "region", "regions"),
            number(things, "thing", "things"),
        )
    }
}

/// The scenes of the four answers, each once it is there.
fn scenes() -> Memo<BTreeMap<System, Scene>> {
    let (result, actions) = (use_result(), use_actions());
    actions.view.needs_network.set(true);
    let sources = StoredValue::new(BTreeMap::<System, Sources>::new());
    let scenes = Memo::new(move |_| {
        let settings = result.settings.get();
        result.results.with(|all| {
            let scene = |it: &Kind| {
                all.finished(it.system)?;
                let earlier = sources.with_value(|all| all.get(&it.system).cloned());
                let own = Sources::of(&[it.system], all, false, earlier.as_ref());
                sources.update_value(|all| drop(all.insert(it.system, own.clone())));
                Some((it.system, Scene::of(&own, &settings)))
            };
            KINDS.iter().filter_map(scene).collect::<BTreeMap<_, _>>()
        })
    });
    Effect::new(move |_| {
        let is_free = result.is_done() && !result.engine.busy.get();
        let missing = KINDS.iter().find(|it| scenes.with(|all| !all.contains_key(&it.system)));
        if let Some(missing) = missing.filter(|_| is_free) {
            actions.run_beside(missing.system);
        }
    });
    scenes
}

/// The figure on the photo on show.
pub fn view() -> AnyView {
    let photo = use_photo();
    let (scenes, source) = (scenes(), Source::new(photo));
    let counts = Memo::new(move |_| {
        scenes.with(|all| {
            let map = all.get(&System::Fcn)?.find::<ClassMapLayer>()?.legend.map.clone();
            let findings = all.get(&System::Masks)?.lead()?.findings()?.clone();
            let masks: Vec<u16> = findings.shown.iter().map(|it| it.class).collect();
            counted(&map, &masks)
        })
    });
    view! {
        <div class="fig-tasks">{KINDS.iter().map(|kind| one(kind, scenes, source)).collect_view()}</div>
        <p class="fig-reading" aria-live="polite" data-testid="task-counts">{move || counts.get().map(Counted::words)}</p>
        {to_try("Take a photo of two animals that touch each other: the class map cannot tell them apart, the masks can. Then one without any \
                 animal: localization says one class and one box all the same.")}
    }
    .into_any()
}

/// The names that an answer gives to what is in the photo.
fn names_of(scene: &Scene) -> Vec<String> {
    if let Some(map) = scene.find::<ClassMapLayer>() {
        return map.legend.entries.iter().map(|it| it.name.to_owned()).collect();
    }
    if let Some(layer) = scene.find::<LocationLayer>() {
        return CLASSES_OF_LOCATION.get(layer.location.best().0).map(|it| (*it).to_owned()).into_iter().collect();
    }
    let findings = scene.lead().and_then(|it| it.findings());
    findings.iter().flat_map(|it| &it.shown).map(|it| it.name.to_string()).collect()
}

/// All classes that a system can say, those that it says of this photo in bold: there are no others, whatever is there.
fn class_list(system: System, scene: Memo<Scene>) -> AnyView {
    let all = system.info().classes;
    let said = Memo::new(move |_| scene.with(names_of));
    let item = move |name: &'static str| {
        let is_said = move || said.with(|said| said.iter().any(|it| it == name));
        view! { <li data-said=move || is_said().to_string()>{name}{move || is_said().then(|| view! { <span class="visually-hidden">" (in this photo)"</span> })}</li> }
    };
    view! {
        <details class="fig-classes" data-testid="task-classes">
            <summary>{format!("The {} classes that it can say", all.len())}</summary>
            <ul>{all.iter().map(|&it| item(it)).collect_view()}</ul>
        </details>
    }
    .into_any()
}

/// One answer.
fn one(kind: &'static Kind, scenes: Memo<BTreeMap<System, Scene>>, source: Source) -> AnyView {
    let (view, actions) = (use_view(), use_actions());
    let scene = Memo::new(move |_| scenes.with(|all| all.get(&kind.system).cloned().unwrap_or_default()));
    let said =
        move || scene.with(|it| it.lead().map_or_else(|| "The network is looking.".to_owned(), |it| it.headline()));
    let task: Task = kind.system.info().task;
    view! {
        <section class="fig-task" data-testid="task-answer" data-system=kind.system.key() aria-label=kind.title>
            <h2 class="fig-name">{kind.title}</h2>
            <Picture source format=FORMAT scene highlighted=Signal::stored(None)/>
            <p class="fig-task-said" aria-live="polite" data-testid="task-said">{said}</p>
            <p class="fig-note">{kind.words}" By "<a href=format!("?task={}", task.key()) on:click=move |event| {
                event.prevent_default();
                actions.choose_task(task);
                view.open_figure(None);
            }>{kind.system.info().title}</a>"."</p>
            {class_list(kind.system, scene)}
        </section>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn things_that_touch_are_one_region_and_several_masks() {
        let horse = CLASSES.iter().position(|it| *it == "horse").expect("one of VOC's");
        let mut labels = vec![0_u8; 100];
        labels[..40].fill(horse as u8);
        let map = ClassMap { width: 10, height: 10, labels, certainty: vec![] };
        let found = counted(&map, &[19, 1, 19]).expect("two horses");
        assert_eq!(found, Counted { class: horse, regions: 1, things: 2 });
        assert_eq!(
            found.words(),
            "Of \"horse\" the class map has 1 region, the masks are 2 things. What touches became one."
        );
        assert_eq!((counted(&map, &[]), counted(&map, &[3]).map(|it| it.regions)), (None, Some(0)));
    }
}
