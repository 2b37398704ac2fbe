//! The mock parent is what other tests stand on, so what it says itself is held here.

use reqwest::header::{CONTENT_TYPE, RETRY_AFTER, SET_COOKIE};
use reqwest::{Client, Response};

use super::*;

const UUID: &str = "64a14f85-cab9-4bba-9d4c-de5ee180b862";
const OTHER_UUID: &str = "8595ec05-9002-4bb2-80fb-049f1debc13b";

fn category(name: &str) -> Category {
    Category::parse(name).unwrap()
}

fn patient(uuid: &str) -> Value {
    json!({"resourceType": "Patient", "id": uuid, "text": {"status": "generated"}})
}

/// Whichever test comes first, reqwest finds the TLS provider that it does not bring itself.
fn client() -> reqwest::Result<Client> {
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder().no_proxy().build()
}

async fn request(parent: &MockParent, path: &str) -> reqwest::Result<Response> {
    let url = format!("{}{path}", parent.url());
    client()?.get(url).basic_auth(USERNAME, Some(PASSWORD)).send().await
}

async fn get(parent: &MockParent, path: &str) -> (u16, Value) {
    let response = request(parent, path).await.unwrap();
    let status = response.status().as_u16();
    (status, serde_json::from_slice(&response.bytes().await.unwrap()).unwrap())
}

#[tokio::test]
async fn a_feed_wants_a_session_and_says_200_to_everybody() {
    let parent = MockParent::start();
    parent.append_event(category("patient"), Action::Created, UUID);
    let without = request(&parent, "/ws/atomfeed/patient/recent").await.unwrap();
    assert_eq!(without.status(), 200);
    assert_eq!(without.headers()[CONTENT_TYPE], "application/xml;charset=UTF-8");

    let login = request(&parent, "/ws/rest/v1/session").await.unwrap();
    let cookie = login.headers()[SET_COOKIE].to_str().unwrap().to_string();
    let url = format!("{}/ws/atomfeed/patient/recent", parent.url());
    let with = client().unwrap().get(url).header("cookie", cookie).send().await.unwrap();
    assert_eq!(with.headers()[CONTENT_TYPE], "text/plain;charset=ISO-8859-1");
    assert!(with.text().await.unwrap().contains(UUID));
}

#[tokio::test]
async fn a_wrong_password_is_not_authenticated() {
    let parent = MockParent::start();
    let url = format!("{}/ws/rest/v1/session", parent.url());
    let client = client().unwrap();
    let answer = client.get(url).basic_auth(USERNAME, Some("wrong")).send().await.unwrap();
    assert_eq!(answer.bytes().await.unwrap(), r#"{"authenticated":false}"#);
    let object = client.get(format!("{}/ws/fhir2/R4/Patient/{UUID}", parent.url())).send().await.unwrap();
    assert_eq!(object.status(), 401);
}

#[tokio::test]
async fn fhir_tells_present_voided_and_unknown_apart() {
    let parent = MockParent::start();
    let path = format!("/ws/fhir2/R4/Patient/{UUID}");
    assert_eq!(get(&parent, &path).await.0, 404);
    parent.put(category("patient"), patient(UUID));
    assert_eq!(get(&parent, &path).await, (200, patient(UUID)));
    let (_, summary) = get(&parent, &format!("{path}?_summary=data")).await;
    assert_eq!(summary["meta"]["tag"][0]["code"], "SUBSETTED");
    assert!(summary.get("text").is_none());
    parent.void(category("patient"), UUID);
    assert_eq!(get(&parent, &path).await.0, 410);
    parent.delete(category("patient"), UUID);
    assert_eq!(get(&parent, &path).await.0, 404);
}

#[tokio::test]
async fn a_search_leaves_out_what_is_missing_voided_or_over_the_count() {
    let parent = MockParent::start();
    let voided = "voided-patient";
    for uuid in [UUID, OTHER_UUID, voided] {
        parent.store(category("patient"), patient(uuid));
    }
    parent.void(category("patient"), voided);
    let search = format!("/ws/fhir2/R4/Patient?_id={UUID},{voided},nobody,{OTHER_UUID}");
    let ids = |bundle: &Value| -> Vec<String> {
        let entries = bundle["entry"].as_array().unwrap().iter();
        entries.map(|entry| entry["resource"]["id"].as_str().unwrap().to_string()).collect()
    };
    assert_eq!(ids(&get(&parent, &search).await.1), [UUID, OTHER_UUID]);
    assert_eq!(ids(&get(&parent, &format!("{search}&_count=1")).await.1), [UUID]);
}

#[tokio::test]
async fn rest_shows_retired_objects_and_lists_by_pages() {
    let parent = MockParent::start();
    for uuid in ["a", "b", "c"] {
        parent.put(category("visittype"), json!({"uuid": uuid, "display": uuid, "retired": false}));
    }
    parent.retire(category("visittype"), "b");
    assert_eq!(get(&parent, "/ws/rest/v1/visittype/b?v=full").await.1["retired"], true);
    assert_eq!(get(&parent, "/ws/rest/v1/visittype/d").await.0, 404);
    let (_, list) = get(&parent, "/ws/rest/v1/visittype?limit=2&startIndex=1").await;
    assert_eq!(list["results"], json!([{"uuid": "b", "display": "b"}, {"uuid": "c", "display": "c"}]));
}

#[tokio::test]
async fn faults_act_as_often_as_they_are_told_and_on_what_matches() {
    let parent = MockParent::start();
    parent.put(category("patient"), patient(UUID));
    let path = format!("/ws/fhir2/R4/Patient/{UUID}");
    parent.fail_times(2, |path| path.contains("/Patient/"), Fault::retry_after(503, 7));
    let busy = request(&parent, &path).await.unwrap();
    assert_eq!((busy.status().as_u16(), &busy.headers()[RETRY_AFTER].to_str().unwrap()), (503, &"7"));
    assert_eq!(request(&parent, &path).await.unwrap().status(), 503);
    assert_eq!(get(&parent, &path).await.0, 200);

    parent.fail(|path| path.contains("/Patient"), Fault::unknown_resource_type("Patient"));
    assert_eq!(get(&parent, &path).await.1["resourceType"], "OperationOutcome");
    parent.heal();
    assert_eq!(get(&parent, &path).await.0, 200);
    assert_eq!(parent.count_requests(|path| path.contains("/Patient/")), 5);
}

#[tokio::test]
async fn a_body_can_be_halved_cut_off_or_huge() {
    let parent = MockParent::start();
    parent.put(category("patient"), patient(UUID));
    let path = format!("/ws/fhir2/R4/Patient/{UUID}");
    let whole = request(&parent, &path).await.unwrap().bytes().await.unwrap();
    parent.fail_times(1, |_| true, Fault::HalfBody);
    assert_eq!(request(&parent, &path).await.unwrap().bytes().await.unwrap(), whole[..whole.len() / 2]);
    parent.fail_times(1, |_| true, Fault::CutOff);
    assert!(request(&parent, &path).await.unwrap().bytes().await.is_err());
    parent.fail_times(1, |_| true, Fault::HugeBody(1 << 20));
    assert_eq!(request(&parent, &path).await.unwrap().bytes().await.unwrap().len(), 1 << 20);
}

#[tokio::test]
async fn a_gate_holds_requests_until_it_is_released() {
    let parent = MockParent::start();
    parent.put(category("patient"), patient(UUID));
    let gate = parent.hold(|path| path.contains("/Patient/"));
    let path = format!("/ws/fhir2/R4/Patient/{UUID}");
    let release = tokio::task::spawn_blocking(move || {
        gate.wait_until_reached();
        gate.release();
    });
    assert_eq!(get(&parent, &path).await.0, 200);
    release.await.unwrap();
}

#[tokio::test]
async fn own_feed_is_served_once_published_as_far_as_it_is_kept() {
    let parent = MockParent::start();
    for number in 0..7 {
        let name = if number % 2 == 0 { "patient" } else { "encounter" };
        parent.append_event(category(name), Action::Created, &format!("{name}-{number}"));
    }
    let page = |page: &str| format!("/ws/rest/v1/sync2/feed/{page}");
    assert_eq!(request(&parent, &page("recent")).await.unwrap().status(), 404);
    parent.publish_own_feed();
    let first = request(&parent, &page("1")).await.unwrap();
    assert!(first.headers().contains_key("etag"));
    let first = first.text().await.unwrap();
    assert_eq!(first.matches("<entry>").count(), 5);
    assert!(first.contains("term=\"encounter\"") && first.contains("rel=\"next-archive\""), "{first}");
    assert_eq!(request(&parent, &page("3")).await.unwrap().status(), 404);
    parent.remove_own_pages(1);
    assert_eq!(request(&parent, &page("1")).await.unwrap().status(), 410);
    assert_eq!(request(&parent, &page("recent")).await.unwrap().status(), 200);
}

#[tokio::test]
async fn it_can_be_stopped_and_is_found_again_with_what_it_had() {
    let parent = MockParent::start();
    parent.put(category("patient"), patient(UUID));
    let path = format!("/ws/fhir2/R4/Patient/{UUID}");
    parent.stop();
    assert!(request(&parent, &path).await.unwrap_err().is_connect());
    parent.restart();
    assert_eq!(get(&parent, &path).await.0, 200);
}
