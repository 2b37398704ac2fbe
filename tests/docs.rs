//! Documents are true about the configuration, the metrics, each other's places, and the names of tests and guarantees.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use sync2::config::Config;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A key of which the engine knows nothing, in each object of the document: what it answers names those that it knows.
const WITH_UNKNOWN_KEYS: &str = r#"{
    "?": 1, "node": {"?": 1},
    "parent": {"?": 1, "url": "https://p.example.org/openmrs", "username": "u", "password": "p"},
    "pull": {"?": 1}, "push": {"?": 1},
    "local": {"?": 1, "access": "http", "url": "http://localhost/openmrs", "username": "u", "password": "p"},
    "categories": {"patient": {"?": 1}}, "filter": {"?": 1}, "retry": {"?": 1}, "transfer": {"?": 1}, "audit": {"?": 1},
    "feed": {"?": 1}, "exchange": {"?": 1, "children": {"site": {"?": 1}}}
}"#;

/// Objects of which each key is a name that an administrator gives, with what stands for that name in the table.
const NAMED: [(&str, &str); 3] = [
    ("categories", "categories.NAME"),
    ("uuidMap", "uuidMap.NAME"),
    ("exchange.children", "exchange.children.ACCOUNT"),
];

/// The keys that the engine reads, without those of objects that have keys of their own.
fn keys_read() -> BTreeSet<String> {
    let refused = Config::parse(WITH_UNKNOWN_KEYS, &|_| None).unwrap_err().message;
    let mut objects: BTreeSet<String> = NAMED.iter().map(|(object, _)| object.to_string()).collect();
    let mut keys: BTreeSet<String> = NAMED.iter().map(|(_, named)| named.to_string()).collect();
    for line in refused.lines() {
        let (path, known) = line.split_once(": is no key of the configuration; there are: ").expect(line);
        let object = path.trim_end_matches('?').trim_end_matches('.');
        let object =
            object.replace("categories.patient", "categories.NAME").replace("children.site", "children.ACCOUNT");
        keys.extend(known.split(", ").map(|key| format!("{object}.{key}").trim_start_matches('.').to_string()));
        objects.insert(object);
    }
    let named = NAMED.map(|(_, named)| named.to_string());
    keys.retain(|key| !objects.contains(key) || named.contains(key));
    keys
}

/// The keys in the first column of the table. One that begins with a point is beside the one before it.
fn keys_described() -> BTreeSet<String> {
    let page = fs::read_to_string(root().join("docs/configuration.md")).unwrap();
    let mut described = BTreeSet::new();
    for row in page.lines().filter(|line| line.starts_with("| `")) {
        let mut section = String::new();
        for name in row.split('|').nth(1).unwrap().split(',') {
            let name = name.trim().trim_matches('`');
            let key = if name.starts_with('.') { format!("{section}{name}") } else { name.to_string() };
            section = key.rsplit_once('.').map(|(section, _)| section.to_string()).unwrap_or_default();
            described.insert(key);
        }
    }
    described
}

#[test]
fn configuration_table_names_exactly_the_keys_that_are_read() {
    let (read, described) = (keys_read(), keys_described());
    assert_eq!(read.difference(&described).collect::<Vec<_>>(), Vec::<&String>::new(), "not described");
    assert_eq!(described.difference(&read).collect::<Vec<_>>(), Vec::<&String>::new(), "not read");
}

/// The project's pages.
fn pages() -> Vec<PathBuf> {
    let folders = ["", "docs", "docs/howto", "java-bindings", ".github"];
    let files = folders.iter().filter_map(|folder| fs::read_dir(root().join(folder)).ok()).flatten();
    let files = files.map(|file| file.unwrap().path());
    files.filter(|file| file.extension().is_some_and(|ending| ending == "md")).collect()
}

/// The links of a page that lead to files of the project, without what stands after `#`.
fn links(text: &str) -> impl Iterator<Item = &str> {
    let targets = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    let files = targets.filter(|target| !target.contains("://") && !target.starts_with('#'));
    files.filter_map(|target| target.split('#').next())
}

#[test]
fn every_link_between_pages_leads_to_a_file() {
    let pages = pages();
    assert!(pages.len() > 10, "{pages:?}");
    for page in pages {
        let text = fs::read_to_string(&page).unwrap();
        for link in links(&text) {
            let file = page.parent().unwrap().join(link);
            assert!(file.exists(), "{} links to {link}, which is not there", page.display());
        }
    }
}

/// The figures that a text names.
fn figures(file: &str) -> BTreeSet<String> {
    let text = fs::read_to_string(root().join(file)).unwrap();
    let words = text.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
    words.filter(|word| word.starts_with("sync2_")).map(str::to_string).collect()
}

#[test]
fn board_and_alerts_name_only_figures_that_are_given() {
    let given = figures("src/api/metrics.rs");
    assert_eq!(figures("docs/monitoring.md"), given);
    for file in ["docs/monitoring/grafana.json", "docs/monitoring/alerts.yaml"] {
        let named = figures(file);
        assert!(named.len() > 5 && named.is_subset(&given), "{file}: {:?}", named.difference(&given));
    }
    let board = fs::read_to_string(root().join("docs/monitoring/grafana.json")).unwrap();
    assert!(serde_json::from_str::<serde_json::Value>(&board).is_ok());
}

/// Folders of sources, tests included.
const SOURCES: [&str; 5] = ["src", "tests", "java-bindings/src", "omod/src", "standalone/src"];

/// The file is there as soon as a test has failed.
const MADE_LATER: &str = "tests/fuzz/main.proptest-regressions";

/// Files below the folders of sources that have this ending.
fn sources(ending: &str) -> Vec<PathBuf> {
    let (mut folders, mut found) = (SOURCES.map(|folder| root().join(folder)).to_vec(), Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|other| other == ending) {
                found.push(path);
            }
        }
    }
    found
}

/// The words between this one and an opening parenthesis: names of functions, or of methods that return nothing.
fn named_after(word: &str, ending: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for file in sources(ending) {
        let text = fs::read_to_string(file).unwrap();
        let declared = text.split(word).skip(1).filter_map(|rest| rest.split_once('(')).map(|(name, _)| name);
        names.extend(declared.filter(|name| name.chars().all(is_of_name)).map(str::to_string));
    }
    names
}

fn is_of_name(char: char) -> bool {
    char.is_ascii_alphanumeric() || char == '_'
}

#[test]
fn name_of_a_test_has_at_most_60_characters() {
    for (word, ending) in [("fn ", "rs"), ("void ", "java")] {
        let names = named_after(word, ending);
        assert!(names.len() > 500, "the tests in {ending} were not found");
        let long: Vec<&String> = names.iter().filter(|name| name.len() > 60).collect();
        assert!(long.is_empty(), "{long:?}");
    }
}

/// The words of a page in backticks.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

/// A name of five words or more is a test's, if it is no figure's; classes and paths of tests are known by their form.
#[test]
fn test_that_a_page_names_exists() {
    let functions: BTreeSet<String> = &named_after("fn ", "rs") | &figures("src/api/metrics.rs");
    let classes: BTreeSet<String> =
        sources("java").iter().map(|file| file.file_stem().unwrap().to_string_lossy().into_owned()).collect();
    let mut named = 0;
    for page in pages() {
        let text = fs::read_to_string(&page).unwrap();
        for name in quoted(&text) {
            let is_name = name.chars().all(is_of_name);
            let exists = match name {
                _ if is_name && name.matches('_').count() > 3 => functions.contains(name),
                _ if is_name && name.ends_with("Test") => classes.contains(name),
                _ if name.starts_with("tests/") => root().join(name).exists(),
                _ => continue,
            };
            named += 1;
            assert!(exists || name == MADE_LATER, "{} names {name}, which is not there", page.display());
        }
    }
    assert!(named > 20, "the pages name no tests");
}

/// The guarantees' names in ARCHITECTURE.md: the bold sentences of that section, without what stands after their first point.
fn guarantees() -> BTreeSet<String> {
    let page = fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    let section = page.split("\n## Guarantees\n").nth(1).unwrap().split("\n## ").next().unwrap();
    let bold = section.split("**").skip(1).step_by(2);
    bold.map(|name| name.trim_end_matches('.').to_string()).collect()
}

/// The names that a line cites, as in: the guarantee *Nothing is lost*.
fn cited(line: &str) -> Vec<&str> {
    let Some((_, after)) = line.split_once("uarantee") else { return Vec::new() };
    let after = after.trim_start_matches('s');
    if after.starts_with(" *") { after.split('*').skip(1).step_by(2).collect() } else { Vec::new() }
}

/// A number is another one's as soon as a guarantee is added.
#[test]
fn guarantee_that_is_cited_has_that_name() {
    let (known, mut count) = (guarantees(), 0);
    for file in sources("rs").into_iter().chain(sources("java")).chain(pages()) {
        let text = fs::read_to_string(&file).unwrap();
        for line in text.lines() {
            let by_number = (1..=9).any(|number| line.contains(&format!("guarantee {number}")));
            assert!(!by_number, "{} cites a guarantee by its number: {line}", file.display());
            for name in cited(line) {
                count += 1;
                assert!(known.contains(name), "{}: no guarantee is called so: {name}", file.display());
            }
        }
    }
    assert!(count > 5, "no guarantee is cited");
}
