package org.openmrs.sync2;

import com.fasterxml.jackson.annotation.JsonAutoDetect.Visibility;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.PropertyAccessor;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.type.TypeFactory;
import java.io.IOException;

/** JSON as it crosses to the native library and to HTTP clients. Fields are what counts. */
final class Json {

  static final ObjectMapper MAPPER =
      new ObjectMapper()
          .setTypeFactory(typesOfItsOwn())
          .setVisibility(PropertyAccessor.ALL, Visibility.NONE)
          .setVisibility(PropertyAccessor.FIELD, Visibility.ANY)
          .setSerializationInclusion(JsonInclude.Include.NON_NULL)
          .configure(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES, false);

  private Json() {}

  /**
   * Jackson remembers all types in one place for the whole JVM, which would keep the class loader
   * of a module that was stopped; a factory without a modifier begins with nothing remembered.
   */
  private static TypeFactory typesOfItsOwn() {
    return TypeFactory.defaultInstance().withModifier(null);
  }

  static <T> T read(byte[] json, Class<T> type) {
    try {
      return MAPPER.readValue(json, type);
    } catch (IOException e) {
      throw new IllegalStateException("an answer of the sync engine is not as expected", e);
    }
  }

  static JsonNode tree(byte[] json) {
    return read(json, JsonNode.class);
  }

  static byte[] write(Object value) {
    try {
      return MAPPER.writeValueAsBytes(value);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("cannot be written as JSON: " + value.getClass(), e);
    }
  }
}
