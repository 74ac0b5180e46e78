//! Two wasm modules, one build by feature each: what pages may ask of a snapshot (`page`), and the commands for Node (`node`).
#![cfg(target_arch = "wasm32")]

#[cfg(feature = "page")]
mod audience;
#[cfg(feature = "node")]
mod host;
#[cfg(feature = "node")]
mod node;
#[cfg(feature = "page")]
mod page;

#[cfg(feature = "page")]
pub use audience::{Audience, read_audience};
#[cfg(feature = "node")]
pub use host::JsHost;
#[cfg(feature = "node")]
pub use node::run;
#[cfg(feature = "page")]
pub use page::Studio;
