import { catalogue } from '../../i18n';

/** The sentences of the codes that the settings alone have: every page loads the others. */
export const messages = catalogue({ zh: () => import('./messages.zh'), en: () => import('./messages.en') });
