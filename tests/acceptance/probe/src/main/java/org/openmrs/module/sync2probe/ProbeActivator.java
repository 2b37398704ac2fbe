package org.openmrs.module.sync2probe;

import org.openmrs.module.BaseModuleActivator;

/** Does nothing of its own: the module is its controller. */
public final class ProbeActivator extends BaseModuleActivator {}
