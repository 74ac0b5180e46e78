#![cfg(not(target_arch = "wasm32"))]
use jsonschema as _;
