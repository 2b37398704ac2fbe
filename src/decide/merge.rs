//! Three-way merge of documents: what each side changed since the base, together. Parts of an object are told apart by
//! their identity, not by their place; what has none, and what means something only as a whole, is taken from one side.
//! Nothing is invented: every value of the result stands at the same place in one of the three.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::canonical::{self, Rules};
use crate::event::{Category, Representation};

/// The three documents, each as it is saved; null where there is none.
#[derive(Clone, Copy, Debug)]
pub struct Versions<'a> {
    /// The version on which both sides last agreed.
    pub base: &'a Value,
    /// The version here.
    pub ours: &'a Value,
    /// The version of the other side.
    pub theirs: &'a Value,
}

/// A place that both sides changed differently.
#[derive(Clone, Debug, PartialEq)]
pub struct Dispute {
    /// Such as `name[2b7c].family`: the part with that identity.
    pub path: String,
    /// The value that was agreed on; nothing when it was not there.
    pub base: Option<Value>,
    /// The value here; None when it is not there.
    pub ours: Option<Value>,
    /// The value of the other side; None when it is not there.
    pub theirs: Option<Value>,
}

/// Who is right about a place in dispute.
#[derive(Clone, Debug, PartialEq)]
pub enum Choice {
    /// The value here.
    Ours,
    /// The value of the other side.
    Theirs,
    /// Neither; nothing takes the field away.
    Value(Option<Value>),
}

/// The result of a merge.
#[derive(Clone, Debug, PartialEq)]
pub struct Merged {
    /// With theirs at each place in dispute.
    pub document: Value,
    /// The places in dispute that nobody has decided.
    pub disputes: Vec<Dispute>,
}

impl Merged {
    /// The paths in dispute.
    pub fn paths(&self) -> Vec<&str> {
        self.disputes.iter().map(|dispute| dispute.path.as_str()).collect()
    }
}

/// Returns true if documents of this category are changed after they were written. OpenMRS never changes an observation: an edit
/// makes another one, and voids the first. So there is nothing of it to merge, and no base to keep.
pub fn is_changeable(category: Category) -> bool {
    !category.kind().is_written_once
}

/// Merges, and leaves every place in dispute to somebody else.
pub fn merge(representation: Representation, versions: Versions<'_>) -> Merged {
    merge_with(representation, versions, &|_| None)
}

/// Merges, and asks at each place in dispute who is right.
pub fn merge_with(
    representation: Representation,
    versions: Versions<'_>,
    settle: &dyn Fn(&Dispute) -> Option<Choice>,
) -> Merged {
    let mut merging = Merging { rules: canonical::rules(representation), representation, settle, disputes: Vec::new() };
    let Versions { base, ours, theirs } = versions;
    let document = match (ours, theirs) {
        (Value::Object(ours), Value::Object(theirs)) => {
            let nothing = Map::new();
            Value::Object(merging.members("", [base.as_object().unwrap_or(&nothing), ours, theirs]))
        }
        _ => merging.value(Place { path: "", name: "" }, [Some(base), Some(ours), Some(theirs)]).unwrap_or(Value::Null),
    };
    Merged { document, disputes: merging.disputes }
}

/// Applies the changes from `base` to `ours` to `onto` as well; at a place where that has something else, ours holds.
pub fn apply_changes(representation: Representation, versions: Versions<'_>) -> Value {
    merge_with(representation, versions, &|_| Some(Choice::Ours)).document
}

/// Adds to `document` what `richer` has and the poorer one, which came of it, could not hold: whole fields and parts, which
/// nobody took away. A list is left alone whose parts got other identities there: it cannot be seen which of them is new.
pub fn add_what_was_lost(representation: Representation, document: &Value, richer: &Value, poorer: &Value) -> Value {
    let rules = canonical::rules(representation);
    match (document, richer, poorer) {
        (Value::Object(document), Value::Object(richer), Value::Object(poorer)) => {
            Value::Object(add_lost_members(rules, document, richer, poorer))
        }
        (document, ..) => document.clone(),
    }
}

fn add_lost_members(
    rules: &Rules,
    document: &Map<String, Value>,
    richer: &Map<String, Value>,
    poorer: &Map<String, Value>,
) -> Map<String, Value> {
    let mut all = document.clone();
    for (name, rich) in richer.iter().filter(|(name, value)| rules.keep(name, value)) {
        let poor = present(rules, name, poorer.get(name));
        let here = present(rules, name, document.get(name));
        let value = match (here, poor) {
            (None, None) if !has_choice_beside(name, document) && !has_choice_beside(name, poorer) => {
                Some(rich.clone())
            }
            (Some(Value::Object(here)), Some(Value::Object(poor))) => {
                rich.as_object().map(|rich| Value::Object(add_lost_members(rules, here, rich, poor)))
            }
            (None | Some(Value::Array(_)), Some(Value::Array(poor))) => {
                let here = here.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
                rich.as_array().and_then(|rich| add_lost_parts(rules, here, rich, poor)).map(Value::Array)
            }
            _ => None,
        };
        if let Some(value) = value {
            all.insert(name.clone(), value);
        }
    }
    all
}

fn add_lost_parts(rules: &Rules, here: &[Value], rich: &[Value], poor: &[Value]) -> Option<Vec<Value>> {
    let key = rules.common_identity(&[here, rich, poor])?;
    let known = |list: &[Value], wanted: &Value| list.iter().any(|part| part.get(key) == wanted.get(key));
    if !poor.iter().all(|part| known(rich, part)) {
        return None;
    }
    let lost = rich.iter().filter(|part| !known(poor, part) && !known(here, part));
    Some(here.iter().chain(lost).cloned().collect())
}

/// Returns true if another form of the same element is there: FHIR allows one of them.
fn has_choice_beside(name: &str, fields: &Map<String, Value>) -> bool {
    let element = element_of(name);
    element != name && fields.keys().any(|other| other != name && element_of(other) == element)
}

/// Where a value stands.
#[derive(Clone, Copy)]
struct Place<'a> {
    path: &'a str,
    /// Of the field.
    name: &'a str,
}

struct Merging<'a> {
    rules: &'static Rules,
    representation: Representation,
    settle: &'a dyn Fn(&Dispute) -> Option<Choice>,
    disputes: Vec<Dispute>,
}

/// The base, ours and theirs.
type Three<T> = [T; 3];

impl Merging<'_> {
    /// Theirs is the ground: what only servers make is theirs.
    fn members(&mut self, path: &str, versions: Three<&Map<String, Value>>) -> Map<String, Value> {
        let mut merged = versions[2].clone();
        let is_rendered = self.is_rendered(versions);
        for (element, names) in self.elements(versions) {
            let place = if path.is_empty() { element.clone() } else { format!("{path}.{element}") };
            match names.as_slice() {
                [TEXT] if is_rendered => {}
                [name] => {
                    let three = versions.map(|fields| present(self.rules, name, fields.get(*name)));
                    let value = self.value(Place { path: &place, name }, three);
                    self.replace(&mut merged, name, value);
                }
                names => {
                    let three = versions.map(|fields| part_of(self.rules, fields, names));
                    let chosen = self.whole(&place, three.each_ref().map(Option::as_ref));
                    for name in names {
                        let value = chosen.as_ref().and_then(|fields| fields.get(*name)).cloned();
                        self.replace(&mut merged, name, value);
                    }
                }
            }
        }
        if is_rendered {
            let text = self.rendered(&merged, versions);
            self.replace(&mut merged, TEXT, text);
        }
        merged
    }

    /// The names of fields that count, by element: FHIR writes an element that may have several types under the name of the
    /// type, and two of them at once are none.
    fn elements<'b>(&self, versions: Three<&'b Map<String, Value>>) -> Vec<(String, Vec<&'b str>)> {
        let counted = versions.into_iter().flat_map(|fields| {
            fields.iter().filter(|(name, value)| self.rules.keep(name, value)).map(|(name, _)| name.as_str())
        });
        let names: BTreeSet<&str> = counted.collect();
        let mut elements: Vec<(String, Vec<&str>)> = Vec::new();
        for name in names {
            let element = match self.representation {
                Representation::Fhir => element_of(name),
                Representation::Rest => name,
            };
            match elements.iter_mut().find(|(known, _)| known == element) {
                Some((_, names)) => names.push(name),
                None => elements.push((element.to_string(), vec![name])),
            }
        }
        for (element, names) in &mut elements {
            let forms: BTreeSet<&str> = names.iter().map(|name| name.strip_prefix('_').unwrap_or(name)).collect();
            if let (Some(only), 1) = (forms.first(), forms.len()) {
                *element = only.to_string();
            }
        }
        elements
    }

    fn value(&mut self, place: Place<'_>, three: Three<Option<&Value>>) -> Option<Value> {
        let [base, ours, theirs] = three;
        let same = |one, other| self.rules.same(place.name, one, other);
        if same(ours, theirs) || same(ours, base) {
            return theirs.cloned();
        }
        if same(theirs, base) {
            return ours.cloned();
        }
        match (base, ours, theirs) {
            (base, Some(Value::Object(ours)), Some(Value::Object(theirs)))
                if !self.is_one_value(base, ours, theirs) =>
            {
                let nothing = Map::new();
                let base = base.and_then(Value::as_object).unwrap_or(&nothing);
                Some(Value::Object(self.members(place.path, [base, ours, theirs])))
            }
            _ => match lists_of(three).and_then(|lists| Some((self.rules.common_identity(&lists)?, lists))) {
                Some((key, lists)) => Some(Value::Array(self.parts(place, key, lists))),
                None => self.whole(place.path, three),
            },
        }
    }

    /// Returns true if fields of these objects mean something only together, or they are different things.
    fn is_one_value(&self, base: Option<&Value>, ours: &Map<String, Value>, theirs: &Map<String, Value>) -> bool {
        let base = base.and_then(Value::as_object);
        let other_thing = self.rules.told_apart_by.iter().any(|key| {
            let identity = ours.get(*key);
            identity != theirs.get(*key) || base.is_some_and(|base| base.get(*key) != identity)
        });
        other_thing
            || self.representation == Representation::Fhir
                && [Some(ours), Some(theirs), base].into_iter().flatten().any(is_fhir_value)
    }

    /// Returns true if the text of a name or an address says in words what its parts say (FHIR R4, HumanName and Address).
    fn is_rendered(&self, versions: Three<&Map<String, Value>>) -> bool {
        let has_parts = |fields: &Map<String, Value>| {
            PARTS_IN_WORDS.iter().any(|part| present(self.rules, part, fields.get(*part)).is_some())
        };
        let [base, ours, theirs] = versions.map(has_parts);
        self.representation == Representation::Fhir && (base || ours && theirs)
    }

    /// The words of whoever changed them, as long as they say the parts that were merged; none otherwise.
    fn rendered(&self, merged: &Map<String, Value>, versions: Three<&Map<String, Value>>) -> Option<Value> {
        let [base, ours, theirs] = versions;
        let [was, here, there] = versions.map(|fields| present(self.rules, TEXT, fields.get(TEXT)));
        if self.rules.same(TEXT, here, there) {
            return there.cloned();
        }
        let have_same_parts = |one: &Map<String, Value>, other: &Map<String, Value>| {
            PARTS_IN_WORDS.iter().all(|part| self.rules.same(part, one.get(*part), other.get(*part)))
        };
        let says_merged = |fields| have_same_parts(fields, merged);
        let holds_alone = |fields| says_merged(fields) || have_same_parts(fields, base);
        let words = if self.rules.same(TEXT, here, was) {
            there.filter(|_| holds_alone(theirs))
        } else if self.rules.same(TEXT, there, was) {
            here.filter(|_| holds_alone(ours))
        } else {
            match (says_merged(ours), says_merged(theirs)) {
                (true, false) => here,
                (false, true) => there,
                (false, false) => None,
                // Of two ways to say the same, either: only both sides have to take the same one.
                (true, true) => [here, there].into_iter().flatten().min_by_key(|text| text.as_str()),
            }
        };
        words.cloned()
    }

    /// By identity: in the order of the base, then what was added.
    fn parts(&mut self, place: Place<'_>, key: &str, lists: Three<&[Value]>) -> Vec<Value> {
        let identity = |part: &Value| part.get(key).and_then(Value::as_str).unwrap_or_default().to_string();
        let mut order: Vec<String> = lists[0].iter().map(identity).collect();
        let added: BTreeSet<String> = lists[1].iter().chain(lists[2]).map(identity).collect();
        let known: BTreeSet<String> = order.iter().cloned().collect();
        order.extend(added.difference(&known).cloned());
        let mut merged = Vec::with_capacity(order.len());
        for wanted in order {
            let three = lists.map(|list| list.iter().find(|part| identity(part) == wanted));
            let path = format!("{}[{wanted}]", place.path);
            merged.extend(self.value(Place { path: &path, name: place.name }, three));
        }
        merged
    }

    /// A field of REST that is not there was withheld: what was emptied is there as null.
    fn replace(&self, fields: &mut Map<String, Value>, name: &str, value: Option<Value>) {
        match (value, self.representation) {
            (Some(value), _) => drop(fields.insert(name.to_string(), value)),
            (None, Representation::Fhir) => drop(fields.remove(name)),
            (None, Representation::Rest) => {
                if let Some(field) = fields.get_mut(name) {
                    *field = Value::Null;
                }
            }
        }
    }

    /// The value of one side.
    fn whole(&mut self, path: &str, three: Three<Option<&Value>>) -> Option<Value> {
        let [base, ours, theirs] = three;
        if self.rules.same("", ours, theirs) || self.rules.same("", ours, base) {
            return theirs.cloned();
        }
        if self.rules.same("", theirs, base) {
            return ours.cloned();
        }
        let [base, ours, theirs] = three.map(|value| value.cloned());
        let dispute = Dispute { path: path.to_string(), base, ours, theirs };
        match (self.settle)(&dispute) {
            Some(Choice::Ours) => dispute.ours,
            Some(Choice::Theirs) => dispute.theirs,
            Some(Choice::Value(value)) => value,
            None => {
                let theirs = dispute.theirs.clone();
                self.disputes.push(dispute);
                theirs
            }
        }
    }
}

fn present<'a>(rules: &Rules, name: &str, value: Option<&'a Value>) -> Option<&'a Value> {
    value.filter(|value| rules.keep(name, value))
}

/// The parts of each version; one that is not there has none. Nothing when a version is no list.
fn lists_of<'a>(three: Three<Option<&'a Value>>) -> Option<Three<&'a [Value]>> {
    let list = |value: Option<&'a Value>| value.map_or(Some(&[][..]), |value| value.as_array().map(Vec::as_slice));
    let [base, ours, theirs] = three;
    Some([list(base)?, list(ours)?, list(theirs)?])
}

/// Those fields as one value; none when nothing of them is there.
fn part_of(rules: &Rules, fields: &Map<String, Value>, names: &[&str]) -> Option<Value> {
    let chosen: Map<String, Value> = names
        .iter()
        .filter_map(|name| Some((name.to_string(), present(rules, name, fields.get(*name))?.clone())))
        .collect();
    (!chosen.is_empty()).then_some(Value::Object(chosen))
}

/// A name or an address in words.
const TEXT: &str = "text";

/// The elements of a name or an address beside its text.
const PARTS_IN_WORDS: [&str; 5] = ["family", "given", "line", "city", "country"];

/// The types that an element may have, as they end its name (FHIR R4, choice of data types).
const CHOICES: [&str; 22] = [
    "Address",
    "Age",
    "Boolean",
    "CodeableConcept",
    "Coding",
    "Date",
    "DateTime",
    "Decimal",
    "Identifier",
    "Instant",
    "Integer",
    "Money",
    "Period",
    "Quantity",
    "Range",
    "Ratio",
    "Reference",
    "SampledData",
    "String",
    "Time",
    "Timing",
    "Uri",
];

/// `deceased` of `deceasedBoolean` and of `_deceasedBoolean`, which holds its extensions.
fn element_of(name: &str) -> &str {
    let name = name.strip_prefix('_').unwrap_or(name);
    // The longest first: DateTime before Time.
    let element = CHOICES.iter().filter_map(|choice| name.strip_suffix(choice)).min_by_key(|element| element.len());
    element.filter(|element| !element.is_empty()).unwrap_or(name)
}

/// The fields of FHIR data types that mean something only together with the others beside them: a number and its unit, a
/// code and its system.
const FIELDS_OF_ONE_VALUE: [&str; 9] =
    ["code", "coding", "data", "numerator", "reference", "system", "unit", "url", "value"];

fn is_fhir_value(fields: &Map<String, Value>) -> bool {
    fields.keys().any(|name| FIELDS_OF_ONE_VALUE.contains(&name.as_str()) || element_of(name) == "value")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    const FHIR: Representation = Representation::Fhir;

    fn merged(base: &Value, ours: &Value, theirs: &Value) -> Merged {
        merge(FHIR, Versions { base, ours, theirs })
    }

    fn form(document: &Value) -> Vec<u8> {
        canonical::canonical(FHIR, document)
    }

    fn patient() -> Value {
        json!({
            "resourceType": "Patient", "id": "p", "gender": "female", "birthDate": "1990-01-01",
            "name": [{"id": "n1", "family": "Okello", "given": ["Ann"]}],
            "identifier": [{"id": "i1", "system": "s", "value": "1"}, {"id": "i2", "system": "s", "value": "2"}],
            "deceasedBoolean": false
        })
    }

    fn with(mut document: Value, pointer: &str, value: Value) -> Value {
        *document.pointer_mut(pointer).unwrap() = value;
        document
    }

    #[test]
    fn different_fields_and_different_fields_of_a_part_are_merged() {
        let base = patient();
        let ours = with(with(base.clone(), "/gender", json!("male")), "/name/0/family", json!("Auma"));
        let theirs = with(with(base.clone(), "/birthDate", json!("1991-01-01")), "/name/0/given", json!(["Mary"]));
        let expected = with(with(ours.clone(), "/birthDate", json!("1991-01-01")), "/name/0/given", json!(["Mary"]));
        assert_eq!(merged(&base, &ours, &theirs), Merged { document: expected, disputes: vec![] });
    }

    #[test]
    fn field_emptied_is_null_in_rest_and_field_withheld_is_absent() {
        let base = json!({"location": {"uuid": "l"}, "stopDatetime": "2026", "visit": {"uuid": "v"}});
        let ours = json!({"location": null, "stopDatetime": "2027", "visit": {"uuid": "v"}});
        let theirs = json!({"location": {"uuid": "l"}, "stopDatetime": "2026"});
        let merged = merge(Representation::Rest, Versions { base: &base, ours: &ours, theirs: &theirs });
        assert_eq!(merged.document, json!({"location": null, "stopDatetime": "2027"}));
    }

    #[test]
    fn a_name_in_words_is_never_in_dispute_beside_its_parts() {
        let named = |family: &str, given: &str, text: Option<&str>| {
            let mut name = json!({"id": "n1", "family": family, "given": [given]});
            text.into_iter().for_each(|text| name["text"] = json!(text));
            json!({"resourceType": "Patient", "id": "p", "name": [name]})
        };
        let base = named("Okello", "Ann", Some("Ann Okello"));
        let ours = named("Auma", "Ann", Some("Ann Auma"));
        let theirs = named("Okello", "Mary", Some("Mary Okello"));
        assert_eq!(merged(&base, &ours, &theirs), Merged { document: named("Auma", "Mary", None), disputes: vec![] });
        assert_eq!(merged(&base, &base, &theirs).document, theirs);
        assert_eq!(merged(&base, &ours, &base).document, ours);
        let only_words =
            |text: &str| json!({"resourceType": "Patient", "id": "p", "name": [{"id": "n1", "text": text}]});
        let disputed = merged(&only_words("Ann"), &only_words("Mary"), &only_words("Jane"));
        assert_eq!(disputed.paths(), ["name[n1].text"]);
    }

    #[test]
    fn name_text_that_contradicts_merged_parts_is_dropped() {
        let named = |parts: Value, text: Option<&str>| {
            let mut name = parts;
            name["id"] = json!("n1");
            text.into_iter().for_each(|text| name["text"] = json!(text));
            json!({"id": "p", "name": [name]})
        };
        let family_and_given = named(json!({"family": "Okello", "given": ["Ann"]}), None);
        let given = named(json!({"given": ["Ann"]}), Some("Ann"));
        let family = named(json!({"family": "Okello"}), None);
        let none = merged(&family_and_given, &given, &family);
        assert_eq!((&none.document, none.paths()), (&named(json!({}), None), vec![]));
        assert_eq!(merged(&family_and_given, &none.document, &given), none);

        let empty = named(json!({}), None);
        let (one, other) =
            (named(json!({"family": "Okello"}), Some("O.")), named(json!({"given": ["Ann"]}), Some("A.")));
        let both = merged(&empty, &one, &other);
        assert_eq!((&both.document, both.paths()), (&family_and_given, vec![]));
        assert_eq!(merged(&empty, &both.document, &other), both);
    }

    #[test]
    fn name_text_with_empty_parts_changed_on_both_sides_is_disputed() {
        let named = |text: &str| json!({"id": "p", "name": [{"id": "n1", "family": null, "given": [], "text": text}]});
        assert_eq!(merged(&named("Ann"), &named("Mary"), &named("Jane")).paths(), ["name[n1].text"]);
    }

    #[test]
    fn list_emptied_on_one_side_is_merged_without_a_dispute() {
        let listed = |ids: &[&str]| {
            let parts: Vec<Value> = ids.iter().map(|id| json!({"id": id, "value": id})).collect();
            json!({"id": "p", "identifier": parts})
        };
        let base = listed(&["i1", "i2"]);
        for none in [listed(&[]), json!({"id": "p"})] {
            let fewer = merged(&base, &none, &listed(&["i2"]));
            assert_eq!((form(&fewer.document), fewer.paths()), (form(&none), vec![]));
            let added = merged(&base, &none, &listed(&["i1", "i2", "i3"]));
            assert_eq!((&added.document, added.paths()), (&listed(&["i3"]), vec![]));
            let changed = with(base.clone(), "/identifier/0/value", json!("other"));
            assert_eq!(merged(&base, &none, &changed).paths(), ["identifier[i1]"]);
        }
    }

    #[test]
    fn parts_are_merged_by_identity_whatever_their_place() {
        let base = patient();
        let ours = with(
            base.clone(),
            "/identifier",
            json!([
                {"id": "i2", "system": "s", "value": "2"}, {"id": "i1", "system": "s", "value": "1a"}
            ]),
        );
        let theirs = with(
            base.clone(),
            "/identifier",
            json!([
                {"id": "i3", "system": "s", "value": "3"}, {"id": "i1", "system": "s", "value": "1"}
            ]),
        );
        let all = json!([{"id": "i1", "system": "s", "value": "1a"}, {"id": "i3", "system": "s", "value": "3"}]);
        let merged = merged(&base, &ours, &theirs);
        assert_eq!((merged.document["identifier"].clone(), merged.paths()), (all, vec![]));
    }

    #[test]
    fn field_changed_differently_is_the_only_dispute() {
        let base = patient();
        let ours = with(with(base.clone(), "/gender", json!("male")), "/name/0/family", json!("Auma"));
        let theirs = with(with(base.clone(), "/birthDate", json!("1991")), "/name/0/family", json!("Achieng"));
        let merged = merged(&base, &ours, &theirs);
        assert_eq!(
            merged.disputes,
            [Dispute {
                path: "name[n1].family".into(),
                base: Some(json!("Okello")),
                ours: Some(json!("Auma")),
                theirs: Some(json!("Achieng")),
            }]
        );
        assert_eq!((&merged.document["gender"], &merged.document["birthDate"]), (&json!("male"), &json!("1991")));
    }

    #[test]
    fn part_removed_on_one_side_and_changed_on_other_is_disputed() {
        let base = patient();
        let ours = with(base.clone(), "/identifier", json!([{"id": "i1", "system": "s", "value": "1"}]));
        let theirs = with(base.clone(), "/identifier/1/value", json!("2a"));
        assert_eq!(merged(&base, &ours, &theirs).paths(), ["identifier[i2]"]);
    }

    #[test]
    fn choice_element_and_quantity_with_unit_merge_as_one_value() {
        let base = json!({"deceasedBoolean": false, "valueQuantity": {"value": 60, "unit": "kg"}});
        let ours = json!({"deceasedBoolean": true, "valueQuantity": {"value": 61, "unit": "kg"}});
        let theirs = json!({"deceasedDateTime": "2026-01-01", "valueQuantity": {"value": 60, "unit": "lb"}});
        assert_eq!(merged(&base, &ours, &theirs).paths(), ["deceased", "valueQuantity"]);
        let merged = merged(&base, &base, &theirs);
        assert_eq!((merged.document, merged.disputes), (theirs, vec![]));
    }

    #[test]
    fn person_asked_decides_the_dispute() {
        let (base, ours, theirs) = (json!({"gender": "other"}), json!({"gender": "male"}), json!({"gender": "female"}));
        let versions = Versions { base: &base, ours: &ours, theirs: &theirs };
        for (choice, gender) in [
            (Choice::Ours, Some("male")),
            (Choice::Theirs, Some("female")),
            (Choice::Value(Some(json!("unknown"))), Some("unknown")),
            (Choice::Value(None), None),
        ] {
            let merged = merge_with(FHIR, versions, &|_| Some(choice.clone()));
            assert_eq!(merged.document.get("gender").and_then(Value::as_str), gender);
            assert!(merged.disputes.is_empty());
        }
    }

    #[test]
    fn in_rest_another_object_is_another_value() {
        let of = |location: &str, note: &str| json!({"uuid": "e", "location": {"uuid": location, "name": note}});
        let (base, ours, theirs) = (of("a", "x"), of("b", "x"), of("c", "y"));
        let merged = merge(Representation::Rest, Versions { base: &base, ours: &ours, theirs: &theirs });
        assert_eq!(merged.paths(), ["location"]);
    }

    #[test]
    fn an_edit_of_a_poorer_version_changes_only_what_was_edited() {
        let theirs =
            with(patient(), "/name/0", json!({"id": "n1", "family": "Okello", "given": ["Ann"], "use": "usual"}));
        let mut kept = theirs.clone();
        kept.as_object_mut().unwrap().remove("birthDate");
        kept["name"][0].as_object_mut().unwrap().remove("use");
        let edited = with(with(kept.clone(), "/gender", json!("male")), "/name/0/family", json!("Auma"));
        let sent = apply_changes(FHIR, Versions { base: &kept, ours: &edited, theirs: &theirs });
        assert_eq!(sent, with(with(theirs, "/gender", json!("male")), "/name/0/family", json!("Auma")));
    }

    #[test]
    fn field_lost_on_the_other_side_is_added_again_and_no_other() {
        let ours = with(patient(), "/name/0/given", json!(["Ann", "Mary"]));
        let mut theirs = with(ours.clone(), "/name/0/given", json!(["Ann"]));
        theirs.as_object_mut().unwrap().remove("birthDate");
        theirs["identifier"].as_array_mut().unwrap().remove(1);
        let changed = with(with(theirs.clone(), "/gender", json!("male")), "/identifier", json!([]));
        let restored = add_what_was_lost(FHIR, &changed, &ours, &theirs);
        assert_eq!(restored["birthDate"], "1990-01-01");
        assert_eq!((&restored["gender"], &restored["name"][0]["given"]), (&json!("male"), &json!(["Ann"])));
        assert_eq!(restored["identifier"], json!([{"id": "i2", "system": "s", "value": "2"}]));
        let renamed = with(theirs.clone(), "/identifier/0/id", json!("other"));
        assert_eq!(add_what_was_lost(FHIR, &renamed, &ours, &renamed)["identifier"], renamed["identifier"]);
    }

    fn word() -> impl Strategy<Value = Value> {
        prop_oneof![Just(Value::Null), "[a-c]".prop_map(Value::String)]
    }

    fn part() -> impl Strategy<Value = Value> {
        (word(), prop::collection::vec("[a-b]", 0..2), word(), word()).prop_map(|(family, given, value, period)| {
            json!({"family": family, "given": given, "text": value, "period": {"start": period}})
        })
    }

    fn parts() -> impl Strategy<Value = Value> {
        prop::collection::btree_map("[a-d]", part(), 0..4).prop_shuffle_parts()
    }

    /// Parts in any order.
    trait Shuffled {
        fn prop_shuffle_parts(self) -> BoxedStrategy<Value>;
    }

    impl<S: Strategy<Value = std::collections::BTreeMap<String, Value>> + 'static> Shuffled for S {
        fn prop_shuffle_parts(self) -> BoxedStrategy<Value> {
            let listed = self.prop_map(|parts| {
                let with_id = parts.into_iter().map(|(id, mut part)| {
                    part["id"] = Value::String(id);
                    part
                });
                with_id.collect::<Vec<Value>>()
            });
            listed.prop_shuffle().prop_map(Value::Array).boxed()
        }
    }

    fn document() -> impl Strategy<Value = Value> {
        let quantity = (word(), word()).prop_map(|(value, unit)| json!({"value": value, "unit": unit}));
        let extension = prop::collection::btree_map("[a-c]", "[a-b]", 0..3).prop_map(|extensions| {
            Value::Array(extensions.into_iter().map(|(url, value)| json!({"url": url, "valueString": value})).collect())
        });
        let deceased = prop_oneof![
            Just(json!({})),
            Just(json!({"deceasedBoolean": true})),
            "[a-b]".prop_map(|at| json!({"deceasedDateTime": at}))
        ];
        let contact = (word(), word()).prop_map(|(a, b)| json!([{"relationship": a, "gender": b}]));
        (word(), word(), parts(), parts(), quantity, extension, deceased, contact).prop_map(
            |(gender, birth, name, address, quantity, extension, deceased, contact)| {
                let mut document = json!({
                    "id": "p", "gender": gender, "birthDate": birth, "name": name, "address": address,
                    "valueQuantity": quantity, "extension": extension, "contact": contact
                });
                document.as_object_mut().unwrap().extend(deceased.as_object().unwrap().clone());
                document
            },
        )
    }

    /// Every value that stands alone, with its place: parts by identity.
    fn leaves(place: &str, value: &Value, found: &mut BTreeSet<String>) {
        match value {
            Value::Object(fields) => {
                fields.iter().for_each(|(name, field)| leaves(&format!("{place}.{name}"), field, found))
            }
            Value::Array(items) => items.iter().for_each(|item| {
                let key = ["id", "url"].iter().find_map(|key| item.get(key).and_then(Value::as_str));
                leaves(&format!("{place}[{}]", key.unwrap_or_default()), item, found);
            }),
            Value::Null => {}
            other => {
                found.insert(format!("{place}={other}"));
            }
        }
    }

    proptest! {
        #[test]
        fn unchanged_side_takes_the_other_ones_document(base in document(), other in document()) {
            for (ours, theirs) in [(&base, &other), (&other, &base), (&other, &other)] {
                let merged = merged(&base, ours, theirs);
                prop_assert_eq!(form(&merged.document), form(&other));
                prop_assert!(merged.disputes.is_empty());
            }
        }

        #[test]
        fn it_makes_no_difference_who_merges(base in document(), one in document(), other in document()) {
            let (here, there) = (merged(&base, &one, &other), merged(&base, &other, &one));
            prop_assert_eq!(here.paths(), there.paths());
            let settled = |choice: Choice| move |_: &Dispute| Some(choice.clone());
            let (ours, theirs) = (settled(Choice::Ours), settled(Choice::Theirs));
            let here = merge_with(FHIR, Versions { base: &base, ours: &one, theirs: &other }, &ours);
            let there = merge_with(FHIR, Versions { base: &base, ours: &other, theirs: &one }, &theirs);
            prop_assert_eq!(form(&here.document), form(&there.document));
        }

        #[test]
        fn a_merge_holds_what_was_merged(base in document(), one in document(), other in document()) {
            let first = merged(&base, &one, &other);
            if first.disputes.is_empty() {
                for side in [&one, &other] {
                    let again = merged(&base, &first.document, side);
                    prop_assert_eq!(form(&again.document), form(&first.document));
                    prop_assert!(again.disputes.is_empty(), "{:?}", again.paths());
                }
            }
        }

        #[test]
        fn nothing_is_invented(base in document(), one in document(), other in document()) {
            let merged = merged(&base, &one, &other);
            let (mut known, mut found) = (BTreeSet::new(), BTreeSet::new());
            [&base, &one, &other].into_iter().for_each(|document| leaves("", document, &mut known));
            leaves("", &merged.document, &mut found);
            prop_assert!(found.is_subset(&known), "{:?}", found.difference(&known).collect::<Vec<_>>());
        }

        #[test]
        fn documents_of_any_form_are_merged_or_in_dispute(documents in (word(), document(), parts())) {
            let documents = [documents.0, documents.1, documents.2];
            for rotation in 0..3 {
                let three: Vec<&Value> = (0..3).map(|index| &documents[(index + rotation) % 3]).collect();
                for representation in [Representation::Fhir, Representation::Rest] {
                    merge(representation, Versions { base: three[0], ours: three[1], theirs: three[2] });
                }
            }
        }
    }
}
