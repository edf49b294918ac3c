import { catalogue } from '../../i18n';

/** The texts of this page. */
export const messages = catalogue({ zh: () => import('./messages.zh'), en: () => import('./messages.en') });
