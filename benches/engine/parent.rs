//! The mock parent in a process of its own, so that what this process uses is what the engine uses. It is this very
//! program, started again, and ends with its standard input.

use std::io::{BufRead, BufReader, Write, stdin, stdout};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};
use sync2::event::Category;
use sync2::testing::mock_parent::{Fault, MockParent, PASSWORD, USERNAME};

/// The argument by which the program knows that it is the parent.
pub const ROLE: &str = "parent";

/// How many patients [`PATIENTS`] has.
pub const PATIENT_COUNT: u64 = 20_000;
/// How many events [`FILTERED`] has.
pub const FILTERED_COUNT: u64 = 1_000_000;
/// The categories that [`QUIET`] has an event of each.
pub const QUIET_CATEGORIES: [&str; 8] =
    ["patient", "encounter", "observation", "location", "condition", "visittype", "encounter_type", "concept"];

/// A parent with patients, and pages of five entries as the atomfeed module makes them.
pub const PATIENTS: &str = "patients";
/// A parent with the same patients, and pages of a hundred entries.
pub const PATIENTS_ON_LARGE_PAGES: &str = "patients-100";
/// A parent with one long feed of updated patients that do not exist, a hundred a page.
pub const FILTERED: &str = "filtered";
/// A parent with one event in each of several categories.
pub const QUIET: &str = "quiet";
/// A parent with patients, each with encounters and observations, as large as OpenMRS gives them.
pub const CLINIC: &str = "clinic";
/// How many patients [`CLINIC`] has, and how many encounters and observations each of them has.
pub const CLINIC_PATIENTS: u64 = 100;
const ENCOUNTERS_EACH: u64 = 20;
const OBSERVATIONS_EACH: u64 = 200;
/// How many objects [`CLINIC`] has: one is the location of all.
pub const CLINIC_OBJECTS: u64 = 1 + CLINIC_PATIENTS * (1 + ENCOUNTERS_EACH + OBSERVATIONS_EACH);
/// A parent whose patients take as much memory as they may, or more.
pub const HOSTILE: &str = "hostile";
/// How many patients [`HOSTILE`] has.
pub const HOSTILE_COUNT: u64 = 48;

/// The parent as the benchmarks see it. Ends when it is dropped.
pub struct Parent {
    url: String,
    process: Child,
    commands: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Parent {
    /// Starts a parent with such content and waits until it serves.
    pub fn start(content: &str) -> Parent {
        let program = std::env::current_exe().expect("the path of this program");
        let mut process = Command::new(program)
            .args([ROLE, content])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("this program starts once more");
        let commands = process.stdin.take();
        let answers = BufReader::new(process.stdout.take().expect("a piped output"));
        let mut parent = Parent { url: String::new(), process, commands, answers };
        parent.url = parent.answer();
        parent
    }

    /// Returns the value for `parent.url`.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// A configuration document that pulls these categories (`categories.NAME` of each) from here, without asking for what
    /// this parent does not have: the bare loop makes the same requests, and each has to be answered.
    pub fn config(&self, categories: Value) -> String {
        let mut parent = json!({"url": self.url, "username": USERNAME, "password": PASSWORD});
        parent["feed"] = json!("atomfeed");
        parent["exchange"] = json!("never");
        json!({"parent": parent, "categories": categories}).to_string()
    }

    /// The addresses that were asked for since the last call, in their order, without log-ins.
    pub fn take_requests(&mut self) -> Vec<String> {
        let commands = self.commands.as_mut().expect("a parent that was not dropped");
        writeln!(commands).expect("a parent that listens");
        let paths: Vec<String> = serde_json::from_str(&self.answer()).expect("a list of paths");
        let origin = self.url.trim_end_matches("/openmrs");
        paths.into_iter().filter(|path| !path.ends_with("/session")).map(|path| format!("{origin}{path}")).collect()
    }

    fn answer(&mut self) -> String {
        let mut line = String::new();
        self.answers.read_line(&mut line).expect("an answer of the parent");
        line.trim_end().to_string()
    }
}

impl Drop for Parent {
    fn drop(&mut self) {
        self.commands.take();
        self.process.wait().expect("the parent ends with its input");
    }
}

/// The parent's own process: says its address, then for each line that it reads the paths that were asked for since.
pub fn serve(content: &str) {
    let parent = MockParent::start();
    fill(&parent, content);
    println!("{}", parent.url());
    for line in stdin().lock().lines() {
        line.expect("a line of input");
        let paths: Vec<String> = parent.requests().into_iter().map(|request| request.path).collect();
        parent.forget_requests();
        println!("{}", json!(paths));
        stdout().flush().expect("somebody who reads");
    }
}

fn fill(parent: &MockParent, content: &str) {
    match content {
        PATIENTS => put_patients(parent),
        PATIENTS_ON_LARGE_PAGES => {
            parent.set_page_size(100);
            put_patients(parent);
        }
        FILTERED => {
            parent.set_page_size(100);
            parent.serve_synthetic_feed(category("patient"), FILTERED_COUNT);
        }
        QUIET => {
            for name in QUIET_CATEGORIES {
                let category = category(name);
                parent.put(category, smallest_object(category));
            }
        }
        CLINIC => put_clinic(parent),
        HOSTILE => put_hostile_patients(parent),
        other => panic!("no parent has {other}"),
    }
}

fn category(name: &str) -> Category {
    Category::parse(name).expect("a category")
}

fn put_patients(parent: &MockParent) {
    (0..PATIENT_COUNT).for_each(|number| parent.put(category("patient"), patient(number)));
}

fn put_clinic(parent: &MockParent) {
    parent.set_page_size(100);
    let location = json!({"resourceType": "Location", "id": LOCATION, "status": "active", "name": "Gulu Clinic"});
    parent.put(category("location"), location);
    for number in 0..CLINIC_PATIENTS {
        parent.put(category("patient"), patient(number));
        for index in 0..ENCOUNTERS_EACH {
            parent.put(category("encounter"), encounter(number, number * ENCOUNTERS_EACH + index));
        }
        for index in 0..OBSERVATIONS_EACH {
            let encounter = number * ENCOUNTERS_EACH + index % ENCOUNTERS_EACH;
            parent.put(category("observation"), observation((number, encounter), number * OBSERVATIONS_EACH + index));
        }
    }
}

/// Small objects that take a hundred times their text, long texts, more values than may be, and bodies without an end; what
/// is asked for in a group is answered whole, or not at all.
fn put_hostile_patients(parent: &MockParent) {
    parent.set_page_size(100);
    for number in 0..HOSTILE_COUNT {
        let name = match number % 4 {
            0 => vec![json!({"a": 0}); 45_000].into(),
            1 => json!("x".repeat(7 << 20)),
            2 => vec![json!(""); 99_000].into(),
            _ => vec![json!(0); 150_000].into(),
        };
        parent.put(category("patient"), json!({"resourceType": "Patient", "id": uuid(number), "name": name}));
    }
    parent.fail(|path| path.ends_with(&uuid(0)), Fault::HugeBody(1 << 30));
    let mut searches = 0;
    let every_other = move |path: &str| {
        searches += u32::from(path.contains("?_id="));
        path.contains("?_id=") && searches % 2 == 0
    };
    parent.fail(every_other, Fault::HugeBody(1 << 30));
}

fn smallest_object(category: Category) -> Value {
    let uuid = uuid(0);
    match category.fhir_type() {
        Some(fhir_type) => json!({"resourceType": fhir_type, "id": uuid}),
        None => json!({"uuid": uuid}),
    }
}

/// Where everybody is seen.
const LOCATION: &str = "8d6c993e-c2cc-11de-8d13-0010c6dffd0f";

fn subject(patient: u64) -> Value {
    let display = format!("Given{patient} Family{patient} (Old Identification Number: {})", 100 + patient);
    json!({"reference": format!("Patient/{}", uuid(patient)), "type": "Patient", "display": display})
}

fn encounter_uuid(number: u64) -> String {
    format!("50000000-0000-4000-8000-{number:012x}")
}

/// Returns the text that OpenMRS's FHIR module adds for people to read: about as long as the document itself.
fn narrative(rows: &[(&str, &str)]) -> Value {
    let rows: String = rows.iter().map(|(name, value)| format!("<tr><td>{name}:</td><td>{value}</td></tr>")).collect();
    let table = format!("<table class=\"hapiPropertyTable\"><tbody>{rows}</tbody></table>");
    json!({"status": "generated", "div": format!("<div xmlns=\"http://www.w3.org/1999/xhtml\">{table}</div>")})
}

/// About 1.3 KB.
fn encounter(patient: u64, number: u64) -> Value {
    let (id, day) = (encounter_uuid(number), 1 + number % 28);
    let name = format!("Given{patient} Family{patient}");
    let start = format!("2026-10-{day:02}T09:30:00+00:00");
    json!({
        "resourceType": "Encounter",
        "id": id,
        "meta": {
            "versionId": "1795417355000", "lastUpdated": format!("2026-11-{day:02}T07:02:35.000+00:00"),
            "tag": [{"system": "http://fhir.openmrs.org/ext/encounter-tag", "code": "encounter", "display": "Encounter"}]
        },
        "text": narrative(&[("Id", &id), ("Status", "UNKNOWN"), ("Type", "Consultation"), ("Subject", &name), ("Period", &start)]),
        "status": "unknown",
        "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB"},
        "type": [{"coding": [{
            "system": "http://fhir.openmrs.org/code-system/encounter-type", "code": "10000000-0000-4000-8000-000000000002",
            "display": "Consultation"
        }]}],
        "subject": subject(patient),
        "period": {"start": start},
        "location": [{"location": {"reference": format!("Location/{LOCATION}"), "type": "Location", "display": "Gulu Clinic"}}]
    })
}

/// About 1.3 KB.
fn observation((patient, encounter): (u64, u64), number: u64) -> Value {
    let (id, day) = (format!("60000000-0000-4000-8000-{number:012x}"), 1 + number % 28);
    let (name, taken) = (format!("Given{patient} Family{patient}"), format!("2026-10-{day:02}T09:30:00+00:00"));
    let value = format!("{}.5", 40 + number % 60);
    json!({
        "resourceType": "Observation",
        "id": id,
        "meta": {"versionId": "1795417355000", "lastUpdated": format!("2026-11-{day:02}T07:02:35.000+00:00")},
        "text": narrative(&[
            ("Id", &id), ("Status", "FINAL"), ("Code", "WEIGHT (KG)"), ("Subject", &name), ("Effective", &taken), ("Value", &value),
        ]),
        "status": "final",
        "code": {
            "coding": [{"code": "10000000-0000-4000-8000-000000000004", "display": "WEIGHT (KG)"}], "text": "WEIGHT (KG)"
        },
        "subject": subject(patient),
        "encounter": {"reference": format!("Encounter/{}", encounter_uuid(encounter)), "type": "Encounter"},
        "effectiveDateTime": taken,
        "issued": format!("2026-11-{day:02}T07:02:35.000+00:00"),
        "valueQuantity": {"value": value.parse::<f64>().expect("a number")}
    })
}

fn uuid(number: u64) -> String {
    format!("00000000-0000-4000-8000-{number:012x}")
}

/// A patient of about 1.5 KB, with what OpenMRS's FHIR module gives of one.
fn patient(number: u64) -> Value {
    let day = 1 + number % 28;
    let identifier = |index: u64, kind: &str| {
        json!({
            "id": format!("10000000-0000-4000-8000-{:012x}", 2 * number + index),
            "extension": [{
                "url": "http://fhir.openmrs.org/ext/patient/identifier#location",
                "valueReference": {"reference": format!("Location/{LOCATION}"), "type": "Location"}
            }],
            "use": "official",
            "type": {"coding": [{"code": format!("05a29f94-c0ed-11e2-94be-8c13b969e33{index}")}], "text": kind},
            "value": format!("{}{number:06}", 100 + index)
        })
    };
    json!({
        "resourceType": "Patient",
        "id": uuid(number),
        "meta": {"versionId": "1732345678000", "lastUpdated": format!("2026-11-{day:02}T08:15:00.000+00:00")},
        "identifier": [identifier(0, "OpenMRS ID"), identifier(1, "Old Identification Number")],
        "active": true,
        "name": [{
            "id": format!("20000000-0000-4000-8000-{number:012x}"),
            "family": format!("Family{number}"),
            "given": [format!("Given{number}"), "Middle"]
        }],
        "telecom": [{
            "id": format!("30000000-0000-4000-8000-{number:012x}"),
            "value": format!("+256 700 {number:06}")
        }],
        "gender": if number.is_multiple_of(2) { "female" } else { "male" },
        "birthDate": format!("19{:02}-05-{day:02}", number % 100),
        "deceasedBoolean": false,
        "address": [{
            "id": format!("40000000-0000-4000-8000-{number:012x}"),
            "extension": [{
                "url": "http://fhir.openmrs.org/ext/address",
                "extension": [{
                    "url": "http://fhir.openmrs.org/ext/address#address1",
                    "valueString": format!("Plot {number}")
                }]
            }],
            "use": "home",
            "city": format!("City{}", number % 100),
            "district": "District",
            "state": "Region",
            "country": "Country"
        }]
    })
}
