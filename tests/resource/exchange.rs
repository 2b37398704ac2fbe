//! The exchange client: when it is used, and what each answer means.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::body::Body;
use axum::response::Response;
use serde_json::{Value, json};
use sync2::error::{ErrorKind, Result};
use sync2::event::ObjectId;
use sync2::resource::{Fetched, Reply, SyncResourceManager};
use sync2::testing::objects::object;
use sync2::wire::MEDIA_TYPE;

use crate::parent::{self, Parent, Seen};
use crate::{client, config, document};

const EXCHANGE: &str = "/openmrs/ws/rest/v1/sync2/objects/read";

fn lines(lines: &[Value]) -> Response {
    let body: String = lines.iter().map(|line| format!("{line}\n")).collect();
    Response::builder().header("content-type", MEDIA_TYPE).body(Body::from(body)).unwrap()
}

fn status(status: u16) -> Response {
    Response::builder().status(status).body(Body::empty()).unwrap()
}

/// Answers the question whether it is there, and then `answers`; everything else by `plain`.
async fn parent(
    answers: impl Fn() -> Response + Clone + Send + Sync + 'static,
    plain: impl Fn(&Seen) -> Response + Clone + Send + Sync + 'static,
) -> Parent {
    let asked = Arc::new(AtomicUsize::new(0));
    Parent::start(move |seen| match seen.target.as_str() {
        EXCHANGE if asked.fetch_add(1, Ordering::SeqCst) == 0 => lines(&[]),
        EXCHANGE => answers(),
        _ => plain(seen),
    })
    .await
}

fn manager(parent: &Parent) -> SyncResourceManager {
    let config = config(&document(&parent.url));
    let client = Arc::new(client(&parent.url));
    SyncResourceManager::new(client.clone(), &config, Vec::new()).with_exchange(client, &config, "node-id")
}

async fn fetch(manager: &SyncResourceManager, objects: &[ObjectId]) -> Result<Vec<(ObjectId, Reply)>> {
    let wanted: Vec<&ObjectId> = objects.iter().collect();
    let mut outcomes = Vec::new();
    for group in manager.groups(&wanted, 100).await? {
        let fetched = manager.fetch_group(&group).await?.into_iter();
        outcomes.extend(fetched.map(|(object, unchecked)| {
            let outcome = unchecked.checked(&object);
            (object, outcome)
        }));
    }
    Ok(outcomes)
}

fn kind(outcome: &Reply) -> Option<ErrorKind> {
    match outcome {
        Reply::Object(Fetched::Failed(error)) | Reply::CategoryClosed(error) => Some(error.kind),
        Reply::Object(_) => None,
    }
}

fn answer(category: &str, uuid: &str, state: &str) -> Value {
    json!({"category": category, "uuid": uuid, "state": state, "error": {"kind": "Host", "message": "x"}})
}

#[tokio::test]
async fn objects_of_several_categories_are_one_request() {
    let parent = parent(
        || {
            lines(&[
                json!({"category": "encounter_type", "uuid": "t", "state": "present", "document": {"uuid": "t"}}),
                json!({"category": "patient", "uuid": "p", "state": "present",
                       "document": {"resourceType": "Patient", "id": "p"}}),
            ])
        },
        |_| status(500),
    )
    .await;
    let manager = manager(&parent);
    // Groups are in the order that they were asked for.
    let outcomes = fetch(&manager, &[object("encounter_type", "t"), object("patient", "p")]).await.unwrap();
    let documents: Vec<_> = outcomes
        .into_iter()
        .map(|(object, outcome)| match outcome {
            Reply::Object(Fetched::Document(document)) => (object.uuid, document.client.to_string()),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(documents, [("t".to_string(), "exchange".to_string()), ("p".to_string(), "exchange".to_string())]);
    let targets = parent.targets();
    assert_eq!(targets, vec![EXCHANGE.trim_start_matches("/openmrs"); 2]);
    let seen = parent.seen();
    let request = seen.iter().rfind(|seen| seen.target == EXCHANGE).unwrap();
    let header = |name: &str| request.headers.get(name).unwrap().to_str().unwrap().to_string();
    assert_eq!([header("content-type"), header("x-sync2"), header("x-sync2-node")], [MEDIA_TYPE, "1", "node-id"]);
    assert!(request.has_session(1));
    // OpenMRS refuses every request that has one.
    assert!(request.headers.get("content-encoding").is_none());
}

#[tokio::test]
async fn each_state_means_what_the_status_of_one_address_does() {
    let parent = parent(
        || {
            let malformed = json!({"category": "patient", "uuid": "c", "state": "failed",
                                   "error": {"kind": "Malformed", "message": "no"}});
            let other = json!({"category": "patient", "uuid": "d", "state": "present",
                               "document": {"resourceType": "Patient", "id": "another"}});
            let large = json!({"category": "patient", "uuid": "l", "state": "present",
                               "document": {"resourceType": "Patient", "id": "l", "text": "x".repeat(5000)}});
            lines(&[
                answer("patient", "a", "absent"),
                answer("patient", "r", "refused"),
                answer("patient", "f", "failed"),
                malformed,
                other,
                large,
                answer("patient", "g", "removed"),
            ])
        },
        |_| status(500),
    )
    .await;
    let asked = ["a", "r", "f", "c", "d", "l", "g"].map(|uuid| object("patient", uuid));
    let outcomes = fetch(&manager(&parent), &asked).await.unwrap();
    let kinds: Vec<_> = outcomes.iter().map(|(_, outcome)| kind(outcome)).collect();
    let expected = [
        Some(ErrorKind::NotFound),
        Some(ErrorKind::Forbidden),
        Some(ErrorKind::ParentFailed),
        Some(ErrorKind::Malformed),
        Some(ErrorKind::Malformed),
        Some(ErrorKind::Malformed),
        None,
    ];
    assert_eq!(kinds, expected);
    assert!(matches!(outcomes[6].1, Reply::Object(Fetched::Gone { .. })));
}

/// As it does with what it was asked just before it was stopped.
#[tokio::test]
async fn failed_answer_of_a_stopping_parent_is_no_objects_failure() {
    let asked = Arc::new(AtomicUsize::new(0));
    let parent = Parent::start(move |_| match asked.fetch_add(1, Ordering::SeqCst) {
        0 => lines(&[]),
        1 => lines(&[answer("patient", "p", "failed")]),
        _ => status(502),
    })
    .await;
    let outcomes = fetch(&manager(&parent), &[object("patient", "p")]).await;
    assert_eq!(outcomes.unwrap_err().kind, ErrorKind::Unreachable);
}

#[tokio::test]
async fn a_closed_category_is_asked_for_once() {
    let parent = parent(|| lines(&[answer("patient", "p", "closed")]), |_| status(500)).await;
    let manager = manager(&parent);
    for _ in 0..2 {
        let outcomes = fetch(&manager, &[object("patient", "p")]).await.unwrap();
        assert!(matches!(&outcomes[0].1, Reply::CategoryClosed(error) if error.kind == ErrorKind::Forbidden));
    }
    assert_eq!(parent.targets().len(), 2);
}

/// A patient at its own address.
fn plain(_: &Seen) -> Response {
    parent::json(r#"{"resourceType": "Patient", "id": "p"}"#)
}

async fn by_fhir(manager: &SyncResourceManager) {
    let outcomes = fetch(manager, &[object("patient", "p")]).await.unwrap();
    assert!(
        matches!(&outcomes[0].1, Reply::Object(Fetched::Document(document)) if &*document.client == "fhir"),
        "{outcomes:?}"
    );
}

#[tokio::test]
async fn a_parent_without_it_is_asked_once_and_served_by_fhir() {
    for refused in [404, 405, 415, 403, 400, 500] {
        let parent = Parent::start(move |seen| match seen.target.as_str() {
            EXCHANGE => status(refused),
            _ => plain(seen),
        })
        .await;
        let manager = manager(&parent);
        assert!(manager.without_exchange().is_none());
        by_fhir(&manager).await;
        by_fhir(&manager).await;
        let exchanged = parent.targets().iter().filter(|target| target.contains("sync2")).count();
        assert_eq!(exchanged, 1, "{refused}");
        let why = manager.without_exchange().unwrap();
        assert!(why.message.contains("exchange"), "{why}");
    }
}

#[tokio::test]
async fn a_web_page_is_no_exchange() {
    let parent = Parent::start(|seen| match seen.target.as_str() {
        EXCHANGE => Response::builder().header("content-type", "text/html").body(Body::from("<html>")).unwrap(),
        _ => plain(seen),
    })
    .await;
    by_fhir(&manager(&parent)).await;
}

#[tokio::test]
async fn a_group_that_it_fails_at_is_asked_for_by_fhir() {
    let too_few = || lines(&[]);
    let of_another = || lines(&[answer("patient", "another", "absent")]);
    let no_lines = || Response::builder().header("content-type", MEDIA_TYPE).body(Body::from("no json\n")).unwrap();
    let too_large =
        || Response::builder().header("content-type", MEDIA_TYPE).body(Body::from("x".repeat(20_000))).unwrap();
    for broken in [too_few as fn() -> Response, of_another, no_lines, too_large, || status(500)] {
        let parent = parent(broken, plain).await;
        let manager = manager(&parent);
        by_fhir(&manager).await;
        // It is asked again for the next group: one bad record must not switch it off.
        by_fhir(&manager).await;
        assert!(manager.without_exchange().is_none());
    }
}

#[tokio::test]
async fn one_that_closes_during_the_run_is_not_asked_again() {
    let parent = parent(|| status(403), plain).await;
    let manager = manager(&parent);
    by_fhir(&manager).await;
    by_fhir(&manager).await;
    assert_eq!(parent.targets().iter().filter(|target| target.contains("sync2")).count(), 2);
    assert_eq!(manager.without_exchange().unwrap().kind, ErrorKind::Forbidden);
}

#[tokio::test]
async fn a_parent_that_has_too_much_to_do_stops_the_run() {
    let parent =
        Parent::start(|_| Response::builder().status(503).header("retry-after", "3600").body(Body::empty()).unwrap())
            .await;
    let error = fetch(&manager(&parent), &[object("patient", "p")]).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Busy);
}

#[tokio::test]
async fn it_is_left_alone_when_the_configuration_says_never() {
    let parent = Parent::start(plain).await;
    let mut document = document(&parent.url);
    document["parent"]["exchange"] = json!("never");
    let config = config(&document);
    let client = Arc::new(client(&parent.url));
    let manager =
        SyncResourceManager::new(client.clone(), &config, Vec::new()).with_exchange(client, &config, "node-id");
    by_fhir(&manager).await;
    assert!(!parent.targets().iter().any(|target| target.contains("sync2")));
}
