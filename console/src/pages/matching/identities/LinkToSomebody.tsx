import { useState } from 'react';
import { usePermission, useTell } from '../../../data';
import { useText } from '../../../i18n';
import { useFind } from '../../../shared/find';
import { Button } from '../../../ui/Button';
import { TextField } from '../../../ui/fields';
import { Icon } from '../../../ui/Icon';
import { messages } from '../messages';
import { chosenOf, PersonPicker, type Chosen } from '../parts/PersonPicker';
import { refusalOf, Wrong, type Refusal } from '../parts/Wrong';
import { LinkIdentityMutation } from '../queries';
import { departmentOf } from './Candidates';
import type { Known } from './IdentityPane';

/** So many of the same name are offered. */
const MOST_ALIKE = 5;

/** Whoever somebody may mean has a button each: those with the key, those of the same name, and whom the reader looks up. */
export function LinkToSomebody({ known, onLinked }: {
  known: Known;
  onLinked: (linkId: string, person: { name: string; department: string }) => void;
}) {
  const t = useText(messages);
  const mayLink = usePermission('identity:write');
  const [reason, setReason] = useState('');
  const [chosen, setChosen] = useState<Chosen | null>(null);
  const [refusal, setRefusal] = useState<{ of: Refusal; person: Chosen } | null>(null);
  const [runs, setRuns] = useState('');
  const [link, linking] = useTell(LinkIdentityMutation);

  const present = known.candidates.filter((person) => person.state !== 'GONE');
  const offered: Chosen[] = present.map((person) => ({
    userId: person.userId,
    name: person.name,
    department: departmentOf(person),
  }));
  const alike = useNamesakes(known, offered);
  if (!mayLink) {
    return (
      <p className="pad t2 row top">
        <Icon name="lock" />
        <span>{t.rich('link.lacks', { permission: <code translate="no">{'identity:write'}</code> })}</span>
      </p>
    );
  }

  const run = async (person: Chosen, replace: boolean) => {
    setRuns(person.userId);
    const { displayName, username, email, userKey, accountId } = known.identity;
    const identity = { displayName, username, email, userKey, accountId };
    const input = { identity, userId: person.userId, reason: reason.trim() || undefined, replace };
    const { data, problem } = await link({ input });
    const refused = refusalOf(problem, data?.linkIdentity?.userErrors);
    setRefusal(refused && { of: refused, person });
    if (!refused && data?.linkIdentity?.link) onLinked(data.linkIdentity.link.id, person);
  };

  // Who is linked already is led to somebody else only on purpose.
  const replaces = known.linked;
  const all = [...offered, ...alike, ...(chosen ? [chosen] : [])];
  const nameOfButton = (person: Chosen) => {
    const { name, department } = toldApart(person, all, known);
    return department ? t('link.isOf', { person: name, department }) : t('link.is', { person: name });
  };
  const button = (person: Chosen, primary: boolean) => (
    <Button
      key={person.userId}
      kind={primary ? 'primary' : 'plain'}
      busy={linking && runs === person.userId}
      onClick={() => void run(person, replaces)}
    >
      {linking && runs === person.userId ? t('link.running') : nameOfButton(person)}
    </Button>
  );

  return (
    <div className="pad col gap12 link-form">
      <TextField label={t('link.reason')} hint={t('link.reasonHint')} value={reason} onChange={setReason} maxLength={500} />
      {offered.length > 0 && known.status === 'AMBIGUOUS' && <div className="row wrap">{offered.map((person) => button(person, true))}</div>}
      {alike.length > 0 && (
        <div className="col gap8">
          <p className="t2">{t('link.alike')}</p>
          <div className="row wrap">{alike.map((person) => button(person, false))}</div>
        </div>
      )}
      <PersonPicker
        label={known.status === 'AMBIGUOUS' ? t('link.nobodyOfThem') : t('link.find')}
        hint={t('link.findHint')}
        onChoose={setChosen}
      />
      {chosen && <div className="row wrap">{button(chosen, true)}</div>}
      {refusal && (
        <Wrong refusal={refusal.of} what={t('link.failed')}>
          {refusal.of.errors.some((error) => error.code === 'CONFLICT') && (
            <p>
              <Button small busy={linking} onClick={() => void run(refusal.person, true)}>
                {t('link.replace', { person: refusal.person.name })}
              </Button>
            </p>
          )}
        </Wrong>
      )}
      <p className="small t3">{t('link.effect')}</p>
    </div>
  );
}

/** People who are called as the Confluence user is, beside those who have the key: nobody is guessed, they are offered. */
function useNamesakes(known: Known, offered: readonly Chosen[]): Chosen[] {
  const text = known.identity.displayName ?? known.identity.username ?? '';
  const { hits } = useFind(text, { kinds: ['USER'], pause: known.status === 'AMBIGUOUS' || known.status === 'MATCHED' });
  const people = hits.slice(0, MOST_ALIKE).map(chosenOf).filter((person) => person !== null);
  return people.filter((person) => !offered.some((other) => other.userId === person.userId));
}

/** 质检班的李萌, or where two are called so: 质检班的李萌 00000033. */
function toldApart(person: Chosen, all: readonly Chosen[], known: Known): Chosen {
  const alike = all.some((other) => other.userId !== person.userId && other.name === person.name && other.department === person.department);
  if (!alike) return person;
  const jobNumber = known.candidates.find((other) => other.userId === person.userId)?.jobNumber;
  return { ...person, name: `${person.name} ${jobNumber || person.userId}` };
}
