import '../compose/compose.css';
import { Link, useLocation } from 'wouter';
import { useAsk, usePermission } from '../../../data';
import { useFormats, useText } from '../../../i18n';
import { Answer } from '../../../ui/Answer';
import { LinkButton } from '../../../ui/Button';
import { Card } from '../../../ui/Card';
import { classes } from '../../../ui/classes';
import { Needs } from '../../../ui/Needs';
import { PageHead } from '../../../ui/PageHead';
import { Panel } from '../../../ui/Panel';
import { messages } from '../compose/messages';
import { messages as page } from '../messages';
import { TemplatesQuery } from './queries';
import { TemplateEditor } from './TemplateEditor';

/** `/messages/templates`: messages that are kept under a name; each can be changed, looked at, sent. `/new` makes another. */
export default function Templates({ name }: { name: string | null }) {
  const t = useText(messages);
  const ledger = useText(page);
  const mayWrite = usePermission('settings:write');
  return (
    <>
      <PageHead
        title={t('templates.title')}
        meta={<Link href="/messages">{t('back')}</Link>}
        actions={
          mayWrite && (
            <LinkButton kind="primary" icon="plus" href="/messages/templates/new">
              {t('templates.new')}
            </LinkButton>
          )
        }
      />
      <Needs permission="message:send" what={ledger('forbidden')}>
        <List chosen={name} />
      </Needs>
    </>
  );
}

function List({ chosen }: { chosen: string | null }) {
  const t = useText(messages);
  const ledger = useText(page);
  const [, go] = useLocation();
  const mayWrite = usePermission('settings:write');
  const { number } = useFormats();
  const asked = useAsk(TemplatesQuery);
  return (
    <Answer asked={asked} what={t('templates.failed')} lines={6}>
      {({ messageTemplates }) => {
        const all = messageTemplates?.nodes ?? [];
        const open = all.find(({ name }) => name === chosen);
        const isNew = chosen === 'new' && mayWrite;
        if (all.length === 0 && !isNew) {
          return (
            <Card>
              <Panel
                title={t('templates.none')}
                action={
                  mayWrite && (
                    <LinkButton kind="primary" icon="plus" href="/messages/templates/new">
                      {t('templates.new')}
                    </LinkButton>
                  )
                }
              >
                {t('templates.none.text')}
              </Panel>
            </Card>
          );
        }
        return (
          <div className={classes('templates', chosen !== null && 'chosen')}>
            <Card title={t('templates.list')} count={number(all.length)}>
              <ul>
                {all.map((template) => (
                  <li key={template.id}>
                    <Link
                      className="templates-row"
                      href={`/messages/templates/${encodeURIComponent(template.name)}`}
                      aria-current={template === open || undefined}
                    >
                      <span className="row">
                        <b className="grow clip" translate="no">
                          {template.name}
                        </b>
                        <span className="small t3">{ledger(`type.${template.msgType}`)}</span>
                      </span>
                      <span className="small t2" translate="no">
                        {template.description}
                      </span>
                    </Link>
                  </li>
                ))}
              </ul>
            </Card>
            {isNew || open ? (
              <TemplateEditor
                key={open?.id ?? 'new'}
                template={open ?? null}
                again={asked.again}
                onSaved={(name) => {
                  asked.again();
                  go(`/messages/templates/${encodeURIComponent(name)}`);
                }}
                onDeleted={() => {
                  asked.again();
                  go('/messages/templates');
                }}
              />
            ) : (
              <Card>
                {chosen === null || asked.refreshing ? (
                  <p className="pad t2">{t('templates.choose')}</p>
                ) : (
                  <Panel title={t('templates.unknown')}>{t('templates.unknown.text')}</Panel>
                )}
              </Card>
            )}
          </div>
        );
      }}
    </Answer>
  );
}
