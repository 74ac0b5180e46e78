//! How long a database may be read, and that reading ends when the program does.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

/// For each question that is asked, how long its answer may take. All copies are stopped together.
#[derive(Clone)]
pub(crate) struct Deadline {
    pub(super) after: Option<Duration>,
    stop: Arc<Stop>,
}

#[derive(Default)]
struct Stop {
    stopped: AtomicBool,
    /// What tells a server to stop. Gone with the connection.
    cancels: Mutex<Vec<Weak<Cancel>>>,
}

/// Tells a server to stop.
pub(super) type Cancel = dyn Fn() + Send + Sync;

impl Deadline {
    pub(crate) fn after(after: Duration) -> Self {
        Self { after: Some(after), stop: Arc::default() }
    }

    /// As long as it takes, which is for whoever waits to end.
    pub(crate) fn never() -> Self {
        Self { after: None, stop: Arc::default() }
    }

    /// Another one, that is stopped with this.
    pub(crate) fn but_after(&self, after: Duration) -> Self {
        Self { after: Some(after), stop: Arc::clone(&self.stop) }
    }

    /// Ends all reading, now and later. It may wait for a server.
    pub(crate) fn stop(&self) {
        self.stop.stopped.store(true, Ordering::Relaxed);
        let cancels = std::mem::take(&mut *self.stop.cancels.lock().unwrap_or_else(PoisonError::into_inner));
        for cancel in cancels.iter().filter_map(Weak::upgrade) {
            cancel();
        }
    }

    /// From now on, whether it is over.
    pub(super) fn started(&self) -> impl Fn() -> bool + Send + use<> {
        let until = self.after.and_then(|after| Instant::now().checked_add(after));
        let stop = Arc::clone(&self.stop);
        move || stop.stopped.load(Ordering::Relaxed) || until.is_some_and(|until| Instant::now() >= until)
    }

    /// What is to be called when all is stopped.
    pub(super) fn on_stop(&self, cancel: &Arc<Cancel>) {
        let mut cancels = self.stop.cancels.lock().unwrap_or_else(PoisonError::into_inner);
        cancels.retain(|cancel| cancel.strong_count() > 0);
        cancels.push(Arc::downgrade(cancel));
    }

    /// What is said of a question that took too long.
    pub(super) fn told(&self) -> String {
        match self.after {
            Some(after) if !self.stop.stopped.load(Ordering::Relaxed) => {
                format!("it took longer than {} s", after.as_secs())
            }
            Some(_) | None => "it was stopped".to_owned(),
        }
    }
}
