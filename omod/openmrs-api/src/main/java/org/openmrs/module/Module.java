package org.openmrs.module;

import java.util.ArrayList;
import java.util.List;
import org.openmrs.Privilege;

public class Module {

  private List<Privilege> privileges = new ArrayList<>();

  public Module(String name) {}

  public List<Privilege> getPrivileges() {
    return privileges;
  }

  public void setPrivileges(List<Privilege> privileges) {
    this.privileges = privileges;
  }
}
