import { useAsk, useMissing } from '../../data';
import { useText } from '../../i18n';
import { Answer } from '../../ui/Answer';
import { Card } from '../../ui/Card';
import { PageHead } from '../../ui/PageHead';
import { LockPanel } from '../../ui/ProblemPanel';
import { RelativeTime } from '../../ui/RelativeTime';
import { Sep } from '../../ui/Sep';
import { messages } from './messages';
import { SettingsFormQuery } from './queries';
import { SettingsForm } from './SettingsForm';
import type { Stored } from './values';

export default function SettingsPage() {
  const t = useText(messages);
  const missing = useMissing(['settings:read']);
  const hidden = missing.length > 0;
  // Somebody else may submit meanwhile: better seen now than after the next line was typed.
  const asked = useAsk(SettingsFormQuery, { every: 30, pause: hidden });
  const stored = asked.data?.settings;

  return (
    <>
      <PageHead title={t('title')} meta={stored && <Version stored={stored} />} />
      {hidden ? (
        <Card>
          <LockPanel permissions={missing} what={t('locked')} />
        </Card>
      ) : (
        <Answer asked={asked} what={t('failed')} lines={10}>
          {({ settings }) => settings && <SettingsForm stored={settings} again={asked.again} />}
        </Answer>
      )}
    </>
  );
}

function Version({ stored }: { stored: Stored }) {
  const t = useText(messages);
  return (
    <>
      {t('version', { version: stored.version })}
      {stored.updatedAt && (
        <>
          <Sep />
          {stored.updatedBy && (
            <>
              <span translate="no">{stored.updatedBy}</span>{' '}
            </>
          )}
          <RelativeTime at={stored.updatedAt} />
        </>
      )}
    </>
  );
}
