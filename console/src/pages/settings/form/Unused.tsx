import { useText } from '../../../i18n';
import { useReasons } from '../../../reasons';
import { CopyButton } from '../../../ui/CopyButton';
import { Note } from '../../../ui/Note';
import { Said } from '../../../ui/Said';
import type { Field } from '../fields';
import { messages } from '../messages';
import { useForm } from '../useForm';

/** A stored value that isn't used, with what has to be done about it. */
export function Unused({ field }: { field: Field }) {
  const t = useText(messages);
  const say = useReasons();
  const unused = useForm().base.unused.find((each) => each.field === field);
  if (!unused) return null;
  return (
    <div className="setting-note">
      <Note tone="warn">
        {unused.allow ? (
          <>
            {t.rich('unused.host', {
              host: <code translate="no">{unused.allow}</code>,
              setting: <code translate="no">DINGMIRROR_ALLOWED_HOSTS</code>,
            })}{' '}
            <CopyButton text={unused.allow} />
          </>
        ) : field === 'appSecret' ? (
          t.rich('unused.secret', { setting: <code translate="no">DINGMIRROR_SECRET_KEY</code> })
        ) : (
          <Said sentence={say(unused.statement)} />
        )}
      </Note>
    </div>
  );
}
