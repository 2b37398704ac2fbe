package org.openmrs.module.sync2probe.web;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.openmrs.api.context.Context;
import org.openmrs.module.sync2probe.saving.Edits;
import org.openmrs.module.sync2probe.saving.EditsRequest;
import org.openmrs.module.sync2probe.saving.MadeUp;
import org.openmrs.module.sync2probe.saving.MadeUpRequest;
import org.openmrs.module.sync2probe.saving.Saving;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.bind.annotation.ResponseBody;

/**
 * {@code POST /ws/rest/v1/sync2probe/saving/…}: how many milliseconds OpenMRS takes by itself to
 * save objects, which is what the benchmark holds the module against. For users with the privilege
 * {@code Run Sync2 Probe} only.
 */
@Controller
public class SavingController {

  private static final String ROOT = "/rest/v1/sync2probe/saving/";
  private static final String PRIVILEGE = "Run Sync2 Probe";

  /** Saves objects that nothing has yet. */
  @RequestMapping(value = ROOT + "new", method = RequestMethod.POST)
  @ResponseBody
  public ResponseEntity<Map<String, Long>> saveNew(@RequestBody MadeUpRequest asked) {
    return mayRun() ? measured(new MadeUp(asked).saves()) : refused();
  }

  /** Changes patients who are here. */
  @RequestMapping(value = ROOT + "edits", method = RequestMethod.POST)
  @ResponseBody
  public ResponseEntity<Map<String, Long>> saveEdits(@RequestBody EditsRequest asked) {
    return mayRun() ? measured(new Edits(asked).saves()) : refused();
  }

  private static boolean mayRun() {
    return Context.isAuthenticated() && Context.hasPrivilege(PRIVILEGE);
  }

  private static ResponseEntity<Map<String, Long>> measured(List<Runnable> saves) {
    return ResponseEntity.ok(Collections.singletonMap("millis", Saving.millis(saves)));
  }

  private static ResponseEntity<Map<String, Long>> refused() {
    return ResponseEntity.status(HttpStatus.FORBIDDEN).build();
  }
}
