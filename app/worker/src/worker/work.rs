//! What is done for clients, one job at a time.

use std::rc::Rc;

use lookout_protocol::{FailureKind, Reply};
use model::structures::question::Answer;

use super::{
    State,
    client::Client,
    lost,
    page::{now, pause, task_boundary},
    runs::{Job, PageObserver, RunEnd},
};

/// Milliseconds after which a client that waits for another one's run hears that the worker is alive.
const ALIVE_MS: f64 = 500.0;

/// Waits until the device is free and nobody has waited for longer.
///
/// # Arguments
/// * `id` - names the run or question to the page.
/// * `in_vain` - see [`crate::turns::Turns::begin`].
///
/// # Returns
/// Whether it has the device; not if nobody wants it any more.
pub async fn take_turn(state: &State, client: &Client, id: u32, in_vain: u32, is_wanted: impl Fn() -> bool) -> bool {
    let ticket = state.turns.borrow_mut().queue(client.number);
    let mut heard = now();
    while is_wanted() {
        if state.turns.borrow_mut().begin(ticket, in_vain, now()) {
            return true;
        }
        pause(4).await;
        if now() - heard >= ALIVE_MS {
            client.post(&Reply::Stages { id, stages: Vec::new() });
            heard = now();
        }
    }
    state.turns.borrow_mut().leave(ticket);
    false
}

/// Runs systems or asks one, unless a newer run or question comes first.
pub async fn work(state: &'static State, client: Rc<Client>, id: u32, of: u32, job: Job) {
    // Messages that are already waiting (a cancel, a newer run) are heard before the work starts.
    task_boundary().await;
    let is_wanted = || client.wants(id, &job);
    let goes_on = || is_wanted() && !state.turns.borrow().is_over(now());
    let observer = PageObserver::new(&client, id, &job, &goes_on);
    let (mut is_first, mut in_vain) = (true, 0);
    while take_turn(state, &client, id, in_vain, is_wanted).await {
        let result = turn(state, &client, of, &job, &observer, is_first).await;
        state.turns.borrow_mut().end();
        // It has given way to another client's, and goes on where it was.
        if matches!(result, Err(RunEnd::Cancelled)) && is_wanted() {
            is_first = false;
            in_vain = if observer.give_way() { 0 } else { in_vain + 1 };
            continue;
        }
        return end(&client, id, &job, &observer, result).await;
    }
    finish(&job, &observer);
    client.post(&Reply::Cancelled { id });
}

/// Works on a job until it is done or has to give way.
async fn turn(
    state: &State,
    client: &Client,
    of: u32,
    job: &Job,
    observer: &PageObserver<'_>,
    is_first: bool,
) -> Result<Option<Answer>, RunEnd> {
    let internal = |detail: String| RunEnd::Failed((FailureKind::Internal, detail));
    // The photo may be replaced while the GPU works: take it, give it back.
    let Some(mut photo) = client.photo.take() else { return Err(internal("no photo was sent".into())) };
    let result = if photo.id == of {
        if let Job::Run { again, kept, .. } = job
            && is_first
        {
            if *again {
                photo.forget();
            }
            photo.keep(kept);
        }
        state.systems.work(job, &mut photo, observer).await
    } else {
        Err(internal(format!("photo {of} is not the one here ({})", photo.id)))
    };
    // Back in its place, unless a newer photo has come meanwhile.
    client.photo.borrow_mut().get_or_insert(photo);
    result
}

/// Says how a job has ended.
async fn end(client: &Client, id: u32, job: &Job, observer: &PageObserver<'_>, result: Result<Option<Answer>, RunEnd>) {
    if matches!(result, Err(RunEnd::Failed((FailureKind::Network, _)))) {
        hear_of_loss().await;
    }
    let is_wanted = client.wants(id, job);
    let end = match result {
        Ok(Some(answer)) if is_wanted => return client.post(&Reply::Answer { id, answer }),
        Ok(None) if is_wanted => return client.post(&Reply::Done { id, stages: observer.take_unsaid() }),
        Err(RunEnd::Failed((FailureKind::Network, detail))) if is_wanted && lost::is_lost() => {
            Reply::Failed { id: Some(id), why: FailureKind::DeviceLost, detail }
        }
        Err(RunEnd::Failed((why, detail))) if is_wanted => Reply::Failed { id: Some(id), why, detail },
        _ => Reply::Cancelled { id },
    };
    finish(job, observer);
    client.post(&end);
}

/// Says what was done by then: it counts.
fn finish(job: &Job, observer: &PageObserver<'_>) {
    if matches!(job, Job::Run { .. }) {
        observer.say();
    }
}

/// A device that is lost first fails what it was doing and only then says that it is lost: waits up to a second for that.
async fn hear_of_loss() {
    for _ in 0..20 {
        if lost::is_lost() {
            return;
        }
        pause(50).await;
    }
}
