//! Three wasm modules, one build by feature each: what pages may ask of a snapshot (`page`), what the worker of those asks who change rules and count
//! people (`workbench`), and the commands for Node (`node`).
#![cfg(target_arch = "wasm32")]

#[cfg(feature = "node")]
mod host;
#[cfg(feature = "node")]
mod node;
#[cfg(feature = "page")]
mod page;
#[cfg(any(feature = "page", feature = "workbench"))]
mod told;
#[cfg(feature = "workbench")]
mod workbench;

#[cfg(feature = "node")]
pub use host::JsHost;
#[cfg(feature = "node")]
pub use node::run;
#[cfg(feature = "page")]
pub use page::Studio;
#[cfg(feature = "workbench")]
pub use workbench::{People, Workbench, plan_trial};
