//! Who gets nothing, and what is told to whom asks wrongly.

use serde_json::json;
use sync2::api::Request;
use sync2::api::request::LONGEST_BODY;
use sync2::api::routes::{GET_FEED, MANAGE, Method, RESOLVE, ROUTES, VIEW};
use sync2::event::{Category, ObjectId, Representation};
use sync2::testing::mock_parent::MockParent;

use crate::program::{Program, by, get, json, post};

/// Of the address, with something in the places of its path.
fn request(method: Method, path: &str) -> Request {
    let path = path.replace("{page}", "recent").replace("{category}", "patient").replace(['{', '}'], "");
    match method {
        Method::Get => get(&path),
        Method::Post => post(&path, json!({})),
    }
}

#[test]
fn every_address_refuses_who_lacks_its_privilege() {
    let program = Program::of(&MockParent::start());
    for route in ROUTES {
        let asked = request(route.method, route.path);
        let anonymous = Request { user: None, ..asked.clone() };
        assert_eq!(program.refused(&anonymous), (401, "NotAuthenticated".to_string()), "{}", route.path);
        let others: Vec<&str> =
            [VIEW, MANAGE, RESOLVE, GET_FEED].into_iter().filter(|name| *name != route.privilege).collect();
        let refused = program.refused(&by(asked, &others));
        assert_eq!(refused, (403, "Forbidden".to_string()), "{}", route.path);
    }
    assert!(program.asked.borrow().is_empty());
}

#[test]
fn every_change_refuses_a_form_of_another_site() {
    let program = Program::of(&MockParent::start());
    for route in ROUTES.iter().filter(|route| route.method == Method::Post) {
        let mut form = request(route.method, route.path);
        form.headers[0].1 = "application/x-www-form-urlencoded".to_string();
        assert_eq!(program.refused(&form), (415, "UnsupportedMediaType".to_string()), "{}", route.path);
        let mut without_header = request(route.method, route.path);
        without_header.headers.truncate(1);
        assert_eq!(program.refused(&without_header), (403, "Forbidden".to_string()), "{}", route.path);
        let mut long = request(route.method, route.path);
        long.body = vec![b' '; LONGEST_BODY + 1];
        assert_eq!(program.refused(&long), (413, "TooLarge".to_string()), "{}", route.path);
    }
}

#[test]
fn unknown_paths_methods_and_parameters_are_named() {
    let program = Program::of(&MockParent::start());
    for path in ["", "nothing", "runs/", "runs/none", "audit/none", "conflicts/none", "a/b/c/d", "../status"] {
        assert_eq!(program.refused(&get(path)).0, 404, "{path}");
    }
    let allowed = |request: &Request| {
        let answer = program.answer(request);
        (answer.status, answer.header("Allow").map(String::from))
    };
    assert_eq!(allowed(&get("pull")), (405, Some("POST".to_string())));
    let put = Request { method: "PUT".to_string(), ..get("config") };
    assert_eq!(allowed(&put), (405, Some("GET, POST".to_string())));
    for query in
        ["runs?state=failed", "runs?limit=x", "runs?limit=0", "runs?after=x", "audit?status=GONE", "parked?kind=x"]
    {
        assert_eq!(program.refused(&get(query)).0, 400, "{query}");
    }
}

#[test]
fn command_without_details_refuses_them() {
    let program = Program::of(&MockParent::start());
    for path in ["backfill", "cancel", "connection-test", "preflight", "children/any/forget"] {
        assert_eq!(program.refused(&post(path, json!({"soon": true}))).0, 400, "{path}");
        let unreadable = Request { body: b"{".to_vec(), ..post(path, json!({})) };
        assert_eq!(program.refused(&unreadable).0, 400, "{path}");
    }
}

#[test]
fn null_in_a_body_is_refused() {
    let program = Program::of(&MockParent::start());
    for (path, body) in [
        ("pull", json!({"category": null, "uuid": null})),
        ("parked/retry", json!({"auditUuids": ["none"], "filter": null})),
        ("parked/retry", json!({"filter": {"direction": null}})),
        ("conflicts/resolve", json!({"uuids": ["none"], "filter": null, "choice": "ours", "reason": "x"})),
        ("conflicts/none/resolve", json!({"choice": "ours", "fields": null, "reason": "x"})),
        ("conflicts/none/resolve", json!({"choice": "document", "document": null, "reason": "x"})),
    ] {
        assert_eq!(program.refused(&post(path, body.clone())).0, 400, "{path} {body}");
    }
}

#[test]
fn without_an_engine_the_status_and_every_refusal_say_why() {
    let mut program = Program::of(&MockParent::start());
    program.closed = Some("nothing is configured: configure it".to_string());
    program.problems = vec!["nothing is configured: configure it".to_string()];
    assert_eq!(program.get("status")["problems"], json!(["nothing is configured: configure it"]));
    assert_eq!(program.refused(&get("runs")), (503, "Closed".to_string()));
    assert_eq!(program.refused(&post("pull", json!({}))), (503, "Closed".to_string()));
    program.get("config");
}

#[test]
fn every_mistake_of_a_configuration_is_listed() {
    let program = Program::of(&MockParent::start());
    let wrong = json!({"node": {"colour": 1}, "transfer": {"batchSize": 0}});
    let answer = program.answer(&post("config/check", wrong.clone()));
    assert_eq!(answer.status, 400);
    let details = json(&answer)["error"]["details"].clone();
    let paths: Vec<&str> = details.as_array().unwrap().iter().map(|wrong| wrong["path"].as_str().unwrap()).collect();
    assert!(paths.contains(&"node.colour") && paths.contains(&"transfer.batchSize"), "{details}");
    let before = program.get("config");
    assert_eq!(program.refused(&post("config", wrong)).0, 400);
    assert_eq!(program.get("config"), before);
    assert_eq!(program.refused(&post("config", json!({"elsewhere": 1}))).0, 405);
    assert_eq!(program.post("config", before.clone()), before);
}

#[test]
fn poll_with_a_known_etag_is_answered_304() {
    let program = Program::of(&MockParent::start());
    let first = program.answer(&get("runs"));
    let tag = first.header("ETag").unwrap().to_string();
    let again = Request { headers: vec![("if-none-match".to_string(), tag)], ..get("runs") };
    let same = program.answer(&again);
    assert_eq!((same.status, same.body.len()), (304, 0));
    program.post("push", json!({}));
    program.perform_all();
    assert_eq!(program.answer(&again).status, 200);
}

#[test]
fn decision_that_cannot_be_carried_out_is_refused_and_says_why() {
    let program = Program::of(&MockParent::start());
    let decided = |body| program.refused(&post("conflicts/none/resolve", body));
    assert_eq!(decided(json!({"choice": "ours"})), (400, "Configuration".to_string()), "no reason");
    assert_eq!(decided(json!({"choice": "both", "reason": "x"})).0, 400, "no such choice");
    assert_eq!(decided(json!({"choice": "ours", "reason": "x"})), (404, "NotFound".to_string()));
    let several = |body| program.refused(&post("conflicts/resolve", body));
    assert_eq!(several(json!({"choice": "ours", "reason": "x"})).0, 400, "neither uuids nor a filter");
    let answer = program.answer(&post("conflicts/resolve", json!({"filter": {}, "choice": "ours", "reason": "x"})));
    assert_eq!(answer.status, 200);
}

#[test]
fn story_is_told_of_what_may_be_an_object() {
    let parent = MockParent::start();
    let program = Program::of(&parent);
    let story = |path: &str| program.answer(&request(Method::Get, path));
    assert_eq!(story("object/patient/never").status, 200);
    assert_eq!(story("object/nothing/never").status, 404);
    assert_eq!(story("object/patient/%").status, 404);
}

#[test]
fn story_of_what_cannot_be_read_here_says_so() {
    let program = Program::of(&MockParent::start());
    let broken = ObjectId { category: Category::patient(), uuid: "broken".to_string() };
    program.host.borrow_mut().edit(Representation::Fhir, &broken, b"{").unwrap();
    let story = program.get("object/patient/broken");
    assert!(story["now"][0].as_str().unwrap().starts_with("It cannot be read here: "), "{story}");
}
