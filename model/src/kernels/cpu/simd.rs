//! Four float32 lanes: wasm's `v128` in the browser, an array that the compiler turns into SSE or NEON natively.

use crate::kernels::Activation;

#[cfg(target_arch = "wasm32")]
use std::arch::wasm32::{
    f32x4_add, f32x4_mul, f32x4_pmax, f32x4_pmin, f32x4_splat, v128, v128_load, v128_load32_splat, v128_store,
};

/// Four float32 lanes.
#[derive(Clone, Copy)]
#[cfg(target_arch = "wasm32")]
pub struct F32x4(v128);

/// Four float32 lanes.
#[derive(Clone, Copy)]
#[cfg(not(target_arch = "wasm32"))]
pub struct F32x4([f32; 4]);

#[cfg(target_arch = "wasm32")]
impl F32x4 {
    /// All lanes `v`.
    #[inline(always)]
    pub fn splat(v: f32) -> Self {
        Self(f32x4_splat(v))
    }

    /// # Safety
    /// `at..at + 4` lies in `values`.
    #[inline(always)]
    pub unsafe fn load(values: &[f32], at: usize) -> Self {
        debug_assert!(at + 4 <= values.len());
        // SAFETY: the caller's promise; wasm loads need no alignment.
        Self(unsafe { v128_load(values.as_ptr().add(at).cast()) })
    }

    /// All lanes `values[at]`.
    ///
    /// # Safety
    /// `at` lies in `values`.
    #[inline(always)]
    pub unsafe fn load_splat(values: &[f32], at: usize) -> Self {
        debug_assert!(at < values.len());
        // SAFETY: the caller's promise.
        Self(unsafe { v128_load32_splat(values.as_ptr().add(at).cast()) })
    }

    /// # Safety
    /// `at..at + 4` lies in `values`.
    #[inline(always)]
    pub unsafe fn store(self, values: &mut [f32], at: usize) {
        debug_assert!(at + 4 <= values.len());
        // SAFETY: the caller's promise.
        unsafe { v128_store(values.as_mut_ptr().add(at).cast(), self.0) }
    }

    /// `self + a * b`, rounded twice.
    #[inline(always)]
    pub fn add_product(self, a: Self, b: Self) -> Self {
        Self(f32x4_add(self.0, f32x4_mul(a.0, b.0)))
    }

    /// Lane-wise sum.
    #[inline(always)]
    pub fn plus(self, other: Self) -> Self {
        Self(f32x4_add(self.0, other.0))
    }

    /// The lanes after an activation.
    #[inline(always)]
    pub fn activate(self, activation: Activation) -> Self {
        // pmin and pmax are one x86 instruction each; the argument order keeps NaN as NaN.
        let positive = f32x4_pmax(self.0, f32x4_splat(0.0));
        match activation {
            Activation::Linear => self,
            Activation::Relu => Self(positive),
            Activation::Relu6 => Self(f32x4_pmin(positive, f32x4_splat(6.0))),
        }
    }

    /// The lanes.
    #[inline(always)]
    pub fn lanes(self) -> [f32; 4] {
        let mut lanes = [0.0; 4];
        // SAFETY: four lanes fit four numbers.
        unsafe { self.store(&mut lanes, 0) };
        lanes
    }
}

#[cfg(not(target_arch = "wasm32"))]
impl F32x4 {
    /// All lanes `v`.
    #[inline(always)]
    pub fn splat(v: f32) -> Self {
        Self([v; 4])
    }

    /// # Safety
    /// `at..at + 4` lies in `values`.
    #[inline(always)]
    pub unsafe fn load(values: &[f32], at: usize) -> Self {
        debug_assert!(at + 4 <= values.len());
        // SAFETY: the caller's promise; read_unaligned needs no alignment.
        Self(unsafe { values.as_ptr().add(at).cast::<[f32; 4]>().read_unaligned() })
    }

    /// All lanes `values[at]`.
    ///
    /// # Safety
    /// `at` lies in `values`.
    #[inline(always)]
    pub unsafe fn load_splat(values: &[f32], at: usize) -> Self {
        debug_assert!(at < values.len());
        // SAFETY: the caller's promise.
        Self::splat(unsafe { *values.get_unchecked(at) })
    }

    /// # Safety
    /// `at..at + 4` lies in `values`.
    #[inline(always)]
    pub unsafe fn store(self, values: &mut [f32], at: usize) {
        debug_assert!(at + 4 <= values.len());
        // SAFETY: the caller's promise.
        unsafe { values.as_mut_ptr().add(at).cast::<[f32; 4]>().write_unaligned(self.0) }
    }

    /// `self + a * b`, rounded twice.
    #[inline(always)]
    pub fn add_product(self, a: Self, b: Self) -> Self {
        Self(std::array::from_fn(|i| self.0[i] + a.0[i] * b.0[i]))
    }

    /// Lane-wise sum.
    #[inline(always)]
    pub fn plus(self, other: Self) -> Self {
        Self(std::array::from_fn(|i| self.0[i] + other.0[i]))
    }

    /// The lanes after an activation.
    #[inline(always)]
    pub fn activate(self, activation: Activation) -> Self {
        Self(self.0.map(|v| activation.apply(v)))
    }

    /// The lanes.
    #[inline(always)]
    pub fn lanes(self) -> [f32; 4] {
        self.0
    }
}
