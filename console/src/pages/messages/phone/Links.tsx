import { useText } from '../../../i18n';
import { messages } from '../messages';
import { linksOf, type Shown } from './shown';

/** Where the links of a message lead, with DingTalk's own form around an address taken off. */
export function Links({ shown }: { shown: Shown | null }) {
  const t = useText(messages);
  const links = linksOf(shown);
  if (links.length === 0) return null;
  return (
    <ul className="phone-links small" aria-label={t('links')}>
      {links.map(({ title, url, opens }, index) => (
        <li key={index}>
          <span translate="no">{title}</span>
          {opens && <span className="t3"> {t(`links.${opens}`)}</span>}
          <span className="mono t2" translate="no">
            {url}
          </span>
        </li>
      ))}
    </ul>
  );
}
