//! The small wasm a page loads: the core behind numbers and bytes. No logic of its own.
//!
//! `engine` is what a page asks of the core, in slices and values. `exports` alone knows how it crosses to JavaScript: numbers, and one
//! buffer for all that is longer. `packed` is a decision as a number. Trees do not cross. `pkg/src/engine/engine.ts` is the only file
//! that calls this.
#![cfg_attr(target_arch = "wasm32", no_std)]

extern crate alloc;

mod engine;
mod exports;
mod packed;
#[cfg(target_arch = "wasm32")]
mod runtime;

pub use engine::Engine;
