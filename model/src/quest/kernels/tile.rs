//! The inner loops of matrix products: a few rows times eight columns, held in registers.

/// Columns that are computed side by side.
pub const LANES: usize = 8;
/// Rows that are computed side by side.
pub const ROWS: usize = 4;

/// Eight numbers that belong to neighbouring columns.
pub type Lanes = [f32; LANES];

/// A matrix `[depth, columns]` in panels of [`LANES`] columns, the last one filled up with zeros.
pub struct Panels {
    values: Vec<Lanes>,
    depth: usize,
    columns: usize,
}

impl Panels {
    /// Packs the matrix whose element (i, j) is `matrix[i * strides[0] + j * strides[1]]`.
    pub fn pack(matrix: &[f32], depth: usize, columns: usize, strides: [usize; 2]) -> Self {
        let mut values = vec![[0.0; LANES]; depth * columns.div_ceil(LANES)];
        for (panel, rows) in values.chunks_exact_mut(depth.max(1)).enumerate() {
            let first = panel * LANES;
            let count = LANES.min(columns - first);
            for (i, row) in rows.iter_mut().enumerate() {
                for (j, value) in row[..count].iter_mut().enumerate() {
                    *value = matrix[i * strides[0] + (first + j) * strides[1]];
                }
            }
        }
        Self { values, depth, columns }
    }

    /// The panels, each with its first column.
    pub fn iter(&self) -> impl Iterator<Item = (usize, &[Lanes])> {
        self.values.chunks_exact(self.depth.max(1)).enumerate().map(|(panel, rows)| (panel * LANES, rows))
    }

    pub const fn columns(&self) -> usize {
        self.columns
    }
}

/// `sums[r] += sum over i of rows[r][i] * panel[i]`, in the order of i.
#[inline(always)]
pub fn multiply<const R: usize>(rows: [&[f32]; R], panel: &[Lanes], sums: &mut [Lanes; R]) {
    let depth = panel.len();
    let rows = rows.map(|row| &row[..depth]);
    let mut held = *sums;
    for i in 0..depth {
        let weights = panel[i];
        for r in 0..R {
            let value = rows[r][i];
            for j in 0..LANES {
                held[r][j] += value * weights[j];
            }
        }
    }
    *sums = held;
}

/// `sums[r] += sum over i of values[i * stride + r] * panel[i]`, in the order of i.
#[inline(always)]
pub fn multiply_transposed<const R: usize>(values: &[f32], stride: usize, panel: &[Lanes], sums: &mut [Lanes; R]) {
    let mut held = *sums;
    // The last row may end with its last value.
    for (i, weights) in panel.iter().enumerate() {
        let row: &[f32; R] = values[i * stride..][..R].try_into().expect("the slice has R values");
        for r in 0..R {
            for j in 0..LANES {
                held[r][j] += row[r] * weights[j];
            }
        }
    }
    *sums = held;
}

/// Runs the body with the constant `$R` as the number of rows from `$first` up to `$end`: [`ROWS`] while there are as
/// many, then one by one.
macro_rules! in_rows {
    ($first:ident in $range:expr, $R:ident => $body:block) => {{
        let range: std::ops::Range<usize> = $range;
        let mut $first = range.start;
        while $first + $crate::quest::kernels::tile::ROWS <= range.end {
            const $R: usize = $crate::quest::kernels::tile::ROWS;
            $body
            $first += $R;
        }
        while $first < range.end {
            const $R: usize = 1;
            $body
            $first += $R;
        }
    }};
}
pub(super) use in_rows;

/// The sum of each column of `[rows, columns]`, rows in order.
pub fn column_sums(values: &[f32], columns: usize) -> Vec<f32> {
    let mut sums = vec![0.0_f32; columns];
    for row in values.chunks_exact(columns) {
        for (sum, value) in sums.iter_mut().zip(row) {
            *sum += value;
        }
    }
    sums
}

/// Up to eight neighbouring values, filled up with zeros.
#[inline(always)]
pub fn load(values: &[f32]) -> Lanes {
    let mut lanes = [0.0; LANES];
    let count = values.len().min(LANES);
    lanes[..count].copy_from_slice(&values[..count]);
    lanes
}

/// Writes the first lanes to as many places as there are.
#[inline(always)]
pub fn store(lanes: &Lanes, to: &mut [f32]) {
    let count = to.len().min(LANES);
    to[..count].copy_from_slice(&lanes[..count]);
}
