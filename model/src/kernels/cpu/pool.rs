//! RoIPool and position-sensitive RoIPool on the CPU: plain loops over the cells of each bin, channels innermost.

use super::Source;
use crate::regions::bins::Bins;

/// The largest number of each bin and channel, 0 in bins without cells.
///
/// # Arguments
/// * `out` - `[rows, columns, channels]`.
pub fn largest(source: &Source<'_>, photo: usize, rows: &Bins, columns: &Bins, out: &mut [f32]) {
    let mut bins = out.chunks_exact_mut(source.channels);
    for row in rows.iter() {
        for column in columns.iter() {
            let out = bins.next().expect("the output has a place for each bin");
            if row.is_empty() || column.is_empty() {
                out.fill(0.0);
                continue;
            }
            out.fill(f32::NEG_INFINITY);
            for y in row.clone() {
                for x in column.clone() {
                    let at = source.at(photo, y, x);
                    for (most, &value) in out.iter_mut().zip(&source.map[at..at + source.channels]) {
                        *most = if value > *most { value } else { *most };
                    }
                }
            }
        }
    }
}

/// The mean of each bin over its own share of the channels, 0 in bins without cells.
///
/// # Arguments
/// * `out` - as many numbers as channels: `[rows, columns, a bin's channels]`.
pub fn means(source: &Source<'_>, photo: usize, rows: &Bins, columns: &Bins, out: &mut [f32]) {
    let share = out.len() / (rows.iter().count() * columns.iter().count());
    let mut first = 0;
    for row in rows.iter() {
        for column in columns.iter() {
            let out = &mut out[first..first + share];
            out.fill(0.0);
            for y in row.clone() {
                for x in column.clone() {
                    let at = source.at(photo, y, x) + first;
                    for (sum, value) in out.iter_mut().zip(&source.map[at..at + share]) {
                        *sum += value;
                    }
                }
            }
            let cells = (row.len() * column.len()).max(1) as f32;
            out.iter_mut().for_each(|sum| *sum /= cells);
            first += share;
        }
    }
}
