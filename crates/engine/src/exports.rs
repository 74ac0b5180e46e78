//! What JavaScript calls: an engine's methods under their names, behind the engine's address. Numbers alone cross, so there is no glue.

use alloc::boxed::Box;

use crate::Engine;

/// An engine that trusts nobody yet.
#[allow(unsafe_code)]
#[unsafe(no_mangle)]
extern "C" fn engine() -> Box<Engine> {
    Box::default()
}

/// Gives its memory back.
#[allow(unsafe_code)]
#[unsafe(no_mangle)]
extern "C" fn free(engine: Box<Engine>) {
    drop(engine);
}

macro_rules! exports {
    ($(fn $name:ident($($argument:ident: $type:ty),*) $(-> $result:ty)?;)*) => {
        $(#[allow(unsafe_code)]
        #[unsafe(no_mangle)]
        extern "C" fn $name(engine: &mut Engine $(, $argument: $type)*) $(-> $result)? {
            engine.$name($($argument),*)
        })*
    };
}

exports! {
    fn reserve(length: usize) -> *const u8;
    fn answer() -> *const u8;
    fn trust() -> u32;
    fn seen(version: f64);
    fn adopt(now: f64, preview: bool) -> u32;
    fn advance() -> u32;
    fn describe() -> usize;
    fn keys() -> usize;
    fn room(length: usize) -> *const u8;
    fn context(length: usize, anew: bool);
    fn find() -> u32;
    fn evaluate(flag: u32, now: f64) -> u32;
    fn valid_until() -> f64;
    fn variant(flag: u32, variant: u8) -> usize;
    fn exposure(number: usize) -> usize;
    fn sticky();
    fn wanted() -> usize;
    fn list(file: usize) -> u32;
    fn digest() -> usize;
}
