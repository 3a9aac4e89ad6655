//! The backends' race.

use super::*;

#[test]
fn the_gpu_takes_over_when_it_has_won_and_the_cpu_is_idle() {
    let mut bench = Bench { engine: Engine::new(None), now: 0.0 };
    let begun = bench.on(Event::Chosen(RACE));
    let both = [Effect::Open(1, Backend::Cpu), Effect::Open(2, Backend::Gpu), request(2, Request::TimeNetwork)];
    assert_eq!(begun, both);
    bench.reply(1, ready(Backend::Cpu));
    bench.reply(2, ready(Backend::Gpu));
    assert_eq!(bench.engine.status().device.as_deref(), Some("a Cpu"));
    assert_eq!(bench.reply(2, Reply::NetworkTime { ms: 9.0 }), [request(1, Request::TimeNetwork)]);
    bench.on(Event::Ask(boxes(7)));
    let won = work(bench.reply(1, Reply::NetworkTime { ms: 40.0 }));
    assert_eq!(won, [Effect::Remember(Backend::Gpu)], "the CPU answers first");
    assert_eq!(bench.choice(), Some(RACE));
    assert_eq!(bench.reply(1, done(1)), [Effect::Close(1)]);
    assert_eq!(bench.choice(), Some(Choice { backend: Backend::Gpu, why: Why::Faster }));
    assert_eq!((bench.engine.status().device.as_deref(), bench.phase()), (Some("a Gpu"), Phase::Done));
    assert_eq!(bench.on(Event::Ask(boxes(7))), [run(2, 2, Some(7), &boxes(7))], "the GPU's worker has no photo yet");
}

#[test]
fn a_cancelled_run_holds_the_handover_until_it_has_stopped() {
    let mut bench = Bench::ready(RACE);
    bench.on(Event::Ask(boxes(7)));
    bench.on(Event::Cancel);
    bench.reply(2, Reply::NetworkTime { ms: 9.0 });
    assert_eq!(work(bench.reply(1, Reply::NetworkTime { ms: 40.0 })), [Effect::Remember(Backend::Gpu)]);
    assert_eq!(bench.reply(1, Reply::Cancelled { id: 1 }), [Effect::Close(1)]);
}

#[test]
fn the_cpu_stays_when_it_is_faster() {
    let mut bench = Bench::ready(RACE);
    bench.reply(2, Reply::NetworkTime { ms: 440.0 });
    let ended = work(bench.reply(1, Reply::NetworkTime { ms: 40.0 }));
    assert_eq!(ended, [Effect::Remember(Backend::Cpu), Effect::Close(2)]);
    assert_eq!(bench.choice(), Some(Choice { backend: Backend::Cpu, why: Why::Faster }));
}

#[test]
fn a_gpu_that_fails_in_the_race_disturbs_nobody() {
    for (why, kept) in [(FailureKind::Network, true), (FailureKind::Download, false)] {
        let mut bench = Bench::ready(RACE);
        bench.on(Event::Ask(boxes(7)));
        let effects = bench.reply(2, failed(None, why));
        assert_eq!(notices(&effects), 0);
        assert_eq!(effects.contains(&Effect::Remember(Backend::Cpu)), kept);
        assert_eq!(effects.last(), Some(&Effect::Close(2)));
        assert_eq!(bench.choice(), Some(Choice { backend: Backend::Cpu, why: Why::GpuFailed }));
        bench.reply(1, done(1));
        assert_eq!(bench.phase(), Phase::Done);
    }
    let mut bench = Bench::ready(RACE);
    assert_eq!(work(bench.on(Event::Crashed(2, "no second worker".into()))), [Effect::Close(2)]);
    let mut bench = Bench::ready(RACE);
    assert_eq!(bench.wait(70), [Effect::Close(2)], "it says nothing");
}

#[test]
fn the_race_goes_on_when_the_cpus_worker_is_replaced() {
    let mut bench = Bench::ready(RACE);
    bench.reply(2, Reply::NetworkTime { ms: 9.0 });
    let again = work(bench.on(Event::Crashed(1, "while it was timed".into())));
    assert_eq!(again, [Effect::Close(1), Effect::Open(3, Backend::Cpu), request(3, Request::TimeNetwork)]);
    let won = work(bench.reply(3, Reply::NetworkTime { ms: 40.0 }));
    assert_eq!(won, [Effect::Remember(Backend::Gpu), Effect::Close(3)]);
}

#[test]
fn the_visitors_choice_ends_the_race() {
    let mut bench = Bench::ready(RACE);
    let switched = bench.on(Event::Switch(Backend::Gpu, Some(boxes(7))));
    let fresh = [Effect::Close(1), Effect::Close(2), Effect::Open(3, Backend::Gpu), run(3, 1, Some(7), &boxes(7))];
    assert_eq!(switched, fresh);
    assert_eq!(bench.choice(), Some(GPU));
}
