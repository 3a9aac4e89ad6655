//! Workers that are gone with another frame of the page.

use super::*;

#[test]
fn a_worker_that_is_gone_is_replaced_without_a_word_and_the_run_goes_on() {
    let mut bench = Bench::ready(CPU);
    bench.on(Event::Ask(boxes(7)));
    let kept = Kept { key: "rcnn-crops".into(), settings: "2000".into(), ms: 3.0, passes: 3, bytes: b"abc".to_vec() };
    bench.reply(1, Reply::Kept { id: 1, kept: kept.clone() });
    let effects = bench.on(Event::Gone(1));
    let [Effect::Close(1), Effect::Open(2, Backend::Cpu), Effect::Send { to: 2, pixels: Some(7), request }] =
        &effects[..]
    else {
        panic!("{effects:?}")
    };
    assert!(matches!(request, Request::Run { id: 1, kept: given, .. } if given == &[kept]));
    assert_eq!((bench.phase(), bench.choice()), (Phase::Running, Some(CPU)));
    assert_eq!(bench.on(Event::Gone(1)), [], "it was replaced");
    bench.reply(2, done(1));
    assert_eq!(bench.phase(), Phase::Done);
}

#[test]
fn workers_that_are_gone_are_no_failures() {
    let mut bench = Bench::ready(CPU);
    bench.on(Event::Ask(boxes(7)));
    for gone in 1..5 {
        assert_eq!(notices(&bench.on(Event::Gone(gone))), 0);
    }
    let effects = bench.on(Event::Crashed(5, "a real one".into()));
    assert_eq!(work(effects)[1], Effect::Open(6, Backend::Cpu), "the first failure is still one that is tried again");
}

#[test]
fn what_is_beside_runs_is_asked_again() {
    let mut bench = Bench::ready(CPU);
    bench.on(Event::Frame(boxes(3)));
    let effects = bench.on(Event::Gone(1));
    assert!(effects.contains(&Effect::Frame(Err(Missed::Overtaken))), "{effects:?}");
}

#[test]
fn a_cpu_that_is_gone_leaves_a_timed_gpu() {
    let mut bench = Bench::ready(RACE);
    bench.reply(2, ready(Backend::Gpu));
    bench.on(Event::Ask(boxes(7)));
    bench.reply(2, Reply::NetworkTime { ms: 9.0 });
    assert_eq!(bench.on(Event::Gone(1)), [Effect::Close(1), run(2, 1, Some(7), &boxes(7))]);
    assert_eq!(bench.choice(), Some(Choice { backend: Backend::Gpu, why: Why::Faster }));
}

#[test]
fn a_gpu_that_is_gone_in_the_race_is_started_again_until_it_is_timed() {
    let mut bench = Bench::ready(RACE);
    let again = [Effect::Close(2), Effect::Open(3, Backend::Gpu), request(3, Request::TimeNetwork)];
    assert_eq!(bench.on(Event::Gone(2)), again);
    bench.reply(3, Reply::NetworkTime { ms: 9.0 });
    assert_eq!(bench.on(Event::Gone(3)), [Effect::Close(3)]);
    assert_eq!(bench.choice(), Some(Choice { backend: Backend::Cpu, why: Why::Faster }));
}
