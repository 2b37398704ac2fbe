package org.openmrs.api;

import org.openmrs.Visit;
import org.openmrs.VisitAttributeType;
import org.openmrs.VisitType;

public interface VisitService {

  VisitType getVisitTypeByUuid(String text);

  VisitType saveVisitType(VisitType visitType);

  VisitType retireVisitType(VisitType visitType, String text);

  void purgeVisitType(VisitType visitType);

  Visit getVisitByUuid(String text);

  Visit saveVisit(Visit visit);

  Visit voidVisit(Visit visit, String text);

  Visit unvoidVisit(Visit visit);

  void purgeVisit(Visit visit);

  VisitAttributeType getVisitAttributeTypeByUuid(String text);

  VisitAttributeType saveVisitAttributeType(VisitAttributeType visitAttributeType);

  VisitAttributeType retireVisitAttributeType(VisitAttributeType visitAttributeType, String text);

  void purgeVisitAttributeType(VisitAttributeType visitAttributeType);
}
