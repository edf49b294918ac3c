import { Link } from 'wouter';
import { Count } from '../../../ui/Count';

/** One of a filter's choices: an address. */
export interface Choice {
  href: string;
  text: string;
  count?: number | null;
  current: boolean;
}

/** A filter as links beside each other: which one holds is in the address. */
export function Choices({ name, choices }: { name: string; choices: readonly Choice[] }) {
  return (
    <nav className="row wrap matching-choices" aria-label={name}>
      {choices.map((choice) => (
        <Link key={choice.href} href={choice.href} className="chip" aria-current={choice.current ? 'true' : undefined}>
          {choice.text}
          {choice.count != null && (
            <span className="t3">
              <Count value={choice.count} />
            </span>
          )}
        </Link>
      ))}
    </nav>
  );
}
