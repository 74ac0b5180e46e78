//! The small wasm a page loads: the core behind numbers and bytes. No logic of its own.
//!
//! Everything longer than a number crosses in one buffer: JavaScript asks for room with `reserve`, writes, and
//! calls; answers longer than a number are left in the same buffer, and their length is returned. Trees do not cross.
//! `pkg/src/engine/engine.ts` is the only file that calls this.
#![cfg_attr(target_arch = "wasm32", no_std)]

extern crate alloc;

mod engine;
mod exports;
#[cfg(target_arch = "wasm32")]
mod runtime;

pub use engine::Engine;
