//! What std would have brought: an allocator and a panic handler, 4-5 kB brotli smaller.

use lol_alloc::{AssumeSingleThreaded, FreeListAllocator};

// SAFETY: this wasm is built without threads: nothing else can reach its memory.
#[allow(unsafe_code)]
#[global_allocator]
static ALLOCATOR: AssumeSingleThreaded<FreeListAllocator> =
    unsafe { AssumeSingleThreaded::new(FreeListAllocator::new()) };

/// The core never panics; if memory runs out the instance traps and the client starts a new one.
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}
