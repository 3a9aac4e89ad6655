use lookout_protocol::{FailureKind, Loading};
use model::structures::stage::Progress;

use super::*;
use crate::engine::loading::LoadState;

const CPU: Choice = Choice { backend: Backend::Cpu, why: Why::NoWebGpu };
const GPU: Choice = Choice { backend: Backend::Gpu, why: Why::Asked };
const RACE: Choice = Choice { backend: Backend::Cpu, why: Why::Race };

/// The engine with a clock: 10 ms pass before each event.
struct Bench {
    engine: Engine,
    now: f64,
}

impl Bench {
    fn new(choice: Choice) -> Self {
        let mut bench = Self { engine: Engine::new(None), now: 0.0 };
        bench.on(Event::Chosen(choice));
        bench
    }

    /// As [`Bench::new`], with a worker that is up.
    fn ready(choice: Choice) -> Self {
        let mut bench = Self::new(choice);
        bench.reply(1, ready(choice.backend));
        bench
    }

    fn on(&mut self, event: Event) -> Vec<Effect> {
        self.now += 10.0;
        self.engine.on(event, self.now)
    }

    fn reply(&mut self, from: SessionId, reply: Reply) -> Vec<Effect> {
        self.on(Event::Reply(from, reply))
    }

    /// Ticks once a second; the effects of all ticks.
    fn wait(&mut self, seconds: u32) -> Vec<Effect> {
        let tick = |_| {
            self.now += 1_000.0;
            self.engine.on(Event::Tick, self.now)
        };
        (0..seconds).flat_map(tick).collect()
    }

    fn phase(&self) -> Phase {
        self.engine.status().phase
    }

    fn choice(&self) -> Option<Choice> {
        self.engine.status().choice
    }
}

fn job(photo: u32, systems: &[System]) -> Job {
    Job { photo, systems: systems.to_vec(), inside: false, background: false }
}

fn boxes(photo: u32) -> Job {
    job(photo, &[System::Ssd])
}

fn run(to: SessionId, id: u32, pixels: Option<u32>, job: &Job) -> Effect {
    let Job { photo, inside, .. } = *job;
    let request = Request::Run { id, photo, systems: job.systems.clone(), inside, again: false };
    Effect::Send { to, pixels, request }
}

fn request(to: SessionId, request: Request) -> Effect {
    Effect::Send { to, pixels: None, request }
}

fn ready(backend: Backend) -> Reply {
    Reply::Ready { backend, device: format!("a {backend:?}") }
}

fn stage() -> Box<Stage> {
    let progress = Some(Progress { done: 1, total: 2 });
    Box::new(Stage { key: "input".into(), ms: 1.0, passes: 0, reused: false, progress, artifact: None })
}

fn stage_of(id: u32) -> Reply {
    Reply::Stage { id, system: System::Ssd, stage: stage() }
}

fn failed(id: Option<u32>, why: FailureKind) -> Reply {
    Reply::Failed { id, why, detail: "a test".into() }
}

/// What a worker is asked for; the sentences and the log beside it do not matter to most tests.
fn work(effects: Vec<Effect>) -> Vec<Effect> {
    let said = |it: &Effect| matches!(it, Effect::Notice(_) | Effect::Log(_) | Effect::Fault { .. });
    effects.into_iter().filter(|it| !said(it)).collect()
}

fn notices(effects: &[Effect]) -> usize {
    effects.iter().filter(|it| matches!(it, Effect::Notice(_))).count()
}

#[test]
fn a_photo_that_came_before_the_backend_is_sent_with_the_worker() {
    let mut bench = Bench { engine: Engine::new(None), now: 0.0 };
    assert_eq!(bench.on(Event::Ask(boxes(7))), []);
    assert_eq!(bench.phase(), Phase::Running);
    let first = [Effect::Open(1, Backend::Cpu), run(1, 1, Some(7), &boxes(7))];
    assert_eq!(bench.on(Event::Chosen(CPU)), first);
    let known = bench.reply(1, stage_of(1));
    assert!(matches!(known[..], [Effect::Stage { photo: 7, system: System::Ssd, wall_ms: 20.0, .. }]), "{known:?}");
    assert_eq!(bench.reply(1, Reply::Done { id: 1 }), []);
    assert_eq!(bench.phase(), Phase::Done);
}

#[test]
fn the_pixels_are_sent_once_a_photo() {
    let mut bench = Bench::ready(CPU);
    assert_eq!(bench.on(Event::Ask(boxes(7))), [run(1, 1, Some(7), &boxes(7))]);
    bench.reply(1, Reply::Done { id: 1 });
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
    assert!(matches!(bench.reply(1, stage_of(1))[..], [Effect::Stage { photo: 7, .. }]));
    assert_eq!(bench.reply(1, Reply::Cancelled { id: 1 }), []);
    assert_eq!(bench.phase(), Phase::Cancelled);
    assert_eq!(bench.on(Event::Cancel), [], "there is nothing to cancel any more");
    // Even if the worker was quicker than the cancel.
    bench.on(Event::Ask(boxes(7)));
    bench.on(Event::Cancel);
    assert_eq!(bench.reply(1, Reply::Done { id: 2 }), []);
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
    assert_eq!(bench.reply(1, stage_of(1)), [], "a stage of the photo before");
    assert_eq!(bench.reply(1, Reply::Cancelled { id: 1 }), []);
    assert_eq!(bench.phase(), Phase::Running);
    assert!(matches!(bench.reply(1, stage_of(2))[..], [Effect::Stage { photo: 8, .. }]));
    bench.reply(1, Reply::Done { id: 2 });
    assert_eq!(bench.phase(), Phase::Done);
}

#[test]
fn another_task_replaces_the_run_and_the_stages_of_both_count() {
    let mut bench = Bench::ready(CPU);
    bench.on(Event::Ask(boxes(7)));
    let masks = job(7, &[System::Masks]);
    assert_eq!(bench.on(Event::Ask(masks.clone())), [run(1, 2, None, &masks)]);
    assert!(matches!(bench.reply(1, stage_of(1))[..], [Effect::Stage { photo: 7, .. }]));
    bench.reply(1, failed(Some(1), FailureKind::Network));
    assert_eq!(bench.phase(), Phase::Running, "the failure of a run that nobody waits for is no news");
    bench.reply(1, Reply::Done { id: 2 });
    assert_eq!(bench.phase(), Phase::Done);
}

#[test]
fn what_is_known_already_ends_the_wait_but_not_the_run() {
    let mut bench = Bench::ready(CPU);
    bench.on(Event::Ask(boxes(7)));
    assert_eq!(bench.on(Event::Settle), []);
    assert_eq!(bench.phase(), Phase::Done);
    assert!(matches!(bench.reply(1, stage_of(1))[..], [Effect::Stage { photo: 7, .. }]));
    bench.on(Event::Ask(boxes(8)));
    assert_eq!(bench.on(Event::Recall { known: false }), [request(1, Request::Cancel { id: 2 })]);
    assert_eq!(bench.phase(), Phase::Idle);
}

#[test]
fn details_are_fetched_behind_a_result_that_stays() {
    let mut bench = Bench::ready(CPU);
    bench.on(Event::Ask(boxes(7)));
    bench.reply(1, Reply::Done { id: 1 });
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

#[test]
fn a_crashed_worker_is_replaced_and_the_photo_sent_again() {
    let mut bench = Bench::ready(CPU);
    bench.on(Event::Ask(boxes(7)));
    let effects = bench.on(Event::Crashed(1, "out of stack".into()));
    assert_eq!(notices(&effects), 1);
    let replaced = [Effect::Close(1), Effect::Open(2, Backend::Cpu), run(2, 1, Some(7), &boxes(7))];
    assert_eq!(work(effects), replaced);
    // What the first worker still had in its queue is not heard, and does not feed the watchdog of the second.
    assert_eq!(bench.reply(1, Reply::Done { id: 1 }), []);
    assert_eq!(bench.on(Event::Crashed(1, "again".into())), []);
    assert_eq!((bench.phase(), bench.engine.status().device), (Phase::Running, None));
    bench.reply(2, Reply::Done { id: 1 });
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
    bench.reply(1, stage_of(1));
    assert_eq!(bench.wait(40), [], "a stage is a sign of life");
    let effects = bench.wait(6);
    assert_eq!(notices(&effects), 1);
    assert_eq!(work(effects), [Effect::Close(1), Effect::Open(2, Backend::Cpu), run(2, 1, Some(7), &boxes(7))]);
    // Once warm, less patience.
    bench.reply(2, Reply::Done { id: 1 });
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
    bench.reply(3, Reply::Done { id: 1 });
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
    assert_eq!(bench.reply(1, Reply::Done { id: 1 }), [Effect::Close(1)]);
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
        bench.reply(1, Reply::Done { id: 1 });
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

#[test]
fn a_frame_of_the_camera_is_answered_with_its_runs() {
    let mut bench = Bench::ready(CPU);
    assert_eq!(bench.on(Event::Frame(boxes(90))), [run(1, 1, Some(90), &boxes(90))]);
    assert_eq!(bench.reply(1, stage_of(1)), [], "stages wait for the whole answer");
    let answer = bench.reply(1, Reply::Done { id: 1 });
    let mut expected = Run::new(System::Ssd);
    expected.note(*stage());
    assert_eq!(answer, [Effect::Frame(Some(vec![expected]))]);
    assert_eq!(bench.phase(), Phase::Idle, "the photo's run is another matter");
    // The frame took the photo's place.
    assert_eq!(bench.on(Event::Ask(boxes(7))), [run(1, 2, Some(7), &boxes(7))]);
}

#[test]
fn a_frame_is_missed_without_a_worker_or_when_it_is_replaced() {
    let mut idle = Bench { engine: Engine::new(None), now: 0.0 };
    assert_eq!(idle.on(Event::Frame(boxes(90))), [Effect::Frame(None)]);
    let mut bench = Bench::ready(CPU);
    bench.on(Event::Frame(boxes(90)));
    let missed = work(bench.on(Event::Crashed(1, "a frame too many".into())));
    assert_eq!(missed, [Effect::Close(1), Effect::Open(2, Backend::Cpu), Effect::Frame(None)]);
    assert_eq!(bench.reply(1, Reply::Done { id: 1 }), []);
    bench.on(Event::Frame(boxes(91)));
    let given_up = work(bench.on(Event::Crashed(2, "again".into())));
    assert_eq!(given_up, [Effect::Close(2), Effect::Frame(None)]);
}

#[test]
fn a_closed_camera_cancels_its_frame() {
    let mut bench = Bench::ready(CPU);
    bench.on(Event::Frame(boxes(90)));
    assert_eq!(bench.on(Event::DropFrame), [request(1, Request::Cancel { id: 1 })]);
    assert_eq!(bench.reply(1, Reply::Done { id: 1 }), []);
    assert_eq!(bench.on(Event::DropFrame), []);
}
