package org.openmrs.api;

import org.openmrs.Form;

public interface FormService {

  Form getFormByUuid(String text);
}
