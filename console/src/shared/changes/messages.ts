import { catalogue } from '../../i18n';

/** The texts of changes. */
export const messages = catalogue({ zh: () => import('./messages.zh'), en: () => import('./messages.en') });
