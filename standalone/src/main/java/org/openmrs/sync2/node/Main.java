package org.openmrs.sync2.node;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.openmrs.sync2.SyncConfigurationException;
import org.openmrs.sync2.SyncEngine;

/**
 * The command line: {@code node --config FILE} runs a node until it is told to stop, {@code config
 * check FILE} says what is wrong with a node file.
 */
public final class Main {

  private static final String USAGE = "usage: node --config FILE | config check FILE";
  private static final int FAILED = 1;
  private static final int MISUSED = 2;

  private Main() {}

  /** Exit codes: 0 done, 1 failed or not a good file, 2 misused. */
  public static void main(String[] arguments) {
    int code = run(arguments);
    if (code != 0) {
      System.exit(code);
    }
  }

  private static int run(String[] arguments) {
    String command = String.join(" ", arguments);
    try {
      if (arguments.length == 3 && command.startsWith("node --config ")) {
        serve(NodeConfig.parse(read(arguments[2])));
      } else if (arguments.length == 3 && command.startsWith("config check ")) {
        check(NodeConfig.parse(read(arguments[2])));
      } else {
        System.err.println(USAGE);
        return MISUSED;
      }
      return 0;
    } catch (NodeConfigException | SyncConfigurationException e) {
      System.err.println(arguments[2] + " cannot be used:\n" + e.getMessage());
    } catch (IOException e) {
      System.err.println(arguments[2] + " cannot be read: " + e.getMessage());
    } catch (Exception e) {
      System.err.println("The node did not start: " + e.getMessage());
      e.printStackTrace();
    }
    return FAILED;
  }

  private static String read(String file) throws IOException {
    return Files.readString(Path.of(file));
  }

  /**
   * Returns when the node has started; its threads keep the program running until it is told to
   * stop.
   */
  private static void serve(NodeConfig config) throws Exception {
    NodeServer server = NodeServer.start(config);
    Runtime.getRuntime().addShutdownHook(new Thread(server::close, "shutdown"));
  }

  private static void check(NodeConfig config) {
    List<String> warnings =
        SyncEngine.checkConfig(config.sync(), NodeServer.nativeDirectory(config));
    System.out.println("The file is good.");
    warnings.forEach(warning -> System.out.println("Warning: " + warning));
  }
}
