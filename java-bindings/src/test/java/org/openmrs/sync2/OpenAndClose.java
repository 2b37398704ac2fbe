package org.openmrs.sync2;

import java.util.Collections;
import javax.sql.DataSource;
import org.openmrs.sync2.jdbc.JdbcHost;

/** What the class loader test runs in a class loader of its own. */
public final class OpenAndClose {

  private OpenAndClose() {}

  /** Opens an engine on that database, asks it something and closes it. */
  public static void run(String config, DataSource database) throws Exception {
    SyncEnvironment environment =
        new SyncEnvironment()
            .nativeDirectory(TestConfig.NATIVE)
            .filters(Collections.singleton(new SyncFilter() {}));
    SyncEngine engine = SyncEngine.open(config, new JdbcHost(database), environment);
    engine.status();
    engine.close();
  }
}
