package org.openmrs.messagesource;

import org.springframework.context.HierarchicalMessageSource;

public interface MessageSourceService extends HierarchicalMessageSource {}
