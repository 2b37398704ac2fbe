//! The rooms of the engine, which are the modules at the top of `src/`, stand in one order, and none imports from a room above
//! it. The order is in ARCHITECTURE.md, which is where people look for it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The rooms from above to below, as the table in ARCHITECTURE.md lists them.
fn rooms() -> Vec<String> {
    let page = fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    let (_, section) = page.split_once("\n## Rooms\n").expect("ARCHITECTURE.md has no section \"Rooms\"");
    let section = section.split("\n## ").next().unwrap();
    let rows = section.lines().filter(|line| line.starts_with("| ") && line.contains('`'));
    let lists = rows.map(|row| row.split('|').nth(2).expect(row));
    lists.flat_map(|list| list.split('`').skip(1).step_by(2)).map(str::to_string).collect()
}

fn files_below(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files_below(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
}

/// A file of a room.
struct Source {
    /// From `src/` on.
    path: PathBuf,
    room: String,
    /// How many modules deep it is: 1 is the room itself.
    depth: usize,
}

impl Source {
    /// Nothing for the crate's own file.
    fn of(path: &Path) -> Option<Source> {
        let path = path.strip_prefix(root().join("src")).unwrap().to_path_buf();
        let mut modules: Vec<String> =
            path.with_extension("").iter().map(|part| part.to_string_lossy().to_string()).collect();
        modules.pop_if(|last| last == "mod" || last == "lib");
        let room = modules.first()?.clone();
        Some(Source { path, room, depth: modules.len() })
    }
}

fn sources() -> Vec<Source> {
    let mut files = Vec::new();
    files_below(&root().join("src"), &mut files);
    let sources = files.iter().filter_map(|file| Source::of(file));
    // The tests of a module: `#[cfg(test)] mod tests;`.
    sources.filter(|source| source.room == "testing" || !source.path.ends_with("tests.rs")).collect()
}

/// The lines without comments and without what is compiled for tests only. As `cargo fmt` leaves them, an item ends at a line
/// that is indented as its first one is.
fn product_lines(text: &str) -> Vec<&str> {
    let mut lines: Vec<&str> = Vec::new();
    let mut rest = text.lines();
    while let Some(line) = rest.next() {
        if line.trim_start().starts_with("//") {
            lines.push("");
        } else if line.trim() == "#[cfg(test)]" {
            lines.push("");
            let indent = &line[..line.len() - line.trim_start().len()];
            for line in rest.by_ref() {
                lines.push("");
                let ends =
                    line.strip_prefix(indent).is_some_and(|line| !line.starts_with(' ') && line.ends_with(['}', ';']));
                if ends {
                    break;
                }
            }
        } else {
            lines.push(line);
        }
    }
    lines
}

/// The rooms that a text names by paths, each with its line from 1: `crate::room`, and as many `super` as lead out of its own.
fn rooms_named(text: &str, depth: usize) -> Vec<(usize, String)> {
    let code = product_lines(text).join("\n");
    let line_of = |place: usize| code[..place].matches('\n').count() + 1;
    let mut named = Vec::new();
    for (place, found) in code.match_indices("crate::") {
        let rest = &code[place + found.len()..];
        let is_group = rest.starts_with('{');
        assert!(!is_group, "one `use` for each room: `use crate::{{` in line {}", line_of(place));
        named.push((line_of(place), identifier(rest)));
    }
    let out = "super::".repeat(depth);
    for (place, _) in code.match_indices(&out) {
        let (before, rest) = (&code[..place], &code[place + out.len()..]);
        if !before.ends_with("super::") && !rest.starts_with(['*', '{']) && !rest.starts_with("super::") {
            named.push((line_of(place), identifier(rest)));
        }
    }
    named
}

fn identifier(text: &str) -> String {
    text.chars().take_while(|letter| letter.is_alphanumeric() || *letter == '_').collect()
}

#[test]
fn each_room_has_one_place_in_the_order() {
    let listed = rooms();
    let there: BTreeSet<String> = sources().into_iter().map(|source| source.room).collect();
    assert!(there.len() > 40, "the rooms were not found: {there:?}");
    assert_eq!(listed.iter().cloned().collect::<BTreeSet<_>>(), there, "not the rooms of src/");
    assert_eq!(listed.len(), there.len(), "a room is listed twice");
}

#[test]
fn no_room_imports_from_a_room_above_it() {
    let rooms = rooms();
    let place = |name: &str| rooms.iter().position(|room| room == name);
    let (mut imports, mut broken) = (0, Vec::new());
    for Source { path, room, depth } in sources() {
        let text = fs::read_to_string(root().join("src").join(&path)).unwrap();
        for (line, named) in rooms_named(&text, depth).into_iter().filter(|(_, named)| *named != room) {
            imports += 1;
            if place(&named) <= place(&room) {
                broken.push(format!("src/{}:{line}: `{room}` imports from `{named}`", path.display()));
            }
        }
    }
    assert!(imports > 500, "the imports were not found: {imports}");
    assert!(broken.is_empty(), "against the order of the rooms in ARCHITECTURE.md:\n{}", broken.join("\n"));
}

#[test]
fn paths_are_found_but_in_comments_and_tests() {
    let text = "\
use crate::store::Sql;
// crate::comment
/// [`Host`](crate::host::Host)
#[cfg(test)]
use crate::only_in_tests;
fn f() -> super::neighbour::Type {
    crate::feed::read(super::super::host::Stored)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
}
impl crate::json::Read for T {}
";
    let named = |depth| -> Vec<String> {
        rooms_named(text, depth).into_iter().map(|(line, room)| format!("{line} {room}")).collect()
    };
    assert_eq!(named(1), ["1 store", "7 feed", "15 json", "6 neighbour"]);
    assert_eq!(named(2), ["1 store", "7 feed", "15 json", "7 host"]);
    assert_eq!(named(3), ["1 store", "7 feed", "15 json"]);
}
