//! The queue as a wasm instance: one per client, without wasm-bindgen, which would be larger than the queue.

use core::cell::UnsafeCell;

use crate::{Answer, Queue};

struct Instance(UnsafeCell<Queue>);

// SAFETY: this wasm is built without threads, and no export calls another: one at a time has the queue.
#[allow(unsafe_code)]
unsafe impl Sync for Instance {}

static INSTANCE: Instance = Instance(UnsafeCell::new(Queue::new()));

fn queue() -> &'static mut Queue {
    // SAFETY: see above.
    #[allow(unsafe_code)]
    unsafe {
        &mut *INSTANCE.0.get()
    }
}

/// The queue never panics.
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}

/// Exports functions under their names.
macro_rules! exports {
    ($($(#[$doc:meta])* fn $name:ident($($argument:ident: $type:ty),*) -> $result:ty $body:block)*) => {
        $($(#[$doc])*
        #[allow(unsafe_code)]
        #[unsafe(no_mangle)]
        extern "C" fn $name($($argument: $type),*) -> $result $body)*
    };
}

exports! {
    /// The address of [`Queue::numbers`].
    fn numbers() -> *mut u32 {
        queue().numbers.as_mut_ptr()
    }

    /// See [`Queue::record`].
    fn record(count: usize, now: f64) -> u32 {
        queue().record(count, now as i64)
    }

    /// See [`Queue::adopt`].
    fn adopt(count: usize, now: f64) -> u32 {
        queue().adopt(count, now as i64)
    }

    /// See [`Queue::group`].
    fn group() -> u32 {
        queue().group()
    }

    /// See [`Queue::next`].
    fn next(now: f64, leaving: bool) -> usize {
        queue().next(now as i64, leaving)
    }

    /// See [`Queue::begin`].
    fn begin(count: usize) -> u32 {
        queue().begin(count)
    }

    /// See [`Queue::settle`]; -1 if the records are to be sent again.
    fn settle(request: u32, status: u32, readable: bool, rejected: u32, wait: f64, now: f64, random: f64) -> i32 {
        let answer = Answer { status: status as u16, readable, rejected, wait: wait as i64 };
        queue().settle(request, answer, now as i64, random).map_or(-1, |groups| groups as i32)
    }

    /// See [`Queue::give_up`].
    fn drop(group: u32) -> usize {
        queue().give_up(group)
    }

    /// See [`Queue::due`]; -1 if nothing waits.
    fn due() -> f64 {
        queue().due().map_or(-1.0, |due| due as f64)
    }

    /// Leaves how many records wait, and what became of others: sent, overflow, too long, refused, rejected.
    fn counts() -> usize {
        let queue = queue();
        let counts = queue.counts;
        let told = [queue.waiting as u32, counts.sent, counts.overflow, counts.too_long, counts.refused, counts.rejected];
        for (place, count) in queue.numbers.iter_mut().zip(told) {
            *place = count;
        }
        told.len()
    }
}
