package org.openmrs.sync2.node;

import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.openmrs.sync2.SyncEngine;
import org.openmrs.sync2.SyncKind;

/**
 * A kind of object that a node keeps, and what OpenMRS calls it in its feed, in FHIR and in REST.
 * The engine says which kinds there are: a node keeps those that have FHIR, and all metadata.
 *
 * @param feedName the name in feeds and configuration, such as {@code drug_order}
 * @param fhirType the FHIR R4 resource type that it is kept as; null for metadata that only REST
 *     has
 * @param restResource the name below {@code /ws/rest/v1/}; null where OpenMRS's REST has none
 */
public record NodeCategory(String feedName, String fhirType, String restResource) {

  /** Made when it is asked first: the native library must be loaded. */
  private static final class Known {

    static final List<NodeCategory> ALL =
        SyncEngine.kinds().stream()
            .filter(kind -> kind.fhirType() != null || !kind.isPatientData())
            .map(NodeCategory::of)
            .toList();

    static final Map<String, NodeCategory> BY_FEED_NAME = index(NodeCategory::feedName);
    static final Map<String, NodeCategory> BY_FHIR_TYPE = index(NodeCategory::fhirType);
    static final Map<String, NodeCategory> BY_REST_RESOURCE = index(NodeCategory::restResource);

    private static Map<String, NodeCategory> index(Function<NodeCategory, String> key) {
      return ALL.stream()
          .filter(category -> key.apply(category) != null)
          .collect(Collectors.toMap(key, Function.identity()));
    }
  }

  private static NodeCategory of(SyncKind kind) {
    return new NodeCategory(kind.category(), kind.fhirType(), kind.restResource());
  }

  /** The category of that name in feeds and configuration, or null. */
  public static NodeCategory ofFeedName(String name) {
    return Known.BY_FEED_NAME.get(name);
  }

  /** The category of a FHIR resource type, or null when its changes are not published. */
  public static NodeCategory ofFhirType(String type) {
    return Known.BY_FHIR_TYPE.get(type);
  }

  /** The name of its kind where it is kept: as a FHIR resource or, without one, as metadata. */
  String storedType() {
    return fhirType != null ? fhirType : restResource;
  }

  /** The category that is kept as REST metadata under that resource name, or null. */
  static NodeCategory ofMetadata(String restResource) {
    NodeCategory category = Known.BY_REST_RESOURCE.get(restResource);
    return category != null && category.fhirType == null ? category : null;
  }
}
