//! What the documents say of the configuration and of each other's places is true.

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
