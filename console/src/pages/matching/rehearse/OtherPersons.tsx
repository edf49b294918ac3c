import { useState } from 'react';
import { Link } from 'wouter';
import { useClient } from 'urql';
import { useMissing, usePermission, useTell } from '../../../data';
import type { MatchMoveRowFragment, RehearsalQuery } from '../../../generated/graphql';
import { useText } from '../../../i18n';
import { Button } from '../../../ui/Button';
import { Checkbox } from '../../../ui/fields';
import { Icon } from '../../../ui/Icon';
import { useMatching } from '../context';
import { messages } from '../messages';
import { nameOf } from '../parts/ConfluenceUser';
import { csvOf } from '../parts/csv';
import { refusalOf, Wrong, type Refusal } from '../parts/Wrong';
import { ImportIdentityLinksMutation } from '../queries';
import { MoveTable } from './MoveTable';
import { ChangeMethodMutation, MorePersonChangesQuery } from './queries';

type Rehearsal = NonNullable<RehearsalQuery['rehearseMatching']>;

/** From so many on, a check box ticks all that are shown: nobody reads on after the fortieth click. */
const MANY = 20;

/**
 * Those who would be somebody else: each one is looked at before the method can be changed. `hidden`: another list is shown,
 * and the way to change the method stays.
 */
export function OtherPersons({ rehearsal, hidden, again, refreshing }: {
  rehearsal: Rehearsal;
  hidden: boolean;
  again: () => void;
  refreshing: boolean;
}) {
  const t = useText(messages);
  const client = useClient();
  const contact = usePermission('directory:contact');
  const mayLink = usePermission('identity:write');
  const missing = useMissing(['settings:write']);
  const { refresh } = useMatching();
  const [moves, setMoves] = useState<readonly MatchMoveRowFragment[]>(rehearsal.changesPerson?.nodes ?? []);
  const [cursor, setCursor] = useState(
    rehearsal.changesPerson?.pageInfo.hasNextPage ? rehearsal.changesPerson.pageInfo.endCursor : null,
  );
  const [loading, setLoading] = useState(false);
  const [seen, setSeen] = useState<ReadonlySet<string>>(new Set());
  const [asked, setAsked] = useState(false);
  const [refusal, setRefusal] = useState<{ of: Refusal; what: string } | null>(null);
  const [fixed, setFixed] = useState(0);
  const [change, changing] = useTell(ChangeMethodMutation);
  const [link, linking] = useTell(ImportIdentityLinksMutation);
  const { method } = rehearsal;

  const others = rehearsal.changesPerson?.totalCount ?? moves.length;
  const loses = rehearsal.loses?.totalCount ?? 0;
  const left = others - seen.size;
  const tick = (ids: readonly string[], to: boolean) => {
    const next = new Set(seen);
    for (const id of ids) {
      if (to) next.add(id);
      else next.delete(id);
    }
    setSeen(next);
    setAsked(false);
  };

  const more = async () => {
    if (!cursor) return;
    setLoading(true);
    const { data } = await client.query(MorePersonChangesQuery, { method, contact, after: cursor }).toPromise();
    setLoading(false);
    const page = data?.rehearseMatching;
    // Something changed meanwhile: these rows would belong to another token.
    if (!page?.changesPerson || page.token !== rehearsal.token) return again();
    setMoves([...moves, ...page.changesPerson.nodes]);
    setCursor(page.changesPerson.pageInfo.hasNextPage ? page.changesPerson.pageInfo.endCursor : null);
    return undefined;
  };

  const run = async () => {
    setAsked(true);
    if (left > 0) return;
    const input = { expectedVersion: rehearsal.settingsVersion, matchingMethod: method, rehearsalToken: rehearsal.token };
    const { data, problem } = await change({ input });
    const refused = refusalOf(problem, data?.updateSettings?.userErrors);
    setRefusal(refused && { of: refused, what: t('rehearse.notChanged') });
    if (refused) return;
    refresh();
    again();
  };

  /** Links them with who they are now: then no method takes them for somebody else. */
  const keep = async () => {
    const rows = moves.flatMap(({ identity: { identity }, userBefore }) =>
      userBefore
        ? [[userBefore.userId, identity.username, identity.email, identity.userKey, identity.accountId, identity.displayName, t('rehearse.keepReason', { method: t(`method.${method}`) })]]
        : [],
    );
    const csv = csvOf(['userId', 'username', 'email', 'userKey', 'accountId', 'displayName', 'reason'], rows);
    const { data, problem } = await link({ input: { csv, dryRun: false, replace: false } });
    const outcome = data?.importIdentityLinks;
    const refused = refusalOf(problem, [...(outcome?.userErrors ?? []), ...(outcome?.mistakes ?? [])]);
    setRefusal(refused && { of: refused, what: t('rehearse.notKept') });
    if (refused) return;
    setFixed(rows.length);
    refresh();
    again();
  };

  return (
    <>
      {!hidden &&
        (moves.length === 0 ? (
          <p className="pad t2 row top">
            <span className="ok">
              <Icon name="check" />
            </span>
            {t('rehearse.none.others')}
          </p>
        ) : (
          <MoveTable
            name={t('rehearse.others')}
            moves={moves}
            tick={{
              title:
                moves.length >= MANY ? (
                  <Checkbox
                    checked={moves.every((move) => seen.has(move.identity.id))}
                    mixed={seen.size > 0 && left > 0}
                    onChange={(checked) => tick(moves.map((move) => move.identity.id), checked)}
                  >
                    {t('rehearse.seenAll', { count: moves.length })}
                  </Checkbox>
                ) : (
                  <span className="unseen">{t('rehearse.seen')}</span>
                ),
              cell: (move) => (
                <Checkbox
                  checked={seen.has(move.identity.id)}
                  label={t('rehearse.seenOf', { who: nameOf(move.identity.identity) })}
                  onChange={(checked) => tick([move.identity.id], checked)}
                >
                  {t('rehearse.seen')}
                </Checkbox>
              ),
            }}
          />
        ))}
      {!hidden && cursor && (
        <div className="pad">
          <Button small busy={loading} onClick={() => void more()}>
            {t('rehearse.more', { count: others - moves.length })}
          </Button>
        </div>
      )}
      <div className="rehearse-foot">
        {refusal && <Wrong refusal={refusal.of} what={refusal.what} />}
        <div className="row wrap">
          <p className="grow rehearse-told" id="rehearse-told">
            {t('rehearse.told', { others, loses })}{' '}
            <span className={asked && left > 0 ? 'bad' : 't2'} role={asked && left > 0 ? 'alert' : undefined}>
              {others > 0 && (left > 0 ? t('rehearse.left', { count: left }) : t('rehearse.allSeen'))}
            </span>
            {fixed > 0 && <span className="ok"> {t('rehearse.kept', { count: fixed })}</span>}
          </p>
          {mayLink && moves.length > 0 && (
            <Button busy={linking} onClick={() => void keep()}>
              {linking ? t('link.running') : t('rehearse.keep', { count: moves.length })}
            </Button>
          )}
          {missing.length === 0 ? (
            <Button kind="danger" busy={changing || refreshing} aria-describedby="rehearse-told" onClick={() => void run()}>
              {changing
                ? t('rehearse.changing')
                : t(`rehearse.change.${method}`, { count: others + loses })}
            </Button>
          ) : (
            <span className="t2">
              {t.rich('rehearse.lacks', {
                permission: <code translate="no">{missing.join(', ')}</code>,
                link: (text) => <Link href="/permissions">{text}</Link>,
              })}
            </span>
          )}
        </div>
      </div>
    </>
  );
}
