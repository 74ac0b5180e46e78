//! What JavaScript calls: an engine's methods under their names. Numbers alone cross, so there is no glue.

use crate::Engine;

/// Each client has an instance of its own, so that an instance has one engine. Where it lies is known to the compiler: 0.2 kB smaller
/// than an address that each call brings.
static mut ENGINE: Engine = Engine::EMPTY;

#[allow(unsafe_code)]
#[inline(always)]
fn engine() -> &'static mut Engine {
    let engine = &raw mut ENGINE;
    // SAFETY: the instance has one thread and imports nothing, so no call begins before another has ended; none keeps the reference.
    unsafe { &mut *engine }
}

/// The instance is as new, for the next client.
#[allow(unsafe_code)]
#[unsafe(no_mangle)]
extern "C" fn clear() {
    *engine() = Engine::EMPTY;
}

macro_rules! exports {
    ($(fn $name:ident($($argument:ident: $type:ty),*) $(-> $result:ty)?;)*) => {
        $(#[allow(unsafe_code)]
        #[unsafe(no_mangle)]
        extern "C" fn $name($($argument: $type),*) $(-> $result)? {
            engine().$name($($argument),*)
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
