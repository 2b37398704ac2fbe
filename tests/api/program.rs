//! A program around an engine, which performs what it is told when a test says so.

use std::cell::{Cell, RefCell};

use serde_json::Value;
use sync2::api::routes::{GET_FEED, MANAGE, RESOLVE, VIEW};
use sync2::api::{self, Answer, Node, Refusal, Refused, Request, User};
use sync2::engine::Engine;
use sync2::error::{Error, ErrorKind, Result};
use sync2::event::Direction;
use sync2::host::Host;
use sync2::store::runs::RunId;
use sync2::testing::mock_parent::MockParent;
pub use sync2::testing::objects::category;
use sync2::testing::sqlite_host::SqliteHost;

pub struct Program {
    pub engine: Engine,
    pub host: RefCell<SqliteHost>,
    /// Why no engine is open; nothing when one is.
    pub closed: Option<String>,
    pub problems: Vec<String>,
    pub asked: RefCell<Vec<(Direction, RunId)>>,
    pub has_no_thread: Cell<bool>,
    configuration: RefCell<String>,
}

impl Program {
    /// A child of that parent, which pulls and pushes patients.
    pub fn of(parent: &MockParent) -> Program {
        Program::with_categories(parent, &["patient", "encounter"])
    }

    /// A child of that parent, which pulls and pushes these.
    pub fn with_categories(parent: &MockParent, categories: &[&str]) -> Program {
        let mut document = parent.config_document(categories);
        document["push"] = serde_json::json!({"enabled": true});
        document["parent"]["exchange"] = "auto".into();
        Program::configured(document)
    }

    /// A parent itself, with a child that comes by the account of [`get`].
    pub fn with_child() -> Program {
        let children = serde_json::json!({"nurse": {}});
        Program::configured(serde_json::json!({"pull": {"enabled": false}, "exchange": {"children": children}}))
    }

    fn configured(document: Value) -> Program {
        let mut host = SqliteHost::in_memory().unwrap();
        let engine = Engine::open(&document.to_string(), &mut host).unwrap();
        host.capture_changes();
        Program {
            engine,
            host: RefCell::new(host),
            closed: None,
            problems: Vec::new(),
            asked: RefCell::default(),
            has_no_thread: Cell::default(),
            configuration: RefCell::new(document.to_string()),
        }
    }

    /// Goes on with another configuration.
    pub fn reopen(&mut self, document: Value) {
        self.engine.close().unwrap();
        self.engine = Engine::open(&document.to_string(), &mut *self.host.borrow_mut()).unwrap();
        self.configuration.replace(document.to_string());
    }

    /// Performs the runs that it was asked for, on this thread. Returns how many there were.
    pub fn perform_all(&self) -> usize {
        let asked = self.asked.take();
        for (_, id) in &asked {
            self.engine.perform(*id, &mut *self.host.borrow_mut()).unwrap();
        }
        asked.len()
    }

    pub fn answer(&self, request: &Request) -> Answer {
        api::answer(self, request)
    }

    /// The JSON of an answer that was not refused.
    pub fn get(&self, path: &str) -> Value {
        let answer = self.answer(&get(path));
        assert_eq!(answer.status, 200, "{path}: {}", String::from_utf8_lossy(&answer.body));
        json(&answer)
    }

    pub fn post(&self, path: &str, body: Value) -> Value {
        let answer = self.answer(&post(path, body));
        assert!(answer.status < 300, "{path}: {}", String::from_utf8_lossy(&answer.body));
        json(&answer)
    }

    /// The status and the kind of a refusal.
    pub fn refused(&self, request: &Request) -> (u16, String) {
        let answer = self.answer(request);
        let error = &json(&answer)["error"];
        assert!(!error["message"].as_str().unwrap().is_empty());
        (answer.status, error["kind"].as_str().unwrap().to_string())
    }
}

impl Node for Program {
    fn engine(&self) -> Result<&Engine> {
        match &self.closed {
            Some(why) => Err(Error::new(ErrorKind::Closed, why.clone())),
            None => Ok(&self.engine),
        }
    }

    fn with_host(&self, work: &mut dyn FnMut(&mut dyn Host) -> Result<()>) -> Result<()> {
        self.engine()?;
        work(&mut *self.host.borrow_mut())
    }

    fn commit(&self) -> Option<&str> {
        Some("c0ffee")
    }

    fn problems(&self) -> &[String] {
        &self.problems
    }

    fn perform(&self, direction: Direction, id: RunId) -> Refused<()> {
        if self.has_no_thread.get() {
            return Err(Error::new(ErrorKind::Closed, "the node is stopping").into());
        }
        self.asked.borrow_mut().push((direction, id));
        Ok(())
    }

    fn configuration(&self) -> Refused<String> {
        Ok(self.configuration.borrow().clone())
    }

    fn save_configuration(&self, document: &str) -> Refused<()> {
        if document.contains("elsewhere") {
            return Err(Refusal::method_not_allowed("it is in a file"));
        }
        self.check_configuration(document)?;
        self.configuration.replace(document.to_string());
        Ok(())
    }

    fn check_configuration(&self, document: &str) -> Refused<Vec<String>> {
        Ok(Engine::check_config(document)?)
    }
}

fn user(privileges: &[&str]) -> Option<User> {
    let privileges = privileges.iter().map(|privilege| (*privilege).to_string()).collect();
    Some(User { name: "nurse".to_string(), privileges })
}

/// A request of that path and query by who may do everything.
pub fn get(path: &str) -> Request {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    Request {
        method: "GET".to_string(),
        path: path.to_string(),
        query: query.to_string(),
        url: format!("http://127.0.0.1/openmrs/ws/rest/v1/sync2/{path}"),
        user: user(&[VIEW, MANAGE, RESOLVE, GET_FEED]),
        ..Request::default()
    }
}

pub fn post(path: &str, body: Value) -> Request {
    let headers = [("Content-Type", "application/json"), ("X-Sync2", "1")];
    Request {
        method: "POST".to_string(),
        headers: headers.map(|(name, value)| (name.to_string(), value.to_string())).to_vec(),
        body: body.to_string().into_bytes(),
        ..get(path)
    }
}

pub fn by(request: Request, privileges: &[&str]) -> Request {
    Request { user: user(privileges), ..request }
}

pub fn json(answer: &Answer) -> Value {
    serde_json::from_slice(&answer.body).unwrap_or_else(|error| {
        panic!("{error}: {}", String::from_utf8_lossy(&answer.body));
    })
}

pub fn patient(uuid: &str) -> Value {
    serde_json::json!({"resourceType": "Patient", "id": uuid, "name": [{"family": "Okello"}]})
}
