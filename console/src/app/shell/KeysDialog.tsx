import { useText } from '../../i18n';
import { Checkbox } from '../../ui/fields';
import { Dialog } from '../../ui/Dialog';
import { messages } from '../messages';
import { PAGES } from '../pages';
import { setSingleKeys, useSingleKeys } from './keyboard';

/** The list of the keys, and the switch for those of one letter. */
export default function KeysDialog({ onClose }: { onClose: () => void }) {
  const t = useText(messages);
  const single = useSingleKeys();
  const key = (name: string) => (
    <kbd className="kbd" translate="no">
      {name}
    </kbd>
  );
  return (
    <Dialog open title={t('keys.title')} onClose={onClose}>
      <dl className="pairs keys">
        <dt>{key('/')}</dt>
        <dd>{t('keys.search')}</dd>
        {PAGES.map(({ name, letter }) => (
          <div key={name} className="contents">
            <dt>{t.rich('keys.then', { first: key('g'), second: key(letter) })}</dt>
            <dd>{t('keys.go', { page: t(`nav.${name}`) })}</dd>
          </div>
        ))}
        <dt>{key('?')}</dt>
        <dd>{t('keys.list')}</dd>
        <dt>{key('Esc')}</dt>
        <dd>{t('keys.close')}</dd>
      </dl>
      <Checkbox checked={single} onChange={setSingleKeys} remark={t('keys.single.hint')}>
        {t('keys.single')}
      </Checkbox>
    </Dialog>
  );
}
