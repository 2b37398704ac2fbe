package org.openmrs.module.sync2.kind;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.openmrs.OpenmrsObject;
import org.openmrs.Voidable;
import org.openmrs.module.sync2.host.CategoryObjects;
import org.openmrs.module.sync2.host.SameName;
import org.openmrs.module.sync2.host.writing.Writing;
import org.openmrs.module.webservices.rest.web.ConversionUtil;
import org.openmrs.module.webservices.rest.web.representation.CustomRepresentation;
import org.openmrs.sync2.SyncEngine;
import org.openmrs.sync2.SyncHost;

/**
 * The objects of one category as REST documents in the view that the engine asks the parent for.
 */
final class RestCategory<T extends OpenmrsObject> implements CategoryObjects {

  private static final ObjectMapper JSON = new ObjectMapper();

  private static final String PURGED = "DELETED";

  private final String category;
  private final RestType<T> type;

  RestCategory(String category, RestType<T> type) {
    this.category = category;
    this.type = type;
  }

  @Override
  public void save(String uuid, byte[] json, Writing writing) {
    JsonFields fields = JsonFields.parse(json);
    writing.wholly(
        () -> {
          T here = type.find(uuid);
          if (here == null) {
            SameName.check(category, uuid, type.knownAs(fields));
          }
          type.save(here, uuid, fields, writing);
        });
  }

  @Override
  public void create(String uuid, byte[] json, Writing writing) {
    JsonFields fields = JsonFields.parse(json);
    writing.wholly(
        () -> {
          SameName.check(category, uuid, type.knownAs(fields));
          type.saveNew(uuid, fields, writing);
        });
  }

  @Override
  public void remove(String uuid, String action, String reason, Writing writing) {
    T here = type.find(uuid);
    if (here == null) {
      return;
    }
    if (PURGED.equals(action)) {
      writing.purging(() -> type.purge(here));
    } else {
      writing.wholly(() -> type.remove(here, reason));
    }
  }

  @Override
  public Map<String, Callable<byte[]>> load(Collection<String> uuids) {
    Map<String, Callable<byte[]>> loaded = new HashMap<>();
    for (T here : type.findAll(uuids)) {
      loaded.put(here.getUuid(), () -> document(here));
    }
    return loaded;
  }

  @Override
  public byte[] read(String uuid) throws Exception {
    T here = type.find(uuid);
    return here == null ? null : document(here);
  }

  private byte[] document(T here) throws Exception {
    if (here instanceof Voidable && ((Voidable) here).getVoided()) {
      return SyncHost.REMOVED;
    }
    Object document = ConversionUtil.convertToRepresentation(here, view(), type.type());
    if (!(document instanceof Map)) {
      throw new IllegalStateException(
          "the user of this thread may not read objects of the category " + category);
    }
    return JSON.writeValueAsBytes(document);
  }

  private CustomRepresentation view() {
    return new CustomRepresentation(SyncEngine.restView(category).substring("custom:".length()));
  }
}
