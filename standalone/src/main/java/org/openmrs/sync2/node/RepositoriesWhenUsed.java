package org.openmrs.sync2.node;

import org.springframework.beans.factory.config.BeanFactoryPostProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.beans.factory.config.DependencyDescriptor;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.ContextAnnotationAutowireCandidateResolver;
import org.springframework.data.repository.Repository;

/**
 * Makes HAPI's repositories when they are first used. Each parses all of its queries when it is
 * made, a quarter of what the first thread of a start does, and most belong to what is never used:
 * terminology, packages, jobs, searches that are kept.
 */
final class RepositoriesWhenUsed extends ContextAnnotationAutowireCandidateResolver
    implements BeanFactoryPostProcessor {

  /** For a context that has not been refreshed. */
  static void in(AnnotationConfigApplicationContext beans) {
    RepositoriesWhenUsed whenUsed = new RepositoriesWhenUsed();
    beans.getDefaultListableBeanFactory().setAutowireCandidateResolver(whenUsed);
    beans.addBeanFactoryPostProcessor(whenUsed);
  }

  /** Beans that need one get what makes it. */
  @Override
  protected boolean isLazy(DependencyDescriptor dependency) {
    return Repository.class.isAssignableFrom(dependency.getDependencyType())
        || super.isLazy(dependency);
  }

  @Override
  public void postProcessBeanFactory(ConfigurableListableBeanFactory beans) {
    for (String name : beans.getBeanNamesForType(Repository.class, true, false)) {
      beans.getBeanDefinition(name).setLazyInit(true);
    }
  }
}
