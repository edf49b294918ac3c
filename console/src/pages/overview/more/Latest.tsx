import { useMemo } from 'react';
import { Link } from 'wouter';
import { useText } from '../../../i18n';
import { ChangeRow, useFeed, useNames } from '../../../shared/changes';
import { Answer } from '../../../ui/Answer';
import { Button } from '../../../ui/Button';
import { Card } from '../../../ui/Card';
import { messages } from './messages';

const SHOWN = 6;
const EVERYTHING = {};

/** What changed last, as it happens. */
export function Latest() {
  const t = useText(messages);
  const feed = useFeed(EVERYTHING, SHOWN);
  const nodes = feed.asked.data?.changes?.nodes;
  const rows = useMemo(() => [...feed.entered, ...(nodes ?? [])].slice(0, SHOWN), [feed.entered, nodes]);
  const names = useNames(rows);
  return (
    <Card
      title={t('latest')}
      actions={
        <>
          {feed.waiting > 0 && (
            <Button small kind="quiet" icon="up" onClick={feed.enter}>
              {t('latest.new', { count: feed.waiting })}
            </Button>
          )}
          <Link className="small" href="/sync/changes">
            {t('latest.all')}
          </Link>
        </>
      }
    >
      <Answer asked={feed.asked} what={t('latest.failed')}>
        {() =>
          rows.length === 0 ? (
            <p className="pad small t2">{t('latest.none')}</p>
          ) : (
            <ul>
              {rows.map((change) => (
                <ChangeRow key={change.cursor} change={change} names={names} brief fresh={feed.entered.includes(change)} />
              ))}
            </ul>
          )
        }
      </Answer>
    </Card>
  );
}
