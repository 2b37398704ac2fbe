package org.openmrs.module.sync2;

import org.openmrs.sync2.SyncApi;
import org.openmrs.sync2.SyncExchange;

/** The privileges of this module; OpenMRS creates them from config.xml when the module starts. */
public final class Sync2Privileges {

  /** To read the feed that this server publishes: what a child's account has. */
  public static final String GET_FEED = SyncApi.GET_FEED;

  /** To read and write objects through the exchange: what a child's account has. */
  public static final String EXCHANGE_OBJECTS = SyncExchange.EXCHANGE;

  /** To see the status, the runs and the audit. */
  public static final String VIEW_AUDIT = SyncApi.VIEW;

  /** To start and cancel runs, to retry and to change the configuration. */
  public static final String MANAGE = SyncApi.MANAGE;

  /** To see both documents of a conflict and to decide which holds. */
  public static final String RESOLVE = SyncApi.RESOLVE;

  private Sync2Privileges() {}
}
