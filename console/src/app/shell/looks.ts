import { changeLanguage, useLanguage, useText } from '../../i18n';
import type { MenuItem } from '../../ui/Menu';
import { setTheme, useTheme } from '../../ui/theme';
import { messages } from '../messages';

/** The other language and the other theme, as rows of a menu. */
export function useLooks(): MenuItem[] {
  const t = useText(messages);
  const language = useLanguage() === 'zh' ? 'en' : 'zh';
  const theme = useTheme() === 'dark' ? 'light' : 'dark';
  return [
    'line',
    { text: t(`language.${language}`), icon: 'globe', onSelect: () => void changeLanguage(language) },
    { text: t(`theme.${theme}`), icon: theme === 'dark' ? 'moon' : 'sun', onSelect: () => setTheme(theme) },
  ];
}
