package org.openmrs.module.sync2;

import java.util.Collections;
import java.util.Map;
import org.openmrs.module.web.extension.AdministrationSectionExt;

/**
 * The section of OpenMRS's legacy administration page that leads to this module's page. OpenMRS
 * loads this class, which config.xml names, with the module; where the module {@code legacyui} is
 * missing it cannot, logs that, and goes on.
 */
public class AdministrationLink extends AdministrationSectionExt {

  @Override
  public MEDIA_TYPE getMediaType() {
    return MEDIA_TYPE.html;
  }

  /** The code of a message, as the titles of the links. */
  @Override
  public String getTitle() {
    return "sync2.administration.title";
  }

  /** Who has it not sees no section. */
  @Override
  public String getRequiredPrivilege() {
    return Sync2Privileges.VIEW_AUDIT;
  }

  /** Addresses below that of OpenMRS, with their titles. */
  @Override
  public Map<String, String> getLinks() {
    return Collections.singletonMap(
        "moduleResources/sync2/index.html", "sync2.administration.page");
  }
}
