package org.openmrs.sync2.node;

import java.util.List;

/** A node file that cannot be used. The message names every wrong field by its path, one a line. */
public final class NodeConfigException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  NodeConfigException(List<String> problems) {
    super(String.join("\n", problems));
  }
}
