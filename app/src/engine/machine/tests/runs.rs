//! A photo and its runs: sent once, cancelled, replaced, completed.

use super::*;

#[test]
fn a_photo_that_came_before_the_backend_is_sent_with_the_worker() {
    let mut bench = Bench { engine: Engine::new(None), now: 0.0 };
    assert_eq!(bench.on(Event::Ask(boxes(7))), []);
    assert_eq!(bench.phase(), Phase::Running);
    let first = [Effect::Open(1, Backend::Cpu), run(1, 1, Some(7), &boxes(7))];
    assert_eq!(bench.on(Event::Chosen(CPU)), first);
    let known = bench.reply(1, stages_of(1));
    assert!(matches!(known[..], [Effect::Stages { photo: 7, wall_ms: 20.0, .. }]), "{known:?}");
    assert_eq!(bench.reply(1, done(1)), []);
    assert_eq!(bench.phase(), Phase::Done);
}

#[test]
fn stages_that_come_with_the_end_of_a_run_are_the_results() {
    let mut bench = Bench::ready(CPU);
    bench.on(Event::Ask(boxes(7)));
    let known = bench.reply(1, Reply::Done { id: 1, stages: stages() });
    assert!(matches!(known[..], [Effect::Stages { photo: 7, .. }]), "{known:?}");
    assert_eq!(bench.phase(), Phase::Done);
}

#[test]
fn the_pixels_are_sent_once_a_photo() {
    let mut bench = Bench::ready(CPU);
    assert_eq!(bench.on(Event::Ask(boxes(7))), [run(1, 1, Some(7), &boxes(7))]);
    bench.reply(1, done(1));
    let masks = job(7, &[System::Masks]);
    assert_eq!(bench.on(Event::Ask(masks.clone())), [run(1, 2, None, &masks)]);
}

#[test]
fn loading_and_device_belong_to_the_worker() {
    let mut bench = Bench::new(CPU);
    bench.reply(1, Reply::Progress { what: Loading::Module, loaded: 1e6, total: 2e6, cached: false });
    assert!(bench.engine.status().loading.module.is_some() && bench.engine.status().device.is_none());
    bench.reply(1, ready(Backend::Cpu));
    assert_eq!(bench.engine.status().device.as_deref(), Some("a Cpu"));
    bench.on(Event::Switch(Backend::Gpu, None));
    let status = bench.engine.status();
    assert_eq!((status.loading, status.device, status.choice), (LoadState::default(), None, Some(GPU)));
}

#[test]
fn a_cancelled_run_is_cancelled_in_the_worker_and_its_late_stages_still_count() {
    let mut bench = Bench::ready(CPU);
    bench.on(Event::Ask(boxes(7)));
    assert_eq!(bench.on(Event::Cancel), [request(1, Request::Cancel { id: 1 })]);
    assert_eq!(bench.phase(), Phase::Cancelled);
    assert!(matches!(bench.reply(1, stages_of(1))[..], [Effect::Stages { photo: 7, .. }]));
    assert_eq!(bench.reply(1, Reply::Cancelled { id: 1 }), []);
    assert_eq!(bench.phase(), Phase::Cancelled);
    assert_eq!(bench.on(Event::Cancel), [], "there is nothing to cancel any more");
    // Even if the worker was quicker than the cancel.
    bench.on(Event::Ask(boxes(7)));
    bench.on(Event::Cancel);
    assert_eq!(bench.reply(1, done(2)), []);
    assert_eq!(bench.phase(), Phase::Cancelled);
}

#[test]
fn a_cancelled_run_that_does_not_stop_is_ended_with_its_worker_on_the_cpu_only() {
    for (choice, ended) in [(CPU, vec![Effect::Close(1), Effect::Open(2, Backend::Cpu)]), (GPU, vec![])] {
        let mut bench = Bench::ready(choice);
        bench.on(Event::Ask(boxes(7)));
        bench.on(Event::Cancel);
        assert_eq!(bench.wait(3), ended);
    }
    let mut bench = Bench::ready(CPU);
    bench.on(Event::Ask(boxes(7)));
    bench.on(Event::Cancel);
    bench.reply(1, Reply::Cancelled { id: 1 });
    assert_eq!(bench.wait(3), [], "it did stop");
}

#[test]
fn a_newer_photo_replaces_the_one_in_progress_and_its_stages_are_dropped() {
    let mut bench = Bench::ready(CPU);
    bench.on(Event::Ask(boxes(7)));
    assert_eq!(bench.on(Event::Ask(boxes(8))), [run(1, 2, Some(8), &boxes(8))]);
    assert_eq!(bench.reply(1, stages_of(1)), [], "a stage of the photo before");
    assert_eq!(bench.reply(1, Reply::Cancelled { id: 1 }), []);
    assert_eq!(bench.phase(), Phase::Running);
    assert!(matches!(bench.reply(1, stages_of(2))[..], [Effect::Stages { photo: 8, .. }]));
    bench.reply(1, done(2));
    assert_eq!(bench.phase(), Phase::Done);
}

#[test]
fn another_task_replaces_the_run_and_the_stages_of_both_count() {
    let mut bench = Bench::ready(CPU);
    bench.on(Event::Ask(boxes(7)));
    let masks = job(7, &[System::Masks]);
    assert_eq!(bench.on(Event::Ask(masks.clone())), [run(1, 2, None, &masks)]);
    assert!(matches!(bench.reply(1, stages_of(1))[..], [Effect::Stages { photo: 7, .. }]));
    bench.reply(1, failed(Some(1), FailureKind::Network));
    assert_eq!(bench.phase(), Phase::Running, "the failure of a run that nobody waits for is no news");
    bench.reply(1, done(2));
    assert_eq!(bench.phase(), Phase::Done);
}

#[test]
fn what_is_known_already_ends_the_wait_but_not_the_run() {
    let mut bench = Bench::ready(CPU);
    bench.on(Event::Ask(boxes(7)));
    assert_eq!(bench.on(Event::Settle), []);
    assert_eq!(bench.phase(), Phase::Done);
    assert!(matches!(bench.reply(1, stages_of(1))[..], [Effect::Stages { photo: 7, .. }]));
    bench.on(Event::Ask(boxes(8)));
    assert_eq!(bench.on(Event::Recall { known: false }), [request(1, Request::Cancel { id: 2 })]);
    assert_eq!(bench.phase(), Phase::Idle);
}

#[test]
fn details_are_fetched_behind_a_result_that_stays() {
    let mut bench = Bench::ready(CPU);
    bench.on(Event::Ask(boxes(7)));
    bench.reply(1, done(1));
    let inside = Job { inside: true, background: true, ..boxes(7) };
    assert_eq!(bench.on(Event::Ask(inside.clone())), [run(1, 2, None, &inside)]);
    assert_eq!(bench.phase(), Phase::Done);
    bench.on(Event::Cancel);
    assert_eq!(bench.phase(), Phase::Done);
    bench.on(Event::Ask(inside));
    bench.reply(1, failed(Some(3), FailureKind::Memory));
    assert_eq!(bench.phase(), Phase::Done);
    assert!(bench.engine.status().stopped);
}
