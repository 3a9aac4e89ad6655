//! Four float32 lanes: wasm's `v128` in the browser, an array that the compiler turns into SSE or NEON natively.
//!
//! With the feature `relaxed-simd`, [`F32x4::fuse_product`] is wasm's `relaxed_madd`, one instruction where the
//! processor has it. Only functions that enable the target feature themselves can take it in, and a module with one
//! such instruction does not load in a browser without relaxed SIMD: that is a module of its own.

use std::mem::MaybeUninit;

use crate::ops::activation::Activation;

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

/// An activation as two bounds, so that no loop asks which one it is.
#[derive(Clone, Copy)]
pub struct Clamp {
    low: F32x4,
    high: F32x4,
}

impl Clamp {
    /// The bounds of an activation; infinite where it has none.
    pub fn of(activation: Activation) -> Self {
        let (low, high) = match activation {
            Activation::Linear => (f32::NEG_INFINITY, f32::INFINITY),
            Activation::Relu => (0.0, f32::INFINITY),
            Activation::Relu6 => (0.0, 6.0),
        };
        Self { low: F32x4::splat(low), high: F32x4::splat(high) }
    }
}

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

    /// As [`F32x4::store`], into memory that may hold nothing yet.
    ///
    /// # Safety
    /// `at..at + 4` lies in `values`.
    #[inline(always)]
    pub unsafe fn write(self, values: &mut [MaybeUninit<f32>], at: usize) {
        debug_assert!(at + 4 <= values.len());
        // SAFETY: the caller's promise.
        unsafe { v128_store(values.as_mut_ptr().add(at).cast(), self.0) }
    }

    /// `self + a * b`, rounded twice.
    #[inline(always)]
    pub fn add_product(self, a: Self, b: Self) -> Self {
        Self(f32x4_add(self.0, f32x4_mul(a.0, b.0)))
    }

    /// `self + a * b`, rounded once where the processor can; with relaxed SIMD only.
    #[cfg(feature = "relaxed-simd")]
    #[inline]
    #[target_feature(enable = "relaxed-simd")]
    pub fn fuse_product(self, a: Self, b: Self) -> Self {
        Self(std::arch::wasm32::f32x4_relaxed_madd(a.0, b.0, self.0))
    }

    /// `self + a * b`, rounded twice; once in the module with relaxed SIMD.
    #[cfg(not(feature = "relaxed-simd"))]
    #[inline(always)]
    pub fn fuse_product(self, a: Self, b: Self) -> Self {
        self.add_product(a, b)
    }

    /// Lane-wise sum.
    #[inline(always)]
    pub fn plus(self, other: Self) -> Self {
        Self(f32x4_add(self.0, other.0))
    }

    /// The lanes after an activation.
    #[inline(always)]
    pub fn clamp(self, clamp: Clamp) -> Self {
        // pmin and pmax are one x86 instruction each; the argument order keeps NaN as NaN.
        Self(f32x4_pmin(f32x4_pmax(self.0, clamp.low.0), clamp.high.0))
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

    /// As [`F32x4::store`], into memory that may hold nothing yet.
    ///
    /// # Safety
    /// `at..at + 4` lies in `values`.
    #[inline(always)]
    pub unsafe fn write(self, values: &mut [MaybeUninit<f32>], at: usize) {
        debug_assert!(at + 4 <= values.len());
        // SAFETY: the caller's promise.
        unsafe { values.as_mut_ptr().add(at).cast::<[f32; 4]>().write_unaligned(self.0) }
    }

    /// `self + a * b`, rounded twice.
    #[inline(always)]
    pub fn add_product(self, a: Self, b: Self) -> Self {
        Self(std::array::from_fn(|i| self.0[i] + a.0[i] * b.0[i]))
    }

    /// `self + a * b`, rounded twice; once in the web module with relaxed SIMD.
    #[inline(always)]
    pub fn fuse_product(self, a: Self, b: Self) -> Self {
        self.add_product(a, b)
    }

    /// Lane-wise sum.
    #[inline(always)]
    pub fn plus(self, other: Self) -> Self {
        Self(std::array::from_fn(|i| self.0[i] + other.0[i]))
    }

    /// The lanes after an activation.
    #[inline(always)]
    pub fn clamp(self, clamp: Clamp) -> Self {
        Self(std::array::from_fn(|i| {
            let (value, low, high) = (self.0[i], clamp.low.0[i], clamp.high.0[i]);
            let positive = if value < low { low } else { value };
            if high < positive { high } else { positive }
        }))
    }

    /// The lanes.
    #[inline(always)]
    pub fn lanes(self) -> [f32; 4] {
        self.0
    }
}
