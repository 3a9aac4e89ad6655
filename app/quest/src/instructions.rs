//! How the game is played, on one screen.

use leptos::prelude::*;
use lookout_look::storage::{keep, stored};

/// The key in `localStorage` that says that they were read.
const READ: &str = "lookout-quest-instructions";

/// Whether they were read at an earlier visit.
pub fn are_read() -> bool {
    stored(READ).is_some()
}

/// Notes that they were read.
pub fn note_read() {
    keep(READ, Some("read"));
}

/// The instructions.
#[component]
pub fn Instructions(
    /// Closes them.
    close: impl Fn() + 'static,
) -> impl IntoView {
    view! {
        <section class="quest-card quest-how" aria-labelledby="how-title" data-testid="instructions">
            <h2 id="how-title" class="quest-title">"How to play"</h2>
            <ol class="quest-steps">
                <li><strong>"A data set is drawn. "</strong>"Vectors or pictures, new each time. Its number is in the address: a classmate with the same number plays the same game."</li>
                <li><strong>"Choose three things. "</strong>"The learning rate, the size of the network, and the dropout."</li>
                <li><strong>"Train for an epoch. "</strong>"Really, here in your browser. Two plots show loss and accuracy, on the training examples and on others that are only measured. Their distance is the gap."</li>
                <li><strong>"Look, then decide. "</strong>"Both losses fall: go on. They crawl: a higher rate. They jump: a lower one. The gap grows: more dropout or weight decay. No gap, and no progress: a larger network."</li>
                <li><strong>"Nothing is lost. "</strong>"Each epoch is a checkpoint. When the loss explodes, go back to one. The branch that you leave stays in grey."</li>
                <li><strong>"Grow. "</strong>"Make a layer wider, or add one, without changing what the network says."</li>
                <li><strong>"Stop when you like. "</strong>"The validation accuracy of the last checkpoint counts. The leaderboard has simple methods beside it, trained on the same data."</li>
            </ol>
            <button type="button" class="solid" data-testid="how-close" on:click=move |_| close()>"I see"</button>
        </section>
    }
}
