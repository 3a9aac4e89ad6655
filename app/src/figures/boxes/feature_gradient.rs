//! The gradient of the second stage's two losses with respect to the features that it reads, as a heat map on the photo (Girshick
//! 2015, "Fast R-CNN", section 2.3: back propagation through the pooled region).

use leptos::prelude::*;
use model::{
    catalog::System,
    structures::{
        boxes::BBox,
        question::{Answer, FeatureGradient, LabelledRegion, LossGradient, Question},
    },
};

use super::{
    Bench, TRUTH,
    four_losses::{LAST, PROPOSAL},
    setup::GradientOf,
};
use crate::{
    figures::{
        answers::answers,
        boxes_on_photo::{PhotoBoxes, outline},
        svg::colour,
    },
    inside::views::choice::Choice,
};

const SYSTEM: System = System::FasterRcnn;

impl GradientOf {
    const fn title(self) -> &'static str {
        match self {
            Self::Class => "Class",
            Self::Correction => "Second correction",
        }
    }

    /// The slot of the loss's colour.
    const fn slot(self) -> usize {
        match self {
            Self::Class => TRUTH,
            Self::Correction => LAST,
        }
    }

    const fn of(self, gradient: &FeatureGradient) -> &LossGradient {
        match self {
            Self::Class => &gradient.class,
            Self::Correction => &gradient.correction,
        }
    }
}

/// A cell of the map with its part of the largest norm.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Cell {
    /// In fractions of the photo.
    bbox: BBox,
    part: f32,
}

/// The cells in which a gradient is not 0.
fn cells(gradient: &FeatureGradient, loss: &LossGradient) -> Vec<Cell> {
    let largest = loss.largest();
    // A pyramid's map has some thousands of cells.
    let (width, height) = (gradient.width.max(1) as f32, gradient.height.max(1) as f32);
    let cell = |(index, &norm): (usize, &f32)| {
        let (x, y) = ((index % gradient.width) as f32, (index / gradient.width) as f32);
        let bbox = BBox::new(x / width, y / height, (x + 1.0) / width, (y + 1.0) / height);
        (norm > 0.0).then_some(Cell { bbox, part: norm / largest })
    };
    loss.norms.iter().enumerate().filter_map(cell).collect()
}

/// How few cells hold half of the sum of all norms.
fn half(cells: &[Cell]) -> usize {
    let mut parts: Vec<f32> = cells.iter().map(|it| it.part).collect();
    parts.sort_by(|a, b| b.total_cmp(a));
    let sum: f32 = parts.iter().sum();
    let before = parts.iter().scan(0.0, |so_far, part| Some(std::mem::replace(so_far, *so_far + part)));
    before.take_while(|so_far| *so_far < sum / 2.0).count()
}

fn words(gradient: &FeatureGradient, by: GradientOf) -> String {
    let loss = by.of(gradient);
    let cells = cells(gradient, loss);
    let name = by.title().to_lowercase();
    if cells.is_empty() {
        return format!("The loss of the {name} is {:.3}, and its gradient is 0 everywhere.", loss.loss);
    }
    format!(
        "The loss of the {name} is {:.3}. Its gradient is not 0 in {} of the {} \u{d7} {} cells of the map: those that RoIAlign reads; the strongest has a norm \
         of {}, and {} of them hold half of it all. From here it goes on into the backbone when that is trained, too: both losses change the same features.",
        loss.loss,
        cells.len(),
        gradient.width,
        gradient.height,
        short(loss.largest()),
        half(&cells),
    )
}

/// A norm with the digits that count: gradients of a sure class are tiny.
fn short(norm: f32) -> String {
    const RAISED: [char; 10] = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
    let text = format!("{norm:.1e}");
    let Some((digits, power)) = text.split_once("e-").filter(|_| norm < 0.01) else { return format!("{norm:.3}") };
    let raised: String = power.chars().filter_map(|it| RAISED.get(it.to_digit(10)? as usize)).collect();
    format!("{digits} \u{d7} 10⁻{raised}")
}

/// The heat map below the losses.
///
/// # Arguments
/// * `proposal` - what the second stage is given, in fractions of the photo.
/// * `class` - the true class, once one is chosen or known.
pub fn view(bench: Bench, proposal: Memo<Option<BBox>>, class: Memo<Option<usize>>) -> AnyView {
    let setup = bench.setup;
    let questions = Memo::new(move |_| {
        let labelled = || {
            let (region, class) = (proposal.get()?, class.get()?);
            Some(LabelledRegion { region, truth: setup.with(|it| it.truth), class })
        };
        labelled().map(|it| (SYSTEM, Question::FeatureGradient(it))).into_iter().collect::<Vec<_>>()
    });
    let known = answers(questions.into());
    let gradient = Memo::new(move |_| {
        known.with(|known| match known.first().map(|it| &it.answer) {
            Some(Answer::FeatureGradient(gradient)) => Some(gradient.clone()),
            _ => None,
        })
    });
    let by = Memo::new(move |_| setup.with(|it| it.gradient_of));
    let drawing = move || {
        let by = by.get();
        let all = gradient.with(|it| it.as_ref().map(|it| cells(it, by.of(it)))).unwrap_or_default();
        let cell = |it: Cell| {
            let [x, y, width, height] = it.bbox.to_xywh().map(|it| f64::from(it) * 1000.0);
            // The weakest cells stay visible.
            let strength = format!("{:.3}", 0.06 + 0.82 * it.part);
            view! { <rect class="gradient-cell" x=x y=y width=width height=height style:--box=colour(by.slot()) style:--strength=strength></rect> }
        };
        view! {
            {all.into_iter().map(cell).collect_view()}
            {proposal.get().map(|it| outline(&it, "box-line box-found", Some(PROPOSAL)))}
        }
    };
    let titles: Vec<String> = GradientOf::ALL.map(|it| it.title().to_owned()).to_vec();
    let chosen = Signal::derive(move || GradientOf::ALL.iter().position(|&it| it == by.get()).unwrap_or_default());
    let norm = move |by: GradientOf| {
        let largest = move |it: &FeatureGradient| by.of(it).largest().to_string();
        move || gradient.with(|it| it.as_ref().map(largest))
    };
    view! {
        <h2 class="fig-name">"The gradient of the second stage's losses on the features"</h2>
        <div class="fig-photo-side" data-testid="feature-gradient" data-class=norm(GradientOf::Class) data-correction=norm(GradientOf::Correction)>
            <div>
                <PhotoBoxes handles=Signal::stored(vec![]) set=|_, _| ()>{drawing}</PhotoBoxes>
                <p class="fig-note">"Each square is a cell of the feature map, the stronger the gradient, the fuller. Dashed: the proposal that \
                    the second stage is given."</p>
            </div>
            <div>
                <Choice id="gradient-of" label="Loss" options=Signal::stored(titles) chosen
                    choose=move |index: usize| setup.update(|it| it.gradient_of = GradientOf::ALL[index])/>
                <p class="fig-reading" aria-live="polite" data-testid="gradient-words">{move || {
                    gradient.with(|it| it.as_ref().map(|it| words(it, by.get())))
                }}</p>
            </div>
        </div>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gradient() -> FeatureGradient {
        let class = LossGradient { loss: 0.5, norms: vec![0.0, 0.4, 0.2, 0.2, 0.0, 0.0, 0.0, 0.0] };
        FeatureGradient { width: 4, height: 2, class, correction: LossGradient { loss: 0.0, norms: vec![0.0; 8] } }
    }

    #[test]
    fn cells_lie_where_the_gradient_is_not_0() {
        let all = gradient();
        let found = cells(&all, &all.class);
        assert_eq!(found.iter().map(|it| it.part).collect::<Vec<_>>(), [1.0, 0.5, 0.5]);
        assert_eq!(found[0].bbox, BBox::new(0.25, 0.0, 0.5, 0.5));
        assert_eq!((half(&found), half(&found[1..]), half(&[])), (1, 1, 0));
    }

    #[test]
    fn the_sentence_counts_the_cells() {
        let all = gradient();
        let said = words(&all, GradientOf::Class);
        assert!(
            said.contains("not 0 in 3 of the 4 \u{d7} 2 cells") && said.contains("norm of 0.400, and 1 of them"),
            "{said}"
        );
        assert!(words(&all, GradientOf::Correction).contains("its gradient is 0"));
        assert_eq!((short(0.25), short(0.00031)), ("0.250".into(), "3.1 \u{d7} 10⁻⁴".into()));
    }
}
