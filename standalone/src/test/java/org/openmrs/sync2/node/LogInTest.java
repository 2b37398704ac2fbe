package org.openmrs.sync2.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import jakarta.servlet.DispatcherType;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Wrong passwords that come together. What waits does so until the test lets it go on. */
class LogInTest {

  private static final String PATH = "/ws/rest/v1/session";

  private final Server server = new Server(0);
  private final HttpClient client = HttpClient.newHttpClient();
  private final Semaphore waiting = new Semaphore(0);
  private final CountDownLatch goOn = new CountDownLatch(1);

  @BeforeEach
  void start() throws Exception {
    NodeConfig.Server settings =
        new NodeConfig.Server("127.0.0.1", 0, Path.of("."), "admin", "secret", Map.of(), false, 5);
    LogIn logIn = new LogIn(settings, this::waitForTheTest);
    ServletContextHandler context = new ServletContextHandler("/", ServletContextHandler.SESSIONS);
    context.addFilter(logIn.new Gate(), "/*", EnumSet.of(DispatcherType.REQUEST));
    context.addServlet(new ServletHolder(logIn.new SessionServlet()), PATH);
    server.setHandler(context);
    server.start();
  }

  private void waitForTheTest() {
    waiting.release();
    try {
      goOn.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @AfterEach
  void stop() throws Exception {
    goOn.countDown();
    server.stop();
  }

  private CompletableFuture<HttpResponse<String>> logIn(String password) {
    int port = ((ServerConnector) server.getConnectors()[0]).getLocalPort();
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + PATH))
            .header("Authorization", TestNode.basic("admin", password))
            .build();
    return client.sendAsync(request, BodyHandlers.ofString());
  }

  private List<CompletableFuture<HttpResponse<String>>> wrong(int count) {
    List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      answers.add(logIn("wrong" + i));
    }
    return answers;
  }

  private static boolean isLoggedIn(HttpResponse<String> answer) throws Exception {
    return TestNode.parse(answer.body()).get("authenticated").asBoolean();
  }

  @Test
  void whileEightWrongPasswordsAreAnsweredNoneIsTried() throws Exception {
    List<CompletableFuture<HttpResponse<String>>> answers = wrong(LogIn.MOST_FAILURES);
    waiting.acquire(LogIn.MOST_FAILURES);

    for (String password : List.of("wrong", "secret")) {
      HttpResponse<String> answer = logIn(password).get();
      assertEquals(503, answer.statusCode(), password);
      assertEquals("1", answer.headers().firstValue("Retry-After").orElseThrow());
      assertTrue(answer.headers().firstValue("Set-Cookie").isEmpty());
    }
    assertTrue(answers.stream().noneMatch(CompletableFuture::isDone));
    goOn.countDown();
    for (CompletableFuture<HttpResponse<String>> answer : answers) {
      assertFalse(isLoggedIn(answer.get()));
    }
    assertTrue(isLoggedIn(logIn("secret").get()));
  }

  @Test
  void ofManyWrongPasswordsThatComeTogetherEightAreTried() throws Exception {
    List<CompletableFuture<HttpResponse<String>>> answers = wrong(60);
    waiting.acquire(LogIn.MOST_FAILURES);
    // All that are not tried are answered while the others wait.
    int later = 60 - LogIn.MOST_FAILURES;
    CountDownLatch answered = new CountDownLatch(later);
    answers.forEach(answer -> answer.thenRun(answered::countDown));
    answered.await();
    goOn.countDown();

    int tried = 0;
    for (CompletableFuture<HttpResponse<String>> answer : answers) {
      if (answer.get().statusCode() != 503) {
        tried++;
      }
    }
    assertEquals(LogIn.MOST_FAILURES, tried);
  }

  @Test
  void rightPasswordsTakeNoPlace() throws Exception {
    List<CompletableFuture<HttpResponse<String>>> answers = wrong(LogIn.MOST_FAILURES - 1);
    waiting.acquire(LogIn.MOST_FAILURES - 1);
    for (int i = 0; i < 2 * LogIn.MOST_FAILURES; i++) {
      assertTrue(isLoggedIn(logIn("secret").get()));
    }
    assertTrue(answers.stream().noneMatch(CompletableFuture::isDone));
  }
}
