package org.openmrs.sync2.node.imitation;

import javax.sql.DataSource;
import org.openmrs.sync2.node.FhirStore;
import org.openmrs.sync2.node.StorageImitation;
import org.openmrs.sync2.node.StorageWays;
import org.springframework.core.io.ClassPathResource;
import org.springframework.jdbc.datasource.init.DatabasePopulatorUtils;
import org.springframework.jdbc.datasource.init.ResourceDatabasePopulator;

/** Imitates OpenMRS's storage, from the beginning of a database. */
public final class OpenMrsImitation implements StorageImitation {

  @Override
  public StorageWays imitateIn(FhirStore store, DataSource dataSource) {
    DatabasePopulatorUtils.execute(
        new ResourceDatabasePopulator(new ClassPathResource("hanging.sql", OpenMrsImitation.class)),
        dataSource);
    return new OpenMrsWays(store, dataSource);
  }
}
