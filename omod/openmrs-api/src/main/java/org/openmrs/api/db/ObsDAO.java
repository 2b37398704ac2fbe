package org.openmrs.api.db;

import org.openmrs.Obs;

public interface ObsDAO {

  Obs saveObs(Obs obs);
}
