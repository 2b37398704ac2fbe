//! Differences between a document and what a server kept of it: what was lost by that, and what OpenMRS always makes of it and
//! loses nothing.

use serde_json::Value;

use super::canonical::{each_difference, parse_instant};

/// How far a zone is from UTC at most.
const FARTHEST_ZONE_HOURS: i64 = 14;

/// Where a document that was read back differs from the one that was saved; paths such as `identifier[1].value`, at most 50.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Losses {
    /// The places whose value is gone or changed.
    pub lost: Vec<String>,
    /// The places that OpenMRS always changes, without losing anything.
    pub adjusted: Vec<String>,
}

/// Compares canonical documents.
pub fn losses(saved: &[u8], kept: &[u8]) -> Losses {
    let mut losses = Losses::default();
    each_difference(saved, kept, &mut |path, saved, kept| {
        let paths = if is_harmless(path, saved, kept) { &mut losses.adjusted } else { &mut losses.lost };
        paths.push(path.to_string());
    });
    losses
}

/// The place of a path, whatever the part: `identifier.value` of `identifier[1].value`.
pub fn place(path: &str) -> String {
    let mut depth = 0;
    let is_outside = |symbol: &char| {
        depth += i32::from(*symbol == '[');
        let outside = depth == 0;
        depth -= i32::from(*symbol == ']');
        outside
    };
    path.chars().filter(is_outside).collect()
}

fn is_harmless(path: &str, saved: &Value, kept: &Value) -> bool {
    is_preference(&place(path), saved, kept)
        || is_same_text(saved, kept)
        || is_same_second(saved, kept)
        || is_same_day(path, saved, kept)
}

/// Somebody's only name, address or identifier is the preferred one, whether anybody said so or not.
fn is_preference(place: &str, saved: &Value, kept: &Value) -> bool {
    let place = place.strip_prefix("person.").unwrap_or(place);
    let not_said = matches!(saved, Value::Null | Value::Bool(false));
    match place {
        "names.preferred" | "addresses.preferred" | "identifiers.preferred" => not_said && *kept == Value::Bool(true),
        "name.use" | "address.use" | "identifier.use" => saved.is_null(),
        _ => false,
    }
}

/// OpenMRS takes blanks off both ends of a text.
fn is_same_text(saved: &Value, kept: &Value) -> bool {
    match (saved.as_str(), kept.as_str()) {
        (Some(saved), Some(kept)) => saved.trim() == kept,
        // A text of blanks is none.
        (Some(saved), None) => kept.is_null() && saved.trim().is_empty(),
        _ => false,
    }
}

/// OpenMRS keeps whole seconds.
fn is_same_second(saved: &Value, kept: &Value) -> bool {
    let second = |value: &Value| value.as_str().and_then(parse_instant).map(|instant| instant.timestamp());
    matches!((second(saved), second(kept)), (Some(saved), Some(kept)) if saved == kept)
}

/// A date that a server without this module wrote as a moment: which day it is, its zone says.
fn is_same_day(path: &str, saved: &Value, kept: &Value) -> bool {
    let (Some(saved), Some(kept)) = (saved.as_str().and_then(parse_instant), kept.as_str()) else { return false };
    let midnight = parse_instant(&format!("{kept}T00:00:00Z"));
    path == "valueDateTime" && midnight.is_some_and(|day| (saved - day).num_hours().abs() <= FARTHEST_ZONE_HOURS)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(saved: Value, kept: Value) -> Losses {
        losses(saved.to_string().as_bytes(), kept.to_string().as_bytes())
    }

    fn harmless(saved: Value, kept: Value) -> bool {
        let losses = of(saved, kept);
        assert!(losses.lost.is_empty() != losses.adjusted.is_empty(), "{losses:?}");
        losses.lost.is_empty()
    }

    #[test]
    fn preferred_mark_set_is_no_loss_and_taken_away_is_one() {
        let rest = |preferred: bool| json!({"person": {"names": [{"preferred": preferred}]}});
        assert!(harmless(rest(false), rest(true)));
        assert!(!harmless(rest(true), rest(false)));
        assert!(harmless(json!({"addresses": [{}]}), json!({"addresses": [{"preferred": true}]})));
        assert!(harmless(json!({"name": [{"id": "n"}]}), json!({"name": [{"id": "n", "use": "usual"}]})));
        assert!(!harmless(json!({"name": [{"use": "official"}]}), json!({"name": [{"use": "usual"}]})));
        assert!(!harmless(json!({"other": {"preferred": false}}), json!({"other": {"preferred": true}})));
    }

    #[test]
    fn trimmed_blanks_and_split_seconds_are_no_loss_and_words_are() {
        assert!(harmless(json!({"valueText": " seen "}), json!({"valueText": "seen"})));
        assert!(harmless(json!({"valueText": "  "}), json!({})));
        assert!(!harmless(json!({"valueText": "seen twice"}), json!({"valueText": "seen"})));
        assert!(!harmless(json!({"valueText": "seen"}), json!({})));
        let at = |time: &str| json!({"obsDatetime": time});
        assert!(harmless(at("2026-11-20T09:30:00.250Z"), at("2026-11-20T09:30:00.000Z")));
        assert!(!harmless(at("2026-11-20T09:30:01.000Z"), at("2026-11-20T09:30:00.000Z")));
        let value = |time: &str| json!({"valueDateTime": time});
        assert!(harmless(value("2026-03-01T21:00:00.000Z"), value("2026-03-02")));
        assert!(!harmless(value("2026-03-03T21:00:00.000Z"), value("2026-03-02")));
        assert!(!harmless(at("2026-03-01T21:00:00.000Z"), at("2026-03-02")));
    }

    #[test]
    fn both_kinds_are_told_apart_in_one_document() {
        let losses = of(json!({"a": "x", "b": " y"}), json!({"a": "z", "b": "y"}));
        assert_eq!(losses, Losses { lost: vec!["a".to_string()], adjusted: vec!["b".to_string()] });
    }

    #[test]
    fn the_place_of_a_path_is_without_its_parts() {
        assert_eq!(place("identifier[1].type.coding[0].code"), "identifier.type.coding.code");
        assert_eq!(place("gender"), "gender");
    }
}
