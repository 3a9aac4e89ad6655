//! Frames: the camera's, and photos that are not on show.

use super::*;

const OVERTAKEN: Effect = Effect::Frame(Err(Missed::Overtaken));

#[test]
fn a_frame_of_the_camera_is_answered_with_its_runs() {
    let mut bench = Bench::ready(CPU);
    assert_eq!(bench.on(Event::Frame(boxes(90))), [run(1, 1, Some(90), &boxes(90))]);
    assert_eq!(bench.reply(1, stages_of(1)), [], "stages wait for the whole answer");
    let answer = bench.reply(1, done(1));
    let mut expected = Run::new(System::Ssd);
    stages().into_iter().for_each(|it| expected.note(it.stage));
    assert_eq!(answer, [Effect::Frame(Ok(vec![expected]))]);
    assert_eq!(bench.phase(), Phase::Idle, "the photo's run is another matter");
    // The frame took the photo's place.
    assert_eq!(bench.on(Event::Ask(boxes(7))), [run(1, 2, Some(7), &boxes(7))]);
}

#[test]
fn a_frame_is_missed_without_a_worker_or_when_it_is_replaced() {
    let mut idle = Bench { engine: Engine::new(None), now: 0.0 };
    assert_eq!(idle.on(Event::Frame(boxes(90))), [OVERTAKEN]);
    let mut bench = Bench::ready(CPU);
    bench.on(Event::Frame(boxes(90)));
    let missed = work(bench.on(Event::Crashed(1, "a frame too many".into())));
    let [Effect::Close(1), Effect::Open(2, Backend::Cpu), Effect::Frame(Err(Missed::Failed(why)))] = &missed[..] else {
        panic!("{missed:?}");
    };
    assert!(why.contains("stopped"), "{why}");
    assert_eq!(bench.reply(1, done(1)), []);
    bench.on(Event::Frame(boxes(91)));
    let given_up = work(bench.on(Event::Crashed(2, "again".into())));
    assert!(matches!(given_up[..], [Effect::Close(2), Effect::Frame(Err(Missed::Failed(_)))]), "{given_up:?}");
}

#[test]
fn a_closed_camera_cancels_its_frame() {
    let mut bench = Bench::ready(CPU);
    bench.on(Event::Frame(boxes(90)));
    assert_eq!(bench.on(Event::DropFrame), [request(1, Request::Cancel { id: 1 })]);
    assert_eq!(bench.reply(1, done(1)), []);
    assert_eq!(bench.on(Event::DropFrame), []);
}

#[test]
fn the_photo_on_show_goes_before_a_frame_and_overtakes_it() {
    let mut bench = Bench::ready(CPU);
    bench.on(Event::Ask(boxes(7)));
    assert_eq!(bench.on(Event::Frame(boxes(90))), [OVERTAKEN], "the page waits for another run");
    bench.reply(1, done(1));
    assert_eq!(bench.on(Event::Frame(boxes(90))), [run(1, 3, Some(90), &boxes(90))]);
    assert_eq!(bench.on(Event::Ask(boxes(7))), [run(1, 4, Some(7), &boxes(7))]);
    assert_eq!(bench.reply(1, Reply::Cancelled { id: 3 }), [OVERTAKEN]);
    assert_eq!((bench.reply(1, done(4)), bench.phase()), (vec![], Phase::Done));
}
