import { PERMISSIONS, useSession } from '../../data';
import { useText } from '../../i18n';
import { setToken } from '../../token';
import { Button } from '../../ui/Button';
import { Card } from '../../ui/Card';
import { DataTable } from '../../ui/DataTable';
import { PageHead } from '../../ui/PageHead';
import { Pill } from '../../ui/Pill';
import { RelativeTime } from '../../ui/RelativeTime';
import { messages as shellMessages } from '../messages';
import { messages } from './messages';

/** Who is signed in, until when, and what each permission is for. */
export default function Account() {
  const t = useText(messages);
  const shell = useText(shellMessages);
  const { subject, expiresAt, permissions } = useSession();
  return (
    <>
      <PageHead
        title={t('account.title')}
        meta={<span translate="no">{subject}</span>}
        actions={
          <Button icon="exit" onClick={() => setToken('')}>
            {shell('user.signOut')}
          </Button>
        }
      />
      <Card
        title={t('account.state')}
        meta={expiresAt && shell.rich('token.endsAt', { when: <RelativeTime at={expiresAt} as="moment" /> })}
      >
        <DataTable
          name={t('account.title')}
          rows={PERMISSIONS}
          id={(name) => name}
          columns={[
            { title: t('account.permission'), cell: (name) => <code translate="no">{name}</code>, nowrap: true },
            { title: t('account.allows'), cell: (name) => t(`permission.${name}`) },
            {
              title: t('account.state'),
              cell: (name) =>
                permissions === null ? (
                  <span className="t3">{t('account.unknown')}</span>
                ) : permissions.includes(name) ? (
                  <Pill tone="ok" icon="check">
                    {t('account.have')}
                  </Pill>
                ) : (
                  <Pill tone="idle" icon="lock">
                    {t('account.lack')}
                  </Pill>
                ),
            },
          ]}
        />
        <p className="pad small t2">{t('account.more')}</p>
      </Card>
    </>
  );
}
