package org.openmrs.api;

import org.openmrs.Obs;

public interface ObsService {

  Obs getObsByUuid(String text);

  Obs saveObs(Obs obs, String text);

  Obs voidObs(Obs obs, String text);

  void purgeObs(Obs obs);
}
