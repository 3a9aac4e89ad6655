//! The figure about the loss of a pose: 14 points, each with its error (00:39 and 00:40 of the lecture).

use leptos::prelude::*;
use model::{
    catalog::{POSE_POINTS, System},
    figures::losses::Regression,
    structures::stage::{Artifact, ScoreMaps},
};

use super::{
    controls::to_try,
    points_on_photo::{PhotoPoints, Point},
    setup::{Words, kept, list},
    svg::colour,
};
use crate::{
    inside::views::{choice::Choice, pose_points::LIMBS},
    state::{use_actions, use_photo, use_result},
};

/// The system that regresses poses.
const SYSTEM: System = System::PoseRegression;
/// The slots of what is true and of what the network says.
const TRUTH: usize = 0;
const FOUND: usize = 1;
/// People that can be chosen.
const MAX_PEOPLE: usize = 6;
/// The losses that are compared.
const LOSSES: [(&str, Regression); 3] =
    [("L2", Regression::L2), ("L1", Regression::L1), ("Smooth L1", Regression::SmoothL1 { bend: 0.05 })];

/// What is set.
#[derive(Clone, Debug, Default, PartialEq)]
struct Setup {
    person: usize,
    /// Where the points truly are, in fractions of the photo: x and y of each; none until one was moved.
    truth: Vec<f64>,
}

impl Setup {
    fn read(words: &Words) -> Self {
        Self {
            person: words.number("person", (0.0, (MAX_PEOPLE - 1) as f64)).map_or(0, |it| it as usize),
            truth: words.numbers("points").unwrap_or_default(),
        }
    }

    fn write(&self) -> Words {
        let mut words = Words::default();
        words.push("person", self.person, 0);
        words.push("points", list(&self.truth), "");
        words
    }
}

/// A person's points, found and true, in fractions of the crop that the network reads.
#[derive(Clone, Debug, Default, PartialEq)]
struct Pose {
    names: Vec<String>,
    found: Vec<(f64, f64)>,
    truth: Vec<(f64, f64)>,
}

impl Pose {
    /// Both numbers of each point, found less true.
    fn errors(&self) -> Vec<(f64, f64)> {
        self.found.iter().zip(&self.truth).map(|(found, truth)| (found.0 - truth.0, found.1 - truth.1)).collect()
    }

    /// The loss of each point.
    fn losses(&self, loss: Regression) -> Vec<f64> {
        self.errors().into_iter().map(|(x, y)| loss.loss(x) + loss.loss(y)).collect()
    }

    /// The point with the largest loss, and its part of the sum.
    fn worst(&self, loss: Regression) -> Option<(usize, f64)> {
        let all = self.losses(loss);
        let sum: f64 = all.iter().sum();
        let worst = all.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1))?;
        (sum > 0.0).then(|| (worst.0, worst.1 / sum))
    }

    fn words(&self) -> String {
        match (self.worst(Regression::L2), self.worst(Regression::L1)) {
            (Some((index, of_l2)), Some((_, of_l1))) => format!(
                "{} numbers are compared. The worst point, the {}, is {:.0}% of the whole L2 loss and {:.0}% of the L1 loss.",
                2 * self.found.len(),
                self.names.get(index).map_or("", String::as_str),
                of_l2 * 100.0,
                of_l1 * 100.0,
            ),
            _ => "To begin with what the network says is taken for true, so that every loss is 0. Drag a point to where it really is.".into(),
        }
    }
}

/// The network's points of each person of the photo; `None` until they are there.
fn people() -> Memo<Option<Vec<ScoreMaps>>> {
    let (result, actions) = (use_result(), use_actions());
    actions.view.needs_network.set(true);
    let found = Memo::new(move |_| {
        result.results.with(|all| match all.finished(SYSTEM)?.run.stage(POSE_POINTS.key)?.artifact.as_ref()? {
            Artifact::ScoreMaps(people) => Some(people.iter().take(MAX_PEOPLE).cloned().collect()),
            _ => None,
        })
    });
    Effect::new(move |_| {
        if result.is_done() && found.with(Option::is_none) {
            actions.open_beside(SYSTEM);
        }
    });
    found
}

/// The figure on the photo on show.
pub fn view() -> AnyView {
    let photo = use_photo();
    let people = people();
    let setup = kept(Setup::read, Setup::write);
    let size = Memo::new(move |_| {
        let size = photo.size();
        (size.width.max(1.0), size.height.max(1.0))
    });
    let person = Memo::new(move |_| {
        let index = setup.with(|it| it.person);
        people.with(|all| all.as_ref().and_then(|all| all.get(index.min(all.len().saturating_sub(1)))).cloned())
    });
    // In fractions of the photo.
    let found = Memo::new(move |_| {
        let (width, height) = size.get();
        person.with(|it| {
            it.iter().flat_map(|it| &it.peaks).map(|it| (it.to.0 / width, it.to.1 / height)).collect::<Vec<_>>()
        })
    });
    let truth = Memo::new(move |_| {
        let found = found.get();
        setup.with(|it| match it.truth.len() == 2 * found.len() {
            true => it.truth.chunks_exact(2).map(|at| (at[0] as f32, at[1] as f32)).collect(),
            false => found,
        })
    });
    let pose = Memo::new(move |_| {
        let (width, height) = size.get();
        person.with(|it| {
            let Some(it) = it else { return Pose::default() };
            let in_crop = |&(x, y): &(f32, f32)| {
                let (x, y) =
                    ((x * width - it.region.x0) / it.region.width(), (y * height - it.region.y0) / it.region.height());
                (f64::from(x), f64::from(y))
            };
            Pose {
                names: it.names.iter().map(ToString::to_string).collect(),
                found: found.with(|all| all.iter().map(in_crop).collect()),
                truth: truth.with(|all| all.iter().map(in_crop).collect()),
            }
        })
    });
    let points = Signal::derive(move || {
        let names = pose.with(|it| it.names.clone());
        truth.get().into_iter().zip(names).map(|(at, name)| Point { at, name }).collect::<Vec<_>>()
    });
    let set = move |index: usize, at: (f32, f32)| {
        let mut all = truth.get_untracked();
        if let Some(point) = all.get_mut(index) {
            *point = at;
            let all = all.into_iter().flat_map(|(x, y)| [f64::from(x), f64::from(y)]).collect();
            setup.update(|it| it.truth = all);
        }
    };
    let waiting = move || match people.with(|it| it.as_ref().map(Vec::len)) {
        None => "The network is looking for people.",
        Some(0) => "Nobody was found in this photo: choose one with people.",
        Some(_) => "",
    };
    let names = Signal::derive(move || {
        let count = people.with(|it| it.as_ref().map_or(0, Vec::len));
        (1..=count).map(|it| it.to_string()).collect::<Vec<_>>()
    });
    let has_several = move || names.with(Vec::len) > 1;
    view! {
        <p class="fig-note" role="status" data-testid="waiting">{waiting}</p>
        <div class="fig-photo-side">
            <div>
                <PhotoPoints points set>{move || drawing(&found.get(), &truth.get())}</PhotoPoints>
                <p class="fig-note">"Yellow: where the points truly are, to be dragged. Blue: where the network says they are."</p>
                <Show when=has_several>
                    <Choice id="person" label="Person" options=names chosen=Signal::derive(move || setup.with(|it| it.person))
                        choose=move |index: usize| setup.set(Setup { person: index, truth: Vec::new() })/>
                </Show>
            </div>
            <div>
                <p class="fig-reading" aria-live="polite" data-testid="pose-words">{move || pose.with(Pose::words)}</p>
                {move || pose.with(table)}
            </div>
        </div>
        {to_try("Drag one ankle far away: it soon is almost the whole L2 loss, and training would work on it alone; of the L1 loss it is less. Then look \
                 for somebody whose legs are hidden: the 28 numbers have no word for \"hidden\".")}
    }
    .into_any()
}

/// Limbs of both poses, and a line from each point to its place.
fn drawing(found: &[(f32, f32)], truth: &[(f32, f32)]) -> AnyView {
    let place = |(x, y): (f32, f32)| format!("{:.1} {:.1}", x * 1000.0, y * 1000.0);
    let limbs = |points: &[(f32, f32)]| {
        let limb =
            |&(from, to): &(usize, usize)| Some(format!("M{}L{}", place(*points.get(from)?), place(*points.get(to)?)));
        LIMBS.iter().filter_map(limb).collect::<String>()
    };
    let errors: String = found.iter().zip(truth).map(|(a, b)| format!("M{}L{}", place(*a), place(*b))).collect();
    view! {
        <path class="pose-limbs" d=limbs(found) style:--box=colour(FOUND)></path>
        <path class="pose-limbs" d=limbs(truth) style:--box=colour(TRUTH)></path>
        <path class="pose-errors" d=errors></path>
    }
    .into_any()
}

/// The error and the losses of each point, and their sums.
fn table(pose: &Pose) -> AnyView {
    let losses = LOSSES.map(|(_, loss)| pose.losses(loss));
    let row = |(index, (x, y)): (usize, (f64, f64))| {
        view! {
            <tr data-testid="pose-row">
                <th scope="row">{pose.names.get(index).cloned()}</th>
                <td>{format!("{:.3}", x.hypot(y))}</td>
                {losses.iter().map(|all| view! { <td>{format!("{:.4}", all[index])}</td> }).collect_view()}
            </tr>
        }
    };
    let sum = |all: &Vec<f64>| view! { <td data-testid="pose-sum">{format!("{:.4}", all.iter().sum::<f64>())}</td> };
    view! {
        <div class="fig-table"><table class="loss-table">
            <caption class="visually-hidden">"Errors and losses of each point, in fractions of the crop"</caption>
            <thead><tr><td></td><th scope="col">"error"</th>{LOSSES.map(|it| view! { <th scope="col">{it.0}</th> }).collect_view()}</tr></thead>
            <tbody>
                {pose.errors().into_iter().enumerate().map(row).collect_view()}
                <tr><th scope="row">"sum"</th><td></td>{losses.iter().map(sum).collect_view()}</tr>
            </tbody>
        </table></div>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_point_far_off_is_more_of_the_squares_than_of_the_distances() {
        let found = vec![(0.5, 0.5); 3];
        let mut pose = Pose {
            names: ["head", "neck", "left knee"].map(str::to_owned).to_vec(),
            found: found.clone(),
            truth: found,
        };
        assert!(pose.worst(Regression::L2).is_none() && pose.words().starts_with("To begin with"));
        (pose.truth[0], pose.truth[2]) = ((0.45, 0.5), (0.1, 0.5));
        let (l2, l1) = (pose.worst(Regression::L2).expect("errors"), pose.worst(Regression::L1).expect("errors"));
        assert!((l2.0, l1.0) == (2, 2) && l2.1 > 0.98 && (l1.1 - 0.4 / 0.45).abs() < 1e-9);
        assert_eq!(
            pose.words(),
            "6 numbers are compared. The worst point, the left knee, is 98% of the whole L2 loss and 89% of the L1 loss."
        );
        assert_eq!(
            pose.losses(Regression::L1).iter().map(|it| (it * 1e6).round()).collect::<Vec<_>>(),
            [5e4, 0.0, 4e5]
        );
    }

    #[test]
    fn the_address_brings_everything_back() {
        let setup = Setup { person: 2, truth: vec![0.25, 0.5, 0.125, 1.0] };
        assert_eq!(Setup::read(&Words::parse(&setup.write().text())), setup);
        assert_eq!(Setup::default().write().text(), "");
    }
}
