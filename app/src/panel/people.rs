//! The people found: a list to point at, and the joints of one of them.

use std::sync::Arc;

use leptos::prelude::*;
use model::structures::skeleton::Joint;

use super::row_button::RowButton;
use crate::{
    layers::{SKELETONS, SkeletonLayer},
    paint::pen::Highlight,
    people::{NamedJoint, People, Person, Side},
    position::position_of_person,
    state::{ResultState, ViewState, use_actions, use_photo, use_result, use_view},
    swatch::swatch_class,
    words::{classes, lists, numbers},
};

/// The people, best first.
#[component]
pub fn PeopleList() -> impl IntoView {
    let (result, view) = (use_result(), use_view());
    let somebody = Memo::new(move |_| !people_of(result).shown.is_empty());
    view! {
        <Show when=move || somebody.get()><section aria-labelledby="people-title">
            <h2 id="people-title" class="visually-hidden">{lists::PEOPLE_FOUND}</h2>
            <ol class="results people" data-testid="results" on:mouseleave=move |_| view.hover(None)>
                <For each=move || people_of(result).shown.clone() key=|it| (it.key, it.number, it.slot, it.score.to_bits()) let(person)>
                    <Row person/>
                </For>
            </ol>
        </section></Show>
    }
}

/// The people on show.
fn people_of(result: ResultState) -> Arc<People> {
    result.scene.with(|scene| scene.find::<SkeletonLayer>().map(|it| it.people.clone())).unwrap_or_default()
}

/// One person. Pointing at it, or focusing it, isolates the skeleton.
#[component]
fn Row(
    /// The person.
    person: Person,
) -> impl IntoView {
    let (key, score) = (person.key, format!("{:.3}", person.score));
    let (result, photo) = (use_result(), use_photo());
    let place = move || {
        let people = people_of(result);
        people.by_key(Some(key)).map(|it| position_of_person(it, &people.shown, photo.size()))
    };
    view! {
        <li class="row" data-testid="result-row" data-kind="person" data-score=score>
            <RowButton highlight=Highlight { kind: SKELETONS, key }>
                <span class=swatch_class(person.slot) aria-hidden="true"></span>
                <span class="row-name"><span class="visually-hidden">{lists::PERSON}</span>{person.number}</span>
                <span class="row-score">{person.percent()}<span class="unit">{numbers::PERCENT_SIGN}</span></span>
                <span class="visually-hidden" data-testid="position">{place}</span>
            </RowButton>
        </li>
    }
}

/// The person whose joints are listed: the one pointed at, else the last one, else the first.
fn subject(result: ResultState, view: ViewState) -> Memo<Option<Person>> {
    let pointed = move || view.highlighted.get().filter(|it| it.kind == SKELETONS).map(|it| it.key);
    let last = Memo::new(move |last: Option<&Option<usize>>| pointed().or(last.copied().flatten()));
    Memo::new(move |_| {
        let (people, wanted) = (people_of(result), last.get());
        people.shown.iter().find(|it| Some(it.key) == wanted).or(people.shown.first()).cloned()
    })
}

/// The joints of one person, left and right side by side: also the key to the lines on the photo.
#[component]
pub fn Joints() -> impl IntoView {
    let result = use_result();
    let somebody = Memo::new(move |_| !people_of(result).shown.is_empty());
    view! { <Show when=move || somebody.get()><JointTable/></Show> }
}

/// The joints, where there is somebody.
#[component]
fn JointTable() -> impl IntoView {
    let (result, view, actions) = (use_result(), use_view(), use_actions());
    let subject = subject(result, view);
    let title = move || subject.with(|it| it.as_ref().map(|it| lists::joints_of(it.number)));
    let scores = move || subject.with(|it| it.as_ref().map(Person::scores_in_words));
    let slot = move || subject.with(|it| it.as_ref().map_or(0, |it| it.slot));
    let fourteen = move || result.settings.with(|it| it.fourteen);
    let rows = move || {
        let mut joints = given(subject.get());
        joints.sort_by_key(|it| (height_of(it.name), it.side == Side::Right));
        let bar = result.settings.with(|it| it.joint_score);
        let named = |it: &NamedJoint| lists::side_and_part(it.name, it.side != Side::Middle);
        joints
            .into_iter()
            .map(|joint| view! { <JointRow joint named=named(&joint) sure={joint.joint.score >= bar}/> })
            .collect_view()
    };
    view! {
        <section class="block" aria-labelledby="joints-title">
            <div class="block-head">
                <h2 id="joints-title" class="block-title joints-title">
                    <span class=move || swatch_class(slot()) aria-hidden="true"></span>{title}
                </h2>
                <button type="button" class="chip" data-testid="fourteen-toggle" aria-pressed=move || fourteen().to_string()
                    on:click=move |_| actions.set("fourteen", |it| it.fourteen = !it.fourteen)>{lists::FOURTEEN}</button>
            </div>
            <div class="sides" aria-hidden="true" data-testid="legend">
                <p class="side side-left"><span class="side-line"></span>{lists::LEFT}</p>
                <p class="side side-right"><span class="side-line"></span>{lists::RIGHT}</p>
            </div>
            <ul class="joints" data-testid="joints">{rows}</ul>
            <p class="field-hint" data-testid="person-scores">{scores}</p>
            <p class="field-hint">
                {move || if fourteen() { lists::FOURTEEN_HINT() } else { lists::SIDES_HINT() }}
            </p>
            <Show when=move || view.inside.get()><JointNumbers subject/></Show>
        </section>
    }
}

/// The numbers of one person, as the network's last stage has them.
#[component]
fn JointNumbers(
    /// The person.
    subject: Memo<Option<Person>>,
) -> impl IntoView {
    let row = |NamedJoint { name, joint, .. }: NamedJoint| {
        let Joint { x, y, score } = joint;
        view! {
            <tr data-testid="joint-numbers">
                <th scope="row">{classes::joint(name)}</th>
                <td>{format!("{x:.0}")}</td><td>{format!("{y:.0}")}</td><td>{format!("{score:.2}")}</td>
            </tr>
        }
    };
    let joints = move || given(subject.get());
    let caption = move || lists::joint_numbers(joints().len());
    view! {
        <table class="joint-numbers">
            <caption class="field-hint">{caption}</caption>
            <thead><tr><th scope="col">{lists::JOINT}</th><th scope="col">"x"</th><th scope="col">"y"</th><th scope="col">{lists::JOINT_SCORES}</th></tr></thead>
            <tbody>{move || joints().into_iter().map(row).collect_view()}</tbody>
        </table>
    }
}

/// The joints of a person that the network has.
fn given(person: Option<Person>) -> Vec<NamedJoint> {
    person.into_iter().flat_map(|it| it.joints).filter(NamedJoint::is_given).collect()
}

/// One joint with its score.
#[component]
fn JointRow(
    /// The joint.
    joint: NamedJoint,
    /// Its side, empty if it has none, and its part of the body.
    named: (&'static str, &'static str),
    /// Whether its score is high enough.
    sure: bool,
) -> impl IntoView {
    let (side, part) = named;
    let place = match joint.side {
        Side::Left => "left",
        Side::Right => "right",
        Side::Middle => "middle",
    };
    let percent = (joint.joint.score.clamp(0.0, 1.0) * 100.0).round();
    view! {
        <li class="joint" data-testid="joint-row" data-joint=joint.name data-side=place data-sure=sure.to_string()>
            <span class="joint-dot" aria-hidden="true"></span>
            <span class="joint-name">
                <span class="visually-hidden">{side}" "</span>{part}
                {(!sure).then_some(view! { <span class="visually-hidden">{lists::GUESS}</span> })}
            </span>
            <span class="joint-score">{percent}<span class="unit">{numbers::PERCENT_SIGN}</span></span>
            {joint.derived.then_some(view! { <span class="joint-derived">{lists::DERIVED}</span> })}
        </li>
    }
}

/// How far down an upright body a joint is.
fn height_of(name: &str) -> usize {
    const DOWN: [&str; 11] =
        ["top of head", "nose", "eye", "ear", "neck", "shoulder", "elbow", "wrist", "hip", "knee", "ankle"];
    DOWN.iter().position(|part| name.ends_with(part)).unwrap_or(DOWN.len())
}

#[cfg(test)]
mod tests {
    use model::structures::skeleton::JOINT_NAMES;

    use super::*;

    #[test]
    fn every_joint_has_a_height() {
        let heights = JOINT_NAMES.map(height_of);
        assert!(heights.iter().all(|&it| it < 11));
        assert!(height_of("left ear") < height_of("neck") && height_of("right hip") < height_of("left knee"));
    }
}
