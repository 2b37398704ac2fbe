package org.openmrs.sync2.node;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.ict4h.atomfeed.jdbc.JdbcConnectionProvider;
import org.ict4h.atomfeed.jdbc.JdbcResultSetMapper;
import org.ict4h.atomfeed.server.domain.EventRecord;
import org.ict4h.atomfeed.server.exceptions.AtomFeedRuntimeException;
import org.ict4h.atomfeed.server.repository.jdbc.AllEventRecordsJdbcImpl;

/**
 * The library's published events, without its cost per page: it counts all events of the category
 * (twice), skips all that stand before the page, and orders by id alone, for which H2 reads and
 * sorts all that follow. Published events are never removed and their ids ascend, so this remembers
 * the id of every 16th event of a category, counts only what is new, and reads from the nearest one
 * in the order of the index.
 */
final class SeekableEventRecords extends AllEventRecordsJdbcImpl {

  private static final int STRIDE = 16;

  private static final String EVENTS =
      "SELECT id, uuid, title, timestamp, uri, object, date_created, category, tags FROM"
          + " event_records WHERE category = ? AND id > ? ORDER BY category, id LIMIT ? OFFSET ?";

  private final JdbcConnectionProvider connections;
  private final JdbcResultSetMapper<EventRecord> mapper = new JdbcResultSetMapper<>();
  private final Map<String, Ordinals> categories = new ConcurrentHashMap<>();

  SeekableEventRecords(JdbcConnectionProvider connections) {
    super(connections);
    this.connections = connections;
  }

  @Override
  public int getTotalCountForCategory(String category, Integer beyondId, Integer endId) {
    if (category == null || beyondId != null || endId != null) {
      return super.getTotalCountForCategory(category, beyondId, endId);
    }
    return ordinals(category).count();
  }

  @Override
  public List<EventRecord> getEventsFromRangeForCategory(
      String category, Integer offset, Integer limit, Integer startId) {
    if (category == null || startId != 0) {
      return super.getEventsFromRangeForCategory(category, offset, limit, startId);
    }
    try (PreparedStatement statement = connections.getConnection().prepareStatement(EVENTS)) {
      statement.setString(1, category);
      statement.setInt(2, ordinals(category).idBefore(offset));
      statement.setInt(3, limit);
      statement.setInt(4, offset % STRIDE);
      try (ResultSet events = statement.executeQuery()) {
        return mapper.mapResultSetToObject(events, EventRecord.class);
      }
    } catch (SQLException e) {
      throw new AtomFeedRuntimeException(e);
    }
  }

  private Ordinals ordinals(String category) {
    return categories.computeIfAbsent(category, Ordinals::new);
  }

  /** Which event of one category is the how manieth. */
  private final class Ordinals {
    private final String category;

    /** At index i the id of the event before the one at offset {@code i * STRIDE}. */
    private final List<Integer> idBeforeStride = new ArrayList<>(List.of(0));

    private int count;
    private int lastId;

    Ordinals(String category) {
      this.category = category;
    }

    synchronized int count() {
      try (PreparedStatement statement =
          connections
              .getConnection()
              .prepareStatement(
                  "SELECT id FROM event_records WHERE category = ? AND id > ? ORDER BY id")) {
        statement.setString(1, category);
        statement.setInt(2, lastId);
        try (ResultSet ids = statement.executeQuery()) {
          while (ids.next()) {
            add(ids.getInt(1));
          }
        }
      } catch (SQLException e) {
        throw new AtomFeedRuntimeException(e);
      }
      return count;
    }

    private void add(int id) {
      count++;
      lastId = id;
      if (count % STRIDE == 0) {
        idBeforeStride.add(id);
      }
    }

    /** The id after which the events from the stride of this offset on begin. */
    synchronized int idBefore(int offset) {
      int stride = Math.min(offset / STRIDE, idBeforeStride.size() - 1);
      return idBeforeStride.get(stride);
    }
  }
}
