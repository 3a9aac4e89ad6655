//! What systems answer to questions about the photo on show.

use std::time::Duration;

use leptos::prelude::*;
use model::{
    catalog::{System, Task},
    structures::{
        class_map,
        classes::COCO,
        question::{Answer, Question, RegionClasses},
    },
};

use crate::state::{use_photo, use_result};

/// Until a question that nobody was free for is asked again.
const RETRY: Duration = Duration::from_millis(300);

/// A system's answer with what it was asked.
#[derive(Clone, Debug, PartialEq)]
pub struct Answered {
    /// Who answers.
    pub system: System,
    /// What was asked.
    pub question: Question,
    /// The answer.
    pub answer: Answer,
}

/// Asks about the photo on show, one question at a time, the first of those that are not answered: while something is dragged,
/// what has been overtaken is never asked.
///
/// # Arguments
/// * `questions` - at most one a system, those that matter most first.
///
/// # Returns
/// The newest answer of each system; that of an earlier question until the next one is there.
pub fn answers(questions: Signal<Vec<(System, Question)>>) -> RwSignal<Vec<Answered>> {
    let (photo, result) = (use_photo(), use_result());
    let (known, of) = (RwSignal::new(Vec::<Answered>::new()), StoredValue::new(None::<u32>));
    let waits = RwSignal::new(false);
    Effect::new(move |_| {
        let Some(shown) = photo.shown.get() else { return };
        let id = shown.id;
        if of.get_value() != Some(id) {
            of.set_value(Some(id));
            known.set(Vec::new());
        }
        let is_free = result.is_done() && result.engine.device.with(Option::is_some) && !waits.get();
        let next = questions.with(|all| known.with(|known| next(all, known)));
        let Some((system, question)) = next.filter(|_| is_free) else { return };
        waits.set(true);
        let asked = question.clone();
        let take = move |answer: Option<Answer>| {
            // The figure may have been left since.
            let Some(answer) = answer else {
                return set_timeout(
                    move || {
                        waits.try_set(false);
                    },
                    RETRY,
                );
            };
            if of.try_get_value().flatten() == Some(id) {
                let answered = Answered { system, question: asked, answer };
                known.try_update(|all| {
                    all.retain(|it| it.system != system);
                    all.push(answered);
                });
            }
            waits.try_set(false);
        };
        result.engine.query(shown, system, question, Box::new(take));
    });
    known
}

/// The first question that is not answered.
fn next(questions: &[(System, Question)], known: &[Answered]) -> Option<(System, Question)> {
    let is_known = |(system, question): &&(System, Question)| {
        known.iter().any(|it| it.system == *system && it.question == *question)
    };
    questions.iter().find(|it| !is_known(it)).cloned()
}

/// What a system says of the first region that it was asked about; only of this question, if one is given.
pub fn region(known: &[Answered], system: System, question: Option<&Question>) -> Option<RegionClasses> {
    let answered = known.iter().find(|it| it.system == system)?;
    match &answered.answer {
        Answer::Regions(regions) if question.is_none_or(|it| *it == answered.question) => regions.first().cloned(),
        _ => None,
    }
}

/// The name of a class that a system tells probabilities of, by its place among them.
pub fn class_name(system: System, class: usize) -> &'static str {
    if system.info().task == Task::ClassMap {
        class_map::CLASSES.get(class).copied().unwrap_or_default()
    } else {
        COCO.get(class).map_or("background", |it| it.1)
    }
}

/// The place of the background among a system's probabilities.
pub fn background(system: System) -> usize {
    if system.info().task == Task::ClassMap { 0 } else { COCO.len() }
}

/// The likeliest things and the background, as bars.
///
/// # Arguments
/// * `things` - how many things.
pub fn class_bars(system: System, said: &RegionClasses, things: usize) -> AnyView {
    let none = background(system);
    let mut rows = said.best(things + 1);
    if rows.iter().all(|it| it.0 != none) {
        rows.pop();
        rows.push((none, said.probabilities.get(none).copied().unwrap_or_default()));
    }
    let bar = |(class, probability): (usize, f32)| {
        let fill = if class == none { "var(--line-strong)" } else { "var(--ink)" };
        class_bar(class_name(system, class), probability, fill)
    };
    view! { <dl class="areas">{rows.into_iter().map(bar).collect_view()}</dl> }.into_any()
}

/// The probability of a class as a bar.
pub fn class_bar(name: &'static str, probability: f32, fill: &'static str) -> AnyView {
    view! {
        <div class="area-row time-row" data-testid="class-bar" data-class=name data-value=format!("{probability:.5}")>
            <dt>{name}</dt>
            <dd>
                <span class="area-bar" style:--part=format!("{probability:.4}") style:--fill=fill></span>
                <span class="area-number">{percent(probability)}</span>
            </dd>
        </div>
    }
    .into_any()
}

/// A probability in words.
pub fn percent(probability: f32) -> String {
    format!("{:.1}%", probability * 100.0)
}

#[cfg(test)]
mod tests {
    use model::structures::boxes::BBox;

    use super::*;

    #[test]
    fn the_first_question_without_its_answer_is_next() {
        let question = |x: f32| Question::Regions(vec![BBox::new(0.0, 0.0, x, 1.0)]);
        let asked = [(System::FastRcnn, question(0.5)), (System::SppNet, question(0.5))];
        let said = RegionClasses { probabilities: vec![0.25, 0.75], corrected: None };
        let answered =
            |system, x| Answered { system, question: question(x), answer: Answer::Regions(vec![said.clone()]) };
        assert_eq!(next(&asked, &[]), Some(asked[0].clone()));
        assert_eq!(next(&asked, &[answered(System::FastRcnn, 0.5)]), Some(asked[1].clone()));
        let moved = [answered(System::FastRcnn, 0.4), answered(System::SppNet, 0.5)];
        assert_eq!(next(&asked, &moved), Some(asked[0].clone()));
        assert_eq!(next(&asked, &[answered(System::FastRcnn, 0.5), answered(System::SppNet, 0.5)]), None);
        assert_eq!(region(&moved, System::FastRcnn, None), Some(said.clone()));
        assert_eq!(region(&moved, System::FastRcnn, Some(&question(0.5))), None);
    }

    #[test]
    fn classes_have_the_names_of_their_system() {
        let names = |system| [0, background(system), 17].map(|it| class_name(system, it));
        assert_eq!(names(System::FasterRcnn), ["person", "background", "horse"]);
        assert_eq!(names(System::SlidingSegmentation), ["background", "background", "sheep"]);
    }
}
