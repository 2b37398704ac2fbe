//! Tasks from tokio's threads for the thread that called the engine, which has the host program's session, user and
//! class loader. It does it while it waits, outside of any transaction.

use tokio::sync::{mpsc, oneshot};

use crate::error::{Error, ErrorKind, Result};

/// Something to be done on the calling thread.
pub(crate) type Task = Box<dyn FnOnce() + Send>;

/// Leads to the thread that called the engine, for the length of one run.
#[derive(Clone)]
pub(crate) struct CallingThread(mpsc::Sender<Task>);

impl CallingThread {
    /// Who asks, and what the calling thread takes the questions from.
    pub(crate) fn new() -> (CallingThread, mpsc::Receiver<Task>) {
        let (sender, receiver) = mpsc::channel(1);
        (CallingThread(sender), receiver)
    }

    /// Has `work` done there. Errors: `Cancelled` when the run ends before.
    pub(crate) async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
        let (answer, answered) = oneshot::channel();
        // Nobody waits for the answer any more when the window was given up.
        let task = Box::new(move || drop(answer.send(work())));
        let ended = || Error::new(ErrorKind::Cancelled, "the run ended");
        self.0.send(task).await.map_err(|_| ended())?;
        answered.await.map_err(|_| ended())
    }
}
