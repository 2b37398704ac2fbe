//! Every kind of object that can be synchronized, a row each: all that the engine knows about a kind of its own.
//!
//! A view names every column that the kind owns and that the REST module can tell, in all of OpenMRS 2.6 to 2.8; other
//! objects only by their uuid: `v=full` leaves columns out and takes objects in that have events of their own. The host
//! reads with the same views, so that both sides are written alike. A field is a property of a REST resource class or,
//! where the class has none of that name, of the OpenMRS class itself. `creator` and `dateCreated` are asked for one by
//! one: `auditInfo` fails for accounts that may not see users.

/// Who made it, and when.
macro_rules! created {
    () => {
        "creator:(uuid),dateCreated"
    };
}

/// The fields that all metadata has.
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

/// The fields that a person and a patient share. A person's own creator is another column than the patient's.
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

/// The engine's knowledge about one kind of object.
pub(crate) struct Kind {
    /// As feeds and configuration name it.
    pub(crate) name: &'static str,
    /// The words of people for it; None: its name without underscores.
    pub(crate) words: Option<&'static str>,
    /// The FHIR R4 resource type, where the FHIR module serves one.
    pub(crate) fhir_type: Option<&'static str>,
    /// The name below `/ws/rest/v1/`, where the REST module serves one.
    pub(crate) rest_resource: Option<&'static str>,
    /// The value of `v` in a request for one over REST.
    pub(crate) rest_view: &'static str,
    /// The fields that hold one in REST documents, at any depth of whatever refers to it.
    pub(crate) rest_fields: &'static [&'static str],
    /// The kind of the types of its attributes.
    pub(crate) attribute_types: Option<&'static str>,
    /// For a kind of part: what it is a part of.
    pub(crate) part_of: Option<&'static str>,
    /// As what documents refer to it, apart from its own kind.
    pub(crate) also_named: Option<&'static str>,
    /// True if it is about a patient or another person. All else is metadata.
    pub(crate) is_patient_data: bool,
    /// True if people make it on each server by hand, so that two servers may have it under two uuids.
    pub(crate) is_made_by_hand: bool,
    /// True if OpenMRS never changes one that was written.
    pub(crate) is_written_once: bool,
    /// True if others hang on one: OpenMRS removes them with it, and those that hang on the same one may block each other.
    pub(crate) others_hang_on_it: bool,
    /// True if people find one by words from an index that a host may keep beside its database.
    pub(crate) is_indexed: bool,
    /// Where it belongs.
    pub(crate) belongs: Belongs,
    /// The way in which messages name one.
    pub(crate) known_by: KnownBy,
    /// Fields of REST documents that the server runs or opens: names of Java classes, regular expressions, files.
    pub(crate) run_by_the_server: &'static [&'static str],
}

/// Where an object belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Belongs {
    /// To the encounter, patients and locations that its document names.
    AsItSays,
    /// To no encounter: the one that its document names is what it is a part of, or it is one itself.
    ToNoEncounter,
    /// To no patient: it is one.
    ToNoPatient,
    /// To itself, who may be a patient.
    ToItself,
}

/// The ways in which messages name an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KnownBy {
    /// Its name.
    Name,
    /// Its number.
    Number,
    /// Its day, and its patient's number.
    Day,
    /// Nothing that may be told.
    Nothing,
}

/// The row of a kind about patients, before it says more.
const PATIENT_DATA: Kind = Kind {
    name: "",
    words: None,
    fhir_type: None,
    rest_resource: None,
    rest_view: "full",
    rest_fields: &[],
    attribute_types: None,
    part_of: None,
    also_named: None,
    is_patient_data: true,
    is_made_by_hand: false,
    is_written_once: false,
    others_hang_on_it: false,
    is_indexed: false,
    belongs: Belongs::AsItSays,
    known_by: KnownBy::Name,
    run_by_the_server: &[],
};

/// The row of metadata that objects of all patients refer to, and that has the same uuid everywhere.
const METADATA: Kind = Kind { is_patient_data: false, ..PATIENT_DATA };

/// The row of metadata that objects of all patients refer to, and that sites make themselves.
const SITE_METADATA: Kind = Kind { is_made_by_hand: true, ..METADATA };

/// Types of attributes with custom datatypes. What their values are read, checked and shown by are classes, and what these are
/// given, such as a regular expression.
const ATTRIBUTE_TYPE: Kind = Kind {
    rest_view: concat!(
        "custom:(",
        metadata!(),
        ",minOccurs,maxOccurs,datatypeClassname,datatypeConfig,preferredHandlerClassname,handlerConfig)"
    ),
    run_by_the_server: &["datatypeClassname", "datatypeConfig", "preferredHandlerClassname", "handlerConfig"],
    ..SITE_METADATA
};

/// A part of a patient or a person. OpenMRS tells of a changed address in a feed of its own, and not in that of the patient whose
/// address it is.
const fn part(name: &'static str, whole: &'static str) -> Kind {
    Kind { name, part_of: Some(whole), ..PATIENT_DATA }
}

/// The views of a kind that only FHIR has.
const fn only_fhir(name: &'static str, fhir_type: &'static str) -> Kind {
    Kind { name, fhir_type: Some(fhir_type), ..PATIENT_DATA }
}

/// In the order of dependence: what others refer to comes first. Events of the same instant are applied in this order.
pub(super) const KINDS: &[Kind] = &[
    Kind {
        name: "concept",
        rest_resource: Some("concept"),
        rest_fields: &["concept", "valueCoded", "causeOfDeath", "indication"],
        ..METADATA
    },
    Kind {
        name: "encounter_type",
        rest_resource: Some("encountertype"),
        rest_view: concat!("custom:(", metadata!(), ",viewPrivilege:(name),editPrivilege:(name))"),
        rest_fields: &["encounterType"],
        ..SITE_METADATA
    },
    Kind {
        name: "visittype",
        words: Some("visit type"),
        rest_resource: Some("visittype"),
        rest_view: concat!("custom:(", metadata!(), ")"),
        rest_fields: &["visitType"],
        ..SITE_METADATA
    },
    Kind {
        name: "patient_identifier_type",
        rest_resource: Some("patientidentifiertype"),
        rest_view: concat!(
            "custom:(",
            metadata!(),
            ",format,formatDescription,required,validator,locationBehavior,uniquenessBehavior)"
        ),
        rest_fields: &["identifierType"],
        run_by_the_server: &["format", "validator"],
        ..SITE_METADATA
    },
    Kind {
        name: "person_attribute_type",
        rest_resource: Some("personattributetype"),
        rest_view: concat!("custom:(", metadata!(), ",format,sortWeight,searchable,editPrivilege:(name))"),
        run_by_the_server: &["format", "foreignKey"],
        ..SITE_METADATA
    },
    Kind {
        name: "encounter_role",
        rest_resource: Some("encounterrole"),
        rest_view: concat!("custom:(", metadata!(), ")"),
        rest_fields: &["encounterRole"],
        ..SITE_METADATA
    },
    Kind { name: "visit_attribute_type", rest_resource: Some("visitattributetype"), ..ATTRIBUTE_TYPE },
    Kind { name: "location_attribute_type", rest_resource: Some("locationattributetype"), ..ATTRIBUTE_TYPE },
    Kind { name: "provider_attribute_type", rest_resource: Some("providerattributetype"), ..ATTRIBUTE_TYPE },
    Kind {
        name: "relationship_type",
        rest_resource: Some("relationshiptype"),
        rest_view: concat!(
            "custom:(uuid,aIsToB,bIsToA,description,weight,preferred,retired,retireReason,",
            created!(),
            ")"
        ),
        rest_fields: &["relationshipType"],
        ..SITE_METADATA
    },
    Kind { name: "organization", fhir_type: Some("Organization"), ..METADATA },
    Kind {
        name: "location",
        fhir_type: Some("Location"),
        rest_resource: Some("location"),
        rest_view: concat!(
            "custom:(",
            metadata!(),
            ",",
            address!(),
            ",type:(uuid),parentLocation:(uuid),tags:(uuid,name,description),",
            attributes!(),
            ")"
        ),
        rest_fields: &["location", "parentLocation"],
        attribute_types: Some("location_attribute_type"),
        ..SITE_METADATA
    },
    Kind {
        name: "person",
        fhir_type: Some("Person"),
        rest_resource: Some("person"),
        rest_view: concat!("custom:(uuid,voided,voidReason,", person!(), ")"),
        rest_fields: &["person", "personA", "personB"],
        attribute_types: Some("person_attribute_type"),
        others_hang_on_it: true,
        is_indexed: true,
        belongs: Belongs::ToItself,
        known_by: KnownBy::Nothing,
        ..PATIENT_DATA
    },
    Kind {
        name: "provider",
        fhir_type: Some("Practitioner"),
        rest_resource: Some("provider"),
        rest_view: concat!(
            "custom:(uuid,name,identifier,person:(uuid),role:(uuid),speciality:(uuid),retired,retireReason,",
            attributes!(),
            ",",
            created!(),
            ")"
        ),
        rest_fields: &["provider"],
        attribute_types: Some("provider_attribute_type"),
        ..SITE_METADATA
    },
    Kind {
        name: "patient",
        fhir_type: Some("Patient"),
        rest_resource: Some("patient"),
        rest_view: concat!(
            "custom:(uuid,voided,voidReason,allergyStatus,identifiers:(uuid,identifier,identifierType:(uuid),location:(uuid),\
             preferred,",
            created!(),
            "),person:(uuid,",
            person!(),
            "),",
            created!(),
            ")"
        ),
        rest_fields: &["patient"],
        attribute_types: Some("person_attribute_type"),
        // Who is a patient is also a person of the same uuid.
        also_named: Some("person"),
        others_hang_on_it: true,
        is_indexed: true,
        belongs: Belongs::ToNoPatient,
        known_by: KnownBy::Number,
        ..PATIENT_DATA
    },
    part("patient_identifier", "patient"),
    part("person_name", "person"),
    part("person_address", "person"),
    part("person_attribute", "person"),
    Kind {
        name: "relationship",
        fhir_type: Some("RelatedPerson"),
        rest_resource: Some("relationship"),
        rest_view: concat!(
            "custom:(uuid,voided,voidReason,personA:(uuid),relationshipType:(uuid),personB:(uuid),startDate,endDate,",
            created!(),
            ")"
        ),
        known_by: KnownBy::Nothing,
        ..PATIENT_DATA
    },
    Kind {
        name: "visit",
        rest_resource: Some("visit"),
        rest_view: concat!(
            "custom:(uuid,voided,voidReason,patient:(uuid),visitType:(uuid),indication:(uuid),location:(uuid),startDatetime,\
             stopDatetime,",
            attributes!(),
            ",",
            created!(),
            ")"
        ),
        rest_fields: &["visit"],
        attribute_types: Some("visit_attribute_type"),
        // In FHIR OpenMRS gives a visit as an Encounter, which those in it are a part of.
        also_named: Some("encounter"),
        others_hang_on_it: true,
        belongs: Belongs::ToNoEncounter,
        known_by: KnownBy::Day,
        ..PATIENT_DATA
    },
    Kind {
        name: "encounter",
        fhir_type: Some("Encounter"),
        rest_resource: Some("encounter"),
        rest_view: concat!(
            "custom:(uuid,voided,voidReason,encounterDatetime,patient:(uuid),encounterType:(uuid),location:(uuid),form:(uuid),\
             visit:(uuid),encounterProviders:(uuid,provider:(uuid),encounterRole:(uuid),",
            created!(),
            "),",
            created!(),
            ")"
        ),
        rest_fields: &["encounter"],
        others_hang_on_it: true,
        belongs: Belongs::ToNoEncounter,
        known_by: KnownBy::Day,
        ..PATIENT_DATA
    },
    Kind { name: "condition", fhir_type: Some("Condition"), rest_resource: Some("condition"), ..PATIENT_DATA },
    only_fhir("allergy", "AllergyIntolerance"),
    Kind {
        name: "observation",
        fhir_type: Some("Observation"),
        rest_resource: Some("obs"),
        rest_view: concat!(
            "custom:(uuid,voided,voidReason,person:(uuid),concept:(uuid,datatype:(uuid)),encounter:(uuid),order:(uuid),\
             obsGroup:(uuid),previousVersion:(uuid),location:(uuid),obsDatetime,accessionNumber,valueCoded:(uuid),valueCodedName:(uuid),valueDrug:(uuid),\
             valueDatetime,valueNumeric,valueModifier,valueText,valueComplex,comment,formFieldNamespace,\
             formFieldPath,status,interpretation,",
            created!(),
            ")"
        ),
        rest_fields: &["obsGroup"],
        // An edit makes another one, and voids the first.
        is_written_once: true,
        others_hang_on_it: true,
        known_by: KnownBy::Day,
        run_by_the_server: &["valueComplex"],
        ..PATIENT_DATA
    },
    only_fhir("procedure", "Procedure"),
    only_fhir("immunization", "Immunization"),
    Kind { name: "medication", fhir_type: Some("Medication"), rest_resource: Some("drug"), ..METADATA },
    Kind { name: "drug_order", fhir_type: Some("MedicationRequest"), rest_resource: Some("order"), ..PATIENT_DATA },
    only_fhir("medication_dispense", "MedicationDispense"),
    only_fhir("diagnostic_report", "DiagnosticReport"),
    only_fhir("task", "Task"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Category;

    #[test]
    fn kind_has_a_unique_name_and_refers_to_known_kinds_only() {
        for (place, kind) in KINDS.iter().enumerate() {
            let known = Category::parse(kind.name).expect(kind.name);
            assert_eq!(known, Category(place), "{} twice", kind.name);
            let named = [kind.attribute_types, kind.part_of, kind.also_named];
            named.into_iter().flatten().for_each(|name| assert!(Category::parse(name).is_some(), "{name}"));
        }
    }

    #[test]
    fn no_two_kinds_have_a_type_a_resource_or_a_field_in_common() {
        let mut seen = std::collections::HashSet::new();
        for kind in KINDS {
            let fields = kind.rest_fields.iter().map(|field| ("field", *field));
            let served = [("type", kind.fhir_type), ("resource", kind.rest_resource)];
            let served = served.into_iter().filter_map(|(what, name)| Some((what, name?)));
            fields.chain(served).for_each(|name| assert!(seen.insert(name), "{name:?} of {}", kind.name));
        }
    }

    #[test]
    fn only_metadata_is_made_by_hand() {
        assert!(KINDS.iter().all(|kind| !(kind.is_made_by_hand && kind.is_patient_data)));
    }
}
