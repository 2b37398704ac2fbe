package org.openmrs.module.sync2;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Collections;
import org.junit.jupiter.api.Test;
import org.openmrs.Privilege;
import org.openmrs.module.Module;

/** OpenMRS's REST module answers an upload by writing the module as a bean with Jackson. */
class UploadAnswerTest {

  private final ObjectMapper jackson = new ObjectMapper();

  @Test
  void theActivatorIsWrittenWithItsVersion() {
    JsonNode written = jackson.valueToTree(new Sync2Activator());
    assertEquals(Sync2Build.version(), written.path("version").asText());
  }

  @Test
  void thePrivilegesOfTheModuleAreWrittenWithTheirNames() {
    Module module = new Module("Sync 2");
    module.setPrivileges(Collections.singletonList(new Privilege("Read it", "Allows to read it")));
    ReadablePrivilege.replaceThoseOf(module);
    JsonNode written = jackson.valueToTree(module).path("privileges").path(0);
    assertEquals("Read it", written.path("privilege").asText());
    assertEquals("Allows to read it", written.path("description").asText());
  }
}
