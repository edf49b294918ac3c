import { Link } from 'wouter';
import type { CensusFiguresFragment } from '../../../generated/graphql';
import { useFormats, useText } from '../../../i18n';
import { Count } from '../../../ui/Count';
import { Gap } from '../../../ui/Gap';
import { Pill } from '../../../ui/Pill';
import type { Tone } from '../../../ui/tone';
import { messages } from '../messages';
import { useHere } from '../parts/address';

/** One method: how many people it can tell apart, and why not the others. */
export function CensusCard({ figures, inForce }: { figures: CensusFiguresFragment; inForce?: boolean }) {
  const t = useText(messages);
  const { percent } = useFormats();
  const here = useHere();
  const { method, users, usersWithKey, usersSharingAKey, usersBlank, usersHidden } = figures;
  const unique = usersWithKey - usersSharingAKey;
  const parts: { key: 'unique.legend' | 'shared' | 'blank' | 'hidden'; tone: Tone; count: number; list?: string }[] = [
    { key: 'unique.legend', tone: 'ok', count: unique },
    { key: 'shared', tone: 'bad', count: usersSharingAKey, list: 'shared' },
    { key: 'blank', tone: 'idle', count: usersBlank, list: 'without' },
    { key: 'hidden', tone: 'warn', count: usersHidden, list: 'without' },
  ];

  return (
    <section className="card pad census-card" aria-label={t(`method.${method}`)}>
      <div className="row wrap">
        <h2>{t(`method.${method}`)}</h2>
        {inForce && (
          <Pill tone="wait" icon="check">
            {t('census.inForce')}
          </Pill>
        )}
        <span className="grow" />
        <span className="small t3">{t('census.of', { count: users })}</span>
      </div>
      <p className="census-told">
        {t.rich(`census.unique.${method}`, {
          count: (
            <b className="figure census-figure">
              <Count value={unique} />
            </b>
          ),
          share: users > 0 ? percent(unique / users) : percent(0),
          rest: (text) => <span className="t2">{text}</span>,
        })}
      </p>
      <div className="census-bar" aria-hidden="true">
        {parts.map(({ key, tone, count }) => count > 0 && <i key={key} className={`fill-${tone}`} style={{ flexGrow: count }} />)}
      </div>
      <ul className="census-legend">
        {parts.map(({ key, tone, count, list }) => (
          <li key={key} className="small">
            <i className={`fill-${tone}`} aria-hidden="true" />
            {t(`census.${key}.${method}`)}
            {list && count > 0 ? (
              <Link href={here({ behind: list, of: method })} className="bold" aria-label={t('census.open', { what: t(`census.${key}.${method}`), count })}>
                <Count value={count} />
              </Link>
            ) : (
              <b>
                <Count value={count} />
              </b>
            )}
          </li>
        ))}
      </ul>
      <Remedy figures={figures} inForce={inForce} />
    </section>
  );
}

/** What would let the method find more people. */
function Remedy({ figures, inForce }: { figures: CensusFiguresFragment; inForce?: boolean }) {
  const t = useText(messages);
  const { method, usersHidden, usersBlank } = figures;
  return (
    <p className="small t2">
      {usersHidden > 0 &&
        t.rich(`census.ask.${method}`, {
          count: usersHidden,
          link: (text) => <Link href={method === 'EMAIL_TO_EMAIL' ? '/settings?test' : '/sync'}>{text}</Link>,
        })}
      {usersHidden === 0 && usersBlank > 0 && t(`census.fill.${method}`, { count: usersBlank })}
      {!inForce && (
        <>
          <Gap />
          {t.rich('census.rehearse', { link: (text) => <Link href={`/matching/rehearse?to=${method}`}>{text}</Link> })}
        </>
      )}
    </p>
  );
}
