import type { KeyboardEvent } from 'react';
import { Link } from 'wouter';
import type { KnownIdentitiesQuery } from '../../../generated/graphql';
import { useText } from '../../../i18n';
import { Pill } from '../../../ui/Pill';
import { RelativeTime } from '../../../ui/RelativeTime';
import { messages } from '../messages';
import { useHere } from '../parts/address';
import { nameOf } from '../parts/ConfluenceUser';

type Identity = NonNullable<NonNullable<KnownIdentitiesQuery['matchingCensus']>['identities']>['nodes'][number];

/** The Confluence users of a status: who, by which key, when they were asked for last. ↑ and ↓ move. */
export function IdentityList({ nodes, current }: { nodes: readonly Identity[]; current: string | null }) {
  const t = useText(messages);
  const here = useHere();
  return (
    <ul onKeyDown={move} aria-label={t('list.name')}>
      {nodes.map((node) => {
        const name = nameOf(node.identity);
        const key = [node.identity.email, node.identity.username].find((each) => each && each !== name);
        return (
          <li key={node.id}>
            <Link
              href={here({ id: node.id })}
              className="identity-row"
              aria-current={node.id === current ? 'true' : undefined}
            >
              <span className="row">
                {name ? (
                  <b className="grow clip" translate="no">
                    {name}
                  </b>
                ) : (
                  <span className="grow t3">{t('user.hidden')}</span>
                )}
                {node.status === 'AMBIGUOUS' && (
                  <Pill tone="bad" icon="person">
                    {t('people', { count: node.candidates.length })}
                  </Pill>
                )}
                {node.linked && (
                  <Pill tone="wait" icon="link">
                    {t('list.linked')}
                  </Pill>
                )}
              </span>
              {key && (
                <span className="small t2 clip" translate="no">
                  {key}
                </span>
              )}
              <span className="small t3">{t.rich('list.asked', { when: <RelativeTime at={node.lastSeen} /> })}</span>
            </Link>
          </li>
        );
      })}
    </ul>
  );
}

function move(event: KeyboardEvent<HTMLElement>): void {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step === undefined) return;
  const rows = [...event.currentTarget.querySelectorAll<HTMLElement>('.identity-row')];
  const to = rows[rows.indexOf(document.activeElement as HTMLElement) + step];
  if (to === undefined) return;
  event.preventDefault();
  to.focus();
}
