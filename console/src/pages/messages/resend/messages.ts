import { catalogue } from '../../../i18n';

/** The texts of sending again. */
export const messages = catalogue({ zh: () => import('./messages.zh'), en: () => import('./messages.en') });
