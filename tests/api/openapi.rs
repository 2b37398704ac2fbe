//! `docs/openapi.yaml` describes the addresses that there are, and no others.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use sync2::api::routes::ROUTES;
use sync2::decide::verification::Finding;
use sync2::error::ErrorKind;
use sync2::event::Category;
use sync2::store::audit::{AuditStatus, MOST_LOOKED_AT};

/// The exchange streams past the table of routes.
const STREAMED: [&str; 2] = ["POST objects/apply", "POST objects/read"];

fn project_file(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

/// Each address that the document describes, with its privilege: a path is indented by two, a method by four.
fn described() -> BTreeSet<(String, String)> {
    let document = project_file("docs/openapi.yaml");
    let (mut path, mut method) = (String::new(), String::new());
    let mut described = BTreeSet::new();
    for line in document.lines() {
        let indent = line.len() - line.trim_start().len();
        let text = line.trim();
        match indent {
            2 if text.starts_with('/') => path = text.trim_matches(['/', ':']).to_string(),
            4 if text == "get:" || text == "post:" => method = text.trim_end_matches(':').to_uppercase(),
            6 if text.starts_with("x-privilege: ") => {
                let privilege = text.trim_start_matches("x-privilege: ").to_string();
                described.insert((format!("{method} {path}"), privilege));
            }
            _ => {}
        }
    }
    described
}

#[test]
fn routes_and_their_privileges_are_those_of_openapi_yaml() {
    let routes =
        ROUTES.iter().map(|route| (format!("{} {}", route.method.name(), route.path), route.privilege.to_string()));
    let mut known: BTreeSet<(String, String)> = routes.collect();
    known.extend(STREAMED.map(|address| (address.to_string(), "Exchange Sync2 Objects".to_string())));
    let described = described();
    assert_eq!(known.difference(&described).collect::<Vec<_>>(), Vec::<&(String, String)>::new(), "not described");
    assert_eq!(described.difference(&known).collect::<Vec<_>>(), Vec::<&(String, String)>::new(), "not served");
}

#[test]
fn each_privilege_of_a_route_is_one_that_openmrs_creates() {
    let config = project_file("omod/src/main/resources/config.xml");
    for route in ROUTES {
        assert!(config.contains(&format!("<name>{}</name>", route.privilege)), "{}", route.privilege);
    }
}

/// The values that a schema of the document allows.
fn allowed(schema: &str) -> Vec<String> {
    let document = project_file("docs/openapi.yaml");
    let (_, schema) = document.split_once(&format!("\n    {schema}:\n")).unwrap();
    let (_, values) = schema.split_once("enum: [").unwrap();
    values.split_once(']').unwrap().0.split(',').map(|value| value.trim().to_string()).collect()
}

#[test]
fn kinds_of_objects_and_of_errors_are_described_as_they_are() {
    assert_eq!(allowed("Category"), Category::all().map(Category::name).collect::<Vec<_>>());
    assert_eq!(allowed("ErrorKind"), ErrorKind::ALL.iter().map(|kind| kind.name()).collect::<Vec<_>>());
    let told = Finding::DIFFERENCES.iter().chain(&[Finding::Waiting, Finding::NotCompared]);
    assert_eq!(allowed("Finding"), told.map(|finding| finding.name()).collect::<Vec<_>>());
    for status in allowed("AuditStatus") {
        assert!(AuditStatus::parse(&status).is_some(), "{status}");
    }
}

#[test]
fn most_messages_that_a_search_looks_at_are_described() {
    assert!(project_file("docs/openapi.yaml").contains(&format!("at most {MOST_LOOKED_AT} messages")));
}
