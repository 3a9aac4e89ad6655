//! Workers that crash, hang or lose their device, and pixels that cannot be had.

use super::*;

#[test]
fn a_crashed_worker_is_replaced_and_the_photo_sent_again() {
    let mut bench = Bench::ready(CPU);
    bench.on(Event::Ask(boxes(7)));
    let effects = bench.on(Event::Crashed(1, "out of stack".into()));
    assert_eq!(notices(&effects), 1);
    let replaced = [Effect::Close(1), Effect::Open(2, Backend::Cpu), run(2, 1, Some(7), &boxes(7))];
    assert_eq!(work(effects), replaced);
    // What the first worker still had in its queue is not heard, and does not feed the watchdog of the second.
    assert_eq!(bench.reply(1, done(1)), []);
    assert_eq!(bench.on(Event::Crashed(1, "again".into())), []);
    assert_eq!((bench.phase(), bench.engine.status().device), (Phase::Running, None));
    bench.reply(2, done(1));
    assert_eq!(bench.phase(), Phase::Done);
    // A result forgives: the next crash is the first again.
    let effects = bench.on(Event::Crashed(2, "later".into()));
    assert_eq!(work(effects), [Effect::Close(2), Effect::Open(3, Backend::Cpu)]);
}

#[test]
fn a_worker_that_crashes_twice_is_given_up_until_the_visitor_tries_again() {
    let mut bench = Bench::ready(CPU);
    bench.on(Event::Ask(boxes(7)));
    bench.on(Event::Crashed(1, "once".into()));
    let effects = bench.on(Event::Crashed(2, "twice".into()));
    assert!(matches!(effects.last(), Some(Effect::Fault { retry: true, .. })), "{effects:?}");
    assert_eq!(work(effects), [Effect::Close(2)]);
    assert_eq!((bench.phase(), bench.engine.status().stopped), (Phase::Failed, true));
    let again = bench.on(Event::Retry(Some(boxes(7))));
    assert_eq!(again, [Effect::Open(3, Backend::Cpu), run(3, 2, Some(7), &boxes(7))]);
    assert_eq!((bench.phase(), bench.engine.status().stopped), (Phase::Running, false));
}

#[test]
fn a_new_photo_is_a_new_try() {
    let mut bench = Bench::ready(CPU);
    bench.reply(1, failed(None, FailureKind::Download));
    assert!(bench.engine.status().stopped);
    assert_eq!(bench.on(Event::Ask(boxes(7))), [Effect::Open(2, Backend::Cpu), run(2, 1, Some(7), &boxes(7))]);
}

#[test]
fn the_watchdog_notices_silence_and_only_while_something_is_awaited() {
    let mut bench = Bench::ready(CPU);
    assert_eq!(bench.wait(100), [], "nothing was asked");
    bench.on(Event::Ask(boxes(7)));
    assert_eq!(bench.wait(40), []);
    bench.reply(1, stages_of(1));
    assert_eq!(bench.wait(40), [], "a stage is a sign of life");
    let effects = bench.wait(6);
    assert_eq!(notices(&effects), 1);
    assert_eq!(work(effects), [Effect::Close(1), Effect::Open(2, Backend::Cpu), run(2, 1, Some(7), &boxes(7))]);
    // Once warm, less patience.
    bench.reply(2, done(1));
    bench.on(Event::Ask(boxes(8)));
    assert_eq!(work(bench.wait(31)).len(), 3);
}

#[test]
fn the_address_can_set_the_watchdog() {
    let mut bench = Bench { engine: Engine::new(Some(2_500.0)), now: 0.0 };
    bench.on(Event::Chosen(CPU));
    bench.on(Event::Ask(boxes(7)));
    assert_eq!(work(bench.wait(2)), []);
    assert_eq!(work(bench.wait(1)).len(), 3);
}

#[test]
fn a_lost_device_is_tried_once_more_then_the_cpu_takes_over() {
    let mut bench = Bench::ready(GPU);
    bench.on(Event::Ask(boxes(7)));
    let lost = || failed(None, FailureKind::DeviceLost);
    let again = work(bench.reply(1, lost()));
    assert_eq!(again, [Effect::Close(1), Effect::Open(2, Backend::Gpu), run(2, 1, Some(7), &boxes(7))]);
    let moved = work(bench.reply(2, lost()));
    let cpu = [Effect::Forget, Effect::Close(2), Effect::Open(3, Backend::Cpu), run(3, 1, Some(7), &boxes(7))];
    assert_eq!(moved, cpu);
    assert_eq!(bench.choice(), Some(Choice { backend: Backend::Cpu, why: Why::GpuFailed }));
    bench.reply(3, done(1));
    assert_eq!(bench.phase(), Phase::Done);
}

#[test]
fn pixels_that_cannot_be_had_fail_the_run_and_not_the_worker() {
    let mut bench = Bench::ready(CPU);
    bench.on(Event::Ask(boxes(7)));
    let fault = Effect::Fault { sentence: "No room.".into(), retry: false };
    assert_eq!(bench.on(Event::NoPixels("No room.".into())), [fault]);
    assert_eq!((bench.phase(), bench.engine.status().stopped), (Phase::Failed, false));
    assert_eq!(bench.on(Event::Ask(boxes(7))), [run(1, 2, Some(7), &boxes(7))], "the worker does not hold the photo");
}

#[test]
fn a_new_worker_gets_what_the_lost_one_had_done() {
    let mut bench = Bench::ready(GPU);
    bench.on(Event::Ask(boxes(7)));
    let kept = |passes: u32, bytes: &[u8]| Kept {
        key: "rcnn-crops".into(),
        settings: "2000".into(),
        ms: f64::from(passes),
        passes,
        bytes: bytes.to_vec(),
    };
    bench.reply(1, Reply::Kept { id: 1, kept: kept(3, b"abc") });
    bench.reply(1, Reply::Kept { id: 1, kept: kept(5, b"de") });
    bench.reply(1, Reply::Kept { id: 9, kept: kept(6, b"another run's") });
    let again = work(bench.reply(1, failed(None, FailureKind::DeviceLost)));
    let Some(Effect::Send { request: Request::Run { kept: given, .. }, .. }) = again.last() else {
        panic!("the run is sent again: {again:?}")
    };
    assert_eq!(given, &[kept(5, b"abcde")]);
    // A run that was asked for anew begins anew.
    let asked = work(bench.on(Event::Ask(boxes(7))));
    assert!(matches!(asked.last(), Some(Effect::Send { request: Request::Run { kept, .. }, .. }) if kept.is_empty()));
}
