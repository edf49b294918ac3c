import { Link } from 'wouter';
import { useAsk } from '../../../data';
import type { RejectedRemovalsQuery as Answered } from '../../../generated/graphql';
import { useFormats, useText } from '../../../i18n';
import { departmentHref, personHref } from '../../../ui/addresses';
import { Card } from '../../../ui/Card';
import { CardAnswer } from '../../../ui/CardAnswer';
import { DataTable, type Column } from '../../../ui/DataTable';
import { RelativeTime } from '../../../ui/RelativeTime';
import { messages } from '../messages';
import { keyOf } from './groups';
import { RejectedRemovalsQuery } from './queries';

type Rejection = NonNullable<Answered['heldRemovals']>['nodes'][number];

/** Removals that somebody rejected: the records are kept until DingTalk shows them again. */
export function Rejected() {
  const t = useText(messages);
  const { number } = useFormats();
  const asked = useAsk(RejectedRemovalsQuery, { variables: { first: 200 } });

  const columns: Column<Rejection>[] = [
    {
      title: t('rejected.who'),
      cell: ({ entity, entityId, user, department }) => (
        <Link
          href={entity === 'USER' ? personHref(entityId) : departmentHref(entityId)}
          translate="no"
        >
          {user?.name ?? department?.name ?? entityId}
        </Link>
      ),
    },
    { title: t('rejected.under'), cell: ({ under }) => under && <span translate="no">{under.name}</span> },
    { title: t('rejected.by'), cell: ({ decidedBy }) => <span translate="no">{decidedBy}</span> },
    {
      title: t('rejected.at'),
      nowrap: true,
      cell: ({ decidedAt }) => decidedAt && <RelativeTime at={decidedAt} as="moment" />,
    },
  ];

  return (
    <CardAnswer asked={asked} title={t('rejected')} what={t('removals.failed')}>
      {(data) => (
        <Card
          title={t('rejected')}
          count={number(data.heldRemovals?.totalCount ?? 0)}
          actions={
            <Link className="small" href="/sync/removals">
              {t('rejected.back')}
            </Link>
          }
        >
          <p className="pad small t2">{t('rejected.text')}</p>
          <DataTable
            name={t('rejected.table')}
            rows={data.heldRemovals?.nodes ?? []}
            columns={columns}
            id={keyOf}
            empty={<p className="pad t2">{t('rejected.none')}</p>}
          />
        </Card>
      )}
    </CardAnswer>
  );
}
