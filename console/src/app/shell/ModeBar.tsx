import { Link } from 'wouter';
import { useFormats, useText } from '../../i18n';
import { Icon } from '../../ui/Icon';
import { messages } from '../messages';
import { useShell } from './ShellContext';
import { useReasons } from '../../reasons';

/** While messages are not sent as usual it stands on every page, and stays: what happens to them, and where to change it. */
export function ModeBar() {
  const t = useText(messages);
  const formats = useFormats();
  const reason = useReasons();
  const { shell } = useShell();
  const delivery = shell?.delivery;
  if (!delivery) return null;
  const { mode, stoppedUntil, stoppedReason, ownFault } = delivery;
  const bold = (text: React.ReactNode) => <b>{text}</b>;

  if (mode !== 'ON') {
    return (
      <div className="modebar" role="status">
        <Icon name={mode === 'SHADOW' ? 'eye' : 'warning'} />
        <span className="grow">{t.rich(`mode.${mode}`, { b: bold })}</span>
        <Link href="/settings#deliveryMode">{t('mode.change')}</Link>
      </div>
    );
  }

  if (stoppedUntil) {
    const why = reason({ text: stoppedReason ?? '' });
    const until = formats.moment(new Date(stoppedUntil));
    return (
      <div className="modebar" role="status">
        <Icon name="warning" />
        <span className="grow">
          {t.rich('mode.STOPPED', { b: bold, until, reason: <span lang={why.lang}>{why.text}</span> })}
        </span>
        <Link href="/messages">{t('mode.look')}</Link>
      </div>
    );
  }

  if (ownFault) {
    const why = reason({ text: ownFault });
    return (
      <div className="modebar" role="status">
        <Icon name="warning" />
        <span className="grow">{t.rich('mode.FAULT', { b: bold, reason: <span lang={why.lang}>{why.text}</span> })}</span>
      </div>
    );
  }
  return null;
}
