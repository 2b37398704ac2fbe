package org.openmrs.module.sync2;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.type.TypeFactory;
import com.fasterxml.jackson.databind.util.LookupCache;
import java.lang.reflect.Field;
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

  /** For all of OpenMRS: the class loader of the module could never go. */
  @Test
  void afterTheStopJacksonRemembersNothingOfTheModule() throws Exception {
    jackson.valueToTree(new Sync2Activator());
    assertNotNull(rememberedType(Sync2Activator.class));
    new Sync2Activator().stopped();
    assertNull(rememberedType(Sync2Activator.class));
  }

  private static Object rememberedType(Class<?> of) throws ReflectiveOperationException {
    Field cache = TypeFactory.class.getDeclaredField("_typeCache");
    cache.setAccessible(true);
    return ((LookupCache<?, ?>) cache.get(TypeFactory.defaultInstance())).get(of);
  }
}
