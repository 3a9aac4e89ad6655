//! Growing the network: what can be made larger, and what the last growth did.

use leptos::prelude::*;
use model::quest::{
    architecture::{Architecture, Growth, Input},
    record::{Decision, Grown, Outcome, Rule},
};

use crate::{numbers, state::use_state};

/// Held examples whose scores are shown one by one.
const SHOWN: usize = 8;

/// Buttons for each layer.
#[component]
pub fn Grow() -> impl IntoView {
    let state = use_state();
    let network = Memo::new(move |_| state.tree().and_then(|tree| tree.node().map(|node| node.architecture.clone())));
    view! {
        <details class="quest-further" data-testid="grow">
            <summary>"Grow the network"</summary>
            <p class="quest-hint">
                "The larger network says the same as the one that you have, and learns on from there. The optimiser begins anew."
            </p>
            <ul class="quest-layers">
                {move || network.get().map(|network| layers(&network))}
            </ul>
        </details>
    }
}

fn layers(network: &Architecture) -> AnyView {
    let state = use_state();
    let unit = Architecture::unit_word(network.input);
    let convolution = if matches!(network.input, Input::Image { .. }) { "Convolution" } else { "Layer" };
    let row = |(place, layer): (usize, &model::quest::architecture::Layer)| {
        let units = (layer.width / 2).max(1).min(Architecture::max_width(network.input).saturating_sub(layer.width));
        let wider = Growth::Wider { layer: place, units: units.max(1) };
        let deeper = Growth::Deeper { after: place };
        let button = |growth: Growth, words: String, id: String| {
            let is_possible = network.grown(growth).is_ok();
            view! {
                <button type="button" class="text" data-testid=id disabled=!is_possible
                    on:click=move |_| state.decide(Decision::Grow { growth })>{words}</button>
            }
        };
        view! {
            <li>
                <span>{format!("{convolution} {}: {} {unit}", place + 1, layer.width)}</span>
                {button(wider, format!("Wider, +{units}"), format!("wider-{place}"))}
                {button(deeper, "Deeper after it".to_owned(), format!("deeper-{place}"))}
            </li>
        }
    };
    network.layers.iter().enumerate().map(row).collect_view().into_any()
}

/// What the last growth did, as long as it is the last step.
#[component]
pub fn LastGrowth() -> impl IntoView {
    let state = use_state();
    let grown = Memo::new(move |_| {
        state.machine.with(|machine| match &machine.game.as_ref()?.steps.last()?.outcome {
            Outcome::Grown(grown) => Some(grown.clone()),
            _ => None,
        })
    });
    view! {
        {move || grown.get().map(|grown| view! {
            <section class="quest-card" aria-labelledby="grown-title" data-testid="grown" data-difference=grown.difference.to_string()>
                <h2 id="grown-title" class="quest-title">"The same function"</h2>
                <p class="quest-hint">{format!(
                    "{} parameters now. The scores of eight validation examples differ by at most {:.1e}.",
                    numbers::whole(grown.parameters),
                    grown.difference,
                )}</p>
                <div class="quest-grown"><RuleDrawing rule=grown.rule.clone()/><Scores grown=grown.clone()/></div>
                <p class="quest-hint">
                    <a href="https://arxiv.org/abs/1511.05641">"Net2Net"</a>" (Chen, Goodfellow and Shlens 2016) and "
                    <a href="https://arxiv.org/abs/1603.01670">"Network Morphism"</a>" (Wei and others 2016) say how."
                </p>
            </section>
        })}
    }
}

/// The rule with this network's numbers.
#[component]
fn RuleDrawing(rule: Rule) -> impl IntoView {
    match rule {
        Rule::Copied { unit, copy, before, after } => {
            let name = move |place: usize| {
                if place == 0 { format!("unit {}", unit + 1) } else { format!("copy {}", copy + place) }
            };
            let count = after.len();
            let height = 60.0 * count.max(2) as f32;
            let words = format!(
                "Unit {} had the outgoing weight {before:.3}. It and its copies have {} of it.",
                unit + 1,
                after.iter().map(|it| format!("{it:.3}")).collect::<Vec<_>>().join(" and ")
            );
            let row = move |(place, weight): (usize, f32)| {
                let y = 30.0 + 60.0 * place as f32;
                view! {
                    <line class="quest-wire" x1="128" y1=y x2="262" y2=height / 2.0/>
                    <circle class="quest-unit" cx="110" cy=y r="18"/>
                    <text class="quest-axis" x="84" y=y + 4.0 text-anchor="end">{name(place)}</text>
                    <text class="quest-weight" x="150" y=y - 8.0 + 0.28 * (height / 2.0 - y)>{format!("{weight:.3}")}</text>
                }
            };
            view! {
                <figure class="quest-rule">
                    <svg class="quest-svg" viewBox=format!("0 0 300 {height}") role="img" aria-label=words.clone()>
                        {after.into_iter().enumerate().map(row).collect_view()}
                        <circle class="quest-unit" cx="280" cy=height / 2.0 r="18"/>
                    </svg>
                    <figcaption class="quest-hint">{words}" They are not quite equal, so that both can learn different things."</figcaption>
                </figure>
            }
            .into_any()
        }
        Rule::Identity { units } => {
            let shown = units.min(6);
            let cell = move |place: usize| {
                let (row, column) = (place / shown, place % shown);
                let is_one = row == column;
                let class = if is_one { "quest-one" } else { "quest-zero" };
                let (x, y) = (20.0 + 30.0 * column as f32, 10.0 + 30.0 * row as f32);
                view! {
                    <rect class=class x=x y=y width="28" height="28"/>
                    <text class=if is_one { "quest-one-text" } else { "quest-axis" } x=x + 14.0 y=y + 19.0 text-anchor="middle">
                        {if is_one { "1" } else { "0" }}
                    </text>
                }
            };
            let words = format!(
                "The new layer's {units} units begin as the identity: each passes one unit on, and the rectifier changes nothing."
            );
            view! {
                <figure class="quest-rule">
                    <svg class="quest-svg" viewBox="0 0 300 200" role="img" aria-label=words.clone()>
                        {(0..shown * shown).map(cell).collect_view()}
                    </svg>
                    <figcaption class="quest-hint">{words}</figcaption>
                </figure>
            }
            .into_any()
        }
    }
}

/// The scores before and after, of the class with the largest one.
#[component]
fn Scores(grown: Grown) -> impl IntoView {
    let largest = |scores: &[f32]| {
        (0..scores.len()).max_by(|a, b| scores[*a].total_cmp(&scores[*b])).map(|class| (class, scores[class]))
    };
    let row = move |(place, (before, after)): (usize, (&Vec<f32>, &Vec<f32>))| {
        let (class, score) = largest(before)?;
        let new = *after.get(class)?;
        Some(view! {
            <tr>
                <th scope="row">{place + 1}</th><td>{class + 1}</td>
                <td class="quest-figure">{format!("{score:.5}")}</td><td class="quest-figure">{format!("{new:.5}")}</td>
            </tr>
        })
    };
    let pairs = grown.before.iter().zip(&grown.after).take(SHOWN).enumerate();
    view! {
        <table class="quest-table">
            <thead><tr><th scope="col">"Example"</th><th scope="col">"Class"</th><th scope="col">"Score before"</th><th scope="col">"after"</th></tr></thead>
            <tbody>{pairs.map(row).collect_view()}</tbody>
        </table>
    }
}
