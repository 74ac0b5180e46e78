//! The commands of `waft`, run over a host in JavaScript.

use std::ffi::OsString;

use waft_commands::arguments;
use waft_commands::packaged::{Packaged, Waft};
use wasm_bindgen::prelude::*;

use crate::host::{JsHost, World};

/// Runs `waft` with these arguments and returns its exit code: 0, 1 for a failure, 2 for arguments that it does not understand and for
/// commands of the native program.
#[wasm_bindgen]
pub fn run(arguments: Vec<String>, host: JsHost) -> u8 {
    let mut world = World::of(host);
    let arguments: Vec<OsString> = std::iter::once("waft".to_owned()).chain(arguments).map(OsString::from).collect();
    match arguments::read::<Waft>(&arguments, &world) {
        Ok(Waft { command: Packaged::Native(command) }) => command.refuse(&world),
        Ok(Waft { command: Packaged::Shared(command) }) => {
            let roots = command.roots().iter().map(|root| root.to_string_lossy().into_owned());
            world.roots = roots.collect();
            command.run(&world) as u8
        }
        Err(code) => code,
    }
}
