//! What a document says, field by field, as far as people change it in schedules. A part of an object counts as one field.

use std::collections::BTreeMap;

use serde_json::Value;

/// The lists whose entries are parts, told apart by the second of these.
const PARTS: [(&str, &str); 3] = [("name", "id"), ("address", "id"), ("attributes", "uuid")];

/// What says who or where an object is, and nothing that is changed.
const IDENTITY: [&str; 4] = ["resourceType", "id", "uuid", "status"];

/// Each field that is there, by its path.
pub fn fields(document: &Value) -> BTreeMap<String, String> {
    let mut fields = BTreeMap::new();
    for (name, value) in document.as_object().into_iter().flatten() {
        if let Some((_, key)) = PARTS.iter().find(|(list, _)| list == name) {
            for part in value.as_array().into_iter().flatten() {
                fields.insert(format!("{name}[{}]", part[key].as_str().unwrap_or_default()), part.to_string());
            }
        } else if !IDENTITY.contains(&name.as_str()) {
            fields.insert(name.clone(), value.to_string());
        }
    }
    fields
}

/// The field that a path of the engine's lies in.
pub fn field_of(path: &str) -> String {
    match path.find(']') {
        Some(end) => path[..=end].to_string(),
        None => path.split('.').next().unwrap_or_default().to_string(),
    }
}
