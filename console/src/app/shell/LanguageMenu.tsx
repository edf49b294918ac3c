import { changeLanguage, useLanguage, useText, type Language } from '../../i18n';
import { Menu } from '../../ui/Menu';
import { messages } from '../messages';

const LANGUAGES: readonly Language[] = ['zh', 'en'];

/** Each language by its own name. */
export function LanguageMenu() {
  const t = useText(messages);
  const language = useLanguage();
  return (
    <Menu
      className="chip"
      name={t('language')}
      align="end"
      icon="globe"
      text={t(`language.${language}`)}
      items={LANGUAGES.map((each) => ({
        text: t(`language.${each}`),
        checked: each === language,
        onSelect: () => void changeLanguage(each),
      }))}
    />
  );
}
