//! The one thread that writes: takes whole requests from a bounded queue, commits many at once, answers each after.

use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use tokio::sync::{mpsc, oneshot};

use crate::host::tell;

use super::batch::{Batch, Refused};
use super::body::Held;
use super::record::Row;
use super::store::Store;

/// How many requests may wait. With the largest default bodies that is 256 MiB of rows; past it, clients try later.
pub(crate) const QUEUE: usize = 256;
/// A commit takes requests until it has this many rows: it shares one sync, and nobody waits long.
const ROWS_PER_COMMIT: usize = 4_096;

/// The way to the writing thread.
#[derive(Clone)]
pub(crate) struct Writer {
    queue: mpsc::Sender<Message>,
}

/// The thread, which ends after `Writer::stop`.
pub(crate) type Thread = JoinHandle<Result<(), String>>;

enum Message {
    Write(Vec<Row>, Held, oneshot::Sender<Answer>),
    Stop,
}

/// Which rows of a request, by their place among them, the database can never store, and why; nothing, if it is to be tried again.
type Answer = Option<Vec<(usize, String)>>;

/// Why rows were not stored. Either way the client should try again later.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Unwritten {
    /// Too many requests are waiting.
    Full,
    /// The database refused, which is told on stderr, or the program is stopping.
    Failed,
}

impl Writer {
    /// Starts the thread on a store.
    pub(crate) fn start(store: Box<dyn Store>, queue: usize) -> (Self, Thread) {
        let (sender, receiver) = mpsc::channel(queue);
        (Self { queue: sender }, thread::spawn(move || run(store, receiver)))
    }

    /// Stores the rows of one request, but for those that it returns, with their place among them and what the database says of
    /// them; durable when it returns. Meanwhile they hold their memory.
    pub(crate) async fn write(&self, rows: Vec<Row>, held: Held) -> Result<Vec<(usize, String)>, Unwritten> {
        let (answer, answered) = oneshot::channel();
        self.queue.try_send(Message::Write(rows, held, answer)).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => Unwritten::Full,
            mpsc::error::TrySendError::Closed(_) => Unwritten::Failed,
        })?;
        answered.await.ok().flatten().ok_or(Unwritten::Failed)
    }

    /// Lets the thread end once everything that is waiting is stored.
    pub(crate) async fn stop(&self) {
        // Closed already: it has ended.
        let _ = self.queue.send(Message::Stop).await;
    }
}

/// What stderr is told of commits that fail: the first, then at most one line in 10 s, and when it is over.
#[derive(Default)]
struct Trouble {
    told: Option<Instant>,
    requests: usize,
}

impl Trouble {
    const AGAIN: Duration = Duration::from_secs(10);

    fn tell(&mut self, requests: usize, written: &Result<Vec<Refused>, String>) {
        match written {
            Ok(_) if self.told.is_none() => {}
            Ok(_) => {
                tell(&format!("requests are stored again; {} in all were answered 503", self.requests));
                *self = Self::default();
            }
            Err(error) => {
                self.requests = self.requests.saturating_add(requests);
                if self.told.is_none_or(|told| told.elapsed() >= Self::AGAIN) {
                    tell(&format!("{} requests not stored, answered 503: {error}", self.requests));
                    self.told = Some(Instant::now());
                }
            }
        }
    }
}

fn run(mut store: Box<dyn Store>, mut queue: mpsc::Receiver<Message>) -> Result<(), String> {
    let (mut requests, mut answers, mut memory) = (Vec::new(), Vec::new(), Vec::new());
    let (mut stopping, mut trouble) = (false, Trouble::default());
    while !stopping {
        let Some(mut message) = queue.blocking_recv() else { break };
        let mut rows: usize = 0;
        // Whatever came while the last commit was at work goes into this one.
        loop {
            match message {
                Message::Write(request, held, answer) => {
                    rows = rows.saturating_add(request.len());
                    requests.push(request);
                    memory.push(held);
                    answers.push(answer);
                }
                Message::Stop => {
                    stopping = true;
                    break;
                }
            }
            if rows >= ROWS_PER_COMMIT {
                break;
            }
            let Ok(next) = queue.try_recv() else { break };
            message = next;
        }
        if requests.is_empty() {
            break;
        }
        let (batch, origins) = Batch::of(requests.drain(..));
        let written = store.write(&batch);
        trouble.tell(answers.len(), &written);
        let refused = written.ok().map(|refused| origins.of(refused));
        for (request, answer) in answers.drain(..).enumerate() {
            let own = refused.as_ref().map(|refused| refused.get(&request).cloned().unwrap_or_default());
            // A client that has gone does not wait for its answer.
            let _ = answer.send(own);
        }
        memory.clear();
    }
    drop(queue);
    store.close()
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc as blocking;

    use super::*;
    use crate::serve::moment::Arrival;
    use crate::serve::otlp::json;

    /// A store that says how many rows it is asked to commit, then waits to be told how that ends.
    struct Scripted {
        asked: blocking::Sender<usize>,
        ends: blocking::Receiver<bool>,
    }

    impl Store for Scripted {
        fn write(&mut self, batch: &Batch) -> Result<Vec<Refused>, String> {
            self.asked.send(batch.events.len()).unwrap();
            if self.ends.recv().unwrap() { Ok(Vec::new()) } else { Err("scripted".to_owned()) }
        }
        fn mark(&mut self, _: &[&str], _: &str) -> Result<(), String> {
            Ok(())
        }
        fn close(self: Box<Self>) -> Result<(), String> {
            Ok(())
        }
    }

    /// The rows of a request with one event.
    fn request(id: &str) -> Vec<Row> {
        let attribute = |key: &str, value: &str| format!(r#"{{"key":"{key}","value":{{"stringValue":"{value}"}}}}"#);
        let attributes = [attribute("waft.event.id", &id.repeat(32)), attribute("waft.event.name", "purchase")];
        let record = json::record(&format!(r#"{{"attributes":[{}]}}"#, attributes.join(","))).unwrap();
        Row::of(record, Arrival { received: 1, forwarded: false }).unwrap().into_iter().collect()
    }

    fn held() -> Held {
        crate::serve::body::Budget::new(0).hold(0).unwrap()
    }

    #[tokio::test]
    async fn full_queue_is_refused_and_the_rest_shares_one_commit_before_the_stop() {
        let ((asks, asked), (end, ends)) = (blocking::channel(), blocking::channel());
        let (writer, thread) = Writer::start(Box::new(Scripted { asked: asks, ends }), 2);
        let write = |writer: &Writer, id: &'static str| {
            let writer = writer.clone();
            tokio::spawn(async move { writer.write(request(id), held()).await })
        };
        let first = write(&writer, "1");
        tokio::task::yield_now().await;
        assert_eq!(asked.recv().unwrap(), 1);
        let waiting = [write(&writer, "2"), write(&writer, "3")];
        tokio::task::yield_now().await;
        assert_eq!(writer.write(request("4"), held()).await, Err(Unwritten::Full));

        end.send(false).unwrap();
        assert_eq!(first.await.unwrap(), Err(Unwritten::Failed));
        assert_eq!(asked.recv().unwrap(), 2);
        writer.stop().await;
        end.send(true).unwrap();
        for waiting in waiting {
            assert_eq!(waiting.await.unwrap(), Ok(Vec::new()));
        }
        assert_eq!(thread.join().unwrap(), Ok(()));
        assert_eq!(writer.write(request("4"), held()).await, Err(Unwritten::Failed));
    }
}
