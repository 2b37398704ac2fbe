use proptest::prelude::*;

use super::*;

const UUID: &str = "64a14f85-cab9-4bba-9d4c-de5ee180b862";
const OTHER_UUID: &str = "8595ec05-9002-4bb2-80fb-049f1debc13b";

fn category(name: &str) -> Category {
    Category::parse(name).unwrap()
}

fn identity() -> FeedIdentity {
    FeedIdentity {
        scope: FeedScope::Category(category("patient")),
        epoch: "epoch-1".into(),
        url: Url::parse("http://127.0.0.1:8080/openmrs/ws/atomfeed/patient").unwrap(),
    }
}

fn links(number: u64) -> String {
    let url = format!("http://127.0.0.1:8080/openmrs/ws/atomfeed/patient/{number}");
    format!(r#"<link rel="self" href="{url}" /><link rel="via" href="{url}" />"#)
}

fn feed(inside: &str) -> String {
    format!(r#"<?xml version="1.0" encoding="UTF-8"?><feed xmlns="http://www.w3.org/2005/Atom">{inside}</feed>"#)
}

/// The parts of an entry; each test changes the part that it is about.
struct Sample {
    id: &'static str,
    terms: &'static [&'static str],
    updated: &'static str,
    content: String,
}

impl Sample {
    fn proper() -> Sample {
        let content = format!(r#"{{"rest":"/ws/rest/v1/patient/{UUID}?v=full","fhir":"/ws/fhir/Patient/{UUID}"}}"#);
        Sample { id: "tag:1", terms: &["CREATED", "patient"], updated: "2026-11-23T07:00:55Z", content }
    }

    fn xml(&self) -> String {
        let terms: String = self.terms.iter().map(|term| format!(r#"<category term="{term}" />"#)).collect();
        format!(
            "<entry><title>Patient</title>{terms}<id>{}</id><updated>{}</updated><content type=\"application/vnd.atomfeed+xml\">\
             <![CDATA[{}]]></content></entry>",
            self.id, self.updated, self.content
        )
    }

    fn with_content(content: impl Into<String>) -> Sample {
        Sample { content: content.into(), ..Sample::proper() }
    }
}

fn parse(document: impl AsRef<[u8]>) -> Result<Page> {
    parse_page(document.as_ref(), &identity())
}

fn parse_entries(entries: &[String]) -> Vec<Event> {
    parse(feed(&(links(1) + &entries.concat()))).unwrap().events
}

fn parse_sample(sample: &Sample) -> Event {
    let mut events = parse_entries(&[sample.xml()]);
    assert_eq!(events.len(), 1);
    events.remove(0)
}

fn fault_of(sample: &Sample) -> String {
    fault(&parse_sample(sample))
}

fn fault(event: &Event) -> String {
    match &event.object {
        Err(NoObject::Malformed { category: read_under, reason }) => {
            assert_eq!(*read_under, category("patient"));
            reason.clone()
        }
        other => panic!("it is not malformed: {other:?}"),
    }
}

fn refusal(document: impl AsRef<[u8]>) -> String {
    let error = parse(document).expect_err("a refused page");
    assert_eq!(error.kind, ErrorKind::Malformed);
    error.to_string()
}

#[test]
fn a_page_as_openmrs_writes_it() {
    let page = parse(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<feed xmlns="http://www.w3.org/2005/Atom">
  <title>OpenMRS Feed Publisher for Sync2.0</title>
  <link rel="self" type="application/atom+xml" href="http://127.0.0.1:8080/openmrs/ws/atomfeed/patient/2" />
  <link rel="via" type="application/atom+xml" href="http://127.0.0.1:8080/openmrs/ws/atomfeed/patient/2" />
  <link rel="next-archive" type="application/atom+xml" href="http://127.0.0.1:8080/openmrs/ws/atomfeed/patient/3" />
  <link rel="prev-archive" type="application/atom+xml" href="http://127.0.0.1:8080/openmrs/ws/atomfeed/patient/1" />
  <author>
    <name>SolDevelo</name>
  </author>
  <id>a2ad93fd-8a7f-405f-bbc1-da4535e6d05c+2</id>
  <generator uri="https://github.com/ICT4H/atomfeed">OpenMRS Feed Publisher</generator>
  <updated>2026-11-23T07:00:55Z</updated>
  <entry>
    <title>Patient</title>
    <category term="CREATED" />
    <category term="patient" />
    <id>tag:atomfeed.ict4h.org:6d2a2b06-5c58-42cb-90bd-18b9bfe138ba</id>
    <updated>2026-11-23T07:00:55Z</updated>
    <published>2026-11-23T07:00:55Z</published>
    <content type="application/vnd.atomfeed+xml"><![CDATA[{"rest":"/ws/rest/v1/patient/64a14f85-cab9-4bba-9d4c-de5ee180b862?v=full","fhir":"/ws/fhir/Patient/64a14f85-cab9-4bba-9d4c-de5ee180b862"}]]></content>
  </entry>
</feed>

"#,
    )
    .unwrap();
    assert_eq!((page.number, page.next_archive, page.prev_archive), (2, Some(3), Some(1)));
    let event = Event {
        feed: "patient".into(),
        epoch: "epoch-1".into(),
        id: "tag:atomfeed.ict4h.org:6d2a2b06-5c58-42cb-90bd-18b9bfe138ba".to_string(),
        page_url: "http://127.0.0.1:8080/openmrs/ws/atomfeed/patient/2".into(),
        updated: 1_795_417_255_000,
        action: Action::Created,
        tags: Vec::new(),
        object: Ok(ObjectId { category: category("patient"), uuid: UUID.to_string() }),
        left_out: 0,
    };
    assert_eq!(page.events, [event]);
}

#[test]
fn the_newest_page_has_the_url_of_its_number() {
    let head = r#"<link rel="self" href="http://127.0.0.1:8080/openmrs/ws/atomfeed/patient/recent" />
                  <link rel="via" href="http://127.0.0.1:8080/openmrs/ws/atomfeed/patient/7" />"#;
    let page = parse(feed(&format!("{head}{}", Sample::proper().xml()))).unwrap();
    assert_eq!(page.number, 7);
    assert_eq!(&*page.events[0].page_url, "http://127.0.0.1:8080/openmrs/ws/atomfeed/patient/7");
}

#[test]
fn a_feed_without_events_is_page_0() {
    assert_eq!(parse(feed(&links(0))).unwrap().number, 0);
    assert_eq!(
        parse(feed("")).unwrap(),
        Page { epoch: None, number: 0, next_archive: None, prev_archive: None, events: vec![], stretch: None }
    );
}

// --- Pages that are refused.

#[test]
fn body_that_is_not_xml_is_refused() {
    for body in ["", "   ", "Service temporarily unavailable", "<feed", "<feed><a></b></feed>", "<?xml version=\"1.0\""]
    {
        refusal(body);
    }
    assert!(refusal([0xff, 0xfe, b'<', 0]).contains("UTF-8"));
}

#[test]
fn an_error_page_is_refused_and_told_from_a_feed() {
    let html = "<!DOCTYPE html><html><body>502 Bad Gateway</body></html>";
    assert!(refusal(html).contains("document type"));
    assert!(refusal("<html><body/></html>").contains("begins with <html>"));
    let others = [html, r#" {"cause":null}"#, "", "<org.openmrs.api.APIAuthenticationException/>", "not XML"];
    assert!(others.iter().all(|body| !begins_as_feed(body.as_bytes())));
    assert!(begins_as_feed("\u{feff}<?xml version='1.0'?>\n<!-- cut off --><feed><entr".as_bytes()));
    refusal(r#"{"cause":null}"#);
}

#[test]
fn a_page_that_is_cut_off_anywhere_is_refused() {
    let whole = feed(&(links(1) + &Sample::proper().xml()));
    parse(&whole).unwrap();
    for length in 0..whole.len() {
        refusal(&whole[..length]);
    }
}

#[test]
fn document_types_and_entities_are_refused() {
    let laughs = r#"<?xml version="1.0"?><!DOCTYPE feed [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><feed>&b;</feed>"#;
    assert!(refusal(laughs).contains("document type"));
    assert!(refusal(feed("<title>&secret;</title>")).contains("entity"));
    assert!(parse(feed(&format!("<title>a &amp; b &#233;</title>{}", links(1)))).is_ok());
}

#[test]
fn deep_nesting_is_refused_before_it_uses_up_the_stack() {
    let depth = 200_000;
    assert!(refusal(feed(&("<x:a>".repeat(depth) + &"</x:a>".repeat(depth)))).contains("deeply"));
}

#[test]
fn a_link_of_the_page_to_another_origin_is_refused_by_name() {
    for (rel, href) in [
        ("via", "http://other.example.org/openmrs/ws/atomfeed/patient/1"),
        ("next-archive", "https://127.0.0.1:8080/openmrs/ws/atomfeed/patient/2"),
        ("prev-archive", "//127.0.0.1:9/openmrs/ws/atomfeed/patient/1"),
    ] {
        let message = refusal(feed(&format!(r#"<link rel="{rel}" href="{href}" />"#)));
        assert!(message.contains(rel) && message.contains(href), "{message}");
    }
}

#[test]
fn a_page_with_entries_that_does_not_say_its_number_is_refused() {
    assert!(refusal(feed(&Sample::proper().xml())).contains("number"));
    let endless = feed(&(r#"<link rel="via" href="99999999999999999999" />"#.to_string() + &Sample::proper().xml()));
    assert!(refusal(endless).contains("number"));
}

#[test]
fn messages_repeat_only_a_little_of_what_came() {
    let long = "x".repeat(1 << 20);
    assert!(refusal(format!("<{long}></{long}>")).len() < 300);
    assert!(refusal(format!("<feed><{long}></y></feed>")).len() < 300);
    assert!(fault_of(&Sample::with_content(format!(r#"{{"rest":"/{long}"}}"#))).len() < 300);
}

// --- Labels and order.

#[test]
fn bytes_are_utf8_whatever_the_label_says() {
    let entry = Sample { terms: &["CREATED", "patient", "café"], ..Sample::proper() }.xml();
    let document = feed(&(links(1) + &entry)).replace("UTF-8", "ISO-8859-1");
    assert_eq!(parse(&document).unwrap().events[0].tags, ["café"]);
    let with_mark = format!("\u{feff}{document}");
    assert_eq!(parse(with_mark).unwrap().events[0].tags, ["café"]);
}

#[test]
fn category_terms_come_in_any_order() {
    for terms in [&["location:1", "VOIDED", "patient"] as &[_], &["patient", "location:1", "VOIDED"]] {
        let event = parse_sample(&Sample { terms, ..Sample::proper() });
        assert_eq!(event.action, Action::Voided);
        assert_eq!(event.tags, ["location:1"]);
        assert_eq!(event.category(), Some(category("patient")));
    }
}

#[test]
fn unknown_action_is_read_as_an_update_and_kept_as_a_tag() {
    let event = parse_sample(&Sample { terms: &["MERGED", "patient"], ..Sample::proper() });
    assert_eq!((event.action, event.tags), (Action::Other, vec!["MERGED".to_string()]));
    assert!(event.object.is_ok());
}

#[test]
fn the_feeds_own_category_wins_then_any_that_is_known() {
    let both = parse_sample(&Sample { terms: &["person", "patient", "UPDATED"], ..Sample::proper() });
    assert_eq!(both.category(), Some(category("patient")));
    let other = parse_sample(&Sample { terms: &["UPDATED", "unicorn", "person"], ..Sample::proper() });
    assert_eq!(other.category(), Some(category("person")));
    assert_eq!(other.tags, ["unicorn"]);
}

// --- A feed of all categories.

const EPOCH: &str = "2f1f9f6e-55cf-4a5f-8f3c-0d7b8c2f4b11";

fn parse_complete(id: &str, entries: &[&Sample]) -> Result<Page> {
    let identity = FeedIdentity { scope: FeedScope::Complete, epoch: EPOCH.into(), ..identity() };
    let entries: String = entries.iter().map(|sample| sample.xml()).collect();
    parse_page(feed(&format!("<id>{id}</id>{}{entries}", links(1))).as_bytes(), &identity)
}

fn complete_event(sample: &Sample) -> Event {
    parse_complete(&format!("urn:uuid:{EPOCH}"), &[sample]).unwrap().events.remove(0)
}

#[test]
fn a_complete_feed_says_its_epoch() {
    let epoch = |id: &str| parse_complete(id, &[]).map(|page| page.epoch);
    assert_eq!(epoch(&format!("urn:uuid:{EPOCH}")).unwrap().as_deref(), Some(EPOCH));
    assert_eq!(epoch(&format!("urn:uuid:{}", EPOCH.to_uppercase())).unwrap().as_deref(), Some(EPOCH));
    for id in ["", EPOCH, "urn:uuid:", "urn:uuid:5", "tag:example.org,2026:feed"] {
        assert_eq!(epoch(id).unwrap_err().kind, ErrorKind::Malformed, "{id}");
    }
}

#[test]
fn an_entry_of_a_complete_feed_is_of_the_category_that_it_names() {
    let terms = &["location:1", "UPDATED", "patient", "patient:2"];
    let event = complete_event(&Sample { terms, ..Sample::proper() });
    assert_eq!((&*event.feed, &*event.epoch), ("sync2", EPOCH));
    assert_eq!(event.category(), Some(category("patient")));
    assert_eq!(event.object.unwrap(), ObjectId { category: category("patient"), uuid: UUID.into() });
    assert_eq!(event.tags, ["location:1", "patient:2"]);
    assert!(fault(&complete_event(&Sample::with_content("{}"))).contains("neither"));
}

#[test]
fn entry_of_unknown_category_in_complete_feed_has_no_object() {
    for terms in [&["UPDATED", "unicorn"] as &[_], &[]] {
        let event = complete_event(&Sample { terms, ..Sample::proper() });
        assert_eq!((event.category(), event.object), (None, Err(NoObject::UnknownCategory)));
    }
}

// --- Entries that are malformed and hold up nobody.

#[test]
fn an_entry_without_a_known_category_is_malformed() {
    assert!(fault_of(&Sample { terms: &["UPDATED", "unicorn"], ..Sample::proper() }).contains("category"));
    assert!(fault_of(&Sample { terms: &[], ..Sample::proper() }).contains("category"));
}

#[test]
fn an_entry_without_usable_content_is_malformed() {
    let whole = Sample::proper().xml();
    let without = format!("{}</entry>", whole.split_once("<content").unwrap().0);
    let events = parse_entries(&[without]);
    assert!(fault(&events[0]).contains("no content"));
    for content in ["", "/ws/rest/v1/patient/1", "[]", "{\"rest\": 5}", "{\"rest\": ", "null"] {
        fault_of(&Sample::with_content(content));
    }
    assert!(fault_of(&Sample::with_content("{}")).contains("neither"));
    assert!(fault_of(&Sample::with_content("{\"soap\":\"/x\"}")).contains("neither"));
}

#[test]
fn one_link_is_enough_and_two_must_agree() {
    let rest = Sample::with_content(format!(r#"{{"rest":"/ws/rest/v1/patient/{UUID}?v=full"}}"#));
    let fhir = Sample::with_content(format!(r#"{{"rest":null,"fhir":"/ws/fhir2/R4/Patient/{UUID}"}}"#));
    for sample in [rest, fhir] {
        assert_eq!(parse_sample(&sample).object.unwrap().uuid, UUID);
    }
    let split = format!(r#"{{"rest":"/ws/rest/v1/patient/{UUID}","fhir":"/ws/fhir/Patient/{OTHER_UUID}"}}"#);
    let fault = fault_of(&Sample::with_content(split));
    assert!(fault.contains(UUID) && fault.contains(OTHER_UUID), "{fault}");
}

#[test]
fn a_link_must_end_in_a_uuid() {
    for path in [
        "",
        "patient",
        UUID,
        "/ws/rest/v1/patient/",
        "/ws/rest/v1/patient/..",
        "/ws/rest/v1/patient/a%20b",
        "/patient/a;b",
    ] {
        fault_of(&Sample::with_content(format!(r#"{{"rest":"{path}"}}"#)));
    }
    let escaped = Sample::with_content(format!(r#"{{"rest":"\/ws\/rest\/v1\/patient\/{UUID}"}}"#));
    assert_eq!(parse_sample(&escaped).object.unwrap().uuid, UUID);
}

#[test]
fn an_entrys_link_to_another_origin_is_refused() {
    for host in
        ["http://other.example.org", "https://127.0.0.1:8080", "http://127.0.0.1", "//other.example.org", "/\\\\x"]
    {
        let fault = fault_of(&Sample::with_content(format!(r#"{{"rest":"{host}/ws/rest/v1/patient/{UUID}"}}"#)));
        assert!(fault.contains("another host"), "{host}: {fault}");
    }
    let own = Sample::with_content(format!(r#"{{"rest":"http://127.0.0.1:8080/openmrs/ws/rest/v1/patient/{UUID}"}}"#));
    assert!(parse_sample(&own).object.is_ok());
}

#[test]
fn one_bad_entry_leaves_its_neighbours_alone() {
    let good = |id| Sample { id, ..Sample::proper() }.xml();
    let bad = Sample { id: "tag:2", ..Sample::with_content("nonsense") }.xml();
    let events = parse_entries(&[good("tag:1"), bad, good("tag:3")]);
    let fine: Vec<_> = events.iter().map(|event| (event.id.as_str(), event.object.is_ok())).collect();
    assert_eq!(fine, [("tag:1", true), ("tag:2", false), ("tag:3", true)]);
}

// --- Ids and times.

#[test]
fn an_entry_without_an_id_has_one_that_is_always_the_same() {
    let nameless = Sample { id: "", ..Sample::proper() };
    let (first, again) = (parse_sample(&nameless), parse_sample(&nameless));
    assert_eq!(first.id, again.id);
    assert!(first.id.starts_with("sha256:") && first.id.len() == 71, "{}", first.id);
    let other = parse_sample(&Sample { updated: "2026-11-23T07:00:56Z", ..nameless });
    assert_ne!(first.id, other.id);
    assert!(fault(&other).contains("no id"));
    let without_element = Sample::proper().xml().replace("<id>tag:1</id>", "");
    assert!(parse_entries(&[without_element])[0].object.is_err());
}

#[test]
fn an_id_too_long_for_a_key_is_replaced() {
    let long = Sample::proper().xml().replace("tag:1", &"x".repeat(256));
    let events = parse_entries(&[long]);
    assert_eq!(events[0].id.len(), 71);
    assert!(events[0].object.is_err());
}

#[test]
fn repeated_entry_is_left_out_and_another_of_its_id_malformed() {
    let first = Sample::proper();
    let other = Sample::with_content(format!(r#"{{"rest":"/ws/rest/v1/patient/{OTHER_UUID}"}}"#));
    let events = parse_entries(&[first.xml(), first.xml(), other.xml(), other.xml()]);
    assert_eq!(events.len(), 2);
    assert_eq!(events[0].id, "tag:1");
    assert!(events[0].object.is_ok());
    assert!(events[1].id.starts_with("sha256:"));
    assert!(fault(&events[1]).contains("the id of another entry"));
}

#[test]
fn an_entry_without_a_proper_date_has_that_of_the_one_before() {
    let at = |id, updated| Sample { id, updated, ..Sample::proper() }.xml();
    let events = parse_entries(&[
        at("tag:1", "soon"),
        at("tag:2", "2026-11-23T07:00:55Z"),
        at("tag:3", "yesterday &amp; today"),
        at("tag:4", ""),
        at("tag:5", "2026-11-23T08:00:55+01:00"),
        Sample { id: "tag:6", ..Sample::proper() }.xml().replace("2026-11-23T07:00:55Z", "<![CDATA[never]]>"),
    ]);
    let second = 1_795_417_255_000;
    let times: Vec<_> = events.iter().map(|event| event.updated).collect();
    assert_eq!(times, [0, second, second, second, second, second]);
    assert!(events.iter().all(|event| event.object.is_ok()));
}

#[test]
fn the_number_of_a_page_is_its_last_segment() {
    assert_eq!(page_number("http://127.0.0.1/openmrs/ws/atomfeed/patient/17?x=/3#/4"), Some(17));
    assert_eq!(page_number("/ws/atomfeed/patient/recent"), None);
    assert_eq!(page_number("/ws/atomfeed/patient/-1"), None);
    assert_eq!(page_number(""), None);
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(body in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = parse(body);
    }

    #[test]
    fn no_change_of_a_page_makes_it_panic(at in 0usize..700, with in "[<>&;/!?\\[\\]\"=a-z ]{0,6}", cut in 0usize..6) {
        let mut page = feed(&(links(1) + &Sample::proper().xml()));
        let start = at.min(page.len());
        page.replace_range(start..(start + cut).min(page.len()), &with);
        let _ = parse(page);
    }
}
