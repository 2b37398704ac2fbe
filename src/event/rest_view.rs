//! Which fields of an object are asked for over OpenMRS REST.
//!
//! `v=full` leaves columns out and takes objects in that have events of their own. These views name every column that the
//! category owns and that the REST module can tell, in all of OpenMRS 2.6 to 2.8; other objects only by their uuid. The
//! host reads with the same views, so that both sides are written alike.
//!
//! A field is a property of a REST resource class or, where the class has none of that name, of the OpenMRS class
//! itself. `creator` and `dateCreated` are asked for one by one: `auditInfo` fails for accounts that may not see users.

use serde_json::Value;

/// Who made it, and when.
macro_rules! created {
    () => {
        "creator:(uuid),dateCreated"
    };
}

/// What all metadata has.
macro_rules! metadata {
    () => {
        concat!("uuid,name,description,retired,retireReason,", created!())
    };
}

/// The columns that a person's and a location's address have in common.
macro_rules! address {
    () => {
        "address1,address2,address3,address4,address5,address6,address7,address8,address9,address10,address11,\
         address12,address13,address14,address15,cityVillage,countyDistrict,stateProvince,country,postalCode,latitude,\
         longitude"
    };
}

/// Attributes with custom datatypes, by the text that is stored. `attributes` would hold voided ones, too.
macro_rules! attributes {
    () => {
        concat!("activeAttributes:(uuid,attributeType:(uuid),valueReference,", created!(), ")")
    };
}

/// What a person and a patient share. A person's own creator is another column than the patient's.
macro_rules! person {
    () => {
        concat!(
            "gender,birthdate,birthdateEstimated,birthtime,dead,deathDate,deathdateEstimated,causeOfDeath:(uuid),\
             causeOfDeathNonCoded,names:(uuid,preferred,prefix,givenName,middleName,familyNamePrefix,familyName,\
             familyName2,familyNameSuffix,degree,",
            created!(),
            "),addresses:(uuid,preferred,startDate,endDate,",
            address!(),
            ",",
            created!(),
            "),attributes:(uuid,attributeType:(uuid),value,",
            created!(),
            "),personCreator:(uuid),personDateCreated"
        )
    };
}

/// The value of `v` in a request for an object of that category.
pub(super) fn rest_view(category: &str) -> &'static str {
    match category {
        "encounter_type" => {
            concat!("custom:(", metadata!(), ",viewPrivilege:(name),editPrivilege:(name))")
        }
        "visittype" | "encounter_role" => concat!("custom:(", metadata!(), ")"),
        "patient_identifier_type" => concat!(
            "custom:(",
            metadata!(),
            ",format,formatDescription,required,validator,locationBehavior,uniquenessBehavior)"
        ),
        "person_attribute_type" => {
            concat!("custom:(", metadata!(), ",format,sortWeight,searchable,editPrivilege:(name))")
        }
        "visit_attribute_type" | "location_attribute_type" | "provider_attribute_type" => concat!(
            "custom:(",
            metadata!(),
            ",minOccurs,maxOccurs,datatypeClassname,datatypeConfig,preferredHandlerClassname,handlerConfig)"
        ),
        "location" => concat!(
            "custom:(",
            metadata!(),
            ",",
            address!(),
            ",type:(uuid),parentLocation:(uuid),tags:(uuid,name,description),",
            attributes!(),
            ")"
        ),
        "provider" => concat!(
            "custom:(uuid,name,identifier,person:(uuid),role:(uuid),speciality:(uuid),retired,retireReason,",
            attributes!(),
            ",",
            created!(),
            ")"
        ),
        "person" => concat!("custom:(uuid,voided,voidReason,", person!(), ")"),
        "patient" => concat!(
            "custom:(uuid,voided,voidReason,allergyStatus,identifiers:(uuid,identifier,identifierType:(uuid),location:(uuid),\
             preferred,",
            created!(),
            "),person:(uuid,",
            person!(),
            "),",
            created!(),
            ")"
        ),
        "visit" => concat!(
            "custom:(uuid,voided,voidReason,patient:(uuid),visitType:(uuid),indication:(uuid),location:(uuid),startDatetime,\
             stopDatetime,",
            attributes!(),
            ",",
            created!(),
            ")"
        ),
        "encounter" => concat!(
            "custom:(uuid,voided,voidReason,encounterDatetime,patient:(uuid),encounterType:(uuid),location:(uuid),form:(uuid),\
             visit:(uuid),encounterProviders:(uuid,provider:(uuid),encounterRole:(uuid),",
            created!(),
            "),",
            created!(),
            ")"
        ),
        "observation" => concat!(
            "custom:(uuid,voided,voidReason,person:(uuid),concept:(uuid,datatype:(uuid)),encounter:(uuid),order:(uuid),\
             obsGroup:(uuid),previousVersion:(uuid),location:(uuid),obsDatetime,accessionNumber,valueCoded:(uuid),valueCodedName:(uuid),valueDrug:(uuid),\
             valueDatetime,valueNumeric,valueModifier,valueText,valueComplex,comment,formFieldNamespace,\
             formFieldPath,status,interpretation,",
            created!(),
            ")"
        ),
        _ => "full",
    }
}

/// Puts null where a document, made of canonical forms, has no field that its view names. Who reads it would take such a
/// field for withheld.
pub(super) fn fill(view: &str, document: &mut Value) {
    if let Some(list) = view.strip_prefix("custom:").and_then(in_parentheses) {
        fill_fields(list, document);
    }
}

fn fill_fields(list: &str, value: &mut Value) {
    match value {
        Value::Array(parts) => parts.iter_mut().for_each(|part| fill_fields(list, part)),
        Value::Object(object) => {
            for field in fields(list) {
                let (name, nested) = field.split_once(':').unwrap_or((field, ""));
                let value = object.entry(name).or_insert(Value::Null);
                in_parentheses(nested).into_iter().for_each(|nested| fill_fields(nested, value));
            }
        }
        _ => {}
    }
}

fn in_parentheses(text: &str) -> Option<&str> {
    text.strip_prefix('(')?.strip_suffix(')')
}

/// Splits `a,b:(c,d)` into `a` and `b:(c,d)`.
fn fields(list: &str) -> Vec<&str> {
    let mut depth = 0;
    list.split(|symbol| {
        depth += i32::from(symbol == '(') - i32::from(symbol == ')');
        symbol == ',' && depth == 0
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::event::Category;

    /// Checks a list of fields and those nested in it, as the REST module reads it.
    fn check(list: &str) {
        let mut names = std::collections::HashSet::new();
        for field in fields(list) {
            let (name, nested) = field.split_once(':').map_or((field, None), |(name, nested)| (name, Some(nested)));
            assert!(!name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{name:?} in {list}");
            assert!(names.insert(name), "{name} twice in {list}");
            if let Some(nested) = nested {
                check(nested.strip_prefix('(').and_then(|nested| nested.strip_suffix(')')).expect("( )"));
            }
        }
    }

    #[test]
    fn views_can_be_read_by_the_rest_module_and_name_what_the_engine_needs() {
        let custom =
            Category::all().filter_map(|category| Some((category, category.rest_view().strip_prefix("custom:")?)));
        let mut names = Vec::new();
        for (category, view) in custom {
            let view = view.strip_prefix('(').and_then(|view| view.strip_suffix(')')).expect("( )");
            check(view);
            let top = fields(view);
            assert!(top.contains(&"uuid"), "{category}");
            assert!(top.contains(&"voided") != top.contains(&"retired"), "{category} says whether it was removed");
            assert!(category.rest_resource().is_some(), "{category}");
            names.push(category.name());
        }
        assert_eq!(
            names,
            [
                "encounter_type",
                "visittype",
                "patient_identifier_type",
                "person_attribute_type",
                "encounter_role",
                "visit_attribute_type",
                "location_attribute_type",
                "provider_attribute_type",
                "location",
                "person",
                "provider",
                "patient",
                "visit",
                "encounter",
                "observation"
            ]
        );
    }

    #[test]
    fn what_is_not_in_a_document_made_of_canonical_forms_becomes_null_at_every_depth() {
        let mut document = json!({"uuid": "e", "visit": {"uuid": "v"}, "encounterProviders": [{"uuid": "p"}]});
        Category::parse("encounter").unwrap().fill_rest_view(&mut document);
        assert_eq!(document["location"], json!(null));
        assert!(document.as_object().unwrap().contains_key("form"));
        assert_eq!(document["visit"], json!({"uuid": "v"}));
        let provider = &document["encounterProviders"][0];
        assert_eq!(
            provider,
            &json!({"uuid": "p", "provider": null, "encounterRole": null, "creator": null, "dateCreated": null})
        );
    }

    #[test]
    fn what_has_no_view_of_its_own_is_asked_for_in_full() {
        assert_eq!(Category::parse("concept").unwrap().rest_view(), "full");
    }
}
