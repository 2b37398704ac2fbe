package org.openmrs.module.web.extension;

import java.util.Map;
import org.openmrs.module.Extension;

public abstract class AdministrationSectionExt extends Extension {

  public Extension.MEDIA_TYPE getMediaType() {
    throw new UnsupportedOperationException();
  }

  public abstract String getTitle();

  public String getRequiredPrivilege() {
    throw new UnsupportedOperationException();
  }

  public abstract Map<String, String> getLinks();
}
