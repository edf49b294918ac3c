import './more.css';
import type { OverviewCensusQuery, OverviewQuery } from '../../../generated/graphql';
import { useFormats, useText, type Say } from '../../../i18n';
import { useReasons, type Sentence } from '../../../reasons';
import { LinkButton } from '../../../ui/Button';
import { Card } from '../../../ui/Card';
import { classes } from '../../../ui/classes';
import { Icon } from '../../../ui/Icon';
import { Panel } from '../../../ui/Panel';
import { messages } from './messages';
import { MOST_NEEDS, needsOf, type Need } from './needsOf';

/** What waits for somebody, the most urgent first, each one click from its remedy. */
export function NeedsList({
  data,
  census,
  stale,
}: {
  data: OverviewQuery;
  census: OverviewCensusQuery['matchingCensus'] | undefined;
  stale: boolean;
}) {
  const needs = needsOf(data, census, stale);
  const t = useText(messages);
  const { number } = useFormats();
  const shown = needs.slice(0, MOST_NEEDS);
  return (
    <Card title={t('needs')} count={number(needs.length)} meta={needs.length > 1 ? t('needs.order') : undefined}>
      {needs.length === 0 ? (
        <Panel icon="check" tone="ok" title={t('needs.none')}>
          {t('needs.none.text')}
        </Panel>
      ) : (
        <ul className="needs">
          {shown.map((need) => (
            <Row key={`${need.name} ${need.href} ${'permission' in need ? need.permission : ''}`} need={need} />
          ))}
          {needs.length > shown.length && (
            <li className="small t2">{t('needs.more', { count: needs.length - shown.length })}</li>
          )}
        </ul>
      )}
    </Card>
  );
}

function Row({ need }: { need: Need }) {
  const t = useText(messages);
  const words = useNeedWords(t);
  const { title, text } = words(need);
  return (
    <li className="need">
      <span className={classes('need-icon', need.tone)}>
        <Icon name={need.icon} />
      </span>
      <div className="grow">
        <p className="bold">{title}</p>
        {text && (
          <p className="small t2" lang={text.lang} translate="no">
            {text.text}
          </p>
        )}
      </div>
      <LinkButton small href={need.href}>
        {t(`need.${need.name}.go`)}
      </LinkButton>
    </li>
  );
}

/** A need's two sentences. */
function useNeedWords(t: Say<typeof import('./messages.zh').default>) {
  const { list, moment, language } = useFormats();
  const reasons = useReasons();
  const said = (text: string): Sentence => ({ text, lang: undefined });

  return (need: Need): { title: React.ReactNode; text: Sentence | null } => {
    switch (need.name) {
      case 'incomplete':
        return { title: t('need.incomplete'), text: said(t('need.incomplete.text', { count: need.missing.length })) };
      case 'fault':
      case 'stopped':
      case 'failed':
        return { title: t(`need.${need.name}`), text: need.reason ? reasons(need.reason) : null };
      case 'suspect':
      case 'partial':
      case 'stale':
        return { title: t(`need.${need.name}`), text: said(t(`need.${need.name}.text`)) };
      case 'withheld':
        return {
          title: t.rich('need.withheld', {
            permission: (
              <span translate="no" lang={language === 'zh' ? undefined : 'zh-CN'}>
                {need.permission}
              </span>
            ),
          }),
          text: said(need.count === null ? t('need.withheld.text') : t('need.withheld.people', { count: need.count })),
        };
      case 'removals': {
        const { users, departments, heldAt, under, messages: queued } = need;
        const when = moment(new Date(heldAt));
        const parts = [
          ...(users > 0 ? [t('what.users', { count: users })] : []),
          ...(departments > 0 ? [t('what.departments', { count: departments })] : []),
        ];
        const what = list(parts);
        const first = under ? t('need.removals.under', { when, under }) : t('need.removals.since', { when });
        return {
          title: t('need.removals', { what }),
          text: said(queued > 0 ? `${first}${t('need.removals.messages', { count: queued })}` : first),
        };
      }
      case 'hidden':
        return { title: t('need.hidden', { count: need.count }), text: said(t(`need.hidden.text.${need.method}`)) };
      case 'ambiguous':
      case 'unmatched': {
        const { name, count, lost } = need;
        const text = lost > 0 ? t(`need.${name}.lost`, { count: lost }) : t(`need.${name}.text`);
        return { title: t(`need.${name}`, { count }), text: said(text) };
      }
      default:
        return { title: t(`need.${need.name}`, { count: need.count }), text: said(t(`need.${need.name}.text`)) };
    }
  };
}
