//! What becomes of objects: every answer that one object, a group or a whole category can get.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::future::BoxFuture;
use serde_json::{Value, json};
use sync2::error::{ErrorKind, Result};
use sync2::event::{Category, Representation};
use sync2::resource::{Document, Fetched, GroupReply, Place, ResourceClient, SyncResourceManager};

use super::parent::{Parent, Seen, json};
use super::{client, config, document};

type Answer = fn() -> Response;

fn manager(parent: &Parent) -> SyncResourceManager {
    manager_with(parent, Vec::new())
}

fn manager_with(parent: &Parent, injected: Vec<Arc<dyn ResourceClient>>) -> SyncResourceManager {
    SyncResourceManager::new(Arc::new(client(&parent.url)), &config(&document(&parent.url)), injected)
}

async fn fetch(manager: &SyncResourceManager, category: &str, uuids: &[&str]) -> Result<GroupReply> {
    let uuids: Vec<_> = uuids.iter().map(|uuid| uuid.to_string()).collect();
    manager.fetch(Category::parse(category).unwrap(), &uuids).await
}

async fn objects(parent: &Parent, category: &str, uuids: &[&str]) -> Vec<Fetched> {
    match fetch(&manager(parent), category, uuids).await.unwrap() {
        GroupReply::Objects(fetched) => fetched,
        GroupReply::CategoryClosed(error) => panic!("{error}"),
    }
}

/// What became of each, in short: the document's uuid, `gone`, or the kind of failure.
fn in_short(fetched: &[Fetched]) -> Vec<String> {
    let short = fetched.iter().map(|fetched| match fetched {
        Fetched::Document(document) => document.json["id"].as_str().or(document.json["uuid"].as_str()).unwrap().into(),
        Fetched::Gone { .. } => "gone".to_string(),
        Fetched::Failed(error) => error.kind.to_string(),
    });
    short.collect()
}

fn patient(id: &str) -> Value {
    json!({"resourceType": "Patient", "id": id, "meta": {"tag": [{"code": "SUBSETTED"}]}})
}

fn bundle(resources: &[Value]) -> Response {
    let entries: Vec<_> = resources.iter().map(|resource| json!({"resource": resource})).collect();
    json(json!({"resourceType": "Bundle", "type": "searchset", "entry": entries}).to_string())
}

fn status(code: u16) -> Response {
    StatusCode::from_u16(code).unwrap().into_response()
}

fn is_search(seen: &Seen) -> bool {
    seen.target.contains("?_id=")
}

fn is_probe(seen: &Seen) -> bool {
    seen.target.contains("?_count=1&") || seen.target.contains("?limit=1")
}

#[tokio::test]
async fn a_group_is_one_search_in_the_order_that_was_asked_for() {
    let parent = Parent::start(|_| bundle(&[patient("b"), patient("a")])).await;
    let fetched = objects(&parent, "patient", &["a", "b"]).await;
    assert_eq!(in_short(&fetched), ["a", "b"]);
    assert_eq!(parent.targets(), ["/ws/fhir2/R4/Patient?_id=a,b&_count=2&_summary=data"]);
    let expected = Document {
        representation: Representation::Fhir,
        client: "fhir".into(),
        url: format!("{}/ws/fhir2/R4/Patient/a?_summary=data", parent.url),
        json: patient("a").into(),
        place: Place::default(),
    };
    assert_eq!(fetched[0], Fetched::Document(expected));
}

#[tokio::test]
async fn numbers_keep_the_digits_that_they_have() {
    let parent = Parent::start(|_| json(r#"{"resourceType": "Patient", "id": "a", "value": 1.10}"#)).await;
    let Fetched::Document(document) = &objects(&parent, "patient", &["a"]).await[0] else { panic!("no document") };
    assert_eq!(document.json["value"].to_string(), "1.10");
}

#[tokio::test]
async fn document_of_a_group_that_cannot_be_built_fails_alone() {
    let parent = Parent::start(|_| {
        // Half of a symbol in UTF-16.
        let broken = r#"{"resourceType": "Patient", "id": "a", "gender": "\ud800"}"#;
        let entries = format!(r#"[{{"resource": {broken}}}, {{"resource": {}}}]"#, patient("b"));
        json(format!(r#"{{"resourceType": "Bundle", "entry": {entries}}}"#))
    })
    .await;
    assert_eq!(in_short(&objects(&parent, "patient", &["a", "b"]).await), ["Malformed", "b"]);
    assert_eq!(parent.targets().len(), 1);
}

#[tokio::test]
async fn a_large_group_is_several_searches() {
    let parent = Parent::start(|seen| {
        let ids = seen.target.split("_id=").nth(1).and_then(|rest| rest.split('&').next()).unwrap();
        // A few bytes each: the whole page must fit.
        bundle(&ids.split(',').map(|id| json!({"resourceType": "Patient", "id": id})).collect::<Vec<_>>())
    })
    .await;
    let uuids: Vec<_> = (0..150).map(|number| format!("p{number}")).collect();
    let asked: Vec<&str> = uuids.iter().map(String::as_str).collect();
    assert_eq!(in_short(&objects(&parent, "patient", &asked).await), asked);
    assert_eq!(parent.targets().len(), 2);
}

/// Answers a search for ids with the first two, as a server does whose pages are no longer.
fn bundle_of_two(seen: &Seen) -> Response {
    let ids = seen.target.split("_id=").nth(1).and_then(|rest| rest.split('&').next()).unwrap();
    let ids: Vec<&str> = ids.split(',').collect();
    let entries: Vec<_> = ids.iter().take(2).map(|id| json!({"resource": patient(id)})).collect();
    let relation = if ids.len() > 2 { "next" } else { "self" };
    let link = json!([{"relation": relation, "url": "http://example.org/elsewhere"}]);
    json(json!({"resourceType": "Bundle", "type": "searchset", "link": link, "entry": entries}).to_string())
}

#[tokio::test]
async fn object_without_room_on_a_page_is_searched_for_again() {
    let parent = Parent::start(bundle_of_two).await;
    assert_eq!(in_short(&objects(&parent, "patient", &["a", "b", "c", "d", "e"]).await), ["a", "b", "c", "d", "e"]);
    let searches = ["a,b,c,d,e&_count=5", "c,d,e&_count=3", "e&_count=1"];
    let searches = searches.map(|ids| format!("/ws/fhir2/R4/Patient?_id={ids}&_summary=data"));
    assert_eq!(parent.targets(), searches);
}

#[tokio::test]
async fn a_page_that_finds_nothing_is_the_last_whatever_it_says() {
    let parent = Parent::start(|seen| match is_search(seen) {
        true => json(json!({"resourceType": "Bundle", "link": [{"relation": "next"}]}).to_string()),
        false => json(patient(if seen.target.contains("/a?") { "a" } else { "b" }).to_string()),
    })
    .await;
    assert_eq!(in_short(&objects(&parent, "patient", &["a", "b"]).await), ["a", "b"]);
    assert_eq!(parent.seen().iter().filter(|seen| is_search(seen)).count(), 1);
}

#[tokio::test]
async fn object_left_out_by_the_search_is_asked_for_alone() {
    let parent = Parent::start(|seen| match seen.target.split("Patient").nth(1).unwrap() {
        "/gone?_summary=data" => status(410),
        "/lost?_summary=data" => status(404),
        "/late?_summary=data" => json(patient("late").to_string()),
        _ => bundle(&[
            patient("here"),
            patient("uninvited"),
            json!({"resourceType": "Person", "id": "late"}),
            json!({"resourceType": "OperationOutcome"}),
        ]),
    })
    .await;
    let fetched = objects(&parent, "patient", &["gone", "here", "lost", "late"]).await;
    assert_eq!(in_short(&fetched), ["gone", "here", "NotFound", "late"]);
    assert!(!parent.seen().iter().any(is_probe), "a category that gives documents is open");
}

#[tokio::test]
async fn one_bad_record_does_not_spoil_its_group() {
    let searches: [Answer; 6] = [
        || status(500),
        || status(400),
        || json("{\"resourceType\": \"Bundle\", \"entry\": [{\"reso"),
        || json("{\"resourceType\": \"OperationOutcome\"}"),
        || json("x".repeat(4 * 4096 + 1)),
        || bundle(&[]),
    ];
    for search in searches {
        let parent = Parent::start(move |seen| match seen {
            _ if is_search(seen) || is_probe(seen) => search(),
            _ if seen.target.contains("bad") => status(500),
            _ => json(patient("good").to_string()),
        })
        .await;
        assert_eq!(in_short(&objects(&parent, "patient", &["good", "bad"]).await), ["good", "ParentFailed"]);
    }
}

#[tokio::test]
async fn each_answer_for_one_object_has_its_kind() {
    let answers: [(Answer, &str); 14] = [
        (|| status(410), "gone"),
        (|| status(403), "Forbidden"),
        (|| status(404), "NotFound"),
        (|| status(400), "Rejected"),
        (|| status(409), "Rejected"),
        (|| status(500), "ParentFailed"),
        (|| status(501), "ParentFailed"),
        (|| status(204), "Malformed"),
        (|| (StatusCode::FOUND, [(header::LOCATION, "/elsewhere")]).into_response(), "ParentFailed"),
        (|| json("<html>Sorry</html>"), "Malformed"),
        (|| json("[]"), "Malformed"),
        (|| json(patient("b").to_string()), "Malformed"),
        (|| json(r#"{"resourceType": "Person", "id": "a"}"#), "Malformed"),
        (|| json("[".repeat(4000)), "Malformed"),
    ];
    for (answer, expected) in answers {
        let parent = Parent::start(move |seen| if is_probe(seen) { bundle(&[]) } else { answer() }).await;
        let fetched = objects(&parent, "patient", &["a"]).await;
        assert_eq!(in_short(&fetched), [expected]);
        if let Fetched::Failed(error) = &fetched[0] {
            assert!(error.message.starts_with("patient/a: "), "{error}");
            assert!(error.url.as_ref().unwrap().ends_with("/Patient/a?_summary=data"), "{error}");
        }
    }
}

#[tokio::test]
async fn fifty_megabytes_are_malformed() {
    let parent = Parent::start(|_| json(" ".repeat(50 << 20))).await;
    assert_eq!(in_short(&objects(&parent, "patient", &["a"]).await), ["Malformed"]);
}

#[tokio::test]
async fn a_parent_that_is_away_is_nobodys_failure() {
    for (code, kind) in [(502, ErrorKind::Unreachable), (503, ErrorKind::Busy), (401, ErrorKind::Unauthorized)] {
        let parent = Parent::start(move |_| status(code)).await;
        for uuids in [&["a"][..], &["a", "b"]] {
            assert_eq!(fetch(&manager(&parent), "patient", uuids).await.unwrap_err().kind, kind);
            assert_eq!(fetch(&manager(&parent), "encounter_type", uuids).await.unwrap_err().kind, kind);
        }
    }
}

#[tokio::test]
async fn category_that_refuses_all_is_closed_for_the_run() {
    for (code, kind, advice) in [(403, ErrorKind::Forbidden, "privileges"), (404, ErrorKind::NotFound, "restarted")] {
        for (category, uuids) in [
            ("patient", &["a"][..]),
            ("patient", &["a", "b"]),
            ("encounter_type", &["a"]),
            ("encounter_type", &["a", "b"]),
        ] {
            let parent = Parent::start(move |_| status(code)).await;
            let manager = manager(&parent);
            let GroupReply::CategoryClosed(error) = fetch(&manager, category, uuids).await.unwrap() else {
                panic!("{category} answers {code} and is open")
            };
            assert_eq!(error.kind, kind);
            assert!(error.message.contains(advice), "{error}");
            let requests = parent.seen().len();
            let again = fetch(&manager, category, &["c"]).await.unwrap();
            assert_eq!(again, GroupReply::CategoryClosed(error));
            assert_eq!(parent.seen().len(), requests);
        }
    }
}

#[tokio::test]
async fn a_category_that_closes_in_the_middle_of_a_run_is_noticed() {
    let open = Arc::new(AtomicBool::new(true));
    let is_open = open.clone();
    let parent = Parent::start(move |seen| match is_open.load(Ordering::SeqCst) {
        true if is_probe(seen) => bundle(&[]),
        _ => status(404),
    })
    .await;
    let manager = manager(&parent);
    assert!(matches!(fetch(&manager, "patient", &["a"]).await.unwrap(), GroupReply::Objects(_)));
    open.store(false, Ordering::SeqCst);
    assert!(matches!(fetch(&manager, "patient", &["b"]).await.unwrap(), GroupReply::CategoryClosed(_)));
}

#[tokio::test]
async fn rest_documents_are_read_singly_in_their_categorys_view() {
    let view = Category::parse("encounter_type").unwrap().rest_view();
    let asked = move |uuid: &str| format!("/openmrs/ws/rest/v1/encountertype/{uuid}?v={view}");
    let parent = Parent::start(move |seen| match &seen.target {
        target if *target == asked("a") => json(r#"{"uuid": "a", "retired": true}"#),
        target if *target == asked("b") => json(r#"{"uuid": "c"}"#),
        _ => status(404),
    })
    .await;
    let fetched = objects(&parent, "encounter_type", &["a", "b", "missing"]).await;
    assert_eq!(in_short(&fetched), ["a", "Malformed", "NotFound"]);
    let Fetched::Document(document) = &fetched[0] else { panic!("no document") };
    assert_eq!((&*document.client, document.representation), ("rest", Representation::Rest));
    assert_eq!(document.url, format!("{}/ws/rest/v1/encountertype/a", parent.url));
}

/// Gives patients from elsewhere, in the representation that it is told.
struct Injected(Representation);

impl ResourceClient for Injected {
    fn name(&self) -> &str {
        "archive"
    }

    fn serves(&self, category: Category, representation: Representation) -> bool {
        category.name() == "patient" && representation == Representation::Fhir
    }

    fn fetch<'a>(&'a self, _: Category, uuids: &'a [String]) -> BoxFuture<'a, Result<GroupReply>> {
        let documents = uuids.iter().map(|uuid| {
            let url = format!("archive:{uuid}");
            Fetched::Document(Document {
                representation: self.0,
                client: "archive".into(),
                url,
                json: patient(uuid).into(),
                place: Place::default(),
            })
        });
        // One who answers too little for a group of three.
        let outcome = GroupReply::Objects(documents.take(2).collect());
        Box::pin(async { Ok(outcome) })
    }
}

#[tokio::test]
async fn an_injected_client_comes_first_where_it_serves() {
    let parent = Parent::start(|_| json(r#"{"uuid": "t"}"#)).await;
    let manager = manager_with(&parent, vec![Arc::new(Injected(Representation::Fhir))]);
    let GroupReply::Objects(fetched) = fetch(&manager, "patient", &["a"]).await.unwrap() else { panic!("closed") };
    assert!(matches!(&fetched[0], Fetched::Document(document) if &*document.client == "archive"));
    assert_eq!(parent.seen().len(), 0);
    fetch(&manager, "encounter_type", &["t"]).await.unwrap();
    assert_eq!(parent.targets().len(), 1);
}

#[tokio::test]
async fn a_document_in_another_representation_is_refused() {
    let parent = Parent::start(|_| status(500)).await;
    let manager = manager_with(&parent, vec![Arc::new(Injected(Representation::Rest))]);
    let GroupReply::Objects(fetched) = fetch(&manager, "patient", &["a"]).await.unwrap() else { panic!("closed") };
    assert_eq!(in_short(&fetched), ["Malformed"]);
}

#[tokio::test]
async fn a_client_that_answers_for_too_few_is_a_defect() {
    let parent = Parent::start(|_| status(500)).await;
    let manager = manager_with(&parent, vec![Arc::new(Injected(Representation::Fhir))]);
    assert_eq!(fetch(&manager, "patient", &["a", "b", "c"]).await.unwrap_err().kind, ErrorKind::Internal);
}
