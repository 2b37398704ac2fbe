use super::*;
use crate::decide::changes::ObjectEvent;
use crate::event::{Action, ObjectId};
use crate::feed::atom::{self, FeedIdentity};
use crate::feed::dialect::FeedScope;
use crate::store::events::PublishedEvent;

const NODE: &str = "https://emr.example.org/openmrs";
const EPOCH: &str = "0b5f4a1e-6d2c-4f0e-9a53-3a0c5b7d8e91";

fn request(path: &str) -> FeedRequest {
    FeedRequest::of(&format!("{NODE}{FEED_PATH}/{path}"), None).unwrap()
}

fn event(number: u64, category: &str, action: Action) -> PublishedEvent {
    let object = ObjectId { category: Category::parse(category).unwrap(), uuid: format!("{category}-{number}") };
    PublishedEvent {
        number,
        category_number: number,
        uuid: format!("00000000-0000-4000-8000-{number:012}"),
        event: ObjectEvent { object, action, patient: Some("p-1".into()), location: None, caused_by: None },
        published_at: 1_700_000_000_000 + number as i64,
    }
}

fn written(request: &FeedRequest, page: Page, events: &[PublishedEvent]) -> String {
    Document {
        epoch: EPOCH,
        url: &request.feed,
        asked: request.url.as_str(),
        page,
        stretch: None,
        events: events.iter().map(|event| (event, Shown::Event)).collect(),
    }
    .write()
}

/// As our own reader sees it.
fn read(request: &FeedRequest, document: &str) -> atom::Page {
    let scope = request.category.map_or(FeedScope::Complete, FeedScope::Category);
    let feed = FeedIdentity { scope, epoch: EPOCH.into(), url: request.feed.0.clone() };
    atom::parse_page(document.as_bytes(), &feed).unwrap()
}

#[test]
fn our_own_reader_reads_what_is_written() {
    let request = request("2");
    let page = Pages { size: 3, last_event: 7 }.numbered(2).unwrap();
    let events = [
        event(4, "patient", Action::Created),
        event(5, "encounter_type", Action::Retired),
        event(6, "encounter", Action::Voided),
    ];
    let read = read(&request, &written(&request, page, &events));
    assert_eq!((read.number, read.prev_archive, read.next_archive), (2, Some(1), Some(3)));
    assert_eq!(read.events.len(), events.len());
    for (read, written) in read.events.iter().zip(&events) {
        assert_eq!(read.id, format!("urn:uuid:{}", written.uuid));
        assert_eq!(read.object.as_ref(), Ok(&written.event.object));
        assert_eq!(read.action, written.event.action);
        assert_eq!(read.updated, written.published_at);
        assert_eq!(read.tags, ["patient:p-1"]);
        assert_eq!(&*read.page_url, format!("{NODE}{FEED_PATH}/2"));
    }
}

#[test]
fn the_newest_page_has_no_successor_and_says_its_number() {
    let request = request("patient/recent");
    let page = Pages { size: 3, last_event: 6 }.newest();
    let events: Vec<_> = (4..=6).map(|number| event(number, "patient", Action::Updated)).collect();
    let document = written(&request, page, &events);
    let read = read(&request, &document);
    assert_eq!((read.number, read.prev_archive, read.next_archive), (2, Some(1), None));
    assert!(!document.contains("fh:archive"), "{document}");
    assert!(
        document
            .contains(&format!(r#"rel="self" type="application/atom+xml" href="{NODE}{FEED_PATH}/patient/recent""#))
    );
}

#[test]
fn an_empty_feed_is_a_page_without_entries() {
    let request = request("recent");
    let read = read(&request, &written(&request, Pages { size: 3, last_event: 0 }.newest(), &[]));
    assert_eq!(read.epoch.as_deref(), Some(EPOCH));
    assert_eq!((read.number, read.prev_archive, read.next_archive), (0, None, None));
    assert!(read.events.is_empty());
}

#[test]
fn an_entry_is_what_the_clients_of_the_atomfeed_module_know() {
    let request = request("1");
    let page = Pages { size: 3, last_event: 1 }.newest();
    let entry = written(&request, page, &[event(1, "patient", Action::Created)]);
    let links = r#"{"rest":"/ws/rest/v1/patient/patient-1","fhir":"/ws/fhir2/R4/Patient/patient-1"}"#;
    for expected in [
        r#"<category term="CREATED"/><category term="patient"/>"#.to_string(),
        format!(r#"<content type="application/vnd.atomfeed+json"><![CDATA[{links}]]></content>"#),
        "<updated>2023-11-14T22:13:20.001Z</updated>".to_string(),
    ] {
        assert!(entry.contains(&expected), "{expected} is not in {entry}");
    }
}

#[test]
fn event_with_impossible_uuid_is_the_only_one_put_aside() {
    let request = request("1");
    let page = Pages { size: 3, last_event: 2 }.newest();
    let mut odd = event(1, "patient", Action::Created);
    odd.event.object.uuid = "]]>\u{1}<x>".into();
    odd.event.patient = Some("<&\"\u{0}".into());
    let read = read(&request, &written(&request, page, &[odd, event(2, "patient", Action::Created)]));
    assert!(read.events[0].object.is_err() && read.events[0].tags.is_empty(), "{:?}", read.events[0]);
    assert!(read.events[1].object.is_ok());
}

#[test]
fn a_request_is_read_from_its_url() {
    let numbered = request("encounter/17?ignored=1#too");
    assert_eq!(numbered.category.map(Category::name), Some("encounter"));
    assert_eq!(numbered.page, AskedPage::Numbered(17));
    assert_eq!(numbered.feed.recent().as_str(), format!("{NODE}{FEED_PATH}/encounter/recent"));
    assert_eq!(numbered.url.as_str(), format!("{NODE}{FEED_PATH}/encounter/17"));
    assert_eq!(request("recent").page, AskedPage::Recent);
}

#[test]
fn url_of_no_feed_of_this_node_is_not_found() {
    let below = ["", "unicorn/recent", "patient", "-1", "1.5", "99999999999", "patient/1/2", "patient/"];
    let urls = below.iter().map(|path| format!("{NODE}{FEED_PATH}/{path}"));
    for url in urls.chain(["no url".to_string(), "mailto:a@example.org".to_string(), NODE.to_string()]) {
        assert_eq!(FeedRequest::of(&url, None).unwrap_err().kind, ErrorKind::NotFound, "{url}");
    }
}

#[test]
fn tags_are_compared_weakly() {
    let has = |header: &str| {
        let url = format!("{NODE}{FEED_PATH}/recent");
        FeedRequest::of(&url, Some(header)).unwrap().has("W/\"a-all-1-7\"")
    };
    assert!(has("W/\"a-all-1-7\""));
    assert!(has("\"a-all-1-7\""));
    assert!(has("\"other\", W/\"a-all-1-7\""));
    assert!(has("*"));
    assert!(!has("W/\"a-all-1-8\""));
    assert!(!has(""));
    assert!(!request("recent").has("W/\"a-all-1-7\""));
}

#[test]
fn a_full_page_has_another_tag_when_it_gets_its_successor() {
    let before = etag(EPOCH, None, (Pages { size: 3, last_event: 3 }.numbered(1).unwrap(), "last"), &[]);
    let after = etag(EPOCH, None, (Pages { size: 3, last_event: 4 }.numbered(1).unwrap(), "last"), &[]);
    let later = etag(EPOCH, None, (Pages { size: 3, last_event: 9 }.numbered(1).unwrap(), "last"), &[]);
    assert_ne!(before, after);
    assert_eq!(after, later);
    let of_another_time = Pages { size: 3, last_event: 4 }.numbered(1).unwrap();
    assert_ne!(etag(EPOCH, None, (of_another_time, "other"), &[]), after);
}

#[test]
fn hidden_event_is_passed_and_says_nothing_of_its_object() {
    let request = request("recent");
    let events = [event(1, "patient", Action::Created), event(2, "encounter", Action::Voided)];
    let page = Pages { size: 100, last_event: 2 }.newest();
    let shown = events.iter().zip([Shown::Nothing, Shown::Event]).collect();
    let asked = request.url.as_str();
    let document = Document { epoch: EPOCH, url: &request.feed, asked, page, stretch: None, events: shown }.write();
    for told in ["patient-1", "CREATED", "patient:"] {
        assert_eq!(document.matches(told).count(), usize::from(told == "patient:"), "{told}: {document}");
    }
    let read = read(&request, &document);
    assert_eq!(read.events.len(), 2);
    assert_eq!(read.events[0].object, Err(crate::event::NoObject::UnknownCategory));
    assert_eq!(read.events[1].object.as_ref().unwrap().uuid, "encounter-2");
    let tags = [&[Shown::Event, Shown::Event], &[Shown::Nothing, Shown::Event], &[Shown::Event, Shown::Nothing]]
        .map(|shown| etag(EPOCH, None, (page, "last"), shown));
    assert_eq!(tags.iter().collect::<std::collections::BTreeSet<_>>().len(), 3, "{tags:?}");
}

// --- Stretches.

fn stretch_request(query: &str) -> Result<FeedRequest> {
    FeedRequest::of(&format!("{NODE}{FEED_PATH}/2?{query}"), None)
}

#[test]
fn our_own_reader_reads_a_stretch_with_what_was_left_out() {
    let after = Uuid::from_u128(5);
    let request = stretch_request(&format!("without=encounter,visit&after={after}")).unwrap();
    let stretch = Stretch { after: Some(after), first: 6, last: 40, end: 99, page_size: 3 };
    let told = vec![event(9, "patient", Action::Created), event(10, "location", Action::Retired)];
    let found = Found { stretch, told, last: Some(event(40, "encounter", Action::Voided)) };
    let feed = OwnFeed { epoch: EPOCH.to_string(), page_size: 3 };
    let page = answer_stretch(&feed, &request, 2, &found);
    assert!(!page.archived);
    let document = page.document.unwrap();
    assert!(!document.contains("-archive") && !document.contains("encounter-40"), "{document}");
    let read = read(&request, &document);
    assert_eq!((read.stretch, read.number, read.next_archive), (Some(stretch), 2, None));
    assert_eq!(read.events.iter().map(|event| event.left_out).collect::<Vec<_>>(), [3, 0, 29]);
    let pages: Vec<&str> = read.events.iter().filter_map(|event| event.page_url.rsplit('/').next()).collect();
    assert_eq!(pages, ["3", "4", "14"]);
    assert_eq!(read.events[0].object.as_ref(), Ok(&found.told[0].event.object));
    assert_eq!(read.events[2].object, Err(crate::event::NoObject::UnknownCategory));
    // It is not sent to who has it, but whenever anything in it is another.
    let again = FeedRequest { if_none_match: Some(page.etag.clone()), ..request.clone() };
    assert_eq!(answer_stretch(&feed, &again, 2, &found).document, None);
    let fewer = Found { told: vec![event(9, "patient", Action::Created)], ..found };
    assert!(answer_stretch(&feed, &again, 2, &fewer).document.is_some());
}

#[test]
fn question_for_a_stretch_of_another_form_is_refused() {
    let long = format!("without={}", "a".repeat(65));
    let many = format!("without={}", vec!["visit"; 201].join(","));
    let huge = format!("without=visit&after={}", "0".repeat(9000));
    for query in [
        "without=",
        "without=visit,",
        "without=Visit",
        "without=visit%27--",
        "without=visit&without=patient",
        "after=7",
        "without=visit&after=7",
        "without=visit&after=",
        "without=visit&after=00000000-0000-4000-8000-000000000001&after=00000000-0000-4000-8000-000000000001",
        "without=visit&since=yesterday",
        long.as_str(),
        many.as_str(),
        huge.as_str(),
    ] {
        assert_eq!(stretch_request(query).unwrap_err().kind, ErrorKind::Malformed, "{query}");
    }
    for path in ["recent", "patient/1", "patient/recent"] {
        let url = format!("{NODE}{FEED_PATH}/{path}?without=visit");
        assert_eq!(FeedRequest::of(&url, None).unwrap().stretch, None, "{path}");
    }
}

#[test]
fn question_for_a_stretch_may_name_categories_of_newer_versions() {
    for query in ["without=unicorn,visit", "without=none", "without=visit&after=00000000-0000-4000-8000-000000000001"] {
        assert!(stretch_request(query).unwrap().stretch.is_some(), "{query}");
    }
    // Any other query counts for nothing.
    for query in ["", "v=full", "after=00000000-0000-4000-8000-000000000001", "_=1"] {
        assert_eq!(stretch_request(query).unwrap(), request("2"), "{query}");
    }
}
