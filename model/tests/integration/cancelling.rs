//! Runs that are cancelled: before each stage of every system, and in the middle of long stages. Nothing that was done is lost.

use std::cell::{Cell, RefCell};

use burn::tensor::Device;
use model::{
    annotate::WeightFiles,
    catalog::{CATALOG, System},
    device::RunError,
    photo::Photo,
    run::Run,
    structures::stage::{Artifact, Stage},
    systems::{Context, Detector, LocalBoxFuture, Networks, Observer, Settings, StageCache, load},
};

use crate::files::{photo, weight_files};

/// Ends a run after it was asked so often whether it goes on.
struct Patience {
    left: Cell<usize>,
    run: RefCell<Run>,
}

impl Patience {
    fn new(system: System, left: usize) -> Self {
        Self { left: Cell::new(left), run: RefCell::new(Run::new(system)) }
    }
}

impl Observer for Patience {
    fn is_inside(&self) -> bool {
        false
    }

    fn stage(&self, stage: Stage) {
        self.run.borrow_mut().note(stage);
    }

    fn goes_on(&self) -> LocalBoxFuture<'_, bool> {
        let left = self.left.get();
        self.left.set(left.saturating_sub(1));
        Box::pin(std::future::ready(left > 0))
    }
}

/// A photo on which every system has something to do, and settings that keep the long ones short.
fn subject() -> (Photo, Settings) {
    (photo("stage.jpg"), Settings { searched_proposals: 40, map_size: Some((32, 32)), ..Settings::default() })
}

/// Runs a system until it has been asked `patience` times whether it goes on.
fn attempt(
    system: System,
    detector: &dyn Detector,
    (photo, settings): &(Photo, Settings),
    (device, cache): (&Device, &mut StageCache),
    patience: usize,
) -> (Result<(), RunError>, Run) {
    let observer = Patience::new(system, patience);
    let mut context = Context::new(photo, device, settings, cache, &observer);
    let end = pollster::block_on(detector.run(&mut context));
    (end, observer.run.into_inner())
}

/// What the last stage says.
fn result(run: &Run) -> Option<&Artifact> {
    run.stages.last().filter(|stage| stage.progress.is_none()).and_then(|stage| stage.artifact.as_ref())
}

#[test]
fn a_run_can_be_cancelled_anywhere_and_goes_on_from_there() {
    let networks: Networks<WeightFiles> = Networks::new(weight_files(), Device::flex());
    let device = networks.device().clone();
    let subject = subject();
    for info in CATALOG {
        let (system, key) = (info.system, info.key);
        let detector = pollster::block_on(load(system, &networks)).expect("the weights are there");
        let whole = attempt(system, detector.as_ref(), &subject, (&device, &mut StageCache::default()), usize::MAX);
        whole.0.expect("nobody cancels it");
        let mut cache = StageCache::default();
        // One step further each time; a stage that begins anew when it was interrupted gets one step more.
        let (mut cancelled, mut patience, mut reached) = (0, 1, (0, 0));
        let run = loop {
            assert!(cancelled < 500, "{key}: no progress");
            match attempt(system, detector.as_ref(), &subject, (&device, &mut cache), patience) {
                (Ok(()), run) => break run,
                (Err(RunError::Cancelled), run) => {
                    assert!(result(&run).is_none() || run.stages.len() < info.stages.len(), "{key} had its result");
                    let steps = run.stages.last().and_then(|stage| stage.progress).map_or(0, |it| it.done);
                    let now = (run.stages.len(), steps);
                    patience = if now > reached { 1 } else { patience + 1 };
                    (reached, cancelled) = (reached.max(now), cancelled + 1);
                }
                (Err(error), _) => panic!("{key}: {error}"),
            }
        };
        assert!(cancelled > 0, "{key}: it was never cancelled");
        assert_eq!(result(&run), result(&whole.1), "{key}: the result of many short runs is that of one long run");
        let passes = |run: &Run| run.stages.iter().map(|stage| stage.passes).collect::<Vec<_>>();
        assert_eq!(passes(&run), passes(&whole.1), "{key}: nothing is counted twice");
    }
}
