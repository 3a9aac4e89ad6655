//! The numbers of a figure as text: tables for screen readers and for copying.

use leptos::prelude::*;
use model::figures::grid::Grid;
use wasm_bindgen_futures::spawn_local;

use super::setup::short;
use crate::{export::copy_text, state::use_view};

/// Everything that a figure computes, as text that opens below it.
#[component]
pub fn Numbers(
    /// The tables.
    children: Children,
    /// The same as plain text.
    text: impl Fn() -> String + Copy + Send + 'static,
) -> impl IntoView {
    let view = use_view();
    let copy = move |_| {
        let text = untrack(text);
        spawn_local(async move {
            match copy_text(&text).await {
                Ok(()) => view.notifications.notice("The numbers are copied."),
                Err(fault) => view.notifications.fault(&fault.to_string()),
            }
        });
    };
    view! {
        <details class="fig-numbers" data-testid="numbers">
            <summary>"All numbers as text"</summary>
            <div class="fig-tables">{children()}</div>
            <button type="button" class="quiet" data-testid="copy-numbers" on:click=copy>"Copy as numbers"</button>
        </details>
    }
}

/// A map as a table.
pub fn table(id: &'static str, caption: &'static str, map: &Grid) -> AnyView {
    let row = |y: usize| {
        let cells = (0..map.width).map(|x| view! { <td>{short(map.at(x, y))}</td> }).collect_view();
        view! { <tr>{cells}</tr> }
    };
    view! {
        <div class="fig-table">
            <table data-testid=id>
                <caption>{caption}</caption>
                <tbody>{(0..map.height).map(row).collect_view()}</tbody>
            </table>
        </div>
    }
    .into_any()
}

/// A map as lines of text, its name above.
pub fn lines(name: &str, map: &Grid) -> String {
    let row = |y: usize| (0..map.width).map(|x| short(map.at(x, y))).collect::<Vec<_>>().join("\t");
    let rows: Vec<String> = (0..map.height).map(row).collect();
    format!("{name}\n{}\n", rows.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn maps_are_lines_of_numbers() {
        let map = Grid::from_fn((2, 2), |x, y| x as f64 + y as f64 / 4.0);
        assert_eq!(lines("Map", &map), "Map\n0\t1\n0.25\t1.25\n");
    }
}
