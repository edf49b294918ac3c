import { useLanguage } from '../i18n';

/** The blank between two sentences: in Chinese the full stop has it within. */
export function Gap() {
  return useLanguage() === 'en' ? ' ' : null;
}
