//! The view in which objects are asked for over OpenMRS REST, as a document is held against it.

use serde_json::Value;

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
    fn rest_view_parses_and_has_each_field_the_engine_needs() {
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
                "relationship_type",
                "location",
                "person",
                "provider",
                "patient",
                "relationship",
                "visit",
                "encounter",
                "observation"
            ]
        );
    }

    #[test]
    fn field_missing_from_canonical_form_becomes_null_at_any_depth() {
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
    fn kind_without_a_view_is_asked_for_in_full() {
        assert_eq!(Category::parse("concept").unwrap().rest_view(), "full");
    }
}
