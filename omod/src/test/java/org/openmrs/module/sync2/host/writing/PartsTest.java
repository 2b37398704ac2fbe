package org.openmrs.module.sync2.host.writing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.openmrs.Person;
import org.openmrs.PersonName;
import org.openmrs.User;

class PartsTest {

  private final MemorySession session = new MemorySession();
  private final List<PersonName> names = new ArrayList<>();

  @Test
  void aPartThatIsHereIsChangedInPlace() {
    PersonName here = name("1", "Okello");

    reconcile(document("1", "Nakato"));

    assertEquals(1, names.size());
    assertSame(here, names.get(0));
    assertEquals("Nakato", here.getFamilyName());
    assertFalse(here.getVoided());
  }

  @Test
  void aPartThatIsNotHereIsAddedWhenItIsComplete() {
    reconcile(document("2", "Nakato"));

    assertEquals("2", names.get(0).getUuid());
    assertEquals("Nakato", names.get(0).getFamilyName());
  }

  @Test
  void aPartThatTheDocumentNoLongerHasIsVoided() {
    PersonName here = name("1", "Okello");

    reconcile(Collections.emptyMap());

    assertTrue(here.getVoided());
    assertSame(session.user, here.getVoidedBy());
    assertEquals(MemorySession.NOW, here.getDateVoided());
  }

  @Test
  void aPartThatCameBackIsRestoredAndFilled() {
    PersonName here = name("1", "Okello");
    new Removal(session).voidAlone(here, "typing error");

    reconcile(document("1", "Nakato"));

    assertEquals(1, names.size());
    assertFalse(here.getVoided());
    assertNull(here.getVoidedBy());
    assertNull(here.getDateVoided());
    assertEquals("Nakato", here.getFamilyName());
  }

  @Test
  void aPartThatWasVoidedByHandKeepsWhoVoidedItAndWhen() {
    PersonName here = name("1", "Okello");
    User nurse = new User();
    Date then = new Date(1);
    here.setVoided(true);
    here.setVoidedBy(nurse);
    here.setDateVoided(then);

    reconcile(Collections.emptyMap());

    assertSame(nurse, here.getVoidedBy());
    assertEquals(then, here.getDateVoided());
  }

  @Test
  void anIdThatTheFillerSetsDoesNotReplaceTheUuid() {
    new Parts<String, PersonName>(
            names, PersonName::new, (name, text) -> name.setUuid("the translator's"), names::add)
        .reconcile(document("3", "Nakato"), new Removal(session));

    assertEquals("3", names.get(0).getUuid());
  }

  @Test
  void twoPartsThatSayTheSameAreTwo() {
    Map<String, String> document = document("1", "Okello");
    document.put("2", "Okello");

    reconcile(document);

    assertEquals(2, names.size());
  }

  @Test
  void aPartThatIsVoidedIsNoLongerPreferred() {
    Person person = new Person();
    PersonName here = name("1", "Okello");
    here.setPreferred(true);
    PersonLists.add(person, here);
    reconcile(Collections.emptyMap());

    session.recording().store(person);

    assertFalse(here.getPreferred());
  }

  private void reconcile(Map<String, String> document) {
    new Parts<String, PersonName>(names, PersonName::new, PersonName::setFamilyName, names::add)
        .reconcile(document, new Removal(session));
  }

  private PersonName name(String uuid, String family) {
    PersonName name = new PersonName();
    name.setUuid(uuid);
    name.setFamilyName(family);
    names.add(name);
    return name;
  }

  private static Map<String, String> document(String uuid, String family) {
    Map<String, String> document = new LinkedHashMap<>();
    document.put(uuid, family);
    return document;
  }
}
