//! The introduction of a child to its parent, with its first request of each run: who it is and how it fares, so that somebody
//! at the parent sees which site needs help.

use serde::{Deserialize, Serialize};

use crate::error::ErrorKind;
use crate::event::is_object_uuid;
use crate::json;

/// The header of a request for a page of the parent's own feed: an [`Introduction`] as JSON of ASCII characters alone.
pub const HEADER: &str = "x-sync2-child";

/// The longest header that is read, in bytes.
const LONGEST: usize = 4096;

/// The longest name and version that are believed, in characters.
const LONGEST_NAME: usize = 255;
const LONGEST_VERSION: usize = 64;

/// How a child is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Introduction {
    /// Its node id.
    pub node: String,
    /// `node.name`
    pub name: String,
    /// The version of its engine.
    pub version: String,
    /// Its clock, milliseconds since 1970.
    pub clock: i64,
    /// From the end of one scheduled run to the start of the next, of the direction that runs most often; nothing where none is
    /// scheduled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interval_seconds: Option<u64>,
    /// How old the newest event was that its last pull passed, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lag_ms: Option<i64>,
    /// Records that wait.
    pub parked: i64,
    /// Conflicts that wait for a person.
    pub conflicts: i64,
    /// The number of other things that somebody there has to do something about.
    pub problems: u32,
    /// When its last complete pull and push ended, since it was started; by its clock.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pulled_at: Option<i64>,
    /// When its last complete push ended, as `pulled_at`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pushed_at: Option<i64>,
    /// The kind of failure that ended its last pull and push before their ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pull_stopped: Option<String>,
    /// The kind of failure that ended its last push, as `pull_stopped`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub push_stopped: Option<String>,
}

impl Introduction {
    /// As it stands in the header.
    pub fn to_header(&self) -> String {
        let json = serde_json::to_string(self).unwrap_or_default();
        let mut header = String::with_capacity(json.len());
        for character in json.chars() {
            match character.is_ascii() {
                true => header.push(character),
                // Outside of texts JSON has ASCII only, and inside any character may be escaped.
                false => {
                    let units = &mut [0; 2];
                    header.extend(character.encode_utf16(units).iter().map(|unit| format!("\\u{unit:04x}")));
                }
            }
        }
        header
    }

    /// Reads a header, as far as it is to be believed; nothing when it is no introduction.
    pub fn from_header(header: &str) -> Option<Introduction> {
        (header.len() <= LONGEST).then(|| json::read::<Introduction>(header.as_bytes()).ok())?.and_then(Self::believed)
    }

    /// The same, without what no child says of itself; nothing when it does not say which node it is.
    pub fn believed(self) -> Option<Introduction> {
        let known = |kind: Option<String>| kind.filter(|kind| ErrorKind::parse(kind).is_some());
        let first = |text: &str, most| text.chars().filter(|character| !character.is_control()).take(most).collect();
        is_object_uuid(&self.node).then(|| Introduction {
            name: first(&self.name, LONGEST_NAME),
            version: first(&self.version, LONGEST_VERSION),
            lag_ms: self.lag_ms.map(|lag| lag.max(0)),
            parked: self.parked.max(0),
            conflicts: self.conflicts.max(0),
            pull_stopped: known(self.pull_stopped),
            push_stopped: known(self.push_stopped),
            ..self
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_gulu() -> Introduction {
        Introduction {
            node: "11111111-2222-4333-8444-555555555555".into(),
            name: "Clínica \"Gulu\" 🏥".into(),
            version: "0.2.0".into(),
            clock: 1_800_000_000_000,
            lag_ms: Some(5),
            parked: 2,
            pull_stopped: Some("Unauthorized".into()),
            ..Introduction::default()
        }
    }

    #[test]
    fn header_has_ascii_only_and_says_all() {
        let header = of_gulu().to_header();
        assert!(header.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' '), "{header}");
        assert_eq!(Introduction::from_header(&header), Some(of_gulu()));
    }

    #[test]
    fn header_of_no_node_says_nothing() {
        for header in ["", "{}", "null", "{\"node\":\"../etc\"}", "{\"node\":7}", &"[".repeat(3000)] {
            assert_eq!(Introduction::from_header(header), None, "{header}");
        }
        let long = Introduction { name: "n".repeat(LONGEST), ..of_gulu() };
        assert_eq!(Introduction::from_header(&long.to_header()), None);
    }

    #[test]
    fn implausible_introduction_is_not_believed() {
        let lie = Introduction {
            name: "a\nb".repeat(300),
            parked: -1,
            conflicts: i64::MIN,
            lag_ms: Some(-1),
            pull_stopped: Some("<script>".into()),
            ..of_gulu()
        };
        let believed = lie.believed().unwrap();
        assert_eq!(believed.name.chars().count(), LONGEST_NAME);
        assert!(!believed.name.contains('\n'));
        assert_eq!((believed.parked, believed.conflicts, believed.lag_ms), (0, 0, Some(0)));
        assert_eq!(believed.pull_stopped, None);
    }
}
