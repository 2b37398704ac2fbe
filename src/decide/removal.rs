//! Objects that a removal takes along. OpenMRS removes with a patient, a visit or an encounter all that hangs on it: whoever
//! removes one decides on what was known to hang on it, and on nothing else.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::event::{Category, ObjectId, Representation};

/// Returns true if anything can hang on objects of this kind.
pub fn takes_others(category: Category) -> bool {
    category.kind().others_hang_on_it
}

/// Returns the objects that an object may hang on, by the references of its document: its patient, its visit, its encounter, its
/// group. In FHIR a visit is referred to as an encounter, and a group refers to its members, not they to it. Only one of these may
/// be there.
pub fn owners(representation: Representation, object: &ObjectId, references: &BTreeSet<ObjectId>) -> Vec<ObjectId> {
    let is_observation = object.category.name() == "observation";
    let mut owners = Vec::new();
    for reference in references {
        let kinds: &[&str] = match reference.category.name() {
            "patient" => &["patient"],
            "person" if is_observation => &["patient", "person"],
            "visit" => &["visit"],
            "encounter" if representation == Representation::Fhir => &["encounter", "visit"],
            "encounter" => &["encounter"],
            "observation" if is_observation && representation == Representation::Rest => &["observation"],
            _ => &[],
        };
        let categories = kinds.iter().filter_map(|kind| Category::parse(kind));
        owners.extend(categories.map(|category| ObjectId { category, uuid: reference.uuid.clone() }));
    }
    owners
}

/// Those of the [`owners`] whose removal takes the object along. OpenMRS leaves an observation that stands for itself when its
/// patient is removed, but not one in a group.
pub fn takers(representation: Representation, object: &ObjectId, references: &BTreeSet<ObjectId>) -> Vec<ObjectId> {
    let is_observation = object.category.name() == "observation";
    let stands_alone = is_observation && !references.iter().any(|reference| reference.category.name() == "encounter");
    let mut owners = owners(representation, object, references);
    owners.retain(|owner| !stands_alone || owner.category.name() == "observation");
    owners
}

/// Returns the words by which a person knows an object, as its document says: its kind and its day, never what was found or noted.
pub fn label(category: Category, representation: Representation, document: &Value) -> String {
    let paths: &[&str] = match representation {
        Representation::Fhir => &["/period/start", "/effectiveDateTime", "/effectivePeriod/start"],
        Representation::Rest => &["/startDatetime", "/encounterDatetime", "/obsDatetime"],
    };
    let time = paths.iter().find_map(|path| document.pointer(path)?.as_str());
    match time.and_then(|time| time.get(..10)) {
        Some(day) => format!("{category} of {day}"),
        None => category.to_string(),
    }
}

/// Something that hangs on an object which the other side removed, and is not removed here.
#[derive(Clone, Copy, Debug)]
pub struct Hanging<'a> {
    /// The object that hangs on the removed one.
    pub object: &'a ObjectId,
    /// The hash of what is here now.
    pub here: &'a str,
    /// The hash of what is here, as far as the one who removed the object knew it; None when it was never seen there.
    pub known: Option<&'a str>,
    /// True if it is still on its way, so that what is known there, or what is to be here, is not certain yet.
    pub under_way: bool,
}

/// Why something that hangs on an object stands against its removal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Standing {
    /// The one who removed the object never saw it.
    Unseen,
    /// It was changed since it was seen there.
    Changed,
}

/// The decision on a removal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Taking {
    /// The object is removed with all that hangs on it.
    All,
    /// Nothing is removed before this one has arrived, either way.
    Wait(ObjectId),
    /// Nothing is removed: these stand against it, each by its place among those that hang on it.
    Nothing(Vec<(usize, Standing)>),
}

/// Decides whether an object may be removed with what hangs on it.
pub fn taking<'a>(hanging: impl Iterator<Item = Hanging<'a>>) -> Taking {
    let mut standing = Vec::new();
    let mut awaited = None;
    for (place, one) in hanging.enumerate() {
        if one.under_way {
            awaited.get_or_insert_with(|| one.object.clone());
        } else if one.known != Some(one.here) {
            let why = if one.known.is_none() { Standing::Unseen } else { Standing::Changed };
            standing.push((place, why));
        }
    }
    match (standing.is_empty(), awaited) {
        (false, _) => Taking::Nothing(standing),
        (true, Some(object)) => Taking::Wait(object),
        (true, None) => Taking::All,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(category: &str, uuid: &str) -> ObjectId {
        ObjectId { category: Category::parse(category).unwrap(), uuid: uuid.into() }
    }

    fn decided(hanging: &[(Option<&str>, bool)]) -> Taking {
        let encounter = object("encounter", "e");
        let hanging = hanging.iter().map(|(known, under_way)| Hanging {
            object: &encounter,
            here: "now",
            known: *known,
            under_way: *under_way,
        });
        taking(hanging)
    }

    #[test]
    fn object_known_as_it_is_goes_along() {
        assert_eq!(decided(&[]), Taking::All);
        assert_eq!(decided(&[(Some("now"), false), (Some("now"), false)]), Taking::All);
    }

    #[test]
    fn object_unseen_or_changed_since_opposes_the_removal() {
        let standing = vec![(1, Standing::Unseen), (2, Standing::Changed)];
        assert_eq!(decided(&[(Some("now"), false), (None, false), (Some("before"), false)]), Taking::Nothing(standing));
    }

    #[test]
    fn removal_waits_for_a_pending_send_unless_it_is_a_conflict() {
        assert_eq!(decided(&[(None, true), (Some("now"), false)]), Taking::Wait(object("encounter", "e")));
        assert_eq!(decided(&[(None, true), (None, false)]), Taking::Nothing(vec![(1, Standing::Unseen)]));
    }

    fn owners_of(representation: Representation, owned: ObjectId, references: &[ObjectId]) -> Vec<String> {
        let references = references.iter().cloned().collect();
        owners(representation, &owned, &references).into_iter().map(|owner| owner.to_string()).collect()
    }

    #[test]
    fn an_object_hangs_on_its_patient_visit_encounter_and_group() {
        let references = [object("patient", "p"), object("encounter", "e"), object("location", "l")];
        assert_eq!(
            owners_of(Representation::Fhir, object("observation", "o"), &references),
            ["patient/p", "encounter/e", "visit/e"]
        );
        let references = [object("person", "p"), object("observation", "g"), object("concept", "c")];
        assert_eq!(
            owners_of(Representation::Rest, object("observation", "o"), &references),
            ["patient/p", "person/p", "observation/g"]
        );
        assert!(owners_of(Representation::Rest, object("provider", "d"), &references[..1]).is_empty());
    }

    #[test]
    fn observation_without_encounter_stays_when_patient_is_removed() {
        let (alone, patient) = (object("observation", "o"), object("patient", "p"));
        let takers = |representation, references: &[ObjectId]| -> Vec<String> {
            let references = references.iter().cloned().collect();
            let takers: BTreeSet<_> = takers(representation, &alone, &references).into_iter().collect();
            let mut names: Vec<String> = takers.into_iter().map(|taker| taker.to_string()).collect();
            names.sort();
            names
        };
        assert_eq!(takers(Representation::Fhir, std::slice::from_ref(&patient)), Vec::<String>::new());
        let grouped = [object("person", "p"), object("observation", "group")];
        assert_eq!(takers(Representation::Rest, &grouped), ["observation/group"]);
        let seen = [patient, object("encounter", "e")];
        assert_eq!(takers(Representation::Fhir, &seen), ["encounter/e", "patient/p", "visit/e"]);
    }

    #[test]
    fn a_group_does_not_hang_on_its_members() {
        assert!(owners_of(Representation::Fhir, object("observation", "g"), &[object("observation", "m")]).is_empty());
    }

    #[test]
    fn metadata_takes_nothing_along() {
        assert!(takes_others(Category::patient()));
        assert!(!takes_others(Category::parse("location").unwrap()));
    }
}
