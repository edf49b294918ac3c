import { useMissing } from '../../../data';
import { useText } from '../../../i18n';
import { useSaid } from '../../../reasons/settings';
import { Button } from '../../../ui/Button';
import { Note } from '../../../ui/Note';
import { messages } from './messages';
import type { Untested } from './useTest';

/** Tests the form; nobody is sent anything. Who may not learns why when they press it. */
export function TestButton({ testing, onTest }: { testing: boolean; onTest: () => void }) {
  const t = useText(messages);
  const missing = useMissing(['settings:write']);
  return (
    <Button icon="play" busy={testing} onClick={onTest} title={missing.length > 0 ? t('lacks', { permission: missing.join(', ') }) : undefined}>
      {testing ? t('testing') : t('test')}
    </Button>
  );
}

/** For whoever was led here to see what is missing: what the test tells, and the button, at hand. */
export function TestInvitation({ testing, onTest }: { testing: boolean; onTest: () => void }) {
  const t = useText(messages);
  return (
    <Note tone="wait">
      <p className="row wrap">
        <span className="grow">{t('invited')}</span>
        <TestButton testing={testing} onTest={onTest} />
      </p>
    </Note>
  );
}

/** That a test is under way, or why nothing was tested. */
export function TestTold({ testing, untested }: { testing: boolean; untested: Untested | null }) {
  const t = useText(messages);
  const say = useSaid();
  if (testing) {
    return (
      <div role="status">
        <Note tone="wait">{t('running')}</Note>
      </div>
    );
  }
  if (untested === null) return null;
  if ('reason' in untested) {
    const sentence = say(untested.reason);
    return (
      <Note tone="bad" alert>
        {t('none')} <span lang={sentence.lang}>{sentence.text}</span>
      </Note>
    );
  }
  const { problem } = untested;
  return (
    <Note tone="bad" alert>
      {problem.kind === 'offline' && t('offline')}
      {problem.kind === 'forbidden' && t('lacks', { permission: problem.permissions.join(', ') })}
      {problem.kind === 'failed' && (
        <>
          {t('failed')}{' '}
          <code translate="no">
            {problem.code} {problem.requestId}
          </code>
        </>
      )}
    </Note>
  );
}
