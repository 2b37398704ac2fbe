package org.openmrs.api;

import org.openmrs.Person;
import org.openmrs.PersonAttributeType;
import org.openmrs.PersonName;
import org.openmrs.Relationship;
import org.openmrs.RelationshipType;

public interface PersonService {

  PersonAttributeType savePersonAttributeType(PersonAttributeType personAttributeType);

  PersonAttributeType retirePersonAttributeType(
      PersonAttributeType personAttributeType, String text);

  void purgePersonAttributeType(PersonAttributeType personAttributeType);

  Person voidPerson(Person person, String text);

  PersonAttributeType getPersonAttributeTypeByUuid(String text);

  Person savePerson(Person person);

  void purgePerson(Person person);

  Person getPersonByUuid(String text);

  PersonName getPersonNameByUuid(String text);

  Relationship getRelationshipByUuid(String text);

  Relationship voidRelationship(Relationship relationship, String text);

  void purgeRelationship(Relationship relationship);

  RelationshipType getRelationshipTypeByUuid(String text);

  RelationshipType saveRelationshipType(RelationshipType relationshipType);

  RelationshipType retireRelationshipType(RelationshipType relationshipType, String text);

  void purgeRelationshipType(RelationshipType relationshipType);
}
