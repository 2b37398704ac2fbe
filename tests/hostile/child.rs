//! A child that means harm: what it sends to the exchange, among lines that are good.

use serde_json::{Value, json};
use sync2::decide::canonical;
use sync2::engine::Engine;
use sync2::event::{Category, ObjectId};
use sync2::host::Stored;
use sync2::testing::sqlite_host::SqliteHost;

/// The bad line.
pub type Scenario = fn() -> Vec<u8>;

pub const SCENARIOS: &[(&str, Scenario)] = &[
    ("child-number", || with_value("1e20000000")),
    ("child-number-overflow", || with_value("-1E+1000000000")),
    ("child-digits", || with_value(&"9".repeat(200_000))),
    ("child-number-in-words", || with_value(r#""1e20000000""#)),
    ("child-number-in-line", || line(r#""size": 1e20000000"#)),
    ("child-parser-key", || with_value(r#"{"$serde_json::private::Number": "x"}"#)),
    ("child-parser-key-escaped", || with_value(r#"{"\u0024serde_json::private::Number": "1e20000000"}"#)),
    ("child-depth", || with_value(&format!("{}{}", "[".repeat(20_000), "]".repeat(20_000)))),
    ("child-values", || with_value(&format!("[{}{{}}]", r#"{"a":0},"#.repeat(200_000)))),
    ("child-not-json", || b"{\"category\": \"patient\", \"uuid\": \xff\xfe\x00".to_vec()),
    ("child-many-pending", || line(&format!(r#""pending": [{}""]"#, r#""","#.repeat(200_000)))),
    ("child-path-in-uuid", || sent("../../admin", "patient", "fhir", None)),
    ("child-category-unknown", || sent("bad", "user", "rest", None)),
    ("child-other-object", || sent("bad", "patient", "fhir", Some(patient("good")))),
    ("child-other-version", || line(r#""canonicalVersion": 4294967295"#)),
];

/// The kind of the bad line's failure. The good lines around it are applied, and nothing else is.
pub fn gets(scenario: &Scenario) -> String {
    let mut host = SqliteHost::in_memory().unwrap();
    let configuration = json!({"pull": {"enabled": false}, "exchange": {"children": {"child": {}}}});
    let engine = Engine::open(&configuration.to_string(), &mut host).unwrap();
    let good = |uuid: &str| sent(uuid, "patient", "fhir", Some(patient(uuid)));
    let request = [good("good-1"), scenario(), good("good-2")].join(&b'\n');
    for (name, answers) in [
        ("applied", engine.apply_objects(&mut host, "child", "child-node", &request).unwrap()),
        ("read", engine.read_objects(&mut host, "child", &request).unwrap()),
    ] {
        let answers: Vec<Value> = lines(&answers);
        assert_eq!(answers.len(), 3, "each line is answered");
        let good = if name == "applied" { ["applied", "applied"] } else { ["present", "present"] };
        let key = if name == "applied" { "status" } else { "state" };
        assert_eq!([&answers[0][key], &answers[2][key]], good, "{name}");
    }
    for uuid in ["bad", "admin", "../../admin"] {
        let object = ObjectId { category: Category::patient(), uuid: uuid.to_string() };
        assert_eq!(host.look(&object).unwrap(), Stored::Absent);
    }
    let answers = lines(&engine.apply_objects(&mut host, "child", "child-node", &request).unwrap());
    answers[1]["error"]["kind"].as_str().unwrap_or("–").to_string()
}

fn lines(answers: &[u8]) -> Vec<Value> {
    let lines = answers.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    lines.map(|line| serde_json::from_slice(line).unwrap()).collect()
}

fn patient(uuid: &str) -> Value {
    json!({"resourceType": "Patient", "id": uuid, "name": [{"family": "Okello"}]})
}

fn sent(uuid: &str, category: &str, representation: &str, document: Option<Value>) -> Vec<u8> {
    let mut line = json!({
        "category": category, "uuid": uuid, "representation": representation,
        "canonicalVersion": canonical::VERSION, "action": "UPDATED"
    });
    if let Some(document) = document {
        line["document"] = document;
    }
    line.to_string().into_bytes()
}

/// A patient with that value, as it is written here.
fn with_value(value: &str) -> Vec<u8> {
    let line = String::from_utf8(sent("bad", "patient", "fhir", Some(patient("bad")))).unwrap();
    let value = format!(r#"{{"extension": [{{"valueQuantity": {{"value": {value}}}}}],"id""#);
    line.replacen(r#"{"id""#, &value, 1).into_bytes()
}

/// A line with that field before the others.
fn line(field: &str) -> Vec<u8> {
    let line = String::from_utf8(sent("bad", "patient", "fhir", Some(patient("bad")))).unwrap();
    let name = field.split(':').next().unwrap_or_default();
    let line = line.replace(&format!(r#"{name}:{}"#, canonical::VERSION), r#""other":0"#);
    line.replacen('{', &format!("{{{field},"), 1).into_bytes()
}
