//! Records that are refused because of one another: which of them belong together, and in which ways they can be tried in
//! one transaction.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::{Map, Value, json};

use crate::error::ErrorKind;
use crate::event::{Category, ObjectId, Representation};

/// The most records that are tried in one transaction.
pub const MOST_TOGETHER: usize = 50;

/// A refused record, as far as it is bound to others.
pub struct Member<'a> {
    /// The object that the record is about.
    pub object: &'a ObjectId,
    /// The other objects that its document refers to.
    pub references: &'a BTreeSet<ObjectId>,
    /// The identifiers that it wants and those that it has here (see [`identifiers`]).
    pub identifiers: BTreeSet<String>,
    /// Why it was refused. Who holds what is taken is named there by the uuid.
    pub reason: &'a str,
}

/// In which order the records of a group are written, after all of them were decided on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// As they came.
    InOrder,
    /// The last one first.
    Reversed,
    /// First all are written without what each can do without, then they are written as they came.
    FreedFirst,
    /// The same, the last one first.
    FreedFirstReversed,
}

impl Way {
    /// In the order in which they are tried: the cheaper ones first.
    pub const ALL: [Way; 4] = [Way::InOrder, Way::Reversed, Way::FreedFirst, Way::FreedFirstReversed];

    /// Those that differ for so many records, of which some can do without something for a moment or none.
    pub fn worth_trying(records: usize, some_can_be_freed: bool) -> Vec<Way> {
        let differs = |way: &Way| match way {
            Way::InOrder => true,
            Way::Reversed => records > 1,
            Way::FreedFirst | Way::FreedFirstReversed => records > 1 && some_can_be_freed,
        };
        Way::ALL.into_iter().filter(differs).collect()
    }

    /// Returns true if what each can do without is taken off first.
    pub fn frees_first(self) -> bool {
        matches!(self, Way::FreedFirst | Way::FreedFirstReversed)
    }

    /// The members in this order, each after those of them that it refers to.
    pub fn order(self, members: &[(&ObjectId, &BTreeSet<ObjectId>)]) -> Vec<usize> {
        let wished: Vec<usize> = match self {
            Way::InOrder | Way::FreedFirst => (0..members.len()).collect(),
            Way::Reversed | Way::FreedFirstReversed => (0..members.len()).rev().collect(),
        };
        referred_first(members, wished)
    }
}

/// Returns true if a record that was refused with this kind may be accepted together with others.
pub fn may_be_blocked(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::Duplicate | ErrorKind::Rejected | ErrorKind::MissingReference)
}

/// The members by who may block whom, in their order, at most [`MOST_TOGETHER`] in each group.
pub fn groups(members: &[Member<'_>]) -> Vec<Vec<usize>> {
    let mut sets = Sets::default();
    let by_uuid: HashMap<&str, usize> =
        members.iter().enumerate().map(|(index, member)| (member.object.uuid.as_str(), index)).collect();
    let mut first_with: HashMap<&str, usize> = HashMap::new();
    for (index, member) in members.iter().enumerate() {
        let referred = member.references.iter().filter(|object| object.category.kind().others_hang_on_it);
        let bonds = std::iter::once(member.object.uuid.as_str())
            .chain(referred.map(|object| object.uuid.as_str()))
            .chain(member.identifiers.iter().map(String::as_str));
        for bond in bonds {
            let other = *first_with.entry(bond).or_insert(index);
            sets.join(index, other);
        }
        for named in words(member.reason).filter_map(|word| by_uuid.get(word)) {
            sets.join(index, *named);
        }
    }
    let mut whole: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for index in 0..members.len() {
        whole.entry(sets.root(index)).or_default().push(index);
    }
    whole
        .into_values()
        .flat_map(|group| group.chunks(MOST_TOGETHER).map(<[usize]>::to_vec).collect::<Vec<_>>())
        .collect()
}

/// The patient that a refusal names as the one who holds what is taken.
pub fn holder<'a>(reason: &'a str, refused: &ObjectId) -> Option<&'a str> {
    words(reason).find(|word| is_uuid(word) && *word != refused.uuid)
}

/// The words of a text that could be uuids. `patient/UUID` is two.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let part_of_a_uuid = |letter: char| letter.is_ascii_alphanumeric() || letter == '-';
    text.split(move |letter: char| !part_of_a_uuid(letter)).filter(|word| !word.is_empty())
}

/// OpenMRS's own: 36 characters, or longer. Words of a sentence are shorter.
fn is_uuid(word: &str) -> bool {
    (32..=38).contains(&word.len())
}

/// Members that are joined; the smallest of each set is its root.
#[derive(Default)]
struct Sets {
    parents: HashMap<usize, usize>,
}

impl Sets {
    fn root(&self, mut member: usize) -> usize {
        while let Some(parent) = self.parents.get(&member) {
            member = *parent;
        }
        member
    }

    fn join(&mut self, one: usize, other: usize) {
        let (one, other) = (self.root(one), self.root(other));
        if one != other {
            self.parents.insert(one.max(other), one.min(other));
        }
    }
}

/// In the wished order, but what another refers to comes before it.
fn referred_first(members: &[(&ObjectId, &BTreeSet<ObjectId>)], mut wished: Vec<usize>) -> Vec<usize> {
    let mut names: HashMap<ObjectId, usize> = HashMap::new();
    for (index, (object, _)) in members.iter().enumerate() {
        names.extend(object.names().map(|name| (name, index)));
    }
    let mut order = Vec::with_capacity(wished.len());
    while !wished.is_empty() {
        let is_free = |index: &usize| {
            let references = members.get(*index).map(|(_, references)| references);
            let mut referred = references.into_iter().flat_map(|all| all.iter()).filter_map(|one| names.get(one));
            referred.all(|other| other == index || order.contains(other))
        };
        // None is free where they refer to each other in a circle: then the wish decides.
        let next = wished.iter().position(is_free).unwrap_or(0);
        order.push(wished.remove(next));
    }
    order
}

/// The field of a patient's document that holds the identifiers.
fn identifiers_field(representation: Representation) -> &'static str {
    match representation {
        Representation::Fhir => "identifier",
        Representation::Rest => "identifiers",
    }
}

/// The identifiers of a patient's document, each with what is the same for all that stand for the same number of the same
/// type. None of other objects. Patient data.
pub fn identifiers(representation: Representation, object: &ObjectId, document: &Value) -> Vec<(String, Value)> {
    if object.category.name() != "patient" {
        return Vec::new();
    }
    let elements = document.get(identifiers_field(representation)).and_then(Value::as_array);
    let elements = elements.into_iter().flatten();
    elements.filter_map(|element| Some((identifier_key(representation, element)?, element.clone()))).collect()
}

fn identifier_key(representation: Representation, element: &Value) -> Option<String> {
    let (kind, value) = match representation {
        Representation::Fhir => {
            let paths = ["/type/coding/0/code", "/type/text", "/system"];
            (paths.into_iter().find_map(|path| element.pointer(path)), element.get("value"))
        }
        Representation::Rest => (element.pointer("/identifierType/uuid"), element.get("identifier")),
    };
    let kind = kind.and_then(Value::as_str).unwrap_or_default();
    Some(format!("{kind}\n{}", value?.as_str()?.to_lowercase()))
}

/// Returns the name of an identifier's type, for people.
pub fn identifier_type(representation: Representation, element: &Value) -> Option<&str> {
    let paths = match representation {
        Representation::Fhir => ["/type/text", "/system"],
        Representation::Rest => ["/identifierType/display", "/identifierType/name"],
    };
    paths.into_iter().find_map(|path| element.pointer(path)).and_then(Value::as_str)
}

/// A patient's document without the identifiers that have these keys.
pub fn without_identifiers(representation: Representation, document: &Value, keys: &BTreeSet<String>) -> Value {
    let mut document = document.clone();
    if let Some(Value::Array(elements)) = document.get_mut(identifiers_field(representation)) {
        let taken = |element: &Value| identifier_key(representation, element).is_some_and(|key| keys.contains(&key));
        elements.retain(|element| !taken(element));
    }
    document
}

/// A patient's document with one more identifier, which becomes a second one where the patient has a preferred one.
pub fn with_identifier(representation: Representation, document: &Value, element: &Value) -> Value {
    let mut document = document.clone();
    let Some(fields) = document.as_object_mut() else { return document };
    let elements = fields.entry(identifiers_field(representation)).or_insert_with(|| Value::Array(Vec::new()));
    if let Value::Array(elements) = elements {
        let mut element = element.clone();
        if elements.iter().any(|other| other.get("preferred") == Some(&Value::Bool(true)))
            && let Some(preferred) = element.get_mut("preferred")
        {
            *preferred = Value::Bool(false);
        }
        elements.push(element);
    }
    document
}

/// Returns true if [`freed`] may find something of objects of that kind.
pub fn may_be_freed(category: Category) -> bool {
    matches!(category.name(), "patient" | "encounter")
}

/// Returns the document of an object that is here without what it can do without for a moment, so that others of its group can be
/// written: the identifiers that others of them have here now, and the visit of an encounter. None: nothing.
pub fn freed(
    representation: Representation,
    object: &ObjectId,
    document: &Value,
    taken: &BTreeSet<String>,
) -> Option<Value> {
    match object.category.name() {
        "patient" => {
            let freed = without_identifiers(representation, document, taken);
            (freed != *document).then_some(freed)
        }
        "encounter" => without_field(representation, document, visit_field(representation)),
        _ => None,
    }
}

fn visit_field(representation: Representation) -> &'static str {
    match representation {
        Representation::Fhir => "partOf",
        Representation::Rest => "visit",
    }
}

/// A field of REST that is not there was withheld from who read it: an empty one is there as null.
fn without_field(representation: Representation, document: &Value, field: &str) -> Option<Value> {
    let fields: &Map<String, Value> = document.as_object()?;
    fields.get(field).filter(|value| !value.is_null())?;
    let mut fields = fields.clone();
    match representation {
        Representation::Fhir => drop(fields.remove(field)),
        Representation::Rest => drop(fields.insert(field.to_string(), Value::Null)),
    }
    Some(Value::Object(fields))
}

/// Returns true if an object of this kind is something without a reference to one of that kind.
pub fn may_be_without(object: &ObjectId, reference: &ObjectId) -> bool {
    let kinds = (object.category.name(), reference.category.name());
    matches!(kinds, ("encounter", "visit" | "encounter" | "provider") | ("visit", "location" | "concept"))
}

/// The document without a reference that its object can be saved without, and the path where it was: the visit of an encounter,
/// where each belongs to, one of its providers. None: the object is nothing without it, or refers to it elsewhere, too.
pub fn without_reference(
    representation: Representation,
    object: &ObjectId,
    document: &Value,
    reference: &ObjectId,
) -> Option<(Value, &'static str)> {
    if !may_be_without(object, reference) {
        return None;
    }
    let field = match reference.category.name() {
        "provider" => return without_provider(representation, object, document, reference),
        "location" => "location",
        "concept" => "indication",
        _ => visit_field(representation),
    };
    let without = without_field(representation, document, field)?;
    let refers = super::references::references(representation, object, &without).contains(reference);
    (!refers).then_some((without, field))
}

fn without_provider(
    representation: Representation,
    encounter: &ObjectId,
    document: &Value,
    provider: &ObjectId,
) -> Option<(Value, &'static str)> {
    let field = match representation {
        Representation::Fhir => "participant",
        Representation::Rest => "encounterProviders",
    };
    let all = document.get(field)?.as_array()?;
    let refers = |element: &Value| {
        super::references::references(representation, encounter, &json!({field: [element]})).contains(provider)
    };
    let others: Vec<Value> = all.iter().filter(|element| !refers(element)).cloned().collect();
    if others.len() == all.len() {
        return None;
    }
    let mut without = without_field(representation, document, field)?;
    // FHIR has no empty lists.
    if !others.is_empty() {
        without.as_object_mut()?.insert(field.to_string(), Value::Array(others));
    }
    Some((without, field))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(category: &str, uuid: &str) -> ObjectId {
        ObjectId { category: Category::parse(category).unwrap(), uuid: uuid.into() }
    }

    fn grouped(members: &[(&ObjectId, &[ObjectId], &[&str], &str)]) -> Vec<Vec<usize>> {
        let references: Vec<BTreeSet<ObjectId>> =
            members.iter().map(|(_, references, ..)| references.iter().cloned().collect()).collect();
        let members = members.iter().zip(&references).map(|((object, _, identifiers, reason), references)| Member {
            object,
            references,
            identifiers: identifiers.iter().map(|text| text.to_string()).collect(),
            reason,
        });
        groups(&members.collect::<Vec<_>>())
    }

    #[test]
    fn patient_wanting_anothers_number_is_grouped_with_her() {
        let (a, b, c) = (object("patient", "a"), object("patient", "b"), object("patient", "c"));
        let found = grouped(&[(&a, &[], &["1", "2"], ""), (&b, &[], &["3"], ""), (&c, &[], &["2"], "")]);
        assert_eq!(found, [vec![0, 2], vec![1]]);
    }

    #[test]
    fn so_does_who_is_named_in_the_refusal() {
        let (a, b) = (object("patient", "a-1"), object("patient", "b-1"));
        assert_eq!(grouped(&[(&a, &[], &[], "the number of patient/b-1 here"), (&b, &[], &[], "")]), [[0, 1]]);
        assert_eq!(grouped(&[(&a, &[], &[], "the number of patient/b-10"), (&b, &[], &[], "")]).len(), 2);
    }

    #[test]
    fn objects_of_one_patient_are_grouped_those_of_one_place_not() {
        let (patient, ward) = (object("patient", "p"), object("location", "l"));
        let (visit, encounter) = (object("visit", "v"), object("encounter", "e"));
        let (elsewhere, other) = (object("encounter", "f"), object("patient", "q"));
        let found = grouped(&[
            (&visit, &[patient.clone(), ward.clone()], &[], ""),
            (&elsewhere, &[other, ward.clone()], &[], ""),
            (&encounter, &[patient, ward], &[], ""),
        ]);
        assert_eq!(found, [vec![0, 2], vec![1]]);
    }

    #[test]
    fn no_group_is_longer_than_allowed() {
        let patients: Vec<ObjectId> = (0..120).map(|number| object("patient", &format!("p{number}"))).collect();
        let members: Vec<_> = patients.iter().map(|patient| (patient, &[][..], &["same"][..], "")).collect();
        let lengths: Vec<usize> = grouped(&members).iter().map(Vec::len).collect();
        assert_eq!(lengths, [50, 50, 20]);
    }

    #[test]
    fn in_every_order_what_is_referred_to_comes_first() {
        let (visit, encounter, patient) = (object("visit", "v"), object("encounter", "e"), object("patient", "p"));
        let of_visit = BTreeSet::from([object("encounter", "v"), patient.clone()]);
        let (none, of_patient) = (BTreeSet::new(), BTreeSet::from([patient.clone()]));
        let members = [(&encounter, &of_visit), (&visit, &of_patient), (&patient, &none)];
        assert_eq!(Way::InOrder.order(&members), [2, 1, 0]);
        let (first, second) = (object("patient", "a"), object("patient", "b"));
        let members = [(&first, &none), (&second, &none)];
        assert_eq!(Way::InOrder.order(&members), [0, 1]);
        assert_eq!(Way::Reversed.order(&members), [1, 0]);
    }

    fn documents() -> [(Representation, Value, &'static str); 2] {
        let fhir = json!({"resourceType": "Patient", "id": "p", "identifier": [
            {"id": "1", "type": {"text": "Card"}, "value": "C-1"}, {"id": "2", "system": "urn:x", "value": "9"}]});
        let rest = json!({"uuid": "p", "identifiers": [
            {"uuid": "1", "identifierType": {"uuid": "Card"}, "identifier": "C-1"},
            {"uuid": "2", "identifierType": {"uuid": "urn:x"}, "identifier": "9"}]});
        [(Representation::Fhir, fhir, "identifier"), (Representation::Rest, rest, "identifiers")]
    }

    #[test]
    fn taken_identifiers_are_taken_off_and_put_back() {
        for (representation, document, field) in documents() {
            let found = identifiers(representation, &object("patient", "p"), &document);
            let keys: Vec<&str> = found.iter().map(|(key, _)| key.as_str()).collect();
            assert_eq!(keys, ["Card\nc-1", "urn:x\n9"]);
            let without = without_identifiers(representation, &document, &BTreeSet::from(["Card\nc-1".to_string()]));
            assert_eq!(without[field], json!([document[field][1]]));
            let back = with_identifier(representation, &without, &found[0].1);
            assert_eq!(back[field], json!([document[field][1], document[field][0]]));
        }
    }

    #[test]
    fn an_encounter_can_do_without_its_visit_for_a_moment() {
        let encounter = object("encounter", "e");
        let rest = json!({"uuid": "e", "visit": {"uuid": "v"}});
        let without = json!({"uuid": "e", "visit": null});
        assert_eq!(freed(Representation::Rest, &encounter, &rest, &BTreeSet::new()), Some(without));
        assert_eq!(freed(Representation::Rest, &encounter, &json!({"visit": null}), &BTreeSet::new()), None);
        assert_eq!(freed(Representation::Rest, &object("visit", "v"), &json!({"uuid": "v"}), &BTreeSet::new()), None);
    }

    #[test]
    fn only_what_an_object_can_be_without_is_left_out() {
        let encounter = object("encounter", "e");
        let fhir = json!({"resourceType": "Encounter", "id": "e", "subject": {"reference": "Patient/p"},
                          "partOf": {"reference": "Encounter/v"}});
        let without = without_reference(Representation::Fhir, &encounter, &fhir, &object("encounter", "v"));
        let (without, path) = without.unwrap();
        assert_eq!((without.get("partOf"), path), (None, "partOf"));
        assert_eq!(without_reference(Representation::Fhir, &encounter, &fhir, &object("patient", "p")), None);
    }

    #[test]
    fn an_encounter_keeps_its_other_providers_when_one_is_left_out() {
        let fhir = |uuid: &str| json!({"individual": {"reference": format!("Practitioner/{uuid}")}});
        let rest = |uuid: &str| json!({"uuid": format!("part-{uuid}"), "provider": {"uuid": uuid}});
        let encounter = object("encounter", "e");
        let cases = [
            (Representation::Fhir, "participant", [fhir("here"), fhir("gone")]),
            (Representation::Rest, "encounterProviders", [rest("here"), rest("gone")]),
        ];
        for (representation, field, both) in cases {
            let gone =
                |document: Value| without_reference(representation, &encounter, &document, &object("provider", "gone"));
            assert_eq!(gone(json!({field: both})), Some((json!({field: [both[0]]}), field)));
            let nobody = if representation == Representation::Fhir { json!({}) } else { json!({field: null}) };
            assert_eq!(gone(json!({field: [both[1]]})), Some((nobody, field)));
            assert_eq!(gone(json!({field: [both[0]]})), None);
        }
    }

    #[test]
    fn the_holder_is_named_by_its_uuid() {
        let refused = object("patient", "0f7fdf3e-0000-4000-8000-000000000001");
        let holder_uuid = "0f7fdf3e-0000-4000-8000-000000000002";
        let reason = format!("patient/{}: the patient {holder_uuid} has the same number", refused.uuid);
        assert_eq!(holder(&reason, &refused), Some(holder_uuid));
        assert_eq!(holder("another patient has the same number", &refused), None);
    }
}
