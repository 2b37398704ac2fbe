package org.openmrs.sync2.acceptance;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.openmrs.sync2.acceptance.server.OpenMrsServer;
import org.openmrs.sync2.acceptance.server.OpenMrsServer.Login;

/** Makes accounts at the parent, as a child would have one there. */
public final class Accounts {

  /** To read the feed that the parent publishes. */
  public static final String GET_FEED = "Get Sync2 Feed";

  /** To read and write objects in bulk. */
  public static final String EXCHANGE = "Exchange Sync2 Objects";

  /** The role that may everything: on every OpenMRS under this uuid. */
  private static final String SYSTEM_DEVELOPER = "8d94f852-c2cc-11de-8d13-0010c6dffd0f";

  private static final int PAGE = 100;

  private final OpenMrsServer parent;
  private final Documents documents;
  private final Names names;

  public Accounts(TwoServers servers) {
    this.parent = servers.parent();
    this.documents = servers.documents();
    this.names = servers.names();
  }

  /** One that may everything. */
  public Login superuser() throws IOException {
    return named(account(SYSTEM_DEVELOPER));
  }

  /** One that OpenMRS lets do everything, and {@code exchange.children} does not name. */
  public Login unnamedSuperuser() throws IOException {
    return account(SYSTEM_DEVELOPER);
  }

  /** One that has only these privileges. */
  public Login with(String... privileges) throws IOException {
    return named(account(role(List.of(privileges))));
  }

  /** One that has every privilege but this. */
  public Login withAllBut(String privilege) throws IOException {
    List<String> privileges = new ArrayList<>(privileges());
    privileges.remove(privilege);
    return named(account(role(privileges)));
  }

  private List<String> privileges() throws IOException {
    List<String> found = new ArrayList<>();
    JsonNode page;
    do {
      String path = "privilege?v=default&limit=" + PAGE + "&startIndex=" + found.size();
      page = parent.read(path).path("results");
      page.forEach(privilege -> found.add(privilege.path("name").asText()));
    } while (page.size() == PAGE);
    return found;
  }

  private String role(List<String> privileges) throws IOException {
    return parent.create(
        "role",
        Map.of(
            "name",
            names.next("Acceptance"),
            "description",
            "Made by the acceptance suite",
            "privileges",
            privileges));
  }

  private Login account(String role) throws IOException {
    Login login = new Login(names.next("acc").replace(' ', '-'), "Acceptance1" + names.run());
    parent.create(
        "user",
        Map.of(
            "username",
            login.username(),
            "password",
            login.password(),
            "person",
            parent.create("person", documents.person()),
            "roles",
            List.of(role)));
    return login;
  }

  /** It may exchange what its privileges allow. */
  private Login named(Login login) throws IOException {
    ParentScope.name(parent, login.username());
    return login;
  }
}
