import { catalogue } from '../../../i18n';

/** The texts of the test, which come with it. */
export const messages = catalogue({ zh: () => import('./messages.zh'), en: () => import('./messages.en') });
