//! Two gradients as bars of one scale.

use leptos::prelude::*;

use super::{FOUND, TRUTH};
use crate::figures::svg::colour;

/// The lengths of the class's gradient and of the box's.
///
/// # Arguments
/// * `label` - with respect to what.
pub fn bars(label: &'static str, (class, bbox): (f64, f64)) -> AnyView {
    let most = class.max(bbox).max(f64::MIN_POSITIVE);
    let bar = |name: &'static str, value: f64, slot: usize| {
        view! {
            <div class="area-row">
                <dt>{name}</dt>
                <dd>
                    <span class="area-bar" style:--part=format!("{:.4}", value / most) style:--fill=colour(slot)></span>
                    <span class="area-number" data-testid="gradient" data-value=value.to_string()>{format!("{value:.2}")}</span>
                </dd>
            </div>
        }
    };
    view! {
        <dl class="areas" aria-label=label>
            {bar("Class", class, TRUTH)}
            {bar("Box", bbox, FOUND)}
        </dl>
    }
    .into_any()
}
