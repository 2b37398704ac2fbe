package org.openmrs.api.context;

import java.util.List;
import java.util.Locale;
import org.openmrs.User;
import org.openmrs.api.ConceptService;
import org.openmrs.api.EncounterService;
import org.openmrs.api.FormService;
import org.openmrs.api.LocationService;
import org.openmrs.api.ObsService;
import org.openmrs.api.OrderService;
import org.openmrs.api.PatientService;
import org.openmrs.api.PersonService;
import org.openmrs.api.ProviderService;
import org.openmrs.api.UserService;
import org.openmrs.api.VisitService;
import org.openmrs.messagesource.MessageSourceService;
import org.openmrs.scheduler.SchedulerService;

public class Context {

  public static Class<?> loadClass(String className) throws ClassNotFoundException {
    throw new UnsupportedOperationException();
  }

  public static ConceptService getConceptService() {
    throw new UnsupportedOperationException();
  }

  public static EncounterService getEncounterService() {
    throw new UnsupportedOperationException();
  }

  public static LocationService getLocationService() {
    throw new UnsupportedOperationException();
  }

  public static ObsService getObsService() {
    throw new UnsupportedOperationException();
  }

  public static PatientService getPatientService() {
    throw new UnsupportedOperationException();
  }

  public static PersonService getPersonService() {
    throw new UnsupportedOperationException();
  }

  public static UserService getUserService() {
    throw new UnsupportedOperationException();
  }

  public static OrderService getOrderService() {
    throw new UnsupportedOperationException();
  }

  public static FormService getFormService() {
    throw new UnsupportedOperationException();
  }

  public static MessageSourceService getMessageSourceService() {
    throw new UnsupportedOperationException();
  }

  public static SchedulerService getSchedulerService() {
    throw new UnsupportedOperationException();
  }

  public static User getAuthenticatedUser() {
    throw new UnsupportedOperationException();
  }

  public static boolean isAuthenticated() {
    throw new UnsupportedOperationException();
  }

  public static boolean hasPrivilege(String privilege) {
    throw new UnsupportedOperationException();
  }

  public static Locale getLocale() {
    throw new UnsupportedOperationException();
  }

  public static void clearSession() {
    throw new UnsupportedOperationException();
  }

  public static void flushSession() {
    throw new UnsupportedOperationException();
  }

  public static void evictFromSession(Object obj) {
    throw new UnsupportedOperationException();
  }

  public static void updateSearchIndexForObject(Object object) {
    throw new UnsupportedOperationException();
  }

  public static <T> List<T> getRegisteredComponents(Class<T> type) {
    throw new UnsupportedOperationException();
  }

  public static <T> T getRegisteredComponent(String beanName, Class<T> type) {
    throw new UnsupportedOperationException();
  }

  public static VisitService getVisitService() {
    throw new UnsupportedOperationException();
  }

  public static ProviderService getProviderService() {
    throw new UnsupportedOperationException();
  }
}
