//! What a layer costs on the photo on show: at full resolution, and on the maps of larger strides (00:16 of the lecture).

use leptos::prelude::*;

use crate::{
    inside::views::choice::{Choice, thousands},
    state::use_photo,
};

/// Channels of a map that can be chosen.
const CHANNELS: [usize; 3] = [64, 128, 256];
/// Strides of the maps.
const STRIDES: [usize; 5] = [1, 2, 4, 8, 16];
/// Bytes of a number.
const NUMBER: u64 = 4;
/// Weights of a 3x3 kernel.
const KERNEL: u64 = 9;

/// A map of a stride, and a layer on it that keeps its size and channels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Cost {
    cells: (usize, usize),
    bytes: u64,
    multiply_adds: u64,
}

impl Cost {
    fn of((width, height): (usize, usize), stride: usize, channels: usize) -> Self {
        let cells = (width.div_ceil(stride), height.div_ceil(stride));
        // A large photo's numbers are too many for the 32 bits of a browser's usize.
        let (area, channels) = (cells.0 as u64 * cells.1 as u64, channels as u64);
        Self { cells, bytes: area * channels * NUMBER, multiply_adds: area * KERNEL * channels * channels }
    }
}

/// A number of bytes, e.g. "92.2 MB".
fn bytes(count: u64) -> String {
    match count as f64 {
        it if it < 1e9 => format!("{:.1} MB", it / 1e6),
        it => format!("{:.1} GB", it / 1e9),
    }
}

/// A number of multiply-adds, e.g. "53.1 G".
fn multiply_adds(count: u64) -> String {
    match count as f64 {
        it if it < 1e9 => format!("{:.0} M", it / 1e6),
        it => format!("{:.1} G", it / 1e9),
    }
}

/// The table.
pub fn view() -> AnyView {
    let photo = use_photo();
    let chosen = RwSignal::new(2_usize);
    let size = Memo::new(move |_| {
        let size = photo.size();
        // Sides of a photo are whole.
        (size.width.max(1.0) as usize, size.height.max(1.0) as usize)
    });
    let row = move |stride: usize| {
        let cost = Memo::new(move |_| Cost::of(size.get(), stride, CHANNELS[chosen.get()]));
        let name = if stride == 1 { "full size".to_owned() } else { format!("stride {stride}") };
        view! {
            <tr data-testid="cost-row" data-stride=stride data-multiply-adds=move || cost.get().multiply_adds.to_string()>
                <th scope="row">{name}</th>
                <td>{move || { let (width, height) = cost.get().cells; format!("{width} × {height}") }}</td>
                <td>{move || bytes(cost.get().bytes)}</td>
                <td>{move || multiply_adds(cost.get().multiply_adds)}</td>
            </tr>
        }
    };
    let words = move || {
        let (first, last) =
            (Cost::of(size.get(), 1, CHANNELS[chosen.get()]), Cost::of(size.get(), 16, CHANNELS[chosen.get()]));
        format!(
            "At stride 16 the same layer is {} times as cheap. What both ways took on this photo and this device: compare the class maps.",
            thousands((first.multiply_adds as f64 / last.multiply_adds.max(1) as f64).round())
        )
    };
    view! {
        <section class="conv-cost" aria-labelledby="cost-title">
            <h2 class="fig-name" id="cost-title">"One 3 × 3 layer on the whole photo, as many channels in as out"</h2>
            <Choice id="channels" label="Channels" options=Signal::stored(CHANNELS.map(|it| it.to_string()).to_vec()) chosen
                choose=move |index: usize| chosen.set(index)/>
            <div class="fig-table"><table class="loss-table">
                <caption class="visually-hidden">"What a layer costs"</caption>
                <thead><tr><td></td><th scope="col">"cells"</th><th scope="col">"a map"</th><th scope="col">"multiply-adds"</th></tr></thead>
                <tbody>{STRIDES.map(row).collect_view()}</tbody>
            </table></div>
            <p class="fig-note">{words}</p>
        </section>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lecture_s_sizes() {
        let at = |stride, channels| Cost::of((300, 300), stride, channels);
        assert_eq!([64, 128, 256].map(|it| bytes(at(1, it).bytes)), ["23.0 MB", "46.1 MB", "92.2 MB"]);
        assert_eq!(bytes(Cost::of((4000, 3000), 1, 256).bytes), "12.3 GB");
        assert_eq!(multiply_adds(at(1, 256).multiply_adds), "53.1 G");
        assert_eq!((at(16, 256).cells, multiply_adds(at(16, 256).multiply_adds)), ((19, 19), "213 M".into()));
    }
}
