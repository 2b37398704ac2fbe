//! The administrative API below `/ws/rest/v1/sync2/`, free of any web framework and of Java: a carrier hands over a
//! [`Request`] with who sends it, and carries the [`Answer`] back.
//!
//! | module | what it does |
//! |---|---|
//! | [`routes`] | every address: its method, who may ask for it, and what answers |
//! | [`request`] | what is asked: path, query, body, page of a list |
//! | [`answer`](mod@answer) | what is answered: JSON, its tag, its compression |
//! | [`refusal`] | what is refused, and with which HTTP status |
//! | `runs`, `records`, `parked`, `conflicts`, `verification`, `children`, `setup`, `feed`, `status`, `metrics`, `csv` | the answers, by subject |
//!
//! An address is added with a line in [`routes`] and a function of a [`Call`]; the carriers know none of them. It is
//! described in `docs/openapi.yaml`, which a test compares with the routes.

pub mod answer;
mod children;
mod conflicts;
mod csv;
mod feed;
mod metrics;
mod parked;
mod records;
pub mod refusal;
pub mod request;
pub mod routes;
mod runs;
mod setup;
mod status;
mod verification;

use crate::engine::Engine;
use crate::error::{Error, ErrorKind, Result};
use crate::event::Direction;
use crate::host::Host;
use crate::store::runs::RunId;

pub use answer::Answer;
pub use refusal::{Refusal, Refused};
pub use request::{Request, User};

/// A node as the API sees it: the engine, and the program around it.
pub trait Node {
    /// The engine that is open.
    ///
    /// Errors: `Closed` when none is, saying why and what to do.
    fn engine(&self) -> Result<&Engine>;

    /// Lends the host of the open engine, on this thread.
    ///
    /// Errors: `Closed` as those of `engine`; `AlreadyRunning` inside a call of the host; those of `work`.
    fn with_host(&self, work: &mut dyn FnMut(&mut dyn Host) -> Result<()>) -> Result<()>;

    /// The commit that the program was built from; nothing when it does not say.
    fn commit(&self) -> Option<&str>;

    /// Returns what an administrator should know and do about the program, a sentence each.
    fn problems(&self) -> &[String];

    /// Has a run that was announced performed on a thread of the program's, and returns at once.
    fn perform(&self, direction: Direction, id: RunId) -> Refused<()>;

    /// The configuration document with all defaults of the program; marks stand in the places of secrets.
    fn configuration(&self) -> Refused<String>;

    /// Checks a configuration document, keeps it, and goes on with it. Blocks until a run that is under way has finished its
    /// batch.
    fn save_configuration(&self, document: &str) -> Refused<()>;

    /// Checks a configuration document and keeps nothing. Returns what is allowed but can hardly be meant.
    fn check_configuration(&self, document: &str) -> Refused<Vec<String>>;
}

/// A request that its sender may make.
pub struct Call<'a> {
    /// Who is asked.
    pub node: &'a dyn Node,
    /// The request.
    pub request: &'a Request,
    /// The texts in the path in the places of `{…}`, in their order.
    pub places: Vec<&'a str>,
}

impl Call<'_> {
    /// Returns the text in the first place of the path; empty when its route has none.
    pub fn place(&self) -> &str {
        self.places.first().copied().unwrap_or_default()
    }

    /// The engine that is open.
    pub fn engine(&self) -> Result<&Engine> {
        self.node.engine()
    }

    /// Asks the engine on its host's database.
    pub fn ask<T>(&self, work: impl FnOnce(&Engine, &mut dyn Host) -> Result<T>) -> Result<T> {
        let engine = self.node.engine()?;
        let (mut work, mut answered) = (Some(work), None);
        self.node.with_host(&mut |host| {
            answered = work.take().map(|work| work(engine, host)).transpose()?;
            Ok(())
        })?;
        answered.ok_or_else(|| Error::new(ErrorKind::Internal, "the host was not lent"))
    }

    /// Has a run that was announced performed. When nobody can, it is told as not begun.
    fn perform(&self, direction: Direction, id: RunId) -> Refused<()> {
        self.node.perform(direction, id).inspect_err(|refusal| {
            if let Ok(engine) = self.engine() {
                let kind = ErrorKind::parse(refusal.kind).unwrap_or(ErrorKind::Internal);
                engine.withdraw(id, &Error::new(kind, refusal.message.clone()));
            }
        })
    }
}

/// Answers a request. Blocks on the database; no address waits for a run, but `POST config` for the batch of the run that it
/// cancels, and only `connection-test` and `preflight` block on the network, for two
/// and four minutes at the most.
pub fn answer(node: &dyn Node, request: &Request) -> Answer {
    let answered = routes::find(request).and_then(|(route, places)| {
        request.require(route.privilege)?;
        if route.method == routes::Method::Post {
            request.require_own_json()?;
        }
        (route.answer)(&Call { node, request, places })
    });
    let mut answer = answered.unwrap_or_else(Answer::from);
    if answer.status == 405 {
        answer.headers.push(("Allow", routes::other_methods(request)));
    }
    answer.for_reader_of(request)
}
