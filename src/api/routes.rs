//! Every address of the API.

use super::refusal::{Refusal, Refused};
use super::request::Request;
use super::{
    Answer, Call, children, conflicts, csv, feed, metrics, parked, records, runs, setup, status, verification,
};

/// To see status, runs, audit and what waits.
pub const VIEW: &str = "View Sync2 Audit";

/// To start and cancel runs, to retry records, to configure, to test the connection and to choose which node this is.
pub const MANAGE: &str = "Manage Sync2";

/// To see both documents of a conflict, which are patient data, and to decide which holds.
pub const RESOLVE: &str = "Resolve Sync2 Conflicts";

/// To read the feed that this node publishes: what a child's account has.
pub const GET_FEED: &str = "Get Sync2 Feed";

/// How an address is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// It changes nothing.
    Get,
    /// It changes something: JSON, with the header `X-Sync2: 1`.
    Post,
}

impl Method {
    /// As it stands in a request.
    pub fn name(self) -> &'static str {
        match self {
            Method::Get => "GET",
            Method::Post => "POST",
        }
    }
}

/// An address.
pub struct Route {
    /// How it is asked.
    pub method: Method,
    /// Below `/ws/rest/v1/sync2/`; what stands in braces may be any segment.
    pub path: &'static str,
    /// The privilege that its sender must have.
    pub privilege: &'static str,
    /// The function that answers.
    pub answer: fn(&Call<'_>) -> Refused<Answer>,
}

/// All of them.
pub const ROUTES: &[Route] = &[
    view("status", status::status),
    view("metrics", metrics::metrics),
    view("runs", runs::list),
    view("runs/{id}", runs::one),
    post("pull", runs::pull),
    post("push", runs::push),
    post("backfill", runs::backfill),
    post("cancel", runs::cancel),
    view("verify", verification::last),
    post("verify", verification::start),
    view("verify.csv", csv::differences),
    view("verify/differences", verification::differences),
    post("verify/repair", verification::repair),
    view("audit", records::audit),
    view("audit.csv", csv::audit),
    view("audit/{uuid}", records::audit_message),
    post("audit/retry", parked::retry_messages),
    view("parked", parked::list),
    view("parked.csv", csv::parked),
    view("parked/groups", parked::groups),
    post("parked/retry", parked::retry),
    post("parked/dismiss", parked::dismiss),
    view("conflicts", conflicts::list),
    resolution(Method::Get, "conflicts/{uuid}", conflicts::one),
    resolution(Method::Post, "conflicts/resolve", conflicts::resolve_several),
    resolution(Method::Post, "conflicts/{uuid}/resolve", conflicts::resolve),
    view("object/{category}/{uuid}", records::story),
    view("namesakes", setup::namesakes),
    view("days", status::days),
    view("marker", records::markers),
    view("children", children::list),
    post("children/{node}/forget", children::forget),
    view("config", setup::configuration),
    post("config", setup::save),
    post("config/check", setup::check),
    post("connection-test", setup::connection_test),
    post("preflight", setup::preflight),
    post("node", setup::choose_node),
    feed("feed/{page}"),
    feed("feed/{category}/{page}"),
];

const fn view(path: &'static str, answer: fn(&Call<'_>) -> Refused<Answer>) -> Route {
    Route { method: Method::Get, path, privilege: VIEW, answer }
}

const fn post(path: &'static str, answer: fn(&Call<'_>) -> Refused<Answer>) -> Route {
    Route { method: Method::Post, path, privilege: MANAGE, answer }
}

const fn resolution(method: Method, path: &'static str, answer: fn(&Call<'_>) -> Refused<Answer>) -> Route {
    Route { method, path, privilege: RESOLVE, answer }
}

const fn feed(path: &'static str) -> Route {
    Route { method: Method::Get, path, privilege: GET_FEED, answer: feed::page }
}

impl Route {
    /// Returns the texts in the places of the braces; nothing when the path is another one.
    fn places<'a>(&self, path: &'a str) -> Option<Vec<&'a str>> {
        let (asked, known) = (path.split('/').collect::<Vec<_>>(), self.path.split('/').collect::<Vec<_>>());
        if asked.len() != known.len() {
            return None;
        }
        let mut places = Vec::new();
        for (asked, known) in asked.into_iter().zip(known) {
            match known.starts_with('{') {
                true => places.push(asked),
                false if asked == known => {}
                false => return None,
            }
        }
        Some(places)
    }
}

/// The methods that the path of a request knows besides that of the request (RFC 9110, 10.2.1).
pub(super) fn other_methods(request: &Request) -> String {
    let methods = of_path(&request.path).into_iter().map(|(route, _)| route.method.name());
    methods.filter(|method| *method != request.method).collect::<Vec<_>>().join(", ")
}

/// The address that is asked for, with what stands in the places of its path.
pub(super) fn find(request: &Request) -> Refused<(&'static Route, Vec<&str>)> {
    let Request { path, method, .. } = request;
    let known = of_path(path);
    if known.is_empty() {
        return Err(Refusal::not_found(format!("there is no {path}")));
    }
    let found = known.into_iter().find(|(route, _)| route.method.name() == method);
    found.ok_or_else(|| Refusal::method_not_allowed(format!("{path} does not know {method}")))
}

/// The addresses of a path: those that say it word for word, else those that have places for it.
fn of_path(path: &str) -> Vec<(&'static Route, Vec<&str>)> {
    let named = ROUTES.iter().any(|route| route.path == path);
    let routes = ROUTES.iter().filter(|route| !named || route.path == path);
    routes.filter_map(|route| Some((route, route.places(path)?))).collect()
}
