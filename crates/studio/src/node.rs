//! The commands of `waft`, run over a host in JavaScript.

use std::ffi::OsString;

use waft_commands::packaged::{Packaged, Waft};
use waft_commands::{arguments, failure};
use wasm_bindgen::prelude::*;

use crate::host::{JsHost, World};

/// Runs `waft` with these arguments and returns its exit code: 0, 1 for a failure, 2 for arguments that it does not understand and for
/// commands of the native program.
#[wasm_bindgen]
pub fn run(arguments: Vec<String>, host: JsHost) -> u8 {
    let mut world = World::of(host);
    let arguments: Vec<OsString> = std::iter::once("waft".to_owned()).chain(arguments).map(OsString::from).collect();
    match arguments::read::<Waft>(&arguments, &world) {
        Ok(Waft { command: Packaged::Native(command) }) => {
            failure::told(&arguments, &world, |host| command.refuse(host))
        }
        Ok(Waft { command: Packaged::Shared(command) }) => {
            let roots = command.roots().iter().map(|root| root.to_string_lossy().into_owned());
            world.roots = roots.collect();
            failure::told(&arguments, &world, |host| command.run(host) as u8)
        }
        Err(code) => code,
    }
}
