package org.openmrs.module;

public abstract class Extension {

  public enum MEDIA_TYPE {
    html
  }

  public abstract MEDIA_TYPE getMediaType();
}
