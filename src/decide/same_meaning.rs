//! Fields that both sides changed differently while they mean the same by it: no person is asked about these. Each rule gives
//! both ends the same answer, whichever of them decides.

use serde_json::Value;

use super::canonical::parse_instant;
use super::merge::{Choice, Dispute};
use crate::event::Representation;

/// Who is right where both mean the same; nothing where somebody has to decide.
///
/// - A visit that both sides closed, as the task does that closes old visits, ends at the later time: an encounter that either
///   side has in it stays within it.
/// - Metadata that both sides retired keeps the parent's words for why.
pub fn settled(representation: Representation, dispute: &Dispute) -> Option<Choice> {
    if representation != Representation::Rest {
        return None;
    }
    let Dispute { path, base, ours, theirs } = dispute;
    match path.as_str() {
        "stopDatetime" if base.is_none() => later(ours.as_ref()?, theirs.as_ref()?),
        "retireReason" if base.is_none() && ours.is_some() && theirs.is_some() => Some(Choice::Theirs),
        _ => None,
    }
}

/// Nothing when one of them is no time.
fn later(ours: &Value, theirs: &Value) -> Option<Choice> {
    let (ours, theirs) = (parse_instant(ours.as_str()?)?, parse_instant(theirs.as_str()?)?);
    Some(if ours > theirs { Choice::Ours } else { Choice::Theirs })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const EARLY: &str = "2026-11-29T23:58:30.000+0300";
    const LATE: &str = "2026-11-29T20:59:00.000+0000";

    fn closed(base: Option<&str>, ours: Option<&str>, theirs: Option<&str>) -> Option<Choice> {
        let [base, ours, theirs] = [base, ours, theirs].map(|time| time.map(|time| json!(time)));
        settled(Representation::Rest, &Dispute { path: "stopDatetime".into(), base, ours, theirs })
    }

    #[test]
    fn visit_closed_on_both_sides_ends_at_the_later_time() {
        assert_eq!(closed(None, Some(EARLY), Some(LATE)), Some(Choice::Theirs));
        assert_eq!(closed(None, Some(LATE), Some(EARLY)), Some(Choice::Ours));
    }

    #[test]
    fn visit_closed_before_or_reopened_is_left_to_a_person() {
        assert_eq!(closed(Some(EARLY), Some(LATE), Some("2026-11-29T10:00:00.000+0000")), None);
        assert_eq!(closed(None, Some(LATE), None), None);
        assert_eq!(closed(None, Some("soon"), Some(LATE)), None);
    }

    #[test]
    fn other_fields_and_other_representations_are_for_a_person() {
        let of = |representation, path: &str| {
            let dispute =
                Dispute { path: path.into(), base: None, ours: Some(json!(EARLY)), theirs: Some(json!(LATE)) };
            settled(representation, &dispute)
        };
        assert_eq!(of(Representation::Rest, "deathDate"), None);
        assert_eq!(of(Representation::Fhir, "stopDatetime"), None);
        assert_eq!(of(Representation::Rest, "retireReason"), Some(Choice::Theirs));
    }
}
