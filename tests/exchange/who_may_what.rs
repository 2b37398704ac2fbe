//! The table of `docs/security.md` that says who may what, run with an object of every category in each representation.

use serde_json::{Value, json};
use sync2::decide::canonical;
use sync2::event::{Category, ObjectId, Representation};
use sync2::wire::{ApplyLine, ApplyStatus, ReadLine, ReadState};

use super::parent::*;

const PAGE: &str = include_str!("../../docs/security.md");

/// Of reading, writing, removing and the feed.
type May = [bool; 4];

/// How the row's accounts are configured, which objects it is about, and where these belong.
struct Scenario {
    id: &'static str,
    /// Nothing: not named.
    child: Option<fn() -> Value>,
    objects: fn(Category) -> bool,
    /// The places that the row is about.
    at: &'static [&'static str],
}

const HERE: &[&str] = &["here"];
const EVERYWHERE: &[&str] = &["here", "elsewhere", "nowhere"];

const SCENARIOS: &[Scenario] = &[
    Scenario { id: "who-not-named", child: None, objects: |_| true, at: HERE },
    Scenario { id: "who-patient-data", child: Some(|| json!({})), objects: Category::is_patient_data, at: EVERYWHERE },
    Scenario { id: "who-metadata", child: Some(|| json!({})), objects: is_metadata, at: HERE },
    Scenario { id: "who-metadata-named", child: Some(|| json!({"write": ["*"]})), objects: is_metadata, at: HERE },
    Scenario { id: "who-only-reads", child: Some(|| json!({"write": []})), objects: |_| true, at: HERE },
    Scenario {
        id: "who-other-category",
        child: Some(|| json!({"categories": ["patient_identifier"]})),
        objects: |_| true,
        at: HERE,
    },
    Scenario { id: "who-at-location", child: Some(at_here), objects: Category::is_patient_data, at: HERE },
    Scenario { id: "who-elsewhere", child: Some(at_here), objects: Category::is_patient_data, at: &["elsewhere"] },
    Scenario { id: "who-nowhere", child: Some(at_here), objects: Category::is_patient_data, at: &["nowhere"] },
    Scenario { id: "who-metadata-of-location", child: Some(at_here), objects: is_metadata, at: HERE },
];

fn at_here() -> Value {
    json!({"locations": ["here"]})
}

fn is_metadata(category: Category) -> bool {
    !category.is_patient_data()
}

/// What the page says of the row.
fn written(id: &str) -> May {
    let row =
        PAGE.lines().find(|line| line.starts_with(&format!("| `{id}` |"))).unwrap_or_else(|| panic!("no row {id}"));
    let cells: Vec<&str> = row.split('|').map(str::trim).collect();
    let yes = |cell: &str| match cells[cells.len() - 1 - cell.len()] {
        "yes" => true,
        "no" => false,
        other => panic!("{id}: {other:?}"),
    };
    ["....", "...", "..", "."].map(yes)
}

/// An object of a kind, that belongs to a place by what it names: its encounter, its patient, or the place itself.
struct Belongs {
    object: ObjectId,
    representation: Representation,
    document: Value,
}

fn belonging(category: Category, representation: Representation, place: &str) -> Vec<Belongs> {
    let ways: &[&str] = match category.name() {
        _ if is_metadata(category) => &["itself"],
        "patient" | "person" => &["itself"],
        "encounter" | "visit" => &["location", "patient"],
        "relationship" => &["patient"],
        _ => &["encounter", "patient"],
    };
    ways.iter()
        .map(|way| {
            let uuid = match category.name() {
                "person" => format!("patient-{place}"),
                name => format!("{name}-by-{way}"),
            };
            let object = ObjectId { category, uuid };
            let document = document(&object, representation, (way, place));
            Belongs { object, representation, document }
        })
        .collect()
}

fn document(object: &ObjectId, representation: Representation, (way, place): (&str, &str)) -> Value {
    let (patient, encounter) = (format!("patient-{place}"), format!("encounter-{place}"));
    // Of a patient of another place: what is of an encounter is where that is.
    let (patient, location) = match way {
        "location" if place != "nowhere" => ("patient-nowhere".to_string(), Some(place)),
        _ => (patient, None),
    };
    let mut document = match representation {
        Representation::Fhir => {
            let mut document = json!({"resourceType": object.category.fhir_type(), "id": object.uuid});
            let field = match object.category.name() {
                "immunization" | "allergy" | "relationship" => "patient",
                "task" => "for",
                _ => "subject",
            };
            document[field] = json!({"reference": format!("Patient/{patient}")});
            if way == "encounter" {
                let field = if object.category.name() == "medication_dispense" { "context" } else { "encounter" };
                document[field] = json!({"reference": format!("Encounter/{encounter}")});
            }
            if let Some(location) = location {
                document["location"] = json!([{"location": {"reference": format!("Location/{location}")}}]);
            }
            document
        }
        Representation::Rest => {
            let mut document = json!({"uuid": object.uuid});
            let field = match object.category.name() {
                "observation" => "person",
                "relationship" => "personA",
                _ => "patient",
            };
            document[field] = json!({"uuid": patient});
            if way == "encounter" {
                document["encounter"] = json!({"uuid": encounter});
            }
            if let Some(location) = location {
                document["location"] = json!({"uuid": location});
            }
            document
        }
    };
    if object.category == Category::patient() {
        document = a_patient(representation, &object.uuid, place);
    } else if way == "itself" {
        let keeps = ["resourceType", "id", "uuid"];
        document.as_object_mut().unwrap().retain(|key, _| keeps.contains(&key.as_str()));
    }
    document
}

fn a_patient(representation: Representation, uuid: &str, place: &str) -> Value {
    match representation {
        Representation::Fhir if place == "nowhere" => patient(uuid, "Nakato"),
        Representation::Fhir => patient_at(place, uuid),
        Representation::Rest if place == "nowhere" => json!({"uuid": uuid, "person": {"uuid": uuid}}),
        Representation::Rest => {
            json!({"uuid": uuid, "person": {"uuid": uuid}, "identifiers": [{"uuid": format!("i-{uuid}"),
            "identifier": "7", "location": {"uuid": place}}]})
        }
    }
}

/// A parent that writes whatever it can in that representation, with a patient, who is a person, and an encounter of each
/// place.
fn parent(representation: Representation, child: Option<fn() -> Value>) -> Parent {
    let all = Category::all().filter(|category| category.has(representation));
    let categories: serde_json::Map<String, Value> =
        all.map(|category| (category.name().to_string(), json!({"representation": representation.name()}))).collect();
    let mut children = json!({});
    if let Some(child) = child {
        children["child"] = child();
    }
    let mut parent = Parent::configured(json!({
        "pull": {"enabled": false}, "categories": categories, "exchange": {"children": children},
        "transfer": {"pageSize": 1000},
    }));
    for place in ["here", "elsewhere"] {
        put(&mut parent, &object("location", place), representation, &json!({"resourceType": "Location", "id": place}));
    }
    for place in EVERYWHERE {
        let uuid = format!("patient-{place}");
        put(&mut parent, &object("patient", &uuid), representation, &a_patient(representation, &uuid, place));
        let person = object("person", &uuid);
        let document = document(&person, representation, ("itself", place));
        put(&mut parent, &person, representation, &document);
        let encounter = object("encounter", &format!("encounter-{place}"));
        let way = if *place == "nowhere" { "patient" } else { "location" };
        put(&mut parent, &encounter, representation, &self::document(&encounter, representation, (way, place)));
    }
    parent.host.capture_changes();
    parent
}

fn put(parent: &mut Parent, object: &ObjectId, representation: Representation, document: &Value) {
    parent.host.edit(representation, object, document.to_string().as_bytes()).unwrap();
}

fn line(belongs: &Belongs, document: Option<Value>) -> ApplyLine {
    let seen = canonical::hash(&canonical::canonical(belongs.representation, &belongs.document));
    ApplyLine {
        category: belongs.object.category.name().to_string(),
        uuid: belongs.object.uuid.clone(),
        representation: belongs.representation.name().to_string(),
        canonical_version: canonical::VERSION,
        action: if document.is_some() { "UPDATED" } else { "VOIDED" }.to_string(),
        document,
        last_seen: Some(seen),
        restored_to: None,
        replaced: Vec::new(),
        copied_at: None,
        pending: Vec::new(),
        takes_along: Vec::new(),
        reason: None,
        number: None,
    }
}

/// What the account may do with it.
fn tried(parent: &mut Parent, belongs: &Belongs) -> May {
    put(parent, &belongs.object, belongs.representation, &belongs.document);
    let asked = ReadLine {
        category: belongs.object.category.name().into(),
        uuid: belongs.object.uuid.clone(),
        representation: belongs.representation.name().into(),
        hanging: false,
        hashed: None,
        decided: None,
        listing: None,
        digests: None,
    };
    let read = parent.read(&[asked]).remove(0);
    assert_eq!(read.document.is_some(), read.state == ReadState::Present);
    let told = parent.feed_as(ACCOUNT).contains(&format!("/{}\"", belongs.object.uuid));
    let mut edited = belongs.document.clone();
    edited["edited"] = json!("by the child");
    let edit = line(belongs, Some(edited.clone()));
    let written = parent.apply_one(&edit);
    let is_here = parent.document(&belongs.object).unwrap();
    assert_eq!(is_here == edited, written.status == ApplyStatus::Applied, "{written:?}");
    put(parent, &belongs.object, belongs.representation, &belongs.document);
    let removed = parent.apply_one(&line(belongs, None));
    for refused in [&written, &removed].into_iter().filter(|answer| answer.status == ApplyStatus::Failed) {
        assert_eq!(kind(refused), "Forbidden");
        // Not even a hash: with it the next try would pass for one that saw what is here.
        assert!(refused.theirs.is_none() && refused.hash.is_none());
    }
    let here = parent.document(&belongs.object).is_some();
    assert_eq!(here, removed.status != ApplyStatus::Removed);
    [read.state == ReadState::Present, written.status == ApplyStatus::Applied, !here, told]
}

/// Every category, read, written, removed and in the feed.
#[test]
fn rights_of_accounts_are_as_the_table_says() {
    for representation in [Representation::Fhir, Representation::Rest] {
        for scenario in SCENARIOS {
            let expected = self::written(scenario.id);
            let categories =
                Category::all().filter(|category| category.has(representation) && (scenario.objects)(*category));
            let categories: Vec<Category> = categories.collect();
            for place in scenario.at {
                let mut parent = parent(representation, scenario.child);
                for belongs in categories.iter().flat_map(|category| belonging(*category, representation, place)) {
                    let may = tried(&mut parent, &belongs);
                    let of = &belongs.object;
                    assert_eq!(may, expected, "{} {} {of} at {place}", scenario.id, representation.name());
                    put(&mut parent, &belongs.object, representation, &belongs.document);
                }
            }
        }
    }
}
