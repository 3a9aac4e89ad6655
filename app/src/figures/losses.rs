//! The figure about losses: one class and one box for the photo, and how wrong they are (00:34 to 00:41 of the lecture).

mod compared;
mod gradients;
mod pair;
mod setup;
mod shared;

use leptos::prelude::*;
use model::{
    catalog::System,
    figures::{
        heads::Truth,
        losses::{Regression, box_gradient, class_gradient, cross_entropy, margin_loss},
    },
    structures::{
        boxes::BBox,
        location::{CLASSES, Location},
        stage::Artifact,
    },
};

use self::{
    pair::Pair,
    setup::{BEND, Setup},
    shared::Shared,
};
use super::{
    boxes_on_photo::{Handle, PhotoBoxes, outline},
    controls::{Range, to_try},
    setup::{kept, short},
    svg::{colour, curve_plot},
};
use crate::{
    inside::views::choice::Choice,
    results::result_of,
    state::{use_actions, use_photo, use_result},
};

/// The slots of the true and of the predicted box.
const TRUTH: usize = 0;
const FOUND: usize = 1;
/// The regression losses with their names and the slots of their curves.
const REGRESSIONS: [(&str, Regression, usize); 3] =
    [("L2", Regression::L2, 5), ("L1", Regression::L1, 2), ("Smooth L1", Regression::SmoothL1 { bend: BEND }, 3)];
/// The edges of a box, in the order of its numbers.
const EDGES: [&str; 4] = ["left", "top", "right", "bottom"];
/// Errors that the curves are drawn for, in fractions of the photo.
const SPAN: f64 = 0.5;

/// What the network says, beside what is true.
#[derive(Clone, Debug, PartialEq)]
struct Compared {
    probabilities: Vec<f64>,
    /// In fractions of the photo.
    found: BBox,
    truth: BBox,
    class: usize,
    weight: f64,
}

impl Compared {
    /// Predicted less true number, for each edge.
    fn errors(&self) -> [f64; 4] {
        let four = |it: &BBox| [it.x0, it.y0, it.x1, it.y1].map(f64::from);
        let (found, truth) = (four(&self.found), four(&self.truth));
        std::array::from_fn(|i| found[i] - truth[i])
    }

    fn truth(&self) -> Truth {
        let BBox { x0, y0, x1, y1 } = self.truth;
        Truth { class: self.class, corners: [x0, y0, x1, y1].map(f64::from) }
    }

    fn class_loss(&self) -> f64 {
        cross_entropy(self.probabilities[self.class])
    }

    fn box_loss(&self, loss: Regression) -> f64 {
        self.errors().iter().map(|&it| loss.loss(it)).sum()
    }

    /// The lengths of the two gradients, with respect to the class scores and to the four numbers; the second one weighted.
    fn gradients(&self) -> (f64, f64) {
        let smooth = Regression::SmoothL1 { bend: BEND };
        (class_gradient(&self.probabilities, self.class), self.weight * box_gradient(smooth, &self.errors()))
    }

    fn words(&self) -> String {
        let (class, bbox) = self.gradients();
        let larger = match (class, bbox) {
            (a, b) if a > 1.25 * b => "the class pulls harder",
            (a, b) if b > 1.25 * a => "the box pulls harder",
            _ => "both pull about equally",
        };
        let total = self.class_loss() + self.weight * self.box_loss(Regression::SmoothL1 { bend: BEND });
        format!("The whole loss is {total:.3}. Gradients: {class:.2} of the class, {bbox:.2} of the box: {larger}.")
    }

    fn class_words(&self) -> String {
        format!(
            "If it is \"{}\", the network gives {:.1}% to the truth: its loss is −log {:.3} = {:.3}. An SVM's margin loss of the same scores \
             is {:.3}.",
            CLASSES[self.class],
            self.probabilities[self.class] * 100.0,
            self.probabilities[self.class],
            self.class_loss(),
            margin_loss(&self.probabilities, self.class),
        )
    }
}

/// The class and the box of the photo; `None` until they are there.
fn location() -> Memo<Option<(Vec<f64>, BBox)>> {
    let (photo, result, actions) = (use_photo(), use_result(), use_actions());
    actions.view.needs_network.set(true);
    let found = Memo::new(move |_| {
        let size = photo.size();
        result.results.with(|all| match result_of(&all.finished(System::Localize)?.run)? {
            Artifact::Location(Location { probabilities, bbox }) if !size.is_empty() => {
                let probabilities = probabilities.iter().map(|&it| f64::from(it)).collect::<Vec<_>>();
                Some((probabilities, bbox.scale(1.0 / size.width, 1.0 / size.height)))
            }
            _ => None,
        })
    });
    Effect::new(move |_| {
        if result.is_done() && found.with(Option::is_none) {
            actions.run_beside(System::Localize);
        }
    });
    found
}

/// The figure on the photo on show.
pub fn view() -> AnyView {
    let setup = kept(Setup::read, Setup::write);
    let location = location();
    let compared = Memo::new(move |_| {
        let (probabilities, found) = location.get()?;
        let it = setup.get();
        // To begin with what the network says is taken for the truth, a little off.
        let best =
            probabilities.iter().enumerate().fold(0, |best, (i, &p)| if p > probabilities[best] { i } else { best });
        let truth = it.truth.unwrap_or_else(|| setup::beside(&found));
        let class = it.class.unwrap_or(best).min(probabilities.len() - 1);
        Some(Compared { probabilities, found, truth, class, weight: it.weight })
    });
    let truth = Memo::new(move |_| compared.with(|it| it.as_ref().map(Compared::truth)));
    let shared = Shared::new(setup, truth);
    let others = compared::Compared::new(truth, shared.is_ready());
    let pair = Pair::new(others);
    let read = move |of: fn(&Compared) -> String| move || compared.with(|it| it.as_ref().map(of));
    let handles = Signal::derive(move || {
        let truth = compared.with(|it| it.as_ref().map(|it| it.truth));
        truth.map(|bbox| Handle { bbox, slot: TRUTH, name: "True box" }).into_iter().collect::<Vec<_>>()
    });
    let waiting = move || if location.with(Option::is_none) { "The network is looking at the photo." } else { "" };
    view! {
        <p class="fig-note" role="status" data-testid="waiting">{waiting}</p>
        <div class="fig-photo-side">
            <div>
                <PhotoBoxes handles labels=pair.labels() set=move |_, bbox| setup.update(|it| it.truth = Some(bbox))>
                    {move || compared.with(|it| it.as_ref().map(|it| outline(&it.found, "box-line box-found", Some(FOUND))))}
                    {move || shared.outline()}
                    {move || if pair.is_on() { None } else { others.outline() }}
                    {move || pair.outlines()}
                </PhotoBoxes>
                <p class="fig-note">"Dashed: the box that the network says. Drag the true one."</p>
                <Choice id="class" label="True class" options=Signal::stored(CLASSES.map(str::to_owned).to_vec())
                    chosen=Signal::derive(move || compared.with(|it| it.as_ref().map_or(0, |it| it.class)))
                    choose=move |index: usize| setup.update(|it| it.class = Some(index))/>
                <p class="fig-reading" aria-live="polite" data-testid="class-words">{read(Compared::class_words)}</p>
                {move || compared.with(|it| it.as_ref().map(class_curve))}
            </div>
            <div>
                {move || compared.with(|it| it.as_ref().map(box_losses))}
                <Range id="weight" label="Weight of the box" limits=(-2.0, 2.0) step=0.05
                    value=Signal::derive(move || setup.with(|it| it.weight.log10())) words=|it| short((10f64.powf(it) * 100.0).round() / 100.0)
                    set=move |value| setup.update(|it| it.weight = 10f64.powf(value))/>
                <h2 class="fig-name">"Gradients by the outputs of the heads"</h2>
                {move || compared.with(|it| it.as_ref().map(|it| {
                    gradients::bars("Lengths of the gradients with respect to the outputs of the two heads", it.gradients())
                }))}
                <p class="fig-reading" aria-live="polite" data-testid="loss-words">{read(Compared::words)}</p>
                {shared.view()}
                {others.view()}
                {pair.view()}
            </div>
        </div>
        {to_try("Choose a wrong class: its loss and its gradient grow, the box's do not change. Then drag the true box far away: L2 grows fastest, \
                 and its slope with it, while smooth L1 stops pulling harder. Find the weight at which both pull equally.")}
    }
    .into_any()
}

/// Softmax's loss over the probability of the true class, with this photo's point.
fn class_curve(it: &Compared) -> AnyView {
    const TOP: f64 = 5.0;
    let points: Vec<(f64, f64)> =
        (1..=100).map(|i| f64::from(i) / 100.0).map(|p| (p, (cross_entropy(p) / TOP).min(1.0))).collect();
    let p = it.probabilities[it.class];
    let point = (p, (cross_entropy(p) / TOP).min(1.0));
    view! {
        <svg class="plot" viewBox="0 0 100 100" role="img" aria-label="Softmax loss over the probability of the true class">
            {curve_plot(("probability of the true class", "0", "1"), ("softmax loss", "0", "5"), &[(points, TRUTH)], &[(point, TRUTH)])}
        </svg>
    }
    .into_any()
}

/// The regression losses over the error, with a point for each edge, and their sums.
fn box_losses(it: &Compared) -> AnyView {
    let across = |error: f64| ((error + SPAN) / (2.0 * SPAN)).clamp(0.0, 1.0);
    let up = |loss: Regression, error: f64| (loss.loss(error) / SPAN).min(1.0);
    let errors = it.errors();
    let curves: Vec<_> = REGRESSIONS
        .iter()
        .map(|&(_, loss, slot)| {
            let at = |i: i32| f64::from(i) / 100.0 * SPAN;
            ((-100..=100).map(at).map(|error| (across(error), up(loss, error))).collect::<Vec<_>>(), slot)
        })
        .collect();
    let points: Vec<_> = REGRESSIONS
        .iter()
        .flat_map(|&(_, loss, slot)| errors.map(|error| ((across(error), up(loss, error)), slot)))
        .collect();
    let row = |&(name, loss, slot): &(&'static str, Regression, usize)| {
        view! {
            <tr>
                <th scope="row"><span class="loss-key" style:--box=colour(slot) aria-hidden="true"></span>{name}</th>
                {errors.map(|error| view! { <td>{format!("{:.3}", loss.loss(error))}</td> }).collect_view()}
                <td data-testid="box-loss">{format!("{:.3}", it.box_loss(loss))}</td>
            </tr>
        }
    };
    view! {
        <h2 class="fig-name">"The four numbers of the box"</h2>
        <svg class="plot" viewBox="0 0 100 100" role="img" aria-label="Three regression losses over the error of a number, with the four errors of this photo">
            {curve_plot(("error, in fractions of the photo", "\u{2212}0.5", "0.5"), ("loss", "0", "0.5"), &curves, &points)}
        </svg>
        <div class="fig-table"><table class="loss-table">
            <caption class="visually-hidden">"Losses of each edge"</caption>
            <thead><tr><td></td>{EDGES.map(|it| view! { <th scope="col">{it}</th> }).collect_view()}<th scope="col">"sum"</th></tr></thead>
            <tbody>
                <tr><th scope="row">"error"</th>{errors.map(|it| view! { <td>{format!("{it:.2}")}</td> }).collect_view()}<td></td></tr>
                {REGRESSIONS.iter().map(row).collect_view()}
            </tbody>
        </table></div>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_box_that_is_right_has_no_loss_and_no_gradient() {
        let bbox = BBox::new(0.25, 0.25, 0.75, 0.75);
        let it = Compared { probabilities: vec![0.25, 0.75], found: bbox, truth: bbox, class: 1, weight: 2.0 };
        assert_eq!((it.box_loss(Regression::L2), it.gradients().1), (0.0, 0.0));
        assert!(it.words().contains("the class pulls harder"), "{}", it.words());
        let off = Compared { truth: BBox::new(0.0, 0.25, 0.75, 0.75), ..it };
        assert_eq!((off.errors(), off.box_loss(Regression::L1)), ([0.25, 0.0, 0.0, 0.0], 0.25));
        assert!((off.box_loss(Regression::SmoothL1 { bend: BEND }) - 0.225).abs() < 1e-9);
        assert_eq!(off.gradients().1, 2.0);
    }
}
