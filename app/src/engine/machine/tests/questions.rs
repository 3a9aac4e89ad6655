//! Questions beside runs.

use model::structures::question::{Answer, Question, RegionClasses};

use super::*;
use crate::engine::event::Query;

const MISSED: Effect = Effect::Answer(None);

fn query(photo: u32) -> Event {
    Event::Query(Query { photo, system: System::FastRcnn, question: Question::Heads })
}

fn asked(to: SessionId, id: u32, pixels: Option<u32>, photo: u32) -> Effect {
    let request = Request::Ask { id, photo, system: System::FastRcnn, question: Question::Heads };
    Effect::Send { to, pixels, request }
}

fn answer() -> Answer {
    Answer::Regions(vec![RegionClasses::default()])
}

#[test]
fn a_question_is_answered_once_and_leaves_the_run_alone() {
    let mut bench = Bench::ready(CPU);
    bench.on(Event::Ask(boxes(7)));
    assert_eq!(bench.on(query(7)), [asked(1, 2, None, 7)], "the worker holds the photo");
    assert_eq!(bench.reply(1, done(1)), []);
    assert_eq!(bench.reply(1, Reply::Answer { id: 2, answer: answer() }), [Effect::Answer(Some(answer()))]);
    assert_eq!(bench.reply(1, Reply::Answer { id: 2, answer: answer() }), []);
    assert_eq!(bench.phase(), Phase::Done);
}

#[test]
fn a_photo_that_the_worker_does_not_hold_is_sent_while_it_is_idle() {
    let mut bench = Bench::new(CPU);
    assert_eq!(bench.on(query(7)), [asked(1, 1, Some(7), 7)]);
    bench.reply(1, ready(Backend::Cpu));
    bench.reply(1, Reply::Answer { id: 1, answer: answer() });
    assert_eq!(bench.on(query(7)), [asked(1, 2, None, 7)]);
    bench.reply(1, Reply::Answer { id: 2, answer: answer() });
    bench.on(Event::Frame(boxes(90)));
    assert_eq!(bench.on(query(7)), [MISSED], "another photo is looked at");
    let mut idle = Bench { engine: Engine::new(None), now: 0.0 };
    assert_eq!(idle.on(query(7)), [MISSED]);
}

#[test]
fn a_question_is_lost_with_its_photo_and_with_the_worker() {
    let mut bench = Bench::ready(CPU);
    bench.on(query(7));
    assert_eq!(bench.on(Event::Ask(boxes(8))), [MISSED, run(1, 2, Some(8), &boxes(8))]);
    assert_eq!(bench.reply(1, failed(Some(1), FailureKind::Internal)), [], "it is nobody's any more");
    bench.reply(1, done(2));
    bench.on(query(8));
    assert_eq!(bench.reply(1, Reply::Cancelled { id: 3 }), [MISSED]);
    bench.on(query(8));
    let effects = bench.on(Event::Crashed(1, "out of stack".into()));
    assert!(effects.contains(&MISSED), "{effects:?}");
    bench.on(query(8));
    let effects = bench.reply(2, failed(Some(5), FailureKind::Download));
    assert!(effects.contains(&MISSED) && bench.engine.status().stopped, "{effects:?}");
    assert!(matches!(effects.last(), Some(Effect::Fault { retry: true, .. })));
}
